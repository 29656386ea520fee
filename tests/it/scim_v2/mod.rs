//! `/scim/v2`.

mod answers;
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
mod protocol;
mod schemas;
mod search;
mod tokens;
mod users;
