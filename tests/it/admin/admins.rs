//! `/admin/v1/admins`: who may make, change and remove whom.

use reqwest::Client;
use scimgate::model::{AdminRole, Reach, Scopes};
use serde_json::{Value, json};

use super::sign_in::sign_in;
use crate::support::scim::{Answer, Scim, answer};

const PASSWORD: &str = "correct horse battery staple";

fn draft(email: &str, role: &str) -> Value {
    json!({"email": email, "name": "Grace", "role": role})
}

async fn redeem(scim: &Scim, body: Value) -> Answer {
    answer(Client::new().post(format!("{}/admin/v1/links/redeem", scim.origin())).json(&body)).await
}

fn secret(link: &Value) -> String {
    link["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
}

#[tokio::test]
async fn somebody_who_is_invited_chooses_a_password_once() {
    let scim = Scim::start().await;
    let owner = scim.owner().await;
    let invited = owner.post("/admins", draft("grace@example.com", "auditor")).await.expect(201);
    let (location, invited) = (invited.header("location").to_owned(), invited.json());
    assert_eq!(location, format!("/admin/v1/admins/{}", invited["admin"]["id"].as_str().unwrap()));
    let told = scim.admin_actions().await;
    let told: Vec<&Value> = told.iter().filter(|row| row["target_name"] == "grace@example.com").collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!((&told[0]["action"], &told[0]["actor"]), (&json!("admin.create"), &json!(owner.email)));
    assert_eq!(told[0]["details"]["linkExpiresAt"], invited["invitation"]["expiresAt"]);
    let secret = secret(&invited["invitation"]);
    assert!(!scim.dump().await.contains(&secret));
    sign_in(&scim, "grace@example.com", PASSWORD).await.expect(401);

    let body = |password: &str| json!({"secret": secret, "password": password});
    redeem(&scim, body("short")).await.expect_invalid(&["password"]);
    assert_eq!(redeem(&scim, body(PASSWORD)).await.expect(200).json(), json!({"email": "grace@example.com"}));
    redeem(&scim, body("another long password")).await.expect_problem(410, "ask for a new one");
    let entered = sign_in(&scim, "grace@example.com", PASSWORD).await.expect(200).json();
    assert_eq!(entered["admin"]["role"], "auditor");
    owner.post("/admins", draft("GRACE@example.com", "admin")).await.expect_problem(409, "e-mail address");
    redeem(&scim, json!({"secret": "x", "password": PASSWORD})).await.expect_problem(410, "");
}

#[tokio::test]
async fn a_link_ends_after_a_day() {
    let scim = Scim::start().await;
    let owner = scim.owner().await;
    let invited = owner.post("/admins", draft("grace@example.com", "auditor")).await.expect(201).json();
    scim.advance_seconds(24 * 3_600);
    let body = json!({"secret": secret(&invited["invitation"]), "password": PASSWORD});
    redeem(&scim, body).await.expect_problem(410, "has ended");
}

#[tokio::test]
async fn nobody_gives_what_it_does_not_have() {
    let scim = Scim::start().await;
    let owner = scim.owner().await;
    let admin = scim.admin(AdminRole::Admin, Reach::Instance).await;
    let of_tenant = scim.admin(AdminRole::Owner, Reach::Tenant(scim.tenant().id)).await;
    let path = |id| format!("/admins/{id}");

    let peer = scim.admin(AdminRole::Auditor, Reach::Instance).await;
    for role in ["owner", "admin", "auditor"] {
        admin.post("/admins", draft("a@example.com", role)).await.expect_problem(403, "only owners");
    }
    admin.patch(&path(admin.id), json!({"role": "owner"})).await.expect_problem(403, "only owners");
    for id in [owner.id, peer.id, admin.id] {
        for (method, tail) in [("PATCH", ""), ("DELETE", ""), ("POST", "/password-reset"), ("DELETE", "/totp")] {
            let refused = admin.send(method, &format!("/admins/{id}{tail}"), Some(json!({"enabled": false}))).await;
            refused.expect_problem(403, "only owners");
        }
    }
    of_tenant.get(&path(owner.id)).await.expect_problem(404, "no administrator");
    of_tenant.delete(&path(admin.id)).await.expect_problem(404, "no administrator");
    let made = of_tenant.post("/admins", draft("b@example.com", "owner")).await.expect(201).json();
    assert_eq!(made["admin"]["tenantId"], json!(scim.tenant().id));
    scim.other_tenant("second").await;
    let mut elsewhere = draft("c@example.com", "auditor");
    elsewhere["tenant"] = json!("second");
    of_tenant.post("/admins", elsewhere).await.expect_problem(404, "second");
    let listed = of_tenant.get("/admins").await.expect(200).json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 2, "{listed}");

    let token = scim.with_token(Scopes::ADMIN, None).await;
    let sent = answer(
        Client::new()
            .post(format!("{}/admin/v1/admins", scim.origin()))
            .bearer_auth(&token.token)
            .json(&draft("d@example.com", "auditor")),
    );
    sent.await.expect_problem(403, "sign in");
    for wrong in ["", "nobody", "a@b@c", "x <x@example.com>"] {
        owner.post("/admins", draft(wrong, "boss")).await.expect_invalid(&["email", "role"]);
    }
}

