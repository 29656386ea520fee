//! What goes out into the world: one guarded HTTP client, and mail.
//!
//! The only place that names reqwest and lettre. Where a request may go is decided here and nowhere else: not to private
//! addresses, not after redirects, not through proxies of the environment, not for ever, not without a bound on the answer.
//! Nothing here touches the store, so no network call can hide inside a transaction.

mod address;
mod http;
mod jwks;
pub mod mail;
mod resolver;

pub use address::is_public;
pub use http::{HttpClient, OutboundError};
