//! RFC 7644 section 3.14: versions and conditional requests.

use serde_json::{Value, json};

use crate::check::{Case, Reply, Stop, Verdict, ensure, sections};
use crate::recording::Method;

sections! {
    Rfc7644 "3.14" "Versioning Resources" {
        Must etag_is_a_header "The ETag is a header of the answer.";
        Should etag_is_meta_version "The ETag is meta.version.";
        Must etag_is_well_formed "An ETag is a quoted text, with W/ before it if it is weak.";
        Must etag_changes_with_the_resource "The ETag changes when the resource does.";
        Must etag_stays_without_change "The ETag stays while the resource does.";
        Must unchanged_is_304 "GET with If-None-Match of the current version is 304 without a body.";
        Must changed_is_200 "GET with If-None-Match of an old version is 200.";
        Must put_with_old_version_is_412 "PUT with If-Match of an old version is 412 and changes nothing.";
        Must put_with_current_version_succeeds "PUT with If-Match of the current version succeeds.";
        Must patch_with_old_version_is_412 "PATCH with If-Match of an old version is 412 and changes nothing.";
        Must patch_with_current_version_succeeds "PATCH with If-Match of the current version succeeds.";
        May one_of_several_versions_is_enough "If-Match and If-None-Match take a list of versions.";
        May delete_with_current_version_succeeds "DELETE with If-Match of the current version succeeds.";
        May delete_with_old_version_is_412 "DELETE with If-Match of an old version is 412.";
        May if_match_any_succeeds "If-Match: * holds for every resource that exists.";
        Must created_has_an_etag "The answer to a POST carries the ETag.";
    }
}

fn version(reply: &Reply) -> Result<String, Stop> {
    Ok(reply.header("etag")?.to_owned())
}

async fn conditional(
    case: &Case<'_>,
    method: Method,
    path: &str,
    body: Option<Value>,
    header: (&str, &str),
) -> Result<Reply, Stop> {
    let headers = [(header.0, Some(header.1))];
    case.send_with(method, path, body.map(|body| body.to_string()), &headers).await
}

fn patch_body(name: &str) -> Value {
    let operations = json!([{"op": "replace", "path": "displayName", "value": name}]);
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations})
}

/// A user that was changed once: its path, name, and its first and current version.
async fn changed(case: &Case<'_>) -> Result<(String, String, String, String), Stop> {
    case.need("etag")?;
    let user = case.user().await?;
    let before = version(&case.read(&user.path).await?)?;
    case.put(&user.path, case.user_body(json!({"userName": user.name, "displayName": "Once"}))).await?.status(200)?;
    let after = version(&case.read(&user.path).await?)?;
    Ok((user.path, user.name, before, after))
}

async fn etag_is_a_header(case: &Case<'_>) -> Verdict {
    case.need("etag")?;
    let user = case.user().await?;
    case.read(&user.path).await?.header("etag")?;
    Ok(())
}

async fn etag_is_meta_version(case: &Case<'_>) -> Verdict {
    case.need("etag")?;
    let user = case.user().await?;
    let read = case.read(&user.path).await?;
    read.has("/meta/version", version(&read)?)?;
    Ok(())
}

async fn etag_is_well_formed(case: &Case<'_>) -> Verdict {
    case.need("etag")?;
    let user = case.user().await?;
    let etag = version(&case.read(&user.path).await?)?;
    let opaque = etag.strip_prefix("W/").unwrap_or(&etag);
    let quoted = opaque.len() >= 2 && opaque.starts_with('"') && opaque.ends_with('"');
    ensure!(quoted, "the ETag is {etag:?}");
    Ok(())
}

async fn etag_changes_with_the_resource(case: &Case<'_>) -> Verdict {
    let (_, _, before, after) = changed(case).await?;
    ensure!(before != after, "the ETag is {before:?} before and after a change");
    Ok(())
}

async fn etag_stays_without_change(case: &Case<'_>) -> Verdict {
    case.need("etag")?;
    let user = case.user().await?;
    let (one, two) = (version(&case.read(&user.path).await?)?, version(&case.read(&user.path).await?)?);
    ensure!(one == two, "the ETag went from {one:?} to {two:?} without a change");
    Ok(())
}

