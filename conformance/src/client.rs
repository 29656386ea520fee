//! Sending one request as identity providers do: bearer token, SCIM media type, and patience with a busy server.

use std::time::{Duration, Instant};

use reqwest::Url;
use serde_json::Value;

use crate::recording::Method;
use crate::target::Target;
use crate::wire;

/// Longest time for one answer; Okta closes its socket after 60 s, and nothing should come near that.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);
/// Longest answer that is read, in bytes.
const LONGEST: usize = 64 * 1024 * 1024;
/// How often a request is sent at most when the server is busy.
const ATTEMPTS: u32 = 5;
/// Longest wait that a `Retry-After` can ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// The client cannot be built or cannot reach the server.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The HTTP client cannot start.
    #[error("cannot start the HTTP client: {0}")]
    Start(String),
    /// The base URL and a path do not make a URL.
    #[error("{0:?} is not a URL")]
    Url(String),
    /// No answer came.
    #[error("no answer from {url}: {cause}")]
    NoAnswer {
        /// The URL without its query.
        url: String,
        /// The innermost cause.
        cause: String,
    },
}

/// A request with every variable filled in.
pub struct Outgoing {
    pub method: Method,
    /// Path and query below the base URL.
    pub path: String,
    /// Headers that replace the usual ones; `None` leaves one out.
    pub headers: Vec<(String, Option<String>)>,
    /// The body as it is sent.
    pub body: Option<String>,
}

/// An answer; header names in lower case.
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    /// The body as it came; bytes that are not UTF-8 are replaced.
    pub text: String,
    /// The body as JSON; `None` when it is empty, a string when it is not JSON.
    pub body: Option<Value>,
    /// From the last attempt's start to the end of its answer.
    pub elapsed: Duration,
}

impl Answer {
    fn new(status: u16, headers: Vec<(String, String)>, bytes: Vec<u8>) -> Self {
        let body = as_value(&bytes);
        let text = String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into());
        Self { status, headers, text, body, elapsed: Duration::ZERO }
    }

    /// The first header of this lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// A connection pool to one target.
pub struct Client {
    http: reqwest::Client,
    target: Target,
    timeout: Duration,
}

impl Client {
    pub fn new(target: Target) -> Result<Self, ClientError> {
        Self::with_timeout(target, ANSWER_TIMEOUT)
    }

    /// A client that waits so long for one answer.
    pub fn with_timeout(target: Target, timeout: Duration) -> Result<Self, ClientError> {
        let http = reqwest::Client::builder()
            .timeout(timeout)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(|error| ClientError::Start(innermost(&error)))?;
        Ok(Self { http, target, timeout })
    }

    /// The server that is asked.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Sends, and sends again after the `Retry-After` of a 429 or 503, within bounds.
    pub async fn send(&self, outgoing: &Outgoing) -> Result<Answer, ClientError> {
        let mut attempt = 1;
        loop {
            let answer = self.send_once(outgoing).await?;
            match asked_wait(&answer) {
                Some(wait) if attempt < ATTEMPTS => tokio::time::sleep(wait).await,
                _ => return Ok(answer),
            }
            attempt += 1;
        }
    }

    /// Sends, and takes what comes.
    pub async fn send_once(&self, outgoing: &Outgoing) -> Result<Answer, ClientError> {
        let written = format!("{}{}", self.target.base(), outgoing.path);
        let url = Url::parse(&written).map_err(|_| ClientError::Url(written.clone()))?;
        let started = Instant::now();
        let sent = if wire::must_be_raw(&url, &written) {
            self.send_raw(&url, &written, outgoing).await
        } else {
            self.send_usual(&url, outgoing).await
        };
        let mut answer = sent.map_err(|cause| ClientError::NoAnswer { url: without_query(&url), cause })?;
        answer.elapsed = started.elapsed();
        Ok(answer)
    }

    async fn send_usual(&self, url: &Url, outgoing: &Outgoing) -> Result<Answer, String> {
        let method = match outgoing.method {
            Method::Get => reqwest::Method::GET,
            Method::Head => reqwest::Method::HEAD,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Patch => reqwest::Method::PATCH,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut request = self.http.request(method, url.clone());
        for (name, value) in self.headers(outgoing) {
            request = request.header(name, value);
        }
        if let Some(body) = &outgoing.body {
            request = request.body(body.clone());
        }
        let mut response = request.send().await.map_err(|error| innermost(&error))?;
        let status = response.status().as_u16();
        let readable = |value: &reqwest::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers =
            response.headers().iter().map(|(name, value)| (name.as_str().to_owned(), readable(value))).collect();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| innermost(&error))? {
            body.extend_from_slice(&chunk);
            if body.len() > LONGEST {
                return Err(format!("the answer is longer than {LONGEST} bytes"));
            }
        }
        Ok(Answer::new(status, headers, body))
    }

    async fn send_raw(&self, url: &Url, written: &str, outgoing: &Outgoing) -> Result<Answer, String> {
        let start = written.find("//").and_then(|at| written[at + 2..].find('/').map(|slash| at + 2 + slash));
        let path = start.map_or("/", |at| &written[at..]);
        let headers = self.headers(outgoing);
        let sending = wire::send(url, outgoing.method, path, &headers, outgoing.body.as_deref().map(str::as_bytes));
        let answer = tokio::time::timeout(self.timeout, sending)
            .await
            .map_err(|_| "the answer took too long".to_owned())?
            .map_err(|error| error.to_string())?;
        Ok(Answer::new(answer.status, answer.headers, answer.body))
    }

    /// The usual headers, with those of the request instead of or beside them.
    pub fn headers(&self, outgoing: &Outgoing) -> Vec<(String, String)> {
        let mut headers = vec![
            ("authorization".to_owned(), self.target.authorization()),
            ("accept".to_owned(), "application/scim+json".to_owned()),
        ];
        if outgoing.body.is_some() {
            headers.push(("content-type".to_owned(), "application/scim+json; charset=utf-8".to_owned()));
        }
        for (name, value) in &outgoing.headers {
            headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
            if let Some(value) = value {
                headers.push((name.clone(), value.clone()));
            }
        }
        headers
    }
}

/// How long a busy server asks to wait; only whole seconds count, as with Entra and Okta.
fn asked_wait(answer: &Answer) -> Option<Duration> {
    let busy = matches!(answer.status, 429 | 503);
    let seconds = answer.header("retry-after").filter(|_| busy)?.parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_WAIT))
}

/// A body as JSON; what is not JSON becomes a string, so that a report can show it.
fn as_value(body: &[u8]) -> Option<Value> {
    if body.is_empty() {
        return None;
    }
    let as_text = |_| Value::String(String::from_utf8_lossy(body).into_owned());
    Some(serde_json::from_slice(body).unwrap_or_else(as_text))
}

fn without_query(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.into()
}

fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
