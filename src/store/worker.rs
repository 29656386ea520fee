//! [`Store`]: what one worker holds of the database, and how a statement runs on it.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::result::{DatabaseErrorKind, Error};
use diesel::sql_types::BigInt;
use diesel_async::methods::LoadQuery;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use tokio::sync::OnceCell;

use super::connect::Purpose;
use super::fault::Fault;
use super::lanes::{Lane, Opener, Pool, SHARED_CONNECTIONS, Shared};
use super::statement::statement;
use super::{ConnectConfig, StoreError, TenantStore};
use crate::model::TenantId;
use crate::scim::list::CursorKey;

/// How many connections a worker writes on at most. Twice as many cost a sixth more processor time a write, since each backend
/// has caches of its own; these reach what 32 clients of pgbench do even where a commit waits a millisecond more for the disk.
const WRITERS: usize = 8;
/// How many connections a worker searches on at most.
const SEARCHERS: usize = 4;
/// How long a statement on a shared connection may take, from our side. Those statements take milliseconds; past this the server
/// or the way to it hangs, and the next attempt finds another host.
const SHARED_DEADLINE: Duration = Duration::from_secs(2);
/// How long any other statement may take, from our side. The server stops it a second earlier (`statement_timeout`).
const DEADLINE: Duration = Duration::from_secs(6);
/// How long such a statement may be silent until the server is asked whether it is there at all, and how long it has for that.
/// A server that hangs is so left after two seconds, while one that works on something long is given its time.
const SILENCE: Duration = Duration::from_secs(1);
/// How often a write that met a concurrent one is tried.
const ATTEMPTS: u32 = 6;

/// The database, as one worker reaches it. Cloning gives another handle to the same connections.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    reads: Shared,
    searches: Pool,
    writes: Pool,
    base_url: Box<str>,
    cursor_key: OnceCell<Arc<CursorKey>>,
}

statement! {
    /// Asks for an answer.
    Ping<'a> {} -> BigInt,
    "SELECT 1::bigint"
}

/// What a write came to.
pub(super) enum Written<Row> {
    /// It ran; these are its rows.
    Rows(Vec<Row>),
    /// Its connection was lost, and then its change row was found: it ran, and its rows are lost.
    Found,
}

/// Whether a statement is worth another try.
enum Trouble {
    Lost(Error),
    Race(Error),
    Other(StoreError),
}

impl Store {
    /// A store that connects when it is first used. `base_url` is the public URL under which resources are served, without a
    /// slash at its end; filters on `meta.location` need it.
    ///
    /// # Errors
    /// [`StoreError::Internal`] if a pool cannot be built.
    pub fn new(config: ConnectConfig, base_url: &str) -> Result<Self, StoreError> {
        let opener = Arc::new(Opener::new(config));
        Ok(Self(Arc::new(Inner {
            reads: Shared::new(opener.clone()),
            searches: Pool::new(opener.clone(), Purpose::Search, SEARCHERS)?,
            writes: Pool::new(opener, Purpose::Fixed, WRITERS)?,
            base_url: base_url.into(),
            cursor_key: OnceCell::new(),
        })))
    }

    /// What belongs to a tenant.
    pub fn tenant(&self, tenant: TenantId) -> TenantStore {
        TenantStore { store: self.clone(), tenant }
    }

    /// The public URL under which resources are served.
    pub(super) fn base_url(&self) -> &str {
        &self.0.base_url
    }

    /// Where the key of cursors is kept once it was read.
    pub(super) fn cursor_key_cell(&self) -> &OnceCell<Arc<CursorKey>> {
        &self.0.cursor_key
    }

    /// How the connections that search and those that write are used at this moment.
    pub fn lanes(&self) -> [Lane; 2] {
        [self.0.searches.lane(), self.0.writes.lane()]
    }

