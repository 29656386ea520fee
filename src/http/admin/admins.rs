//! `/admin/v1/admins`

use chrono::{DateTime, Utc};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::AdminAnswer;
use super::fields::Fields;
use super::problem::{AdminError, Problem};
use super::request::{AdminRequest, created, no_content, ok, page};
use crate::gateway::{AdminChangeError, AdminDraft, AdminEdit, NewLink};
use crate::http::list::{List, WindowParameters};
use crate::model::{Admin, AdminId, Reach};
use crate::scim::fold::fold;

/// An administrator.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AdminView {
    id: Uuid,
    /// What it signs in with
    email: String,
    /// Its name for people
    name: String,
    /// owner, admin or auditor
    role: &'static str,
    /// The id of the tenant that it administers; null for the whole instance
    #[schema(required = true)]
    tenant_id: Option<Uuid>,
    /// Whether it may sign in
    enabled: bool,
    /// Whether it has chosen a password
    has_password: bool,
    /// Whether it signs in with a second factor
    has_second_factor: bool,
    /// Until when it cannot sign in, after failed attempts
    #[schema(required = true)]
    locked_until: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    #[schema(required = true)]
    last_sign_in_at: Option<DateTime<Utc>>,
}

impl From<Admin> for AdminView {
    fn from(admin: Admin) -> Self {
        Self {
            id: admin.id.0,
            email: admin.email,
            name: admin.name,
            role: admin.role.as_str(),
            tenant_id: admin.reach.tenant().map(|tenant| tenant.0),
            enabled: admin.disabled_at.is_none(),
            has_password: admin.has_password,
            has_second_factor: admin.has_totp,
            locked_until: admin.locked_until,
            created_at: admin.created_at,
            last_sign_in_at: admin.last_sign_in_at,
        }
    }
}

/// A new administrator.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// What it signs in with
    email: String,
    /// Its name for people
    name: String,
    /// owner, admin or auditor
    role: String,
    /// The short name of the tenant that it administers; without it, the caller's own reach
    #[schema(required = false)]
    tenant: Option<String>,
}

/// What is to become of an administrator.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    #[schema(required = false)]
    name: Option<String>,
    /// owner, admin or auditor
    #[schema(required = false)]
    role: Option<String>,
    /// Whether it may sign in; who may not has no session any more at once
    #[schema(required = false)]
    enabled: Option<bool>,
}

/// A one-time link, shown once.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LinkView {
    link: String,
    expires_at: DateTime<Utc>,
}

impl LinkView {
    fn of(request: &AdminRequest<'_>, link: &NewLink) -> Self {
        let public_url = request.app.base_url.trim_end_matches("/scim/v2");
        Self { link: link.url(public_url).expose_secret().to_owned(), expires_at: link.expires_at }
    }
}

/// An administrator who was invited.
#[derive(Serialize, ToSchema)]
pub struct Invited {
    admin: AdminView,
    /// With which it chooses a password
    invitation: LinkView,
}

/// Hands a request to the handler of its path and method.
pub async fn route(request: AdminRequest<'_>, path: &[&str]) -> AdminAnswer {
    match (path, request.method()) {
        ([], "GET") => list(request).await,
        ([], "POST") => invite(request).await,
        ([], _) => Err(request.takes("GET, HEAD, POST")),
        ([id], "GET") => get(request, id).await,
        ([id], "PATCH") => change(request, id).await,
        ([id], "DELETE") => remove(request, id).await,
        ([_], _) => Err(request.takes("GET, HEAD, PATCH, DELETE")),
        ([id, "password-reset"], "POST") => reset_password(request, id).await,
        ([id, "totp"], "DELETE") => reset_totp(request, id).await,
        ([_, "password-reset"], _) => Err(request.takes("POST")),
        ([_, "totp"], _) => Err(request.takes("DELETE")),
        _ => Err(AdminError::NoRoute),
    }
}

fn id(text: &str) -> Result<AdminId, AdminError> {
    text.parse().map_err(|_| AdminError::NotFound { kind: "administrator", id: text.to_owned() })
}

