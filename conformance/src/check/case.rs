//! What one check works with: a client that remembers, fixtures that have names of their own, and their removal.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use super::facts::{ENTERPRISE, Facts, GROUP, USER};
use super::{Reply, Stop, fail, skip};
use crate::client::{Answer, Client, ClientError, Outgoing};
use crate::recording::Method;
use crate::transcript::Transcript;
use crate::variables::percent_encode;

/// How many exchanges of a check are kept for the report.
const KEPT: usize = 40;

/// One run of one check.
pub struct Case<'a> {
    client: &'a Client,
    /// What the server told about itself.
    pub facts: &'a Facts,
    tag: String,
    names: AtomicUsize,
    transcripts: Mutex<Vec<Transcript>>,
    made: Mutex<Vec<String>>,
}

/// A resource that a check has made.
pub struct Made {
    /// Its id.
    pub id: String,
    /// Its path below the base URL, id included.
    pub path: String,
    /// `userName` or `displayName`, unique in this run.
    pub name: String,
    /// The answer to its creation.
    pub reply: Reply,
}

impl<'a> Case<'a> {
    pub(super) fn new(client: &'a Client, facts: &'a Facts, tag: String) -> Self {
        let (transcripts, made) = (Mutex::default(), Mutex::default());
        Self { client, facts, tag, names: AtomicUsize::new(1), transcripts, made }
    }

    /// A name that nothing else on the server has: letters, digits and hyphens, in lower case.
    pub fn name(&self) -> String {
        format!("{}-{}", self.tag, self.names.fetch_add(1, Ordering::Relaxed))
    }

    /// The base URL without a slash at its end.
    pub fn base(&self) -> &str {
        self.client.target().base()
    }

    /// The endpoint of users.
    pub fn users(&self) -> String {
        self.facts.endpoint(USER).unwrap_or_else(|| "/Users".to_owned())
    }

    /// The endpoint of groups; skips where there are none.
    pub fn groups(&self) -> Result<String, Stop> {
        match self.facts.endpoint(GROUP) {
            Some(endpoint) => Ok(endpoint),
            None if self.facts.resource_types.is_empty() => Ok("/Groups".to_owned()),
            None => skip("ResourceTypes does not list groups"),
        }
    }

    /// Skips what the service provider says it does not support; see [`Facts::need`].
    pub fn need(&self, feature: &str) -> Result<(), Stop> {
        self.facts.need(feature)
    }

    /// Skips where the schema of users does not have this attribute. Without schemas every attribute is supposed.
    pub fn need_attribute(&self, path: &str) -> Result<(), Stop> {
        let known = self.facts.schemas.is_empty() || self.facts.attribute(USER, path).is_some();
        if known { Ok(()) } else { skip(format!("the schema of users has no attribute {path}")) }
    }

    /// Skips where users have no enterprise extension.
    pub fn need_enterprise(&self) -> Result<(), Stop> {
        let kind = self.facts.resource_type(USER);
        let extensions = kind.and_then(|kind| kind["schemaExtensions"].as_array());
        let named = extensions.is_some_and(|all| all.iter().any(|extension| extension["schema"] == ENTERPRISE));
        if named || kind.is_none() { Ok(()) } else { skip("ResourceTypes names no enterprise extension of users") }
    }

    /// Sends a request with JSON or without a body.
    pub async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Result<Reply, Stop> {
        self.send_with(method, path, body.map(|body| body.to_string()), &[]).await
    }

