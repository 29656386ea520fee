use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::scim::bulk::{BulkLimits, BulkRequest, Method, Plan, Unit};
use crate::scim::dialect::Dialect;
use crate::scim::schema::builtin;
use crate::scim::{json as entrance, urn};

/// Text that means something somewhere in a bulk request.
fn word() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "POST",
        "put",
        "PATCH",
        "DELETE",
        "GET",
        "/Users",
        "/Groups",
        "/Users/bulkId:a",
        "/Groups/bulkId:b",
        "/Users/1",
        "bulkId:a",
        "bulkId:b",
        "bulkId:",
        "a",
        "b",
        "members",
        "members[value eq \"bulkId:a\"]",
        "members[\"",
        "manager",
        "add",
        "remove",
        "W/\"1\"",
        urn::BULK_REQUEST,
        urn::ENTERPRISE_USER,
        "",
        "/",
        "\\\"",
    ]);
    prop_oneof![4 => known.prop_map(str::to_owned), 1 => ".{0,6}"]
}

fn name() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "schemas",
        "Operations",
        "failOnErrors",
        "method",
        "bulkId",
        "version",
        "path",
        "data",
        "op",
        "value",
        "members",
        "$ref",
        urn::ENTERPRISE_USER,
        "manager",
    ]);
    prop_oneof![6 => known.prop_map(str::to_owned), 1 => word()]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        4 => word().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => Just(Value::Null),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name(), inner), 0..5).prop_map(|members| Value::Object(Map::from_iter(members))),
        ]
    })
}

fn operation() -> impl Strategy<Value = Value> {
    let part = |part: BoxedStrategy<Value>| prop::option::weighted(0.9, part);
    let text = |texts: &'static [&'static str]| prop::sample::select(texts).prop_map(Value::from).boxed();
    let patch = prop::collection::vec((word(), value()), 0..3).prop_map(|operations| {
        let operations = operations.into_iter().map(|(path, value)| json!({"op": "add", "path": path, "value": value}));
        json!({ "Operations": operations.collect::<Vec<_>>() })
    });
    let user = prop::sample::select(vec!["bulkId:a", "bulkId:b", "bulkId:c", "1"]).prop_map(
        |id| json!({"userName": "u", "members": [{"value": id}], urn::ENTERPRISE_USER: {"manager": {"value": id}}}),
    );
    (
        part(text(&["POST", "PUT", "PATCH", "DELETE", "GET"])),
        part(text(&["a", "b", "c", ""])),
        part(text(&["/Users", "/Groups", "/Users/bulkId:a", "/Groups/bulkId:b", "/Users/1", "/No"])),
        part(prop_oneof![patch, user, value()].boxed()),
        prop::option::weighted(0.1, (name(), value())),
    )
        .prop_map(|(method, bulk_id, path, data, odd)| {
            let mut members = Map::new();
            for (name, part) in [("method", method), ("bulkId", bulk_id), ("path", path), ("data", data)] {
                members.extend(part.map(|part| (name.to_owned(), part)));
            }
            members.extend(odd);
            Value::Object(members)
        })
}

fn body() -> impl Strategy<Value = Value> {
    let whole = prop::collection::vec(operation(), 1..12)
        .prop_map(|operations| json!({"schemas": [urn::BULK_REQUEST], "Operations": operations}));
    prop_oneof![4 => whole, 1 => value()]
}

/// Reads a body as a request's handler does, and holds what is always true of the plan.
fn check(bytes: &[u8]) -> Result<(), TestCaseError> {
    let Ok(body) = entrance::parse(bytes) else { return Ok(()) };
    let limits = BulkLimits { operations: 10, data: 1_000 };
    let Ok(request) = BulkRequest::parse(body, builtin(), &Dialect::default(), limits) else { return Ok(()) };
    let count = request.operations.len();
    prop_assert!(count <= 10);
    let mut ids = 0;
    let plan = Plan::new(request, || {
        ids += 1;
        format!("new-{ids}")
    });
    let mut seen = vec![false; count];
    for unit in &plan.order {
        let places = match unit {
            Unit::One(place) => std::slice::from_ref(place),
            Unit::Circle(places) => places,
        };
        for place in places {
            prop_assert!(!std::mem::replace(&mut seen[*place], true));
            let mut needs = plan.operations[*place].needs.iter();
            prop_assert!(needs.all(|need| seen[*need] || places.contains(need)));
        }
    }
    prop_assert!(seen.iter().all(|seen| *seen));
    for call in plan.operations.iter().filter_map(|operation| operation.call.as_ref().ok()) {
        let members = call.data.pointer("/members/0/value").and_then(Value::as_str).unwrap_or_default();
        prop_assert!(
            call.kind.name != "Group" || call.method == Method::Patch || !members.starts_with("bulkId:"),
            "{}",
            call.data
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_body_panics(body in body()) {
        check(body.to_string().as_bytes())?;
    }

    #[test]
    fn no_damaged_body_panics(body in body(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = body.to_string().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        check(&bytes)?;
        check(&bytes[..at])?;
    }
}
