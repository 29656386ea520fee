//! Many requests at once: what may be won is won once, and what was acknowledged is there afterwards.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::scim::{Answer, GROUP, Scim, USER};

/// How many answers have each status.
fn statuses(answers: &[Answer]) -> BTreeMap<u16, usize> {
    let mut counts = BTreeMap::new();
    answers.iter().for_each(|answer| *counts.entry(answer.status).or_default() += 1);
    counts
}

fn replace(path: &str, value: &str) -> Value {
    json!({"Operations": [{"op": "replace", "path": path, "value": value}]})
}

async fn member_ids(scim: &Scim, group: &str) -> Vec<String> {
    let group = scim.get(&format!("/Groups/{group}")).await.expect(200).json();
    let members = group["members"].as_array().cloned().unwrap_or_default();
    let mut ids: Vec<String> = members.iter().map(|member| member["value"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn one_of_64_creates_of_a_name_wins() {
    let scim = Scim::start().await;
    let names = ["ada@example.com", "ADA@example.com", "Ada@Example.Com"];
    let creates = (0..64).map(|at| scim.post("/Users", json!({"schemas": [USER], "userName": names[at % 3]})));
    let answers = join_all(creates).await;
    assert_eq!(statuses(&answers), BTreeMap::from([(201, 1), (409, 63)]));
    for answer in answers.iter().filter(|answer| answer.status == 409) {
        answer.expect_error(409, "uniqueness", "userName");
    }
    assert_eq!(scim.get("/Users").await.json()["totalResults"], 1);
    assert_eq!(scim.actions().await, ["create"]);
}

#[tokio::test]
async fn one_of_many_renames_to_a_name_wins() {
    let scim = Scim::start().await;
    let names: Vec<String> = (0..16).map(|at| format!("u{at}")).collect();
    let ids = join_all(names.iter().map(|name| scim.create_user(name))).await;
    let answers =
        join_all(ids.iter().map(async |id| scim.patch(&format!("/Users/{id}"), replace("userName", "taken")).await))
            .await;
    assert_eq!(statuses(&answers), BTreeMap::from([(200, 1), (409, 15)]));
}

#[tokio::test]
async fn no_member_of_200_added_at_once_is_lost() {
    let scim = Scim::start().await;
    let group = scim.create_group("Everybody").await;
    let mut ids = Vec::new();
    for block in 0..8 {
        let names: Vec<String> = (0..25).map(|at| format!("u{block}-{at}")).collect();
        ids.extend(join_all(names.iter().map(|name| scim.create_user(name))).await);
    }
    let path = format!("/Groups/{group}");
    let answers = join_all(ids.iter().map(async |id| {
        let add = json!({"Operations": [{"op": "add", "path": "members", "value": [{"value": id}]}]});
        scim.patch(&format!("{path}?excludedAttributes=members"), add).await
    }))
    .await;
    assert_eq!(statuses(&answers), BTreeMap::from([(200, 200)]));
    ids.sort();
    assert_eq!(member_ids(&scim, &group).await, ids);

    // Every one of them moved the version once and stands in the stream once.
    assert_eq!(scim.get(&path).await.header("etag"), "W/\"201\"");
    let mut versions: Vec<i64> = Vec::new();
    for change in scim.changes().await.into_iter().filter(|change| change.resource_type == "Group") {
        versions.push(change.version);
    }
    versions.sort_unstable();
    assert_eq!(versions, (1..=201).collect::<Vec<i64>>());
}

#[tokio::test]
async fn adds_and_removes_and_renames_of_one_group_do_not_undo_each_other() {
    let scim = Scim::start().await;
    let ids = join_all(["a", "b", "c", "d", "e", "f", "g", "h"].iter().map(|name| scim.create_user(name))).await;
    let (stay, go) = ids.split_at(4);
    let members: Vec<Value> = go.iter().map(|id| json!({"value": id})).collect();
    let group = scim.create("/Groups", json!({"schemas": [GROUP], "displayName": "G", "members": members})).await;
    let path = format!("/Groups/{group}");
    let adds =
        stay.iter().map(|id| json!({"Operations": [{"op": "add", "path": "members", "value": [{"value": id}]}]}));
    let removes =
        go.iter().map(|id| json!({"Operations": [{"op": "remove", "path": format!("members[value eq \"{id}\"]")}]}));
    let rename = replace("displayName", "H");
    let answers = join_all(adds.chain(removes).chain([rename]).map(|patch| scim.patch(&path, patch))).await;
    assert_eq!(statuses(&answers), BTreeMap::from([(200, 9)]));
    let mut stay = stay.to_vec();
    stay.sort();
    assert_eq!(member_ids(&scim, &group).await, stay);
    assert_eq!(scim.get(&path).await.json()["displayName"], "H");
}

#[tokio::test]
async fn changes_of_different_attributes_are_all_kept() {
    let scim = Scim::start().await;
    let path = format!("/Users/{}", scim.create_user("ada").await);
    let attributes = [
        "title",
        "nickName",
        "displayName",
        "userType",
        "locale",
        "timezone",
        "preferredLanguage",
        "profileUrl",
        "name.givenName",
        "name.familyName",
        "name.middleName",
        "name.honorificPrefix",
        "emails[type eq \"work\"].value",
        "emails[type eq \"home\"].value",
        "phoneNumbers[type eq \"mobile\"].value",
        "externalId",
    ];
    let answers =
        join_all(attributes.iter().map(async |attribute| scim.patch(&path, replace(attribute, "v-1")).await)).await;
    assert_eq!(statuses(&answers), BTreeMap::from([(200, 16)]));

    let user = scim.get(&path).await.json();
    for pointer in ["/title", "/profileUrl", "/name/givenName", "/name/honorificPrefix", "/externalId"] {
        assert_eq!(user.pointer(pointer), Some(&json!("v-1")), "{pointer} in {user}");
    }
    for name in ["nickName", "displayName", "userType", "locale", "timezone", "preferredLanguage"] {
        assert_eq!(user[name], "v-1", "{name}");
    }
    assert_eq!((user["emails"].as_array().unwrap().len(), user["name"].as_object().unwrap().len()), (2, 4));
    assert_eq!(user["meta"]["version"], "W/\"17\"");
    assert_eq!(scim.actions().await.len(), 17);
}

#[tokio::test]
async fn of_writers_who_saw_the_same_version_one_wins() {
    let scim = Scim::start().await;
    let path = format!("/Users/{}", scim.create_user("ada").await);
    for round in 1..=3 {
        let version = format!("W/\"{round}\"");
        let titles: Vec<String> = (0..12).map(|at| format!("{round}-{at}")).collect();
        let answers = join_all(titles.iter().map(async |title| {
            scim.send_with("PATCH", &path, Some(replace("title", title)), &[("if-match", &version)]).await
        }))
        .await;
        assert_eq!(statuses(&answers), BTreeMap::from([(200, 1), (412, 11)]), "round {round}");
        let winner = answers.iter().position(|answer| answer.status == 200).unwrap();
        let user = scim.get(&path).await;
        assert_eq!(user.json()["title"], *titles[winner]);
        assert_eq!(user.header("etag"), format!("W/\"{}\"", round + 1));
    }
    assert_eq!(scim.actions().await, ["create", "update", "update", "update"]);
}

#[tokio::test]
async fn a_user_that_goes_while_groups_take_it_in_is_gone_from_all_of_them() {
    let scim = Scim::start().await;
    for round in 0..5 {
        let user = scim.create_user("ada").await;
        let names: Vec<String> = (0..8).map(|at| format!("G{round}-{at}")).collect();
        let groups = join_all(names.iter().map(|name| scim.create_group(name))).await;
        let add = json!({"Operations": [{"op": "add", "path": "members", "value": [{"value": user}]}]});
        let adds =
            join_all(groups.iter().map(async |group| scim.patch(&format!("/Groups/{group}"), add.clone()).await));
        let path = format!("/Users/{user}");
        let (deleted, added) = tokio::join!(scim.delete(&path), adds);
        deleted.expect(204);
        assert!(statuses(&added).keys().all(|status| *status == 200), "{:?}", statuses(&added));
        scim.get(&path).await.expect(404);
        for group in &groups {
            assert_eq!(member_ids(&scim, group).await, Vec::<String>::new());
        }
        let left = scim.list("/Groups", &[("filter", &format!("members.value eq \"{user}\""))]).await.json();
        assert_eq!(left["totalResults"], 0);
        assert!(!scim.dump().await.lines().any(|row| row.starts_with("memberships ")));
    }
}

#[tokio::test]
async fn a_resource_is_deleted_once() {
    let scim = Scim::start().await;
    let path = format!("/Users/{}", scim.create_user("ada").await);
    let answers = join_all((0..16).map(|_| scim.delete(&path))).await;
    assert_eq!(statuses(&answers), BTreeMap::from([(204, 1), (404, 15)]));
    assert_eq!(scim.actions().await, ["create", "delete"]);
    assert_eq!(scim.get("/Users").await.json()["totalResults"], 0);
}

#[tokio::test]
async fn as_many_changes_are_told_as_were_made() {
    let scim = Scim::start().await;
    let names: Vec<String> = (0..40).map(|at| format!("u{}", at % 20)).collect();
    let created =
        join_all(names.iter().map(|name| scim.post("/Users", json!({"schemas": [USER], "userName": name})))).await;
    assert_eq!(statuses(&created), BTreeMap::from([(201, 20), (409, 20)]));
    let ids: Vec<String> = created
        .iter()
        .filter(|answer| answer.status == 201)
        .map(|answer| answer.json()["id"].as_str().unwrap().to_owned())
        .collect();
    // Each user is told the same twice, so one of the two changes nothing.
    let twice = ids.iter().chain(&ids);
    let off =
        join_all(twice.map(async |id| scim.patch(&format!("/Users/{id}"), replace("active", "False")).await)).await;
    assert_eq!(statuses(&off), BTreeMap::from([(200, 40)]));
    let mut actions = scim.actions().await;
    actions.sort();
    assert_eq!(actions, [vec!["create"; 20], vec!["deactivate"; 20]].concat());
    let mut requests: Vec<_> = scim.changes().await.iter().map(|change| change.request.to_string()).collect();
    requests.sort();
    requests.dedup();
    assert_eq!(requests.len(), 40);
}

#[tokio::test]
async fn a_new_month_s_partition_disturbs_no_write() {
    let scim = Scim::start().await;
    let store = scim.store();
    for month in 0..6 {
        scim.advance_seconds(31 * 24 * 3_600);
        let names: Vec<String> = (0..24).map(|number| format!("user{month}-{number}")).collect();
        let creates = join_all(names.iter().map(|name| scim.create_user(name)));
        let (_, partition) = tokio::join!(creates, store.ensure_partitions(scim.now().parse().unwrap()));
        partition.unwrap();
    }
    assert_eq!(scim.actions().await.len(), 6 * 24);
}
