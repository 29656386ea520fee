//! What these tests stand on: a data directory, a process of its own that holds a server, and a look at both.

use std::fs::Permissions;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};
use scimgate::store::local::{Durability, LocalOptions, LocalPostgres};
use tempfile::TempDir;

use crate::support::postgres::memory_folder;

/// The directory that the helper process is to use; it does nothing without.
const CHILD_DIR: &str = "EMBEDDED_POSTGRES_CHILD_DIR";

/// A folder of its own that every user can enter, with a data directory below it.
pub struct Stage {
    pub folder: TempDir,
}

impl Stage {
    pub fn new() -> Stage {
        let parent = memory_folder().unwrap_or_else(|| PathBuf::from("/var/tmp"));
        Stage { folder: open_folder(&parent) }
    }

    pub fn dir(&self) -> PathBuf {
        self.folder.path().join("pg")
    }

    pub fn start(&self) -> LocalPostgres {
        LocalPostgres::start_or_attach(&options(&self.dir(), Durability::Scratch)).unwrap()
    }

    pub fn refusal(&self) -> String {
        refusal(&options(&self.dir(), Durability::Scratch))
    }

    /// The process id in `postmaster.pid`, if there is one.
    pub fn server(&self) -> Option<Pid> {
        let text = std::fs::read_to_string(self.dir().join("data/postmaster.pid")).ok()?;
        Pid::from_raw(text.lines().next()?.parse().ok()?)
    }

    /// The folder of the programs that the cluster was last run with.
    pub fn programs(&self) -> PathBuf {
        let started_as = std::fs::read_to_string(self.dir().join("data/postmaster.opts")).unwrap();
        Path::new(started_as.split(' ').next().unwrap()).parent().unwrap().to_owned()
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.dir().join("postgresql.log")).unwrap_or_default()
    }
}

pub fn options(dir: &Path, durability: Durability) -> LocalOptions {
    let search_path = std::env::var_os("PATH");
    LocalOptions {
        data_dir: dir.to_owned(),
        bin_dir: std::env::var_os("SCIMGATE_PG_BIN").map(PathBuf::from),
        search_path,
        durability,
    }
}

pub fn refusal(options: &LocalOptions) -> String {
    LocalPostgres::start_or_attach(options).map(|server| server.database_url()).unwrap_err().to_string()
}

pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// The ids of a user that every system has and that is not root; for tests that run as root.
pub fn nobody() -> u32 {
    let id = Command::new("id").args(["-u", "nobody"]).output().unwrap();
    String::from_utf8(id.stdout).unwrap().trim().parse().unwrap()
}

pub fn owner(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().uid()
}

pub fn is_alive(pid: Pid) -> bool {
    rustix::process::test_kill_process(pid).is_ok()
}

/// A folder that every user can enter, for data or for programs.
pub fn open_folder(parent: &Path) -> TempDir {
    let folder = tempfile::Builder::new().prefix("scimgate-").tempdir_in(parent).unwrap();
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    folder
}

/// Waits for a condition that nothing reports.
///
/// The end of a server is one: a process that another test's thread is just creating has copies of our descriptors, so that
/// for a moment the server is still held by a process that knows nothing of it.
pub fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_secs(60), "in vain: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// The first column of what `statement` yields, or the error's text.
pub fn try_ask(url: &str, statement: &str) -> Result<Vec<String>, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let told = runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
        tokio::spawn(connection);
        client.simple_query(statement).await
    });
    let first = |message| match message {
        tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    };
    told.map(|messages| messages.into_iter().filter_map(first).collect()).map_err(|error| format!("{error:?}"))
}

pub fn ask(url: &str, statement: &str) -> Vec<String> {
    try_ask(url, statement).unwrap()
}

/// This test program run again, as another user if wanted, to hold the server of a directory until told to stop or killed.
pub struct Holder {
    process: Child,
    _stdin: ChildStdin,
    said: BufReader<ChildStdout>,
    _copy: Option<TempDir>,
}

/// A copy of this test program where every user can run it: the checkout may be closed to others.
fn copy_of_this_program() -> (TempDir, PathBuf) {
    let folder = open_folder(Path::new("/var/tmp"));
    let copy = folder.path().join("it");
    std::fs::copy(std::env::current_exe().unwrap(), &copy).unwrap();
    (folder, copy)
}

impl Holder {
    /// Starts the process, without waiting for its server.
    pub fn spawn(dir: &Path, uid: Option<u32>) -> Holder {
        Self::spawn_with(dir, uid, std::env::var_os("SCIMGATE_PG_BIN").as_ref().map(Path::new))
    }

    /// As [`Holder::spawn`], with the programs of one folder.
    pub fn spawn_with(dir: &Path, uid: Option<u32>, programs: Option<&Path>) -> Holder {
        let (copy, program) = match uid.map(|_| copy_of_this_program()) {
            Some((folder, program)) => (Some(folder), program),
            None => (None, std::env::current_exe().unwrap()),
        };
        let mut command = Command::new(program);
        command.args(["--ignored", "--exact", "--nocapture", "embedded_postgres::stage::hold_until_told"]);
        command.env(CHILD_DIR, dir).current_dir("/").stdin(Stdio::piped()).stdout(Stdio::piped());
        if let Some(programs) = programs {
            command.env("SCIMGATE_PG_BIN", programs);
        }
        if let Some(uid) = uid {
            command.uid(uid).gid(uid);
        }
        let mut process = command.spawn().unwrap();
        let (stdin, stdout) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
        Holder { process, _stdin: stdin, said: BufReader::new(stdout), _copy: copy }
    }

    /// What follows `word` on the next line that has it: `READY` and the URL, or `REFUSED` and the error.
    pub fn hear(&mut self, word: &str) -> String {
        let mut all = String::new();
        loop {
            let mut line = String::new();
            assert_ne!(self.said.read_line(&mut line).unwrap(), 0, "no {word} in: {all}");
            if let Some(at) = line.find(word) {
                return line[at + word.len()..].trim().to_owned();
            }
            all += &line;
        }
    }

    pub fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Closes its standard input and waits for its end.
    pub fn finish(self) {
        let Holder { mut process, _stdin, said, _copy } = self;
        drop(_stdin);
        assert!(process.wait().unwrap().success());
        drop(said);
    }
}

#[test]
#[ignore = "the other process of the tests above, which run it themselves"]
fn hold_until_told() {
    let Some(dir) = std::env::var_os(CHILD_DIR) else { return };
    match LocalPostgres::start_or_attach(&options(Path::new(&dir), Durability::Durable)) {
        Err(error) => println!("REFUSED {}", error.to_string().replace('\n', " | ")),
        Ok(server) => {
            println!("READY {}", server.database_url());
            std::io::copy(&mut std::io::stdin(), &mut std::io::sink()).unwrap();
            server.stop().unwrap();
        }
    }
}

pub fn kill(pid: Pid, signal: Signal) {
    rustix::process::kill_process(pid, signal).unwrap();
}
