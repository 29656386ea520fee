//! From the `Authorization` header to a caller.

use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};

use super::access_token::{AccessTokens, issuer_of};
use super::cache::Cache;
use super::catalogs::Catalogs;
use super::federation::{self, Federation, KeySets};
use super::{
    AuthError, Claimed, Failures, Grant, Refusal, RefusedSignIn, RefusedSignIns, Token, TokenDigest, WorkerUses,
};
use crate::model::{
    Caller, Clock, Credential, CredentialId, CredentialKind, CredentialUse, Profile, RequestId, ResourceId, Scopes,
    Tenant, TenantId, TenantState, UseOutcome,
};
use crate::scim::schema::Catalog;
use crate::store::{Found, Store};

/// Checks the credentials of one worker's requests.
pub struct Authenticator {
    pub(super) store: Store,
    pub(super) clock: Arc<dyn Clock>,
    cache: Cache<CredentialId, Arc<Known>>,
    catalogs: Catalogs,
    access_tokens: Rc<AccessTokens>,
    uses: WorkerUses,
    pub(super) federation: Federation,
    failures: Arc<Failures>,
    refused: Arc<RefusedSignIns>,
}

/// What is kept in view of who comes with which credential.
pub struct Watch {
    /// Who sent wrong ones.
    pub failures: Arc<Failures>,
    /// Whose were refused.
    pub refused: Arc<RefusedSignIns>,
    /// Which were used.
    pub uses: WorkerUses,
}

/// A credential as it is stored, with what its requests are served by.
pub(super) struct Known {
    tenant: Arc<Tenant>,
    catalog: Arc<Catalog>,
    pub(super) credential: Credential,
    label: Arc<str>,
    /// Whether the credential's connection works, if it has one.
    is_enabled: bool,
    user: Option<User>,
    /// Whether it was noted that somebody proved to hold it.
    is_noted: AtomicBool,
}

/// The user whose token it is.
struct User {
    id: ResourceId,
    /// Whether the user may sign in; `None` if the user is gone.
    may_sign_in: Option<bool>,
}

impl Known {
    /// Whether it was revoked.
    pub(super) fn is_revoked(&self) -> bool {
        self.credential.revoked_at.is_some()
    }
}

/// A credential that somebody has proved to hold. Whether it is worth anything now is not known yet.
pub(super) struct Proven {
    pub(super) known: Arc<Known>,
    /// What the holder may do: the credential's scopes, or fewer of them.
    pub(super) scopes: Scopes,
}

/// A credential that proved to be the one it claims to be, and that may be used now and from that address.
pub struct Verified {
    known: Arc<Known>,
    scopes: Scopes,
    address: Option<IpAddr>,
}

impl Verified {
    /// The name of the credential's tenant.
    pub fn tenant(&self) -> &str {
        self.known.tenant.slug.as_str()
    }

    /// The credential.
    pub fn credential_id(&self) -> CredentialId {
        self.known.credential.id
    }

    /// The credential's tenant.
    pub fn tenant_id(&self) -> TenantId {
        self.known.tenant.id
    }

    /// The profile of the credential's tenant.
    pub fn profile(&self) -> Profile {
        self.known.tenant.profile
    }

    /// What an access token of this credential grants that lives for `lifetime`.
    pub fn grant(&self, scopes: Scopes, lifetime: TimeDelta) -> Grant {
        let (credential, tenant) = (self.known.credential.id, self.known.tenant.id);
        Grant { credential, tenant, scopes: self.scopes.and(scopes), lifetime }
    }

    /// What the credential may do.
    pub fn scopes(&self) -> Scopes {
        self.scopes
    }

    /// The caller of one request with this credential.
    pub fn caller(&self, request: RequestId) -> Caller {
        Caller {
            tenant: self.known.tenant.clone(),
            catalog: self.known.catalog.clone(),
            credential: self.known.credential.id,
            label: self.known.label.clone(),
            scopes: self.scopes,
            max_role_weight: self.known.credential.max_role_weight,
            connection: self.known.credential.connection,
            user: self.known.user.as_ref().map(|user| user.id),
            request,
            address: self.address,
        }
    }
}

