//! Clients that ask all the time.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

use reqwest::{Client as Http, ClientBuilder, Method};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

use super::ledger::{Heard, Ledger, Person};
use crate::embedded_postgres::stage::until;
use crate::support::scim::{GROUP, USER};

const CLIENTS: usize = 16;
/// How long a client waits after an answer that was none.
const PAUSE: Duration = Duration::from_millis(50);

/// Clients at work.
pub struct Load {
    runtime: Runtime,
    shared: Arc<Shared>,
    clients: Vec<JoinHandle<Ledger>>,
}

struct Shared {
    /// `http://HOST:PORT`, which changes where the server is replaced.
    url: RwLock<String>,
    token: String,
    /// Whether a connection may end without an answer.
    may_vanish: AtomicBool,
    stopped: AtomicBool,
    acknowledged: AtomicUsize,
}

struct Client {
    number: usize,
    http: Http,
    shared: Arc<Shared>,
    ledger: Ledger,
}

/// What an answer means to a client.
enum Told {
    Done(Value),
    Taken,
    /// 503, or no answer: it may have been done.
    Unknown,
    /// An answer that must not be; it has been noted.
    Fault,
}

impl Load {
    /// Sets the clients on the server at `url`.
    pub fn start(url: &str, token: &str) -> Self {
        Self::with(url, token, http)
    }

    /// The same with clients that speak HTTP/2.
    pub fn over_http_2(url: &str, token: &str) -> Self {
        Self::with(url, token, || builder().http2_prior_knowledge().build().unwrap())
    }

    fn with(url: &str, token: &str, http: fn() -> Http) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let shared = Arc::new(Shared {
            url: RwLock::new(url.to_owned()),
            token: token.to_owned(),
            may_vanish: AtomicBool::new(false),
            stopped: AtomicBool::new(false),
            acknowledged: AtomicUsize::new(0),
        });
        let client = |number| Client { number, http: http(), shared: shared.clone(), ledger: Ledger::default() };
        let clients = (0..CLIENTS).map(|number| runtime.spawn(client(number).work())).collect();
        Self { runtime, shared, clients }
    }

    /// From now on the server may end connections without an answer.
    pub fn server_may_vanish(&self) {
        self.shared.may_vanish.store(true, Ordering::SeqCst);
    }

    /// From now on the server is at `url`.
    pub fn move_to(&self, url: &str) {
        *self.shared.url.write().unwrap() = url.to_owned();
    }

    /// Waits until so many more mutations have been acknowledged.
    pub fn await_acknowledged(&self, more: usize) {
        let goal = self.shared.acknowledged.load(Ordering::SeqCst) + more;
        until("acknowledged", || self.shared.acknowledged.load(Ordering::SeqCst) >= goal);
    }

    /// Lets the clients finish their requests, and answers what they were told.
    pub fn finish(self) -> Vec<Ledger> {
        self.shared.stopped.store(true, Ordering::SeqCst);
        let Self { runtime, clients, .. } = self;
        runtime.block_on(async {
            let mut ledgers = Vec::new();
            for client in clients {
                ledgers.push(client.await.unwrap());
            }
            ledgers
        })
    }
}

fn http() -> Http {
    builder().build().unwrap()
}

fn builder() -> ClientBuilder {
    Http::builder().no_proxy().timeout(Duration::from_secs(40))
}

impl Client {
    async fn work(mut self) -> Ledger {
        let group = format!("group-{}", self.number);
        self.ledger.group = self.create("/Groups", json!({"schemas": [GROUP], "displayName": group}), &group).await;
        let mut turn = 0;
        while !self.is_stopped() {
            turn += 1;
            let name = format!("user-{}-{turn}", self.number);
            let user = json!({"schemas": [USER], "userName": name});
            let Some(id) = self.create("/Users", user, &name).await else { continue };
            self.ledger.people.push(Person { id: id.clone(), name: name.clone(), title: None, perhaps: Vec::new() });
            self.read(&id, &name).await;
            for _ in 0..2 {
                self.retitle(&id).await;
            }
            self.join(&id).await;
            self.read(&id, &name).await;
        }
        self.ledger
    }

    fn is_stopped(&self) -> bool {
        self.shared.stopped.load(Ordering::SeqCst)
    }

