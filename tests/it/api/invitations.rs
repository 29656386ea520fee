//! Invitations: many people, many organizations, one link each, and what becomes of it.

use chrono::TimeDelta;
use futures_util::future::join_all;
use reqwest::Client;
use reqwest::redirect::Policy;
use scimgate::gateway::NewConnection;
use scimgate::model::{AdminRole, Clock, Connection, ConnectionKind, Credentials, Origin, Provisioning, Reach};
use scimgate::tasks::{expire_invitations, send_mails};
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio_postgres::NoTls;

use super::Api;
use super::mails::MailServer;
use crate::support::scim::{Answer, Scim, USER, answer};

const PROVISIONING: &str = "urn:ietf:params:scim:schemas:extension:scimgate:2.0:Provisioning";
const ORGANIZATION: &str = "urn:ietf:params:scim:schemas:extension:scimgate:2.0:Organization";
const PASSWORD: &str = "seven ducks under a lamp";

/// A tenant that takes records, a client that may invite, and a mail server.
struct Stage {
    scim: Scim,
    api: Api,
    mails: MailServer,
}

impl Stage {
    async fn new() -> Self {
        Self::with(&[], |_| {}).await
    }

    async fn with(flags: &[&str], choose: impl Fn(&mut Provisioning)) -> Self {
        let scim = Scim::with(scimgate::model::Profile::Rfc, flags).await;
        let chosen = |provisioning: &mut Provisioning| {
            provisioning.enabled = true;
            choose(provisioning);
        };
        let (slug, origin) = (scim.tenant().slug.clone(), Origin::command_line());
        scim.gateway().change_provisioning(&slug, &origin, chosen).await.unwrap();
        scim.settle("/Organizations", 200).await;
        let api = Api::of(&scim).await;
        Self { scim, api, mails: MailServer::start() }
    }

    async fn organization(&self, name: &str) -> String {
        self.scim.create("/Organizations", json!({"schemas": [ORGANIZATION], "name": name})).await
    }

    async fn user(&self, email: &str) -> String {
        let body = json!({"schemas": [USER], "userName": email, "emails": [{"value": email, "primary": true}]});
        self.scim.create("/Users", body).await
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        self.api.send("POST", path, Some(body), &[]).await
    }

    async fn invite(&self, body: Value) -> Value {
        self.post("/invitations", &body).await.expect(200).json()
    }

    async fn send(&self) {
        send_mails(&self.scim.store(), self.scim.clock(), &self.mails.mailer(), &self.scim.origin()).await.unwrap();
    }

    /// The path of the link in the last mail to an address.
    async fn link(&self, email: &str) -> String {
        self.send().await;
        let mails = self.mails.mails();
        let to = format!("RCPT TO:<{email}>");
        let mail = mails.iter().rev().find(|mail| mail.contains(&to)).unwrap();
        let from = mail.find("/invitations/").unwrap();
        mail[from..].split(|c: char| c.is_whitespace() || c == '"').next().unwrap().to_owned()
    }

    async fn page(&self, path: &str) -> Answer {
        answer(browser().get(format!("{}{path}", self.scim.origin()))).await
    }

    async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        answer(browser().post(format!("{}{path}", self.scim.origin())).form(fields)).await
    }

    async fn accept(&self, link: &str) -> Answer {
        self.form(&format!("{link}/accept"), &[("password", PASSWORD), ("again", PASSWORD)]).await
    }

    async fn state(&self, id: &str) -> String {
        let shown = self.api.get(&format!("/invitations/{id}")).await.expect(200).json();
        shown["state"].as_str().unwrap().to_owned()
    }

    /// What was told of invitations: action, kind of actor, actor.
    async fn told(&self) -> Vec<[String; 3]> {
        let rows = self.scim.admin_actions().await;
        let rows = rows.iter().filter(|row| row["target_kind"] == "invitation");
        rows.map(|row| ["action", "actor_kind", "actor"].map(|name| row[name].as_str().unwrap().to_owned())).collect()
    }

    async fn password_hash(&self, user: &str) -> Option<String> {
        let (client, connection) = tokio_postgres::connect(&self.scim.database_url(), NoTls).await.unwrap();
        tokio::spawn(connection);
        let id = user.to_owned();
        let row = client.query_one("SELECT password_hash FROM resources WHERE id::text = $1", &[&id]).await.unwrap();
        row.get(0)
    }

    async fn has_password(&self, user: &str, password: &str) -> bool {
        let hash = self.password_hash(user).await;
        scimgate::auth::password::verify(SecretString::from(password), hash).await.unwrap()
    }

    async fn provider(&self, name: &str) -> Connection {
        let prefix = Some("eu".parse().unwrap());
        let new = NewConnection { name: name.parse().unwrap(), prefix, kind: ConnectionKind::Entra, profile: None };
        let (tenant, origin) = (self.scim.tenant().id, Origin::command_line());
        self.scim.gateway().create_connection(tenant, new, &origin).await.unwrap()
    }
}