    /// Sends a request as it is written; a header of `None` leaves out one that is usual.
    pub async fn send_with(
        &self,
        method: Method,
        path: &str,
        body: Option<String>,
        headers: &[(&str, Option<&str>)],
    ) -> Result<Reply, Stop> {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), value.map(str::to_owned))).collect();
        let outgoing = Outgoing { method, path: path.to_owned(), headers, body };
        let sent = self.client.send(&outgoing).await;
        self.replied(&outgoing, sent)
    }

    /// GET with these headers, and without patience: a 429 or 503 is taken as it comes.
    pub async fn get_once(&self, path: &str, headers: &[(&str, Option<&str>)]) -> Result<Reply, Stop> {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), value.map(str::to_owned))).collect();
        let outgoing = Outgoing { method: Method::Get, path: path.to_owned(), headers, body: None };
        let sent = self.client.send_once(&outgoing).await;
        self.replied(&outgoing, sent)
    }

    /// Keeps an exchange, and what it has made.
    fn replied(&self, outgoing: &Outgoing, sent: Result<Answer, ClientError>) -> Result<Reply, Stop> {
        let (method, path) = (outgoing.method, outgoing.path.as_str());
        let transcript = Transcript::new(self.client.target(), outgoing, &self.client.headers(outgoing), sent.as_ref());
        {
            let mut kept = self.transcripts.lock().unwrap_or_else(PoisonError::into_inner);
            kept.push(transcript);
            let surplus = kept.len().saturating_sub(KEPT);
            kept.drain(..surplus);
        }
        match sent {
            Ok(answer) => {
                self.remember(method, path, answer.body.as_ref());
                Ok(Reply::new(format!("{} {path}", method.as_str()), answer))
            }
            Err(error) => fail(error.to_string()),
        }
    }

    /// Notes what an answer says was created.
    fn remember(&self, method: Method, path: &str, body: Option<&Value>) {
        let (Method::Post, Some(body)) = (method, body) else { return };
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(operations) = body["Operations"].as_array() {
            let locations = operations.iter().filter(|operation| operation["method"] == "POST");
            let paths = locations.filter_map(|operation| self.path_of(operation["location"].as_str()?));
            made.extend(paths);
        } else if let (Some(id), false) = (body["id"].as_str(), path.contains(".search")) {
            let collection = path.split('?').next().unwrap_or_default();
            made.push(format!("{collection}/{}", percent_encode(id)));
        }
    }

    /// The path of a resource's URL below the base URL, whatever host the server gives itself.
    pub fn path_of(&self, location: &str) -> Option<String> {
        let mut segments = location.rsplit('/');
        let (id, collection) = (segments.next()?, segments.next()?);
        Some(format!("/{collection}/{id}"))
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Result<Reply, Stop> {
        self.send(Method::Get, path, None).await
    }

    /// POST of JSON.
    pub async fn post(&self, path: &str, body: Value) -> Result<Reply, Stop> {
        self.send(Method::Post, path, Some(body)).await
    }

    /// PUT of JSON.
    pub async fn put(&self, path: &str, body: Value) -> Result<Reply, Stop> {
        self.send(Method::Put, path, Some(body)).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Result<Reply, Stop> {
        self.send(Method::Delete, path, None).await
    }

    /// PATCH with these operations; skips where PATCH is not supported.
    pub async fn patch(&self, path: &str, operations: Value) -> Result<Reply, Stop> {
        self.need("patch")?;
        let schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];
        self.send(Method::Patch, path, Some(json!({"schemas": schemas, "Operations": operations}))).await
    }

    /// PATCH that has to succeed, and the resource as it is afterwards.
    pub async fn patched(&self, path: &str, operations: Value) -> Result<Reply, Stop> {
        self.patch(path, operations).await?.status_in(&[200, 204])?;
        self.read(path).await
    }

    /// GET that has to succeed.
    pub async fn read(&self, path: &str) -> Result<Reply, Stop> {
        let reply = self.get(path).await?;
        reply.status(200)?;
        Ok(reply)
    }

    /// GET with query parameters, each name and value percent-encoded here.
    pub async fn query(&self, path: &str, parameters: &[(&str, &str)]) -> Result<Reply, Stop> {
        let pairs: Vec<_> =
            parameters.iter().map(|(name, value)| format!("{name}={}", percent_encode(value))).collect();
        self.get(&format!("{path}?{}", pairs.join("&"))).await
    }

    /// Users that match a filter; skips where filters are not supported.
    pub async fn filter(&self, filter: &str) -> Result<Reply, Stop> {
        self.need("filter")?;
        self.query(&self.users(), &[("filter", filter)]).await
    }

    /// POST that has to make a resource.
    pub async fn create(&self, endpoint: &str, body: Value) -> Result<Made, Stop> {
        let reply = self.post(endpoint, body).await?;
        reply.status(201)?;
        let id = reply.string("/id")?.to_owned();
        let name = reply.find("/userName")?.or(reply.find("/displayName")?).and_then(Value::as_str);
        let name = name.unwrap_or_default().to_owned();
        Ok(Made { path: format!("{endpoint}/{}", percent_encode(&id)), id, name, reply })
    }

    /// A user as most checks need one.
    pub async fn user(&self) -> Result<Made, Stop> {
        self.user_with(json!({})).await
    }

    /// A user with these attributes beside or instead of the usual ones.
    pub async fn user_with(&self, attributes: Value) -> Result<Made, Stop> {
        self.create(&self.users(), self.user_body(attributes)).await
    }

    /// What is sent to make a user with these attributes beside or instead of the usual ones; null leaves one out.
    pub fn user_body(&self, attributes: Value) -> Value {
        let name = self.name();
        let usual = json!({
            "schemas": [USER],
            "userName": name,
            "name": {"givenName": "Given", "familyName": "Family"},
            "emails": [{"value": format!("{name}@conformance.example"), "type": "work", "primary": true}],
            "active": true,
        });
        overlay(usual, attributes)
    }

    /// A group with these members.
    pub async fn group(&self, members: &[&Made]) -> Result<Made, Stop> {
        let members: Vec<_> = members.iter().map(|member| json!({"value": member.id})).collect();
        let mut body = json!({"schemas": [GROUP], "displayName": self.name()});
        if !members.is_empty() {
            body["members"] = members.into();
        }
        self.create(&self.groups()?, body).await
    }

    /// Users whose names begin alike: the beginning, and each with a number from 1 appended and further attributes.
    pub async fn users_named_alike(&self, attributes: &[Value]) -> Result<(String, Vec<Made>), Stop> {
        let (prefix, mut made) = (format!("{}x", self.name()), Vec::new());
        for (number, attributes) in attributes.iter().enumerate() {
            let mut attributes = attributes.clone();
            attributes["userName"] = format!("{prefix}{}", number + 1).into();
            made.push(self.user_with(attributes).await?);
        }
        Ok((prefix, made))
    }

    /// Deletes what was made, the newest first; what cannot be deleted stays.
    pub(super) async fn clean_up(&self) {
        let made = std::mem::take(&mut *self.made.lock().unwrap_or_else(PoisonError::into_inner));
        for path in made.iter().rev() {
            let outgoing = Outgoing { method: Method::Delete, path: path.clone(), headers: Vec::new(), body: None };
            self.client.send(&outgoing).await.ok();
        }
    }

    pub(super) fn transcripts(&self) -> Vec<Transcript> {
        std::mem::take(&mut *self.transcripts.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// `base` with the keys of `over`; a null of `over` removes the key.
fn overlay(mut base: Value, over: Value) -> Value {
    if let (Value::Object(base), Value::Object(over)) = (&mut base, over) {
        for (key, value) in over {
            if value.is_null() {
                base.remove(&key);
            } else {
                base.insert(key, value);
            }
        }
    }
    base
}
