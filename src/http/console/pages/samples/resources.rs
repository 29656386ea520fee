//! Resources, what happened to them, and what they look like.

use super::super::*;
use super::{ago, shell};

pub fn resources(twist: &str, query: &str, outcome: Found) -> Resources {
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
        creates: true,
        problem: None,
        outcome,
    }
}

pub fn users(twist: &str) -> Resources {
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

pub fn users_wrong(twist: &str) -> Resources {
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

pub fn users_empty(twist: &str) -> Resources {
    resources(twist, twist, Found::Page(ResourcePart { rows: vec![], pager: Pager::default() }))
}

pub fn differences(twist: &str) -> Vec<Difference> {
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

pub fn change(twist: &str, action: &'static str, told: &'static str, minutes: i64, version: i64) -> ChangeView {
    ChangeView {
        action,
        told,
        at: ago(minutes),
        actor: format!("Entra token{twist}"),
        address: Some("198.51.100.7".into()),
        request: "01938f2a-7c1d-7000-8000-0242ac120002".into(),
        version,
        restores: version < 7,
        attributes: if action == "update" { differences(twist) } else { vec![] },
    }
}

pub fn user(twist: &str) -> ResourcePage {
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
            are_many: false,
            empty: "In no group.",
            pager: Pager::default(),
        }),
        manager: Some(Link { url: "/console/t/example/users/2".into(), text: format!("Grace{twist}"), note: None }),
        keychain: Some(Keychain {
            settings: vec![Setting { name: "New users", text: "They are invited.", note: "as the tenant chose" }],
            creation: vec![Choice::new("", "As the tenant chose", true)],
            suppression: vec![Choice::new("", "As the tenant chose", true)],
        }),
        is_gone: false,
        problem: None,
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

pub fn group(twist: &str) -> ResourcePage {
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
            are_many: true,
            empty: "Nobody is in it.",
            pager: Pager::of(1_204, 50, 50, 50, |offset| format!("?offset={offset}")),
        }),
        attributes: page.attributes.into_iter().take(1).collect(),
        ..user(twist)
    }
}

pub fn requests(twist: &str, answered: bool) -> Requests {
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
