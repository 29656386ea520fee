//! scimgate: a SCIM 2.0 identity gateway.
//!
//! Identity providers push users and groups in over SCIM (RFC 7643, RFC 7644); one truth per tenant lives in PostgreSQL;
//! every change is written to one append-only stream in the transaction that made it.
//!
//! # The map
//!
//! A module may use only what stands above it in this list; `tests/it/architecture.rs` holds the sources to that.
//!
//! | layer | what it is for |
//! |---|---|
//! | [`scim`] | the protocol as pure data and functions: schemas, paths, filters, resources, patches. No I/O, no clock |
//! | [`model`] | our own plain types: ids, tenants, credentials, callers, changes, the clock |
//! | [`import`] | files of people become records. Reads only what is handed in |
//! | [`config`] | flags and environment, read once |
//! | [`store`] | the only place that names Diesel: every query carries a tenant |
//! | [`auth`] | a credential becomes a caller |
//! | [`gateway`] | the use cases: every write begins here |
//! | [`outbound`] | what goes out: one guarded HTTP client, and mail. The only place that names reqwest and lettre |
//! | [`app`] | what a worker holds: configuration, store, clock |
//! | [`tasks`] | work in the background |
//! | [`http`] | the only place that names actix: routes, extractors, error rendering |
//! | [`cli`] | one file a command |

pub mod app;
pub mod auth;
pub mod cli;
pub mod config;
pub mod gateway;
pub mod http;
pub mod import;
pub mod model;
pub mod outbound;
pub mod scim;
pub mod store;
pub mod tasks;
