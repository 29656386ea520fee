//! A primary and a synchronous standby that change places: what an operator has who may lose nothing.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal};
use tempfile::TempDir;

use crate::embedded_postgres::stage::{Stage, is_root, kill, open_folder, try_ask, until};

/// Beside what makes a test fast: a commit is acknowledged when a standby has it too.
const SETTINGS: [&str; 8] = [
    "listen_addresses=",
    "unix_socket_permissions=0777",
    "fsync=off",
    "wal_keep_size=64MB",
    "max_connections=200",
    "synchronous_standby_names=ANY 1 (*)",
    "synchronous_commit=on",
    "hot_standby=on",
];

/// Two servers, of which one takes writes.
pub struct Pair {
    programs: PathBuf,
    account: Option<(u32, u32)>,
    /// The one that takes writes first.
    servers: [Server; 2],
    _folder: TempDir,
}

struct Server {
    folder: PathBuf,
    process: Option<Child>,
}

impl Pair {
    pub fn start() -> Self {
        // Any cluster of ours knows where PostgreSQL's programs are.
        let stage = Stage::new();
        let scratch = stage.start();
        let programs = stage.programs();
        drop(scratch);
        let folder = open_folder(Path::new("/var/tmp"));
        let server = |name: &str| Server { folder: folder.path().join(name), process: None };
        let account = is_root().then(|| (id("-u"), id("-g")));
        let mut pair = Self { programs, account, servers: [server("a"), server("b")], _folder: folder };
        for server in &pair.servers {
            std::fs::create_dir(&server.folder).unwrap();
            if let Some((uid, gid)) = account {
                std::os::unix::fs::chown(&server.folder, Some(uid), Some(gid)).unwrap();
            }
        }
        let data = pair.servers[0].data();
        let mut initdb = pair.command("initdb");
        initdb.args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "-D"]);
        ended(initdb.arg(&data));
        pair.launch(0);
        pair.add_standby();
        pair
    }

    /// Both hosts, for clients that look for the one that takes writes.
    pub fn url(&self) -> String {
        // In one order whoever takes writes.
        let mut hosts = self.servers.each_ref().map(|server| server.folder.display().to_string());
        hosts.sort();
        format!("host={} user=postgres dbname=postgres", hosts.join(","))
    }

    /// The host that takes writes.
    pub fn primary(&self) -> String {
        self.servers[0].url()
    }

    /// The primary dies, the standby takes its place, and a new standby is made in the place of the dead one.
    pub fn fail_over(&mut self) {
        let mut dead = self.servers[0].process.take().unwrap();
        let processes = try_ask(&self.primary(), "SELECT pid FROM pg_stat_activity").unwrap_or_default();
        kill(Pid::from_child(&dead), Signal::KILL);
        dead.wait().unwrap();
        // The server's processes notice its death by themselves, and until then go on.
        // A process of a server works in its data directory; another that has got its number by now does not.
        let data = self.servers[0].data();
        let gone = |pid: &String| std::fs::read_link(format!("/proc/{pid}/cwd")).map_or(true, |place| place != data);
        until("the dead server's processes are gone", || processes.iter().all(gone));
        std::fs::remove_dir_all(self.servers[0].data()).unwrap();
        self.servers.reverse();
        let promote = "SELECT pg_promote()";
        assert_eq!(try_ask(&self.primary(), promote).unwrap(), ["t"]);
        self.add_standby();
    }

    /// Copies the primary, and waits until no commit is acknowledged without the copy.
    fn add_standby(&mut self) {
        let mut copy = self.command("pg_basebackup");
        copy.args(["-U", "postgres", "-R", "-X", "stream", "-c", "fast", "--no-sync", "-h"]);
        ended(copy.arg(&self.servers[0].folder).arg("-D").arg(self.servers[1].data()));
        self.launch(1);
        let standby = "SELECT sync_state FROM pg_stat_replication WHERE state = 'streaming' AND sync_state = 'quorum'";
        let primary = self.primary();
        until("the standby follows", || try_ask(&primary, standby).is_ok_and(|found| found.len() == 1));
    }

    fn launch(&mut self, index: usize) {
        let mut command = self.command("postgres");
        let server = &self.servers[index];
        command.arg("-D").arg(server.data()).arg("-k").arg(&server.folder);
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        let log = std::fs::File::create(server.folder.join("log")).unwrap();
        let process = command.process_group(0).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        self.servers[index].process = Some(process);
        let url = self.servers[index].url();
        until("the server takes connections", || try_ask(&url, "SELECT 1").is_ok());
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.env_clear().env("LC_ALL", "C.UTF-8").current_dir("/");
        if let Some((uid, gid)) = self.account {
            command.uid(uid).gid(gid);
        }
        command
    }
}

impl Server {
    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn url(&self) -> String {
        format!("postgresql:///postgres?host={}&user=postgres", self.folder.display())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            // At once: nothing of it is kept.
            kill(Pid::from_child(&process), Signal::QUIT);
            let _ = process.wait();
        }
    }
}

fn ended(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn id(flag: &str) -> u32 {
    let output = Command::new("id").args([flag, "postgres"]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}
