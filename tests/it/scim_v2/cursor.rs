//! Walking a list by cursor (RFC 9865).

use std::collections::{BTreeSet, HashMap};

use scimgate::model::{Action, ResourceId};
use scimgate::scim::resource::{IndexEntry, Resource};
use scimgate::scim::schema::builtin;
use scimgate::store::{NewResource, TenantStore};
use serde_json::{Value, json};
use tokio_postgres::NoTls;

use crate::store::{at, change};
use crate::support::scim::{Answer, Scim, USER};

fn names(page: &Value) -> Vec<String> {
    let name = |user: &Value| user["userName"].as_str().unwrap().to_owned();
    page["Resources"].as_array().unwrap().iter().map(name).collect()
}

async fn page(scim: &Scim, query: &[(&str, &str)], cursor: &str) -> Answer {
    scim.list("/Users", &[query, &[("cursor", cursor)]].concat()).await
}

/// All pages of a walk.
async fn walk(scim: &Scim, query: &[(&str, &str)]) -> Vec<Value> {
    let mut pages: Vec<Value> = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = page(scim, query, &cursor).await.expect(200).json();
        assert!(page.get("startIndex").is_none(), "{page}");
        assert_eq!(page["itemsPerPage"], page["Resources"].as_array().unwrap().len());
        assert_eq!(page.get("previousCursor").is_some(), !pages.is_empty());
        let next = page["nextCursor"].as_str().map(str::to_owned);
        pages.push(page);
        match next {
            Some(next) => cursor = next,
            None => return pages,
        }
    }
}

async fn users(scim: &Scim, count: usize) {
    for number in 0..count {
        let mut user = json!({"schemas": [USER], "userName": format!("user{number:02}")});
        // Every third has no title, and each title is there several times.
        if number % 3 > 0 {
            user["title"] = ["Admiral", "countess", "Baroness"][number % 7 % 3].into();
        }
        scim.post("/Users", user).await.expect(201);
    }
}

