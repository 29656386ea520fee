//! `/admin/v1/tenants/{tenant}/clients`

use chrono::{DateTime, Utc};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::AdminAnswer;
use super::connections::field;
use super::issuers::{addresses, named};
use super::problem::{AdminError, Problem};
use super::request::{AdminRequest, created, no_content, ok, page};
use crate::auth::{ClientId, ClientSecret};
use crate::gateway::{ClientChange, ClientsError, NewClient};
use crate::http::list::{List, WindowParameters};
use crate::model::{
    AllowedAddresses, Client, ClientSecretId, ConnectionId, CredentialId, KeptSecret, Scopes, SecretLifetime, Tenant,
    TenantId, TokenLifetime,
};

/// An OAuth 2.0 client, without its secrets.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClientView {
    id: Uuid,
    /// What it calls itself at the token endpoint
    client_id: String,
    /// Its name for people
    name: String,
    /// The connection it belongs to
    connection: Option<Uuid>,
    scopes: Vec<&'static str>,
    /// From where it may be used; from everywhere if there are none
    allowed_addresses: Vec<String>,
    /// How heavy a role may be that it gives to users; null for any
    max_role_weight: Option<i64>,
    /// Whether it is taken
    enabled: bool,
    /// How long its access tokens live
    token_minutes: u16,
    /// Those that ended are among them
    secrets: Vec<ClientSecretView>,
    created_at: DateTime<Utc>,
    revoked_at: Option<DateTime<Utc>>,
}

/// A client's secret, as far as it is known.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClientSecretView {
    id: Uuid,
    /// Its last characters
    hint: String,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    revoked_at: Option<DateTime<Utc>>,
}

/// A client that was just made.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClientCreated {
    /// Its first secret. It is shown here and never again
    secret: String,
    #[serde(flatten)]
    client: ClientView,
}

/// A secret that was just made.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClientSecretCreated {
    /// The secret itself. It is shown here and never again
    secret: String,
    #[serde(flatten)]
    kept: ClientSecretView,
}

/// A client to be made.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClientCreation {
    /// 1 to 100 characters, none of them a control character
    name: String,
    /// The connection it belongs to
    connection: Uuid,
    /// For example users:read, groups:read; read, write and admin:* stand for several
    #[validate(length(min = 1, max = 20, message = "name 1 to 20 scopes"))]
    scopes: Vec<String>,
    /// Addresses and networks, for example 192.0.2.0/24; everywhere without any
    #[serde(default)]
    #[validate(length(max = 100, message = "name at most 100 networks"))]
    allowed_addresses: Vec<String>,
    /// How heavy a role may be that it gives to users; any if that is left out
    max_role_weight: Option<i64>,
    /// How long its access tokens live; 60 if that is left out
    #[schema(minimum = 60, maximum = 360)]
    token_minutes: Option<i64>,
    /// How long its first secret lives; 2 if that is left out
    #[schema(minimum = 1, maximum = 3)]
    secret_years: Option<i64>,
}

/// What is to become of a client. What is left out stays as it is; null takes the limit of roles away.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClientPatch {
    /// 1 to 100 characters, none of them a control character
    #[schema(nullable = false)]
    name: Option<String>,
    /// For example users:read, groups:read; read, write and admin:* stand for several
    #[schema(nullable = false)]
    #[validate(length(min = 1, max = 20, message = "name 1 to 20 scopes"))]
    scopes: Option<Vec<String>>,
    /// Addresses and networks, for example 192.0.2.0/24; everywhere without any
    #[schema(nullable = false)]
    #[validate(length(max = 100, message = "name at most 100 networks"))]
    allowed_addresses: Option<Vec<String>>,
    /// How heavy a role may be that it gives to users; null for any
    #[serde(default, deserialize_with = "named")]
    #[schema(value_type = Option<i64>)]
    max_role_weight: Option<Option<i64>>,
    /// Whether it is taken; a disabled one keeps its secrets
    #[schema(nullable = false)]
    enabled: Option<bool>,
}

/// A secret to be made.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClientSecretCreation {
    /// How long it lives; 2 if that is left out
    #[schema(minimum = 1, maximum = 3)]
    years: Option<i64>,
}

impl From<Client> for ClientView {
    fn from(client: Client) -> Self {
        let Client { credential, token_lifetime, secrets } = client;
        Self {
            id: credential.id.0,
            client_id: ClientId(credential.id).to_string(),
            connection: credential.connection.map(|connection| connection.0),
            scopes: credential.scopes.names(),
            allowed_addresses: credential.allowed_addresses.names(),
            max_role_weight: credential.max_role_weight,
            enabled: credential.disabled_at.is_none(),
            name: credential.label,
            token_minutes: token_lifetime.minutes(),
            secrets: secrets.into_iter().map(ClientSecretView::from).collect(),
            created_at: credential.created_at,
            revoked_at: credential.revoked_at,
        }
    }
}

impl From<KeptSecret> for ClientSecretView {
    fn from(kept: KeptSecret) -> Self {
        let KeptSecret { id, hint, created_at, expires_at, revoked_at, .. } = kept;
        Self { id: id.0, hint, created_at, expires_at, revoked_at }
    }
}

