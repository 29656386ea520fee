//! TLS served directly.

use std::fs;
use std::io::Read;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rcgen::generate_simple_self_signed;
use reqwest::tls::Version;
use reqwest::{Certificate, Client, ClientBuilder};
use tempfile::TempDir;

use super::token;
use crate::cli::program::{Program, Serving};

/// Certificate and key in files, which can be replaced.
struct Files {
    dir: TempDir,
    trusted: Certificate,
}

impl Files {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let trusted = write(&dir);
        Self { dir, trusted }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn flags(&self) -> Vec<String> {
        let path = |name| self.path(name).display().to_string();
        vec!["--tls-cert".into(), path("cert.pem"), "--tls-key".into(), path("key.pem")]
    }

    fn client(&self) -> ClientBuilder {
        client(&self.trusted)
    }
}

/// Writes a new certificate and its key.
fn write(dir: &TempDir) -> Certificate {
    let pair = generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    fs::write(dir.path().join("cert.pem"), pair.cert.pem()).unwrap();
    fs::write(dir.path().join("key.pem"), pair.signing_key.serialize_pem()).unwrap();
    Certificate::from_pem(pair.cert.pem().as_bytes()).unwrap()
}

/// A client that trusts that certificate alone.
fn client(trusted: &Certificate) -> ClientBuilder {
    Client::builder().tls_certs_only([trusted.clone()])
}

fn serve(scimgate: &Program, files: &Files, more: &[&str]) -> Serving {
    let flags = files.flags();
    let flags: Vec<&str> = flags.iter().map(String::as_str).chain(more.iter().copied()).collect();
    scimgate.serve(&flags)
}

async fn users(client: &Client, serving: &Serving, token: &str) -> reqwest::Result<reqwest::Response> {
    client.get(format!("{}/scim/v2/Users", serving.url)).bearer_auth(token).send().await
}

#[tokio::test]
async fn both_versions_of_tls_and_of_http_are_spoken() {
    let (scimgate, files) = (Program::new(), Files::new());
    let token = token(&scimgate);
    let serving = serve(&scimgate, &files, &[]);
    assert!(serving.url.starts_with("https://127.0.0.1:"), "{}", serving.url);
    for version in [Version::TLS_1_2, Version::TLS_1_3] {
        let client = files.client().tls_version_min(version).tls_version_max(version).build().unwrap();
        let answer = users(&client, &serving, &token).await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.version()), (200, reqwest::Version::HTTP_2));
    }
    let client = files.client().http1_only().build().unwrap();
    let answer = users(&client, &serving, &token).await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.version()), (200, reqwest::Version::HTTP_11));
    let config = client.get(format!("{}/scim/v2/ServiceProviderConfig", serving.url)).bearer_auth(&token);
    let location = config.send().await.unwrap().json::<serde_json::Value>().await.unwrap()["meta"]["location"].clone();
    assert!(location.as_str().unwrap().starts_with(&serving.url), "{location}");
}

#[tokio::test]
async fn a_new_certificate_is_taken_up_and_no_connection_is_lost() {
    let (scimgate, files) = (Program::new(), Files::new());
    let token = token(&scimgate);
    let mut serving = serve(&scimgate, &files, &[]);
    let old = files.client().http1_only().build().unwrap();
    users(&old, &serving, &token).await.unwrap();
    let renewed = write(&files.dir);
    serving.hear("took up the changed certificate");
    let new = client(&renewed).build().unwrap();
    assert_eq!(users(&new, &serving, &token).await.unwrap().status(), 200);
    let stranger = files.client().build().unwrap();
    assert!(users(&stranger, &serving, &token).await.is_err(), "the old certificate is still given out");
    // It could not make a new connection, so this is the one from before.
    assert_eq!(users(&old, &serving, &token).await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_certificate_that_cannot_be_used_changes_nothing() {
    let (scimgate, files) = (Program::new(), Files::new());
    let token = token(&scimgate);
    let mut serving = serve(&scimgate, &files, &[]);
    fs::write(files.path("cert.pem"), "-----BEGIN CERTIFICATE-----\nhalf").unwrap();
    let line = serving.hear("the changed certificate is not used, the old one goes on");
    assert!(line.contains("holds no certificate in PEM form"), "{line}");
    let client = files.client().build().unwrap();
    assert_eq!(users(&client, &serving, &token).await.unwrap().status(), 200);
}

#[test]
fn a_server_does_not_begin_without_its_certificate() {
    let (scimgate, files, other) = (Program::new(), Files::new(), Files::new());
    let run = |files: &Files| {
        let flags = files.flags();
        let words: Vec<&str> = ["serve"].into_iter().chain(flags.iter().map(String::as_str)).collect();
        scimgate.run(&words)
    };
    fs::copy(other.path("key.pem"), files.path("key.pem")).unwrap();
    run(&files).badly(1, "certificate and key cannot be used together");
    fs::remove_file(files.path("key.pem")).unwrap();
    run(&files).badly(1, "key.pem cannot be read");
}

#[test]
fn who_does_not_shake_hands_is_left() {
    let (scimgate, files) = (Program::new(), Files::new());
    let serving = serve(&scimgate, &files, &["--head-timeout", "300ms"]);
    let mut socket = std::net::TcpStream::connect(serving.url.trim_start_matches("https://")).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let began = Instant::now();
    let mut rest = Vec::new();
    let _ = socket.read_to_end(&mut rest);
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}
