//! `/admin/v1/tenants`: the tenants, and the way to what belongs to one.

use chrono::{DateTime, TimeDelta, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use super::fields::Fields;
use super::problem::{AdminError, Problem};
use super::request::{AdminRequest, created, ok, page};
use super::{AdminAnswer, resource_types, schemas, statistics};
use crate::gateway::{DEFAULT_GRACE, ProvisioningError, TenantError};
use crate::http::list::{List, WindowParameters};
use crate::model::{AdminRole, Label, Profile, Provisioning, Reach, Tenant, TenantSlug, TenantState};
use crate::scim::dialect::Dialect;

/// The longest time for which a deleted tenant can be kept.
const MAX_GRACE_DAYS: i64 = 365;

/// A tenant.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TenantView {
    id: Uuid,
    /// Its short name, by which paths name it
    slug: String,
    /// Its name for people
    name: String,
    /// The profile it began with: rfc, entra, okta or strict
    profile: &'static str,
    /// Its behaviour switches
    #[schema(value_type = Object)]
    dialect: Value,
    /// What it chose for systems of record that do not speak SCIM: enabled, credentials, uniqueEmail, suppressInvitationEmail
    #[schema(value_type = Object)]
    provisioning: Value,
    /// active, suspended or deleted; the credentials of the last two are refused
    state: &'static str,
    /// Since when it is suspended or deleted
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    since: Option<DateTime<Utc>>,
    /// When the data of a deleted tenant goes; until then it can be restored
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    purge_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}

impl From<Tenant> for TenantView {
    fn from(tenant: Tenant) -> Self {
        let (since, purge_at) = match tenant.state {
            TenantState::Active => (None, None),
            TenantState::Suspended { since } => (Some(since), None),
            TenantState::Deleted { since, purge_at } => (Some(since), Some(purge_at)),
        };
        Self {
            id: tenant.id.0,
            slug: tenant.slug.to_string(),
            name: tenant.name,
            profile: tenant.profile.as_str(),
            dialect: json!(tenant.dialect),
            provisioning: json!(tenant.provisioning),
            state: tenant.state.as_str(),
            since,
            purge_at,
            created_at: tenant.created_at,
        }
    }
}

/// A new tenant.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// 1 to 63 of a-z, 0-9 and '-', beginning and ending with a letter or digit
    #[schema(pattern = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
    slug: String,
    /// Its name for people; without it, the short name
    #[schema(required = false)]
    name: Option<String>,
    /// rfc, entra, okta or strict
    #[schema(required = false)]
    profile: Option<String>,
}

/// What is to become of a tenant; what is left out stays as it is.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// Its name for people
    #[schema(required = false)]
    name: Option<String>,
    /// Start over from a profile: rfc, entra, okta or strict
    #[schema(required = false)]
    profile: Option<String>,
    /// Single switches, on top of the profile
    #[schema(required = false, value_type = Option<Object>)]
    dialect: Option<Map<String, Value>>,
    /// Single choices for systems of record: enabled (true, false), credentials (none, return-once, invite), uniqueEmail (true,
    /// false), suppressInvitationEmail (true, false)
    #[schema(required = false, value_type = Option<Object>)]
    provisioning: Option<Map<String, Value>>,
}

/// How a tenant is deleted.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes what delete reads")]
pub struct Grace {
    /// For how many days it can be restored
    #[param(minimum = 0, maximum = 365, default = 30)]
    grace_days: Option<u16>,
}

/// Hands a request to the handler of its path and method.
pub async fn route(request: AdminRequest<'_>, path: &[&str]) -> AdminAnswer {
    match (path, request.method()) {
        ([], "GET") => list(request).await,
        ([], "POST") => create(request).await,
        ([], _) => Err(request.takes("GET, HEAD, POST")),
        ([slug], "GET") => get(request, slug).await,
        ([slug], "PATCH") => change(request, slug).await,
        ([slug], "DELETE") => delete(request, slug).await,
        ([_], _) => Err(request.takes("GET, HEAD, PATCH, DELETE")),
        ([slug, "suspend"], "POST") => suspend(request, slug).await,
        ([slug, "resume"], "POST") => resume(request, slug).await,
        ([slug, "restore"], "POST") => restore(request, slug).await,
        ([_, "suspend" | "resume" | "restore"], _) => Err(request.takes("POST")),
        ([slug, "statistics"], "GET") => statistics::get(request, slug).await,
        ([_, "statistics"], _) => Err(request.takes("GET, HEAD")),
        ([slug, "schemas", path @ ..], _) => schemas::route(request, slug, path).await,
        ([slug, "resource-types", path @ ..], _) => resource_types::route(request, slug, path).await,
        _ => Err(AdminError::NoRoute),
    }
}

