//! `/admin/v1/tenants/{tenant}/issuers`

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::AdminAnswer;
use super::connections::field;
use super::problem::{AdminError, FieldError, Problem};
use super::request::{AdminRequest, created, no_content, ok, page};
use crate::auth::ClientId;
use crate::gateway::{IssuerChange, IssuersError, NewIssuer};
use crate::http::list::{List, WindowParameters};
use crate::model::{
    AllowedAddresses, ConnectionId, CredentialId, Issuer, Tenant, TenantId, Trust, TrustInput, TrustProblems,
};

/// An issuer whose tokens are trusted.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IssuerView {
    id: Uuid,
    /// What a workload calls itself at the token endpoint, if it trades its token for an access token
    client_id: String,
    /// Its name for people
    name: String,
    /// The connection it belongs to
    connection: Option<Uuid>,
    scopes: Vec<&'static str>,
    /// From where its tokens may be used; from everywhere if there are none
    allowed_addresses: Vec<String>,
    /// How heavy a role may be that it gives to users; null for any
    max_role_weight: Option<i64>,
    /// Whether its tokens are taken
    enabled: bool,
    trust: TrustView,
    created_at: DateTime<Utc>,
    /// When it is trusted no longer
    expires_at: Option<DateTime<Utc>>,
    /// When it was changed last
    modified_at: DateTime<Utc>,
}

/// What its tokens have to be and to say
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TrustView {
    /// The claim iss
    issuer: String,
    /// One of these is in the claim aud
    audiences: Vec<String>,
    /// The claim that names the subject
    subject_claim: &'static str,
    subject: String,
    /// The claim tid of Entra: the organisation
    tid: Option<String>,
    /// Further claims and the text that each has to have
    claims: BTreeMap<String, String>,
    /// Where the issuer's keys are
    jwks_url: String,
    /// The algorithms that tokens may be signed with; every one that fits the key if there are none
    algorithms: Vec<&'static str>,
    /// Whether a client assertion that has a jti may be used several times
    reusable: bool,
}

/// What tokens have to be and to say
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TrustChange {
    /// The claim iss: an https URL, to the last slash
    issuer: String,
    /// 1 to 10 values of the claim aud, one of which a token has to have
    audiences: Vec<String>,
    /// sub, oid, appid or azp; sub if that is left out
    subject_claim: Option<String>,
    subject: String,
    /// The claim tid of Entra: the organisation
    tid: Option<String>,
    /// Further claims and the text that each has to have
    #[serde(default)]
    claims: BTreeMap<String, String>,
    /// Where the issuer's keys are: an https URL
    jwks_url: String,
    /// For example RS256; every one that fits the key if there are none
    #[serde(default)]
    algorithms: Vec<String>,
    /// Whether a client assertion that has a jti may be used several times
    #[serde(default)]
    reusable: bool,
}

/// An issuer to be trusted.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IssuerCreation {
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
    /// When it is to be trusted no longer
    expires_at: Option<DateTime<Utc>>,
    trust: TrustChange,
}

/// What is to become of an issuer. What is left out stays as it is; null takes the end or the limit of roles away.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IssuerPatch {
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
    /// Whether its tokens are taken; a disabled one keeps all else
    #[schema(nullable = false)]
    enabled: Option<bool>,
    /// When it is to be trusted no longer
    #[serde(default, deserialize_with = "named")]
    #[schema(value_type = Option<DateTime<Utc>>)]
    expires_at: Option<Option<DateTime<Utc>>>,
    /// All that its tokens have to be and to say
    #[schema(nullable = false)]
    trust: Option<TrustChange>,
}

/// A field that is there, be it null.
pub fn named<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

impl From<Issuer> for IssuerView {
    fn from(Issuer { credential, trusted }: Issuer) -> Self {
        Self {
            id: credential.id.0,
            client_id: ClientId(credential.id).to_string(),
            connection: credential.connection.map(|connection| connection.0),
            scopes: credential.scopes.names(),
            allowed_addresses: credential.allowed_addresses.names(),
            max_role_weight: credential.max_role_weight,
            enabled: credential.disabled_at.is_none(),
            name: credential.label,
            trust: trusted.trust.into(),
            created_at: credential.created_at,
            expires_at: credential.expires_at,
            modified_at: trusted.modified_at,
        }
    }
}

