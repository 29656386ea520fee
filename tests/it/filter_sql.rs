//! A filter in SQL means what it means in memory: both are run on generated resources, and have to find the same ones.

mod by_schema;
mod generated;
mod order;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use futures_util::future::join_all;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use scimgate::model::{Action, ResourceId};
use scimgate::scim::filter::{CheckedFilter, CompareOp, Filter, Literal};
use scimgate::scim::resource::{IndexEntry, Resource};
use scimgate::scim::schema::{ResourceType, builtin};
use scimgate::store::{NewResource, Page, Part, TenantStore};
use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;

use crate::store::{Fixture, change};
use generated::World;

const BASE: &str = "https://scim.example/scim/v2";

/// How many worlds are generated, each with filters of its own.
const WORLDS: u32 = 40;

/// A resource as an answer shows it, which is what the filter means in memory.
struct Shown {
    id: ResourceId,
    resource: Map<String, Value>,
}

/// A world in the database and in memory.
struct Stage {
    tenant: TenantStore,
    users: Vec<Shown>,
    groups: Vec<Shown>,
    things: Vec<Shown>,
}

#[test]
fn sql_finds_what_memory_finds() {
    let runtime = Runtime::new().unwrap();
    let fixture = Fixture::new();
    let tenants = std::cell::Cell::new(0);
    let filters = generated::USER_FILTERS + generated::GROUP_FILTERS + generated::THING_FILTERS;
    assert!(WORLDS as usize * filters >= 10_000, "{filters} filters a world");
    let config = Config { cases: WORLDS, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    let mut runner = TestRunner::new(config);
    let outcome = runner.run(&generated::world(), |world| {
        tenants.set(tenants.get() + 1);
        let tenant = fixture.tenant(tenants.get());
        runtime.block_on(async {
            let stage = stage(tenant, &world).await;
            let (user, group) = (builtin().named("User").unwrap(), builtin().named("Group").unwrap());
            let users = world.user_filters.iter().map(|filter| agrees(&stage, user, &stage.users, filter));
            let groups = world.group_filters.iter().map(|filter| agrees(&stage, group, &stage.groups, filter));
            let things =
                world.thing_filters.iter().map(|filter| agrees(&stage, &by_schema::THING, &stage.things, filter));
            let (users, groups, things) = tokio::join!(join_all(users), join_all(groups), join_all(things));
            users.into_iter().chain(groups).chain(things).collect()
        })
    });
    drop(runtime);
    outcome.unwrap();
}

async fn agrees(stage: &Stage, kind: &ResourceType, shown: &[Shown], filter: &Filter) -> Result<(), TestCaseError> {
    let filter = &with_ids(filter, stage);
    let checked = CheckedFilter::check(filter, kind).unwrap_or_else(|error| panic!("{filter}: {error}"));
    let in_memory: BTreeSet<_> =
        shown.iter().filter(|shown| checked.matches(&shown.resource)).map(|shown| shown.id).collect();
    let parts = [Part { filter: Some(&checked), ..Part::all(kind) }];
    let listed = stage
        .tenant
        .list(&Page::first(&parts, 100))
        .await
        .map_err(|error| TestCaseError::fail(format!("{filter}: {error:?}")))?;
    let in_sql: BTreeSet<_> = listed.resources.iter().map(|stored| stored.id).collect();
    if in_sql == in_memory && listed.total == in_memory.len() as u64 {
        return Ok(());
    }
    let differing: Vec<_> =
        shown.iter().filter(|shown| in_sql.contains(&shown.id) != in_memory.contains(&shown.id)).collect();
    let differing: Vec<_> = differing.iter().map(|shown| Value::from(shown.resource.clone()).to_string()).collect();
    Err(TestCaseError::fail(format!("{filter}\ntotal {}, differing: {}", listed.total, differing.join("\n"))))
}

/// Puts a world into the database.
async fn stage(tenant: TenantStore, world: &World) -> Stage {
    let (user, group) = (builtin().named("User").unwrap(), builtin().named("Group").unwrap());
    let mut users = Vec::new();
    for (attributes, at) in &world.users {
        users.push(create(&tenant, user, attributes, *at, &[]).await);
    }
    users.sort_by_key(|shown| shown.id);
    let mut groups: Vec<Shown> = Vec::new();
    for (attributes, at, members) in &world.groups {
        // Users and the groups before: groups in groups in groups.
        let all: Vec<ResourceId> = users.iter().chain(&groups).map(|shown| shown.id).collect();
        let members: BTreeSet<_> = members.iter().map(|index| all[*index % all.len()]).collect();
        let members: Vec<_> = members.into_iter().collect();
        let mut shown = create(&tenant, group, attributes, *at, &members).await;
        join(&mut shown, &mut users, &groups, &members);
        groups.push(shown);
    }
    let mut things = Vec::new();
    for (attributes, at) in &world.things {
        things.push(create(&tenant, &by_schema::THING, attributes, *at, &[]).await);
    }
    Stage { tenant, users, groups, things }
}

async fn create(
    tenant: &TenantStore,
    kind: &ResourceType,
    attributes: &Map<String, Value>,
    at: DateTime<Utc>,
    members: &[ResourceId],
) -> Shown {
    let id = ResourceId::new(at);
    let mut resource = attributes.clone();
    resource.insert("id".into(), json!(id));
    let mut entry = IndexEntry::of(kind, &Resource::from_stored(resource.clone()));
    if kind.name == "Group" {
        entry.name_key = None;
    }
    let new = NewResource { resource_type: &kind.name, id, entry: &entry, password_hash: None, members };
    tenant.insert(&new, &change(Action::Create, at)).await.unwrap();
    let meta = json!({
        "resourceType": kind.name, "created": at, "lastModified": at, "version": "W/\"1\"",
        "location": format!("{BASE}{}/{id}", kind.endpoint),
    });
    resource.insert("meta".into(), meta);
    Shown { id, resource }
}

/// Adds `members` to the group, and the group to the `groups` of its users: those who are members, and those who are in a
/// group that is.
fn join(group: &mut Shown, users: &mut [Shown], groups: &[Shown], members: &[ResourceId]) {
    let mut list = Vec::new();
    for (kind, shown) in users.iter().map(|user| ("User", user)).chain(groups.iter().map(|inner| ("Group", inner))) {
        if members.contains(&shown.id) {
            let mut member = json!({ "value": shown.id, "$ref": format!("{BASE}/{kind}s/{}", shown.id), "type": kind });
            let display = shown.resource.get("displayName").or(shown.resource.get("userName")).unwrap();
            member["display"] = display.clone();
            list.push(member);
        }
    }
    for user in users {
        let is_direct = members.contains(&user.id);
        let is_inside = |member: &ResourceId| user.resource.get("groups").is_some_and(|groups| has(groups, *member));
        if is_direct || members.iter().any(is_inside) {
            let kind = if is_direct { "direct" } else { "indirect" };
            let mut element = json!({ "value": group.id, "$ref": format!("{BASE}/Groups/{}", group.id), "type": kind });
            element["display"] = group.resource["displayName"].clone();
            let groups = user.resource.entry("groups").or_insert_with(|| json!([]));
            groups.as_array_mut().unwrap().push(element);
        }
    }
    if !list.is_empty() {
        group.resource.insert("members".into(), list.into());
    }
}

fn has(groups: &Value, id: ResourceId) -> bool {
    groups.as_array().unwrap().iter().any(|group| group["value"] == json!(id))
}

/// Puts ids for the places `@u0`, `@g1` ... that the generator leaves in texts.
fn with_ids(filter: &Filter, stage: &Stage) -> Filter {
    let all = |filters: &[Filter]| filters.iter().map(|filter| with_ids(filter, stage)).collect();
    match filter {
        Filter::And(filters) => Filter::And(all(filters)),
        Filter::Or(filters) => Filter::Or(all(filters)),
        Filter::Not(filter) => Filter::Not(Box::new(with_ids(filter, stage))),
        Filter::ValuePath { path, filter, position } => {
            Filter::ValuePath { path: path.clone(), filter: Box::new(with_ids(filter, stage)), position: *position }
        }
        Filter::Compare { path, op, value: Literal::String(text), position } => {
            let value = Literal::String(fill(text, stage));
            Filter::Compare { path: path.clone(), op: *op, value, position: *position }
        }
        other => other.clone(),
    }
}

fn fill(text: &str, stage: &Stage) -> String {
    let mut text = text.to_owned();
    for (letter, shown) in [("u", &stage.users), ("g", &stage.groups)] {
        for (index, shown) in shown.iter().enumerate() {
            text = text.replace(&format!("@{letter}{index}"), &shown.id.to_string());
        }
    }
    text
}

#[tokio::test]
async fn an_operand_that_no_index_can_hold_is_compared_all_the_same() {
    let fixture = Fixture::new();
    let tenant = fixture.tenant(1);
    let user = builtin().named("User").unwrap();
    let long = "x".repeat(60_000);
    let attributes = json!({
        "schemas": [scimgate::scim::urn::USER, scimgate::scim::urn::ENTERPRISE_USER],
        "userName": "ann", "emails": [{ "value": long, "type": "work" }],
        scimgate::scim::urn::ENTERPRISE_USER: { "employeeNumber": long },
    });
    create(&tenant, user, attributes.as_object().unwrap(), crate::store::at(0), &[]).await;
    let number = format!("{}:employeeNumber", scimgate::scim::urn::ENTERPRISE_USER);
    for path in ["emails.value", "emails", number.as_str()] {
        let path = scimgate::scim::path::AttrPath::parse(path).unwrap();
        for (value, total) in [(long.clone(), 1), (long.to_uppercase(), 1), (format!("{long}x"), 0)] {
            let filter = Filter::Compare {
                path: path.clone(),
                op: CompareOp::Equal,
                value: Literal::String(value),
                position: 0,
            };
            let checked = CheckedFilter::check(&filter, user).unwrap();
            let parts = [Part { filter: Some(&checked), ..Part::all(user) }];
            assert_eq!(tenant.list(&Page::first(&parts, 0)).await.unwrap().total, total, "{path}");
        }
    }
}
