//! The database: the only place that names Diesel.
//!
//! [`Store`] belongs to one worker. What concerns resources is reached through [`Store::tenant`] alone, so that a query
//! without a tenant cannot be written. One method is one statement, and one mutation is one transaction with its change row
//! in it. No policy lives here: what may be written is decided by the gateway, what an error looks like by the routes.

mod entry;
mod error;
pub mod local;
mod page;

pub use entry::{Deleted, MembersChanged, NewChange, NewResource, PasswordUpdate, ResourceUpdate};
pub use error::{Cause, StoreError};
pub use page::{ChangeFilter, Listed, Page};
