//! RFC 7644 section 3.4.2.2: what each operator of a filter means.
//!
//! Each check makes users of its own and asks only among those, so that others on the server do not matter.

use serde_json::{Value, json};

use crate::check::{Case, ENTERPRISE, USER, Verdict, sections};

sections! {
    Rfc7644 "3.4.2.2" "Filtering: operators" {
        Must eq_finds_the_same_value "eq finds values that are the same.";
        Must eq_ignores_case_where_the_schema_does "eq compares without case unless the attribute is caseExact.";
        Must eq_of_a_boolean "eq compares booleans.";
        Must eq_of_a_sub_attribute "eq compares a sub-attribute by its dotted path.";
        Must eq_of_any_of_several_values "For a multi-valued attribute one value that matches is enough.";
        Must eq_of_the_enterprise_extension "Attributes of extensions are named by their URN.";
        Must eq_of_a_fully_qualified_core_attribute "Core attributes may be named by their URN.";
        Must eq_of_id "eq finds a resource by its id.";
        Must eq_of_external_id "eq finds a resource by its externalId.";
        Must eq_of_null_is_no_error "A comparison with null is a valid expression.";
        Must ne_finds_other_values "ne finds values that are not the same.";
        Must co_finds_a_part "co finds values that contain the operand.";
        Must sw_finds_a_beginning "sw finds values that begin with the operand.";
        Must ew_finds_an_end "ew finds values that end with the operand.";
        Must pr_finds_what_is_there "pr finds what has a value.";
        Must pr_of_a_complex_attribute "pr finds a complex attribute with a non-empty node.";
        Must pr_of_several_values "pr finds a multi-valued attribute with at least one value.";
        Must gt_of_strings "gt compares strings lexicographically.";
        Must ge_of_strings "ge holds for the same value and for greater ones.";
        Must lt_of_strings "lt compares strings lexicographically.";
        Must le_of_strings "le holds for the same value and for lesser ones.";
        Must gt_of_a_date_time "gt compares dates in their order of time.";
        Must dates_with_offsets_are_instants "A date with an offset is the same instant as without.";
        Must order_of_booleans_is_refused "gt, ge, lt and le of a boolean are 400 invalidFilter.";
        Must order_of_binary_is_refused "gt, ge, lt and le of a binary value are 400 invalidFilter.";
        Must wildcards_are_characters "%, _ and * in an operand are characters like any other.";
        Must quotes_in_operands_are_characters "An escaped quote in an operand is a character.";
        Must unicode_operands_match "Operands are any Unicode text.";
        Must and_needs_both "and holds where both expressions do.";
        Must or_needs_one "or holds where one of the expressions does.";
        Must not_turns_around "not holds where the expression does not.";
        Must and_binds_before_or "and is evaluated before or.";
        Must not_binds_before_and "not is evaluated before and.";
        Must parentheses_group "Parentheses are evaluated first.";
        Must value_path_needs_one_element "In emails[...] every condition has to hold for one and the same value.";
        Must value_path_with_or "or may stand in a value path.";
        Must value_path_with_not "not may stand in a value path.";
        Must value_path_beside_other_expressions "A value path may be combined with other expressions.";
        Must value_is_meant_where_no_sub_attribute_is_named "emails co compares the values of the addresses, as in the RFC's examples.";
        Must double_negation_is_none "not may stand inside of not.";
        Must long_chains_are_evaluated "A filter of many expressions is evaluated whole.";
    }
}

/// Makes users with these attributes and expects the filter to find those at `expected`, counted from 1.
async fn finds(case: &Case<'_>, users: &[Value], filter: &str, expected: &[usize]) -> Verdict {
    case.need("filter")?;
    for name in users.iter().filter_map(Value::as_object).flat_map(|user| user.keys()) {
        if !["externalId", "schemas"].contains(&name.as_str()) && name != ENTERPRISE {
            case.need_attribute(name)?;
        }
    }
    let (prefix, made) = case.users_named_alike(users).await?;
    let ids: Vec<_> = expected.iter().map(|number| made[number - 1].id.as_str()).collect();
    case.filter(&format!("userName sw \"{prefix}\" and ({filter})")).await?.finds(&ids)?;
    Ok(())
}

fn titles() -> [Value; 3] {
    [json!({"title": "Alpha One"}), json!({"title": "Beta Two"}), json!({"displayName": "Untitled"})]
}

