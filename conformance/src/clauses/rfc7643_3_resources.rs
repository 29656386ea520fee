//! RFC 7643 section 3: what every resource has.

use serde_json::{Value, json};

use super::rfc7643_2_values::is_date_time;
use crate::check::{Case, ENTERPRISE, GROUP, USER, Verdict, ensure, sections, skip};

sections! {
    Rfc7643 "3" "SCIM Resources" {
        Must schemas_are_not_empty "Every representation includes a non-empty array of schemas.";
        Must schemas_are_those_of_the_type "\"schemas\" holds only schemas of the resource's type.";
        Must schemas_without_duplicates "No value stands twice in \"schemas\".";
        Must order_of_schemas_does_not_matter "The order of \"schemas\" does not change what a request does.";
        Must common_attributes_need_no_schema "id, externalId and meta belong to every resource.";
    }
    Rfc7643 "3.1" "Common Attributes" {
        Must id_is_assigned "Every representation includes a non-empty id.";
        Must id_is_unique "An id is unique among all resources.";
        Must id_is_stable "An id does not change when the resource does.";
        Must id_of_the_client_is_ignored "The id is issued by the service provider, whatever the client sends.";
        Must id_is_not_reassigned "The id of a deleted resource is not given to another.";
        Must id_is_not_bulk_id "The word bulkId is not within any id.";
        Must id_is_always_returned "id is returned whatever excludedAttributes says.";
        Must external_id_comes_back "externalId is issued by the client and comes back as sent.";
        Must external_id_is_not_invented "The service provider does not make an externalId up.";
        Should external_id_is_case_exact "externalId is compared with case.";
        Must external_id_is_not_an_id "A resource is not found at its externalId.";
        Must meta_of_the_client_is_ignored "meta is ignored when clients send it.";
        Must meta_names_the_type "meta.resourceType is the name of the resource's type.";
        Must created_is_a_date_time "meta.created is a DateTime.";
        Must last_modified_is_created_at_first "meta.lastModified is meta.created until the first change.";
        Must last_modified_moves "meta.lastModified is the time of the last change.";
        Must created_stays "meta.created does not change.";
        Must location_is_the_resource "meta.location is the URI of the resource.";
        Must location_is_the_header "meta.location is the same as the Content-Location or Location header.";
        Must version_is_the_etag "meta.version is the ETag of the resource.";
    }
    Rfc7643 "3.3" "Attribute Extensions to Resources" {
        Must extension_is_in_its_namespace "The URI of an extension is the container of its attributes.";
        Must extension_is_in_schemas "\"schemas\" names the extensions that are in use.";
        Must base_schema_is_named "\"schemas\" holds the base schema of the resource.";
    }
}

async fn schemas_are_not_empty(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let read = case.read(&user.path).await?;
    ensure!(!read.items("/schemas")?.is_empty(), "schemas is empty");
    ensure!(read.items("/schemas")?.iter().all(Value::is_string), "schemas does not hold strings alone");
    Ok(())
}

async fn schemas_are_those_of_the_type(case: &Case<'_>) -> Verdict {
    let Some(kind) = case.facts.resource_type(USER) else {
        return skip("/ResourceTypes does not list users");
    };
    let extensions = kind["schemaExtensions"].as_array().into_iter().flatten();
    let mut known: Vec<_> = extensions.filter_map(|extension| extension["schema"].as_str()).collect();
    known.push(USER);
    let user = case.user().await?;
    for schema in case.read(&user.path).await?.items("/schemas")? {
        let listed = schema.as_str().is_some_and(|schema| known.contains(&schema));
        ensure!(listed, "schemas holds {schema}, which is not among those of the resource type: {known:?}");
    }
    Ok(())
}

async fn schemas_without_duplicates(case: &Case<'_>) -> Verdict {
    let body = case.user_body(json!({"schemas": [USER, USER]}));
    let sent = case.post(&case.users(), body).await?;
    if sent.code() == 201 {
        let schemas = sent.items("/schemas")?;
        let copies = schemas.iter().filter(|schema| *schema == USER).count();
        ensure!(copies == 1, "{USER} stands {copies} times in schemas");
        return Ok(());
    }
    sent.refused()?;
    Ok(())
}

