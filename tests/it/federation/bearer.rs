//! A token of a trusted issuer as a bearer token.

use scimgate::gateway::ConnectionChange;
use scimgate::model::{AllowedAddresses, ENTRA_SHARED_AUDIENCE, Origin, PlainHttp, Scopes, TrustInput};
use serde_json::json;

use super::issuer::{Key, TestIssuer};
use super::*;
use crate::support::scim::USER;

#[tokio::test]
async fn its_bearer_acts_as_the_credential_in_the_credential_s_tenant() {
    let key = Key::rsa(0);
    let there = Federated::start(&[&key]).await;
    let other = there.scim.other_tenant("second").await;
    other.create_user("not for us").await;
    let token = there.token(&key, json!({}));
    let created = there
        .scim
        .with_token_text(token)
        .post("/Users", json!({"schemas": [USER], "userName": "ada"}))
        .await
        .expect(201)
        .json();
    let listed = there.scim.get("/Users").await.expect(200).json();
    assert_eq!((&listed["totalResults"], &listed["Resources"][0]["id"]), (&json!(1), &created["id"]));
    let change = there.scim.changes().await.remove(0);
    assert_eq!((change.actor.as_str(), change.credential), ("Robot", there.registered.credential.id));
}

#[tokio::test]
async fn a_token_is_checked_once_and_its_keys_are_fetched_once() {
    let key = Key::ec("ec");
    let there = Federated::start(&[&key]).await;
    let token = there.token(&key, json!({}));
    for _ in 0..10 {
        there.with(&token).await.expect(200);
    }
    assert_eq!(there.issuer.asked(), 1);
}

#[tokio::test]
async fn a_token_ends_with_its_time_however_often_it_was_good() {
    let key = Key::ec("ec");
    let there = Federated::start(&[&key]).await;
    let token = there.token(&key, json!({}));
    for _ in 0..4 {
        there.with(&token).await.expect(200);
    }
    there.scim.advance_seconds(3_600 + 59);
    there.with(&token).await.expect(200);
    there.scim.advance_seconds(1);
    for _ in 0..4 {
        there.with(&token).await.expect_error(401, "", "the token has expired (exp 2026-11-22T09:00:00Z");
    }
}

#[tokio::test]
async fn what_ends_a_credential_ends_its_tokens() {
    let key = Key::ec("ec");
    let there = Federated::start(&[&key]).await;
    let token = there.token(&key, json!({}));
    there.with(&token).await.expect(200);
    let (tenant, gateway) = (there.scim.tenant().id, there.scim.gateway());
    let connection = there.registered.credential.connection.unwrap();
    let enabled = |enabled| ConnectionChange { enabled: Some(enabled), ..ConnectionChange::default() };
    gateway.change_connection(tenant, connection, enabled(false), &Origin::command_line()).await.unwrap();
    becomes(&there, &token, 401, "the connection of this token is disabled").await;
    gateway.change_connection(tenant, connection, enabled(true), &Origin::command_line()).await.unwrap();
    becomes(&there, &token, 200, "").await;
    gateway.remove_issuer(tenant, there.registered.credential.id, &Origin::command_line()).await.unwrap();
    becomes(&there, &token, 401, UNTRUSTED).await;
}

#[tokio::test]
async fn a_changed_rule_holds_for_tokens_that_were_good_before() {
    let key = Key::ec("ec");
    let there = Federated::start(&[&key]).await;
    let token = there.token(&key, json!({}));
    there.with(&token).await.expect(200);
    let stricter =
        TrustInput { claims: [("env".to_owned(), "production".to_owned())].into(), ..trusting(&there.issuer) };
    let (tenant, id) = (there.scim.tenant().id, there.registered.credential.id);
    let trust = stricter.check(PlainHttp::Allowed).unwrap();
    there.scim.gateway().change_issuer(tenant, id, &trusts(trust), &Origin::command_line()).await.unwrap();
    becomes(&there, &token, 401, "the token's claim env is not what was registered").await;
    there.with(&there.token(&key, json!({"env": "production"}))).await.expect(200);
}

