//! What holds for every request.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{ENTERPRISE, MembersChange, check, named, user};
use crate::scim::dialect::Dialect;
use crate::scim::resource::{Draft, Resource};

/// Names and paths that mean something, and some that do not.
fn path() -> impl Strategy<Value = String> {
    let known = [
        "userName",
        "active",
        "name",
        "name.givenName",
        "emails",
        "emails.value",
        "emails.primary",
        "emails[type eq \"work\"]",
        "emails[type eq \"work\"].value",
        "emails[primary eq true].primary",
        "addresses[type eq \"home\"].country",
        "roles[primary eq \"True\"].value",
        "roles",
        "manager",
        "schemas",
        "id",
        "groups",
        "password",
        "colour",
        ENTERPRISE,
        "urn:ietf:params:scim:schemas:core:2.0:User",
        "emails[value co \"a\" and not (type pr)]",
        "x509Certificates",
    ];
    let known = known
        .into_iter()
        .map(str::to_owned)
        .chain([format!("{ENTERPRISE}:manager"), format!("{ENTERPRISE}:department")]);
    prop_oneof![4 => prop::sample::select(known.collect::<Vec<_>>()), 1 => "[a-zA-Z.\\[\\]\" :]{0,12}"]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        prop::sample::select(vec!["", "work", "home", "a@x.t", "True", "{\"value\":\"v\"}", "YQ=="])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let name = prop_oneof![
            2 => prop::sample::select(vec!["value", "type", "primary", "display", "givenName", "country", "$ref"]).prop_map(str::to_owned),
            1 => path(),
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name, inner), 0..4).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn operation(ops: &'static [&'static str]) -> impl Strategy<Value = Value> {
    (prop::sample::select(ops), prop::option::of(path()), value())
        .prop_map(|(op, path, value)| json!({ "op": op, "path": path, "value": value }))
}

fn operations() -> impl Strategy<Value = Value> {
    prop::collection::vec(operation(&["add", "replace", "remove"]), 1..6).prop_map(Value::from)
}

fn before() -> impl Strategy<Value = Resource> {
    let element = json!({ "value": "a@x.t", "type": "work", "primary": true });
    prop::sample::select(vec![
        json!({}),
        json!({ "active": true, "emails": [element, { "value": "h@x.t", "type": "home" }] }),
        json!({ "emails": [{ "value": "a@x.t", "type": "work" }, { "value": "b@x.t", "type": "work" }] }),
        json!({ "name": { "givenName": "G" }, "roles": [element], ENTERPRISE: { "manager": { "value": "m" } } }),
    ])
    .prop_map(user)
}

/// A resource is canonical if reading it as a body gives it back.
fn is_canonical(resource: &Resource) -> bool {
    let body = Value::Object(resource.as_map().clone());
    let read = Draft::parse(body, named("User"), &Dialect::default()).unwrap().resource;
    let read = match resource.id() {
        Some(id) => read.with_id(id),
        None => read,
    };
    // As text, since the order of members counts.
    let texts = [read, resource.clone()].map(|resource| Value::Object(resource.into_map()).to_string());
    texts[0] == texts[1]
}

fn ids() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(prop::sample::select(vec!["a", "b", "c", "d", "e"]).prop_map(str::to_owned), 0..4)
}

/// Operations on members, as operations and as functions on a set.
#[derive(Debug, Clone)]
enum OnMembers {
    Add(Vec<String>),
    Remove(Vec<String>),
    RemoveSelected(String),
    RemoveOthers(String),
    Replace(Vec<String>),
    Clear,
}

impl OnMembers {
    fn any() -> impl Strategy<Value = Self> {
        let one = || prop::sample::select(vec!["a", "b", "c", "d", "e"]).prop_map(str::to_owned);
        prop_oneof![
            3 => ids().prop_map(Self::Add),
            3 => ids().prop_map(Self::Remove),
            2 => one().prop_map(Self::RemoveSelected),
            2 => one().prop_map(Self::RemoveOthers),
            1 => ids().prop_map(Self::Replace),
            1 => Just(Self::Clear),
        ]
    }

