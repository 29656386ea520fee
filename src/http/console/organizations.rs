//! What organizations have besides other resources: the settings that hold for their users, and a form for new ones.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::error::{ConsoleError, sentence};
use super::flash::Flash;
use super::pages::{Choice, Keychain, Notice, Setting};
use super::{ConsoleAnswer, Place, Visit, reply, resource, resources};
use crate::gateway::GatewayError;
use crate::http::error::HttpError;
use crate::model::{Caller, Credentials, Preconditions, ResourceId};
use crate::scim::schema::ResourceType;
use crate::scim::schema::own::ORGANIZATION;
use crate::scim::urn;

const CREATION: &str = "keychainCreationForNewUserActive";
const SUPPRESSION: &str = "keychainEmailSuppression";

/// Whether resources of this type are our organizations, and not something of the tenant's own that is called so.
pub fn is_ours(kind: &ResourceType) -> bool {
    kind.name == ORGANIZATION && kind.schema.uri.matches(urn::ORGANIZATION)
}

/// What holds for the users of an organization: its own settings, else those of the tenant.
pub fn keychain(place: &Place, document: &Value) -> Keychain {
    let choices = &place.tenant.provisioning;
    let own = |name: &str| document.get(name).and_then(Value::as_bool);
    let whose = |is_own: bool| if is_own { "set for this organization" } else { "as the tenant chose" };
    let (creation, suppression) = (own(CREATION), own(SUPPRESSION));
    let credentials = match (creation, choices.credentials) {
        (Some(true), _) | (None, Credentials::Invite) => "They are invited.",
        (Some(false), _) | (None, Credentials::ReturnOnce) => "They get a password, which is returned once.",
        (None, Credentials::None) => "They sign in by an identity provider.",
    };
    let mails = if suppression.unwrap_or(choices.suppress_invitation_email) {
        "Not mailed: they wait until somebody sends them."
    } else {
        "Mailed at once."
    };
    let three = |now: Option<bool>, yes: &str, no: &str| {
        [("", "As the tenant chose", None), ("true", yes, Some(true)), ("false", no, Some(false))]
            .map(|(key, text, value)| Choice::new(key, text, value == now))
            .to_vec()
    };
    Keychain {
        settings: vec![
            Setting { name: "New users", text: credentials, note: whose(creation.is_some()) },
            Setting { name: "Invitations", text: mails, note: whose(suppression.is_some()) },
        ],
        creation: three(creation, "Are invited", "Get a password, returned once"),
        suppression: three(suppression, "Are not mailed", "Are mailed"),
    }
}

fn caller(visit: &Visit<'_>, place: &Place) -> Caller {
    let tenant = Arc::new(place.tenant.clone());
    Caller::administrator(tenant, place.catalog.clone(), &visit.caller.origin, visit.id)
}

/// Creates one.
pub async fn create(visit: &Visit<'_>, place: &Place, kind: &Arc<ResourceType>) -> ConsoleAnswer {
    visit.may_write()?;
    let mut body = Map::from_iter([("schemas".to_owned(), json!([urn::ORGANIZATION]))]);
    for field in ["name", "customer"] {
        let text = visit.form.get(field);
        if !text.is_empty() {
            body.insert(field.to_owned(), text.into());
        }
    }
    let made = visit.app.gateway.create(&caller(visit, place), kind, Value::Object(body)).await;
    match made {
        Ok(stored) => {
            reply::done(&format!("{}/{}", resources::url(place, ORGANIZATION), stored.id), Flash::OrganizationCreated)
        }
        Err(error) => resources::list(visit, place, kind, Some(Notice::problem(told(error)?))).await,
    }
}

/// Sets what holds for its users.
pub async fn set(visit: &Visit<'_>, place: &Place, kind: &Arc<ResourceType>, id: ResourceId) -> ConsoleAnswer {
    visit.may_write()?;
    let mut operations = Vec::new();
    for (field, path) in [("creation", CREATION), ("suppression", SUPPRESSION)] {
        operations.push(match visit.form.get(field) {
            "true" => json!({"op": "replace", "path": path, "value": true}),
            "false" => json!({"op": "replace", "path": path, "value": false}),
            _ => json!({"op": "remove", "path": path}),
        });
    }
    let patch = json!({"schemas": [urn::PATCH_OP], "Operations": operations});
    let changed = visit.app.gateway.patch(&caller(visit, place), kind, id, &Preconditions::default(), patch).await;
    match changed {
        Ok(_) => reply::done(&format!("{}/{id}", resources::url(place, ORGANIZATION)), Flash::Saved),
        Err(GatewayError::NotFound { .. }) => Err(ConsoleError::NotFound),
        Err(error) => resource::resource(visit, place, kind, id, Some(Notice::problem(told(error)?))).await,
    }
}

/// Why something was refused, for people.
fn told(error: GatewayError) -> Result<String, ConsoleError> {
    match error {
        GatewayError::Scim(error) => Ok(sentence(&error.detail)),
        GatewayError::Refused(refusal) => Ok(sentence(&refusal.error.detail)),
        GatewayError::Taken { .. } => Ok("There is an organization of this name already.".to_owned()),
        error => Err(HttpError::from(error).into()),
    }
}
