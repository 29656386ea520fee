//! What of its records a task keeps, and for how long.

use super::*;

#[tokio::test]
async fn no_password_waits_in_a_task_and_none_is_made_there() {
    let scim = Scim::start().await;
    let api = ready_with(&scim, |choices| choices.credentials = Credentials::ReturnOnce).await;
    let one = json!([person("E1", "a@example.com")]);
    // The wish is not met: nobody else could be told the password.
    let answer = api.send("POST", "/users", Some(&one), &[ASYNC]).await.expect(200).json();
    assert!(answer["users"][0]["password"].is_string(), "{answer}");
    let many = json!(vec![person("E1", "a@example.com"); 1_001]);
    let refused = api.send("POST", "/users", Some(&many), &[]).await.expect(413);
    assert!(refused.text.contains("1001") && refused.text.contains("1000"), "{}", refused.text);
    let id = api.task("PATCH", json!([{"employeeId": "E1", "attributes": {"password": "Hunter2-hunter2"}}])).await;
    assert!(!scim.dump_all().await.contains("Hunter2"));
    work(&scim).await;
    let failed = api.told(id).await["users"][0].clone();
    assert_eq!((&failed["code"], &failed["field"]), (&json!("invalid_value"), &json!("attributes.password")));
    api.act(id, "retry").await.expect(409);
}

#[tokio::test]
async fn tasks_that_ended_long_ago_are_forgotten_with_their_records() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    let done = api.task("POST", json!([person("E1", "a@example.com")])).await;
    work(&scim).await;
    let waits = api.task("POST", json!([person("E2", "b@example.com")])).await;
    let store = scim.store();
    let at = |days: i64| scim.clock().now() + chrono::TimeDelta::days(days);
    forget(&store, at(29)).await.unwrap();
    assert_eq!(api.told(done).await["task"]["state"], "done");
    forget(&store, at(31)).await.unwrap();
    api.get(&format!("/tasks/{done}")).await.expect(404);
    let tenant = store.tenant(scim.tenant().id);
    let page = scimgate::store::RecordsPage { after: 0, only_failed: false, limit: 10 };
    assert!(tenant.task_records(TaskId(done), page).await.unwrap().is_empty());
    assert_eq!(api.told(waits).await["task"]["state"], "queued", "what was not done is kept");
    let depth = store.queue_depth().await.unwrap();
    assert_eq!((depth.queued, depth.running, depth.records), (1, 0, 1));
}

/// What a record tells beside the fields that everybody has may be sensitive, and is not needed once the record is through.
#[tokio::test]
async fn attributes_of_records_go_with_the_end_of_their_task_but_for_those_that_can_be_tried_again() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    let with = |id: &str, email: &str, number: &str| {
        let mut record = person(id, email);
        record["attributes"] = json!({"nickName": number});
        record
    };
    let records = json!([with("E1", "a@example.com", "kept-one"), with("E2", "A@example.com", "failed-two")]);
    let id = api.task("POST", records).await;
    assert!(scim.dump_all().await.contains("task_records") && scim.dump_all().await.contains("kept-one"));
    work(&scim).await;
    let dump = scim.dump_all().await;
    let kept: Vec<&str> = dump.lines().filter(|line| line.starts_with("task_records ")).collect();
    assert!(!kept[0].contains("kept-one") && kept[0].contains("a@example.com"), "{kept:?}");
    assert!(kept[1].contains("failed-two"), "{kept:?}");
    let told = api.told(id).await;
    assert_eq!(told["users"][0]["email"], "a@example.com");
    assert_eq!((&told["users"][0]["success"], &told["users"][1]["success"]), (&json!(true), &json!(false)));
    // What failed is tried again as it was.
    let ann = user(&scim, "a@example.com").await["id"].as_str().unwrap().to_owned();
    scim.delete(&format!("/Users/{ann}")).await.expect(204);
    let again = api.act(id, "retry").await.expect(202).json()["result"]["task"]["taskId"].as_i64().unwrap();
    work(&scim).await;
    assert_eq!(api.told(again).await["task"]["success"], true);
    assert_eq!(user(&scim, "A@example.com").await["nickName"], "failed-two");
    // One that is cancelled before its turn is cleared too.
    let id = api.task("POST", json!([with("E3", "c@example.com", "never-three")])).await;
    api.act(id, "cancel").await.expect(200);
    assert!(!scim.dump_all().await.contains("never-three"));
}
