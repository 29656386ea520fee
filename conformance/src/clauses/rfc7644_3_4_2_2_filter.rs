//! RFC 7644 section 3.4.2.2: the grammar of filters, and what happens to filters that cannot be run.

use serde_json::json;

use crate::check::{Case, ENTERPRISE, USER, Verdict, ensure, sections};

sections! {
    Rfc7644 "3.4.2.2" "Filtering: grammar" {
        Must attribute_names_without_case "Attribute names in filters are case insensitive.";
        Must operators_without_case "Operators are case insensitive.";
        Must logical_words_without_case "and, or and not are case insensitive.";
        Must urns_without_case "The URN before an attribute is case insensitive.";
        Must only_matches_are_returned "Only resources that match are returned.";
        Must total_counts_matches "totalResults is the number of matches.";
        Must schemas_can_be_filtered "Resources are found by the schemas that they carry.";
        Must unknown_operator_is_refused "An operator that does not exist is 400 invalidFilter.";
        Must missing_operand_is_refused "An expression without its operand is 400 invalidFilter.";
        Must unbalanced_parenthesis_is_refused "A parenthesis that is not closed is 400 invalidFilter.";
        Must unbalanced_bracket_is_refused "A bracket that is not closed is 400 invalidFilter.";
        Must unbalanced_quote_is_refused "A quote that is not closed is 400 invalidFilter.";
        Must unquoted_text_is_refused "A text operand without quotes is 400 invalidFilter.";
        Must rest_after_expression_is_refused "Words behind a whole expression are 400 invalidFilter.";
        Must dangling_and_is_refused "and without a right side is 400 invalidFilter.";
        Must empty_value_path_is_refused "Empty brackets are 400 invalidFilter.";
        Must not_needs_parentheses "not is followed by a parenthesis.";
        Must nested_value_path_is_refused "A value path does not stand in a value path.";
        Must empty_filter_is_refused "A filter contains at least one expression.";
        Must complex_needs_a_sub_attribute "A comparison of a complex attribute names a sub-attribute.";
        Must wrong_type_of_operand_is_refused "An operand that cannot be compared with the attribute is refused or finds nothing.";
        Must injections_find_nothing "Text that means something to a database means nothing in a filter.";
        Must deep_filters_are_no_crash "A filter of great depth is evaluated or refused, never an internal error.";
        Must examples_of_the_rfc_are_valid "The examples of the RFC are filters that can be run.";
        Must group_members_can_be_filtered "Groups are found by their members.";
    }
}

async fn attribute_names_without_case(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    case.filter(&format!("USERname eq \"{}\"", user.name)).await?.finds(&[&user.id])?;
    Ok(())
}

async fn operators_without_case(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    case.filter(&format!("userName Eq \"{}\"", user.name)).await?.finds(&[&user.id])?;
    Ok(())
}

async fn logical_words_without_case(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let filter = format!("userName eq \"{}\" AND NOT (active eq false) Or userName eq \"nobody\"", user.name);
    case.filter(&filter).await?.finds(&[&user.id])?;
    Ok(())
}

async fn urns_without_case(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    case.filter(&format!("{}:userName eq \"{}\"", USER.to_uppercase(), user.name)).await?.finds(&[&user.id])?;
    Ok(())
}

async fn only_matches_are_returned(case: &Case<'_>) -> Verdict {
    let (one, _two) = (case.user().await?, case.user().await?);
    case.filter(&format!("userName eq \"{}\"", one.name)).await?.finds(&[&one.id])?;
    Ok(())
}

async fn total_counts_matches(case: &Case<'_>) -> Verdict {
    case.need("filter")?;
    let (prefix, _) = case.users_named_alike(&[json!({}), json!({}), json!({})]).await?;
    case.filter(&format!("userName sw \"{prefix}\"")).await?.status(200)?.has("/totalResults", 3)?;
    Ok(())
}

async fn schemas_can_be_filtered(case: &Case<'_>) -> Verdict {
    case.need_enterprise()?;
    let extended = json!({"schemas": [USER, ENTERPRISE], ENTERPRISE: {"costCenter": "1"}});
    let (prefix, made) = case.users_named_alike(&[extended, json!({})]).await?;
    let filter = format!("userName sw \"{prefix}\" and schemas eq \"{ENTERPRISE}\"");
    case.filter(&filter).await?.finds(&[&made[0].id])?;
    Ok(())
}

async fn refused(case: &Case<'_>, filter: &str) -> Verdict {
    case.filter(filter).await?.error(400, "invalidFilter")?;
    Ok(())
}

async fn unknown_operator_is_refused(case: &Case<'_>) -> Verdict {
    refused(case, "userName like \"x\"").await
}

async fn missing_operand_is_refused(case: &Case<'_>) -> Verdict {
    refused(case, "userName eq").await
}

