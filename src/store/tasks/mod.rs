//! Tasks and their records. What is known of a task stands in its row, so that any node can go on with it; records are written in
//! batches and read in chunks, since there may be a million of them.

mod claims;
mod pages;
mod retention;
mod row;
mod writes;

pub use claims::{Claim, Claimed, Held, Holder, Made, Settlement};
pub use pages::{QueueDepth, RecordsPage};
