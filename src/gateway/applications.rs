//! Creating, changing and removing applications. Each is written together with the row that tells who did it.

use chrono::TimeDelta;
use serde_json::{Map, Value, json};

use super::details::differences;
use super::{Gateway, ROUNDS};
use crate::model::{AdminAction, AppId, Application, Label, Licenses, Origin, PublicationId, RemovalBrake, TenantId};
use crate::store::StoreError;

/// What a new application is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewApplication {
    /// Its id; made up if it is left out.
    pub id: Option<AppId>,
    /// Its name.
    pub name: Label,
    /// The seats of its licences.
    pub licenses: Licenses,
    /// What brakes its publications.
    pub removal_brake: RemovalBrake,
}

/// What is to become of an application; `None` leaves a thing as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ApplicationChange {
    /// The name.
    pub name: Option<Label>,
    /// The seats of all its licences.
    pub licenses: Option<Licenses>,
    /// What brakes its publications.
    pub removal_brake: Option<RemovalBrake>,
}

/// Why an application stays as it was.
#[derive(Debug, thiserror::Error)]
pub enum ApplicationError {
    /// The tenant has none of that id.
    #[error("there is no application {0}")]
    NotFound(String),
    /// Another one has the id.
    #[error("there is an application {0} already; choose another id")]
    IdTaken(AppId),
    /// The database is away or at fault.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Gateway {
    /// Creates an application.
    ///
    /// # Errors
    /// [`ApplicationError`]; then nothing was written.
    pub async fn create_application(
        &self,
        tenant: TenantId,
        new: NewApplication,
        origin: &Origin,
    ) -> Result<Application, ApplicationError> {
        let now = self.clock.now();
        let NewApplication { id, name, licenses, removal_brake } = new;
        let id = match id {
            Some(id) => id,
            None => PublicationId::new(now).to_string().parse().map_err(|why: String| StoreError::internal(why))?,
        };
        let app = Application {
            id,
            name,
            licenses,
            removal_brake,
            created_at: now,
            modified_at: now,
            published_at: None,
            resolved_at: None,
        };
        let action = self.on_application(tenant, &app, "application.create", Value::Object(shown(&app)), origin);
        match self.store.tenant(tenant).create_application(&app, &action).await? {
            true => Ok(app),
            false => Err(ApplicationError::IdTaken(app.id)),
        }
    }

    /// Changes an application. One that stays as it is is not written, and nothing is told.
    ///
    /// # Errors
    /// [`ApplicationError`]; then nothing was written.
    pub async fn change_application(
        &self,
        tenant: TenantId,
        id: &AppId,
        change: ApplicationChange,
        origin: &Origin,
    ) -> Result<Application, ApplicationError> {
        let store = self.store.tenant(tenant);
        for _ in 0..ROUNDS {
            let missing = || ApplicationError::NotFound(id.to_string());
            let before = store.application(id).await?.ok_or_else(missing)?;
            let ApplicationChange { name, licenses, removal_brake } = change.clone();
            let mut after = before.clone();
            after.name = name.unwrap_or(after.name);
            after.licenses = licenses.unwrap_or(after.licenses);
            after.removal_brake = removal_brake.unwrap_or(after.removal_brake);
            let details = differences(shown(&before), &shown(&after));
            if details.is_empty() {
                return Ok(before);
            }
            // Later than what was read in any case: it is what tells that nobody else changed it meanwhile.
            after.modified_at = self.clock.now().max(before.modified_at + TimeDelta::microseconds(1));
            let action = self.on_application(tenant, &after, "application.change", Value::Object(details), origin);
            if store.update_application(&after, before.modified_at, &action).await? {
                return Ok(after);
            }
        }
        Err(StoreError::Conflict.into())
    }

    /// Removes an application with its lists.
    ///
    /// # Errors
    /// [`ApplicationError`]; then nothing was written.
    pub async fn delete_application(
        &self,
        tenant: TenantId,
        id: &AppId,
        origin: &Origin,
    ) -> Result<(), ApplicationError> {
        let missing = || ApplicationError::NotFound(id.to_string());
        let app = self.store.tenant(tenant).application(id).await?.ok_or_else(missing)?;
        let action = self.on_application(tenant, &app, "application.delete", Value::Object(shown(&app)), origin);
        match self.store.tenant(tenant).delete_application(id, &action).await? {
            true => Ok(()),
            false => Err(missing()),
        }
    }

    fn on_application(
        &self,
        tenant: TenantId,
        app: &Application,
        action: &'static str,
        details: Value,
        origin: &Origin,
    ) -> AdminAction {
        AdminAction {
            tenant: Some(tenant),
            at: self.clock.now(),
            origin: origin.clone(),
            action,
            succeeded: true,
            target: ("application", Some(app.id.to_string()), app.name.to_string()),
            details,
        }
    }
}

/// What people may change of an application.
fn shown(app: &Application) -> Map<String, Value> {
    let shown = json!({ "name": app.name, "licenses": app.licenses, "removalBrake": app.removal_brake });
    shown.as_object().cloned().unwrap_or_default()
}
