//! What is answered to records: how many came to what, and why those failed that did.

use secrecy::ExposeSecret;
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::request::ApiRequest;
use crate::gateway::Provisioned;
use crate::model::{RecordCode, RecordFailure, RecordOutcome};
use crate::scim::{ScimError, ScimType};

/// What became of the records of a request.
#[derive(Serialize, ToSchema)]
pub struct RecordsAnswer {
    result: Counts,
    /// The new users to whom a password was given. It is shown here and nowhere else; a retry with the same Idempotency-Key is
    /// answered without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    users: Option<Vec<NewUser>>,
}

/// How many records came to what.
#[derive(Default, Serialize, ToSchema)]
struct Counts {
    /// Users who were created
    inserted: u64,
    /// Users who were changed
    updated: u64,
    /// Users who were all of that already
    unchanged: u64,
    /// Records in all
    total: u64,
    /// Why records came to nothing, by their keys: the employee id, else the e-mail address, else the place
    #[schema(value_type = BTreeMap<String, FailureView>)]
    failures: Map<String, Value>,
}

/// Why a record came to nothing.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what RecordFailure prints")]
struct FailureView {
    /// The kind, for programs: email_already_exists, employee_id_already_exists, user_name_already_exists, user_not_found,
    /// duplicate_record, api_user_not_found, key_missing, missing_required_attributes, users_need_resource_role, rule_broken,
    /// unknown_role, unknown_organization, unknown_identity_provider, identity_provider_disabled, unknown_reference,
    /// role_too_heavy, owned_by_another_connection, invalid_value, conflict, unavailable or internal_error
    code: String,
    /// What is wrong, and what to do
    message: String,
    /// The fields that are at fault, if some are, separated by commas
    field: Option<String>,
}

/// A new user with the password that was made.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct NewUser {
    /// The key of the record
    key: String,
    /// The user's id
    id: Uuid,
    /// By what the user signs in
    user_name: String,
    /// The password, once
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    password: Option<String>,
}

impl RecordsAnswer {
    /// The answer to records with these keys.
    pub fn of(keys: Vec<String>, provisioned: Vec<Provisioned>) -> Self {
        let mut counts = Counts { total: keys.len() as u64, ..Counts::default() };
        let mut users = Vec::new();
        for (place, (key, Provisioned { outcome, credentials })) in keys.into_iter().zip(provisioned).enumerate() {
            if let (RecordOutcome::Inserted(id), Some(shown)) = (&outcome, credentials) {
                let password = Some(shown.password.expose_secret().to_owned());
                users.push(NewUser { key: key.clone(), id: id.0, user_name: shown.user_name, password });
            }
            counts.add(key, place, outcome);
        }
        Self { result: counts, users: (!users.is_empty()).then_some(users) }
    }

    /// The same without the passwords, as it may be kept.
    pub fn without_passwords(mut self) -> Self {
        self.users.iter_mut().flatten().for_each(|user| user.password = None);
        self
    }
}

impl Counts {
    fn add(&mut self, key: String, place: usize, outcome: RecordOutcome) {
        match outcome {
            RecordOutcome::Inserted(_) => self.inserted += 1,
            RecordOutcome::Updated(_) => self.updated += 1,
            RecordOutcome::Unchanged(_) => self.unchanged += 1,
            RecordOutcome::Failed(failure) => {
                // Two records of one key may both fail.
                let key = if self.failures.contains_key(&key) { format!("{key} (record {})", place + 1) } else { key };
                self.failures.insert(key, json!(failure));
            }
        }
    }
}

/// Leaves a request of which records failed for the activity log; their places are counted from 1.
pub fn tell_failures(request: &ApiRequest<'_>, failures: &[(usize, &RecordFailure)], total: usize) {
    let Some((place, first)) = failures.first() else { return };
    let message = &first.message;
    let told = format!("{} of {total} records failed; record {place}: {message}", failures.len());
    request.tell_failure(&as_scim(first.code, told));
}

/// The failures among outcomes, by their places from 1.
pub fn failures<'o>(outcomes: impl Iterator<Item = &'o RecordOutcome>) -> Vec<(usize, &'o RecordFailure)> {
    let failed = outcomes.zip(1..).filter_map(|(outcome, place)| match outcome {
        RecordOutcome::Failed(failure) => Some((place, failure)),
        _ => None,
    });
    failed.collect()
}

/// A failure as the activity log files it.
fn as_scim(code: RecordCode, detail: String) -> ScimError {
    let (status, scim_type) = match code {
        RecordCode::EmailAlreadyExists | RecordCode::EmployeeIdAlreadyExists | RecordCode::UserNameAlreadyExists => {
            (409, Some(ScimType::Uniqueness))
        }
        RecordCode::Conflict | RecordCode::DuplicateRecord => (409, None),
        RecordCode::UserNotFound => (404, None),
        RecordCode::OwnedByAnotherConnection | RecordCode::RoleTooHeavy | RecordCode::ApiUserNotFound => (403, None),
        RecordCode::Unavailable => (503, None),
        RecordCode::InternalError => (500, None),
        _ => (400, Some(ScimType::InvalidValue)),
    };
    ScimError { status, scim_type, detail }
}
