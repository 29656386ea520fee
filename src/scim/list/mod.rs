//! Queries for resources (RFC 7644, sections 3.4.2 and 3.4.3; RFC 9865): their parameters, read from a URL or from the body
//! of `POST /.search`, and the cursors that lead from page to page.
//!
//! A query is read for one resource type or for several at once, in which case an attribute that only some of them have is
//! absent in the others (RFC 7644, section 3.4.2.1).

mod canonical;
mod cursor;
mod in_memory;
mod number;
mod query;
mod search_request;

pub use cursor::{Cursor, CursorKey, CursorSeal, Position};
pub use query::{ListParameters, ListQuery, PageSize, Selection, Start};
pub use search_request::SearchRequest;
