//! The command line, read once.

use std::net::{SocketAddr, ToSocketAddrs};

pub const HELP: &str = "\
scimgate-load --base http://HOST:PORT/scim/v2 --token TOKEN [options] [WORKLOAD...]

Without a WORKLOAD, names are read from standard input, one a line; so is `watch NAME=PID`.

  seed:N     create users until N are known           w6   page of 100 users, with total
  w1         create a user                            w9   the same at startIndex 50,000
  w2         GET a user by id                         w7@N add one member to a group of N, remove it again
  w3         filter userName eq                       w8   first sync: lookup that misses, POST, add to a group
  w4         filter externalId eq                     w10-co, w10-sw, w10-mail, w10-modified   filters
  w5         PATCH one attribute                      w11  create 1,000 users by one bulk request
                                                       w13  GET a user in groups ten deep; w13@N as w7@N, ten deep

  --seconds S         measured time of a workload [3]
  --warm-up S         unmeasured time before it [0.5]
  --connections N     for single requests [32]
  --list-connections  for lists and groups [4]
  --sample N          one answer in N is parsed and checked in full [64]
  --watch NAME=PID    report CPU time and memory of this process and its children
  --tag WORD          distinguishes the users of this run from those of another [run]
  --json              JSON lines on standard output, the table on standard error
";

/// A process whose CPU time and memory are reported.
#[derive(Clone)]
pub struct Watched {
    pub name: String,
    pub pid: u32,
}

/// All settings of a run; durations in seconds.
pub struct Options {
    pub address: SocketAddr,
    pub host: String,
    /// Path of the base URL without a slash at its end.
    pub prefix: String,
    pub token: String,
    pub seconds: f64,
    pub warm_up: f64,
    pub connections: usize,
    pub list_connections: usize,
    pub sample: u64,
    pub watch: Vec<Watched>,
    pub tag: String,
    pub json: bool,
    pub workloads: Vec<String>,
}

impl Options {
    /// Reads the arguments after the program's name. `None` asks for the help text; an error is a sentence for
    /// the person who typed them.
    pub fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Option<Self>, String> {
        let mut base = None;
        let mut options = Options::default();
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
            match argument.as_str() {
                "--help" | "-h" => return Ok(None),
                "--base" => base = Some(value()?),
                "--token" => options.token = value()?,
                "--seconds" => options.seconds = number(&argument, &value()?)?,
                "--warm-up" => options.warm_up = number(&argument, &value()?)?,
                "--connections" => options.connections = number(&argument, &value()?)?,
                "--list-connections" => options.list_connections = number(&argument, &value()?)?,
                "--sample" => options.sample = number::<u64>(&argument, &value()?)?.max(1),
                "--watch" => options.watch.push(value()?.parse()?),
                "--tag" => options.tag = value()?,
                "--json" => options.json = true,
                other if other.starts_with('-') => return Err(format!("unknown option {other}")),
                workload => options.workloads.push(workload.to_owned()),
            }
        }
        options.set_base(&base.ok_or("--base is missing")?)?;
        Ok(Some(options))
    }

    fn set_base(&mut self, base: &str) -> Result<(), String> {
        let rest = base.strip_prefix("http://").ok_or("--base must begin with http://")?;
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let with_port = if host.contains(':') { host.to_owned() } else { format!("{host}:80") };
        let mut addresses = with_port.to_socket_addrs().map_err(|problem| format!("{with_port}: {problem}"))?;
        self.address = addresses.next().ok_or(format!("{with_port} has no address"))?;
        self.host = host.to_owned();
        self.prefix = path.trim_end_matches('/').to_owned();
        Ok(())
    }
}

impl Default for Options {
    fn default() -> Self {
        Options {
            address: SocketAddr::from(([127, 0, 0, 1], 80)),
            host: String::new(),
            prefix: String::new(),
            token: String::new(),
            seconds: 3.0,
            warm_up: 0.5,
            connections: 32,
            list_connections: 4,
            sample: 64,
            watch: Vec::new(),
            tag: "run".to_owned(),
            json: false,
            workloads: Vec::new(),
        }
    }
}

fn number<T: std::str::FromStr>(option: &str, text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("{option} {text}: not a number"))
}

impl std::str::FromStr for Watched {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, pid) = text.split_once('=').ok_or(format!("{text}: NAME=PID is wanted"))?;
        Ok(Watched { name: name.to_owned(), pid: number(name, pid)? })
    }
}
