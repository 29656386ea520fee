//! Writing one record, by the use cases that SCIM has.

use std::sync::Arc;

use secrecy::ExposeSecret;
use serde_json::{Map, Value, json};

use super::known::told;
use super::plan::{Plan, Target};
use super::references::References;
use super::{OnceShown, Provisioned, body, failure};
use crate::auth::password;
use crate::gateway::create::New;
use crate::gateway::{Gateway, GatewayError, InvitationTerms, ROUNDS};
use crate::model::{
    Caller, Credentials, EntityTags, InvitedTo, Preconditions, Record, RecordCode, RecordFailure, RecordOutcome,
    ResourceId, Stored,
};
use crate::scim::dialect::Dialect;
use crate::scim::explain::Readings;
use crate::scim::fold::fold;
use crate::scim::patch::{Outcome, Patch, PatchRequest};
use crate::scim::resource::{Draft, Resource};
use crate::scim::schema::ResourceType;
use crate::scim::{ScimError, urn};
use crate::store::{PeopleKeys, Person};

/// A new user that is ready to be written.
pub(super) struct Drafted<'a> {
    pub new: New<'a>,
    /// What it is told by once it was written.
    pub credentials: Option<OnceShown>,
    /// Whether it is invited then.
    pub is_invited: bool,
}

