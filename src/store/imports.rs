//! The rows of files that became tasks, and what a tenant has saved about its files.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Json, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::{Value, json};
use uuid::Uuid;

use super::statement::statement;
use super::{StoreError, TenantStore};
use crate::import::{Cell, ImportProfile};
use crate::model::{AdminAction, TaskId};

/// How many mappings a tenant may save.
pub const MAX_IMPORT_MAPPINGS: i64 = 200;

statement! {
    /// Remembers that a task came from a file.
    InsertImport<'a> {
        tenant: Uuid => SqlUuid,
        task: i64 => BigInt,
        columns: &'a Value => Json,
    } -> BigInt,
    "INSERT INTO imports (tenant_id, task_id, columns) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING task_id"
}

statement! {
    /// Keeps rows of the file.
    InsertRows<'a> {
        tenant: Uuid => SqlUuid,
        task: i64 => BigInt,
        first_place: i64 => BigInt,
        row_count: i64 => BigInt,
        rows: &'a Value => Json,
    } -> BigInt,
    "INSERT INTO import_rows (tenant_id, task_id, first_place, row_count, rows) VALUES ($1, $2, $3, $4, $5) \
        ON CONFLICT DO NOTHING RETURNING first_place"
}

statement! {
    /// The columns of the file that a task came from.
    Columns<'a> {
        tenant: Uuid => SqlUuid,
        task: i64 => BigInt,
    } -> Json,
    "SELECT columns FROM imports WHERE tenant_id = $1 AND task_id = $2"
}

statement! {
    /// The next rows of a file among which some failed in a task, with the places and reasons of those.
    Rejected<'a> {
        tenant: Uuid => SqlUuid,
        task: i64 => BigInt,
        import: i64 => BigInt,
        after: i64 => BigInt,
    } -> (BigInt, Json, Json),
    "SELECT r.first_place, r.rows, f.failed FROM import_rows r CROSS JOIN LATERAL ( \
            SELECT json_agg(json_build_array(o.place, o.detail) ORDER BY o.place) AS failed FROM task_outcomes o \
            WHERE o.tenant_id = $1 AND o.task_id = $2 AND o.outcome = 'failed' \
                AND o.place >= r.first_place AND o.place < r.first_place + r.row_count \
        ) AS f WHERE r.tenant_id = $1 AND r.task_id = $3 AND r.first_place > $4 AND f.failed IS NOT NULL \
        ORDER BY r.first_place LIMIT 1"
}

statement! {
    /// A tenant's mappings, by their names.
    Mappings<'a> {
        tenant: Uuid => SqlUuid,
    } -> (Text, Json, Timestamptz),
    "SELECT name, profile, modified_at FROM import_mappings WHERE tenant_id = $1 ORDER BY name"
}

statement! {
    /// One mapping.
    FindMapping<'a> {
        tenant: Uuid => SqlUuid,
        name: &'a str => Text,
    } -> (Text, Json, Timestamptz),
    "SELECT name, profile, modified_at FROM import_mappings WHERE tenant_id = $1 AND name = $2"
}

statement! {
    /// Saves a mapping, unless there are too many, and tells who did.
    SaveMapping<'a> {
        tenant: Uuid => SqlUuid,
        name: &'a str => Text,
        profile: &'a Value => Json,
        at: DateTime<Utc> => Timestamptz,
        most: i64 => BigInt,
        action: &'a Value => Json,
    } -> BigInt,
    "WITH done AS (INSERT INTO import_mappings (tenant_id, name, profile, modified_at) SELECT $1, $2, $3, $4 \
            WHERE (SELECT count(*) FROM import_mappings m WHERE m.tenant_id = $1 AND m.name <> $2) < $5 \
            ON CONFLICT (tenant_id, name) DO UPDATE SET profile = excluded.profile, modified_at = excluded.modified_at \
            RETURNING name) \
        SELECT log_admin_action($6) FROM done"
}

statement! {
    /// Removes a mapping and tells who did.
    DeleteMapping<'a> {
        tenant: Uuid => SqlUuid,
        name: &'a str => Text,
        action: &'a Value => Json,
    } -> BigInt,
    "WITH done AS (DELETE FROM import_mappings WHERE tenant_id = $1 AND name = $2 RETURNING name) \
        SELECT log_admin_action($3) FROM done"
}

/// What a tenant has saved about its files.
#[derive(Debug, Clone)]
pub struct ImportMapping {
    /// By what it is asked for.
    pub name: String,
    /// What it says.
    pub profile: ImportProfile,
    /// When it was saved.
    pub modified_at: DateTime<Utc>,
}

