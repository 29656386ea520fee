//! Files of people that were sent to the console: what they were found to be, and their rows, until they are imported.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Json, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::{Value, json};
use uuid::Uuid;

use super::statement::statement;
use super::{Store, StoreError, TenantStore};
use crate::import::{ImportProfile, Looked, Row};
use crate::model::{AdminAction, ImportUploadId, RecordMode, TaskId};

/// How many files of a tenant may wait to be imported.
pub const MAX_IMPORT_UPLOADS: i64 = 10;

/// The columns of a file.
macro_rules! columns {
    () => {
        "id, name, found, profile, mode, actor, created_at, expires_at, tried_as"
    };
}
type Columns = (SqlUuid, Text, Json, Json, Text, Text, Timestamptz, Timestamptz, Nullable<BigInt>);
type UploadRow = (Uuid, String, Value, Value, String, String, DateTime<Utc>, DateTime<Utc>, Option<i64>);

statement! {
    /// Begins a file, unless too many wait.
    Insert<'a> {
        tenant: Uuid => SqlUuid,
        id: Uuid => SqlUuid,
        name: &'a str => Text,
        found: &'a Value => Json,
        profile: &'a Value => Json,
        mode: &'a str => Text,
        actor: &'a str => Text,
        at: DateTime<Utc> => Timestamptz,
        expires_at: DateTime<Utc> => Timestamptz,
        most: i64 => BigInt,
    } -> BigInt,
    "INSERT INTO import_uploads (tenant_id, id, name, found, profile, mode, actor, created_at, expires_at) \
        SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9 \
        WHERE (SELECT count(*) FROM import_uploads u WHERE u.tenant_id = $1 AND u.id <> $2 AND u.expires_at > $8) < $10 \
        ON CONFLICT (tenant_id, id) DO UPDATE SET name = excluded.name RETURNING 1::bigint"
}

statement! {
    /// Keeps rows of it.
    InsertRows<'a> {
        tenant: Uuid => SqlUuid,
        id: Uuid => SqlUuid,
        first_place: i64 => BigInt,
        rows: &'a Value => Json,
    } -> BigInt,
    "INSERT INTO import_upload_rows (tenant_id, upload_id, first_place, rows) VALUES ($1, $2, $3, $4) \
        ON CONFLICT DO NOTHING RETURNING first_place"
}

statement! {
    /// Tells that all of it is there, and who sent it.
    Complete<'a> {
        expires_at: DateTime<Utc> => Timestamptz,
        tenant: Uuid => SqlUuid,
        id: Uuid => SqlUuid,
        action: &'a Value => Json,
    } -> BigInt,
    "WITH done AS (UPDATE import_uploads SET is_complete = true, expires_at = $1 \
            WHERE tenant_id = $2 AND id = $3 AND NOT is_complete RETURNING id) \
        SELECT log_admin_action($4) FROM done"
}

statement! {
    /// A tenant's files, the newest first.
    List<'a> {
        tenant: Uuid => SqlUuid,
        now: DateTime<Utc> => Timestamptz,
    } -> Columns,
    concat!("SELECT ", columns!(), " FROM import_uploads WHERE tenant_id = $1 AND expires_at > $2 AND is_complete \
        ORDER BY created_at DESC, id")
}

statement! {
    /// One file.
    Find<'a> {
        tenant: Uuid => SqlUuid,
        id: Uuid => SqlUuid,
        now: DateTime<Utc> => Timestamptz,
    } -> Columns,
    concat!("SELECT ", columns!(), " FROM import_uploads WHERE tenant_id = $1 AND id = $2 AND expires_at > $3 \
        AND is_complete")
}

statement! {
    /// The file whose last dry run a task is.
    TriedAs<'a> {
        tenant: Uuid => SqlUuid,
        task: i64 => BigInt,
        now: DateTime<Utc> => Timestamptz,
    } -> Columns,
    concat!("SELECT ", columns!(), " FROM import_uploads WHERE tenant_id = $1 AND tried_as = $2 AND expires_at > $3 \
        AND is_complete")
}

