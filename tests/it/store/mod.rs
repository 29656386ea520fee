//! The store against a real PostgreSQL, without HTTP.

mod counts;
mod failures;
mod groups;
mod nested_groups;
mod plans;
mod resources;
mod roles;
mod sorting;
mod tenants;
mod upkeep;

use std::hash::{DefaultHasher, Hasher};
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use scimgate::model::{Action, ChangeId, CredentialId, RequestId, ResourceId, Stored, TenantId, Version};
use scimgate::scim::resource::IndexEntry;
use scimgate::scim::schema::{ResourceType, builtin};
use scimgate::store::{ConnectConfig, NewChange, NewResource, Page, Part, Store, StoreError, TenantStore, migrate};
use serde_json::json;
use uuid::Uuid;

use crate::support::postgres::{Template, TestDatabase};

/// A store on a database of its own.
pub struct Fixture {
    pub store: Store,
    pub database: TestDatabase,
}

impl Fixture {
    /// A migrated, empty database.
    pub fn new() -> Self {
        let template = Template::prepare("store", &migrations_hash(), |url| async move {
            migrate(&ConnectConfig::parse(&url).unwrap()).await.unwrap();
        });
        let database = TestDatabase::copy_of(&template);
        let store = Store::new(ConnectConfig::parse(&database.url()).unwrap(), "https://scim.example/scim/v2").unwrap();
        Self { store, database }
    }

    /// A tenant, known by a number alone: nothing but the credentials refers to the table of tenants.
    pub fn tenant(&self, number: u128) -> TenantStore {
        self.store.tenant(TenantId(Uuid::from_u128(number)))
    }
}

/// Changes with the text of a migration, so that a template of another form is never taken for this one.
fn migrations_hash() -> String {
    let mut files: Vec<_> = walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations"));
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        hasher.write(&std::fs::read(file).unwrap());
    }
    format!("{:x}", hasher.finish())
}

fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

/// An instant, in seconds after an arbitrary one.
pub fn at(seconds: i64) -> DateTime<Utc> {
    "2026-11-22T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::seconds(seconds)
}

/// The change of `action` at `at`.
pub fn change(action: Action, at: DateTime<Utc>) -> NewChange<'static> {
    NewChange {
        id: ChangeId::new(at),
        at,
        action,
        resource_name: "somebody",
        credential: CredentialId(Uuid::from_u128(1)),
        actor: "tests",
        request: RequestId(Uuid::from_u128(2)),
        address: None,
        attributes: &[],
        readings: None,
    }
}

/// All users.
pub fn users() -> [Part<'static>; 1] {
    [Part::all(kind("User"))]
}

/// How many users there are.
pub async fn count_users(tenant: &TenantStore) -> u64 {
    tenant.list(&Page::first(&users(), 10)).await.unwrap().total
}

/// The built-in resource type of that name.
pub fn kind(name: &str) -> &'static ResourceType {
    builtin().named(name).unwrap()
}

/// A user's entry; `name` has to be folded.
pub fn user_entry(name: &str) -> IndexEntry {
    IndexEntry {
        document: json!({ "userName": name }).to_string(),
        search: json!({ "username": name }).to_string(),
        name_key: Some(name.to_owned()),
        external_id: None,
        display: Some(name.to_owned()),
        display_key: None,
        employee_key: None,
        email_keys: vec![format!("{name}@example.com")],
        active: Some(true),
    }
}

/// Creates a resource at `at(0)`.
pub async fn insert(
    tenant: &TenantStore,
    resource_type: &str,
    entry: &IndexEntry,
    members: &[ResourceId],
) -> Result<Stored, StoreError> {
    let id = ResourceId::new(at(0));
    let resource = NewResource { resource_type, id, entry, password_hash: None, members };
    tenant.insert(&resource, &change(Action::Create, at(0))).await
}

/// Creates the user `name`.
pub async fn user(tenant: &TenantStore, name: &str) -> ResourceId {
    insert(tenant, "User", &user_entry(name), &[]).await.unwrap().id
}

/// Creates the group `name`.
pub async fn group(tenant: &TenantStore, name: &str, members: &[ResourceId]) -> ResourceId {
    insert(tenant, "Group", &user_entry(name), members).await.unwrap().id
}

/// The version of a resource that is there.
pub async fn version(tenant: &TenantStore, resource_type: &str, id: ResourceId) -> Version {
    tenant.find(resource_type, id, false).await.unwrap().unwrap().version
}
