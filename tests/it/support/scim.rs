//! A live server on a database of its own, and a client that speaks SCIM to it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;

use chrono::{DateTime, TimeDelta, Utc};
use clap::Parser;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Client, Method, RequestBuilder};
use scimgate::auth::{Sealer, Token, UseLedger};
use scimgate::config::{SecretKey, ServerArgs};
use scimgate::gateway::{Gateway, NewToken};
use scimgate::http::{Parts, Server};
use scimgate::model::{
    AllowedAddresses, Change, Clock, Connection, CredentialId, FixedClock, Origin, Profile, Provisioning, ResourceId,
    Scopes, Tenant, TenantId, TenantState,
};
use scimgate::store::{ChangeFilter, ConnectConfig, Store};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio_postgres::NoTls;

use super::postgres::TestDatabase;

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

struct Running {
    address: SocketAddr,
    clock: Arc<FixedClock>,
    started: DateTime<Utc>,
    server: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
    uses: Arc<UseLedger>,
    database: Arc<TestDatabase>,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
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

/// How to connect to a URL.
pub fn connect_config(url: &str) -> ConnectConfig {
    ConnectConfig::parse(url).unwrap()
}

/// What seals secrets for every test's server.
pub fn sealer() -> Arc<Sealer> {
    let key = SecretKey::parse("c2NpbWdhdGUncyB0ZXN0cyBzZWFsIHdpdGggdGhpcyE=").unwrap();
    Arc::new(Sealer::new(&key).unwrap())
}

/// Flags come twice where a test sets what the others leave off.
#[derive(Parser)]
#[command(args_override_self = true)]
struct Line {
    #[command(flatten)]
    server: ServerArgs,
}

impl Running {
    fn start(database: Arc<TestDatabase>, clock: Arc<FixedClock>, flags: &[&str]) -> (Arc<Self>, String) {
        let usual = [
            "test",
            "--listen=127.0.0.1:0",
            "--workers=2",
            "--shutdown-timeout=1s",
            "--drain-delay=50ms",
            "--ops-listen=off",
            "--rate-limit=off",
            "--failed-auth-limit=off",
        ];
        let config = Line::parse_from([&usual, flags].concat()).server.check().unwrap();
        let server = Server::bind(config).unwrap();
        let address = server.address();
        let base = format!("http://{address}/scim/v2");
        let started = clock.now();
        let (connect, url) = (connect_config(&database.url()), server.public_url().scim_base());
        let store = Arc::new(move || Store::new(connect.clone(), &url).unwrap());
        let uses = Arc::<UseLedger>::default();
        let parts = Parts { store, clock: clock.clone(), sealer: Some(sealer()), uses: uses.clone() };
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let stop = async { stopped.await.unwrap_or_default() };
            server.run(parts, stop).unwrap();
        });
        (Arc::new(Self { address, clock, started, server: Some((stop, thread)), uses, database }), base)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let (stop, thread) = self.server.take().unwrap();
        stop.send(()).ok();
        thread.join().unwrap();
    }
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
        let created_at = running.started;
        let tenant = Tenant {
            id: TenantId::new(created_at),
            slug: slug.parse().unwrap(),
            name: slug.to_owned(),
            profile,
            dialect: profile.dialect(),
            provisioning: Provisioning::default(),
            state: TenantState::Active,
            created_at,
        };
        let store = Store::new(connect_config(&running.database.url()), &base).unwrap();
        store.create_tenant(&tenant).await.unwrap();
        let token = credential(&store, &tenant, Scopes::WRITE, None, None).await;
        Self { base, token, tenant, http: Client::builder().no_gzip().build().unwrap(), running }
    }

    /// A client with a token of its own for the same tenant.
    pub async fn with_token(&self, scopes: Scopes, expires_at: Option<DateTime<Utc>>) -> Self {
        self.with_token_text(credential(&self.store(), &self.tenant, scopes, expires_at, None).await)
    }

    /// A token for [`Scim::with_new_token`], of that connection.
    pub fn new_token(&self, connection: Option<&Connection>) -> NewToken {
        NewToken { connection: connection.map(|connection| connection.id), ..plain() }
    }

    /// A client of the same tenant with a token as that.
    pub async fn with_new_token(&self, new: NewToken) -> Self {
        let created = self.gateway().create_token(self.tenant.id, new, &Origin::command_line()).await;
        self.with_token_text(created.unwrap().0.reveal().expose_secret().to_owned())
    }

    /// A client with a token of a connection of the same tenant.
    pub async fn with_token_of(&self, connection: &Connection) -> Self {
        self.with_new_token(self.new_token(Some(connection))).await
    }

    /// The id of the client's token.
    pub fn credential_id(&self) -> CredentialId {
        Token::parse(&self.token).unwrap().id()
    }

    /// A client with a token that belongs to a user of the same tenant.
    pub async fn as_user(&self, id: &str, scopes: Scopes) -> Self {
        let user = Some(id.parse().unwrap());
        self.with_token_text(credential(&self.store(), &self.tenant, scopes, None, user).await)
    }

    /// A client with a new token that is as this one's, which no worker knows yet.
    pub async fn again(&self) -> Self {
        let (gateway, id, origin) = (self.gateway(), self.credential_id(), Origin::command_line());
        let made = gateway.rotate_token(self.tenant.id, id, TimeDelta::days(1), None, &origin).await;
        self.with_token_text(made.unwrap().0.reveal().expose_secret().to_owned())
    }

    /// A client with that bearer token.
    pub fn with_token_text(&self, token: String) -> Self {
        Self {
            base: self.base.clone(),
            token,
            tenant: self.tenant.clone(),
            http: self.http.clone(),
            running: self.running.clone(),
        }
    }

    /// A client that may only read.
    pub async fn reader(&self) -> Self {
        self.with_token(Scopes::READ, None).await
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

    /// The tenant's changes, in order.
    pub async fn changes(&self) -> Vec<Change> {
        let everything = ChangeFilter { action: None, from: None, to: None, limit: 1_000 };
        let mut changes = self.store().tenant(self.tenant.id).changes(&everything).await.unwrap();
        changes.sort_by_key(|change| change.position);
        changes
    }

    /// The actions in the change stream, in order.
    pub async fn actions(&self) -> Vec<String> {
        self.changes().await.iter().map(|change| change.action.as_str().to_owned()).collect()
    }

    /// What administrators did, in order: the rows as JSON.
    pub async fn admin_actions(&self) -> Vec<Value> {
        let (client, connection) = tokio_postgres::connect(&self.database_url(), NoTls).await.unwrap();
        tokio::spawn(connection);
        let rows = client.query("SELECT to_json(a)::text FROM admin_actions a ORDER BY position", &[]).await.unwrap();
        rows.iter().map(|row| serde_json::from_str(row.get(0)).unwrap()).collect()
    }

    /// Every row of the tables of the server's database as text, sorted; but for those that are written in the background.
    pub async fn dump(&self) -> String {
        let everything = self.dump_all().await;
        let aside = |line: &str| line.starts_with("failed_requests ") || line.starts_with("credential_uses ");
        everything.lines().filter(|line| !aside(line)).map(|line| format!("{line}\n")).collect()
    }

    /// Every row of every table of the server's database as text, sorted.
    pub async fn dump_all(&self) -> String {
        let (client, connection) = tokio_postgres::connect(&self.database_url(), NoTls).await.unwrap();
        tokio::spawn(connection);
        let tables = "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace \
            AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY 1";
        let mut dump = String::new();
        for table in client.query(tables, &[]).await.unwrap() {
            let table: String = table.get(0);
            let rows = client.query(&format!("SELECT t::text FROM {table} t ORDER BY 1"), &[]).await.unwrap();
            rows.iter().for_each(|row| dump.push_str(&format!("{table} {}\n", row.get::<_, String>(0))));
        }
        dump
    }

    /// Creates a user of that name and answers its id.
    pub async fn create_user(&self, name: &str) -> String {
        self.create("/Users", json!({"schemas": [USER], "userName": name})).await
    }

    /// Creates a group of that name and answers its id.
    pub async fn create_group(&self, name: &str) -> String {
        self.create("/Groups", json!({"schemas": [GROUP], "displayName": name})).await
    }

    /// Creates a resource and answers its id.
    pub async fn create(&self, endpoint: &str, body: Value) -> String {
        self.post(endpoint, body).await.expect(201).json()["id"].as_str().unwrap().to_owned()
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, Some(body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send("PUT", path, Some(body)).await
    }

    pub async fn patch(&self, path: &str, mut body: Value) -> Answer {
        let schemas = json!(["urn:ietf:params:scim:api:messages:2.0:PatchOp"]);
        body.as_object_mut().unwrap().entry("schemas").or_insert(schemas);
        self.send("PATCH", path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, None).await
    }

    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send_with("GET", path, None, headers).await
    }

    pub async fn send(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        self.send_with(method, path, body, &[]).await
    }

    pub async fn send_with(&self, method: &str, path: &str, body: Option<Value>, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.request(method, &format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            let body = match method {
                "PATCH" if body.get("schemas").is_none() && body.is_object() => {
                    let mut body = body;
                    body["schemas"] = json!(["urn:ietf:params:scim:api:messages:2.0:PatchOp"]);
                    body
                }
                _ => body,
            };
            request = request.header(CONTENT_TYPE, "application/scim+json").body(body.to_string());
        }
        answer(request).await
    }

    /// POSTs a body to `/Users` as it is, with that media type.
    pub async fn post_as(&self, body: impl Into<reqwest::Body>, content_type: &str) -> Answer {
        let request = self.request("POST", &format!("{}/Users", self.base));
        answer(request.header(CONTENT_TYPE, content_type).body(body)).await
    }

    /// Sends a body as it is.
    pub async fn send_bytes(&self, method: &str, path: &str, body: impl Into<reqwest::Body>) -> Answer {
        let request = self.request(method, &format!("{}{path}", self.base));
        answer(request.header(CONTENT_TYPE, "application/scim+json").body(body)).await
    }

    /// GETs with query parameters that are encoded here.
    pub async fn list(&self, path: &str, query: &[(&str, &str)]) -> Answer {
        let url = reqwest::Url::parse_with_params(&format!("{}{path}", self.base), query).unwrap();
        answer(self.request("GET", url.as_str())).await
    }

    /// GETs a path of the server with its query as it is.
    pub async fn get_raw(&self, path_and_query: &str) -> Answer {
        answer(self.request("GET", &format!("{}{path_and_query}", self.base.trim_end_matches("/scim/v2")))).await
    }

    /// POSTs nothing to a path of the server.
    pub async fn post_raw(&self, path: &str) -> Answer {
        answer(self.request("POST", &format!("{}{path}", self.base.trim_end_matches("/scim/v2")))).await
    }

    /// GETs a path of the server with this `Authorization` header, or with none.
    pub async fn get_authorized(&self, path: &str, header: Option<&str>) -> Answer {
        let url = format!("{}{path}", self.base.trim_end_matches("/scim/v2"));
        let request = self.http.get(url);
        answer(match header {
            Some(header) => request.header("authorization", header),
            None => request,
        })
        .await
    }

    fn request(&self, method: &str, url: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        self.http.request(method, url).bearer_auth(&self.token)
    }
}

