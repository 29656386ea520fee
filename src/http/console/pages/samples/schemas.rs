//! Schemas, resource types, and the form for one's own.

use super::super::*;
use super::shell;

pub fn schemas(twist: &str) -> Schemas {
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
            endpoint: format!("/Users{twist}"),
            own: true,
            built_in: true,
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
        problem: (!twist.is_empty()).then(|| Notice::problem(twist)),
        offenders: offenders(twist),
    }
}

fn offenders(twist: &str) -> Vec<OffenderView> {
    vec![OffenderView {
        kind: "User".into(),
        id: "01938f2a-7c1d-7000-8000-0242ac120002".into(),
        url: "/console/t/example/users/01938f2a-7c1d-7000-8000-0242ac120002".into(),
        reason: format!("badge is required{twist}."),
    }]
}

pub fn definition(twist: &str) -> DefinitionPage {
    DefinitionPage {
        shell: shell("New schema", Here::Schemas, twist),
        kind: "schema",
        action: "/console/t/example/schemas".into(),
        is_new: true,
        text: format!("{{\"id\": \"{twist}\"}}"),
        example: "{}",
        extends: vec![Choice::new(&format!("User{twist}"), &format!("User{twist}"), true)],
        required: true,
        problems: vec![format!("name: is missing{twist}")],
        offenders: offenders(twist),
    }
}