impl Authenticator {
    /// Credentials from a store; their end is told by the clock.
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        access_tokens: Rc<AccessTokens>,
        key_sets: Arc<KeySets>,
        watch: Watch,
    ) -> Self {
        let (catalogs, Watch { failures, refused, uses }) = (Catalogs::new(store.clone()), watch);
        let federation = Federation::new(store.clone(), clock.clone(), key_sets, failures.clone());
        Self { catalogs, store, clock, cache: Cache::new(), access_tokens, uses, federation, failures, refused }
    }

    /// Checks the values of all `Authorization` headers of a request, of which there has to be one. `address` is the client's,
    /// where it is known. What is refused though its holder is known is left in `refused`, if it is to be told.
    pub async fn verify(
        &self,
        mut headers: impl Iterator<Item = &[u8]>,
        address: Option<IpAddr>,
        refused: &mut Option<RefusedSignIn>,
    ) -> Result<Verified, AuthError> {
        let header = headers.next().ok_or(AuthError::Missing)?;
        if headers.next().is_some() {
            return Err(AuthError::Repeated);
        }
        let text = bearer(header)?;
        let proven = self.identify(text, address, refused).await.map_err(|error| self.counted(error, text, address))?;
        self.note_proven(&proven.known);
        let (now, known) = (self.clock.now(), proven.known.clone());
        let outcome = admit(proven, address, now);
        if let Err(error) = &outcome {
            self.remember(&known, address, now, Some(UseOutcome::Failure));
            *refused = self.refused(&known, error.refusal(), address);
        }
        outcome
    }

    /// A sign-in that was refused, if it is to be told.
    pub(super) fn refused(
        &self,
        known: &Arc<Known>,
        why: Option<Refusal>,
        address: Option<IpAddr>,
    ) -> Option<RefusedSignIn> {
        let why = why.filter(|why| self.refused.take(known.credential.id, *why, address, self.clock.now()))?;
        let whose = Verified { known: known.clone(), scopes: known.credential.scopes, address };
        Some(RefusedSignIn { whose, why })
    }

    /// Remembers that a request came with a credential, and how it ended if that says something of the client's health.
    pub fn used(&self, verified: &Verified, outcome: Option<UseOutcome>) {
        self.remember(&verified.known, verified.address, self.clock.now(), outcome);
    }

    fn remember(&self, known: &Known, address: Option<IpAddr>, at: DateTime<Utc>, outcome: Option<UseOutcome>) {
        self.uses.remember(CredentialUse {
            tenant: known.tenant.id,
            credential: known.credential.id,
            last_used_at: at,
            last_address: address,
            last_success_at: (outcome == Some(UseOutcome::Success)).then_some(at),
            last_failure_at: (outcome == Some(UseOutcome::Failure)).then_some(at),
        });
    }

    /// Finds the credential that the text of a bearer proves. Each kind of credential has its own branch here; what is asked of
    /// all of them alike is asked in [`admit`].
    async fn identify(
        &self,
        text: &str,
        address: Option<IpAddr>,
        refused: &mut Option<RefusedSignIn>,
    ) -> Result<Proven, AuthError> {
        if issuer_of(text).is_some_and(|issuer| issuer == self.access_tokens.issuer()) {
            return self.by_access_token(text, address, refused).await;
        }
        if federation::is_jwt(text) {
            return self.by_issuer(text, address).await;
        }
        self.by_token(&Token::parse(text)?, address, refused).await
    }

    /// Counts a credential that was wrong, for its address and for the credential that it pretends to be, if there is such a
    /// one. Answers with `error`, or that it was one time too many.
    fn counted(&self, error: AuthError, text: &str, address: Option<IpAddr>) -> AuthError {
        if !error.is_wrong_credential() {
            return error;
        }
        let claimed = Token::parse(text).ok().map(|token| token.id());
        let is_live = |known: Option<Option<Arc<Known>>>| known.flatten().is_some_and(|known| !known.is_revoked());
        let known = claimed.filter(|id| is_live(self.cache.get(*id, Instant::now())));
        self.failed(error, address, known)
    }

    /// Counts a wrong credential. Answers with `error`, or that it was one time too many.
    pub(super) fn failed(
        &self,
        error: AuthError,
        address: Option<IpAddr>,
        credential: Option<CredentialId>,
    ) -> AuthError {
        match self.failures.failed(address, credential, self.clock.now()) {
            Some(wait) => AuthError::TooManyFailures(wait),
            None => error,
        }
    }

    /// Notes that somebody proved to hold a credential: once for each time that it is looked up.
    pub(super) fn note_proven(&self, known: &Known) {
        if !known.is_noted.swap(true, Ordering::Relaxed) {
            self.failures.succeeded(Claimed::Credential(known.credential.id), self.clock.now());
        }
    }

    /// Holds that a credential may be looked up for that address; one that is known already may.
    pub(super) fn may_look_up(&self, id: CredentialId, address: Option<IpAddr>) -> Result<(), AuthError> {
        if self.cache.get(id, Instant::now()).is_some() {
            return Ok(());
        }
        self.failures.admit(address, Claimed::Credential(id), self.clock.now()).map_err(AuthError::TooManyFailures)
    }

    /// A token that an OAuth 2.0 client got from us. It grants nothing that the client may not do any more.
    async fn by_access_token(
        &self,
        text: &str,
        address: Option<IpAddr>,
        refused: &mut Option<RefusedSignIn>,
    ) -> Result<Proven, AuthError> {
        let may_look_up = |client| self.may_look_up(client, address);
        let accepted = self.access_tokens.accept(text, self.clock.now(), may_look_up).await?;
        let known = self.found(accepted.credential).await?.ok_or(AuthError::Refused)?;
        if known.tenant.id != accepted.tenant || known.credential.kind == CredentialKind::Token {
            return Err(AuthError::Refused);
        }
        if known.is_revoked() {
            *refused = self.refused(&known, Some(Refusal::Revoked), address);
            return Err(AuthError::Refused);
        }
        Ok(Proven { scopes: known.credential.scopes.and(accepted.scopes), known })
    }

    /// One of our own tokens.
    async fn by_token(
        &self,
        token: &Token,
        address: Option<IpAddr>,
        refused: &mut Option<RefusedSignIn>,
    ) -> Result<Proven, AuthError> {
        self.may_look_up(token.id(), address)?;
        let known = self.found(token.id()).await?.ok_or(AuthError::Refused)?;
        let digest = known.credential.digest.map(TokenDigest::from_bytes).ok_or(AuthError::Refused)?;
        if !digest.matches(&token.digest()) {
            return Err(AuthError::Refused);
        }
        if known.is_revoked() {
            *refused = self.refused(&known, Some(Refusal::Revoked), address);
            return Err(AuthError::Refused);
        }
        Ok(Proven { scopes: known.credential.scopes, known })
    }

    /// The credential of that id, whatever its kind; `None` if there is none or it was revoked. It holds for a second.
    pub(super) async fn known(&self, id: CredentialId) -> Result<Option<Arc<Known>>, AuthError> {
        Ok(self.found(id).await?.filter(|known| !known.is_revoked()))
    }

    /// The same, even if it was revoked.
    pub(super) async fn found(&self, id: CredentialId) -> Result<Option<Arc<Known>>, AuthError> {
        let now = Instant::now();
        if let Some(found) = self.cache.get(id, now) {
            return Ok(found);
        }
        let found = self.store.credential(id).await.map_err(AuthError::Unchecked)?;
        let found = match found {
            Some(found) => Some(complete(&self.store, &self.catalogs, found).await?),
            None => None,
        };
        self.cache.put(id, now, found.clone());
        Ok(found)
    }
}

