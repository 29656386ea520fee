//! `/scim/v2`.

mod groups;
mod listing;
mod protocol;
mod users;
