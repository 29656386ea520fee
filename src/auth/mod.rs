//! From a credential to a caller: bearer tokens, sessions of administrators, the hash of passwords, and the seal of secrets
//! that are read again.
//!
//! Secrets live in types that cannot be printed and are compared in constant time. Nothing here knows HTTP beyond the
//! text of an `Authorization` header.

mod authenticator;
mod cache;
mod catalogs;
mod error;
pub mod password;
mod seal;
mod session;
mod token;

pub use authenticator::{Authenticator, Verified};
pub use error::AuthError;
pub use seal::{SealError, Sealer};
pub use session::{SessionSecret, Sessions, SignedIn};
pub use token::{NotAToken, Token, TokenDigest};
