//! `/admin/v1/tenants/{tenant}/connections`

use scimgate::model::{AdminRole, Reach};
use serde_json::{Value, json};

use crate::support::scim::Scim;

const PATH: &str = "/tenants/first/connections";

#[tokio::test]
async fn a_connection_is_created_shown_changed_and_removed() {
    let scim = Scim::start().await;
    let owner = scim.owner().await;
    let created = owner.post(PATH, json!({"name": " Entra ", "kind": "entra", "prefix": "EU"})).await.expect(201);
    let entra = created.json();
    let id = entra["id"].as_str().unwrap();
    assert_eq!(created.header("location"), format!("/admin/v1{PATH}/{id}"));
    let now = scim.now();
    let expected = json!({
        "id": id, "name": "Entra", "prefix": "EU", "kind": "entra", "profile": null, "enabled": true, "createdAt": now,
        "modifiedAt": now, "lastUsedAt": null, "lastSuccessAt": null, "lastFailureAt": null, "isFailing": false
    });
    let instants = |value: &Value| {
        let mut value = value.clone();
        for name in ["createdAt", "modifiedAt"] {
            let at: chrono::DateTime<chrono::Utc> = value[name].as_str().unwrap().parse().unwrap();
            value[name] = at.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string().into();
        }
        value
    };
    assert_eq!(instants(&entra), expected);
    let path = format!("{PATH}/{id}");
    assert_eq!(owner.get(&path).await.expect(200).json(), entra);

    scim.advance_seconds(5);
    let patch = json!({"enabled": false, "profile": "entra", "prefix": null});
    let changed = owner.patch(&path, patch).await.expect(200).json();
    assert_eq!(
        (&changed["enabled"], &changed["profile"], &changed["prefix"]),
        (&json!(false), &json!("entra"), &json!(null))
    );
    assert_eq!((&changed["name"], &changed["kind"]), (&json!("Entra"), &json!("entra")), "the rest is as it was");
    assert_eq!(instants(&changed)["modifiedAt"], scim.now());
    assert_eq!(owner.get(PATH).await.expect(200).json(), json!({"items": [changed]}));

    let told = scim.admin_actions().await.pop().unwrap();
    assert_eq!((&told["action"], &told["actor"]), (&json!("connection.change"), &json!(owner.email)));
    assert_eq!((&told["address"], told["request_id"].is_string()), (&json!("127.0.0.1"), true));

    owner.delete(&path).await.expect(204);
    owner.get(&path).await.expect_problem(404, &format!("there is no connection {id}"));
    owner.delete(&path).await.expect_problem(404, id);
}

#[tokio::test]
async fn what_cannot_be_is_told_by_its_field() {
    let scim = Scim::start().await;
    let owner = scim.owner().await;
    let entra = owner.post(PATH, json!({"name": "Entra", "kind": "entra", "prefix": "EU"})).await.expect(201).json();
    for (body, field) in [
        (json!({"name": "", "kind": "entra"}), "name"),
        (json!({"name": "x\ny", "kind": "entra"}), "name"),
        (json!({"name": "x", "kind": "ENTRA"}), "kind"),
        (json!({"name": "x", "kind": "entra", "prefix": "a b"}), "prefix"),
        (json!({"name": "x", "kind": "entra", "profile": "azure"}), "profile"),
    ] {
        owner.post(PATH, body).await.expect_invalid(&[field]);
    }
    owner.post(PATH, json!({"name": "x"})).await.expect_problem(422, "correct them");
    owner.post(PATH, json!({"name": "x", "kind": "okta", "color": "red"})).await.expect_problem(422, "");
    let taken = owner.post(PATH, json!({"name": "ENTRA", "kind": "okta"})).await;
    taken.expect_problem(409, "there is a connection of this name already");
    assert_eq!(taken.json()["errors"][0]["field"], "name");
    let taken = owner.post(PATH, json!({"name": "Okta", "kind": "okta", "prefix": "EU"})).await;
    assert_eq!((taken.status, taken.json()["errors"][0]["field"].clone()), (409, json!("prefix")));
    let path = format!("{PATH}/{}", entra["id"].as_str().unwrap());
    owner.patch(&path, json!({"kind": "x"})).await.expect_invalid(&["kind"]);
    owner.patch(&path, json!({"enabled": "no"})).await.expect_problem(422, "");
    assert_eq!(owner.get(PATH).await.json()["items"], json!([entra]));
    owner.put(&path, json!({})).await.expect_problem(405, "GET, HEAD, PATCH, DELETE");
    owner.get(&format!("{PATH}/x")).await.expect_problem(404, "there is no connection x");
}

#[tokio::test]
async fn connections_are_listed_page_by_page_and_stay_in_their_tenant() {
    let scim = Scim::start().await;
    let other = scim.other_tenant("second").await;
    let owner = scim.owner().await;
    for name in ["b", "A", "c", "D", "e"] {
        owner.post(PATH, json!({"name": name, "kind": "other"})).await.expect(201);
    }
    let theirs =
        owner.post("/tenants/second/connections", json!({"name": "z", "kind": "other"})).await.expect(201).json();
    let mut path = format!("{PATH}?limit=2");
    let mut names = Vec::new();
    loop {
        let page = owner.get(&path).await.expect(200).json();
        names.extend(page["items"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()));
        let Some(cursor) = page["nextCursor"].as_str() else { break };
        path = format!("{PATH}?limit=2&cursor={cursor}");
    }
    assert_eq!(names, ["A", "b", "c", "D", "e"]);
    let foreign = format!("{PATH}/{}", theirs["id"].as_str().unwrap());
    for answer in [
        owner.get(&foreign).await,
        owner.patch(&foreign, json!({"enabled": false})).await,
        owner.delete(&foreign).await,
    ] {
        answer.expect_problem(404, "there is no connection");
    }
    let admin = scim.admin(AdminRole::Admin, Reach::Tenant(other.tenant().id)).await;
    admin.get(PATH).await.expect_problem(404, "there is no tenant first");
    let auditor = scim.admin(AdminRole::Auditor, Reach::Instance).await;
    auditor.get(PATH).await.expect(200);
    auditor.post(PATH, json!({"name": "x", "kind": "other"})).await.expect_problem(403, "auditor");
}

#[tokio::test]
async fn the_last_sync_of_a_connection_is_shown() {
    let scim = Scim::start().await;
    let owner = scim.owner().await;
    let id = owner.post(PATH, json!({"name": "Okta", "kind": "okta"})).await.expect(201).json()["id"].clone();
    let made = owner.post("/tenants/first/tokens", json!({"name": "x", "scopes": ["write"], "connection": id})).await;
    let client = scim.with_token_text(made.expect(201).json()["secret"].as_str().unwrap().to_owned());
    client.get("/Users").await.expect(200);
    scim.advance_seconds(3);
    client.post("/Users", json!({})).await.expect(400);
    scim.write_uses().await;
    let shown = owner.get(&format!("{PATH}/{}", id.as_str().unwrap())).await.expect(200).json();
    assert_eq!(shown["isFailing"], true, "{shown}");
    let at = |name: &str| shown[name].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    assert_eq!((at("lastFailureAt") - at("lastSuccessAt")).num_seconds(), 3);
    assert_eq!(at("lastUsedAt"), at("lastFailureAt"));
    owner
        .delete(&format!("{PATH}/{}", id.as_str().unwrap()))
        .await
        .expect_problem(409, "1 of its credentials work still");
}
