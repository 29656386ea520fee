//! RFC 7644 sections 3.7.1 and 3.7.2: references between the resources of one bulk request.

use serde_json::{Value, json};

use super::rfc7644_3_7_bulk::{bulk, place, post, status};
use crate::check::{Case, ENTERPRISE, GROUP, Stop, USER, Verdict, ensure, sections};

sections! {
    Rfc7644 "3.7.1" "Circular Reference Processing" {
        Must circular_references_are_tried "References of resources to each other are resolved, or fail with 409.";
        Must circular_references_of_groups_are_tried "Groups that are members of each other are resolved, or fail.";
    }
    Rfc7644 "3.7.2" "\"bulkId\" Temporary Identifiers" {
        Must reference_to_an_earlier_operation "bulkId:x is replaced by the id of a resource made before.";
        Must reference_to_a_later_operation "bulkId:x is replaced by the id of a resource made after.";
        Must reference_in_an_extension "References in extensions are replaced too.";
        Must reference_in_a_path "A path may name a resource by its bulkId.";
        Must reference_in_a_patch "References in the value of a PATCH are replaced.";
        Must reference_in_a_put "References in the data of a PUT are replaced.";
        Must other_text_is_no_reference "Text that merely begins with bulkId: elsewhere is data.";
        Must unknown_reference_fails_alone "A reference to nothing fails in its operation alone.";
        Must reference_to_a_failure_fails "A reference to a resource that could not be made fails.";
        Must bulk_ids_are_unique "A bulkId is unique within a request.";
    }
}

fn group(case: &Case<'_>, bulk_id: &str, member: &str) -> Result<Value, Stop> {
    let data = json!({"schemas": [GROUP], "displayName": case.name(), "members": [{"value": member}]});
    Ok(json!({"method": "POST", "path": case.groups()?, "bulkId": bulk_id, "data": data}))
}

fn managed(case: &Case<'_>, bulk_id: &str, manager: &str) -> Value {
    let extension = json!({"manager": {"value": manager}});
    post(case, bulk_id, json!({"schemas": [USER, ENTERPRISE], ENTERPRISE: extension}))
}

async fn circular_references_are_tried(case: &Case<'_>) -> Verdict {
    case.need_enterprise()?;
    let sent = bulk(case, json!([managed(case, "a", "bulkId:b"), managed(case, "b", "bulkId:a")])).await?;
    let first = sent.status(200)?.string("/Operations/0/status")?;
    if first == "409" {
        return Ok(());
    }
    status(&sent, 0, "201")?;
    status(&sent, 1, "201")?;
    for (one, other) in [(0, 1), (1, 0)] {
        let (one, other) = (place(case, &sent, one)?, place(case, &sent, other)?);
        let read = case.read(&one).await?;
        let manager = read.string(&format!("/{ENTERPRISE}/manager/value"))?;
        ensure!(other.ends_with(&format!("/{manager}")), "the manager of {one} is {manager:?}, not {other}");
    }
    Ok(())
}

async fn circular_references_of_groups_are_tried(case: &Case<'_>) -> Verdict {
    let sent = bulk(case, json!([group(case, "a", "bulkId:b")?, group(case, "b", "bulkId:a")?])).await?;
    for number in 0..2 {
        let code = sent.status(200)?.string(&format!("/Operations/{number}/status"))?;
        // A server that refuses cycles of groups says so in the operation that would close one.
        ensure!(["201", "400", "409"].contains(&code), "the status of a group in a circle is {code:?}");
    }
    Ok(())
}

async fn members(case: &Case<'_>, group: &str) -> Result<Vec<String>, Stop> {
    let read = case.read(group).await?;
    Ok(read.items("/members")?.iter().filter_map(|member| member["value"].as_str().map(str::to_owned)).collect())
}

async fn reference_to_an_earlier_operation(case: &Case<'_>) -> Verdict {
    let sent = bulk(case, json!([post(case, "u", json!({})), group(case, "g", "bulkId:u")?])).await?;
    let (user, group) = (place(case, &sent, 0)?, place(case, &sent, 1)?);
    let found = members(case, &group).await?;
    ensure!(
        found.len() == 1 && user.ends_with(&found[0]),
        "the members of the group are {found:?}, the user is {user}"
    );
    Ok(())
}