impl Gateway {
    /// The type of users, if it can hold what a record refers to.
    pub(super) fn kind_of_users<'c>(
        &self,
        caller: &'c Caller,
        references: &References<'_>,
    ) -> Result<&'c Arc<ResourceType>, RecordFailure> {
        let kind = caller.catalog.named("User").ok_or_else(|| failure::whole(RecordCode::InternalError, "no users"))?;
        if kind.extension(urn::PROVISIONING).is_none() && names_ours(references) {
            let message = "The tenant's definitions for records are not there; turn provisioning off and on again";
            return Err(failure::whole(RecordCode::InvalidValue, message));
        }
        Ok(kind)
    }

    /// Does what was planned for a record.
    pub(super) async fn write_record(
        &self,
        caller: &Caller,
        record: &Record,
        plan: Plan<'_>,
    ) -> Result<Provisioned, RecordFailure> {
        let kind = self.kind_of_users(caller, &plan.references)?;
        match plan.target {
            Target::New(user_name) => self.create_user(caller, kind, record, (&plan.references, user_name)).await,
            Target::Incomplete(missing) => {
                let fields = self.missing_fields(caller, kind, record, &plan.references).await?;
                let missing: Vec<String> = missing.into_iter().map(str::to_owned).chain(fields).collect();
                Err(failure::missing(&missing))
            }
            Target::Known(person) => {
                let outcome = self.update_user(caller, kind, record, (&plan.references, person)).await?;
                Ok(Provisioned { outcome, credentials: None })
            }
        }
    }

    /// What the roles of somebody who cannot be created, and the tenant's rules, ask for beside what everybody must have.
    async fn missing_fields(
        &self,
        caller: &Caller,
        kind: &Arc<ResourceType>,
        record: &Record,
        references: &References<'_>,
    ) -> Result<Vec<String>, RecordFailure> {
        let body = body::new_user(record, references, "-");
        let operations = body::attribute_operations(record, kind)?;
        let user = with_attributes(body, operations, kind, &caller.tenant.dialect);
        let Ok(user) = user.map(Resource::from_stored) else { return Ok(Vec::new()) };
        match self.rehearsal().check_roles(caller, kind, &Resource::default(), &user).await {
            Err(GatewayError::Refused(refusal)) if refusal.code == RecordCode::MissingRequiredAttributes => {
                Ok(refusal.fields)
            }
            _ => Ok(Vec::new()),
        }
    }

    /// Makes a new user ready to be written.
    pub(super) async fn draft_user<'k>(
        &self,
        caller: &Caller,
        kind: &'k Arc<ResourceType>,
        record: &Record,
        (references, user_name): (&References<'_>, String),
    ) -> Result<Drafted<'k>, RecordFailure> {
        let mut body = body::new_user(record, references, &user_name);
        let operations = body::attribute_operations(record, kind)?;
        if !operations.is_empty() {
            body = with_attributes(body, operations, kind, &caller.tenant.dialect).map_err(failure::of_scim)?;
        }
        let credentials = references.credentials(&caller.tenant.provisioning);
        let is_invited = record.send_invitation.unwrap_or(credentials == Credentials::Invite) && !self.is_rehearsal;
        let shows_password = credentials == Credentials::ReturnOnce && !self.is_rehearsal;
        let credentials =
            shows_password.then(|| OnceShown { user_name, password: password::generate(&mut rand::rng()) });
        if let Some(OnceShown { password, .. }) = &credentials {
            body.insert("password".to_owned(), password.expose_secret().into());
        }
        let id = ResourceId::new(self.clock.now());
        let new = self.draft_as(caller, kind, id, Value::Object(body), readings(caller, kind, record)).await;
        let new = new.map_err(failure::of)?;
        Ok(Drafted { new, credentials, is_invited })
    }

    async fn create_user(
        &self,
        caller: &Caller,
        kind: &Arc<ResourceType>,
        record: &Record,
        (references, user_name): (&References<'_>, String),
    ) -> Result<Provisioned, RecordFailure> {
        let drafted = self.draft_user(caller, kind, record, (references, user_name)).await?;
        let Drafted { new, credentials, is_invited } = drafted;
        let now = self.clock.now();
        let stored = match self.insert(caller, new, now).await {
            Ok(stored) => stored,
            Err(error) => return Err(self.why_not_created(caller, record, failure::of(error)).await),
        };
        if is_invited {
            self.invite_new(caller, stored.id, references).await;
        }
        Ok(Provisioned { outcome: RecordOutcome::Inserted(stored.id), credentials })
    }

    /// Invites a user who was made just now. The user is there whatever becomes of that; it can be invited again.
    pub(super) async fn invite_new(&self, caller: &Caller, user: ResourceId, references: &References<'_>) {
        let organizations = references.organizations.iter().flatten();
        let terms = InvitationTerms {
            organizations: organizations.map(|known| InvitedTo { id: known.id, name: known.name.clone() }).collect(),
            identity_provider: references.identity_provider.flatten().cloned(),
            inviter: caller.label.to_string(),
            message: None,
            sends_mail: !references.suppresses_email(&caller.tenant.provisioning),
            by: None,
        };
        if let Err(why) = self.invite_user(caller, user, &terms).await {
            log::warn!("request {}: the new user {user} could not be invited: {}", caller.request, why.message);
        }
    }

    /// Names the e-mail address as what is taken, where the user name was made of it and somebody came with both in the meantime.
    pub(super) async fn why_not_created(
        &self,
        caller: &Caller,
        record: &Record,
        failure: RecordFailure,
    ) -> RecordFailure {
        let is_made = failure.code == RecordCode::UserNameAlreadyExists && told(&record.user_name).is_none();
        let Some(email) = told(&record.email).filter(|_| is_made && caller.tenant.provisioning.unique_email) else {
            return failure;
        };
        let keys = PeopleKeys { email_keys: vec![fold(email).into_owned()], ..PeopleKeys::default() };
        match self.store.tenant(caller.tenant.id).people(&keys).await {
            Ok(people) if !people.is_empty() => failure::email_taken(),
            _ => failure,
        }
    }

    pub(super) async fn update_user(
        &self,
        caller: &Caller,
        kind: &Arc<ResourceType>,
        record: &Record,
        (references, person): (&References<'_>, &Person),
    ) -> Result<RecordOutcome, RecordFailure> {
        let by_path = body::attribute_operations(record, kind)?;
        let mut seen = person.stored.clone();
        let readings = readings(caller, kind, record);
        for _ in 0..ROUNDS {
            let current = Resource::from_document(&seen.document)
                .ok_or_else(|| failure::whole(RecordCode::InternalError, "The user cannot be read"))?;
            let policy = caller.tenant.dialect.employee_id;
            let mut operations = body::operations(record, references, current.as_map(), policy);
            operations.extend(by_path.iter().cloned());
            if operations.is_empty() {
                return Ok(RecordOutcome::Unchanged(seen.id));
            }
            let patch = json!({"schemas": [urn::PATCH_OP], "Operations": operations});
            let outcome = apply(patch.clone(), &current, kind, &caller.tenant.dialect).map_err(failure::of_scim)?;
            if outcome.is_unchanged() {
                return Ok(RecordOutcome::Unchanged(seen.id));
            }
            let only_now = Preconditions {
                if_match: Some(EntityTags::Versions(vec![Some(seen.version)])),
                ..Preconditions::default()
            };
            match self.patch_as(caller, kind, (seen.id, &only_now), patch, readings.clone()).await {
                Ok(stored) if stored.version == seen.version => return Ok(RecordOutcome::Unchanged(seen.id)),
                Ok(stored) => return Ok(RecordOutcome::Updated(stored.id)),
                Err(GatewayError::PreconditionFailed) => seen = self.seen_now(caller, kind, seen.id).await?,
                Err(error) => return Err(failure::of(error)),
            }
        }
        Err(failure::of(GatewayError::PreconditionFailed))
    }

    /// The user as others have made it in the meantime.
    async fn seen_now(&self, caller: &Caller, kind: &ResourceType, id: ResourceId) -> Result<Stored, RecordFailure> {
        let found = self.store.tenant(caller.tenant.id).find(&kind.name, id, false).await;
        let found = found.map_err(|error| failure::of(error.into()))?;
        found.ok_or_else(|| failure::of(GatewayError::NotFound { resource_type: kind.name.clone(), id }))
    }
}

/// What of a record is read otherwise than it was sent, or left out.
fn readings(caller: &Caller, kind: &Arc<ResourceType>, record: &Record) -> Readings {
    let texts = [
        ("employeeId", &record.employee_id),
        ("email", &record.email),
        ("userName", &record.user_name),
        ("firstName", &record.first_name),
        ("lastName", &record.last_name),
        ("displayName", &record.display_name),
        ("title", &record.title),
        ("department", &record.department),
    ];
    let texts = texts.into_iter().filter_map(|(name, text)| Some((name, text.as_deref()?)));
    Readings::of_record(&record.attributes, texts, kind, &caller.tenant.dialect)
}

/// Whether something is told that only the extension for records can hold.
fn names_ours(references: &References<'_>) -> bool {
    references.organizations.as_ref().is_some_and(|named| !named.is_empty())
        || references.identity_provider.flatten().is_some()
}

fn apply(patch: Value, current: &Resource, kind: &Arc<ResourceType>, dialect: &Dialect) -> Result<Outcome, ScimError> {
    Patch::check(PatchRequest::parse(patch, dialect)?, kind, dialect)?.apply(current)
}

/// A new user's body with what operations add to it.
fn with_attributes(
    body: Map<String, Value>,
    operations: Vec<Value>,
    kind: &Arc<ResourceType>,
    dialect: &Dialect,
) -> Result<Map<String, Value>, ScimError> {
    let draft = Draft::parse_replacement(Value::Object(body), kind, dialect)?;
    if operations.is_empty() {
        return Ok(draft.resource.into_map());
    }
    let patch = json!({"schemas": [urn::PATCH_OP], "Operations": operations});
    Ok(apply(patch, &draft.resource, kind, dialect)?.after.into_map())
}
