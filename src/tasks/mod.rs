//! Work in the background. One file a task.

mod purge;
mod upkeep;

pub use purge::{due as purge_due, purge};
pub use upkeep::upkeep;
