//! The sync of Microsoft Entra ID: match, create, set managers, fill groups, then a cycle of changes.

use std::sync::Arc;

use serde_json::{Value, json};

use super::people::{Organisation, object_id};
use super::plan::{Chain, Effect, Phase, Step, SyncPlan};
use super::shapes::{ENTERPRISE, GROUP, USER, empty_list, eq, group, list, patch, place, user};
use crate::recording::{Method, Profile};

/// How many members one PATCH adds.
const MEMBERS_A_PATCH: usize = 100;
/// A group PATCH is answered with the group or, as Entra advises, with nothing.
const PATCHED: &[u16] = &[200, 204];

/// A first sync of `users` people and `groups` groups and the cycle after it, as Entra sends them: lookups that
/// miss, creates with the enterprise extension, managers by reference, groups filled by many members a PATCH, then
/// changed names, titles and mail addresses, leavers disabled with the string `"False"` and one of them enabled again.
pub fn entra_sync(users: usize, groups: usize) -> SyncPlan {
    let organisation = Arc::new(Organisation { users, groups, domain: "meadowlark.example" });
    let phase = |name, chains, make: fn(&Organisation, usize) -> Chain| {
        let organisation = Arc::clone(&organisation);
        Phase::new(name, chains, move |number| make(&organisation, number))
    };
    SyncPlan {
        name: "Microsoft Entra ID",
        profile: Profile::Entra,
        phases: vec![
            phase("test connection", 1, |_, _| test_connection()),
            phase("users", users, create_user),
            phase("managers", users, set_manager),
            phase("groups", groups, create_group),
            phase("members", groups, add_members),
            phase("changed users", users, change_user),
            phase("changed groups", groups, change_group),
            phase("keep-alive", 1, |_, _| vec![nobody_is_found("Users", "userName")]),
        ],
    }
}

fn test_connection() -> Chain {
    let schemas = Step::new(Effect::Nothing, Method::Get, "/Schemas".to_owned(), &[200]).expects(json!({
        "totalResults": {"@atLeast": 3},
        "Resources": {"@contains": [{"id": USER}, {"id": GROUP}, {"id": ENTERPRISE}]},
    }));
    vec![nobody_is_found("Users", "userName"), nobody_is_found("Groups", "displayName"), schemas]
}

fn nobody_is_found(endpoint: &str, attribute: &str) -> Step {
    let members = if endpoint == "Groups" { "excludedAttributes=members&" } else { "" };
    let path = format!("/{endpoint}?{members}filter={}", eq(attribute, &object_id(9, 0)));
    Step::new(Effect::Nothing, Method::Get, path, &[200]).expects(empty_list())
}

fn create_user(organisation: &Organisation, number: usize) -> Chain {
    let person = organisation.person(number);
    let id = user(number);
    let lookup =
        Step::new(Effect::Nothing, Method::Get, format!("/Users?filter={}", eq("userName", &person.user_name)), &[200]);
    let create = Step::new(Effect::Creates, Method::Post, "/Users".to_owned(), &[201])
        .body(user_body(organisation, number))
        .captures(&id, "/id")
        .expects(json!({
            "id": {"@present": true},
            "userName": person.user_name,
            "active": true,
            "displayName": person.full,
            ENTERPRISE: {"employeeNumber": person.employee_number},
            "meta": {"resourceType": "User", "location": {"@endsWith": format!("/Users/{}", place(&id))}},
        }));
    vec![lookup.expects(list()).finds(&id), create.unless(&id)]
}

fn user_body(organisation: &Organisation, number: usize) -> Value {
    let person = organisation.person(number);
    let culture = person.culture;
    json!({
        "schemas": [USER, ENTERPRISE],
        "externalId": object_id(0, number),
        "userName": person.user_name,
        "active": true,
        "displayName": person.full,
        "title": person.title,
        "preferredLanguage": culture.language,
        "locale": culture.locale,
        "timezone": culture.timezone,
        "name": {"formatted": person.full, "familyName": person.family, "givenName": person.given},
        "emails": [{"primary": true, "type": "work", "value": person.user_name}],
        "phoneNumbers": [{"type": "work", "value": person.phone}],
        "addresses": [{"type": "work", "locality": culture.city, "country": culture.country}],
        "meta": {"resourceType": "User"},
        "roles": [],
        ENTERPRISE: {
            "employeeNumber": person.employee_number,
            "department": person.department,
            "organization": "Meadowlark",
        },
    })
}

