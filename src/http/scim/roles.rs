//! `GET /Roles` and `GET /Entitlements` (draft-ietf-scim-roles-entitlements, and what Okta reads instead): which roles users
//! can be given here.
//!
//! A role is a group that carries it. Entitlements are the same roles where the tenant's entitlements are roles, and none
//! elsewhere.

use std::sync::Arc;

use actix_web::http::StatusCode;
use serde_json::{Map, Value, json};

use crate::gateway::GatewayError;
use crate::http::error::{HttpError, RequestError};
use crate::http::frame::Answer;
use crate::http::query::percent_encode;
use crate::http::request::Request;
use crate::model::{Profile, Role, Tenant};
use crate::scim::fold::fold;
use crate::scim::list::{ListParameters, ListQuery, Start};
use crate::scim::resource::Projection;
use crate::scim::schema::{ResourceType, RoleForm, RoleList};
use crate::scim::{ScimError, ScimType, urn};

/// How many roles are looked through for one answer. A page without a filter or an order is read alone.
const MAX_SEARCHED: u32 = 10_000;

/// The form in which the tenant's client knows roles.
pub fn form(tenant: &Tenant) -> RoleForm {
    if tenant.profile == Profile::Okta { RoleForm::Okta } else { RoleForm::Draft }
}

/// Whether groups carry these values in this tenant.
pub fn is_driven(list: RoleList, tenant: &Tenant) -> bool {
    list == RoleList::Roles || tenant.dialect.entitlements_are_roles
}

/// A page of the roles.
pub async fn list(request: Request<'_>, list: RoleList) -> Answer {
    let view = View::of(&request, list)?;
    let query = query(&request, view.kind)?;
    let start_index = match query.start {
        Start::Index(index) => index,
        Start::Cursor(_) => 1,
    };
    let (total, roles) = if is_driven(list, &request.caller.tenant) {
        page(&request, &view, &query, start_index).await?
    } else {
        (0, Vec::new())
    };
    let roles: Vec<_> = roles.into_iter().map(|role| view.projection.apply(role)).collect();
    let body = json!({
        "schemas": [urn::LIST_RESPONSE],
        "totalResults": total,
        "startIndex": start_index,
        "itemsPerPage": roles.len(),
        "Resources": roles
    });
    Ok(request.answer(StatusCode::OK, body.to_string()))
}

fn query(request: &Request<'_>, kind: &Arc<ResourceType>) -> Result<ListQuery, ScimError> {
    let query = request.query();
    let (filter, sort_by, sort_order) = (query.get("filter")?, query.get("sortBy")?, query.get("sortOrder")?);
    let (start_index, count) = (query.get("startIndex")?, query.get("count")?);
    let parameters = ListParameters {
        filter: filter.as_deref(),
        sort_by: sort_by.as_deref(),
        sort_order: sort_order.as_deref(),
        start_index: start_index.as_deref(),
        count: count.as_deref(),
        cursor: None,
    };
    ListQuery::parse(parameters, std::slice::from_ref(kind), request.app.config.limits.page)
}

/// How many roles there are, and those of the page. What the database cannot leave out or order is looked at here.
async fn page(
    request: &Request<'_>,
    view: &View<'_>,
    query: &ListQuery,
    start_index: u64,
) -> Result<(u64, Vec<Map<String, Value>>), HttpError> {
    let tenant = request.app.store.tenant(request.caller.tenant.id);
    let attribute = view.list.attribute();
    let is_plain = query.selections.iter().all(|selection| selection.filter.is_none() && selection.sort.is_none());
    if is_plain {
        let roles = tenant.list_roles(attribute, start_index - 1, query.count).await?;
        return Ok((tenant.count_roles().await?, roles.iter().map(|role| view.whole(role)).collect::<Result<_, _>>()?));
    }
    if tenant.count_roles().await? > u64::from(MAX_SEARCHED) {
        let detail = format!("there are more than {MAX_SEARCHED} roles, which are listed but not searched or sorted");
        return Err(ScimError::bad_request(ScimType::TooMany, detail).into());
    }
    let roles = tenant.list_roles(attribute, 0, MAX_SEARCHED).await?;
    let (total, page) = query.page_of(roles.iter().map(|role| view.whole(role)).collect::<Result<_, _>>()?);
    Ok((u64::try_from(total).unwrap_or(u64::MAX), page))
}

/// One role, by its id.
pub async fn get(request: Request<'_>, list: RoleList, id: &str) -> Answer {
    let view = View::of(&request, list)?;
    let not_found = || RequestError::NotFound { kind: view.kind.name.clone(), id: id.to_owned() };
    if !is_driven(list, &request.caller.tenant) {
        return Err(not_found().into());
    }
    let tenant = request.app.store.tenant(request.caller.tenant.id);
    let group = match view.form {
        RoleForm::Draft => id.parse().ok(),
        RoleForm::Okta => tenant.find_roles(&[fold(id).into_owned()]).await?.pop().map(|role| role.group),
    };
    let role = tenant.role_of(list.attribute(), group.ok_or_else(not_found)?).await?.ok_or_else(not_found)?;
    let role = view.whole(&role)?;
    // Ids compare exactly, though values of roles do not.
    if role.get("id").and_then(Value::as_str) != Some(id) {
        return Err(not_found().into());
    }
    Ok(request.answer(StatusCode::OK, Value::Object(view.projection.apply(role)).to_string()))
}

/// How roles are written into one answer.
struct View<'a> {
    base_url: &'a str,
    list: RoleList,
    form: RoleForm,
    kind: &'static Arc<ResourceType>,
    projection: Projection,
}

impl<'a> View<'a> {
    fn of(request: &Request<'a>, list: RoleList) -> Result<Self, HttpError> {
        let query = request.query();
        let form = form(&request.caller.tenant);
        let kind = list.resource_type(form);
        let (attributes, excluded) = (query.get("attributes")?, query.get("excludedAttributes")?);
        let projection = Projection::parse(attributes.as_deref(), excluded.as_deref(), kind)?;
        Ok(Self { base_url: &request.app.base_url, list, form, kind, projection })
    }

    /// All that is told of a role.
    fn whole(&self, role: &Role) -> Result<Map<String, Value>, HttpError> {
        let group: Value =
            serde_json::from_str(&role.document).map_err(|error| GatewayError::Internal(anyhow::Error::from(error)))?;
        let carried = &group[urn::ROLE];
        let (value, name) = (&carried["roleId"], &group["displayName"]);
        let mut shown = Map::new();
        let mut add = |name: &str, value: Value| shown.insert(name.to_owned(), value);
        add("schemas", json!([self.kind.schema.uri.as_str()]));
        let id = match self.form {
            RoleForm::Draft => role.group.to_string(),
            RoleForm::Okta => value.as_str().unwrap_or_default().to_owned(),
        };
        let location = format!("{}{}/{}", self.base_url, self.kind.endpoint, percent_encode(&id));
        add("id", id.into());
        if self.form == RoleForm::Okta {
            add("displayName", name.clone());
            // Okta repeats it in the entitlements that it gives a user.
            if self.list == RoleList::Entitlements {
                add("type", self.kind.name.clone().into());
            }
        }
        add("value", value.clone());
        add("display", name.clone());
        add("supported", true.into());
        add("limitedAssignmentsPermitted", false.into());
        add("totalAssignmentsUsed", role.holders.into());
        if carried["weight"].is_number() {
            add("weight", carried["weight"].clone());
        }
        add("meta", json!({ "resourceType": self.kind.name, "location": location }));
        Ok(shown)
    }
}
