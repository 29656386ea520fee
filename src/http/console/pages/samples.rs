//! Every page, rendered from sample data: for tests, and to look at.

use askama::Template;
use chrono::{DateTime, TimeDelta, Utc};

use super::*;

/// Names that a page must print as they are and never read as its own text.
pub const HOSTILE: [&str; 3] =
    ["<script>alert(1)</script>", "\" onmouseover=\"alert(1)", "</textarea><img src=x onerror=alert(1)>"];

fn now() -> DateTime<Utc> {
    "2026-11-22T09:30:00Z".parse().unwrap()
}

fn ago(minutes: i64) -> Moment {
    Moment::new(now() - TimeDelta::minutes(minutes), now())
}

/// The frame of a page of a tenant. `twist` is put into everything that others can write.
pub fn shell(title: &str, here: Here, twist: &str) -> Shell {
    Shell {
        title: title.to_owned(),
        here,
        tenant: Some(TenantNav {
            slug: "example".into(),
            name: format!("Example University{twist}"),
            own_types: vec!["Device".into()],
        }),
        who: Who {
            name: format!("ada@example.org{twist}"),
            role: "Owner".into(),
            instance: true,
            writes: true,
            owns: true,
        },
        csrf: "csrf-of-this-session".into(),
        theme: Theme::Auto,
        flash: None,
        path: "/console/t/example".into(),
    }
}

fn flash(shell: Shell, tone: Tone, text: &str) -> Shell {
    Shell { flash: Some(Notice { tone, text: text.to_owned() }), ..shell }
}

/// Every page by name, with `twist` in every text that others can write.
pub fn all(twist: &str) -> Vec<(&'static str, String)> {
    vec![
        ("sign_in", sign_in(twist).render().unwrap()),
        ("second_factor", second_factor(twist).render().unwrap()),
        ("set_up", set_up(twist).render().unwrap()),
        ("authenticator", authenticator(twist).render().unwrap()),
        ("account", account(twist).render().unwrap()),
        ("door_problem", door_problem().render().unwrap()),
        ("overview", overview(twist).render().unwrap()),
        ("overview_empty", overview_empty().render().unwrap()),
        ("connections", connections(twist).render().unwrap()),
        (
            "connections_empty",
            Connections { shell: shell("Connections", Here::Connections, ""), connections: vec![] }.render().unwrap(),
        ),
        ("connection_new", new_connection(twist).render().unwrap()),
        ("connection_first", connection(twist, Provider::Entra, Stage::New).render().unwrap()),
        ("connection_revealed", connection(twist, Provider::Okta, Stage::Revealed).render().unwrap()),
        ("connection", connection(twist, Provider::Entra, Stage::Used).render().unwrap()),
        ("connection_onelogin", connection(twist, Provider::OneLogin, Stage::Refused).render().unwrap()),
        ("connection_jumpcloud", connection(twist, Provider::JumpCloud, Stage::Used).render().unwrap()),
        ("connection_other", connection(twist, Provider::Other, Stage::Used).render().unwrap()),
        ("waiting_part", WaitingPart { waiting: wait(twist, Waiting::First) }.render().unwrap()),
        ("users", users(twist).render().unwrap()),
        ("users_wrong", users_wrong(twist).render().unwrap()),
        ("users_empty", users_empty(twist).render().unwrap()),
        ("user", user(twist).render().unwrap()),
        ("group", group(twist).render().unwrap()),
        ("activity", activity(twist).render().unwrap()),
        ("schemas", schemas(twist).render().unwrap()),
        ("settings", settings(twist).render().unwrap()),
        ("admins", admins(twist).render().unwrap()),
        ("tenants", tenants(twist).render().unwrap()),
        ("requests", requests(twist, false).render().unwrap()),
        ("requests_answered", requests(twist, true).render().unwrap()),
    ]
}

fn door(twist: &str) -> Door {
    Door { theme: Theme::Auto, notice: (!twist.is_empty()).then(|| Notice::problem(twist)) }
}

fn sign_in(twist: &str) -> SignIn {
    SignIn { door: door(twist), email: twist.into(), back: format!("/console{twist}") }
}

fn second_factor(twist: &str) -> SecondFactor {
    SecondFactor { door: door(twist), csrf: "c".into(), back: format!("/console{twist}") }
}

