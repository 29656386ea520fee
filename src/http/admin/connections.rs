//! `/admin/v1/tenants/{tenant}/connections`

use std::collections::HashMap;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::AdminAnswer;
use super::problem::{AdminError, Problem};
use super::request::{AdminRequest, created, no_content, ok, page};
use crate::gateway::{ConnectionChange, ConnectionError, NewConnection};
use crate::http::list::{List, WindowParameters};
use crate::model::{Connection, ConnectionId, ConnectionUse, TenantId};

/// An identity provider or a system of record that pushes into a tenant.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionView {
    id: Uuid,
    /// Its name for people; unique in the tenant, compared without case
    name: String,
    /// What tells its people from those of others
    prefix: Option<String>,
    /// What is at the other end
    #[schema(value_type = String, pattern = "^(entra|okta|onelogin|jumpcloud|ping|google|hr|other)$")]
    kind: &'static str,
    /// Whose expectations are met in requests that come through it; null for those of the tenant
    #[schema(value_type = Option<String>, pattern = "^(rfc|entra|okta|strict)$")]
    profile: Option<&'static str>,
    /// Whether its credentials work
    enabled: bool,
    created_at: DateTime<Utc>,
    modified_at: DateTime<Utc>,
    /// When a credential of it was last presented
    last_used_at: Option<DateTime<Utc>>,
    /// When a request through it last succeeded
    last_success_at: Option<DateTime<Utc>>,
    /// When a request through it last failed
    last_failure_at: Option<DateTime<Utc>>,
    /// Whether the last thing known of it is a failure
    is_failing: bool,
}

impl ConnectionView {
    fn of(connection: Connection, used: Option<&ConnectionUse>) -> Self {
        Self {
            id: connection.id.0,
            name: connection.name.to_string(),
            prefix: connection.prefix.map(|prefix| prefix.to_string()),
            kind: connection.kind.as_str(),
            profile: connection.profile.map(|profile| profile.as_str()),
            enabled: connection.enabled,
            created_at: connection.created_at,
            modified_at: connection.modified_at,
            last_used_at: used.and_then(|used| used.last_used_at),
            last_success_at: used.and_then(|used| used.last_success_at),
            last_failure_at: used.and_then(|used| used.last_failure_at),
            is_failing: used.is_some_and(ConnectionUse::is_failing),
        }
    }
}

/// A connection to be created.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConnectionCreation {
    /// 1 to 100 characters, none of them a control character
    name: String,
    /// 1 to 32 of ASCII letters, digits, '-', '_' and '.'
    prefix: Option<String>,
    /// entra, okta, onelogin, jumpcloud, ping, google, hr or other
    kind: String,
    /// rfc, entra, okta or strict
    profile: Option<String>,
}

/// What is to become of a connection. What is left out stays as it is; null takes a prefix or a profile away.
#[derive(Default, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ConnectionPatch {
    /// 1 to 100 characters, none of them a control character
    #[schema(nullable = false)]
    name: Option<String>,
    /// 1 to 32 of ASCII letters, digits, '-', '_' and '.'
    #[serde(deserialize_with = "named")]
    #[schema(value_type = Option<String>)]
    prefix: Option<Option<String>>,
    /// entra, okta, onelogin, jumpcloud, ping, google, hr or other
    #[schema(nullable = false)]
    kind: Option<String>,
    /// rfc, entra, okta or strict
    #[serde(deserialize_with = "named")]
    #[schema(value_type = Option<String>)]
    profile: Option<Option<String>>,
    /// Whether its credentials work
    #[schema(nullable = false)]
    enabled: Option<bool>,
}

/// A field that is there, be it null.
fn named<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// The value of a field, held to its rules.
pub fn field<T: FromStr<Err = String>>(name: &'static str, text: &str) -> Result<T, AdminError> {
    text.parse().map_err(|why: String| AdminError::field(name, why))
}

impl ConnectionCreation {
    fn checked(&self) -> Result<NewConnection, AdminError> {
        Ok(NewConnection {
            name: field("name", &self.name)?,
            prefix: self.prefix.as_deref().map(|text| field("prefix", text)).transpose()?,
            kind: field("kind", &self.kind)?,
            profile: self.profile.as_deref().map(|text| field("profile", text)).transpose()?,
        })
    }
}

impl ConnectionPatch {
    fn checked(&self) -> Result<ConnectionChange, AdminError> {
        let prefix = self.prefix.as_ref().map(|text| text.as_deref().map(|text| field("prefix", text)).transpose());
        let profile = self.profile.as_ref().map(|text| text.as_deref().map(|text| field("profile", text)).transpose());
        Ok(ConnectionChange {
            name: self.name.as_deref().map(|text| field("name", text)).transpose()?,
            prefix: prefix.transpose()?,
            kind: self.kind.as_deref().map(|text| field("kind", text)).transpose()?,
            profile: profile.transpose()?,
            enabled: self.enabled,
        })
    }
}

impl From<ConnectionError> for AdminError {
    fn from(error: ConnectionError) -> Self {
        let detail = error.to_string();
        match error {
            ConnectionError::NotFound(id) => Self::NotFound { kind: "connection", id: id.to_string() },
            ConnectionError::NameTaken => Self::Conflict { field: Some("name"), detail },
            ConnectionError::PrefixTaken => Self::Conflict { field: Some("prefix"), detail },
            ConnectionError::InUse(_) => Self::Conflict { field: None, detail },
            ConnectionError::Store(error) => error.into(),
        }
    }
}

