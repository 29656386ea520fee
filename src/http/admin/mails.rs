//! `/admin/v1/tenants/{tenant}/mails`, `mail-settings` and `bounces`: what is mailed, how it looks, and to whom it cannot be.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use super::AdminAnswer;
use super::fields::Fields;
use super::problem::{AdminError, Problem};
use super::request::{AdminRequest, no_content, ok, page};
use crate::auth::SealError;
use crate::gateway::MailRetryError;
use crate::http::list::{List, WindowParameters};
use crate::http::mail_view;
use crate::model::{BouncedAddress, ConnectionId, InvitationDays, MailId, MailSettings, MailState, QueuedMail, Tenant};
use crate::outbound::mail::MailError;
use crate::scim::fold::fold;

/// A mail.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MailView {
    id: Uuid,
    /// The address
    to: String,
    /// The name of its owner
    to_name: String,
    /// invitation, credential-expiry or letter
    kind: &'static str,
    /// en, de, fr or es
    language: &'static str,
    /// queued, sent, failed, bounced, or caught: there is no mail server, and it is only shown
    state: &'static str,
    /// How often it was tried
    attempts: i32,
    created_at: DateTime<Utc>,
    /// When it is tried next
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    next_attempt_at: Option<DateTime<Utc>>,
    /// When it was sent or caught
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    sent_at: Option<DateTime<Utc>>,
    /// What went wrong at last
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    error: Option<String>,
}

/// A mail as it is read.
#[derive(Debug, Serialize, ToSchema)]
pub struct MailContent {
    #[serde(flatten)]
    mail: MailView,
    /// What it is about
    subject: String,
    /// The text for those who read no HTML
    text: String,
    /// The same as HTML
    html: String,
}

/// What a tenant's mails look like.
#[derive(Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct MailSettingsView {
    /// Whom mails name as their sender; the tenant's name if it is absent
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    name: Option<String>,
    /// A picture at the head of each mail: an https URL
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    logo_url: Option<String>,
    /// en, de, fr or es
    #[schema(required = false)]
    language: Option<String>,
    /// Where people sign in once they have set a password: an https URL
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    sign_in_url: Option<String>,
    /// Where the people of an identity provider sign in: https URLs by the ids of connections
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(required = false)]
    identity_provider_urls: BTreeMap<String, String>,
    /// For how many days invitations are open, 1 to 90
    #[schema(required = false, minimum = 1, maximum = 90)]
    invitation_days: Option<u16>,
}

/// An address that mails bounced from.
#[derive(Debug, Serialize, ToSchema)]
pub struct BounceView {
    address: String,
    /// When, the last time
    at: DateTime<Utc>,
    /// What the mail server said
    error: String,
}

/// Which mails are asked for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes what list reads")]
pub struct MailParameters {
    /// Only those in this state
    state: Option<String>,
}

impl From<QueuedMail> for MailView {
    fn from(mail: QueuedMail) -> Self {
        Self {
            id: mail.id.0,
            next_attempt_at: (mail.state == MailState::Queued).then_some(mail.next_attempt_at),
            to: mail.to,
            to_name: mail.to_name,
            kind: mail.kind.as_str(),
            language: mail.language.as_str(),
            state: mail.state.as_str(),
            attempts: mail.attempts,
            created_at: mail.created_at,
            sent_at: mail.sent_at,
            error: mail.error,
        }
    }
}

impl From<MailSettings> for MailSettingsView {
    fn from(settings: MailSettings) -> Self {
        let urls = settings.identity_provider_urls.into_iter();
        Self {
            name: settings.name.map(Into::into),
            logo_url: settings.logo_url.map(Into::into),
            language: Some(settings.language.as_str().to_owned()),
            sign_in_url: settings.sign_in_url.map(Into::into),
            identity_provider_urls: urls.map(|(id, url)| (id.to_string(), url.into())).collect(),
            invitation_days: Some(settings.invitation_days.into()),
        }
    }
}

impl From<MailRetryError> for AdminError {
    fn from(error: MailRetryError) -> Self {
        match error {
            MailRetryError::NotFound(id) => Self::NotFound { kind: "mail", id: id.to_string() },
            MailRetryError::NotGivenUp(_) => Self::Conflict { field: None, detail: error.to_string() },
            MailRetryError::Invitation(error) => error.into(),
            MailRetryError::Store(error) => error.into(),
        }
    }
}

