//! What an OAuth 2.0 client shows at the token endpoint (RFC 6749, section 2.3.1): its id, and one of its secrets.
//!
//! Both are of lower-case letters, digits and `_` alone, so they look the same whether or not somebody form-encodes them.

use std::fmt;
use std::str::FromStr;

use rand::CryptoRng;
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::printed::{Printed, decode, encode};
use super::{NotAToken, TokenDigest};
use crate::model::{ClientSecretId, CredentialId};

const ID_PREFIX: &str = "scimc_";
const SECRET_PREFIX: &str = "scims";
/// How many characters of a secret are kept to tell it by. They are of the checksum.
const HINT: usize = 4;

/// A `client_id`: a credential's id as clients write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientId(pub CredentialId);

/// Text that is no `client_id` of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no client id of this server; those begin with \"scimc_\"")]
pub struct NotAClientId;

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{ID_PREFIX}{}", encode(self.0.0.as_bytes()))
    }
}

impl FromStr for ClientId {
    type Err = NotAClientId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let id = text.strip_prefix(ID_PREFIX).and_then(decode::<16>).ok_or(NotAClientId)?;
        Ok(Self(CredentialId(Uuid::from_bytes(id))))
    }
}

/// A client's secret as its holder has it: `scims_<id>_<secret>_<checksum>`. It cannot be printed; [`ClientSecret::reveal`] is
/// the one way out.
pub struct ClientSecret(Printed);

impl ClientSecret {
    /// A new secret of that id.
    pub fn generate(id: ClientSecretId, rng: &mut impl CryptoRng) -> Self {
        Self(Printed::generate(id.0, rng))
    }

    /// Reads what a client sent.
    ///
    /// # Errors
    /// [`NotAToken`]
    pub fn parse(text: &str) -> Result<Self, NotAToken> {
        Printed::parse(SECRET_PREFIX, text).map(Self)
    }

    /// Its own id.
    pub fn id(&self) -> ClientSecretId {
        ClientSecretId(self.0.id)
    }

    /// What is kept of it.
    pub fn digest(&self) -> TokenDigest {
        self.0.digest()
    }

    /// The secret as text, to be shown once.
    pub fn reveal(&self) -> SecretString {
        self.0.reveal(SECRET_PREFIX)
    }

    /// Its last characters, to tell it by.
    pub fn hint(&self) -> String {
        let text = self.reveal();
        let text = text.expose_secret();
        text[text.len() - HINT..].to_owned()
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientSecret({}, secret not shown)", self.id())
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;
    use crate::auth::Token;

    fn secret() -> ClientSecret {
        ClientSecret::generate(ClientSecretId::new(DateTime::UNIX_EPOCH), &mut rand::rng())
    }

    #[test]
    fn a_secret_comes_back_from_its_text_and_is_no_token() {
        let secret = secret();
        let text = secret.reveal();
        let read = ClientSecret::parse(text.expose_secret()).unwrap();
        assert_eq!(read.id(), secret.id());
        assert!(read.digest().matches(&secret.digest()));
        assert!(text.expose_secret().ends_with(&secret.hint()));
        assert_eq!(Token::parse(text.expose_secret()).err(), Some(NotAToken::Shape));
    }

    #[test]
    fn debug_output_holds_no_secret() {
        let secret = secret();
        let text = secret.reveal();
        let part = text.expose_secret().split('_').nth(2).unwrap();
        assert!(!format!("{secret:?}").contains(part));
    }

    proptest! {
        #[test]
        fn a_client_id_has_one_spelling(bytes in any::<[u8; 16]>()) {
            let id = ClientId(CredentialId(Uuid::from_bytes(bytes)));
            let text = id.to_string();
            prop_assert_eq!(text.parse(), Ok(id));
            prop_assert!(text.to_uppercase().parse::<ClientId>().is_err());
        }

        #[test]
        fn no_input_panics(text in "(scimc_)?[0-9a-z_\u{e4}]{0,40}") {
            let _ = text.parse::<ClientId>();
            let _ = ClientSecret::parse(&text);
        }
    }
}
