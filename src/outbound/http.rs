//! The guarded HTTP client.

use std::error::Error;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Response, Url};
use url::Host;

use super::address::is_public;
use super::resolver::{GuardedResolver, Lookup, NoPublicAddress, SystemLookup};
use crate::config::PrivateOutbound;

/// Time for a request, from its begin to the last byte of the answer.
const TOTAL: Duration = Duration::from_secs(10);
/// Bytes of an answer at most.
const MAX_ANSWER: usize = 256 << 10;

/// Why a request was not made, or its answer not taken.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the texts say it")]
pub enum OutboundError {
    #[error("it is no URL")]
    NotAUrl,
    #[error("its scheme is not https")]
    NotHttps,
    #[error("its host has no public address; start the server with --allow-private-outbound if that is meant to be so")]
    Private,
    #[error("the host cannot be reached: {0}")]
    Unreachable(String),
    #[error("there was no whole answer within {} s", TOTAL.as_secs())]
    TooSlow,
    #[error("it redirects to another place, which is not followed; name that place itself")]
    Redirect,
    #[error("the answer has the status {0} instead of 200")]
    Status(u16),
    #[error("the answer is longer than {} KiB", MAX_ANSWER >> 10)]
    TooLong,
}

/// A client that reaches public addresses alone, unless it is configured otherwise.
pub struct HttpClient {
    client: Client,
    private: PrivateOutbound,
}

impl HttpClient {
    /// A client that asks the machine's resolver.
    ///
    /// # Errors
    /// That the machine's certificates cannot be read.
    pub fn new(private: PrivateOutbound) -> Result<Self, OutboundError> {
        Self::with(SystemLookup, private, TOTAL)
    }

