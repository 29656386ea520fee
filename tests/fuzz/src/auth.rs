//! The part of authentication that reads text.

#[path = "../../../src/auth/token.rs"]
pub mod token;
