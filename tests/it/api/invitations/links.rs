//! What a link leads to, and what is done with it.

use chrono::TimeDelta;
use futures_util::future::join_all;
use scimgate::config::MailConfig;
use scimgate::gateway::open_mail;
use scimgate::model::{AdminRole, Clock, MailId, MailState, Reach};
use scimgate::outbound::mail::Mailer;
use scimgate::tasks::send_mails;
use serde_json::{Value, json};
use tokio_postgres::NoTls;

use super::{PASSWORD, PROVISIONING, Stage, browser, text};
use crate::api::Api;
use crate::support::scim::{USER, answer, sealer};

#[tokio::test]
async fn row_2_3_the_link_sets_a_password_that_is_strong_enough() {
    let stage = Stage::new().await;
    let user = stage.user("ann.lee@example.com").await;
    stage.invite(json!({"users": [{"id": user}]})).await;
    let link = stage.link("ann.lee@example.com").await;
    let path = format!("{link}/accept");
    for (password, again, told) in [
        ("short", "short", "at least 12 characters"),
        ("abcabcabcabcabc", "abcabcabcabcabc", "Repetitions"),
        ("ann.lee ann.lee", "ann.lee ann.lee", "your name or address"),
        (PASSWORD, "another one", "differ"),
    ] {
        let refused = stage.form(&path, &[("password", password), ("again", again)]).await.expect(422);
        assert!(refused.text.contains(told), "{password}: {}", refused.text);
        assert!(!refused.text.contains(&format!("value=\"{password}")), "a password is not shown again");
    }
    assert_eq!(stage.password_hash(&user).await, None);
    let done = stage.accept(&link).await.expect(200);
    assert!(done.text.contains("Your account is active"), "{}", done.text);
    assert!(stage.has_password(&user, PASSWORD).await);
    let dump = stage.scim.dump_all().await;
    assert!(!dump.contains(PASSWORD) && dump.contains("$argon2id$"));
    assert!(!dump.contains(link.trim_start_matches("/invitations/")), "nothing in the database opens the door");
    let changes = stage.scim.changes().await;
    assert_eq!(changes.last().unwrap().actor, "ann.lee@example.com");

    // Used is used.
    stage
        .form(&path, &[("password", "an even better one than that"), ("again", "an even better one than that")])
        .await
        .expect(404);
    assert!(stage.has_password(&user, PASSWORD).await);
}

#[tokio::test]
async fn row_2_3_a_link_is_used_once_however_many_use_it_at_once() {
    let stage = Stage::new().await;
    let user = stage.user("ann@example.com").await;
    stage.invite(json!({"users": [{"id": user}]})).await;
    let link = format!("{}/accept", stage.link("ann@example.com").await);
    let passwords: Vec<String> = (0..8).map(|place| format!("{PASSWORD} number {place}")).collect();
    let fields = passwords.iter().map(|password| [("password", password.as_str()), ("again", password.as_str())]);
    let fields: Vec<_> = fields.collect();
    let answers = join_all(fields.iter().map(|fields| stage.form(&link, fields))).await;
    let taken: Vec<usize> = (0..8).filter(|place| answers[*place].status == 200).collect();
    assert_eq!(taken.len(), 1);
    assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 404)));
    assert!(stage.has_password(&user, &passwords[taken[0]]).await);
    assert_eq!(stage.told().await.len(), 2);
}