    /// Asks until it is created; `None` if an attempt whose outcome was not told had done it, or if it is time to stop.
    async fn create(&mut self, endpoint: &str, body: Value, name: &str) -> Option<String> {
        let mut tried = false;
        while !self.is_stopped() {
            match self.change(Method::POST, endpoint, &body).await {
                Told::Done(created) => return Some(created["id"].as_str().unwrap().to_owned()),
                Told::Taken if tried => {
                    self.ledger.taken.push(name.to_owned());
                    return None;
                }
                Told::Taken => {
                    self.ledger.faults.push(format!("{name} is refused as taken at the first try"));
                    return None;
                }
                Told::Unknown => tried = true,
                Told::Fault => return None,
            }
        }
        None
    }

    /// What was acknowledged is found, by its id, by its name, and among all.
    async fn read(&mut self, id: &str, name: &str) {
        if let Told::Done(user) = self.send(Method::GET, &format!("/Users/{id}"), None).await.0 {
            self.expect(user["userName"] == name, &user);
        }
        let filter = format!("/Users?filter=userName%20eq%20%22{name}%22");
        if let Told::Done(list) = self.send(Method::GET, &filter, None).await.0 {
            self.expect(list["totalResults"] == 1 && list["Resources"][0]["id"] == id, &list);
        }
        let contains = format!("/Users?count=1&filter=userName%20co%20%22ser-{}-%22", self.number);
        let at_least = self.ledger.people.len() as u64;
        if let Told::Done(list) = self.send(Method::GET, &contains, None).await.0 {
            self.expect(list["totalResults"].as_u64().unwrap() >= at_least, &list);
        }
    }

    fn expect(&mut self, holds: bool, answer: &Value) {
        if !holds {
            self.ledger.faults.push(format!("not what was acknowledged: {answer}"));
        }
    }

    async fn retitle(&mut self, id: &str) {
        let title = format!("title {}", self.ledger.heard.len());
        let body = patch(json!({"op": "replace", "path": "title", "value": title}));
        let told = self.change(Method::PATCH, &format!("/Users/{id}"), &body).await;
        let person = self.ledger.people.last_mut().unwrap();
        match told {
            Told::Done(_) => (person.title, person.perhaps) = (Some(title), Vec::new()),
            _ => person.perhaps.push(title),
        }
    }

    async fn join(&mut self, id: &str) {
        let Some(group) = self.ledger.group.clone() else { return };
        let body = patch(json!({"op": "add", "path": "members", "value": [{"value": id}]}));
        if let Told::Done(_) = self.change(Method::PATCH, &format!("/Groups/{group}"), &body).await {
            self.ledger.members.push(id.to_owned());
        }
    }

    /// A mutation.
    async fn change(&mut self, method: Method, path: &str, body: &Value) -> Told {
        let (told, request) = self.send(method, path, Some(body)).await;
        if let Told::Done(_) = told {
            self.ledger.requests.extend(request);
            self.shared.acknowledged.fetch_add(1, Ordering::SeqCst);
        }
        told
    }

    /// Sends a request; answers with the request's id as well.
    async fn send(&mut self, method: Method, path: &str, body: Option<&Value>) -> (Told, Option<String>) {
        let what = format!("{method} {path}");
        let url = format!("{}/scim/v2{path}", self.shared.url.read().unwrap());
        let mut request = self.http.request(method, url).bearer_auth(&self.shared.token);
        if let Some(body) = body {
            request = request.header("content-type", "application/scim+json").body(body.to_string());
        }
        let began = Instant::now();
        let answer = async {
            let answer = request.send().await?;
            let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
            Ok::<_, reqwest::Error>((status, headers, answer.text().await?))
        };
        let answer = answer.await;
        let status = answer.as_ref().ok().map(|(status, ..)| *status);
        self.ledger.heard.push(Heard { request: what.clone(), began, took: began.elapsed(), status });
        let (status, headers, text) = match answer {
            Ok(answer) => answer,
            Err(_) if self.shared.may_vanish.load(Ordering::SeqCst) => return (self.pause().await, None),
            Err(error) => return (self.fault(format!("{what}: {error:?}")), None),
        };
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let json: Value = serde_json::from_str(&text).unwrap_or_default();
        let told = match status {
            200 | 201 => Told::Done(json),
            204 => Told::Done(Value::Null),
            409 if what.starts_with("POST") => Told::Taken,
            503 if header("retry-after").is_some() && json["status"] == "503" => self.pause().await,
            _ => self.fault(format!("{what}: {status} {text}")),
        };
        (told, header("x-request-id"))
    }

    async fn pause(&self) -> Told {
        tokio::time::sleep(PAUSE).await;
        Told::Unknown
    }

    fn fault(&mut self, fault: String) -> Told {
        self.ledger.faults.push(fault);
        Told::Fault
    }
}

fn patch(operation: Value) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]})
}
