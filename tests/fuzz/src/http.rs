//! The part of the HTTP layer that reads raw bytes.

#[path = "../../../src/http/request_line.rs"]
pub mod request_line;