async fn order_of_schemas_does_not_matter(case: &Case<'_>) -> Verdict {
    case.need_enterprise()?;
    for schemas in [[USER, ENTERPRISE], [ENTERPRISE, USER]] {
        let body = json!({"schemas": schemas, ENTERPRISE: {"costCenter": "4130"}});
        let user = case.user_with(body).await?;
        let found = user.reply.json()?[ENTERPRISE]["costCenter"].clone();
        ensure!(found == "4130", "with the schemas {schemas:?} costCenter comes back as {found}");
    }
    Ok(())
}

async fn common_attributes_need_no_schema(case: &Case<'_>) -> Verdict {
    let user = case.user_with(json!({"externalId": "common"})).await?;
    user.reply.at("/id")?;
    user.reply.at("/meta")?;
    user.reply.has("/externalId", "common")?;
    Ok(())
}

async fn id_is_assigned(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    user.reply.string("/id")?;
    case.read(&user.path).await?.has("/id", user.id)?;
    Ok(())
}

async fn id_is_unique(case: &Case<'_>) -> Verdict {
    let (one, two, group) = (case.user().await?, case.user().await?, case.group(&[]).await?);
    ensure!(one.id != two.id && two.id != group.id && one.id != group.id, "two resources have one id");
    Ok(())
}

async fn id_is_stable(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let body = case.user_body(json!({"userName": user.name, "displayName": "Changed"}));
    case.put(&user.path, body).await?.status(200)?.has("/id", user.id)?;
    Ok(())
}

async fn id_of_the_client_is_ignored(case: &Case<'_>) -> Verdict {
    let wished = case.name();
    let user = case.user_with(json!({"id": wished})).await?;
    ensure!(user.id != wished, "the id is the one that the client sent");
    Ok(())
}

async fn id_is_not_reassigned(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    case.delete(&user.path).await?.status(204)?;
    let next = case.user_with(json!({"userName": user.name})).await?;
    ensure!(next.id != user.id, "a new user has the id of a deleted one");
    Ok(())
}

async fn id_is_not_bulk_id(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    ensure!(!user.id.contains("bulkId"), "the id {:?} contains bulkId", user.id);
    Ok(())
}

async fn id_is_always_returned(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let read = case.get(&format!("{}?excludedAttributes=id,userName", user.path)).await?;
    read.status(200)?.has("/id", user.id)?;
    Ok(())
}

async fn external_id_comes_back(case: &Case<'_>) -> Verdict {
    let external = format!("Ext-{}", case.name());
    let user = case.user_with(json!({"externalId": external})).await?;
    case.read(&user.path).await?.has("/externalId", external)?;
    Ok(())
}

async fn external_id_is_not_invented(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    case.read(&user.path).await?.lacks("/externalId")?;
    Ok(())
}

async fn external_id_is_case_exact(case: &Case<'_>) -> Verdict {
    let external = format!("Ext-{}", case.name());
    let user = case.user_with(json!({"externalId": external})).await?;
    case.filter(&format!("externalId eq \"{external}\"")).await?.finds(&[&user.id])?;
    case.filter(&format!("externalId eq \"{}\"", external.to_uppercase())).await?.finds(&[])?;
    Ok(())
}

async fn external_id_is_not_an_id(case: &Case<'_>) -> Verdict {
    let external = case.name();
    case.user_with(json!({"externalId": external})).await?;
    case.get(&format!("{}/{external}", case.users())).await?.error(404, "")?;
    Ok(())
}

async fn meta_of_the_client_is_ignored(case: &Case<'_>) -> Verdict {
    let old = "2001-01-01T00:00:00Z";
    let meta = json!({"resourceType": "Group", "created": old, "lastModified": old, "location": "http://x.example/"});
    let user = case.user_with(json!({"meta": meta})).await?;
    for key in ["created", "lastModified", "location", "resourceType"] {
        let found = user.reply.find(&format!("/meta/{key}"))?;
        ensure!(found != Some(&meta[key]), "meta.{key} is what the client sent");
    }
    Ok(())
}