fn set_up(twist: &str) -> SetUp {
    SetUp {
        door: door(twist),
        action: "/console/set-up/abc".into(),
        known: None,
        email: twist.into(),
        name: twist.into(),
        least: 12,
    }
}

fn authenticator(twist: &str) -> Authenticator {
    let dark = (0..29).flat_map(|y| (0..29).filter(move |x| (x * 7 + y * 13 + x * y) % 3 == 0).map(move |x| (x, y)));
    Authenticator {
        shell: shell("Second factor", Here::Elsewhere, twist),
        key: Some("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP".into()),
        qr: Some(QrCode { width: 29, dark: dark.collect() }),
        problem: (!twist.is_empty()).then(|| Notice::problem(twist)),
    }
}

fn account(twist: &str) -> Account {
    Account {
        shell: Shell { tenant: None, ..shell("Your account", Here::Elsewhere, twist) },
        email: format!("ada@example.org{twist}"),
        has_second_factor: true,
        codes: vec!["abcd-efgh-ijkl-mnop".into(), "qrst-uvwx-yz23-4567".into()],
        problem: None,
    }
}

fn door_problem() -> DoorProblem {
    DoorProblem {
        door: Door::default(),
        title: "This link has been used".into(),
        told: "It works once. Sign in with the account that it made.".into(),
        request: None,
        link: ("/console/sign-in", "Sign in"),
    }
}

fn bars() -> Vec<Bar> {
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

fn overview(twist: &str) -> Overview {
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
            },
            ConnectionState {
                id: "2".into(),
                name: format!("Okta HR{twist}"),
                kind: "Okta".into(),
                status: Status::new(Tone::Danger, "Failing"),
                last_success: Some(ago(380)),
                last_failure: Some(ago(3)),
            },
            ConnectionState {
                id: "3".into(),
                name: "Old directory".into(),
                kind: "Another client".into(),
                status: Status::new(Tone::Off, "Disabled"),
                last_success: Some(ago(60 * 24 * 80)),
                last_failure: None,
            },
        ],
    }
}

