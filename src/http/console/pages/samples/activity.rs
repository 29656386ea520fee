//! The log, and what became of a request.

use super::super::*;
use super::resources::differences;
use super::{ago, shell};

pub fn activity(twist: &str) -> Activity {
    let entry =
        |told: &str, target: &str, status: Status, minutes, attributes: Vec<Difference>, detail: Option<&str>| Entry {
            at: ago(minutes),
            told: told.into(),
            target: format!("{target}{twist}"),
            url: Some("/console/t/example/users/1".into()),
            actor: format!("Entra token{twist}"),
            address: Some("198.51.100.7".into()),
            status,
            summary: if attributes.is_empty() { "Details".into() } else { format!("{} attributes", attributes.len()) },
            notes: if attributes.is_empty() { Vec::new() } else { notes(twist) },
            attributes,
            detail: detail.map(|detail| format!("{detail}{twist}")),
            request: Some("01938f2a-7c1d-7000-8000-0242ac120002".into()),
            explains: true,
        };
    let done = || Status::new(Tone::Ok, "Done");
    Activity {
        shell: shell("Activity", Here::Activity, twist),
        kinds: vec![
            Choice::new("", "Everything", true),
            Choice::new("create", "Created", false),
            Choice::new("refused", "Refused requests", false),
        ],
        connections: vec![Choice::new("", "Any", true), Choice::new("1", &format!("Entra ID{twist}"), false)],
        here: "/console/t/example/activity".into(),
        actor: twist.into(),
        target: twist.into(),
        from: "2026-11-01".into(),
        to: String::new(),
        suffix: "?from=2026-11-01".into(),
        exports: vec![("CSV", "/admin/v1/x.csv".into())],
        problem: None,
        entries: vec![
            entry("Updated user", "ada@example.org", done(), 2, differences(twist), None),
            entry("Created user", "grace@example.org", done(), 14, vec![], None),
            entry(
                "Refused: POST /Users",
                "linus@example.org",
                Status::new(Tone::Danger, "409 uniqueness"),
                61,
                vec![],
                Some("userName is taken by another user. Look it up by filter before creating it."),
            ),
            entry("Revoked token", "Token of last year", done(), 60 * 26, vec![], None),
        ],
        pager: Pager {
            told: "The newest 50".into(),
            previous: None,
            next: Some("/console/t/example/activity?before=1".into()),
        },
    }
}

fn notes(twist: &str) -> Vec<NoteView> {
    let note = |tone, told: &str, at: &str| NoteView {
        status: Status::new(tone, told),
        at: format!("{at}{twist}"),
        text: format!("Was read as {twist}."),
    };
    vec![note(Tone::Ok, "Read otherwise", "active"), note(Tone::Warn, "Left out", "colour")]
}

pub fn explain(twist: &str) -> Explain {
    Explain {
        shell: shell("Explain a request", Here::Activity, twist),
        asked: format!("01938f2a{twist}"),
        problem: (!twist.is_empty()).then(|| Notice::problem(twist)),
        found: Some(Explanation {
            summary: format!("POST /Users was answered with 409 uniqueness{twist}."),
            failed: Some(FailedView {
                line: format!("POST /scim/v2/Users{twist}"),
                status: Status::new(Tone::Danger, "409 uniqueness"),
                at: ago(3),
                actor: format!("Entra{twist}"),
                address: Some("198.51.100.7".into()),
                detail: format!("Another user has this userName{twist}."),
                rule: "RFC 7643, section 2.2.".into(),
                profile: "entra".into(),
                took: "3.1 ms".into(),
                taken_by: vec![Link {
                    url: "/console/t/example/users/1".into(),
                    text: format!("ada{twist}"),
                    note: None,
                }],
                body: Some(format!("{{\n  \"userName\": \"{twist}\"\n}}")),
                body_note: Some(format!("It was shortened{twist}.")),
            }),
            notes: notes(twist),
            changes: activity(twist).entries,
        }),
    }
}
