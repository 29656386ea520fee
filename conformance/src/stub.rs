//! A server for tests: it answers each request with what a function says, and keeps what it was sent.

use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::target::Target;

/// One request as it arrived.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Method and target, byte for byte.
    pub line: String,
    /// Header lines, names in lower case.
    pub headers: Vec<String>,
    pub body: Option<Value>,
}

/// Status, extra header lines and body.
pub type Reply = (u16, Vec<String>, String);

/// A listening server, gone with its runtime.
pub struct Stub {
    pub target: Target,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Stub {
    /// Starts on a free port. `answer` gets each request and the number of those before it.
    pub async fn start(answer: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/scim/v2", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (answer, kept) = (Arc::new(answer), Arc::clone(&seen));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&answer), Arc::clone(&kept)));
            }
        });
        Self { target: Target::parse(&base, "stub-token").unwrap(), seen }
    }

    /// What has arrived so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

async fn serve<F: Fn(&Seen, usize) -> Reply>(stream: TcpStream, answer: Arc<F>, kept: Arc<Mutex<Vec<Seen>>>) {
    let mut stream = BufReader::new(stream);
    while let Some(seen) = read(&mut stream).await {
        let before = {
            let mut kept = kept.lock().unwrap();
            kept.push(seen.clone());
            kept.len() - 1
        };
        let (status, headers, body) = answer(&seen, before);
        let extra: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
        let length = body.len();
        let text = format!("HTTP/1.1 {status} X\r\n{extra}Content-Length: {length}\r\n\r\n{body}");
        stream.write_all(text.as_bytes()).await.unwrap();
        if seen.headers.iter().any(|line| line == "connection: close") {
            return;
        }
    }
}

async fn read(stream: &mut BufReader<TcpStream>) -> Option<Seen> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok().filter(|read| *read > 0)?;
    let (mut headers, mut length) = (Vec::new(), 0);
    loop {
        let mut header = String::new();
        stream.read_line(&mut header).await.ok()?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        let name = name.to_ascii_lowercase();
        if name == "content-length" {
            length = value.parse().ok()?;
        }
        headers.push(format!("{name}: {value}"));
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    let line = line.trim_end().trim_end_matches(" HTTP/1.1").to_owned();
    Some(Seen { line, headers, body: serde_json::from_slice(&body).ok() })
}
