//! The order of operations, and that no body makes the parser or the plan panic.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod order;
mod plan;
mod properties;
