//! RFC 7644 sections 3.7.3 and 3.7.4: the answers to bulk requests, and their limits.

use serde_json::{Value, json};

use super::rfc7644_3_7_bulk::{bulk, patch_to, place, post, status};
use crate::check::{Case, Reply, Stop, Verdict, ensure, sections, skip};

sections! {
    Rfc7644 "3.7.3" "Response and Error Handling" {
        Must every_operation_is_answered "The answer has the result of every operation that was processed.";
        Must location_is_told "location is there but for a failed POST.";
        Must status_is_that_of_a_single_request "status is the code that a single request would have got.";
        Must error_is_a_scim_error "The response of a failed operation is a SCIM error.";
        Must failed_post_has_no_location "A failed POST has no location, and its bulkId.";
        Must not_found_is_404 "A path to nothing is 404 in its operation alone.";
        Must conflict_is_409 "A duplicate is 409 in its operation alone.";
        Must precondition_is_412 "A version that is not the current one is 412 in its operation alone.";
        Must method_is_told "Each result names its method.";
    }
    Rfc7644 "3.7.4" "Maximum Operations" {
        Must limits_are_defined "maxOperations and maxPayloadSize are told and greater than 0.";
        Must too_many_operations_are_413 "More operations than maxOperations are 413.";
        Must too_large_payload_is_413 "A body larger than maxPayloadSize is 413.";
        Must limit_is_named "The answer names the limit that was exceeded.";
    }
}

async fn every_operation_is_answered(case: &Case<'_>) -> Verdict {
    let operations: Vec<_> = (0..5).map(|number| post(case, &format!("n{number}"), json!({}))).collect();
    let sent = bulk(case, operations.into()).await?;
    let mut ids: Vec<_> = sent.status(200)?.items("/Operations")?.iter().map(|one| one["bulkId"].clone()).collect();
    ids.sort_by_key(Value::to_string);
    ensure!(ids == ["n0", "n1", "n2", "n3", "n4"], "expected five results, found those of {ids:?}");
    Ok(())
}

async fn location_is_told(case: &Case<'_>) -> Verdict {
    let (changed, gone) = (case.user().await?, case.user().await?);
    let operations = json!([
        post(case, "a", json!({})), patch_to(&changed.path, "Changed"), {"method": "DELETE", "path": gone.path}
    ]);
    let sent = bulk(case, operations).await?;
    place(case, &sent, 0)?;
    ensure!(place(case, &sent, 1)?.ends_with(&changed.id), "the location of a PATCH is not that of the user");
    ensure!(place(case, &sent, 2)?.ends_with(&gone.id), "the location of a DELETE is not that of the user");
    Ok(())
}

async fn status_is_that_of_a_single_request(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let operations = json!([post(case, "a", json!({})), {"method": "DELETE", "path": user.path}]);
    let sent = bulk(case, operations).await?;
    sent.status(200)?.has("/Operations/0/status", "201")?.has("/Operations/1/status", "204")?;
    Ok(())
}

async fn error_is_a_scim_error(case: &Case<'_>) -> Verdict {
    let sent = bulk(case, json!([post(case, "a", json!({"userName": null}))])).await?;
    status(&sent, 0, "400")?;
    let error = "urn:ietf:params:scim:api:messages:2.0:Error";
    sent.has("/Operations/0/response/schemas/0", error)?.has("/Operations/0/response/status", "400")?;
    Ok(())
}

async fn failed_post_has_no_location(case: &Case<'_>) -> Verdict {
    let sent = bulk(case, json!([post(case, "a", json!({"userName": null}))])).await?;
    sent.status(200)?.lacks("/Operations/0/location")?.has("/Operations/0/bulkId", "a")?;
    Ok(())
}

async fn not_found_is_404(case: &Case<'_>) -> Verdict {
    let path = format!("{}/00000000-0000-4000-8000-000000000000", case.users());
    let sent = bulk(case, json!([{"method": "DELETE", "path": path}, post(case, "a", json!({}))])).await?;
    status(&sent, 0, "404")?;
    status(&sent, 1, "201")
}

async fn conflict_is_409(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let again = post(case, "again", json!({"userName": user.name}));
    let sent = bulk(case, json!([again, post(case, "a", json!({}))])).await?;
    status(&sent, 0, "409")?;
    sent.has("/Operations/0/response/scimType", "uniqueness")?;
    status(&sent, 1, "201")
}

async fn precondition_is_412(case: &Case<'_>) -> Verdict {
    case.need("bulk")?;
    case.need("etag")?;
    let user = case.user().await?;
    let mut operation = patch_to(&user.path, "Wrong version");
    operation["version"] = "W/\"not-the-version\"".into();
    let sent = bulk(case, json!([operation, post(case, "a", json!({}))])).await?;
    status(&sent, 0, "412")?;
    status(&sent, 1, "201")
}

async fn method_is_told(case: &Case<'_>) -> Verdict {
    let sent = bulk(case, json!([post(case, "a", json!({}))])).await?;
    sent.status(200)?.has("/Operations/0/method", "POST")?;
    Ok(())
}

fn limit(case: &Case<'_>, name: &str) -> Result<usize, Stop> {
    case.need("bulk")?;
    let found = &case.facts.config["bulk"][name];
    match found.as_u64().and_then(|limit| usize::try_from(limit).ok()).filter(|limit| *limit > 0) {
        Some(limit) => Ok(limit),
        None => crate::check::fail(format!("bulk.{name} is {found}")),
    }
}

async fn limits_are_defined(case: &Case<'_>) -> Verdict {
    limit(case, "maxOperations")?;
    limit(case, "maxPayloadSize").map(drop)
}

/// The largest request that is sent to find a limit, in bytes.
const LARGEST: usize = 16 * 1024 * 1024;

async fn beyond_operations(case: &Case<'_>) -> Result<(Reply, usize), Stop> {
    let limit = limit(case, "maxOperations")?;
    let operation = json!({"method": "DELETE", "path": format!("{}/0", case.users())});
    let size = (limit + 1) * (operation.to_string().len() + 1) + 200;
    if size > LARGEST.min(self::limit(case, "maxPayloadSize")?) {
        return skip(format!("{limit} operations are more than can be sent to try"));
    }
    Ok((bulk(case, vec![operation; limit + 1].into()).await?, limit))
}

async fn too_many_operations_are_413(case: &Case<'_>) -> Verdict {
    beyond_operations(case).await?.0.error(413, "")?;
    Ok(())
}

async fn beyond_size(case: &Case<'_>) -> Result<(Reply, usize), Stop> {
    let limit = limit(case, "maxPayloadSize")?;
    if limit > LARGEST {
        return skip(format!("{limit} bytes are more than are sent to try"));
    }
    let body = post(case, "a", json!({"displayName": "x".repeat(limit)}));
    Ok((bulk(case, json!([body])).await?, limit))
}

async fn too_large_payload_is_413(case: &Case<'_>) -> Verdict {
    beyond_size(case).await?.0.error(413, "")?;
    Ok(())
}

async fn limit_is_named(case: &Case<'_>) -> Verdict {
    let (sent, limit) = beyond_size(case).await?;
    let detail = sent.error(413, "")?.string("/detail")?;
    ensure!(detail.contains(&limit.to_string()), "the detail {detail:?} does not name the limit {limit}");
    Ok(())
}
