//! Clients and trusted issuers of a connection.

use super::super::*;
use super::{ago, shell};

fn field(id: &'static str, twist: &str) -> Field {
    Field {
        id,
        label: "A field",
        hint: "What belongs into it.",
        example: "for example",
        value: format!("value{twist}"),
        wrong: (!twist.is_empty()).then(|| format!("This is missing{twist}.")),
    }
}

fn trust(twist: &str) -> TrustForm {
    TrustForm {
        whose: vec![field("issuer", twist), field("jwks-url", twist)],
        audiences: field("audiences", twist),
        subject: field("subject", twist),
        subject_claims: vec![Choice::new("sub", "sub", true), Choice::new("oid", "oid", false)],
        claims: field("claims", twist),
        rare: vec![field("tid", twist), field("algorithms", twist)],
        reusable: true,
    }
}

fn powers(twist: &str) -> PowersForm {
    PowersForm {
        scopes: vec![ScopeChoice { key: "users:read".into(), hint: "Read users".into(), usual: true }],
        allowed: field("allowed", twist),
        weight: field("weight", twist),
    }
}

pub fn new_issuer(twist: &str) -> NewIssuerPage {
    NewIssuerPage {
        shell: shell("Trust an issuer", Here::Connections, twist),
        connection: format!("Entra ID{twist}"),
        url: "/console/t/example/connections/1".into(),
        name: field("name", twist),
        shapes: vec![KindChoice { key: "entra".into(), name: "Entra's own".into(), hint: "Left blank".into() }],
        shape: "entra",
        entra: vec![field("directory", twist), field("application", twist)],
        audience: field("audience", twist),
        trust: trust(twist),
        allowed: field("allowed", twist),
        weight: field("weight", twist),
        expires: vec![Choice::new("", "Until it is removed", true)],
        scopes: vec![ScopeChoice { key: "users:read".into(), hint: "Read users".into(), usual: true }],
        problem: (!twist.is_empty()).then(|| Notice::problem(twist)),
    }
}

pub fn issuer(twist: &str) -> IssuerPage {
    IssuerPage {
        shell: shell("GitHub", Here::Connections, twist),
        connection: format!("Entra ID{twist}"),
        url: "/console/t/example/connections/1".into(),
        id: "7".into(),
        name: format!("GitHub{twist}"),
        status: Status::new(Tone::Ok, "Trusted"),
        live: true,
        enabled: true,
        weight: "50".into(),
        powers: powers(twist),
        client_id: "c_01hf7yq".into(),
        token_endpoint: "https://scim.example.org/oauth/token".into(),
        scopes: vec!["users:read".into()],
        allowed: vec!["198.51.100.0/24".into()],
        created: ago(60),
        changed: ago(5),
        expires: None,
        trust: trust(twist),
        problem: None,
    }
}

pub fn client(twist: &str) -> ClientPage {
    ClientPage {
        shell: shell("Gallery", Here::Connections, twist),
        connection: format!("Entra ID{twist}"),
        url: "/console/t/example/connections/1".into(),
        id: "7".into(),
        name: format!("Gallery{twist}"),
        status: Status::new(Tone::Ok, "Live"),
        live: true,
        enabled: false,
        weight: "any".into(),
        powers: powers(twist),
        client_id: "c_01hf7yq".into(),
        token_endpoint: "https://scim.example.org/oauth/token".into(),
        minutes: 60,
        scopes: vec!["users:read".into()],
        allowed: vec![],
        created: ago(60),
        secrets: vec![SecretRow {
            id: "9".into(),
            hint: "7c1f".into(),
            status: Status::new(Tone::Ok, "Live"),
            live: true,
            created: ago(60),
            expires: ago(-60 * 24 * 700),
        }],
        revealed: None,
        problem: (!twist.is_empty()).then(|| Notice::problem(twist)),
    }
}
