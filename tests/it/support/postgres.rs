//! A database of its own for every test: a copy, made in milliseconds, of a template that was migrated once.
//!
//! All tests share one server, whether they are threads of one process or processes of their own: a private one below the
//! target directory that syncs nothing to disk and stops when the last test process has ended, or the one that
//! `TEST_DATABASE_URL` names, where the tests must be allowed to create databases.

mod server;

use std::future::Future;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, Once, OnceLock, mpsc};
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::process::{Pid, test_kill_process};
use scimgate::store::{ConnectConfig, migrate};
use sha2::{Digest, Sha256};
use tokio::runtime::Runtime;
use tokio_postgres::{Client, Error, NoTls};

use server::Server;
pub use server::memory_folder;

/// A database that only its test knows. It is dropped with this value, also when the test fails.
pub struct TestDatabase {
    name: String,
}

impl TestDatabase {
    /// An empty database of the form that the program's migrations give it.
    pub fn new() -> TestDatabase {
        static MIGRATED: OnceLock<Template> = OnceLock::new();
        Self::copy_of(MIGRATED.get_or_init(|| {
            Template::prepare("migrated", &hash_of_the_migrations(), |url| async move {
                let config = ConnectConfig::parse(&url).unwrap();
                migrate(&config).await.unwrap();
            })
        }))
    }

    /// Copies `template`, and blocks meanwhile; may be called on any thread.
    pub fn copy_of(template: &Template) -> TestDatabase {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let nanoseconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos();
        let name = format!("t_{}_{nanoseconds}_{count}", std::process::id());
        let strategy = match Server::get() {
            Server::Own(_) => "file_copy",
            // Cheaper where the disk is synced.
            Server::Given(_) => "wal_log",
        };
        let create = format!("CREATE DATABASE {name} TEMPLATE {} STRATEGY {strategy}", template.name);
        run(async move { administer(&create).await }).unwrap();
        TestDatabase { name }
    }

    /// The URL to connect with.
    pub fn url(&self) -> String {
        Server::get().url_of(&self.name)
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let drop = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        if let Err(error) = run(async move { administer(&drop).await }) {
            eprintln!("{}: {error}", self.name);
        }
    }
}

/// Of their names and their texts, so that any change makes a new template.
fn hash_of_the_migrations() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path().join("up.sql")).collect();
    files.sort();
    let mut hash = Sha256::new();
    for file in files.into_iter().filter(|file| file.is_file()) {
        hash.update(file.as_os_str().as_bytes());
        hash.update(std::fs::read(&file).unwrap());
    }
    hash.finalize()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A database that test databases are copied from. Nobody can connect to it.
pub struct Template {
    name: String,
}

impl Template {
    /// The template `label` with the content that `hash` identifies; `fill` makes the content in the empty database whose
    /// URL it gets. It is called at most once for all tests and test runs on the server.
    pub fn prepare<Fill, Filled>(label: &str, hash: &str, fill: Fill) -> Template
    where
        Fill: FnOnce(String) -> Filled + Send + 'static,
        Filled: Future<Output = ()> + Send,
    {
        sweep();
        let template = Template { name: format!("tpl_{label}_{hash}") };
        let (name, previous) = (template.name.clone(), format!("tpl_{label}_"));
        run(async move {
            if !is_complete(&name).await {
                fill_once(&name, &previous, fill).await;
            }
        });
        template
    }
}

/// Only a filled template refuses connections.
async fn is_complete(name: &str) -> bool {
    let query = "SELECT 1 FROM pg_database WHERE NOT datallowconn AND datname = $1";
    !with_client(async |client| client.query(query, &[&name]).await).await.unwrap().is_empty()
}