async fn meta_names_the_type(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let name = |schema| case.facts.resource_type(schema).and_then(|kind| kind["name"].as_str());
    user.reply.has("/meta/resourceType", name(USER).unwrap_or("User"))?;
    let group = case.group(&[]).await?;
    group.reply.has("/meta/resourceType", name(GROUP).unwrap_or("Group"))?;
    Ok(())
}

async fn created_is_a_date_time(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let created = user.reply.string("/meta/created")?;
    ensure!(is_date_time(created), "meta.created is {created:?}");
    Ok(())
}

async fn last_modified_is_created_at_first(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let created = user.reply.string("/meta/created")?;
    user.reply.has("/meta/lastModified", created)?;
    Ok(())
}

async fn last_modified_moves(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let before = user.reply.string("/meta/lastModified")?;
    // Some servers write whole seconds.
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    let body = case.user_body(json!({"userName": user.name, "displayName": "Changed"}));
    case.put(&user.path, body).await?.status(200)?;
    let read = case.read(&user.path).await?;
    let after = read.string("/meta/lastModified")?;
    // A server whose clock is held by a test cannot move on; time must not go back, and the change must be visible.
    ensure!(after >= before, "meta.lastModified went from {before} back to {after}");
    let version = |reply: &crate::check::Reply| reply.find("/meta/version").map(Option::<&Value>::cloned);
    let told = after > before || version(&user.reply)? != version(&read)?;
    ensure!(told, "meta.lastModified is {after} before and after a change");
    Ok(())
}

async fn created_stays(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let body = case.user_body(json!({"userName": user.name, "displayName": "Changed"}));
    case.put(&user.path, body).await?.status(200)?;
    case.read(&user.path).await?.has("/meta/created", user.reply.string("/meta/created")?)?;
    Ok(())
}

async fn location_is_the_resource(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let location = user.reply.string("/meta/location")?;
    let Some(path) = case.path_of(location) else {
        return user.reply.wrong(&format!("meta.location is {location:?}"));
    };
    case.read(&path).await?.has("/id", user.id)?;
    Ok(())
}

async fn location_is_the_header(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let read = case.read(&user.path).await?;
    let header = read.find_header("content-location").or_else(|| read.find_header("location"));
    if let Some(header) = header {
        read.has("/meta/location", header)?;
    }
    user.reply.has("/meta/location", user.reply.header("location")?)?;
    Ok(())
}

async fn version_is_the_etag(case: &Case<'_>) -> Verdict {
    case.need("etag")?;
    let user = case.user().await?;
    let read = case.read(&user.path).await?;
    read.has("/meta/version", read.header("etag")?)?;
    Ok(())
}

async fn extension_is_in_its_namespace(case: &Case<'_>) -> Verdict {
    case.need_enterprise()?;
    let schemas = [USER, ENTERPRISE];
    let user = case.user_with(json!({"schemas": schemas, ENTERPRISE: {"department": "Tours"}})).await?;
    let read = case.read(&user.path).await?;
    read.has(&format!("/{ENTERPRISE}/department"), "Tours")?.lacks("/department")?;
    Ok(())
}

async fn extension_is_in_schemas(case: &Case<'_>) -> Verdict {
    case.need_enterprise()?;
    let schemas = [USER, ENTERPRISE];
    let user = case.user_with(json!({"schemas": schemas, ENTERPRISE: {"department": "Tours"}})).await?;
    let read = case.read(&user.path).await?;
    let named = read.items("/schemas")?.iter().any(|schema| schema == ENTERPRISE);
    ensure!(named, "schemas does not name the extension whose attributes are there");
    Ok(())
}

async fn base_schema_is_named(case: &Case<'_>) -> Verdict {
    let user = case.user().await?;
    let read = case.read(&user.path).await?;
    ensure!(read.items("/schemas")?.iter().any(|schema| schema == USER), "schemas does not hold {USER}");
    Ok(())
}
