//! [`TenantStore`]: what belongs to one tenant. Every statement on resources starts here, so none can forget the tenant.

use super::Store;
use crate::model::TenantId;

/// The resources and changes of one tenant.
#[derive(Clone)]
pub struct TenantStore {
    pub(super) store: Store,
    pub(super) tenant: TenantId,
}

impl TenantStore {
    /// The tenant.
    pub fn id(&self) -> TenantId {
        self.tenant
    }
}
