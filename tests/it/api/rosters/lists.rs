//! A list in one request: what is published, told, read and refused.

use super::*;

#[tokio::test]
async fn row_4_1_the_article_s_request_publishes_a_user() {
    let (_scim, api) = with_app().await;
    let body = json!({"provisionedUsers": [{
        "appUserId": "109282355904833424637", "email": "testuser@random.com", "username": "testuser", "license": "Pro"
    }]});
    assert_eq!(published(&api, &body).await, [1, 0, 0, 0, 1]);
    let listed = api.get("/apps/crm/users").await.expect(200).json();
    let entry = &listed["items"][0];
    for (name, value) in body["provisionedUsers"][0].as_object().unwrap() {
        assert_eq!(&entry[name], value);
    }
    assert_eq!((&entry["user"], listed["items"].as_array().unwrap().len()), (&Value::Null, 1));
}

#[tokio::test]
async fn row_4_2_a_list_is_all_there_is_and_its_difference_is_told() {
    let (scim, api) = with_app().await;
    assert_eq!(published(&api, &users(1..=4)).await, [4, 0, 0, 0, 4]);
    let added_at = api.get("/apps/crm/users").await.json()["items"][0]["addedAt"].clone();
    scim.advance_seconds(60);
    let mut body = users([1, 2, 5]);
    body["provisionedUsers"][1]["license"] = "Pro".into();

    // A trial tells and writes nothing.
    let before = scim.dump().await;
    let tried = post(&api, "/apps/crm/users?dryRun=true", &body).await.expect(200).json();
    assert_eq!((counts(&tried), &tried["dryRun"]), ([1, 1, 2, 1, 3], &json!(true)));
    let changes = tried["changes"].as_array().unwrap();
    let kinds: Vec<_> =
        changes.iter().map(|one| (one["kind"].as_str().unwrap(), one["appUserId"].as_str().unwrap())).collect();
    assert_eq!(kinds, [("added", "000005"), ("changed", "000002"), ("removed", "000003"), ("removed", "000004")]);
    assert_eq!((&changes[1]["old"]["license"], &changes[1]["new"]["license"]), (&Value::Null, &json!("Pro")));
    assert_eq!(
        (&changes[0]["old"], &changes[2]["new"], &tried["isCutShort"]),
        (&Value::Null, &Value::Null, &json!(false))
    );
    assert_eq!(scim.dump().await, before);

    assert_eq!(published(&api, &body).await, [1, 1, 2, 1, 3]);
    assert_eq!(listed(&api, "").await, ["000001", "000002", "000005"]);
    let entries = api.get("/apps/crm/users").await.json()["items"].clone();
    assert_eq!((&entries[0]["addedAt"], &entries[0]["changedAt"]), (&added_at, &added_at));
    assert_eq!(entries[1]["addedAt"], added_at);
    assert!(entries[1]["changedAt"] == entries[2]["addedAt"] && entries[2]["addedAt"] != added_at, "{entries}");
    scim.advance_seconds(1);
    assert_eq!(published(&api, &body).await, [0, 0, 0, 3, 3], "the same again changes nothing");

    let told = scim.admin_actions().await.pop().unwrap();
    assert_eq!((&told["action"], &told["actor_kind"]), (&json!("roster.publish"), &json!("credential")));
    assert_eq!((&told["target_id"], &told["details"]["removed"]), (&json!("crm"), &json!(2)));
    let made = api.get("/apps/crm/publications?limit=2").await.expect(200).json();
    assert_eq!(made["items"][1]["removed"], 2, "{made}");
    let next = made["nextCursor"].as_str().unwrap();
    let rest = api.get(&format!("/apps/crm/publications?cursor={next}")).await.expect(200).json();
    assert_eq!(rest["items"][0]["added"], 4, "{rest}");
}

