//! Single resources: create, read, rewrite, remove, and what each leaves in the change stream.

use scimgate::model::{Action, AttributeChange, GroupRef, MembersDelta, ResourceId, Stored, Version};
use scimgate::store::{ChangeFilter, Deleted, PasswordUpdate, ResourceUpdate, StoreError, TenantStore};
use serde_json::json;

use super::{Fixture, at, change, group, insert, user, user_entry, version};

async fn rename(tenant: &TenantStore, id: ResourceId, read: Version, name: &str, seconds: i64) -> Option<Stored> {
    let entry = user_entry(name);
    let update =
        ResourceUpdate { resource_type: "User", id, read_version: read, entry: &entry, password: PasswordUpdate::Keep };
    tenant.update(&update, &MembersDelta::default(), &change(Action::Update, at(seconds))).await.unwrap()
}

#[tokio::test]
async fn what_was_created_is_found_by_its_tenant_and_type_alone() {
    let fixture = Fixture::new();
    let (tenant, other) = (fixture.tenant(1), fixture.tenant(2));
    let created = insert(&tenant, "User", &user_entry("ann"), &[]).await.unwrap();
    assert_eq!(created.version, Version(1));
    assert_eq!(tenant.find("User", created.id, false).await.unwrap(), Some(created.clone()));
    assert_eq!(tenant.find("User", created.id, true).await.unwrap(), Some(created.clone()));
    assert_eq!(tenant.find("Group", created.id, false).await.unwrap(), None);
    assert_eq!(other.find("User", created.id, false).await.unwrap(), None);
}

#[tokio::test]
async fn a_taken_name_is_told_by_its_attribute_and_only_within_tenant_and_type() {
    let fixture = Fixture::new();
    let tenant = fixture.tenant(1);
    let entry = user_entry("ann");
    insert(&tenant, "User", &entry, &[]).await.unwrap();
    let taken = |error: StoreError| match error {
        StoreError::Uniqueness { attribute } => attribute,
        other => panic!("{other:?}"),
    };
    assert_eq!(taken(insert(&tenant, "User", &entry, &[]).await.unwrap_err()), "userName");
    insert(&tenant, "Group", &entry, &[]).await.unwrap();
    assert_eq!(taken(insert(&tenant, "Group", &entry, &[]).await.unwrap_err()), "displayName");
    insert(&fixture.tenant(2), "User", &entry, &[]).await.unwrap();
    let external = |name: &str| super::IndexEntry { external_id: Some("E-1".into()), ..user_entry(name) };
    insert(&tenant, "User", &external("bob"), &[]).await.unwrap();
    assert_eq!(taken(insert(&tenant, "User", &external("cid"), &[]).await.unwrap_err()), "externalId");
}

#[tokio::test]
async fn sixty_four_creates_of_one_name_make_one() {
    let fixture = Fixture::new();
    let tenant = fixture.tenant(1);
    let entry = user_entry("ann");
    let creates = (0..64).map(|_| insert(&tenant, "User", &entry, &[]));
    let outcomes = futures_util::future::join_all(creates).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    assert!(
        outcomes.iter().all(|outcome| matches!(outcome, Ok(_) | Err(StoreError::Uniqueness { attribute: "userName" })))
    );
}

#[tokio::test]
async fn an_update_needs_the_version_that_was_read_and_time_never_goes_back() {
    let fixture = Fixture::new();
    let tenant = fixture.tenant(1);
    let id = user(&tenant, "ann").await;
    let second = rename(&tenant, id, Version(1), "anna", 20).await.unwrap();
    assert_eq!((second.version, second.modified_at, second.created_at), (Version(2), at(20), at(0)));
    assert_eq!(rename(&tenant, id, Version(1), "nobody", 30).await, None);
    let third = rename(&tenant, id, Version(2), "anne", 10).await.unwrap();
    assert_eq!((third.version, third.modified_at), (Version(3), at(20)));
    assert_eq!(tenant.find("User", id, false).await.unwrap(), Some(third));
}