/// Rows of a file among which some failed.
#[derive(Debug)]
pub struct RejectedRows {
    /// The place of the first.
    pub first_place: i64,
    /// Their cells.
    pub rows: Vec<Vec<Cell>>,
    /// The places of those that failed, and why.
    pub failed: Vec<(i64, Value)>,
}

impl TenantStore {
    /// Remembers that a task came from a file with these columns.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn create_import(&self, task: TaskId, columns: &[String]) -> Result<(), StoreError> {
        let (tenant, task, columns) = (self.tenant.0, task.0, &json!(columns));
        let _: Vec<i64> = self.store.save(InsertImport { tenant, task, columns, lifetime: PhantomData }).await?;
        Ok(())
    }

    /// Keeps rows of the file as they came.
    ///
    /// # Errors
    /// That the database is away or at fault; then the same rows may be kept again.
    pub async fn keep_import_rows(&self, task: TaskId, first_place: i64, rows: &[Vec<Cell>]) -> Result<(), StoreError> {
        let (tenant, task, row_count, rows) = (self.tenant.0, task.0, rows.len() as i64, &json!(rows));
        let statement = InsertRows { tenant, task, first_place, row_count, rows, lifetime: PhantomData };
        let _: Vec<i64> = self.store.save(statement).await?;
        Ok(())
    }

    /// The columns of the file that a task came from, if it came from one.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn import_columns(&self, task: TaskId) -> Result<Option<Vec<String>>, StoreError> {
        let statement = Columns { tenant: self.tenant.0, task: task.0, lifetime: PhantomData };
        let rows: Vec<Value> = self.store.read(statement).await?;
        rows.into_iter().next().map(|columns| serde_json::from_value(columns).map_err(StoreError::internal)).transpose()
    }

    /// The next rows of the file of `import`, behind a place, among which some failed in `task`: that task itself, or one that
    /// repeated it.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn rejected_rows(
        &self,
        import: TaskId,
        task: TaskId,
        after: i64,
    ) -> Result<Option<RejectedRows>, StoreError> {
        let statement =
            Rejected { tenant: self.tenant.0, import: import.0, after, task: task.0, lifetime: PhantomData };
        let found: Vec<(i64, Value, Value)> = self.store.read(statement).await?;
        let Some((first_place, rows, failed)) = found.into_iter().next() else { return Ok(None) };
        Ok(Some(RejectedRows {
            first_place,
            rows: serde_json::from_value(rows).map_err(StoreError::internal)?,
            failed: serde_json::from_value(failed).map_err(StoreError::internal)?,
        }))
    }

    /// What the tenant has saved about its files, by name.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn import_mappings(&self) -> Result<Vec<ImportMapping>, StoreError> {
        let rows: Vec<Row> = self.store.read(Mappings { tenant: self.tenant.0, lifetime: PhantomData }).await?;
        rows.into_iter().map(mapping).collect()
    }

    /// What is saved under that name.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn import_mapping(&self, name: &str) -> Result<Option<ImportMapping>, StoreError> {
        let statement = FindMapping { tenant: self.tenant.0, name, lifetime: PhantomData };
        let rows: Vec<Row> = self.store.read(statement).await?;
        rows.into_iter().next().map(mapping).transpose()
    }

    /// Saves under that name, in the place of what was there. Answers whether there was room.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn save_import_mapping(
        &self,
        name: &str,
        profile: &ImportProfile,
        action: &AdminAction,
    ) -> Result<bool, StoreError> {
        let (profile, told) = (&json!(profile), &action.to_json());
        let statement = SaveMapping {
            tenant: self.tenant.0,
            name,
            profile,
            at: action.at,
            most: MAX_IMPORT_MAPPINGS,
            action: told,
            lifetime: PhantomData,
        };
        let rows: Vec<i64> = self.store.save(statement).await?;
        Ok(!rows.is_empty())
    }

    /// Removes what is saved under that name. Answers whether something was.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn delete_import_mapping(&self, name: &str, action: &AdminAction) -> Result<bool, StoreError> {
        let told = &action.to_json();
        let statement = DeleteMapping { tenant: self.tenant.0, name, action: told, lifetime: PhantomData };
        let rows: Vec<i64> = self.store.save(statement).await?;
        Ok(!rows.is_empty())
    }
}

type Row = (String, Value, DateTime<Utc>);

fn mapping((name, profile, modified_at): Row) -> Result<ImportMapping, StoreError> {
    let profile = serde_json::from_value(profile).map_err(StoreError::internal)?;
    Ok(ImportMapping { name, profile, modified_at })
}
