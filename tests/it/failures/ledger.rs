//! What a client was told, and whether the database agrees.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use tokio_postgres::NoTls;

/// A request as its client saw it.
#[derive(Debug)]
pub struct Heard {
    /// Method and path.
    pub request: String,
    pub began: Instant,
    pub took: Duration,
    /// `None` if the connection ended without an answer.
    pub status: Option<u16>,
}

impl Heard {
    /// Holds that it was answered in time.
    pub fn is_prompt(&self, limit: Duration) {
        assert!(self.took < limit, "{} was answered {:?} after {:?}", self.request, self.status, self.took);
    }

    pub fn ended(&self) -> Instant {
        self.began + self.took
    }

    pub fn is_success(&self) -> bool {
        self.status.is_some_and(|status| status < 300)
    }
}

/// A user that was acknowledged.
#[derive(Debug)]
pub struct Person {
    pub id: String,
    pub name: String,
    /// The title that was acknowledged last.
    pub title: Option<String>,
    /// Titles asked for since then, without an acknowledgement.
    pub perhaps: Vec<String>,
}

/// What one client was told.
#[derive(Debug, Default)]
pub struct Ledger {
    pub heard: Vec<Heard>,
    /// Answers that must not be.
    pub faults: Vec<String>,
    pub people: Vec<Person>,
    /// Names that were found taken after a create of this client had ended without an acknowledgement.
    pub taken: Vec<String>,
    pub group: Option<String>,
    /// The members of the group that were acknowledged.
    pub members: Vec<String>,
    /// The ids of the requests whose mutations were acknowledged.
    pub requests: Vec<String>,
}

/// A user or group as the database has it.
struct Row {
    name: String,
    version: i64,
    title: Option<String>,
}

/// What the database holds.
struct Truth {
    resources: HashMap<String, Row>,
    memberships: HashSet<(String, String)>,
    /// Resource and version of each change.
    changes: Vec<(String, i64)>,
    /// How many changes each request made.
    requests: HashMap<String, usize>,
    total: i64,
}

/// Holds the database to what the clients were told: nothing lost, nothing twice, nothing by half. No client deletes anything.
pub fn audit(database_url: &str, ledgers: &[Ledger]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let truth = runtime.block_on(Truth::read(database_url)).unwrap();
    truth.is_whole();
    for ledger in ledgers {
        assert!(ledger.faults.is_empty(), "{:#?}", ledger.faults);
        truth.agrees_with(ledger);
    }
}

impl Truth {
    async fn read(database_url: &str) -> Result<Self, tokio_postgres::Error> {
        let (client, connection) = tokio_postgres::connect(database_url, NoTls).await?;
        tokio::spawn(connection);
        let resources = "SELECT id::text, name_key, version, document::json ->> 'title' FROM resources";
        let resources = client.query(resources, &[]).await?;
        let memberships = client.query("SELECT group_id::text, member_id::text FROM memberships", &[]).await?;
        let changes = client.query("SELECT resource_id::text, version, request_id::text FROM changes", &[]).await?;
        let total = client.query_one("SELECT coalesce(sum(n), 0)::bigint FROM resource_counts", &[]).await?.get(0);
        let mut requests = HashMap::new();
        changes.iter().for_each(|row| *requests.entry(row.get(2)).or_default() += 1);
        let resource =
            |row: &tokio_postgres::Row| (row.get(0), Row { name: row.get(1), version: row.get(2), title: row.get(3) });
        Ok(Self {
            resources: resources.iter().map(resource).collect(),
            memberships: memberships.iter().map(|row| (row.get(0), row.get(1))).collect(),
            changes: changes.iter().map(|row| (row.get(0), row.get(1))).collect(),
            requests,
            total,
        })
    }

    /// Every mutation makes the next version and leaves one change.
    fn is_whole(&self) {
        let mut versions: HashMap<&str, Vec<i64>> = HashMap::new();
        self.changes.iter().for_each(|(id, version)| versions.entry(id).or_default().push(*version));
        for (id, versions) in &mut versions {
            versions.sort_unstable();
            let row = self.resources.get(*id).unwrap_or_else(|| panic!("a change without its resource: {id}"));
            let expected: Vec<i64> = (1..=row.version).collect();
            assert_eq!(*versions, expected, "the changes of {}", row.name);
        }
        assert_eq!(versions.len(), self.resources.len(), "a resource without changes");
        assert_eq!(usize::try_from(self.total).unwrap(), self.resources.len(), "the total");
        let twice: Vec<_> = self.requests.iter().filter(|(_, count)| **count != 1).collect();
        assert!(twice.is_empty(), "requests with several changes: {twice:?}");
    }

    fn agrees_with(&self, ledger: &Ledger) {
        for person in &ledger.people {
            let row = self.resources.get(&person.id).unwrap_or_else(|| panic!("lost: {person:?}"));
            assert_eq!(row.name, person.name);
            let is_told = row.title == person.title || row.title.as_ref().is_some_and(|t| person.perhaps.contains(t));
            assert!(is_told, "{person:?} has the title {:?}", row.title);
        }
        for name in &ledger.taken {
            let is_there = self.resources.values().any(|row| row.name == *name);
            assert!(is_there, "{name} was refused as taken, and nobody has it");
        }
        for member in &ledger.members {
            let membership = (ledger.group.clone().unwrap(), member.clone());
            assert!(self.memberships.contains(&membership), "a member was lost: {membership:?}");
        }
        for request in &ledger.requests {
            assert!(self.requests.contains_key(request), "the change of request {request} was lost");
        }
    }
}
