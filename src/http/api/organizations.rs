//! `/api/v1/organizations`: the organizations that users belong to. They are resources of SCIM too, under `/scim/v2/Organizations`.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use super::ApiAnswer;
use super::problem::ApiError;
use super::request::ApiRequest;
use super::users::check_set_up;
use crate::gateway::GatewayError;
use crate::http::answer::{created, ok};
use crate::http::list::{List, WindowParameters};
use crate::http::problem::{FieldError, Problem};
use crate::model::{Credentials, Preconditions, Scope, Stored, Tenant};
use crate::scim::filter::{CheckedFilter, Filter};
use crate::scim::list::Position;
use crate::scim::schema::ResourceType;
use crate::scim::schema::own::ORGANIZATION;
use crate::scim::{ScimError, urn};
use crate::store::{Page, Part, Start, StoreError};

/// An organization.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrganizationView {
    id: Uuid,
    name: String,
    /// The customer that it belongs to
    customer: Option<String>,
    /// Whether its new users are invited; if not, and it says so itself or the tenant does, a password is answered once
    keychain_creation_for_new_user_active: bool,
    /// Whether no invitation is mailed to its users
    keychain_email_suppression: bool,
}

/// What an organization is to be; what is left out stays as it is, null takes it away.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OrganizationEdit {
    /// Its name, of which there is one in the tenant
    #[serde(default, with = "told")]
    #[schema(value_type = Option<String>, required = false)]
    name: Option<Value>,
    /// The customer that it belongs to
    #[serde(default, with = "told")]
    #[schema(value_type = Option<String>, required = false)]
    customer: Option<Value>,
    /// Whether its new users are invited; the tenant decides where it is absent
    #[serde(default, with = "told")]
    #[schema(value_type = Option<bool>, required = false)]
    keychain_creation_for_new_user_active: Option<Value>,
    /// Whether no invitation is mailed to its users; the tenant decides where it is absent
    #[serde(default, with = "told")]
    #[schema(value_type = Option<bool>, required = false)]
    keychain_email_suppression: Option<Value>,
}

/// Tells what was left out from what is null.
mod told {
    use serde::{Deserialize, Deserializer};
    use serde_json::Value;

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
        Value::deserialize(deserializer).map(Some)
    }
}

/// What organizations are listed.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes what list reads")]
pub struct Wanted {
    /// Those whose name contains the text
    search: Option<String>,
}

impl OrganizationEdit {
    fn members(self) -> Map<String, Value> {
        let told = [
            ("name", self.name),
            ("customer", self.customer),
            ("keychainCreationForNewUserActive", self.keychain_creation_for_new_user_active),
            ("keychainEmailSuppression", self.keychain_email_suppression),
        ];
        told.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }
}

impl OrganizationView {
    fn of(stored: &Stored, tenant: &Tenant) -> Result<Self, StoreError> {
        let document: Value = serde_json::from_str(&stored.document).map_err(StoreError::internal)?;
        let text = |name: &str| document[name].as_str().map(str::to_owned);
        let choices = &tenant.provisioning;
        let is_invited = document["keychainCreationForNewUserActive"].as_bool();
        Ok(Self {
            id: stored.id.0,
            name: text("name").unwrap_or_default(),
            customer: text("customer"),
            keychain_creation_for_new_user_active: is_invited.unwrap_or(choices.credentials == Credentials::Invite),
            keychain_email_suppression: document["keychainEmailSuppression"]
                .as_bool()
                .unwrap_or(choices.suppress_invitation_email),
        })
    }
}

/// Leads to the handler of a path below `/api/v1/organizations`.
pub(super) async fn route(request: ApiRequest<'_>, path: &[&str]) -> ApiAnswer {
    request.needs(Scope::Provision)?;
    check_set_up(&request)?;
    match (path, request.method()) {
        ([], "GET") => list(request).await,
        ([], "POST") => create(request).await,
        ([], _) => Err(request.takes("GET, HEAD, POST")),
        ([id], "GET") => get(request, id).await,
        ([id], "PATCH") => change(request, id).await,
        ([_], _) => Err(request.takes("GET, HEAD, PATCH")),
        _ => Err(ApiError::NoRoute),
    }
}

fn kind(request: &ApiRequest<'_>) -> Result<Arc<ResourceType>, ApiError> {
    request.caller.catalog.named(ORGANIZATION).cloned().ok_or(ApiError::NoRoute)
}

