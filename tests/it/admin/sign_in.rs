//! `/admin/v1/session`: signing in and out.

use reqwest::Client;
use scimgate::auth::TotpSecret;
use scimgate::gateway::{AdminDraft, operator};
use scimgate::model::{AdminRole, Clock, Reach};
use serde_json::{Value, json};

use crate::support::admin::Admin;
use crate::support::scim::{Answer, Scim, answer};

pub const PASSWORD: &str = "correct horse battery staple";

/// An owner who signs in as `email` with [`PASSWORD`].
pub async fn with_password(scim: &Scim, email: &str) {
    let draft = AdminDraft {
        email: email.parse().unwrap(),
        name: email.parse().unwrap(),
        role: AdminRole::Owner,
        reach: Reach::Instance,
    };
    scim.gateway().create_admin(&operator(), &draft, PASSWORD.to_owned().into()).await.unwrap();
}

pub async fn sign_in(scim: &Scim, email: &str, password: &str) -> Answer {
    let body = json!({"email": email, "password": password});
    answer(Client::new().post(format!("{}/admin/v1/session", scim.origin())).json(&body)).await
}

/// Who has the session of an answer.
pub fn session(scim: &Scim, answer: &Answer) -> Admin {
    let cookie = answer.header("set-cookie");
    let secret = cookie.strip_prefix("scimgate=").unwrap().split(';').next().unwrap();
    Admin::with_secret(scim, secret, answer.json()["csrfToken"].as_str().unwrap())
}

