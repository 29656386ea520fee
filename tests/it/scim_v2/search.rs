//! `POST /.search`, and queries on the root (RFC 7644, sections 3.4.2.1 and 3.4.3).

use serde_json::{Value, json};

use crate::support::scim::{Answer, GROUP, Scim, USER};

const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

async fn search(scim: &Scim, path: &str, mut body: Value) -> Answer {
    body["schemas"] = json!([SEARCH]);
    scim.post(path, body).await
}

/// Ada, Bob and the group Admins with Ada in it, created in the order Ada, Admins, Bob.
async fn people(scim: &Scim) -> String {
    let ada = json!({"schemas": [USER], "userName": "ada", "displayName": "Zoe", "title": "Countess", "active": true});
    let ada = scim.create("/Users", ada).await;
    scim.advance_seconds(10);
    scim.create("/Groups", json!({"schemas": [GROUP], "displayName": "Admins", "members": [{"value": ada}]})).await;
    scim.advance_seconds(10);
    scim.create("/Users", json!({"schemas": [USER], "userName": "bob", "displayName": "Bob"})).await;
    ada
}

/// What each resource of a list is called.
fn names(list: &Value) -> Vec<&str> {
    let name = |resource: &'_ Value| resource.get("userName").or(resource.get("displayName")).cloned();
    let resources = list["Resources"].as_array().unwrap();
    assert!(resources.iter().all(|resource| name(resource).is_some()), "{list}");
    resources
        .iter()
        .map(|found| found.get("userName").or(found.get("displayName")).unwrap().as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_search_answers_as_the_same_query_in_a_url() {
    let scim = Scim::start().await;
    people(&scim).await;
    for (path, body, query) in [
        ("/Users", json!({}), &[][..]),
        ("/Users", json!({"filter": "userName sw \"a\""}), &[("filter", "userName sw \"a\"")]),
        (
            "/Users",
            json!({"sortBy": "userName", "sortOrder": "descending"}),
            &[("sortBy", "userName"), ("sortOrder", "descending")],
        ),
        ("/Users", json!({"startIndex": 2, "count": 1}), &[("startIndex", "2"), ("count", "1")]),
        ("/Users", json!({"attributes": ["userName", "title"]}), &[("attributes", "userName,title")]),
        ("/Users", json!({"excludedAttributes": ["title", "meta"]}), &[("excludedAttributes", "title,meta")]),
        ("/Users", json!({"cursor": "", "count": 1}), &[("cursor", ""), ("count", "1")]),
        ("/Groups", json!({}), &[]),
        ("/Groups", json!({"count": 0}), &[("count", "0")]),
        ("/", json!({"filter": "displayName sw \"a\""}), &[("filter", "displayName sw \"a\"")]),
        ("/", json!({"excludedAttributes": ["members", "meta"]}), &[("excludedAttributes", "members,meta")]),
        (
            "/",
            json!({"cursor": "", "count": 2, "sortBy": "displayName"}),
            &[("cursor", ""), ("count", "2"), ("sortBy", "displayName")],
        ),
    ] {
        let found = search(&scim, &format!("{path}/.search"), body).await.expect(200);
        assert!(found.header("content-type").starts_with("application/scim+json"));
        assert_eq!(found.json(), scim.list(path, query).await.expect(200).json(), "{path} {query:?}");
    }
    // What stands in the URL of a search does not count.
    let found = search(&scim, "/Users/.search?count=0&filter=nonsense", json!({})).await.expect(200).json();
    assert_eq!(names(&found), ["ada", "bob"]);
    let first = search(&scim, "/Users/.search", json!({"cursor": "", "count": 1})).await.expect(200).json();
    let next = json!({"cursor": first["nextCursor"], "count": 1});
    assert_eq!(names(&search(&scim, "/Users/.search", next).await.expect(200).json()), ["bob"]);
}

#[tokio::test]
async fn a_search_that_is_none_is_refused() {
    let scim = Scim::start().await;
    for path in ["/.search", "/Users/.search", "/Groups/.search"] {
        scim.post(path, json!({"filter": "id pr"})).await.expect_error(400, "invalidSyntax", "SearchRequest");
        scim.post(path, json!([])).await.expect_error(400, "invalidSyntax", "object");
        search(&scim, path, json!({"count": "1"})).await.expect_error(400, "invalidSyntax", "\"count\"");
        search(&scim, path, json!({"attributes": "id"})).await.expect_error(400, "invalidSyntax", "\"attributes\"");
        search(&scim, path, json!({"filter": "id"})).await.expect_error(400, "invalidFilter", "position");
        search(&scim, path, json!({"filter": "shoeSize pr"})).await.expect_error(400, "invalidFilter", "shoeSize");
        search(&scim, path, json!({"sortBy": "shoeSize"})).await.expect_error(400, "invalidValue", "shoeSize");
        search(&scim, path, json!({"sortOrder": "up"})).await.expect_error(400, "invalidValue", "sortOrder");
        search(&scim, path, json!({"cursor": "forged"})).await.expect_error(400, "invalidCursor", "cursor");
        search(&scim, path, json!({"cursor": "", "count": 1001})).await.expect_error(400, "invalidCount", "1000");
        search(&scim, path, json!({"attributes": ["id"], "excludedAttributes": ["meta"]})).await.expect_error(
            400,
            "invalidValue",
            "exclude each other",
        );
        let wrong = scim.get(path).await;
        assert_eq!((wrong.status, wrong.header("allow")), (405, "POST"));
    }
    let wrong = scim.post("/", json!({})).await;
    assert_eq!((wrong.status, wrong.header("allow")), (405, "GET, HEAD"));
}

#[tokio::test]
async fn a_token_that_may_only_read_may_search() {
    let scim = Scim::start().await;
    people(&scim).await;
    let reader = scim.reader().await;
    assert_eq!(names(&search(&reader, "/Users/.search", json!({})).await.expect(200).json()), ["ada", "bob"]);
    assert_eq!(search(&reader, "/.search", json!({"count": 0})).await.expect(200).json()["totalResults"], 3);
    assert_eq!(reader.get("/").await.expect(200).json()["totalResults"], 3);
    reader.post("/Users", json!({})).await.expect(403);
}

#[tokio::test]
async fn the_root_holds_the_resources_of_all_types() {
    let scim = Scim::start().await;
    let ada = people(&scim).await;
    let all = scim.get("/").await.expect(200).json();
    assert_eq!(names(&all), ["ada", "Admins", "bob"]);
    assert_eq!((&all["totalResults"], &all["startIndex"], &all["itemsPerPage"]), (&json!(3), &json!(1), &json!(3)));
    assert_eq!(scim.get_raw("/scim/v2?count=1").await.expect(200).json()["totalResults"], 3);
    // Each is shown as its own endpoint shows it.
    for (found, endpoint) in all["Resources"].as_array().unwrap().iter().zip(["Users", "Groups", "Users"]) {
        let id = found["id"].as_str().unwrap();
        assert_eq!(scim.get(&format!("/{endpoint}/{id}")).await.expect(200).json(), *found);
    }
    assert_eq!(all["Resources"][1]["members"][0]["value"], ada);
    assert_eq!(all["Resources"][0]["groups"][0]["display"], "Admins");
    // Filters: an attribute that a type does not have is absent there.
    let start = scim.start_of_time();
    let since = format!("meta.lastModified gt \"{}\"", start.plus_seconds(5));
    for (filter, expected) in [
        ("meta.resourceType eq \"User\"", &["ada", "bob"][..]),
        ("(meta.resourceType eq \"User\") or (meta.resourceType eq \"Group\")", &["ada", "Admins", "bob"]),
        ("meta.resourceType eq \"Group\"", &["Admins"]),
        ("meta.resourceType eq \"Device\"", &[]),
        ("userName pr", &["ada", "bob"]),
        ("not (userName pr)", &["Admins"]),
        ("userName eq null", &["Admins"]),
        ("userName ne \"ada\"", &["Admins", "bob"]),
        ("title eq \"countess\" or members pr", &["ada", "Admins"]),
        ("emails[type eq \"work\"]", &[]),
        ("displayName co \"o\"", &["ada", "bob"]),
        (&format!("members[value eq \"{ada}\"]"), &["Admins"]),
        (&format!("id eq \"{ada}\""), &["ada"]),
        (&since, &["Admins", "bob"]),
    ] {
        let list = scim.list("/", &[("filter", filter)]).await.expect(200).json();
        assert_eq!(names(&list), expected, "{filter}");
        assert_eq!(list["totalResults"], expected.len(), "{filter}");
        let total = scim.list("/", &[("filter", filter), ("count", "0")]).await.expect(200).json();
        assert_eq!(total["totalResults"], expected.len(), "{filter}");
    }
}

#[tokio::test]
async fn the_root_is_sorted_and_paged_across_types() {
    let scim = Scim::start().await;
    people(&scim).await;
    for (query, expected) in [
        (&[][..], ["ada", "Admins", "bob"]),
        (&[("sortBy", "displayName")], ["Admins", "bob", "ada"]),
        (&[("sortBy", "displayName"), ("sortOrder", "descending")], ["ada", "bob", "Admins"]),
        (&[("sortBy", "userName")], ["ada", "bob", "Admins"]),
        (&[("sortBy", "userName"), ("sortOrder", "descending")], ["Admins", "bob", "ada"]),
        (&[("sortBy", "meta.resourceType")], ["Admins", "ada", "bob"]),
        (&[("sortBy", "meta.created"), ("sortOrder", "descending")], ["bob", "Admins", "ada"]),
        (&[("sortBy", "active")], ["ada", "bob", "Admins"]),
        (&[("sortBy", "members")], ["Admins", "ada", "bob"]),
        (&[("filter", "id pr")], ["ada", "Admins", "bob"]),
    ] {
        assert_eq!(names(&scim.list("/", query).await.expect(200).json()), expected, "{query:?}");
        let (mut paged, mut walked, mut cursor) = (Vec::new(), Vec::new(), String::new());
        for start in ["1", "2", "3"] {
            let page = [query, &[("startIndex", start), ("count", "1")]].concat();
            let page = scim.list("/", &page).await.expect(200).json();
            assert_eq!(page["totalResults"], 3);
            paged.push(names(&page)[0].to_owned());
            let page = [query, &[("cursor", cursor.as_str()), ("count", "1")]].concat();
            let page = scim.list("/", &page).await.expect(200).json();
            assert_eq!((&page["totalResults"], page.get("nextCursor").is_some()), (&json!(3), start != "3"));
            walked.push(names(&page)[0].to_owned());
            cursor = page["nextCursor"].as_str().unwrap_or_default().to_owned();
        }
        assert_eq!((paged, walked), (expected.map(str::to_owned).to_vec(), expected.map(str::to_owned).to_vec()));
    }
    let beyond = scim.get("/?startIndex=9").await.expect(200).json();
    assert_eq!((&beyond["totalResults"], &beyond["Resources"]), (&json!(3), &json!([])));
}

#[tokio::test]
async fn attributes_are_chosen_for_each_type() {
    let scim = Scim::start().await;
    people(&scim).await;
    let list = scim.get("/?attributes=userName,members.display").await.expect(200).json();
    let keys = |resource: &Value| resource.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let shown: Vec<_> = list["Resources"].as_array().unwrap().iter().map(keys).collect();
    assert_eq!(
        shown,
        [vec!["schemas", "id", "userName"], vec!["schemas", "id", "members"], vec!["schemas", "id", "userName"]]
    );
    assert_eq!(list["Resources"][1]["members"], json!([{"display": "Zoe"}]));
    let list = scim.get("/?excludedAttributes=members,groups").await.expect(200).json();
    assert!(list["Resources"].as_array().unwrap().iter().all(|resource| resource.get("members").is_none()));
}

#[tokio::test]
async fn the_root_of_a_tenant_holds_nothing_of_another() {
    let scim = Scim::start().await;
    people(&scim).await;
    let other = scim.other_tenant("second").await;
    assert_eq!(other.get("/").await.expect(200).json()["totalResults"], 0);
    assert_eq!(search(&other, "/.search", json!({"filter": "id pr"})).await.expect(200).json()["totalResults"], 0);
}
