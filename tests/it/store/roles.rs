//! Memberships by roles beside those by groups, held to a model.

use std::collections::BTreeSet;

use futures_util::TryStreamExt;
use futures_util::future::join_all;
use proptest::prelude::{Strategy, prop_oneof};
use proptest::test_runner::{Config, TestRunner};
use scimgate::model::{Action, MembersDelta, ResourceId, Version};
use scimgate::scim::resource::IndexEntry;
use scimgate::store::{PasswordUpdate, ResourceUpdate, StoreError, TenantStore};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::{Fixture, at, change, insert, user_entry, version};

const ROLE: &str = "urn:ietf:params:scim:schemas:extension:scimgate:2.0:role";
const NAMES: [&str; 4] = ["admin", "cook", "pilot", "nobody"];

/// The entry `name` with more in its search document.
fn entry(name: &str, key: &str, value: Value) -> IndexEntry {
    let search = json!({ "username": name, key: value }).to_string();
    IndexEntry { search, ..user_entry(name) }
}

fn user_with(name: &str, roles: &[usize]) -> IndexEntry {
    let roles: Vec<Value> = roles.iter().map(|role| json!({ "value": NAMES[*role] })).collect();
    entry(name, "roles", roles.into())
}

fn group_with(name: &str, role: Option<usize>) -> IndexEntry {
    role.map_or_else(|| user_entry(name), |role| entry(name, ROLE, json!({ "roleid": NAMES[role] })))
}

async fn rewrite(
    tenant: &TenantStore,
    kind: &str,
    id: ResourceId,
    entry: &IndexEntry,
    members: &MembersDelta,
) -> Result<(), StoreError> {
    loop {
        let update = ResourceUpdate {
            resource_type: kind,
            id,
            read_version: version(tenant, kind, id).await,
            entry,
            password: PasswordUpdate::Keep,
        };
        if tenant.update(&update, members, &change(Action::Update, at(3))).await?.is_some() {
            return Ok(());
        }
    }
}

async fn members(tenant: &TenantStore, group: ResourceId) -> BTreeSet<ResourceId> {
    let members: Vec<_> = tenant.members(&[group]).map_ok(|member| member.id).try_collect().await.unwrap();
    let once: BTreeSet<_> = members.iter().copied().collect();
    assert_eq!(once.len(), members.len(), "a member is shown twice");
    once
}

#[derive(Debug, Clone)]
enum Step {
    /// The user has these roles.
    Roles(usize, Vec<usize>),
    /// The group carries this role, and if there is a list, has these members of its own.
    Carry(usize, Option<usize>, Option<Vec<usize>>),
    Add(usize, Vec<usize>),
    Remove(usize, Vec<usize>),
}

const USERS: usize = 4;
const GROUPS: usize = 3;

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let some = |count: usize| proptest::collection::vec(0..count, 0..4);
    let step = prop_oneof![
        4 => (0..USERS, some(NAMES.len())).prop_map(|(user, roles)| Step::Roles(user, roles)),
        2 => (0..GROUPS, proptest::option::of(0..NAMES.len()), proptest::option::of(some(USERS)))
            .prop_map(|(group, role, own)| Step::Carry(group, role, own)),
        3 => (0..GROUPS, some(USERS)).prop_map(|(group, users)| Step::Add(group, users)),
        3 => (0..GROUPS, some(USERS)).prop_map(|(group, users)| Step::Remove(group, users)),
    ];
    proptest::collection::vec(step, 1..30)
}

#[derive(Default, Clone)]
struct Carrier {
    role: Option<usize>,
    own: BTreeSet<usize>,
}