#[tokio::test]
async fn who_is_disabled_is_out_at_once() {
    let scim = Scim::start().await;
    let (owner, other) = (scim.owner().await, scim.owner().await);
    let path = format!("/admins/{}", other.id);
    let reset = owner.post(&format!("{path}/password-reset"), json!({})).await.expect(200).json();
    let body = json!({"secret": secret(&reset), "password": PASSWORD});
    let disabled = owner.patch(&path, json!({"enabled": false})).await.expect(200).json();
    assert_eq!(disabled["enabled"], false);
    other.get("/tenants").await.expect_problem(401, "sign in");
    redeem(&scim, body.clone()).await.expect_problem(410, "");
    owner.patch(&path, json!({"enabled": true})).await.expect(200);
    other.get("/tenants").await.expect_problem(401, "sign in");
    redeem(&scim, body).await.expect_problem(410, "");
    owner.delete(&path).await.expect(204);
    owner.get(&path).await.expect_problem(404, "");
    let actions: Vec<Value> = scim.admin_actions().await.into_iter().map(|row| row["action"].clone()).collect();
    assert_eq!(actions[actions.len() - 3..], ["admin.disable", "admin.enable", "admin.remove"]);
}

#[tokio::test]
async fn the_last_owner_stays() {
    let scim = Scim::start().await;
    let owner = scim.owner().await;
    scim.admin(AdminRole::Owner, Reach::Tenant(scim.tenant().id)).await;
    scim.admin(AdminRole::Admin, Reach::Instance).await;
    let path = format!("/admins/{}", owner.id);
    owner.delete(&path).await.expect_problem(409, "last owner");
    owner.patch(&path, json!({"enabled": false})).await.expect_problem(409, "last owner");
    owner.patch(&path, json!({"role": "admin"})).await.expect_problem(409, "last owner");
    owner.patch(&path, json!({"name": "Still here"})).await.expect(200);
}

#[tokio::test]
async fn two_owners_cannot_remove_each_other_at_once() {
    let scim = Scim::start().await;
    let (one, other) = (scim.owner().await, scim.owner().await);
    let (to_one, to_other) = (format!("/admins/{}", one.id), format!("/admins/{}", other.id));
    let (first, second) = tokio::join!(one.delete(&to_other), other.delete(&to_one));
    let left = scim.store().admins_page(Reach::Instance, None, 100).await.unwrap();
    assert_eq!(left.len(), 1, "{} {}", first.status, second.status);
    assert!([first.status, second.status].contains(&204));
}

#[tokio::test]
async fn no_user_of_scim_is_an_administrator() {
    let scim = Scim::start().await;
    let owner = scim.owner().await;
    scim.create_user(&owner.email).await;
    let before = scim.store().admins_page(Reach::Instance, None, 100).await.unwrap();
    let id = scim.create("/Users", json!({"schemas": [crate::support::scim::USER], "userName": "eve@example.com", "password": PASSWORD, "roles": [{"value": "owner"}], "active": true})).await;
    sign_in(&scim, "eve@example.com", PASSWORD).await.expect(401);
    scim.delete(&format!("/Users/{id}")).await.expect(204);
    assert_eq!(scim.store().admins_page(Reach::Instance, None, 100).await.unwrap(), before);
}