statement! {
    /// The next rows of a file.
    Rows<'a> {
        tenant: Uuid => SqlUuid,
        id: Uuid => SqlUuid,
        after: i64 => BigInt,
    } -> (BigInt, Json),
    "SELECT first_place, rows FROM import_upload_rows WHERE tenant_id = $1 AND upload_id = $2 AND first_place > $3 \
        ORDER BY first_place LIMIT 1"
}

statement! {
    /// Changes what its columns are to mean.
    Change<'a> {
        profile: &'a Value => Json,
        mode: &'a str => Text,
        tenant: Uuid => SqlUuid,
        id: Uuid => SqlUuid,
    } -> BigInt,
    "UPDATE import_uploads SET profile = $1, mode = $2 WHERE tenant_id = $3 AND id = $4 RETURNING 1::bigint"
}

statement! {
    /// Takes a file, so that nobody else makes a task of it until then.
    Take<'a> {
        until: DateTime<Utc> => Timestamptz,
        tenant: Uuid => SqlUuid,
        id: Uuid => SqlUuid,
        now: DateTime<Utc> => Timestamptz,
    } -> BigInt,
    "UPDATE import_uploads SET taken_until = $1 WHERE tenant_id = $2 AND id = $3 AND expires_at > $4 AND is_complete \
        AND (taken_until IS NULL OR taken_until <= $4) RETURNING 1::bigint"
}

statement! {
    /// Gives a file back, with the task that was made of it.
    GiveBack<'a> {
        task: Option<i64> => Nullable<BigInt>,
        tenant: Uuid => SqlUuid,
        id: Uuid => SqlUuid,
    } -> BigInt,
    "UPDATE import_uploads SET taken_until = NULL, tried_as = coalesce($1, tried_as) WHERE tenant_id = $2 AND id = $3 \
        RETURNING 1::bigint"
}

statement! {
    /// Lets the time of a file be over.
    End<'a> {
        now: DateTime<Utc> => Timestamptz,
        tenant: Uuid => SqlUuid,
        id: Uuid => SqlUuid,
    } -> BigInt,
    "UPDATE import_uploads SET expires_at = least(expires_at, $1) WHERE tenant_id = $2 AND id = $3 RETURNING 1::bigint"
}

statement! {
    /// The same, with who did so.
    Discard<'a> {
        now: DateTime<Utc> => Timestamptz,
        tenant: Uuid => SqlUuid,
        id: Uuid => SqlUuid,
        action: &'a Value => Json,
    } -> BigInt,
    "WITH done AS (UPDATE import_uploads SET expires_at = least(expires_at, $1) \
            WHERE tenant_id = $2 AND id = $3 AND expires_at > $1 RETURNING id) \
        SELECT log_admin_action($4) FROM done"
}

statement! {
    /// Removes some rows of files whose time is over. Answers how many went.
    ForgetRows<'a> {
        now: DateTime<Utc> => Timestamptz,
        limit: i64 => BigInt,
    } -> BigInt,
    "WITH gone AS (DELETE FROM import_upload_rows WHERE ctid = ANY (ARRAY( \
            SELECT r.ctid FROM import_upload_rows r JOIN import_uploads u ON u.tenant_id = r.tenant_id \
                AND u.id = r.upload_id WHERE u.expires_at <= $1 LIMIT $2)) RETURNING 1) \
        SELECT count(*) FROM gone"
}

statement! {
    /// Removes files whose time is over and that have no rows.
    Forget<'a> {
        now: DateTime<Utc> => Timestamptz,
    } -> BigInt,
    "WITH gone AS (DELETE FROM import_uploads u WHERE u.expires_at <= $1 AND NOT EXISTS (SELECT FROM import_upload_rows r \
            WHERE r.tenant_id = u.tenant_id AND r.upload_id = u.id) RETURNING 1) \
        SELECT count(*) FROM gone"
}

