//! Invitations in the console: who may invite, what became of it, and that no name is more than text.

use scimgate::model::{AdminRole, Reach};
use serde_json::json;

use super::people::{links, organization, provisioning_on};
use super::visitor::Visitor;
use crate::support::scim::{Scim, USER};

const PAGE: &str = "/console/t/first/invitations";

async fn stage() -> (Scim, Visitor) {
    let scim = Scim::start().await;
    provisioning_on(&scim).await;
    let owner = Visitor::owner(&scim).await;
    (scim, owner)
}

/// The one address that ends so.
#[track_caller]
fn act(page: &str, act: &str) -> String {
    links(page, PAGE).into_iter().find(|url| url.ends_with(act)).unwrap_or_else(|| panic!("no {act}: {page}"))
}

#[tokio::test]
async fn many_people_are_invited_to_many_organizations_and_each_outcome_is_told() {
    let (scim, owner) = stage().await;
    let (arts, library) = (organization(&scim, "Arts").await, organization(&scim, "Library").await);
    let known = json!({"schemas": [USER], "userName": "bob@example.org", "externalId": "4711"});
    let bob = scim.create("/Users", known).await;
    let form = owner.get(&format!("{PAGE}/new")).await.expect(200).text;
    assert!(form.contains("Arts") && form.contains(&library), "{form}");

    let people = "Ann Lee <ann@example.org>\n4711\n9999";
    let fields = [("people", people), ("organization", &arts), ("organization", &library), ("message", "Hello!")];
    let told = owner.post(PAGE, &fields).await.expect(200).text;
    assert!(told.contains("2 of 3 invited; 1 could not be."), "{told}");
    assert!(told.contains("A new user. A mail is on its way.") && told.contains(&bob), "{told}");
    assert!(told.contains("Nobody has that employee id"), "{told}");
    assert!(told.contains(">Arts<") && told.contains(">Library<"), "{told}");
    let nameless = owner.post(PAGE, &[("people", "zoe@example.org")]).await.expect(200).text;
    assert!(nameless.contains("must have firstName, lastName. Write somebody new as"), "{nameless}");
    let again = owner.post(PAGE, &[fields[0], fields[1]]).await.expect(200).text;
    assert!(again.contains("Already invited") && again.contains("invited before"), "{again}");

    let list = owner.get(PAGE).await.expect(200).text;
    assert!(list.contains("ann@example.org") && list.contains("bob@example.org") && list.contains("Hello!"), "{list}");
    assert!(list.contains("by owner; chooses a password"), "{list}");
    let told = scim.admin_actions().await;
    let made: Vec<_> = told.iter().filter(|row| row["action"] == "invitation.create").collect();
    assert_eq!(made.len(), 2);
    assert!(made.iter().all(|row| row["actor_kind"] == "admin"), "{made:?}");
}

#[tokio::test]
async fn invitations_are_found_by_state_and_address_page_by_page() {
    let (_scim, owner) = stage().await;
    let people: Vec<String> = (0..60).map(|number| format!("P Q <p{number:02}@example.org>")).collect();
    owner.post(PAGE, &[("people", &people.join("\n")), ("suppress", "yes")]).await.expect(200);
    let first = owner.get(PAGE).await.expect(200).text;
    assert_eq!(first.matches("/revoke\"").count(), 50);
    let next = first.split("href=\"").find(|part| part.contains("before=")).unwrap().split('"').next().unwrap();
    let second = owner.get(&next.replace("&#38;", "&")).await.expect(200).text;
    assert_eq!(second.matches("/revoke\"").count(), 10);
    let found = owner.get(&format!("{PAGE}?email=P07%40")).await.expect(200).text;
    assert_eq!(found.matches("/revoke\"").count(), 1, "{found}");
    assert!(found.contains("not mailed"), "{found}");
    assert!(owner.get(&format!("{PAGE}?state=accepted")).await.expect(200).text.contains("Nothing matches"));
    let pending = owner.get(&format!("{PAGE}?state=pending&email=p5")).await.expect(200).text;
    assert_eq!(pending.matches("/revoke\"").count(), 10);
}

#[tokio::test]
async fn an_invitation_is_sent_again_and_taken_back() {
    let (scim, owner) = stage().await;
    owner.post(PAGE, &[("people", "Ann Lee <ann@example.org>")]).await.expect(200);
    let list = owner.get(PAGE).await.expect(200).text;
    let resend = act(&list, "/resend");
    assert_eq!(owner.post(&resend, &[("back", "https://evil.example/")]).await.location(), PAGE);
    assert!(owner.get(PAGE).await.expect(200).text.contains("2 times"));
    let back = format!("{PAGE}?state=pending");
    assert_eq!(owner.post(&act(&list, "/revoke"), &[("back", &back)]).await.location(), back);
    let list = owner.get(PAGE).await.expect(200).text;
    assert!(list.contains("Revoked") && !list.contains("/resend\""), "{list}");
    let told = owner.post(&resend, &[]).await.expect(200).text;
    assert!(told.contains("The invitation is revoked already; invite anew."), "{told}");
    let told = scim.admin_actions().await;
    for action in ["invitation.resend", "invitation.revoke"] {
        assert!(told.iter().any(|row| row["action"] == action && row["actor_kind"] == "admin"), "{action}");
    }
}

