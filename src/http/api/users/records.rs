//! Creating and changing users by records.

use actix_web::http::StatusCode;
use serde_json::Value;
use utoipa::ToSchema;

use super::super::ApiAnswer;
use super::super::elements::Elements;
use super::super::idempotency::{Claim, claim};
use super::super::problem::ApiError;
use super::super::record;
use super::super::request::ApiRequest;
use super::super::tasks::{self, TaskAnswer};
use super::answer::{RecordsAnswer, failures, tell_failures};
use super::check_set_up;
use crate::http::error::RequestError;
use crate::http::prefer::{PREFERENCE_APPLIED, RESPOND_ASYNC, responds_async};
use crate::http::problem::{FieldError, Problem};
use crate::model::{Credentials, Record, RecordMode, Scope};
use crate::scim::json;

/// How many records one request may hold.
pub const MAX_RECORDS: usize = 1_000;
/// How many wrong records are told at most.
const MOST_TOLD: usize = 20;

/// A record, for the description: what is absent stays as it is.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes what model::Record reads")]
pub struct RecordView {
    /// By what the system of record knows the person; the key of the record if it is there
    #[schema(example = "E-1007")]
    employee_id: Option<String>,
    /// The address at work; the key of a record without an employee id
    #[schema(example = "new_user@example.com")]
    email: Option<String>,
    /// By what the person signs in; without it, the e-mail address, behind the prefix of the identity provider and `_`
    user_name: Option<String>,
    /// The given name
    first_name: Option<String>,
    /// The family name
    last_name: Option<String>,
    /// The name that is shown; without it, the two others
    display_name: Option<String>,
    /// The job
    title: Option<String>,
    /// The department
    department: Option<String>,
    /// The manager: an employee id, an e-mail address or an id; also of another record of the same request
    manager: Option<String>,
    /// All roles, by id or name
    roles: Option<Vec<String>>,
    /// All organizations, by id or name
    organizations: Option<Vec<String>>,
    /// The identity provider, by id, name or prefix
    identity_provider: Option<String>,
    /// Any other attribute of SCIM, by its path
    #[schema(value_type = Option<Object>)]
    attributes: Option<Value>,
    /// Whether the person may sign in
    active: Option<bool>,
    /// Whether somebody new is sent an invitation
    send_invitation: Option<bool>,
}

/// Takes records; `POST` creates and `PATCH` changes.
pub async fn take(mut request: ApiRequest<'_>, mode: RecordMode) -> ApiAnswer {
    request.needs(Scope::Provision)?;
    check_set_up(&request)?;
    let dry_run = request.flag("dryRun")?;
    let bytes = request.bytes(request.app.config.limits.records_payload).await?;
    if is_for_task(&request, mode, dry_run, &bytes)? {
        return in_task(&request, mode, dry_run, &bytes).await;
    }
    let records = read(json::parse(&bytes)?)?;
    let claimed = match claim(&request, &bytes).await? {
        Claim::Answered(response) => return Ok(response),
        Claim::New(claimed) => claimed,
    };
    drop(bytes);
    let provisioned = request.app.gateway.provision(&request.caller, mode, &records, dry_run).await;
    tell_failures(&request, &failures(provisioned.iter().map(|one| &one.outcome)), records.len());
    let keys = records.iter().zip(1..).map(|(record, place)| record.key(place)).collect();
    let answer = RecordsAnswer::of(keys, provisioned);
    let response = crate::http::answer::ok(&answer);
    if let Some(claimed) = claimed {
        claimed.keep(&request, StatusCode::OK, &answer.without_passwords()).await;
    }
    response
}

/// Whether the records are for a task: there are many, or they are long, since an answer at once needs all of them in memory; or
/// the client would like it so. Passwords are shown in the answer and nowhere else, so where such are made the client's wish is not
/// met.
fn is_for_task(request: &ApiRequest<'_>, mode: RecordMode, dry_run: bool, body: &[u8]) -> Result<bool, ApiError> {
    let makes_passwords = mode != RecordMode::Update
        && !dry_run
        && request.caller.tenant.provisioning.credentials == Credentials::ReturnOnce;
    let are_many = Elements::of(body).nth(MAX_RECORDS).is_some();
    if are_many && makes_passwords {
        return Err(ApiError::TooManyRecords { sent: Elements::of(body).count(), most: MAX_RECORDS });
    }
    let limit = request.app.config.limits.body;
    let are_long = body.len() > limit;
    if are_long && makes_passwords {
        return Err(RequestError::BodyTooLarge { limit }.into());
    }
    Ok(are_many || are_long || (!makes_passwords && responds_async(request.http.headers())))
}

