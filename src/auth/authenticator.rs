//! From the `Authorization` header to a caller.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, Utc};

use super::cache::Cache;
use super::catalogs::Catalogs;
use super::{AuthError, Token, TokenDigest};
use crate::model::{Caller, Clock, Credential, RequestId, ResourceId, Scope, Tenant};
use crate::scim::schema::Catalog;
use crate::store::Store;

/// Checks the credentials of one worker's requests.
pub struct Authenticator {
    store: Store,
    clock: Arc<dyn Clock>,
    cache: Cache<Arc<Known>>,
    catalogs: Catalogs,
}

/// A credential as it is stored.
struct Known {
    tenant: Arc<Tenant>,
    catalog: Arc<Catalog>,
    label: Arc<str>,
    scope: Scope,
    user: Option<User>,
    digest: TokenDigest,
    expires_at: Option<DateTime<Utc>>,
}

/// The user whose token it is.
struct User {
    id: ResourceId,
    /// Whether the user may sign in; `None` if the user is gone.
    may_sign_in: Option<bool>,
}

/// A credential that proved to be the one it claims to be.
pub struct Verified {
    token: Token,
    known: Arc<Known>,
}

impl Verified {
    /// The name of the credential's tenant.
    pub fn tenant(&self) -> &str {
        self.known.tenant.slug.as_str()
    }

    /// The caller of one request with this credential.
    pub fn caller(&self, request: RequestId, address: Option<IpAddr>) -> Caller {
        Caller {
            tenant: self.known.tenant.clone(),
            catalog: self.known.catalog.clone(),
            credential: self.token.id(),
            label: self.known.label.clone(),
            scope: self.known.scope,
            user: self.known.user.as_ref().map(|user| user.id),
            request,
            address,
        }
    }
}

impl Authenticator {
    /// Credentials from a store; their end is told by the clock.
    pub fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        Self { catalogs: Catalogs::new(store.clone()), store, clock, cache: Cache::new() }
    }

    /// Checks the values of all `Authorization` headers of a request, of which there has to be one.
    pub async fn verify(&self, mut headers: impl Iterator<Item = &[u8]>) -> Result<Verified, AuthError> {
        let header = headers.next().ok_or(AuthError::Missing)?;
        if headers.next().is_some() {
            return Err(AuthError::Repeated);
        }
        let token = Token::parse(bearer(header)?)?;
        let known = self.known(&token).await?.ok_or(AuthError::Refused)?;
        if !known.digest.matches(&token.digest()) {
            return Err(AuthError::Refused);
        }
        if known.expires_at.is_some_and(|end| end <= self.clock.now()) {
            return Err(AuthError::Expired);
        }
        match known.user.as_ref().map(|user| user.may_sign_in) {
            None | Some(Some(true)) => {}
            Some(Some(false)) => return Err(AuthError::UserInactive),
            Some(None) => return Err(AuthError::UserGone),
        }
        Ok(Verified { token, known })
    }

    async fn known(&self, token: &Token) -> Result<Option<Arc<Known>>, AuthError> {
        let now = Instant::now();
        if let Some(found) = self.cache.get(token.id(), now) {
            return Ok(found);
        }
        let found = self.store.credential(token.id()).await.map_err(AuthError::Unchecked)?;
        let found = match found.filter(|(.., credential)| credential.revoked_at.is_none()) {
            Some((tenant, version, credential)) => {
                let catalog = self.catalogs.of(tenant.id, version).await.map_err(AuthError::Unchecked)?;
                Some(self.with_user(tenant, catalog, credential).await?)
            }
            None => None,
        };
        self.cache.put(token.id(), now, found.clone());
        Ok(found)
    }

    /// A user's token is worth what the user is: nothing once the user is gone or inactive. That is kept as long as the rest,
    /// so it takes effect as fast as a revocation.
    async fn with_user(
        &self,
        tenant: Tenant,
        catalog: Arc<Catalog>,
        credential: Credential,
    ) -> Result<Arc<Known>, AuthError> {
        let user = match credential.user {
            Some(id) => {
                let may_sign_in = self.store.tenant(tenant.id).may_sign_in(id).await.map_err(AuthError::Unchecked)?;
                Some(User { id, may_sign_in })
            }
            None => None,
        };
        Ok(Arc::new(Known {
            tenant: Arc::new(tenant),
            catalog,
            label: credential.label.into(),
            scope: credential.scope,
            user,
            digest: TokenDigest::from_bytes(credential.digest),
            expires_at: credential.expires_at,
        }))
    }
}

/// The token of an `Authorization: Bearer <token>` header (RFC 6750, section 2.1). The scheme's case does not matter.
fn bearer(header: &[u8]) -> Result<&str, AuthError> {
    let text = std::str::from_utf8(header).map_err(|_| AuthError::Scheme)?.trim();
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    if scheme.eq_ignore_ascii_case("bearer") { Ok(token.trim()) } else { Err(AuthError::Scheme) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_is_bearer_in_any_case() {
        assert_eq!(bearer(b"Bearer abc").unwrap(), "abc");
        assert_eq!(bearer(b"bEARER  abc ").unwrap(), "abc");
        assert_eq!(bearer(b"Bearer").unwrap(), "");
        for wrong in [&b"non-token"[..], b"", b"Basic dTpw", b"Bearerabc", b"\xff"] {
            assert!(matches!(bearer(wrong), Err(AuthError::Scheme)), "{wrong:?}");
        }
    }
}