fn overview_empty() -> Overview {
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

fn connection_row(name: &str, kind: &str, status: Status, enabled: bool) -> ConnectionRow {
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

fn connections(twist: &str) -> Connections {
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

fn new_connection(twist: &str) -> NewConnection {
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
enum Stage {
    New,
    Revealed,
    Used,
    Refused,
}

fn wait(twist: &str, state: Waiting) -> Wait {
    Wait {
        state,
        url: "/console/t/example/connections/1/waiting".into(),
        name: format!("Entra{twist}"),
        activity: "/console/t/example/activity?connection=1".into(),
    }
}

fn connection(twist: &str, provider: Provider, stage: Stage) -> ConnectionPage {
    let row = |label: &str, status: Status, live| CredentialRow {
        id: format!("{}", label.len()),
        path: "tokens",
        label: format!("{label}{twist}"),
        kind: "Bearer token".into(),
        prefix: "sgt_01hf7yq…".into(),
        scopes: ["users:read", "users:write", "groups:read", "groups:write"].map(str::to_owned).to_vec(),
        allowed: if live { vec!["198.51.100.0/24".into()] } else { vec![] },
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

fn resources(twist: &str, query: &str, outcome: Found) -> Resources {
    Resources {
        shell: shell("Users", Here::Resources("User".into()), twist),
        plural: "Users".into(),
        intro: "Everybody whom the connections have pushed.".into(),
        url: "/console/t/example/users".into(),
        icon: "users",
        query: query.into(),
        placeholder: "Name, e-mail address, employee number or id",
        hint: "What begins with the text is found.",
        example: "userName co \"ann\" and active eq true",
        columns: ["Name", "E-mail", "State"],
        outcome,
    }
}

fn users(twist: &str) -> Resources {
    let row = |number: usize, (name, user_name): (&str, &str)| Row {
        id: number.to_string(),
        name: format!("{name}{twist}"),
        second: Some(format!("{user_name}{twist}")),
        text: (number != 3).then(|| format!("{user_name}@example.org{twist}")),
        status: Some(if number == 2 { Status::new(Tone::Off, "Inactive") } else { Status::new(Tone::Ok, "Active") }),
        note: String::new(),
        changed: ago(number as i64 * 531),
    };
    let people = [
        ("Ada Lovelace", "ada"),
        ("Grace Hopper", "grace"),
        ("Edsger Wybe Dijkstra", "edsger"),
        ("Barbara Liskov", "barbara.jane.huberman.liskov"),
        ("Νίκος Παπαδόπουλος", "nikos"),
        ("محمد الخوارزمي", "khwarizmi"),
        ("李雷", "lei.li"),
    ];
    let rows: Vec<Row> = people.into_iter().enumerate().map(|(number, person)| row(number, person)).collect();
    let pager = Pager::of(12_408, 50, 50, 50, |offset| format!("/console/t/example/users?offset={offset}"));
    resources(twist, twist, Found::Page(ResourcePart { rows, pager }))
}

fn users_wrong(twist: &str) -> Resources {
    let filter = format!("userName xx \"ann\"{twist}");
    resources(
        twist,
        &filter,
        Found::Wrong(Wrong::new(
            &filter,
            9,
            format!(
                "At position 9: the operator 'xx' is not supported; use eq, ne, co, sw, ew, gt, ge, lt, le or pr{twist}"
            ),
        )),
    )
}

fn users_empty(twist: &str) -> Resources {
    resources(twist, twist, Found::Page(ResourcePart { rows: vec![], pager: Pager::default() }))
}

fn differences(twist: &str) -> Vec<Difference> {
    vec![
        Difference {
            name: "title".into(),
            before: Some(format!("Analyst{twist}")),
            after: Some(format!("Countess{twist}")),
            is_secret: false,
        },
        Difference {
            name: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department".into(),
            before: None,
            after: Some("Engines".into()),
            is_secret: false,
        },
        Difference { name: "nickName".into(), before: Some("AL".into()), after: None, is_secret: false },
    ]
}

fn change(twist: &str, action: &'static str, told: &'static str, minutes: i64, version: i64) -> ChangeView {
    ChangeView {
        action,
        told,
        at: ago(minutes),
        actor: format!("Entra token{twist}"),
        address: Some("198.51.100.7".into()),
        request: "01938f2a-7c1d-7000-8000-0242ac120002".into(),
        version,
        attributes: if action == "update" { differences(twist) } else { vec![] },
    }
}

fn user(twist: &str) -> ResourcePage {
    let value = |text: &str, tags: &[&str]| ValueView {
        name: None,
        text: format!("{text}{twist}"),
        tags: tags.iter().map(|tag| tag.to_string()).collect(),
    };
    let named = |name: &str, text: &str| ValueView { name: Some(format!("{name}{twist}")), ..value(text, &[]) };
    let attribute = |name: &str, values: Vec<ValueView>| AttributeView { name: format!("{name}{twist}"), values };
    ResourcePage {
        shell: shell(&format!("Ada Lovelace{twist}"), Here::Resources("User".into()), twist),
        url: "/console/t/example/users".into(),
        plural: "Users".into(),
        scim_path: "/Users/01938f2a-7c1d-7000-8000-0242ac120002".into(),
        id: "01938f2a-7c1d-7000-8000-0242ac120002".into(),
        name: format!("Ada Lovelace{twist}"),
        second: Some(format!("ada@example.org{twist}")),
        status: Some(Status::new(Tone::Ok, "Active")),
        version: "W/\"7\"".into(),
        created: ago(60 * 24 * 90),
        changed: ago(42),
        attributes: vec![
            AttributeGroup {
                title: "User".into(),
                urn: None,
                attributes: vec![
                    attribute("userName", vec![value("ada@example.org", &[])]),
                    attribute("externalId", vec![value("7f0c1a52-2f11-4b6e-9d0a-3c5f3c9d9b1e", &[])]),
                    attribute(
                        "name",
                        vec![
                            named("formatted", "Ada Lovelace"),
                            named("familyName", "Lovelace"),
                            named("givenName", "Ada"),
                        ],
                    ),
                    attribute(
                        "emails",
                        vec![value("ada@example.org", &["work", "primary"]), value("countess@example.net", &["home"])],
                    ),
                    attribute("active", vec![value("true", &[])]),
                ],
            },
            AttributeGroup {
                title: "Enterprise User".into(),
                urn: Some("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User".into()),
                attributes: vec![
                    attribute("employeeNumber", vec![value("1843", &[])]),
                    attribute("department", vec![value("Engines", &[])]),
                ],
            },
        ],
        links: Some(Links {
            title: "Groups",
            told: "3".into(),
            items: vec![
                Link { url: "/console/t/example/groups/1".into(), text: format!("Mathematics{twist}"), note: None },
                Link {
                    url: "/console/t/example/groups/2".into(),
                    text: "Faculty".into(),
                    note: Some("by way of another".into()),
                },
            ],
            empty: "In no group.",
            pager: Pager::default(),
        }),
        history: vec![
            change(twist, "update", "Updated", 42, 7),
            change(twist, "reactivate", "Reactivated", 60 * 30, 6),
            change(twist, "deactivate", "Deactivated", 60 * 24 * 9, 5),
            change(twist, "create", "Created", 60 * 24 * 90, 1),
        ],
        json: format!(
            "{{\n  \"schemas\": [\n    \"urn:ietf:params:scim:schemas:core:2.0:User\"\n  ],\n  \"userName\": \"ada@example.org{twist}\"\n}}"
        ),
    }
}

fn group(twist: &str) -> ResourcePage {
    let page = user(twist);
    let member = |number: u32| Link {
        url: format!("/console/t/example/users/{number}"),
        text: format!("Member {number}{twist}"),
        note: (number == 3).then(|| "Group".into()),
    };
    ResourcePage {
        shell: shell("Mathematics", Here::Resources("Group".into()), twist),
        plural: "Groups".into(),
        name: format!("Mathematics{twist}"),
        second: None,
        status: None,
        links: Some(Links {
            title: "Members",
            told: "1,204".into(),
            items: (1..9).map(member).collect(),
            empty: "Nobody is in it.",
            pager: Pager::of(1_204, 50, 50, 50, |offset| format!("?offset={offset}")),
        }),
        attributes: page.attributes.into_iter().take(1).collect(),
        ..user(twist)
    }
}

fn activity(twist: &str) -> Activity {
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
            attributes,
            detail: detail.map(|detail| format!("{detail}{twist}")),
            request: Some("01938f2a-7c1d-7000-8000-0242ac120002".into()),
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

fn schemas(twist: &str) -> Schemas {
    let line = |name: &str, kind: &str, marks: &[&str]| AttributeLine {
        name: format!("{name}{twist}"),
        description: format!("What people call it.{twist}"),
        kind: kind.into(),
        marks: marks.iter().map(|mark| mark.to_string()).collect(),
    };
    Schemas {
        shell: shell("Schemas", Here::Schemas, twist),
        types: vec![TypeView {
            name: "User".into(),
            description: format!("User Account{twist}"),
            endpoint: "/Users".into(),
            schemas: vec![
                "urn:ietf:params:scim:schemas:core:2.0:User".into(),
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User".into(),
            ],
        }],
        schemas: vec![
            SchemaView {
                name: "User".into(),
                urn: "urn:ietf:params:scim:schemas:core:2.0:User".into(),
                count: 21,
                own: false,
                open: false,
                attributes: vec![line("userName", "string", &["required", "unique in the tenant"])],
            },
            SchemaView {
                name: format!("Device{twist}"),
                urn: "urn:example:device".into(),
                count: 2,
                own: true,
                open: true,
                attributes: vec![
                    line("serial", "string", &["required", "unique in the tenant", "exact case"]),
                    line("owner.value", "reference", &["read only"]),
                ],
            },
        ],
    }
}

fn settings(twist: &str) -> Settings {
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
        problem: None,
    }
}

fn admins(twist: &str) -> Admins {
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

fn tenants(twist: &str) -> Tenants {
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

fn requests(twist: &str, answered: bool) -> Requests {
    Requests {
        shell: shell("Request console", Here::Requests, twist),
        methods: ["GET", "POST", "PUT", "PATCH", "DELETE"]
            .map(|method| Choice::new(method, method, method == "GET"))
            .to_vec(),
        path: format!("/Users?count=1{twist}"),
        body: twist.into(),
        answer: answered.then(|| Told {
            status: Status::new(Tone::Ok, "200 OK"),
            took: "3.1 ms".into(),
            headers: vec![
                ("content-type".into(), "application/scim+json".into()),
                ("etag".into(), format!("W/\"7\"{twist}")),
            ],
            body: format!("{{\n  \"totalResults\": 1,\n  \"Resources\": [\n    \"{twist}\"\n  ]\n}}"),
        }),
        examples: vec!["/Users?count=1".into(), "/ServiceProviderConfig".into()],
    }
}
