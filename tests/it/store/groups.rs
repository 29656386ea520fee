//! Members of groups.

use futures_util::TryStreamExt;
use futures_util::future::join_all;
use scimgate::model::{Action, MemberRef, MembersDelta, ResourceId, Version};
use scimgate::store::{ChangeFilter, MembersChanged, StoreError, TenantStore};
use serde_json::json;

use super::{Fixture, at, change, group, insert, user, user_entry, version};

async fn members(tenant: &TenantStore, groups: &[ResourceId]) -> Vec<(ResourceId, ResourceId)> {
    let members: Vec<MemberRef> = tenant.members(groups).try_collect().await.unwrap();
    members.into_iter().map(|member| (member.group, member.id)).collect()
}

fn add(ids: &[ResourceId]) -> MembersDelta {
    MembersDelta { reset: false, add: ids.to_vec(), remove: Vec::new() }
}

async fn apply(tenant: &TenantStore, group: ResourceId, delta: &MembersDelta) -> MembersChanged {
    tenant.change_members(group, None, delta, &change(Action::Update, at(5))).await.unwrap()
}

#[tokio::test]
async fn members_come_and_go_and_only_a_real_change_counts() {
    let fixture = Fixture::new();
    let tenant = fixture.tenant(1);
    let mut users = [user(&tenant, "ann").await, user(&tenant, "bob").await, user(&tenant, "cid").await];
    users.sort_unstable();
    let [ann, bob, cid] = users;
    let staff = group(&tenant, "staff", &[ann]).await;

    assert!(
        matches!(apply(&tenant, staff, &add(&[ann])).await, MembersChanged::Unchanged(stored) if stored.version == Version(1))
    );
    assert!(
        matches!(apply(&tenant, staff, &add(&[ann, bob])).await, MembersChanged::Changed(stored) if stored.version == Version(2))
    );
    assert_eq!(members(&tenant, &[staff]).await, [(staff, ann), (staff, bob)]);
    let swap = MembersDelta { reset: false, add: vec![cid], remove: vec![ann] };
    assert!(matches!(apply(&tenant, staff, &swap).await, MembersChanged::Changed(_)));
    assert_eq!(members(&tenant, &[staff]).await, [(staff, bob), (staff, cid)]);
    let only_ann = MembersDelta { reset: true, add: vec![ann], remove: Vec::new() };
    assert!(matches!(apply(&tenant, staff, &only_ann).await, MembersChanged::Changed(_)));
    assert_eq!(members(&tenant, &[staff]).await, [(staff, ann)]);
    assert!(matches!(apply(&tenant, staff, &only_ann).await, MembersChanged::Unchanged(_)));
    let nobody = MembersDelta { reset: true, ..MembersDelta::default() };
    assert!(
        matches!(apply(&tenant, staff, &nobody).await, MembersChanged::Changed(stored) if stored.version == Version(5))
    );
    assert!(members(&tenant, &[staff]).await.is_empty());

    let all = ChangeFilter { action: Some(Action::Update), from: None, to: None, limit: 10 };
    let changes = tenant.changes(&all).await.unwrap();
    assert_eq!(changes.len(), 4);
    let told: Vec<_> = changes.iter().rev().map(|change| serde_json::to_value(&change.attributes).unwrap()).collect();
    assert_eq!(told[0], json!([{ "path": "members", "new": [{ "value": bob }] }]));
    assert_eq!(told[1], json!([{ "path": "members", "old": [{ "value": ann }], "new": [{ "value": cid }] }]));
    assert_eq!(
        told[2],
        json!([{ "path": "members", "old": [{ "value": bob }, { "value": cid }], "new": [{ "value": ann }] }])
    );
    assert_eq!(told[3], json!([{ "path": "members", "old": [{ "value": ann }] }]));
}

