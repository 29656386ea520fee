//! RFC 7644 section 3.4.2.3: sorting.

use serde_json::{Value, json};

use crate::check::{Case, Reply, Stop, Verdict, ensure, sections};

sections! {
    Rfc7644 "3.4.2.3" "Sorting" {
        Must sort_by_orders "sortBy orders the results by the attribute.";
        Must ascending_is_the_default "Without sortOrder the order is ascending.";
        Must ascending_by_name "sortOrder=ascending is the order from least to greatest.";
        Must descending "sortOrder=descending is the order from greatest to least.";
        Must order_ignores_case "Strings that are not caseExact are sorted without case.";
        Must sort_by_a_sub_attribute "sortBy takes a sub-attribute.";
        Must sort_by_primary "A multi-valued attribute is sorted by its primary value, or else by its first.";
        Must absent_last_ascending "Resources without the attribute are last in ascending order.";
        Must absent_first_descending "Resources without the attribute are first in descending order.";
        Must sort_by_a_date_time "Dates are sorted by time.";
        Must sort_names_without_case "The attribute's name in sortBy is case insensitive.";
        Must sort_by_an_extension "sortBy takes an attribute of an extension by its URN.";
        Must wrong_sort_order_is_refused "A sortOrder that is neither is refused or taken for ascending.";
        Must groups_are_sorted "Groups are sorted too.";
        Must sort_with_pages "Pages are cut from the sorted results.";
    }
}

/// Makes users with these attributes, asks for them with these parameters, and numbers the answer from 1.
async fn sorted(case: &Case<'_>, users: &[Value], parameters: &[(&str, &str)]) -> Result<(Vec<usize>, Reply), Stop> {
    case.need("sort")?;
    case.need("filter")?;
    let (prefix, made) = case.users_named_alike(users).await?;
    let filter = format!("userName sw \"{prefix}\"");
    let found = case.query(&case.users(), &[&[("filter", filter.as_str())], parameters].concat()).await?;
    let place = |id: &String| made.iter().position(|user| user.id == *id).map_or(0, |at| at + 1);
    Ok((found.ids()?.iter().map(place).collect(), found))
}

async fn expect(case: &Case<'_>, users: &[Value], parameters: &[(&str, &str)], order: &[usize]) -> Verdict {
    let (found, _) = sorted(case, users, parameters).await?;
    ensure!(found == order, "with {parameters:?} expected the users in the order {order:?}, found {found:?}");
    Ok(())
}

fn names() -> [Value; 3] {
    [json!({"displayName": "Beta"}), json!({"displayName": "Gamma"}), json!({"displayName": "Alpha"})]
}

async fn sort_by_orders(case: &Case<'_>) -> Verdict {
    let users = [json!({}), json!({}), json!({})];
    expect(case, &users, &[("sortBy", "userName"), ("sortOrder", "descending")], &[3, 2, 1]).await
}

async fn ascending_is_the_default(case: &Case<'_>) -> Verdict {
    expect(case, &names(), &[("sortBy", "displayName")], &[3, 1, 2]).await
}

async fn ascending_by_name(case: &Case<'_>) -> Verdict {
    expect(case, &names(), &[("sortBy", "displayName"), ("sortOrder", "ascending")], &[3, 1, 2]).await
}

async fn descending(case: &Case<'_>) -> Verdict {
    expect(case, &names(), &[("sortBy", "displayName"), ("sortOrder", "descending")], &[2, 1, 3]).await
}

async fn order_ignores_case(case: &Case<'_>) -> Verdict {
    let users = [json!({"displayName": "banana"}), json!({"displayName": "Cherry"}), json!({"displayName": "apple"})];
    expect(case, &users, &[("sortBy", "displayName")], &[3, 1, 2]).await
}

async fn sort_by_a_sub_attribute(case: &Case<'_>) -> Verdict {
    let users = [json!({"name": {"familyName": "Young"}}), json!({"name": {"familyName": "Adams"}})];
    expect(case, &users, &[("sortBy", "name.familyName")], &[2, 1]).await
}

async fn sort_by_primary(case: &Case<'_>) -> Verdict {
    let users = [
        json!({"emails": [{"value": "a@s.example", "type": "home"}, {"value": "z@s.example", "type": "work", "primary": true}]}),
        json!({"emails": [{"value": "m@s.example", "type": "work"}, {"value": "b@s.example", "type": "home"}]}),
    ];
    expect(case, &users, &[("sortBy", "emails.value")], &[2, 1]).await
}

async fn absent_last_ascending(case: &Case<'_>) -> Verdict {
    case.need_attribute("title")?;
    let users = [json!({}), json!({"title": "Zebra"}), json!({"title": "Ape"})];
    expect(case, &users, &[("sortBy", "title"), ("sortOrder", "ascending")], &[3, 2, 1]).await
}

async fn absent_first_descending(case: &Case<'_>) -> Verdict {
    case.need_attribute("title")?;
    let users = [json!({"title": "Ape"}), json!({}), json!({"title": "Zebra"})];
    expect(case, &users, &[("sortBy", "title"), ("sortOrder", "descending")], &[2, 3, 1]).await
}

async fn sort_by_a_date_time(case: &Case<'_>) -> Verdict {
    let (_, found) = sorted(case, &[json!({}), json!({}), json!({})], &[("sortBy", "meta.created")]).await?;
    let times: Vec<_> = found.list()?.iter().filter_map(|user| user["meta"]["created"].as_str()).collect();
    ensure!(times.is_sorted(), "meta.created is not in order: {times:?}");
    Ok(())
}

async fn sort_names_without_case(case: &Case<'_>) -> Verdict {
    expect(case, &names(), &[("sortBy", "DISPLAYNAME")], &[3, 1, 2]).await
}

async fn sort_by_an_extension(case: &Case<'_>) -> Verdict {
    use crate::check::{ENTERPRISE, USER};
    case.need_enterprise()?;
    let department = |name: &str| json!({"schemas": [USER, ENTERPRISE], ENTERPRISE: {"department": name}});
    let by = format!("{ENTERPRISE}:department");
    expect(case, &[department("Tours"), department("Sales")], &[("sortBy", &by)], &[2, 1]).await
}

async fn wrong_sort_order_is_refused(case: &Case<'_>) -> Verdict {
    case.need("sort")?;
    let found = case.query(&case.users(), &[("sortBy", "userName"), ("sortOrder", "sideways"), ("count", "1")]).await?;
    if found.code() != 200 {
        found.error(400, "")?;
    }
    Ok(())
}

async fn sort_with_pages(case: &Case<'_>) -> Verdict {
    let parameters = [("sortBy", "displayName"), ("startIndex", "2"), ("count", "1")];
    expect(case, &names(), &parameters, &[1]).await
}

async fn groups_are_sorted(case: &Case<'_>) -> Verdict {
    case.need("sort")?;
    case.need("filter")?;
    let (one, two) = (case.group(&[]).await?, case.group(&[]).await?);
    let filter = format!("id eq \"{}\" or id eq \"{}\"", one.id, two.id);
    for (order, expected) in [("ascending", [&one.id, &two.id]), ("descending", [&two.id, &one.id])] {
        let parameters = [("filter", filter.as_str()), ("sortBy", "displayName"), ("sortOrder", order)];
        let found = case.query(&case.groups()?, &parameters).await?;
        ensure!(found.ids()?.iter().eq(expected), "groups are not in {order} order of displayName");
    }
    Ok(())
}
