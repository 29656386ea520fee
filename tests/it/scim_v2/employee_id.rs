//! `externalId` and the enterprise `employeeNumber` as one key, where the tenant says so.

use std::time::{Duration, Instant};

use scimgate::scim::dialect::EmployeeId;
use serde_json::{Value, json};
use tokio_postgres::NoTls;

use crate::support::scim::{Scim, USER};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// A client of a tenant with that policy.
async fn with_policy(policy: EmployeeId) -> Scim {
    Scim::start().await.behaving(|dialect| dialect.employee_id = policy).await
}

fn user(name: &str, external: Value, number: Value) -> Value {
    json!({"schemas": [USER, ENTERPRISE], "userName": name, "externalId": external, ENTERPRISE: {"employeeNumber": number}})
}

fn keys(user: &Value) -> (Option<&str>, Option<&str>) {
    (user["externalId"].as_str(), user[ENTERPRISE]["employeeNumber"].as_str())
}

fn replace(path: &str, value: &str) -> Value {
    json!({"Operations": [{"op": "replace", "path": path, "value": value}]})
}

fn number() -> String {
    format!("{ENTERPRISE}:employeeNumber")
}

#[tokio::test]
async fn they_are_independent_unless_the_tenant_says_otherwise() {
    let scim = Scim::start().await;
    let one = scim.post("/Users", user("one", json!("a"), json!("7"))).await.expect(201);
    assert_eq!(keys(&one.json()), (Some("a"), Some("7")));
    // An employee number is no key then.
    scim.post("/Users", user("two", json!("b"), json!("7"))).await.expect(201);
    scim.post("/Users", user("three", json!("a"), json!("8"))).await.expect_error(409, "uniqueness", "externalId");
}

#[tokio::test]
async fn the_external_id_follows_the_employee_number_on_every_verb() {
    let scim = with_policy(EmployeeId::ExternalIdFromEmployeeNumber).await;
    let created = scim.post("/Users", user("ada", Value::Null, json!("E7"))).await.expect(201).json();
    assert_eq!(keys(&created), (Some("E7"), Some("E7")));
    let path = format!("/Users/{}", created["id"].as_str().unwrap());
    let found = scim.list("/Users", &[("filter", "externalId eq \"E7\"")]).await.json();
    assert_eq!(found["Resources"][0]["id"], created["id"]);

    let patched = scim.patch(&path, replace(&number(), "E8")).await.expect(200).json();
    assert_eq!(keys(&patched), (Some("E8"), Some("E8")));
    let own = scim.patch(&path, replace("externalId", "mine")).await.expect(200).json();
    assert_eq!((keys(&own), &own["meta"]["version"]), ((Some("E8"), Some("E8")), &json!("W/\"2\"")));
    let put = scim.put(&path, user("ada", json!("mine"), json!("E9"))).await.expect(200).json();
    assert_eq!(keys(&put), (Some("E9"), Some("E9")));
    let gone = json!({"Operations": [{"op": "remove", "path": number()}]});
    let without = scim.patch(&path, gone).await.expect(200).json();
    assert_eq!((keys(&without), &without["schemas"]), ((None, None), &json!([USER])));

    let changes = scim.changes().await;
    let told: Vec<(Vec<&str>, Option<&Value>)> = changes
        .iter()
        .map(|change| {
            let keys = change.attributes.iter().filter(|one| one.path == "externalId" || one.path == number());
            let keys: Vec<_> = keys.map(|one| one.path.rsplit(':').next().unwrap()).collect();
            let external = change.attributes.iter().find(|one| one.path == "externalId");
            (keys, external.and_then(|one| one.new.as_ref()))
        })
        .collect();
    let both = vec!["externalId", "employeeNumber"];
    let (e7, e8, e9) = (json!("E7"), json!("E8"), json!("E9"));
    assert_eq!(told, [(both.clone(), Some(&e7)), (both.clone(), Some(&e8)), (both.clone(), Some(&e9)), (both, None)]);
}

#[tokio::test]
async fn the_employee_number_follows_the_external_id_on_every_verb() {
    let scim = with_policy(EmployeeId::EmployeeNumberFromExternalId).await;
    let body = json!({"schemas": [USER], "userName": "ada", "externalId": "7"});
    let created = scim.post("/Users", body.clone()).await.expect(201).json();
    assert_eq!((keys(&created), &created["schemas"]), ((Some("7"), Some("7")), &json!([USER, ENTERPRISE])));
    let path = format!("/Users/{}", created["id"].as_str().unwrap());
    let filter = format!("{} eq \"7\"", number());
    assert_eq!(scim.list("/Users", &[("filter", &filter)]).await.json()["totalResults"], 1);
    assert_eq!(keys(&scim.patch(&path, replace("externalId", "8")).await.json()), (Some("8"), Some("8")));
    assert_eq!(keys(&scim.put(&path, body).await.expect(200).json()), (Some("7"), Some("7")));
    assert_eq!(scim.list("/Users", &[("filter", &filter)]).await.json()["totalResults"], 1);
}

