//! What a server answers, and what is expected of it.

use reqwest::RequestBuilder;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

/// Sends a request.
pub async fn answer(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = response.bytes().await.unwrap();
    Answer { status, headers, text: String::from_utf8_lossy(&body).into_owned() }
}

impl Answer {
    /// The answer, if it has that status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// Holds that this is a SCIM error (RFC 7644, section 3.12) with that status and keyword (`""` for none) whose detail
    /// tells of `told`.
    #[track_caller]
    pub fn expect_error(&self, status: u16, scim_type: &str, told: &str) {
        assert_eq!(self.status, status, "{}", self.text);
        assert!(self.header("content-type").starts_with("application/scim+json"), "{}", self.header("content-type"));
        let error = self.json();
        assert_eq!(error["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
        assert_eq!(error["status"], status.to_string());
        assert_eq!(error.get("scimType").and_then(Value::as_str).unwrap_or(""), scim_type, "{error}");
        let detail = error["detail"].as_str().unwrap();
        assert!(!detail.is_empty() && detail.contains(told), "{detail:?} does not tell of {told:?}");
    }

    /// The body.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {:?}", self.text))
    }

    /// A header, or `""`.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}
