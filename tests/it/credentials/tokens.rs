//! Tokens: from where they may be used, how many there may be, and how one takes the place of another.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use scimgate::gateway::{MAX_LIVE_TOKENS, NewConnection, NewToken, TokenError};
use scimgate::model::{Clock, Connection, ConnectionKind, Credential, CredentialId, Origin, Scopes};
use secrecy::ExposeSecret;
use serde_json::json;

use crate::support::scim::{Scim, USER};

async fn connection(scim: &Scim) -> Connection {
    let new =
        NewConnection { name: "Entra".parse().unwrap(), prefix: None, kind: ConnectionKind::Entra, profile: None };
    scim.gateway().create_connection(scim.tenant().id, new, &Origin::command_line()).await.unwrap()
}

async fn kept(scim: &Scim, id: CredentialId) -> Credential {
    scim.store().credential(id).await.unwrap().unwrap().credential
}

/// Replaces a client's token, with an overlap of some days.
async fn rotate(scim: &Scim, old: &Scim, days: i64) -> Result<Scim, TokenError> {
    let (gateway, overlap) = (scim.gateway(), TimeDelta::days(days));
    let id = old.credential_id();
    let (token, _) = gateway.rotate_token(scim.tenant().id, id, overlap, None, &Origin::command_line()).await?;
    Ok(scim.with_token_text(token.reveal().expose_secret().to_owned()))
}

#[tokio::test]
async fn a_token_works_from_the_addresses_it_is_bound_to_alone() {
    let scim = Scim::start().await;
    let from = |networks: &str| NewToken { allowed_addresses: networks.parse().unwrap(), ..scim.new_token(None) };
    for inside in ["127.0.0.1", "10.0.0.0/8,127.0.0.0/8"] {
        scim.with_new_token(from(inside)).await.get("/Users").await.expect(200);
    }
    let outside = scim.with_new_token(from("192.0.2.0/24,::1")).await;
    let before = scim.dump().await;
    let refused = outside.post("/Users", json!({"schemas": [USER], "userName": "ada"})).await;
    refused.expect_error(403, "", "may not be used from the address 127.0.0.1; add the address");
    assert_eq!(refused.header("www-authenticate"), "");
    // No header of a client's own says where it is.
    let headers = [("x-forwarded-for", "192.0.2.1"), ("forwarded", "for=192.0.2.1")];
    outside.get_with("/Users", &headers).await.expect_error(403, "", "127.0.0.1");
    assert_eq!(scim.dump().await, before);
}

#[tokio::test]
async fn a_connection_has_five_tokens_that_work_whoever_asks_at_once() {
    let scim = Scim::start().await;
    let (entra, tenant) = (connection(&scim).await, scim.tenant().id);
    let (gateway, origin) = (scim.gateway(), Origin::command_line());
    let creations = (0..12).map(|_| gateway.create_token(tenant, scim.new_token(Some(&entra)), &origin));
    let mut made: Vec<_> = join_all(creations).await;
    let refused: Vec<_> = made.extract_if(.., |outcome| outcome.is_err()).collect();
    assert_eq!((made.len(), refused.len()), (usize::from(MAX_LIVE_TOKENS), 12 - usize::from(MAX_LIVE_TOKENS)));
    let told = "the connection has 5 tokens that work, which is as many as it may have; revoke one first";
    assert!(refused.iter().all(|error| error.as_ref().err().unwrap().to_string() == told));
    // Each that ends makes room for one, and those of no connection are not counted.
    let first = made[0].as_ref().unwrap().1.id;
    gateway.revoke_token(tenant, first, &origin).await.unwrap();
    gateway.create_token(tenant, scim.new_token(Some(&entra)), &origin).await.unwrap();
    gateway.create_token(tenant, scim.new_token(None), &origin).await.unwrap();
    let full = gateway.create_token(tenant, scim.new_token(Some(&entra)), &origin).await;
    assert!(matches!(full, Err(TokenError::Full)));
    // Where there is no room for both, one can be replaced at once.
    let second = made[1].as_ref().unwrap().1.id;
    let overlapping = gateway.rotate_token(tenant, second, TimeDelta::days(1), None, &origin).await;
    assert!(matches!(overlapping, Err(TokenError::Full)));
    assert!(kept(&scim, second).await.rotated_to.is_none(), "what is refused changes nothing");
    gateway.rotate_token(tenant, second, TimeDelta::zero(), None, &origin).await.unwrap();
}

