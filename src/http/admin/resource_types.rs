//! `/admin/v1/tenants/{tenant}/resource-types`: the resource types of a tenant, in the form of RFC 7643, section 6.

use serde_json::Value;

use super::AdminAnswer;
use super::problem::{AdminError, Problem};
use super::request::{AdminRequest, ok};
use super::schemas::{Changed, Definitions, change};
use crate::gateway::SchemasError;
use crate::scim::discovery::resource_type_definition;
use crate::scim::schema::own::{Registry, ResourceTypeDefinition};

/// Hands a request to the handler of its path and method.
pub async fn route(request: AdminRequest<'_>, slug: &str, path: &[&str]) -> AdminAnswer {
    match (path, request.method()) {
        ([], "GET") => list(request, slug).await,
        ([], _) => Err(request.takes("GET, HEAD")),
        ([name], "GET") => get(request, slug, name).await,
        ([name], "PUT") => put(request, slug, name).await,
        ([name], "DELETE") => remove(request, slug, name).await,
        ([_], _) => Err(request.takes("GET, HEAD, PUT, DELETE")),
        _ => Err(AdminError::NoRoute),
    }
}

async fn all(request: &AdminRequest<'_>, slug: &str) -> Result<(i64, Vec<Value>), AdminError> {
    let tenant = request.tenant(slug).await?;
    let (version, catalog) = request.app.store.tenant(tenant.id).catalog().await?;
    Ok((version.0, catalog.resource_types().iter().map(|kind| resource_type_definition(kind)).collect()))
}

/// A tenant's resource types, the built-in ones with them
#[utoipa::path(
    get, path = "/admin/v1/tenants/{tenant}/resource-types", tag = "schemas", params(("tenant" = String, Path, description = "Its short name")),
    responses((status = 200, body = Definitions), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn list(request: AdminRequest<'_>, slug: &str) -> AdminAnswer {
    let (version, items) = all(&request, slug).await?;
    ok(&Definitions::of(version, items))
}

/// One resource type
#[utoipa::path(
    get, path = "/admin/v1/tenants/{tenant}/resource-types/{name}", tag = "schemas",
    params(("tenant" = String, Path, description = "Its short name"), ("name" = String, Path)),
    responses((status = 200, body = Object), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn get(request: AdminRequest<'_>, slug: &str, name: &str) -> AdminAnswer {
    let (_, kinds) = all(&request, slug).await?;
    let named = |kind: &Value| kind["name"].as_str().is_some_and(|own| own.eq_ignore_ascii_case(name));
    let found = kinds.into_iter().find(named);
    ok(&found.ok_or_else(|| AdminError::NotFound { kind: "resource type", id: name.to_owned() })?)
}

/// Register or replace a resource type of the tenant's own
#[utoipa::path(
    put, path = "/admin/v1/tenants/{tenant}/resource-types/{name}", tag = "schemas", request_body = Object,
    params(("tenant" = String, Path, description = "Its short name"), ("name" = String, Path)),
    responses((status = 200, body = Changed), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn put(mut request: AdminRequest<'_>, slug: &str, name: &str) -> AdminAnswer {
    let tenant = request.tenant(slug).await?;
    let kind = ResourceTypeDefinition::read(&request.definition().await?).map_err(SchemasError::Invalid)?;
    if !kind.name.eq_ignore_ascii_case(name) {
        return Err(AdminError::field("name", "is another name than that of the path; let both be the same"));
    }
    let put = |registry: &mut Registry| {
        registry.put_resource_type(kind);
        Ok(())
    };
    change(&request, tenant.id, ("resource_type.put", "resource type", name), put).await
}

/// Remove a resource type of the tenant's own that has no resource
#[utoipa::path(
    delete, path = "/admin/v1/tenants/{tenant}/resource-types/{name}", tag = "schemas",
    params(("tenant" = String, Path, description = "Its short name"), ("name" = String, Path)),
    responses((status = 200, body = Changed), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn remove(request: AdminRequest<'_>, slug: &str, name: &str) -> AdminAnswer {
    let tenant = request.tenant(slug).await?;
    let remove = |registry: &mut Registry| {
        if registry.resource_type(name).is_none() {
            return Err(SchemasError::NotFound(format!("the tenant has registered no resource type {name}")));
        }
        registry.resource_types.retain(|kind| !kind.name.eq_ignore_ascii_case(name));
        Ok(())
    };
    change(&request, tenant.id, ("resource_type.remove", "resource type", name), remove).await
}
