//! How tasks are worked on: in order, once, by whom, and until when.

use super::*;

#[tokio::test]
async fn a_task_is_cancelled_and_what_failed_is_tried_again() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    let cancelled = api.task("POST", json!([person("E9", "no@example.com")])).await;
    let told = api.act(cancelled, "cancel").await.expect(200).json();
    assert_eq!(told["result"]["task"]["state"], "cancelled");
    assert_eq!(told["result"]["task"]["errorMsg"], "the task was cancelled after 0 of 1 records");
    api.act(cancelled, "cancel").await.expect(409);
    let led = |id: &str, by: &str| {
        let mut led = person(id, &format!("{id}@example.com"));
        led["manager"] = json!(by);
        led
    };
    // A manager may stand behind those whom it leads.
    let id = api.task("POST", json!([led("E1", "E2"), led("E4", "E3"), person("E3", "fine@example.com")])).await;
    api.act(id, "retry").await.expect(409);
    work(&scim).await;
    assert_eq!(api.told(id).await["users"][0]["code"], "unknown_reference");
    assert_eq!(scim.get("/Users").await.json()["totalResults"], 2);

    api.records("POST", json!([person("E2", "boss@example.com")])).await;
    let again = api.act(id, "retry").await.expect(202);
    let task = again.json()["result"]["task"].clone();
    assert_eq!((&task["retryOf"], &task["progress"]["total"]), (&json!(id), &json!(1)));
    let second = task["taskId"].as_i64().unwrap();
    assert_eq!(again.header("location"), format!("/api/v1/tasks/{second}"));
    work(&scim).await;
    assert_eq!(api.told(second).await["task"]["success"], true);
    assert_eq!(api.told(id).await["task"]["progress"]["failed"], 1, "the first task stays as it was");
    api.act(second, "retry").await.expect(409);
    let acts: Vec<Value> = scim.admin_actions().await.iter().map(|row| row["action"].clone()).collect();
    assert_eq!(acts.iter().filter(|act| **act == "task.cancel").count(), 1);
    assert_eq!(acts.iter().filter(|act| **act == "task.start").count(), 3);
}

#[tokio::test]
async fn who_may_no_longer_ask_gets_no_more_done() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    let token = scim.with_token("provision".parse().unwrap(), None).await;
    let gone = Api::with_token(&scim, &token.token);
    let id = gone.task("POST", json!([person("E1", "a@example.com")])).await;
    let tenant = scim.tenant();
    scim.gateway().revoke_token(tenant.id, token.credential_id(), &Origin::command_line()).await.unwrap();
    work(&scim).await;
    let task = api.told(id).await["task"].clone();
    assert_eq!((&task["state"], &task["success"]), (&json!("failed"), &json!(false)));
    let told = "the task was ended: the token is unknown or was revoked; create a new one";
    assert_eq!(task["errorMsg"], told);
    // Its failed records, of which there are none, cannot be tried again; those of a task with a token that works are done.
    let id = api.task("POST", json!([person("E1", "a@example.com")])).await;
    scim.gateway().suspend_tenant(&tenant.slug, &Origin::command_line()).await.unwrap();
    work(&scim).await;
    scim.gateway().resume_tenant(&tenant.slug, &Origin::command_line()).await.unwrap();
    scim.settle("/Users", 200).await;
    let task = Api::of(&scim).await.told(id).await["task"].clone();
    assert_eq!(task["state"], "failed");
    assert!(task["errorMsg"].as_str().unwrap().contains("suspended"), "{task}");
    assert_eq!(scim.get("/Users").await.json()["totalResults"], 0);
}

