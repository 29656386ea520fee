//! What a tenant chooses for systems of record, and what it needs for it: definitions, and e-mail addresses that are unique.
//!
//! Addresses are held unique by the database, by what stands in the search documents of users. So when a tenant begins to want it,
//! those of the users that are there have to be brought up to date; and since other nodes go on by the old choice for a second,
//! they are looked at again after that.

use std::sync::Arc;

use super::super::schemas::{Affected, Look, SETTLING, settle};
use crate::gateway::{Gateway, Offender, SchemasAct, SchemasError, TenantError};
use crate::model::{Origin, Provisioning, Tenant, TenantSlug};
use crate::scim::schema::own::register_provisioning;
use crate::store::StoreError;

/// Why a tenant's choices stay as they were.
#[derive(Debug, thiserror::Error)]
pub enum ProvisioningError {
    /// The tenant cannot be changed.
    #[error(transparent)]
    Tenant(#[from] TenantError),
    /// What records need could not be registered.
    #[error(transparent)]
    Schemas(#[from] SchemasError),
    /// A resource type of the tenant's own has the name that ours would have.
    #[error("the tenant has a resource type {0} of its own, whose name records need; rename it first")]
    InTheWay(String),
    /// Users share an e-mail address: the first of them, at most 20.
    #[error(
        "users share an e-mail address; give each of them one of its own, or choose that addresses need not be unique"
    )]
    SharedEmails(Vec<Offender>),
}

impl From<StoreError> for ProvisioningError {
    fn from(error: StoreError) -> Self {
        Self::Tenant(TenantError::Store(error))
    }
}

impl Gateway {
    /// Changes what a tenant chose for systems of record. If it begins to take records, the resource type Organization and the
    /// extension of User are registered as the tenant's own. If e-mail addresses become unique and users share one, the choice stays
    /// as it was. Repeating a change that was broken off finishes it.
    ///
    /// # Errors
    /// [`ProvisioningError`].
    pub async fn change_provisioning(
        &self,
        slug: &TenantSlug,
        origin: &Origin,
        edit: impl Fn(&mut Provisioning),
    ) -> Result<Tenant, ProvisioningError> {
        let seen = self.store.find_tenant(slug).await?.ok_or_else(|| TenantError::NotFound(slug.clone()))?;
        let mut wanted = seen.clone();
        edit(&mut wanted.provisioning);
        if wanted.provisioning.enabled {
            self.register_definitions(&seen, origin).await?;
        }
        let marks_move = wanted.provisioning.keeps_emails_unique() || seen.provisioning.keeps_emails_unique();
        if !marks_move || wanted.provisioning == seen.provisioning {
            return Ok(self.change_tenant(slug, origin, |tenant| edit(&mut tenant.provisioning)).await?);
        }
        let tenant = self.store.tenant(seen.id);
        let (_, catalog) = tenant.catalog().await?;
        let users: Vec<Affected> =
            catalog.named("User").map(|kind| (kind.clone(), Some(Arc::clone(kind)))).into_iter().collect();
        let mut look = Look::new(&tenant, &wanted);
        look.at_all(&users).await?;
        if !look.offenders.is_empty() {
            return Err(ProvisioningError::SharedEmails(look.offenders));
        }
        let seen_users = look.seen;
        let changed = self.change_tenant(slug, origin, |tenant| edit(&mut tenant.provisioning)).await?;
        if seen_users == 0 {
            return Ok(changed);
        }
        tokio::time::sleep(SETTLING).await;
        let offenders = settle(&tenant, &changed, &users).await?;
        if offenders.is_empty() {
            return Ok(changed);
        }
        self.change_tenant(slug, origin, |tenant| tenant.provisioning = seen.provisioning.clone()).await?;
        settle(&tenant, &seen, &users).await?;
        Err(ProvisioningError::SharedEmails(offenders))
    }

    async fn register_definitions(&self, tenant: &Tenant, origin: &Origin) -> Result<(), ProvisioningError> {
        let (_, before) = self.store.tenant(tenant.id).registry().await?;
        let mut after = before.clone();
        register_provisioning(&mut after).map_err(ProvisioningError::InTheWay)?;
        let is_there = before.schemas.len() == after.schemas.len() && before.resource_types == after.resource_types;
        if is_there {
            return Ok(());
        }
        let act = SchemasAct { action: "schema.put", kind: "schema", name: "provisioning", origin };
        let register = |registry: &mut _| register_provisioning(registry).map_err(|_| SchemasError::Moved);
        self.change_schemas(tenant.id, &act, register).await?;
        Ok(())
    }
}
