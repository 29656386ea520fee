//! Files that are looked at before they are imported: kept row by row, mapped, tried, and made a task.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::tasks::TasksError;
use super::{Gateway, IdentityProviderError};
use crate::import::{ImportError, ImportProfile, Looked, Mapping, Row};
use crate::model::{AdminAction, ImportUploadId, Origin, RecordMode, Task, TaskId, TenantId};
use crate::scim::schema::ResourceType;
use crate::store::{ImportUpload, MAX_IMPORT_UPLOADS, StoreError};

/// How long a file is kept that nobody imports.
pub const IMPORT_UPLOADS_KEPT_FOR: TimeDelta = TimeDelta::hours(24);
/// How long one is kept of which not all has come: longer than a file may take.
const BEGUN_KEPT_FOR: TimeDelta = TimeDelta::hours(1);
/// How long a file is somebody's who makes a task of it, should they end without a word.
const TAKEN_FOR: TimeDelta = TimeDelta::minutes(30);

/// Why a file was not kept, or not imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportUploadError {
    /// Too many wait.
    #[error("{MAX_IMPORT_UPLOADS} files of this tenant wait to be imported; import or discard one of them first")]
    TooMany,
    /// There is none, or no more.
    #[error("there is no such file any more; it was imported or discarded, or its time is over")]
    NotFound,
    /// Somebody else is making a task of it.
    #[error("somebody is just importing this file; look at the tasks")]
    Taken,
    /// What is told of its columns makes no sense.
    #[error(transparent)]
    Mapping(#[from] ImportError),
    /// What is told of it cannot be meant.
    #[error("{0}")]
    Profile(String),
    /// The database is away or at fault.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<IdentityProviderError> for ImportUploadError {
    fn from(error: IdentityProviderError) -> Self {
        match error {
            IdentityProviderError::Store(error) => Self::Store(error),
            error => Self::Profile(error.to_string()),
        }
    }
}

/// A file that was looked at.
#[derive(Debug)]
pub struct NewUpload {
    /// What it is called.
    pub name: String,
    /// What it was found to be.
    pub looked: Looked,
    /// What is told of it so far.
    pub profile: ImportProfile,
}

impl Gateway {
    /// Begins to keep a file, to be filled with [`Gateway::append_upload_rows`] and then completed.
    ///
    /// # Errors
    /// [`ImportUploadError::TooMany`], or that the database is away or at fault.
    pub async fn begin_upload(
        &self,
        tenant: TenantId,
        new: NewUpload,
        origin: &Origin,
    ) -> Result<ImportUpload, ImportUploadError> {
        let now = self.clock.now();
        let upload = ImportUpload {
            id: ImportUploadId::new(now),
            name: new.name,
            looked: new.looked,
            profile: new.profile,
            mode: RecordMode::Upsert,
            actor: origin.actor.name().to_owned(),
            created_at: now,
            expires_at: now + BEGUN_KEPT_FOR,
            tried_as: None,
        };
        let has_room = self.store.tenant(tenant).begin_upload(&upload).await?;
        if has_room { Ok(upload) } else { Err(ImportUploadError::TooMany) }
    }

