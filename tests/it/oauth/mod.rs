//! OAuth 2.0 client credentials: `/oauth/token`, what describes it, and the access tokens that come from it.

mod access_tokens;
mod errors;
mod forgeries;
mod metadata;
mod secrets;
mod signing_keys;
