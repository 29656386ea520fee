//! Bad input: SCIM errors, and nothing half-written.

use scimgate::model::Profile;
use serde_json::json;

use super::*;

#[tokio::test]
async fn a_malformed_request_is_refused_and_writes_nothing() {
    let scim = Scim::start().await;
    scim.create_user("ada").await;
    let before = scim.dump().await;
    let good = post("/Users", "u", user("u")).to_string();
    let around = |operations: &str| format!("{{\"schemas\":[\"{BULK_REQUEST}\"],\"Operations\":{operations}}}");
    let deep = format!("{}{}", "[".repeat(1_000), "]".repeat(1_000));
    for (body, told) in [
        (String::new(), "empty"),
        ("[]".into(), "an object"),
        ("{".into(), "not acceptable JSON"),
        ("{}".into(), "\"schemas\""),
        (format!("{{\"Operations\":[{good}]}}"), "\"schemas\""),
        (around("{}"), "must be an array"),
        (around("[]"), "is empty"),
        (around(&format!("[{good},7]")), "operation 2"),
        (around(&format!("[{good},{good}")), "not acceptable JSON"),
        (around(&format!("[{good},{deep}]")), "nested deeper than 32 levels"),
        (
            around(&format!("[{}]", good.replace("\"u\",\"data\"", "\"u\",\"bulkid\":\"v\",\"data\""))),
            "stands more than once",
        ),
        (
            around(&format!("[{}]", good.replace("\"userName\"", "\"USERNAME\":\"x\",\"userName\""))),
            "stands more than once",
        ),
        (around(&format!("[{}]", good.replace("\"userName\":\"u\"", "\"userName\":\"u\\u0000\""))), "U+0000"),
        (around(&format!("[{good}],\"failOnErrors\":-1")), "failOnErrors"),
    ] {
        let answer = scim.send_bytes("POST", "/Bulk", body.clone()).await;
        answer.expect_error(400, "invalidSyntax", told);
        assert_eq!(scim.dump().await, before, "{body}");
    }
    let answer = scim.post_as(around(&format!("[{good}]")), "text/plain").await;
    answer.expect_error(415, "", "application/scim+json");
}

#[tokio::test]
async fn a_wrong_operation_fails_alone() {
    let scim = Scim::with(Profile::Strict, &[]).await;
    let ada = scim.create_user("ada").await;
    let path = format!("/Users/{ada}");
    let cases = [
        (json!({"method": "GET", "path": path}), "400", "\"method\""),
        (json!({}), "400", "\"method\""),
        (json!({"method": "POST", "path": "/Users", "data": user("x")}), "400", "needs a \"bulkId\""),
        (post("/Users", "first", user("x")), "400", "operation 1 has the bulkId"),
        (json!({"method": "POST", "bulkId": "b", "data": user("x")}), "400", "\"path\""),
        (post("/Users/1", "c", user("x")), "405", "/Users"),
        (post("/Devices", "d", user("x")), "404", "/Devices"),
        (post("/Bulk", "e", request([])), "404", "/Bulk"),
        (post("/../Users", "f", user("x")), "404", "/../Users"),
        (post("/Users", "g", json!([])), "400", ""),
        (post("/Users", "h", json!(null)), "400", ""),
        (post("/Users", "i", json!({"schemas": [USER], "userName": "x", "nonsense": 1})), "400", "nonsense"),
        (post("/Users", "j", user(&"x".repeat(1_025))), "400", "userName"),
        (json!({"method": "POST", "path": "/Users", "bulkId": "k", "data": user("x"), "color": 1}), "400", "color"),
        (put("/Users", user("x")), "405", "/Users/{id}"),
        (json!({"method": "PUT", "path": path}), "400", "needs \"data\""),
        (put("/Users/not-an-id", user("x")), "404", "not-an-id"),
        (put(&format!("/Groups/{ada}"), group("G", &[])), "404", "Group"),
        (patch(&path, json!([{"op": "jump"}])), "400", "\"op\""),
        (patch(&path, json!([])), "400", "operations"),
        (patch(&path, json!([{"op": "replace", "path": "userName", "value": ""}])), "400", "userName"),
        (patch(&path, json!([{"op": "replace", "path": "emails[type eq", "value": "x"}])), "400", ""),
        (delete("/Users/"), "405", "/Users/{id}"),
        (delete(&format!("/Users/{}", ada.to_uppercase())), "404", "User"),
        (delete(&format!("{}{path}", scim.base)), "404", ""),
    ];
    let first = post("/Users", "first", user("first"));
    let last = post("/Users", "last", user("last"));
    let operations: Vec<Value> = cases.iter().map(|(operation, _, _)| operation.clone()).collect();
    let answers = bulk(&scim, [vec![first], operations, vec![last]].concat()).await;
    assert_eq!(answers.len(), cases.len() + 2);
    for (answer, (operation, status, told)) in answers[1..].iter().zip(&cases) {
        let scim_type = answer["response"].get("scimType").and_then(Value::as_str).unwrap_or("");
        expect_error(answer, status, scim_type, told);
        assert_eq!(answer.get("bulkId"), operation.get("bulkId"), "{answer}");
        assert_eq!(answer.get("method"), operation.get("method"), "{answer}");
        if operation["method"] == "POST" {
            assert!(answer.get("location").is_none(), "{answer}");
        }
    }
    assert_eq!((&answers[0]["status"], &answers[cases.len() + 1]["status"]), (&json!("201"), &json!("201")));
    assert_eq!(count(&scim).await, (json!(3), json!(0)));
    assert_eq!(scim.get(&path).await.json()["meta"]["version"], "W/\"1\"");
}

