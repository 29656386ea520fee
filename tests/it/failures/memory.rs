//! Clients that want the gateway's memory: large bodies by the hundred, sent slowly or blown up by parsing, and connections
//! that say nothing.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::gateway::Gateway;
use crate::cli::program::{Program, Serving};

const MIB: usize = 1 << 20;
/// The most that may be resident at any moment.
const PEAK: usize = 256;
/// How much more than before an attack may stay, and how long it may take to get there.
const KEPT: usize = 20;
const CALM: Duration = Duration::from_secs(60);

/// A line of `/proc/PID/status`, in MiB.
fn resident(serving: &Serving, line: &str) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{}/status", serving.pid())).unwrap();
    let line = status.lines().find_map(|text| text.strip_prefix(line)).unwrap();
    line.split_whitespace().next().unwrap().parse::<usize>().unwrap() / 1024
}

fn head(gateway: &Gateway, length: usize) -> String {
    let token = &gateway.token;
    format!(
        "POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Length: {length}\r\n\
         Content-Type: application/json\r\nConnection: close\r\n\r\n"
    )
}

/// Bodies of a mebibyte that become most when they are read.
fn blown_up() -> Vec<Vec<u8>> {
    let filled = |open: &str, element: &str, close: &str| {
        let count = (MIB - open.len() - close.len()) / element.len();
        [open, &element.repeat(count), close].concat().into_bytes()
    };
    vec![
        filled("{\"emails\":[0", ",0", "]}"),
        filled("{\"emails\":[{}", ",{}", "]}"),
        filled("{\"emails\":[{}", ",{\"a\":[]}", "]}"),
        filled("{\"userName\":\"u\",\"emails\":[{}", ",{\"value\":\"a\"}", "]}"),
    ]
}

/// What answers one whole request.
fn answer(gateway: &Gateway, address: &str, body: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(head(gateway, body.len()).as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Bodies that are never finished, more than there is room for; the first of them have it.
fn slow_bodies(gateway: &Gateway, address: &str) -> Vec<TcpStream> {
    let slow = |_| {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.set_write_timeout(Some(Duration::from_millis(50))).unwrap();
        stream.write_all(head(gateway, MIB).as_bytes()).unwrap();
        // What finds no room is left unread, and so cannot be sent.
        let _ = stream.write_all(&vec![b' '; MIB - 1]);
        stream
    };
    (0..200).map(slow).collect()
}

#[test]
fn attacks_on_memory_are_bounded_and_do_not_add_up() {
    let scimgate = Program::new();
    let gateway = Gateway::on(&scimgate.url());
    let serving = gateway.serve();
    let address = serving.url.trim_start_matches("http://");
    assert!(answer(&gateway, address, br#"{"userName":"before"}"#).starts_with("HTTP/1.1 201"));
    let before = resident(&serving, "VmRSS:");
    let silent: Vec<TcpStream> = (0..500).map(|_| serving.connect()).collect();
    let bodies = blown_up();
    for _ in 0..3 {
        std::thread::scope(|scope| {
            for body in &bodies {
                scope.spawn(|| {
                    for _ in 0..4 {
                        let answer = answer(&gateway, address, body);
                        let refused = ["HTTP/1.1 4", "HTTP/1.1 503"].iter().any(|start| answer.starts_with(start));
                        assert!(refused || answer.starts_with("HTTP/1.1 201"), "{answer}");
                    }
                });
            }
        });
        let refused = slow_bodies(&gateway, address).iter_mut().rev().any(|stream| {
            let mut start = [0; 12];
            stream.read_exact(&mut start).is_ok() && start.ends_with(b"503")
        });
        assert!(refused, "all bodies found room at once");
        let peak = resident(&serving, "VmHWM:");
        assert!(peak <= PEAK, "{peak} MiB");
    }
    drop(silent);
    let ended = Instant::now();
    while resident(&serving, "VmRSS:") > before + KEPT {
        let kept = resident(&serving, "VmRSS:") - before;
        assert!(ended.elapsed() < CALM, "{kept} MiB more than before");
        std::thread::sleep(Duration::from_millis(200));
    }
    assert!(answer(&gateway, address, br#"{"userName":"afterwards"}"#).starts_with("HTTP/1.1 201"));
}
