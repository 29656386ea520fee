//! A tenant for a sync and a fresh token for it.

use secrecy::SecretString;

use crate::cli::database::gateway;
use crate::gateway::NewToken;
use crate::model::{AllowedAddresses, Origin, Profile, Scopes, TenantSlug};
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
            gateway(store).create_tenant(slug, Some(format!("{name} demo")), profile, &Origin::command_line()).await?
        }
    };
    let (gateway, origin) = (gateway(store), Origin::command_line());
    for earlier in store.credentials(tenant.id).await? {
        if earlier.label == LABEL && earlier.revoked_at.is_none() {
            gateway.revoke_token(tenant.id, earlier.id, &origin).await?;
        }
    }
    let new = NewToken {
        name: LABEL.parse().map_err(anyhow::Error::msg)?,
        scopes: Scopes::WRITE,
        connection: None,
        allowed_addresses: AllowedAddresses::ANY,
        max_role_weight: None,
        user: None,
        expires_at: None,
    };
    let (token, _) = gateway.create_token(tenant.id, new, &origin).await?;
    Ok(Access { slug: tenant.slug, token: token.reveal() })
}
