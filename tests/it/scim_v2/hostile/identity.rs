//! Whose data a request is about: never what a body claims, and never told across tenants.

use scimgate::model::Profile;
use serde_json::{Value, json};

use super::Victim;
use crate::support::scim::{Answer, GROUP, Scim, USER};

#[tokio::test]
async fn an_external_id_is_text_and_never_finds_a_resource_by_its_id() {
    let victim = Victim::start().await;
    let id = victim.user.trim_start_matches("/Users/");
    for external in [json!(1), json!(1.5), json!(true), json!({"value": "1"}), json!([1])] {
        let body = json!({"schemas": [USER], "userName": "grafana", "externalId": external});
        let answer = victim.scim.post("/Users", body).await;
        victim.refused(&external.to_string(), &answer, 400, "invalidValue", "externalId").await;
    }
    let other = json!({"schemas": [USER], "userName": "other", "externalId": id});
    let other = victim.scim.create("/Users", other).await;
    assert_eq!(victim.scim.get(&victim.user).await.expect(200).json()["userName"], "ada");
    victim.scim.delete(&format!("/Users/{other}")).await.expect(204);
    victim.scim.get(&victim.user).await.expect(200);
    victim.scim.get("/Users/E-1").await.expect(404);
}

#[tokio::test]
async fn the_path_alone_says_who_is_changed() {
    let scim = Scim::start().await;
    let (ada, bob) = (scim.create_user("ada").await, scim.create_user("bob").await);
    let before = scim.get(&format!("/Users/{bob}")).await.json();
    let location = format!("{}/Users/{bob}", scim.base);
    let claims = json!({"schemas": [USER], "id": bob, "userName": "ada2", "meta": {"location": location, "version": "W/\"9\"", "created": "2001-01-01T00:00:00Z"}});
    let path = format!("/Users/{ada}");
    let put = scim.put(&path, claims.clone()).await.expect(200).json();
    assert_eq!((put["id"].as_str(), put["userName"].as_str()), (Some(&*ada), Some("ada2")));
    assert_eq!(put["meta"]["created"], scim.start_of_time().plus_seconds(0));

    let rename = json!({"Operations": [{"op": "replace", "value": {"id": bob, "title": "T"}}]});
    let patched = scim.patch(&path, rename).await.expect(200).json();
    assert_eq!((patched["id"].as_str(), patched["title"].as_str()), (Some(&*ada), Some("T")));
    assert_eq!(scim.get(&format!("/Users/{bob}")).await.json(), before);

    let mut posted = claims;
    posted["userName"] = json!("eve");
    let eve = scim.post("/Users", posted).await.expect(201).json();
    assert_ne!(eve["id"], json!(bob));
    assert_eq!(eve["meta"]["version"], "W/\"1\"");
}

#[tokio::test]
async fn names_that_mean_something_to_other_languages_mean_nothing() {
    let scim = Scim::start().await;
    let body = json!({
        "schemas": [USER], "userName": "ada", "__proto__": {"active": false}, "constructor": {"prototype": {"id": "1"}},
        "${jndi:ldap://x}": 1, "{{7*7}}": 1, "#{T(java.lang.Runtime)}": 1, "$where": "1", "tenantId": "other", "tenant_id": 1,
        "password_hash": "x", "isAdmin": true, "groups": [{"value": "admins"}],
    });
    let created = scim.post("/Users", body).await.expect(201).json();
    let mut names: Vec<&str> = created.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["active", "id", "meta", "schemas", "userName"]);
    assert_eq!(created["active"], true);

    // A faulty name is repeated in the error as text and as nothing else.
    let path = format!("/Users/{}", created["id"].as_str().unwrap());
    for hostile in ["${7*7}", "{{7*7}}", "<script>", "a\r\nSet-Cookie: x=1", "\u{1b}[31m", "\u{202e}x"] {
        let answer = scim.patch(&path, json!({"Operations": [{"op": "replace", "path": hostile, "value": 1}]})).await;
        answer.expect_error(400, "invalidPath", "");
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(!detail.contains("49") && !detail.contains(['\r', '\n', '\u{1b}']), "{detail:?}");
        assert_eq!(answer.header("set-cookie"), "");
    }
}

/// Holds that two answers differ in nothing but the id that was asked for.
#[track_caller]
fn same(case: &str, foreign: &Answer, id: &str, unknown: &Answer, nobody: &str) {
    assert!(foreign.status >= 400, "{case}");
    assert_eq!(foreign.status, unknown.status, "{case}");
    assert_eq!(foreign.text.replace(id, nobody), unknown.text, "{case}");
    let names = |answer: &Answer| answer.headers.keys().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(names(foreign), names(unknown), "{case}");
}

