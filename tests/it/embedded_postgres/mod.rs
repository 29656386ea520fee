//! The embedded PostgreSQL: who may run it, who shares it, what it survives, and what it says when it cannot run.

mod accounts;
mod crashes;
mod refusals;
mod sharing;
pub mod stage;
