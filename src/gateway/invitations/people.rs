//! Who is meant, what they are invited to, and where their mail goes.

use serde_json::Value;

use super::{Invitee, Inviting};
use crate::gateway::Gateway;
use crate::model::{
    Caller, Connection, InvitedTo, Language, MailAddress, Record, RecordCode, RecordFailure, RecordMode, RecordOutcome,
    ResourceId, Stored,
};
use crate::scim::fold::fold;
use crate::store::{PeopleKeys, StoreError};

/// What the organizations of a call are, each as it was named.
pub(super) struct Organizations {
    pub named: Vec<(String, Option<InvitedTo>)>,
    /// Whether no invitation is mailed: as the first of them says that says anything of it, else as the tenant does.
    pub suppress_mail: bool,
}

/// A user who can be written to.
pub(super) struct Reachable {
    pub id: ResourceId,
    pub address: MailAddress,
    pub language: Option<Language>,
}

pub(super) fn failure(code: RecordCode, field: Option<&str>, message: impl Into<String>) -> RecordFailure {
    RecordFailure { code, message: message.into(), field: field.map(str::to_owned) }
}

/// What the client is told of trouble with the database; the cause goes to the log.
pub(super) fn trouble(error: &StoreError) -> RecordFailure {
    log::warn!("an invitation could not be made: {error}");
    failure(RecordCode::Unavailable, None, "The database is not available at the moment; invite again")
}

impl Gateway {
    /// The organizations with these ids or names.
    pub(super) async fn organizations_of(
        &self,
        caller: &Caller,
        references: &[String],
    ) -> Result<Organizations, StoreError> {
        let mut references: Vec<&str> = references.iter().map(|reference| reference.trim()).collect();
        references.retain(|reference| !reference.is_empty());
        let mut seen = Vec::new();
        references.retain(|reference| {
            !seen.contains(reference) && {
                seen.push(*reference);
                true
            }
        });
        let mut suppress_mail = None;
        let mut named = Vec::with_capacity(references.len());
        if !references.is_empty() {
            let ids: Vec<ResourceId> = references.iter().filter_map(|reference| reference.parse().ok()).collect();
            let names: Vec<String> = references.iter().map(|reference| fold(reference).into_owned()).collect();
            let found = self.store.tenant(caller.tenant.id).organizations_named(&ids, &names).await?;
            let found: Vec<(ResourceId, Value)> = found
                .into_iter()
                .map(|(id, document)| (id, serde_json::from_str(&document).unwrap_or_default()))
                .collect();
            let name = |document: &Value| document["name"].as_str().unwrap_or_default().to_owned();
            for reference in references {
                let by_id = found.iter().find(|(id, _)| id.to_string() == reference);
                let is_called = |(_, document): &&(ResourceId, Value)| fold(&name(document)) == fold(reference);
                let hit = by_id.or_else(|| found.iter().find(is_called));
                suppress_mail = suppress_mail
                    .or_else(|| hit.and_then(|(_, document)| document["keychainEmailSuppression"].as_bool()));
                let hit = hit.map(|(id, document)| InvitedTo { id: *id, name: name(document) });
                named.push((reference.to_owned(), hit));
            }
        }
        let of_tenant = caller.tenant.provisioning.suppress_invitation_email;
        Ok(Organizations { named, suppress_mail: suppress_mail.unwrap_or(of_tenant) })
    }

    /// The identity provider of that id, name or prefix.
    pub(super) async fn provider_of(&self, caller: &Caller, reference: &str) -> Result<Connection, RecordFailure> {
        let all = self.store.connections(caller.tenant.id).await.map_err(|error| trouble(&error))?;
        let (reference, field) = (reference.trim(), Some("identityProvider"));
        let has_prefix = |one: &Connection| one.prefix.as_ref().is_some_and(|prefix| prefix.as_str() == reference);
        let names = [
            all.iter().find(|one| one.id.to_string() == reference),
            all.iter().find(|one| fold(one.name.as_str()) == fold(reference)),
            all.iter().find(|one| has_prefix(one)),
        ];
        let Some(found) = names.into_iter().flatten().next() else {
            let told = format!("There is no identity provider {reference}; /api/v1/identity-providers lists them");
            return Err(failure(RecordCode::UnknownIdentityProvider, field, told));
        };
        if !found.enabled {
            let told =
                format!("The identity provider {} is disabled; enable it first, or name another one", found.name);
            return Err(failure(RecordCode::IdentityProviderDisabled, field, told));
        }
        Ok(found.clone())
    }

