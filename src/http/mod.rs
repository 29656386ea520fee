//! HTTP: the only place that names actix.
//!
//! A request passes `frame` (deadline, panics, log), the entrance of its space (authentication, form of errors), a handler that
//! knows one verb, and the gateway or the store. No policy about resources lives here; what the protocol says about a resource stands in [`crate::scim`].

mod access_log;
mod admin;
mod answer;
mod api;
mod body;
mod client_address;
mod compression;
mod connection;
mod console;
mod ending;
mod error;
mod expectation;
mod file_form;
mod frame;
mod goodbye;
mod head_copy;
mod health;
mod invitation_view;
mod invitations;
mod inviting;
mod label;
mod list;
mod mail_view;
mod negotiation;
mod oauth;
mod ops;
mod prefer;
mod problem;
mod query;
mod refusal;
mod request;
mod request_line;
mod roster_file;
mod route;
mod scim;
mod server;
mod session_cookie;
pub mod tls;
mod trace;
mod transport;

pub use error::chain;
pub use server::{BindError, Parts, Server};
