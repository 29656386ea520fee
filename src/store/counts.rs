//! Folding the counts that give totals and page starts.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use diesel::sql_types::{BigInt, Bool, Text, Uuid as SqlUuid};
use uuid::Uuid;

use super::statement::statement;
use super::{Store, StoreError, TenantStore};

statement! {
    /// The tenants and resource types with counts that are not folded.
    Unfolded<'a> {} -> (SqlUuid, Text),
    "SELECT DISTINCT tenant_id, resource_type FROM resource_counts WHERE NOT folded"
}

statement! {
    /// Calls `fold_counts`, which the migrations describe.
    Fold<'a> {
        tenant: Uuid => SqlUuid,
        resource_type: &'a str => Text,
    } -> Bool,
    "SELECT fold_counts($1, $2)"
}

impl Store {
    /// Folds the counts that creates and deletes have left since the last time. Totals and pages are exact without it; it keeps
    /// them cheap. May run on several nodes at once: each tenant and type is taken by one of them.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn fold_counts(&self) -> Result<(), StoreError> {
        let unfolded: Vec<(Uuid, String)> = self.search(Unfolded { lifetime: PhantomData }).await?;
        for (tenant, resource_type) in &unfolded {
            let _: Vec<bool> = self.save(Fold { tenant: *tenant, resource_type, lifetime: PhantomData }).await?;
        }
        Ok(())
    }
}

statement! {
    /// How many resources of each type there are.
    Counts<'a> {
        tenant: Uuid => SqlUuid,
    } -> (Text, BigInt),
    "SELECT resource_type, sum(n)::bigint FROM resource_counts WHERE tenant_id = $1 GROUP BY resource_type"
}

statement! {
    /// How many users are inactive.
    InactiveUsers<'a> {
        tenant: Uuid => SqlUuid,
    } -> BigInt,
    "SELECT count(*) FROM resources WHERE tenant_id = $1 AND resource_type = 'User' AND active IS FALSE"
}

impl TenantStore {
    /// How many resources of each type there are. Types without any may be missing.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn counts(&self) -> Result<BTreeMap<String, u64>, StoreError> {
        let rows: Vec<(String, i64)> =
            self.store.search(Counts { tenant: self.tenant.0, lifetime: PhantomData }).await?;
        Ok(rows.into_iter().map(|(kind, n)| (kind, u64::try_from(n).unwrap_or_default())).collect())
    }

    /// How many users are inactive.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn inactive_users(&self) -> Result<u64, StoreError> {
        let rows: Vec<i64> = self.store.search(InactiveUsers { tenant: self.tenant.0, lifetime: PhantomData }).await?;
        Ok(rows.first().map_or(0, |n| n.unsigned_abs()))
    }
}