fn set_manager(organisation: &Organisation, number: usize) -> Chain {
    let Some(manager) = organisation.person(number).manager else { return Vec::new() };
    let (id, manager) = (place(&user(number)), place(&user(manager)));
    let query = format!("/Users?filter=id+eq+%22{id}%22+and+manager+eq+%22{manager}%22&attributes=id");
    let set = patch(&json!([{"op": "Add", "path": format!("{ENTERPRISE}:manager"), "value": manager}]));
    vec![
        Step::new(Effect::Nothing, Method::Get, query, &[200]).expects(list()),
        Step::new(Effect::Updates, Method::Patch, format!("/Users/{id}"), PATCHED)
            .body(set)
            .expects(json!({ENTERPRISE: {"manager": {"value": manager}}})),
    ]
}

fn create_group(organisation: &Organisation, number: usize) -> Chain {
    let name = organisation.group_name(number);
    let id = group(number);
    let lookup = format!("/Groups?excludedAttributes=members&filter={}", eq("displayName", &name));
    let create = Step::new(Effect::Creates, Method::Post, "/Groups".to_owned(), &[201])
        .body(json!({
            "schemas": [GROUP, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
            "externalId": object_id(1, number),
            "displayName": name,
            "meta": {"resourceType": "Group"},
        }))
        .captures(&id, "/id")
        .expects(json!({"id": {"@present": true}, "displayName": name, "members": {"@absent": true}}));
    vec![
        Step::new(Effect::Nothing, Method::Get, lookup, &[200]).expects(list()).finds(&id),
        create.unless(&id),
        read_group(number, &name),
    ]
}

fn read_group(number: usize, name: &str) -> Step {
    let path = format!("/Groups/{}?excludedAttributes=members", place(&group(number)));
    Step::new(Effect::Nothing, Method::Get, path, &[200])
        .expects(json!({"displayName": name, "members": {"@absent": true}}))
}

fn add_members(organisation: &Organisation, number: usize) -> Chain {
    let add = |members: &[usize]| {
        let values: Vec<_> =
            members.iter().map(|member| json!({"$ref": null, "value": place(&user(*member))})).collect();
        patch_group(number, &json!([{"op": "Add", "path": "members", "value": values}]))
    };
    organisation.members(number).chunks(MEMBERS_A_PATCH).map(add).collect()
}

fn patch_group(number: usize, operations: &Value) -> Step {
    let path = format!("/Groups/{}", place(&group(number)));
    Step::new(Effect::Updates, Method::Patch, path, PATCHED).body(patch(operations))
}

/// One person in ten has a new title and mail address; one in 33 leaves, and the first leaver comes back.
fn change_user(organisation: &Organisation, number: usize) -> Chain {
    let path = format!("/Users/{}", place(&user(number)));
    let person = organisation.person(number);
    if number % 33 == 7 {
        let set = |effect, value: &str, stored: bool| {
            Step::new(effect, Method::Patch, path.clone(), PATCHED)
                .body(patch(&json!([{"op": "Replace", "path": "active", "value": value}])))
                .expects(json!({"active": stored}))
        };
        let leave = set(Effect::Deactivates, "False", false);
        return if number == 7 { vec![leave, set(Effect::Updates, "True", true)] } else { vec![leave] };
    }
    if number % 10 != 3 {
        return Vec::new();
    }
    let title = format!("Senior {}", person.title);
    let mail = format!("new.{}", person.user_name);
    let change = patch(&json!([
        {"op": "Replace", "path": "displayName", "value": format!("{} (she/her)", person.full)},
        {"op": "Replace", "path": "title", "value": title},
        {"op": "Replace", "path": "emails[type eq \"work\"].value", "value": mail},
        {"op": "Add", "path": format!("{ENTERPRISE}:costCenter"), "value": format!("CC-{:03}", number % 1_000)},
    ]));
    vec![
        Step::new(Effect::Nothing, Method::Get, path.clone(), &[200]).expects(json!({"userName": person.user_name})),
        Step::new(Effect::Updates, Method::Patch, path, PATCHED)
            .body(change)
            .expects(json!({"title": title, "emails": {"@contains": [{"type": "work", "value": mail}]}})),
    ]
}

/// One member leaves each second group; the third group is misspelled and corrected.
fn change_group(organisation: &Organisation, number: usize) -> Chain {
    let mut chain = Vec::new();
    let leaver = organisation.members(number).into_iter().next_back();
    if let Some(leaver) = leaver.filter(|_| number % 2 == 1) {
        let value = json!([{"value": place(&user(leaver))}]);
        chain.push(patch_group(number, &json!([{"op": "Remove", "path": "members", "value": value}])));
    }
    if number == 2 {
        let name = organisation.group_name(number);
        for name in [format!("{name}?"), name] {
            chain.push(patch_group(number, &json!([{"op": "Replace", "path": "displayName", "value": name}])));
        }
    }
    chain
}