impl From<BouncedAddress> for BounceView {
    fn from(bounced: BouncedAddress) -> Self {
        let BouncedAddress { address, at, error } = bounced;
        Self { address, at, error }
    }
}

/// Hands a request below `mails` to its handler.
pub(super) async fn route(request: AdminRequest<'_>, slug: &str, path: &[&str]) -> AdminAnswer {
    match (path, request.method()) {
        ([], "GET") => list(request, slug).await,
        ([id], "GET") => get(request, slug, id).await,
        ([] | [_], _) => Err(request.takes("GET, HEAD")),
        ([id, "retry"], "POST") => retry(request, slug, id).await,
        ([_, "retry"], _) => Err(request.takes("POST")),
        _ => Err(AdminError::NoRoute),
    }
}

/// Hands a request of `mail-settings` to its handler.
pub(super) async fn route_settings(request: AdminRequest<'_>, slug: &str) -> AdminAnswer {
    match request.method() {
        "GET" => settings(request, slug).await,
        "PUT" => set_settings(request, slug).await,
        _ => Err(request.takes("GET, HEAD, PUT")),
    }
}

/// Hands a request below `bounces` to its handler.
pub(super) async fn route_bounces(request: AdminRequest<'_>, slug: &str, path: &[&str]) -> AdminAnswer {
    match (path, request.method()) {
        ([], "GET") => bounces(request, slug).await,
        ([], _) => Err(request.takes("GET, HEAD")),
        ([address], "DELETE") => clear_bounce(request, slug, address).await,
        ([_], _) => Err(request.takes("DELETE")),
        _ => Err(AdminError::NoRoute),
    }
}

