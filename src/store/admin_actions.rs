//! What administrators did, written. Statements that change something call `log_admin_action` themselves, so that act and row are
//! one; this is for acts that change nothing else, such as signing in.

use std::marker::PhantomData;

use diesel::sql_types::{BigInt, Json};
use serde_json::Value;

use super::statement::statement;
use super::{Store, StoreError};
use crate::model::AdminAction;

statement! {
    /// Writes the row.
    LogAdminAction<'a> {
        action: &'a Value => Json,
    } -> BigInt,
    "SELECT log_admin_action($1)"
}

impl Store {
    /// Writes what was done.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn log_admin_action(&self, action: &AdminAction) -> Result<(), StoreError> {
        let action = &action.to_json();
        let _: Vec<i64> = self.save(LogAdminAction { action, lifetime: PhantomData }).await?;
        Ok(())
    }
}
