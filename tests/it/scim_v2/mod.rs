//! `/scim/v2`.

mod answers;
mod changes;
mod concurrency;
mod cursor;
mod groups;
mod hostile;
mod listing;
mod members_listing;
mod nested_groups;
mod protocol;
mod roles;
mod search;
mod tokens;
mod users;
