//! Work in the background. One file a task.

mod failed_requests;
mod retention;
mod upkeep;

pub use failed_requests::write_failed_requests;
pub use retention::{forget, retention};
pub use upkeep::upkeep;