    fn operation(&self) -> Value {
        let list = |ids: &[String]| ids.iter().map(|id| json!({ "value": id })).collect::<Vec<_>>();
        match self {
            Self::Add(ids) => json!({ "op": "add", "path": "members", "value": list(ids) }),
            Self::Remove(ids) => json!({ "op": "remove", "path": "members", "value": list(ids) }),
            Self::RemoveSelected(id) => json!({ "op": "remove", "path": format!("members[value eq \"{id}\"]") }),
            Self::RemoveOthers(id) => json!({ "op": "remove", "path": format!("members[not (value eq \"{id}\")]") }),
            Self::Replace(ids) => json!({ "op": "replace", "path": "members", "value": list(ids) }),
            Self::Clear => json!({ "op": "remove", "path": "members" }),
        }
    }

    fn run(&self, members: &mut BTreeSet<String>) {
        match self {
            Self::Add(ids) => members.extend(ids.iter().cloned()),
            Self::Remove(ids) => members.retain(|id| !ids.contains(id)),
            Self::RemoveSelected(gone) => members.retain(|id| id != gone),
            Self::RemoveOthers(kept) => members.retain(|id| id == kept),
            Self::Replace(ids) => *members = ids.iter().cloned().collect(),
            Self::Clear => members.clear(),
        }
    }
}

/// The algebra of [`MembersChange`], as its documentation writes it.
fn run(change: &MembersChange, mut members: BTreeSet<String>) -> BTreeSet<String> {
    if change.reset {
        members.clear();
    }
    let selected =
        |id: &str| change.remove_matching.iter().any(|filter| filter.matches_element(&json!({ "value": id })));
    members.retain(|id| !change.remove.contains(id) && !selected(id));
    members.extend(change.add.iter().cloned());
    members
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_request_is_refused_or_gives_a_canonical_resource(before in before(), operations in operations()) {
        let outcome = check("User", operations, &Dialect::default()).and_then(|patch| patch.apply(&before));
        match outcome {
            Ok(outcome) => {
                prop_assert!(is_canonical(&outcome.after), "{:?}", outcome.after);
                prop_assert_eq!(outcome.touched.is_empty(), outcome.after == before);
            }
            Err(error) => prop_assert!(error.status == 400 && error.scim_type.is_some() && !error.detail.is_empty()),
        }
    }

    #[test]
    fn what_was_replaced_stays_when_it_is_replaced_again(before in before(), operation in operation(&["replace"])) {
        let patch = check("User", json!([operation]), &Dialect::default());
        if let Ok(first) = patch.as_ref().map_err(Clone::clone).and_then(|patch| patch.apply(&before)) {
            // Only a filter that the first run made untrue may refuse the second.
            if let Ok(second) = patch.unwrap().apply(&first.after) {
                prop_assert_eq!(&second.after, &first.after);
                prop_assert!(second.touched.is_empty());
            }
        }
    }

    #[test]
    fn sending_a_resource_back_changes_nothing(before in before()) {
        let operations = json!([{ "op": "replace", "value": before.as_map() }]);
        let outcome = check("User", operations, &Dialect::default()).unwrap().apply(&before).unwrap();
        prop_assert!(outcome.is_unchanged(), "{:?}", outcome.touched);
    }

    #[test]
    fn member_operations_fold_into_what_they_mean_one_by_one(
        before in ids(),
        operations in prop::collection::vec(OnMembers::any(), 1..8),
    ) {
        let mut expected: BTreeSet<String> = before.iter().cloned().collect();
        operations.iter().for_each(|operation| operation.run(&mut expected));
        let body = Value::Array(operations.iter().map(OnMembers::operation).collect());
        let change = check("Group", body, &Dialect::default()).unwrap().members().clone();
        prop_assert!(change.add.is_disjoint(&change.remove));
        prop_assert!(!change.reset || (change.remove.is_empty() && change.remove_matching.is_empty()));
        prop_assert_eq!(run(&change, before.into_iter().collect()), expected);
    }
}
