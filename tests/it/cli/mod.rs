//! The commands, run as a script or a person runs them: words in, output and an exit code out.

mod activity;
mod admin;
mod app;
mod client;
mod configuration;
mod connection;
mod demo;
pub mod help;
mod history;
mod hostile;
mod import;
mod issuer;
pub mod program;
mod rule;
mod schema;
mod serve;
mod sharing;
mod task;
mod tenant;
mod token;
