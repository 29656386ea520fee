//! What is to become of each record, decided by what there is and without writing anything.

use std::collections::{HashMap, HashSet};

use super::failure::{email_taken, employee_id_taken, of_field, user_name_taken, whole};
use super::known::{Known, told};
use super::references::References;
use crate::model::{Caller, MailAddress, Record, RecordCode, RecordFailure, RecordMode, ResourceId};
use crate::scim::dialect::UnknownRoles;
use crate::scim::fold::fold;
use crate::store::Person;

/// What is to become of a record.
pub(super) struct Plan<'a> {
    /// Whom it is written to.
    pub target: Target<'a>,
    /// What it refers to.
    pub references: References<'a>,
    /// Whom it names as manager.
    pub manager: Manager,
}

/// The user whom a record tells of.
pub(super) enum Target<'a> {
    /// Somebody who is to be created, with that user name.
    New(String),
    /// Somebody who would be created, if these fields were told.
    Incomplete(Vec<&'static str>),
    /// Somebody who is there.
    Known(&'a Person),
}

/// The manager whom a record names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manager {
    /// Nobody, or somebody who is there: that is among the references.
    Settled,
    /// Somebody of whom another record of the call tells, by its place.
    Record(usize),
}

impl Plan<'_> {
    /// The plan with its manager known.
    pub fn with_manager(self, id: ResourceId) -> Self {
        let references = References { manager: Some(Some(id)), ..self.references };
        Self { references, manager: Manager::Settled, ..self }
    }
}

/// The plans of the records, in their order.
pub(super) fn of<'a>(
    caller: &Caller,
    mode: RecordMode,
    records: &'a [Record],
    known: &'a Known,
) -> Vec<Result<Plan<'a>, RecordFailure>> {
    let mut planner = Planner {
        caller,
        mode,
        known,
        places: places(records),
        keys: HashSet::new(),
        targets: HashSet::new(),
        emails: HashSet::new(),
        user_names: HashSet::new(),
    };
    records.iter().map(|record| planner.plan(record)).collect()
}

/// Where the records of a call stand, by their keys.
fn places(records: &[Record]) -> HashMap<String, usize> {
    let mut places = HashMap::new();
    for (place, record) in records.iter().enumerate() {
        for key in [told(&record.employee_id), told(&record.email)].into_iter().flatten() {
            places.entry(fold(key).into_owned()).or_insert(place);
        }
    }
    places
}

struct Planner<'a, 'c> {
    caller: &'c Caller,
    mode: RecordMode,
    known: &'a Known,
    places: HashMap<String, usize>,
    keys: HashSet<String>,
    targets: HashSet<ResourceId>,
    emails: HashSet<String>,
    user_names: HashSet<String>,
}

impl<'a> Planner<'a, '_> {
    fn plan(&mut self, record: &'a Record) -> Result<Plan<'a>, RecordFailure> {
        check_texts(record)?;
        let key = told(&record.employee_id).or(told(&record.email)).ok_or_else(|| {
            whole(RecordCode::KeyMissing, "The record has neither an employeeId nor an email; send one of them")
        })?;
        let twice = || whole(RecordCode::DuplicateRecord, "Another record before this one tells of the same user");
        if !self.keys.insert(fold(key).into_owned()) {
            return Err(twice());
        }
        let person = self.person(record)?;
        if person.is_some_and(|person| !self.targets.insert(person.stored.id)) {
            return Err(twice());
        }
        let creates_roles = self.caller.tenant.dialect.unknown_roles == UnknownRoles::Create;
        let references = References::find(record, self.known, creates_roles)?;
        self.check_email(record)?;
        let target = match person {
            Some(person) => Target::Known(person),
            None => match missing(record) {
                missing if missing.is_empty() => Target::New(self.user_name(record, &references)?),
                missing => Target::Incomplete(missing),
            },
        };
        let (manager, found) = self.manager(record)?;
        Ok(Plan { target, references: References { manager: found, ..references }, manager })
    }

    /// The user whom the record tells of; `None` if it is to be created.
    fn person(&self, record: &Record) -> Result<Option<&'a Person>, RecordFailure> {
        let with_email = told(&record.email).map(|email| self.known.by_email(email)).unwrap_or_default();
        let is_unique = self.caller.tenant.provisioning.unique_email;
        let is_taken = is_unique && !with_email.is_empty();
        let Some(employee_id) = told(&record.employee_id) else {
            return match (self.mode, with_email.as_slice()) {
                (RecordMode::Create, _) if is_taken => Err(email_taken()),
                (RecordMode::Create, _) | (RecordMode::Upsert, []) => Ok(None),
                (RecordMode::Update, []) => Err(not_found("email")),
                (_, [person]) => Ok(Some(person)),
                (_, _) => {
                    let message =
                        "Several users have that e-mail address; name the one that is meant by its employeeId";
                    Err(of_field(RecordCode::InvalidValue, "email", message))
                }
            };
        };
        if let Some(person) = self.known.by_employee_id(employee_id) {
            return if self.mode == RecordMode::Create { Err(employee_id_taken()) } else { Ok(Some(person)) };
        }
        // Somebody who was known by the address alone so far is given the employee id.
        let adopted = match with_email.as_slice() {
            [person] if person.employee_key.is_none() => Some(*person),
            _ => None,
        };
        match (self.mode, adopted) {
            (RecordMode::Update | RecordMode::Upsert, Some(person)) => Ok(Some(person)),
            (RecordMode::Update, None) => Err(not_found("employeeId")),
            _ if is_taken => Err(email_taken()),
            _ => Ok(None),
        }
    }

    /// Holds that no record before tells the same address, if addresses are unique.
    fn check_email(&mut self, record: &Record) -> Result<(), RecordFailure> {
        let Some(email) = told(&record.email) else { return Ok(()) };
        if self.caller.tenant.provisioning.unique_email && !self.emails.insert(fold(email).into_owned()) {
            return Err(email_taken());
        }
        Ok(())
    }

    /// The user name of somebody new: as told, else the address, behind the prefix of the identity provider if it has one.
    fn user_name(&mut self, record: &Record, references: &References<'_>) -> Result<String, RecordFailure> {
        let prefix = references.identity_provider.flatten().and_then(|provider| provider.prefix.as_ref());
        let email = told(&record.email).unwrap_or_default();
        let user_name = match (told(&record.user_name), prefix) {
            (Some(user_name), _) => user_name.to_owned(),
            (None, Some(prefix)) => format!("{prefix}_{email}"),
            (None, None) => email.to_owned(),
        };
        if !self.user_names.insert(fold(&user_name).into_owned()) {
            return Err(user_name_taken());
        }
        Ok(user_name)
    }

    fn manager(&self, record: &Record) -> Result<(Manager, Option<Option<ResourceId>>), RecordFailure> {
        let Some(reference) = told(&record.manager) else {
            return Ok((Manager::Settled, record.manager.as_ref().map(|_| None)));
        };
        if let Some(person) = self.known.person(reference) {
            return Ok((Manager::Settled, Some(Some(person.stored.id))));
        }
        match self.places.get(fold(reference).as_ref()) {
            Some(place) => Ok((Manager::Record(*place), None)),
            None => {
                let message = format!("There is no user {reference}; send that one first, or leave the manager out");
                Err(of_field(RecordCode::UnknownReference, "manager", message))
            }
        }
    }
}

