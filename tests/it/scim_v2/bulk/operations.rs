//! Each method over each resource type: status, location, version, and that it did what the single request does.

use scimgate::model::{Profile, Scopes};
use serde_json::json;

use super::*;

#[tokio::test]
async fn each_method_works_on_each_type_and_answers_stand_in_the_order_of_the_request() {
    let scim = Scim::start().await;
    let (ada, bob) = (scim.create_user("ada").await, scim.create_user("bob").await);
    let (team, old) = (scim.create_group("Team").await, scim.create_group("Old").await);
    let answers = bulk(
        &scim,
        [
            delete(&format!("/Users/{bob}")),
            post("/Users", "u", user("eve")),
            put(&format!("/Users/{ada}"), json!({"schemas": [USER], "userName": "ada", "title": "Countess"})),
            patch(&format!("/Groups/{team}"), json!([{"op": "add", "path": "members", "value": [{"value": ada}]}])),
            delete(&format!("/Groups/{old}")),
            post("/Groups", "g", group("New", &[&ada])),
            patch(&format!("/Users/{ada}"), json!([{"op": "replace", "path": "nickName", "value": "A"}])),
            put(&format!("/Groups/{team}"), group("Crew", &[&ada])),
        ],
    )
    .await;
    assert_eq!(statuses(&answers), ["204", "201", "200", "200", "204", "201", "200", "200"]);
    let methods: Vec<&str> = answers.iter().map(|answer| answer["method"].as_str().unwrap()).collect();
    assert_eq!(methods, ["DELETE", "POST", "PUT", "PATCH", "DELETE", "POST", "PATCH", "PUT"]);
    let versions: Vec<_> = answers.iter().map(|answer| answer.get("version").and_then(Value::as_str)).collect();
    let version = |number: u8| Some(format!("W/\"{number}\""));
    let expected = [None, version(1), version(2), version(2), None, version(1), version(3), version(3)];
    assert_eq!(versions, expected.iter().map(Option::as_deref).collect::<Vec<_>>());
    assert_eq!((&answers[1]["bulkId"], &answers[5]["bulkId"]), (&json!("u"), &json!("g")));
    assert!(answers.iter().all(|answer| answer.get("response").is_none()), "{answers:?}");

    for (answer, path) in [(&answers[0], format!("/Users/{bob}")), (&answers[4], format!("/Groups/{old}"))] {
        assert_eq!(answer["location"], format!("{}{path}", scim.base));
        scim.get(&path).await.expect(404);
    }
    for answer in [&answers[1], &answers[2], &answers[5], &answers[6], &answers[7]] {
        let location = answer["location"].as_str().unwrap();
        let found = scim.get(location.strip_prefix(&scim.base).unwrap()).await.expect(200).json();
        assert_eq!(found["meta"]["location"], location);
    }
    let ada_now = scim.get(&format!("/Users/{ada}")).await.json();
    assert_eq!((&ada_now["title"], &ada_now["nickName"]), (&json!("Countess"), &json!("A")));
    assert_eq!(scim.get(&format!("/Groups/{team}")).await.json()["displayName"], "Crew");
    assert_eq!(members(&scim, &team).await, std::slice::from_ref(&ada));
    assert_eq!(members(&scim, &id(&answers[5])).await, [ada]);
    assert_eq!(count(&scim).await, (json!(2), json!(2)));
}

