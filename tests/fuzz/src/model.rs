//! The part of the model that tokens and files need.

#[path = "../../../src/model/ids.rs"]
mod ids;
#[path = "../../../src/model/record.rs"]
mod record;

pub use ids::*;
pub use record::*;
