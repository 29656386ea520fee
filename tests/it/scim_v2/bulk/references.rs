//! `bulkId:` references: wherever an id may stand, to operations before, after and around (RFC 7644, sections 3.7.1, 3.7.2).

use scimgate::model::Profile;
use serde_json::json;

use super::*;

#[tokio::test]
async fn references_work_wherever_an_id_may_stand() {
    let scim = Scim::start().await;
    let (old, team) = (scim.create_user("old").await, scim.create_group("Team").await);
    let team_path = format!("/Groups/{team}");
    scim.patch(&team_path, json!({"Operations": [{"op": "add", "path": "members", "value": [{"value": old}]}]}))
        .await
        .expect(200);
    let value = json!([{"value": "bulkId:a"}, {"value": "bulkId:b"}, {"value": "bulkId:c"}]);
    let answers = bulk(
        &scim,
        [
            post("/Users", "a", user("a")),
            post("/Users", "b", managed("b", "bulkId:a")),
            // As Entra writes a manager, and members as bare ids.
            post(
                "/Users",
                "c",
                json!({"schemas": [USER, ENTERPRISE], "userName": "c", ENTERPRISE: {"manager": "bulkId:b"}}),
            ),
            post("/Groups", "g", json!({"schemas": [GROUP], "displayName": "G", "members": ["bulkId:a", "bulkId:b"]})),
            patch(&team_path, json!([{"op": "add", "path": "members", "value": value}])),
            patch(&team_path, json!([{"op": "remove", "path": "members[value eq \"bulkId:b\"]"}])),
            patch("/Users/bulkId:a", json!([{"op": "add", "path": "title", "value": "bulkId:is text here"}])),
            patch(
                "/Users/bulkId:a",
                json!([{"op": "add", "path": format!("{ENTERPRISE}:manager"), "value": "bulkId:c"}]),
            ),
            patch(
                &format!("/Users/{old}"),
                json!([{"op": "replace", "value": {format!("{ENTERPRISE}:manager.value"): "bulkId:c"}}]),
            ),
            patch("/Groups/bulkId:g", json!([{"op": "replace", "value": {"members": [{"value": "bulkId:c"}]}}])),
            put("/Users/bulkId:c", managed("c2", "bulkId:a")),
        ],
    )
    .await;
    assert!(answers.iter().all(|answer| answer["status"].as_str().unwrap().starts_with('2')), "{answers:#?}");
    let [a, b, c, g] = [0, 1, 2, 3].map(|at| id(&answers[at]));
    assert_eq!(manager(&scim, &b).await, a);
    assert_eq!(manager(&scim, &a).await, c);
    assert_eq!(manager(&scim, &old).await, c);
    assert_eq!(manager(&scim, &c).await, a);
    assert_eq!(members(&scim, &g).await, std::slice::from_ref(&c));
    let mut expected = vec![old, a.clone(), c.clone()];
    expected.sort();
    assert_eq!(members(&scim, &team).await, expected);
    assert_eq!(answers[6]["location"], format!("{}/Users/{a}", scim.base));
    assert_eq!(scim.get(&format!("/Users/{a}")).await.json()["title"], "bulkId:is text here");
    assert_eq!(scim.get(&format!("/Users/{c}")).await.json()["userName"], "c2");
}

#[tokio::test]
async fn an_operation_may_refer_to_a_later_one() {
    let scim = Scim::with(Profile::Okta, &[]).await;
    let team = scim.create_group("Team").await;
    let path = format!("/Groups/{team}");
    let answers = bulk(
        &scim,
        [
            post("/Groups", "g", group("G", &["bulkId:a", "bulkId:b"])),
            patch(&path, json!([{"op": "add", "path": "members", "value": [{"value": "bulkId:b"}]}])),
            patch(&path, json!([{"op": "replace", "path": "displayName", "value": "Crew"}])),
            patch("/Users/bulkId:b", json!([{"op": "add", "path": "title", "value": "T"}])),
            post("/Users", "a", managed("a", "bulkId:b")),
            post("/Users", "b", user("b")),
        ],
    )
    .await;
    assert_eq!(statuses(&answers), ["201", "200", "200", "200", "201", "201"]);
    let (a, b) = (id(&answers[4]), id(&answers[5]));
    assert_eq!(manager(&scim, &a).await, b);
    let mut both = vec![a, b.clone()];
    both.sort();
    assert_eq!(members(&scim, &id(&answers[0])).await, both);
    assert_eq!(members(&scim, &team).await, std::slice::from_ref(&b));
    // What waited kept its order behind it: the second change of the group came second.
    assert_eq!((&answers[1]["version"], &answers[2]["version"]), (&json!("W/\"2\""), &json!("W/\"3\"")));
    assert_eq!(scim.get(&format!("/Users/{b}")).await.json()["title"], "T");
}

#[tokio::test]
async fn managers_may_stand_in_a_circle() {
    let scim = Scim::start().await;
    let answers = bulk(
        &scim,
        [
            post("/Users", "a", managed("a", "bulkId:b")),
            post("/Users", "own", managed("own", "bulkId:own")),
            post("/Users", "b", managed("b", "bulkId:c")),
            post("/Users", "c", managed("c", "bulkId:a")),
            post("/Users", "d", managed("d", "bulkId:c")),
        ],
    )
    .await;
    assert_eq!(statuses(&answers), ["201"; 5]);
    let ids: Vec<String> = answers.iter().map(id).collect();
    for (user, boss) in [(0, 2), (1, 1), (2, 3), (3, 0), (4, 3)] {
        assert_eq!(manager(&scim, &ids[user]).await, ids[boss]);
    }
    // One row each: the references were there from the beginning.
    assert_eq!(scim.actions().await, ["create"; 5]);
}