async fn unchanged_is_304(case: &Case<'_>) -> Verdict {
    case.need("etag")?;
    let user = case.user().await?;
    let etag = version(&case.read(&user.path).await?)?;
    let read = conditional(case, Method::Get, &user.path, None, ("if-none-match", &etag)).await?;
    read.status(304)?;
    ensure!(read.text().is_empty(), "a 304 has a body");
    Ok(())
}

async fn changed_is_200(case: &Case<'_>) -> Verdict {
    let (path, _, before, _) = changed(case).await?;
    conditional(case, Method::Get, &path, None, ("if-none-match", &before)).await?.status(200)?.at("/id")?;
    Ok(())
}

async fn put_with_old_version_is_412(case: &Case<'_>) -> Verdict {
    let (path, name, before, _) = changed(case).await?;
    let body = case.user_body(json!({"userName": name, "displayName": "Twice"}));
    conditional(case, Method::Put, &path, Some(body), ("if-match", &before)).await?.error(412, "")?;
    case.read(&path).await?.has("/displayName", "Once")?;
    Ok(())
}

async fn put_with_current_version_succeeds(case: &Case<'_>) -> Verdict {
    let (path, name, _, after) = changed(case).await?;
    let body = case.user_body(json!({"userName": name, "displayName": "Twice"}));
    conditional(case, Method::Put, &path, Some(body), ("if-match", &after)).await?.status(200)?;
    case.read(&path).await?.has("/displayName", "Twice")?;
    Ok(())
}

async fn patch_with_old_version_is_412(case: &Case<'_>) -> Verdict {
    case.need("patch")?;
    let (path, _, before, _) = changed(case).await?;
    let sent = conditional(case, Method::Patch, &path, Some(patch_body("Twice")), ("if-match", &before)).await?;
    sent.error(412, "")?;
    case.read(&path).await?.has("/displayName", "Once")?;
    Ok(())
}

async fn patch_with_current_version_succeeds(case: &Case<'_>) -> Verdict {
    case.need("patch")?;
    let (path, _, _, after) = changed(case).await?;
    let sent = conditional(case, Method::Patch, &path, Some(patch_body("Twice")), ("if-match", &after)).await?;
    sent.status_in(&[200, 204])?;
    case.read(&path).await?.has("/displayName", "Twice")?;
    Ok(())
}

async fn delete_with_old_version_is_412(case: &Case<'_>) -> Verdict {
    let (path, _, before, _) = changed(case).await?;
    conditional(case, Method::Delete, &path, None, ("if-match", &before)).await?.error(412, "")?;
    case.read(&path).await?.at("/id")?;
    Ok(())
}

async fn if_match_any_succeeds(case: &Case<'_>) -> Verdict {
    case.need("etag")?;
    let user = case.user().await?;
    let body = case.user_body(json!({"userName": user.name, "displayName": "Any"}));
    conditional(case, Method::Put, &user.path, Some(body), ("if-match", "*")).await?.status(200)?;
    Ok(())
}

async fn created_has_an_etag(case: &Case<'_>) -> Verdict {
    case.need("etag")?;
    let user = case.user().await?;
    let read = case.read(&user.path).await?;
    let (created, read) = (version(&user.reply)?, version(&read)?);
    ensure!(created == read, "the ETag is {created:?} at creation and {read:?} when read");
    Ok(())
}

async fn one_of_several_versions_is_enough(case: &Case<'_>) -> Verdict {
    let (path, name, before, after) = changed(case).await?;
    let both = format!("{before}, {after}");
    conditional(case, Method::Get, &path, None, ("if-none-match", &both)).await?.status(304)?;
    let body = case.user_body(json!({"userName": name, "displayName": "Twice"}));
    conditional(case, Method::Put, &path, Some(body), ("if-match", &both)).await?.status(200)?;
    Ok(())
}

async fn delete_with_current_version_succeeds(case: &Case<'_>) -> Verdict {
    let (path, _, _, after) = changed(case).await?;
    conditional(case, Method::Delete, &path, None, ("if-match", &after)).await?.status(204)?;
    case.get(&path).await?.status(404)?;
    Ok(())
}