#[tokio::test]
async fn another_tenants_ids_and_ids_of_nobody_get_the_same_answers() {
    let scim = Scim::with(Profile::Okta, &[]).await;
    let other = scim.other_tenant("other").await;
    let hidden = other.create_user("hidden").await;
    let hidden_group = json!({"schemas": [GROUP], "displayName": "Hidden", "members": [{"value": hidden}]});
    let hidden_group = other.create("/Groups", hidden_group).await;
    let own_group = scim.create_group("Own").await;
    let nobody = "01a20244-0000-7000-8000-00000000dead";
    let before = scim.dump().await;

    let patch = |operation: Value| Some(json!({"Operations": [operation]}));
    let with_member = |id: &str| json!({"schemas": [GROUP], "displayName": "New", "members": [{"value": id}]});
    for (case, method, path, body) in [
        ("read", "GET", "/Users/{id}", None),
        ("delete", "DELETE", "/Users/{id}", None),
        ("patch", "PATCH", "/Users/{id}", patch(json!({"op": "replace", "path": "title", "value": "x"}))),
        ("replace", "PUT", "/Users/{id}", Some(json!({"schemas": [USER], "userName": "x"}))),
        ("group with member", "POST", "/Groups", Some(with_member("{id}"))),
        ("replace group", "PUT", "/Groups/{own}", Some(with_member("{id}"))),
        (
            "add member",
            "PATCH",
            "/Groups/{own}",
            patch(json!({"op": "add", "path": "members", "value": [{"value": "{id}"}]})),
        ),
    ] {
        let fill = |text: &str, id: &str| text.replace("{id}", id).replace("{own}", &own_group);
        let send = async |id: &str| {
            let body = body.as_ref().map(|body| serde_json::from_str(&fill(&body.to_string(), id)).unwrap());
            scim.send(method, &fill(path, id), body).await
        };
        same(case, &send(&hidden).await, &hidden, &send(nobody).await, nobody);
    }
    for id in [&hidden_group, nobody] {
        let remove = json!({"Operations": [{"op": "remove", "path": "members"}]});
        scim.patch(&format!("/Groups/{id}"), remove).await.expect(404);
    }
    for (path, filter) in [
        ("/Groups", format!("members.value eq \"{hidden}\"")),
        ("/Groups", format!("id eq \"{hidden_group}\"")),
        ("/Users", format!("groups.value eq \"{hidden_group}\"")),
        ("/Users", "userName eq \"hidden\"".to_owned()),
    ] {
        assert_eq!(scim.list(path, &[("filter", &filter)]).await.expect(200).json()["totalResults"], 0, "{filter}");
    }
    assert_eq!(scim.dump().await, before);

    // Removing somebody who cannot be a member is done already, whoever it is, and a name is taken in its own tenant alone.
    let remove = |id: &str| json!({"Operations": [{"op": "remove", "path": "members", "value": [{"value": id}]}]});
    for id in [&*hidden, nobody] {
        scim.patch(&format!("/Groups/{own_group}"), remove(id)).await.expect(200);
    }
    scim.create_user("hidden").await;
    scim.create_group("Hidden").await;
}

#[tokio::test]
async fn where_unknown_members_are_left_out_those_of_other_tenants_are_too() {
    let scim = Scim::start().await;
    let other = scim.other_tenant("other").await;
    let (ada, hidden) = (scim.create_user("ada").await, other.create_user("hidden").await);
    let hidden_user = other.get(&format!("/Users/{hidden}")).await.json();
    for id in [&*hidden, "01a20244-0000-7000-8000-00000000dead", "nobody"] {
        let members = json!([{"value": id}, {"value": ada}]);
        let group = json!({"schemas": [GROUP], "displayName": format!("With {id}"), "members": members});
        let created = scim.post("/Groups", group.clone()).await.expect(201).json();
        let path = format!("/Groups/{}", created["id"].as_str().unwrap());
        let put = scim.put(&path, group).await.expect(200).json();
        let add = json!({"Operations": [{"op": "add", "path": "members", "value": members}]});
        let patched = scim.patch(&path, add).await.expect(200).json();
        for answer in [created, put, patched] {
            let members = answer["members"].as_array().unwrap();
            assert_eq!((members.len(), &members[0]["value"]), (1, &json!(ada)), "{id}");
        }
    }
    assert_eq!(other.get(&format!("/Users/{hidden}")).await.json(), hidden_user);
}
