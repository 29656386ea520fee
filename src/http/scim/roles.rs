//! `GET /Roles` and `GET /Entitlements` (draft-ietf-scim-roles-entitlements): which roles users can be given here.
//!
//! A role is a group that carries it, and has the group's id. Entitlements are the same roles where the tenant's entitlements
//! are roles, and none elsewhere.

use actix_web::http::StatusCode;
use serde_json::{Value, json};

use crate::gateway::GatewayError;
use crate::http::error::{HttpError, RequestError};
use crate::http::frame::Answer;
use crate::http::request::Request;
use crate::model::Role;
use crate::scim::list::{ListParameters, ListQuery, Start};
use crate::scim::urn;

/// The attribute of a user whose values are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoleList {
    /// `/Roles`: values of `roles`.
    Roles,
    /// `/Entitlements`: values of `entitlements`.
    Entitlements,
}

impl RoleList {
    /// The attribute's name.
    fn attribute(self) -> &'static str {
        match self {
            Self::Roles => "roles",
            Self::Entitlements => "entitlements",
        }
    }

    fn schema(self) -> &'static str {
        match self {
            Self::Roles => "urn:ietf:params:scim:schemas:core:2.0:Role",
            Self::Entitlements => "urn:ietf:params:scim:schemas:core:2.0:Entitlement",
        }
    }

    fn resource_type(self) -> &'static str {
        match self {
            Self::Roles => "Role",
            Self::Entitlements => "Entitlement",
        }
    }

    fn endpoint(self) -> &'static str {
        match self {
            Self::Roles => "/Roles",
            Self::Entitlements => "/Entitlements",
        }
    }

    /// Whether groups carry these values in this tenant.
    fn is_driven(self, request: &Request<'_>) -> bool {
        self == Self::Roles || request.caller.tenant.dialect.entitlements_are_roles
    }
}

/// A page of all roles.
pub async fn list(request: Request<'_>, list: RoleList) -> Answer {
    let query = request.query();
    if query.get("filter")?.is_some() {
        return Err(RequestError::DiscoveryFilter.into());
    }
    let (start_index, count) = (query.get("startIndex")?, query.get("count")?);
    let parameters =
        ListParameters { start_index: start_index.as_deref(), count: count.as_deref(), ..ListParameters::default() };
    let kind = request.caller.catalog.named("Group").ok_or(RequestError::NoRoute)?;
    let query = ListQuery::parse(parameters, std::slice::from_ref(kind), request.app.config.limits.page)?;
    let Start::Index(start_index) = query.start else { return Err(RequestError::NoRoute.into()) };
    let tenant = request.app.store.tenant(request.caller.tenant.id);
    let (total, roles) = if list.is_driven(&request) {
        let roles = tenant.list_roles(list.attribute(), start_index - 1, query.count).await?;
        (tenant.count_roles().await?, roles)
    } else {
        (0, Vec::new())
    };
    let roles = roles.iter().map(|role| shown(&request, list, role)).collect::<Result<Vec<Value>, HttpError>>()?;
    let body = json!({
        "schemas": [urn::LIST_RESPONSE],
        "totalResults": total,
        "startIndex": start_index,
        "itemsPerPage": roles.len(),
        "Resources": roles
    });
    Ok(request.answer(StatusCode::OK, body.to_string()))
}

/// One role, by the id of its group.
pub async fn get(request: Request<'_>, list: RoleList, id: &str) -> Answer {
    let not_found = || RequestError::NotFound { kind: list.resource_type().to_owned(), id: id.to_owned() };
    let group = id.parse().map_err(|_| not_found())?;
    let tenant = request.app.store.tenant(request.caller.tenant.id);
    let role = if list.is_driven(&request) { tenant.role_of(list.attribute(), group).await? } else { None };
    let role = role.ok_or_else(not_found)?;
    Ok(request.answer(StatusCode::OK, shown(&request, list, &role)?.to_string()))
}

fn shown(request: &Request<'_>, list: RoleList, role: &Role) -> Result<Value, HttpError> {
    let group: Value =
        serde_json::from_str(&role.document).map_err(|error| GatewayError::Internal(anyhow::Error::from(error)))?;
    let carried = &group[urn::ROLE];
    let mut shown = json!({
        "schemas": [list.schema()],
        "id": role.group,
        "value": carried["roleId"],
        "display": group["displayName"],
        "supported": true,
        "limitedAssignmentsPermitted": false,
        "totalAssignmentsUsed": role.holders
    });
    if carried["weight"].is_number() {
        shown["weight"] = carried["weight"].clone();
    }
    shown["meta"] = json!({
        "resourceType": list.resource_type(),
        "location": format!("{}{}/{}", request.app.base_url, list.endpoint(), role.group)
    });
    Ok(shown)
}
