//! An order in SQL is the order in memory, for one type and for several, in one page and in a walk to the end and back.

use std::cell::Cell;
use std::cmp::Ordering;
use std::collections::HashMap;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use scimgate::model::ResourceId;
use scimgate::scim::date_time::parse_instant;
use scimgate::scim::fold::fold;
use scimgate::scim::list::{ListParameters, ListQuery, PageSize, Position};
use scimgate::scim::schema::{AttributeType, Resolved, builtin};
use scimgate::store::{Listed, Page, Part, Start};
use serde_json::{Map, Value};
use tokio::runtime::Runtime;

use super::{Shown, Stage, generated, stage};
use crate::store::Fixture;

const PATHS: [&str; 22] = [
    "id",
    "schemas",
    "externalId",
    "userName",
    "displayName",
    "title",
    "profileUrl",
    "active",
    "name.familyName",
    "emails",
    "emails.type",
    "emails.primary",
    "roles.display",
    "groups.display",
    "groups",
    "members",
    "members.$ref",
    "meta.created",
    "meta.version",
    "meta.location",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
];

/// Users, groups, and both.
const KINDS: [&[usize]; 3] = [&[0], &[1], &[0, 1]];

/// What is sorted by, whether the greatest comes first, and which types are listed.
type Asked = (&'static str, bool, &'static [usize]);

/// A value as it is compared.
#[derive(Debug, Clone, PartialEq, PartialOrd)]
enum Key {
    Text(String),
    Boolean(bool),
    Instant(chrono::DateTime<chrono::Utc>),
}

#[test]
fn sql_orders_as_memory_does() {
    let runtime = Runtime::new().unwrap();
    let fixture = Fixture::new();
    let tenants = Cell::new(0);
    let asked = vec((select(&PATHS[..]), any::<bool>(), select(&KINDS[..])), 8);
    let mut runner = TestRunner::new(Config { cases: 32, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&(generated::world(), asked), |(world, asked)| {
        tenants.set(tenants.get() + 1);
        let tenant = fixture.tenant(tenants.get());
        runtime.block_on(async {
            let stage = stage(tenant, &world).await;
            for asked in &asked {
                agrees(&stage, asked).await?;
            }
            Ok(())
        })
    });
    drop(runtime);
    outcome.unwrap();
}

async fn agrees(stage: &Stage, asked: &Asked) -> Result<(), TestCaseError> {
    let (path, descending, kinds) = *asked;
    let kinds: Vec<_> = kinds.iter().map(|kind| builtin().resource_types()[*kind].clone()).collect();
    let order = if descending { "descending" } else { "ascending" };
    let parameters = ListParameters { sort_by: Some(path), sort_order: Some(order), ..ListParameters::default() };
    // An attribute that none of the types has.
    let Ok(query) = ListQuery::parse(parameters, &kinds, PageSize::default()) else { return Ok(()) };
    let unsorted: Vec<_> = kinds.iter().map(|kind| Part::all(kind)).collect();
    let created = stage.tenant.list(&Page::first(&unsorted, 100)).await.unwrap();
    let parts = kinds.iter().zip(&query.selections);
    let parts: Vec<_> =
        parts.map(|(kind, selection)| Part { kind, filter: None, sort: selection.sort.as_ref() }).collect();
    let page = Page { descending: query.descending, ..Page::first(&parts, 100) };

    let mut expected: Vec<(ResourceId, Option<Key>)> = Vec::new();
    let shown: HashMap<_, _> = stage.users.iter().chain(&stage.groups).map(|shown| (shown.id, shown)).collect();
    for (index, stored) in created.resources.iter().enumerate() {
        let sort = query.selections[created.part(index)].sort.as_ref();
        expected.push((stored.id, sort.and_then(|sort| key(shown[&stored.id], sort))));
    }
    // Stable: those with the same value keep the order of creation.
    expected.sort_by(|(_, one), (_, other)| {
        let ascending = match (one, other) {
            (Some(one), Some(other)) => one.partial_cmp(other).unwrap(),
            (one, other) => one.is_none().cmp(&other.is_none()),
        };
        if descending { ascending.reverse() } else { ascending }
    });
    let expected: Vec<_> = expected.into_iter().map(|(id, _)| id).collect();
    prop_assert_eq!(ids(&stage.tenant.list(&page).await.unwrap()), expected.clone(), "{:?}", asked);
    walked(stage, &page, &expected).await.map_err(|error| TestCaseError::fail(format!("{asked:?}: {error}")))
}

/// A walk there and back in pages of three.
async fn walked(stage: &Stage, page: &Page<'_>, expected: &[ResourceId]) -> Result<(), TestCaseError> {
    let at = async |position: Option<&Position>| {
        let start = position.map_or(Start::Walk, Start::Position);
        stage.tenant.list(&Page { start, limit: 3, ..*page }).await.unwrap()
    };
    let mut pages = vec![at(None).await];
    while let Some(next) = pages.last().and_then(|page| page.next.clone()) {
        pages.push(at(Some(&next)).await);
    }
    prop_assert_eq!(pages.iter().flat_map(ids).collect::<Vec<_>>(), expected);
    for (place, page) in pages.iter().enumerate().skip(1).rev() {
        let before = at(page.previous.as_ref()).await;
        prop_assert_eq!(ids(&before), ids(&pages[place - 1]));
        prop_assert_eq!(before.previous.is_some(), place > 1);
        prop_assert_eq!(ids(&at(before.next.as_ref()).await), ids(page));
        prop_assert_eq!(before.total, expected.len() as u64);
    }
    Ok(())
}

fn ids(listed: &Listed) -> Vec<ResourceId> {
    listed.resources.iter().map(|stored| stored.id).collect()
}

/// The value that counts: of several the primary one's, or else the first one's.
fn key(shown: &Shown, target: &Resolved) -> Option<Key> {
    let whole = match &target.extension {
        None => &shown.resource,
        Some(uri) => shown.resource.get(uri.as_str())?.as_object()?,
    };
    let value = chosen(whole, &target.attribute.name)?;
    let value = match &target.sub {
        None => value,
        Some(sub) => value.get(&sub.name)?,
    };
    match (target.leaf().kind, value) {
        (AttributeType::DateTime, Value::String(text)) => parse_instant(text).map(Key::Instant),
        (_, Value::String(text)) if target.leaf().compares_exactly() => Some(Key::Text(text.clone())),
        (_, Value::String(text)) => Some(Key::Text(fold(text).into_owned())),
        (_, Value::Bool(value)) => Some(Key::Boolean(*value)),
        other => panic!("{other:?}"),
    }
}

fn chosen<'a>(resource: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let Value::Array(elements) = resource.get(name)? else { return resource.get(name) };
    let id = |element: &Value| element.get("value").and_then(Value::as_str).map(str::to_owned);
    match name {
        // Memberships have the order of their ids.
        "members" | "groups" => {
            elements.iter().min_by(|one, other| id(one).partial_cmp(&id(other)).unwrap_or(Ordering::Equal))
        }
        _ => elements.iter().find(|element| element.get("primary") == Some(&Value::Bool(true))).or(elements.first()),
    }
}
