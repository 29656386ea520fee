//! From a credential to a caller: bearer tokens, and the hash of passwords.
//!
//! Secrets live in types that cannot be printed and are compared in constant time. Nothing here knows HTTP beyond the
//! text of an `Authorization` header.

pub mod password;
mod token;

pub use token::{NotAToken, Token, TokenDigest};
