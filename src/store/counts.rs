//! Folding the counts that give totals and page starts.

use std::marker::PhantomData;

use diesel::sql_types::{Bool, Text, Uuid as SqlUuid};
use uuid::Uuid;

use super::statement::statement;
use super::{Store, StoreError};

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
