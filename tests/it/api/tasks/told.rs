//! What becomes a task, and what is told of it.

use super::*;

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
