//! Whether somebody who asked for something some time ago may still have it: work in the background is done with the rights that
//! they have while it is done, and never with more than they had when they asked.

use std::sync::Arc;

use uuid::Uuid;

use super::AuthError;
use super::authenticator::{Proven, admit, complete};
use super::catalogs::Catalogs;
use crate::model::{
    Actor, AdminId, AdminRole, AskedBy, Caller, Clock, CredentialId, InsufficientScope, Need, RequestId, Scope, Scopes,
    TenantId, TenantState,
};
use crate::store::{Store, StoreError};

/// Why somebody may not go on.
#[derive(Debug, thiserror::Error)]
pub enum StandingError {
    /// The credential is not worth anything any more.
    #[error(transparent)]
    Credential(AuthError),
    /// The credential may do less than before.
    #[error(transparent)]
    Scope(#[from] InsufficientScope),
    /// The administrator is gone, or may do less than before.
    #[error("the administrator who asked for this is not there any more, or may not change this tenant")]
    Administrator,
    /// The tenant is suspended, deleted or gone.
    #[error("this tenant is suspended or deleted; its administrators can resume or restore it")]
    Tenant,
    /// Nobody knows at present.
    #[error("it could not be checked now who asked for this; try again")]
    Unchecked(#[source] StoreError),
}

impl From<StoreError> for StandingError {
    fn from(error: StoreError) -> Self {
        Self::Unchecked(error)
    }
}

impl From<AuthError> for StandingError {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Unchecked(error) => Self::Unchecked(error),
            error => Self::Credential(error),
        }
    }
}

/// Looks up who asked for work in the background.
pub struct Standing {
    store: Store,
    clock: Arc<dyn Clock>,
    catalogs: Catalogs,
}

impl Standing {
    /// Looks them up in a store; their end is told by the clock.
    pub fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        Self { catalogs: Catalogs::new(store.clone()), store, clock }
    }

    /// The caller that somebody is now, if they may still do what needs that scope.
    ///
    /// # Errors
    /// [`StandingError`]
    pub async fn caller(&self, tenant: TenantId, by: &AskedBy, needs: Scope) -> Result<Caller, StandingError> {
        let request = by.request.unwrap_or(RequestId(Uuid::nil()));
        match &by.actor {
            Actor::Credential { id, .. } => {
                let caller = self.credential(tenant, by, CredentialId(*id)).await?.caller(request);
                caller.scopes.meet(Need::one(needs))?;
                Ok(caller)
            }
            Actor::Admin { id, .. } => {
                let admin = self.store.find_admin(AdminId(*id)).await?;
                let may = admin.is_some_and(|admin| {
                    admin.disabled_at.is_none() && admin.role >= AdminRole::Admin && admin.reach.includes(tenant)
                });
                if may { self.operator(tenant, by, request).await } else { Err(StandingError::Administrator) }
            }
            // Users ask for nothing in the background.
            Actor::User { .. } => Err(StandingError::Administrator),
            Actor::CommandLine | Actor::System => self.operator(tenant, by, request).await,
        }
    }

    async fn credential(
        &self,
        tenant: TenantId,
        by: &AskedBy,
        id: CredentialId,
    ) -> Result<super::Verified, StandingError> {
        let found = self.store.credential(id).await?.filter(|found| found.tenant.id == tenant);
        let known = complete(&self.store, &self.catalogs, found.ok_or(AuthError::Refused)?).await?;
        let scopes = known.credential.scopes.and(by.scopes);
        Ok(admit(Proven { known, scopes }, by.address, self.clock.now())?)
    }

    /// Who has no credential may do everything in the tenant, as long as there is one.
    async fn operator(&self, tenant: TenantId, by: &AskedBy, request: RequestId) -> Result<Caller, StandingError> {
        let tenant = self.store.tenant_by_id(tenant).await?.ok_or(StandingError::Tenant)?;
        if tenant.state != TenantState::Active {
            return Err(StandingError::Tenant);
        }
        let (_, catalog) = self.store.tenant(tenant.id).catalog().await?;
        Ok(Caller {
            tenant: Arc::new(tenant),
            catalog: Arc::new(catalog),
            credential: CredentialId(by.actor.id().unwrap_or(Uuid::nil())),
            label: by.actor.name().into(),
            scopes: Scopes::WRITE.or(Scope::Provision.into()),
            max_role_weight: None,
            connection: None,
            user: None,
            request,
            address: by.address,
        })
    }
}
