//! Flags and environment, read once.
//!
//! Every flag has an environment variable of the same name with `SCIMGATE_` in front. Nothing else in the program reads
//! the environment. What is wrong is reported together, each problem with what to change.

mod database;
mod operations;
mod outbound;
mod problem;
mod proxies;
mod public_url;
mod quantity;
mod secret_key;
mod server;

pub use database::{DatabaseArgs, DatabaseUrl, Surroundings};
pub use operations::{AccessLog, Operations, OpsListen, Rate, Rates, TlsFiles};
pub use outbound::{
    MailConfig, OutboundArgs, OutboundConfig, PrivateOutbound, PrivateOutboundArgs, SmtpConfig, SmtpTls,
};
pub use problem::Problems;
pub use proxies::{ForwardedHeader, TrustedProxies};
pub use public_url::{PublicUrl, is_http_on_loopback};
pub use quantity::{parse_duration, parse_size};
pub use secret_key::{SecretKey, SecretKeyArgs, SecretKeyError};
pub use server::{Config, Limits, ServerArgs, Timeouts};

/// The variable that sets the log level: `error`, `warn`, `info`, `debug`, or levels by module as `env_logger` reads them.
pub const LOG_VARIABLE: &str = "SCIMGATE_LOG";