#[tokio::test]
async fn what_broke_off_half_way_can_be_repeated() {
    let stage = Stage::new().await;
    let user = stage.user("ann@example.com").await;
    stage.invite(json!({"users": [{"id": user}]})).await;
    let link = stage.link("ann@example.com").await;
    // A node takes the attempt and dies.
    let (client, connection) = tokio_postgres::connect(&stage.scim.database_url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    let until = stage.scim.clock().now() + TimeDelta::seconds(60);
    let text = until.to_rfc3339();
    client.execute("UPDATE invitations SET claimed_until = $1::text::timestamptz", &[&text]).await.unwrap();
    stage.accept(&link).await.expect(404);
    stage.scim.advance_seconds(60);
    stage.accept(&link).await.expect(200);
    assert!(stage.has_password(&user, PASSWORD).await);
}

#[tokio::test]
async fn row_3_8_an_existing_user_is_linked_by_the_mailbox_and_never_by_the_address_alone() {
    let stage = Stage::new().await;
    let north = stage.organization("North").await;
    let body = json!({
        "schemas": [USER], "userName": "ann", "title": "Boss", "password": "the one of before",
        "emails": [{"value": "ann@example.com"}],
    });
    let user = stage.scim.create("/Users", body).await;
    let before = stage.scim.get(&format!("/Users/{user}")).await.text;
    let person = json!({"email": "ANN@example.com", "firstName": "Eve", "lastName": "Evil", "title": "Nobody"});
    let answer = stage.invite(json!({"users": [person], "organizationIds": [north]})).await;
    assert_eq!(
        (&answer["users"][0]["userId"], &answer["users"][0]["created"]),
        (&json!(user), &json!(false)),
        "{answer}"
    );
    assert_eq!(
        stage.scim.get(&format!("/Users/{user}")).await.text,
        before,
        "nothing changes before the mailbox is proved"
    );
    assert!(stage.has_password(&user, "the one of before").await);
    let link = stage.link("ann@example.com").await;
    // The password of before may stay.
    let page = stage.page(&link).await.expect(200);
    assert!(page.text.contains("You have a password already"), "{}", page.text);
    stage.form(&format!("{link}/accept"), &[("password", ""), ("again", "")]).await.expect(200);
    assert!(stage.has_password(&user, "the one of before").await);
    let after = stage.scim.get(&format!("/Users/{user}")).await.json();
    assert_eq!((&after["title"], &after[PROVISIONING]["organizations"][0]["value"]), (&json!("Boss"), &json!(north)));
}

#[tokio::test]
async fn a_link_leads_nowhere_once_the_address_is_not_the_users_or_the_user_may_not_sign_in() {
    let stage = Stage::new().await;
    for (name, change) in [
        ("moved", json!([{"op": "replace", "path": "emails", "value": [{"value": "new@example.com"}]}])),
        ("blocked", json!([{"op": "replace", "path": "active", "value": false}])),
        ("gone", Value::Null),
    ] {
        let email = format!("{name}@example.com");
        let body = json!({"schemas": [USER], "userName": name, "emails": [{"value": email}]});
        let user = stage.scim.create("/Users", body).await;
        stage.invite(json!({"users": [{"id": user}]})).await;
        let link = stage.link(&email).await;
        stage.page(&link).await.expect(200);
        match change {
            Value::Null => stage.scim.delete(&format!("/Users/{user}")).await.expect(204),
            change => stage.scim.patch(&format!("/Users/{user}"), json!({"Operations": change})).await.expect(200),
        };
        stage.page(&link).await.expect(404);
        stage.accept(&link).await.expect(404);
    }
}

#[tokio::test]
async fn every_link_that_leads_nowhere_shows_the_same_page_and_too_many_have_to_wait() {
    let stage = Stage::with(&["--failed-auth-limit=4"], |_| {}).await;
    let user = stage.user("ann@example.com").await;
    stage.invite(json!({"users": [{"id": user}]})).await;
    let link = stage.link("ann@example.com").await;
    stage.accept(&link).await.expect(200);
    let used = stage.page(&link).await.expect(404);
    let never = stage.page(&format!("/invitations/{}", "a".repeat(52))).await.expect(404);
    let nonsense = stage.page("/invitations/x").await.expect(404);
    assert_eq!((&used.text, &used.text), (&never.text, &nonsense.text));
    assert!(used.text.contains("Ask whoever invited you") && !used.text.contains("ann@example.com"));
    for answer in [&used, &never] {
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("script"), "{policy}");
        assert_eq!((answer.header("referrer-policy"), answer.header("cache-control")), ("no-referrer", "no-store"));
    }
    for _ in 0..3 {
        stage.page("/invitations/x").await;
    }
    let late = stage.page("/invitations/x").await.expect(429);
    assert!(late.header("retry-after").parse::<u64>().unwrap() > 0);
    // In the reader's language.
    let german =
        browser().get(format!("{}/invitations/x", stage.scim.origin())).header("accept-language", "de-AT,de;q=0.9");
    assert!(answer(german).await.text.contains("lang=\"de\""));
}