/// Holds that the caller may decide over whole tenants.
fn of_instance(request: &AdminRequest<'_>, least: AdminRole) -> Result<(), AdminError> {
    if request.caller.reach != Reach::Instance {
        return Err(AdminError::Forbidden("tenants are made and ended by administrators of the whole instance".into()));
    }
    if request.caller.role < least {
        return Err(AdminError::Forbidden("tenants are deleted and restored by owners".into()));
    }
    Ok(())
}

fn slug(text: &str) -> Result<TenantSlug, AdminError> {
    text.parse().map_err(|_| AdminError::NotFound { kind: "tenant", id: text.to_owned() })
}

/// The tenants that the caller reaches, by their short names
#[utoipa::path(
    get, path = "/admin/v1/tenants", tag = "tenants", params(WindowParameters),
    responses((status = 200, body = List<TenantView>), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn list(request: AdminRequest<'_>) -> AdminAnswer {
    let window = request.window()?;
    let tenants = request.app.store.tenants_page(request.caller.reach, window.after.as_deref(), window.reads()).await?;
    page::<TenantView>(window.list(tenants, |tenant| tenant.slug.to_string()))
}

/// One tenant
#[utoipa::path(
    get, path = "/admin/v1/tenants/{tenant}", tag = "tenants", params(("tenant" = String, Path, description = "Its short name")),
    responses((status = 200, body = TenantView), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn get(request: AdminRequest<'_>, slug: &str) -> AdminAnswer {
    ok(&TenantView::from(request.tenant(slug).await?))
}

/// Create a tenant
#[utoipa::path(
    post, path = "/admin/v1/tenants", tag = "tenants", request_body = Draft,
    responses((status = 201, body = TenantView), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn create(mut request: AdminRequest<'_>) -> AdminAnswer {
    of_instance(&request, AdminRole::Admin)?;
    let body: Draft = request.json().await?;
    let mut fields = Fields::default();
    let slug: Option<TenantSlug> = fields.parse("slug", &body.slug);
    let name: Option<Label> = fields.parse_any("name", body.name.as_deref());
    let profile: Option<Profile> = fields.parse_any("profile", body.profile.as_deref());
    fields.check()?;
    let slug = slug.ok_or_else(|| AdminError::field("slug", "is missing"))?;
    let (name, profile) = (name.map(|name| name.to_string()), profile.unwrap_or(Profile::Rfc));
    let tenant = request.app.gateway.create_tenant(slug, name, profile, &request.caller.origin).await?;
    created(&format!("/admin/v1/tenants/{}", tenant.slug), &TenantView::from(tenant))
}

/// Change a tenant's name, profile and switches; takes effect within a second
#[utoipa::path(
    patch, path = "/admin/v1/tenants/{tenant}", tag = "tenants", request_body = Edit,
    params(("tenant" = String, Path, description = "Its short name")),
    responses((status = 200, body = TenantView), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn change(mut request: AdminRequest<'_>, slug: &str) -> AdminAnswer {
    let tenant = request.tenant(slug).await?;
    let body: Edit = request.json().await?;
    let mut fields = Fields::default();
    let name: Option<Label> = fields.parse_any("name", body.name.as_deref());
    let profile: Option<Profile> = fields.parse_any("profile", body.profile.as_deref());
    let switches = body.dialect.unwrap_or_default();
    let choices = body.provisioning.unwrap_or_default();
    check_switches::<Dialect>("dialect", &switches, &mut fields);
    check_switches::<Provisioning>("provisioning", &choices, &mut fields);
    fields.check()?;
    let edit = |tenant: &mut Tenant| {
        if let Some(name) = &name {
            tenant.name = name.to_string();
        }
        if let Some(profile) = profile {
            tenant.take_profile(profile);
        }
        if let Some(dialect) = with(&tenant.dialect, &switches) {
            tenant.dialect = dialect;
        }
    };
    let (gateway, origin) = (&request.app.gateway, &request.caller.origin);
    let mut changed = gateway.change_tenant(&tenant.slug, origin, edit).await?;
    if !choices.is_empty() {
        let edit = |provisioning: &mut Provisioning| {
            if let Some(chosen) = with(provisioning, &choices) {
                *provisioning = chosen;
            }
        };
        changed = gateway.change_provisioning(&tenant.slug, origin, edit).await?;
    }
    ok(&TenantView::from(changed))
}

/// Notes every switch of a group that is not there or has no such value.
fn check_switches<T: Default + Serialize + DeserializeOwned>(
    group: &str,
    switches: &Map<String, Value>,
    fields: &mut Fields,
) {
    for (switch, value) in switches {
        if with(&T::default(), &Map::from_iter([(switch.clone(), value.clone())])).is_none() {
            fields.note(&format!("{group}.{switch}"), told_of_switch::<T>(switch));
        }
    }
}

/// A group of switches with some of them set; `None` if one is not there or has no such value.
fn with<T: Serialize + DeserializeOwned>(switches_now: &T, switches: &Map<String, Value>) -> Option<T> {
    let mut all = json!(switches_now);
    for (switch, value) in switches {
        *all.get_mut(switch)? = value.clone();
    }
    serde_json::from_value(all).ok()
}

fn told_of_switch<T: Default + Serialize>(switch: &str) -> String {
    let known = json!(T::default());
    if known.get(switch).is_some() {
        return "has no such value; the description of the tenant shows what it may be".to_owned();
    }
    let names: Vec<&str> = known.as_object().into_iter().flat_map(Map::keys).map(String::as_str).collect();
    format!("is no switch; there are {}", names.join(", "))
}

/// Suspend a tenant: its credentials are refused within a second
#[utoipa::path(
    post, path = "/admin/v1/tenants/{tenant}/suspend", tag = "tenants", params(("tenant" = String, Path, description = "Its short name")),
    responses((status = 200, body = TenantView), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn suspend(request: AdminRequest<'_>, text: &str) -> AdminAnswer {
    of_instance(&request, AdminRole::Admin)?;
    let tenant = request.app.gateway.suspend_tenant(&slug(text)?, &request.caller.origin).await?;
    ok(&TenantView::from(tenant))
}

/// Let a suspended tenant's credentials be taken again
#[utoipa::path(
    post, path = "/admin/v1/tenants/{tenant}/resume", tag = "tenants", params(("tenant" = String, Path, description = "Its short name")),
    responses((status = 200, body = TenantView), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn resume(request: AdminRequest<'_>, text: &str) -> AdminAnswer {
    of_instance(&request, AdminRole::Admin)?;
    let tenant = request.app.gateway.resume_tenant(&slug(text)?, &request.caller.origin).await?;
    ok(&TenantView::from(tenant))
}

/// Delete a tenant: its credentials are refused within a second, and its data goes after a time
#[utoipa::path(
    delete, path = "/admin/v1/tenants/{tenant}", tag = "tenants", params(("tenant" = String, Path, description = "Its short name"), Grace),
    responses((status = 200, body = TenantView), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn delete(request: AdminRequest<'_>, text: &str) -> AdminAnswer {
    of_instance(&request, AdminRole::Owner)?;
    let grace = match request.query().get("grace_days")? {
        None => DEFAULT_GRACE,
        Some(days) => {
            let days = days.parse().ok().filter(|days| (0..=MAX_GRACE_DAYS).contains(days));
            let wrong = || AdminError::field("grace_days", format!("is no whole number from 0 to {MAX_GRACE_DAYS}"));
            TimeDelta::days(days.ok_or_else(wrong)?)
        }
    };
    let tenant = request.app.gateway.delete_tenant(&slug(text)?, grace, &request.caller.origin).await?;
    ok(&TenantView::from(tenant))
}

/// Bring a deleted tenant back
#[utoipa::path(
    post, path = "/admin/v1/tenants/{tenant}/restore", tag = "tenants", params(("tenant" = String, Path, description = "Its short name")),
    responses((status = 200, body = TenantView), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn restore(request: AdminRequest<'_>, text: &str) -> AdminAnswer {
    of_instance(&request, AdminRole::Owner)?;
    let tenant = request.app.gateway.restore_tenant(&slug(text)?, &request.caller.origin).await?;
    ok(&TenantView::from(tenant))
}

impl From<ProvisioningError> for AdminError {
    fn from(error: ProvisioningError) -> Self {
        let detail = error.to_string();
        match error {
            ProvisioningError::Tenant(error) => error.into(),
            ProvisioningError::Schemas(error) => error.into(),
            ProvisioningError::InTheWay(_) => Self::Conflict { field: None, detail },
            ProvisioningError::SharedEmails(offenders) => {
                let listed: Vec<String> =
                    offenders.iter().map(|offender| format!("{}: {}", offender.id, offender.reason)).collect();
                let detail = format!("{detail}. {}", listed.join("; "));
                Self::Conflict { field: Some("provisioning.uniqueEmail"), detail }
            }
        }
    }
}

impl From<TenantError> for AdminError {
    fn from(error: TenantError) -> Self {
        let detail = error.to_string();
        match error {
            TenantError::NotFound(slug) => Self::NotFound { kind: "tenant", id: slug.to_string() },
            TenantError::SlugTaken(_) => Self::Conflict { field: Some("slug"), detail },
            TenantError::Deleted(_) | TenantError::NotDeleted(_) => Self::Conflict { field: None, detail },
            TenantError::Store(error) => error.into(),
        }
    }
}
