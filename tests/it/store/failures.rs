//! A database that goes away, comes back, or hangs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use scimgate::model::{Action, MembersDelta, ResourceId, Version};
use scimgate::store::{ConnectConfig, NewResource, Page, Store, StoreError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio_postgres::config::Host;
use tokio_postgres::{Client, NoTls};

use super::{Fixture, at, change, count_users, group, user, user_entry, users, version};

async fn client(fixture: &Fixture) -> Client {
    let (client, connection) = tokio_postgres::connect(&fixture.database.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// Ends every connection of the store.
async fn cut_off(fixture: &Fixture) {
    let statement = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() \
        AND pid <> pg_backend_pid()";
    client(fixture).await.execute(statement, &[]).await.unwrap();
}

#[tokio::test]
async fn reads_and_writes_go_on_after_the_server_closed_every_connection() {
    let fixture = Fixture::new();
    let tenant = fixture.tenant(1);
    let ann = user(&tenant, "ann").await;
    for round in 0..3 {
        // Both shared connections are open.
        for _ in 0..2 {
            assert!(tenant.find("User", ann, true).await.unwrap().is_some());
        }
        cut_off(&fixture).await;
        assert!(tenant.find("User", ann, true).await.unwrap().is_some());
        user(&tenant, &format!("user{round}")).await;
        assert_eq!(count_users(&tenant).await, round + 2);
    }
}

#[tokio::test]
async fn a_database_that_is_away_is_told_at_once_and_by_that_name() {
    let store = Store::new(ConnectConfig::parse("postgresql://postgres@127.0.0.1:1/none").unwrap(), "").unwrap();
    let begun = Instant::now();
    for _ in 0..20 {
        assert!(matches!(store.ping().await, Err(StoreError::Unavailable(_))));
        assert!(matches!(store.fold_counts().await, Err(StoreError::Unavailable(_))));
    }
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_host_that_hangs_is_left_for_the_next_one() {
    let fixture = Fixture::new();
    // It accepts connections, and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = Proxy::start(&fixture).await;
    let url = format!(
        "postgresql://{}@127.0.0.1:{},127.0.0.1:{}/{}?sslmode=disable",
        proxy.user,
        silent.local_addr().unwrap().port(),
        proxy.port,
        proxy.database
    );
    let begun = Instant::now();
    Store::new(ConnectConfig::parse(&url).unwrap(), "").unwrap().ping().await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_is_found_and_not_made_twice() {
    let fixture = Fixture::new();
    let proxy = Proxy::start(&fixture).await;
    let url = format!("postgresql://{}@127.0.0.1:{}/{}?sslmode=disable", proxy.user, proxy.port, proxy.database);
    let tenant = Store::new(ConnectConfig::parse(&url).unwrap(), "").unwrap().tenant(fixture.tenant(1).id());
    // The statements are prepared by now, so that what is sent next is the write itself.
    let ann = user(&tenant, "ann").await;
    let staff = group(&tenant, "staff", &[]).await;
    let add = |id: ResourceId| MembersDelta { reset: false, add: vec![id], remove: Vec::new() };
    tenant.change_members(staff, None, &add(ann), &change(Action::Update, at(1))).await.unwrap();

    proxy.lose_next_answer();
    let bob = user(&tenant, "bob").await;
    assert!(tenant.find("User", bob, false).await.unwrap().is_some());

    // The write after the loss opens a connection, on which the function is called for the first time.
    tenant.change_members(staff, None, &add(ann), &change(Action::Update, at(2))).await.unwrap();
    proxy.lose_next_answer();
    tenant.change_members(staff, None, &add(bob), &change(Action::Update, at(2))).await.unwrap();
    assert_eq!(version(&tenant, "Group", staff).await, Version(3));
    let listed = tenant.list(&Page::first(&users(), 10)).await.unwrap();
    assert_eq!((listed.total, listed.resources.len()), (2, 2));
}

#[tokio::test]
async fn a_write_that_was_broken_off_is_unavailable_and_not_there() {
    let fixture = Fixture::new();
    let tenant = fixture.tenant(1);
    user(&tenant, "ann").await;
    client(&fixture)
        .await
        .batch_execute(
            "CREATE FUNCTION end_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$; \
            CREATE CONSTRAINT TRIGGER end_it AFTER INSERT ON resources DEFERRABLE INITIALLY DEFERRED \
                FOR EACH ROW EXECUTE FUNCTION end_it()",
        )
        .await
        .unwrap();
    let entry = user_entry("bob");
    let id = ResourceId::new(at(0));
    let resource = NewResource { resource_type: "User", id, entry: &entry, password_hash: None, members: &[] };
    let outcome = tenant.insert(&resource, &change(Action::Create, at(0))).await;
    assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
    assert!(tenant.find("User", id, false).await.unwrap().is_none());
    assert_eq!(tenant.list(&Page::first(&users(), 0)).await.unwrap().total, 1);
}

#[tokio::test]
async fn a_lock_that_somebody_holds_is_not_waited_for_long() {
    let fixture = Fixture::new();
    let tenant = fixture.tenant(1);
    let (ann, staff) = (user(&tenant, "ann").await, group(&tenant, "staff", &[]).await);
    let holder = client(&fixture).await;
    holder.batch_execute("BEGIN; SELECT * FROM resources FOR UPDATE").await.unwrap();
    let delta = MembersDelta { reset: false, add: vec![ann], remove: Vec::new() };
    let outcome = tenant.change_members(staff, None, &delta, &change(Action::Update, at(1))).await;
    assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
    holder.batch_execute("ROLLBACK").await.unwrap();
    tenant.change_members(staff, None, &delta, &change(Action::Update, at(1))).await.unwrap();
}

#[tokio::test]
async fn an_update_that_meets_deadlocks_is_tried_again() {
    let fixture = Fixture::new();
    let tenant = fixture.tenant(1);
    // The first two attempts fail as PostgreSQL fails the victim of a deadlock; a sequence outlives what was rolled back.
    client(&fixture)
        .await
        .batch_execute(
            "CREATE SEQUENCE attempts; \
            CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                IF nextval('attempts') <= 2 THEN RAISE 'deadlock detected' USING ERRCODE = 'deadlock_detected'; END IF; \
                RETURN NEW; END $$; \
            CREATE TRIGGER lose BEFORE INSERT ON resources FOR EACH ROW EXECUTE FUNCTION lose()",
        )
        .await
        .unwrap();
    let ann = user(&tenant, "ann").await;
    assert!(tenant.find("User", ann, false).await.unwrap().is_some());
}

/// A way to the database that can lose an answer.
struct Proxy {
    port: u16,
    user: String,
    database: String,
    lose: Arc<AtomicBool>,
}

impl Proxy {
    async fn start(fixture: &Fixture) -> Self {
        let config: tokio_postgres::Config = fixture.database.url().parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let lose = Arc::new(AtomicBool::new(false));
        let proxy = Self {
            port,
            user: config.get_user().unwrap().to_owned(),
            database: config.get_dbname().unwrap().to_owned(),
            lose: lose.clone(),
        };
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (config, lose) = (config.clone(), lose.clone());
                tokio::spawn(async move {
                    let port = config.get_ports().first().copied().unwrap_or(5432);
                    match &config.get_hosts()[0] {
                        Host::Unix(folder) => {
                            let server = UnixStream::connect(folder.join(format!(".s.PGSQL.{port}"))).await.unwrap();
                            carry(client, server.into_split(), lose).await;
                        }
                        Host::Tcp(host) => {
                            let server = TcpStream::connect((host.as_str(), port)).await.unwrap();
                            carry(client, server.into_split(), lose).await;
                        }
                    }
                });
            }
        });
        proxy
    }

    /// The next thing that the server says is not heard, and the connection ends.
    fn lose_next_answer(&self) {
        self.lose.store(true, Ordering::SeqCst);
    }
}

/// Carries bytes both ways until one side ends, or an answer is to be lost.
async fn carry<R, W>(client: TcpStream, (mut from_server, mut to_server): (R, W), lose: Arc<AtomicBool>)
where
    R: AsyncReadExt + Unpin,
    W: AsyncWriteExt + Unpin + Send + 'static,
{
    let (mut from_client, mut to_client) = client.into_split();
    let upstream = tokio::spawn(async move { tokio::io::copy(&mut from_client, &mut to_server).await });
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = from_server.read(&mut buffer).await {
        if lose.swap(false, Ordering::SeqCst) || to_client.write_all(&buffer[..read]).await.is_err() {
            break;
        }
    }
    upstream.abort();
}