    /// The user who is meant, made if there is none; and whether it is new.
    pub(super) async fn user_of(
        &self,
        caller: &Caller,
        invitee: &Invitee,
        inviting: &Inviting,
    ) -> Result<(ResourceId, bool), RecordFailure> {
        let record = match invitee {
            Invitee::User(id) => return Ok((*id, false)),
            Invitee::Person(record) => record.as_ref(),
        };
        if let Some(known) = self.known_as(caller, record).await? {
            return Ok((known, false));
        }
        if record.email.as_deref().is_none_or(|email| email.trim().is_empty()) {
            let told = "Nobody has that employee id; tell an e-mail address, so that a user can be made";
            return Err(failure(RecordCode::UserNotFound, Some("email"), told));
        }
        let provider = record.identity_provider.clone().or_else(|| inviting.identity_provider.clone());
        let new =
            Record { organizations: None, identity_provider: provider, send_invitation: Some(false), ..record.clone() };
        let made = self.provision(caller, RecordMode::Create, std::slice::from_ref(&new), false).await;
        match made.into_iter().next().map(|made| made.outcome) {
            Some(RecordOutcome::Inserted(id) | RecordOutcome::Updated(id) | RecordOutcome::Unchanged(id)) => {
                Ok((id, true))
            }
            Some(RecordOutcome::Failed(why)) if is_taken(why.code) => {
                // Somebody else was faster; then there is a user now.
                self.known_as(caller, record).await?.map(|known| (known, false)).ok_or(why)
            }
            Some(RecordOutcome::Failed(why)) => Err(why),
            None => Err(failure(RecordCode::InternalError, None, "The user was not made")),
        }
    }

    /// The user with the record's employee id, else with its address.
    async fn known_as(&self, caller: &Caller, record: &Record) -> Result<Option<ResourceId>, RecordFailure> {
        let told =
            |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        let (employee_id, email) =
            (told(&record.employee_id), told(&record.email).map(|email| fold(&email).into_owned()));
        if employee_id.is_none() && email.is_none() {
            let told = "Tell an id, an employee id or an e-mail address";
            return Err(failure(RecordCode::KeyMissing, None, told));
        }
        let keys = PeopleKeys {
            external_ids: employee_id.iter().cloned().collect(),
            employee_keys: employee_id.iter().map(|id| fold(id).into_owned()).collect(),
            email_keys: email.iter().cloned().collect(),
            ids: Vec::new(),
        };
        let people = self.store.tenant(caller.tenant.id).people(&keys).await.map_err(|error| trouble(&error))?;
        let employee_key = employee_id.as_deref().map(|id| fold(id).into_owned());
        let by_employee = people.iter().find(|person| {
            employee_id.is_some() && (person.external_id == employee_id || person.employee_key == employee_key)
        });
        if let Some(person) = by_employee {
            return Ok(Some(person.stored.id));
        }
        let by_email: Vec<_> =
            people.iter().filter(|person| email.iter().any(|email| person.email_keys.contains(email))).collect();
        match by_email.as_slice() {
            [] => Ok(None),
            [person] => Ok(Some(person.stored.id)),
            _ => {
                let told = "Several users have that e-mail address; name the one you mean by its id";
                Err(failure(RecordCode::InvalidValue, Some("email"), told))
            }
        }
    }

    /// A user as somebody to write to.
    pub(super) async fn reachable(&self, caller: &Caller, id: ResourceId) -> Result<Reachable, RecordFailure> {
        let found =
            self.store.tenant(caller.tenant.id).find("User", id, false).await.map_err(|error| trouble(&error))?;
        let found =
            found.ok_or_else(|| failure(RecordCode::UserNotFound, Some("id"), format!("There is no user {id}")))?;
        address_of(&found)
    }
}

fn is_taken(code: RecordCode) -> bool {
    matches!(
        code,
        RecordCode::EmailAlreadyExists | RecordCode::EmployeeIdAlreadyExists | RecordCode::UserNameAlreadyExists
    )
}

fn address_of(stored: &Stored) -> Result<Reachable, RecordFailure> {
    let document: Value = serde_json::from_str(&stored.document).unwrap_or_default();
    if document["active"] == Value::Bool(false) {
        let told = "The user is deactivated; reactivate it first";
        return Err(failure(RecordCode::InvalidValue, Some("id"), told));
    }
    let emails = document["emails"].as_array().map(Vec::as_slice).unwrap_or_default();
    let primary = emails.iter().find(|email| email["primary"] == Value::Bool(true)).or_else(|| emails.first());
    let written = primary.and_then(|email| email["value"].as_str()).or_else(|| document["userName"].as_str());
    let told = "The user has no e-mail address that mail can be sent to";
    let address: MailAddress = written
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| failure(RecordCode::InvalidValue, Some("email"), told))?;
    let name = [&document["displayName"], &document["name"]["formatted"], &document["name"]["givenName"]];
    let name = name.into_iter().find_map(Value::as_str).unwrap_or_default();
    let language =
        document["preferredLanguage"].as_str().and_then(|tag| tag.get(..2)?.to_ascii_lowercase().parse().ok());
    Ok(Reachable { id: stored.id, address: address.named(name), language })
}
