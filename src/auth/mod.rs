//! From a credential to a caller: bearer tokens, OAuth 2.0 clients and their access tokens, tokens of trusted issuers, sessions of
//! administrators, the hash of passwords, and the seal of secrets that are read again.
//!
//! Secrets live in types that cannot be printed and are compared in constant time. Nothing here knows HTTP beyond the
//! text of an `Authorization` header.

mod access_token;
mod authenticator;
mod cache;
mod catalogs;
mod client_authentication;
mod client_secret;
mod error;
mod failures;
pub mod federation;
mod issuer_authentication;
mod new_password;
pub mod password;
mod printed;
mod random_secret;
mod refused;
mod seal;
mod session;
mod standing;
mod token;
mod totp;
mod user_password;
mod uses;

pub use access_token::{AccessTokenError, AccessTokens, Grant, SigningError, new_signing_key, sign_event};
pub use authenticator::{Authenticator, Verified, Watch};
pub use client_authentication::{ClientError, VerifiedClient};
pub use client_secret::{ClientId, ClientSecret, NotAClientId};
pub use error::AuthError;
pub use failures::{Claimed, Failures};
pub use new_password::NewPassword;
pub use random_secret::RandomSecret;
pub use refused::{Refusal, RefusedSignIn, RefusedSignIns};
pub use seal::{SealError, Sealer};
pub use session::{SessionSecret, Sessions, SignedIn};
pub use standing::{Standing, StandingError};
pub use token::{NotAToken, Token, TokenDigest};
pub use totp::{TotpSecret, recovery_codes, recovery_digest};
pub use user_password::{UserPassword, Weakness};
pub use uses::{UseLedger, WorkerUses};
