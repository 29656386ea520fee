//! The sync of Okta: assign, import, update by GET and PUT, deactivate, push groups.

use std::sync::Arc;

use serde_json::{Value, json};

use super::people::{Organisation, okta_id};
use super::plan::{Chain, Effect, Phase, Step, SyncPlan};
use super::shapes::{GROUP, USER, eq, group, list, patch, place, user};
use crate::recording::{Method, Profile};

/// How many resources an import asks for at once.
const PAGE: usize = 100;
/// One user in so many carries a password: Okta always sends one, but a server spends tens of milliseconds on it.
const PASSWORD_EVERY: usize = 40;
const PATCHED: &[u16] = &[200, 204];

/// Assigning `users` people and pushing `groups` groups as Okta does it: lookups with `startIndex` and `count`,
/// creates with `externalId` (and a password for one in forty), an import page by page, updates by GET and PUT of the
/// whole user, leavers by a path-less `replace`, groups renamed with every change of members.
pub fn okta_sync(users: usize, groups: usize) -> SyncPlan {
    let organisation = Arc::new(Organisation { users, groups, domain: "saltmarsh.example" });
    let phase = |name, chains, make: fn(&Organisation, usize) -> Chain| {
        let organisation = Arc::clone(&organisation);
        Phase::new(name, chains, move |number| make(&organisation, number))
    };
    SyncPlan {
        name: "Okta",
        profile: Profile::Okta,
        phases: vec![
            phase("test connection", 1, |_, _| vec![page("Users", 1, 1)]),
            phase("users", users, create_user),
            phase("import", 1, import),
            phase("changed users", users, change_user),
            phase("groups", groups, create_group),
            phase("members", groups, push_members),
            phase("changed groups", groups, change_group),
        ],
    }
}

fn page(endpoint: &str, start: usize, count: usize) -> Step {
    let path = format!("/{endpoint}?startIndex={start}&count={count}");
    Step::new(Effect::Nothing, Method::Get, path, &[200]).expects(json!({
        "totalResults": {"@integer": true},
        "startIndex": start,
        "itemsPerPage": {"@integer": true},
    }))
}

fn import(organisation: &Organisation, _: usize) -> Chain {
    let pages = (1..=organisation.users).step_by(PAGE).map(|start| page("Users", start, PAGE));
    pages.chain([page("Groups", 1, PAGE)]).collect()
}

fn create_user(organisation: &Organisation, number: usize) -> Chain {
    let person = organisation.person(number);
    let id = user(number);
    let lookup = format!("/Users?filter={}&startIndex=1&count=100", eq("userName", &person.user_name));
    let create = Step::new(Effect::Creates, Method::Post, "/Users".to_owned(), &[201])
        .body(user_body(organisation, number))
        .captures(&id, "/id")
        .expects(json!({
            "id": {"@present": true},
            "userName": person.user_name,
            "externalId": okta_id("00u", number),
            "active": true,
            "password": {"@absent": true},
        }));
    vec![Step::new(Effect::Nothing, Method::Get, lookup, &[200]).expects(list()).finds(&id), create.unless(&id)]
}

fn user_body(organisation: &Organisation, number: usize) -> Value {
    let person = organisation.person(number);
    let mut body = json!({
        "schemas": [USER],
        "userName": person.user_name,
        "name": {"givenName": person.given, "familyName": person.family},
        "emails": [{"primary": true, "value": person.user_name, "type": "work"}],
        "title": person.title,
        "displayName": person.full,
        "locale": person.culture.locale,
        "externalId": okta_id("00u", number),
        "groups": [],
        "active": true,
    });
    if number.is_multiple_of(PASSWORD_EVERY) {
        body["password"] = Value::String(okta_id("Xy7!", person.number));
    }
    body
}

/// One person in ten has a new title, sent as the whole user; one in 33 leaves, and the first leaver comes back.
fn change_user(organisation: &Organisation, number: usize) -> Chain {
    let path = format!("/Users/{}", place(&user(number)));
    if number % 33 == 7 {
        let set = |effect, active: bool| {
            Step::new(effect, Method::Patch, path.clone(), PATCHED)
                .body(patch(&json!([{"op": "replace", "value": {"active": active}}])))
                .expects(json!({"active": active}))
        };
        let leave = set(Effect::Deactivates, false);
        return if number == 7 { vec![leave, set(Effect::Updates, true)] } else { vec![leave] };
    }
    if number % 10 != 3 {
        return Vec::new();
    }
    let document = format!("{}.document", user(number));
    let title = format!("Senior {}", organisation.person(number).title);
    vec![
        Step::new(Effect::Nothing, Method::Get, path.clone(), &[200]).captures(&document, ""),
        Step::new(Effect::Updates, Method::Put, path, &[200])
            .body(json!({"@with": document, "title": title}))
            .expects(json!({"title": title, "active": true, "id": place(&user(number))})),
    ]
}

fn create_group(organisation: &Organisation, number: usize) -> Chain {
    let name = organisation.group_name(number);
    let id = group(number);
    let lookup = format!("/Groups?filter={}&startIndex=1&count=100", eq("displayName", &name));
    let create = Step::new(Effect::Creates, Method::Post, "/Groups".to_owned(), &[201])
        .body(json!({"schemas": [GROUP], "displayName": name, "members": []}))
        .captures(&id, "/id")
        .expects(json!({"id": {"@present": true}, "displayName": name, "members": {"@absent": true}}));
    vec![Step::new(Effect::Nothing, Method::Get, lookup, &[200]).expects(list()).finds(&id), create.unless(&id)]
}

fn push_members(organisation: &Organisation, number: usize) -> Chain {
    let member =
        |member: &usize| json!({"value": place(&user(*member)), "display": organisation.person(*member).user_name});
    let push = |members: &[usize]| {
        let values: Vec<_> = members.iter().map(member).collect();
        patch_group(organisation, number, &json!({"op": "add", "path": "members", "value": values}))
    };
    organisation.members(number).chunks(PAGE).map(push).collect()
}

/// A change of members; Okta sends the name with it each time, and the read-only `id` beside the name.
fn patch_group(organisation: &Organisation, number: usize, change: &Value) -> Step {
    let id = place(&group(number));
    let rename = json!({"op": "replace", "value": {"id": id, "displayName": organisation.group_name(number)}});
    Step::new(Effect::Updates, Method::Patch, format!("/Groups/{id}"), PATCHED).body(patch(&json!([rename, change])))
}

/// One member leaves each second group.
fn change_group(organisation: &Organisation, number: usize) -> Chain {
    let leaver = organisation.members(number).into_iter().next_back().filter(|_| number % 2 == 1);
    let remove = |leaver| {
        let path = format!("members[value eq \"{}\"]", place(&user(leaver)));
        patch_group(organisation, number, &json!({"op": "remove", "path": path}))
    };
    leaver.map(remove).into_iter().collect()
}