    /// Keeps rows of a file, without what may be a password; `guess` is what its columns are taken for at first.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn append_upload_rows(
        &self,
        tenant: TenantId,
        upload: &ImportUpload,
        first_place: i64,
        guess: &Mapping,
        rows: Vec<Row>,
    ) -> Result<(), ImportUploadError> {
        let rows: Vec<Row> = rows.into_iter().map(|row| guess.without_passwords(row)).collect();
        Ok(self.store.tenant(tenant).keep_upload_rows(upload.id, first_place, &rows).await?)
    }

    /// Tells that all rows are there.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn complete_upload(
        &self,
        tenant: TenantId,
        upload: &ImportUpload,
        origin: &Origin,
    ) -> Result<(), ImportUploadError> {
        let action = self.told_of_upload(tenant, upload, "import.upload", origin);
        let expires_at = action.at + IMPORT_UPLOADS_KEPT_FOR;
        Ok(self.store.tenant(tenant).complete_upload(upload.id, expires_at, &action).await?)
    }

    /// Forgets a file of which not all could be kept.
    pub async fn abandon_upload(&self, tenant: TenantId, upload: &ImportUpload) {
        if let Err(error) = self.store.tenant(tenant).end_upload(upload.id, self.clock.now()).await {
            log::warn!("a file that did not come whole stays for an hour: {error}");
        }
    }

    /// Takes a file away.
    ///
    /// # Errors
    /// [`ImportUploadError::NotFound`], or that the database is away or at fault.
    pub async fn discard_upload(
        &self,
        tenant: TenantId,
        upload: &ImportUpload,
        origin: &Origin,
    ) -> Result<(), ImportUploadError> {
        let action = self.told_of_upload(tenant, upload, "import.discard", origin);
        let is_gone = self.store.tenant(tenant).discard_upload(upload.id, &action).await?;
        if is_gone { Ok(()) } else { Err(ImportUploadError::NotFound) }
    }

    /// Makes a task of a file and starts it. One that was imported is kept no longer; after a dry run it stays.
    ///
    /// # Errors
    /// Why not; then nothing is started, and the file stays as it is.
    pub async fn import_upload(
        &self,
        tenant: TenantId,
        upload: &ImportUpload,
        user: &ResourceType,
        dry_run: bool,
        origin: &Origin,
    ) -> Result<Task, ImportUploadError> {
        let mapping = mapping_of(upload, user)?;
        if let Some(provider) = upload.profile.identity_provider() {
            self.check_identity_provider(tenant, provider).await?;
        }
        let (store, now) = (self.store.tenant(tenant), self.clock.now());
        if !store.take_upload(upload.id, now, now + TAKEN_FOR).await? {
            let is_there = store.upload(upload.id, now).await?.is_some();
            return Err(if is_there { ImportUploadError::Taken } else { ImportUploadError::NotFound });
        }
        let made = self.task_of_upload(tenant, upload, &mapping, dry_run, origin).await;
        match &made {
            Ok(_) if !dry_run => store.end_upload(upload.id, self.clock.now()).await?,
            Ok(task) => store.give_upload_back(upload.id, Some(task.id)).await?,
            Err(_) => store.give_upload_back(upload.id, None).await?,
        }
        made
    }

    async fn task_of_upload(
        &self,
        tenant: TenantId,
        upload: &ImportUpload,
        mapping: &Mapping,
        dry_run: bool,
        origin: &Origin,
    ) -> Result<Task, ImportUploadError> {
        let task = self.create_import(tenant, origin, (upload.mode, dry_run), &mapping.names()).await.map_err(told)?;
        self.fill(tenant, upload, mapping, task).await?;
        self.start_task(tenant, task).await.map_err(told)
    }

    async fn fill(
        &self,
        tenant: TenantId,
        upload: &ImportUpload,
        mapping: &Mapping,
        task: TaskId,
    ) -> Result<(), ImportUploadError> {
        let (store, mut after) = (self.store.tenant(tenant), 0);
        while let Some((first_place, rows)) = store.upload_rows(upload.id, after).await? {
            self.append_import_rows(tenant, task, first_place, mapping, rows).await.map_err(told)?;
            after = first_place;
        }
        Ok(())
    }

    fn told_of_upload(
        &self,
        tenant: TenantId,
        upload: &ImportUpload,
        action: &'static str,
        origin: &Origin,
    ) -> AdminAction {
        let at: DateTime<Utc> = self.clock.now();
        AdminAction {
            tenant: Some(tenant),
            at,
            origin: origin.clone(),
            action,
            succeeded: true,
            target: ("import", Some(upload.id.to_string()), upload.name.clone()),
            details: json!({ "rows": upload.looked.rows }),
        }
    }
}

/// What the columns of a file mean by what is told of them.
///
/// # Errors
/// Why they make no sense.
pub fn mapping_of(upload: &ImportUpload, user: &ResourceType) -> Result<Mapping, ImportUploadError> {
    let options = upload.profile.options().map_err(|wrong| {
        let told: Vec<String> = wrong.into_iter().map(|(_, told)| told).collect();
        ImportUploadError::Profile(told.join("; "))
    })?;
    Ok(Mapping::of(&upload.looked, options.mapping, user)?)
}

fn told(error: TasksError) -> ImportUploadError {
    match error {
        TasksError::Store(error) => error.into(),
        // The task is ours alone until it is started.
        error => StoreError::internal(error).into(),
    }
}
