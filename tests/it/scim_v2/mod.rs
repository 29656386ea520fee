//! `/scim/v2`.

mod answers;
mod bulk;
mod changes;
mod concurrency;
mod cursor;
mod discovery;
mod employee_id;
mod etag;
mod groups;
mod hostile;
mod listing;
mod me;
mod members_listing;
mod nested_groups;
mod protocol;
mod roles;
pub mod schemas;
mod search;
mod tokens;
mod users;
