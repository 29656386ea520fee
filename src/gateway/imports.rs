//! Files become tasks, and what is known of a tenant's files is saved.

use serde_json::{Value, json};

use super::Gateway;
use super::tasks::{TasksError, kept};
use crate::import::{Cell, ImportProfile, Mapping, Row};
use crate::model::{AdminAction, AskedBy, NewTask, Origin, RecordMode, Role, TaskId, TaskRecord, TenantId};
use crate::scim::resource::Resource;
use crate::scim::urn;
use crate::store::{MAX_IMPORT_MAPPINGS, StoreError, TenantStore};

/// The longest name of a mapping, in characters.
const MAX_NAME: usize = 100;
/// Roles that are looked at at once.
const ROLES_AT_ONCE: u32 = 1_000;

/// Why nothing was saved or removed.
#[derive(Debug, thiserror::Error)]
pub enum ImportMappingError {
    /// It cannot be called that.
    #[error("has to be 1 to {MAX_NAME} characters, none of them a control character")]
    Name,
    /// There are too many.
    #[error("there are {MAX_IMPORT_MAPPINGS} mappings already; delete one first")]
    TooMany,
    /// There is none of that name.
    #[error("there is no mapping {0}")]
    NotFound(String),
    /// The database is away or at fault.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Gateway {
    /// Makes a task of a file with these columns, to be filled with [`Gateway::append_import_rows`] and then started.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn create_import(
        &self,
        tenant: TenantId,
        by: impl Into<AskedBy>,
        (mode, dry_run): (RecordMode, bool),
        columns: &[String],
    ) -> Result<TaskId, TasksError> {
        let task = self.create_task(tenant, &NewTask::of_records(mode, dry_run, by)).await?;
        self.store.tenant(tenant).create_import(task, columns).await?;
        Ok(task)
    }

    /// Puts rows of the file into its task, the first at `first_place`. A row that is no record is put in as refused. The cells are
    /// kept too, so that rows that failed can be handed back, but for those that may hold a password.
    ///
    /// # Errors
    /// As [`Gateway::append_task_entries`].
    pub async fn append_import_rows(
        &self,
        tenant: TenantId,
        task: TaskId,
        first_place: i64,
        mapping: &Mapping,
        rows: Vec<Row>,
    ) -> Result<(), TasksError> {
        let entries: Vec<TaskRecord> = (first_place..)
            .zip(&rows)
            .map(|(place, row)| match mapping.record(row) {
                Ok(record) => kept(place, &record),
                Err(failure) => {
                    let record = json!(mapping.person(row));
                    TaskRecord { place, record, refused: Some(json!(failure)), outcome: None }
                }
            })
            .collect();
        self.append_task_entries(tenant, task, &entries).await?;
        let cells: Vec<Vec<Cell>> = rows.into_iter().map(|row| mapping.without_secrets(row.cells)).collect();
        Ok(self.store.tenant(tenant).keep_import_rows(task, first_place, &cells).await?)
    }

    /// Saves what is known of a kind of file under a name, in the place of what was there.
    ///
    /// # Errors
    /// [`ImportMappingError::Name`], [`ImportMappingError::TooMany`], or that the database is away or at fault.
    pub async fn save_import_mapping(
        &self,
        tenant: TenantId,
        name: &str,
        profile: &ImportProfile,
        origin: &Origin,
    ) -> Result<(), ImportMappingError> {
        let length = name.chars().count();
        if length == 0 || length > MAX_NAME || name.chars().any(char::is_control) {
            return Err(ImportMappingError::Name);
        }
        let action = self.told_of_mapping(tenant, name, "import-mapping.save", origin, json!(profile));
        let saved = self.store.tenant(tenant).save_import_mapping(name, profile, &action).await?;
        if saved { Ok(()) } else { Err(ImportMappingError::TooMany) }
    }

    /// Removes what is saved under a name.
    ///
    /// # Errors
    /// [`ImportMappingError::NotFound`], or that the database is away or at fault.
    pub async fn delete_import_mapping(
        &self,
        tenant: TenantId,
        name: &str,
        origin: &Origin,
    ) -> Result<(), ImportMappingError> {
        let action = self.told_of_mapping(tenant, name, "import-mapping.delete", origin, json!({}));
        let deleted = self.store.tenant(tenant).delete_import_mapping(name, &action).await?;
        if deleted { Ok(()) } else { Err(ImportMappingError::NotFound(name.to_owned())) }
    }

    fn told_of_mapping(
        &self,
        tenant: TenantId,
        name: &str,
        action: &'static str,
        origin: &Origin,
        details: Value,
    ) -> AdminAction {
        AdminAction {
            tenant: Some(tenant),
            at: self.clock.now(),
            origin: origin.clone(),
            action,
            succeeded: true,
            target: ("import mapping", None, name.to_owned()),
            details,
        }
    }
}

/// The attributes that a role requires, by its id or name: what it says itself, and what the tenant's rules ask of whoever has it;
/// nothing if there is no such role.
///
/// # Errors
/// That the database is away or at fault.
pub async fn required_by_role(tenant: &TenantStore, name: &str) -> Result<Option<Vec<String>>, StoreError> {
    let mut offset = 0;
    loop {
        let roles = tenant.list_roles("roles", offset, ROLES_AT_ONCE).await?;
        for role in &roles {
            if let Some((id, mut required)) = required(role, name)? {
                let holder = json!({"roles": [{"value": id}]}).as_object().cloned().unwrap_or_default();
                let catalog = tenant.catalog().await?.1;
                required.extend(catalog.rules().required_of(&Resource::from_stored(holder)));
                return Ok(Some(required));
            }
        }
        if roles.len() < ROLES_AT_ONCE as usize {
            return Ok(None);
        }
        offset += u64::from(ROLES_AT_ONCE);
    }
}

/// What a role requires itself, and its id, if it is called that.
fn required(role: &Role, name: &str) -> Result<Option<(String, Vec<String>)>, StoreError> {
    let document: Value = serde_json::from_str(&role.document).map_err(StoreError::internal)?;
    let carried = &document[urn::ROLE];
    let names = [carried["roleId"].as_str(), document["displayName"].as_str(), Some(role.key.as_str())];
    if !names.into_iter().flatten().any(|known| known == name) {
        return Ok(None);
    }
    let id = carried["roleId"].as_str().unwrap_or(&role.key).to_owned();
    Ok(Some((id, Role::requires(carried).map(str::to_owned).collect())))
}
