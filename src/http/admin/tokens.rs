//! `/admin/v1/tenants/{tenant}/tokens`

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::AdminAnswer;
use super::connections::field;
use super::problem::{AdminError, Problem};
use super::request::{AdminRequest, created, no_content, ok, page};
use crate::auth::Token;
use crate::gateway::{NewToken, TokenError};
use crate::http::list::{List, WindowParameters};
use crate::model::{
    AllowedAddresses, ConnectionId, Credential, CredentialId, CredentialKind, CredentialUse, ResourceId, Scopes,
    Tenant, TenantId, TokenState,
};

/// How long a replaced token works still, if nobody says.
const OVERLAP_HOURS: u32 = 168;

/// A bearer token, without its secret.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TokenView {
    id: Uuid,
    /// How the token begins
    prefix: String,
    /// Its name for people
    name: String,
    scopes: Vec<&'static str>,
    /// The connection it belongs to
    connection: Option<Uuid>,
    /// The user whose token it is
    user: Option<Uuid>,
    /// From where it may be used; from everywhere if there are none
    allowed_addresses: Vec<String>,
    /// How heavy a role may be that it gives to users; null for any
    max_role_weight: Option<i64>,
    /// live, expired, revoked, or replaced, which works until it expires
    #[schema(value_type = String, pattern = "^(live|expired|revoked|replaced)$")]
    state: &'static str,
    created_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
    /// The token that takes its place
    replaced_by: Option<Uuid>,
    /// When it was last presented; up to some seconds old
    last_used_at: Option<DateTime<Utc>>,
    /// From where
    last_address: Option<String>,
}

/// A token that was just made.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TokenSecret {
    /// The token itself. It is shown here and never again
    secret: String,
    #[serde(flatten)]
    token: TokenView,
}

impl TokenView {
    fn of(token: Credential, used: Option<&CredentialUse>, now: DateTime<Utc>) -> Self {
        Self {
            id: token.id.0,
            prefix: Token::beginning(token.id),
            scopes: token.scopes.names(),
            connection: token.connection.map(|connection| connection.0),
            user: token.user.map(|user| user.0),
            allowed_addresses: token.allowed_addresses.names(),
            max_role_weight: token.max_role_weight,
            state: TokenState::of(&token, now).as_str(),
            name: token.label,
            created_at: token.created_at,
            expires_at: token.expires_at,
            revoked_at: token.revoked_at,
            replaced_by: token.rotated_to.map(|new| new.0),
            last_used_at: used.map(|used| used.last_used_at),
            last_address: used.and_then(|used| used.last_address).map(|address| address.to_canonical().to_string()),
        }
    }
}

/// A token to be made.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TokenCreation {
    /// 1 to 100 characters, none of them a control character
    name: String,
    /// For example users:read, groups:read; read, write and admin:* stand for several
    #[validate(length(min = 1, max = 20, message = "name 1 to 20 scopes"))]
    scopes: Vec<String>,
    /// The connection it belongs to
    connection: Option<Uuid>,
    /// The user whose token it is; it reaches /Me and that user alone
    user: Option<Uuid>,
    /// Addresses and networks, for example 192.0.2.0/24; everywhere without any
    #[serde(default)]
    #[validate(length(max = 100, message = "name at most 100 networks"))]
    allowed_addresses: Vec<String>,
    /// How heavy a role may be that it gives to users; any if that is left out
    max_role_weight: Option<i64>,
    /// When it ends; never by itself if that is left out
    expires_at: Option<DateTime<Utc>>,
}

/// How a token is replaced.
#[derive(Default, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct TokenRotation {
    /// How long both work; 168 if that is left out
    #[validate(range(max = 8760, message = "is at most 8760"))]
    overlap_hours: Option<u32>,
    /// When the new one ends; without it, it lives as long as the old one was to
    expires_at: Option<DateTime<Utc>>,
}

impl TokenCreation {
    fn checked(self) -> Result<NewToken, AdminError> {
        let addresses = AllowedAddresses::parse(self.allowed_addresses.iter().map(String::as_str));
        Ok(NewToken {
            name: field("name", &self.name)?,
            scopes: field::<Scopes>("scopes", &self.scopes.join(","))?,
            connection: self.connection.map(ConnectionId),
            allowed_addresses: addresses.map_err(|why| AdminError::field("allowedAddresses", why))?,
            max_role_weight: self.max_role_weight,
            user: self.user.map(ResourceId),
            expires_at: self.expires_at,
        })
    }
}

impl From<TokenError> for AdminError {
    fn from(error: TokenError) -> Self {
        let detail = error.to_string();
        match error {
            TokenError::NotFound(id) => Self::NotFound { kind: "token", id: id.to_string() },
            TokenError::NoConnection(_) => Self::field("connection", detail),
            TokenError::NoUser(_) | TokenError::UserAdministers => Self::field("user", detail),
            TokenError::EndsInThePast => Self::field("expiresAt", detail),
            TokenError::NoScope | TokenError::LimitedAdministers => Self::field("scopes", detail),
            TokenError::Full | TokenError::Expired | TokenError::Revoked | TokenError::Replaced(_) => {
                Self::Conflict { field: None, detail }
            }
            TokenError::Store(error) => error.into(),
        }
    }
}