#[tokio::test]
async fn odd_bulk_ids_come_back_as_they_were_sent() {
    let scim = Scim::start().await;
    let names = ["a/b", "bulkId:", "ä\u{1}\"\\", "{}", " ", "' OR 1=1", "?x=1#y"];
    let users = names.iter().enumerate().map(|(at, name)| post("/Users", name, user(&format!("u{at}"))));
    let titles = names.iter().map(|name| {
        patch(
            &format!("/Users/bulkId:{name}"),
            json!([{"op": "add", "path": "title", "value": name.replace('\u{1}', "")}]),
        )
    });
    let answers = bulk(&scim, users.chain(titles)).await;
    for (at, name) in names.iter().enumerate() {
        assert_eq!((&answers[at]["bulkId"], &answers[at]["status"]), (&json!(name), &json!("201")));
        assert_eq!(answers[names.len() + at]["status"], "200", "{name}");
        let found = scim.get(&format!("/Users/{}", id(&answers[at]))).await.json();
        assert_eq!((&found["userName"], &found["meta"]["version"]), (&json!(format!("u{at}")), &json!("W/\"2\"")));
    }
}

#[tokio::test]
async fn a_long_chain_and_a_large_circle_of_references_are_resolved() {
    let scim = Scim::start().await;
    let chain = |prefix: &'static str, next: fn(usize) -> usize| {
        (0..1000).map(move |at| {
            let manager = format!("bulkId:{}", next(at));
            post("/Users", &at.to_string(), managed(&format!("{prefix}{at}"), &manager))
        })
    };
    for (prefix, next) in [
        ("back", (|at| at.saturating_sub(1)) as fn(usize) -> usize),
        ("ahead", |at| (at + 1).min(999)),
        ("round", |at| (at + 1) % 1000),
    ] {
        let answers = bulk(&scim, chain(prefix, next)).await;
        assert_eq!(statuses(&answers), vec!["201"; 1000], "{prefix}");
        let (first, last) = (id(&answers[0]), id(&answers[999]));
        assert_eq!(manager(&scim, &first).await, id(&answers[next(0)]));
        assert_eq!(manager(&scim, &last).await, id(&answers[next(999)]));
    }
    assert_eq!(count(&scim).await.0, json!(3000));
}
