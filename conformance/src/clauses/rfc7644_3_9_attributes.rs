//! RFC 7644 sections 3.9 and 3.10: choosing attributes, and how they are written.

use serde_json::json;

use crate::check::{Case, ENTERPRISE, USER, Verdict, sections};
use crate::recording::Method;

sections! {
    Rfc7644 "3.9" "Additional Operation Response Parameters" {
        Must attributes_overrides_the_default "attributes leaves out what is not asked for.";
        Must attributes_keeps_the_minimum "attributes never leaves out what is always returned.";
        Must attributes_takes_several "attributes is a list with commas.";
        Must attributes_takes_sub_attributes "attributes takes sub-attributes.";
        Must attributes_takes_unknown_names "A name that no schema has is not returned and does no harm.";
        Must excluded_attributes_are_left_out "excludedAttributes leaves out what it names.";
        Must excluded_keeps_the_minimum "excludedAttributes never leaves out what is always returned.";
        Must excluded_takes_sub_attributes "excludedAttributes takes sub-attributes.";
        Must parameters_apply_to_put "The parameters apply to the answer to a PUT.";
        Must parameters_apply_to_patch "The parameters apply to the answer to a PATCH.";
        Must sub_attributes_of_several_values "Sub-attributes of multi-valued attributes can be chosen and left out.";
        Must meta_can_be_chosen "meta and its sub-attributes can be chosen and left out.";
        Must members_can_be_left_out "Members of a group can be left out.";
    }
    Rfc7644 "3.10" "Attribute Notation" {
        Must names_without_case "Names in the parameters are case insensitive.";
        Must full_names_of_core_attributes "Core attributes may be written with their URN.";
        Must full_names_of_extension_attributes "Attributes of extensions are written with their URN.";
        Must urn_of_the_extension_alone "The URN of an extension names all its attributes.";
        Must dots_name_sub_attributes "A sub-attribute is written behind a dot, also behind a URN.";
    }
}

async fn attributes_overrides_the_default(case: &Case<'_>) -> Verdict {
    let user = case.user_with(json!({"displayName": "Not asked for"})).await?;
    let read = case.read(&format!("{}?attributes=userName", user.path)).await?;
    read.has("/userName", user.name)?.lacks("/displayName")?.lacks("/emails")?.lacks("/name")?.lacks("/active")?;
    Ok(())
}

async fn attributes_keeps_the_minimum(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    case.read(&format!("{}?attributes=active", user.path)).await?.has("/id", user.id)?.at("/schemas")?;
    Ok(())
}

async fn attributes_takes_several(case: &Case<'_>) -> Verdict {
    let user = case.user_with(json!({"displayName": "Asked for"})).await?;
    let read = case.read(&format!("{}?attributes=displayName,active", user.path)).await?;
    read.has("/displayName", "Asked for")?.has("/active", true)?.lacks("/emails")?;
    Ok(())
}

async fn attributes_takes_sub_attributes(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let read = case.read(&format!("{}?attributes=name.givenName", user.path)).await?;
    read.has("/name/givenName", "Given")?.lacks("/name/familyName")?;
    Ok(())
}

async fn attributes_takes_unknown_names(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let read = case.get(&format!("{}?attributes=userName,noSuchAttribute", user.path)).await?;
    if read.code() == 200 {
        read.has("/userName", user.name)?.lacks("/noSuchAttribute")?;
        return Ok(());
    }
    read.error(400, "")?;
    Ok(())
}

async fn excluded_attributes_are_left_out(case: &Case<'_>) -> Verdict {
    let user = case.user_with(json!({"displayName": "Kept"})).await?;
    let read = case.read(&format!("{}?excludedAttributes=emails,name", user.path)).await?;
    read.lacks("/emails")?.lacks("/name")?.has("/displayName", "Kept")?;
    Ok(())
}

async fn excluded_keeps_the_minimum(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    case.read(&format!("{}?excludedAttributes=id", user.path)).await?.has("/id", user.id)?;
    Ok(())
}

