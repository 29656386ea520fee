//! Generated syncs: what Entra and Okta send to provision an organisation of any size, in the shapes of the
//! recordings, with invented people.
//!
//! A plan is data; running it sends the requests as the real services do (several at once, those about one user in
//! order, patient with a busy server) and checks every answer.

mod entra;
mod names;
mod okta;
mod people;
mod plan;
mod report;
mod run;
mod shapes;

pub use self::entra::entra_sync;
pub use self::okta::okta_sync;
pub use self::plan::SyncPlan;
pub use self::report::SyncReport;
pub use self::run::Progress;