/// The organizations, by their creation, each with the settings that hold for its users
#[utoipa::path(get, path = "/api/v1/organizations", tag = "Organizations", params(WindowParameters, Wanted),
    responses((status = 200, body = List<OrganizationView>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn list(request: ApiRequest<'_>) -> ApiAnswer {
    let (window, kind) = (request.window()?, kind(&request)?);
    let search = request.query().get("search")?.filter(|text| !text.is_empty());
    let filter = search.map(|text| Filter::parse(&format!("name co {}", json!(text))));
    let filter = filter.transpose().map_err(ScimError::from)?;
    let filter = filter.map(|filter| CheckedFilter::check(&filter, &kind)).transpose().map_err(ScimError::from)?;
    let wrong = || FieldError::new("cursor", "is no nextCursor of this list; start without one");
    let position = window.after.as_deref().map(|text| text.parse().map_err(|_| wrong())).transpose()?;
    let position = position.map(|seq| Position { value: None, seq, backwards: false });
    let part = Part { filter: filter.as_ref(), ..Part::all(&kind) };
    let start = position.as_ref().map_or(Start::Walk, Start::Position);
    let page = Page { start, ..Page::first(std::slice::from_ref(&part), u32::from(window.limit)) };
    let tenant = &request.caller.tenant;
    let listed = request.app.store.tenant(tenant.id).list(&page).await?;
    let items = listed.resources.iter().map(|stored| OrganizationView::of(stored, tenant));
    let items = items.collect::<Result<Vec<_>, _>>()?;
    ok(&List::going_on(items, listed.next.map(|position| position.seq.to_string())))
}

/// One organization
#[utoipa::path(get, path = "/api/v1/organizations/{id}", tag = "Organizations", params(("id" = String, Path)),
    responses((status = 200, body = OrganizationView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn get(request: ApiRequest<'_>, id: &str) -> ApiAnswer {
    let nothing = || ApiError::NotFound { kind: "organization", id: id.to_owned() };
    let known = id.parse().map_err(|_| nothing())?;
    let tenant = &request.caller.tenant;
    let found = request.app.store.tenant(tenant.id).find(ORGANIZATION, known, false).await?;
    ok(&OrganizationView::of(&found.ok_or_else(nothing)?, tenant)?)
}

/// Create an organization
#[utoipa::path(post, path = "/api/v1/organizations", tag = "Organizations", request_body = OrganizationEdit,
    responses((status = 201, body = OrganizationView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn create(mut request: ApiRequest<'_>) -> ApiAnswer {
    let kind = kind(&request)?;
    let mut body = request.json::<OrganizationEdit>().await?.members();
    body.insert("schemas".to_owned(), json!([urn::ORGANIZATION]));
    let stored = request.app.gateway.create(&request.caller, &kind, Value::Object(body)).await?;
    let view = OrganizationView::of(&stored, &request.caller.tenant)?;
    created(&format!("/api/v1/organizations/{}", stored.id), &view)
}

/// Change an organization
#[utoipa::path(patch, path = "/api/v1/organizations/{id}", tag = "Organizations", request_body = OrganizationEdit,
    params(("id" = String, Path)),
    responses((status = 200, body = OrganizationView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn change(mut request: ApiRequest<'_>, id: &str) -> ApiAnswer {
    let nothing = || ApiError::NotFound { kind: "organization", id: id.to_owned() };
    let kind = kind(&request)?;
    let known = id.parse().map_err(|_| nothing())?;
    let members = request.json::<OrganizationEdit>().await?.members();
    if members.is_empty() {
        return Err(FieldError::new("", "names nothing that is to change").into());
    }
    let operations: Vec<Value> = members
        .into_iter()
        .map(|(path, value)| match value {
            Value::Null => json!({"op": "remove", "path": path}),
            value => json!({"op": "replace", "path": path, "value": value}),
        })
        .collect();
    let patch = json!({"schemas": [urn::PATCH_OP], "Operations": operations});
    let changed = request.app.gateway.patch(&request.caller, &kind, known, &Preconditions::default(), patch).await;
    let stored = changed.map_err(|error| match error {
        GatewayError::NotFound { .. } => nothing(),
        error => error.into(),
    })?;
    ok(&OrganizationView::of(&stored, &request.caller.tenant)?)
}
