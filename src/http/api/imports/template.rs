//! A file to fill in.

use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_DISPOSITION;

use super::super::ApiAnswer;
use super::super::problem::ApiError;
use super::super::request::ApiRequest;
use crate::gateway::required_by_role;
use crate::http::problem::Problem;
use crate::import;
use crate::model::Scope;
use crate::store::{StoreError, TenantStore};

/// A file to fill in
///
/// CSV with the names of the columns: first those that everybody needs and those that the role requires, then all others.
#[utoipa::path(get, path = "/api/v1/imports/template.csv", tag = "Imports",
    params(("role" = Option<String>, Query, description = "The id or name of the role that people will have")),
    responses((status = 200, content_type = "text/csv", body = String),
        (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn get(request: ApiRequest<'_>) -> ApiAnswer {
    made(request, false).await
}

/// A workbook to fill in
///
/// XLSX with the same columns. Its cells are text from the start, so that no spreadsheet takes the zeros in front of a number away.
#[utoipa::path(get, path = "/api/v1/imports/template.xlsx", tag = "Imports",
    params(("role" = Option<String>, Query, description = "The id or name of the role that people will have")),
    responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body = String),
        (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn get_workbook(request: ApiRequest<'_>) -> ApiAnswer {
    made(request, true).await
}

async fn made(request: ApiRequest<'_>, as_workbook: bool) -> ApiAnswer {
    request.needs(Scope::Provision)?;
    let tenant = request.app.store.tenant(request.caller.tenant.id);
    let role = request.query().get("role")?;
    let made = download(&tenant, role.as_deref(), as_workbook).await?;
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
        Some(role) => match required_by_role(tenant, role).await? {
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