impl From<Trust> for TrustView {
    fn from(trust: Trust) -> Self {
        Self {
            issuer: trust.issuer.to_string(),
            audiences: trust.audiences,
            subject_claim: trust.subject_claim.as_str(),
            subject: trust.subject,
            tid: trust.tid,
            claims: trust.claims,
            jwks_url: trust.jwks_url.to_string(),
            algorithms: trust.algorithms.into_iter().map(|algorithm| algorithm.as_str()).collect(),
            reusable: !trust.single_use,
        }
    }
}

impl TrustChange {
    /// What was said, if it can be; `path` is where it stands in the body.
    fn checked(self, request: &AdminRequest<'_>, path: &str) -> Result<Trust, AdminError> {
        let input = TrustInput {
            issuer: self.issuer,
            audiences: self.audiences,
            subject_claim: self.subject_claim,
            subject: self.subject,
            tid: self.tid,
            claims: self.claims,
            jwks_url: self.jwks_url,
            algorithms: self.algorithms,
            reusable: self.reusable,
        };
        input.check(request.app.config.outbound.private.plain_http()).map_err(|TrustProblems(problems)| {
            let told = problems
                .into_iter()
                .map(|problem| FieldError { field: format!("{path}{}", problem.field), detail: problem.why });
            AdminError::Invalid(told.collect())
        })
    }
}

impl IssuerCreation {
    fn checked(self, request: &AdminRequest<'_>) -> Result<NewIssuer, AdminError> {
        Ok(NewIssuer {
            name: field("name", &self.name)?,
            connection: ConnectionId(self.connection),
            scopes: field("scopes", &self.scopes.join(","))?,
            allowed_addresses: addresses(&self.allowed_addresses)?,
            max_role_weight: self.max_role_weight,
            expires_at: self.expires_at,
            trust: self.trust.checked(request, "trust.")?,
        })
    }
}

impl IssuerPatch {
    fn checked(self, request: &AdminRequest<'_>) -> Result<IssuerChange, AdminError> {
        Ok(IssuerChange {
            name: self.name.as_deref().map(|text| field("name", text)).transpose()?,
            scopes: self.scopes.map(|names| field("scopes", &names.join(","))).transpose()?,
            allowed_addresses: self.allowed_addresses.as_deref().map(addresses).transpose()?,
            max_role_weight: self.max_role_weight,
            enabled: self.enabled,
            expires_at: self.expires_at,
            trust: self.trust.map(|trust| trust.checked(request, "trust.")).transpose()?,
        })
    }
}

/// Networks from which alone a credential may be used.
pub fn addresses(networks: &[String]) -> Result<AllowedAddresses, AdminError> {
    let addresses = AllowedAddresses::parse(networks.iter().map(String::as_str));
    addresses.map_err(|why| AdminError::field("allowedAddresses", why))
}

