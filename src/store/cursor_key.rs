//! The key that seals the cursors of lists. The database keeps it, so all nodes have the same one.

use std::marker::PhantomData;
use std::sync::Arc;

use diesel::sql_types::Binary;
use secrecy::zeroize::Zeroize;

use super::statement::statement;
use super::{Store, StoreError};
use crate::scim::list::CursorKey;

statement! {
    /// The key, which the migrations made.
    ReadKey<'a> {} -> Binary,
    "SELECT secret FROM cursor_keys"
}

impl Store {
    /// The key of this database's cursors; read once.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn cursor_key(&self) -> Result<Arc<CursorKey>, StoreError> {
        let read = async || {
            let mut secrets: Vec<Vec<u8>> = self.read(ReadKey { lifetime: PhantomData }).await?;
            let key = secrets.first().map(|secret| Arc::new(CursorKey::new(secret)));
            secrets.zeroize();
            key.ok_or_else(|| StoreError::internal("the table cursor_keys has lost its row"))
        };
        self.cursor_key_cell().get_or_try_init(read).await.cloned()
    }
}