#[tokio::test]
async fn a_walk_shows_what_one_page_shows_in_each_order_and_back() {
    let scim = Scim::start().await;
    users(&scim, 23).await;
    for query in [
        &[][..],
        &[("filter", "userName sw \"user\"")],
        &[("filter", "title pr"), ("sortBy", "title"), ("sortOrder", "descending")],
        &[("sortBy", "title")],
        &[("sortBy", "title"), ("sortOrder", "descending")],
        &[("sortBy", "userName"), ("sortOrder", "descending")],
        &[("sortBy", "meta.created")],
        &[("sortBy", "meta.lastModified"), ("sortOrder", "descending")],
        &[("sortBy", "id")],
        &[("sortBy", "active")],
        &[("sortBy", "groups.display")],
    ] {
        let whole = scim.list("/Users", &[query, &[("count", "1000")]].concat()).await.expect(200).json();
        for count in ["1", "5", "23", "24"] {
            let query = [query, &[("count", count)]].concat();
            let pages = walk(&scim, &query).await;
            let walked: Vec<String> = pages.iter().flat_map(names).collect();
            assert_eq!(walked, names(&whole), "{query:?}");
            assert!(pages.iter().all(|page| page["totalResults"] == whole["totalResults"]), "{query:?}");
            // Back from the last page.
            let mut back = pages.last().unwrap().clone();
            for expected in pages.iter().rev().skip(1) {
                back = page(&scim, &query, back["previousCursor"].as_str().unwrap()).await.expect(200).json();
                assert_eq!(names(&back), names(expected), "{query:?}");
                assert!(back["nextCursor"].is_string());
            }
            assert!(back.get("previousCursor").is_none(), "{query:?}");
            if pages.len() > 1 {
                let forth = page(&scim, &query, back["nextCursor"].as_str().unwrap()).await.expect(200).json();
                assert_eq!(names(&forth), names(&pages[1]), "{query:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_cursor_serves_its_query_and_its_tenant_alone() {
    let scim = Scim::start().await;
    users(&scim, 6).await;
    let query = [("filter", "userName sw \"user\""), ("sortBy", "title"), ("count", "2")];
    let first = page(&scim, &query, "").await.expect(200).json();
    let cursor = first["nextCursor"].as_str().unwrap();

    let refused = |answer: Answer| answer.expect_error(400, "invalidCursor", "does not belong to this query");
    let changed = |name: &str, value: &'static str| {
        query.map(|(known, before)| if known == name { (known, value) } else { (known, before) })
    };
    for query in [
        changed("filter", "userName sw \"use\"").to_vec(),
        changed("sortBy", "userName").to_vec(),
        [&query[..], &[("sortOrder", "descending")]].concat(),
        vec![("count", "2")],
    ] {
        refused(page(&scim, &query, cursor).await);
    }
    refused(scim.list("/Groups", &[("cursor", cursor)]).await);
    refused(scim.list("/", &[&query[..], &[("cursor", cursor)]].concat()).await);
    let other = scim.other_tenant("second").await;
    refused(page(&other, &query, cursor).await);
    for forged in ["AAAA", "x", "%00", &cursor[1..], &format!("{cursor}A"), &cursor.to_lowercase()] {
        refused(page(&scim, &query, forged).await);
    }

    // The same query in another spelling, and another choice of attributes, go on.
    let respelled = changed("filter", "(USERNAME sw \"User\")");
    let next = page(&scim, &[&respelled[..], &[("attributes", "userName")]].concat(), cursor).await.expect(200).json();
    assert_eq!(next["Resources"].as_array().unwrap().len(), 2);
    let reader = scim.reader().await;
    assert_eq!(names(&page(&reader, &query, cursor).await.expect(200).json()), names(&next));
}

#[tokio::test]
async fn a_count_stays_the_same_and_within_bounds() {
    let scim = Scim::start().await;
    users(&scim, 3).await;
    let first = page(&scim, &[("count", "1")], "").await.expect(200).json();
    let cursor = first["nextCursor"].as_str().unwrap();
    page(&scim, &[("count", "2")], cursor).await.expect_error(400, "invalidCount", "began with a count of 1");
    page(&scim, &[], cursor).await.expect_error(400, "invalidCount", "began with a count of 1");
    for count in ["1001", "many", ""] {
        page(&scim, &[("count", count)], "").await.expect_error(400, "invalidCount", "between 0 and 1000");
    }
    for count in ["0", "-1"] {
        let nothing = page(&scim, &[("count", count)], "").await.expect(200).json();
        assert_eq!((&nothing["totalResults"], &nothing["Resources"]), (&json!(3), &json!([])));
        assert!(nothing.get("nextCursor").is_none());
    }
    page(&scim, &[("startIndex", "1")], "").await.expect_error(400, "invalidValue", "exclude each other");
    // A parameter without a value begins a walk, as RFC 9865 writes it.
    let bare = scim.get("/Users?count=2&cursor").await.expect(200).json();
    assert!(bare["nextCursor"].is_string());
    // The index stays the default.
    let list = scim.get("/Users?count=2").await.expect(200).json();
    assert_eq!((&list["startIndex"], list.get("nextCursor")), (&json!(1), None));
    let pagination = scim.get("/ServiceProviderConfig").await.expect(200).json()["pagination"].clone();
    let expected = json!({"cursor": true, "index": true, "defaultPaginationMethod": "index", "defaultPageSize": 100, "maxPageSize": 1000});
    assert_eq!(pagination, expected);
}

#[tokio::test]
async fn a_walk_back_over_what_was_deleted_ends_at_the_first_page_that_is_left() {
    let scim = Scim::start().await;
    users(&scim, 6).await;
    for query in [&[("count", "2")][..], &[("count", "2"), ("sortBy", "userName")]] {
        let pages = walk(&scim, query).await;
        for user in pages[0]["Resources"].as_array().unwrap() {
            scim.delete(&format!("/Users/{}", user["id"].as_str().unwrap())).await.expect(204);
        }
        let back = page(&scim, query, pages[1]["previousCursor"].as_str().unwrap()).await.expect(200).json();
        assert_eq!(names(&back), names(&pages[1]));
        assert!(back.get("previousCursor").is_none());
    }
}

/// A user put beside the server, as one created through it would be.
async fn insert(tenant: &TenantStore, number: usize) -> ResourceId {
    let id = ResourceId::new(at(0));
    let user = json!({"schemas": [USER], "id": id, "userName": format!("u{:05}", number * 7_919 % 100_000), "title": format!("t{}", number % 50)});
    let entry =
        IndexEntry::of(builtin().named("User").unwrap(), &Resource::from_stored(user.as_object().unwrap().clone()));
    let new = NewResource { resource_type: "User", id, entry: &entry, password_hash: None, members: &[] };
    tenant.insert(&new, &change(Action::Create, at(0))).await.unwrap();
    id
}

/// As many users, by one statement.
async fn fill(scim: &Scim, count: i32) {
    let (client, connection) = tokio_postgres::connect(&scim.database_url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    let statement = "WITH new AS (INSERT INTO resources (tenant_id, id, version, created_at, modified_at, resource_type, name_key, \
            display, email_keys, document, search) \
        SELECT $1::text::uuid, id, 1, now(), now(), 'User', name, name, '{}', \
            json_build_object('schemas', json_build_array($3::text), 'id', id, 'userName', name, 'title', title)::text, \
            jsonb_build_object('username', name, 'title', title) \
        FROM (SELECT gen_random_uuid() AS id, 'w' || lpad((n * 7919 % 100000)::text, 5, '0') AS name, 't' || n % 50 AS title \
            FROM generate_series(1, $2::integer) AS n) AS rows RETURNING tenant_id, resource_type, seq) \
        INSERT INTO resource_counts (tenant_id, resource_type, seq, folded, n) SELECT *, false, 1 FROM new";
    client.execute(statement, &[&scim.tenant().id.0.to_string(), &count, &USER]).await.unwrap();
}

/// Walks in pages of 100 while users are created and deleted before, at and behind the walk.
async fn walk_in_a_storm(scim: &Scim, number: usize, sort: &[(&str, &str)]) {
    let tenant = scim.store().tenant(scim.tenant().id);
    let everybody = |pages: &[Value]| -> Vec<String> {
        let ids = |page: &Value| -> Vec<String> {
            page["Resources"].as_array().unwrap().iter().map(|user| user["id"].as_str().unwrap().to_owned()).collect()
        };
        pages.iter().flat_map(ids).collect()
    };
    let query = [sort, &[("count", "1000"), ("attributes", "id")]].concat();
    let before: BTreeSet<String> = everybody(&walk(scim, &query).await).into_iter().collect();
    let query = [sort, &[("count", "100"), ("attributes", "id")]].concat();
    let victims: Vec<String> = before.iter().step_by(31).cloned().collect();
    let mut victims = victims.into_iter();
    let (mut gone, mut seen, mut cursor, mut turn) = (BTreeSet::new(), HashMap::new(), String::new(), 0);
    loop {
        let answer = page(scim, &query, &cursor).await.expect(200).json();
        let ids = everybody(std::slice::from_ref(&answer));
        // The last one of the page is where the cursor points: it goes as well.
        let at_the_cursor = ids.last().filter(|_| turn % 6 == 0).cloned();
        for victim in victims.by_ref().take(2).chain(at_the_cursor) {
            if gone.insert(victim.clone()) {
                let id = victim.parse().unwrap();
                tenant.delete("User", id, None, &change(Action::Delete, at(0))).await.unwrap();
            }
        }
        for _ in 0..3 {
            insert(&tenant, number * 1_000 + turn).await;
            turn += 1;
        }
        ids.into_iter().for_each(|id| *seen.entry(id).or_insert(0) += 1);
        match answer["nextCursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    assert!(gone.len() > 100, "{} were deleted", gone.len());
    let repeated: Vec<_> = seen.iter().filter(|(_, times)| **times > 1).collect();
    assert!(repeated.is_empty(), "{sort:?}: {repeated:?}");
    let missed: Vec<_> = before.iter().filter(|id| !gone.contains(*id) && !seen.contains_key(*id)).collect();
    assert!(missed.is_empty(), "{sort:?}: {missed:?}");
}

#[tokio::test]
async fn nobody_is_missed_or_repeated_while_others_come_and_go() {
    let scim = Scim::start().await;
    fill(&scim, 10_000).await;
    walk_in_a_storm(&scim, 1, &[]).await;
    walk_in_a_storm(&scim, 2, &[("sortBy", "userName"), ("sortOrder", "descending")]).await;
    walk_in_a_storm(&scim, 3, &[("sortBy", "title")]).await;
}
