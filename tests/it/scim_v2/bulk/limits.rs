//! `maxOperations` and `maxPayloadSize` are advertised and held (RFC 7644, section 3.7.4), and a request has an end in time.

use std::time::Duration;

use scimgate::model::Profile;
use serde_json::json;

use super::*;

#[tokio::test]
async fn limits_are_advertised_and_what_is_beyond_them_is_refused_and_named() {
    let flags = ["--max-bulk-operations=3", "--max-bulk-payload=2000", "--max-body=500"];
    let scim = Scim::with(Profile::Rfc, &flags).await;
    let config = scim.get("/ServiceProviderConfig").await.expect(200).json();
    assert_eq!(config["bulk"], json!({"supported": true, "maxOperations": 3, "maxPayloadSize": 2000}));

    let users = |count: usize| request((0..count).map(|at| post("/Users", &at.to_string(), user(&format!("u{at}")))));
    scim.post("/Bulk", users(4)).await.expect_error(
        413,
        "",
        "at most 3 operations (maxOperations), and this one holds 4",
    );
    let sized = |length: usize| {
        let mut body = users(3).to_string().into_bytes();
        body.resize(length, b' ');
        body
    };
    let too_large = scim.send_bytes("POST", "/Bulk", sized(2001)).await;
    too_large.expect_error(413, "", "at most 2000 bytes (maxPayloadSize)");
    assert_eq!(count(&scim).await.0, json!(0));
    scim.send_bytes("POST", "/Bulk", sized(2000)).await.expect(200);
    assert_eq!(count(&scim).await.0, json!(3));

    // What a single request may not send, an operation may not either; the others are carried out.
    let title = |length: usize| json!({"schemas": [USER], "userName": "t", "title": "x".repeat(length)});
    let answers = bulk(&scim, [post("/Users", "a", title(500)), post("/Users", "b", title(300))]).await;
    expect_error(&answers[0], "413", "", "500 bytes");
    assert_eq!(answers[1]["status"], "201");
    let single = json!({"schemas": [USER], "userName": "s", "title": "x".repeat(600)});
    scim.post("/Users", single).await.expect_error(413, "", "500 bytes");
}

#[tokio::test]
async fn the_defaults_are_a_thousand_operations_and_eight_mebibytes() {
    let scim = Scim::start().await;
    let config = scim.get("/ServiceProviderConfig").await.expect(200).json();
    assert_eq!(config["bulk"], json!({"supported": true, "maxOperations": 1000, "maxPayloadSize": 8 << 20}));
    let users = |count: usize| (0..count).map(|at| post("/Users", &at.to_string(), user(&format!("u{at}"))));
    scim.post("/Bulk", request(users(1001))).await.expect_error(413, "", "1000 operations");
    scim.post("/Bulk", request(users(10_001))).await.expect_error(413, "", "1000 operations");
    let mut body = request(users(1)).to_string().into_bytes();
    body.resize((8 << 20) + 1, b' ');
    scim.send_bytes("POST", "/Bulk", body).await.expect_error(413, "", "8388608 bytes");
    assert_eq!(count(&scim).await.0, json!(0));
    let answers = bulk(&scim, users(1000)).await;
    assert_eq!(statuses(&answers), vec!["201"; 1000]);
    assert_eq!(count(&scim).await.0, json!(1000));
}

#[tokio::test]
async fn when_the_time_is_over_the_rest_is_answered_and_not_carried_out() {
    let scim = Scim::with(Profile::Rfc, &["--bulk-timeout=300ms"]).await;
    let ada = scim.create_user("ada").await;
    // Hashing takes long, and no two changes of one user run at once.
    let password = |at: usize| {
        patch(
            &format!("/Users/{ada}"),
            json!([{"op": "replace", "path": "password", "value": format!("Pass-{at}-word")}]),
        )
    };
    let answers = bulk(&scim, (0..1000).map(password)).await;
    assert_eq!(answers.len(), 1000);
    let done = answers.iter().take_while(|answer| answer["status"] == "200").count();
    assert!((1..1000).contains(&done), "{done}");
    for late in &answers[done..] {
        expect_error(late, "503", "", "send it again");
    }
    assert_eq!(scim.get(&format!("/Users/{ada}")).await.json()["meta"]["version"], format!("W/\"{}\"", done + 1));
}

#[tokio::test]
async fn the_time_for_a_single_request_does_not_cut_a_bulk_request() {
    let scim = Scim::with(Profile::Rfc, &["--request-timeout=1s"]).await;
    let with_password = |at: usize| {
        post(
            "/Users",
            &at.to_string(),
            json!({"schemas": [USER], "userName": format!("u{at}"), "password": "t0p-Secret!"}),
        )
    };
    let started = std::time::Instant::now();
    let answers = bulk(&scim, (0..150).map(with_password)).await;
    assert_eq!(statuses(&answers), vec!["201"; 150]);
    assert!(started.elapsed() > Duration::from_secs(1), "the operations have to take longer to tell anything");
}

#[tokio::test]
async fn a_database_that_is_away_is_asked_once_and_not_for_every_operation() {
    let scim = Scim::start().await;
    let (mut client, connection) = tokio_postgres::connect(&scim.database_url(), tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let blocking = client.transaction().await.unwrap();
    blocking.batch_execute("LOCK TABLE resources IN EXCLUSIVE MODE").await.unwrap();
    let operations: Vec<Value> = (0..10)
        .flat_map(|at| {
            let name = at.to_string();
            let title = json!([{"op": "add", "path": "title", "value": "T"}]);
            [post("/Users", &name, user(&name)), patch(&format!("/Users/bulkId:{name}"), title)]
        })
        .collect();
    let started = std::time::Instant::now();
    let answers = bulk(&scim, operations.clone()).await;
    assert_eq!(answers.len(), 20);
    expect_error(&answers[0], "503", "", "try again");
    for answer in &answers[1..] {
        expect_error(answer, "503", "", "send it again");
    }
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    blocking.rollback().await.unwrap();
    assert_eq!(count(&scim).await.0, json!(0));
    let answers = bulk(&scim, operations).await;
    assert!(answers.iter().all(|answer| answer["status"] == "201" || answer["status"] == "200"), "{answers:?}");
}
