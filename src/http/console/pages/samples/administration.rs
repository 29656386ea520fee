//! The door, accounts, tenants and their settings.

use super::super::*;
use super::{ago, flash, shell};

pub fn door(twist: &str) -> Door {
    Door { theme: Theme::Auto, notice: (!twist.is_empty()).then(|| Notice::problem(twist)) }
}

pub fn sign_in(twist: &str) -> SignIn {
    SignIn { door: door(twist), email: twist.into(), back: format!("/console{twist}") }
}

pub fn second_factor(twist: &str) -> SecondFactor {
    SecondFactor { door: door(twist), csrf: "c".into(), back: format!("/console{twist}") }
}

pub fn set_up(twist: &str) -> SetUp {
    SetUp {
        door: door(twist),
        action: "/console/set-up/abc".into(),
        known: None,
        email: twist.into(),
        name: twist.into(),
        least: 12,
    }
}

pub fn authenticator(twist: &str) -> Authenticator {
    let dark = (0..29).flat_map(|y| (0..29).filter(move |x| (x * 7 + y * 13 + x * y) % 3 == 0).map(move |x| (x, y)));
    Authenticator {
        shell: shell("Second factor", Here::Elsewhere, twist),
        key: Some("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP".into()),
        qr: Some(QrCode { width: 29, dark: dark.collect() }),
        problem: (!twist.is_empty()).then(|| Notice::problem(twist)),
    }
}

pub fn account(twist: &str) -> Account {
    Account {
        shell: Shell { tenant: None, ..shell("Your account", Here::Elsewhere, twist) },
        email: format!("ada@example.org{twist}"),
        has_second_factor: true,
        codes: vec!["abcd-efgh-ijkl-mnop".into(), "qrst-uvwx-yz23-4567".into()],
        problem: None,
    }
}

pub fn door_problem() -> DoorProblem {
    DoorProblem {
        door: Door::default(),
        title: "This link has been used".into(),
        told: "It works once. Sign in with the account that it made.".into(),
        request: None,
        link: ("/console/sign-in", "Sign in"),
    }
}

pub fn settings(twist: &str) -> Settings {
    let switch = |key, name, hint| Switch {
        key,
        name,
        hint,
        choices: vec![Choice::new("no", "No", false), Choice::new("yes", "Yes", true)],
    };
    Settings {
        shell: flash(shell("Settings", Here::Settings, twist), Tone::Ok, "Saved."),
        slug: "example".into(),
        name: format!("Example University{twist}"),
        profiles: vec![Choice::new("rfc", "RFC", false), Choice::new("entra", "Microsoft Entra ID", true)],
        switches: vec![
            switch(
                "uniqueGroupNames",
                "Two groups may not have one name",
                "Names are compared without case. Microsoft's validator demands 409 for a second group of a name; the RFC does not.",
            ),
            switch(
                "deleteDeactivates",
                "DELETE deactivates",
                "A deleted user stays, inactive, with groups and history. For tenants where an identity provider deletes and somebody regrets it.",
            ),
        ],
        keeps: vec![Choice::new("400d", "400 days", true)],
        provisioning: vec![switch("enabled", "Provisioning", "Takes people from systems that do not speak SCIM.")],
        mail: MailChoices {
            fields: vec![Field {
                id: "mail-name",
                label: "Name",
                hint: "Whom mails name.",
                example: "Example",
                value: format!("Example{twist}"),
                wrong: (!twist.is_empty()).then(|| twist.to_owned()),
            }],
            languages: vec![Choice::new("en", "English", true)],
        },
        offenders: vec![],
        whole: Some(WholeTenant {
            status: Status::new(Tone::Ok, "In use"),
            told: "Its credentials are taken.".into(),
            suspends: true,
            resumes: true,
            deletes: true,
            restores: true,
            graces: vec![Choice::new("30", "After 30 days", true)],
        }),
        problem: None,
    }
}

pub fn admins(twist: &str) -> Admins {
    let admin = |id: &str, email: &str, role: &str, live, second| AdminRow {
        id: id.into(),
        email: format!("{email}{twist}"),
        name: format!("Somebody{twist}"),
        role: role.into(),
        myself: id == "1",
        live,
        status: if live { Status::new(Tone::Ok, "Active") } else { Status::new(Tone::Off, "Disabled") },
        second_factor: if second { Status::new(Tone::Ok, "On") } else { Status::new(Tone::Warn, "Not set up") },
        has_second_factor: second,
        signed_in: second.then(|| ago(500)),
    };
    Admins {
        shell: shell("Administrators", Here::Admins, twist),
        intro: "They reach this tenant alone.".into(),
        url: "/console/t/example/admins".into(),
        admins: vec![
            admin("1", "ada@example.org", "Owner", true, true),
            admin("2", "grace@example.org", "Auditor", true, false),
            admin("3", "charles@example.org", "Admin", false, true),
        ],
        revealed: Some(Revealed {
            title: "Hand this to grace@example.org".into(),
            values: vec![Secret {
                id: "link",
                name: "One-time link, works until tomorrow".into(),
                value: "https://scim.example.org/console/set-up/3x4mpl3".into(),
            }],
        }),
        problem: (!twist.is_empty()).then(|| Notice::problem(twist)),
    }
}

pub fn tenants(twist: &str) -> Tenants {
    let tenant = |slug: &str, name: &str, status| TenantRow {
        slug: slug.into(),
        name: format!("{name}{twist}"),
        status,
        profile: "Microsoft Entra ID".into(),
        created: ago(60 * 24 * 300),
    };
    Tenants {
        shell: Shell { tenant: None, ..shell("Tenants", Here::Tenants, twist) },
        tenants: vec![
            tenant("example", "Example University", Status::new(Tone::Ok, "In use")),
            tenant("other", "Other College", Status::new(Tone::Warn, "Suspended")),
        ],
        profiles: vec![Choice::new("rfc", "RFC", true)],
        problem: None,
    }
}