/// Hands a request to the handler of its path and method.
pub async fn route(request: AdminRequest<'_>, tenant: &str, path: &[&str]) -> AdminAnswer {
    let tenant = request.tenant(tenant).await?;
    match (path, request.method()) {
        ([], "GET") => list(request, tenant.id).await,
        ([], "POST") => create(request, tenant.id, tenant.slug.as_str()).await,
        ([], _) => Err(request.takes("GET, HEAD, POST")),
        ([id], method) => {
            let id = id.parse().map_err(|_| AdminError::NotFound { kind: "connection", id: (*id).to_owned() })?;
            match method {
                "GET" => get(request, tenant.id, id).await,
                "PATCH" => patch(request, tenant.id, id).await,
                "DELETE" => delete(request, tenant.id, id).await,
                _ => Err(request.takes("GET, HEAD, PATCH, DELETE")),
            }
        }
        _ => Err(AdminError::NoRoute),
    }
}

/// The connections of a tenant, by name
#[utoipa::path(
    get, path = "/admin/v1/tenants/{tenant}/connections", tag = "connections",
    params(("tenant" = String, Path, description = "Its short name"), WindowParameters),
    responses((status = 200, body = List<ConnectionView>), (status = "default", body = Problem, content_type = "application/problem+json"))
)]
pub async fn list(request: AdminRequest<'_>, tenant: TenantId) -> AdminAnswer {
    let (window, store) = (request.window()?, &request.app.store);
    let found = store.connections_page(tenant, window.after.as_deref(), window.reads()).await?;
    let uses: HashMap<ConnectionId, ConnectionUse> =
        store.connection_uses(Some(tenant)).await?.into_iter().map(|one| (one.connection, one)).collect();
    let views = found.into_iter().map(|(connection, key)| {
        let used = uses.get(&connection.id);
        (ConnectionView::of(connection, used), key)
    });
    page::<ConnectionView>(window.list(views.collect(), |(_, key)| key.clone()))
}

impl From<(ConnectionView, String)> for ConnectionView {
    fn from((view, _): (ConnectionView, String)) -> Self {
        view
    }
}

/// One connection
#[utoipa::path(
    get, path = "/admin/v1/tenants/{tenant}/connections/{id}", tag = "connections",
    params(("tenant" = String, Path, description = "Its short name"), ("id" = Uuid, Path)),
    responses((status = 200, body = ConnectionView), (status = "default", body = Problem, content_type = "application/problem+json"))
)]
pub async fn get(request: AdminRequest<'_>, tenant: TenantId, id: ConnectionId) -> AdminAnswer {
    let store = &request.app.store;
    let found = store.connection(tenant, id).await?.ok_or(ConnectionError::NotFound(id))?;
    let uses = store.connection_uses(Some(tenant)).await?;
    ok(&ConnectionView::of(found, uses.iter().find(|used| used.connection == id)))
}

/// Creates a connection, which is enabled
#[utoipa::path(
    post, path = "/admin/v1/tenants/{tenant}/connections", tag = "connections", request_body = ConnectionCreation,
    params(("tenant" = String, Path, description = "Its short name")),
    responses((status = 201, body = ConnectionView), (status = "default", body = Problem, content_type = "application/problem+json"))
)]
pub async fn create(mut request: AdminRequest<'_>, tenant: TenantId, slug: &str) -> AdminAnswer {
    let new = request.json::<ConnectionCreation>().await?.checked()?;
    let connection = request.app.gateway.create_connection(tenant, new, &request.caller.origin).await?;
    let location = format!("/admin/v1/tenants/{slug}/connections/{}", connection.id);
    created(&location, &ConnectionView::of(connection, None))
}

/// Changes a connection; disabling it disables its credentials within a second
#[utoipa::path(
    patch, path = "/admin/v1/tenants/{tenant}/connections/{id}", tag = "connections", request_body = ConnectionPatch,
    params(("tenant" = String, Path, description = "Its short name"), ("id" = Uuid, Path)),
    responses((status = 200, body = ConnectionView), (status = "default", body = Problem, content_type = "application/problem+json"))
)]
pub async fn patch(mut request: AdminRequest<'_>, tenant: TenantId, id: ConnectionId) -> AdminAnswer {
    let change = request.json::<ConnectionPatch>().await?.checked()?;
    request.app.gateway.change_connection(tenant, id, change, &request.caller.origin).await?;
    get(request, tenant, id).await
}

/// Removes a connection of which no credential works any more
#[utoipa::path(
    delete, path = "/admin/v1/tenants/{tenant}/connections/{id}", tag = "connections",
    params(("tenant" = String, Path, description = "Its short name"), ("id" = Uuid, Path)),
    responses((status = 204), (status = "default", body = Problem, content_type = "application/problem+json"))
)]
pub async fn delete(request: AdminRequest<'_>, tenant: TenantId, id: ConnectionId) -> AdminAnswer {
    request.app.gateway.delete_connection(tenant, id, &request.caller.origin).await?;
    no_content()
}