#[tokio::test]
async fn row_4_2_a_list_that_removes_too_many_is_held_until_it_is_confirmed() {
    let (_scim, api) = with_app().await;
    published(&api, &users(0..40)).await;
    let refused = post(&api, "/apps/crm/users", &users(0..19)).await;
    refused.expect_problem(409, "this would remove 21 of 40 entries, more than the 50 %");
    assert!(refused.json()["detail"].as_str().unwrap().contains("confirmRemovals=true"));
    post(&api, "/apps/crm/users", &users([])).await.expect_problem(409, "40 of 40");
    let tried = post(&api, "/apps/crm/users?dryRun=true", &users(0..19)).await.expect(200).json();
    assert_eq!((&tried["needsConfirmation"], &tried["removed"]), (&json!(true), &json!(21)));
    assert_eq!(listed(&api, "").await.len(), 40);
    post(&api, "/apps/crm/users", &users(0..20)).await.expect(200);
    let confirmed = post(&api, "/apps/crm/users?confirmRemovals=true", &users([7])).await.expect(200).json();
    assert_eq!(counts(&confirmed), [0, 0, 19, 1, 1]);
    // Short lists are not braked.
    assert_eq!(published(&api, &users([])).await, [0, 0, 1, 0, 0]);
}

#[tokio::test]
async fn row_4_4_success_is_told_with_the_numbers() {
    let (_scim, api) = with_app().await;
    let answer = post(&api, "/apps/crm/users", &users([1])).await.expect(200).json();
    let expected = json!({
        "success": true, "dryRun": false, "added": 1, "changed": 0, "removed": 0, "unchanged": 0, "total": 1, "unknownEmails": 1
    });
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn row_4_10_a_roster_is_read_in_pages_and_removed_one_by_one_or_whole() {
    let (scim, api) = with_app().await;
    published(&api, &users(0..25)).await;
    let first = api.get("/apps/crm/users?limit=10").await.expect(200).json();
    assert_eq!(first["items"].as_array().unwrap().len(), 10);
    let next = first["nextCursor"].as_str().unwrap();
    let second = api.get(&format!("/apps/crm/users?limit=10&cursor={next}")).await.expect(200).json();
    assert_eq!(second["items"][0]["appUserId"], "000010");

    api.send("DELETE", "/apps/crm/users/000010", None, &[]).await.expect(204);
    let gone = api.send("DELETE", "/apps/crm/users/000010", None, &[]).await;
    gone.expect_problem(404, "there is no user 000010 on the roster");
    assert_eq!(listed(&api, "").await.len(), 24);
    let emptied = api.send("DELETE", "/apps/crm/users", None, &[]).await.expect(200).json();
    assert_eq!(emptied, json!({"success": true, "removed": 24}));
    assert!(listed(&api, "").await.is_empty());
    assert_eq!(api.send("DELETE", "/apps/crm/users", None, &[]).await.expect(200).json()["removed"], 0);
    let log = scim.admin_actions().await;
    let log: Vec<&str> = log.iter().map(|one| one["action"].as_str().unwrap()).collect();
    assert!(log.ends_with(&["roster.publish", "roster.remove_user", "roster.empty"]), "{log:?}");
    assert_eq!(published(&api, &users([1])).await, [1, 0, 0, 0, 1]);
}

#[tokio::test]
async fn a_list_with_mistakes_is_refused_whole_and_all_of_them_are_told() {
    let (_scim, api) = with_app().await;
    published(&api, &users([1])).await;
    let body = json!({"provisionedUsers": [
        {"appUserId": "1", "email": "a@example.com"}, {"appUserId": "2", "email": "nobody"}, {"email": "b@example.com"},
        {"appUserId": "1", "email": "c@example.com"}, {"appUserId": "x".repeat(513), "email": "d@example.com"}
    ]});
    let fields = ["[1].email", "[2].appUserId", "[3].appUserId", "[4].appUserId"];
    let fields = fields.map(|field| format!("provisionedUsers{field}"));
    let refused = post(&api, "/apps/crm/users", &body).await;
    refused.expect_invalid(&fields.each_ref().map(String::as_str));
    assert!(refused.text.contains("stands at provisionedUsers[0] already"), "{}", refused.text);
    for body in [json!({}), json!({"provisionedUsers": {}}), json!([]), json!({"provisionedUsers": [1]})] {
        post(&api, "/apps/crm/users", &body).await.expect_problem(422, "");
    }
    let session = open(&api).await;
    for part in [0, 1_001] {
        append(&api, &session, part, [1]).await.expect_invalid(&["part"]);
    }
    api.get("/apps/crm/rosters/x").await.expect_problem(404, "there is no roster session x");
    api.get("/apps/crm/users?unknown=maybe").await.expect_invalid(&["unknown"]);
    post(&api, "/apps/crm/users?dryRun=maybe", &users([1])).await.expect_invalid(&["dryRun"]);
    assert_eq!(listed(&api, "").await, ["000001"]);
}