async fn unbalanced_parenthesis_is_refused(case: &Case<'_>) -> Verdict {
    refused(case, "(userName eq \"x\"").await
}

async fn unbalanced_bracket_is_refused(case: &Case<'_>) -> Verdict {
    refused(case, "emails[type eq \"work\"").await
}

async fn unbalanced_quote_is_refused(case: &Case<'_>) -> Verdict {
    refused(case, "userName eq \"x").await
}

async fn unquoted_text_is_refused(case: &Case<'_>) -> Verdict {
    refused(case, "userName eq x").await
}

async fn rest_after_expression_is_refused(case: &Case<'_>) -> Verdict {
    refused(case, "userName eq \"x\" userName").await
}

async fn dangling_and_is_refused(case: &Case<'_>) -> Verdict {
    refused(case, "userName eq \"x\" and").await
}

async fn empty_value_path_is_refused(case: &Case<'_>) -> Verdict {
    refused(case, "emails[]").await
}

async fn empty_filter_is_refused(case: &Case<'_>) -> Verdict {
    refused(case, "").await
}

async fn complex_needs_a_sub_attribute(case: &Case<'_>) -> Verdict {
    let found = case.filter("name eq \"Jensen\"").await?;
    if found.code() == 200 {
        // Some servers take the value of a complex attribute that has one; `name` has none.
        found.finds(&[])?;
        return Ok(());
    }
    found.error(400, "invalidFilter")?;
    Ok(())
}

async fn wrong_type_of_operand_is_refused(case: &Case<'_>) -> Verdict {
    let found = case.filter("meta.created gt \"not a date\"").await?;
    if found.code() == 200 {
        found.finds(&[])?;
        return Ok(());
    }
    found.error(400, "invalidFilter")?;
    Ok(())
}

async fn injections_find_nothing(case: &Case<'_>) -> Verdict {
    case.user().await?;
    for text in ["' OR '1'='1", "'; DROP TABLE users; --", "x') OR ('1'='1", "{$ne: null}", "*)(uid=*"] {
        case.filter(&format!("userName eq \"{text}\"")).await?.finds(&[])?;
    }
    Ok(())
}

async fn deep_filters_are_no_crash(case: &Case<'_>) -> Verdict {
    let depth = 200;
    let filter = format!("{}userName eq \"nobody\"{}", "(".repeat(depth), ")".repeat(depth));
    let found = case.filter(&filter).await?;
    ensure!(found.code() < 500, "a filter {depth} deep is answered with {}", found.code());
    if found.code() == 200 {
        found.finds(&[])?;
    }
    Ok(())
}

async fn group_members_can_be_filtered(case: &Case<'_>) -> Verdict {
    case.need("filter")?;
    let user = case.user().await?;
    let (with, _without) = (case.group(&[&user]).await?, case.group(&[]).await?);
    let filter = format!("members.value eq \"{}\"", user.id);
    case.query(&case.groups()?, &[("filter", &filter)]).await?.finds(&[&with.id])?;
    Ok(())
}

async fn examples_of_the_rfc_are_valid(case: &Case<'_>) -> Verdict {
    let enterprise = format!("schemas eq \"{ENTERPRISE}\"");
    let core = format!("{USER}:userName sw \"J\"");
    let examples = [
        "userName eq \"bjensen\"",
        "name.familyName co \"O'Malley\"",
        "userName sw \"J\"",
        &core,
        "title pr",
        "meta.lastModified gt \"2011-05-13T04:42:34Z\"",
        "meta.lastModified ge \"2011-05-13T04:42:34Z\"",
        "meta.lastModified lt \"2011-05-13T04:42:34Z\"",
        "meta.lastModified le \"2011-05-13T04:42:34Z\"",
        "title pr and userType eq \"Employee\"",
        "title pr or userType eq \"Intern\"",
        &enterprise,
        "userType eq \"Employee\" and (emails co \"example.com\" or emails.value co \"example.org\")",
        "userType ne \"Employee\" and not (emails co \"example.com\" or emails.value co \"example.org\")",
        "userType eq \"Employee\" and (emails.type eq \"work\")",
        "userType eq \"Employee\" and emails[type eq \"work\" and value co \"@example.com\"]",
        "emails[type eq \"work\" and value co \"@example.com\"] or ims[type eq \"xmpp\" and value co \"@foo.com\"]",
    ];
    case.need_enterprise()?;
    for filter in examples {
        case.filter(filter).await?.list()?;
    }
    Ok(())
}

async fn not_needs_parentheses(case: &Case<'_>) -> Verdict {
    refused(case, "not userName eq \"x\"").await
}

async fn nested_value_path_is_refused(case: &Case<'_>) -> Verdict {
    refused(case, "emails[type[value eq \"x\"]]").await
}
