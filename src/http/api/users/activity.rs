//! Taking users out of service, and bringing them back.

use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::super::ApiAnswer;
use super::super::problem::ApiError;
use super::super::request::ApiRequest;
use super::answer::{RecordsAnswer, failures, tell_failures};
use super::check_set_up;
use super::records::MAX_RECORDS;
use crate::gateway::{Provisioned, UserKey};
use crate::http::answer::ok;
use crate::http::problem::{FieldError, Problem};
use crate::model::Scope;
use crate::scim::json;

/// A user, named by one of these.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Named {
    /// The employee id
    #[schema(required = false)]
    employee_id: Option<String>,
    /// The e-mail address
    #[schema(required = false)]
    email: Option<String>,
    /// The id
    #[schema(required = false)]
    id: Option<String>,
}

impl Named {
    fn key(&self) -> Result<UserKey, &'static str> {
        let wrong = |text: &String| text.trim().is_empty() || text.contains(char::is_control);
        if [&self.employee_id, &self.email, &self.id].into_iter().flatten().any(wrong) {
            return Err("is empty or holds a control character");
        }
        match (&self.employee_id, &self.email, &self.id) {
            (Some(id), None, None) => Ok(UserKey::EmployeeId(id.trim().to_owned())),
            (None, Some(email), None) => Ok(UserKey::Email(email.trim().to_owned())),
            (None, None, Some(id)) => {
                id.trim().parse().map(UserKey::Id).map_err(|_| "has an id that is no id of a user")
            }
            _ => Err("must name the user by one of employeeId, email and id"),
        }
    }
}

/// Deactivate users, up to 1,000 at once; their records, groups and histories stay
#[utoipa::path(post, path = "/api/v1/users/deactivate", tag = "Users", request_body = Vec<Named>,
    responses((status = 200, body = RecordsAnswer), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn deactivate(request: ApiRequest<'_>) -> ApiAnswer {
    several(request, false).await
}

/// Let users sign in again, up to 1,000 at once
#[utoipa::path(post, path = "/api/v1/users/reactivate", tag = "Users", request_body = Vec<Named>,
    responses((status = 200, body = RecordsAnswer), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn reactivate(request: ApiRequest<'_>) -> ApiAnswer {
    several(request, true).await
}

/// Deactivate a user; the record, the groups and the history stay
#[utoipa::path(post, path = "/api/v1/users/{user}/deactivate", tag = "Users",
    params(("user" = String, Path, description = "The id or the employee id")),
    responses((status = 200, body = RecordsAnswer), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn deactivate_one(request: ApiRequest<'_>, user: &str) -> ApiAnswer {
    one(request, user, false).await
}

/// Let a user sign in again
#[utoipa::path(post, path = "/api/v1/users/{user}/reactivate", tag = "Users",
    params(("user" = String, Path, description = "The id or the employee id")),
    responses((status = 200, body = RecordsAnswer), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn reactivate_one(request: ApiRequest<'_>, user: &str) -> ApiAnswer {
    one(request, user, true).await
}

async fn several(mut request: ApiRequest<'_>, active: bool) -> ApiAnswer {
    request.needs(Scope::Provision)?;
    check_set_up(&request)?;
    let bytes = request.bytes(request.app.config.limits.body).await?;
    let keys = read(json::parse(&bytes)?)?;
    carry_out(&request, active, &keys).await
}

async fn one(request: ApiRequest<'_>, user: &str, active: bool) -> ApiAnswer {
    request.needs(Scope::Provision)?;
    check_set_up(&request)?;
    let nobody = || ApiError::NotFound { kind: "user", id: user.to_owned() };
    if user.contains(char::is_control) {
        return Err(nobody());
    }
    let person = request.app.gateway.find_person(&request.caller, user).await?.ok_or_else(nobody)?;
    carry_out(&request, active, &[UserKey::Id(person.stored.id)]).await
}

async fn carry_out(request: &ApiRequest<'_>, active: bool, users: &[UserKey]) -> ApiAnswer {
    let outcomes = request.app.gateway.set_active(&request.caller, active, users).await;
    tell_failures(request, &failures(outcomes.iter()), users.len());
    let keys = users.iter().map(|key| match key {
        UserKey::EmployeeId(text) | UserKey::Email(text) => text.clone(),
        UserKey::Id(id) => id.to_string(),
    });
    let provisioned = outcomes.into_iter().map(|outcome| Provisioned { outcome, credentials: None });
    ok(&RecordsAnswer::of(keys.collect(), provisioned.collect()))
}

fn read(body: Value) -> Result<Vec<UserKey>, ApiError> {
    let Value::Array(values) = body else {
        return Err(FieldError::new("", "the body is no array; send one of the users that are meant").into());
    };
    if values.len() > MAX_RECORDS {
        return Err(ApiError::TooManyRecords { sent: values.len(), most: MAX_RECORDS });
    }
    let read = values.into_iter().enumerate().map(|(place, value)| {
        let named: Result<Named, _> = serde_json::from_value(value);
        let key = named.map_err(|error| error.to_string()).and_then(|named| named.key().map_err(str::to_owned));
        key.map_err(|detail| FieldError::new(&format!("[{place}]"), detail).into())
    });
    read.collect()
}
