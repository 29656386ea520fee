//! RFC 7644 sections 3.7, 3.7.3 and 3.7.4: bulk requests, their answers and their limits.

use serde_json::{Value, json};

use crate::check::{Case, Reply, Stop, Verdict, ensure, sections, skip};

sections! {
    Rfc7644 "3.7" "Bulk Operations" {
        Must bulk_is_200 "A bulk job that is processed is 200 with a BulkResponse.";
        Must bulk_creates "POST in a bulk job creates.";
        Must bulk_replaces "PUT in a bulk job replaces.";
        Must bulk_patches "PATCH in a bulk job modifies.";
        Must bulk_deletes "DELETE in a bulk job removes.";
        Must bulk_id_comes_back "The bulkId of a POST comes back.";
        Must failures_do_not_stop_others "The job goes on after a failure.";
        Must fail_on_errors_ends_the_job "failOnErrors ends the job after that many errors.";
        Must fail_on_errors_counts_errors "failOnErrors of two lets one error pass.";
        Must intent_is_kept "Operations on one resource have the effect of their order.";
        Must name_is_free_after_delete "A userName can be used again behind the DELETE of its user.";
        Must version_is_a_condition "version in an operation is a condition like If-Match.";
        Should bulk_schema_is_needed "A bulk request is identified by its schema.";
        Must post_without_bulk_id_is_refused "A POST needs a bulkId.";
        Must unknown_method_is_refused "A method that is none of POST, PUT, PATCH and DELETE fails.";
        Must bulk_in_bulk_is_refused "A path names a resource endpoint or a resource: not /Bulk.";
        Must missing_path_is_refused "An operation needs a path.";
        Must missing_data_is_refused "A POST needs data.";
    }
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

/// Sends a bulk request; skips where bulk is not supported.
pub(super) async fn bulk(case: &Case<'_>, operations: Value) -> Result<Reply, Stop> {
    bulk_with(case, json!({"Operations": operations})).await
}

async fn bulk_with(case: &Case<'_>, mut body: Value) -> Result<Reply, Stop> {
    case.need("bulk")?;
    if body.get("schemas").is_none() {
        body["schemas"] = json!(["urn:ietf:params:scim:api:messages:2.0:BulkRequest"]);
    }
    let sent = case.post("/Bulk", body).await?;
    if sent.code() == 501 {
        return skip("POST /Bulk is answered with 501");
    }
    Ok(sent)
}

pub(super) fn post(case: &Case<'_>, bulk_id: &str, attributes: Value) -> Value {
    json!({"method": "POST", "path": case.users(), "bulkId": bulk_id, "data": case.user_body(attributes)})
}

/// Expects operation `number` (from 0) to have this status, which may be a number or a string of one.
pub(super) fn status(reply: &Reply, number: usize, expected: &str) -> Verdict {
    let found = reply.status(200)?.at(&format!("/Operations/{number}/status"))?;
    // Some servers write {"code": "200"}, as drafts of the RFC did.
    let code = found.as_str().map(str::to_owned).unwrap_or_else(|| found.to_string());
    if code == expected {
        return Ok(());
    }
    reply.wrong(&format!("expected the status \"{expected}\" of operation {number}, found {found}"))
}

/// The path of the resource of operation `number`.
pub(super) fn place(case: &Case<'_>, reply: &Reply, number: usize) -> Result<String, Stop> {
    let location = reply.string(&format!("/Operations/{number}/location"))?;
    match case.path_of(location) {
        Some(path) => Ok(path),
        None => reply.wrong(&format!("the location {location:?} is no URL of a resource")),
    }
}

fn patch_to(path: &str, name: &str) -> Value {
    let schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];
    let operations = json!([{"op": "replace", "path": "displayName", "value": name}]);
    json!({"method": "PATCH", "path": path, "data": {"schemas": schemas, "Operations": operations}})
}

async fn bulk_is_200(case: &Case<'_>) -> Verdict {
    let sent = bulk(case, json!([post(case, "a", json!({}))])).await?;
    let urn = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";
    ensure!(sent.status(200)?.items("/schemas")?.iter().any(|schema| schema == urn), "schemas does not hold {urn}");
    Ok(())
}

async fn bulk_creates(case: &Case<'_>) -> Verdict {
    let name = case.name();
    let sent = bulk(case, json!([post(case, "a", json!({"userName": name}))])).await?;
    status(&sent, 0, "201")?;
    case.read(&place(case, &sent, 0)?).await?.has("/userName", name)?;
    Ok(())
}

async fn bulk_replaces(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let data = case.user_body(json!({"userName": user.name, "displayName": "In bulk"}));
    let sent = bulk(case, json!([{"method": "PUT", "path": user.path, "data": data}])).await?;
    status(&sent, 0, "200")?;
    case.read(&user.path).await?.has("/displayName", "In bulk")?;
    Ok(())
}

async fn bulk_patches(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let sent = bulk(case, json!([patch_to(&user.path, "In bulk")])).await?;
    let code = sent.status(200)?.string("/Operations/0/status")?;
    ensure!(["200", "204"].contains(&code), "the status of a PATCH is {code:?}");
    case.read(&user.path).await?.has("/displayName", "In bulk")?;
    Ok(())
}