#[tokio::test]
async fn unknown_and_foreign_members_are_the_same_and_nothing_is_written() {
    let fixture = Fixture::new();
    let tenant = fixture.tenant(1);
    let ann = user(&tenant, "ann").await;
    let foreign = user(&fixture.tenant(2), "eve").await;
    let mut unknown = vec![ResourceId::new(at(0)), foreign];
    unknown.sort_unstable();
    let told = |error: StoreError| match error {
        StoreError::MemberUnknown { ids } => ids,
        other => panic!("{other:?}"),
    };
    let mut named = unknown.clone();
    named.push(ann);
    named.sort_unstable();
    assert_eq!(told(insert(&tenant, "Group", &user_entry("staff"), &named).await.unwrap_err()), unknown);
    let staff = group(&tenant, "staff", &[]).await;
    let row = change(Action::Update, at(1));
    assert_eq!(told(tenant.change_members(staff, None, &add(&named), &row).await.unwrap_err()), unknown);
    assert!(members(&tenant, &[staff]).await.is_empty());
    assert_eq!(version(&tenant, "Group", staff).await, Version(1));
    // A group of another tenant is not there at all.
    assert_eq!(
        fixture.tenant(2).change_members(staff, None, &add(&[foreign]), &row).await.unwrap(),
        MembersChanged::NotFound
    );
    let moved = tenant.change_members(staff, Some(Version(9)), &add(&[ann]), &row).await.unwrap();
    assert_eq!(moved, MembersChanged::VersionMoved);
}

#[tokio::test]
async fn two_hundred_adds_at_once_lose_nobody() {
    let fixture = Fixture::new();
    let tenant = fixture.tenant(1);
    let staff = group(&tenant, "staff", &[]).await;
    let names: Vec<_> = (0..200).map(|number| format!("user{number}")).collect();
    let users = join_all(names.iter().map(|name| user(&tenant, name))).await;
    let deltas: Vec<_> = users.iter().map(|user| add(&[*user])).collect();
    let outcomes = join_all(deltas.iter().map(|delta| apply(&tenant, staff, delta))).await;
    assert!(outcomes.iter().all(|outcome| matches!(outcome, MembersChanged::Changed(_))));
    assert_eq!(members(&tenant, &[staff]).await.len(), 200);
    assert_eq!(version(&tenant, "Group", staff).await, Version(201));
}

#[tokio::test]
async fn adds_and_removals_of_the_users_themselves_leave_no_orphan() {
    let fixture = Fixture::new();
    let tenant = fixture.tenant(1);
    let groups = join_all(["a", "b", "c"].map(|name| group(&tenant, name, &[]))).await;
    let names: Vec<_> = (0..40).map(|number| format!("user{number}")).collect();
    let users = join_all(names.iter().map(|name| user(&tenant, name))).await;
    let all = add(&{
        let mut ids = users.clone();
        ids.sort_unstable();
        ids
    });
    let row = change(Action::Update, at(1));
    let adds = join_all(groups.iter().map(async |group| tenant.change_members(*group, None, &all, &row).await));
    let removals = join_all(
        users.iter().map(async |user| tenant.delete("User", *user, None, &change(Action::Delete, at(2))).await),
    );
    let (adds, removals) = futures_util::join!(adds, removals);
    assert!(adds.iter().all(|outcome| matches!(outcome, Ok(_) | Err(StoreError::MemberUnknown { .. }))), "{adds:?}");
    assert!(removals.iter().all(Result::is_ok), "{removals:?}");
    assert!(members(&tenant, &groups).await.is_empty());
}

#[tokio::test]
async fn members_of_many_groups_come_in_order_piece_by_piece() {
    let fixture = Fixture::new();
    let tenant = fixture.tenant(1);
    let names: Vec<_> = (0..2_500).map(|number| format!("user{number}")).collect();
    let mut users = Vec::new();
    for names in names.chunks(250) {
        users.extend(join_all(names.iter().map(|name| user(&tenant, name))).await);
    }
    users.sort_unstable();
    let big = group(&tenant, "big", &users).await;
    let small = group(&tenant, "small", &users[..3]).await;
    let empty = group(&tenant, "empty", &[]).await;
    let groups = [small, empty, big, group(&tenant, "again", &users[..1_700]).await];
    let expected: Vec<_> = [(small, 3), (big, 2_500), (groups[3], 1_700)]
        .iter()
        .flat_map(|(group, count)| users[..*count].iter().map(|user| (*group, *user)))
        .collect();
    assert_eq!(members(&tenant, &groups).await, expected);
    let first: Option<MemberRef> = std::pin::pin!(tenant.members(&groups)).try_next().await.unwrap();
    assert_eq!(first.unwrap().display.as_deref().map(|display| display.starts_with("user")), Some(true));
}
