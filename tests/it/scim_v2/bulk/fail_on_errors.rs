//! `failOnErrors`: after so many errors nothing more is carried out, and nothing more is answered.

use serde_json::json;

use super::*;

#[tokio::test]
async fn nothing_is_carried_out_after_the_last_error_that_is_allowed() {
    for (allowed, tried, users) in [(1, 2, 2), (2, 4, 3), (3, 6, 4), (4, 6, 4)] {
        let scim = Scim::start().await;
        let taken = scim.create_user("taken").await;
        let operations = [
            post("/Users", "a", user("a")),
            post("/Users", "t1", user("taken")),
            post("/Users", "b", user("b")),
            post("/Users", "t2", user("a")),
            post("/Users", "c", user("c")),
            post("/Users", "wrong", json!({"schemas": [USER]})),
        ];
        let answers = bulk_until(&scim, allowed, operations).await;
        assert_eq!(statuses(&answers), ["201", "409", "201", "409", "201", "400"][..tried], "{allowed} errors");
        assert_eq!(count(&scim).await.0, json!(users), "{allowed} errors");
        assert_eq!(scim.actions().await, vec!["create"; users], "{allowed} errors");
        scim.get(&format!("/Users/{taken}")).await.expect(200);
    }
}

#[tokio::test]
async fn without_it_everything_is_tried() {
    let scim = Scim::start().await;
    scim.create_user("taken").await;
    let answers =
        bulk(&scim, (0..20).map(|at| post("/Users", &at.to_string(), user(if at % 2 == 0 { "taken" } else { "new" }))))
            .await;
    let mut expected = ["409"; 20];
    expected[1] = "201";
    assert_eq!(statuses(&answers), expected);
}

#[tokio::test]
async fn operations_of_every_kind_are_stopped() {
    let scim = Scim::start().await;
    let (ada, bob) = (scim.create_user("ada").await, scim.create_user("bob").await);
    let title = |id: &str| patch(&format!("/Users/{id}"), json!([{"op": "add", "path": "title", "value": "T"}]));
    let after_errors = [
        vec![title(&ada), title(NOBODY), title(&bob)],
        vec![title(&ada), delete(&format!("/Users/{NOBODY}")), delete(&format!("/Users/{bob}"))],
        vec![title(&ada), json!({"method": "GET", "path": "/Users"}), post("/Users", "x", user("x"))],
        vec![title(&ada), put(&format!("/Users/{ada}"), user("bob")), title(&bob)],
        vec![
            title(&ada),
            post("/Groups", "g", json!({"members": [{"value": ada}]})),
            post("/Groups", "h", group("H", &[&ada])),
        ],
        vec![title(&ada), post("/Users", "y", managed("y", "bulkId:none")), post("/Users", "x", user("x"))],
    ];
    for operations in after_errors {
        let answers = bulk_until(&scim, 1, operations.clone()).await;
        assert_eq!(answers.len(), 2, "{operations:?}: {answers:?}");
        assert_eq!(answers[0]["status"], "200");
        assert!(answers[1]["status"].as_str().unwrap().starts_with('4'), "{answers:?}");
        assert_eq!(count(&scim).await, (json!(2), json!(0)));
        assert_eq!(scim.get(&format!("/Users/{bob}")).await.json()["meta"]["version"], "W/\"1\"");
    }
}

#[tokio::test]
async fn errors_of_what_waited_for_a_reference_count_when_they_come() {
    let scim = Scim::start().await;
    scim.create_user("taken").await;
    // The group waits for the user, whose name is taken; the second error is the group's own.
    let operations = [
        post("/Groups", "g", group("G", &["bulkId:u"])),
        post("/Users", "u", user("taken")),
        post("/Users", "v", user("v")),
    ];
    let answers = bulk_until(&scim, 1, operations.clone()).await;
    assert_eq!(answers.len(), 1);
    assert_eq!((&answers[0]["bulkId"], &answers[0]["status"]), (&json!("u"), &json!("409")));
    let answers = bulk_until(&scim, 2, operations.clone()).await;
    assert_eq!(statuses(&answers), ["409", "409"]);
    assert_eq!(count(&scim).await, (json!(1), json!(0)));
    let answers = bulk_until(&scim, 3, operations).await;
    assert_eq!(statuses(&answers), ["409", "409", "201"]);
}
