//! The command line: one file a command.
//!
//! A command prints what it was asked for on standard output and everything else on standard error, so that its output can
//! be used by scripts. It ends with 0, or 1 if it failed, or 2 if it was called wrongly.

mod activity;
mod admin;
mod app;
mod check;
mod client;
mod completions;
mod connection;
mod database;
mod definition;
mod demo;
mod digest;
mod doctor;
mod explain;
mod finding;
mod history;
mod import;
mod issuer;
mod migrate;
mod password;
mod resource_type;
mod restore;
mod rule;
mod schema;
mod serve;
mod service;
mod signing_key;
mod table;
mod task;
mod tenant;
mod tenant_mail;
mod tenant_statistics;
mod token;

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use serde_json::json;

use crate::config::{DatabaseArgs, LOG_VARIABLE, Problems};

const TEACHING: &str = "\
First steps:
  scimgate serve                                         start a server with its own PostgreSQL
  scimgate tenant create acme --profile entra            make room for one customer
  scimgate token create --tenant acme --name \"Entra ID\"  print the token that it signs in with

Every flag can also be given as an environment variable: --data-dir as SCIMGATE_DATA_DIR, and so on.
SCIMGATE_LOG sets what is logged: error, warn, info, debug.";

/// The command line of scimgate.
#[derive(Debug, Parser)]
#[command(name = "scimgate", version, about = "A SCIM 2.0 identity gateway on PostgreSQL", after_help = TEACHING)]
#[command(propagate_version = true, arg_required_else_help = true)]
pub struct CommandLine {
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve SCIM to identity providers until told to stop
    Serve(Box<serve::Serve>),
    /// Serve, and send a sync of Entra and one of Okta through it to see it work
    Demo(Box<demo::Demo>),
    /// Try a running server the way an identity provider uses it, and leave nothing behind
    Check(check::Check),
    /// Look the installation over and say what to do about it
    Doctor(Box<doctor::Doctor>),
    /// Bring the database's tables up to date, or tell what is missing
    Migrate(migrate::Migrate),
    /// Create, list, disable and restore administrators, who run the gateway
    #[command(subcommand)]
    Admin(admin::AdminCommand),
    /// Create, list, show and change tenants
    #[command(subcommand)]
    Tenant(tenant::TenantCommand),
    /// Create, list and change connections: the identity providers that push into a tenant
    #[command(subcommand)]
    Connection(connection::ConnectionCommand),
    /// Set up, list and change applications, whose users are published as rosters
    #[command(subcommand)]
    App(app::AppCommand),
    /// Show, change, preview and send the weekly digest
    #[command(subcommand)]
    Digest(digest::DigestCommand),
    /// Create, list, replace and revoke bearer tokens
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Create, list and revoke OAuth 2.0 clients and their secrets
    #[command(subcommand)]
    Client(client::ClientCommand),
    /// List and rotate the keys that access tokens of OAuth clients are signed with
    #[command(subcommand)]
    SigningKey(signing_key::SigningKeyCommand),
    /// Trust the tokens of identity providers and workloads
    #[command(subcommand)]
    Issuer(issuer::IssuerCommand),
    /// Register, list, show and remove a tenant's own schemas
    #[command(subcommand)]
    Schema(schema::SchemaCommand),
    /// Register, list, show and remove a tenant's own resource types
    #[command(subcommand)]
    ResourceType(resource_type::ResourceTypeCommand),
    /// Say what users must have: add, list, show and remove a tenant's rules
    #[command(subcommand)]
    Rule(rule::RuleCommand),
    /// List, show, end and repeat tasks: work on many users that is done in the background
    #[command(subcommand)]
    Task(task::TaskCommand),
    /// Print what was done, when and by whom, and what failed
    Activity(Box<activity::Activity>),
    /// Print how one resource became what it is, also a removed one
    History(history::History),
    /// Tell what became of one request, and why
    Explain(explain::Explain),
    /// Bring a resource back to an earlier version, or back at all
    Restore(restore::Restore),
    /// Create and change users from a file: CSV, JSON, JSON lines or XLSX
    Import(Box<import::Import>),
    /// Print a script that lets a shell complete commands and flags
    Completions(completions::Completions),
}

