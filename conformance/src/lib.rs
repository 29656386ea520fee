//! A black-box SCIM 2.0 client: it knows a base URL and a token, and nothing of any server's inside.
//!
//! Three things can be sent to a server:
//!
//! - [`clauses`]: what RFC 7643, RFC 7644 and RFC 9865 ask for, one check a clause, run and reported.
//! - [`recording`]: what identity providers send, as ordered scenarios with the answer each request must get. The
//!   [`Player`] replays one scenario and reports every exchange.
//! - [`sync`]: generated syncs of any size in the same shapes, run with several requests at once and summed up.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use scimgate_conformance::{Player, RunTag, Target, recording, sync};
//!
//! let target = Target::parse("http://127.0.0.1:8080/scim/v2", "a-token")?;
//! let player = Player::new(target.clone())?;
//! for scenario in recording::embedded()? {
//!     for outcome in player.play(&scenario, &RunTag::parse("r1")?).await {
//!         println!("{} {:?}", outcome.name, outcome.failure);
//!     }
//! }
//! let plan = sync::entra_sync(1_000, 50);
//! let report = plan.run(&target, 8, &|done, total| println!("{done}/{total}")).await?;
//! println!("{} created, p99 {:?}", report.created, report.p99);
//! # Ok(())
//! # }
//! ```
//!
//! Layers, each using only what stands before it: `variables`, `matcher`, `recording`, `target`, `wire`, `client`,
//! `transcript`, `player`, `sync`, `check`, `clauses`, `report`.

pub mod check;
pub mod clauses;
mod client;
pub mod matcher;
mod player;
pub mod recording;
pub mod report;
pub mod sync;
mod target;
mod transcript;
mod variables;
mod wire;

#[cfg(test)]
mod stub;

pub use client::ClientError;
pub use player::{ExchangeOutcome, Player};
pub use target::{Target, TargetError};
pub use transcript::Transcript;
pub use variables::{RunTag, RunTagError};
