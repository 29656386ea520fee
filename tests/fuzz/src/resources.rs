//! Resources that filters and patches are tried on.

use std::sync::LazyLock;

use serde_json::{Map, Value};

use crate::catalog;
use crate::scim::dialect::Dialect;
use crate::scim::resource::{Draft, Resource};
use crate::scim::schema::ResourceType;

static USERS: LazyLock<Vec<Resource>> = LazyLock::new(|| {
    let users: Vec<Map<String, Value>> =
        serde_json::from_str(include_str!("../../../conformance/oracles/users.json")).expect("the users are JSON");
    users.into_iter().map(|user| read(Value::Object(user), "User")).collect()
});

static GROUPS: LazyLock<Vec<Resource>> =
    LazyLock::new(|| vec![read(serde_json::json!({ "displayName": "Tour Guides", "externalId": "g" }), "Group")]);

/// Some resources of that type.
pub fn resources(kind: &ResourceType) -> &'static [Resource] {
    match kind.name.as_str() {
        "User" => &USERS,
        "Group" => &GROUPS,
        _ => &[],
    }
}

fn read(body: Value, kind: &str) -> Resource {
    let kind = catalog().named(kind).expect("a resource type");
    let draft = Draft::parse(body, kind, &Dialect::default()).expect("the resource is right");
    draft.resource.with_id("2819c223-7f76-453a-919d-413861904646")
}

/// A resource is canonical if reading it as a body gives it back, with its members in the same order.
pub fn is_canonical(resource: &Resource, kind: &ResourceType) -> bool {
    let text = |resource: &Resource| Value::Object(resource.as_map().clone()).to_string();
    let body = Value::Object(resource.as_map().clone());
    let Ok(draft) = Draft::parse(body, kind, &Dialect::default()) else { return false };
    let read = match resource.id() {
        Some(id) => draft.resource.with_id(id),
        None => draft.resource,
    };
    text(&read) == text(resource)
}
