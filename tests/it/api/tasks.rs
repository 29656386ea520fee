//! Tasks: what is asked for, what is told of them, and what becomes of each record.

use std::sync::Arc;
use std::time::Duration;

use scimgate::auth::Standing;
use scimgate::gateway::Gateway;
use scimgate::model::{
    AskedBy, Clock, Credentials, FixedClock, NewTask, Origin, Record, RecordMode, Scope, TaskId, record_request,
};
use scimgate::store::Holder;
use scimgate::tasks::{TaskRunner, forget};
use serde_json::{Value, json};
use tokio::sync::watch;
use uuid::Uuid;

use super::Api;
use super::users::{person, ready, ready_with, user};
use crate::support::scim::{Scim, sealer};

const LEASE: Duration = Duration::from_secs(5);
const ASYNC: (&str, &str) = ("prefer", "respond-async");

/// A node that works on tasks, by that clock.
fn node(scim: &Scim, now: &str) -> (TaskRunner, watch::Sender<bool>) {
    let (stop, stopped) = watch::channel(false);
    let clock = FixedClock::new(now.parse().unwrap());
    (TaskRunner::new(scim.store(), Arc::new(clock), Some(sealer()), LEASE, stopped), stop)
}

/// Does what there is to do.
async fn work(scim: &Scim) {
    let (runner, _stop) = node(scim, "2026-11-22T08:00:03.021069Z");
    runner.run_until_idle().await.unwrap();
}

impl Api {
    /// Sends records for a task, and answers its number.
    async fn task(&self, method: &str, records: Value) -> i64 {
        let answer = self.send(method, "/users", Some(&records), &[ASYNC]).await.expect(202);
        answer.json()["result"]["task"]["taskId"].as_i64().unwrap()
    }

    /// What is told of a task.
    async fn told(&self, task: i64) -> Value {
        self.get(&format!("/tasks/{task}")).await.expect(200).json()["result"].clone()
    }

    async fn act(&self, task: i64, act: &str) -> crate::support::scim::Answer {
        self.send("POST", &format!("/tasks/{task}/{act}"), None, &[]).await
    }
}

#[tokio::test]
async fn row_2_8_a_task_tells_of_itself_and_of_each_user() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    api.records("POST", json!([person("E1", "gemma@example.com")])).await;
    let records = json!([person("E2", "ghilton@example.com"), person("E3", "gemma@example.com")]);
    let answer = api.send("POST", "/users", Some(&records), &[ASYNC]).await.expect(202);
    assert_eq!(answer.header("preference-applied"), "respond-async");
    let task = answer.json()["result"]["task"].clone();
    let id = task["taskId"].as_i64().unwrap();
    assert_eq!(answer.header("location"), format!("/api/v1/tasks/{id}"));
    assert_eq!(
        (&task["state"], &task["success"], &task["completedAt"]),
        (&json!("queued"), &Value::Null, &Value::Null)
    );
    let waiting = api.told(id).await;
    assert_eq!(waiting["users"][1]["success"], Value::Null, "nothing was done yet");

    work(&scim).await;
    let told = api.told(id).await;
    assert_eq!(
        told["task"],
        json!({
            "taskId": id,
            "tenantId": "first",
            "type": "bulk_user_import",
            "state": "done",
            "createdAt": "2026-11-22T08:00:00.000000Z",
            "lastCheckedInAt": "2026-11-22T08:00:03.021069Z",
            "completedAt": "2026-11-22T08:00:03.021069Z",
            "success": false,
            "errorMsg": "1 of 2 records failed; each of them tells why",
            "dryRun": false,
            "askedBy": "other token",
            "retryOf": null,
            "progress": {"total": 2, "done": 2, "inserted": 1, "updated": 0, "unchanged": 0, "failed": 1},
        })
    );
    let created = user(&scim, "ghilton@example.com").await["id"].clone();
    let of = |place: i64, employee: &str, email: &str| {
        json!({"email": email, "employeeId": employee, "taskId": id, "firstName": "Ann", "lastName": "Lee",
            "success": true, "errorMsg": null, "code": null, "field": null, "outcome": "inserted", "userId": created,
            "place": place})
    };
    let mut failed = of(2, "E3", "gemma@example.com");
    failed["success"] = json!(false);
    failed["errorMsg"] = json!("A user with that email already exists");
    failed["code"] = json!("email_already_exists");
    failed["field"] = json!("email");
    failed["outcome"] = json!("failed");
    failed["userId"] = Value::Null;
    assert_eq!(told["users"], json!([of(1, "E2", "ghilton@example.com"), failed]));
    // A task in which everything went well says so.
    let id = api.task("PATCH", json!([{"employeeId": "E2", "title": "Lead"}])).await;
    work(&scim).await;
    let told = api.told(id).await;
    assert_eq!((&told["task"]["success"], &told["task"]["errorMsg"]), (&json!(true), &Value::Null));
    assert_eq!(told["users"][0]["outcome"], "updated");
    assert_eq!(user(&scim, "ghilton@example.com").await["title"], "Lead");
}

