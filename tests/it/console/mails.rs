//! Mails in the console: what was mailed is read, a live link by those alone who may invite, and nothing in a mail runs.

use scimgate::model::{AdminRole, Reach};
use serde_json::json;

use super::people::{links, organization, provisioning_on, send, send_with};
use super::visitor::Visitor;
use crate::api::mails::MailServer;
use crate::support::scim::Scim;

const PAGE: &str = "/console/t/first/mails";
const HOSTILE: &str = "<script>alert(1)</script><img src=x onerror=alert(1)>";

/// A tenant whose owner has invited somebody.
async fn stage() -> (Scim, Visitor) {
    let scim = Scim::start().await;
    provisioning_on(&scim).await;
    let at = organization(&scim, HOSTILE).await;
    let owner = Visitor::owner(&scim).await;
    let fields =
        [("people", "Ann Lee <ann@example.org>"), ("organization", &at), ("inviter", HOSTILE), ("message", HOSTILE)];
    owner.post("/console/t/first/invitations", &fields).await.expect(200);
    (scim, owner)
}

/// The pages of the mails, the newest first.
async fn pages(visitor: &Visitor) -> Vec<String> {
    links(&visitor.get(PAGE).await.expect(200).text, PAGE)
}

/// Whether a text holds a link that opens an invitation.
fn has_link(text: &str) -> bool {
    let mut secrets = text.split("/invitations/").skip(1);
    secrets.any(|rest| rest.chars().take_while(char::is_ascii_alphanumeric).count() > 20)
}

#[tokio::test]
async fn a_caught_mail_shows_its_link_to_those_alone_who_may_invite() {
    let (scim, owner) = stage().await;
    let mail = pages(&owner).await.remove(0);
    for page in [&mail, &format!("{mail}/html"), PAGE] {
        assert!(!has_link(&owner.get(page).await.expect(200).text), "queued: {page}");
    }
    send(&scim).await;
    let list = owner.get(PAGE).await.expect(200).text;
    assert!(list.contains("This is a mail catcher") && list.contains("Caught") && !has_link(&list), "{list}");
    let shown = owner.get(&mail).await.expect(200).text;
    assert!(has_link(&shown) && shown.contains("Open the link"), "{shown}");
    assert!(has_link(&owner.get(&format!("{mail}/html")).await.expect(200).text));

    let auditor = Visitor::signed_in(&scim, AdminRole::Auditor, Reach::Instance).await;
    for page in [PAGE.to_owned(), mail.clone(), format!("{mail}/html")] {
        let seen = auditor.get(&page).await.expect(200).text;
        assert!(!has_link(&seen), "{page}: {seen}");
    }
    assert!(auditor.get(&mail).await.expect(200).text.contains("Auditors do not see the link."));
    auditor.post(&format!("{mail}/retry"), &[]).await.expect(403);
    auditor.post(&format!("{PAGE}/bounces"), &[("address", "ann@example.org")]).await.expect(403);

    let other = scim.other_tenant("other").await;
    let stranger = Visitor::signed_in(&scim, AdminRole::Owner, Reach::Tenant(other.tenant().id)).await;
    for page in [mail.clone(), format!("{mail}/html"), mail.replace("/first/", "/other/")] {
        stranger.get(&page).await.expect(404);
    }
    // The link works, and once the invitation is over nobody sees it any more.
    let from = shown.find("/invitations/").unwrap();
    let secret = shown[from..].split(['"', '<', '\n']).next().unwrap();
    Visitor::nobody(&scim).get(secret).await.expect(200);
    let invitations = owner.get("/console/t/first/invitations").await.expect(200).text;
    let revoke = links(&invitations, "/console/t/first/invitations").into_iter().find(|url| url.ends_with("revoke"));
    owner.post(&revoke.unwrap(), &[]).await.expect(303);
    assert!(!has_link(&owner.get(&mail).await.expect(200).text));
}

#[tokio::test]
async fn a_sent_mail_holds_its_link_nowhere_here() {
    let (scim, owner) = stage().await;
    let server = MailServer::start();
    send_with(&scim, &server.mailer()).await;
    let mail = pages(&owner).await.remove(0);
    for page in [mail.clone(), format!("{mail}/html")] {
        assert!(!has_link(&owner.get(&page).await.expect(200).text), "{page}");
    }
    let shown = owner.get(&mail).await.expect(200).text;
    assert!(shown.contains("The link stands in the mail itself and nowhere else."), "{shown}");
    assert!(server.mails().iter().any(|mail| mail.contains("/invitations/")));
}

