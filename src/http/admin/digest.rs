//! `/admin/v1/tenants/{tenant}/digest`: the weekly mail that tells administrators what became of their users.

use actix_web::HttpResponse;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::AdminAnswer;
use super::problem::{AdminError, Problem};
use super::request::{AdminRequest, no_content, ok};
use crate::gateway::{DigestError, DigestPreview};
use crate::model::digest::{Digest, DigestSection, DigestSettings, hour, time_zone, weekday};
use crate::model::{AdminId, Tenant};
use crate::outbound::mail::digest_mail;

/// What a tenant wants of its digest
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DigestView {
    /// Whether it is sent
    enabled: bool,
    /// On which day
    #[schema(value_type = String, pattern = "^(monday|tuesday|wednesday|thursday|friday|saturday|sunday)$")]
    weekday: &'static str,
    /// At which hour of the tenant's clocks, 0 to 23
    hour: u8,
    /// The IANA name of the time zone
    time_zone: &'static str,
    /// Whether none is sent for a week in which nothing happened
    skip_empty: bool,
    /// Who gets it
    recipients: Vec<RecipientView>,
}

/// Somebody who gets the digest
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RecipientView {
    /// The administrator's id
    id: Uuid,
    /// The name
    name: String,
    /// The e-mail address
    email: String,
}

/// What is to become of a digest. What is left out stays as it is
#[derive(Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DigestPatch {
    /// Whether it is sent
    enabled: Option<bool>,
    /// monday to sunday
    weekday: Option<String>,
    /// 0 to 23
    hour: Option<i64>,
    /// The IANA name of a time zone, for example Europe/Berlin
    time_zone: Option<String>,
    /// Whether none is sent for a week in which nothing happened
    skip_empty: Option<bool>,
}

/// Whether an administrator wants digests
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WantedBody {
    /// Whether it does
    wanted: bool,
}

/// One kind of thing that happened to users
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SectionView {
    /// How many users it happened to
    count: u64,
    /// By whom: names, and how many changes each made
    by: Vec<(String, u64)>,
    /// Ids and names of the first of them
    #[schema(value_type = Vec<(Uuid, String)>)]
    users: Vec<(Uuid, String)>,
}

/// What the digest would be if it were sent now
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PreviewView {
    from: chrono::DateTime<chrono::Utc>,
    to: chrono::DateTime<chrono::Utc>,
    /// Users who were created
    added: SectionView,
    /// Users who were changed and not created in that time
    edited: SectionView,
    /// Users whose status changed to inactive
    deactivated: SectionView,
    /// Users who were removed
    removed: SectionView,
    /// Whether nothing happened
    is_empty: bool,
    /// The subject of the mail
    subject: String,
    /// The mail as plain text
    text: String,
    /// The mail as HTML
    html: String,
    /// The e-mail addresses that it would go to
    recipients: Vec<String>,
}

/// What was sent
#[derive(Debug, Serialize, ToSchema)]
pub struct DigestSentView {
    /// How many mails were queued
    mails: usize,
}

impl From<&DigestSection> for SectionView {
    fn from(section: &DigestSection) -> Self {
        let users = section.users.iter().map(|(id, name)| (id.0, name.clone())).collect();
        Self { count: section.count, by: section.by.clone(), users }
    }
}

impl From<DigestError> for AdminError {
    fn from(error: DigestError) -> Self {
        let detail = error.to_string();
        match error {
            DigestError::NoTenant | DigestError::NoAdmin => Self::Missing(detail),
            DigestError::NobodyWants => Self::Conflict { field: None, detail },
            DigestError::Store(error) => error.into(),
        }
    }
}

/// A day of the week as it is written.
fn day(settings: &DigestSettings) -> &'static str {
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
        .get(settings.weekday.num_days_from_monday() as usize)
        .copied()
        .unwrap_or_default()
}

/// Hands a request to the handler of its path and method.
pub async fn route(request: AdminRequest<'_>, tenant: &str, path: &[&str]) -> AdminAnswer {
    let tenant = request.tenant(tenant).await?;
    match (path, request.method()) {
        ([], "GET") => get(request, &tenant).await,
        ([], "PATCH") => patch(request, &tenant).await,
        ([], _) => Err(request.takes("GET, HEAD, PATCH")),
        (["preview"], "GET") => preview(request, &tenant).await,
        (["preview"], _) => Err(request.takes("GET, HEAD")),
        (["send"], "POST") => send(request, &tenant).await,
        (["send"], _) => Err(request.takes("POST")),
        (["recipients", id], "PUT") => want(request, &tenant, id).await,
        (["recipients", _], _) => Err(request.takes("PUT")),
        _ => Err(AdminError::NoRoute),
    }
}

/// What a tenant wants of its weekly digest, and who gets it
#[utoipa::path(
    get, path = "/admin/v1/tenants/{tenant}/digest", tag = "digest",
    params(("tenant" = String, Path, description = "Its short name")),
    responses((status = 200, body = DigestView), (status = "default", body = Problem, content_type = "application/problem+json"))
)]
pub async fn get(request: AdminRequest<'_>, tenant: &Tenant) -> AdminAnswer {
    let store = request.app.store.tenant(tenant.id);
    let settings = store.digest_tenant().await?.ok_or(DigestError::NoTenant)?.settings;
    let recipients = store.digest_recipients().await?;
    ok(&DigestView {
        enabled: settings.is_enabled,
        weekday: day(&settings),
        hour: settings.hour,
        time_zone: settings.time_zone.name(),
        skip_empty: settings.skips_empty,
        recipients: recipients.into_iter().map(|(id, name, email)| RecipientView { id: id.0, name, email }).collect(),
    })
}

