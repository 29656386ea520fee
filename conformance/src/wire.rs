//! One HTTP/1.1 request written by hand, for paths that a URL library would rewrite.
//!
//! Entra's validator sends double quotes and brackets unescaped in the query. Libraries escape them, and then the
//! server is never asked the question that matters. Plain `http` only, one request a connection.

use std::io::{Error, ErrorKind};

use reqwest::Url;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::recording::Method;

/// Longest answer that is read.
const LONGEST: u64 = 64 * 1024 * 1024;

/// An answer as it came over the wire; header names in lower case.
pub struct RawAnswer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// Whether `url` would be sent with other bytes than those of `written`, and can be sent by hand.
pub fn must_be_raw(url: &Url, written: &str) -> bool {
    url.scheme() == "http" && url.as_str() != written
}

/// Sends one request. `path` is the whole path and query.
pub async fn send(
    url: &Url,
    method: Method,
    path: &str,
    headers: &[(String, String)],
    body: Option<&[u8]>,
) -> Result<RawAnswer, Error> {
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or(80);
    let mut stream = TcpStream::connect((host.trim_matches(['[', ']']), port)).await?;
    let mut head = format!("{} {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n", method.as_str());
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if let Some(body) = body {
        head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.unwrap_or_default()).await?;
    let mut answer = Vec::new();
    stream.take(LONGEST).read_to_end(&mut answer).await?;
    parse(&answer).ok_or_else(|| Error::new(ErrorKind::InvalidData, "the answer is not HTTP/1"))
}

fn parse(answer: &[u8]) -> Option<RawAnswer> {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&answer[..end]).ok()?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.strip_prefix("HTTP/1.")?.get(2..5)?.parse().ok()?;
    let mut headers = Vec::new();
    for line in lines {
        let (name, value) = line.split_once(':')?;
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let rest = &answer[end + 4..];
    let chunked = headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
    let body = if chunked { join_chunks(rest)? } else { rest.to_vec() };
    Some(RawAnswer { status, headers, body })
}

fn join_chunks(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|window| window == b"\r\n")?;
        let size = std::str::from_utf8(&rest[..end]).ok()?.split(';').next()?;
        let size = usize::from_str_radix(size.trim(), 16).ok()?;
        if size == 0 {
            return Some(body);
        }
        let chunk = rest.get(end + 2..)?;
        body.extend_from_slice(chunk.get(..size)?);
        rest = chunk.get(size + 2..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_that_would_be_rewritten_go_raw() {
        let raw = |written: &str| must_be_raw(&Url::parse(written).unwrap(), written);
        assert!(raw(r#"http://h/Users?filter=userName+eq+"a%40b""#));
        assert!(raw("http://h/Users?filter=userName eq x"));
        assert!(!raw("http://h/Users?filter=userName+eq+%22a%40b.c%22"));
        assert!(!raw("http://h/Users?filter=emails[type%20eq%20%22work%22]&b="));
        assert!(!raw(r#"https://h/Users?filter=userName+eq+"a""#));
    }

    #[test]
    fn reads_sized_and_chunked_answers() {
        let sized = parse(b"HTTP/1.1 201 Created\r\nETag: W/\"1\"\r\n\r\n{}").unwrap();
        assert_eq!((sized.status, sized.body.as_slice()), (201, b"{}".as_slice()));
        assert_eq!(sized.headers, [("etag".to_owned(), "W/\"1\"".to_owned())]);
        let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x\r\nde\r\n0\r\n\r\n";
        assert_eq!(parse(chunked).unwrap().body, b"abcde");
        assert_eq!(parse(b"HTTP/1.0 404 NOT FOUND\r\n\r\n").unwrap().status, 404);
        assert!(parse(b"SSH-2.0-nothing\r\n\r\n").is_none());
    }
}