#[tokio::test]
async fn what_is_created_in_bulk_is_what_a_single_request_creates() {
    let scim = Scim::start().await;
    let body = |name: &str| {
        json!({
            "schemas": [USER, ENTERPRISE], "userName": name, "externalId": format!("x-{name}"), "displayName": "Ädä",
            "name": {"familyName": "L", "givenName": "A"}, "active": false, "id": "mine", "password": "t0p-Secret!",
            "emails": [{"value": format!("{name}@Example.com"), "type": "work", "primary": true}, {"value": "b@x"}],
            ENTERPRISE: {"employeeNumber": format!("E-{name}"), "department": "D"}
        })
    };
    let single = scim.post("/Users", body("one")).await.expect(201).json();
    let answers = bulk(&scim, [post("/Users", "a", body("two")), post("/Users", "b", user("plain"))]).await;
    let mut created = scim.get(&format!("/Users/{}", id(&answers[0]))).await.expect(200).json();
    assert_ne!(created["id"], "mine");
    assert_eq!(created["meta"]["version"], answers[0]["version"]);
    for field in ["id", "meta"] {
        created[field] = single[field].clone();
    }
    let text = created.to_string().replace("two", "one");
    assert_eq!(text, single.to_string());
    for filter in [
        "userName eq \"TWO\"",
        "externalId eq \"x-two\"",
        "emails.value eq \"two@example.com\"",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber eq \"e-two\"",
        "userName co \"wo\" and active eq false",
    ] {
        let found = scim.list("/Users", &[("filter", filter)]).await.expect(200).json();
        assert_eq!(
            (&found["totalResults"], &found["Resources"][0]["userName"]),
            (&json!(1), &json!("two")),
            "{filter}"
        );
    }
    let plain = scim.list("/Users", &[("filter", "emails pr")]).await.json();
    assert_eq!(plain["totalResults"], 2);
    let dump = scim.dump().await;
    assert!(!dump.contains("t0p-Secret!"));
    assert_eq!(dump.matches("$argon2id$").count(), 2);
}

#[tokio::test]
async fn a_version_is_a_condition_of_its_own_operation() {
    let scim = Scim::start().await;
    let (ada, bob) = (scim.create_user("ada").await, scim.create_user("bob").await);
    let with = |mut operation: Value, version: &str| {
        operation["version"] = version.into();
        operation
    };
    let title = |id: &str, title: &str| {
        patch(&format!("/Users/{id}"), json!([{"op": "replace", "path": "title", "value": title}]))
    };
    let answers = bulk(
        &scim,
        [
            with(title(&ada, "A"), "W/\"1\""),
            with(title(&ada, "B"), "W/\"1\""),
            with(put(&format!("/Users/{ada}"), user("ada")), "W/\"1\""),
            with(delete(&format!("/Users/{bob}")), "W/\"7\""),
            with(title(&ada, "C"), "W/\"2\""),
            with(delete(&format!("/Users/{bob}")), "W/\"1\""),
        ],
    )
    .await;
    assert_eq!(statuses(&answers), ["200", "412", "412", "412", "200", "204"]);
    for refused in &answers[1..4] {
        expect_error(refused, "412", "", "read it again");
        assert!(refused["location"].as_str().unwrap().starts_with(&format!("{}/Users/", scim.base)));
    }
    assert_eq!(scim.get(&format!("/Users/{ada}")).await.json()["title"], "C");
    scim.get(&format!("/Users/{bob}")).await.expect(404);
}

#[tokio::test]
async fn operations_on_one_resource_keep_their_order() {
    let scim = Scim::start().await;
    let ada = scim.create_user("ada").await;
    let path = format!("/Users/{ada}");
    let title = |title: String| patch(&path, json!([{"op": "replace", "path": "title", "value": title}]));
    let answers = bulk(&scim, (0..60).map(|at| title(format!("T{at}")))).await;
    let versions: Vec<String> = answers.iter().map(|answer| answer["version"].as_str().unwrap().to_owned()).collect();
    assert_eq!(versions, (2..62).map(|version| format!("W/\"{version}\"")).collect::<Vec<_>>());
    assert_eq!(scim.get(&path).await.json()["title"], "T59");

    // A name that is given away is free for the next operation, and one that is taken is not.
    let answers = bulk(
        &scim,
        [
            post("/Users", "x", user("ADA")),
            delete(&path),
            post("/Users", "y", user("ada")),
            put("/Users/bulkId:y", user("grace")),
            post("/Users", "z", user("ada")),
            post("/Users", "w", user("Grace")),
        ],
    )
    .await;
    assert_eq!(statuses(&answers), ["409", "204", "201", "200", "201", "409"]);
}

#[tokio::test]
async fn a_group_patch_answers_204_where_the_tenant_wants_that() {
    let scim = Scim::with(Profile::Entra, &[]).await;
    let (team, ada) = (scim.create_group("Team").await, scim.create_user("ada").await);
    let rename = |path: String| patch(&path, json!([{"op": "add", "path": "externalId", "value": "x"}]));
    let answers = bulk(&scim, [rename(format!("/Groups/{team}")), rename(format!("/Users/{ada}"))]).await;
    assert_eq!(statuses(&answers), ["204", "200"]);
    assert_eq!(answers[0]["version"], "W/\"2\"");
}