/// Reads the command line and does what it says.
pub fn run() -> ExitCode {
    let line = CommandLine::parse();
    start_log(&line.command);
    let database = &line.database;
    let outcome = match line.command {
        Command::Serve(command) => serve::run(database, &command),
        Command::Demo(command) => demo::run(database, &command),
        Command::Check(command) => check::run(database, &command),
        Command::Doctor(command) => doctor::run(database, &command),
        Command::Migrate(command) => migrate::run(database, &command),
        Command::Admin(command) => admin::run(database, command),
        Command::Tenant(command) => tenant::run(database, command),
        Command::Connection(command) => connection::run(database, command),
        Command::App(command) => app::run(database, command),
        Command::Digest(command) => digest::run(database, command),
        Command::Token(command) => token::run(database, command),
        Command::Client(command) => client::run(database, command),
        Command::SigningKey(command) => signing_key::run(database, command),
        Command::Issuer(command) => issuer::run(database, command),
        Command::Schema(command) => schema::run(database, command),
        Command::ResourceType(command) => resource_type::run(database, command),
        Command::Rule(command) => rule::run(database, command),
        Command::Task(command) => task::run(database, command),
        Command::Activity(command) => activity::run(database, *command),
        Command::History(command) => history::run(database, &command),
        Command::Explain(command) => explain::run(database, &command),
        Command::Restore(command) => restore::run(database, &command),
        Command::Import(command) => import::run(database, &command),
        Command::Completions(command) => completions::run(&command),
    };
    let Err(error) = outcome else { return ExitCode::SUCCESS };
    eprintln!("scimgate: {error:#}");
    ExitCode::from(if error.is::<Problems>() { 2 } else { 1 })
}

/// A server tells what it does; other commands speak of trouble alone.
fn start_log(command: &Command) {
    let level = if matches!(command, Command::Serve(_)) { "info,actix_server=warn" } else { "warn" };
    let mut logger = env_logger::Builder::from_env(env_logger::Env::new().filter_or(LOG_VARIABLE, level));
    if !std::io::stderr().is_terminal() {
        // As a plain pipe: env_logger's own standard error looks through every line for colours to take out.
        let target = env_logger::Target::Pipe(Box::new(std::io::stderr()));
        logger.write_style(env_logger::WriteStyle::Never).target(target);
    }
    if matches!(command, Command::Serve(serve) if serve.logs_json()) {
        logger.format(json_line);
    }
    logger.init();
}

/// A line of the log as one JSON object. Lines of the access log are objects already, which get the time in front.
fn json_line(out: &mut env_logger::fmt::Formatter, record: &log::Record<'_>) -> std::io::Result<()> {
    let (time, text) = (out.timestamp_millis(), record.args().to_string());
    let head = json!({ "time": time.to_string(), "level": record.level().as_str(), "target": record.target() });
    let head = head.to_string();
    let head = head.trim_end_matches('}');
    match text.strip_prefix('{') {
        Some(fields) if record.target() == "scimgate::access" => writeln!(out, "{head},{fields}"),
        _ => writeln!(out, "{head},\"message\":{}}}", json!(text)),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn every_flag_is_an_environment_variable_too() {
        fn check(command: &clap::Command) {
            for argument in command.get_arguments().filter(|argument| argument.get_long().is_some()) {
                let long = argument.get_long().unwrap();
                if ["help", "version"].contains(&long) {
                    continue;
                }
                let wanted = format!("SCIMGATE_{}", long.to_uppercase().replace('-', "_"));
                assert_eq!(argument.get_env().and_then(|name| name.to_str()), Some(wanted.as_str()), "--{long}");
                assert!(argument.get_help().is_some(), "--{long} says nothing");
            }
            command.get_subcommands().for_each(check);
        }
        check(&CommandLine::command());
    }
}
