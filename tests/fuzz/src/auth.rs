//! The part of authentication that reads text.

#[path = "../../../src/auth/printed.rs"]
mod printed;
#[path = "../../../src/auth/token.rs"]
mod token;

pub use token::{NotAToken, Token, TokenDigest};