/// The administrators within reach, by e-mail address
#[utoipa::path(
    get, path = "/admin/v1/admins", tag = "admins", params(WindowParameters),
    responses((status = 200, body = List<AdminView>), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn list(request: AdminRequest<'_>) -> AdminAnswer {
    let window = request.window()?;
    let admins = request.app.store.admins_page(request.caller.reach, window.after.as_deref(), window.reads()).await?;
    page::<AdminView>(window.list(admins, |admin| fold(&admin.email).into_owned()))
}

/// Invite an administrator
///
/// The link in the answer is shown once; with it the administrator chooses a password.
#[utoipa::path(
    post, path = "/admin/v1/admins", tag = "admins", request_body = Draft, security(("session" = [])),
    responses((status = 201, body = Invited), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn invite(mut request: AdminRequest<'_>) -> AdminAnswer {
    let body: Draft = request.json().await?;
    let mut fields = Fields::default();
    let email = fields.parse("email", &body.email);
    let name = fields.parse("name", &body.name);
    let role = fields.parse("role", &body.role);
    fields.check()?;
    let (Some(email), Some(name), Some(role)) = (email, name, role) else {
        return Err(AdminError::Invalid(Vec::new()));
    };
    let reach = match &body.tenant {
        Some(slug) => Reach::Tenant(request.tenant(slug).await?.id),
        None => request.caller.reach,
    };
    let draft = AdminDraft { email, name, role, reach };
    let (admin, link) = request.app.gateway.invite_admin(&request.caller, &draft).await?;
    let location = format!("/admin/v1/admins/{}", admin.id);
    created(&location, &Invited { admin: admin.into(), invitation: LinkView::of(&request, &link) })
}

/// One administrator
#[utoipa::path(
    get, path = "/admin/v1/admins/{id}", tag = "admins", params(("id" = Uuid, Path)),
    responses((status = 200, body = AdminView), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn get(request: AdminRequest<'_>, text: &str) -> AdminAnswer {
    let admin = request.app.gateway.admin_in_reach(&request.caller, id(text)?).await?;
    ok(&AdminView::from(admin))
}

/// Change an administrator
#[utoipa::path(
    patch, path = "/admin/v1/admins/{id}", tag = "admins", params(("id" = Uuid, Path)), request_body = Edit, security(("session" = [])),
    responses((status = 200, body = AdminView), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn change(mut request: AdminRequest<'_>, text: &str) -> AdminAnswer {
    let id = id(text)?;
    let body: Edit = request.json().await?;
    let mut fields = Fields::default();
    let edit = AdminEdit {
        name: fields.parse_any("name", body.name.as_deref()),
        role: fields.parse_any("role", body.role.as_deref()),
        enabled: body.enabled,
    };
    fields.check()?;
    let admin = request.app.gateway.change_admin(&request.caller, id, &edit).await?;
    ok(&AdminView::from(admin))
}

/// Remove an administrator; what it did stays in the log
#[utoipa::path(
    delete, path = "/admin/v1/admins/{id}", tag = "admins", params(("id" = Uuid, Path)), security(("session" = [])),
    responses((status = 204, description = "Gone"), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn remove(request: AdminRequest<'_>, text: &str) -> AdminAnswer {
    request.app.gateway.remove_admin(&request.caller, id(text)?).await?;
    no_content()
}

/// Make a link with which an administrator chooses a new password; the old one holds until then
#[utoipa::path(
    post, path = "/admin/v1/admins/{id}/password-reset", tag = "admins", params(("id" = Uuid, Path)), security(("session" = [])),
    responses((status = 200, body = LinkView), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn reset_password(request: AdminRequest<'_>, text: &str) -> AdminAnswer {
    let link = request.app.gateway.reset_password(&request.caller, id(text)?).await?;
    ok(&LinkView::of(&request, &link))
}

/// Take an administrator's second factor away; its sessions end
#[utoipa::path(
    delete, path = "/admin/v1/admins/{id}/totp", tag = "admins", params(("id" = Uuid, Path)), security(("session" = [])),
    responses((status = 200, body = AdminView), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn reset_totp(request: AdminRequest<'_>, text: &str) -> AdminAnswer {
    let admin = request.app.gateway.reset_totp(&request.caller, id(text)?).await?;
    ok(&AdminView::from(admin))
}

impl From<AdminChangeError> for AdminError {
    fn from(error: AdminChangeError) -> Self {
        let detail = error.to_string();
        match error {
            AdminChangeError::NotFound(id) => Self::NotFound { kind: "administrator", id },
            AdminChangeError::Forbidden(_) => Self::Forbidden(detail),
            AdminChangeError::EmailTaken => Self::Conflict { field: Some("email"), detail },
            AdminChangeError::LastOwner => Self::Conflict { field: None, detail },
            AdminChangeError::WeakPassword(detail) => Self::field("password", detail),
            AdminChangeError::WrongPassword => Self::field("presentPassword", detail),
            AdminChangeError::LinkGone => Self::Gone(detail),
            AdminChangeError::Store(error) => error.into(),
            AdminChangeError::Password(_) => Self::internal(error),
        }
    }
}
