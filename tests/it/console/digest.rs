//! The weekly digest in the console: seen before it is sent, settled, sent, wanted and not.

use scimgate::model::{AdminRole, Reach};
use serde_json::{Value, json};

use super::visitor::Visitor;
use crate::support::scim::{Scim, USER};

const DIGEST: &str = "/console/t/first/digest";

/// An administrator of the tenant alone.
async fn own(scim: &Scim, role: AdminRole) -> Visitor {
    Visitor::signed_in(scim, role, Reach::Tenant(scim.tenant().id)).await
}

async fn told(scim: &Scim, action: &str) -> Vec<Value> {
    scim.admin_actions().await.into_iter().filter(|one| one["action"] == action).collect()
}

#[tokio::test]
async fn a_digest_is_seen_as_it_will_be_mailed_and_runs_nothing() {
    let scim = Scim::start().await;
    let admin = own(&scim, AdminRole::Admin).await;
    scim.create("/Users", json!({"schemas": [USER], "userName": "ann <script>alert(1)</script>"})).await;
    scim.advance_seconds(60);
    let page = admin.get(DIGEST).await.expect(200);
    for told in ["first: 1 added", "by write token", "Users added: 1", "You get it.", "Unsubscribe me"] {
        assert!(page.text.contains(told), "{told}: {}", page.text);
    }
    assert!(!page.text.contains("<script>alert"), "{}", page.text);
    assert!(page.header("content-security-policy").ends_with("connect-src 'self'; frame-src 'self'"));
    assert!(page.text.contains(&format!("src=\"{DIGEST}/html\" sandbox=\"\"")));
    let html = admin.get(&format!("{DIGEST}/html")).await.expect(200);
    let policy = html.header("content-security-policy");
    for rule in ["default-src 'none'", "sandbox", "form-action 'none'", "frame-ancestors 'self'"] {
        assert!(policy.contains(rule), "{policy}");
    }
    assert_eq!((html.header("x-frame-options"), html.header("cache-control")), ("SAMEORIGIN", "no-store"));
    assert!(html.text.contains("ann") && !html.text.contains("<script>alert"), "{}", html.text);
}

#[tokio::test]
async fn when_it_is_sent_is_chosen() {
    let scim = Scim::start().await;
    let admin = own(&scim, AdminRole::Admin).await;
    let page = admin.get(DIGEST).await.expect(200).text;
    assert!(page.contains("<option value=\"Monday\" selected>") && page.contains("<option value=\"8\" selected>"));
    let form = [("enabled", "yes"), ("weekday", "Friday"), ("hour", "17"), ("time-zone", "Europe/Berlin")];
    assert_eq!(admin.post(DIGEST, &form).await.location(), DIGEST);
    let page = admin.get(DIGEST).await.text;
    assert!(
        page.contains("<option value=\"Friday\" selected>") && page.contains("value=\"Europe/Berlin\" placeholder")
    );
    assert!(!page.contains("name=\"skip-empty\" value=\"yes\" checked"));
    let mut wrong = form;
    wrong[3] = ("time-zone", "Middle Earth");
    let refused = admin.post(DIGEST, &wrong).await.expect(200).text;
    assert!(refused.contains("id=\"time-zone-wrong\"") && refused.contains("value=\"Middle Earth\""), "{refused}");
    wrong[3] = form[3];
    wrong[2] = ("hour", "24");
    assert!(admin.post(DIGEST, &wrong).await.expect(200).text.contains("is no hour of the day"));
    assert_eq!(told(&scim, "digest.change").await.len(), 1);
    admin.post(DIGEST, &[("weekday", "Friday"), ("hour", "17"), ("time-zone", "Europe/Berlin")]).await.expect(303);
    let page = admin.get(DIGEST).await.text;
    assert!(page.contains("status off\">Off") && !page.contains("the next one"), "{page}");
}

#[tokio::test]
async fn it_is_sent_now_and_to_those_who_want_it() {
    let scim = Scim::start().await;
    let (admin, auditor) = (own(&scim, AdminRole::Admin).await, own(&scim, AdminRole::Auditor).await);
    let owner = Visitor::owner(&scim).await;
    assert!(owner.get(DIGEST).await.text.contains("This one goes to the tenant&#39;s own administrators alone"));
    assert!(admin.get(DIGEST).await.text.contains("mailed to 2 administrators"));
    assert_eq!(admin.post(&format!("{DIGEST}/send"), &[]).await.location(), DIGEST);
    assert_eq!(told(&scim, "digest.send").await[0]["details"]["mails"], 2);

    // An auditor decides for itself alone.
    assert_eq!(auditor.post(&format!("{DIGEST}/unsubscribe"), &[]).await.location(), DIGEST);
    assert!(auditor.get(DIGEST).await.text.contains("You do not get it."));
    auditor.post(&format!("{DIGEST}/send"), &[]).await.expect(403);
    auditor.post(DIGEST, &[("weekday", "Friday"), ("hour", "17"), ("time-zone", "UTC")]).await.expect(403);
    admin.post(&format!("{DIGEST}/unsubscribe"), &[]).await.expect(303);
    let page = admin.get(DIGEST).await.text;
    assert!(page.contains("Nobody wants it") && !page.contains("Send now"), "{page}");
    let refused = admin.post(&format!("{DIGEST}/send"), &[]).await.expect(200).text;
    assert!(refused.contains("Nothing was sent"), "{refused}");
    auditor.post(&format!("{DIGEST}/subscribe"), &[]).await.expect(303);
    assert!(auditor.get(DIGEST).await.text.contains("You get it."));
    assert_eq!(told(&scim, "admin.want_digest").await.len(), 3);
}

#[tokio::test]
async fn the_weeks_that_were_sent_are_listed() {
    let scim = Scim::start().await;
    let admin = own(&scim, AdminRole::Admin).await;
    assert!(admin.get(DIGEST).await.text.contains("No weekly digest was due"));
    scim.create_user("ann").await;
    for _ in 0..2 {
        scim.advance_seconds(7 * 86_400);
        assert_eq!(scim.gateway().make_due_digests().await.unwrap(), 1);
    }
    // The session has ended long ago.
    let page = Visitor::owner(&scim).await.get(DIGEST).await.text;
    assert!(page.contains("1 mail<") && page.contains("Skipped: nothing happened"), "{page}");
    let there = scim.other_tenant("other").await;
    let stranger = Visitor::signed_in(&scim, AdminRole::Owner, Reach::Tenant(there.tenant().id)).await;
    stranger.get(DIGEST).await.expect(404);
    stranger.get(&format!("{DIGEST}/html")).await.expect(404);
}
