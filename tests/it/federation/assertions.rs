//! A token of a trusted issuer as a client assertion at the token endpoint (RFC 7523, section 2.2).

use reqwest::Client;
use scimgate::auth::ClientId;
use scimgate::gateway::ConnectionChange;
use scimgate::model::{Clock, Origin, PlainHttp, TrustInput};
use serde_json::{Value, json};

use super::issuer::{Answer as IssuerAnswer, Key};
use super::*;
use crate::support::scim::answer;

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

async fn trade(there: &Federated, client_id: Option<&str>, assertion: &str) -> Answer {
    let mut form = vec![
        ("grant_type", "client_credentials"),
        ("client_assertion_type", TYPE),
        ("client_assertion", assertion),
        ("scope", "api://scim/.default"),
    ];
    form.extend(client_id.map(|id| ("client_id", id)));
    answer(Client::new().post(format!("{}/oauth/token", there.scim.origin())).form(&form)).await
}

#[track_caller]
fn refused(answer: &Answer, status: u16, code: &str, told: &str) {
    assert_eq!(answer.status, status, "{}", answer.text);
    let body: Value = answer.json();
    assert_eq!(body["error"], code, "{body}");
    assert!(body["error_description"].as_str().unwrap().contains(told), "{body} does not tell of {told:?}");
}

#[tokio::test]
async fn a_workload_trades_its_token_for_one_of_ours() {
    let key = Key::rsa(0);
    let there = Federated::start(&[&key]).await;
    let id = there.registered.credential.id;
    let client_id = ClientId(id).to_string();
    for client_id in [Some(client_id.as_str()), Some(id.to_string().as_str()), None] {
        let traded = trade(&there, client_id, &there.token(&key, json!({}))).await.expect(200).json();
        assert_eq!((&traded["token_type"], &traded["expires_in"]), (&json!("Bearer"), &json!(3_600)));
        there.with(traded["access_token"].as_str().unwrap()).await.expect(200);
    }
}

#[tokio::test]
async fn an_assertion_with_an_id_is_good_once_on_every_server() {
    let key = Key::ec("ec");
    let there = Federated::start(&[&key]).await;
    let client_id = there.registered.credential.id.to_string();
    let assertion = there.token(&key, json!({"jti": "one"}));
    let attempts = (0..8).map(|_| trade(&there, Some(&client_id), &assertion));
    let answers = futures_util::future::join_all(attempts).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1, "{answers:?}");
    refused(&trade(&there, None, &assertion).await, 401, "invalid_client", "the assertion was used before (jti)");
    // What says the same id again is the same assertion.
    let again = there.token(&key, json!({"jti": "one", "n": 1}));
    refused(&trade(&there, Some(&client_id), &again).await, 401, "invalid_client", "used before");
    trade(&there, Some(&client_id), &there.token(&key, json!({"jti": "two"}))).await.expect(200);
    refused(&trade(&there, None, &there.token(&key, json!({"jti": 7}))).await, 401, "invalid_client", "no claim jti");
    // Used ids are forgotten when nobody could show them any more.
    there.scim.advance_seconds(3_600 + 61);
    trade(&there, Some(&client_id), &there.token(&key, json!({"jti": "three"}))).await.expect(200);
    let used = there.scim.dump().await.lines().filter(|line| line.starts_with("used_assertions ")).count();
    assert_eq!(used, 1);
}

#[tokio::test]
async fn a_workload_that_keeps_its_assertion_is_allowed_to_if_that_is_registered() {
    let key = Key::ec("ec");
    let there = Federated::start(&[&key]).await;
    let (tenant, id) = (there.scim.tenant().id, there.registered.credential.id);
    let trust = TrustInput { reusable: true, ..trusting(&there.issuer) }.check(PlainHttp::Allowed).unwrap();
    there.scim.gateway().change_issuer(tenant, id, &trusts(trust), &Origin::command_line()).await.unwrap();
    let assertion = there.token(&key, json!({"jti": "one"}));
    for _ in 0..3 {
        trade(&there, None, &assertion).await.expect(200);
    }
}

#[tokio::test]
async fn a_client_that_proved_its_issuer_is_told_which_audience_is_wanted() {
    let (key, stranger) = (Key::ec("ec"), Key::ec("ec"));
    let there = Federated::start(&[&key]).await;
    let client_id = there.registered.credential.id.to_string();
    let wrong = json!({"aud": "api://other"});
    let answer = trade(&there, Some(&client_id), &there.token(&key, wrong.clone())).await;
    // Quotes stand as ' in an error_description (RFC 6749, section 5.2).
    refused(&answer, 401, "invalid_client", "and this issuer was registered with api://scim");
    refused(&trade(&there, Some(&client_id), &there.token(&stranger, wrong)).await, 401, "invalid_client", UNTRUSTED);
    for (changes, told) in [
        (json!({"sub": "other"}), "the token's subject (sub"),
        (json!({"exp": "never"}), "no claim exp"),
        (json!({"exp": there.scim.clock().now().timestamp() - 61}), "the token has expired"),
    ] {
        let answer = trade(&there, Some(&client_id), &there.token(&key, changes)).await;
        refused(&answer, 401, "invalid_client", told);
    }
}

#[tokio::test]
async fn a_client_is_who_its_assertion_says_and_no_other() {
    let key = Key::ec("ec");
    let there = Federated::start(&[&key]).await;
    let other = there.scim.other_tenant("second").await;
    let of_other = TrustInput { subject: "machine".into(), ..trusting(&there.issuer) };
    let of_other = register(&other, of_other).await.unwrap().credential.id.to_string();
    let assertion = there.token(&key, json!({}));
    refused(&trade(&there, Some(&of_other), &assertion).await, 401, "invalid_client", "the token's subject (sub");
    for unknown in ["scimc_00000000000000000000000000", "01890000-0000-7000-8000-000000000000", "x"] {
        assert_eq!(trade(&there, Some(unknown), &assertion).await.status, 401, "{unknown}");
    }
    trade(&there, Some(&there.registered.credential.id.to_string()), &assertion).await.expect(200);
}

#[tokio::test]
async fn what_ends_the_issuer_ends_what_was_traded_for_its_tokens() {
    let key = Key::ec("ec");
    let there = Federated::start(&[&key]).await;
    let traded = trade(&there, None, &there.token(&key, json!({}))).await.expect(200).json();
    let token = traded["access_token"].as_str().unwrap();
    there.with(token).await.expect(200);
    let connection = there.registered.credential.connection.unwrap();
    let disabled = ConnectionChange { enabled: Some(false), ..ConnectionChange::default() };
    let (tenant, gateway) = (there.scim.tenant().id, there.scim.gateway());
    gateway.change_connection(tenant, connection, disabled, &Origin::command_line()).await.unwrap();
    let begun = std::time::Instant::now();
    while there.with(token).await.status != 401 {
        assert!(begun.elapsed().as_secs() < 5, "the access token works still");
    }
}

#[tokio::test]
async fn an_issuer_that_cannot_be_asked_is_told_as_passing() {
    let key = Key::ec("ec");
    let there = Federated::start(&[&key]).await;
    there.issuer.answers(IssuerAnswer::Nothing);
    let answer = trade(&there, None, &there.token(&key, json!({}))).await;
    refused(&answer, 503, "temporarily_unavailable", "");
}