/// The crash at its worst place: the record is written, and its outcome is not.
#[tokio::test]
async fn what_was_written_before_a_crash_is_found_and_not_done_again() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    let records = json!([person("E1", "a@example.com"), person("E2", "b@example.com"), person("E3", "c@example.com")]);
    let id = api.task("POST", records.clone()).await;
    let (store, clock) = (scim.store(), Arc::new(FixedClock::new(scim.clock().now())));
    let holder = Holder(Uuid::from_u128(1));
    let claimed = store.claim_task(holder, Duration::from_millis(1), clock.now()).await.unwrap().unwrap();
    let standing = Standing::new(store.clone(), clock.clone());
    let caller = standing.caller(scim.tenant().id, &claimed.task.by, Scope::Provision).await.unwrap();
    let written: Vec<Record> = serde_json::from_value(json!([records[0], records[2]])).unwrap();
    let begin = |at: usize| Some(record_request(claimed.task.txn, [1, 3][at]));
    let gateway = Gateway::new(store, clock);
    gateway.provision_each(&caller, RecordMode::Create, &written, false, &begin).await;

    let before = scim.changes().await.len();
    assert_eq!(before, 2);
    let waiting = api.told(id).await;
    assert_eq!(waiting["task"]["progress"]["done"], 0);
    // The holder is dead, and its time runs out.
    loop {
        work(&scim).await;
        if api.told(id).await["task"]["state"] == "done" {
            break;
        }
    }
    let told = api.told(id).await;
    assert_eq!(
        told["task"]["progress"],
        json!({"total": 3, "done": 3, "inserted": 3, "updated": 0, "unchanged": 0, "failed": 0})
    );
    assert_eq!(scim.changes().await.len(), 3);
    assert_eq!(told["users"][2]["userId"], user(&scim, "c@example.com").await["id"]);
}

#[tokio::test]
async fn two_nodes_share_the_work_and_a_tenant_s_tasks_keep_their_order() {
    let scim = Scim::start().await;
    let first = ready(&scim).await;
    let other = scim.other_tenant("other").await;
    let second = ready(&other).await;
    let people: Vec<Value> = (0..60).map(|at| person(&format!("E{at}"), &format!("u{at}@example.com"))).collect();
    for api in [&first, &second] {
        api.task("POST", json!(people)).await;
        for title in ["one", "two", "three"] {
            let changes: Vec<Value> =
                (0..60).map(|at| json!({"employeeId": format!("E{at}"), "title": title})).collect();
            api.task("PATCH", json!(changes)).await;
        }
    }
    let ((a, _stop_a), (b, _stop_b)) = (node(&scim, "2026-11-22T08:00:01Z"), node(&scim, "2026-11-22T08:00:00Z"));
    tokio::try_join!(a.run_until_idle(), b.run_until_idle()).unwrap();
    work(&scim).await;
    for (scim, api) in [(&scim, &first), (&other, &second)] {
        let listed = api.get("/tasks").await.json();
        for task in listed["items"].as_array().unwrap() {
            assert_eq!((&task["state"], &task["success"]), (&json!("done"), &json!(true)), "{task}");
        }
        assert_eq!(scim.changes().await.len(), 4 * 60);
        assert_eq!(user(scim, "u59@example.com").await["title"], "three");
    }
}

#[tokio::test]
async fn an_operator_s_task_is_done_too_and_a_dry_run_writes_nothing() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    let (gateway, tenant) = (scim.gateway(), scim.tenant().id);
    let record = |at: i64| -> Record {
        serde_json::from_value(person(&format!("E{at}"), &format!("u{at}@example.com"))).unwrap()
    };
    for dry_run in [true, false] {
        let new = NewTask::of_records(RecordMode::Upsert, dry_run, AskedBy::from(&Origin::command_line()));
        let task = gateway.create_task(tenant, &new).await.unwrap();
        // As a file has them: rows that were refused leave gaps.
        gateway.append_task_records(tenant, task, 2, &[record(2), record(3)]).await.unwrap();
        gateway.append_task_records_at(tenant, task, &[(9, record(9))]).await.unwrap();
        gateway.append_task_records_at(tenant, task, &[(9, record(9))]).await.unwrap();
        assert_eq!(api.told(task.0).await["task"]["state"], "draft");
        work(&scim).await;
        assert_eq!(api.told(task.0).await["task"]["state"], "draft", "it was not started");
        gateway.start_task(tenant, task).await.unwrap();
        gateway.append_task_records(tenant, task, 10, &[record(10)]).await.unwrap_err();
        work(&scim).await;
        let told = api.told(task.0).await;
        assert_eq!((&told["task"]["success"], &told["task"]["askedBy"]), (&json!(true), &json!("command line")));
        let places: Vec<i64> =
            told["users"].as_array().unwrap().iter().map(|user| user["place"].as_i64().unwrap()).collect();
        assert_eq!(places, [2, 3, 9]);
        let there = if dry_run { 0 } else { 3 };
        assert_eq!(scim.get("/Users").await.json()["totalResults"], there);
    }
}
