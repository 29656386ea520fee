//! An issuer's keys: rotated, withdrawn, and an issuer that fails.

use std::time::Duration;

use serde_json::json;

use super::issuer::{Answer, Key, TestIssuer, key_set};
use super::*;

#[tokio::test]
async fn a_new_key_is_found_when_a_token_names_it() {
    let (old, new) = (Key::rsa(0), Key::rsa(1));
    let there = Federated::start(&[&old]).await;
    there.with(&there.token(&old, json!({}))).await.expect(200);
    there.issuer.publish(&[&old, &new]);
    there.with(&there.token(&new, json!({}))).await.expect_error(401, "", UNTRUSTED);
    there.scim.advance_seconds(60);
    there.with(&there.token(&new, json!({}))).await.expect(200);
    there.with(&there.token(&old, json!({}))).await.expect(200);
    assert_eq!(there.issuer.asked(), 2);
}

#[tokio::test]
async fn a_withdrawn_key_ends_tokens_that_were_good() {
    let (old, new) = (Key::ec("old"), Key::ec("new"));
    let there = Federated::start(&[&old]).await;
    let token = there.token(&old, json!({"exp": there.scim.clock().now().timestamp() + 12 * 3_600}));
    there.with(&token).await.expect(200);
    there.issuer.publish(&[&new]);
    there.with(&token).await.expect(200);
    there.scim.advance_seconds(2 * 3_600);
    there.with(&token).await.expect_error(401, "", UNTRUSTED);
    there.with(&there.token(&new, json!({}))).await.expect(200);
}

#[tokio::test]
async fn another_key_under_the_same_name_ends_tokens_too() {
    let (old, new) = (Key::ec("one"), Key::ec("one"));
    let there = Federated::start(&[&old]).await;
    let token = there.token(&old, json!({"exp": there.scim.clock().now().timestamp() + 12 * 3_600}));
    there.with(&token).await.expect(200);
    there.issuer.publish(&[&new]);
    there.scim.advance_seconds(2 * 3_600);
    there.with(&token).await.expect_error(401, "", UNTRUSTED);
}

#[tokio::test]
async fn keys_that_are_known_serve_while_the_issuer_is_away() {
    let key = Key::ec("ec");
    let there = Federated::start(&[&key]).await;
    let token = |there: &Federated| there.token(&key, json!({}));
    there.with(&token(&there)).await.expect(200);
    there.issuer.answers(Answer::Nothing);
    for _ in 0..3 {
        there.scim.advance_seconds(6 * 3_600);
        there.with(&token(&there)).await.expect(200);
    }
    there.scim.advance_seconds(6 * 3_600);
    there.with(&token(&there)).await.expect_error(503, "", "the keys of the token's issuer cannot be fetched now");
    there.issuer.publish(&[&key]);
    there.scim.advance_seconds(10);
    there.with(&token(&there)).await.expect(200);
}

/// 401 would be a verdict on the credential, at which clients give up; 503 is none.
#[tokio::test]
async fn an_issuer_that_cannot_be_asked_is_a_503_and_not_a_401() {
    let key = Key::ec("ec");
    let there = Federated::start(&[&key]).await;
    let elsewhere = TestIssuer::start(&[&key]);
    let long = format!("{}{}", key_set(&[&key]), " ".repeat(300 << 10));
    for answer in [
        Answer::Nothing,
        Answer::Status(500),
        Answer::Status(404),
        Answer::Redirect(elsewhere.jwks_url()),
        Answer::Endless,
        Answer::Text(long),
        Answer::Text("<html>".into()),
        Answer::Text("{\"keys\":{}}".into()),
        Answer::Text(json!({"keys": vec![key.jwk.clone(); 101]}).to_string()),
    ] {
        there.issuer.answers(answer);
        let answer = there.with(&there.token(&key, json!({}))).await;
        answer.expect_error(503, "", "the keys of the token's issuer cannot be fetched now; try again");
        assert_eq!(answer.header("retry-after"), "2");
        assert!(!answer.text.contains(&there.issuer.jwks_url()), "{}", answer.text);
        there.scim.advance_seconds(10);
    }
    assert_eq!(elsewhere.asked(), 0, "a redirect was followed");
    there.issuer.publish(&[&key]);
    there.with(&there.token(&key, json!({}))).await.expect(200);
}

#[tokio::test]
async fn an_issuer_without_keys_has_no_good_tokens() {
    let key = Key::ec("ec");
    let there = Federated::start(&[]).await;
    there.with(&there.token(&key, json!({}))).await.expect_error(401, "", UNTRUSTED);
}

#[tokio::test]
async fn many_requests_at_a_slow_issuer_are_one_fetch() {
    let key = Key::ec("ec");
    let there = Federated::start(&[&key]).await;
    there.issuer.answers(Answer::Late(key_set(&[&key]), Duration::from_millis(300)));
    let tokens: Vec<String> = (0..12).map(|number| there.token(&key, json!({"n": number}))).collect();
    let answers = tokens.iter().map(|token| there.with(token));
    for answer in futures_util::future::join_all(answers).await {
        answer.expect(200);
    }
    assert_eq!(there.issuer.asked(), 1);
}

#[tokio::test]
async fn a_private_address_is_not_asked_unless_that_is_configured() {
    let key = Key::ec("ec");
    let scim = Scim::start().await;
    let issuer = TestIssuer::start(&[&key]);
    let secure = issuer.jwks_url().replace("http:", "https:");
    for jwks_url in [issuer.jwks_url(), secure] {
        let input = TrustInput { subject: jwks_url.clone(), jwks_url: jwks_url.clone(), ..trusting(&issuer) };
        register(&scim, input).await.unwrap();
        let token = key.sign(&claims(&scim, &issuer, json!({"sub": jwks_url})));
        with(&scim, &token).await.expect_error(503, "", "cannot be fetched now");
    }
    assert_eq!(issuer.asked(), 0);
}
