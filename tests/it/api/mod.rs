//! The provisioning API, `/api/v1`. Tests of what a row of the vendors' promises demands carry its number.

mod lists;

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
        Self { base: format!("{}/api/v1", client.origin()), token: client.token, http: Client::new() }
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

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None, &[]).await
    }
}