async fn bulk_deletes(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let sent = bulk(case, json!([{"method": "DELETE", "path": user.path}])).await?;
    status(&sent, 0, "204")?;
    case.get(&user.path).await?.status(404)?;
    Ok(())
}

async fn bulk_id_comes_back(case: &Case<'_>) -> Verdict {
    let sent = bulk(case, json!([post(case, "qwerty", json!({})), post(case, "ytrewq", json!({}))])).await?;
    sent.status(200)?.has("/Operations/0/bulkId", "qwerty")?.has("/Operations/1/bulkId", "ytrewq")?;
    Ok(())
}

async fn failures_do_not_stop_others(case: &Case<'_>) -> Verdict {
    let wrong = post(case, "wrong", json!({"userName": null}));
    let sent = bulk(case, json!([wrong, post(case, "right", json!({}))])).await?;
    status(&sent, 0, "400")?;
    status(&sent, 1, "201")
}

async fn fail_on_errors_ends_the_job(case: &Case<'_>) -> Verdict {
    let name = case.name();
    let wrong = post(case, "wrong", json!({"userName": null}));
    let operations = json!([wrong, post(case, "late", json!({"userName": name}))]);
    let sent = bulk_with(case, json!({"failOnErrors": 1, "Operations": operations})).await?;
    status(&sent, 0, "400")?;
    ensure!(sent.items("/Operations")?.len() == 1, "operations after the first error were processed");
    case.filter(&format!("userName eq \"{name}\"")).await?.finds(&[])?;
    Ok(())
}

async fn intent_is_kept(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let operations = json!([patch_to(&user.path, "First"), patch_to(&user.path, "Second")]);
    bulk(case, operations).await?.status(200)?;
    case.read(&user.path).await?.has("/displayName", "Second")?;
    Ok(())
}

async fn version_is_a_condition(case: &Case<'_>) -> Verdict {
    case.need("bulk")?;
    case.need("etag")?;
    let user = case.user().await?;
    let mut operation = patch_to(&user.path, "Right version");
    operation["version"] = user.reply.at("/meta/version")?.clone();
    bulk(case, json!([operation])).await?.status(200)?;
    case.read(&user.path).await?.has("/displayName", "Right version")?;
    Ok(())
}

/// Expects a wrong operation to fail alone, or the request to be refused.
fn wrong(sent: &Reply) -> Verdict {
    if sent.code() == 200 {
        return status(sent, 0, "400");
    }
    sent.error(400, "")?;
    Ok(())
}

async fn bulk_schema_is_needed(case: &Case<'_>) -> Verdict {
    let schemas = ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"];
    let body = json!({"schemas": schemas, "Operations": [post(case, "a", json!({}))]});
    bulk_with(case, body).await?.status(400)?.refused()?;
    Ok(())
}

async fn post_without_bulk_id_is_refused(case: &Case<'_>) -> Verdict {
    let operation = json!({"method": "POST", "path": case.users(), "data": case.user_body(json!({}))});
    wrong(&bulk(case, json!([operation])).await?)
}

async fn unknown_method_is_refused(case: &Case<'_>) -> Verdict {
    let sent = bulk(case, json!([{"method": "BREW", "path": case.users(), "bulkId": "a"}])).await?;
    if sent.code() == 200 {
        let code = sent.string("/Operations/0/status")?;
        ensure!(["400", "405", "501"].contains(&code), "the status of the method BREW is {code:?}");
        return Ok(());
    }
    sent.error(400, "")?;
    Ok(())
}

async fn missing_path_is_refused(case: &Case<'_>) -> Verdict {
    let operation = json!({"method": "POST", "bulkId": "a", "data": case.user_body(json!({}))});
    wrong(&bulk(case, json!([operation])).await?)
}

async fn missing_data_is_refused(case: &Case<'_>) -> Verdict {
    wrong(&bulk(case, json!([{"method": "POST", "path": case.users(), "bulkId": "a"}])).await?)
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

async fn name_is_free_after_delete(case: &Case<'_>) -> Verdict {
    case.need("bulk")?;
    let user = case.user().await?;
    let again = post(case, "again", json!({"userName": user.name}));
    let sent = bulk(case, json!([{"method": "DELETE", "path": user.path}, again])).await?;
    status(&sent, 0, "204")?;
    status(&sent, 1, "201")
}

async fn fail_on_errors_counts_errors(case: &Case<'_>) -> Verdict {
    let wrong = |id| post(case, id, json!({"userName": null}));
    let operations = json!([wrong("w1"), post(case, "r", json!({})), wrong("w2"), post(case, "late", json!({}))]);
    let sent = bulk_with(case, json!({"failOnErrors": 2, "Operations": operations})).await?;
    status(&sent, 1, "201")?;
    ensure!(
        sent.items("/Operations")?.len() == 3,
        "expected three results, found {}",
        sent.items("/Operations")?.len()
    );
    Ok(())
}

async fn bulk_in_bulk_is_refused(case: &Case<'_>) -> Verdict {
    let operation = json!({"method": "POST", "path": "/Bulk", "bulkId": "a", "data": {"Operations": []}});
    let sent = bulk(case, json!([operation])).await?;
    if sent.code() == 200 {
        let code = sent.string("/Operations/0/status")?;
        ensure!(code.starts_with('4') || code == "501", "the status of /Bulk in a bulk request is {code:?}");
        return Ok(());
    }
    sent.error(400, "")?;
    Ok(())
}