#[tokio::test]
async fn each_operation_leaves_its_change_row_with_the_id_of_the_request() {
    let scim = Scim::start().await;
    let ada = scim.create_user("ada").await;
    let before = scim.changes().await.len();
    let answer = scim
        .post(
            "/Bulk",
            request([
                post("/Users", "b", json!({"schemas": [USER], "userName": "bob", "password": "s3cret-Word"})),
                post("/Users", "c", user("ada")),
                post("/Groups", "g", group("Team", &["bulkId:b"])),
                patch(&format!("/Users/{ada}"), json!([{"op": "replace", "path": "active", "value": false}])),
                patch(&format!("/Users/{ada}"), json!([{"op": "replace", "path": "active", "value": false}])),
                delete(&format!("/Users/{ada}")),
            ]),
        )
        .await
        .expect(200);
    let answers = answer.json()["Operations"].as_array().unwrap().clone();
    assert_eq!(statuses(&answers), ["201", "409", "201", "200", "200", "204"]);
    let written = scim.changes().await.split_off(before);
    let told: Vec<_> = written.iter().map(|change| (change.action.as_str(), &*change.resource_name)).collect();
    assert_eq!(told, [("create", "bob"), ("create", "Team"), ("deactivate", "ada"), ("delete", "ada")]);
    let bob = id(&answers[0]);
    for change in &written {
        assert_eq!(change.request.to_string(), answer.header("x-request-id"));
        assert_eq!((&*change.actor, change.address.as_deref()), ("write token", Some("127.0.0.1")));
    }
    assert_eq!((written[0].resource_id.to_string(), written[0].version), (bob.clone(), 1));
    let told = serde_json::to_value(&written[0].attributes).unwrap();
    let expected = json!([{"path": "userName", "new": "bob"}, {"path": "active", "new": true}, {"path": "password"}]);
    assert_eq!(told, expected);
    let members = json!({"path": "members", "new": [{"value": bob}]});
    assert!(serde_json::to_value(&written[1].attributes).unwrap().as_array().unwrap().contains(&members));
}

#[tokio::test]
async fn a_reader_may_not_send_it_and_other_methods_are_refused() {
    let scim = Scim::start().await;
    let reader = scim.with_token(Scopes::READ, None).await;
    reader.post("/Bulk", request([post("/Users", "u", user("u"))])).await.expect_error(403, "", "scope write");
    for method in ["GET", "PUT", "PATCH", "DELETE"] {
        let answer = scim.send(method, "/Bulk", None).await;
        answer.expect_error(405, "", "POST");
        assert_eq!(answer.header("allow"), "POST");
    }
    assert_eq!(count(&scim).await, (json!(0), json!(0)));
}

#[tokio::test]
async fn another_tenants_resources_are_as_nobodys() {
    let scim = Scim::with(Profile::Okta, &[]).await;
    let other = scim.other_tenant("other").await;
    let (theirs, their_group) = (other.create_user("ada").await, other.create_group("Team").await);
    let before = other.dump().await.len();
    let answers = bulk(
        &scim,
        [
            post("/Users", "a", user("ada")),
            put(&format!("/Users/{theirs}"), user("eve")),
            patch(&format!("/Groups/{their_group}"), json!([{"op": "remove", "path": "members"}])),
            delete(&format!("/Users/{theirs}")),
            post("/Groups", "g", group("Team", &[&theirs])),
            delete(&format!("/Users/{NOBODY}")),
        ],
    )
    .await;
    assert_eq!(statuses(&answers), ["201", "404", "404", "404", "400", "404"]);
    let detail = |answer: &Value, own: &str| answer["response"]["detail"].as_str().unwrap().replace(own, "");
    assert_eq!(detail(&answers[3], &theirs), detail(&answers[5], NOBODY));
    assert_eq!(other.get(&format!("/Users/{theirs}")).await.json()["userName"], "ada");
    assert!(other.dump().await.len() > before, "the first operation is there");
}
