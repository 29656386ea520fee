//! RFC 7644 section 3.7: bulk requests.

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

pub(super) fn patch_to(path: &str, name: &str) -> Value {
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