async fn excluded_takes_sub_attributes(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let read = case.read(&format!("{}?excludedAttributes=name.familyName", user.path)).await?;
    read.has("/name/givenName", "Given")?.lacks("/name/familyName")?;
    Ok(())
}

async fn parameters_apply_to_put(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let body = case.user_body(json!({"userName": user.name, "displayName": "Put"}));
    let sent = case.send(Method::Put, &format!("{}?attributes=displayName", user.path), Some(body)).await?;
    sent.status(200)?.has("/displayName", "Put")?.has("/id", user.id)?.lacks("/emails")?;
    Ok(())
}

async fn parameters_apply_to_patch(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let operations = json!([{"op": "replace", "path": "displayName", "value": "Patched"}]);
    let sent = case.patch(&format!("{}?excludedAttributes=emails", user.path), operations).await?;
    sent.status_in(&[200, 204])?;
    if sent.code() == 200 {
        sent.has("/displayName", "Patched")?.lacks("/emails")?;
    }
    Ok(())
}

async fn members_can_be_left_out(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let group = case.group(&[&user]).await?;
    let read = case.read(&format!("{}?excludedAttributes=members", group.path)).await?;
    read.has("/displayName", group.name)?.lacks("/members")?;
    Ok(())
}

async fn names_without_case(case: &Case<'_>) -> Verdict {
    let user = case.user_with(json!({"displayName": "Asked for"})).await?;
    let read = case.read(&format!("{}?attributes=DISPLAYname", user.path)).await?;
    read.has("/displayName", "Asked for")?.lacks("/emails")?;
    Ok(())
}

async fn full_names_of_core_attributes(case: &Case<'_>) -> Verdict {
    let user = case.user_with(json!({"displayName": "Asked for"})).await?;
    let read = case.read(&format!("{}?attributes={USER}:displayName", user.path)).await?;
    read.has("/displayName", "Asked for")?.lacks("/emails")?;
    Ok(())
}

async fn full_names_of_extension_attributes(case: &Case<'_>) -> Verdict {
    case.need_enterprise()?;
    let extension = json!({"department": "Tours", "costCenter": "1"});
    let user = case.user_with(json!({"schemas": [USER, ENTERPRISE], ENTERPRISE: extension})).await?;
    let read = case.read(&format!("{}?attributes={ENTERPRISE}:department", user.path)).await?;
    read.has(&format!("/{ENTERPRISE}/department"), "Tours")?.lacks(&format!("/{ENTERPRISE}/costCenter"))?;
    read.lacks("/emails")?;
    Ok(())
}

async fn urn_of_the_extension_alone(case: &Case<'_>) -> Verdict {
    case.need_enterprise()?;
    let extension = json!({"department": "Tours", "costCenter": "1"});
    let user = case.user_with(json!({"schemas": [USER, ENTERPRISE], ENTERPRISE: extension})).await?;
    let read = case.read(&format!("{}?attributes={ENTERPRISE}", user.path)).await?;
    read.has(&format!("/{ENTERPRISE}/department"), "Tours")?.has(&format!("/{ENTERPRISE}/costCenter"), "1")?;
    Ok(())
}

async fn dots_name_sub_attributes(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let read = case.read(&format!("{}?attributes={USER}:name.familyName", user.path)).await?;
    read.has("/name/familyName", "Family")?.lacks("/name/givenName")?;
    Ok(())
}

async fn sub_attributes_of_several_values(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let read = case.read(&format!("{}?attributes=emails.value", user.path)).await?;
    read.at("/emails/0/value")?;
    read.lacks("/emails/0/type")?.lacks("/userName")?;
    let read = case.read(&format!("{}?excludedAttributes=emails.type", user.path)).await?;
    read.at("/emails/0/value")?;
    read.lacks("/emails/0/type")?.has("/userName", user.name)?;
    Ok(())
}

async fn meta_can_be_chosen(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let read = case.read(&format!("{}?attributes=meta.created", user.path)).await?;
    read.string("/meta/created")?;
    read.lacks("/meta/location")?.lacks("/emails")?;
    case.read(&format!("{}?excludedAttributes=meta", user.path)).await?.lacks("/meta")?.has("/userName", user.name)?;
    Ok(())
}
