//! When credentials and connections were last used, and how that went.

use chrono::{DateTime, TimeDelta, Utc};
use scimgate::gateway::{ConnectionChange, NewConnection};
use scimgate::model::{Clock, Connection, ConnectionKind, ConnectionUse, CredentialUse, Origin};
use serde_json::json;

use crate::support::scim::{Scim, USER};

async fn connection(scim: &Scim, name: &str) -> Connection {
    let kind = ConnectionKind::Okta;
    let new = NewConnection { name: name.parse().unwrap(), prefix: None, kind, profile: None };
    scim.gateway().create_connection(scim.tenant().id, new, &Origin::command_line()).await.unwrap()
}

async fn of(scim: &Scim, connection: &Connection) -> ConnectionUse {
    scim.write_uses().await;
    let uses = scim.store().connection_uses(Some(scim.tenant().id)).await.unwrap();
    uses.into_iter().find(|used| used.connection == connection.id).unwrap()
}

fn at(scim: &Scim, seconds: i64) -> Option<DateTime<Utc>> {
    Some(scim.tenant().created_at + TimeDelta::seconds(seconds))
}

#[tokio::test]
async fn the_last_use_of_a_token_is_told_with_its_address() {
    let scim = Scim::start().await;
    let client = scim.with_token("read".parse().unwrap(), None).await;
    let uses = async || {
        scim.write_uses().await;
        let uses = scim.store().credential_uses(scim.tenant().id).await.unwrap();
        uses.into_iter().find(|used| used.credential == client.credential_id())
    };
    assert_eq!(uses().await, None, "a token that was never used has no last use");
    client.get("/Users").await.expect(200);
    scim.advance_seconds(10);
    client.get("/Users").await.expect(200);
    let expected = CredentialUse {
        tenant: scim.tenant().id,
        credential: client.credential_id(),
        last_used_at: at(&scim, 10).unwrap(),
        last_address: Some("127.0.0.1".parse().unwrap()),
        last_success_at: at(&scim, 10),
        last_failure_at: None,
    };
    assert_eq!(uses().await.as_ref(), Some(&expected));
    // What another node writes late takes nothing back.
    let late = CredentialUse {
        last_used_at: at(&scim, 5).unwrap(),
        last_address: None,
        last_success_at: at(&scim, 5),
        ..expected.clone()
    };
    scim.store().record_uses(&[late]).await.unwrap();
    assert_eq!(uses().await, Some(expected));
}

#[tokio::test]
async fn what_only_looks_for_something_is_no_failure_and_a_refused_change_is_one() {
    let scim = Scim::start().await;
    let okta = connection(&scim, "Okta").await;
    let never = of(&scim, &okta).await;
    assert_eq!((never.last_used_at, never.is_failing()), (None, false));
    let client = scim.with_token_of(&okta).await;
    let id = client.create_user("ada").await;
    scim.advance_seconds(1);
    let nobody = "/Users/01890000-0000-7000-8000-000000000000";
    client.get(nobody).await.expect(404);
    client.delete(nobody).await.expect(404);
    client.get("/Users?filter=x").await.expect(400);
    let used = of(&scim, &okta).await;
    assert_eq!((used.last_used_at, used.last_success_at, used.last_failure_at), (at(&scim, 1), at(&scim, 0), None));

    scim.advance_seconds(1);
    client.post("/Users", json!({"schemas": [USER], "userName": "ADA"})).await.expect(409);
    let used = of(&scim, &okta).await;
    assert!(used.is_failing());
    assert_eq!((used.last_success_at, used.last_failure_at), (at(&scim, 0), at(&scim, 2)));
    scim.advance_seconds(1);
    client.delete(&format!("/Users/{id}")).await.expect(204);
    let used = of(&scim, &okta).await;
    assert!(!used.is_failing());
    assert_eq!(used.last_success_at, at(&scim, 3));
}

#[tokio::test]
async fn a_client_that_comes_with_what_has_ended_is_failing() {
    let scim = Scim::start().await;
    let (okta, hr) = (connection(&scim, "Okta").await, connection(&scim, "HR").await);
    let end = scim.clock().now() + TimeDelta::seconds(60);
    let mut new = scim.new_token(Some(&okta));
    new.expires_at = Some(end);
    let (expiring, disabled) = (scim.with_new_token(new).await, scim.with_token_of(&hr).await);
    expiring.get("/Users").await.expect(200);
    scim.advance_seconds(60);
    expiring.get("/Users").await.expect(401);
    let off = ConnectionChange { enabled: Some(false), ..ConnectionChange::default() };
    scim.gateway().change_connection(scim.tenant().id, hr.id, off, &Origin::command_line()).await.unwrap();
    disabled.get("/Users").await.expect(401);
    for connection in [&okta, &hr] {
        let used = of(&scim, connection).await;
        assert!(used.is_failing(), "{used:?}");
        assert_eq!(used.last_failure_at, at(&scim, 60));
    }
    // Somebody who knows the id alone says nothing of the client.
    let before = of(&scim, &okta).await;
    let forged = scimgate::auth::Token::generate(expiring.credential_id(), &mut rand::rng()).reveal();
    let forged = format!("Bearer {}", secrecy::ExposeSecret::expose_secret(&forged));
    scim.advance_seconds(1);
    scim.get_authorized("/scim/v2/Users", Some(&forged)).await.expect(401);
    assert_eq!(of(&scim, &okta).await, before);
}
