//! The overview and connections.

use chrono::TimeDelta;

use super::super::*;
use super::{ago, flash, now, shell};

pub fn bars() -> Vec<Bar> {
    (0..30_u64)
        .map(|day| {
            let wave = (day * 37 + 11) % 53;
            let created = if day == 4 { 410 } else { wave / 6 };
            let date = now() - TimeDelta::days(29 - day as i64);
            let bar = Bar { day: date.format("%-d %b").to_string(), created, updated: wave * 3, removed: wave / 9 };
            if day < 3 { Bar { created: 0, updated: 0, removed: 0, ..bar } } else { bar }
        })
        .collect()
}

pub fn overview(twist: &str) -> Overview {
    let figure = |name, value: &str, note: &str| Figure { name, value: value.into(), note: note.into() };
    Overview {
        shell: shell("Overview", Here::Overview, twist),
        told: "Two connections, one of which needs you.".into(),
        concerns: vec![
            Concern {
                tone: Tone::Danger,
                text: format!("Okta HR{twist} was refused 41 times since its last success, 6 h ago"),
                url: "/console/t/example/connections/2".into(),
            },
            Concern {
                tone: Tone::Warn,
                text: format!("The token “Entra token{twist}” expires in 6 days"),
                url: "/console/t/example/connections/1".into(),
            },
        ],
        figures: vec![
            figure("Users", "12,408", "11,932 active (96%)"),
            figure("Groups", "318", "a user is in 4 of them on average"),
            figure("Changes today", "147", "and 1,203 in seven days"),
            figure("Refused today", "41", "all by one connection"),
        ],
        chart: Chart::new(bars()),
        connections: vec![
            ConnectionState {
                id: "1".into(),
                name: format!("Entra ID, main directory{twist}"),
                kind: "Microsoft Entra ID".into(),
                status: Status::new(Tone::Ok, "In use"),
                last_success: Some(ago(12)),
                last_failure: None,
                refused: None,
            },
            ConnectionState {
                id: "2".into(),
                name: format!("Okta HR{twist}"),
                kind: "Okta".into(),
                status: Status::new(Tone::Danger, "Failing"),
                last_success: Some(ago(380)),
                last_failure: Some(ago(3)),
                refused: Some("41".into()),
            },
            ConnectionState {
                id: "3".into(),
                name: "Old directory".into(),
                kind: "Another client".into(),
                status: Status::new(Tone::Off, "Disabled"),
                last_success: Some(ago(60 * 24 * 80)),
                last_failure: None,
                refused: None,
            },
        ],
    }
}

pub fn overview_empty() -> Overview {
    let figure = |name, note: &str| Figure { name, value: "0".into(), note: note.into() };
    Overview {
        shell: shell("Overview", Here::Overview, ""),
        told: "Nothing is connected yet.".into(),
        concerns: Vec::new(),
        figures: vec![
            figure("Users", "none yet"),
            figure("Groups", "none yet"),
            figure("Changes today", "none in seven days"),
            figure("Refused today", "none"),
        ],
        chart: Chart::new((0..30).map(|day| Bar { day: format!("{day} Nov"), ..Bar::default() }).collect()),
        connections: Vec::new(),
    }
}

pub fn connection_row(name: &str, kind: &str, status: Status, enabled: bool) -> ConnectionRow {
    ConnectionRow {
        id: "1".into(),
        name: name.into(),
        kind: kind.into(),
        enabled,
        status,
        credentials: "2 live, 1 expires in 6 days".into(),
        last_used: Some(ago(12)),
        created: ago(60 * 24 * 200),
    }
}

pub fn connections(twist: &str) -> Connections {
    Connections {
        shell: flash(shell("Connections", Here::Connections, twist), Tone::Ok, "The connection was disabled."),
        connections: vec![
            connection_row(
                &format!("Entra ID, main directory{twist}"),
                "Microsoft Entra ID",
                Status::new(Tone::Ok, "In use"),
                true,
            ),
            connection_row("Okta HR", "Okta", Status::new(Tone::Danger, "Failing"), true),
            connection_row("Old directory", "Another client", Status::new(Tone::Off, "Disabled"), false),
        ],
    }
}

