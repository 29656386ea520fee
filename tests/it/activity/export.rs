//! The log as a file.

use serde_json::{Value, json};

use super::{entries, with_owner};
use crate::support::scim::USER;

#[tokio::test]
async fn no_cell_of_a_table_is_a_formula() {
    let (scim, owner) = with_owner().await;
    let names = ["=cmd|' /C calc'!A0", "+1+1", "-1", "@SUM(A1)", "plain, \"quoted\"\nlines"];
    for name in names {
        scim.create("/Users", json!({"schemas": [USER], "userName": name})).await;
    }
    let answer = owner.get("/tenants/first/activity/export?kind=change").await.expect(200);
    assert!(answer.header("content-type").starts_with("text/csv"), "{}", answer.header("content-type"));
    assert!(answer.header("content-disposition").starts_with("attachment"), "{}", answer.header("content-disposition"));
    let mut reader = csv::Reader::from_reader(answer.text.as_bytes());
    let headings = reader.headers().unwrap().clone();
    assert_eq!(headings.get(0), Some("at"));
    let target = headings.iter().position(|heading| heading == "target").unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), names.len());
    for row in &rows {
        assert!(!row.iter().any(|cell| cell.starts_with(['=', '+', '-', '@', '\t', '\r'])), "{row:?}");
    }
    let told: Vec<&str> = rows.iter().rev().map(|row| row.get(target).unwrap()).collect();
    assert_eq!(told, ["'=cmd|' /C calc'!A0", "'+1+1", "'-1", "'@SUM(A1)", "plain, \"quoted\"\nlines"]);
}

#[tokio::test]
async fn lines_of_json_hold_what_the_list_holds() {
    let (scim, owner) = with_owner().await;
    for number in 0..3 {
        scim.create_user(&format!("user {number}")).await;
    }
    let answer = owner.get("/tenants/first/activity/export?format=jsonl&kind=change").await.expect(200);
    let lines: Vec<Value> = answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines, entries(&owner, "kind=change").await);
    owner.get("/tenants/first/activity/export?format=xml").await.expect_invalid(&["format"]);
}

#[tokio::test]
async fn more_than_one_page_is_sent_whole_and_in_order() {
    let (scim, owner) = with_owner().await;
    scim.create_user("ann").await;
    let (client, connection) = tokio_postgres::connect(&scim.database_url(), tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let many = "INSERT INTO changes (tenant_id, at, id, resource_id, version, credential_id, request_id, action, resource_type, \
        resource_name, actor, attributes) SELECT tenant_id, at + n * interval '1 ms', gen_random_uuid(), gen_random_uuid(), 1, \
        credential_id, request_id, 'create', 'User', 'u' || n, actor, '[]' FROM changes, generate_series(1, 1700) AS n";
    client.batch_execute(many).await.unwrap();
    let answer = owner.get("/tenants/first/activity/export?format=jsonl&kind=change").await.expect(200);
    let names: Vec<String> = answer
        .text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["target"]["name"].as_str().unwrap().to_owned())
        .collect();
    let wanted: Vec<String> = (1..=1_700).rev().map(|n| format!("u{n}")).chain(["ann".to_owned()]).collect();
    assert_eq!(names, wanted);
}
