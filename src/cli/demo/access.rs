//! A tenant for a sync and a fresh token for it.

use secrecy::SecretString;

use crate::cli::{tenant, token};
use crate::model::{Clock, Profile, Scope, SystemClock, TenantSlug};
use crate::store::Store;

/// By this label the demo knows the tokens that an earlier run made.
const LABEL: &str = "scimgate demo";

/// The way in for a sync.
pub struct Access {
    /// The tenant's short name.
    pub slug: TenantSlug,
    /// A token with write scope.
    pub token: SecretString,
}

/// Takes the tenant, or creates it, revokes the tokens of earlier runs and makes a new one. A token cannot be shown twice, so
/// the earlier ones would only be lost keys.
pub async fn prepare(store: &Store, slug: &str, profile: Profile, name: &str) -> anyhow::Result<Access> {
    let slug: TenantSlug = slug.parse().map_err(anyhow::Error::msg)?;
    let tenant = match store.find_tenant(&slug).await? {
        Some(tenant) => tenant,
        None => {
            let tenant = tenant::fresh(slug, Some(format!("{name} demo")), profile);
            store.create_tenant(&tenant).await?;
            tenant
        }
    };
    let now = SystemClock.now();
    for earlier in store.credentials(tenant.id).await? {
        if earlier.label == LABEL && earlier.revoked_at.is_none() {
            store.revoke(tenant.id, earlier.id, now).await?;
        }
    }
    let (token, credential) = token::fresh(LABEL.to_owned(), Scope::Write, now, None);
    store.create_credential(tenant.id, &credential).await?;
    Ok(Access { slug: tenant.slug, token: token.reveal() })
}
