//! One kept-alive HTTP/1.1 connection with one request in flight. Written by hand, because every microsecond the driver
//! takes is a microsecond less for the server beside it.

use crate::answer::{Answer, Wrong};
use crate::options::Options;
use crate::response::{Framing, Head, take_chunks};
use std::io::Write;
use std::net::SocketAddr;
use std::time::Instant;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A connection to the server, opened at its first request and again after a failure.
pub struct Connection {
    address: SocketAddr,
    prefix: String,
    /// Header lines that every request carries, each with its line end.
    headers: String,
    stream: Option<TcpStream>,
    request: Vec<u8>,
    received: Vec<u8>,
    body: Vec<u8>,
}

impl Connection {
    pub fn new(options: &Options) -> Self {
        let headers = format!(
            "Host: {}\r\nAuthorization: Bearer {}\r\nAccept: application/scim+json\r\nUser-Agent: scimgate-load\r\n",
            options.host, options.token
        );
        Connection {
            address: options.address,
            prefix: options.prefix.clone(),
            headers,
            stream: None,
            request: Vec::with_capacity(4_096),
            received: Vec::with_capacity(64 * 1024),
            body: Vec::new(),
        }
    }

    /// `path` comes after the base URL and is percent-encoded already.
    pub async fn get(&mut self, path: &str) -> Result<Answer<'_>, Wrong> {
        self.call("GET", path, None).await
    }

    pub async fn post(&mut self, path: &str, body: &str) -> Result<Answer<'_>, Wrong> {
        self.call("POST", path, Some(body)).await
    }

    pub async fn patch(&mut self, path: &str, body: &str) -> Result<Answer<'_>, Wrong> {
        self.call("PATCH", path, Some(body)).await
    }

    async fn call(&mut self, method: &str, path: &str, body: Option<&str>) -> Result<Answer<'_>, Wrong> {
        self.write_request(method, path, body)?;
        if self.stream.is_none() {
            let stream = TcpStream::connect(self.address).await.map_err(|problem| wrong("connect", &problem))?;
            stream.set_nodelay(true).map_err(|problem| wrong("TCP_NODELAY", &problem))?;
            self.stream = Some(stream);
        }
        let sent = Instant::now();
        match self.exchange().await {
            Ok(head) => {
                let took = sent.elapsed();
                if head.close {
                    self.stream = None;
                }
                Ok(Answer { status: head.status, body: &self.body, took })
            }
            Err(problem) => {
                self.stream = None;
                Err(problem)
            }
        }
    }

    fn write_request(&mut self, method: &str, path: &str, body: Option<&str>) -> Result<(), Wrong> {
        let Connection { request, prefix, headers, .. } = self;
        request.clear();
        write!(request, "{method} {prefix}{path} HTTP/1.1\r\n{headers}")
            .and_then(|()| match body {
                Some(body) => write!(
                    request,
                    "Content-Type: application/scim+json\r\nContent-Length: {}\r\n\r\n{body}",
                    body.len()
                ),
                None => write!(request, "\r\n"),
            })
            .map_err(|problem| wrong("write the request", &problem))
    }

    async fn exchange(&mut self) -> Result<Head, Wrong> {
        let stream = self.stream.as_mut().ok_or_else(|| Wrong("no connection".to_owned()))?;
        stream.write_all(&self.request).await.map_err(|problem| wrong("send", &problem))?;
        self.received.clear();
        self.body.clear();
        let head = loop {
            receive(stream, &mut self.received).await?;
            if let Some(head) = Head::parse(&self.received).map_err(|_| Wrong("malformed head".to_owned()))? {
                break head;
            }
        };
        match head.framing {
            Framing::Length(length) => {
                while self.received.len() < head.length + length {
                    receive(stream, &mut self.received).await?;
                }
                self.body.extend_from_slice(&self.received[head.length..head.length + length]);
            }
            Framing::Chunked => {
                self.received.drain(..head.length);
                loop {
                    let taken = take_chunks(&self.received, &mut self.body);
                    let (used, last) = taken.map_err(|_| Wrong("malformed chunk".to_owned()))?;
                    self.received.drain(..used);
                    if last {
                        break;
                    }
                    receive(stream, &mut self.received).await?;
                }
            }
        }
        Ok(head)
    }
}

async fn receive(stream: &mut TcpStream, into: &mut Vec<u8>) -> Result<(), Wrong> {
    into.reserve(32 * 1024);
    match stream.read_buf(into).await {
        Ok(0) => Err(Wrong("the server closed the connection".to_owned())),
        Ok(_) => Ok(()),
        Err(problem) => Err(wrong("receive", &problem)),
    }
}

fn wrong(doing: &str, problem: &std::io::Error) -> Wrong {
    Wrong(format!("{doing}: {problem}"))
}
