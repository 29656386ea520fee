//! HTTP as bytes, for what no client library would send.

use std::io::Result;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::scim::{Answer, Scim};

/// Longer than the server may take for anything here.
const PATIENCE: Duration = Duration::from_secs(20);

/// A connection to a server.
pub struct Wire {
    socket: TcpStream,
    received: Vec<u8>,
}

impl Wire {
    /// A new connection to the server of `scim`.
    pub async fn open(scim: &Scim) -> Self {
        let socket = TcpStream::connect(host(scim)).await.unwrap();
        Self { socket, received: Vec::new() }
    }

    /// Sends bytes; fails if the server has closed the connection.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) -> Result<()> {
        timeout(PATIENCE, self.socket.write_all(bytes.as_ref())).await.expect("the server reads")
    }

    /// Sends `bytes` as one chunk of a body.
    pub async fn send_chunk(&mut self, bytes: &[u8]) -> Result<()> {
        self.send(format!("{:x}\r\n", bytes.len())).await?;
        self.send(bytes).await?;
        self.send("\r\n").await
    }

    /// The next answer; `None` if the server closes the connection without one.
    pub async fn answer(&mut self) -> Option<Answer> {
        timeout(PATIENCE, self.read_answer()).await.expect("the server answers or closes")
    }

    async fn read_answer(&mut self) -> Option<Answer> {
        loop {
            if let Some((answer, length)) = parse(&self.received) {
                self.received.drain(..length);
                return Some(answer);
            }
            match self.socket.read_buf(&mut self.received).await {
                Ok(0) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }
}

/// Host and port of the server of `scim`.
pub fn host(scim: &Scim) -> &str {
    scim.base.trim_start_matches("http://").trim_end_matches("/scim/v2")
}

/// The head of a request of `scim` to that path, with these lines after the usual ones, up to its empty line.
pub fn head(scim: &Scim, method: &str, path: &str, lines: &[&str]) -> String {
    let lines: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
    let (host, token) = (host(scim), &scim.token);
    format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n{lines}\r\n")
}

/// An answer that is complete, and its length.
fn parse(bytes: &[u8]) -> Option<(Answer, usize)> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.trim_end().split("\r\n");
    let status: u16 = lines.next()?.split(' ').nth(1)?.parse().unwrap();
    let mut headers = HeaderMap::new();
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        headers.append(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
    }
    let length = headers.get("content-length").map_or(0, |value| value.to_str().unwrap().parse().unwrap());
    let body = bytes.get(end..end + length)?;
    Some((Answer { status, headers, text: String::from_utf8(body.to_vec()).unwrap() }, end + length))
}
