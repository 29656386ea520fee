//! Members of groups: the shapes of Entra, Okta and the RFC, and mistakes that must not empty a group.

use serde_json::{Value, json};

use super::{check, members};
use crate::scim::ScimType;
use crate::scim::dialect::Dialect;
use crate::scim::patch::MembersChange;
use crate::scim::resource::MAX_MEMBERS;

fn change(add: &[&str], remove: &[&str]) -> MembersChange {
    let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
    MembersChange { add: ids(add), remove: ids(remove), ..MembersChange::default() }
}

fn replaced(ids: &[&str]) -> MembersChange {
    MembersChange::replace_with(ids.iter().map(|id| (*id).to_owned()))
}

#[test]
fn members_are_added_in_every_shape() {
    for value in [
        json!([{ "$ref": null, "value": "a" }, { "value": "b", "type": "User", "display": null }]),
        json!(["b", "a"]),
        json!([{ "Value": "a" }, "b", "a"]),
    ] {
        let operations = json!([{ "op": "Add", "path": "members", "value": value }]);
        assert_eq!(members(operations).unwrap(), change(&["a", "b"], &[]));
        let path_less = json!([{ "op": "add", "value": { "members": value } }]);
        assert_eq!(members(path_less).unwrap(), change(&["a", "b"], &[]));
    }
    for value in [json!({ "value": "a" }), json!("a")] {
        let operations = json!([{ "op": "add", "path": "Members", "value": value }]);
        assert_eq!(members(operations).unwrap(), change(&["a"], &[]));
    }
    let operations = json!([{ "op": "add", "path": "members", "value": [] }]);
    assert!(members(operations).unwrap().is_empty());
}

#[test]
fn members_are_removed_by_list_and_by_filter() {
    let by_list = json!([{ "op": "Remove", "path": "members", "value": [{ "value": "a" }, { "value": "b" }] }]);
    assert_eq!(members(by_list).unwrap(), change(&[], &["a", "b"]));
    for (path, ids) in [
        ("members[value eq \"a\"]", vec!["a"]),
        ("members[value eq \"a\" or value eq \"b\" OR value eq \"a\"]", vec!["a", "b"]),
        ("urn:ietf:params:scim:schemas:core:2.0:Group:members[value eq \"A\"]", vec!["A"]),
    ] {
        assert_eq!(members(json!([{ "op": "remove", "path": path }])).unwrap(), change(&[], &ids), "{path}");
    }
    let by_type = members(json!([{ "op": "remove", "path": "members[type eq \"User\"]" }])).unwrap();
    assert_eq!((by_type.remove_matching.len(), by_type.reset), (1, false));
    assert!(by_type.remove_matching[0].matches_element(&json!({ "value": "a", "type": "User" })));
    assert!(!by_type.remove_matching[0].matches_element(&json!({ "value": "a", "type": "Group" })));
}

#[test]
fn members_are_replaced_and_cleared() {
    let operations = json!([{ "op": "replace", "path": "members", "value": [{ "value": "a" }] }]);
    assert_eq!(members(operations).unwrap(), replaced(&["a"]));
    for operation in [
        json!({ "op": "replace", "path": "members", "value": [] }),
        json!({ "op": "replace", "path": "members", "value": null }),
        json!({ "op": "remove", "path": "members" }),
    ] {
        assert_eq!(members(json!([operation])).unwrap(), replaced(&[]));
    }
}

#[test]
fn later_operations_override_earlier_ones() {
    let add = |id: &str| json!({ "op": "add", "path": "members", "value": [{ "value": id }] });
    let remove = |id: &str| json!({ "op": "remove", "path": format!("members[value eq \"{id}\"]") });
    let clear = json!({ "op": "remove", "path": "members" });
    let cases = [
        (vec![add("a"), remove("a")], change(&[], &["a"])),
        (vec![remove("a"), add("a")], change(&["a"], &[])),
        (vec![add("a"), clear.clone(), add("b")], replaced(&["b"])),
        (vec![clear, add("a"), add("b"), remove("a")], replaced(&["b"])),
    ];
    for (operations, expected) in cases {
        assert_eq!(members(Value::Array(operations.clone())).unwrap(), expected, "{operations:?}");
    }
}

