//! `/scim/v2`.

mod answers;
mod changes;
mod concurrency;
mod groups;
mod hostile;
mod listing;
mod nested_groups;
mod protocol;
mod tokens;
mod users;
