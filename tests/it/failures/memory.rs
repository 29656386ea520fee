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
/// How much more than before may be resident once the attack is over: what the allocator keeps at hand.
const AFTERWARDS: usize = 80;

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

#[test]
fn an_attack_on_memory_is_bounded_and_leaves_nothing_behind() {
    let scimgate = Program::new();
    let gateway = Gateway::on(&scimgate.url());
    let serving = gateway.serve();
    let address = serving.url.trim_start_matches("http://");
    let whole = |body: &[u8]| {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(head(&gateway, body.len()).as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(["201", "400", "409", "503"].contains(&&answer[9..12]), "{answer}");
        answer
    };
    assert!(whole(br#"{"userName":"u"}"#).starts_with("HTTP/1.1 201"));
    let before = resident(&serving, "VmRSS:");

    let silent: Vec<TcpStream> = (0..500).map(|_| serving.connect()).collect();
    let bodies = blown_up();
    std::thread::scope(|scope| {
        for body in &bodies {
            scope.spawn(|| {
                for _ in 0..8 {
                    let status = whole(body);
                    let refused = ["HTTP/1.1 4", "HTTP/1.1 503"].iter().any(|start| status.starts_with(start));
                    assert!(refused, "{status}");
                }
            });
        }
    });
    let mut slow: Vec<TcpStream> = (0..200)
        .map(|_| {
            let mut stream = serving.connect();
            stream.set_write_timeout(Some(Duration::from_millis(50))).unwrap();
            stream.write_all(head(&gateway, MIB).as_bytes()).unwrap();
            // What finds no room is left unread, and so cannot be sent.
            let _ = stream.write_all(&vec![b' '; MIB - 1]);
            stream
        })
        .collect();
    let peak = resident(&serving, "VmHWM:");
    assert!(peak <= PEAK, "{peak} MiB");

    let refused = slow.iter_mut().any(|stream| {
        let mut start = [0; 12];
        stream.read_exact(&mut start).is_ok() && start.ends_with(b"503")
    });
    assert!(refused, "all bodies found room at once");
    drop((silent, slow));
    let began = Instant::now();
    while resident(&serving, "VmRSS:") > before + AFTERWARDS && began.elapsed() < Duration::from_secs(20) {
        assert!(whole(b"{}").starts_with("HTTP/1.1 400"));
        std::thread::sleep(Duration::from_millis(100));
    }
    let after = resident(&serving, "VmRSS:");
    assert!(after <= before + AFTERWARDS, "{before} MiB before, {after} MiB after, {peak} MiB at most");
}