impl ClientCreation {
    fn checked(self) -> Result<(NewClient, SecretLifetime), AdminError> {
        let addresses = AllowedAddresses::parse(self.allowed_addresses.iter().map(String::as_str));
        let minutes = self.token_minutes.map(TokenLifetime::of_minutes).transpose();
        let new = NewClient {
            name: self.name.parse().map_err(|why: String| AdminError::field("name", why))?,
            connection: ConnectionId(self.connection),
            scopes: self.scopes.join(",").parse::<Scopes>().map_err(|why| AdminError::field("scopes", why))?,
            allowed_addresses: addresses.map_err(|why| AdminError::field("allowedAddresses", why))?,
            max_role_weight: self.max_role_weight,
            token_lifetime: minutes.map_err(|why| AdminError::field("tokenMinutes", why))?.unwrap_or_default(),
        };
        Ok((new, lifetime("secretYears", self.secret_years)?))
    }
}

impl ClientPatch {
    fn checked(self) -> Result<ClientChange, AdminError> {
        Ok(ClientChange {
            name: self.name.as_deref().map(|text| field("name", text)).transpose()?,
            scopes: self.scopes.map(|names| field("scopes", &names.join(","))).transpose()?,
            allowed_addresses: self.allowed_addresses.as_deref().map(addresses).transpose()?,
            max_role_weight: self.max_role_weight,
            enabled: self.enabled,
        })
    }
}

fn lifetime(field: &str, years: Option<i64>) -> Result<SecretLifetime, AdminError> {
    let lifetime = years.map(SecretLifetime::of_years).transpose().map_err(|why| AdminError::field(field, why))?;
    Ok(lifetime.unwrap_or_default())
}

impl From<ClientsError> for AdminError {
    fn from(error: ClientsError) -> Self {
        let detail = error.to_string();
        match error {
            ClientsError::NotFound(id) => Self::NotFound { kind: "client", id: id.to_string() },
            ClientsError::NoSecret(_, id) => Self::NotFound { kind: "secret", id: id.to_string() },
            ClientsError::NoConnection(_) => Self::field("connection", detail),
            ClientsError::NoScope | ClientsError::LimitedAdministers => Self::field("scopes", detail),
            ClientsError::TooManySecrets => Self::Conflict { field: None, detail },
            ClientsError::Store(error) => error.into(),
        }
    }
}

/// Hands a request to the handler of its path and method.
pub async fn route(request: AdminRequest<'_>, tenant: &str, path: &[&str]) -> AdminAnswer {
    let tenant = request.tenant(tenant).await?;
    match (path, request.method()) {
        ([], "GET") => list(request, tenant.id).await,
        ([], "POST") => create(request, &tenant).await,
        ([], _) => Err(request.takes("GET, HEAD, POST")),
        ([client], "GET") => get(request, tenant.id, id(client)?).await,
        ([client], "PATCH") => patch(request, tenant.id, id(client)?).await,
        ([client], "DELETE") => revoke(request, tenant.id, id(client)?).await,
        ([_], _) => Err(request.takes("GET, HEAD, PATCH, DELETE")),
        ([client, "secrets"], "POST") => add_secret(request, &tenant, id(client)?).await,
        ([_, "secrets"], _) => Err(request.takes("POST")),
        ([client, "secrets", secret], "DELETE") => revoke_secret(request, tenant.id, id(client)?, secret).await,
        ([_, "secrets", _], _) => Err(request.takes("DELETE")),
        _ => Err(AdminError::NoRoute),
    }
}

/// Clients are named by either of their two ids.
fn id(text: &str) -> Result<CredentialId, AdminError> {
    let client = text.parse().map(|ClientId(id)| id).ok();
    let unknown = || AdminError::NotFound { kind: "client", id: text.to_owned() };
    client.or_else(|| text.parse().ok()).ok_or_else(unknown)
}

/// The clients of a tenant, the oldest first; those that were revoked are among them
#[utoipa::path(
    get, path = "/admin/v1/tenants/{tenant}/clients", tag = "clients",
    params(("tenant" = String, Path, description = "Its short name"), WindowParameters),
    responses((status = 200, body = List<ClientView>), (status = "default", body = Problem, content_type = "application/problem+json"))
)]
pub async fn list(request: AdminRequest<'_>, tenant: TenantId) -> AdminAnswer {
    let window = request.window()?;
    let wrong = || AdminError::field("cursor", "is no nextCursor of this list; start without one");
    let after = window.after.as_deref().map(|text| text.parse::<CredentialId>().map_err(|_| wrong())).transpose()?;
    let mut clients = request.app.store.clients(tenant).await?;
    clients.sort_by_key(|client| client.credential.id.0);
    clients.retain(|client| after.is_none_or(|after| client.credential.id.0 > after.0));
    page::<ClientView>(window.list(clients, |client| client.credential.id.to_string()))
}