impl From<IssuersError> for AdminError {
    fn from(error: IssuersError) -> Self {
        let detail = error.to_string();
        match error {
            IssuersError::NotFound(id) => Self::NotFound { kind: "trusted issuer", id: id.to_string() },
            IssuersError::NoConnection(_) => Self::field("connection", detail),
            IssuersError::NoScope | IssuersError::LimitedAdministers => Self::field("scopes", detail),
            IssuersError::EndsInThePast => Self::field("expiresAt", detail),
            IssuersError::IdentityTaken => Self::Conflict { field: None, detail },
            IssuersError::Store(error) => error.into(),
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
        ([issuer], "GET") => get(request, tenant.id, id(issuer)?).await,
        ([issuer, "trust"], "PUT") => change(request, tenant.id, id(issuer)?).await,
        ([issuer], "PATCH") => patch(request, tenant.id, id(issuer)?).await,
        ([issuer], "DELETE") => remove(request, tenant.id, id(issuer)?).await,
        ([_], _) => Err(request.takes("GET, HEAD, PATCH, DELETE")),
        ([_, "trust"], _) => Err(request.takes("PUT")),
        _ => Err(AdminError::NoRoute),
    }
}

/// Issuers are named by either of their two ids.
fn id(text: &str) -> Result<CredentialId, AdminError> {
    let client = text.parse().map(|ClientId(id)| id).ok();
    let unknown = || AdminError::NotFound { kind: "trusted issuer", id: text.to_owned() };
    client.or_else(|| text.parse().ok()).ok_or_else(unknown)
}

/// The issuers that a tenant trusts, the oldest first
#[utoipa::path(
    get, path = "/admin/v1/tenants/{tenant}/issuers", tag = "issuers",
    params(("tenant" = String, Path, description = "Its short name"), WindowParameters),
    responses((status = 200, body = List<IssuerView>), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn list(request: AdminRequest<'_>, tenant: TenantId) -> AdminAnswer {
    let window = request.window()?;
    let wrong = || AdminError::field("cursor", "is no nextCursor of this list; start without one");
    let after = window.after.as_deref().map(|text| text.parse::<CredentialId>().map_err(|_| wrong())).transpose()?;
    let issuers = request.app.store.issuers(tenant, after, window.reads()).await?;
    page::<IssuerView>(window.list(issuers, |issuer| issuer.credential.id.to_string()))
}

/// One trusted issuer
#[utoipa::path(
    get, path = "/admin/v1/tenants/{tenant}/issuers/{id}", tag = "issuers",
    params(("tenant" = String, Path, description = "Its short name"), ("id" = String, Path, description = "Its id or clientId")),
    responses((status = 200, body = IssuerView), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn get(request: AdminRequest<'_>, tenant: TenantId, id: CredentialId) -> AdminAnswer {
    let issuer = request.app.store.issuer(tenant, id).await?;
    ok(&IssuerView::from(issuer.ok_or(IssuersError::NotFound(id))?))
}

/// Trusts an issuer. 409 if tokens that it would accept act as another credential already, of whatever tenant
#[utoipa::path(
    post, path = "/admin/v1/tenants/{tenant}/issuers", tag = "issuers", request_body = IssuerCreation,
    params(("tenant" = String, Path, description = "Its short name")),
    responses((status = 201, body = IssuerView), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn create(mut request: AdminRequest<'_>, tenant: &Tenant) -> AdminAnswer {
    let new = request.json::<IssuerCreation>().await?.checked(&request)?;
    let issuer = request.app.gateway.create_issuer(tenant.id, new, &request.caller.origin).await?;
    let location = format!("/admin/v1/tenants/{}/issuers/{}", tenant.slug, issuer.credential.id);
    created(&location, &IssuerView::from(issuer))
}

/// Changes what the tokens of an issuer have to say; every server goes by it within a second
#[utoipa::path(
    put, path = "/admin/v1/tenants/{tenant}/issuers/{id}/trust", tag = "issuers", request_body = TrustChange,
    params(("tenant" = String, Path, description = "Its short name"), ("id" = String, Path, description = "Its id or clientId")),
    responses((status = 200, body = IssuerView), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn change(mut request: AdminRequest<'_>, tenant: TenantId, id: CredentialId) -> AdminAnswer {
    let trust = request.json::<TrustChange>().await?.checked(&request, "")?;
    let change = IssuerChange { trust: Some(trust), ..IssuerChange::default() };
    let issuer = request.app.gateway.change_issuer(tenant, id, &change, &request.caller.origin).await?;
    ok(&IssuerView::from(issuer))
}

/// Changes an issuer: its name, what its tokens may do and from where, whether they are taken, its end, and what they have to say; every server goes by it
/// within a second
#[utoipa::path(
    patch, path = "/admin/v1/tenants/{tenant}/issuers/{id}", tag = "issuers", request_body = IssuerPatch,
    params(("tenant" = String, Path, description = "Its short name"), ("id" = String, Path, description = "Its id or clientId")),
    responses((status = 200, body = IssuerView), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn patch(mut request: AdminRequest<'_>, tenant: TenantId, id: CredentialId) -> AdminAnswer {
    let change = request.json::<IssuerPatch>().await?.checked(&request)?;
    let issuer = request.app.gateway.change_issuer(tenant, id, &change, &request.caller.origin).await?;
    ok(&IssuerView::from(issuer))
}

/// Trusts an issuer no longer; every server refuses its tokens within a second
#[utoipa::path(
    delete, path = "/admin/v1/tenants/{tenant}/issuers/{id}", tag = "issuers",
    params(("tenant" = String, Path, description = "Its short name"), ("id" = String, Path, description = "Its id or clientId")),
    responses((status = 204, description = "Removed"), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn remove(request: AdminRequest<'_>, tenant: TenantId, id: CredentialId) -> AdminAnswer {
    request.app.gateway.remove_issuer(tenant, id, &request.caller.origin).await?;
    no_content()
}
