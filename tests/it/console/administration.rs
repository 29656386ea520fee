//! What administrators settle in the console: tenants, their switches, each other, and their own accounts.

use scimgate::model::{AdminRole, Reach};
use serde_json::json;

use super::visitor::Visitor;
use crate::support::scim::{GROUP, Scim};

const PASSWORD: &str = "seven green umbrellas sing";

#[tokio::test]
async fn a_switch_changes_what_clients_are_answered() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    let group = json!({"schemas": [GROUP], "displayName": "staff"});
    scim.create("/Groups", group.clone()).await;
    scim.post("/Groups", group.clone()).await.expect(409);
    let path = "/console/t/first/settings";
    let form = [("name", "First & Co"), ("profile", "rfc"), ("uniqueGroupNames", "false")];
    assert_eq!(owner.post(path, &form).await.location(), path);
    // Servers learn of it within a second.
    let started = std::time::Instant::now();
    while scim.post("/Groups", group.clone()).await.status != 201 {
        assert!(started.elapsed().as_secs() < 5, "the switch took no effect");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let page = owner.get(path).await.expect(200).text;
    assert!(page.contains("First &#38; Co") && page.contains("value=\"ignore\" selected"), "{page}");

    let told =
        owner.post(path, &[("name", "x"), ("profile", "rfc"), ("employeeId", "nonsense")]).await.expect(200).text;
    assert!(told.contains("cannot be nonsense"), "{told}");
}

#[tokio::test]
async fn choosing_another_profile_sets_all_switches() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    let path = "/console/t/first/settings";
    owner.post(path, &[("name", "x"), ("profile", "strict"), ("unknownMembers", "ignore")]).await.expect(303);
    let page = owner.get(path).await.expect(200).text;
    assert_eq!(page.matches("value=\"refuse\" selected").count(), 3, "{page}");
}

#[tokio::test]
async fn a_tenant_is_made_and_entered() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    let form = [("name", "Example University"), ("slug", "example"), ("profile", "entra")];
    assert_eq!(owner.post("/console/tenants", &form).await.location(), "/console/t/example");
    assert!(owner.get("/console/t/example").await.expect(200).text.contains("Nothing is connected yet"));
    let told = owner.post("/console/tenants", &form).await.expect(200).text;
    assert!(told.contains("There is a tenant example already"), "{told}");
    let told = owner.post("/console/tenants", &[("name", "x"), ("slug", "Ä"), ("profile", "rfc")]).await.expect(200);
    assert!(told.text.contains("is no tenant name"));
}

#[tokio::test]
async fn an_invited_administrator_chooses_a_password_and_signs_in() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    let form = [("email", "grace@example.org"), ("name", "Grace"), ("role", "admin")];
    let invited = owner.post("/console/t/first/admins", &form).await.expect(200);
    let link = invited.field("link").to_owned();
    let path = link.split_once("/console").map(|(_, path)| format!("/console{path}")).unwrap();
    let nobody = Visitor::nobody(&scim);
    assert!(nobody.get(&path).await.expect(200).text.contains("For grace@example.org"));
    let weak = nobody.post(&path, &[("password", "short")]).await.expect(422);
    assert!(weak.text.contains("12 characters"), "{}", weak.text);
    assert_eq!(nobody.post(&path, &[("password", PASSWORD)]).await.location(), "/console/sign-in");
    assert!(nobody.get(&path).await.expect(410).text.contains("used before"));

    let wrong = nobody.post("/console/sign-in", &[("email", "grace@example.org"), ("password", "x")]).await.expect(401);
    assert!(wrong.text.contains("The e-mail address or the password is wrong"));
    let form = [("email", "grace@example.org"), ("password", PASSWORD), ("back", "/console/t/first/users")];
    let entered = nobody.post("/console/sign-in", &form).await;
    assert_eq!(entered.location(), "/console/t/first/users");
    let cookie = entered.cookies()[0].split(';').next().unwrap().to_owned();
    assert!(entered.cookies()[0].contains("HttpOnly") && entered.cookies()[0].contains("SameSite=Strict"));
    let grace = Visitor { cookie, ..Visitor::nobody(&scim) };
    assert_eq!(grace.get("/console").await.location(), "/console/t/first");
    let form = [("email", "x@example.org"), ("name", "X"), ("role", "owner")];
    grace.post("/console/t/first/admins", &form).await.expect(403);
}

#[tokio::test]
async fn nobody_gives_what_it_does_not_have() {
    let scim = Scim::start().await;
    let admin = Visitor::signed_in(&scim, AdminRole::Admin, Reach::Tenant(scim.tenant().id)).await;
    let form = [("email", "x@example.org"), ("name", "X"), ("role", "owner")];
    let told = admin.post("/console/t/first/admins", &form).await.expect(200).text;
    assert!(!told.contains("/console/set-up/"), "{told}");
    admin.post("/console/admins", &form).await.expect(404);
}

#[tokio::test]
async fn a_rotated_token_works_beside_its_successor() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    let made = owner.post("/console/t/first/connections", &[("name", "Entra"), ("kind", "entra")]).await;
    let page = made.location().to_owned();
    let old = owner.post(&format!("{page}/tokens"), &[("label", "One"), ("standard", "yes")]).await;
    let old = old.field("secret").to_owned();
    let shown = owner.get(&page).await.text;
    let id = shown.split("/tokens/").nth(1).unwrap().split('/').next().unwrap();
    let new = owner.post(&format!("{page}/tokens/{id}/rotate"), &[("overlap", "7")]).await.expect(200);
    let new = new.field("secret").to_owned();
    assert_ne!(old, new);
    for token in [&old, &new] {
        scim.get_authorized("/scim/v2/Users", Some(&format!("Bearer {token}"))).await.expect(200);
    }
    scim.advance_seconds(8 * 86_400);
    owner.until_answered(&old, 401).await;
    owner.until_answered(&new, 200).await;
}

#[tokio::test]
async fn a_client_is_shown_with_its_secret_and_where_it_gets_tokens() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    let made = owner.post("/console/t/first/connections", &[("name", "Entra"), ("kind", "entra")]).await;
    let page = made.location().to_owned();
    let shown = owner.post(&format!("{page}/clients"), &[("label", "Gallery")]).await.expect(200);
    let (id, secret) = (shown.field("client-id").to_owned(), shown.field("secret").to_owned());
    let request = reqwest::Client::new().post(shown.field("token-endpoint")).basic_auth(id, Some(secret));
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let answer = request.body("grant_type=client_credentials").send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    let token: serde_json::Value = answer.json().await.unwrap();
    let bearer = format!("Bearer {}", token["access_token"].as_str().unwrap());
    scim.get_authorized("/scim/v2/Users", Some(&bearer)).await.expect(200);
}