/// Changes whether and when the digest is sent
#[utoipa::path(
    patch, path = "/admin/v1/tenants/{tenant}/digest", tag = "digest", request_body = DigestPatch,
    params(("tenant" = String, Path, description = "Its short name")),
    responses((status = 200, body = DigestView), (status = "default", body = Problem, content_type = "application/problem+json"))
)]
pub async fn patch(mut request: AdminRequest<'_>, tenant: &Tenant) -> AdminAnswer {
    let body: DigestPatch = request.json().await?;
    let found = request.app.store.tenant(tenant.id).digest_tenant().await?.ok_or(DigestError::NoTenant)?;
    let before = found.settings;
    let wrong = |name: &'static str| move |why: String| AdminError::field(name, why);
    let settings = DigestSettings {
        is_enabled: body.enabled.unwrap_or(before.is_enabled),
        weekday: body.weekday.map_or(Ok(before.weekday), |text| weekday(&text)).map_err(wrong("weekday"))?,
        hour: body.hour.map_or(Ok(before.hour), hour).map_err(wrong("hour"))?,
        time_zone: body.time_zone.map_or(Ok(before.time_zone), |text| time_zone(&text)).map_err(wrong("timeZone"))?,
        skips_empty: body.skip_empty.unwrap_or(before.skips_empty),
    };
    request.app.gateway.set_digest(tenant.id, settings, &request.caller.origin).await?;
    get(request, tenant).await
}

/// The digest of the last seven days as it would be mailed now: numbers, text and HTML
#[utoipa::path(
    get, path = "/admin/v1/tenants/{tenant}/digest/preview", tag = "digest",
    params(("tenant" = String, Path, description = "Its short name"),
        ("format" = Option<String>, Query, description = "`json`, `text` or `html`; `json` if absent")),
    responses((status = 200, content((PreviewView = "application/json"), (String = "text/plain"), (String = "text/html"))),
        (status = "default", body = Problem, content_type = "application/problem+json"))
)]
pub async fn preview(request: AdminRequest<'_>, tenant: &Tenant) -> AdminAnswer {
    let format = request.query().get("format")?.unwrap_or_default().into_owned();
    let DigestPreview { tenant: wanted, digest, letter, recipients } =
        request.app.gateway.preview_digest(tenant.id).await?;
    let settings = request.app.store.tenant(tenant.id).mail_settings().await?;
    let base = request.app.base_url.trim_end_matches("/scim/v2");
    let mail = digest_mail(letter, &wanted.name, &settings, base).map_err(AdminError::internal);
    let (subject, text, html) = mail?;
    match format.as_str() {
        "" | "json" => {}
        "text" => return Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(text)),
        "html" => {
            let policy = ("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; img-src https:");
            return Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").insert_header(policy).body(html));
        }
        _ => return Err(AdminError::field("format", "is neither json nor text nor html; choose one of them")),
    }
    let recipients = recipients.into_iter().map(|(_, email)| email).collect();
    let is_empty = digest.is_empty();
    let Digest { from, to, added, edited, deactivated, removed } = &digest;
    ok(&PreviewView {
        from: *from,
        to: *to,
        added: added.into(),
        edited: edited.into(),
        deactivated: deactivated.into(),
        removed: removed.into(),
        is_empty,
        subject,
        text,
        html,
        recipients,
    })
}

/// Mails the digest of the last seven days now; that of the week is sent all the same
#[utoipa::path(
    post, path = "/admin/v1/tenants/{tenant}/digest/send", tag = "digest",
    params(("tenant" = String, Path, description = "Its short name")),
    responses((status = 200, body = DigestSentView), (status = "default", body = Problem, content_type = "application/problem+json"))
)]
pub async fn send(request: AdminRequest<'_>, tenant: &Tenant) -> AdminAnswer {
    let mails = request.app.gateway.send_digest(tenant.id, &request.caller.origin).await?;
    ok(&DigestSentView { mails })
}

/// Sets whether an administrator gets the digest; those who reach the whole instance get it of tenants that have none of their own
#[utoipa::path(
    put, path = "/admin/v1/tenants/{tenant}/digest/recipients/{id}", tag = "digest", request_body = WantedBody,
    params(("tenant" = String, Path, description = "Its short name"), ("id" = Uuid, Path, description = "The administrator's id")),
    responses((status = 204), (status = "default", body = Problem, content_type = "application/problem+json"))
)]
pub async fn want(mut request: AdminRequest<'_>, tenant: &Tenant, id: &str) -> AdminAnswer {
    let WantedBody { wanted } = request.json().await?;
    let missing = || AdminError::NotFound { kind: "administrator", id: id.to_owned() };
    let admin: AdminId = id.parse().map_err(|_| missing())?;
    let found = request.app.store.find_admin(admin).await?.ok_or_else(missing)?;
    // Somebody of another tenant, and for those of one tenant somebody of the instance, is as if there were nobody.
    let is_reached = match found.reach.tenant() {
        Some(of) => of == tenant.id,
        None => request.caller.reach.tenant().is_none(),
    };
    if !is_reached {
        return Err(missing());
    }
    request.app.gateway.want_digest(admin, wanted, &request.caller.origin).await?;
    no_content()
}
