//! Groups in groups.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use proptest::prelude::{Strategy, prop_oneof};
use proptest::test_runner::{Config, TestRunner};
use scimgate::model::{Action, GroupRef, MembersDelta, ResourceId};
use scimgate::store::{MembersChanged, StoreError, TenantStore};
use tokio::runtime::Runtime;

use super::{Fixture, at, change, group, user};

const GROUPS: usize = 6;
const USERS: usize = 4;

/// Groups come first in the list of all members, then users.
#[derive(Debug, Clone)]
enum Step {
    Add { group: usize, members: Vec<usize> },
    Remove { group: usize, members: Vec<usize> },
    Replace { group: usize, members: Vec<usize> },
    DeleteGroup(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let members = || proptest::collection::vec(0..GROUPS + USERS, 0..4);
    let step = prop_oneof![
        6 => (0..GROUPS, members()).prop_map(|(group, members)| Step::Add { group, members }),
        2 => (0..GROUPS, members()).prop_map(|(group, members)| Step::Remove { group, members }),
        2 => (0..GROUPS, members()).prop_map(|(group, members)| Step::Replace { group, members }),
        1 => (0..GROUPS).prop_map(Step::DeleteGroup),
    ];
    proptest::collection::vec(step, 1..25)
}

/// Who is a member of which group, told in memory.
#[derive(Default)]
struct Model(BTreeMap<ResourceId, BTreeSet<ResourceId>>);

impl Model {
    /// Every group that has the member inside, at any depth.
    fn above(&self, member: ResourceId) -> BTreeSet<ResourceId> {
        let mut found = BTreeSet::new();
        let mut next = vec![member];
        while let Some(id) = next.pop() {
            let outer = self.0.iter().filter(|(_, members)| members.contains(&id)).map(|(group, _)| *group);
            next.extend(outer.filter(|group| found.insert(*group)));
        }
        found
    }

    fn groups_of(&self, user: ResourceId) -> Vec<(ResourceId, bool)> {
        self.above(user).into_iter().map(|group| (group, self.0[&group].contains(&user))).collect()
    }
}

fn delta(reset: bool, add: Vec<ResourceId>, remove: Vec<ResourceId>) -> MembersDelta {
    MembersDelta { reset, add, remove }
}

async fn apply(tenant: &TenantStore, group: ResourceId, delta: &MembersDelta) -> Result<MembersChanged, StoreError> {
    tenant.change_members(group, None, delta, &change(Action::Update, at(5))).await
}

async fn groups_of(tenant: &TenantStore, user: ResourceId) -> Vec<(ResourceId, bool)> {
    let found = tenant.find("User", user, true).await.unwrap().unwrap();
    found.groups.into_iter().map(|GroupRef { id, is_direct, .. }| (id, is_direct)).collect()
}

#[test]
fn whatever_graph_is_built_the_database_knows_the_same_groups_as_a_model() {
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
    let mut all = Vec::new();
    for number in 0..GROUPS {
        all.push(group(tenant, &format!("group{number}"), &[]).await);
    }
    for number in 0..USERS {
        all.push(user(tenant, &format!("user{number}")).await);
    }
    let mut model = Model(all[..GROUPS].iter().map(|id| (*id, BTreeSet::new())).collect());
    let ids = |model: &Model, members: &[usize]| -> Vec<ResourceId> {
        let is_there = |id: &ResourceId| all[GROUPS..].contains(id) || model.0.contains_key(id);
        let ids: BTreeSet<_> = members.iter().map(|index| all[*index]).filter(is_there).collect();
        ids.into_iter().collect()
    };
    for step in steps {
        match step {
            Step::Add { group, members } | Step::Replace { group, members } if model.0.contains_key(&all[*group]) => {
                let (reset, members) = (matches!(step, Step::Replace { .. }), ids(&model, members));
                let outcome = apply(tenant, all[*group], &delta(reset, members.clone(), Vec::new())).await;
                if members.contains(&all[*group]) {
                    assert!(matches!(outcome, Err(StoreError::MemberOfItself)), "{outcome:?}");
                } else {
                    outcome.unwrap();
                    let present = model.0.get_mut(&all[*group]).unwrap();
                    if reset {
                        present.clear();
                    }
                    present.extend(members);
                }
            }
            Step::Remove { group, members } if model.0.contains_key(&all[*group]) => {
                let members = ids(&model, members);
                apply(tenant, all[*group], &delta(false, Vec::new(), members.clone())).await.unwrap();
                model.0.get_mut(&all[*group]).unwrap().retain(|member| !members.contains(member));
            }
            Step::DeleteGroup(group) if model.0.remove(&all[*group]).is_some() => {
                tenant.delete("Group", all[*group], None, &change(Action::Delete, at(6))).await.unwrap();
                model.0.values_mut().for_each(|members| {
                    members.remove(&all[*group]);
                });
            }
            _ => {}
        }
        for user in &all[GROUPS..] {
            assert_eq!(groups_of(tenant, *user).await, model.groups_of(*user), "after {step:?} of {steps:?}");
        }
    }
}

#[tokio::test]
async fn a_circle_that_many_writes_close_at_once_does_no_harm() {
    let fixture = Fixture::new();
    let tenant = fixture.tenant(1);
    for round in 0..10 {
        let names: Vec<_> = (0..5).map(|number| format!("group{round}-{number}")).collect();
        let groups = join_all(names.iter().map(|name| group(&tenant, name, &[]))).await;
        let ann = user(&tenant, &format!("ann{round}")).await;
        apply(&tenant, groups[0], &delta(false, vec![ann], Vec::new())).await.unwrap();
        // Each into the next, and the last into the first; and each into the one before.
        let pairs = (0..5).flat_map(|number| [(number, (number + 1) % 5), ((number + 1) % 5, number)]);
        let outcomes = join_all(pairs.map(|(inner, outer)| {
            let (tenant, inner, outer) = (&tenant, groups[inner], groups[outer]);
            async move { apply(tenant, outer, &delta(false, vec![inner], Vec::new())).await }
        }))
        .await;
        assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
        let mut expected: Vec<_> = groups.iter().map(|id| (*id, *id == groups[0])).collect();
        expected.sort_unstable();
        assert_eq!(groups_of(&tenant, ann).await, expected);
    }
}
