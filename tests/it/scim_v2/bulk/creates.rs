//! Creations are written many at once, and come out as if they had been written one after the other.

use scimgate::model::Profile;
use scimgate::scim::dialect::EmployeeId;
use serde_json::json;

use super::*;

#[tokio::test]
async fn of_two_with_one_name_the_first_wins_and_the_rest_is_written() {
    let scim = Scim::start().await;
    scim.create("/Users", json!({"schemas": [USER], "userName": "x", "externalId": "E1"})).await;
    scim.create_group("Team").await;
    let external =
        |name: &str, external_id: &str| json!({"schemas": [USER], "userName": name, "externalId": external_id});
    let answers = bulk(
        &scim,
        [
            post("/Users", "1", user("a")),
            post("/Users", "2", user("A")),
            post("/Groups", "3", json!({"schemas": [GROUP], "displayName": "a"})),
            post("/Users", "4", external("b", "E1")),
            post("/Users", "5", external("b", "e1")),
            post("/Users", "6", external("c", "e1")),
            post("/Users", "7", user("X")),
            post("/Groups", "8", json!({"schemas": [GROUP], "displayName": "TEAM", "externalId": "E1"})),
            post("/Groups", "9", json!({"schemas": [GROUP], "displayName": "Crew", "externalId": "E1"})),
            post("/Users", "10", user("d")),
        ],
    )
    .await;
    assert_eq!(statuses(&answers), ["201", "409", "201", "409", "201", "409", "409", "409", "201", "201"]);
    for (place, attribute) in
        [(1, "userName"), (3, "externalId"), (5, "externalId"), (6, "userName"), (7, "displayName")]
    {
        expect_error(&answers[place], "409", "uniqueness", attribute);
        let single = scim.post(
            if place == 7 { "/Groups" } else { "/Users" },
            match place {
                1 => user("A"),
                3 => external("new", "E1"),
                5 => external("c", "e1"),
                6 => user("X"),
                _ => json!({"schemas": [GROUP], "displayName": "TEAM", "externalId": "other"}),
            },
        );
        assert_eq!(single.await.json(), answers[place]["response"]);
    }
    assert_eq!(count(&scim).await, (json!(4), json!(3)));
}

/// What a role asks of a user is known from the group on that carries it, as it is outside of bulk requests.
#[tokio::test]
async fn a_user_may_have_the_role_of_a_group_before_it() {
    const ROLE: &str = "urn:ietf:params:scim:schemas:extension:scimgate:2.0:Role";
    let scim = Scim::with(Profile::Strict, &[]).await;
    let carries = |role: &str, requires: &str| json!({"schemas": [GROUP, ROLE], "displayName": role, ROLE: {"roleId": role, "requires": requires}});
    let has = |name: &str, role: &str| json!({"schemas": [USER], "userName": name, "roles": [{"value": role}]});
    let answers = bulk(
        &scim,
        [
            post("/Users", "0", has("early", "cook")),
            post("/Users", "1", user("a")),
            post("/Groups", "2", carries("cook", "")),
            post("/Users", "3", user("b")),
            post("/Users", "4", has("c", "COOK")),
            post("/Groups", "5", carries("pilot", "title")),
            post("/Users", "6", has("d", "pilot")),
            post("/Users", "7", has("e", "cook")),
        ],
    )
    .await;
    assert_eq!(statuses(&answers), ["400", "201", "201", "201", "201", "201", "400", "201"]);
    expect_error(&answers[0], "400", "invalidValue", "no group carries the role cook");
    expect_error(&answers[6], "400", "invalidValue", "must have title");
    let mut cooks = [id(&answers[4]), id(&answers[7])];
    cooks.sort();
    assert_eq!(members(&scim, &id(&answers[2])).await, cooks);
}

#[tokio::test]
async fn a_request_may_be_sent_again_and_creates_only_what_is_missing() {
    let scim = Scim::start().await;
    let users = |count: usize| (0..count).map(|at| post("/Users", &at.to_string(), user(&format!("u{at}"))));
    assert_eq!(statuses(&bulk(&scim, users(300)).await), vec!["201"; 300]);
    let again = bulk(&scim, users(600)).await;
    assert_eq!(statuses(&again), [vec!["409"; 300], vec!["201"; 300]].concat());
    assert_eq!(count(&scim).await.0, json!(600));
    assert_eq!(scim.actions().await.len(), 600);
    // In the order of the request, as a list shows them.
    let first = scim.get("/Users?count=1000").await.json();
    let names: Vec<&str> =
        first["Resources"].as_array().unwrap().iter().map(|user| user["userName"].as_str().unwrap()).collect();
    assert_eq!(names, (0..600).map(|at| format!("u{at}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn totals_and_pages_are_exact_after_many_creations() {
    let scim = Scim::start().await;
    for round in 0..3 {
        let users = (0..700).map(|at| post("/Users", &at.to_string(), user(&format!("r{round}-{at:03}"))));
        bulk(&scim, users).await;
        scim.create_user(&format!("r{round}-single")).await;
        scim.store().fold_counts().await.unwrap();
    }
    let page = scim.get("/Users?startIndex=1403&count=3").await.json();
    assert_eq!(page["totalResults"], 2103);
    let names: Vec<_> = page["Resources"].as_array().unwrap().iter().map(|user| user["userName"].clone()).collect();
    assert_eq!(names, ["r2-000", "r2-001", "r2-002"]);
}

#[tokio::test]
async fn the_tenants_key_is_settled_and_a_collision_names_it() {
    let policy = EmployeeId::ExternalIdFromEmployeeNumber;
    let scim = Scim::start().await.behaving(|dialect| dialect.employee_id = policy).await;
    let numbered = |name: &str, number: &str| {
        post(
            "/Users",
            name,
            json!({"schemas": [USER, ENTERPRISE], "userName": name, ENTERPRISE: {"employeeNumber": number}}),
        )
    };
    let answers =
        bulk(&scim, [numbered("a", "E1"), numbered("b", "E1"), numbered("c", "E2"), numbered("d", "e1")]).await;
    assert_eq!(statuses(&answers), ["201", "409", "201", "409"]);
    expect_error(&answers[3], "409", "uniqueness", "employeeNumber");
    expect_error(&answers[1], "409", "uniqueness", "employeeNumber");
    assert_eq!(scim.get(&format!("/Users/{}", id(&answers[0]))).await.json()["externalId"], "E1");
    let circle = |name: &str, manager: &str, number: &str| {
        let extension = json!({"employeeNumber": number, "manager": {"value": manager}});
        post("/Users", name, json!({"schemas": [USER, ENTERPRISE], "userName": name, ENTERPRISE: extension}))
    };
    let answers = bulk(&scim, [circle("x", "bulkId:y", "E3"), circle("y", "bulkId:x", "e2")]).await;
    assert_eq!(statuses(&answers), ["409", "409"]);
    assert_eq!(count(&scim).await.0, json!(2));
}