fn browser() -> Client {
    Client::builder().redirect(Policy::none()).build().unwrap()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn row_1_7_many_people_are_invited_in_one_call_each_with_its_own_result() {
    let stage = Stage::new().await;
    let known = stage.user("known@example.com").await;
    let body = json!({"users": [
        {"email": "ann@example.com", "firstName": "Ann", "lastName": "Lee"},
        {"id": known},
        {"email": "no address", "firstName": "X", "lastName": "Y"},
        {"employeeId": "nobody"},
        {"id": "01a2aaca-62c0-7bfc-b441-1214de21eaea"},
        {"nonsense": 1},
    ]});
    let answer = stage.invite(body.clone()).await;
    assert_eq!(answer["result"], json!({"invited": 2, "alreadyInvited": 0, "failed": 4, "total": 6}), "{answer}");
    let codes: Vec<&Value> = answer["users"].as_array().unwrap().iter().map(|user| &user["failure"]["code"]).collect();
    let expected = [
        Value::Null,
        Value::Null,
        json!("invalid_value"),
        json!("user_not_found"),
        json!("user_not_found"),
        json!("invalid_value"),
    ];
    assert_eq!(codes, expected.iter().collect::<Vec<_>>(), "{answer}");
    let [ann, second] = [&answer["users"][0], &answer["users"][1]];
    assert_eq!((&ann["key"], &ann["created"], &ann["mailed"]), (&json!("ann@example.com"), &json!(true), &json!(true)));
    assert_eq!((&second["userId"], &second["created"]), (&json!(known), &json!(false)));
    stage.scim.get(&format!("/Users/{}", text(&ann["userId"]))).await.expect(200);

    // The same again: nothing is doubled, and the open invitations are told.
    let again = stage.invite(body).await;
    assert_eq!(again["result"], json!({"invited": 0, "alreadyInvited": 2, "failed": 4, "total": 6}), "{again}");
    assert_eq!(again["users"][0]["invitationId"], ann["invitationId"]);
    stage.send().await;
    assert_eq!(stage.mails.mails().len(), 2);
    let listed = stage.api.get("/invitations?state=pending").await.expect(200).json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn row_1_8_each_person_is_invited_to_several_organizations_and_what_fails_is_told_for_each() {
    let stage = Stage::new().await;
    let (north, south) = (stage.organization("North").await, stage.organization("South").await);
    let user = stage.user("ann@example.com").await;
    let nowhere = "01a2aaca-62c0-7bfc-b441-1214de21eaea";
    let first = stage.invite(json!({"users": [{"id": user}], "organizationIds": [north, nowhere]})).await;
    let made = first["users"][0]["invitationId"].clone();
    let expected = json!([
        {"id": north, "outcome": "invited", "invitationId": made},
        {"id": nowhere, "outcome": "unknown_organization"},
    ]);
    assert_eq!(first["users"][0]["organizations"], expected);
    stage.send().await;
    // One of them is open already; a name does as well as an id.
    let second = stage.invite(json!({"users": [{"id": user}], "organizationIds": [north, "south"]})).await;
    let other = second["users"][0]["invitationId"].clone();
    assert_ne!(made, other);
    let expected = json!([
        {"id": north, "outcome": "already_invited", "invitationId": made},
        {"id": "south", "outcome": "invited", "invitationId": other},
    ]);
    assert_eq!(second["users"][0]["organizations"], expected);
    let shown = stage.api.get(&format!("/invitations/{}", text(&other))).await.expect(200).json();
    assert_eq!(shown["organizations"], json!([{"id": south, "name": "South"}]));
    let none = stage.invite(json!({"users": [{"id": user}], "organizationIds": [nowhere]})).await;
    assert_eq!(none["users"][0]["failure"]["code"], "unknown_organization");

    // Nobody comes to an organization before accepting, which proves the mailbox.
    let before = stage.scim.get(&format!("/Users/{user}")).await.expect(200).json();
    assert_eq!(before.get(PROVISIONING), None);
    let link = stage.link("ann@example.com").await;
    stage.accept(&link).await.expect(200);
    let after = stage.scim.get(&format!("/Users/{user}")).await.expect(200).json();
    assert_eq!(after[PROVISIONING]["organizations"], json!([{"value": south, "display": "South"}]), "{after}");
}

#[tokio::test]
async fn many_calls_at_once_make_one_invitation() {
    let stage = Stage::new().await;
    let north = stage.organization("North").await;
    let body = json!({
        "users": [{"email": "ann@example.com", "firstName": "Ann", "lastName": "Lee"}], "organizationIds": [north],
    });
    let answers = join_all((0..12).map(|_| stage.post("/invitations", &body))).await;
    let invited: u64 = answers.iter().map(|answer| answer.json()["result"]["invited"].as_u64().unwrap()).sum();
    let failed: u64 = answers.iter().map(|answer| answer.json()["result"]["failed"].as_u64().unwrap()).sum();
    assert_eq!((invited, failed), (1, 0), "{:#?}", answers.iter().map(|answer| &answer.text).collect::<Vec<_>>());
    stage.send().await;
    assert_eq!(stage.mails.mails().len(), 1);
    let users = stage.scim.get("/Users?filter=emails.value%20eq%20%22ann@example.com%22").await.json();
    assert_eq!(users["totalResults"], 1);
}

#[tokio::test]
async fn row_1_6_an_invitation_leads_to_the_identity_provider_that_it_names() {
    let stage = Stage::new().await;
    let (provider, user) = (stage.provider("Entra").await, stage.user("ann@example.com").await);
    let url = "https://login.example.com/acme";
    let settings = json!({"identityProviderUrls": {provider.id.to_string(): url}});
    stage.scim.owner().await.put("/tenants/first/mail-settings", settings).await.expect(200);
    for (name, code) in [("Okta", "unknown_identity_provider"), ("eu", "")] {
        let answer = stage.invite(json!({"users": [{"id": user}], "identityProvider": name})).await;
        assert_eq!(answer["users"][0]["failure"]["code"].as_str().unwrap_or(""), code, "{answer}");
    }
    let link = stage.link("ann@example.com").await;
    assert!(stage.mails.mails()[0].contains("You will sign in with Entra."));
    let page = stage.page(&link).await.expect(200);
    assert!(page.text.contains("sign in with Entra") && !page.text.contains("type=\"password\""), "{}", page.text);
    let done = stage.form(&format!("{link}/accept"), &[]).await.expect(200);
    assert!(done.text.contains(&format!("href=\"{url}\"")), "{}", done.text);
    let after = stage.scim.get(&format!("/Users/{user}")).await.expect(200).json();
    assert_eq!(after[PROVISIONING]["identityProvider"], provider.id.to_string());
    assert_eq!(stage.password_hash(&user).await, None);

    let disable = json!({"enabled": false});
    let path = format!("/tenants/first/connections/{}", provider.id);
    stage.scim.owner().await.patch(&path, disable).await.expect(200);
    let refused = stage.invite(json!({"users": [{"id": user}], "identityProvider": "Entra"})).await;
    assert_eq!(refused["users"][0]["failure"]["code"], "identity_provider_disabled");
}

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