pub fn new_connection(twist: &str) -> NewConnection {
    let kind = |provider: Provider| KindChoice {
        key: format!("{provider:?}").to_lowercase(),
        name: provider.name().into(),
        hint: provider.hint().into(),
    };
    NewConnection {
        shell: shell("New connection", Here::Connections, twist),
        kinds: Provider::ALL.into_iter().map(kind).collect(),
        chosen: "entra".into(),
        name: twist.into(),
        problem: (!twist.is_empty()).then(|| Notice::problem(format!("There is a connection called {twist} already."))),
    }
}

#[derive(PartialEq)]
pub enum Stage {
    New,
    Revealed,
    Used,
    Refused,
}

pub fn wait(twist: &str, state: Waiting) -> Wait {
    Wait {
        state,
        url: "/console/t/example/connections/1/waiting".into(),
        name: format!("Entra{twist}"),
        activity: "/console/t/example/activity?connection=1".into(),
    }
}

pub fn connection(twist: &str, provider: Provider, stage: Stage) -> ConnectionPage {
    let row = |label: &str, status: Status, live: bool| CredentialRow {
        id: format!("{}", label.len()),
        path: "tokens",
        label: format!("{label}{twist}"),
        page: live.then(|| "/console/t/example/connections/1/clients/7".into()),
        kind: "Bearer token".into(),
        prefix: "sgt_01hf7yq…".into(),
        scopes: ["users:read", "users:write", "groups:read", "groups:write"].map(str::to_owned).to_vec(),
        allowed: if live { vec!["198.51.100.0/24".into()] } else { vec![] },
        weight: None,
        status,
        live,
        rotates: live,
        last_used: Some(ago(12)),
        last_address: Some("198.51.100.7".into()),
        expires: live.then(|| ago(-60 * 24 * 6 - 5)),
    };
    let state = match stage {
        Stage::New => Waiting::NoCredential,
        Stage::Revealed => Waiting::First,
        Stage::Used => Waiting::Connected(ago(0)),
        Stage::Refused => Waiting::Refused(ago(3)),
    };
    let scope = |key: &str, hint: &str, usual| ScopeChoice { key: key.into(), hint: hint.into(), usual };
    ConnectionPage {
        shell: shell(&format!("Entra ID, main directory{twist}"), Here::Connections, twist),
        here: "/console/t/example/connections/1".into(),
        connection: connection_row(
            &format!("Entra ID, main directory{twist}"),
            provider.name(),
            Status::new(Tone::Ok, "In use"),
            true,
        ),
        waiting: wait(twist, state),
        credentials: match stage {
            Stage::New => vec![],
            Stage::Revealed => vec![row("Token of November", Status::new(Tone::Ok, "Live"), true)],
            _ => vec![
                row("Token of November", Status::new(Tone::Warn, "Expires soon"), true),
                row("Token of last year", Status::new(Tone::Off, "Revoked"), false),
            ],
        },
        first_label: format!("Entra token{twist}"),
        scopes: vec![
            scope("users:read", "Read users", true),
            scope("users:write", "Create and change users", true),
            scope("admin:read", "Read the admin API", false),
        ],
        refused: (stage == Stage::Used)
            .then(|| Notice { tone: Tone::Warn, text: format!("Entra{twist} sent more than the rate limit allows.") }),
        revealed: (stage == Stage::Revealed).then(|| Revealed {
            title: "Your token".into(),
            values: vec![Secret {
                id: "secret",
                name: "Token".into(),
                value: "sgt_01hf7yq8kz3m_4fW2x9Lq0aVt7RbN1cJ5eYp6HsKdUoXz_7c1f".into(),
            }],
        }),
        guide: Guide::new(provider, "https://scim.example.org/scim/v2"),
        problem: (!twist.is_empty()).then(|| Notice::problem(twist)),
    }
}
