//! The cases of `conformance/oracles/patch-cases.json`.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{MembersChange, check, keyword, named};
use crate::scim::dialect::Dialect;
use crate::scim::patch::{Outcome, PasswordChange};
use crate::scim::resource::{Draft, Resource};

/// Cases of which we make something else, with the reason.
const OTHERWISE: [(&str, &str); 5] = [
    ("scimmy-add-3", "a filter compares with JSON values, so an id needs its quotes; and $ref is the server's"),
    ("scimmy-remove-7", "a filter compares with JSON values, so an id needs its quotes"),
    ("scimmy-remove-3", "members are a set of ids, so nobody is one twice, with and without a $ref"),
    ("scimmy-remove-4", "members are a set of ids, so nobody is one twice, with and without a $ref"),
    ("scimmy-replace-1", "RFC 7644, section 3.5.2.3: sub-attributes that are not sent stay"),
];

/// A case's resource, with what is kept beside it.
struct State {
    resource: Resource,
    members: BTreeSet<String>,
}

fn source(case: &Value, resource_type: &str) -> State {
    let mut body = case["source"].clone();
    if resource_type == "Group" {
        body["displayName"] = "g".into();
    }
    let draft = Draft::parse(body, named(resource_type), &Dialect::default()).unwrap();
    let members = draft.members.unwrap_or_default().into_iter().map(|member| member.value).collect();
    State { resource: draft.resource.with_id(case["source"]["id"].as_str().unwrap()), members }
}

/// What an answer would show of the outcome, with the password that is never shown.
fn shown(outcome: Outcome, members: BTreeSet<String>) -> Value {
    let mut shown = outcome.after.into_map();
    shown.shift_remove("schemas");
    if let PasswordChange::Set(password) = outcome.password {
        shown.insert("password".into(), secrecy::ExposeSecret::expose_secret(&password).into());
    }
    let members = apply_members(&outcome.members, members);
    if !members.is_empty() {
        shown.insert("members".into(), members.into_iter().map(|id| json!({ "value": id })).collect());
    }
    Value::Object(shown)
}

fn apply_members(change: &MembersChange, mut members: BTreeSet<String>) -> BTreeSet<String> {
    let selected =
        |id: &String| change.remove_matching.iter().any(|filter| filter.matches_element(&json!({ "value": id })));
    members.retain(|id| !change.reset && !change.remove.contains(id) && !selected(id));
    members.extend(change.add.iter().cloned());
    members
}

/// Members are one of a kind here and carry no `$ref` of a client; groups have a displayName and no userName.
fn expected(case: &Value, resource_type: &str) -> Value {
    let mut expected: Map<String, Value> = case["expect"].as_object().unwrap().clone();
    if resource_type == "Group" {
        expected.shift_remove("userName");
        expected.insert("displayName".into(), "g".into());
        let members = expected["members"].as_array().unwrap().iter();
        let ids: BTreeSet<&str> = members.map(|member| member["value"].as_str().unwrap()).collect();
        expected["members"] = ids.into_iter().map(|id| json!({ "value": id })).collect();
    }
    Value::Object(expected)
}

#[test]
fn every_case_gives_what_it_expects_or_is_listed_with_the_reason() {
    let cases: Vec<Value> =
        serde_json::from_str(include_str!("../../../../conformance/oracles/patch-cases.json")).unwrap();
    assert_eq!(cases.len(), 27);
    let mut otherwise = Vec::new();
    for case in &cases {
        let id = case["id"].as_str().unwrap();
        // The cases put members into users.
        let resource_type = if case["source"].get("members").is_some() { "Group" } else { "User" };
        let State { resource, members } = source(case, resource_type);
        let outcome = check(resource_type, case["ops"].clone(), &Dialect::default()).and_then(|p| p.apply(&resource));
        let made = match outcome {
            Ok(outcome) => shown(outcome, members),
            Err(error) => json!({ "ERR": keyword(error).0.as_str() }),
        };
        let expected =
            if case["expect"].get("ERR").is_some() { case["expect"].clone() } else { expected(case, resource_type) };
        if made != expected {
            otherwise.push(id);
            assert!(OTHERWISE.iter().any(|(listed, _)| *listed == id), "{id}: {made} instead of {expected}");
        }
    }
    let listed: BTreeSet<_> = OTHERWISE.iter().map(|(id, _)| *id).collect();
    assert_eq!(otherwise.into_iter().collect::<BTreeSet<_>>(), listed, "the list names cases that do pass");
}
