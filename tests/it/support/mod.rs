//! What the tests stand on, apart from the server itself.

pub mod admin;
pub mod oauth;
pub mod postgres;
pub mod scim;
pub mod wire;
#[path = "../../../src/import/tests/workbook.rs"]
pub mod workbook;