/// Hands a request to the handler of its path and method.
pub async fn route(request: AdminRequest<'_>, tenant: &str, path: &[&str]) -> AdminAnswer {
    let tenant = request.tenant(tenant).await?;
    let id = |id: &str| id.parse().map_err(|_| AdminError::NotFound { kind: "token", id: id.to_owned() });
    match (path, request.method()) {
        ([], "GET") => list(request, tenant.id).await,
        ([], "POST") => create(request, &tenant).await,
        ([], _) => Err(request.takes("GET, HEAD, POST")),
        ([token], "GET") => get(request, tenant.id, id(token)?).await,
        ([token], "DELETE") => revoke(request, tenant.id, id(token)?).await,
        ([_], _) => Err(request.takes("GET, HEAD, DELETE")),
        ([token, "rotate"], "POST") => rotate(request, &tenant, id(token)?).await,
        ([_, "rotate"], _) => Err(request.takes("POST")),
        _ => Err(AdminError::NoRoute),
    }
}

/// The tokens of a tenant, the oldest first; those that ended are among them
#[utoipa::path(
    get, path = "/admin/v1/tenants/{tenant}/tokens", tag = "tokens",
    params(("tenant" = String, Path, description = "Its short name"), WindowParameters),
    responses((status = 200, body = List<TokenView>), (status = "default", body = Problem, content_type = "application/problem+json"))
)]
pub async fn list(request: AdminRequest<'_>, tenant: TenantId) -> AdminAnswer {
    let (window, store, now) = (request.window()?, &request.app.store, request.app.clock.now());
    let wrong = || AdminError::field("cursor", "is no nextCursor of this list; start without one");
    let after = window.after.as_deref().map(|text| text.parse::<CredentialId>().map_err(|_| wrong())).transpose()?;
    let tokens = store.tokens_page(tenant, after, window.reads()).await?;
    let uses: HashMap<CredentialId, CredentialUse> =
        store.credential_uses(tenant).await?.into_iter().map(|one| (one.credential, one)).collect();
    let views = tokens.into_iter().map(|token| {
        let used = uses.get(&token.id);
        TokenView::of(token, used, now)
    });
    page::<TokenView>(window.list(views.collect(), |view| CredentialId(view.id).to_string()))
}

/// One token
#[utoipa::path(
    get, path = "/admin/v1/tenants/{tenant}/tokens/{id}", tag = "tokens",
    params(("tenant" = String, Path, description = "Its short name"), ("id" = Uuid, Path)),
    responses((status = 200, body = TokenView), (status = "default", body = Problem, content_type = "application/problem+json"))
)]
pub async fn get(request: AdminRequest<'_>, tenant: TenantId, id: CredentialId) -> AdminAnswer {
    let (store, now) = (&request.app.store, request.app.clock.now());
    let found = store.credential(id).await?.filter(|found| found.tenant.id == tenant);
    let token = found.map(|found| found.credential).filter(|one| one.kind == CredentialKind::Token);
    let token = token.ok_or(TokenError::NotFound(id))?;
    let uses = store.credential_uses(tenant).await?;
    ok(&TokenView::of(token, uses.iter().find(|used| used.credential == id), now))
}

/// Makes a token; the answer is the one place where it is shown
#[utoipa::path(
    post, path = "/admin/v1/tenants/{tenant}/tokens", tag = "tokens", request_body = TokenCreation,
    params(("tenant" = String, Path, description = "Its short name")),
    responses((status = 201, body = TokenSecret), (status = "default", body = Problem, content_type = "application/problem+json"))
)]
pub async fn create(mut request: AdminRequest<'_>, tenant: &Tenant) -> AdminAnswer {
    let new = request.json::<TokenCreation>().await?.checked()?;
    let made = request.app.gateway.create_token(tenant.id, new, &request.caller.origin).await?;
    shown(&request, tenant, made)
}

/// Replaces a token: the new one is shown once, and the old one works until the overlap is over
#[utoipa::path(
    post, path = "/admin/v1/tenants/{tenant}/tokens/{id}/rotate", tag = "tokens", request_body = TokenRotation,
    params(("tenant" = String, Path, description = "Its short name"), ("id" = Uuid, Path)),
    responses((status = 201, body = TokenSecret), (status = "default", body = Problem, content_type = "application/problem+json"))
)]
pub async fn rotate(mut request: AdminRequest<'_>, tenant: &Tenant, id: CredentialId) -> AdminAnswer {
    let TokenRotation { overlap_hours, expires_at } = request.json().await?;
    let overlap = TimeDelta::hours(overlap_hours.unwrap_or(OVERLAP_HOURS).into());
    let (gateway, origin) = (&request.app.gateway, &request.caller.origin);
    let made = gateway.rotate_token(tenant.id, id, overlap, expires_at, origin).await?;
    shown(&request, tenant, made)
}

fn shown(request: &AdminRequest<'_>, tenant: &Tenant, (token, kept): (Token, Credential)) -> AdminAnswer {
    let location = format!("/admin/v1/tenants/{}/tokens/{}", tenant.slug, kept.id);
    let secret = token.reveal().expose_secret().to_owned();
    created(&location, &TokenSecret { secret, token: TokenView::of(kept, None, request.app.clock.now()) })
}

/// Revokes a token; every server refuses it within a second
#[utoipa::path(
    delete, path = "/admin/v1/tenants/{tenant}/tokens/{id}", tag = "tokens",
    params(("tenant" = String, Path, description = "Its short name"), ("id" = Uuid, Path)),
    responses((status = 204), (status = "default", body = Problem, content_type = "application/problem+json"))
)]
pub async fn revoke(request: AdminRequest<'_>, tenant: TenantId, id: CredentialId) -> AdminAnswer {
    request.app.gateway.revoke_token(tenant, id, &request.caller.origin).await?;
    no_content()
}