/// One client
#[utoipa::path(
    get, path = "/admin/v1/tenants/{tenant}/clients/{id}", tag = "clients",
    params(("tenant" = String, Path, description = "Its short name"), ("id" = String, Path, description = "Its id or clientId")),
    responses((status = 200, body = ClientView), (status = "default", body = Problem, content_type = "application/problem+json"))
)]
pub async fn get(request: AdminRequest<'_>, tenant: TenantId, id: CredentialId) -> AdminAnswer {
    let client = request.app.store.client(tenant, id).await?;
    ok(&ClientView::from(client.ok_or(ClientsError::NotFound(ClientId(id)))?))
}

/// Makes a client; the answer is the one place where its first secret is shown
#[utoipa::path(
    post, path = "/admin/v1/tenants/{tenant}/clients", tag = "clients", request_body = ClientCreation,
    params(("tenant" = String, Path, description = "Its short name")),
    responses((status = 201, body = ClientCreated), (status = "default", body = Problem, content_type = "application/problem+json"))
)]
pub async fn create(mut request: AdminRequest<'_>, tenant: &Tenant) -> AdminAnswer {
    let (new, lifetime) = request.json::<ClientCreation>().await?.checked()?;
    let origin = &request.caller.origin;
    let (client, secret) = request.app.gateway.create_client(tenant.id, new, lifetime, origin).await?;
    let location = format!("/admin/v1/tenants/{}/clients/{}", tenant.slug, client.credential.id);
    created(&location, &ClientCreated { secret: shown(&secret), client: client.into() })
}

/// Changes a client: its name, what it may do and from where, and whether it is taken; every server goes by it within a second
#[utoipa::path(
    patch, path = "/admin/v1/tenants/{tenant}/clients/{id}", tag = "clients", request_body = ClientPatch,
    params(("tenant" = String, Path, description = "Its short name"), ("id" = String, Path, description = "Its id or clientId")),
    responses((status = 200, body = ClientView), (status = "default", body = Problem, content_type = "application/problem+json"))
)]
pub async fn patch(mut request: AdminRequest<'_>, tenant: TenantId, id: CredentialId) -> AdminAnswer {
    let change = request.json::<ClientPatch>().await?.checked()?;
    let client = request.app.gateway.change_client(tenant, id, change, &request.caller.origin).await?;
    ok(&ClientView::from(client))
}

/// Adds a secret to a client, shown once; up to five live at once, so that one can be replaced without a gap
#[utoipa::path(
    post, path = "/admin/v1/tenants/{tenant}/clients/{id}/secrets", tag = "clients", request_body = ClientSecretCreation,
    params(("tenant" = String, Path, description = "Its short name"), ("id" = String, Path, description = "Its id or clientId")),
    responses((status = 201, body = ClientSecretCreated), (status = "default", body = Problem, content_type = "application/problem+json"))
)]
pub async fn add_secret(mut request: AdminRequest<'_>, tenant: &Tenant, id: CredentialId) -> AdminAnswer {
    let lifetime = lifetime("years", request.json::<ClientSecretCreation>().await?.years)?;
    let (gateway, origin) = (&request.app.gateway, &request.caller.origin);
    let (kept, secret) = gateway.add_client_secret(tenant.id, id, lifetime, origin).await?;
    let location = format!("/admin/v1/tenants/{}/clients/{id}", tenant.slug);
    created(&location, &ClientSecretCreated { secret: shown(&secret), kept: kept.into() })
}

fn shown(secret: &ClientSecret) -> String {
    secret.reveal().expose_secret().to_owned()
}

/// Revokes a secret: no access token is made for it any more. Those that were made for it run out
#[utoipa::path(
    delete, path = "/admin/v1/tenants/{tenant}/clients/{id}/secrets/{secret}", tag = "clients",
    params(
        ("tenant" = String, Path, description = "Its short name"), ("id" = String, Path, description = "Its id or clientId"),
        ("secret" = Uuid, Path),
    ),
    responses((status = 204), (status = "default", body = Problem, content_type = "application/problem+json"))
)]
pub async fn revoke_secret(request: AdminRequest<'_>, tenant: TenantId, id: CredentialId, secret: &str) -> AdminAnswer {
    let unknown = || AdminError::NotFound { kind: "secret", id: secret.to_owned() };
    let secret: ClientSecretId = secret.parse().map_err(|_| unknown())?;
    request.app.gateway.revoke_client_secret(tenant, id, secret, &request.caller.origin).await?;
    no_content()
}

/// Revokes a client; every server refuses it and its access tokens within a second
#[utoipa::path(
    delete, path = "/admin/v1/tenants/{tenant}/clients/{id}", tag = "clients",
    params(("tenant" = String, Path, description = "Its short name"), ("id" = String, Path, description = "Its id or clientId")),
    responses((status = 204), (status = "default", body = Problem, content_type = "application/problem+json"))
)]
pub async fn revoke(request: AdminRequest<'_>, tenant: TenantId, id: CredentialId) -> AdminAnswer {
    request.app.gateway.revoke_client(tenant, id, &request.caller.origin).await?;
    no_content()
}
