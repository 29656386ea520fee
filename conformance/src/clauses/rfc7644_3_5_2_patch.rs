//! RFC 7644 section 3.5.2: what holds for every PATCH.

use serde_json::{Value, json};

use crate::check::{Case, Reply, Verdict, ensure, sections};
use crate::recording::Method;

sections! {
    Rfc7644 "3.5.2" "Modifying with PATCH" {
        Must answer_is_200_or_204 "A successful PATCH is 200 with the resource, or 204.";
        Must attributes_parameter_needs_200 "With the parameter attributes the answer is 200 with those attributes.";
        Should schema_is_needed "A PATCH carries the schema of PatchOp.";
        Must operations_are_needed "A PATCH has at least one operation.";
        Must unknown_op_is_refused "An op that is none of add, remove and replace is refused.";
        Must missing_op_is_refused "An operation without op is refused.";
        Must operations_in_order "Operations are applied one after the other.";
        Must all_or_nothing "A PATCH with one operation that fails changes nothing.";
        Must read_only_is_refused "A change of a readOnly attribute is 400 mutability.";
        Must wrong_path_is_refused "A path that is not one is 400 invalidPath.";
        Must unknown_attribute_is_no_crash "A path to an attribute that no schema has is refused or ignored.";
        Must wrong_value_is_refused "A value of the wrong type is 400 invalidValue.";
        Must paths_without_case "Names in paths are case insensitive.";
        Must full_path_names_the_attribute "A path may begin with the URN of the schema.";
        Must extension_path_needs_its_urn "Attributes of an extension are reached by their URN.";
        Must primary_moves "A new primary value makes the others non-primary.";
        Must unknown_resource_is_404 "A PATCH of a resource that does not exist is 404.";
        Must time_of_change_moves "A PATCH that changes something is visible in meta.";
        Must schemas_follow_the_extension "A value of an extension brings its URN into schemas.";
        Must schemas_can_be_modified_first "An operation on schemas holds for the operations after it.";
        Must one_sub_attribute_at_a_time "Operations on sub-attributes of one attribute meet in it.";
        Must broken_filter_in_path_is_refused "A filter of a path that is not valid is 400 invalidFilter or invalidPath.";
        Must failure_is_a_scim_error "A failed PATCH is answered with a SCIM error.";
        Must group_patch_is_supported "Groups are modified by PATCH.";
        Must many_members_at_once "One operation may add many members.";
    }
}

async fn answer_is_200_or_204(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let operations = json!([{"op": "replace", "path": "displayName", "value": "Patched"}]);
    let sent = case.patch(&user.path, operations).await?;
    sent.status_in(&[200, 204])?;
    if sent.code() == 200 {
        sent.has("/id", user.id)?.has("/displayName", "Patched")?;
    } else {
        ensure!(sent.text().is_empty(), "a 204 has a body");
    }
    Ok(())
}

async fn attributes_parameter_needs_200(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let operations = json!([{"op": "replace", "path": "displayName", "value": "Patched"}]);
    let sent = case.patch(&format!("{}?attributes=displayName", user.path), operations).await?;
    sent.status(200)?.has("/displayName", "Patched")?.lacks("/emails")?;
    Ok(())
}

async fn schema_is_needed(case: &Case<'_>) -> Verdict {
    case.need("patch")?;
    let user = case.user().await?;
    let body = json!({"Operations": [{"op": "replace", "path": "displayName", "value": "x"}]});
    case.send(Method::Patch, &user.path, Some(body)).await?.status(400)?.refused()?;
    Ok(())
}

async fn operations_are_needed(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    case.patch(&user.path, json!([])).await?.status(400)?.refused()?;
    case.patch(&user.path, Value::Null).await?.status(400)?.refused()?;
    Ok(())
}

/// Table 9 has invalidSyntax for a structure that is wrong, and invalidValue for a required value that is missing.
fn not_understood(sent: &Reply) -> Verdict {
    let kind = sent.error(400, "")?.string("/scimType")?;
    ensure!(["invalidSyntax", "invalidValue"].contains(&kind), "scimType is {kind:?}, not invalidSyntax");
    Ok(())
}

