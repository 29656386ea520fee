//! The database: the only place that names Diesel.
//!
//! [`Store`] belongs to one worker. What concerns resources is reached through [`Store::tenant`] alone, so that a query
//! without a tenant cannot be written. One method is one statement, and one mutation is one transaction with its change row
//! in it. No policy lives here: what may be written is decided by the gateway, what an error looks like by the routes.

mod activity;
mod admin_actions;
mod admin_links;
mod admin_sessions;
mod admins;
mod changes;
mod clients;
mod connect;
mod connections;
mod counts;
mod credential_uses;
mod credentials;
mod cursor_key;
mod daily_changes;
mod entry;
mod error;
mod expiring;
mod failed_requests;
mod fault;
mod figures;
mod filter_sql;
mod history;
mod installation;
mod json_text;
mod lanes;
pub mod local;
mod migrate;
mod page;
mod records;
mod resource_owners;
mod resources;
mod retention;
mod schemas;
mod sign_in;
mod signing_keys;
mod statement;
mod tables;
mod tasks;
mod tenant_store;
mod tenants;
mod tokens;
mod trusted_issuers;
mod worker;

pub use admin_links::{AdminLink, Redemption};
pub use admin_sessions::NewSession;
pub use admins::{AdminChange, AdminChanged, NewAdmin};
pub use clients::SecretAdded;
pub use connect::{ConnectConfig, InvalidDatabaseUrl};
pub use connections::ConnectionDeleted;
pub use credentials::Found;
pub use daily_changes::DailyCount;
pub use entry::{Deleted, MembersChanged, NewChange, NewResource, PasswordUpdate, ResourceUpdate};
pub use error::{Cause, StoreError};
pub use expiring::Warning;
pub use figures::{ConnectionSuccess, CredentialEnd, Figures};
pub use history::{PastChange, Span};
pub use installation::{Installation, Setting};
pub use lanes::Lane;
pub use migrate::{known_migrations, migrate, pending_migrations};
pub use page::{ChangeFilter, Listed, MembersPage, Page, Part, Start};
pub use records::{PeopleKeys, Person};
pub(crate) use resources::name_attribute;
pub use schemas::Document;
pub use sign_in::{Attempt, Factor};
pub use tasks::{Claim, Claimed, Held, Holder, Made, QueueDepth, RecordsPage, Settlement};
pub use tenant_store::TenantStore;
pub use tokens::{Replaced, TokenAdded};
pub use worker::Store;
