//! The keys that access tokens are signed with: one at a time, known before and after.

use std::time::{Duration, Instant};

use scimgate::gateway::Predecessors;
use scimgate::model::{Origin, Profile};
use serde_json::Value;

use crate::support::oauth::{OAuthClient, part};
use crate::support::scim::{Scim, sealer};

const DAY: i64 = 86_400;
const PUBLIC_URL: [&str; 2] = ["--public-url", "https://id.example.com"];

/// The ids of the published keys, in the order in which they were made.
async fn published(scim: &Scim) -> Vec<String> {
    let keys = scim.plainly("GET", "/.well-known/jwks.json", &[], "").await.expect(200).json();
    keys["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

/// The id of the key that signs.
async fn signing(scim: &Scim, client: &OAuthClient) -> Value {
    part(&scim.access_token(client).await, 0)["kid"].clone()
}

/// Asks until both workers of a server answer so.
async fn becomes(client: &Scim, status: u16) {
    let begun = Instant::now();
    let mut times = 0;
    while times < 8 {
        times = if client.get("/Users").await.status == status { times + 1 } else { 0 };
        assert!(begun.elapsed() < Duration::from_secs(5), "it is still not {status}");
    }
}

#[tokio::test]
async fn nodes_that_start_at_once_make_one_key() {
    let scim = Scim::with(Profile::Rfc, &PUBLIC_URL).await;
    let client = scim.oauth_client().await;
    let nodes = [scim.at_another_node(&PUBLIC_URL), scim.at_another_node(&PUBLIC_URL), scim];
    let asking = nodes.iter().flat_map(|node| (0..8).map(|_| node.access_token(&client)));
    let tokens = futures_util::future::join_all(asking).await;
    let kids: Vec<Value> = tokens.iter().map(|token| part(token, 0)["kid"].clone()).collect();
    assert!(kids.iter().all(|kid| *kid == kids[0]), "{kids:?}");
    for node in &nodes {
        assert_eq!(published(node).await, [kids[0].as_str().unwrap()]);
        for token in [&tokens[0], &tokens[23]] {
            node.with_token_text(token.clone()).get("/Users").await.expect(200);
        }
    }
    let made = nodes[0].admin_actions().await;
    assert_eq!(made.iter().filter(|row| row["action"] == "signing_key.create").count(), 1);
}

#[tokio::test]
async fn the_next_key_is_known_a_day_before_it_signs_and_the_last_one_a_day_after() {
    let scim = Scim::start().await;
    let client = scim.oauth_client().await;
    let first = signing(&scim, &client).await;
    scim.advance_seconds(89 * DAY - 1);
    assert_eq!(signing(&scim, &client).await, first);
    assert_eq!(published(&scim).await, [first.as_str().unwrap()]);

    scim.advance_seconds(1);
    assert_eq!(signing(&scim, &client).await, first);
    let two = published(&scim).await;
    assert_eq!((two.len(), two[0].as_str()), (2, first.as_str().unwrap()));

    scim.advance_seconds(DAY - 1);
    let old = scim.as_client(&client).await;
    assert_eq!(part(&old.token, 0)["kid"], first);
    scim.advance_seconds(1);
    let new = scim.as_client(&client).await;
    assert_eq!(part(&new.token, 0)["kid"], *two[1]);
    old.get("/Users").await.expect(200);
    new.get("/Users").await.expect(200);
    scim.advance_seconds(3_500);
    old.get("/Users").await.expect(200);

    scim.advance_seconds(DAY - 3_500);
    assert_eq!(published(&scim).await, [two[1].clone()]);
}

#[tokio::test]
async fn a_key_that_was_made_by_hand_takes_over_at_once_and_the_last_one_runs_out() {
    let scim = Scim::start().await;
    let client = scim.oauth_client().await;
    let old = scim.as_client(&client).await;
    let (gateway, origin) = (scim.gateway(), Origin::command_line());
    let key = gateway.rotate_signing_key(&sealer(), Predecessors::RunOut, &origin).await.unwrap();
    scim.advance_seconds(6);
    // Until the servers have read it.
    let begun = Instant::now();
    while signing(&scim, &client).await != *key.id.to_string() {
        assert!(begun.elapsed() < Duration::from_secs(5), "the new key does not sign");
    }
    old.get("/Users").await.expect(200);
}

#[tokio::test]
async fn a_key_that_somebody_else_may_have_ends_with_what_it_signed() {
    let scim = Scim::with(Profile::Rfc, &PUBLIC_URL).await;
    let other = scim.at_another_node(&PUBLIC_URL);
    let client = scim.oauth_client().await;
    let old = scim.access_token(&client).await;
    let at_both = |token: &str| [scim.with_token_text(token.to_owned()), other.with_token_text(token.to_owned())];
    for node in at_both(&old) {
        becomes(&node, 200).await;
    }
    let (gateway, origin) = (scim.gateway(), Origin::command_line());
    let key = gateway.rotate_signing_key(&sealer(), Predecessors::Revoked, &origin).await.unwrap();
    scim.advance_seconds(1);
    for node in at_both(&old) {
        becomes(&node, 401).await;
        node.get("/Users").await.expect_error(401, "", "signed with a key that is not in use; get a new one");
    }
    let new = scim.access_token(&client).await;
    assert_eq!(part(&new, 0)["kid"], key.id.to_string());
    for node in at_both(&new) {
        becomes(&node, 200).await;
    }
    // Nothing is left of the private key that somebody else may have.
    let keys = scim.store().signing_keys().await.unwrap();
    assert_eq!(keys.all().iter().map(|key| key.sealed_key.is_some()).collect::<Vec<_>>(), [false, true]);
}

#[tokio::test]
async fn made_up_key_ids_do_not_reach_the_database_each_time() {
    let scim = Scim::start().await;
    let client = scim.oauth_client().await;
    let good = scim.as_client(&client).await;
    good.get("/Users").await.expect(200);
    let (_, rest) = good.token.split_once('.').unwrap();
    for number in 0..50 {
        let header = format!(r#"{{"typ":"at+jwt","alg":"ES256","kid":"01900000-0000-7000-8000-{number:012}"}}"#);
        let header = base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, header);
        let forged = scim.with_token_text(format!("{header}.{rest}"));
        forged.get("/Users").await.expect_error(401, "", "a key that is not in use");
    }
    good.get("/Users").await.expect(200);
}