/// A token that may do all of SCIM from everywhere, for ever.
pub fn plain() -> NewToken {
    NewToken {
        name: "a token".parse().unwrap(),
        scopes: Scopes::WRITE,
        connection: None,
        allowed_addresses: AllowedAddresses::ANY,
        max_role_weight: None,
        user: None,
        expires_at: None,
    }
}

async fn credential(
    store: &Store,
    tenant: &Tenant,
    scopes: Scopes,
    expires_at: Option<DateTime<Utc>>,
    user: Option<ResourceId>,
) -> String {
    let name = if scopes == Scopes::WRITE { "write token" } else { "other token" };
    let new = NewToken { name: name.parse().unwrap(), scopes, user, expires_at, ..plain() };
    let gateway = Gateway::new(store.clone(), Arc::new(FixedClock::new(tenant.created_at)));
    let (token, _) = gateway.create_token(tenant.id, new, &Origin::command_line()).await.unwrap();
    token.reveal().expose_secret().to_owned()
}

/// Sends a request.
pub async fn answer(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = response.bytes().await.unwrap();
    Answer { status, headers, text: String::from_utf8_lossy(&body).into_owned() }
}

impl Answer {
    /// The answer, if it has that status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// Holds that this is a SCIM error (RFC 7644, section 3.12) with that status and keyword (`""` for none) whose detail
    /// tells of `told`.
    #[track_caller]
    pub fn expect_error(&self, status: u16, scim_type: &str, told: &str) {
        assert_eq!(self.status, status, "{}", self.text);
        assert!(self.header("content-type").starts_with("application/scim+json"), "{}", self.header("content-type"));
        let error = self.json();
        assert_eq!(error["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
        assert_eq!(error["status"], status.to_string());
        assert_eq!(error.get("scimType").and_then(Value::as_str).unwrap_or(""), scim_type, "{error}");
        let detail = error["detail"].as_str().unwrap();
        assert!(!detail.is_empty() && detail.contains(told), "{detail:?} does not tell of {told:?}");
    }

    /// The body.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {:?}", self.text))
    }

    /// A header, or `""`.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}
