//! Shapes that Microsoft Entra ID, its validators and its inbound provisioning send.

use serde_json::{Value, json};

use super::{ENTERPRISE, after, apply, check, keyword, refused, strict, user};
use crate::scim::ScimType;

fn in_enterprise(name: &str) -> String {
    format!("{ENTERPRISE}:{name}")
}

#[test]
fn disable_sends_text_and_the_flag_sends_a_boolean() {
    for value in [json!("False"), json!("false"), json!(false)] {
        let operations = json!([{ "op": "Replace", "path": "active", "value": value }]);
        assert_eq!(after(json!({ "active": true }), operations), json!({ "active": false }));
    }
    let operations = json!([{ "op": "Replace", "path": "active", "value": "True" }]);
    assert_eq!(after(json!({ "active": false }), operations), json!({ "active": true }));
}

#[test]
fn default_update_is_one_operation_an_attribute() {
    let operations = json!([
        { "op": "Add", "path": "displayName", "value": "Ann" },
        { "op": "Replace", "path": "name.familyName", "value": "New" },
        { "op": "Add", "path": "emails[type eq \"work\"].value", "value": "a@x.t" },
        { "op": "Add", "path": in_enterprise("employeeNumber"), "value": "7" },
        { "op": "Add", "path": "addresses[type eq \"other\"].formatted", "value": "Somewhere 1" },
        { "op": "Remove", "path": "title" },
    ]);
    assert_eq!(
        after(json!({ "title": "t", "name": { "familyName": "Old", "givenName": "G" } }), operations),
        json!({
            "displayName": "Ann",
            "name": { "familyName": "New", "givenName": "G" },
            "emails": [{ "value": "a@x.t", "type": "work" }],
            "addresses": [{ "formatted": "Somewhere 1", "type": "other" }],
            ENTERPRISE: { "employeeNumber": "7" },
        })
    );
}

#[test]
fn compliance_flag_sends_one_replace_with_dotted_and_qualified_keys() {
    let operations = json!([
        { "op": "replace", "path": "emails[type eq \"work\"].value", "value": "a@x.t" },
        { "op": "replace", "value": {
            "displayName": "Ann",
            "name.givenName": "G",
            "name.familyName": "F",
            "phoneNumbers[type eq \"mobile\"].value": "1",
            in_enterprise("department"): "D",
            in_enterprise("manager.value"): "m",
        } },
    ]);
    assert_eq!(
        after(json!({}), operations),
        json!({
            "displayName": "Ann",
            "name": { "givenName": "G", "familyName": "F" },
            "emails": [{ "value": "a@x.t", "type": "work" }],
            "phoneNumbers": [{ "value": "1", "type": "mobile" }],
            ENTERPRISE: { "department": "D", "manager": { "value": "m" } },
        })
    );
}

#[test]
fn an_extension_comes_as_an_object_by_its_urn() {
    let value = json!({ "department": "D", "manager": "m", "manager.displayName": "ignored", "costCenter": null });
    let expected = json!({ ENTERPRISE: { "department": "D", "manager": { "value": "m" } } });
    let before = json!({ ENTERPRISE: { "costCenter": "C" } });
    let by_path = json!([{ "op": "Replace", "path": ENTERPRISE, "value": value }]);
    assert_eq!(after(before.clone(), by_path), expected);
    let in_value = json!([{ "op": "Add", "value": { ENTERPRISE.to_lowercase(): value } }]);
    assert_eq!(after(before, in_value), expected);
}

#[test]
fn several_operations_land_in_one_created_element() {
    let operations = json!([
        { "op": "Add", "path": "addresses[type eq \"work\"].country", "value": "DE" },
        { "op": "Add", "path": "addresses[type eq \"Work\"].locality", "value": "Berlin" },
        { "op": "Replace", "path": "addresses[type eq \"work\"].postalCode", "value": "10115" },
    ]);
    let expected =
        json!({ "addresses": [{ "locality": "Berlin", "postalCode": "10115", "country": "DE", "type": "work" }] });
    assert_eq!(after(json!({}), operations), expected);
}

