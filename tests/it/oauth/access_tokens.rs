//! From a client's secret to a user: what access tokens say, allow, and for how long.

use std::time::{Duration, Instant};

use scimgate::gateway::ConnectionChange;
use scimgate::model::{Clock, Origin, Scope, Scopes, TokenLifetime};
use serde_json::json;

use crate::support::oauth::{GRANT, part};
use crate::support::scim::{Scim, USER};

/// Asks until both workers refuse; answers how long that took.
async fn refused(client: &Scim) -> Duration {
    let begun = Instant::now();
    let mut times = 0;
    while times < 8 {
        times = if client.get("/Users").await.status == 401 { times + 1 } else { 0 };
        assert!(begun.elapsed() < Duration::from_secs(5), "still let in");
    }
    begun.elapsed()
}

#[tokio::test]
async fn a_client_gets_a_token_and_provisions_with_it() {
    let scim = Scim::start().await;
    let client = scim.oauth_client().await;
    let answer = scim.grant(&client).await.expect(200);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
    let granted = answer.json();
    let scopes = "users:read users:write groups:read groups:write bulk";
    assert_eq!(
        granted,
        json!({"access_token": granted["access_token"], "token_type": "Bearer", "expires_in": 3600, "scope": scopes})
    );

    let token = granted["access_token"].as_str().unwrap();
    let (header, claims) = (part(token, 0), part(token, 1));
    assert_eq!(header, json!({"typ": "at+jwt", "alg": "ES256", "kid": header["kid"]}));
    let now = scim.clock().now().timestamp();
    let wanted = json!({
        "iss": scim.origin(), "sub": client.id, "client_id": client.id, "aud": scim.base, "scope": scopes,
        "jti": claims["jti"], "iat": now, "nbf": now, "exp": now + 3600, "tenant": scim.tenant().id,
    });
    assert_eq!(claims, wanted);

    let entra = scim.with_token_text(token.to_owned());
    entra.create_user("ada").await;
    assert_eq!(entra.get("/Users").await.expect(200).json()["totalResults"], 1);
    let changes = scim.changes().await;
    let change = changes.last().unwrap();
    assert_eq!((change.credential, change.actor.as_str()), (client.credential, "Entra client"));
}

#[tokio::test]
async fn a_secret_in_the_body_does_as_well_and_unknown_parameters_do_no_harm() {
    let scim = Scim::start().await;
    let client = scim.oauth_client().await;
    let body = format!("{GRANT}&client_id={}&client_secret={}", client.id, client.secret);
    scim.ask_token(&[], &body).await.expect(200);
    scim.ask_token(&[], &format!("resource=x&{body}&audience=")).await.expect(200);
    let basic = client.basic();
    let named = format!("{GRANT}&client_id={}", client.id);
    scim.ask_token(&[("authorization", &basic)], &named).await.expect(200);
    let encoded = client.basic().replace("Basic", "bAsIc");
    scim.ask_token(&[("authorization", &encoded)], GRANT).await.expect(200);
}

#[tokio::test]
async fn a_token_has_the_scopes_that_were_asked_for() {
    let scim = Scim::start().await;
    let client = scim.oauth_client_with(Scopes::READ.or(Scope::UsersWrite.into()), TokenLifetime::default()).await;
    let basic = client.basic();
    let ask = async |scope: &str| scim.ask_token(&[("authorization", &basic)], &format!("{GRANT}&scope={scope}")).await;
    let all = "users:read users:write groups:read";
    for (wanted, granted) in [
        ("users%3Aread", "users:read"),
        ("users%3Aread+groups%3Aread+users%3Aread", "users:read groups:read"),
        ("read", "users:read groups:read"),
        ("", all),
        ("https%3A%2F%2Fscim.example.com%2F.default", all),
        ("api%3A%2F%2Fscimgate/.default", all),
    ] {
        assert_eq!(ask(wanted).await.expect(200).json()["scope"], granted, "{wanted}");
    }
    for wrong in ["write", "groups%3Awrite", "users%3Aread+bulk", "admin%3A*", "openid", "USERS%3AREAD", ".default"] {
        ask(wrong).await.expect_oauth_error(400, "invalid_scope", &format!("at most: {all}; ask for fewer"));
    }

    let reader = ask("users%3Aread").await.json()["access_token"].as_str().unwrap().to_owned();
    let reader = scim.with_token_text(reader);
    reader.get("/Users").await.expect(200);
    let refused = reader.post("/Users", json!({"schemas": [USER], "userName": "bob"})).await;
    refused.expect_error(403, "", "users:write");
    assert!(refused.header("www-authenticate").contains("insufficient_scope"));
    reader.get("/Groups").await.expect_error(403, "", "groups:read");
}

#[tokio::test]
async fn a_token_lives_as_long_as_its_client_was_made_for_and_a_minute_for_clocks_that_differ() {
    let scim = Scim::start().await;
    let client = scim.oauth_client_with(Scopes::READ, TokenLifetime::of_minutes(360).unwrap()).await;
    assert_eq!(scim.grant(&client).await.json()["expires_in"], 21_600);
    let entra = scim.as_client(&client).await;
    entra.get("/Users").await.expect(200);
    scim.advance_seconds(21_600 + 59);
    entra.get("/Users").await.expect(200);
    scim.advance_seconds(1);
    for _ in 0..4 {
        entra.get("/Users").await.expect_error(401, "", "the access token has expired; get a new one");
    }
    scim.as_client(&client).await.get("/Users").await.expect(200);
}

#[tokio::test]
async fn a_revoked_client_is_refused_with_the_tokens_that_it_has() {
    let scim = Scim::start().await;
    let (client, other) = (scim.oauth_client().await, scim.oauth_client().await);
    let (entra, stays) = (scim.as_client(&client).await, scim.as_client(&other).await);
    for _ in 0..8 {
        entra.get("/Users").await.expect(200);
    }
    scim.gateway().revoke_client(scim.tenant().id, client.credential, &Origin::command_line()).await.unwrap();
    // One second is promised; the rest is for a busy machine.
    assert!(refused(&entra).await < Duration::from_secs(2));
    scim.grant(&client).await.expect_oauth_error(401, "invalid_client", "unknown or its secret is wrong");
    stays.get("/Users").await.expect(200);
}

#[tokio::test]
async fn a_disabled_connection_refuses_its_clients_and_says_so() {
    let scim = Scim::start().await;
    let client = scim.oauth_client().await;
    let entra = scim.as_client(&client).await;
    entra.get("/Users").await.expect(200);
    let change = ConnectionChange { enabled: Some(false), ..ConnectionChange::default() };
    let (tenant, origin) = (scim.tenant().id, Origin::command_line());
    scim.gateway().change_connection(tenant, client.connection.id, change, &origin).await.unwrap();
    assert!(refused(&entra).await < Duration::from_secs(2));
    scim.grant(&client).await.expect_oauth_error(401, "invalid_client", "connection of this token is disabled");
}

#[tokio::test]
async fn a_client_reaches_its_own_tenant_alone() {
    let scim = Scim::start().await;
    let other = scim.other_tenant("second").await;
    scim.create_user("ada").await;
    let theirs = other.as_client(&other.oauth_client().await).await;
    assert_eq!(theirs.get("/Users").await.expect(200).json()["totalResults"], 0);
    theirs.create_user("ada").await;
    assert_eq!(scim.get("/Users").await.json()["totalResults"], 1);
}
