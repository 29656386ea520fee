//! Sign-ins with credentials that are known and refused, in the log of their tenant.

use chrono::TimeDelta;
use scimgate::gateway::{ClientChange, ConnectionChange, NewToken};
use scimgate::model::{Clock, Origin, Scopes};
use serde_json::{Value, json};

use super::{entries, explained, failed, with_owner};
use crate::support::oauth::GRANT;
use crate::support::scim::Scim;

/// Sends a request until it is refused with that status.
async fn until(client: &Scim, status: u16) {
    let begun = std::time::Instant::now();
    while client.get("/Users").await.status != status {
        assert!(begun.elapsed().as_secs() < 5, "it is not refused");
    }
}

#[tokio::test]
async fn a_token_that_expired_was_revoked_or_comes_from_elsewhere_is_told_of_once() {
    let (scim, owner) = with_owner().await;
    let end = scim.clock().now() + TimeDelta::minutes(1);
    let expired = scim.with_token(Scopes::WRITE, Some(end)).await;
    scim.advance_seconds(61);
    let answer = expired.get("/Users?count=1").await.expect(401);
    for _ in 0..20 {
        expired.get("/Users").await.expect(401);
    }
    let told = failed(&owner, 1).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["detail"], "sign-in refused: the credential has expired");
    assert_eq!((&told[0]["status"], &told[0]["actor"]["name"]), (&json!(401), &json!("write token")));
    assert_eq!(
        (&told[0]["address"], &told[0]["request"]),
        (&json!("127.0.0.1"), &json!(answer.header("x-request-id")))
    );
    assert_eq!(explained(&owner, &answer).await["failed"]["path"], "/scim/v2/Users?count=1");

    let elsewhere = NewToken { allowed_addresses: "192.0.2.0/24".parse().unwrap(), ..scim.new_token(None) };
    scim.with_new_token(elsewhere).await.get("/Users").await.expect(403);
    let revoked = scim.with_token(Scopes::WRITE, None).await;
    let (tenant, origin) = (scim.tenant().id, Origin::command_line());
    scim.gateway().revoke_token(tenant, revoked.credential_id(), &origin).await.unwrap();
    until(&revoked, 401).await;
    let told = failed(&owner, 3).await;
    let details: Vec<&Value> = told.iter().map(|one| &one["detail"]).collect();
    assert!(details.contains(&&json!("sign-in refused: the credential may not be used from this address")), "{told:?}");
    assert!(details.contains(&&json!("sign-in refused: the credential was revoked")), "{told:?}");

    // After a minute it is told again.
    scim.advance_seconds(60);
    expired.get("/Users").await.expect(401);
    failed(&owner, 4).await;
}

#[tokio::test]
async fn who_does_not_have_the_secret_is_told_of_to_nobody() {
    let (scim, owner) = with_owner().await;
    let mut forged = scim.token.clone().into_bytes();
    let at = forged.len() / 2;
    forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
    scim.with_token_text(String::from_utf8(forged).unwrap()).get("/Users").await.expect(401);
    scim.with_token_text("nonsense".into()).get("/Users").await.expect(401);
    scim.post("/Users", json!({})).await.expect(400);
    let told = failed(&owner, 1).await;
    assert!(told.iter().all(|one| one["status"] == 400), "{told:?}");
}

#[tokio::test]
async fn a_client_is_told_of_at_the_token_endpoint_and_with_its_access_tokens() {
    let (scim, owner) = with_owner().await;
    let client = scim.oauth_client().await;
    let header = client.basic();
    let granted = scim.ask_token(&[("authorization", &header)], GRANT).await.expect(200).json();
    let by_token = scim.with_token_text(granted["access_token"].as_str().unwrap().to_owned());
    by_token.get("/Users").await.expect(200);
    let (gateway, tenant, origin) = (scim.gateway(), scim.tenant().id, Origin::command_line());
    let enabled = |enabled| ClientChange { enabled: Some(enabled), ..ClientChange::default() };
    gateway.change_client(tenant, client.credential, enabled(false), &origin).await.unwrap();
    until(&by_token, 401).await;
    let begun = std::time::Instant::now();
    let refused = loop {
        let answer = scim.ask_token(&[("authorization", &header)], GRANT).await;
        if answer.status == 401 {
            break answer;
        }
        assert!(begun.elapsed().as_secs() < 5, "it is granted still");
    };
    assert!(refused.text.contains("this credential is disabled"), "{}", refused.text);
    let told = failed(&owner, 1).await;
    assert_eq!(told[0]["detail"], "sign-in refused: the credential is disabled");
    gateway.change_client(tenant, client.credential, enabled(true), &origin).await.unwrap();
    until(&by_token, 200).await;
    let begun = std::time::Instant::now();
    while scim.ask_token(&[("authorization", &header)], GRANT).await.status != 200 {
        assert!(begun.elapsed().as_secs() < 5, "it is refused still");
    }

    let change = ConnectionChange { enabled: Some(false), ..ConnectionChange::default() };
    gateway.change_connection(tenant, client.connection.id, change, &origin).await.unwrap();
    until(&by_token, 401).await;
    let of_connection = format!("kind=request&connection={}", client.connection.id);
    let begun = std::time::Instant::now();
    while entries(&owner, &of_connection).await.len() < 2 {
        assert!(begun.elapsed().as_secs() < 5, "it is not told");
    }
    let told = entries(&owner, &of_connection).await;
    assert_eq!(told[0]["detail"], "sign-in refused: the connection of the credential is disabled");
}
