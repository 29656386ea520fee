//! `/scim/v2`.

mod answers;
mod bulk;
mod changes;
mod concurrency;
mod groups;
mod hostile;
mod listing;
mod protocol;
mod tokens;
mod users;
