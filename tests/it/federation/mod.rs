//! Tokens of trusted issuers: an issuer on a real socket with real keys, and a server that trusts it.

mod algorithms;
mod assertions;
mod bearer;
mod claims;
mod held_up;
pub mod issuer;
mod keys;
mod registering;

use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::TimeDelta;
use scimgate::gateway::{IssuerChange, IssuersError, NewConnection, NewIssuer};
use scimgate::model::{
    AllowedAddresses, Clock, Connection, ConnectionKind, Issuer, Origin, PlainHttp, Profile, Scopes, Trust, TrustInput,
};
use serde_json::{Value, json};

use crate::support::scim::{Answer, Scim};
use issuer::{Key, TestIssuer};

/// A server that trusts an issuer.
struct Federated {
    scim: Scim,
    issuer: TestIssuer,
    registered: Issuer,
}

impl Federated {
    /// The issuer publishes `keys`, and its subject "robot" may write.
    async fn start(keys: &[&Key]) -> Self {
        Self::with_flags(keys, &[]).await
    }

    /// The same with a server that is started with these flags besides.
    async fn with_flags(keys: &[&Key], flags: &[&str]) -> Self {
        let scim = Scim::with(Profile::Rfc, &[&["--allow-private-outbound"], flags].concat()).await;
        let issuer = TestIssuer::start(keys);
        let registered = register(&scim, trusting(&issuer)).await.unwrap();
        Self { scim, issuer, registered }
    }

    /// What the issuer says of its subject, with the changes and the removals (null) of `changes`.
    fn claims(&self, changes: Value) -> Value {
        claims(&self.scim, &self.issuer, changes)
    }

    /// A token that the issuer signs with `key`.
    fn token(&self, key: &Key, changes: Value) -> String {
        key.sign(&self.claims(changes))
    }

    /// GETs users with that token.
    async fn with(&self, token: &str) -> Answer {
        with(&self.scim, token).await
    }
}

/// Connects a tenant.
async fn connect(scim: &Scim, name: &str) -> Connection {
    let (name, kind) = (name.parse().unwrap(), ConnectionKind::Other);
    let new = NewConnection { name, prefix: None, kind, profile: None };
    scim.gateway().create_connection(scim.tenant().id, new, &Origin::command_line()).await.unwrap()
}

/// What trusts the subject "robot" of an issuer.
fn trusting(issuer: &TestIssuer) -> TrustInput {
    TrustInput {
        issuer: issuer.url(),
        audiences: vec!["api://scim".into()],
        subject: "robot".into(),
        jwks_url: issuer.jwks_url(),
        ..TrustInput::default()
    }
}

/// Registers an issuer for the tenant of `scim`, with a connection of its own.
async fn register(scim: &Scim, input: TrustInput) -> Result<Issuer, IssuersError> {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let connection = connect(scim, &format!("connection {}", COUNT.fetch_add(1, Ordering::Relaxed))).await;
    let new = NewIssuer {
        name: "Robot".parse().unwrap(),
        connection: connection.id,
        scopes: Scopes::WRITE,
        allowed_addresses: AllowedAddresses::ANY,
        max_role_weight: None,
        expires_at: None,
        trust: input.check(PlainHttp::Allowed).unwrap(),
    };
    scim.gateway().create_issuer(scim.tenant().id, new, &Origin::command_line()).await
}

/// The change of all that tokens have to say.
fn trusts(trust: Trust) -> IssuerChange {
    IssuerChange { trust: Some(trust), ..IssuerChange::default() }
}

fn claims(scim: &Scim, issuer: &TestIssuer, changes: Value) -> Value {
    let now = scim.clock().now();
    let mut claims = json!({
        "iss": issuer.url(),
        "aud": "api://scim",
        "sub": "robot",
        "iat": now.timestamp(),
        "nbf": now.timestamp(),
        "exp": (now + TimeDelta::hours(1)).timestamp(),
    });
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => claims.as_object_mut().unwrap().remove(name),
            value => claims.as_object_mut().unwrap().insert(name.clone(), value.clone()),
        };
    }
    claims
}

async fn with(scim: &Scim, token: &str) -> Answer {
    scim.get_authorized("/scim/v2/Users", Some(&format!("Bearer {token}"))).await
}

/// What every token gets whose signature is not known to be good, whatever else is wrong with it.
const UNTRUSTED: &str = "the token is not signed by an issuer that is trusted here";
