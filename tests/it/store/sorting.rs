//! The order of listings.

use scimgate::model::{Action, ResourceId};
use scimgate::scim::filter::CheckedFilter;
use scimgate::scim::list::{ListParameters, ListQuery, PageSize};
use scimgate::scim::resource::{IndexEntry, Resource};
use scimgate::scim::schema::builtin;
use scimgate::scim::urn::ENTERPRISE_USER;
use scimgate::store::{NewResource, Page, Part, Start, TenantStore};
use serde_json::{Value, json};

use super::{Fixture, at, change, users};

async fn create(tenant: &TenantStore, seconds: i64, attributes: &Value) {
    let id = ResourceId::new(at(0));
    let resource = Resource::from_stored(attributes.as_object().unwrap().clone()).with_id(&id.to_string());
    let entry = IndexEntry::of(builtin().named("User").unwrap(), &resource);
    let new = NewResource { resource_type: "User", id, entry: &entry, password_hash: None, members: &[] };
    tenant.insert(&new, &change(Action::Create, at(seconds))).await.unwrap();
}

/// The userNames in the order of `by`.
async fn names(tenant: &TenantStore, by: &str, order: &str, filter: Option<&CheckedFilter>) -> Vec<String> {
    let parameters = ListParameters { sort_by: Some(by), sort_order: Some(order), ..ListParameters::default() };
    let query = ListQuery::parse(parameters, &builtin().resource_types()[..1], PageSize::default()).unwrap();
    let parts = [Part { filter, sort: query.selections[0].sort.as_ref(), ..users()[0] }];
    let page = Page { descending: query.descending, ..Page::first(&parts, 10) };
    let listed = tenant.list(&page).await.unwrap();
    assert_eq!(listed.total, listed.resources.len() as u64);
    let name =
        |document: &str| serde_json::from_str::<Value>(document).unwrap()["userName"].as_str().unwrap().to_owned();
    listed.resources.iter().map(|stored| name(&stored.document)).collect()
}

#[tokio::test]
async fn resources_are_ordered_by_any_attribute_and_those_without_it_count_as_greatest() {
    let fixture = Fixture::new();
    let tenant = fixture.tenant(1);
    let users = [
        json!({ "userName": "Cid", "title": "b", "active": true, "emails": [{ "value": "z@x" }, { "value": "a@x", "primary": true }] }),
        json!({ "userName": "ann", "title": "A", "emails": [{ "value": "b@x" }, { "value": "0@x", "primary": false }] }),
        json!({ "userName": "Bob", "active": false, ENTERPRISE_USER: { "department": "d" } }),
        json!({ "userName": "éva", "title": "b", "active": false, "emails": [{ "type": "work" }] }),
    ];
    for (seconds, user) in [3, 1, 2, 0].into_iter().zip(&users) {
        create(&tenant, seconds, user).await;
    }
    let orders = [
        ("userName", ["ann", "Bob", "Cid", "éva"]),
        ("title", ["ann", "Cid", "éva", "Bob"]),
        ("active", ["Bob", "éva", "Cid", "ann"]),
        ("emails", ["Cid", "ann", "Bob", "éva"]),
        ("emails.value", ["Cid", "ann", "Bob", "éva"]),
        ("meta.created", ["éva", "ann", "Bob", "Cid"]),
        ("groups", ["Cid", "ann", "Bob", "éva"]), // nobody has one
    ];
    for (by, expected) in orders {
        assert_eq!(names(&tenant, by, "ascending", None).await, expected, "{by}");
    }
    let department = format!("{ENTERPRISE_USER}:department");
    assert_eq!(names(&tenant, &department, "ascending", None).await[0], "Bob");
    assert_eq!(names(&tenant, &department, "descending", None).await[3], "Bob");
    assert_eq!(names(&tenant, "title", "descending", None).await, ["Bob", "Cid", "éva", "ann"]);
    let filter = CheckedFilter::parse("title pr", builtin().named("User").unwrap()).unwrap();
    assert_eq!(names(&tenant, "userName", "descending", Some(&filter)).await, ["éva", "Cid", "ann"]);
}

#[tokio::test]
async fn a_page_of_a_sorted_listing_starts_at_its_offset() {
    let fixture = Fixture::new();
    let tenant = fixture.tenant(1);
    for name in ["d", "b", "a", "c"] {
        create(&tenant, 0, &json!({ "userName": name })).await;
    }
    let user = builtin().named("User").unwrap();
    let filter = CheckedFilter::parse("userName gt \"a\"", user).unwrap();
    let parts = [Part { filter: Some(&filter), ..users()[0] }];
    for (offset, limit, expected) in [(0, 2, 2), (1, 5, 2), (3, 5, 0), (0, 0, 0)] {
        let listed = tenant.list(&Page { start: Start::Offset(offset), ..Page::first(&parts, limit) }).await.unwrap();
        assert_eq!((listed.total, listed.resources.len()), (3, expected));
    }
    for (text, total) in
        [("userName eq \"B\"", 1), ("userName eq \"x\"", 0), ("id eq \"x\"", 0), ("externalId eq \"x\"", 0)]
    {
        let filter = CheckedFilter::parse(text, user).unwrap();
        let parts = [Part { filter: Some(&filter), ..users()[0] }];
        let listed = tenant.list(&Page::first(&parts, 10)).await.unwrap();
        assert_eq!((listed.total, listed.resources.len()), (total, total as usize), "{text}");
        let beyond = tenant.list(&Page { start: Start::Offset(1), ..Page::first(&parts, 10) }).await.unwrap();
        assert_eq!((beyond.total, beyond.resources.len()), (total, 0), "{text}");
    }
}

#[tokio::test]
async fn groups_are_found_by_a_name_that_repeats() {
    let fixture = Fixture::new();
    let tenant = fixture.tenant(1);
    let group = builtin().named("Group").unwrap();
    for (name, key) in [("Staff", "staff"), ("STAFF", "staff"), ("other", "other")] {
        let entry = IndexEntry { name_key: None, display_key: Some(key.into()), ..super::user_entry(name) };
        super::insert(&tenant, "Group", &entry, &[]).await.unwrap();
    }
    let filter = CheckedFilter::parse("displayName eq \"sTaff\"", group).unwrap();
    let parts = [Part { filter: Some(&filter), ..Part::all(group) }];
    let listed = tenant.list(&Page { start: Start::Offset(1), ..Page::first(&parts, 10) }).await.unwrap();
    assert_eq!((listed.total, listed.resources.len()), (2, 1));
    assert!(listed.resources[0].document.contains("STAFF"));
}
