//! Users who are taken out of service, and brought back. The record, its groups and its history stay.

use std::collections::HashSet;

use futures_util::StreamExt;
use futures_util::stream;

use super::known::Known;
use super::references::References;
use super::{AT_ONCE, failure, not_set_up};
use crate::gateway::{Gateway, GatewayError};
use crate::model::{Caller, Record, RecordCode, RecordFailure, RecordOutcome, ResourceId};
use crate::scim::fold::fold;
use crate::store::{PeopleKeys, Person};

/// By what a user is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserKey {
    /// The employee id.
    EmployeeId(String),
    /// The e-mail address.
    Email(String),
    /// The id.
    Id(ResourceId),
}

impl UserKey {
    /// The field that tells it.
    fn field(&self) -> &'static str {
        match self {
            Self::EmployeeId(_) => "employeeId",
            Self::Email(_) => "email",
            Self::Id(_) => "id",
        }
    }
}

impl Gateway {
    /// Lets users sign in, or not; answers in the order of the keys. Who is so already is told as unchanged.
    pub async fn set_active(&self, caller: &Caller, active: bool, users: &[UserKey]) -> Vec<RecordOutcome> {
        let all = |failure: RecordFailure| users.iter().map(|_| RecordOutcome::Failed(failure.clone())).collect();
        if !caller.tenant.provisioning.enabled {
            return all(failure::whole(RecordCode::ApiUserNotFound, not_set_up(caller)));
        }
        let people = match self.store.tenant(caller.tenant.id).people(&keys(users)).await {
            Ok(people) => Known::of_people(people),
            Err(error) => return all(failure::of(GatewayError::from(error))),
        };
        let record = Record { active: Some(active), ..Record::default() };
        let mut seen = HashSet::new();
        let writes: Vec<_> = users
            .iter()
            .map(|key| {
                let person = find(&people, key).and_then(|person| {
                    let twice = || failure::whole(RecordCode::DuplicateRecord, "The same user was named before");
                    if seen.insert(person.stored.id) { Ok(person) } else { Err(twice()) }
                });
                let record = &record;
                async move {
                    let kind = caller.catalog.named("User");
                    let kind = kind.ok_or_else(|| failure::whole(RecordCode::InternalError, "no users"))?;
                    self.update_user(caller, kind, record, (&References::default(), person?)).await
                }
            })
            .collect();
        stream::iter(writes)
            .buffered(AT_ONCE)
            .map(|outcome: Result<_, _>| outcome.unwrap_or_else(RecordOutcome::Failed))
            .collect()
            .await
    }

    /// The user with that id, else the one with that employee id.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn find_person(&self, caller: &Caller, name: &str) -> Result<Option<Person>, GatewayError> {
        let id: Option<ResourceId> = name.parse().ok();
        let mut users = vec![UserKey::EmployeeId(name.to_owned())];
        users.extend(id.map(UserKey::Id));
        let people = Known::of_people(self.store.tenant(caller.tenant.id).people(&keys(&users)).await?);
        Ok(users.iter().rev().find_map(|key| find(&people, key).ok().cloned()))
    }
}

fn keys(users: &[UserKey]) -> PeopleKeys {
    let mut keys = PeopleKeys::default();
    for user in users {
        match user {
            UserKey::EmployeeId(id) => {
                keys.external_ids.push(id.clone());
                keys.employee_keys.push(fold(id).into_owned());
            }
            UserKey::Email(email) => keys.email_keys.push(fold(email).into_owned()),
            UserKey::Id(id) => keys.ids.push(*id),
        }
    }
    keys
}

fn find<'a>(people: &'a Known, key: &UserKey) -> Result<&'a Person, RecordFailure> {
    let found = match key {
        UserKey::EmployeeId(id) => people.by_employee_id(id),
        UserKey::Id(id) => people.by_id(*id),
        UserKey::Email(email) => match people.by_email(email).as_slice() {
            [] => None,
            [one] => Some(*one),
            _ => {
                let message = "Several users have that e-mail address; name the one that is meant by its employeeId";
                return Err(failure::of_field(RecordCode::InvalidValue, "email", message));
            }
        },
    };
    found.ok_or_else(|| {
        let field = key.field();
        failure::of_field(RecordCode::UserNotFound, field, format!("There is no user with that {field}"))
    })
}