#[test]
fn replace_creates_the_missing_element_too() {
    let operations = json!([{ "op": "Replace", "path": "emails[type eq \"work\"].value", "value": "a@x.t" }]);
    let home = json!({ "value": "h@x.t", "type": "home" });
    assert_eq!(
        after(json!({ "emails": [home] }), operations),
        json!({ "emails": [home, { "value": "a@x.t", "type": "work" }] })
    );
    let both = json!([{ "op": "add", "path": "emails[type eq \"work\" and primary eq true].value", "value": "a@x.t" }]);
    assert_eq!(after(json!({}), both), json!({ "emails": [{ "value": "a@x.t", "type": "work", "primary": true }] }));
}

#[test]
fn only_canonical_types_and_primary_create() {
    for filter in
        ["type eq \"nonexistent\"", "primary eq false", "type sw \"work\"", "value eq \"x\"", "not (type eq \"work\")"]
    {
        for op in ["add", "replace"] {
            let operations = json!([{ "op": op, "path": format!("emails[{filter}].display"), "value": "x" }]);
            assert_eq!(refused(json!({}), operations).0, ScimType::NoTarget, "{filter}");
        }
    }
}

#[test]
fn what_is_created_is_what_the_filter_selects() {
    for (path, value) in [
        ("emails[primary eq true].primary", json!(false)),
        ("emails[type eq \"work\"].type", json!("home")),
        ("emails[type eq \"work\"]", json!({ "type": "home", "value": "a@x.t" })),
    ] {
        let operations = json!([{ "op": "replace", "path": path, "value": value }]);
        assert_eq!(refused(json!({}), operations).0, ScimType::NoTarget, "{path}");
    }
}

#[test]
fn roles_are_selected_by_primary_as_text() {
    let operations = json!([{ "op": "Add", "path": "roles[primary eq \"True\"].value", "value": "Admin" }]);
    let expected = json!({ "roles": [{ "value": "Admin", "primary": true }] });
    assert_eq!(after(json!({}), operations.clone()), expected);
    assert_eq!(after(json!({ "roles": [{ "value": "User", "primary": true }] }), operations), expected);
}

#[test]
fn roles_come_as_json_in_a_text() {
    let text = r#"{"id":"06b07648","value":"Admin","displayName":"Administrator"}"#;
    let expected = json!({ "value": "Admin", "display": "Administrator", "primary": true });
    let single = json!([{ "op": "Add", "path": "roles[primary eq \"True\"].value", "value": text }]);
    assert_eq!(after(json!({}), single)["roles"], json!([expected]));
    let several = json!([{ "op": "Add", "path": "roles", "value": [{ "value": text, "primary": "True" }] }]);
    assert_eq!(after(json!({}), several)["roles"], json!([expected]));
}

#[test]
fn a_manager_comes_in_four_shapes() {
    let path = in_enterprise("manager");
    for (path, value) in [
        (path.as_str(), json!("m")),
        (path.as_str(), json!({ "value": "m" })),
        (path.as_str(), json!([{ "value": "m" }])),
        ("manager", json!([{ "value": "m" }])),
        (path.replace("User:", "User.").as_str(), json!("m")),
        (in_enterprise("manager.value").as_str(), json!("m")),
    ] {
        let operations = json!([{ "op": "Add", "path": path, "value": value }]);
        assert_eq!(after(json!({}), operations), json!({ ENTERPRISE: { "manager": { "value": "m" } } }), "{path}");
    }
    let with_reference = json!([{ "$ref": "../Users/m", "value": "m" }]);
    let operations = json!([{ "op": "Add", "path": path, "value": with_reference }]);
    assert_eq!(
        after(json!({}), operations),
        json!({ ENTERPRISE: { "manager": { "value": "m", "$ref": "../Users/m" } } })
    );
}

#[test]
fn an_attribute_of_an_extension_is_found_without_its_urn_unless_the_dialect_is_strict() {
    let operations = json!([{ "op": "Add", "path": "manager", "value": "m" }]);
    assert_eq!(keyword(check("User", operations, &strict()).unwrap_err()).0, ScimType::InvalidPath);
}

#[test]
fn an_empty_manager_is_removed() {
    let before = json!({ ENTERPRISE: { "manager": { "value": "m", "$ref": "../Users/m" } } });
    let path = in_enterprise("manager");
    for value in
        [json!(""), json!({ "value": "" }), json!({ "value": null }), Value::Null, json!([]), json!([{ "value": "" }])]
    {
        let operations = json!([{ "op": "Replace", "path": path, "value": value }]);
        assert_eq!(after(before.clone(), operations), json!({}), "{value}");
    }
}