#[tokio::test]
async fn row_2_13_many_records_are_done_in_the_background_and_told_page_by_page() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    let mut records: Vec<Value> =
        (0..1_010).map(|at| person(&format!("E{at}"), &format!("u{at}@example.com"))).collect();
    for wrong in [3, 700, 1_009] {
        records[wrong]["email"] = json!("none");
    }
    let answer = api.send("POST", "/users", Some(&json!(records)), &[]).await.expect(202);
    assert_eq!(answer.header("preference-applied"), "", "nobody asked for it");
    let id = answer.json()["result"]["task"]["taskId"].as_i64().unwrap();
    work(&scim).await;
    assert_eq!(scim.get("/Users?count=0").await.json()["totalResults"], 1_007);
    let (mut places, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = api.get(&format!("/tasks/{id}?limit=200{cursor}")).await.expect(200).json();
        assert_eq!(page["result"]["task"]["progress"]["inserted"], 1_007);
        places.extend(page["result"]["users"].as_array().unwrap().iter().map(|user| user["place"].as_i64().unwrap()));
        let Some(next) = page["nextCursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert!(places.iter().copied().eq(1..=1_010), "{places:?}");
    let first = api.get(&format!("/tasks/{id}?outcome=failed&limit=2")).await.expect(200).json();
    let next = first["nextCursor"].as_str().unwrap();
    let rest = api.get(&format!("/tasks/{id}?outcome=failed&cursor={next}")).await.expect(200).json();
    let failed = [&first, &rest].map(|page| page["result"]["users"].as_array().unwrap().clone()).concat();
    assert_eq!(failed.iter().map(|user| user["place"].as_i64().unwrap()).collect::<Vec<_>>(), [4, 701, 1_010]);
    assert!(failed.iter().all(|user| user["code"] == "invalid_value" && user["field"] == "email"), "{failed:?}");
    api.get(&format!("/tasks/{id}?outcome=some")).await.expect(422);
}

#[tokio::test]
async fn tasks_are_listed_and_nobody_sees_those_of_another_tenant() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    let mut made = Vec::new();
    for at in 0..3 {
        made.push(api.task("POST", json!([person(&format!("E{at}"), &format!("u{at}@example.com"))])).await);
    }
    let ids = |page: &Value| -> Vec<i64> {
        page["items"].as_array().unwrap().iter().map(|task| task["taskId"].as_i64().unwrap()).collect()
    };
    let first = api.get("/tasks?limit=2").await.expect(200).json();
    assert_eq!(ids(&first), [made[2], made[1]]);
    let next = first["nextCursor"].as_str().unwrap();
    let rest = api.get(&format!("/tasks?cursor={next}")).await.expect(200).json();
    assert_eq!((ids(&rest), rest.get("nextCursor")), (vec![made[0]], None));
    let other = Api::of(&scim.other_tenant("other").await).await;
    assert_eq!(other.get("/tasks").await.expect(200).json(), json!({"items": []}));
    for path in ["", "/cancel", "/retry"] {
        let method = if path.is_empty() { "GET" } else { "POST" };
        other.send(method, &format!("/tasks/{}{path}", made[0]), None, &[]).await.expect(404);
    }
    for nothing in ["0", "x", "01", "9223372036854775807"] {
        api.get(&format!("/tasks/{nothing}")).await.expect(404);
    }
    Api::with_scopes(&scim, "users:write").await.get("/tasks").await.expect(403);
    let admin = scim.with_token("admin:read".parse().unwrap(), None).await;
    let of_admin = admin.get_raw("/admin/v1/tenants/first/tasks?limit=2").await.expect(200).json();
    assert_eq!((ids(&of_admin), &of_admin["items"]), (vec![made[2], made[1]], &first["items"]));
    admin.get_raw("/admin/v1/tenants/other/tasks").await.expect(404);
    assert_eq!(
        api.send("DELETE", &format!("/tasks/{}", made[0]), None, &[]).await.expect(405).header("allow"),
        "GET, HEAD"
    );
}

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

