//! The part of the model that tokens need.

#[path = "../../../src/model/ids.rs"]
mod ids;

pub use ids::*;
