//! Work in the background. One file a task.

mod upkeep;

pub use upkeep::upkeep;
