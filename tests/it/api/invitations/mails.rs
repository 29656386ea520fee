//! What is mailed, when, and what becomes of an invitation.

use futures_util::future::join_all;
use scimgate::model::{AdminRole, Clock, Credentials, Reach};
use scimgate::tasks::expire_invitations;
use serde_json::{Value, json};

use super::{ORGANIZATION, Stage, text};

#[tokio::test]
async fn row_1_12_the_mail_names_the_inviter_the_organizations_both_ways_and_seven_days() {
    let stage = Stage::new().await;
    let (north, user) = (stage.organization("North & Co").await, stage.user("ann@example.com").await);
    let body = json!({
        "users": [{"id": user}], "organizationIds": [north], "inviter": "Bea Boss", "message": "See you on Monday",
    });
    let made = text(&stage.invite(body).await["users"][0]["invitationId"]);
    let link = stage.link("ann@example.com").await;
    let mail = stage.mails.mails().pop().unwrap();
    let origin = stage.scim.origin();
    for told in [
        "Bea Boss invites you to first",
        "  - North & Co",
        "See you on Monday",
        "Activate account",
        "Reject invitation",
        "29 November 2026, 08:00 UTC",
        &format!("{origin}{link}"),
        &format!("{origin}{link}/reject"),
    ] {
        assert!(mail.contains(told), "{told:?} is not in\n{mail}");
    }
    let page = stage.page(&link).await.expect(200);
    for told in ["Bea Boss invites you to first", "North &#38; Co", "See you on Monday", "ann@example.com"] {
        assert!(page.text.contains(told), "{told:?} is not in\n{}", page.text);
    }
    // Looking changes nothing, however often: programs that look at mails do.
    let before = stage.scim.dump().await;
    for path in [link.clone(), format!("{link}/reject"), format!("{link}/accept")] {
        stage.page(&path).await.expect(200);
    }
    assert_eq!(stage.scim.dump().await, before);

    stage.accept(&link).await.expect(200);
    assert_eq!(stage.state(&made).await, "accepted");
    let told = stage.told().await;
    assert_eq!(told.iter().map(|row| row[0].as_str()).collect::<Vec<_>>(), ["invitation.create", "invitation.accept"]);
    assert_eq!(told[1][1..], ["user", "ann@example.com"]);
}

#[tokio::test]
async fn row_1_12_each_transition_happens_once_and_is_told_and_an_expired_one_cannot_be_revived() {
    let stage = Stage::new().await;
    let mut made = Vec::new();
    for name in ["a", "b", "c"] {
        let email = format!("{name}@example.com");
        let id = stage.user(&email).await;
        let answer = stage.invite(json!({"users": [{"id": id}]})).await;
        made.push((text(&answer["users"][0]["invitationId"]), stage.link(&email).await));
    }
    let [(rejected, reject_link), (revoked, revoke_link), (expired, expire_link)] = &made[..] else { panic!() };

    let asked = stage.page(&format!("{reject_link}/reject")).await.expect(200);
    assert!(asked.text.contains("method=\"post\""));
    stage.form(&format!("{reject_link}/reject"), &[]).await.expect(200);
    stage.post(&format!("/invitations/{revoked}/revoke"), &json!({})).await.expect(200);
    stage.scim.advance_seconds(7 * 86_400 - 1);
    assert_eq!(stage.state(expired).await, "pending");
    stage.page(expire_link).await.expect(200);
    stage.scim.advance_seconds(1);
    stage.page(expire_link).await.expect(404);
    let (store, now) = (stage.scim.store(), stage.scim.clock().now());
    join_all((0..4).map(|_| expire_invitations(&store, now))).await.into_iter().for_each(|outcome| outcome.unwrap());

    for (id, state, link) in
        [(rejected, "rejected", reject_link), (revoked, "revoked", revoke_link), (expired, "expired", expire_link)]
    {
        assert_eq!(stage.state(id).await, state);
        stage.accept(link).await.expect(404);
        for act in ["resend", "revoke"] {
            let answer = stage.post(&format!("/invitations/{id}/{act}"), &json!({})).await.expect(409);
            assert!(answer.text.contains(state), "{}", answer.text);
        }
        let listed = stage.api.get(&format!("/invitations?state={state}")).await.expect(200).json();
        assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{listed}");
    }
    let told: Vec<String> =
        stage.told().await.into_iter().map(|[action, kind, _]| format!("{action} {kind}")).collect();
    let create = "invitation.create credential";
    let ends = ["invitation.reject user", "invitation.revoke credential", "invitation.expire system"];
    assert_eq!(told, [[create; 3], ends].concat());
    // A new one can be made.
    let again = stage.invite(json!({"users": [{"email": "c@example.com"}]})).await;
    assert_eq!(again["result"]["invited"], 1, "{again}");
}