#[tokio::test]
async fn each_mutation_leaves_one_change() {
    let fixture = Fixture::new();
    let tenant = fixture.tenant(1);
    let id = user(&tenant, "ann").await;
    let attributes = [AttributeChange { path: "userName".into(), old: Some(json!("ann")), new: Some(json!("anna")) }];
    let entry = user_entry("anna");
    let update = ResourceUpdate {
        resource_type: "User",
        id,
        read_version: Version(1),
        entry: &entry,
        password: PasswordUpdate::Keep,
    };
    let mut row = change(Action::Update, at(1));
    row.attributes = &attributes;
    row.address = Some("192.0.2.1".parse().unwrap());
    tenant.update(&update, &MembersDelta::default(), &row).await.unwrap().unwrap();
    assert_eq!(tenant.delete("User", id, None, &change(Action::Delete, at(2))).await.unwrap(), Deleted::Deleted);

    let all = ChangeFilter { action: None, from: None, to: None, limit: 10 };
    let changes = tenant.changes(&all).await.unwrap();
    let told: Vec<_> = changes.iter().map(|change| (change.action, change.version, change.at)).collect();
    assert_eq!(told, [(Action::Delete, 2, at(2)), (Action::Update, 2, at(1)), (Action::Create, 1, at(0))]);
    assert_eq!(changes[1].attributes, attributes);
    assert_eq!(changes[1].address.as_deref(), Some("192.0.2.1"));
    assert!(fixture.tenant(2).changes(&all).await.unwrap().is_empty());
    let updates = ChangeFilter { action: Some(Action::Update), from: Some(at(1)), to: Some(at(2)), limit: 10 };
    assert_eq!(tenant.changes(&updates).await.unwrap().len(), 1);
    let none = ChangeFilter { to: Some(at(1)), ..updates };
    assert!(tenant.changes(&none).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_removed_user_leaves_its_groups_which_move_on() {
    let fixture = Fixture::new();
    let tenant = fixture.tenant(1);
    let (ann, bob) = (user(&tenant, "ann").await, user(&tenant, "bob").await);
    let staff = group(&tenant, "staff", &[ann, bob]).await;
    let others = group(&tenant, "others", &[bob]).await;
    let found = tenant.find("User", ann, true).await.unwrap().unwrap();
    assert_eq!(found.groups, [GroupRef { id: staff, display: Some("staff".into()), is_direct: true }]);

    let late = change(Action::Delete, at(9));
    assert_eq!(tenant.delete("User", ann, Some(Version(7)), &late).await.unwrap(), Deleted::VersionMoved);
    assert_eq!(fixture.tenant(2).delete("User", ann, None, &late).await.unwrap(), Deleted::NotFound);
    assert_eq!(tenant.delete("User", ann, Some(Version(1)), &late).await.unwrap(), Deleted::Deleted);
    assert_eq!(tenant.delete("User", ann, None, &late).await.unwrap(), Deleted::NotFound);
    assert_eq!(version(&tenant, "Group", staff).await, Version(2));
    assert_eq!(version(&tenant, "Group", others).await, Version(1));
    assert_eq!(tenant.find("Group", staff, false).await.unwrap().unwrap().modified_at, at(9));
    // The name is free again.
    user(&tenant, "ann").await;
    // A group goes with its memberships.
    assert_eq!(tenant.delete("Group", staff, None, &late).await.unwrap(), Deleted::Deleted);
    assert_eq!(tenant.find("User", bob, true).await.unwrap().unwrap().groups.len(), 1);
}

#[tokio::test]
async fn a_password_stays_changes_or_goes() {
    let fixture = Fixture::new();
    let tenant = fixture.tenant(1);
    let id = user(&tenant, "ann").await;
    let (client, connection) = tokio_postgres::connect(&fixture.database.url(), tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let entry = user_entry("ann");
    let hash = secrecy::SecretString::from("$argon2id$...");
    let expected = [Some("$argon2id$..."), Some("$argon2id$..."), None, None];
    let steps = [PasswordUpdate::Set(&hash), PasswordUpdate::Keep, PasswordUpdate::Clear, PasswordUpdate::Keep];
    for (version, (password, expected)) in (1..).zip(steps.into_iter().zip(expected)) {
        let update =
            ResourceUpdate { resource_type: "User", id, read_version: Version(version), entry: &entry, password };
        let row = change(Action::Update, at(version));
        tenant.update(&update, &MembersDelta::default(), &row).await.unwrap().unwrap();
        let kept = client.query_one("SELECT password_hash FROM resources", &[]).await.unwrap();
        assert_eq!(kept.get::<_, Option<String>>(0).as_deref(), expected);
    }
}

#[tokio::test]
async fn a_group_is_rewritten_with_its_members_or_not_at_all() {
    let fixture = Fixture::new();
    let tenant = fixture.tenant(1);
    let ann = user(&tenant, "ann").await;
    let staff = group(&tenant, "staff", &[]).await;
    let entry = user_entry("team");
    let update = ResourceUpdate {
        resource_type: "Group",
        id: staff,
        read_version: Version(1),
        entry: &entry,
        password: PasswordUpdate::Keep,
    };
    let with = |id: ResourceId| MembersDelta { reset: true, add: vec![id], remove: Vec::new() };
    let row = change(Action::Update, at(1));
    let refused = tenant.update(&update, &with(nobody()), &row).await.unwrap_err();
    assert!(matches!(refused, StoreError::MemberUnknown { .. }));
    assert_eq!(version(&tenant, "Group", staff).await, Version(1));
    let renamed = tenant.update(&update, &with(ann), &row).await.unwrap().unwrap();
    assert_eq!((renamed.version, renamed.document.as_str()), (Version(2), entry.document.as_str()));
    assert_eq!(tenant.find("User", ann, true).await.unwrap().unwrap().groups[0].display.as_deref(), Some("team"));
    assert_eq!(tenant.update(&update, &with(ann), &row).await.unwrap(), None);
    // Another group's name is taken.
    let other = group(&tenant, "other", &[]).await;
    let taken =
        tenant.update(&ResourceUpdate { id: other, ..update }, &with(ann), &change(Action::Update, at(2))).await;
    assert!(matches!(taken, Err(StoreError::Uniqueness { attribute: "displayName" })), "{taken:?}");
    assert_eq!(tenant.find("User", ann, true).await.unwrap().unwrap().groups.len(), 1);
}

/// An id that no resource has.
fn nobody() -> ResourceId {
    ResourceId::new(at(99))
}
