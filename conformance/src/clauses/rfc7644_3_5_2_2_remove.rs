//! RFC 7644 section 3.5.2.2: PATCH remove.

use serde_json::{Value, json};

use crate::check::{Case, ENTERPRISE, USER, Verdict, ensure, sections};

sections! {
    Rfc7644 "3.5.2.2" "Remove Operation" {
        Must remove_needs_a_path "A remove without a path is 400 noTarget.";
        Must remove_a_single_value "A remove of a single-valued attribute leaves it unassigned.";
        Must remove_all_values "A remove of a multi-valued attribute removes all values.";
        Must remove_matching_values "A remove by a value path removes the values that match.";
        Must remove_the_last_value "Where the last value is removed the attribute is unassigned.";
        Must remove_a_sub_attribute "A remove of a sub-attribute leaves the others.";
        Must remove_sub_attributes_of_matching_values "A remove by a value path and a sub-attribute removes that from the values that match.";
        Must remove_an_attribute_of_an_extension "A remove reaches attributes of extensions.";
        Must remove_required_is_refused "A remove of a required attribute is an error.";
        Must remove_read_only_is_refused "A remove of a readOnly attribute is 400 mutability.";
        Must remove_one_member "A remove of one member leaves the others.";
        Must remove_all_members "A remove of members removes all.";
        Must remove_without_match_removes_nothing "A remove whose filter matches nothing removes nothing.";
        Must user_loses_the_group "A member that is removed is not in the group any more, seen from the user.";
    }
}

fn mails(case: &Case<'_>) -> Value {
    let name = case.name();
    json!({"emails": [
        {"value": format!("{name}@work.example"), "type": "work", "display": "W"},
        {"value": format!("{name}@home.example"), "type": "home", "display": "H"}
    ]})
}

fn remove(path: &str) -> Value {
    json!([{"op": "remove", "path": path}])
}

async fn remove_needs_a_path(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    case.patch(&user.path, json!([{"op": "remove"}])).await?.error(400, "noTarget")?;
    Ok(())
}

async fn remove_a_single_value(case: &Case<'_>) -> Verdict {
    let user = case.user_with(json!({"displayName": "Here"})).await?;
    case.patched(&user.path, remove("displayName")).await?.lacks("/displayName")?;
    Ok(())
}

async fn remove_all_values(case: &Case<'_>) -> Verdict {
    let user = case.user_with(mails(case)).await?;
    case.patched(&user.path, remove("emails")).await?.lacks("/emails")?;
    Ok(())
}

async fn remove_matching_values(case: &Case<'_>) -> Verdict {
    let user = case.user_with(mails(case)).await?;
    let read = case.patched(&user.path, remove("emails[type eq \"work\"]")).await?;
    read.has("/emails/0/type", "home")?.lacks("/emails/1")?;
    Ok(())
}

async fn remove_the_last_value(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    case.patched(&user.path, remove("emails[type eq \"work\"]")).await?.lacks("/emails")?;
    Ok(())
}

async fn remove_a_sub_attribute(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let read = case.patched(&user.path, remove("name.familyName")).await?;
    read.lacks("/name/familyName")?.has("/name/givenName", "Given")?;
    Ok(())
}

async fn remove_sub_attributes_of_matching_values(case: &Case<'_>) -> Verdict {
    let user = case.user_with(mails(case)).await?;
    let read = case.patched(&user.path, remove("emails[type eq \"work\"].display")).await?;
    for mail in read.items("/emails")? {
        let shown = mail["display"].is_string();
        ensure!(shown == (mail["type"] == "home"), "the display of {} is {}", mail["type"], mail["display"]);
    }
    ensure!(read.items("/emails")?.len() == 2, "an e-mail address is gone");
    Ok(())
}

async fn remove_an_attribute_of_an_extension(case: &Case<'_>) -> Verdict {
    case.need_enterprise()?;
    let extension = json!({"department": "Tours", "costCenter": "1"});
    let user = case.user_with(json!({"schemas": [USER, ENTERPRISE], ENTERPRISE: extension})).await?;
    let read = case.patched(&user.path, remove(&format!("{ENTERPRISE}:department"))).await?;
    read.lacks(&format!("/{ENTERPRISE}/department"))?.has(&format!("/{ENTERPRISE}/costCenter"), "1")?;
    Ok(())
}

async fn remove_required_is_refused(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let sent = case.patch(&user.path, remove("userName")).await?;
    // Table 9 has invalidValue for a required attribute that is missing, and mutability for what may not change.
    let kind = sent.error(400, "")?.string("/scimType")?;
    ensure!(["invalidValue", "mutability"].contains(&kind), "scimType is {kind:?}");
    case.read(&user.path).await?.has("/userName", user.name)?;
    Ok(())
}

async fn remove_read_only_is_refused(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    case.patch(&user.path, remove("id")).await?.error(400, "mutability")?;
    Ok(())
}

async fn remove_one_member(case: &Case<'_>) -> Verdict {
    let (goes, stays) = (case.user().await?, case.user().await?);
    let group = case.group(&[&goes, &stays]).await?;
    let read = case.patched(&group.path, remove(&format!("members[value eq \"{}\"]", goes.id))).await?;
    read.has("/members/0/value", stays.id)?.lacks("/members/1")?;
    Ok(())
}

async fn remove_all_members(case: &Case<'_>) -> Verdict {
    let (one, two) = (case.user().await?, case.user().await?);
    let group = case.group(&[&one, &two]).await?;
    case.patched(&group.path, remove("members")).await?.lacks("/members")?;
    Ok(())
}

async fn remove_without_match_removes_nothing(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let group = case.group(&[&user]).await?;
    let sent = case.patch(&group.path, remove("members[value eq \"nobody\"]")).await?;
    if !(200..300).contains(&sent.code()) {
        sent.error(400, "")?;
    }
    case.read(&group.path).await?.has("/members/0/value", user.id)?;
    Ok(())
}

async fn user_loses_the_group(case: &Case<'_>) -> Verdict {
    case.need_attribute("groups")?;
    let user = case.user().await?;
    let group = case.group(&[&user]).await?;
    case.patched(&group.path, remove(&format!("members[value eq \"{}\"]", user.id))).await?.lacks("/members")?;
    case.read(&user.path).await?.lacks("/groups")?;
    Ok(())
}
