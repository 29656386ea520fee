//! Applications. Each change is written together with the row that tells of it.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Integer, Json, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::{Value, json};
use uuid::Uuid;

use super::statement::statement;
use super::{StoreError, TenantStore};
use crate::model::{AdminAction, AppId, Application, Licenses, RemovalBrake};

/// The columns of an application.
macro_rules! columns {
    () => {
        "id, name, licenses::json, removal_brake, created_at, modified_at, \
            CASE WHEN roster_id IS NOT NULL THEN published_at END, CASE WHEN roster_id IS NOT NULL THEN resolved_at END"
    };
}
type Columns = (Text, Text, Json, Integer, Timestamptz, Timestamptz, Nullable<Timestamptz>, Nullable<Timestamptz>);
type Row = (String, String, Value, i32, DateTime<Utc>, DateTime<Utc>, Option<DateTime<Utc>>, Option<DateTime<Utc>>);

statement! {
    /// Creates an application. No row if there is one of that id.
    Insert<'a> {
        tenant: Uuid => SqlUuid,
        id: &'a str => Text,
        name: &'a str => Text,
        licenses: &'a Value => Json,
        removal_brake: i32 => Integer,
        at: DateTime<Utc> => Timestamptz,
        action: &'a Value => Json,
    } -> BigInt,
    "WITH done AS (INSERT INTO applications (tenant_id, id, name, licenses, removal_brake, created_at, modified_at) \
            VALUES ($1, $2, $3, $4::jsonb, $5, $6, $6) ON CONFLICT DO NOTHING RETURNING id) \
        SELECT log_admin_action($7) FROM done"
}

statement! {
    /// Changes an application that was last changed at an instant. No row if it was changed since, or is gone.
    Update<'a> {
        tenant: Uuid => SqlUuid,
        id: &'a str => Text,
        read_at: DateTime<Utc> => Timestamptz,
        name: &'a str => Text,
        licenses: &'a Value => Json,
        removal_brake: i32 => Integer,
        at: DateTime<Utc> => Timestamptz,
        action: &'a Value => Json,
    } -> BigInt,
    "WITH found AS (SELECT tenant_id, id FROM applications WHERE tenant_id = $1 AND id = $2 AND modified_at = $3 \
            FOR NO KEY UPDATE), \
        done AS (UPDATE applications a SET name = $4, licenses = $5::jsonb, removal_brake = $6, modified_at = $7 FROM found \
            WHERE a.tenant_id = found.tenant_id AND a.id = found.id RETURNING a.id) \
        SELECT log_admin_action($8) FROM done"
}

statement! {
    /// Removes an application. Its lists go in the background.
    Delete<'a> {
        tenant: Uuid => SqlUuid,
        id: &'a str => Text,
        at: DateTime<Utc> => Timestamptz,
        action: &'a Value => Json,
    } -> BigInt,
    "WITH done AS (DELETE FROM applications WHERE tenant_id = $1 AND id = $2 RETURNING id), \
        ended AS (UPDATE roster_sessions s SET state = 'aborted', expires_at = $3 FROM done \
            WHERE s.tenant_id = $1 AND s.app_id = done.id AND s.state = 'open') \
        SELECT log_admin_action($4) FROM done"
}

statement! {
    /// The applications whose ids come behind one.
    Page<'a> {
        tenant: Uuid => SqlUuid,
        after: &'a str => Text,
        limit: i64 => BigInt,
    } -> Columns,
    concat!("SELECT ", columns!(), " FROM applications WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3")
}

statement! {
    /// One application.
    Find<'a> {
        tenant: Uuid => SqlUuid,
        id: &'a str => Text,
    } -> Columns,
    concat!("SELECT ", columns!(), " FROM applications WHERE tenant_id = $1 AND id = $2")
}

impl TenantStore {
    /// Creates an application. Answers whether the id was free.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn create_application(&self, app: &Application, action: &AdminAction) -> Result<bool, StoreError> {
        let statement = Insert {
            tenant: self.tenant.0,
            id: app.id.as_str(),
            name: app.name.as_str(),
            licenses: &json!(app.licenses),
            removal_brake: app.removal_brake.percent().into(),
            at: app.created_at,
            action: &action.to_json(),
            lifetime: PhantomData,
        };
        let told: Vec<i64> = self.store.save(statement).await?;
        Ok(!told.is_empty())
    }

    /// Gives an application the content of `app`, if it was last changed at `read_at`. Answers whether it was.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn update_application(
        &self,
        app: &Application,
        read_at: DateTime<Utc>,
        action: &AdminAction,
    ) -> Result<bool, StoreError> {
        let statement = Update {
            tenant: self.tenant.0,
            id: app.id.as_str(),
            read_at,
            name: app.name.as_str(),
            licenses: &json!(app.licenses),
            removal_brake: app.removal_brake.percent().into(),
            at: app.modified_at,
            action: &action.to_json(),
            lifetime: PhantomData,
        };
        let told: Vec<i64> = self.store.save(statement).await?;
        Ok(!told.is_empty())
    }

    /// Removes an application and, in the background, its lists. Answers whether it was there.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn delete_application(&self, id: &AppId, action: &AdminAction) -> Result<bool, StoreError> {
        let (tenant, id, at, action) = (self.tenant.0, id.as_str(), action.at, &action.to_json());
        let told: Vec<i64> = self.store.save(Delete { tenant, id, at, action, lifetime: PhantomData }).await?;
        Ok(!told.is_empty())
    }

    /// The applications whose ids come behind `after`, at most `limit` of them, by id.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn applications(&self, after: Option<&str>, limit: i64) -> Result<Vec<Application>, StoreError> {
        let after = after.unwrap_or_default();
        let rows: Vec<Row> =
            self.store.read(Page { tenant: self.tenant.0, after, limit, lifetime: PhantomData }).await?;
        rows.into_iter().map(application).collect()
    }

    /// An application.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn application(&self, id: &AppId) -> Result<Option<Application>, StoreError> {
        let rows: Vec<Row> =
            self.store.read(Find { tenant: self.tenant.0, id: id.as_str(), lifetime: PhantomData }).await?;
        rows.into_iter().next().map(application).transpose()
    }
}

fn application(row: Row) -> Result<Application, StoreError> {
    let (id, name, licenses, removal_brake, created_at, modified_at, published_at, resolved_at) = row;
    let wrong = |error: String| StoreError::internal(error);
    let seats: BTreeMap<String, u32> = serde_json::from_value(licenses).map_err(StoreError::internal)?;
    Ok(Application {
        id: id.parse().map_err(wrong)?,
        name: name.parse().map_err(wrong)?,
        licenses: Licenses::new(seats).map_err(wrong)?,
        removal_brake: RemovalBrake::try_from(i64::from(removal_brake)).map_err(wrong)?,
        created_at,
        modified_at,
        published_at,
        resolved_at,
    })
}