#[tokio::test]
async fn nothing_in_a_mail_runs() {
    let (scim, owner) = stage().await;
    send(&scim).await;
    let mail = pages(&owner).await.remove(0);
    let shown = owner.get(&mail).await.expect(200);
    assert_eq!(shown.text.matches("<script").count(), 2, "{}", shown.text);
    assert!(shown.text.contains("sandbox=\"\"") && !shown.text.contains("<img"), "{}", shown.text);
    assert!(shown.header("content-security-policy").ends_with("; frame-src 'self'"));
    let html = owner.get(&format!("{mail}/html")).await.expect(200);
    let policy = html.header("content-security-policy");
    assert_eq!(
        policy,
        "default-src 'none'; style-src 'unsafe-inline'; img-src 'none'; sandbox; form-action 'none'; base-uri 'none'; \
         frame-ancestors 'self'"
    );
    assert_eq!((html.header("x-frame-options"), html.header("cache-control")), ("SAMEORIGIN", "no-store"));
    assert_eq!((html.header("referrer-policy"), html.header("x-content-type-options")), ("no-referrer", "nosniff"));
    assert!(!html.text.contains("<script") && !html.text.contains("<img"), "{}", html.text);

    let logo = [("logo", "https://cdn.example.org/l.png"), ("language", "de"), ("days", "7")];
    owner.post("/console/t/first/settings/mail", &logo).await.expect(303);
    let html = owner.get(&format!("{mail}/html")).await.expect(200);
    assert!(html.header("content-security-policy").contains("img-src https://cdn.example.org; sandbox"));
    Visitor::nobody(&scim).get(&format!("{mail}/html")).await.expect(303);
}

#[tokio::test]
async fn a_mail_that_bounced_is_sent_again_with_a_new_link() {
    let (scim, owner) = stage().await;
    let server = MailServer::start();
    server.answer_next("550 5.1.1 no such user");
    send_with(&scim, &server.mailer()).await;
    let list = owner.get(PAGE).await.expect(200).text;
    assert!(list.contains("Addresses that mail bounced from") && list.contains("no such user"), "{list}");
    let mail = pages(&owner).await.remove(0);
    assert!(owner.get(&mail).await.expect(200).text.contains("Send again"));
    scim.advance_seconds(60);
    assert_eq!(owner.post(&format!("{mail}/retry"), &[]).await.location(), PAGE);
    send_with(&scim, &server.mailer()).await;
    let list = owner.get(PAGE).await.expect(200).text;
    assert!(list.contains("Sent") && !list.contains("Addresses that mail bounced from"), "{list}");
    assert!(server.mails().iter().any(|mail| mail.contains("/invitations/")));
    let sent = pages(&owner).await.remove(0);
    let told = owner.post(&format!("{sent}/retry"), &[]).await.expect(200).text;
    assert!(told.contains("The mail is sent; only one that failed or bounced can be sent again."), "{told}");
    let told = scim.admin_actions().await;
    assert!(told.iter().any(|row| row["action"] == "mail.clear_bounce" && row["actor_kind"] == "admin"));
    assert!(told.iter().any(|row| row["action"] == "invitation.resend" && row["actor_kind"] == "admin"));
}

#[tokio::test]
async fn an_address_is_cleared_and_mails_are_found_by_state() {
    let (scim, owner) = stage().await;
    let server = MailServer::start();
    server.answer_next("550 5.1.1 no such user");
    send_with(&scim, &server.mailer()).await;
    assert!(owner.get(&format!("{PAGE}?state=bounced")).await.expect(200).text.contains("ann@example.org"));
    assert!(owner.get(&format!("{PAGE}?state=sent")).await.expect(200).text.contains("Nothing matches"));
    let clear = format!("{PAGE}/bounces");
    assert_eq!(owner.post(&clear, &[("address", "ANN@example.org")]).await.location(), PAGE);
    let told = owner.post(&clear, &[("address", "ann@example.org")]).await.expect(200).text;
    assert!(told.contains("it was cleared already"), "{told}");
}

#[tokio::test]
async fn the_admin_api_sends_a_mail_again_that_was_given_up() {
    let (scim, _) = stage().await;
    let server = MailServer::start();
    server.answer_next("554 5.7.1 not today");
    send_with(&scim, &server.mailer()).await;
    let owner = scim.owner().await;
    let listed = owner.get("/tenants/first/mails").await.expect(200).json();
    assert_eq!(listed["items"][0]["state"], "failed");
    let path = format!("/tenants/first/mails/{}/retry", listed["items"][0]["id"].as_str().unwrap());
    scim.advance_seconds(60);
    owner.post(&path, json!({})).await.expect(204);
    send_with(&scim, &server.mailer()).await;
    let listed = owner.get("/tenants/first/mails").await.expect(200).json();
    let states: Vec<&str> =
        listed["items"].as_array().unwrap().iter().map(|mail| mail["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["sent", "failed"]);
    scim.admin(AdminRole::Auditor, Reach::Instance).await.post(&path, json!({})).await.expect(403);
}
