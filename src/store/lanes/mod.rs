//! The ways to PostgreSQL that one worker has.
//!
//! Point reads and pages go over few connections which all requests of the worker share, statements pipelined. Writes, and reads
//! that may be slow and would hold up those behind them, go over pools whose connections serve one statement at a time and are
//! opened on demand, since on a real disk the number of backends that commit at once decides.

mod opener;
mod pool;
mod shared;

pub(super) use opener::Opener;
pub use pool::Lane;
pub(super) use pool::Pool;
pub(super) use shared::{CONNECTIONS as SHARED_CONNECTIONS, Shared};