async fn in_task(request: &ApiRequest<'_>, mode: RecordMode, dry_run: bool, body: &[u8]) -> ApiAnswer {
    tasks::check(body).await?;
    let claimed = match claim(request, body).await? {
        Claim::Answered(response) => return Ok(response),
        Claim::New(claimed) => claimed,
    };
    let made = tasks::accept(request, mode, dry_run, body).await;
    match (made, claimed) {
        (Ok((answer, task)), claimed) => {
            if let Some(claimed) = claimed {
                claimed.keep(request, StatusCode::ACCEPTED, &answer).await;
            }
            let response: ApiAnswer = crate::http::answer::json(StatusCode::ACCEPTED, &answer);
            let mut response = tasks::accepted(response?, task);
            if responds_async(request.http.headers()) {
                response.headers_mut().insert(PREFERENCE_APPLIED, RESPOND_ASYNC);
            }
            Ok(response)
        }
        (Err(error), claimed) => {
            if let Some(claimed) = claimed {
                claimed.forget(request).await;
            }
            Err(error)
        }
    }
}

/// Reads the records of a body. What is no record is told by its place, for all of them at once.
fn read(body: Value) -> Result<Vec<Record>, ApiError> {
    let Value::Array(values) = body else {
        return Err(FieldError::new("", "the body is no array; send the records as an array, also a single one").into());
    };
    if values.is_empty() {
        return Err(FieldError::new("", "the array is empty; send at least one record").into());
    }
    if values.len() > MAX_RECORDS {
        return Err(ApiError::TooManyRecords { sent: values.len(), most: MAX_RECORDS });
    }
    let (mut records, mut wrong) = (Vec::with_capacity(values.len()), Vec::new());
    for (place, value) in values.into_iter().enumerate() {
        match record::read(value) {
            Ok(record) => records.push(record),
            Err(error) => wrong.push(FieldError::new(&format!("[{place}]"), error)),
        }
    }
    wrong.truncate(MOST_TOLD);
    if wrong.is_empty() { Ok(records) } else { Err(ApiError::Invalid(wrong)) }
}

/// Create users, up to 1,000 at once; more are done in a task
///
/// Each record is written or not by itself. People who are there already are told among the failures.
#[utoipa::path(post, path = "/api/v1/users", tag = "Users", request_body = Vec<RecordView>,
    params(("dryRun" = Option<bool>, Query, description = "Answer the same, and write nothing"),
        ("Prefer" = Option<String>, Header, description = "respond-async for a task instead of an answer that has to be waited for"),
        ("Idempotency-Key" = Option<String>, Header, description = "A retry with the same key and body is given the first answer")),
    responses((status = 200, body = RecordsAnswer),
        (status = 202, body = TaskAnswer, description = "A task was made; Location tells where it is"), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
#[expect(dead_code, reason = "describes what take answers")]
pub fn create() {}

/// Change users, up to 1,000 at once; more are done in a task
///
/// Fields that are left out stay as they are; an empty text takes the value away. A user's linked records change with it.
#[utoipa::path(patch, path = "/api/v1/users", tag = "Users", request_body = Vec<RecordView>,
    params(("dryRun" = Option<bool>, Query, description = "Answer the same, and write nothing"),
        ("Prefer" = Option<String>, Header, description = "respond-async for a task instead of an answer that has to be waited for"),
        ("Idempotency-Key" = Option<String>, Header, description = "A retry with the same key and body is given the first answer")),
    responses((status = 200, body = RecordsAnswer),
        (status = 202, body = TaskAnswer, description = "A task was made; Location tells where it is"), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
#[expect(dead_code, reason = "describes what take answers")]
pub fn update() {}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_no_record_is_told_by_its_place() {
        let wrong = |body: Value| match read(body) {
            Err(ApiError::Invalid(errors)) => errors.into_iter().map(|error| (error.field, error.detail)).collect(),
            other => panic!("{other:?}"),
        };
        let told: Vec<(String, String)> = wrong(json!([{}, {"frstName": "x"}, 1, {"roles": "x"}]));
        let fields: Vec<&str> = told.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(fields, ["[1]", "[2]", "[3]"]);
        assert!(told[0].1.contains("unknown field `frstName`, expected one of `employeeId`"), "{}", told[0].1);
        assert_eq!(wrong(json!({}))[0].0, "");
        assert_eq!(wrong(json!([]))[0].0, "");
        let many = read(Value::Array(vec![json!({}); MAX_RECORDS + 1]));
        assert!(matches!(many, Err(ApiError::TooManyRecords { sent: 1_001, most: 1_000 })));
        assert_eq!(read(json!([{"email": "a@b.c"}])).unwrap()[0].email.as_deref(), Some("a@b.c"));
    }
}
