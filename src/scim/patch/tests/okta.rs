//! Shapes that Okta, OneLogin and authentik send.

use serde_json::json;

use super::{ID, after, apply, check, members, resource, user};
use crate::scim::dialect::Dialect;
use crate::scim::patch::MembersChange;
use crate::scim::urn;

#[test]
fn deactivation_is_a_path_less_replace() {
    let operations = json!([{ "op": "replace", "value": { "active": false } }]);
    assert_eq!(after(json!({ "active": true }), operations), json!({ "active": false }));
    let in_array = json!([{ "op": "replace", "value": [{ "active": "false" }] }]);
    assert_eq!(after(json!({ "active": true }), in_array), json!({ "active": false }));
}

#[test]
fn a_group_rename_repeats_the_read_only_id() {
    let before = resource("Group", json!({ "displayName": "Old" }), json!({}));
    let operations = json!([{ "op": "replace", "value": { "id": ID, "displayName": "New" } }]);
    let outcome = check("Group", operations, &Dialect::default()).unwrap().apply(&before).unwrap();
    assert_eq!(outcome.after.as_map()["displayName"], "New");
    assert_eq!(outcome.after.id(), Some(ID));
    assert!(outcome.members.is_empty());
}

#[test]
fn another_id_in_a_value_changes_nothing() {
    let outcome = apply(&user(json!({})), json!([{ "op": "replace", "value": { "id": "another" } }])).unwrap();
    assert!(outcome.is_unchanged());
}

#[test]
fn authentik_replaces_the_whole_group_without_a_path() {
    let before = resource("Group", json!({ "displayName": "Old" }), json!({ "externalId": "1" }));
    let operations = json!([{ "op": "replace", "path": null, "value": {
        "schemas": [urn::GROUP], "id": ID, "externalId": "2", "displayName": "New",
        "meta": { "resourceType": "Group" },
    } }]);
    let outcome = check("Group", operations, &Dialect::default()).unwrap().apply(&before).unwrap();
    assert_eq!(
        outcome.touched.iter().map(|touched| touched.path.as_str()).collect::<Vec<_>>(),
        ["externalId", "displayName"]
    );
}

#[test]
fn members_are_replaced_without_a_path() {
    let operations = json!([{ "op": "replace", "value": { "members": [{ "value": "a", "display": "A" }] } }]);
    assert_eq!(members(operations).unwrap(), MembersChange::replace_with(["a".to_owned()]));
}

#[test]
fn onelogin_quotes_booleans_and_sends_null_ids() {
    let operations = json!([{ "op": "replace", "value": { "id": null, "active": "true", "title": "t" } }]);
    assert_eq!(after(json!({}), operations), json!({ "title": "t", "active": true }));
}