/// A tenant's mails, the newest first
#[utoipa::path(
    get, path = "/admin/v1/tenants/{tenant}/mails", tag = "mails",
    params(("tenant" = String, Path, description = "Its short name"), MailParameters, WindowParameters),
    responses((status = 200, body = List<MailView>), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn list(request: AdminRequest<'_>, slug: &str) -> AdminAnswer {
    let tenant = request.tenant(slug).await?;
    let (window, state) = (request.window()?, request.query().get("state")?);
    let wrong = |why: String| AdminError::field("state", why);
    let state = state.map(|text| text.parse::<MailState>().map_err(wrong)).transpose()?;
    let no_cursor = || AdminError::field("cursor", "is no nextCursor of this list; start without one");
    let before = window.after.as_deref().map(|text| text.parse::<MailId>().map_err(|_| no_cursor())).transpose()?;
    let mails = request.app.store.tenant(tenant.id).mails(before, state, window.reads()).await?;
    page::<MailView>(window.list(mails, |mail| mail.id.to_string()))
}

/// One mail as it is read
///
/// The link of an invitation is only in a mail that was caught, and only for those who may change something.
#[utoipa::path(
    get, path = "/admin/v1/tenants/{tenant}/mails/{mail}", tag = "mails",
    params(("tenant" = String, Path, description = "Its short name"), ("mail" = Uuid, Path)),
    responses((status = 200, body = MailContent), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn get(request: AdminRequest<'_>, slug: &str, id: &str) -> AdminAnswer {
    let tenant = request.tenant(slug).await?;
    let unknown = || AdminError::NotFound { kind: "mail", id: id.to_owned() };
    let wanted: MailId = id.parse().map_err(|_| unknown())?;
    let store = request.app.store.tenant(tenant.id);
    let mut mail = store.mail(wanted).await?.ok_or_else(unknown)?;
    let unread = |error: SealError| AdminError::Conflict { field: None, detail: MailError::from(error).to_string() };
    mail_view::show_secret(&mut mail, request.caller.may_write(), request.app.sealer.as_deref()).map_err(unread)?;
    ok(&content(mail, &tenant, &store.mail_settings().await?, request.app.public_url())?)
}

fn content(
    mail: QueuedMail,
    tenant: &Tenant,
    settings: &MailSettings,
    public_url: &str,
) -> Result<MailContent, AdminError> {
    let composed = mail_view::read(&mail, tenant, settings, public_url);
    let composed =
        composed.map_err(|error: MailError| AdminError::Conflict { field: None, detail: error.to_string() })?;
    let (subject, text, html) = (composed.subject.as_str().to_owned(), composed.text, composed.html);
    Ok(MailContent { mail: mail.into(), subject, text, html })
}

/// Send a mail again that failed or bounced
///
/// Its address may be mailed again from then on. An invitation is sent anew, with a new link, as a mail of its own.
#[utoipa::path(
    post, path = "/admin/v1/tenants/{tenant}/mails/{mail}/retry", tag = "mails",
    params(("tenant" = String, Path, description = "Its short name"), ("mail" = Uuid, Path)),
    responses((status = 204), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn retry(request: AdminRequest<'_>, slug: &str, id: &str) -> AdminAnswer {
    let tenant = request.tenant(slug).await?;
    let wanted = id.parse().map_err(|_| AdminError::NotFound { kind: "mail", id: id.to_owned() })?;
    request.app.gateway.retry_mail(&tenant, wanted, &request.caller.origin).await?;
    no_content()
}

/// What a tenant's mails look like
#[utoipa::path(
    get, path = "/admin/v1/tenants/{tenant}/mail-settings", tag = "mails",
    params(("tenant" = String, Path, description = "Its short name")),
    responses((status = 200, body = MailSettingsView), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn settings(request: AdminRequest<'_>, slug: &str) -> AdminAnswer {
    let tenant = request.tenant(slug).await?;
    ok(&MailSettingsView::from(request.app.store.tenant(tenant.id).mail_settings().await?))
}

/// Choose what a tenant's mails look like; what is left out is as it is for everybody
#[utoipa::path(
    put, path = "/admin/v1/tenants/{tenant}/mail-settings", tag = "mails", request_body = MailSettingsView,
    params(("tenant" = String, Path, description = "Its short name")),
    responses((status = 200, body = MailSettingsView), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn set_settings(mut request: AdminRequest<'_>, slug: &str) -> AdminAnswer {
    let tenant = request.tenant(slug).await?;
    let body: MailSettingsView = request.json().await?;
    let mut fields = Fields::default();
    let mut identity_provider_urls = BTreeMap::new();
    for (id, url) in &body.identity_provider_urls {
        let field = format!("identityProviderUrls.{id}");
        let (id, url) = (fields.parse::<ConnectionId>(&field, id), fields.parse(&field, url));
        identity_provider_urls.extend(id.zip(url));
    }
    let days = body.invitation_days.map(InvitationDays::try_from).transpose();
    let days = days.map_err(|why| fields.note("invitationDays", why)).ok().flatten();
    let settings = MailSettings {
        name: fields.parse_any("name", body.name.as_deref()),
        logo_url: fields.parse_any("logoUrl", body.logo_url.as_deref()),
        language: fields.parse_any("language", body.language.as_deref()).unwrap_or_default(),
        sign_in_url: fields.parse_any("signInUrl", body.sign_in_url.as_deref()),
        identity_provider_urls,
        invitation_days: days.unwrap_or_default(),
    };
    fields.check()?;
    if !request.app.gateway.set_mail_settings(&tenant, &settings, &request.caller.origin).await? {
        return Err(AdminError::NotFound { kind: "tenant", id: slug.to_owned() });
    }
    ok(&MailSettingsView::from(settings))
}

/// The addresses that mails bounced from; they are not mailed again until they are cleared
#[utoipa::path(
    get, path = "/admin/v1/tenants/{tenant}/bounces", tag = "mails",
    params(("tenant" = String, Path, description = "Its short name"), WindowParameters),
    responses((status = 200, body = List<BounceView>), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn bounces(request: AdminRequest<'_>, slug: &str) -> AdminAnswer {
    let tenant = request.tenant(slug).await?;
    let window = request.window()?;
    let after = window.after.as_deref().unwrap_or_default();
    let bounced = request.app.store.tenant(tenant.id).bounced_addresses(after, window.reads()).await?;
    page::<BounceView>(window.list(bounced, |bounced| fold(&bounced.address).into_owned()))
}

/// Let an address be mailed again
#[utoipa::path(
    delete, path = "/admin/v1/tenants/{tenant}/bounces/{address}", tag = "mails",
    params(("tenant" = String, Path, description = "Its short name"), ("address" = String, Path)),
    responses((status = 204), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn clear_bounce(request: AdminRequest<'_>, slug: &str, address: &str) -> AdminAnswer {
    let tenant = request.tenant(slug).await?;
    if !request.app.gateway.clear_bounced(&tenant, address, &request.caller.origin).await? {
        return Err(AdminError::NotFound { kind: "bounced address", id: address.to_owned() });
    }
    no_content()
}
