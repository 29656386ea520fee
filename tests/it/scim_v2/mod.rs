//! `/scim/v2`.

mod answers;
mod changes;
mod concurrency;
mod cursor;
mod groups;
mod hostile;
mod listing;
mod protocol;
mod schemas;
mod search;
mod tokens;
mod users;
