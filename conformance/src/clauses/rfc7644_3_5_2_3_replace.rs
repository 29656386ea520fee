//! RFC 7644 section 3.5.2.3: PATCH replace.

use serde_json::{Value, json};

use crate::check::{Case, ENTERPRISE, Verdict, ensure, sections};

sections! {
    Rfc7644 "3.5.2.3" "Replace Operation" {
        Must replace_a_single_value "A replace sets a single value.";
        Must replace_without_path "Without a path the value holds the attributes to replace.";
        Must replace_without_path_keeps_the_rest "Without a path what is not named stays.";
        Must replace_all_values "A replace of a multi-valued attribute replaces all values.";
        Must replace_unassigned "A replace of an attribute that does not exist is an add.";
        Must replace_a_complex_attribute "A replace of a complex attribute sets the sub-attributes that are given.";
        Must replace_a_sub_attribute "A replace of a sub-attribute sets it alone.";
        Must replace_matching_values "A replace by a value path replaces the values that match.";
        Must replace_a_sub_attribute_of_matching_values "A replace by a value path and a sub-attribute sets it in the values that match.";
        Must replace_without_match_is_no_target "A value path that matches nothing is 400 noTarget.";
        Must replace_read_only_is_refused "A replace of a readOnly attribute is 400 mutability.";
        Must replace_a_boolean "A replace sets a boolean.";
        Must replace_moves_the_primary_value "A value that becomes primary makes the others non-primary.";
        Must replace_user_name_in_conflict "A replace that is in conflict with another resource is 409.";
        Must replace_members "A replace of members makes others members.";
        Must replace_an_extension "A replace reaches attributes of extensions without a path.";
        Must replace_needs_a_value "A replace has a value.";
    }
}

fn replace(path: &str, value: impl Into<Value>) -> Value {
    json!([{"op": "replace", "path": path, "value": value.into()}])
}

async fn replace_a_single_value(case: &Case<'_>) -> Verdict {
    let user = case.user_with(json!({"displayName": "Before"})).await?;
    case.patched(&user.path, replace("displayName", "After")).await?.has("/displayName", "After")?;
    Ok(())
}

async fn replace_without_path(case: &Case<'_>) -> Verdict {
    let user = case.user_with(json!({"displayName": "Before"})).await?;
    let mail = format!("{}@only.example", case.name());
    let value = json!({"displayName": "After", "emails": [{"value": mail, "type": "home"}]});
    let read = case.patched(&user.path, json!([{"op": "replace", "value": value}])).await?;
    read.has("/displayName", "After")?.has("/emails/0/value", mail)?.lacks("/emails/1")?;
    Ok(())
}

async fn replace_without_path_keeps_the_rest(case: &Case<'_>) -> Verdict {
    let user = case.user_with(json!({"displayName": "Stays"})).await?;
    let operations = json!([{"op": "replace", "value": {"active": false}}]);
    let read = case.patched(&user.path, operations).await?;
    read.has("/active", false)?.has("/displayName", "Stays")?.has("/userName", user.name)?.at("/emails/0")?;
    Ok(())
}

async fn replace_all_values(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let mail = format!("{}@only.example", case.name());
    let operations = replace("emails", json!([{"value": mail, "type": "home"}]));
    case.patched(&user.path, operations).await?.has("/emails/0/value", mail)?.lacks("/emails/1")?;
    Ok(())
}

async fn replace_unassigned(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    case.patched(&user.path, replace("displayName", "New")).await?.has("/displayName", "New")?;
    Ok(())
}

async fn replace_a_complex_attribute(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let operations = replace("name", json!({"givenName": "New", "familyName": "Names"}));
    let read = case.patched(&user.path, operations).await?;
    read.has("/name/givenName", "New")?.has("/name/familyName", "Names")?;
    Ok(())
}

async fn replace_a_sub_attribute(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let read = case.patched(&user.path, replace("name.givenName", "New")).await?;
    read.has("/name/givenName", "New")?.has("/name/familyName", "Family")?;
    Ok(())
}

