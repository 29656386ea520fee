//! A live server on a database of its own, and a client that speaks SCIM to it.

use std::sync::Arc;
use std::thread::JoinHandle;

use chrono::{DateTime, Utc};
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Client, Method, RequestBuilder};
use scimgate::auth::Token;
use scimgate::config::ServerArgs;
use scimgate::http::{Parts, Server};
use scimgate::model::{Caller, Clock, FixedClock, Profile, Scope, SystemClock, Tenant};
use scimgate::scim::schema::builtin;
use scimgate::store::Store;
use serde_json::Value;
use tokio::sync::oneshot;

use super::postgres::TestDatabase;

/// A running server, and a token for its one tenant.
pub struct Scim {
    /// `http://127.0.0.1:PORT/scim/v2`
    pub base: String,
    /// The token that requests are sent with.
    pub token: String,
    http: Client,
    server: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
    database: TestDatabase,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}
