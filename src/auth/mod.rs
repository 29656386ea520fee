//! From a credential to a caller: bearer tokens, and the hash of passwords.
//!
//! Secrets live in types that cannot be printed and are compared in constant time. Nothing here knows HTTP beyond the
//! text of an `Authorization` header.

mod authenticator;
mod cache;
mod catalogs;
mod error;
pub mod federation;
pub mod password;
mod token;

pub use authenticator::{Authenticator, Verified};
pub use error::AuthError;
pub use token::{NotAToken, Token, TokenDigest};
