//! Whoever sends wrong tokens waits before anything is looked up for another one, and nobody else does.

use reqwest::Client;

use super::issuer::Key;
use super::*;
use crate::support::oauth::OAuthClient;
use crate::support::scim::answer;

const FLAGS: [&str; 2] = ["--failed-auth-limit=3", "--trusted-proxy=127.0.0.0/8"];
const HERE: &str = "203.0.113.1";
const ELSEWHERE: &str = "203.0.113.2";

/// GETs users with that token, as a client of that address.
async fn from(scim: &Scim, address: &str, token: &str) -> Answer {
    scim.with_token_text(token.to_owned()).get_with("/Users", &[("x-forwarded-for", address)]).await
}

/// Sends wrong tokens until the address has to wait.
async fn hold_up(scim: &Scim, address: &str, mut wrong: impl FnMut(usize) -> String) {
    for n in 0..3 {
        from(scim, address, &wrong(n)).await.expect(401);
    }
    let answer = from(scim, address, &wrong(3)).await;
    answer.expect_error(429, "", "too many wrong credentials");
    assert_eq!(answer.header("retry-after"), "5");
}

#[tokio::test]
async fn a_workload_that_was_seen_gets_in_with_its_next_token_and_one_that_was_not_waits() {
    let (key, stranger) = (Key::ec("ec"), Key::ec("ec"));
    let there = Federated::with_flags(&[&key], &FLAGS).await;
    register(&there.scim, TrustInput { subject: "other".into(), ..trusting(&there.issuer) }).await.unwrap();
    from(&there.scim, HERE, &there.token(&key, json!({}))).await.expect(200);
    hold_up(&there.scim, HERE, |n| there.token(&stranger, json!({"sub": format!("made up {n}")}))).await;

    from(&there.scim, HERE, &there.token(&key, json!({"jti": "next"}))).await.expect(200);
    let unseen = there.token(&key, json!({"sub": "other"}));
    from(&there.scim, HERE, &unseen).await.expect_error(429, "", "too many wrong credentials");
    from(&there.scim, ELSEWHERE, &unseen).await.expect(200);
    // It is seen now.
    from(&there.scim, HERE, &there.token(&key, json!({"sub": "other", "jti": "next"}))).await.expect(200);
    // To name somebody who was seen helps nobody who has not its key.
    from(&there.scim, HERE, &there.token(&stranger, json!({"jti": "next"}))).await.expect(429);
}

#[tokio::test]
async fn an_assertion_waits_as_well() {
    let (key, stranger) = (Key::ec("ec"), Key::ec("ec"));
    let there = Federated::with_flags(&[&key], &FLAGS).await;
    let other = register(&there.scim, TrustInput { subject: "other".into(), ..trusting(&there.issuer) }).await.unwrap();
    let trade = async |address: &str, client_id: Option<String>, assertion: String| {
        let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        let mut form = vec![("grant_type", "client_credentials"), ("client_assertion_type", kind)];
        form.push(("client_assertion", &assertion));
        form.extend(client_id.as_deref().map(|id| ("client_id", id)));
        let request = Client::new().post(format!("{}/oauth/token", there.scim.origin())).form(&form);
        answer(request.header("x-forwarded-for", address)).await.status
    };
    let own = Some(there.registered.credential.id.to_string());
    assert_eq!(trade(HERE, own.clone(), there.token(&key, json!({}))).await, 200);
    hold_up(&there.scim, HERE, |n| there.token(&stranger, json!({"sub": format!("made up {n}")}))).await;
    let assertion = there.token(&key, json!({"sub": "other"}));
    for client_id in [None, Some(other.credential.id.to_string())] {
        assert_eq!(trade(HERE, client_id.clone(), assertion.clone()).await, 429, "{client_id:?}");
    }
    assert_eq!(trade(HERE, own, there.token(&key, json!({"jti": "next"}))).await, 200);
    assert_eq!(trade(ELSEWHERE, None, assertion).await, 200);
}

#[tokio::test]
async fn an_access_token_of_a_client_that_was_seen_is_taken_and_another_waits() {
    let flags = [&FLAGS[..], &["--public-url=https://id.example.com"]].concat();
    let scim = Scim::with(Profile::Rfc, &flags).await;
    let elsewhere = scim.at_another_node(&flags);
    let token = async |client: &OAuthClient| elsewhere.access_token(client).await;
    let (seen, unseen) = (scim.oauth_client().await, scim.oauth_client().await);
    let good = token(&seen).await;
    from(&scim, HERE, &good).await.expect(200);
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let forged: String = signature.chars().rev().collect();
    hold_up(&scim, HERE, |_| format!("{signed}.{forged}")).await;

    scim.advance_seconds(1);
    from(&scim, HERE, &token(&seen).await).await.expect(200);
    let unseen = token(&unseen).await;
    from(&scim, HERE, &unseen).await.expect_error(429, "", "too many wrong credentials");
    from(&scim, ELSEWHERE, &unseen).await.expect(200);
    from(&scim, HERE, &unseen).await.expect(200);
}
