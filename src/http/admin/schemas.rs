//! `/admin/v1/tenants/{tenant}/schemas`: the schemas of a tenant, its own and the built-in ones, in the form of RFC 7643, section 7.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::AdminAnswer;
use super::problem::{AdminError, FieldError, Problem};
use super::request::{AdminRequest, ok};
use crate::gateway::{SchemasAct, SchemasError};
use crate::model::{CatalogVersion, TenantId};
use crate::scim::discovery::schema_definition;
use crate::scim::schema::builtin;
use crate::scim::schema::own::{Registry, read_schema};

/// Definitions of one kind.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Definitions {
    /// How often the tenant's schemas and resource types have changed
    version: i64,
    #[schema(value_type = Vec<Object>)]
    items: Vec<Value>,
}

impl Definitions {
    /// Of a tenant at that version.
    pub fn of(version: i64, items: Vec<Value>) -> Self {
        Self { version, items }
    }
}

/// What was changed.
#[derive(Serialize, ToSchema)]
pub struct Changed {
    /// How often the tenant's schemas and resource types have changed now
    version: i64,
}

impl Changed {
    /// At that version.
    pub fn at(version: CatalogVersion) -> Self {
        Self { version: version.0 }
    }
}

/// Hands a request to the handler of its path and method.
pub async fn route(request: AdminRequest<'_>, slug: &str, path: &[&str]) -> AdminAnswer {
    match (path, request.method()) {
        ([], "GET") => list(request, slug).await,
        ([], _) => Err(request.takes("GET, HEAD")),
        ([urn], "GET") => get(request, slug, urn).await,
        ([urn], "PUT") => put(request, slug, urn).await,
        ([urn], "DELETE") => remove(request, slug, urn).await,
        ([_], _) => Err(request.takes("GET, HEAD, PUT, DELETE")),
        _ => Err(AdminError::NoRoute),
    }
}

/// A tenant's schemas, the built-in ones with them
#[utoipa::path(
    get, path = "/admin/v1/tenants/{tenant}/schemas", tag = "schemas", params(("tenant" = String, Path, description = "Its short name")),
    responses((status = 200, body = Definitions), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn list(request: AdminRequest<'_>, slug: &str) -> AdminAnswer {
    let tenant = request.tenant(slug).await?;
    let (version, registry) = request.app.store.tenant(tenant.id).registry().await?;
    ok(&Definitions { version: version.0, items: all(&registry) })
}

/// Each schema once: those of resource types, and those that wait for one.
fn all(registry: &Registry) -> Vec<Value> {
    let own: Vec<Value> = registry.schemas.iter().map(|schema| schema_definition(schema)).collect();
    let built_in = builtin().schemas().into_iter().map(|schema| schema_definition(schema));
    let is_own = |schema: &Value| own.iter().any(|own| own["id"] == schema["id"]);
    let built_in: Vec<Value> = built_in.filter(|schema| !is_own(schema)).collect();
    built_in.into_iter().chain(own.iter().cloned()).collect()
}

/// One schema
#[utoipa::path(
    get, path = "/admin/v1/tenants/{tenant}/schemas/{urn}", tag = "schemas",
    params(("tenant" = String, Path, description = "Its short name"), ("urn" = String, Path)),
    responses((status = 200, body = Object), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn get(request: AdminRequest<'_>, slug: &str, urn: &str) -> AdminAnswer {
    let tenant = request.tenant(slug).await?;
    let (_, registry) = request.app.store.tenant(tenant.id).registry().await?;
    let named = |schema: &Value| schema["id"].as_str().is_some_and(|id| id.eq_ignore_ascii_case(urn));
    let found = all(&registry).into_iter().find(named);
    ok(&found.ok_or_else(|| AdminError::NotFound { kind: "schema", id: urn.to_owned() })?)
}

/// Register or replace a schema of the tenant's own
///
/// Refused if a resource would violate it. On a tenant with resources it takes some seconds until all servers know it.
#[utoipa::path(
    put, path = "/admin/v1/tenants/{tenant}/schemas/{urn}", tag = "schemas", request_body = Object,
    params(("tenant" = String, Path, description = "Its short name"), ("urn" = String, Path)),
    responses((status = 200, body = Changed), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn put(mut request: AdminRequest<'_>, slug: &str, urn: &str) -> AdminAnswer {
    let tenant = request.tenant(slug).await?;
    let schema = Arc::new(read_schema(&request.definition().await?).map_err(SchemasError::Invalid)?);
    if !schema.uri.as_str().eq_ignore_ascii_case(urn) {
        return Err(AdminError::field("id", "is another URN than that of the path; let both be the same"));
    }
    let put = |registry: &mut Registry| {
        registry.put_schema(schema.clone());
        Ok(())
    };
    change(&request, tenant.id, ("schema.put", "schema", urn), put).await
}

/// Remove a schema of the tenant's own, of which no resource has values
#[utoipa::path(
    delete, path = "/admin/v1/tenants/{tenant}/schemas/{urn}", tag = "schemas",
    params(("tenant" = String, Path, description = "Its short name"), ("urn" = String, Path)),
    responses((status = 200, body = Changed), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn remove(request: AdminRequest<'_>, slug: &str, urn: &str) -> AdminAnswer {
    let tenant = request.tenant(slug).await?;
    let remove = |registry: &mut Registry| {
        if registry.schema(urn).is_none() {
            return Err(SchemasError::NotFound(format!("the tenant has registered no schema {urn}")));
        }
        registry.remove_schema(urn);
        Ok(())
    };
    change(&request, tenant.id, ("schema.remove", "schema", urn), remove).await
}

/// Changes what a tenant has registered.
pub async fn change(
    request: &AdminRequest<'_>,
    tenant: TenantId,
    (action, kind, name): (&'static str, &'static str, &str),
    change: impl FnOnce(&mut Registry) -> Result<(), SchemasError>,
) -> AdminAnswer {
    let act = SchemasAct { action, kind, name, origin: &request.caller.origin };
    let version = request.app.gateway.change_schemas(tenant, &act, change).await?;
    ok(&Changed::at(version))
}

impl From<SchemasError> for AdminError {
    fn from(error: SchemasError) -> Self {
        let detail = error.to_string();
        match error {
            SchemasError::Invalid(_) => Self::field("", detail),
            SchemasError::NotFound(_) => Self::Missing(detail),
            SchemasError::Moved => Self::Conflict { field: None, detail },
            SchemasError::Violated(offenders) => Self::Violated(
                offenders
                    .into_iter()
                    .map(|offender| FieldError {
                        field: format!("{} {}", offender.resource_type, offender.id),
                        detail: offender.reason,
                    })
                    .collect(),
            ),
            SchemasError::Store(error) => error.into(),
        }
    }
}