    fn with(lookup: impl Lookup, private: PrivateOutbound, total: Duration) -> Result<Self, OutboundError> {
        let client = Client::builder()
            .dns_resolver(GuardedResolver::new(lookup, private))
            .redirect(Policy::none())
            .no_proxy()
            .referer(false)
            .connect_timeout(total)
            .timeout(total)
            .https_only(private == PrivateOutbound::Refused)
            // No connection outlives its request, so that each one is made to an address that was just checked.
            .pool_max_idle_per_host(0)
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .no_zstd()
            .user_agent(concat!("scimgate/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| OutboundError::Unreachable(root(&error)))?;
        Ok(Self { client, private })
    }

    /// The body that is at `url`.
    ///
    /// # Errors
    /// [`OutboundError`].
    pub async fn get(&self, url: &str) -> Result<Vec<u8>, OutboundError> {
        let url = self.check(url)?;
        let response = self.client.get(url).send().await.map_err(told)?;
        match response.status() {
            status if status.is_redirection() => Err(OutboundError::Redirect),
            status if status.as_u16() != 200 => Err(OutboundError::Status(status.as_u16())),
            _ => body(response).await,
        }
    }

    /// A host that is written as an address is looked up nowhere, so it is checked here. Reading the URL has brought it into
    /// its one form, whatever it was written as (`0x7f.1`, `2130706433`).
    fn check(&self, url: &str) -> Result<Url, OutboundError> {
        let url = Url::parse(url).map_err(|_| OutboundError::NotAUrl)?;
        let allowed = self.private == PrivateOutbound::Allowed;
        match url.scheme() {
            "https" => {}
            "http" if allowed => {}
            _ => return Err(OutboundError::NotHttps),
        }
        let reachable = match url.host() {
            Some(Host::Ipv4(address)) => allowed || is_public(address.into()),
            Some(Host::Ipv6(address)) => allowed || is_public(address.into()),
            Some(Host::Domain(_)) => true,
            None => return Err(OutboundError::NotAUrl),
        };
        if reachable { Ok(url) } else { Err(OutboundError::Private) }
    }
}

async fn body(mut response: Response) -> Result<Vec<u8>, OutboundError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(told)? {
        if body.len() + chunk.len() > MAX_ANSWER {
            return Err(OutboundError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn told(error: reqwest::Error) -> OutboundError {
    let mut cause: Option<&(dyn Error + 'static)> = Some(&error);
    while let Some(error) = cause {
        if error.is::<NoPublicAddress>() {
            return OutboundError::Private;
        }
        cause = error.source();
    }
    if error.is_timeout() { OutboundError::TooSlow } else { OutboundError::Unreachable(root(&error)) }
}

/// The first cause: what stands in front of it only says that a request failed.
fn root(error: &reqwest::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{SocketAddr, TcpListener, TcpStream};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::super::resolver::LookingUp;
    use super::*;

    /// A server that counts who connects and gives each an answer.
    struct Server {
        address: SocketAddr,
        connections: Arc<AtomicUsize>,
    }

    impl Server {
        fn start(answer: impl Fn(&mut TcpStream) -> std::io::Result<()> + Send + 'static) -> Self {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let (address, connections) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
            let count = connections.clone();
            std::thread::spawn(move || {
                for stream in listener.incoming() {
                    let mut stream = stream.unwrap();
                    count.fetch_add(1, Ordering::SeqCst);
                    let mut head = [0; 4096];
                    let _ = stream.read(&mut head).and_then(|_| answer(&mut stream));
                }
            });
            Self { address, connections }
        }

        fn saying(answer: &'static str) -> Self {
            Self::start(move |stream| stream.write_all(answer.as_bytes()))
        }

        fn url(&self) -> String {
            format!("http://{}/keys", self.address)
        }

        fn connections(&self) -> usize {
            self.connections.load(Ordering::SeqCst)
        }
    }

    /// Every name means this machine.
    struct Home;

    impl Lookup for Home {
        fn lookup(&self, _: &str) -> LookingUp {
            Box::pin(async { Ok(vec![[127, 0, 0, 1].into()]) })
        }
    }

    fn client(private: PrivateOutbound) -> HttpClient {
        HttpClient::with(Home, private, Duration::from_millis(500)).unwrap()
    }

    #[tokio::test]
    async fn a_body_is_fetched() {
        let server = Server::saying("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");
        assert_eq!(client(PrivateOutbound::Allowed).get(&server.url()).await.unwrap(), b"{}");
        let by_name = format!("http://login.example.com:{}/", server.address.port());
        assert_eq!(client(PrivateOutbound::Allowed).get(&by_name).await.unwrap(), b"{}");
    }

    #[tokio::test]
    async fn a_private_address_is_not_reached_however_it_is_written() {
        let server = Server::saying("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");
        let client = client(PrivateOutbound::Refused);
        for host in [
            "127.0.0.1",
            "127.1",
            "0x7f.1",
            "0x7f000001",
            "2130706433",
            "0177.0.0.1",
            "127.0.0.1.",
            "0",
            "0.0.0.0",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[0:0:0:0:0:ffff:7f00:1]",
            "[::127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "\u{ff11}\u{ff12}\u{ff17}.0.0.1",
            "169.254.169.254",
            "10.0.0.1",
            "[fd00::1]",
            "[fe80::1]",
            "rebinding.example.com",
            "localhost",
        ] {
            let url = format!("https://{host}:{}/keys", server.address.port());
            let error = client.get(&url).await.unwrap_err();
            assert!(matches!(error, OutboundError::Private), "{host}: {error}");
        }
        assert_eq!(server.connections(), 0);
    }

    #[tokio::test]
    async fn only_https_is_spoken() {
        let server = Server::saying("HTTP/1.1 200 OK\r\n\r\n");
        let client = client(PrivateOutbound::Refused);
        for url in [server.url(), "file:///etc/passwd".into(), "gopher://example.com/".into(), "data:,{}".into()] {
            assert!(matches!(client.get(&url).await, Err(OutboundError::NotHttps)), "{url}");
        }
        for url in ["", "keys", "https://", "https://a b/"] {
            assert!(matches!(client.get(url).await, Err(OutboundError::NotAUrl)), "{url}");
        }
        assert_eq!(server.connections(), 0);
    }

    #[tokio::test]
    async fn no_redirect_is_followed() {
        let inner = Server::saying("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");
        let location = inner.url();
        let outer = Server::start(move |stream| {
            write!(stream, "HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n")
        });
        let error = client(PrivateOutbound::Allowed).get(&outer.url()).await.unwrap_err();
        assert!(matches!(error, OutboundError::Redirect), "{error}");
        assert_eq!((outer.connections(), inner.connections()), (1, 0));
    }

    #[tokio::test]
    async fn an_answer_without_end_is_cut_off() {
        let flood = Server::start(|stream| {
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
            loop {
                stream.write_all(&[b' '; 4096])?;
            }
        });
        let error = client(PrivateOutbound::Allowed).get(&flood.url()).await.unwrap_err();
        assert!(matches!(error, OutboundError::TooLong), "{error}");
        let drip = Server::start(|stream| {
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
            loop {
                stream.write_all(b" ")?;
                std::thread::sleep(Duration::from_millis(20));
            }
        });
        let error = client(PrivateOutbound::Allowed).get(&drip.url()).await.unwrap_err();
        assert!(matches!(error, OutboundError::TooSlow), "{error}");
        let silence = Server::start(|stream| stream.read(&mut [0; 1]).map(|_| ()));
        let error = client(PrivateOutbound::Allowed).get(&silence.url()).await.unwrap_err();
        assert!(matches!(error, OutboundError::TooSlow), "{error}");
    }

    #[tokio::test]
    async fn other_answers_are_told() {
        let missing = Server::saying("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");
        let error = client(PrivateOutbound::Allowed).get(&missing.url()).await.unwrap_err();
        assert_eq!(error.to_string(), "the answer has the status 404 instead of 200");
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let error = client(PrivateOutbound::Allowed).get(&format!("http://127.0.0.1:{port}/")).await.unwrap_err();
        assert!(matches!(error, OutboundError::Unreachable(_)), "{error}");
    }
}
