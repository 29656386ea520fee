//! `/admin/v1/tenants/{tenant}/rules`: what a tenant's users must have.

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use super::AdminAnswer;
use super::problem::{AdminError, Problem};
use super::request::{AdminRequest, ok};
use super::schemas::Changed;
use crate::gateway::RuleChange;
use crate::scim::rules::RuleDefinition;
use crate::scim::schema::own::{InvalidDefinition, Registry};

/// A tenant's rules
#[derive(Serialize, ToSchema)]
pub struct RuleList {
    /// How often what the tenant has registered has changed
    version: i64,
    #[schema(value_type = Vec<Object>)]
    items: Vec<Arc<RuleDefinition>>,
}

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

/// A tenant's rules, in the order in which they are looked at
#[utoipa::path(
    get, path = "/admin/v1/tenants/{tenant}/rules", tag = "rules", params(("tenant" = String, Path, description = "Its short name")),
    responses((status = 200, body = RuleList), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn list(request: AdminRequest<'_>, slug: &str) -> AdminAnswer {
    let tenant = request.tenant(slug).await?;
    let (version, Registry { rules, .. }) = request.app.store.tenant(tenant.id).registry().await?;
    ok(&RuleList { version: version.0, items: rules })
}

/// One rule
#[utoipa::path(
    get, path = "/admin/v1/tenants/{tenant}/rules/{name}", tag = "rules",
    params(("tenant" = String, Path, description = "Its short name"), ("name" = String, Path)),
    responses((status = 200, body = Object), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn get(request: AdminRequest<'_>, slug: &str, name: &str) -> AdminAnswer {
    let tenant = request.tenant(slug).await?;
    let (_, registry) = request.app.store.tenant(tenant.id).registry().await?;
    let rule = registry.rule(name).ok_or_else(|| AdminError::NotFound { kind: "rule", id: name.to_owned() })?;
    ok(rule)
}

/// Add or replace a rule
///
/// A rule is an object of `name`; `when`, a filter over users; `require`, a list of attribute paths and filters; `andViceVersa`;
/// `references`, by an attribute's path the name of a resource type or an object of `type` and `where`; `code`; and `message`.
/// Refused with the users who break it, twenty at most; with `forNewWrites=true` they are left alone, and the rule holds from now
/// on. On a tenant with users it takes some seconds until all servers know it.
#[utoipa::path(
    put, path = "/admin/v1/tenants/{tenant}/rules/{name}", tag = "rules", request_body = Object,
    params(
        ("tenant" = String, Path, description = "Its short name"), ("name" = String, Path),
        ("forNewWrites" = Option<bool>, Query, description = "Whether users who break it now are left alone"),
    ),
    responses((status = 200, body = Changed), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn put(mut request: AdminRequest<'_>, slug: &str, name: &str) -> AdminAnswer {
    let tenant = request.tenant(slug).await?;
    let for_new_writes = match request.query().get("forNewWrites")?.as_deref() {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(AdminError::field("forNewWrites", "must be true or false")),
    };
    let invalid = |InvalidDefinition(problems)| AdminError::field("", problems.join("\n"));
    let rule = RuleDefinition::read(&request.definition().await?).map_err(invalid)?;
    if !rule.name.eq_ignore_ascii_case(name) {
        return Err(AdminError::field("name", "is another name than that of the path; let both be the same"));
    }
    let change = RuleChange::Put { rules: vec![rule], for_new_writes };
    let version = request.app.gateway.change_rules(tenant.id, change, &request.caller.origin).await?;
    ok(&Changed::at(version))
}

/// Remove a rule
#[utoipa::path(
    delete, path = "/admin/v1/tenants/{tenant}/rules/{name}", tag = "rules",
    params(("tenant" = String, Path, description = "Its short name"), ("name" = String, Path)),
    responses((status = 200, body = Changed), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn remove(request: AdminRequest<'_>, slug: &str, name: &str) -> AdminAnswer {
    let tenant = request.tenant(slug).await?;
    let change = RuleChange::Remove(name.to_owned());
    let version = request.app.gateway.change_rules(tenant.id, change, &request.caller.origin).await?;
    ok(&Changed::at(version))
}
