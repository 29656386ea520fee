//! A live server on a database of its own, and a client that speaks SCIM to it.

mod answer;
mod records;
mod requests;
mod server;
mod tokens;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Client;
use scimgate::gateway::Gateway;
use scimgate::model::{Clock, FixedClock, Origin, Profile, Scopes, Tenant};
use scimgate::scim::dialect::Dialect;
use scimgate::store::Store;

use self::server::Running;
use self::tokens::credential;
use super::postgres::TestDatabase;

pub use self::answer::{Answer, answer};
pub use self::server::{connect_config, sealer};
pub use self::tokens::plain;

pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

/// A client of a running server, with a token for one tenant. The server stops with the last client.
pub struct Scim {
    /// `http://127.0.0.1:PORT/scim/v2`
    pub base: String,
    /// The token that requests are sent with.
    pub token: String,
    tenant: Tenant,
    http: Client,
    running: Arc<Running>,
}

/// The instant at which every test's clock stands at first.
pub struct Instant(DateTime<Utc>);

impl Instant {
    /// The instant some seconds later, as answers print it.
    pub fn plus_seconds(&self, seconds: i64) -> String {
        print(self.0 + TimeDelta::seconds(seconds))
    }
}

fn print(instant: DateTime<Utc>) -> String {
    instant.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}

impl Scim {
    /// A server whose tenant has the profile `rfc`, and whose clock stands still.
    pub async fn start() -> Self {
        Self::with(Profile::Rfc, &[]).await
    }

    /// A server for a tenant of that profile, started with these flags.
    pub async fn with(profile: Profile, flags: &[&str]) -> Self {
        let clock = FixedClock::new("2026-11-22T08:00:00Z".parse().unwrap());
        let (running, base) = Running::start(Arc::new(TestDatabase::new()), Arc::new(clock), flags);
        Self::of_new_tenant(running, base, "first", profile).await
    }

    /// The same client at another server on the same database and clock, started with these flags.
    pub fn at_another_node(&self, flags: &[&str]) -> Self {
        let (database, clock) = (self.running.database.clone(), self.running.clock.clone());
        let (running, base) = Running::start(database, clock, flags);
        Self { base, running, ..self.with_token_text(self.token.clone()) }
    }

    /// A client for another tenant of the same server.
    pub async fn other_tenant(&self, slug: &str) -> Self {
        Self::of_new_tenant(self.running.clone(), self.base.clone(), slug, Profile::Rfc).await
    }

    async fn of_new_tenant(running: Arc<Running>, base: String, slug: &str, profile: Profile) -> Self {
        let store = Store::new(connect_config(&running.database.url()), &base).unwrap();
        let gateway = Gateway::new(store.clone(), Arc::new(FixedClock::new(running.started)));
        let made = gateway.create_tenant(slug.parse().unwrap(), None, profile, &Origin::command_line()).await;
        let tenant = made.unwrap();
        let token = credential(&store, &tenant, Scopes::WRITE, None, None).await;
        Self { base, token, tenant, http: Client::builder().no_gzip().build().unwrap(), running }
    }

    /// A store on the server's database, beside the server.
    pub fn store(&self) -> Store {
        Store::new(connect_config(&self.running.database.url()), &self.base).unwrap()
    }

    /// The database's URL.
    pub fn database_url(&self) -> String {
        self.running.database.url()
    }

    /// Writes which credentials were used, as the server does now and then.
    pub async fn write_uses(&self) {
        self.store().record_uses(&self.running.uses.take()).await.unwrap();
    }

    /// The use cases, beside the server and by its clock.
    pub fn gateway(&self) -> Gateway {
        Gateway::new(self.store(), self.running.clock.clone())
    }

    /// The tenant of the token.
    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// Changes how the tenant behaves. A worker that has looked the tenant up knows it after a second; the client that comes
    /// back has a token that none has looked up.
    pub async fn behaving(&self, change: impl Fn(&mut Dialect)) -> Self {
        let (slug, origin) = (&self.tenant.slug, Origin::command_line());
        self.gateway().change_tenant(slug, &origin, |tenant| change(&mut tenant.dialect)).await.unwrap();
        self.with_token(Scopes::WRITE, None).await
    }

    /// What the server's clock shows, as answers print it.
    pub fn now(&self) -> String {
        print(self.running.clock.now())
    }

    /// The server's clock.
    pub fn clock(&self) -> &FixedClock {
        &self.running.clock
    }

    /// Where the server listens, whatever it is told that clients call it.
    pub fn address(&self) -> String {
        format!("http://{}", self.running.address)
    }

    /// `http://127.0.0.1:PORT`
    pub fn origin(&self) -> String {
        self.base.trim_end_matches("/scim/v2").to_owned()
    }

    /// What the server's clock showed at first.
    pub fn start_of_time(&self) -> Instant {
        Instant(self.running.started)
    }

    /// Moves the server's clock.
    pub fn advance_seconds(&self, seconds: i64) {
        self.running.clock.advance(TimeDelta::seconds(seconds));
    }

    /// Waits until every worker answers a GET with that status: what is kept of credentials holds for a second.
    pub async fn settle(&self, path: &str, status: u16) {
        let (began, mut in_a_row) = (std::time::Instant::now(), 0);
        while in_a_row < 8 {
            in_a_row = if self.get(path).await.status == status { in_a_row + 1 } else { 0 };
            assert!(began.elapsed().as_secs() < 10, "{path} is not answered with {status}");
            tokio::task::yield_now().await;
        }
    }
}
