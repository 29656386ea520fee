//! A client of the admin API, signed in.

use chrono::TimeDelta;
use rand::RngExt;
use reqwest::{Client, Method, RequestBuilder};
use scimgate::auth::SessionSecret;
use scimgate::model::{AdminAction, AdminId, AdminRole, AdminSession, AdminSessionId, Clock, Origin, Reach};
use scimgate::store::{NewAdmin, NewSession};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::scim::{Answer, Scim, answer};

/// An administrator who signed in, as far as the server's clock is not moved by half an hour.
pub struct Admin {
    pub id: AdminId,
    pub email: String,
    /// The cookie's value.
    pub secret: String,
    pub csrf: String,
    base: String,
    http: Client,
}

impl Scim {
    /// An owner of the whole instance.
    pub async fn owner(&self) -> Admin {
        self.admin(AdminRole::Owner, Reach::Instance).await
    }

    /// An administrator with a session, without a password.
    pub async fn admin(&self, role: AdminRole, reach: Reach) -> Admin {
        let (now, mut rng) = (self.clock().now(), rand::rng());
        let (id, store) = (AdminId::new(now), self.store());
        let email = format!("{}-{}@example.com", role.as_str(), rng.random::<u32>());
        let admin = NewAdmin { id, email: &email, name: role.as_str(), role, reach, password_hash: None, at: now };
        let action = AdminAction {
            tenant: reach.tenant(),
            at: now,
            origin: Origin::command_line(),
            action: "admin.create",
            succeeded: true,
            target: ("admin", Some(id.to_string()), email.clone()),
            details: json!({}),
        };
        store.create_admin(&admin, &action).await.unwrap();
        let secret = SessionSecret::generate(&mut rng);
        let session = NewSession {
            id: AdminSessionId::new(now),
            digest: &secret.digest(),
            admin: id,
            is_complete: true,
            at: now,
            expires_at: now + AdminSession::LIFETIME + TimeDelta::zero(),
            address: None,
            user_agent: None,
        };
        store.create_session(&session).await.unwrap();
        Admin {
            id,
            email,
            csrf: secret.csrf_token(),
            secret: secret.reveal().expose_secret().to_owned(),
            base: self.origin(),
            http: Client::builder().no_gzip().build().unwrap(),
        }
    }
}

impl Admin {
    /// Whoever has the session with that secret.
    pub fn with_secret(scim: &Scim, secret: &str, csrf: &str) -> Self {
        Self {
            id: AdminId::new(scim.clock().now()),
            email: String::new(),
            secret: secret.to_owned(),
            csrf: csrf.to_owned(),
            base: scim.origin(),
            http: Client::builder().no_gzip().build().unwrap(),
        }
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

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send("PATCH", path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, None).await
    }

    /// Sends a request with the session's cookie and CSRF token; the path begins behind `/admin/v1`.
    pub async fn send(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let request = self.request(method, path).header("x-csrf-token", &self.csrf);
        answer(match body {
            Some(body) => request.json(&body),
            None => request,
        })
        .await
    }

    /// A request with the session's cookie alone.
    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let request = self.http.request(method, format!("{}/admin/v1{path}", self.base));
        request.header("cookie", format!("scimgate={}", self.secret))
    }
}

impl Answer {
    /// Holds that this is a problem (RFC 9457) with that status whose detail tells of `told`.
    #[track_caller]
    pub fn expect_problem(&self, status: u16, told: &str) {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["status"], status);
        assert!(!problem["type"].as_str().unwrap().is_empty() && !problem["title"].as_str().unwrap().is_empty());
        assert_eq!(problem["instance"], format!("urn:uuid:{}", self.header("x-request-id")));
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(told), "{detail:?} does not tell of {told:?}");
    }

    /// Holds that the values of exactly these fields were refused.
    #[track_caller]
    pub fn expect_invalid(&self, fields: &[&str]) {
        self.expect_problem(422, "");
        let errors = self.json()["errors"].clone();
        let named: Vec<&str> =
            errors.as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect();
        assert_eq!(named, fields, "{errors}");
    }
}