#[tokio::test]
async fn nothing_that_others_wrote_becomes_html_and_other_tenants_see_nothing() {
    let stage = Stage::new().await;
    let hostile = "<script>alert(1)</script>\"'";
    let (organization, user) = (stage.organization(hostile).await, stage.user("ann@example.com").await);
    let body = json!({
        "users": [{"id": user}], "organizationIds": [organization], "inviter": hostile, "message": hostile,
    });
    let made = text(&stage.invite(body).await["users"][0]["invitationId"]);
    let link = stage.link("ann@example.com").await;
    for path in [link.clone(), format!("{link}/reject")] {
        let page = stage.page(&path).await.expect(200);
        assert!(!page.text.contains("<script"), "{}", page.text);
    }
    let other = stage.scim.other_tenant("other").await;
    let stranger = Api::of(&other).await;
    stranger.get(&format!("/invitations/{made}")).await.expect(404);
    stranger.send("POST", &format!("/invitations/{made}/revoke"), None, &[]).await.expect(404);
    assert_eq!(stranger.get("/invitations").await.expect(200).json()["items"], json!([]));
    let foreign =
        stranger.send("POST", "/invitations", Some(&json!({"users": [{"id": user}]})), &[]).await.expect(200).json();
    assert_eq!(foreign["users"][0]["failure"]["code"], "user_not_found");
    // Row 1.13: whoever may not provision may not invite.
    let reader = Api::with_scopes(&stage.scim, "users:write").await;
    reader.send("POST", "/invitations", Some(&json!({"users": [{"id": user}]})), &[]).await.expect(403);
}

#[tokio::test]
async fn a_copy_of_the_database_opens_no_door() {
    let stage = Stage::new().await;
    let scim = &stage.scim;
    let user = stage.user("ann@example.com").await;
    let made = stage.invite(json!({"users": [{"id": user}]})).await;
    let waiting = scim.dump_all().await;
    let tenant = scim.store().tenant(scim.tenant().id);
    let mail = tenant.mails(None, None, 1).await.unwrap().remove(0);
    let mut opened = mail.clone();
    open_mail(&mut opened, Some(&sealer())).unwrap();
    let secret = opened.data["secret"].as_str().unwrap().to_owned();
    assert!(secret.len() > 20 && waiting.contains("sealed:"), "{secret}");
    assert!(!waiting.contains(&secret), "the link lies open in the queue");
    assert!(open_mail(&mut mail.clone(), None).is_err());
    let mut moved = mail.clone();
    moved.id = MailId::new(scim.clock().now());
    assert!(open_mail(&mut moved, Some(&sealer())).is_err(), "it opens in its own mail alone");

    // Caught: it is kept for those who may read it, sealed as before.
    let mailer = Mailer::new(&MailConfig { from: "a@example.com".parse().unwrap(), smtp: None, dir: None });
    send_mails(&scim.store(), scim.clock(), Some(&sealer()), &mailer, &scim.origin()).await.unwrap();
    let caught = scim.dump_all().await;
    assert!(!caught.contains(&secret) && caught.contains("sealed:"));
    let path = format!("/tenants/first/mails/{}", mail.id);
    let shown = scim.owner().await.get(&path).await.expect(200).json();
    assert!(shown["text"].as_str().unwrap().contains(&format!("/invitations/{secret}")), "{shown}");
    let auditor = scim.admin(AdminRole::Auditor, Reach::Instance).await.get(&path).await.expect(200);
    assert!(!auditor.text.contains(&secret) && !auditor.text.contains("sealed:"), "{}", auditor.text);

    // A mail that is sent anew opens the door, and is sealed in the queue as well.
    let id = text(&made["users"][0]["invitationId"]);
    stage.post(&format!("/invitations/{id}/resend"), &json!({})).await.expect(200);
    let link = {
        let again = tenant.mails(None, Some(MailState::Queued), 1).await.unwrap().remove(0);
        let waiting = scim.dump_all().await;
        let mut opened = again.clone();
        open_mail(&mut opened, Some(&sealer())).unwrap();
        let secret = opened.data["secret"].as_str().unwrap();
        assert!(!waiting.contains(secret));
        format!("/invitations/{secret}")
    };
    assert_eq!(stage.link("ann@example.com").await, link);
    stage.accept(&link).await.expect(200);
    assert_eq!(stage.state(&id).await, "accepted");
}
