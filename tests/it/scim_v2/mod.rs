//! `/scim/v2`.

mod groups;
mod hostile;
mod listing;
mod protocol;
mod users;