#[tokio::test]
async fn keys_that_disagree_are_refused_with_both_names() {
    let scim = with_policy(EmployeeId::MustAgree).await;
    let created = scim.post("/Users", user("ada", json!("7"), json!("7"))).await.expect(201).json();
    let path = format!("/Users/{}", created["id"].as_str().unwrap());
    let before = scim.dump().await;
    for answer in [
        scim.post("/Users", user("bob", json!("8"), json!("9"))).await,
        scim.put(&path, user("ada", json!("7"), json!("8"))).await,
        scim.patch(&path, replace("externalId", "8")).await,
        scim.patch(&path, replace(&number(), "8")).await,
    ] {
        answer.expect_error(400, "invalidValue", "externalId and ");
        answer.expect_error(400, "invalidValue", &number());
    }
    assert_eq!(scim.dump().await, before);
    let both = json!({"Operations": [
        {"op": "replace", "path": "externalId", "value": "8"}, {"op": "replace", "path": number(), "value": "8"},
    ]});
    assert_eq!(keys(&scim.patch(&path, both).await.expect(200).json()), (Some("8"), Some("8")));
    scim.post("/Users", user("bob", Value::Null, json!("9"))).await.expect(201);
    scim.post("/Users", user("eve", Value::Null, json!("9"))).await.expect_error(409, "uniqueness", "employeeNumber");
}

#[tokio::test]
async fn a_collision_names_what_the_client_sent() {
    for (policy, leader, follower) in [
        (EmployeeId::ExternalIdFromEmployeeNumber, "employeeNumber", "externalId"),
        (EmployeeId::EmployeeNumberFromExternalId, "externalId", "employeeNumber"),
    ] {
        let scim = with_policy(policy).await;
        let with_leader = |name: &str, value: &str| match leader {
            "externalId" => user(name, json!(value), Value::Null),
            _ => user(name, Value::Null, json!(value)),
        };
        let path = if leader == "externalId" { leader.to_owned() } else { number() };
        scim.post("/Users", with_leader("one", "E7")).await.expect(201);
        let two = scim.create("/Users", with_leader("two", "E8")).await;
        for answer in [
            scim.post("/Users", with_leader("three", "E7")).await,
            scim.put(&format!("/Users/{two}"), with_leader("two", "E7")).await,
            scim.patch(&format!("/Users/{two}"), replace(&path, "E7")).await,
        ] {
            answer.expect_error(409, "uniqueness", leader);
            assert!(!answer.text.contains(follower), "{}", answer.text);
        }
        // An employee number compares without case, so this is the same one.
        scim.post("/Users", with_leader("three", "e7")).await.expect_error(409, "uniqueness", leader);
        assert_eq!(scim.get("/Users").await.json()["totalResults"], 2);
        scim.delete(&format!("/Users/{two}")).await.expect(204);
        scim.post("/Users", with_leader("three", "E8")).await.expect(201);
    }
}

#[tokio::test]
async fn of_many_who_take_a_number_at_once_one_gets_it() {
    let scim = with_policy(EmployeeId::ExternalIdFromEmployeeNumber).await;
    let numbers = ["E7", "e7"];
    let bodies = (0..16).map(|at| user(&format!("u{at}"), Value::Null, json!(numbers[at % 2])));
    let answers = futures_util::future::join_all(bodies.map(|body| scim.post("/Users", body))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.expect_error(409, "uniqueness", "employeeNumber");
    }
}

#[tokio::test]
async fn a_look_up_by_either_key_reads_its_index() {
    let scim = Scim::start().await;
    for at in 0..60 {
        scim.create("/Users", user(&format!("u{at}"), json!(format!("x{at}")), json!(format!("E{at}")))).await;
    }
    let (client, connection) = tokio_postgres::connect(&scim.database_url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    // Sixty rows are read faster in one go, ten thousand are not.
    let copy = "INSERT INTO resources (tenant_id, id, version, created_at, modified_at, resource_type, external_id, employee_key, \
        email_keys, document, search) SELECT tenant_id, gen_random_uuid(), 1, now(), now(), 'User', 'y' || n, 'y' || n, '{}', \
        document, search FROM resources, generate_series(1, 10000) n WHERE external_id = 'x1'";
    client.batch_execute(copy).await.unwrap();
    client.batch_execute("ANALYZE resources").await.unwrap();
    for (index, filter) in [
        ("resources_employee_key", format!("{} eq \"e5\"", number())),
        ("resources_external_id", "externalId eq \"x5\"".to_owned()),
    ] {
        let scans = async || {
            let query = "SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = $1";
            let scans: i64 = client.query_one(query, &[&index]).await.unwrap().get(0);
            scans
        };
        let (before, begun) = (scans().await, Instant::now());
        // The server's connections tell what they did about once a second.
        while scans().await == before {
            let found = scim.list("/Users", &[("filter", &filter)]).await.json();
            assert_eq!((&found["totalResults"], &found["Resources"][0]["userName"]), (&json!(1), &json!("u5")));
            assert!(begun.elapsed() < Duration::from_secs(30), "{index} is not read");
        }
    }
    // And the plan is the index and nothing beside it.
    let explain = "EXPLAIN SELECT * FROM resources r WHERE r.tenant_id = (SELECT id FROM tenants) AND r.resource_type = 'User' \
        AND r.employee_key = 'e5'";
    let plan: Vec<String> = client.query(explain, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    let plan = plan.join("\n");
    assert!(plan.contains("resources_employee_key") && !plan.contains("Seq Scan on resources"), "{plan}");
}