/// What everybody new must have, as far as the record does not tell it.
fn missing(record: &Record) -> Vec<&'static str> {
    let wanted = [("email", &record.email), ("firstName", &record.first_name), ("lastName", &record.last_name)];
    wanted.into_iter().filter(|(_, text)| told(text).is_none()).map(|(name, _)| name).collect()
}

fn not_found(field: &str) -> RecordFailure {
    of_field(RecordCode::UserNotFound, field, format!("There is no user with that {field}"))
}

/// Holds what records are found by to what a database can look for, and the address to what mail can be sent to.
fn check_texts(record: &Record) -> Result<(), RecordFailure> {
    let texts = [
        ("employeeId", &record.employee_id),
        ("email", &record.email),
        ("userName", &record.user_name),
        ("manager", &record.manager),
        ("identityProvider", &record.identity_provider),
    ];
    for (field, text) in texts {
        if text.as_ref().is_some_and(|text| text.contains(char::is_control)) {
            return Err(of_field(RecordCode::InvalidValue, field, "It holds a control character; leave that out"));
        }
    }
    let names = [
        ("firstName", &record.first_name),
        ("lastName", &record.last_name),
        ("displayName", &record.display_name),
        ("title", &record.title),
        ("department", &record.department),
    ];
    for (field, text) in names {
        if text.as_ref().is_some_and(|text| text.contains('\0')) {
            return Err(of_field(RecordCode::InvalidValue, field, "It holds U+0000; leave that out"));
        }
    }
    let lists = [("roles", &record.roles), ("organizations", &record.organizations)];
    for (field, list) in lists {
        if list.iter().flatten().any(|text| text.contains(char::is_control)) {
            return Err(of_field(RecordCode::InvalidValue, field, "It holds a control character; leave that out"));
        }
    }
    match told(&record.email) {
        Some(email) if email.contains('<') || email.parse::<MailAddress>().is_err() => {
            let message = "It is no e-mail address; write for example ann@example.com";
            Err(of_field(RecordCode::InvalidValue, "email", message))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_cannot_be_kept_are_refused_by_their_field() {
        let wrong = |record: Record| check_texts(&record).err().and_then(|failure| failure.field);
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(wrong(Record { title: text("a\0"), ..Record::default() }).as_deref(), Some("title"));
        assert_eq!(wrong(Record { employee_id: text("a\n"), ..Record::default() }).as_deref(), Some("employeeId"));
        assert_eq!(wrong(Record { roles: Some(vec!["a\t".into()]), ..Record::default() }).as_deref(), Some("roles"));
        for email in ["x", "Ann <ann@b.c>", "a b@c.d", "@b.c"] {
            assert_eq!(wrong(Record { email: text(email), ..Record::default() }).as_deref(), Some("email"), "{email}");
        }
        assert_eq!(wrong(Record { email: text(" ann@b.c "), title: text("a\nb"), ..Record::default() }), None);
    }
}
