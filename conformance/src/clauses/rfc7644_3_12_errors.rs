//! RFC 7644 section 3.12: errors.

use serde_json::json;

use crate::check::{Case, Verdict, ensure, sections};
use crate::recording::Method;

sections! {
    Rfc7644 "3.12" "HTTP Status and Error Response Handling" {
        Must errors_are_json_in_the_body "Errors are told in a JSON body with the schema of Error.";
        Must status_is_a_string "status in the body is the HTTP status as a string.";
        Must scim_type_is_known "scimType is one of the keywords of table 9.";
        Should detail_is_for_people "detail is a sentence that tells what is wrong.";
        Must not_found_has_no_scim_type "404 has no keyword of a bad request.";
        Must invalid_filter "A filter that cannot be run is invalidFilter.";
        Must uniqueness "A conflict of a unique attribute is uniqueness.";
        Must mutability "A change of what cannot be changed is mutability.";
        Must invalid_syntax "A body that does not conform to the schema of the request is invalidSyntax.";
        Must invalid_path "A path of a PATCH that is not valid is invalidPath.";
        Must no_target "A path that yields nothing to operate on is noTarget.";
        Must invalid_value "A value that an attribute cannot have is invalidValue.";
        Must errors_without_internals "Errors do not show the inside of the server.";
        Must discovery_is_not_searched_with_nonsense "Errors at discovery endpoints are SCIM errors.";
    }
}

async fn errors_are_json_in_the_body(case: &Case<'_>) -> Verdict {
    case.get(&format!("{}/none-of-this-id", case.users())).await?.error(404, "")?;
    let body = case.user_body(json!({"userName": null}));
    case.post(&case.users(), body).await?.error(400, "")?;
    Ok(())
}

async fn status_is_a_string(case: &Case<'_>) -> Verdict {
    case.get(&format!("{}/none-of-this-id", case.users())).await?.has("/status", "404")?;
    let body = case.user_body(json!({"userName": null}));
    case.post(&case.users(), body).await?.has("/status", "400")?;
    Ok(())
}

async fn scim_type_is_known(case: &Case<'_>) -> Verdict {
    const KNOWN: [&str; 11] = [
        "invalidFilter",
        "tooMany",
        "uniqueness",
        "mutability",
        "invalidSyntax",
        "invalidPath",
        "noTarget",
        "invalidValue",
        "invalidVers",
        "sensitive",
        "invalidCursor",
    ];
    let user = case.user().await?;
    let wrong = [
        case.post(&case.users(), case.user_body(json!({"userName": null}))).await?,
        case.post(&case.users(), case.user_body(json!({"userName": user.name}))).await?,
        case.send_with(Method::Post, &case.users(), Some("{".to_owned()), &[]).await?,
        case.get(&format!("{}?filter=nonsense", case.users())).await?,
    ];
    for reply in wrong {
        if reply.find("/scimType")?.is_some() {
            let found = reply.string("/scimType")?;
            ensure!(KNOWN.contains(&found), "{}: scimType is {found:?}, which is no keyword", reply.asked);
        }
    }
    Ok(())
}

async fn detail_is_for_people(case: &Case<'_>) -> Verdict {
    let body = case.user_body(json!({"userName": null}));
    let sent = case.post(&case.users(), body).await?;
    let detail = sent.error(400, "")?.string("/detail")?;
    ensure!(detail.len() > 5, "detail is {detail:?}");
    Ok(())
}

async fn not_found_has_no_scim_type(case: &Case<'_>) -> Verdict {
    case.get(&format!("{}/none-of-this-id", case.users())).await?.error(404, "")?.lacks("/scimType")?;
    Ok(())
}

async fn invalid_filter(case: &Case<'_>) -> Verdict {
    case.filter("userName eq eq").await?.error(400, "invalidFilter")?;
    Ok(())
}

async fn uniqueness(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    case.post(&case.users(), case.user_body(json!({"userName": user.name}))).await?.error(409, "uniqueness")?;
    Ok(())
}

async fn mutability(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let operations = json!([{"op": "replace", "path": "id", "value": "x"}]);
    case.patch(&user.path, operations).await?.error(400, "mutability")?;
    Ok(())
}

async fn invalid_syntax(case: &Case<'_>) -> Verdict {
    let sent = case.send_with(Method::Post, &case.users(), Some("{\"schemas\":".to_owned()), &[]).await?;
    sent.error(400, "invalidSyntax")?;
    Ok(())
}

async fn invalid_path(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let operations = json!([{"op": "replace", "path": "name..givenName", "value": "x"}]);
    case.patch(&user.path, operations).await?.error(400, "invalidPath")?;
    Ok(())
}

async fn no_target(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let operations =
        json!([{"op": "replace", "path": "emails[value eq \"nobody@x.example\"]", "value": {"type": "home"}}]);
    case.patch(&user.path, operations).await?.error(400, "noTarget")?;
    Ok(())
}

async fn invalid_value(case: &Case<'_>) -> Verdict {
    let body = case.user_body(json!({"active": {"is": true}}));
    case.post(&case.users(), body).await?.error(400, "invalidValue")?;
    Ok(())
}

async fn errors_without_internals(case: &Case<'_>) -> Verdict {
    let bodies = ["{", "[]", "{\"schemas\": 7}", "{\"schemas\": [{}], \"userName\": [1]}", "\u{0}"];
    for body in bodies {
        let sent = case.send_with(Method::Post, &case.users(), Some(body.to_owned()), &[]).await?;
        ensure!(sent.code() < 500, "the body {body:?} is answered with {}", sent.code());
        for trace in ["Traceback", "panicked", "Exception", ".java:", "at Object.", "SELECT ", "stack backtrace"] {
            ensure!(!sent.text().contains(trace), "the answer to the body {body:?} holds {trace:?}");
        }
    }
    Ok(())
}

async fn discovery_is_not_searched_with_nonsense(case: &Case<'_>) -> Verdict {
    case.get("/Schemas/urn:none:of:these").await?.error(404, "")?;
    case.get("/ResourceTypes/NoSuchType").await?.error(404, "")?;
    Ok(())
}