/// A file of people that was sent, and waits to be imported.
#[derive(Debug, Clone)]
pub struct ImportUpload {
    /// Its id.
    pub id: ImportUploadId,
    /// What it is called.
    pub name: String,
    /// What it was found to be.
    pub looked: Looked,
    /// What its columns are to mean.
    pub profile: ImportProfile,
    /// What is to become of the people.
    pub mode: RecordMode,
    /// Who sent it.
    pub actor: String,
    /// When.
    pub created_at: DateTime<Utc>,
    /// Until when it is kept.
    pub expires_at: DateTime<Utc>,
    /// The task of its last dry run.
    pub tried_as: Option<TaskId>,
}

impl TenantStore {
    /// Begins a file, to be filled and then completed. Answers whether there was room.
    ///
    /// # Errors
    /// That the database is away or at fault; then it may be begun again.
    pub async fn begin_upload(&self, upload: &ImportUpload) -> Result<bool, StoreError> {
        let (found, profile) = (&json!(upload.looked), &json!(upload.profile));
        let statement = Insert {
            tenant: self.tenant.0,
            id: upload.id.0,
            name: &upload.name,
            found,
            profile,
            mode: &mode_name(upload.mode),
            actor: &upload.actor,
            at: upload.created_at,
            expires_at: upload.expires_at,
            most: MAX_IMPORT_UPLOADS,
            lifetime: PhantomData,
        };
        let rows: Vec<i64> = self.store.save(statement).await?;
        Ok(!rows.is_empty())
    }

    /// Keeps rows of a file that was begun.
    ///
    /// # Errors
    /// That the database is away or at fault; then the same rows may be kept again.
    pub async fn keep_upload_rows(&self, id: ImportUploadId, first_place: i64, rows: &[Row]) -> Result<(), StoreError> {
        let (tenant, id, rows, lifetime) = (self.tenant.0, id.0, &json!(rows), PhantomData);
        let _: Vec<i64> = self.store.save(InsertRows { tenant, id, first_place, rows, lifetime }).await?;
        Ok(())
    }

