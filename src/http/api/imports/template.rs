//! A file to fill in.

use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_DISPOSITION;
use serde_json::Value;

use super::super::ApiAnswer;
use super::super::problem::ApiError;
use super::super::request::ApiRequest;
use crate::http::problem::Problem;
use crate::import;
use crate::model::{Role, Scope};
use crate::scim::urn;
use crate::store::{StoreError, TenantStore};

/// Roles that are looked at at once.
const AT_ONCE: u32 = 1_000;

/// A file to fill in
///
/// CSV with the names of the columns: first those that everybody needs and those that the role requires, then all others.
#[utoipa::path(get, path = "/api/v1/imports/template.csv", tag = "Imports",
    params(("role" = Option<String>, Query, description = "The id or name of the role that people will have")),
    responses((status = 200, content_type = "text/csv", body = String),
        (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn get(request: ApiRequest<'_>) -> ApiAnswer {
    request.needs(Scope::Provision)?;
    let tenant = request.app.store.tenant(request.caller.tenant.id);
    let role = request.query().get("role")?;
    let made = download(&tenant, role.as_deref(), false).await?;
    made.ok_or_else(|| ApiError::NotFound { kind: "role", id: role.unwrap_or_default().into_owned() })
}

/// The same for whoever may have it; nothing if there is no such role.
pub async fn download(
    tenant: &TenantStore,
    role: Option<&str>,
    as_workbook: bool,
) -> Result<Option<HttpResponse>, StoreError> {
    let required = match role {
        None => Vec::new(),
        Some(role) => match required_by(tenant, role).await? {
            Some(required) => required,
            None => return Ok(None),
        },
    };
    let mut response = HttpResponse::Ok();
    if as_workbook {
        response.content_type("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
        response.insert_header((CONTENT_DISPOSITION, "attachment; filename=\"template.xlsx\""));
        return Ok(Some(response.body(import::template_workbook(&required).map_err(StoreError::internal)?)));
    }
    response.content_type("text/csv; charset=utf-8; header=present");
    response.insert_header((CONTENT_DISPOSITION, "attachment; filename=\"template.csv\""));
    Ok(Some(response.body(import::template(&required))))
}

/// The attributes that a role requires, by its id or name.
async fn required_by(tenant: &TenantStore, name: &str) -> Result<Option<Vec<String>>, StoreError> {
    let mut offset = 0;
    loop {
        let roles = tenant.list_roles("roles", offset, AT_ONCE).await?;
        for role in &roles {
            if let Some(required) = required(role, name)? {
                return Ok(Some(required));
            }
        }
        if roles.len() < AT_ONCE as usize {
            return Ok(None);
        }
        offset += u64::from(AT_ONCE);
    }
}

fn required(role: &Role, name: &str) -> Result<Option<Vec<String>>, StoreError> {
    let document: Value = serde_json::from_str(&role.document).map_err(StoreError::internal)?;
    let carried = &document[urn::ROLE];
    let names = [carried["roleId"].as_str(), document["displayName"].as_str(), Some(role.key.as_str())];
    if !names.into_iter().flatten().any(|known| known == name) {
        return Ok(None);
    }
    Ok(Some(Role::requires(carried).map(str::to_owned).collect()))
}