#[test]
fn the_reference_to_a_manager_leaves_with_the_manager() {
    let before = json!({ ENTERPRISE: { "manager": { "value": "m", "$ref": "../Users/m" } } });
    let path = in_enterprise("manager");
    let other = json!([{ "op": "Replace", "path": path, "value": "n" }]);
    assert_eq!(after(before.clone(), other), json!({ ENTERPRISE: { "manager": { "value": "n" } } }));
    let same = json!([{ "op": "Replace", "path": path, "value": "m" }]);
    assert!(apply(&user(before), same).unwrap().is_unchanged());
}

/// The gallery's null-update test: each mapped attribute is replaced by `""`, then by null, verbose or path-less.
#[test]
fn clearing_twice_succeeds_and_reads_back_absent() {
    let before = json!({
        "displayName": "d", "title": "t", "active": true, "name": { "givenName": "G", "familyName": "F" },
        "emails": [{ "value": "w@x.t", "type": "work", "primary": true }],
        "addresses": [{ "country": "DE", "locality": "B", "type": "work" }],
        "roles": [{ "value": "r", "primary": true }],
        ENTERPRISE: { "department": "D", "manager": { "value": "m" } },
    });
    let paths = [
        "displayName".to_owned(),
        "title".into(),
        "active".into(),
        "name.givenName".into(),
        "name.familyName".into(),
        "emails[type eq \"work\"].value".into(),
        "addresses[type eq \"work\"].country".into(),
        "addresses[type eq \"work\"].locality".into(),
        "phoneNumbers[type eq \"mobile\"].value".into(),
        "roles[primary eq \"True\"].value".into(),
        "emails[type eq \"nonexistent\"].value".into(),
        in_enterprise("department"),
        in_enterprise("manager"),
    ];
    for (op, first, second) in [("Replace", json!(""), Value::Null), ("Add", Value::Null, json!(""))] {
        let verbose = |value: &Value| {
            let each = paths.iter().map(|path| json!({ "op": op, "path": path, "value": value }));
            Value::Array(each.collect())
        };
        let path_less = |value: &Value| {
            let members = paths.iter().map(|path| (path.clone(), value.clone()));
            json!([{ "op": op, "value": Value::Object(members.collect()) }])
        };
        for shape in [&verbose as &dyn Fn(&Value) -> Value, &path_less] {
            let cleared = apply(&user(before.clone()), shape(&first)).unwrap().after;
            assert_eq!(cleared, user(json!({})));
            assert!(apply(&cleared, shape(&second)).unwrap().is_unchanged());
        }
    }
}

#[test]
fn remove_with_a_value_list_removes_only_those() {
    let before = json!({ "emails": [
        { "value": "a@x.t", "type": "work" }, { "value": "b@x.t", "type": "home" }, { "value": "a@x.t", "type": "home" },
    ] });
    let cases = [
        (json!([{ "value": "A@X.T" }]), vec!["b@x.t"]),
        (json!([{ "value": "a@x.t", "type": "work", "display": "whatever" }]), vec!["b@x.t", "a@x.t"]),
        (json!({ "type": "home" }), vec!["a@x.t"]),
        (json!("b@x.t"), vec!["a@x.t", "a@x.t"]),
        (json!([]), vec!["a@x.t", "b@x.t", "a@x.t"]),
        (json!([{ "value": null }]), vec!["a@x.t", "b@x.t", "a@x.t"]),
    ];
    for (value, left) in cases {
        let operations = json!([{ "op": "Remove", "path": "emails", "value": value }]);
        let outcome = after(before.clone(), operations);
        let values: Vec<_> =
            outcome["emails"].as_array().unwrap().iter().map(|e| e["value"].as_str().unwrap()).collect();
        assert_eq!(values, left, "{value}");
    }
}

#[test]
fn remove_that_repeats_the_present_value_removes_it() {
    let operations = json!([{ "op": "Remove", "path": "title", "value": "t" }]);
    assert_eq!(after(json!({ "title": "t" }), operations), json!({}));
}
