//! What is kept of requests that failed, and what can be told of any request afterwards.

mod explain;
mod failure;
mod log;
mod policies;
mod retention;

pub use explain::{Explained, FailedPart};
pub use failure::Failure;
pub use log::{FailureLog, Offered};