#[tokio::test]
async fn it_may_do_what_the_credential_may_and_come_from_where_that_may() {
    let key = Key::ec("ec");
    let there = Federated::start(&[&key]).await;
    let connection = connect(&there.scim, "reader").await;
    let input = TrustInput { subject: "reader".into(), ..trusting(&there.issuer) };
    let new = NewIssuer {
        name: "Reader".parse().unwrap(),
        connection: connection.id,
        scopes: Scopes::READ,
        allowed_addresses: AllowedAddresses::ANY,
        max_role_weight: None,
        expires_at: None,
        trust: input.check(PlainHttp::Allowed).unwrap(),
    };
    let away = NewIssuer {
        allowed_addresses: "192.0.2.0/24".parse().unwrap(),
        trust: TrustInput { subject: "away".into(), ..input.clone() }.check(PlainHttp::Allowed).unwrap(),
        ..new.clone()
    };
    for new in [new, away] {
        there.scim.gateway().create_issuer(there.scim.tenant().id, new, &Origin::command_line()).await.unwrap();
    }
    let reader = there.scim.with_token_text(there.token(&key, json!({"sub": "reader"})));
    reader.get("/Users").await.expect(200);
    reader.post("/Users", json!({"schemas": [USER], "userName": "ada"})).await.expect_error(403, "", "users:write");
    let away = there.token(&key, json!({"sub": "away"}));
    there.with(&away).await.expect_error(403, "", "may not be used from the address 127.0.0.1");
}

/// Entra's own token, when "Secret Token" is left blank: everybody's has the same audience.
#[tokio::test]
async fn entra_s_token_is_told_by_its_organisation_and_its_application() {
    const TID: &str = "9f1e6a0e-1111-4000-8000-000000000001";
    const APP: &str = "5d2b1f6c-2222-4000-8000-000000000002";
    let key = Key::rsa(0);
    let scim = Scim::with(Profile::Entra, &["--allow-private-outbound"]).await;
    let issuer = TestIssuer::start(&[&key]);
    let input = TrustInput {
        audiences: vec![ENTRA_SHARED_AUDIENCE.into()],
        subject_claim: Some("appid".into()),
        subject: APP.to_uppercase(),
        tid: Some(TID.into()),
        ..trusting(&issuer)
    };
    register(&scim, input).await.unwrap();
    let token = |changes: Value| {
        let mut entra =
            json!({"aud": ENTRA_SHARED_AUDIENCE, "tid": TID, "appid": APP, "oid": "o", "sub": "o", "ver": "1.0"});
        entra.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        key.sign(&claims(&scim, &issuer, entra))
    };
    with(&scim, &token(json!({}))).await.expect(200);
    let other = "5d2b1f6c-3333-4000-8000-000000000003";
    with(&scim, &token(json!({"tid": other}))).await.expect_error(401, "", &format!("organisation (tid \"{other}\")"));
    with(&scim, &token(json!({"tid": null}))).await.expect_error(401, "", "no claim tid of the right type");
    with(&scim, &token(json!({"appid": other}))).await.expect_error(401, "", &format!("subject (appid \"{other}\")"));
    // The application's id in another place is not the application.
    with(&scim, &token(json!({"appid": other, "sub": APP}))).await.expect_error(401, "", "subject (appid");
}

#[tokio::test]
async fn a_token_that_fits_two_issuers_acts_as_none() {
    let key = Key::ec("ec");
    let there = Federated::start(&[&key]).await;
    let other = there.scim.other_tenant("second").await;
    let by_oid = TrustInput { subject_claim: Some("oid".into()), subject: "machine".into(), ..trusting(&there.issuer) };
    register(&other, by_oid).await.unwrap();
    there.with(&there.token(&key, json!({}))).await.expect(200);
    let both = there.token(&key, json!({"oid": "machine"}));
    there.with(&both).await.expect_error(401, "", "the token fits more than one trusted issuer");
}

#[tokio::test]
async fn an_issuer_of_one_tenant_cannot_speak_for_that_of_another() {
    let (key, forged) = (Key::ec("ec"), Key::ec("ec"));
    let there = Federated::start(&[&key]).await;
    let other = there.scim.other_tenant("second").await;
    // The second tenant claims the issuer too, with keys of its own.
    let mine = TestIssuer::start(&[&forged]);
    let claimed = TrustInput { subject: "me".into(), jwks_url: mine.jwks_url(), ..trusting(&there.issuer) };
    register(&other, claimed).await.unwrap();
    there.with(&there.token(&forged, json!({}))).await.expect_error(401, "", UNTRUSTED);
    let as_me = with(&other, &there.token(&forged, json!({"sub": "me"}))).await.expect(200);
    assert_eq!(as_me.json()["totalResults"], 0);
}

/// Asks until both workers answer so; a second is promised.
async fn becomes(there: &Federated, token: &str, status: u16, told: &str) {
    let begun = std::time::Instant::now();
    let mut times = 0;
    while times < 8 {
        let answer = there.with(token).await;
        times = if answer.status == status && answer.text.contains(told) { times + 1 } else { 0 };
        assert!(begun.elapsed().as_secs() < 5, "it is still {}", answer.text);
    }
}
