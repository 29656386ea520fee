//! Bearer tokens: `scim_<id>_<secret>_<checksum>`, as [`super::printed`] describes the form.

use std::fmt;

use rand::CryptoRng;
use secrecy::SecretString;
use subtle::ConstantTimeEq;

use super::printed::Printed;
use crate::model::CredentialId;

const PREFIX: &str = "scim";

/// Text that is no token. It never holds the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAToken {
    /// There is nothing.
    #[error("the token is empty")]
    Empty,
    /// It does not look like one of our tokens.
    #[error("this is not a token of this server: tokens begin with \"scim_\" and have four parts")]
    Shape,
    /// It looks like one, but a character was changed or lost.
    #[error("the token is damaged: it was cut or mistyped; copy it again")]
    Checksum,
}

/// A token as its holder has it. It cannot be printed; [`Token::reveal`] is the one way out.
pub struct Token(Printed);

impl Token {
    /// A new token for the credential `id`.
    pub fn generate(id: CredentialId, rng: &mut impl CryptoRng) -> Self {
        Self(Printed::generate(id.0, rng))
    }

    /// Reads what a client sent.
    pub fn parse(text: &str) -> Result<Self, NotAToken> {
        Printed::parse(PREFIX, text).map(Self)
    }

    /// The credential it claims to be.
    pub fn id(&self) -> CredentialId {
        CredentialId(self.0.id)
    }

    /// How the token of a credential begins: what people recognise it by, and no part of its secret.
    pub fn beginning(id: CredentialId) -> String {
        Printed::beginning(PREFIX, id.0)
    }

    /// What is kept of it.
    pub fn digest(&self) -> TokenDigest {
        self.0.digest()
    }

    /// The token as text, to be shown once.
    pub fn reveal(&self) -> SecretString {
        self.0.reveal(PREFIX)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({}, secret not shown)", self.id())
    }
}

/// SHA-256 of a token's secret, as it is stored. Two of them are compared in constant time alone.
#[derive(Clone, Copy)]
pub struct TokenDigest([u8; 32]);

impl TokenDigest {
    /// Wraps what the store kept.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, for the store.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether both are of the same secret.
    pub fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for TokenDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenDigest(not shown)")
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;
    use secrecy::ExposeSecret;

    use super::*;

    fn token() -> Token {
        Token::generate(CredentialId::new(DateTime::UNIX_EPOCH), &mut rand::rng())
    }

    #[test]
    fn a_token_comes_back_from_its_text() {
        let token = token();
        let text = token.reveal();
        let read = Token::parse(text.expose_secret()).unwrap();
        assert_eq!(read.id(), token.id());
        assert!(text.expose_secret().starts_with(&Token::beginning(token.id())));
        assert!(read.digest().matches(&token.digest()));
        assert_eq!(text.expose_secret().len(), "scim_".len() + 26 + 1 + 52 + 1 + 7);
    }

    #[test]
    fn two_tokens_of_one_credential_differ() {
        assert!(!token().digest().matches(&token().digest()));
    }

    #[test]
    fn every_changed_or_lost_character_is_noticed() {
        let text = token().reveal();
        let text = text.expose_secret();
        for at in 0..text.len() {
            let mut changed = text.to_owned();
            let other = if &text[at..=at] == "7" { "8" } else { "7" };
            changed.replace_range(at..=at, other);
            assert!(Token::parse(&changed).is_err(), "a change at {at} went unnoticed");
            assert!(Token::parse(&text[..at]).is_err(), "a cut at {at} went unnoticed");
        }
    }

    #[test]
    fn text_that_is_no_token_is_told_apart() {
        assert_eq!(Token::parse("").err(), Some(NotAToken::Empty));
        assert_eq!(Token::parse("non-token").err(), Some(NotAToken::Shape));
        assert_eq!(Token::parse("scim_a_b_c").err(), Some(NotAToken::Checksum));
    }

    #[test]
    fn debug_output_holds_no_secret() {
        let token = token();
        let text = token.reveal();
        let secret = text.expose_secret().split('_').nth(2).unwrap().to_owned();
        let shown = format!("{token:?} {:?} {text:?}", token.digest());
        assert!(!shown.contains(&secret), "{shown}");
    }

    proptest! {
        #[test]
        fn no_input_panics(text in "(scim_)?[0-9a-z_\u{e4}]{0,100}") {
            let _ = Token::parse(&text);
        }
    }
}