/// A user's token is worth what the user is: nothing once the user is gone or inactive. That is kept as long as the rest, so it
/// takes effect as fast as a revocation. The same holds for the credential's connection.
pub(super) async fn complete(store: &Store, catalogs: &Catalogs, found: Found) -> Result<Arc<Known>, AuthError> {
    let Found { mut tenant, catalog, credential, connection } = found;
    let catalog = catalogs.of(tenant.id, catalog).await.map_err(AuthError::Unchecked)?;
    let user = match credential.user {
        Some(id) => {
            let may_sign_in = store.tenant(tenant.id).may_sign_in(id).await.map_err(AuthError::Unchecked)?;
            Some(User { id, may_sign_in })
        }
        None => None,
    };
    if let Some(profile) = connection.as_ref().and_then(|connection| connection.profile) {
        tenant.dialect = tenant.dialect.spoken_by(&profile.dialect());
    }
    Ok(Arc::new(Known {
        tenant: Arc::new(tenant),
        catalog,
        label: credential.label.as_str().into(),
        is_enabled: connection.is_none_or(|connection| connection.enabled),
        credential,
        user,
        is_noted: AtomicBool::new(false),
    }))
}

/// What is asked of every credential alike, however it was proved. The one place that decides whether it may be used now.
pub(super) fn admit(proven: Proven, address: Option<IpAddr>, now: DateTime<Utc>) -> Result<Verified, AuthError> {
    let Proven { known, scopes } = proven;
    let credential = &known.credential;
    if credential.revoked_at.is_some() {
        return Err(AuthError::Refused);
    }
    if credential.expires_at.is_some_and(|end| end <= now) {
        return Err(AuthError::Expired);
    }
    match known.tenant.state {
        TenantState::Active => {}
        TenantState::Suspended { .. } => return Err(AuthError::TenantSuspended),
        TenantState::Deleted { .. } => return Err(AuthError::TenantDeleted),
    }
    if credential.disabled_at.is_some() {
        return Err(AuthError::CredentialDisabled);
    }
    if !known.is_enabled {
        return Err(AuthError::ConnectionDisabled);
    }
    if !credential.allowed_addresses.allow(address) {
        return Err(AuthError::AddressRefused(address));
    }
    match known.user.as_ref().map(|user| user.may_sign_in) {
        None | Some(Some(true)) => Ok(Verified { known, scopes, address }),
        Some(Some(false)) => Err(AuthError::UserInactive),
        Some(None) => Err(AuthError::UserGone),
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
