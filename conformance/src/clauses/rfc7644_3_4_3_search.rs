//! RFC 7644 section 3.4.3: queries by POST.

use serde_json::{Value, json};

use crate::check::{Case, Reply, Stop, Verdict, ensure, sections, skip};

sections! {
    Rfc7644 "3.4.3" "Querying Resources Using HTTP POST" {
        Must search_of_an_endpoint "POST to /.search of an endpoint is a query of that endpoint.";
        Must search_answers_with_a_list "A search is answered with a ListResponse.";
        Must search_finds_what_get_finds "A search finds what the same query by GET finds.";
        Must search_takes_attributes "attributes is a list of names.";
        Must search_takes_excluded_attributes "excludedAttributes is a list of names.";
        Must search_keeps_what_is_always_returned "excludedAttributes has no effect on what is always returned.";
        Must search_sorts "sortBy and sortOrder order the results.";
        Must search_has_pages "startIndex and count choose the page.";
        Must search_of_groups "Groups are searched at their endpoint.";
        Must search_counts_like_get "count and startIndex below their least are taken as in a query by GET.";
        Must search_of_the_root "A search of the root is about resources of all types.";
        Must search_refuses_a_wrong_filter "A filter that is not valid is 400 invalidFilter.";
        Should search_needs_its_schema "A search request is identified by its schema.";
        Must search_changes_nothing "A search does not create a resource.";
    }
}

async fn search(case: &Case<'_>, endpoint: &str, mut parameters: Value) -> Result<Reply, Stop> {
    case.need("filter")?;
    if parameters.get("schemas").is_none() {
        parameters["schemas"] = json!(["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]);
    }
    let found = case.post(&format!("{endpoint}/.search"), parameters).await?;
    if [405, 501].contains(&found.code()) {
        return skip(format!("searches by POST are answered with {}", found.code()));
    }
    Ok(found)
}

async fn search_of_an_endpoint(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let filter = format!("userName eq \"{}\"", user.name);
    search(case, &case.users(), json!({"filter": filter})).await?.finds(&[&user.id])?;
    Ok(())
}

async fn search_answers_with_a_list(case: &Case<'_>) -> Verdict {
    let found = search(case, &case.users(), json!({"count": 1})).await?;
    found.list()?;
    found.integer("/totalResults").map(drop)
}

async fn search_finds_what_get_finds(case: &Case<'_>) -> Verdict {
    let (prefix, made) = case.users_named_alike(&[json!({}), json!({}), json!({"active": false})]).await?;
    let filter = format!("userName sw \"{prefix}\" and active eq true");
    case.filter(&filter).await?.finds(&[&made[0].id, &made[1].id])?;
    let found = search(case, &case.users(), json!({"filter": filter})).await?;
    found.finds(&[&made[0].id, &made[1].id])?.has("/totalResults", 2)?;
    Ok(())
}

async fn search_takes_attributes(case: &Case<'_>) -> Verdict {
    let user = case.user_with(json!({"displayName": "Asked for"})).await?;
    let parameters = json!({"filter": format!("userName eq \"{}\"", user.name), "attributes": ["displayName"]});
    let found = search(case, &case.users(), parameters).await?;
    found.status(200)?.has("/Resources/0/displayName", "Asked for")?.has("/Resources/0/id", user.id)?;
    found.lacks("/Resources/0/emails")?;
    Ok(())
}

async fn search_takes_excluded_attributes(case: &Case<'_>) -> Verdict {
    let user = case.user_with(json!({"displayName": "Kept"})).await?;
    let parameters = json!({"filter": format!("userName eq \"{}\"", user.name), "excludedAttributes": ["emails"]});
    let found = search(case, &case.users(), parameters).await?;
    found.status(200)?.has("/Resources/0/displayName", "Kept")?.lacks("/Resources/0/emails")?;
    Ok(())
}

async fn search_keeps_what_is_always_returned(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let parameters = json!({"filter": format!("userName eq \"{}\"", user.name), "excludedAttributes": ["id"]});
    search(case, &case.users(), parameters).await?.status(200)?.has("/Resources/0/id", user.id)?;
    Ok(())
}

async fn search_sorts(case: &Case<'_>) -> Verdict {
    case.need("sort")?;
    let (prefix, made) = case.users_named_alike(&[json!({}), json!({}), json!({})]).await?;
    let filter = format!("userName sw \"{prefix}\"");
    let parameters = json!({"filter": filter, "sortBy": "userName", "sortOrder": "descending"});
    let found = search(case, &case.users(), parameters).await?.ids()?;
    let expected: Vec<_> = made.iter().rev().map(|user| user.id.clone()).collect();
    ensure!(found == expected, "expected the order {expected:?}, found {found:?}");
    Ok(())
}

async fn search_has_pages(case: &Case<'_>) -> Verdict {
    let (prefix, _) = case.users_named_alike(&[json!({}), json!({}), json!({})]).await?;
    let parameters = json!({"filter": format!("userName sw \"{prefix}\""), "startIndex": 3, "count": 2});
    let page = search(case, &case.users(), parameters).await?;
    page.status(200)?.has("/totalResults", 3)?.has("/startIndex", 3)?.has("/itemsPerPage", 1)?;
    ensure!(page.list()?.len() == 1, "the second page does not hold the one user that is left");
    Ok(())
}

async fn search_of_the_root(case: &Case<'_>) -> Verdict {
    let (user, group) = (case.user().await?, case.group(&[]).await?);
    let filter = format!("id eq \"{}\" or id eq \"{}\"", user.id, group.id);
    let found = search(case, "", json!({"filter": filter})).await?;
    if found.code() == 404 {
        return skip("the root is not searched");
    }
    found.finds(&[&user.id, &group.id])?.has("/totalResults", 2)?;
    Ok(())
}

async fn search_refuses_a_wrong_filter(case: &Case<'_>) -> Verdict {
    search(case, &case.users(), json!({"filter": "userName eq"})).await?.error(400, "invalidFilter")?;
    Ok(())
}

async fn search_needs_its_schema(case: &Case<'_>) -> Verdict {
    let parameters = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "count": 1});
    search(case, &case.users(), parameters).await?.status(400)?.refused()?;
    Ok(())
}

async fn search_changes_nothing(case: &Case<'_>) -> Verdict {
    let name = case.name();
    let filter = format!("userName eq \"{name}\"");
    search(case, &case.users(), json!({"filter": filter})).await?.finds(&[])?;
    case.filter(&filter).await?.finds(&[])?;
    Ok(())
}

async fn search_of_groups(case: &Case<'_>) -> Verdict {
    let group = case.group(&[]).await?;
    let parameters = json!({"filter": format!("displayName eq \"{}\"", group.name), "attributes": ["displayName"]});
    search(case, &case.groups()?, parameters).await?.finds(&[&group.id])?;
    Ok(())
}

async fn search_counts_like_get(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let filter = format!("userName eq \"{}\"", user.name);
    let none = search(case, &case.users(), json!({"filter": filter, "count": -1})).await?;
    ensure!(none.list()?.is_empty(), "count -1 returns resources");
    let first = search(case, &case.users(), json!({"filter": filter, "startIndex": 0})).await?;
    first.finds(&[&user.id])?.has("/startIndex", 1)?;
    Ok(())
}