async fn unknown_op_is_refused(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let operations = json!([{"op": "move", "path": "displayName", "value": "x"}]);
    not_understood(&case.patch(&user.path, operations).await?)
}

async fn missing_op_is_refused(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    not_understood(&case.patch(&user.path, json!([{"path": "displayName", "value": "x"}])).await?)
}

async fn operations_in_order(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let operations = json!([
        {"op": "add", "path": "displayName", "value": "One"},
        {"op": "replace", "path": "displayName", "value": "Two"},
        {"op": "remove", "path": "displayName"},
        {"op": "add", "path": "displayName", "value": "Three"}
    ]);
    case.patched(&user.path, operations).await?.has("/displayName", "Three")?;
    Ok(())
}

async fn all_or_nothing(case: &Case<'_>) -> Verdict {
    let user = case.user_with(json!({"displayName": "Before"})).await?;
    let operations = json!([
        {"op": "replace", "path": "displayName", "value": "After"},
        {"op": "replace", "path": "id", "value": "other"}
    ]);
    case.patch(&user.path, operations).await?.refused()?;
    case.read(&user.path).await?.has("/displayName", "Before")?;
    Ok(())
}

async fn read_only_is_refused(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let operations = json!([{"op": "replace", "path": "meta.created", "value": "2001-01-01T00:00:00Z"}]);
    case.patch(&user.path, operations).await?.error(400, "mutability")?;
    Ok(())
}

async fn wrong_path_is_refused(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let operations = json!([{"op": "replace", "path": "emails[", "value": "x"}]);
    let sent = case.patch(&user.path, operations).await?;
    sent.error(400, "")?;
    let kind = sent.string("/scimType")?;
    ensure!(["invalidPath", "invalidFilter"].contains(&kind), "scimType is {kind:?}, not invalidPath");
    Ok(())
}

async fn unknown_attribute_is_no_crash(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let operations = json!([{"op": "replace", "path": "noSuchAttribute", "value": "x"}]);
    let sent = case.patch(&user.path, operations).await?;
    if !(200..300).contains(&sent.code()) {
        sent.error(400, "")?;
    }
    case.read(&user.path).await?.lacks("/noSuchAttribute")?;
    Ok(())
}

async fn wrong_value_is_refused(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let operations = json!([{"op": "replace", "path": "active", "value": "perhaps"}]);
    case.patch(&user.path, operations).await?.error(400, "invalidValue")?;
    Ok(())
}

async fn paths_without_case(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let operations = json!([{"op": "replace", "path": "NAME.givenname", "value": "Odd"}]);
    case.patched(&user.path, operations).await?.has("/name/givenName", "Odd")?;
    Ok(())
}

async fn full_path_names_the_attribute(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let path = "urn:ietf:params:scim:schemas:core:2.0:User:name.givenName";
    let operations = json!([{"op": "replace", "path": path, "value": "Full"}]);
    case.patched(&user.path, operations).await?.has("/name/givenName", "Full")?;
    Ok(())
}

async fn extension_path_needs_its_urn(case: &Case<'_>) -> Verdict {
    use crate::check::ENTERPRISE;
    case.need_enterprise()?;
    let user = case.user().await?;
    let operations = json!([{"op": "add", "path": format!("{ENTERPRISE}:department"), "value": "Tours"}]);
    case.patched(&user.path, operations).await?.has(&format!("/{ENTERPRISE}/department"), "Tours")?;
    Ok(())
}

async fn primary_moves(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let new = json!([{"value": format!("{}@new.example", case.name()), "type": "home", "primary": true}]);
    let read = case.patched(&user.path, json!([{"op": "add", "path": "emails", "value": new}])).await?;
    let primaries: Vec<_> = read.items("/emails")?.iter().filter(|mail| mail["primary"] == true).collect();
    ensure!(primaries.len() == 1, "{} e-mail addresses are primary", primaries.len());
    ensure!(primaries[0]["type"] == "home", "the new e-mail address is not the primary one");
    Ok(())
}