#[tokio::test]
async fn groups_may_be_members_of_each_other() {
    let scim = Scim::with(Profile::Okta, &[]).await;
    let answers = bulk(
        &scim,
        [
            post("/Groups", "qwerty", group("Group A", &["bulkId:ytrewq"])),
            post("/Groups", "ytrewq", group("Group B", &["bulkId:qwerty", "bulkId:u"])),
            post("/Users", "u", user("u")),
        ],
    )
    .await;
    assert_eq!(statuses(&answers), ["201"; 3]);
    let [a, b, u] = [0, 1, 2].map(|at| id(&answers[at]));
    assert_eq!(members(&scim, &a).await, std::slice::from_ref(&b));
    let mut both = vec![a.clone(), u];
    both.sort();
    assert_eq!(members(&scim, &b).await, both);
    for (group, answer) in [(&a, &answers[0]), (&b, &answers[1])] {
        assert_eq!(scim.get(&format!("/Groups/{group}")).await.json()["meta"]["version"], answer["version"]);
    }
}

#[tokio::test]
async fn a_circle_succeeds_or_fails_as_a_whole() {
    let scim = Scim::with(Profile::Okta, &[]).await;
    scim.create_user("taken").await;
    let before = scim.dump().await;
    let circles = [
        // The second of three fails by its name.
        vec![
            post("/Users", "a", managed("a", "bulkId:b")),
            post("/Users", "b", managed("taken", "bulkId:c")),
            post("/Users", "c", managed("c", "bulkId:a")),
        ],
        // By its content.
        vec![
            post("/Users", "a", managed("a", "bulkId:b")),
            post("/Users", "b", json!({"schemas": [USER, ENTERPRISE], ENTERPRISE: {"manager": "bulkId:a"}})),
        ],
        // By what it refers to outside of the circle.
        vec![
            post("/Users", "x", user("taken")),
            post("/Groups", "a", group("A", &["bulkId:b"])),
            post("/Groups", "b", group("B", &["bulkId:a", "bulkId:x"])),
        ],
    ];
    let expected = [vec!["409", "409", "409"], vec!["409", "400"], vec!["409", "409", "409"]];
    for (circle, expected) in circles.into_iter().zip(expected) {
        let answers = bulk(&scim, circle).await;
        assert_eq!(statuses(&answers), expected, "{answers:#?}");
        assert_eq!(scim.dump().await, before);
    }
    // A member that nobody has comes to light in the second pass: the groups are taken back.
    let answers = bulk(
        &scim,
        [post("/Groups", "a", group("A", &["bulkId:b"])), post("/Groups", "b", group("B", &["bulkId:a", NOBODY]))],
    )
    .await;
    expect_error(&answers[0], "409", "", "\"b\"");
    expect_error(&answers[1], "400", "invalidValue", NOBODY);
    assert_eq!(count(&scim).await, (json!(1), json!(0)));
}

#[tokio::test]
async fn a_reference_to_a_failed_operation_fails_with_409_and_one_to_nothing_with_400() {
    let scim = Scim::start().await;
    scim.create_user("taken").await;
    let team = scim.create_group("Team").await;
    let answers = bulk(
        &scim,
        [
            post("/Users", "a", user("taken")),
            post("/Users", "b", managed("b", "bulkId:a")),
            post("/Users", "c", managed("c", "bulkId:b")),
            post("/Groups", "g", group("G", &["bulkId:c"])),
            patch("/Users/bulkId:a", json!([{"op": "add", "path": "title", "value": "T"}])),
            post("/Users", "d", managed("d", "bulkId:nothing")),
            delete("/Users/bulkId:"),
            patch(&format!("/Groups/{team}"), json!([{"op": "remove", "path": "members[value eq \"bulkId:no\"]"}])),
            post("/Users", "e", managed("e", "bulkId:wrong")),
            post("/Nothing", "wrong", user("w")),
            post("/Users", "fine", user("fine")),
        ],
    )
    .await;
    expect_error(&answers[0], "409", "uniqueness", "userName");
    expect_error(&answers[1], "409", "", "\"a\"");
    expect_error(&answers[2], "409", "", "\"b\"");
    expect_error(&answers[3], "409", "", "\"c\"");
    expect_error(&answers[4], "409", "", "\"a\"");
    expect_error(&answers[5], "400", "invalidValue", "bulkId:nothing");
    expect_error(&answers[6], "400", "invalidValue", "bulkId:");
    expect_error(&answers[7], "400", "invalidValue", "bulkId:no");
    expect_error(&answers[8], "409", "", "\"wrong\"");
    expect_error(&answers[9], "404", "", "/Nothing");
    assert_eq!(answers[10]["status"], "201");
    assert_eq!(count(&scim).await, (json!(2), json!(1)));
    assert_eq!(scim.get(&format!("/Groups/{team}")).await.json()["meta"]["version"], "W/\"1\"");
}

#[tokio::test]
async fn a_bulk_id_belongs_to_one_request() {
    let scim = Scim::start().await;
    bulk(&scim, [post("/Users", "a", user("a"))]).await;
    let answers = bulk(&scim, [delete("/Users/bulkId:a")]).await;
    expect_error(&answers[0], "400", "invalidValue", "bulkId:a");
    scim.get("/Users/bulkId:a").await.expect(404);
}