#[test]
fn a_broken_removal_never_empties_a_group() {
    let cases = [
        (json!({ "op": "remove", "path": "" }), ScimType::NoTarget),
        (json!({ "op": "remove", "path": null }), ScimType::NoTarget),
        (json!({ "op": "remove" }), ScimType::NoTarget),
        (json!({ "op": "remove", "value": { "members": [{ "value": "a" }] } }), ScimType::NoTarget),
        (json!({ "op": "remove", "path": " " }), ScimType::InvalidPath),
        (json!({ "op": "remove", "path": "members[" }), ScimType::InvalidPath),
        (json!({ "op": "remove", "path": "members[]" }), ScimType::InvalidPath),
        (json!({ "op": "remove", "path": "members[value eq ]" }), ScimType::InvalidPath),
        (json!({ "op": "remove", "path": "members[value eq a]" }), ScimType::InvalidPath),
        (json!({ "op": "remove", "path": "members[0]" }), ScimType::InvalidPath),
        (json!({ "op": "remove", "path": "members[id eq \"a\"]" }), ScimType::InvalidFilter),
        (json!({ "op": "remove", "path": "members.value" }), ScimType::Mutability),
        (json!({ "op": "remove", "path": "members", "value": null }), ScimType::InvalidValue),
        (json!({ "op": "remove", "path": "members", "value": "" }), ScimType::InvalidValue),
        (json!({ "op": "remove", "path": "members", "value": {} }), ScimType::InvalidValue),
        (json!({ "op": "remove", "path": "members", "value": [{}] }), ScimType::InvalidValue),
        (json!({ "op": "remove", "path": "members", "value": [{ "value": "" }] }), ScimType::InvalidValue),
        (json!({ "op": "remove", "path": "members", "value": [null] }), ScimType::InvalidValue),
        (json!({ "op": "replace", "path": "members", "value": [{ "display": "A" }] }), ScimType::InvalidValue),
        (json!({ "op": "replace", "path": "members", "value": 7 }), ScimType::InvalidValue),
    ];
    for (operation, scim_type) in cases {
        assert_eq!(members(json!([operation.clone()])).unwrap_err().0, scim_type, "{operation}");
    }
    for operation in [
        json!({ "op": "remove", "path": "members", "value": [] }),
        json!({ "op": "remove", "path": "members[display eq \"\"].display" }),
        json!({ "op": "remove", "path": "member" }),
    ] {
        assert!(members(json!([operation])).unwrap().is_empty());
    }
}

#[test]
fn a_member_cannot_become_another_one() {
    for operation in [
        json!({ "op": "replace", "path": "members[value eq \"a\"].value", "value": "b" }),
        json!({ "op": "replace", "path": "members[value eq \"a\"]", "value": { "value": "b" } }),
        json!({ "op": "add", "path": "members[type eq \"User\"]", "value": { "value": "b" } }),
        json!({ "op": "add", "path": "members.value", "value": "b" }),
    ] {
        assert_eq!(members(json!([operation.clone()])).unwrap_err().0, ScimType::Mutability, "{operation}");
    }
    for path in ["members[value eq \"a\"].display", "members[value eq \"a\"].type", "members[value eq \"a\"].$ref"] {
        assert!(members(json!([{ "op": "replace", "path": path, "value": "x" }])).unwrap().is_empty());
    }
    let same = json!([{ "op": "replace", "path": "members[value eq \"a\"].value", "value": "a" }]);
    assert!(members(same).unwrap().is_empty());
    let added = json!([{ "op": "add", "path": "members[value eq \"a\"]", "value": { "value": "a" } }]);
    assert_eq!(members(added).unwrap(), change(&["a"], &[]));
    let display = json!([{ "op": "replace", "path": "members[value eq \"a\"]", "value": { "display": "A" } }]);
    assert!(members(display).unwrap().is_empty());
}

#[test]
fn a_request_may_name_so_many_members_and_no_more() {
    let list = |count: usize| (0..count).map(|n| json!({ "value": n.to_string() })).collect::<Vec<_>>();
    let add = |count: usize| json!({ "op": "add", "path": "members", "value": list(count) });
    assert_eq!(members(json!([add(MAX_MEMBERS)])).unwrap().add.len(), MAX_MEMBERS);
    let (scim_type, detail) =
        members(json!([add(MAX_MEMBERS), { "op": "remove", "path": "members[value eq \"a\"]" }])).unwrap_err();
    assert_eq!(scim_type, ScimType::InvalidValue);
    assert_eq!(detail, "operation 2: a request may name at most 10000 members; send the others in another request");
}

#[test]
fn it_is_known_whether_members_alone_are_spoken_of() {
    let about_members_only =
        |operations: Value| check("Group", operations, &Dialect::default()).unwrap().is_about_members_only();
    assert!(about_members_only(json!([{ "op": "add", "path": "members", "value": ["a"] }])));
    assert!(!about_members_only(json!([{ "op": "add", "path": "members", "value": [] }])));
    assert!(!about_members_only(json!([{ "op": "replace", "value": { "displayName": "x", "members": ["a"] } }])));
}