async fn unknown_resource_is_404(case: &Case<'_>) -> Verdict {
    let path = format!("{}/00000000-0000-4000-8000-000000000000", case.users());
    let operations = json!([{"op": "replace", "path": "displayName", "value": "x"}]);
    case.patch(&path, operations).await?.error(404, "")?;
    Ok(())
}

async fn time_of_change_moves(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let operations = json!([{"op": "replace", "path": "displayName", "value": "Patched"}]);
    let read = case.patched(&user.path, operations).await?;
    let told = ["/meta/lastModified", "/meta/version"].into_iter().any(
        |pointer| matches!((user.reply.find(pointer), read.find(pointer)), (Ok(before), Ok(after)) if before != after),
    );
    ensure!(told, "neither meta.lastModified nor meta.version tells of the change");
    Ok(())
}

async fn schemas_follow_the_extension(case: &Case<'_>) -> Verdict {
    use crate::check::ENTERPRISE;
    case.need_enterprise()?;
    let user = case.user().await?;
    let operations = json!([{"op": "add", "path": format!("{ENTERPRISE}:costCenter"), "value": "7"}]);
    let read = case.patched(&user.path, operations).await?;
    ensure!(read.items("/schemas")?.iter().any(|schema| schema == ENTERPRISE), "schemas does not name {ENTERPRISE}");
    Ok(())
}

async fn schemas_can_be_modified_first(case: &Case<'_>) -> Verdict {
    use crate::check::ENTERPRISE;
    case.need_enterprise()?;
    let user = case.user().await?;
    let operations = json!([
        {"op": "add", "path": "schemas", "value": [ENTERPRISE]},
        {"op": "add", "path": format!("{ENTERPRISE}:costCenter"), "value": "7"}
    ]);
    let read = case.patched(&user.path, operations).await?;
    read.has(&format!("/{ENTERPRISE}/costCenter"), "7")?;
    ensure!(read.items("/schemas")?.iter().any(|schema| schema == ENTERPRISE), "schemas does not name {ENTERPRISE}");
    Ok(())
}

async fn one_sub_attribute_at_a_time(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let operations = json!([
        {"op": "add", "path": "name.middleName", "value": "Mid"},
        {"op": "replace", "path": "name.givenName", "value": "New"},
        {"op": "remove", "path": "name.familyName"}
    ]);
    let read = case.patched(&user.path, operations).await?;
    read.has("/name/middleName", "Mid")?.has("/name/givenName", "New")?.lacks("/name/familyName")?;
    Ok(())
}

async fn broken_filter_in_path_is_refused(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let operations = json!([{"op": "remove", "path": "emails[type like \"work\"]"}]);
    let sent = case.patch(&user.path, operations).await?;
    let kind = sent.error(400, "")?.string("/scimType")?;
    ensure!(["invalidPath", "invalidFilter"].contains(&kind), "scimType is {kind:?}");
    Ok(())
}

async fn failure_is_a_scim_error(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    case.patch(&user.path, json!([{"op": "remove"}])).await?.refused()?;
    Ok(())
}

async fn group_patch_is_supported(case: &Case<'_>) -> Verdict {
    let group = case.group(&[]).await?;
    let name = case.name();
    let operations = json!([{"op": "replace", "path": "displayName", "value": name}]);
    case.patched(&group.path, operations).await?.has("/displayName", name)?;
    Ok(())
}

async fn many_members_at_once(case: &Case<'_>) -> Verdict {
    let group = case.group(&[]).await?;
    let (_, users) = case.users_named_alike(&vec![json!({}); 5]).await?;
    let members: Vec<_> = users.iter().map(|user| json!({"value": user.id})).collect();
    let read = case.patched(&group.path, json!([{"op": "add", "path": "members", "value": members}])).await?;
    ensure!(read.items("/members")?.len() == 5, "expected five members, found {}", read.items("/members")?.len());
    Ok(())
}