async fn fill_once<Fill, Filled>(name: &str, previous: &str, fill: Fill)
where
    Fill: FnOnce(String) -> Filled,
    Filled: Future<Output = ()>,
{
    // Held by this connection, so that the lock ends with it.
    let lock = connect().await.unwrap();
    lock.execute("SELECT pg_advisory_lock(hashtext($1))", &[&name]).await.unwrap();
    if is_complete(name).await {
        return;
    }
    if let Server::Own(_) = Server::get() {
        drop_databases(previous, |_| true).await;
    }
    administer(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await.unwrap();
    administer(&format!("CREATE DATABASE {name} TEMPLATE template0")).await.unwrap();
    fill(Server::get().url_of(name)).await;
    administer(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false")).await.unwrap();
    let end = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
    administer(&end).await.unwrap();
}

/// Drops what killed test processes have left, once, if this process has just started the tests' own server.
fn sweep() {
    static SWEPT: Once = Once::new();
    let owner_is_dead = |name: &str| {
        let owner = name.split('_').nth(1).and_then(|pid| Pid::from_raw(pid.parse().ok()?));
        owner.is_none_or(|pid| test_kill_process(pid).is_err())
    };
    SWEPT.call_once(|| {
        if Server::get().is_just_started() {
            run(async move { drop_databases("t_", owner_is_dead).await });
        }
    });
}

async fn drop_databases(prefix: &str, condition: impl Fn(&str) -> bool) {
    let query = "SELECT datname::text FROM pg_database WHERE starts_with(datname::text, $1)";
    let found = with_client(async |client| client.query(query, &[&prefix]).await).await.unwrap();
    for name in found.iter().map(|row| row.get::<_, String>(0)).filter(|name| condition(name)) {
        // Another process may be quicker.
        administer(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await.unwrap();
    }
}

async fn administer(statement: &str) -> Result<(), Error> {
    with_client(async |client| client.batch_execute(statement).await).await
}

/// Lends one of this process's administrative connections, which are opened as they are needed.
async fn with_client<T>(work: impl AsyncFnOnce(&Client) -> Result<T, Error>) -> Result<T, Error> {
    static IDLE: Mutex<Vec<Client>> = Mutex::new(Vec::new());
    let idle = IDLE.lock().unwrap().pop();
    let client = match idle {
        Some(client) if !client.is_closed() => client,
        _ => connect().await?,
    };
    let result = work(&client).await;
    IDLE.lock().unwrap().push(client);
    result
}

async fn connect() -> Result<Client, Error> {
    let (client, connection) = tokio_postgres::connect(&Server::get().url_of("postgres"), NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// Runs the work to its end on threads of its own, so that it can be waited for on any thread, of a runtime or not.
fn run<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    let start = || tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (sender, receiver) = mpsc::channel();
    RUNTIME.get_or_init(start).spawn(async move { sender.send(work.await) });
    receiver.recv().expect("the work has panicked, see above")
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn client(database: &TestDatabase) -> Client {
        let (client, connection) = tokio_postgres::connect(&database.url(), NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    }

    fn template(label: &str) -> Template {
        Template::prepare(label, "1", |url| async move {
            let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
            tokio::spawn(connection);
            client.batch_execute("CREATE TABLE rows AS SELECT 1 AS n").await.unwrap();
        })
    }

    async fn count(client: &Client) -> i64 {
        client.query_one("SELECT count(*) FROM rows", &[]).await.unwrap().get(0)
    }

    #[tokio::test]
    async fn copies_have_the_template_s_content_and_do_not_see_each_other() {
        let template = template("copies");
        let (one, other) = (TestDatabase::copy_of(&template), TestDatabase::copy_of(&template));
        let (one, other) = (client(&one).await, client(&other).await);
        one.batch_execute("INSERT INTO rows VALUES (2)").await.unwrap();
        assert_eq!((count(&one).await, count(&other).await), (2, 1));
    }

    #[tokio::test]
    async fn a_new_database_has_the_tables_and_no_rows() {
        let database = TestDatabase::new();
        assert_eq!(client(&database).await.query("SELECT 1 FROM resources", &[]).await.unwrap().len(), 0);
        let config = ConnectConfig::parse(&database.url()).unwrap();
        assert_eq!(scimgate::store::pending_migrations(&config).await.unwrap(), Vec::<String>::new());
    }

    #[test]
    fn a_database_is_dropped_also_when_its_test_fails() {
        let database = TestDatabase::copy_of(&template("dropped"));
        let (name, url) = (database.name.clone(), database.url());
        let failed = std::thread::spawn(move || {
            let _owned = database;
            // Without the message of a panic, which would look like a failure in the test's output.
            std::panic::resume_unwind(Box::new(()));
        });
        assert!(failed.join().is_err());
        let error = run(async move { tokio_postgres::connect(&url, NoTls).await.err().unwrap() });
        assert_eq!(error.as_db_error().unwrap().message(), format!("database \"{name}\" does not exist"));
    }

    #[test]
    fn a_template_is_filled_once_for_all_who_want_it() {
        static FILLED: AtomicU32 = AtomicU32::new(0);
        let hash = std::process::id().to_string();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let template = Template::prepare("once", &hash, |_| async {
                        FILLED.fetch_add(1, Ordering::Relaxed);
                    });
                    TestDatabase::copy_of(&template);
                });
            }
        });
        run(async { drop_databases("tpl_once_", |_| true).await });
        assert_eq!(FILLED.load(Ordering::Relaxed), 1);
    }
}
