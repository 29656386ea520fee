//! `/admin/v1/tenants/{tenant}/digest`: the weekly mail to administrators.

use futures_util::future::join_all;
use scimgate::model::{AdminRole, Reach};
use serde_json::{Value, json};
use tokio_postgres::NoTls;

use crate::support::scim::{Scim, USER};

const PATH: &str = "/tenants/first/digest";

/// The mails of the queue: the addresses, and what they are made of.
async fn queued(scim: &Scim) -> Vec<(String, Value)> {
    let (client, connection) = tokio_postgres::connect(&scim.database_url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    let rows = client.query("SELECT to_address, data::text FROM mails ORDER BY to_address", &[]).await.unwrap();
    rows.iter().map(|row| (row.get(0), serde_json::from_str(row.get(1)).unwrap())).collect()
}

/// Ann is added, Bob edited, Cy set inactive and Di removed; it is Sunday, and Monday at eight is near.
async fn week() -> Scim {
    let scim = Scim::start().await;
    let mut ids = Vec::new();
    for name in ["bob", "cy", "di"] {
        ids.push(scim.create_user(name).await);
    }
    scim.advance_seconds(7 * 86_400 + 3_600);
    scim.create("/Users", json!({"schemas": [USER], "userName": "ann <script>"})).await;
    let replace = |path: &str, value: Value| json!({"Operations": [{"op": "replace", "path": path, "value": value}]});
    scim.patch(&format!("/Users/{}", ids[0]), replace("title", json!("Director"))).await.expect(200);
    scim.patch(&format!("/Users/{}", ids[1]), replace("active", json!(false))).await.expect(200);
    scim.delete(&format!("/Users/{}", ids[2])).await.expect(204);
    // A digest ends before the moment at which it is made.
    scim.advance_seconds(60);
    scim
}

#[tokio::test]
async fn row_0_6_a_preview_tells_who_was_added_edited_and_set_inactive_and_by_whom() {
    let scim = week().await;
    let admin = scim.admin(AdminRole::Admin, Reach::Tenant(scim.tenant().id)).await;
    let told = admin.get(&format!("{PATH}/preview")).await.expect(200).json();
    let users = |section: &str| {
        let users = told[section]["users"].as_array().unwrap();
        users.iter().map(|user| user[1].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!((users("added"), users("edited")), (vec!["ann <script>".to_owned()], vec!["bob".to_owned()]));
    assert_eq!((users("deactivated"), users("removed")), (vec!["cy".to_owned()], vec!["di".to_owned()]));
    assert_eq!(told["added"]["by"], json!([["write token", 1]]));
    assert_eq!((&told["recipients"], &told["isEmpty"]), (&json!([admin.email]), &json!(false)));
    assert_eq!(told["subject"], "first: 1 added, 1 edited, 1 deactivated");
    let text = admin.get(&format!("{PATH}/preview?format=text")).await.expect(200);
    for line in [
        "Users added: 1",
        "by write token: 1",
        "Users whose status changed to inactive: 1",
        "/console/t/first/activity",
    ] {
        assert!(text.text.contains(line), "{line}: {}", text.text);
    }
    let html = admin.get(&format!("{PATH}/preview?format=html")).await.expect(200);
    assert!(html.header("content-type").starts_with("text/html"));
    assert!(html.text.contains("ann &#60;script&#62;") || html.text.contains("ann &lt;script&gt;"), "{}", html.text);
    assert!(!html.text.contains("<script"), "{}", html.text);
    admin.get(&format!("{PATH}/preview?format=pdf")).await.expect_invalid(&["format"]);
}

#[tokio::test]
async fn row_0_6_each_week_has_one_digest_however_many_nodes_make_it() {
    let scim = week().await;
    let own = scim.admin(AdminRole::Admin, Reach::Tenant(scim.tenant().id)).await;
    let quiet = scim.admin(AdminRole::Admin, Reach::Tenant(scim.tenant().id)).await;
    scim.owner().await;
    own.send("PUT", &format!("{PATH}/recipients/{}", quiet.id), Some(json!({"wanted": false}))).await.expect(204);
    // Monday at eight.
    scim.advance_seconds(86_400);
    let nodes: Vec<_> = (0..8).map(|_| scim.gateway()).collect();
    let made: usize =
        join_all(nodes.iter().map(async |node| node.make_due_digests().await.unwrap())).await.iter().sum();
    assert_eq!(made, 1);
    assert_eq!(scim.gateway().make_due_digests().await.unwrap(), 0);
    let mails = queued(&scim).await;
    assert_eq!(mails.len(), 1, "{mails:?}");
    assert_eq!((&mails[0].0, &mails[0].1["subject"]), (&own.email, &json!("first: 1 added, 1 edited, 1 deactivated")));
    let told = scim.admin_actions().await.pop().unwrap();
    assert_eq!((&told["action"], &told["actor_kind"]), (&json!("digest.send"), &json!("system")));
    assert_eq!(
        told["details"],
        json!({"added": 1, "edited": 1, "deactivated": 1, "removed": 1, "mails": 1, "week": "2026-W49"})
    );

    // A week without a change is skipped, and the week after that tells of itself alone.
    scim.advance_seconds(7 * 86_400);
    assert_eq!(scim.gateway().make_due_digests().await.unwrap(), 1);
    assert_eq!(queued(&scim).await.len(), 1);
    scim.create_user("eve").await;
    scim.advance_seconds(7 * 86_400);
    assert_eq!(scim.gateway().make_due_digests().await.unwrap(), 1);
    assert_eq!(queued(&scim).await.len(), 2);
    // What was due while nothing ran is made late, once.
    scim.create_user("flo").await;
    scim.advance_seconds(24 * 86_400);
    assert_eq!(scim.gateway().make_due_digests().await.unwrap(), 1);
    assert_eq!(scim.gateway().make_due_digests().await.unwrap(), 0);
}

#[tokio::test]
async fn row_0_6_a_tenant_chooses_day_hour_and_clocks_and_gets_none_before_that() {
    let scim = Scim::start().await;
    let owner = scim.owner().await;
    let default = owner.get(PATH).await.expect(200).json();
    assert_eq!(
        (&default["weekday"], &default["hour"], &default["timeZone"]),
        (&json!("monday"), &json!(8), &json!("UTC"))
    );
    assert_eq!(default["recipients"][0]["email"], owner.email, "without own administrators those of the instance");
    assert_eq!(scim.gateway().make_due_digests().await.unwrap(), 0, "what was due before the tenant was made");
    // It is Sunday, eight o'clock in UTC and nine in Berlin.
    let patch = json!({"weekday": "sunday", "hour": 10, "timeZone": "Europe/Berlin", "skipEmpty": false});
    let changed = owner.send("PATCH", PATH, Some(patch)).await.expect(200).json();
    assert_eq!((&changed["weekday"], &changed["timeZone"]), (&json!("sunday"), &json!("Europe/Berlin")));
    scim.advance_seconds(3_599);
    assert_eq!(scim.gateway().make_due_digests().await.unwrap(), 0);
    scim.advance_seconds(1);
    assert_eq!(scim.gateway().make_due_digests().await.unwrap(), 1);
    assert_eq!(queued(&scim).await.len(), 1, "empty ones are sent if that is wanted");
    let owner = scim.owner().await;
    owner.send("PATCH", PATH, Some(json!({"enabled": false}))).await.expect(200);
    for (body, field) in [
        (json!({"weekday": "someday"}), "weekday"),
        (json!({"hour": 24}), "hour"),
        (json!({"timeZone": "Mars/Olympus"}), "timeZone"),
    ] {
        owner.send("PATCH", PATH, Some(body)).await.expect_invalid(&[field]);
    }
    scim.advance_seconds(7 * 86_400);
    assert_eq!(scim.gateway().make_due_digests().await.unwrap(), 0);
}

#[tokio::test]
async fn row_0_6_it_is_sent_now_on_demand_and_only_within_reach() {
    let scim = week().await;
    let own = scim.admin(AdminRole::Admin, Reach::Tenant(scim.tenant().id)).await;
    assert_eq!(own.post(&format!("{PATH}/send"), json!({})).await.expect(200).json(), json!({"mails": 1}));
    assert_eq!(queued(&scim).await.len(), 1);
    let second = scim.other_tenant("second").await;
    let stranger = scim.admin(AdminRole::Owner, Reach::Tenant(second.tenant().id)).await;
    stranger.get(PATH).await.expect_problem(404, "first");
    let path = format!("/tenants/second/digest/recipients/{}", own.id);
    stranger.send("PUT", &path, Some(json!({"wanted": false}))).await.expect_problem(404, "administrator");
    let auditor = scim.admin(AdminRole::Auditor, Reach::Tenant(scim.tenant().id)).await;
    auditor.post(&format!("{PATH}/send"), json!({})).await.expect_problem(403, "");
    for admin in [&own, &auditor] {
        let path = format!("{PATH}/recipients/{}", admin.id);
        own.send("PUT", &path, Some(json!({"wanted": false}))).await.expect(204);
    }
    own.post(&format!("{PATH}/send"), json!({}))
        .await
        .expect_problem(409, "no administrator of this tenant wants the digest");
}