async fn eq_finds_the_same_value(case: &Case<'_>) -> Verdict {
    finds(case, &titles(), r#"title eq "Beta Two""#, &[2]).await
}

async fn eq_ignores_case_where_the_schema_does(case: &Case<'_>) -> Verdict {
    finds(case, &titles(), r#"title eq "bETA tWO""#, &[2]).await
}

async fn eq_of_a_boolean(case: &Case<'_>) -> Verdict {
    finds(case, &[json!({"active": true}), json!({"active": false})], "active eq false", &[2]).await
}

async fn eq_of_a_sub_attribute(case: &Case<'_>) -> Verdict {
    let users = [json!({"name": {"familyName": "Jensen"}}), json!({"name": {"familyName": "Other"}})];
    finds(case, &users, r#"name.familyName eq "Jensen""#, &[1]).await
}

fn mails(list: &[(&str, &str)]) -> Value {
    let mails: Vec<_> =
        list.iter().map(|(name, kind)| json!({"value": format!("{name}@cf.example"), "type": kind})).collect();
    json!({ "emails": mails })
}

async fn eq_of_any_of_several_values(case: &Case<'_>) -> Verdict {
    let users = [mails(&[("one", "work"), ("two", "home")]), mails(&[("three", "work")])];
    finds(case, &users, r#"emails.value eq "two@cf.example""#, &[1]).await
}

async fn eq_of_the_enterprise_extension(case: &Case<'_>) -> Verdict {
    case.need_enterprise()?;
    let department = |name: &str| json!({"schemas": [USER, ENTERPRISE], ENTERPRISE: {"department": name}});
    let users = [department("Tours"), department("Sales")];
    finds(case, &users, &format!(r#"{ENTERPRISE}:department eq "Tours""#), &[1]).await
}

async fn eq_of_a_fully_qualified_core_attribute(case: &Case<'_>) -> Verdict {
    let users = [json!({"name": {"familyName": "Jensen"}}), json!({"name": {"familyName": "Other"}})];
    finds(case, &users, &format!(r#"{USER}:name.familyName eq "Jensen""#), &[1]).await
}

async fn eq_of_id(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    case.filter(&format!("id eq \"{}\"", user.id)).await?.finds(&[&user.id])?;
    Ok(())
}

async fn eq_of_external_id(case: &Case<'_>) -> Verdict {
    let external = case.name();
    let user = case.user_with(json!({"externalId": external})).await?;
    case.filter(&format!("externalId eq \"{external}\"")).await?.finds(&[&user.id])?;
    Ok(())
}

async fn eq_of_null_is_no_error(case: &Case<'_>) -> Verdict {
    case.filter("title eq null and userName eq \"nobody\"").await?.list()?;
    Ok(())
}

async fn ne_finds_other_values(case: &Case<'_>) -> Verdict {
    finds(case, &titles()[..2], r#"title ne "Beta Two""#, &[1]).await
}

async fn co_finds_a_part(case: &Case<'_>) -> Verdict {
    finds(case, &titles(), r#"title co "ta T""#, &[2]).await
}

async fn sw_finds_a_beginning(case: &Case<'_>) -> Verdict {
    finds(case, &titles(), r#"title sw "Alpha""#, &[1]).await
}

async fn ew_finds_an_end(case: &Case<'_>) -> Verdict {
    finds(case, &titles(), r#"title ew "One""#, &[1]).await
}

async fn pr_finds_what_is_there(case: &Case<'_>) -> Verdict {
    finds(case, &titles(), "title pr", &[1, 2]).await
}

async fn pr_of_a_complex_attribute(case: &Case<'_>) -> Verdict {
    finds(case, &[json!({"name": {"givenName": "Only"}}), json!({"name": null})], "name pr", &[1]).await
}

async fn pr_of_several_values(case: &Case<'_>) -> Verdict {
    finds(case, &[mails(&[("one", "work")]), json!({"emails": null})], "emails pr", &[1]).await
}

async fn gt_of_strings(case: &Case<'_>) -> Verdict {
    finds(case, &titles(), r#"title gt "Alpha One""#, &[2]).await
}

async fn ge_of_strings(case: &Case<'_>) -> Verdict {
    finds(case, &titles(), r#"title ge "Alpha One""#, &[1, 2]).await
}

async fn lt_of_strings(case: &Case<'_>) -> Verdict {
    finds(case, &titles(), r#"title lt "Beta Two""#, &[1]).await
}

async fn le_of_strings(case: &Case<'_>) -> Verdict {
    finds(case, &titles(), r#"title le "Beta Two""#, &[1, 2]).await
}

async fn gt_of_a_date_time(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let here = |filter: &str| format!("userName eq \"{}\" and {filter}", user.name);
    case.filter(&here("meta.created gt \"2011-05-13T04:42:34Z\"")).await?.finds(&[&user.id])?;
    case.filter(&here("meta.created gt \"2911-05-13T04:42:34Z\"")).await?.finds(&[])?;
    Ok(())
}

async fn dates_with_offsets_are_instants(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let created = user.reply.string("/meta/created")?;
    let Some(local) = created.strip_suffix('Z') else {
        return crate::check::skip("meta.created is not written with Z");
    };
    let filter = |zone: &str| format!("userName eq \"{}\" and meta.created ge \"{local}{zone}\"", user.name);
    // The same digits are an hour earlier one hour east of Greenwich, and an hour later one hour west.
    case.filter(&filter("+01:00")).await?.finds(&[&user.id])?;
    case.filter(&filter("-01:00")).await?.finds(&[])?;
    Ok(())
}

async fn order_of_booleans_is_refused(case: &Case<'_>) -> Verdict {
    for operator in ["gt", "ge", "lt", "le"] {
        case.filter(&format!("active {operator} true")).await?.error(400, "invalidFilter")?;
    }
    Ok(())
}

async fn order_of_binary_is_refused(case: &Case<'_>) -> Verdict {
    case.need_attribute("x509Certificates")?;
    for operator in ["gt", "ge", "lt", "le"] {
        let filter = format!("x509Certificates.value {operator} \"MIIB\"");
        case.filter(&filter).await?.error(400, "invalidFilter")?;
    }
    Ok(())
}

async fn wildcards_are_characters(case: &Case<'_>) -> Verdict {
    let users = [json!({"title": "100% a_b*"}), json!({"title": "100 aXbc"})];
    finds(case, &users, r#"title co "%" or title co "_" or title co "*""#, &[1]).await
}

async fn quotes_in_operands_are_characters(case: &Case<'_>) -> Verdict {
    let users = [json!({"title": "the \"real\" \\ one"}), json!({"title": "the real one"})];
    finds(case, &users, r#"title eq "the \"real\" \\ one""#, &[1]).await
}

async fn unicode_operands_match(case: &Case<'_>) -> Verdict {
    let users = [json!({"title": "Größe 漢字"}), json!({"title": "Grosse"})];
    finds(case, &users, r#"title co "öße 漢""#, &[1]).await
}

async fn and_needs_both(case: &Case<'_>) -> Verdict {
    finds(case, &titles(), r#"title pr and title co "One""#, &[1]).await
}

async fn or_needs_one(case: &Case<'_>) -> Verdict {
    finds(case, &titles(), r#"title co "One" or displayName eq "Untitled""#, &[1, 3]).await
}

async fn not_turns_around(case: &Case<'_>) -> Verdict {
    finds(case, &titles(), r#"not (title co "One")"#, &[2, 3]).await
}

async fn and_binds_before_or(case: &Case<'_>) -> Verdict {
    // From left to right it would be (1 or 2) and nobody.
    finds(case, &titles(), r#"title sw "Alpha" or title sw "Beta" and title eq "nobody""#, &[1]).await
}

async fn not_binds_before_and(case: &Case<'_>) -> Verdict {
    finds(case, &titles(), r#"not (title sw "Alpha") and title pr"#, &[2]).await
}

async fn parentheses_group(case: &Case<'_>) -> Verdict {
    finds(case, &titles(), r#"(title sw "Alpha" or title sw "Beta") and title ew "Two""#, &[2]).await
}

fn crossed() -> [Value; 2] {
    [mails(&[("one", "work"), ("two", "home")]), mails(&[("two", "work"), ("one", "home")])]
}

async fn value_path_needs_one_element(case: &Case<'_>) -> Verdict {
    finds(case, &crossed(), r#"emails[type eq "work" and value sw "one"]"#, &[1]).await
}

async fn value_path_with_or(case: &Case<'_>) -> Verdict {
    finds(case, &crossed(), r#"emails[value sw "nobody" or (type eq "home" and value sw "one")]"#, &[2]).await
}

async fn value_path_with_not(case: &Case<'_>) -> Verdict {
    finds(case, &crossed(), r#"emails[not (type eq "home") and value sw "two"]"#, &[2]).await
}

async fn value_path_beside_other_expressions(case: &Case<'_>) -> Verdict {
    finds(case, &crossed(), r#"emails[type eq "work" and value sw "two"] and active eq true"#, &[2]).await
}

async fn long_chains_are_evaluated(case: &Case<'_>) -> Verdict {
    let chain: Vec<_> = (0..30).map(|number| format!("title eq \"nobody {number}\"")).collect();
    finds(case, &titles(), &format!(r#"{} or title sw "Alpha""#, chain.join(" or ")), &[1]).await
}

async fn value_is_meant_where_no_sub_attribute_is_named(case: &Case<'_>) -> Verdict {
    finds(case, &crossed_domains(), r#"emails co "first.example""#, &[1]).await
}

fn crossed_domains() -> [Value; 2] {
    ["first", "second"].map(|name| json!({"emails": [{"value": format!("x@{name}.example"), "type": "work"}]}))
}

async fn double_negation_is_none(case: &Case<'_>) -> Verdict {
    finds(case, &titles(), r#"not (not (title co "One"))"#, &[1]).await
}
