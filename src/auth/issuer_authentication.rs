//! From somebody else's token to a credential: as a bearer token, and as a client's assertion at the token endpoint.

use std::net::IpAddr;

use super::authenticator::{Proven, admit};
use super::{AuthError, Authenticator, ClientError, RefusedSignIn, VerifiedClient};
use crate::model::{CredentialKind, TokenLifetime};

impl Authenticator {
    /// A token that an issuer whom we trust has signed.
    pub(super) async fn by_issuer(&self, text: &str, address: Option<IpAddr>) -> Result<Proven, AuthError> {
        let id = self.federation.verify_bearer(text, address).await?;
        let known = self.known(id).await?.filter(|known| known.credential.kind == CredentialKind::Issuer);
        let known = known.ok_or(AuthError::Refused)?;
        Ok(Proven { scopes: known.credential.scopes, known })
    }

    /// Checks the assertion by which a client proves who it is (RFC 7523, section 2.2). It may leave out its id. What is refused
    /// though the client is known is left in `refused`, if it is to be told.
    ///
    /// # Errors
    /// [`ClientError`]
    pub async fn verify_assertion(
        &self,
        client_id: Option<&str>,
        assertion: &str,
        address: Option<IpAddr>,
        refused: &mut Option<RefusedSignIn>,
    ) -> Result<VerifiedClient, ClientError> {
        let id = self.federation.verify_assertion(assertion, client_id, address).await;
        let id = id.map_err(|error| self.counted_at(address, error.into()))?;
        let known = self.known(id).await?;
        let known = known.filter(|known| known.credential.kind == CredentialKind::Issuer);
        let known = known.ok_or(ClientError::Unknown)?;
        self.note_proven(&known);
        let proven = Proven { scopes: known.credential.scopes, known: known.clone() };
        let admitted = admit(proven, address, self.clock.now());
        let credential = admitted.inspect_err(|error| *refused = self.refused(&known, error.refusal(), address))?;
        Ok(VerifiedClient { credential, token_lifetime: TokenLifetime::default() })
    }

    /// Counts an assertion that nobody who is trusted has signed.
    fn counted_at(&self, address: Option<IpAddr>, error: AuthError) -> AuthError {
        if error.is_wrong_credential() { self.failed(error, address, None) } else { error }
    }
}
