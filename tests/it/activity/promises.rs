//! What vendors promise of their activity logs. Each test carries the number of its row.

use scimgate::model::{AdminRole, Clock, Reach};
use serde_json::{Value, json};

use super::{actions, entries, failed, with_owner};
use crate::support::scim::USER;

fn replace(path: &str, value: Value) -> Value {
    json!({"Operations": [{"op": "replace", "path": path, "value": value}]})
}

#[tokio::test]
async fn row_0_7_one_log_tells_what_was_provisioned_and_what_people_did_by_kinds_of_actor() {
    let (scim, owner) = with_owner().await;
    scim.create_user("ann").await;
    scim.post("/Users", json!({"schemas": [USER], "userName": "ann"})).await.expect_error(409, "uniqueness", "");
    owner.post("/tenants/first/connections", json!({"name": "HR", "kind": "hr"})).await.expect(201);
    failed(&owner, 1).await;
    let log = entries(&owner, "").await;
    let told: Vec<(&str, &str, &str, &str)> = log
        .iter()
        .map(|entry| {
            let text = |value: &Value| value.as_str().unwrap().to_owned().leak() as &str;
            (text(&entry["kind"]), text(&entry["action"]), text(&entry["actor"]["kind"]), text(&entry["outcome"]))
        })
        .collect();
    for expected in [
        ("change", "create", "credential", "success"),
        ("request", "create", "credential", "failure"),
        ("administration", "connection.create", "admin", "success"),
        ("administration", "token.create", "command line", "success"),
    ] {
        assert!(told.contains(&expected), "{expected:?} is not among {told:?}");
    }
    // Nobody takes anything back: the log has no way to write.
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        owner.send(method, "/tenants/first/activity", Some(json!({}))).await.expect_problem(405, "");
    }
}

#[tokio::test]
async fn row_0_8_the_log_is_filtered_by_action_by_date_range_and_by_both() {
    let (scim, owner) = with_owner().await;
    let ann = scim.create_user("ann").await;
    scim.advance_seconds(600);
    let second_time = scim.now();
    scim.create_user("bob").await;
    scim.patch(&format!("/Users/{ann}"), replace("active", json!(false))).await.expect(200);
    scim.advance_seconds(600);
    let third_time = scim.now();
    scim.create_user("cy").await;
    let told = async |query: &str| {
        let found = entries(&owner, &format!("kind=change&{query}")).await;
        found.iter().map(|entry| entry["target"]["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(told("action=create").await, ["cy", "bob", "ann"]);
    assert_eq!(told(&format!("from={second_time}&to={third_time}")).await, ["ann", "bob"]);
    assert_eq!(told(&format!("action=create&from={second_time}&to={third_time}")).await, ["bob"]);
    assert_eq!(told(&format!("action=deactivate&from={second_time}")).await, ["ann"]);
    assert_eq!(told(&format!("action=deactivate&from={third_time}")).await, [] as [String; 0]);
}

#[tokio::test]
async fn row_1_10_activity_of_users_is_an_audit_trail_that_can_be_taken_along() {
    let (scim, owner) = with_owner().await;
    let ann = scim.create_user("ann").await;
    scim.advance_seconds(60);
    scim.patch(&format!("/Users/{ann}"), replace("title", json!("Director"))).await.expect(200);
    scim.create_user("bob").await;
    let history = entries(&owner, "target=ann").await;
    assert_eq!(actions(&history), ["update", "create"]);
    assert_eq!(history[0]["attributes"], json!([{"path": "title", "new": "Director"}]));
    assert!(history[0]["request"].is_string() && history[0]["actor"]["id"].is_string(), "{}", history[0]);

    let file = owner.get("/tenants/first/activity/export?target=ann").await.expect(200);
    assert!(file.header("content-type").starts_with("text/csv"), "{}", file.header("content-type"));
    let mut reader = csv::Reader::from_reader(file.text.as_bytes());
    let at = |name: &str, headings: &csv::StringRecord| headings.iter().position(|heading| heading == name).unwrap();
    let headings = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let cell = |row: &csv::StringRecord, name: &str| row.get(at(name, &headings)).unwrap().to_owned();
    let told: Vec<_> =
        rows.iter().map(|row| (cell(row, "action"), cell(row, "target"), cell(row, "actorKind"))).collect();
    let expected = ["update", "create"].map(|action| (action.to_owned(), "ann".to_owned(), "credential".to_owned()));
    assert_eq!(told, expected);
    // Auditors of the tenant see it, others do not.
    let auditor = scim.admin(AdminRole::Auditor, Reach::Tenant(scim.tenant().id)).await;
    auditor.get("/tenants/first/activity/export").await.expect(200);
    let other = scim.other_tenant("second").await;
    let stranger = scim.admin(AdminRole::Owner, Reach::Tenant(other.tenant().id)).await;
    stranger.get("/tenants/first/activity/export").await.expect_problem(404, "first");
}

#[tokio::test]
async fn row_1_2_active_users_and_what_changed_since_are_to_be_had_at_any_time() {
    let (scim, _owner) = with_owner().await;
    let mut ids = Vec::new();
    for number in 0..30 {
        ids.push(scim.create_user(&format!("user{number:02}")).await);
    }
    scim.advance_seconds(60);
    let before = scim.clock().now();
    for id in &ids[..5] {
        scim.patch(&format!("/Users/{id}"), replace("active", json!(false))).await.expect(200);
    }
    let count = async |filter: &str| {
        let page = scim.list("/Users", &[("filter", filter), ("count", "0")]).await.expect(200).json();
        page["totalResults"].as_u64().unwrap()
    };
    // Who was never set inactive is active, whether the source said so or not.
    assert_eq!((count("active eq false").await, count("not (active eq false)").await), (5, 25));
    let delta = format!("meta.lastModified ge \"{}\"", before.to_rfc3339());
    assert_eq!(count(&delta).await, 5);

    let (mut cursor, mut names) = (String::new(), Vec::new());
    loop {
        let query = [("filter", "not (active eq false)"), ("count", "10"), ("cursor", cursor.as_str())];
        let page = scim.list("/Users", &query).await.expect(200).json();
        names.extend(
            page["Resources"].as_array().unwrap().iter().map(|user| user["userName"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["nextCursor"].as_str() else { break };
        cursor = next.to_owned();
    }
    names.sort();
    let expected: Vec<String> = (5..30).map(|number| format!("user{number:02}")).collect();
    assert_eq!(names, expected);
}
