//! `scimgate serve`: how it begins, and how it ends.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::activity::user;
use super::program::Program;

#[test]
fn it_says_once_where_it_listens_and_ends_when_told() {
    for signal in [Signal::TERM, Signal::INT] {
        let scimgate = Program::new();
        let serving = scimgate.serve(&[]);
        assert!(serving.url.starts_with("http://127.0.0.1:") && !serving.url.ends_with(":0"), "{}", serving.url);
        drop(serving.connect());
        let told = Instant::now();
        serving.signal(signal);
        let (code, said) = serving.end();
        assert_eq!(code, 0, "{said:#?}");
        assert!(told.elapsed() < Duration::from_secs(10));
        assert_eq!(said.iter().filter(|line| line.contains("listening on http://")).count(), 1, "{said:#?}");
    }
}

/// The server says `100 Continue` when it waits for the body, so the request is in flight when the signal comes.
#[test]
fn a_request_in_flight_is_answered_before_the_end() {
    let scimgate = Program::new();
    scimgate.out(&["tenant", "create", "acme"]);
    let token = scimgate.out(&["token", "create", "--tenant", "acme", "--name", "x"]);
    let mut serving = scimgate.serve(&[]);
    let mut stream = serving.connect();
    let body = user("ann").to_string();
    let head = format!(
        "POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Type: application/scim+json\r\n\
         Expect: 100-continue\r\nContent-Length: {}\r\n\r\n",
        token.trim(),
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = BufReader::new(stream.try_clone().unwrap());
    let mut line = String::new();
    answer.read_line(&mut line).unwrap();
    assert_eq!(line, "HTTP/1.1 100 Continue\r\n");

    let told = Instant::now();
    serving.signal(Signal::TERM);
    serving.hear("SIGTERM");
    stream.write_all(body.as_bytes()).unwrap();
    let mut rest = String::new();
    answer.read_to_string(&mut rest).unwrap();
    let (code, said) = serving.end();
    assert!(rest.trim_start().starts_with("HTTP/1.1 201 Created\r\n"), "{rest} {said:#?}");
    assert_eq!(code, 0, "{said:#?}");
    assert!(told.elapsed() < Duration::from_secs(10));
    let changes = scimgate.json(&["activity", "--tenant", "acme", "--json"]);
    assert_eq!(changes[0]["target"]["name"], "ann", "{changes}");
}

#[test]
fn an_address_that_is_taken_is_told_with_the_flag_to_use() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let scimgate = Program::new();
    for command in ["serve", "demo"] {
        let told = format!("cannot listen on {address}; choose another address with --listen");
        scimgate.run(&[command, "--listen", &address]).badly(1, &told);
    }
}

#[tokio::test]
async fn a_revoked_token_is_refused_within_seconds() {
    let scimgate = Program::new();
    scimgate.out(&["tenant", "create", "acme"]);
    let token = scimgate.out(&["token", "create", "--tenant", "acme", "--name", "x"]);
    let serving = scimgate.serve(&[]);
    let url = format!("{}/scim/v2/Users?count=1", serving.url);
    let ask =
        || async { reqwest::Client::new().get(&url).bearer_auth(token.trim()).send().await.unwrap().status().as_u16() };
    assert_eq!(ask().await, 200);
    scimgate.out(&["token", "revoke", token.trim()]);
    let revoked = Instant::now();
    while ask().await != 401 {
        assert!(revoked.elapsed() < Duration::from_secs(5), "still valid after 5 s");
    }
}
