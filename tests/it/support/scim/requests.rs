//! What a client sends.

use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::{Answer, GROUP, Scim, USER, answer};

impl Scim {
    /// Creates a user of that name and answers its id.
    pub async fn create_user(&self, name: &str) -> String {
        self.create("/Users", json!({"schemas": [USER], "userName": name})).await
    }

    /// Creates a group of that name and answers its id.
    pub async fn create_group(&self, name: &str) -> String {
        self.create("/Groups", json!({"schemas": [GROUP], "displayName": name})).await
    }

    /// Creates a resource and answers its id.
    pub async fn create(&self, endpoint: &str, body: Value) -> String {
        self.post(endpoint, body).await.expect(201).json()["id"].as_str().unwrap().to_owned()
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, Some(body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send("PUT", path, Some(body)).await
    }

    pub async fn patch(&self, path: &str, mut body: Value) -> Answer {
        let schemas = json!(["urn:ietf:params:scim:api:messages:2.0:PatchOp"]);
        body.as_object_mut().unwrap().entry("schemas").or_insert(schemas);
        self.send("PATCH", path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, None).await
    }

    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send_with("GET", path, None, headers).await
    }

    pub async fn send(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        self.send_with(method, path, body, &[]).await
    }

    pub async fn send_with(&self, method: &str, path: &str, body: Option<Value>, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.request(method, &format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            let body = match method {
                "PATCH" if body.get("schemas").is_none() && body.is_object() => {
                    let mut body = body;
                    body["schemas"] = json!(["urn:ietf:params:scim:api:messages:2.0:PatchOp"]);
                    body
                }
                _ => body,
            };
            request = request.header(CONTENT_TYPE, "application/scim+json").body(body.to_string());
        }
        answer(request).await
    }

    /// POSTs a body to `/Users` as it is, with that media type.
    pub async fn post_as(&self, body: impl Into<reqwest::Body>, content_type: &str) -> Answer {
        let request = self.request("POST", &format!("{}/Users", self.base));
        answer(request.header(CONTENT_TYPE, content_type).body(body)).await
    }

    /// Sends a body as it is.
    pub async fn send_bytes(&self, method: &str, path: &str, body: impl Into<reqwest::Body>) -> Answer {
        let request = self.request(method, &format!("{}{path}", self.base));
        answer(request.header(CONTENT_TYPE, "application/scim+json").body(body)).await
    }

    /// GETs with query parameters that are encoded here.
    pub async fn list(&self, path: &str, query: &[(&str, &str)]) -> Answer {
        let url = reqwest::Url::parse_with_params(&format!("{}{path}", self.base), query).unwrap();
        answer(self.request("GET", url.as_str())).await
    }

    /// GETs a path of the server with its query as it is.
    pub async fn get_raw(&self, path_and_query: &str) -> Answer {
        answer(self.request("GET", &format!("{}{path_and_query}", self.base.trim_end_matches("/scim/v2")))).await
    }

    /// POSTs nothing to a path of the server.
    pub async fn post_raw(&self, path: &str) -> Answer {
        answer(self.request("POST", &format!("{}{path}", self.base.trim_end_matches("/scim/v2")))).await
    }

    /// GETs a path of the server with this `Authorization` header, or with none.
    pub async fn get_authorized(&self, path: &str, header: Option<&str>) -> Answer {
        let url = format!("{}{path}", self.base.trim_end_matches("/scim/v2"));
        let request = self.http.get(url);
        answer(match header {
            Some(header) => request.header("authorization", header),
            None => request,
        })
        .await
    }

    fn request(&self, method: &str, url: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        self.http.request(method, url).bearer_auth(&self.token)
    }
}