    /// How many connections one worker may open.
    pub const CONNECTIONS: usize = SHARED_CONNECTIONS + SEARCHERS + WRITERS;

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let _: Vec<i64> = self.read(Ping { lifetime: PhantomData }).await?;
        Ok(())
    }

    /// Runs a write that does the same when it is made twice, and whose outcome nobody needs to look up; again, a bounded number
    /// of times, if a concurrent transaction got in its way.
    pub(super) async fn save<'query, S, Row>(&self, statement: S) -> Result<Vec<Row>, StoreError>
    where
        S: Clone + 'query + for<'c> LoadQuery<'query, &'c AsyncPgConnection, Row>,
        Row: Send + 'static,
    {
        let mut attempt = 1;
        loop {
            let connection = self.0.writes.get().await?;
            let outcome = self.run(&connection, statement.clone()).await;
            if !matches!(outcome, Err(Trouble::Lost(_))) {
                connection.give_back();
            }
            match outcome {
                Err(Trouble::Race(_)) if attempt < ATTEMPTS => pause(&mut attempt).await,
                outcome => return outcome.map_err(Trouble::into_error),
            }
        }
    }

    /// Runs a read that takes little time, beside others on a shared connection; once more if the connection was lost.
    pub(super) async fn read<'query, S, Row>(&self, statement: S) -> Result<Vec<Row>, StoreError>
    where
        S: Clone + 'query + for<'c> LoadQuery<'query, &'c AsyncPgConnection, Row>,
        Row: Send + 'static,
    {
        let connection = self.0.reads.get().await?;
        let connection = match load(&connection, SHARED_DEADLINE, statement.clone()).await {
            Err(Trouble::Lost(_)) => self.0.reads.replace(&connection).await?,
            outcome => return outcome.map_err(Trouble::into_error),
        };
        let outcome = load(&connection, SHARED_DEADLINE, statement).await;
        if let Err(Trouble::Lost(_)) = outcome {
            self.0.reads.forget(&connection);
        }
        outcome.map_err(Trouble::into_error)
    }

    /// Runs a read that may take long, on a connection of its own; once more if the connection was lost.
    pub(super) async fn search<'query, S, Row>(&self, statement: S) -> Result<Vec<Row>, StoreError>
    where
        S: Clone + 'query + for<'c> LoadQuery<'query, &'c AsyncPgConnection, Row>,
        Row: Send + 'static,
    {
        match self.search_once(statement.clone()).await {
            Err(Trouble::Lost(_)) => self.search_once(statement).await.map_err(Trouble::into_error),
            outcome => outcome.map_err(Trouble::into_error),
        }
    }

    async fn search_once<'query, S, Row>(&self, statement: S) -> Result<Vec<Row>, Trouble>
    where
        S: 'query + for<'c> LoadQuery<'query, &'c AsyncPgConnection, Row>,
        Row: Send + 'static,
    {
        let connection = self.0.searches.get().await.map_err(Trouble::Other)?;
        let outcome = self.run(&connection, statement).await;
        if !matches!(outcome, Err(Trouble::Lost(_))) {
            connection.give_back();
        }
        outcome
    }

    /// Runs a write: again, a bounded number of times, if a concurrent transaction got in its way; never again if its
    /// connection was lost. Then `was_written` is asked whether it ran.
    pub(super) async fn write<'query, S, Row>(
        &self,
        statement: S,
        was_written: impl AsyncFnOnce() -> Result<bool, StoreError>,
    ) -> Result<Written<Row>, StoreError>
    where
        S: Clone + 'query + for<'c> LoadQuery<'query, &'c AsyncPgConnection, Row>,
        Row: Send + 'static,
    {
        let mut attempt = 1;
        loop {
            let connection = self.0.writes.get().await?;
            match self.run(&connection, statement.clone()).await {
                Ok(rows) => {
                    connection.give_back();
                    return Ok(Written::Rows(rows));
                }
                Err(Trouble::Lost(error)) => {
                    drop(connection);
                    return if was_written().await? { Ok(Written::Found) } else { Err(StoreError::from(error)) };
                }
                Err(Trouble::Race(error)) => {
                    connection.give_back();
                    if attempt == ATTEMPTS {
                        return Err(StoreError::from(error));
                    }
                    pause(&mut attempt).await;
                }
                Err(Trouble::Other(error)) => {
                    connection.give_back();
                    return Err(error);
                }
            }
        }
    }
}

impl Store {
    /// Runs `statement` on a connection of its own, which counts as lost if the server turns out to hang.
    async fn run<'query, S, Row>(&self, connection: &AsyncPgConnection, statement: S) -> Result<Vec<Row>, Trouble>
    where
        S: 'query + for<'c> LoadQuery<'query, &'c AsyncPgConnection, Row>,
        Row: Send + 'static,
    {
        tokio::select! {
            outcome = load(connection, DEADLINE, statement) => outcome,
            () = self.hanging() => Err(Trouble::Lost(no_answer(SILENCE * 2))),
        }
    }

    /// Ends when the server neither answers a question nor takes a new connection.
    async fn hanging(&self) {
        loop {
            tokio::time::sleep(SILENCE).await;
            let Ok(connection) = self.0.reads.get().await else { return };
            let asked = Instant::now();
            let answer: Result<Vec<i64>, _> = load(&connection, SILENCE, Ping { lifetime: PhantomData }).await;
            match answer {
                Err(Trouble::Lost(_)) if asked.elapsed() >= SILENCE => return self.0.reads.forget_all(),
                // Closed, by a server that is there: the next question goes over a new connection.
                Err(Trouble::Lost(_)) => self.0.reads.forget(&connection),
                _ => {}
            }
        }
    }
}

/// Waits, each time longer, before a write is tried again that something got in the way of.
async fn pause(attempt: &mut u32) {
    tokio::time::sleep(Duration::from_millis(u64::from(*attempt * *attempt))).await;
    *attempt += 1;
}

/// The error for a server that hangs.
fn no_answer(waited: Duration) -> Error {
    let late = format!("the server did not answer within {} s", waited.as_secs());
    Error::DatabaseError(DatabaseErrorKind::UnableToSendCommand, Box::new(late))
}

impl Trouble {
    fn of(error: Error) -> Self {
        match Fault::of(&error) {
            Fault::Lost => Self::Lost(error),
            Fault::Race => Self::Race(error),
            fault => Self::Other(fault.into_error(error)),
        }
    }

    fn into_error(self) -> StoreError {
        match self {
            Self::Lost(error) | Self::Race(error) => StoreError::from(error),
            Self::Other(error) => error,
        }
    }
}

/// Runs `statement`; past the deadline its connection counts as lost.
async fn load<'query, S, Row>(
    connection: &AsyncPgConnection,
    deadline: Duration,
    statement: S,
) -> Result<Vec<Row>, Trouble>
where
    S: 'query + for<'c> LoadQuery<'query, &'c AsyncPgConnection, Row>,
    Row: Send + 'static,
{
    let mut connection = connection;
    let rows = tokio::time::timeout(deadline, statement.load(&mut connection)).await;
    rows.unwrap_or_else(|_| Err(no_answer(deadline))).map_err(Trouble::of)
}