fn mails(case: &Case<'_>) -> Value {
    let name = case.name();
    json!({"emails": [
        {"value": format!("{name}@work.example"), "type": "work"},
        {"value": format!("{name}@home.example"), "type": "home"}
    ]})
}

async fn replace_matching_values(case: &Case<'_>) -> Verdict {
    let user = case.user_with(mails(case)).await?;
    let mail = format!("{}@new.example", case.name());
    let operations = replace("emails[type eq \"work\"]", json!({"value": mail, "type": "work"}));
    let read = case.patched(&user.path, operations).await?;
    let work: Vec<_> = read.items("/emails")?.iter().filter(|entry| entry["type"] == "work").collect();
    ensure!(work.len() == 1 && work[0]["value"] == mail.as_str(), "the work address is {work:?}");
    ensure!(read.items("/emails")?.len() == 2, "expected two e-mail addresses");
    Ok(())
}

async fn replace_a_sub_attribute_of_matching_values(case: &Case<'_>) -> Verdict {
    let user = case.user_with(mails(case)).await?;
    let mail = format!("{}@new.example", case.name());
    let read = case.patched(&user.path, replace("emails[type eq \"home\"].value", mail.as_str())).await?;
    let home = read.items("/emails")?.iter().find(|entry| entry["type"] == "home").map(|entry| &entry["value"]);
    ensure!(home.is_some_and(|value| *value == mail.as_str()), "the home address is {home:?}");
    Ok(())
}

async fn replace_without_match_is_no_target(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let operations = replace("emails[type eq \"nonexistent\"].value", "x@y.example");
    case.patch(&user.path, operations).await?.error(400, "noTarget")?;
    Ok(())
}

async fn replace_read_only_is_refused(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    case.patch(&user.path, replace("id", "other")).await?.error(400, "mutability")?;
    case.read(&user.path).await?.has("/id", user.id)?;
    Ok(())
}

async fn replace_a_boolean(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    case.patched(&user.path, replace("active", false)).await?.has("/active", false)?;
    Ok(())
}

async fn replace_moves_the_primary_value(case: &Case<'_>) -> Verdict {
    let mut mails = mails(case);
    mails["emails"][0]["primary"] = true.into();
    let user = case.user_with(mails).await?;
    let read = case.patched(&user.path, replace("emails[type eq \"home\"].primary", true)).await?;
    for mail in read.items("/emails")? {
        let primary = mail["primary"] == true;
        ensure!(
            primary == (mail["type"] == "home"),
            "primary of the address of type {} is {}",
            mail["type"],
            mail["primary"]
        );
    }
    Ok(())
}

async fn replace_user_name_in_conflict(case: &Case<'_>) -> Verdict {
    let (one, two) = (case.user().await?, case.user().await?);
    case.patch(&two.path, replace("userName", one.name)).await?.error(409, "uniqueness")?;
    case.read(&two.path).await?.has("/userName", two.name)?;
    Ok(())
}

async fn replace_members(case: &Case<'_>) -> Verdict {
    let (old, new) = (case.user().await?, case.user().await?);
    let group = case.group(&[&old]).await?;
    let operations = replace("members", json!([{"value": new.id}]));
    case.patched(&group.path, operations).await?.has("/members/0/value", new.id)?.lacks("/members/1")?;
    Ok(())
}

async fn replace_an_extension(case: &Case<'_>) -> Verdict {
    case.need_enterprise()?;
    let user = case.user().await?;
    let operations = json!([{"op": "replace", "value": {ENTERPRISE: {"department": "Tours"}}}]);
    case.patched(&user.path, operations).await?.has(&format!("/{ENTERPRISE}/department"), "Tours")?;
    Ok(())
}

async fn replace_needs_a_value(case: &Case<'_>) -> Verdict {
    let user = case.user_with(json!({"displayName": "Before"})).await?;
    let sent = case.patch(&user.path, json!([{"op": "replace", "path": "displayName"}])).await?;
    sent.status(400)?.refused()?;
    case.read(&user.path).await?.has("/displayName", "Before")?;
    Ok(())
}
