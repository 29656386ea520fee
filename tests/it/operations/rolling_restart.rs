//! Two servers behind a balancer are replaced one after the other, and no client notices.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use reqwest::Client;
use rustix::process::Signal;
use serde_json::json;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};

use super::token;
use crate::cli::program::{Program, Serving};
use crate::failures::repeated;

/// Clients that ask at once.
const CLIENTS: usize = 8;
/// Requests at least, unless the variable says otherwise.
const REQUESTS: usize = 2_400;

/// A balancer of connections: each goes to a server that said it is ready when it was last asked.
#[derive(Clone, Default)]
struct Balancer {
    servers: Arc<Mutex<Vec<(SocketAddr, bool)>>>,
    turn: Arc<AtomicUsize>,
}

impl Balancer {
    /// Listens, and looks after the servers.
    async fn start(self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(self.clone().watch());
        tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                let server = self.pick();
                tokio::spawn(carry(client, server));
            }
        });
        address
    }

    fn add(&self, serving: &Serving) {
        let address = serving.url.trim_start_matches("http://").parse().unwrap();
        self.servers.lock().unwrap().push((address, false));
    }

    fn remove(&self, serving: &Serving) {
        let gone: SocketAddr = serving.url.trim_start_matches("http://").parse().unwrap();
        self.servers.lock().unwrap().retain(|(address, _)| *address != gone);
    }

    fn ready(&self) -> Vec<SocketAddr> {
        self.servers.lock().unwrap().iter().filter(|(_, ready)| *ready).map(|(address, _)| *address).collect()
    }

    fn pick(&self) -> SocketAddr {
        let ready = self.ready();
        ready[self.turn.fetch_add(1, Ordering::Relaxed) % ready.len()]
    }

    async fn watch(self) {
        let client = Client::builder().timeout(Duration::from_secs(1)).pool_max_idle_per_host(0).build().unwrap();
        loop {
            let servers = self.servers.lock().unwrap().clone();
            for (address, _) in servers {
                let answer = client.get(format!("http://{address}/readyz")).send().await;
                let is_ready = answer.is_ok_and(|answer| answer.status() == 200);
                let mut servers = self.servers.lock().unwrap();
                if let Some(server) = servers.iter_mut().find(|(other, _)| *other == address) {
                    server.1 = is_ready;
                }
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn await_ready(&self, count: usize) {
        while self.ready().len() != count {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

async fn carry(mut client: TcpStream, server: SocketAddr) {
    let Ok(mut server) = TcpStream::connect(server).await else { return };
    let _ = copy_bidirectional(&mut client, &mut server).await;
}

/// What the clients have met.
#[derive(Default)]
struct Met {
    answered: AtomicUsize,
    failed: Mutex<Vec<String>>,
    is_over: AtomicBool,
}

impl Met {
    async fn more(&self, count: usize) {
        let target = self.answered.load(Ordering::Relaxed) + count;
        while self.answered.load(Ordering::Relaxed) < target {
            assert!(self.failed.lock().unwrap().is_empty(), "{:#?}", self.failed.lock().unwrap());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// Creates and reads users, each write sent once.
async fn ask(met: Arc<Met>, address: SocketAddr, token: String, number: usize, client: Client) {
    let users = format!("http://{address}/scim/v2/Users");
    for n in 0.. {
        if met.is_over.load(Ordering::Relaxed) {
            return;
        }
        let name = format!("c{number}-{n}");
        let body = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name});
        let create = client.post(&users).header("content-type", "application/scim+json").body(body.to_string());
        let find = client.get(format!("{users}?filter=userName%20eq%20%22{name}%22"));
        for (request, expected) in [(create, 201), (find, 200)] {
            match request.bearer_auth(&token).send().await {
                Ok(answer) if answer.status().as_u16() == expected => {}
                Ok(answer) => met.failed.lock().unwrap().push(format!("{name}: {}", answer.status())),
                Err(error) => met.failed.lock().unwrap().push(format!("{name}: {error:?}")),
            }
            met.answered.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_fails_while_both_servers_are_replaced() {
    let scimgate = Program::new();
    let token = token(&scimgate);
    let balancer = Balancer::default();
    let mut servers = vec![scimgate.serve(&["--access-log=off"]), scimgate.serve(&["--access-log=off"])];
    servers.iter().for_each(|server| balancer.add(server));
    let address = balancer.clone().start().await;
    balancer.await_ready(2).await;
    let met = Arc::new(Met::default());
    // Before, between and behind two restarts.
    let requests = repeated("SCIMGATE_ROLLING_REQUESTS", REQUESTS);
    let pause = requests.div_ceil(3);
    let begun = Instant::now();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| {
            // Half of them over HTTP/2.
            let client = Client::builder();
            let client = if number % 2 == 0 { client } else { client.http2_prior_knowledge() };
            tokio::spawn(ask(met.clone(), address, token.clone(), number, client.build().unwrap()))
        })
        .collect();
    for _ in 0..2 {
        met.more(pause).await;
        let new = scimgate.serve(&["--access-log=off"]);
        balancer.add(&new);
        servers.push(new);
        balancer.await_ready(3).await;
        let old = servers.remove(0);
        old.signal(Signal::TERM);
        balancer.await_ready(2).await;
        balancer.remove(&old);
        let (code, said) = tokio::task::spawn_blocking(move || old.end()).await.unwrap();
        assert_eq!(code, 0, "{said:#?}");
    }
    met.more(pause).await;
    met.is_over.store(true, Ordering::Relaxed);
    for client in clients {
        client.await.unwrap();
    }
    let (answered, seconds) = (met.answered.load(Ordering::Relaxed), begun.elapsed().as_secs_f64());
    let failed = met.failed.lock().unwrap();
    println!("{} of {answered} requests failed in {seconds:.0} s", failed.len());
    assert!(failed.is_empty(), "{} of {answered}: {failed:#?}", failed.len());
    assert!(answered >= requests);
}
