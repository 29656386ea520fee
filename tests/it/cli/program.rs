//! The `scimgate` program with an environment of its own.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use rustix::process::{Pid, Signal};
use serde_json::Value;

use crate::support::postgres::TestDatabase;

/// The longest that anything here may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// The program on an own database, which has every migration.
pub struct Program {
    database: TestDatabase,
}

/// What a run of the program said and how it ended.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// The program without a database, and without any variable but those that lead to PostgreSQL's programs.
pub fn bare() -> Command {
    // Another build of it may be put to these tests, such as an optimised one.
    let program = std::env::var_os("SCIMGATE_PROGRAM").unwrap_or_else(|| env!("CARGO_BIN_EXE_scimgate").into());
    let mut command = Command::new(program);
    command.env_clear().stdin(Stdio::null());
    // Tests ask faster than people, are wrong more often, and run many servers at once.
    command
        .env("SCIMGATE_RATE_LIMIT", "off")
        .env("SCIMGATE_FAILED_AUTH_LIMIT", "off")
        .env("SCIMGATE_OPS_LISTEN", "off");
    for variable in ["PATH", "SCIMGATE_PG_BIN"] {
        if let Some(value) = std::env::var_os(variable) {
            command.env(variable, value);
        }
    }
    command
}

impl Program {
    pub fn new() -> Self {
        Self { database: TestDatabase::new() }
    }

    pub fn url(&self) -> String {
        self.database.url()
    }

    /// A command on this database, to which more can be added.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = bare();
        command.env("SCIMGATE_DATABASE_URL", self.url()).args(words);
        command
    }

    pub fn run(&self, words: &[&str]) -> Said {
        said(self.command(words))
    }

    /// What a run prints on standard output, which must go well.
    #[track_caller]
    pub fn out(&self, words: &[&str]) -> String {
        self.run(words).well()
    }

    #[track_caller]
    pub fn json(&self, words: &[&str]) -> Value {
        let out = self.out(words);
        assert_eq!(out.lines().count(), 1, "{out}");
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}"))
    }

    /// A server on a free port of this machine.
    pub fn serve(&self, flags: &[&str]) -> Serving {
        Serving::start(self.command(&[&["serve", "--listen", "127.0.0.1:0"], flags].concat()))
    }
}

pub fn said(mut command: Command) -> Said {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Said { code: code_of(status), out: text(stdout), err: text(stderr) }
}

/// As a shell tells it.
fn code_of(status: ExitStatus) -> i32 {
    status.code().unwrap_or_else(|| 128 + status.signal().unwrap())
}

impl Said {
    #[track_caller]
    pub fn well(self) -> String {
        assert_eq!(self.code, 0, "{self:?}");
        self.out
    }

    /// Holds that the run failed with that code, printed nothing on standard output, and told of `told`.
    #[track_caller]
    pub fn badly(&self, code: i32, told: &str) {
        assert_eq!((self.code, self.out.as_str()), (code, ""), "{}", self.err);
        assert!(self.err.contains(told), "{:?} does not tell of {told:?}", self.err);
    }
}

/// A process that is killed with this value, if it has not ended.
pub struct Running(pub Child);

impl Running {
    pub fn signal(&self, signal: Signal) {
        rustix::process::kill_process(Pid::from_child(&self.0), signal).unwrap();
    }

    /// Waits for its end; answers the exit code.
    pub fn end(&mut self) -> i32 {
        code_of(self.0.wait().unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A running server.
pub struct Serving {
    child: Running,
    lines: Receiver<String>,
    /// All lines so far.
    pub said: Vec<String>,
    /// `http://127.0.0.1:PORT`
    pub url: String,
}

impl Serving {
    /// Starts it and waits until it says where it listens.
    pub fn start(mut command: Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || stderr.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let mut serving = Self { child: Running(child), lines, said: Vec::new(), url: String::new() };
        let line = serving.hear("listening on ");
        let address = line.split("listening on ").nth(1).unwrap().split([',', ' ']).next().unwrap();
        serving.url = address.to_owned();
        serving
    }

    /// Waits for a line that has `words` in it.
    #[track_caller]
    pub fn hear(&mut self, words: &str) -> String {
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|error| panic!("{error}: no {words:?} in {:#?}", self.said));
            self.said.push(line.clone());
            if line.contains(words) {
                return line;
            }
        }
    }

    /// What it has said since it was last listened to.
    pub fn heard(&self) -> Vec<String> {
        self.lines.try_iter().collect()
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.url.trim_start_matches("http://")).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    pub fn signal(&self, signal: Signal) {
        self.child.signal(signal);
    }

    pub fn pid(&self) -> u32 {
        self.child.0.id()
    }

    /// Waits for its end; answers the exit code and everything it said.
    pub fn end(mut self) -> (i32, Vec<String>) {
        let code = self.child.end();
        let mut said = std::mem::take(&mut self.said);
        said.extend(self.lines.iter());
        (code, said)
    }
}