#[tokio::test]
async fn row_1_11_sending_again_makes_a_new_link_and_ends_the_one_before() {
    let stage = Stage::new().await;
    let user = stage.user("ann@example.com").await;
    let made = text(&stage.invite(json!({"users": [{"id": user}]})).await["users"][0]["invitationId"]);
    let first = stage.link("ann@example.com").await;
    stage.scim.advance_seconds(86_400);
    let shown = stage.post(&format!("/invitations/{made}/resend"), &json!({})).await.expect(200).json();
    assert_eq!((&shown["sendCount"], &shown["state"]), (&json!(2), &json!("pending")));
    let second = stage.link("ann@example.com").await;
    assert_ne!(first, second);
    stage.page(&first).await.expect(404);
    stage.accept(&first).await.expect(404);
    stage.page(&second).await.expect(200);
    // What was not sent yet is taken back.
    stage.post(&format!("/invitations/{made}/resend"), &json!({})).await.expect(200);
    stage.post(&format!("/invitations/{made}/revoke"), &json!({})).await.expect(200);
    stage.send().await;
    assert_eq!(stage.mails.mails().len(), 2);
}

#[tokio::test]
async fn row_3_10_no_mail_goes_out_where_the_tenant_the_organization_or_the_call_suppresses_it() {
    let quiet = Stage::with(&[], |provisioning| provisioning.suppress_invitation_email = true).await;
    let user = quiet.user("ann@example.com").await;
    let answer = quiet.invite(json!({"users": [{"id": user}], "sendEmail": true})).await;
    assert_eq!((&answer["users"][0]["mailed"], &answer["result"]["invited"]), (&json!(false), &json!(1)));

    let stage = Stage::new().await;
    let body = json!({"schemas": [ORGANIZATION], "name": "Quiet", "keychainEmailSuppression": true});
    let organization = stage.scim.create("/Organizations", body).await;
    let (ann, ben) = (stage.user("ann@example.com").await, stage.user("ben@example.com").await);
    let answer = stage.invite(json!({"users": [{"id": ann}], "organizationIds": [organization]})).await;
    assert_eq!(answer["users"][0]["mailed"], false);
    let answer = stage.invite(json!({"users": [{"id": ben}], "sendEmail": false})).await;
    assert_eq!(answer["users"][0]["mailed"], false);
    for stage in [&quiet, &stage] {
        stage.send().await;
        assert_eq!(stage.mails.mails().len(), 0);
    }
    // Sent later: row 0.10.
    let made = text(&answer["users"][0]["invitationId"]);
    stage.post(&format!("/invitations/{made}/resend"), &json!({})).await.expect(200);
    let link = stage.link("ben@example.com").await;
    stage.accept(&link).await.expect(200);
}

#[tokio::test]
async fn administrators_see_send_again_and_take_back_invitations() {
    let stage = Stage::new().await;
    let user = stage.user("ann@example.com").await;
    let made = text(&stage.invite(json!({"users": [{"id": user}]})).await["users"][0]["invitationId"]);
    let admin = stage.scim.owner().await;
    let listed = admin.get("/tenants/first/invitations?state=pending").await.expect(200).json();
    assert_eq!(listed["items"][0]["id"], made.as_str());
    admin.post(&format!("/tenants/first/invitations/{made}/resend"), json!({})).await.expect(200);
    let auditor = stage.scim.admin(AdminRole::Auditor, Reach::Instance).await;
    auditor.post(&format!("/tenants/first/invitations/{made}/revoke"), json!({})).await.expect_problem(403, "");
    let revoked = admin.post(&format!("/tenants/first/invitations/{made}/revoke"), json!({})).await.expect(200).json();
    assert_eq!(revoked["state"], "revoked");
    admin.post(&format!("/tenants/first/invitations/{made}/revoke"), json!({})).await.expect_problem(409, "revoked");
    let told = stage.told().await;
    assert_eq!(told[1..].iter().map(|row| row[1].as_str()).collect::<Vec<_>>(), ["admin", "admin"]);
}

#[tokio::test]
async fn row_2_3_and_3_8_records_mail_a_link_where_they_ask_for_it_or_the_tenant_invites_everybody() {
    let person = |number: &str, send: Value| {
        let email = format!("p{number}@example.com");
        let mut record = json!({"employeeId": number, "email": email, "firstName": "Pat", "lastName": number});
        if !send.is_null() {
            record["sendInvitation"] = send;
        }
        record
    };
    let asked = Stage::new().await;
    let everybody = Stage::with(&[], |choices| choices.credentials = Credentials::Invite).await;
    for (stage, invited) in [(&asked, ["p1"].as_slice()), (&everybody, &["p1", "p3"])] {
        let records = json!([person("1", json!(true)), person("2", json!(false)), person("3", Value::Null)]);
        let answer = stage.post("/users", &records).await.expect(200);
        assert_eq!(answer.json()["result"]["inserted"], 3, "{}", answer.text);
        stage.send().await;
        let mails = stage.mails.mails();
        assert_eq!(mails.len(), invited.len());
        for name in invited {
            let link = stage.link(&format!("{name}@example.com")).await;
            assert!(!answer.text.contains(&link), "the link is in the mail alone");
            stage.accept(&link).await.expect(200);
        }
        // Sent again, nobody is invited anew.
        stage.post("/users", &records).await;
        stage.send().await;
        assert_eq!(stage.mails.mails().len(), invited.len());
    }
}
