//! `/api/v1/roles`: the roles that users can be given. Each is a group that carries it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::ApiAnswer;
use super::problem::ApiError;
use super::request::ApiRequest;
use crate::http::answer::ok;
use crate::http::list::{List, WindowParameters};
use crate::http::problem::{FieldError, Problem};
use crate::model::{Role, Scope};
use crate::scim::urn;
use crate::store::StoreError;

/// A role.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RoleView {
    /// What records name it by
    id: String,
    /// Its name for people
    name: String,
    /// How much it may do, compared with other roles; 0 where nothing is said
    weight: i64,
    /// The attributes that a user with this role must have
    requires: Vec<String>,
    /// What attributes of a user with this role must name: by the attribute's path the name of a resource type
    references: BTreeMap<String, String>,
    /// How many users have it
    assigned: u64,
}

/// Leads to the handler of a path below `/api/v1/roles`.
pub(super) async fn route(request: ApiRequest<'_>, path: &[&str]) -> ApiAnswer {
    match (path, request.method()) {
        ([], "GET") => list(request).await,
        ([], _) => Err(request.takes("GET, HEAD")),
        _ => Err(ApiError::NoRoute),
    }
}

/// The roles, by their ids.
#[utoipa::path(get, path = "/api/v1/roles", tag = "Roles", params(WindowParameters),
    responses((status = 200, body = List<RoleView>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
async fn list(request: ApiRequest<'_>) -> ApiAnswer {
    request.needs(Scope::Provision)?;
    let window = request.window()?;
    let wrong = || FieldError::new("cursor", "is no nextCursor of this list; start without one");
    let offset: u64 = window.after.as_deref().map_or(Ok(0), |text| text.parse().map_err(|_| wrong()))?;
    let tenant = request.app.store.tenant(request.caller.tenant.id);
    let mut roles = tenant.list_roles("roles", offset, u32::from(window.limit) + 1).await?;
    let has_next = roles.len() > usize::from(window.limit);
    roles.truncate(usize::from(window.limit));
    let next = has_next.then(|| (offset + u64::from(window.limit)).to_string());
    let items = roles.iter().map(view).collect::<Result<_, _>>()?;
    ok(&List::going_on(items, next))
}

fn view(role: &Role) -> Result<RoleView, StoreError> {
    let document: Value = serde_json::from_str(&role.document).map_err(StoreError::internal)?;
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let carried = &document[urn::ROLE];
    let id = text(carried, "roleId").unwrap_or_else(|| role.key.clone());
    Ok(RoleView {
        name: text(&document, "displayName").unwrap_or_else(|| id.clone()),
        weight: carried.get("weight").and_then(Value::as_i64).unwrap_or_default(),
        requires: Role::requires(carried).map(str::to_owned).collect(),
        references: Role::references(carried).map(|(path, kind)| (path.to_owned(), kind.to_owned())).collect(),
        assigned: role.holders,
        id,
    })
}