    /// Tells that all rows of a file are there, which is kept until then; only from now on it is seen.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn complete_upload(
        &self,
        id: ImportUploadId,
        expires_at: DateTime<Utc>,
        action: &AdminAction,
    ) -> Result<(), StoreError> {
        let (tenant, id, action, lifetime) = (self.tenant.0, id.0, &action.to_json(), PhantomData);
        let _: Vec<i64> = self.store.save(Complete { tenant, id, expires_at, action, lifetime }).await?;
        Ok(())
    }

    /// The files that wait, the newest first.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn uploads(&self, now: DateTime<Utc>) -> Result<Vec<ImportUpload>, StoreError> {
        let rows: Vec<UploadRow> = self.store.read(List { tenant: self.tenant.0, now, lifetime: PhantomData }).await?;
        rows.into_iter().map(upload).collect()
    }

    /// The file of that id.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn upload(&self, id: ImportUploadId, now: DateTime<Utc>) -> Result<Option<ImportUpload>, StoreError> {
        let (tenant, id, lifetime) = (self.tenant.0, id.0, PhantomData);
        let rows: Vec<UploadRow> = self.store.read(Find { tenant, id, now, lifetime }).await?;
        rows.into_iter().next().map(upload).transpose()
    }

    /// The file whose last dry run that task is.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn upload_tried_as(&self, task: TaskId, now: DateTime<Utc>) -> Result<Option<ImportUpload>, StoreError> {
        let (tenant, task, lifetime) = (self.tenant.0, task.0, PhantomData);
        let rows: Vec<UploadRow> = self.store.read(TriedAs { tenant, task, now, lifetime }).await?;
        rows.into_iter().next().map(upload).transpose()
    }

    /// The next rows of a file behind a place, with the place of the first.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn upload_rows(&self, id: ImportUploadId, after: i64) -> Result<Option<(i64, Vec<Row>)>, StoreError> {
        let (tenant, id, lifetime) = (self.tenant.0, id.0, PhantomData);
        let found: Vec<(i64, Value)> = self.store.search(Rows { tenant, id, after, lifetime }).await?;
        let Some((first_place, rows)) = found.into_iter().next() else { return Ok(None) };
        Ok(Some((first_place, serde_json::from_value(rows).map_err(StoreError::internal)?)))
    }

    /// Changes what is to be made of a file.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn change_upload(
        &self,
        id: ImportUploadId,
        profile: &ImportProfile,
        mode: RecordMode,
    ) -> Result<(), StoreError> {
        let (tenant, id, profile, mode, lifetime) =
            (self.tenant.0, id.0, &json!(profile), &mode_name(mode), PhantomData);
        let _: Vec<i64> = self.store.save(Change { tenant, id, profile, mode, lifetime }).await?;
        Ok(())
    }

    /// Takes a file until then. Answers whether it was free.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn take_upload(
        &self,
        id: ImportUploadId,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let (tenant, id, lifetime) = (self.tenant.0, id.0, PhantomData);
        let rows: Vec<i64> = self.store.save(Take { tenant, id, now, until, lifetime }).await?;
        Ok(!rows.is_empty())
    }

    /// Gives a file back, with the task of a dry run of it if one was made.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn give_upload_back(&self, id: ImportUploadId, task: Option<TaskId>) -> Result<(), StoreError> {
        let (tenant, id, task, lifetime) = (self.tenant.0, id.0, task.map(|task| task.0), PhantomData);
        let _: Vec<i64> = self.store.save(GiveBack { tenant, id, task, lifetime }).await?;
        Ok(())
    }

    /// Lets the time of a file be over: it is seen no more, and goes.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn end_upload(&self, id: ImportUploadId, now: DateTime<Utc>) -> Result<(), StoreError> {
        let (tenant, id, lifetime) = (self.tenant.0, id.0, PhantomData);
        let _: Vec<i64> = self.store.save(End { tenant, id, now, lifetime }).await?;
        Ok(())
    }

    /// As [`TenantStore::end_upload`], and tells who did so. Answers whether there was such a file.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn discard_upload(&self, id: ImportUploadId, action: &AdminAction) -> Result<bool, StoreError> {
        let (tenant, id, now, action, lifetime) = (self.tenant.0, id.0, action.at, &action.to_json(), PhantomData);
        let rows: Vec<i64> = self.store.save(Discard { tenant, id, now, action, lifetime }).await?;
        Ok(!rows.is_empty())
    }
}

impl Store {
    /// Removes some rows of files whose time is over, and those that have none left. Answers whether there may be more.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn forget_uploads(&self, now: DateTime<Utc>, limit: i64) -> Result<bool, StoreError> {
        let gone: Vec<i64> = self.save(ForgetRows { now, limit, lifetime: PhantomData }).await?;
        if gone.first().is_some_and(|gone| *gone > 0) {
            return Ok(true);
        }
        let _: Vec<i64> = self.save(Forget { now, lifetime: PhantomData }).await?;
        Ok(false)
    }
}

fn mode_name(mode: RecordMode) -> String {
    json!(mode).as_str().unwrap_or_default().to_owned()
}

fn upload(row: UploadRow) -> Result<ImportUpload, StoreError> {
    let (id, name, found, profile, mode, actor, created_at, expires_at, tried_as) = row;
    Ok(ImportUpload {
        id: ImportUploadId(id),
        name,
        looked: serde_json::from_value(found).map_err(StoreError::internal)?,
        profile: serde_json::from_value(profile).map_err(StoreError::internal)?,
        mode: serde_json::from_value(mode.into()).map_err(StoreError::internal)?,
        actor,
        created_at,
        expires_at,
        tried_as: tried_as.map(TaskId),
    })
}
