//! RFC 7644 section 4: the discovery endpoints.

use serde_json::json;

use crate::check::{Case, GROUP, USER, Verdict, ensure, sections, skip};
use crate::recording::Method;

sections! {
    Rfc7644 "4" "Service Provider Configuration Endpoints" {
        Must config_is_served "/ServiceProviderConfig returns the configuration.";
        Must config_is_one_document "/ServiceProviderConfig is one document, not a list.";
        Must schemas_are_served "/Schemas returns the schemas as a list.";
        Must one_schema_is_served "/Schemas/{urn} returns one schema.";
        Must schemas_of_users_and_groups_are_served "The schemas of the resource types that are served are listed.";
        Must resource_types_are_served "/ResourceTypes returns the resource types as a list.";
        Must one_resource_type_is_served "/ResourceTypes/{name} returns one resource type.";
        Must config_ignores_pages "sort, pages and attributes do not apply to discovery.";
        Should filter_is_forbidden "A filter on a discovery endpoint is 403.";
        Must discovery_cannot_be_written "Discovery endpoints take no POST, PUT, PATCH or DELETE.";
        Must lists_are_whole "Lists of discovery hold everything they count.";
        Must unknown_schema_is_404 "A schema that is not there is 404.";
        Must unknown_resource_type_is_404 "A resource type that is not there is 404.";
    }
}

async fn config_is_served(case: &Case<'_>) -> Verdict {
    case.read("/ServiceProviderConfig").await?.at("/patch")?;
    Ok(())
}

async fn config_is_one_document(case: &Case<'_>) -> Verdict {
    case.read("/ServiceProviderConfig").await?.lacks("/Resources")?;
    Ok(())
}

async fn schemas_are_served(case: &Case<'_>) -> Verdict {
    ensure!(!case.get("/Schemas").await?.list()?.is_empty(), "/Schemas lists no schema");
    Ok(())
}

async fn one_schema_is_served(case: &Case<'_>) -> Verdict {
    let schema = case.read(&format!("/Schemas/{USER}")).await?;
    schema.has("/id", USER)?.at("/attributes/0")?;
    Ok(())
}

async fn schemas_of_users_and_groups_are_served(case: &Case<'_>) -> Verdict {
    let served = case.get("/Schemas").await?;
    let ids: Vec<_> = served.list()?.iter().filter_map(|schema| schema["id"].as_str()).collect();
    for urn in [USER, GROUP] {
        ensure!(case.facts.resource_type(urn).is_none() || ids.contains(&urn), "/Schemas does not list {urn}");
    }
    Ok(())
}

async fn resource_types_are_served(case: &Case<'_>) -> Verdict {
    ensure!(!case.get("/ResourceTypes").await?.list()?.is_empty(), "/ResourceTypes lists no resource type");
    Ok(())
}

async fn one_resource_type_is_served(case: &Case<'_>) -> Verdict {
    let Some(kind) = case.facts.resource_type(USER) else { return skip("/ResourceTypes does not list users") };
    let name = kind["name"].as_str().unwrap_or("User");
    case.read(&format!("/ResourceTypes/{name}")).await?.has("/schema", USER)?;
    Ok(())
}

async fn config_ignores_pages(case: &Case<'_>) -> Verdict {
    let whole = case.get("/Schemas").await?.list()?.len();
    let asked = case.get("/Schemas?attributes=id&sortBy=id").await?;
    let found = asked.list()?.len();
    ensure!(found == whole, "with parameters /Schemas lists {found} schemas, without {whole}");
    Ok(())
}

async fn filter_is_forbidden(case: &Case<'_>) -> Verdict {
    for endpoint in ["/ServiceProviderConfig", "/ResourceTypes", "/Schemas"] {
        case.query(endpoint, &[("filter", "id eq \"User\"")]).await?.error(403, "")?;
    }
    Ok(())
}

async fn discovery_cannot_be_written(case: &Case<'_>) -> Verdict {
    for endpoint in ["/ServiceProviderConfig", "/ResourceTypes", "/Schemas"] {
        for method in [Method::Post, Method::Put, Method::Delete] {
            let sent = case.send(method, endpoint, Some(json!({"schemas": [USER]}))).await?;
            sent.status_in(&[403, 404, 405, 501])?;
        }
    }
    Ok(())
}

async fn lists_are_whole(case: &Case<'_>) -> Verdict {
    for endpoint in ["/ResourceTypes", "/Schemas"] {
        let list = case.get(endpoint).await?;
        let found = list.list()?.len();
        list.has("/totalResults", found)?;
    }
    Ok(())
}

async fn unknown_schema_is_404(case: &Case<'_>) -> Verdict {
    case.get("/Schemas/urn:ietf:params:scim:schemas:core:2.0:Nothing").await?.error(404, "")?;
    Ok(())
}

async fn unknown_resource_type_is_404(case: &Case<'_>) -> Verdict {
    case.get("/ResourceTypes/Nothing").await?.error(404, "")?;
    Ok(())
}
