//! Connections that serve one statement at a time.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use deadpool::Runtime;
use deadpool::managed::{Object, QueueMode, Timeouts};
use diesel::ConnectionError;
use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use futures_util::FutureExt;
use tokio::time::timeout;

use super::Opener;
use crate::store::StoreError;
use crate::store::connect::Purpose;

/// How long a statement waits for a connection in all.
const WAIT: Duration = Duration::from_secs(3);

type Manager = AsyncDieselConnectionManager<AsyncPgConnection>;

/// A pool of connections.
#[derive(Clone)]
pub(in crate::store) struct Pool(deadpool::managed::Pool<Manager>);

impl Pool {
    /// A pool of at most `size` connections for one purpose; none is opened yet.
    pub fn new(opener: Arc<Opener>, purpose: Purpose, size: usize) -> Result<Self, StoreError> {
        let mut manager = ManagerConfig::default();
        manager.recycling_method = RecyclingMethod::Fast;
        manager.custom_setup = Box::new(move |_| {
            let opener = opener.clone();
            async move { opener.open(purpose).await.map_err(|error| ConnectionError::BadConnection(with_causes(&error))) }
                .boxed()
        });
        let pool = deadpool::managed::Pool::builder(Manager::new_with_config("", manager))
            .max_size(size)
            .runtime(Runtime::Tokio1)
            // The connection used last is used next, so that no more stay busy than are needed.
            .queue_mode(QueueMode::Lifo)
            .timeouts(Timeouts {
                wait: Some(Duration::from_secs(2)),
                create: Some(WAIT),
                recycle: Some(Duration::from_secs(1)),
            })
            .build()
            .map_err(StoreError::internal)?;
        Ok(Self(pool))
    }

    /// A connection, for one statement.
    pub async fn get(&self) -> Result<Lease, StoreError> {
        let object = timeout(WAIT, self.0.get()).await.map_err(StoreError::unavailable)?;
        object.map(|object| Lease(Some(object))).map_err(|error| StoreError::unavailable(error.to_string()))
    }

    /// How it is used at this moment.
    pub fn lane(&self) -> Lane {
        let status = self.0.status();
        let idle = status.available.min(status.size);
        Lane { in_use: status.size - idle, idle, waiting: status.waiting, most: status.max_size }
    }
}

/// How connections of one kind are used at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lane {
    /// Connections with a statement under way.
    pub in_use: usize,
    /// Open connections without one.
    pub idle: usize,
    /// Statements that wait for a connection.
    pub waiting: usize,
    /// How many connections there may be.
    pub most: usize,
}

impl std::ops::AddAssign for Lane {
    fn add_assign(&mut self, other: Self) {
        self.in_use += other.in_use;
        self.idle += other.idle;
        self.waiting += other.waiting;
        self.most += other.most;
    }
}

/// An error's text with that of its causes.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// A connection out of a pool. It goes back by [`Lease::give_back`] alone: one that is dropped with its statement under way (a
/// client went away, a deadline passed, the server closed it) is closed.
pub(in crate::store) struct Lease(Option<Object<Manager>>);

impl Lease {
    /// Puts the connection back: its statement has ended.
    pub fn give_back(mut self) {
        self.0 = None;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.0.take().map(Object::take);
    }
}

#[allow(clippy::expect_used, reason = "only give_back and drop empty it, and both end it")]
impl Deref for Lease {
    type Target = AsyncPgConnection;

    fn deref(&self) -> &AsyncPgConnection {
        self.0.as_deref().expect("a lease holds its connection")
    }
}
