//! From a client's secret to the client (RFC 6749, section 2.3.1): what the token endpoint asks.

use std::net::IpAddr;

use super::authenticator::{Proven, admit};
use super::federation::FederationError;
use super::{AuthError, Authenticator, ClientId, ClientSecret, Refusal, RefusedSignIn, TokenDigest, Verified};
use crate::model::{CredentialKind, KeptSecret, TokenLifetime};
use crate::store::StoreError;

/// A client that showed one of its secrets, and may be used now and from its address.
pub struct VerifiedClient {
    /// Its credential.
    pub credential: Verified,
    /// How long its access tokens live.
    pub token_lifetime: TokenLifetime,
}

/// Why a client was not accepted. No variant holds any part of its secret.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// There is no such client, or it has no such secret, or it was revoked; these are not told apart.
    #[error("the client is unknown or its secret is wrong; check client_id and client_secret")]
    Unknown,
    /// The secret is right, and over.
    #[error("this client secret has expired or was revoked; add a new one to the client")]
    SecretEnded,
    /// The secret is right, and the client may not be used. Only its holder is told why.
    #[error(transparent)]
    Refused(AuthError),
    /// Its assertion is not good.
    #[error(transparent)]
    Assertion(FederationError),
    /// It could not be looked up.
    #[error("the client could not be checked now; try again")]
    Unchecked(#[source] StoreError),
}

impl Authenticator {
    /// Checks what a client shows. The same is done for clients that do not exist as for those that do. What is refused though the
    /// client is known is left in `refused`, if it is to be told.
    ///
    /// # Errors
    /// [`ClientError`]
    pub async fn verify_client(
        &self,
        id: &str,
        secret: &str,
        address: Option<IpAddr>,
        refused: &mut Option<RefusedSignIn>,
    ) -> Result<VerifiedClient, ClientError> {
        let wrong = |credential| ClientError::from(self.failed(AuthError::Refused, address, credential));
        let secret = ClientSecret::parse(secret).map_err(|_| wrong(None))?;
        let ClientId(id) = id.parse().map_err(|_| wrong(None))?;
        // First, as it is here that those who sent too many wrong secrets are held up.
        self.may_look_up(id, address)?;
        let known = self.found(id).await?;
        let found = self.store.client_secret(id, secret.id()).await.map_err(ClientError::Unchecked)?;
        let known = known.filter(|known| known.credential.kind == CredentialKind::Client);
        let credential = known.as_ref().filter(|known| !known.is_revoked()).map(|known| known.credential.id);
        let is_right = |kept: &KeptSecret| TokenDigest::from_bytes(kept.digest).matches(&secret.digest());
        let Some((token_lifetime, kept)) = found.filter(|(_, kept)| is_right(kept)) else {
            return Err(wrong(credential));
        };
        let known = known.ok_or_else(|| wrong(None))?;
        if known.is_revoked() {
            *refused = self.refused(&known, Some(Refusal::Revoked), address);
            return Err(wrong(None));
        }
        self.note_proven(&known);
        let now = self.clock.now();
        if !kept.is_live(now) {
            *refused = self.refused(&known, Some(Refusal::SecretEnded), address);
            return Err(ClientError::SecretEnded);
        }
        let proven = Proven { scopes: known.credential.scopes, known: known.clone() };
        let admitted = admit(proven, address, now);
        let credential = admitted.inspect_err(|error| *refused = self.refused(&known, error.refusal(), address))?;
        Ok(VerifiedClient { credential, token_lifetime })
    }
}

impl From<AuthError> for ClientError {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Unchecked(error) => Self::Unchecked(error),
            AuthError::Refused => Self::Unknown,
            AuthError::Federation(error) => Self::Assertion(error),
            error => Self::Refused(error),
        }
    }
}
