//! How long activity is kept. Rows go some at a time and without a wait, whole months at once where no tenant wants them.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Bool, Integer, Json, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

use super::statement::statement;
use super::{Store, StoreError, TenantStore};
use crate::model::{AdminAction, KeepActivity, TenantId};

statement! {
    /// What each tenant keeps.
    Kept<'a> {} -> (SqlUuid, Nullable<Integer>),
    "SELECT id, keep_activity_days FROM tenants ORDER BY id"
}

statement! {
    /// What one tenant keeps.
    KeptBy<'a> {
        tenant: Uuid => SqlUuid,
    } -> Nullable<Integer>,
    "SELECT keep_activity_days FROM tenants WHERE id = $1"
}

statement! {
    /// Sets what a tenant keeps, and tells who did.
    Keep<'a> {
        days: Option<i32> => Nullable<Integer>,
        tenant: Uuid => SqlUuid,
        action: &'a Value => Json,
    } -> BigInt,
    "WITH done AS (UPDATE tenants SET keep_activity_days = $1 WHERE id = $2 RETURNING id) \
        SELECT log_admin_action($3) FROM done"
}

statement! {
    /// Removes some old changes of a tenant.
    ForgetChanges<'a> {
        tenant: Uuid => SqlUuid,
        before: DateTime<Utc> => Timestamptz,
        limit: i64 => BigInt,
    } -> BigInt,
    "WITH old AS (SELECT at, position FROM changes WHERE tenant_id = $1 AND at < $2 ORDER BY at, position LIMIT $3 \
            FOR UPDATE SKIP LOCKED), \
        gone AS (DELETE FROM changes c USING old WHERE c.tenant_id = $1 AND c.at < $2 AND c.at = old.at \
            AND c.position = old.position RETURNING 1) \
        SELECT count(*) FROM gone"
}

statement! {
    /// Removes some old administrative actions of a tenant.
    ForgetActions<'a> {
        tenant: Uuid => SqlUuid,
        before: DateTime<Utc> => Timestamptz,
        limit: i64 => BigInt,
    } -> BigInt,
    "WITH old AS (SELECT at, position FROM admin_actions WHERE tenant_id = $1 AND at < $2 ORDER BY at, position LIMIT $3 \
            FOR UPDATE SKIP LOCKED), \
        gone AS (DELETE FROM admin_actions a USING old WHERE a.tenant_id = $1 AND a.at < $2 AND a.at = old.at \
            AND a.position = old.position RETURNING 1) \
        SELECT count(*) FROM gone"
}

statement! {
    /// Removes some old names of a tenant's resources.
    ForgetKeys<'a> {
        tenant: Uuid => SqlUuid,
        before: DateTime<Utc> => Timestamptz,
        limit: i64 => BigInt,
    } -> BigInt,
    "WITH old AS (SELECT key, resource_id FROM former_keys WHERE tenant_id = $1 AND given_up_at < $2 LIMIT $3 \
            FOR UPDATE SKIP LOCKED), \
        gone AS (DELETE FROM former_keys f USING old WHERE f.tenant_id = $1 AND f.key = old.key \
            AND f.resource_id = old.resource_id RETURNING 1) \
        SELECT count(*) FROM gone"
}

statement! {
    /// Calls `drop_activity_partition`, which the migrations describe.
    DropPartition<'a> {
        table: &'a str => Text,
        before: DateTime<Utc> => Timestamptz,
    } -> Nullable<Text>,
    "SELECT drop_activity_partition($1, $2)"
}

statement! {
    /// Calls `ensure_activity_partition`, which the migrations describe, for the month of `at` and the one after it.
    EnsurePartitions<'a> {
        at: DateTime<Utc> => Timestamptz,
    } -> (Bool, Bool, Bool, Bool),
    "SELECT ensure_activity_partition('changes', $1), ensure_activity_partition('changes', $1 + interval '1 month'), \
        ensure_activity_partition('admin_actions', $1), ensure_activity_partition('admin_actions', $1 + interval '1 month')"
}

impl TenantStore {
    /// How long the tenant keeps its activity.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn keeps_activity(&self) -> Result<KeepActivity, StoreError> {
        let rows: Vec<Option<i32>> = self.store.read(KeptBy { tenant: self.tenant.0, lifetime: PhantomData }).await?;
        Ok(KeepActivity::from_days(rows.into_iter().next().flatten()))
    }

    /// Sets how long the tenant keeps its activity, and writes who did. Answers whether there is such a tenant.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn keep_activity(&self, keep: KeepActivity, action: &AdminAction) -> Result<bool, StoreError> {
        let (action, lifetime) = (&action.to_json(), PhantomData);
        let rows: Vec<i64> =
            self.store.save(Keep { tenant: self.tenant.0, days: keep.days(), action, lifetime }).await?;
        Ok(!rows.is_empty())
    }

    /// Removes up to `limit` changes, administrative actions and old names each that are from before an instant. Answers
    /// whether there may be more.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn forget_activity(&self, before: DateTime<Utc>, limit: u32) -> Result<bool, StoreError> {
        let (tenant, limit, lifetime) = (self.tenant.0, i64::from(limit), PhantomData);
        let changes: Vec<i64> = self.store.save(ForgetChanges { tenant, before, limit, lifetime }).await?;
        let actions: Vec<i64> = self.store.save(ForgetActions { tenant, before, limit, lifetime }).await?;
        let keys: Vec<i64> = self.store.save(ForgetKeys { tenant, before, limit, lifetime }).await?;
        Ok([changes, actions, keys].iter().flatten().any(|gone| *gone >= limit))
    }
}

impl Store {
    /// How long each tenant keeps its activity.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn kept_activity(&self) -> Result<Vec<(TenantId, KeepActivity)>, StoreError> {
        let rows: Vec<(Uuid, Option<i32>)> = self.search(Kept { lifetime: PhantomData }).await?;
        Ok(rows.into_iter().map(|(id, days)| (TenantId(id), KeepActivity::from_days(days))).collect())
    }

    /// Drops the oldest month of changes that ended before an instant, if there is one; answers its name.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if writers kept it busy for a fifth of a second, or that the database is away or at fault.
    pub async fn drop_changes_before(&self, before: DateTime<Utc>) -> Result<Option<String>, StoreError> {
        let statement = DropPartition { table: "changes", before, lifetime: PhantomData };
        let rows: Vec<Option<String>> = self.save(statement).await?;
        Ok(rows.into_iter().next().flatten())
    }

    /// Makes the partitions of changes and of administrative actions for the month of `now` and the next one, where they are
    /// missing.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn ensure_partitions(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let _: Vec<(bool, bool, bool, bool)> = self.save(EnsurePartitions { at: now, lifetime: PhantomData }).await?;
        Ok(())
    }
}
