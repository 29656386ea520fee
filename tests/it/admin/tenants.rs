//! `/admin/v1/tenants`

use scimgate::model::{AdminRole, Clock, Reach, Scopes};
use scimgate::tasks;
use serde_json::{Value, json};

use crate::support::scim::{Scim, USER};

#[tokio::test]
async fn tenants_are_listed_page_by_page() {
    let scim = Scim::start().await;
    for slug in ["fourth", "second", "third"] {
        scim.other_tenant(slug).await;
    }
    let owner = scim.owner().await;
    let mut path = "/tenants?limit=3".to_owned();
    let mut slugs = Vec::new();
    loop {
        let page = owner.get(&path).await.expect(200).json();
        slugs.extend(page["items"].as_array().unwrap().iter().map(|tenant| tenant["slug"].clone()));
        let Some(cursor) = page["nextCursor"].as_str() else { break };
        assert_eq!(slugs.len(), 3);
        path = format!("/tenants?limit=3&cursor={cursor}");
    }
    assert_eq!(slugs, ["first", "fourth", "second", "third"]);
    owner.get("/tenants?limit=0").await.expect_invalid(&["limit"]);
}

#[tokio::test]
async fn a_tenant_s_administrator_sees_no_other() {
    let scim = Scim::start().await;
    scim.other_tenant("second").await;
    let admin = scim.admin(AdminRole::Owner, Reach::Tenant(scim.tenant().id)).await;
    let listed = admin.get("/tenants").await.expect(200).json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    let shown = admin.get("/tenants/first").await.expect(200).json();
    assert_eq!((&listed["items"][0], &shown["id"]), (&shown, &json!(scim.tenant().id)));
    for (method, tail) in
        [("GET", ""), ("PATCH", ""), ("GET", "/statistics"), ("GET", "/schemas"), ("GET", "/resource-types")]
    {
        let foreign = admin.send(method, &format!("/tenants/second{tail}"), Some(json!({}))).await;
        foreign.expect_problem(404, "there is no tenant second");
        let never = admin.send(method, &format!("/tenants/never{tail}"), Some(json!({}))).await;
        never.expect_problem(404, "there is no tenant never");
    }
    for (method, tail) in [("DELETE", ""), ("POST", "/suspend"), ("POST", "/resume"), ("POST", "/restore")] {
        for slug in ["first", "second"] {
            let refused = admin.send(method, &format!("/tenants/{slug}{tail}"), None).await;
            refused.expect_problem(403, "whole instance");
        }
    }
    admin.post("/tenants", json!({"slug": "own"})).await.expect_problem(403, "whole instance");
}

#[tokio::test]
async fn a_tenant_is_created_and_changed_and_the_log_tells() {
    let scim = Scim::start().await;
    let owner = scim.owner().await;
    let draft = json!({"slug": "acme", "name": "Acme", "profile": "entra"});
    let created = owner.post("/tenants", draft.clone()).await.expect(201);
    assert_eq!(created.header("location"), "/admin/v1/tenants/acme");
    let created = created.json();
    assert_eq!((&created["state"], &created["dialect"]["groupPatchAnswer"]), (&json!("active"), &json!("no-content")));
    owner.post("/tenants", draft).await.expect_problem(409, "already");
    owner
        .post("/tenants", json!({"slug": "A b", "name": "", "profile": "x"}))
        .await
        .expect_invalid(&["slug", "name", "profile"]);
    owner.post("/tenants", json!({"slug": "x", "nme": "y"})).await.expect_invalid(&[""]);

    let edit = json!({"name": "Acme AG", "profile": "strict", "dialect": {"unknownRoles": "create", "deleteDeactivates": true}});
    let changed = owner.patch("/tenants/acme", edit).await.expect(200).json();
    assert_eq!((&changed["name"], &changed["profile"]), (&json!("Acme AG"), &json!("strict")));
    assert_eq!(changed["dialect"]["unknownAttributes"], "refuse");
    assert_eq!(
        (&changed["dialect"]["unknownRoles"], &changed["dialect"]["deleteDeactivates"]),
        (&json!("create"), &json!(true))
    );
    assert_eq!(owner.get("/tenants/acme").await.expect(200).json(), changed);
    let wrong = json!({"dialect": {"unknownRoles": "x", "nothing": true, "deleteDeactivates": "yes"}});
    owner.patch("/tenants/acme", wrong).await.expect_invalid(&[
        "dialect.unknownRoles",
        "dialect.nothing",
        "dialect.deleteDeactivates",
    ]);
    owner.patch("/tenants/acme", json!({})).await.expect(200);

    let told = scim.admin_actions().await;
    let told: Vec<&Value> = told.iter().filter(|row| row["target_name"] == "acme").collect();
    assert_eq!(told.iter().map(|row| &row["action"]).collect::<Vec<_>>(), ["tenant.create", "tenant.change"]);
    assert_eq!(told[1]["details"]["name"], json!({"before": "Acme", "after": "Acme AG"}));
    assert_eq!((&told[1]["actor"], &told[1]["actor_kind"]), (&json!(owner.email), &json!("admin")));
}

