//! RFC 7644 sections 3.1, 3.2 and 3.13: endpoints, methods, versions in the URL.

use serde_json::json;

use crate::check::{Case, Verdict, ensure, sections, skip};
use crate::recording::Method;

sections! {
    Rfc7644 "3.1" "Background" {
        Must answers_reflect_the_server "An answer is the state of the resource as the server has it.";
        Must messages_are_not_schemas "Schemas of messages are not among the schemas that are discovered.";
        Must messages_have_schemas "Messages carry the URI of their schema.";
    }
    Rfc7644 "3.2" "SCIM Endpoints and HTTP Methods" {
        Must get_retrieves "GET retrieves resources.";
        Must post_creates "POST to an endpoint creates a resource.";
        Must put_replaces "PUT replaces a resource.";
        Must put_does_not_create "PUT does not create a resource.";
        Must delete_removes "DELETE removes a resource.";
        Must wrong_method_is_refused "A method that an endpoint does not have is refused.";
        Must allow_names_the_methods "A 405 names the methods that are allowed.";
        Must unknown_endpoint_is_404 "An endpoint that does not exist is 404.";
        May head_is_like_get "HEAD, where it is supported, is answered like GET without a body.";
    }
    Rfc7644 "3.13" "SCIM Protocol Versioning" {
        May version_in_the_url_is_stable "Where the base URL has a version, locations have it too.";
    }
}

async fn answers_reflect_the_server(case: &Case<'_>) -> Verdict {
    let user = case.user_with(json!({"displayName": "Reflected"})).await?;
    let read = case.read(&user.path).await?;
    for pointer in ["/id", "/userName", "/displayName"] {
        read.has(pointer, user.reply.at(pointer)?.clone())?;
    }
    Ok(())
}

async fn messages_are_not_schemas(case: &Case<'_>) -> Verdict {
    if case.facts.schemas.is_empty() {
        return skip("/Schemas does not list any schema");
    }
    for schema in &case.facts.schemas {
        let message = schema["id"].as_str().is_some_and(|id| id.starts_with("urn:ietf:params:scim:api:messages:"));
        ensure!(!message, "/Schemas lists the message {}", schema["id"]);
    }
    Ok(())
}

async fn messages_have_schemas(case: &Case<'_>) -> Verdict {
    case.get(&case.users()).await?.list()?;
    case.get(&format!("{}/none-of-this-id", case.users())).await?.error(404, "")?;
    Ok(())
}

async fn get_retrieves(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    case.read(&user.path).await?.has("/id", user.id)?;
    Ok(())
}

async fn post_creates(case: &Case<'_>) -> Verdict {
    case.user().await?.reply.status(201)?;
    Ok(())
}

async fn put_replaces(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let body = case.user_body(json!({"userName": user.name, "displayName": "Put"}));
    case.put(&user.path, body).await?.status(200)?.has("/displayName", "Put")?;
    Ok(())
}

async fn put_does_not_create(case: &Case<'_>) -> Verdict {
    let name = case.name();
    let body = case.user_body(json!({"userName": name}));
    case.put(&format!("{}/00000000-0000-4000-8000-000000000000", case.users()), body).await?.error(404, "")?;
    if case.need("filter").is_ok() {
        case.filter(&format!("userName eq \"{name}\"")).await?.finds(&[])?;
    }
    Ok(())
}

async fn delete_removes(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    case.delete(&user.path).await?.status(204)?;
    case.get(&user.path).await?.status(404)?;
    Ok(())
}

async fn wrong_method_is_refused(case: &Case<'_>) -> Verdict {
    let sent = case.put(&case.users(), case.user_body(json!({}))).await?;
    sent.status_in(&[404, 405, 501])?.text();
    let user = case.user().await?;
    case.post(&user.path, case.user_body(json!({}))).await?.status_in(&[404, 405, 501])?;
    Ok(())
}

async fn allow_names_the_methods(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let sent = case.post(&user.path, case.user_body(json!({}))).await?;
    if sent.code() == 405 {
        let allow = sent.header("allow")?;
        ensure!(allow.contains("GET") && allow.contains("PUT"), "Allow is {allow:?}");
    }
    Ok(())
}

async fn unknown_endpoint_is_404(case: &Case<'_>) -> Verdict {
    case.get("/NoSuchEndpoint").await?.error(404, "")?;
    Ok(())
}

async fn head_is_like_get(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let head = case.send(Method::Head, &user.path, None).await?;
    // RFC 7231 section 4.1 has every general-purpose server support HEAD; RFC 7644 does not name it.
    if [405, 501].contains(&head.code()) {
        return skip(format!("HEAD is answered with {}", head.code()));
    }
    head.status(200)?;
    ensure!(head.text().is_empty(), "HEAD is answered with a body");
    Ok(())
}

async fn version_in_the_url_is_stable(case: &Case<'_>) -> Verdict {
    let Some(version) = case.base().rsplit('/').next().filter(|last| last.starts_with('v')) else {
        return skip("the base URL has no version");
    };
    let user = case.user().await?;
    let location = user.reply.header("location")?;
    ensure!(location.contains(&format!("/{version}/")), "the location {location:?} has not the version {version}");
    Ok(())
}