#[tokio::test]
async fn an_auditor_sees_invitations_and_changes_none() {
    let (scim, owner) = stage().await;
    owner.post(PAGE, &[("people", "Ann Lee <ann@example.org>")]).await.expect(200);
    let list = owner.get(PAGE).await.expect(200).text;
    let auditor = Visitor::signed_in(&scim, AdminRole::Auditor, Reach::Instance).await;
    let seen = auditor.get(PAGE).await.expect(200).text;
    assert!(seen.contains("ann@example.org"));
    assert!(!seen.contains("/resend") && !seen.contains("/revoke") && !seen.contains("invitations/new"), "{seen}");
    auditor.get(&format!("{PAGE}/new")).await.expect(403);
    auditor.post(PAGE, &[("people", "bob@example.org")]).await.expect(403);
    auditor.post(&act(&list, "/resend"), &[]).await.expect(403);
    auditor.post(&act(&list, "/revoke"), &[]).await.expect(403);
    let other = scim.other_tenant("other").await;
    let stranger = Visitor::signed_in(&scim, AdminRole::Owner, Reach::Tenant(other.tenant().id)).await;
    stranger.get(PAGE).await.expect(404);
    let foreign = act(&list, "/revoke").replace("/first/", "/other/");
    stranger.post(&foreign, &[]).await.expect(404);
}

#[tokio::test]
async fn names_in_invitations_are_text() {
    let (scim, owner) = stage().await;
    let name = "<script>alert(1)</script>\" onfocus=\"alert(1)";
    let at = organization(&scim, name).await;
    let fields = [
        ("people", "Ann Lee <ann@example.org>"),
        ("organization", &at),
        ("inviter", "<img src=x onerror=alert(1)>"),
        ("message", name),
    ];
    for page in [
        owner.get(&format!("{PAGE}/new")).await.expect(200).text,
        owner.post(PAGE, &fields).await.expect(200).text,
        owner.get(PAGE).await.expect(200).text,
        owner.post(PAGE, &[("people", name), ("message", name)]).await.expect(200).text,
    ] {
        assert_eq!(page.matches("<script").count(), 2, "{page}");
        assert!(!page.contains("<img") && !page.contains("\" onfocus"), "{page}");
    }
}

#[tokio::test]
async fn a_tenant_without_provisioning_says_so() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    let page = owner.get(PAGE).await.expect(200).text;
    assert!(page.contains("Provisioning is off") && page.contains("--provisioning on"), "{page}");
    let told = owner.post(PAGE, &[("people", "Ann Lee <ann@example.org>")]).await.expect(200).text;
    assert!(told.contains("has not been set up"), "{told}");
    for (people, why) in [("", "Name at least one person"), ("ann@", "is no mail address")] {
        let told = owner.post(PAGE, &[("people", people)]).await.expect(200).text;
        assert!(told.contains(why), "{told}");
    }
}

#[tokio::test]
async fn the_admin_api_invites_as_the_administrator() {
    let scim = Scim::start().await;
    provisioning_on(&scim).await;
    organization(&scim, "Arts").await;
    let owner = scim.owner().await;
    let body = json!({"users": [{"email": "ann@example.org", "firstName": "Ann", "lastName": "Lee"}], "organizationIds": ["Arts", "Nowhere"]});
    let told = owner.post("/tenants/first/invitations", body.clone()).await.expect(200).json();
    assert_eq!(told["result"], json!({"invited": 1, "alreadyInvited": 0, "failed": 0, "total": 1}));
    assert_eq!(told["users"][0]["organizations"][1]["outcome"], "unknown_organization");
    let found = owner.get("/tenants/first/invitations?email=ANN").await.expect(200).json();
    assert_eq!(found["items"][0]["inviter"], owner.email);
    let none = owner.get("/tenants/first/invitations?email=bob&state=pending").await.expect(200).json();
    assert_eq!(none["items"], json!([]));
    let told = scim.admin_actions().await;
    let made = told.iter().find(|row| row["action"] == "invitation.create").unwrap();
    assert_eq!((&made["actor_kind"], &made["actor"]), (&json!("admin"), &json!(owner.email)));
    let auditor = scim.admin(AdminRole::Auditor, Reach::Instance).await;
    auditor.post("/tenants/first/invitations", body).await.expect(403);
}