#[tokio::test]
async fn a_replaced_token_and_the_new_one_work_until_the_overlap_is_over() {
    let scim = Scim::start().await;
    let entra = connection(&scim).await;
    let end = scim.clock().now() + TimeDelta::days(90);
    let new = NewToken {
        scopes: "users:read".parse().unwrap(),
        allowed_addresses: "127.0.0.0/8".parse().unwrap(),
        expires_at: Some(end),
        ..scim.new_token(Some(&entra))
    };
    let old = scim.with_new_token(new).await;
    scim.advance_seconds(60 * 86_400);
    let now = scim.clock().now();
    let new = rotate(&scim, &old, 7).await.unwrap();
    for client in [&old, &new] {
        client.get("/Users").await.expect(200);
        client.get("/Groups").await.expect_error(403, "", "groups:read");
    }
    let (before, after) = (kept(&scim, old.credential_id()).await, kept(&scim, new.credential_id()).await);
    assert_eq!((before.rotated_to, before.expires_at), (Some(after.id), Some(now + TimeDelta::days(7))));
    let inherited = Credential {
        id: after.id,
        digest: after.digest,
        created_at: now,
        expires_at: Some(now + TimeDelta::days(90)),
        rotated_to: None,
        ..before.clone()
    };
    assert_eq!(after, inherited, "the new one is as the old one was, and lives as long");
    assert_ne!(after.digest, before.digest);

    scim.advance_seconds(7 * 86_400 - 1);
    old.get("/Users").await.expect(200);
    scim.advance_seconds(1);
    old.get("/Users").await.expect_error(401, "", "expired");
    new.get("/Users").await.expect(200);
    let told = scim.admin_actions().await.pop().unwrap();
    assert_eq!((&told["action"], &told["target_id"]), (&json!("token.rotate"), &json!(before.id)));
    assert_eq!(told["details"]["replacedBy"], json!(after.id));
}

#[tokio::test]
async fn an_overlap_never_makes_a_token_live_longer() {
    let scim = Scim::start().await;
    let end: DateTime<Utc> = scim.clock().now() + TimeDelta::days(2);
    let old = scim.with_token(Scopes::WRITE, Some(end)).await;
    rotate(&scim, &old, 7).await.unwrap();
    assert_eq!(kept(&scim, old.credential_id()).await.expires_at, Some(end));
}

#[tokio::test]
async fn what_does_not_work_any_more_is_not_replaced() {
    let scim = Scim::start().await;
    let (tenant, origin) = (scim.tenant().id, Origin::command_line());
    let client = || scim.with_token(Scopes::WRITE, None);
    let told = async |client: &Scim| rotate(&scim, client, 1).await.err().unwrap().to_string();

    let replaced = client().await;
    let new = rotate(&scim, &replaced, 1).await.unwrap().credential_id();
    let expected = format!("this token was replaced by {new} already; replace that one, or create a new one");
    assert_eq!(told(&replaced).await, expected);
    let revoked = client().await;
    scim.gateway().revoke_token(tenant, revoked.credential_id(), &origin).await.unwrap();
    assert_eq!(told(&revoked).await, "this token was revoked; create a new one instead");
    let expired = scim.with_token(Scopes::WRITE, Some(scim.clock().now() + TimeDelta::hours(1))).await;
    scim.advance_seconds(3_600);
    assert_eq!(told(&expired).await, "this token has expired; create a new one instead");
    let stranger = scim.other_tenant("other").await;
    let expected = format!("there is no token with the id {}", stranger.credential_id());
    assert_eq!(told(&stranger).await, expected);
}

#[tokio::test]
async fn of_many_who_replace_a_token_at_once_one_does() {
    let scim = Scim::start().await;
    let old = scim.with_token(Scopes::WRITE, None).await;
    let outcomes = join_all((0..8).map(|_| rotate(&scim, &old, 1))).await;
    let made: Vec<&Scim> = outcomes.iter().filter_map(|outcome| outcome.as_ref().ok()).collect();
    assert_eq!(made.len(), 1);
    assert_eq!(kept(&scim, old.credential_id()).await.rotated_to, Some(made[0].credential_id()));
    assert!(
        outcomes
            .iter()
            .filter_map(|outcome| outcome.as_ref().err())
            .all(|error| { matches!(error, TokenError::Replaced(new) if *new == made[0].credential_id()) })
    );
    assert_eq!(scim.store().credentials(scim.tenant().id).await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_revocation_holds_on_every_node_within_seconds() {
    let scim = Scim::start().await;
    let leaver = scim.with_token(Scopes::WRITE, None).await;
    let elsewhere = leaver.at_another_node(&[]);
    for _ in 0..8 {
        leaver.get("/Users").await.expect(200);
        elsewhere.get("/Users").await.expect(200);
    }
    scim.gateway().revoke_token(scim.tenant().id, leaver.credential_id(), &Origin::command_line()).await.unwrap();
    let revoked = Instant::now();
    for client in [&leaver, &elsewhere] {
        let mut refused = 0;
        while refused < 8 {
            refused = if client.get("/Users").await.status == 401 { refused + 1 } else { 0 };
            assert!(revoked.elapsed() < Duration::from_secs(5), "still let in");
        }
    }
    scim.get("/Users").await.expect(200);
}

#[tokio::test]
async fn tokens_of_users_administer_nothing_and_their_users_are_there() {
    let scim = Scim::start().await;
    let (tenant, origin, gateway) = (scim.tenant().id, Origin::command_line(), scim.gateway());
    let user = Some(scim.create_user("ada").await.parse().unwrap());
    let of = |user, scopes: &str| NewToken { user, scopes: scopes.parse().unwrap(), ..scim.new_token(None) };
    let refused = gateway.create_token(tenant, of(user, "read,admin:read"), &origin).await;
    assert!(matches!(refused, Err(TokenError::UserAdministers)));
    let theirs = scim.other_tenant("other").await.create_user("eve").await.parse().unwrap();
    let refused = gateway.create_token(tenant, of(Some(theirs), "read"), &origin).await;
    assert!(matches!(refused, Err(TokenError::NoUser(id)) if id == theirs));
    gateway.create_token(tenant, of(user, "read"), &origin).await.unwrap();
}