#[test]
fn a_group_has_the_members_it_was_given_and_those_who_hold_its_role() {
    let runtime = Runtime::new().unwrap();
    let fixture = Fixture::new();
    let tenants = std::cell::Cell::new(0);
    let mut runner = TestRunner::new(Config { cases: 60, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&steps(), |steps| {
        tenants.set(tenants.get() + 1);
        runtime.block_on(follow(&fixture.tenant(tenants.get()), &steps));
        Ok(())
    });
    drop(runtime);
    outcome.unwrap();
}

async fn follow(tenant: &TenantStore, steps: &[Step]) {
    let (mut users, mut groups) = (Vec::new(), Vec::new());
    for number in 0..USERS {
        users.push(insert(tenant, "User", &user_with(&format!("u{number}"), &[]), &[]).await.unwrap().id);
    }
    for number in 0..GROUPS {
        groups.push(insert(tenant, "Group", &group_with(&format!("g{number}"), None), &[]).await.unwrap().id);
    }
    let ids = |indexes: &[usize]| -> Vec<ResourceId> {
        indexes.iter().map(|index| users[*index]).collect::<BTreeSet<_>>().into_iter().collect()
    };
    let mut held: [BTreeSet<usize>; USERS] = Default::default();
    let mut carriers: [Carrier; GROUPS] = Default::default();
    for step in steps {
        match step {
            Step::Roles(user, roles) => {
                let entry = user_with(&format!("u{user}"), roles);
                rewrite(tenant, "User", users[*user], &entry, &MembersDelta::default()).await.unwrap();
                held[*user] = roles.iter().copied().collect();
            }
            Step::Carry(group, role, own) => {
                let add = ids(own.as_deref().unwrap_or_default());
                let delta = MembersDelta { reset: own.is_some(), add, remove: Vec::new() };
                let entry = group_with(&format!("g{group}"), *role);
                let outcome = rewrite(tenant, "Group", groups[*group], &entry, &delta).await;
                let is_taken =
                    (0..GROUPS).any(|other| other != *group && role.is_some() && carriers[other].role == *role);
                if is_taken {
                    assert!(matches!(outcome, Err(StoreError::Uniqueness { attribute: "roleId" })), "{outcome:?}");
                } else {
                    outcome.unwrap();
                    carriers[*group].role = *role;
                    if let Some(own) = own {
                        carriers[*group].own = own.iter().copied().collect();
                    }
                }
            }
            Step::Add(group, members) | Step::Remove(group, members) => {
                let (own, mut delta) = (&mut carriers[*group].own, MembersDelta::default());
                if matches!(step, Step::Add(..)) {
                    own.extend(members);
                    delta.add = ids(members);
                } else {
                    own.retain(|user| !members.contains(user));
                    delta.remove = ids(members);
                }
                tenant.change_members(groups[*group], None, &delta, &change(Action::Update, at(4))).await.unwrap();
            }
        }
        for (group, carrier) in groups.iter().zip(&carriers) {
            let by_role = |user: &usize| carrier.role.is_some_and(|role| held[*user].contains(&role));
            let expected: BTreeSet<_> =
                (0..USERS).filter(|user| by_role(user) || carrier.own.contains(user)).map(|user| users[user]).collect();
            assert_eq!(members(tenant, *group).await, expected, "after {step:?} of {steps:?}");
        }
    }
}

/// Users get and lose a role while it goes from group to group: in the end the one that carries it has those who hold it.
#[tokio::test]
async fn no_role_is_lost_while_it_changes_hands() {
    let fixture = Fixture::new();
    let tenant = &fixture.tenant(1);
    let mut users = Vec::new();
    for number in 0..12 {
        users.push(insert(tenant, "User", &user_with(&format!("u{number}"), &[]), &[]).await.unwrap().id);
    }
    let mut groups = Vec::new();
    for number in 0..2 {
        groups.push(insert(tenant, "Group", &group_with(&format!("g{number}"), None), &[]).await.unwrap().id);
    }
    let nothing = &MembersDelta::default();
    for round in 0..6 {
        let (from, to) = (groups[round % 2], groups[(round + 1) % 2]);
        let writes = users.iter().enumerate().map(async |(number, user)| {
            let roles = if (number + round) % 3 == 0 { vec![1] } else { vec![0, 2] };
            rewrite(tenant, "User", *user, &user_with(&format!("u{number}"), &roles), nothing).await.unwrap();
        });
        let hand_over = async {
            rewrite(tenant, "Group", from, &group_with(&format!("g{}", round % 2), None), nothing).await.unwrap();
            let entry = group_with(&format!("g{}", (round + 1) % 2), Some(0));
            rewrite(tenant, "Group", to, &entry, nothing).await.unwrap();
        };
        futures_util::join!(join_all(writes), hand_over);
        let expected: BTreeSet<_> =
            (0..users.len()).filter(|number| (number + round) % 3 != 0).map(|number| users[number]).collect();
        assert_eq!(members(tenant, to).await, expected, "round {round}");
        assert!(members(tenant, from).await.is_empty(), "round {round}");
    }
    assert!(version(tenant, "Group", groups[0]).await > Version(1));
}
