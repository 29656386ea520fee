//! HTTP: the only place that names actix.
//!
//! A request passes `frame` (deadline, panics, log), the entrance of its space (authentication, form of errors), a handler that
//! knows one verb, and the gateway or the store. No policy about resources lives here; what the protocol says about a resource stands in [`crate::scim`].

mod admin;
mod body;
mod compression;
mod connection;
mod console;
mod ending;
mod error;
mod frame;
mod health;
mod label;
mod negotiation;
mod oauth;
mod query;
mod request;
mod request_line;
mod route;
mod scim;
mod server;
mod session_cookie;

pub use server::{Parts, Server};