async fn reference_to_a_later_operation(case: &Case<'_>) -> Verdict {
    let sent = bulk(case, json!([group(case, "g", "bulkId:u")?, post(case, "u", json!({}))])).await?;
    let (group, user) = (place(case, &sent, 0)?, place(case, &sent, 1)?);
    let found = members(case, &group).await?;
    ensure!(
        found.len() == 1 && user.ends_with(&found[0]),
        "the members of the group are {found:?}, the user is {user}"
    );
    Ok(())
}

async fn reference_in_an_extension(case: &Case<'_>) -> Verdict {
    case.need_enterprise()?;
    let sent = bulk(case, json!([post(case, "m", json!({})), managed(case, "u", "bulkId:m")])).await?;
    let (manager, user) = (place(case, &sent, 0)?, place(case, &sent, 1)?);
    let read = case.read(&user).await?;
    let found = read.string(&format!("/{ENTERPRISE}/manager/value"))?;
    ensure!(manager.ends_with(found), "the manager is {found:?}, not {manager}");
    Ok(())
}

fn patch(path: &str, operations: Value) -> Value {
    let schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];
    json!({"method": "PATCH", "path": path, "data": {"schemas": schemas, "Operations": operations}})
}

async fn reference_in_a_path(case: &Case<'_>) -> Verdict {
    let operations = json!([{"op": "replace", "path": "displayName", "value": "By bulkId"}]);
    let change = patch(&format!("{}/bulkId:u", case.users()), operations);
    let sent = bulk(case, json!([post(case, "u", json!({})), change])).await?;
    case.read(&place(case, &sent, 0)?).await?.has("/displayName", "By bulkId")?;
    Ok(())
}

async fn reference_in_a_patch(case: &Case<'_>) -> Verdict {
    case.need("bulk")?;
    let made = case.group(&[]).await?;
    let change = patch(&made.path, json!([{"op": "add", "path": "members", "value": [{"value": "bulkId:u"}]}]));
    let sent = bulk(case, json!([post(case, "u", json!({})), change])).await?;
    let user = place(case, &sent, 0)?;
    let found = members(case, &made.path).await?;
    ensure!(
        found.len() == 1 && user.ends_with(&found[0]),
        "the members of the group are {found:?}, the user is {user}"
    );
    Ok(())
}

async fn unknown_reference_fails_alone(case: &Case<'_>) -> Verdict {
    let sent = bulk(case, json!([group(case, "g", "bulkId:nobody")?, post(case, "u", json!({}))])).await?;
    let code = sent.status(200)?.string("/Operations/0/status")?;
    ensure!(["400", "409"].contains(&code), "the status of a reference to nothing is {code:?}");
    status(&sent, 1, "201")
}

async fn reference_to_a_failure_fails(case: &Case<'_>) -> Verdict {
    let wrong = post(case, "u", json!({"userName": null}));
    let sent = bulk(case, json!([wrong, group(case, "g", "bulkId:u")?])).await?;
    let code = sent.status(200)?.string("/Operations/1/status")?;
    ensure!(["400", "409"].contains(&code), "the status of a reference to a failure is {code:?}");
    Ok(())
}

async fn bulk_ids_are_unique(case: &Case<'_>) -> Verdict {
    let sent = bulk(case, json!([post(case, "same", json!({})), post(case, "same", json!({}))])).await?;
    if sent.code() == 200 {
        let codes: Vec<_> = sent.items("/Operations")?.iter().map(|one| one["status"].clone()).collect();
        ensure!(codes.iter().any(|code| code != "201"), "two resources were made with one bulkId");
        return Ok(());
    }
    sent.error(400, "")?;
    Ok(())
}

async fn reference_in_a_put(case: &Case<'_>) -> Verdict {
    case.need("bulk")?;
    let made = case.group(&[]).await?;
    let data = json!({"schemas": [GROUP], "displayName": made.name, "members": [{"value": "bulkId:u"}]});
    let put = json!({"method": "PUT", "path": made.path, "data": data});
    let sent = bulk(case, json!([post(case, "u", json!({})), put])).await?;
    let user = place(case, &sent, 0)?;
    let found = members(case, &made.path).await?;
    ensure!(
        found.len() == 1 && user.ends_with(&found[0]),
        "the members of the group are {found:?}, the user is {user}"
    );
    Ok(())
}

async fn other_text_is_no_reference(case: &Case<'_>) -> Verdict {
    let sent = bulk(case, json!([post(case, "u", json!({"displayName": "see bulkId:u for more"}))])).await?;
    status(&sent, 0, "201")?;
    case.read(&place(case, &sent, 0)?).await?.has("/displayName", "see bulkId:u for more")?;
    Ok(())
}
