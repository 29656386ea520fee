//! Credentials and connections: what they let in, and who may change them.

mod connections;
mod expiry;
mod fence;
mod scopes;
mod tokens;
mod uses;