#[tokio::test]
async fn a_retry_with_the_same_key_makes_no_second_task() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    let records = json!([person("E1", "a@example.com")]);
    let headers = [ASYNC, ("idempotency-key", "one")];
    let first = api.send("POST", "/users", Some(&records), &headers).await.expect(202);
    work(&scim).await;
    let second = api.send("POST", "/users", Some(&records), &headers).await.expect(202);
    assert_eq!((first.text.as_str(), first.header("location")), (second.text.as_str(), second.header("location")));
    assert_eq!(api.get("/tasks").await.json()["items"].as_array().unwrap().len(), 1);
    // What is refused is not kept.
    let wrong = [ASYNC, ("idempotency-key", "two")];
    api.send("POST", "/users", Some(&json!([{"frstName": "x"}])), &wrong).await.expect(422);
    api.send("POST", "/users", Some(&json!([person("E2", "b@example.com")])), &wrong).await.expect(202);
}

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
async fn what_is_no_array_of_records_makes_no_task() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    let mut many = vec![person("E1", "a@example.com"); 1_200];
    many[1_100] = json!({"frstName": "x"});
    let wrong = api.send("POST", "/users", Some(&json!(many)), &[]).await.expect(422).json();
    assert_eq!(wrong["errors"][0]["field"], "[1100]");
    for body in [json!({}), json!([]), json!([1])] {
        let status = api.send("POST", "/users", Some(&body), &[ASYNC]).await.status;
        assert!(matches!(status, 400 | 422), "{body}: {status}");
    }
    assert_eq!(api.get("/tasks").await.json(), json!({"items": []}));
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
async fn what_is_long_becomes_a_task_and_no_record_has_more_values_than_people_need() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    let long = |at: usize| {
        let mut record = person(&format!("E{at}"), &format!("u{at}@example.com"));
        record["title"] = json!("x".repeat(40_000));
        record
    };
    let records: Vec<Value> = (0..30).map(long).collect();
    api.send("POST", "/users", Some(&json!(records)), &[]).await.expect(202);
    work(&scim).await;
    assert_eq!(scim.get("/Users?count=0").await.json()["totalResults"], 30);
    let many = json!([{"email": "a@example.com", "attributes": {"x": vec![0; 1_000]}}]);
    for headers in [&[][..], &[("prefer", "respond-async")]] {
        let refused = api.send("POST", "/users", Some(&many), headers).await.expect(422).json();
        assert_eq!(refused["errors"][0]["field"], "[0]");
        assert_eq!(refused["errors"][0]["detail"], "it holds 1004 values; a record may hold 1000");
    }
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
