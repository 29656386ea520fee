//! Failed provisioning requests in the log.

use serde_json::json;
use tokio_postgres::NoTls;

use super::{entries, explained, failed, with_owner};
use crate::support::scim::USER;

#[tokio::test]
async fn a_request_that_was_refused_is_told_with_what_the_client_was_told() {
    let (scim, owner) = with_owner().await;
    let refused = scim.post("/Users", json!({"schemas": [USER], "title": "x"})).await;
    refused.expect_error(400, "invalidValue", "userName is required");
    let entry = &failed(&owner, 1).await[0];
    assert_eq!(entry["request"], refused.header("x-request-id"));
    assert_eq!((&entry["action"], &entry["outcome"]), (&json!("create"), &json!("failure")));
    assert_eq!(
        (&entry["method"], &entry["path"], &entry["status"]),
        (&json!("POST"), &json!("/scim/v2/Users"), &json!(400))
    );
    assert_eq!((&entry["scimType"], &entry["detail"]), (&json!("invalidValue"), &refused.json()["detail"]));
    assert_eq!((&entry["address"], &entry["target"]["type"]), (&json!("127.0.0.1"), &json!("User")));
    assert!(entry["durationMs"].as_f64().unwrap() > 0.0 && entry["actor"]["id"].is_string(), "{entry}");
}

#[tokio::test]
async fn what_is_kept_holds_no_password_and_no_value_of_a_query() {
    let (scim, owner) = with_owner().await;
    let bodies = [
        json!({"schemas": [USER], "password": "t0p-s3cret", "title": "kept"}),
        json!({"schemas": [USER], "Password": {"value": "t0p-s3cret"}, "userName": ["a", "b"]}),
    ];
    for body in bodies {
        scim.post("/Users", body).await.expect_error(400, "invalidValue", "");
    }
    let operations = json!([{"op": "replace", "path": "password", "value": "t0p-s3cret"}, {"op": "move"}]);
    scim.patch("/Users/1", json!({"Operations": operations})).await;
    scim.send_bytes("POST", "/Users", r#"{"password": "t0p-s3cret", "#).await.expect_error(400, "invalidSyntax", "");
    scim.send_bytes("POST", "/Users", r#"{"title": "a", "title": "b", "password": "t0p-s3cret"}"#).await.expect_error(
        400,
        "invalidSyntax",
        "",
    );
    let broken = scim.list("/Users", &[("filter", "userName eq \"t0p-s3cret\" and")]).await;
    broken.expect_error(400, "invalidFilter", "");
    failed(&owner, 6).await;
    let told = explained(&owner, &broken).await;
    let path = told["failed"]["path"].as_str().unwrap();
    assert_eq!(path, "/scim/v2/Users?filter=userName eq \"**********\" and");
    assert!(!scim.dump_all().await.contains("t0p-s3cret"), "the database holds a password");
    assert!(scim.dump_all().await.contains("kept"));
}

#[tokio::test]
async fn a_bulk_request_of_which_operations_fail_is_told_once() {
    let (scim, owner) = with_owner().await;
    let operation = |name: &str, id: &str| json!({"method": "POST", "path": "/Users", "bulkId": id, "data": {"schemas": [USER], "userName": name}});
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [operation("ann", "1"), operation("ann", "2"), operation("", "3")]
    });
    let answer = scim.post("/Bulk", body).await.expect(200);
    let entry = &failed(&owner, 1).await[0];
    assert_eq!((&entry["action"], &entry["status"]), (&json!("bulk"), &json!(409)));
    assert!(entry["detail"].as_str().unwrap().starts_with("2 of 3 operations failed; operation 2: "), "{entry}");
    let told = explained(&owner, &answer).await;
    assert_eq!(told["changes"].as_array().unwrap().len(), 1, "{told}");
    assert!(super::notes(&told, "refused").iter().any(|note| note.starts_with("operation 3")), "{told}");
}

#[tokio::test]
async fn a_flood_of_failures_is_sampled_and_counted() {
    let (scim, owner) = with_owner().await;
    for _ in 0..300 {
        scim.get("/Users/nobody").await.expect_error(404, "", "");
    }
    let found = failed(&owner, 50).await;
    assert!(found.len() < 160, "{}", found.len());
    // The next one that is taken tells how many were not.
    let mut told = 0;
    for _ in 0..200 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        scim.get("/Users/nobody").await.expect_error(404, "", "");
        told = entries(&owner, "kind=request").await.iter().map(|entry| entry["leftOut"].as_i64().unwrap()).sum();
        if told > 0 {
            break;
        }
    }
    assert!(told > 0, "nothing tells of those that were left out");
}

#[tokio::test]
async fn the_newest_of_a_tenant_are_kept() {
    let (scim, owner) = with_owner().await;
    for number in 0..5 {
        scim.get(&format!("/Users/nobody-{number}")).await.expect_error(404, "", "");
        scim.advance_seconds(1);
    }
    failed(&owner, 5).await;
    let store = scim.store();
    let begin = "2026-01-01T00:00:00Z".parse().unwrap();
    while store.trim_failed_requests(begin, 3, 1).await.unwrap() {}
    let left: Vec<_> = entries(&owner, "kind=request").await.iter().map(|entry| entry["path"].clone()).collect();
    assert_eq!(left, ["/scim/v2/Users/nobody-4", "/scim/v2/Users/nobody-3", "/scim/v2/Users/nobody-2"]);
    let later = "2026-11-22T08:00:04Z".parse().unwrap();
    assert!(!store.trim_failed_requests(later, 10, 10).await.unwrap());
    assert_eq!(entries(&owner, "kind=request").await.len(), 1);
}

#[tokio::test]
async fn whoever_has_no_credential_leaves_no_trace() {
    let (scim, owner) = with_owner().await;
    scim.get_authorized("/scim/v2/Users", None).await.expect(401);
    scim.get_authorized("/scim/v2/Users", Some("Bearer nonsense")).await.expect(401);
    scim.get("/Users/nobody").await.expect_error(404, "", "");
    assert_eq!(failed(&owner, 1).await.len(), 1);
    let (client, connection) = tokio_postgres::connect(&scim.database_url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    let rows: i64 = client.query_one("SELECT count(*) FROM failed_requests", &[]).await.unwrap().get(0);
    assert_eq!(rows, 1);
}
