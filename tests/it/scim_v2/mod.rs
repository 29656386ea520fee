//! `/scim/v2`.

mod answers;
mod changes;
mod concurrency;
mod groups;
mod hostile;
mod listing;
mod protocol;
mod schemas;
mod tokens;
mod users;
