//! RFC 7644 section 3.3: creating resources.

use serde_json::{Value, json};

use crate::check::{Case, GROUP, USER, Verdict, ensure, sections};
use crate::recording::Method;

sections! {
    Rfc7644 "3.3" "Creating Resources" {
        Must read_only_is_ignored "readOnly attributes of the request are ignored.";
        Must created_is_201 "A created resource is answered with 201.";
        Should body_is_the_resource "The body of the answer is the new resource.";
        Must location_header_is_there "The URI of the new resource is in the Location header.";
        Must location_is_in_meta "The URI of the new resource is in meta.location.";
        Must location_can_be_read "The new resource is found at its location.";
        Must duplicate_is_409 "A resource in conflict with another is 409 with uniqueness.";
        Must null_overrides_defaults "null for a single value and [] for several leave them unassigned.";
        Must wrong_schema_is_not_kept "A body with the schema of another type is refused, or the resource has its own schema.";
        Must missing_schemas_are_not_kept "A body without schemas is refused, or the resource has its schema.";
        Must failed_create_leaves_nothing "A refused creation leaves no resource.";
        Must groups_are_created "A group is created at the endpoint of groups.";
        Should unknown_member_is_no_crash "A member that does not exist is refused or left out, never an internal error.";
        Must attributes_parameter_applies "attributes chooses what the answer to a POST holds.";
    }
    Rfc7644 "3.3.1" "Resource Types" {
        Must resource_type_is_set "meta.resourceType is set by the service provider.";
        Must resource_type_is_that_of_the_endpoint "meta.resourceType follows from the endpoint, not from the body.";
    }
}

async fn read_only_is_ignored(case: &Case<'_>) -> Verdict {
    let body = json!({"id": "mine", "meta": {"version": "W/\"mine\""}, "groups": [{"value": "x", "display": "y"}]});
    let user = case.user_with(body).await?;
    ensure!(user.id != "mine", "the id is the one of the request");
    let read = case.read(&user.path).await?;
    read.lacks("/groups")?;
    ensure!(read.json()?["meta"]["version"] != "W/\"mine\"", "meta.version is the one of the request");
    Ok(())
}

async fn created_is_201(case: &Case<'_>) -> Verdict {
    case.post(&case.users(), case.user_body(json!({}))).await?.status(201)?;
    Ok(())
}

async fn body_is_the_resource(case: &Case<'_>) -> Verdict {
    let user = case.user_with(json!({"displayName": "In the answer"})).await?;
    user.reply.has("/displayName", "In the answer")?.at("/meta")?;
    Ok(())
}

async fn location_header_is_there(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let location = user.reply.header("location")?;
    ensure!(location.ends_with(&user.path), "Location is {location:?}, the user is at {}", user.path);
    Ok(())
}

async fn location_is_in_meta(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let location = user.reply.string("/meta/location")?;
    ensure!(location.ends_with(&user.path), "meta.location is {location:?}, the user is at {}", user.path);
    Ok(())
}

async fn location_can_be_read(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let Some(path) = case.path_of(user.reply.header("location")?) else {
        return user.reply.wrong("Location is no URL of a resource");
    };
    case.read(&path).await?.has("/id", user.id)?;
    Ok(())
}

async fn duplicate_is_409(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let sent = case.post(&case.users(), case.user_body(json!({"userName": user.name}))).await?;
    sent.error(409, "uniqueness")?;
    Ok(())
}

async fn null_overrides_defaults(case: &Case<'_>) -> Verdict {
    let mut body = case.user_body(json!({"phoneNumbers": []}));
    body["displayName"] = serde_json::Value::Null;
    let user = case.create(&case.users(), body).await?;
    user.reply.lacks("/displayName")?.lacks("/phoneNumbers")?;
    Ok(())
}

/// Expects a body with these schemas to be refused, or the resource to have those of users (RFC 7643, section 3).
async fn schemas_are_right(case: &Case<'_>, schemas: Value) -> Verdict {
    let sent = case.post(&case.users(), case.user_body(json!({"schemas": schemas}))).await?;
    if sent.code() == 201 {
        let schemas = sent.items("/schemas")?;
        let right = schemas.iter().any(|schema| schema == USER) && schemas.iter().all(|schema| schema != GROUP);
        ensure!(right, "a user was made with the schemas {schemas:?}");
        return Ok(());
    }
    sent.error(400, "")?;
    Ok(())
}

async fn wrong_schema_is_not_kept(case: &Case<'_>) -> Verdict {
    schemas_are_right(case, json!([GROUP])).await
}

async fn missing_schemas_are_not_kept(case: &Case<'_>) -> Verdict {
    schemas_are_right(case, Value::Null).await
}

async fn failed_create_leaves_nothing(case: &Case<'_>) -> Verdict {
    let name = case.name();
    let body = case.user_body(json!({"userName": name, "name": "not an object"}));
    case.post(&case.users(), body).await?.refused()?;
    case.filter(&format!("userName eq \"{name}\"")).await?.finds(&[])?;
    Ok(())
}

async fn groups_are_created(case: &Case<'_>) -> Verdict {
    let group = case.group(&[]).await?;
    group.reply.status(201)?.has("/displayName", group.name)?;
    Ok(())
}

async fn unknown_member_is_no_crash(case: &Case<'_>) -> Verdict {
    let members = json!([{"value": "00000000-0000-4000-8000-000000000000"}]);
    let body = json!({"schemas": [GROUP], "displayName": case.name(), "members": members});
    let sent = case.post(&case.groups()?, body).await?;
    ensure!(sent.code() < 500, "a group with an unknown member is answered with {}", sent.code());
    if sent.code() != 201 {
        sent.refused()?;
    }
    Ok(())
}

async fn attributes_parameter_applies(case: &Case<'_>) -> Verdict {
    let path = format!("{}?attributes=userName", case.users());
    let body = case.user_body(json!({"displayName": "Not asked for"}));
    let sent = case.send(Method::Post, &path, Some(body)).await?;
    sent.status(201)?.lacks("/displayName")?.string("/userName")?;
    sent.string("/id")?;
    Ok(())
}

async fn resource_type_is_set(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    user.reply.string("/meta/resourceType")?;
    Ok(())
}

async fn resource_type_is_that_of_the_endpoint(case: &Case<'_>) -> Verdict {
    let expected = case.facts.resource_type(USER).and_then(|kind| kind["name"].as_str()).unwrap_or("User");
    let user = case.user_with(json!({"meta": {"resourceType": "Group"}})).await?;
    user.reply.has("/meta/resourceType", expected)?;
    Ok(())
}
