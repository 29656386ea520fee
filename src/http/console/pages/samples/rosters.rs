//! Applications, their rosters, and the digest.

use super::super::*;
use super::{ago, shell};

fn bar(name: &str, told: &str, percent: Option<u64>, tone: Tone) -> LicenseBar {
    LicenseBar {
        name: name.into(),
        url: Some("/console/t/example/applications/crm".into()),
        told: told.into(),
        percent,
        tone,
    }
}

pub fn applications(twist: &str) -> Applications {
    Applications {
        shell: shell("Applications", Here::Applications, twist),
        applications: vec![ApplicationRow {
            url: "/console/t/example/applications/crm".into(),
            id: "crm".into(),
            name: format!("Sales CRM{twist}"),
            accounts: "214".into(),
            published: Some(ago(12)),
            licenses: vec![
                bar(&format!("Pro{twist}"), "180 of 200", Some(90), Tone::Ok),
                bar("Starter", "31 of 30", Some(100), Tone::Danger),
            ],
            more: 1,
        }],
        pager: Pager { told: "1 application".into(), previous: None, next: None },
    }
}

pub fn application_form(twist: &str) -> ApplicationForm {
    let field = |id: &'static str| Field {
        id,
        label: "A field",
        hint: "What belongs into it.",
        example: "for example",
        value: format!("value{twist}"),
        wrong: (!twist.is_empty()).then(|| format!("This is missing{twist}.")),
    };
    ApplicationForm {
        shell: shell("New application", Here::Applications, twist),
        known: (!twist.is_empty()).then(|| (twist.to_owned(), "/console/t/example/applications/crm".to_owned())),
        action: "/console/t/example/applications".into(),
        id: Some(field("id")),
        name: field("name"),
        licenses: field("licenses"),
        brake: field("brake"),
        problem: (!twist.is_empty()).then(|| Notice::problem(twist)),
    }
}

pub fn application(twist: &str) -> ApplicationPage {
    let account = |id: &str, known: bool| AccountRow {
        id: format!("{id}{twist}"),
        username: known.then(|| format!("ada{twist}")),
        email: format!("ada@example.org{twist}"),
        license: known.then(|| format!("Pro{twist}")),
        user: known.then(|| (format!("Ada{twist}"), "/console/t/example/users/1".to_owned())),
        status: Status::new(Tone::Ok, "Active"),
        added: ago(100),
    };
    ApplicationPage {
        shell: shell("Sales CRM", Here::Applications, twist),
        here: "/console/t/example/applications/crm".into(),
        id: "crm".into(),
        name: format!("Sales CRM{twist}"),
        publish: "https://scim.example.org/api/v1/apps/crm/users".into(),
        brake: "a publication that removes more than 50 % has to be confirmed".into(),
        created: ago(5_000),
        changed: ago(100),
        published: Some(ago(12)),
        figures: vec![Figure { name: "Accounts", value: "214".into(), note: "nobody of them is inactive".into() }],
        licenses: vec![LicenseRow {
            bar: bar(&format!("Pro{twist}"), "180 of 200", Some(90), Tone::Ok),
            unused: "20".into(),
            status: Status::new(Tone::Ok, "Within its limit"),
            unknown: 3,
            inactive: 1,
        }],
        roster: RosterPart {
            query: twist.into(),
            licenses: vec![Choice::new("", "All", true), Choice::new(twist, twist, false)],
            users: vec![Choice::new("", "All", true)],
            is_filtered: true,
            file: "/console/t/example/applications/crm/report.csv".into(),
            accounts: vec![account("0001", true), account("0002", false)],
            pager: Pager::default(),
        },
        sessions: vec![SessionRow {
            id: "0196d3a2-0000-7000-8000-000000000000".into(),
            by: format!("HR{twist}"),
            opened: ago(5),
            expires: ago(-1_000),
            told: "2,000 accounts in 2 parts".into(),
        }],
        publications: vec![PublicationRow {
            at: ago(12),
            by: format!("HR{twist}"),
            kind: "In one request",
            added: "+3".into(),
            changed: "1".into(),
            removed: "−2".into(),
            total: "214".into(),
        }],
        problem: (!twist.is_empty()).then(|| Notice::problem(twist)),
    }
}

pub fn application_empty() -> ApplicationPage {
    ApplicationPage {
        published: None,
        licenses: Vec::new(),
        sessions: Vec::new(),
        publications: Vec::new(),
        ..application("")
    }
}

pub fn digest(twist: &str) -> DigestPage {
    DigestPage {
        shell: shell("Weekly digest", Here::Digest, twist),
        status: Status::new(Tone::Ok, "On"),
        next: Some(ago(-2_000)),
        is_on: true,
        weekdays: vec![Choice::new("Monday", "Monday", true)],
        hours: vec![Choice::new("8", "08:00", true)],
        zone: Field {
            id: "time-zone",
            label: "Time zone",
            hint: "By whose clocks.",
            example: "Europe/Berlin",
            value: format!("UTC{twist}"),
            wrong: (!twist.is_empty()).then(|| format!("No time zone{twist}.")),
        },
        zones: vec!["Europe/Berlin", "UTC"],
        skips_empty: true,
        readers: vec![Reader { name: format!("Ada{twist}"), email: format!("ada@example.org{twist}"), is_me: true }],
        is_wanted: true,
        mine: "You get it.",
        figures: vec![Figure { name: "Added", value: "3".into(), note: format!("by HR{twist}") }],
        subject: format!("Your week{twist}"),
        text: format!("3 users were added{twist}"),
        html: "/console/t/example/digest/html".into(),
        made: vec![DigestRow {
            week: "2026-W47".into(),
            period: "9 Nov 2026 to 16 Nov 2026".into(),
            at: ago(9_000),
            status: Status::new(Tone::Ok, "2 mails"),
            counts: ["3", "1", "0", "0"].map(str::to_owned),
        }],
        problem: (!twist.is_empty()).then(|| Notice::problem(twist)),
    }
}