/// Of whom the log tells that signing in failed.
async fn failures(scim: &Scim) -> Vec<String> {
    let rows = scim.admin_actions().await;
    let rows = rows.iter().filter(|row| row["action"] == "admin.sign_in" && row["outcome"] == "failure");
    rows.map(|row| row["target_name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_session_begins_and_ends() {
    let scim = Scim::start().await;
    with_password(&scim, "Ada@example.com").await;
    let entered = sign_in(&scim, "ada@EXAMPLE.com", PASSWORD).await.expect(200);
    let cookie = entered.header("set-cookie");
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert_eq!(entered.json()["state"], "complete");
    let ada = session(&scim, &entered);
    let seen = ada.get("/session").await.expect(200).json();
    assert_eq!((&seen["admin"]["email"], &seen["csrfToken"]), (&json!("Ada@example.com"), &json!(ada.csrf)));
    ada.get("/tenants").await.expect(200);

    answer(ada.request("DELETE", "/session")).await.expect_problem(403, "CSRF");
    let left = ada.delete("/session").await.expect(204);
    assert!(left.header("set-cookie").contains("Max-Age=0"), "{}", left.header("set-cookie"));
    ada.get("/tenants").await.expect_problem(401, "sign in");
    let actions: Vec<Value> = scim.admin_actions().await.into_iter().map(|row| row["action"].clone()).collect();
    assert_eq!(actions[actions.len() - 2..], ["admin.sign_in", "admin.sign_out"]);
}

#[tokio::test]
async fn the_cookie_is_bound_to_the_host_where_there_is_tls() {
    let scim = Scim::with(scimgate::model::Profile::Rfc, &["--public-url=https://scim.example.com"]).await;
    with_password(&scim, "ada@example.com").await;
    let body = json!({"email": "ada@example.com", "password": PASSWORD});
    let url = format!("{}/admin/v1/session", scim.address());
    let entered = answer(Client::new().post(url).json(&body)).await.expect(200);
    let cookie = entered.header("set-cookie");
    assert!(cookie.starts_with("__Host-scimgate=") && cookie.contains("; Secure"), "{cookie}");
}

#[tokio::test]
async fn nobody_learns_whether_an_account_is_there() {
    let scim = Scim::start().await;
    with_password(&scim, "ada@example.com").await;
    with_password(&scim, "gone@example.com").await;
    let gone = scim.store().find_admin_by_email("gone@example.com").await.unwrap().unwrap();
    scim.owner().await.patch(&format!("/admins/{}", gone.id), json!({"enabled": false})).await.expect(200);
    let refusals = [
        sign_in(&scim, "ada@example.com", "wrong and long enough").await,
        sign_in(&scim, "nobody@example.com", PASSWORD).await,
        sign_in(&scim, "gone@example.com", PASSWORD).await,
        sign_in(&scim, "\u{0}", PASSWORD).await,
    ];
    for refusal in &refusals[..3] {
        refusal.expect_problem(401, "the e-mail address or the password is wrong");
        let (mut one, mut other) = (refusal.json(), refusals[0].json());
        (one["instance"], other["instance"]) = (json!(""), json!(""));
        assert_eq!(one, other);
        assert_eq!(refusal.header("set-cookie"), "");
    }
    refusals[3].expect_problem(400, "U+0000");
    assert_eq!(failures(&scim).await, ["ada@example.com", "nobody@example.com", "gone@example.com"]);
}

#[tokio::test]
async fn what_is_typed_for_a_name_and_is_none_is_not_logged() {
    let scim = Scim::start().await;
    sign_in(&scim, "my secret password", "x").await.expect(401);
    assert!(!scim.dump().await.contains("my secret password"));
}

#[tokio::test]
async fn an_account_pauses_after_failures_for_longer_each_time() {
    let scim = Scim::start().await;
    with_password(&scim, "ada@example.com").await;
    for _ in 0..5 {
        sign_in(&scim, "ada@example.com", "wrong").await.expect(401);
    }
    for pause in [30, 60, 120] {
        scim.advance_seconds(pause - 1);
        sign_in(&scim, "ada@example.com", PASSWORD).await.expect(401);
        scim.advance_seconds(1);
        if pause < 120 {
            sign_in(&scim, "ada@example.com", "wrong").await.expect(401);
        }
    }
    sign_in(&scim, "ada@example.com", PASSWORD).await.expect(200);
    // Everything is forgiven by a sign-in.
    for _ in 0..4 {
        sign_in(&scim, "ada@example.com", "wrong").await.expect(401);
    }
    sign_in(&scim, "ada@example.com", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn attempts_at_once_do_not_get_past_the_limit() {
    let scim = Scim::start().await;
    with_password(&scim, "ada@example.com").await;
    let attempts = (0..12).map(|_| sign_in(&scim, "ada@example.com", "wrong"));
    for refusal in futures_util::future::join_all(attempts).await {
        refusal.expect_problem(401, "wrong");
    }
    sign_in(&scim, "ada@example.com", PASSWORD).await.expect(401);
    let admin = scim.store().find_admin_by_email("ada@example.com").await.unwrap().unwrap();
    assert_eq!(admin.locked_until.unwrap() - scim.clock().now(), chrono::TimeDelta::seconds(30));
}

#[tokio::test]
async fn an_address_pauses_whatever_names_it_tries() {
    let scim = Scim::start().await;
    with_password(&scim, "ada@example.com").await;
    for number in 0..20 {
        sign_in(&scim, &format!("nobody{number}@example.com"), "wrong").await.expect(401);
    }
    let refused = sign_in(&scim, "ada@example.com", PASSWORD).await;
    refused.expect_problem(429, "wait");
    assert_eq!(refused.header("retry-after"), "30");
    scim.advance_seconds(30);
    sign_in(&scim, "ada@example.com", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn a_page_of_another_site_signs_nobody_in() {
    let scim = Scim::start().await;
    with_password(&scim, "ada@example.com").await;
    let body = json!({"email": "ada@example.com", "password": PASSWORD});
    let request = Client::new().post(format!("{}/admin/v1/session", scim.origin())).json(&body);
    answer(request.header("sec-fetch-site", "cross-site")).await.expect_problem(403, "another site");
}

/// Gives somebody who is signed in a second factor; answers its secret and the recovery codes.
async fn enrol(scim: &Scim, admin: &Admin) -> (TotpSecret, Vec<String>) {
    let begun = admin.post("/account/totp", json!({})).await.expect(200).json();
    assert!(begun["uri"].as_str().unwrap().contains(begun["secret"].as_str().unwrap()));
    assert!(begun["qrCode"].as_str().unwrap().starts_with("<svg"));
    admin.post("/account/totp/confirm", json!({"code": "000000"})).await.expect_invalid(&["code"]);
    let secret = TotpSecret::from_base32(begun["secret"].as_str().unwrap()).unwrap();
    let code = secret.code(scim.clock().now()).unwrap();
    let codes = admin.post("/account/totp/confirm", json!({"code": code})).await.expect(200).json();
    let codes = codes["recoveryCodes"].as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned());
    (secret, codes.collect())
}

#[tokio::test]
async fn a_second_factor_is_asked_for_and_no_code_works_twice() {
    let scim = Scim::start().await;
    with_password(&scim, "ada@example.com").await;
    let first = session(&scim, &sign_in(&scim, "ada@example.com", PASSWORD).await.expect(200));
    let (secret, _) = enrol(&scim, &first).await;
    let used = secret.code(scim.clock().now()).unwrap();

    let half = sign_in(&scim, "ada@example.com", PASSWORD).await.expect(200);
    assert_eq!((&half.json()["state"], half.json().get("admin")), (&json!("second-factor"), None));
    let half = session(&scim, &half);
    half.get("/tenants").await.expect_problem(401, "sign in");
    half.get("/account").await.expect_problem(401, "sign in");
    half.post("/session/second-factor", json!({"code": used})).await.expect_problem(401, "used before");
    half.post("/session/second-factor", json!({"code": "000000"})).await.expect_problem(401, "wrong");

    scim.advance_seconds(30);
    let code = secret.code(scim.clock().now()).unwrap();
    answer(half.request("POST", "/session/second-factor").json(&json!({"code": code})))
        .await
        .expect_problem(403, "CSRF");
    let entered = half.post("/session/second-factor", json!({"code": code})).await.expect(200);
    assert_eq!(entered.json()["state"], "complete");
    let whole = session(&scim, &entered);
    assert_ne!(whole.secret, half.secret);
    whole.get("/tenants").await.expect(200);
    half.get("/session").await.expect_problem(401, "");

    let again = session(&scim, &sign_in(&scim, "ada@example.com", PASSWORD).await.expect(200));
    again.post("/session/second-factor", json!({"code": code})).await.expect_problem(401, "used before");
}

#[tokio::test]
async fn a_session_that_waits_for_the_second_factor_ends_soon_and_guessing_pauses() {
    let scim = Scim::start().await;
    with_password(&scim, "ada@example.com").await;
    let first = session(&scim, &sign_in(&scim, "ada@example.com", PASSWORD).await.expect(200));
    let (secret, _) = enrol(&scim, &first).await;
    scim.advance_seconds(30);
    let half = session(&scim, &sign_in(&scim, "ada@example.com", PASSWORD).await.expect(200));
    for _ in 0..5 {
        half.post("/session/second-factor", json!({"code": "000000"})).await.expect(401);
    }
    let code = secret.code(scim.clock().now()).unwrap();
    half.post("/session/second-factor", json!({"code": code})).await.expect_problem(401, "too many attempts");
    scim.advance_seconds(5 * 60);
    let code = secret.code(scim.clock().now()).unwrap();
    half.post("/session/second-factor", json!({"code": code})).await.expect_problem(401, "sign in");
}

#[tokio::test]
async fn a_recovery_code_works_once() {
    let scim = Scim::start().await;
    with_password(&scim, "ada@example.com").await;
    let first = session(&scim, &sign_in(&scim, "ada@example.com", PASSWORD).await.expect(200));
    let (_, codes) = enrol(&scim, &first).await;
    assert_eq!(codes.len(), 10);
    let dump = scim.dump().await;
    assert!(!codes.iter().any(|code| dump.contains(code) || dump.contains(&code.replace('-', ""))));
    for status in [200, 401] {
        let half = session(&scim, &sign_in(&scim, "ada@example.com", PASSWORD).await.expect(200));
        half.post("/session/second-factor", json!({"code": codes[3].to_uppercase()})).await.expect(status);
    }
}

#[tokio::test]
async fn the_database_holds_nothing_to_sign_in_with() {
    let scim = Scim::start().await;
    with_password(&scim, "ada@example.com").await;
    let entered = session(&scim, &sign_in(&scim, "ada@example.com", PASSWORD).await.expect(200));
    let begun = entered.post("/account/totp", json!({})).await.expect(200).json();
    let dump = scim.dump().await;
    for secret in [PASSWORD, &entered.secret, &entered.csrf, begun["secret"].as_str().unwrap()] {
        assert!(!dump.contains(secret), "{secret}");
    }
    assert!(dump.contains("$argon2id$"));
}

#[tokio::test]
async fn one_s_own_password_is_changed_and_other_sessions_end() {
    let scim = Scim::start().await;
    with_password(&scim, "ada@example.com").await;
    let here = session(&scim, &sign_in(&scim, "ada@example.com", PASSWORD).await.expect(200));
    let elsewhere = session(&scim, &sign_in(&scim, "ada@example.com", PASSWORD).await.expect(200));
    let change = |present: &str, new: &str| json!({"presentPassword": present, "newPassword": new});
    here.put("/account/password", change("wrong", "another long password")).await.expect_invalid(&["presentPassword"]);
    for weak in ["short", "ada@example.com", "passwordpassword"] {
        here.put("/account/password", change(PASSWORD, weak)).await.expect_invalid(&["password"]);
    }
    here.put("/account/password", change(PASSWORD, "another long password")).await.expect(204);
    here.get("/tenants").await.expect(200);
    elsewhere.get("/tenants").await.expect(401);
    sign_in(&scim, "ada@example.com", PASSWORD).await.expect(401);
    sign_in(&scim, "ada@example.com", "another long password").await.expect(200);
}

#[tokio::test]
async fn a_second_factor_is_taken_away_by_the_password() {
    let scim = Scim::start().await;
    with_password(&scim, "ada@example.com").await;
    let here = session(&scim, &sign_in(&scim, "ada@example.com", PASSWORD).await.expect(200));
    enrol(&scim, &here).await;
    here.post("/account/totp", json!({})).await.expect_problem(409, "already");
    here.send("DELETE", "/account/totp", Some(json!({"password": "wrong"}))).await.expect(422);
    here.send("DELETE", "/account/totp", Some(json!({"password": PASSWORD}))).await.expect(204);
    let entered = sign_in(&scim, "ada@example.com", PASSWORD).await.expect(200);
    assert_eq!(entered.json()["state"], "complete");
}