#[tokio::test]
async fn row_2_10_a_tenant_is_set_up_for_records_and_it_is_told_who_did_it() {
    let scim = Scim::start().await;
    let owner = scim.owner().await;
    let before = owner.get("/tenants/first").await.expect(200).json();
    assert_eq!(before["provisioning"]["enabled"], false);
    let edit = json!({"provisioning": {"enabled": true, "credentials": "return-once"}});
    let changed = owner.patch("/tenants/first", edit.clone()).await.expect(200).json();
    let expected = json!({
        "enabled": true, "credentials": "return-once", "uniqueEmail": true, "suppressInvitationEmail": false
    });
    assert_eq!(changed["provisioning"], expected);
    assert_eq!(owner.patch("/tenants/first", edit).await.expect(200).json(), changed);
    let wrong = json!({"provisioning": {"credentials": "x", "nothing": 1}});
    owner.patch("/tenants/first", wrong).await.expect_invalid(&["provisioning.credentials", "provisioning.nothing"]);
    let told = scim.admin_actions().await;
    let told: Vec<&Value> = told.iter().filter(|row| row["actor"] == owner.email.as_str()).collect();
    let actions: Vec<&str> = told.iter().map(|row| row["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["schema.put", "tenant.change"]);
    assert_eq!(told[1]["details"]["provisioning.enabled"], json!({"before": false, "after": true}));
    let types = scim.get("/ResourceTypes").await.expect(200).json();
    let names: Vec<&str> =
        types["Resources"].as_array().unwrap().iter().map(|kind| kind["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"Organization"), "{names:?}");
}

#[tokio::test]
async fn a_suspended_tenant_s_credentials_are_refused_within_a_second() {
    let scim = Scim::start().await;
    let (owner, other) = (scim.owner().await, scim.other_tenant("second").await);
    let token = scim.with_token(Scopes::ADMIN, None).await;
    scim.get("/Users").await.expect(200);
    let suspended = owner.post("/tenants/first/suspend", json!({})).await.expect(200).json();
    assert_eq!((&suspended["state"], suspended["since"].is_string()), (&json!("suspended"), true));
    scim.settle("/Users", 403).await;
    scim.get("/Users").await.expect_error(403, "", "suspended");
    token.get_raw("/admin/v1/tenants").await.expect_problem(403, "suspended");
    other.get("/Users").await.expect(200);
    let again = owner.post("/tenants/first/suspend", json!({})).await.expect(200).json();
    assert_eq!(again, suspended);
    owner.post("/tenants/first/resume", json!({})).await.expect(200);
    scim.settle("/Users", 200).await;
    scim.get("/Users").await.expect(200);
}

#[tokio::test]
async fn a_deleted_tenant_is_refused_can_be_restored_and_goes_in_the_end() {
    let scim = Scim::start().await;
    let (owner, other) = (scim.owner().await, scim.other_tenant("second").await);
    let own = scim.admin(AdminRole::Owner, Reach::Tenant(scim.tenant().id)).await;
    scim.admin(AdminRole::Admin, Reach::Instance).await.delete("/tenants/first").await.expect_problem(403, "owners");
    owner.post("/tenants/first/restore", json!({})).await.expect_problem(409, "not deleted");
    let user = scim.create_user("ada").await;
    let group = json!({"displayName": "G", "members": [{"value": user}], "schemas": [crate::support::scim::GROUP]});
    scim.create("/Groups", group).await;
    other.create_user("kept").await;

    let deleted = owner.delete("/tenants/first?grace_days=7").await.expect(200).json();
    assert_eq!((&deleted["state"], &deleted["purgeAt"]), (&json!("deleted"), &json!("2026-11-29T08:00:00Z")));
    scim.settle("/Users", 403).await;
    scim.get("/Users").await.expect_error(403, "", "restore");
    own.get("/tenants").await.expect_problem(401, "sign in");
    owner.patch("/tenants/first", json!({"name": "x"})).await.expect_problem(409, "restore it first");
    owner.post("/tenants", json!({"slug": "first"})).await.expect_problem(409, "already");
    owner.post("/tenants/first/restore", json!({})).await.expect(200);
    scim.settle("/Users", 200).await;
    scim.get(&format!("/Users/{user}")).await.expect(200);

    owner.delete("/tenants/first?grace_days=7").await.expect(200);
    scim.advance_seconds(7 * 86_400 - 1);
    tasks::purge_due(&scim.store(), scim.clock()).await.unwrap();
    assert!(scim.dump().await.contains("userName\"\":\"\"ada"));
    scim.advance_seconds(1);
    let owner = scim.owner().await;
    owner.post("/tenants/first/restore", json!({})).await.expect_problem(404, "no tenant first");
    tasks::purge_due(&scim.store(), scim.clock()).await.unwrap();
    let dump = scim.dump().await;
    let left: Vec<&str> = dump.lines().filter(|line| line.contains(&scim.tenant().id.to_string())).collect();
    assert!(left.iter().all(|line| line.starts_with("admin_actions ")), "{left:?}");
    assert!(dump.contains("userName\"\":\"\"kept") && !dump.contains("userName\"\":\"\"ada"));
    other.get("/Users").await.expect(200);
    owner.get("/tenants/first").await.expect_problem(404, "");
    let told: Vec<Value> =
        scim.admin_actions().await.into_iter().filter(|row| row["target_kind"] == "tenant").collect();
    let told: Vec<&str> = told.iter().map(|row| row["action"].as_str().unwrap()).collect();
    let begun = ["tenant.create", "tenant.create"];
    assert_eq!(told, [&begun[..], &["tenant.delete", "tenant.restore", "tenant.delete", "tenant.purge"]].concat());
}

#[tokio::test]
async fn many_rows_go_in_small_steps() {
    let scim = Scim::start().await;
    let owner = scim.owner().await;
    for number in 0..7 {
        scim.create_user(&format!("user{number}")).await;
    }
    owner.delete("/tenants/first?grace_days=0").await.expect(200);
    let due = scim.store().tenants_to_purge(scim.clock().now()).await.unwrap();
    assert_eq!(due, [(scim.tenant().id, "first".to_owned())]);
    let mut steps = 0;
    let action = scimgate::model::AdminAction {
        tenant: None,
        at: scim.clock().now(),
        origin: scimgate::model::Origin::command_line(),
        action: "tenant.purge",
        succeeded: true,
        target: ("tenant", None, "first".into()),
        details: json!({}),
    };
    while scim.store().purge_tenant(scim.tenant().id, 5, &action).await.unwrap() {
        steps += 1;
    }
    assert!(steps >= 3, "{steps}");
    assert!(scim.store().tenants().await.unwrap().is_empty());
}

#[tokio::test]
async fn statistics_tell_what_is_there() {
    let scim = Scim::start().await;
    let owner = scim.owner().await;
    let empty = owner.get("/tenants/first/statistics").await.expect(200).json();
    assert_eq!((&empty["activeUsers"], empty.get("activeShare")), (&json!(0), None));
    scim.create_user("ada").await;
    scim.create_user("bob").await;
    scim.create_group("G").await;
    scim.advance_seconds(86_400);
    let owner = scim.owner().await;
    scim.create("/Users", json!({"schemas": [USER], "userName": "eve", "active": false})).await;
    scim.create("/Users", json!({"schemas": [USER], "userName": "dan", "active": true})).await;
    let told = owner.get("/tenants/first/statistics").await.expect(200).json();
    assert_eq!((&told["resources"]["User"], &told["resources"]["Group"]), (&json!(4), &json!(1)));
    assert_eq!((&told["activeUsers"], &told["activeShare"]), (&json!(3), &json!(0.75)));
    let days = told["changesPerDay"].as_array().unwrap();
    assert_eq!(days.len(), 30);
    assert_eq!(days[28], json!({"day": "2026-11-22", "changes": 3}));
    assert_eq!(days[29], json!({"day": "2026-11-23", "changes": 2}));
    assert!(days[..28].iter().all(|day| day["changes"] == 0));
}
