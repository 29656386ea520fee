//! The integration tests: one binary, black box over HTTP on a real PostgreSQL. Paths mirror URLs.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod activity;
mod admin;
mod api;
mod architecture;
mod cli;
mod conformance;
mod console;
mod credentials;
mod embedded_postgres;
mod failures;
mod federation;
mod filter_sql;
mod oauth;
mod operations;
mod outbound;
mod readme;
mod recordings;
mod rules;
mod scim_v2;
mod store;
mod support;
mod test_map;
