//! The provisioning API, `/api/v1`. Tests of what a row of the vendors' promises demands carry its number.

mod imports;
mod invitations;
mod lists;
pub mod mails;
mod rosters;
mod tasks;
pub mod users;

use reqwest::{Client, Method};
use scimgate::model::Scopes;
use serde_json::Value;

use crate::support::scim::{Answer, Scim, answer};

/// A client of `/api/v1`, with a token for the tenant of a SCIM client.
pub struct Api {
    base: String,
    token: String,
    http: Client,
}

impl Api {
    /// A client that may provision.
    pub async fn of(scim: &Scim) -> Self {
        Self::with_scopes(scim, "provision").await
    }

    /// A client with these scopes.
    pub async fn with_scopes(scim: &Scim, scopes: &str) -> Self {
        let client = scim.with_token(scopes.parse::<Scopes>().unwrap(), None).await;
        Self::with_token(&client, &client.token)
    }

    /// A client with that token.
    pub fn with_token(scim: &Scim, token: &str) -> Self {
        Self { base: format!("{}/api/v1", scim.origin()), token: token.to_owned(), http: Client::new() }
    }

    /// A client with the token of a SCIM client.
    pub fn with_token_of(scim: &Scim) -> Self {
        Self { base: format!("{}/api/v1", scim.origin()), token: scim.token.clone(), http: Client::new() }
    }

    /// Sends a request with headers, and takes the answer.
    pub async fn send(&self, method: &str, path: &str, body: Option<&Value>, headers: &[(&str, &str)]) -> Answer {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self.http.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        answer(request).await
    }

    /// Sends a body that is not JSON.
    pub async fn send_bytes(&self, method: &str, path: &str, body: Vec<u8>, content_type: &str) -> Answer {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let request = self.http.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token);
        answer(request.header("content-type", content_type).body(body)).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None, &[]).await
    }
}
