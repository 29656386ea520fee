//! The tenants' schemas and resource types, each worked out once for as long as they stay as they are.
//!
//! A credential comes with the version of its tenant's catalog, so a change is seen as soon as a credential is looked up
//! anew, and nothing is asked for a tenant that never registered anything.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use crate::model::{CatalogVersion, TenantId};
use crate::scim::schema::{Catalog, builtin};
use crate::store::{Store, StoreError};

/// Tenants at most; each may take some hundred kilobytes.
const CAPACITY: usize = 256;

/// The catalogs of one worker.
pub(super) struct Catalogs {
    store: Store,
    known: RefCell<HashMap<TenantId, (CatalogVersion, Arc<Catalog>)>>,
}

impl Catalogs {
    /// Catalogs from a store.
    pub fn new(store: Store) -> Self {
        Self { store, known: RefCell::new(HashMap::new()) }
    }

    /// The catalog of a tenant that is at `version` or later.
    pub async fn of(&self, tenant: TenantId, version: CatalogVersion) -> Result<Arc<Catalog>, StoreError> {
        if version == CatalogVersion::BUILTIN {
            return Ok(builtin().clone());
        }
        if let Some((known, catalog)) = self.known.borrow().get(&tenant)
            && *known >= version
        {
            return Ok(catalog.clone());
        }
        let (version, catalog) = self.store.tenant(tenant).catalog().await?;
        let catalog = Arc::new(catalog);
        let mut known = self.known.borrow_mut();
        if known.len() >= CAPACITY {
            known.clear();
        }
        known.insert(tenant, (version, catalog.clone()));
        Ok(catalog)
    }
}
