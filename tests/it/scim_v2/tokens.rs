//! Bearer tokens: who they let in, for how long, and what is kept of them.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use scimgate::auth::Token;
use scimgate::model::{Origin, Scopes};
use serde_json::json;

use crate::support::scim::{Scim, USER};

const BASE_32: &str = "0123456789abcdefghjkmnpqrstvwxyz";

/// The bytes that a part of a token stands for, in hexadecimal.
fn bytes_in_hexadecimal(part: &str) -> String {
    let bits = part.chars().flat_map(|digit| {
        let value = BASE_32.find(digit).unwrap();
        (0..5).rev().map(move |bit| value >> bit & 1)
    });
    let bits: Vec<usize> = bits.collect();
    bits.chunks_exact(8).map(|byte| format!("{:02x}", byte.iter().fold(0, |sum, bit| sum * 2 + bit))).collect()
}

#[tokio::test]
async fn a_token_works_until_the_instant_of_its_end() {
    let scim = Scim::start().await;
    let end: DateTime<Utc> = "2026-11-22T09:00:00Z".parse().unwrap();
    let guest = scim.with_token(Scopes::WRITE, Some(end)).await;
    scim.advance_seconds(3_599);
    guest.create_user("ada").await;
    scim.advance_seconds(1);
    let refused = guest.get("/Users").await;
    refused.expect_error(401, "", "expired");
    assert_eq!(refused.header("www-authenticate"), "Bearer realm=\"scimgate\", error=\"invalid_token\"");
    guest.post("/Users", json!({"schemas": [USER], "userName": "bob"})).await.expect_error(401, "", "expired");
    assert_eq!(scim.get("/Users").await.expect(200).json()["totalResults"], 1);
}

#[tokio::test]
async fn a_revoked_token_is_refused_within_a_second() {
    let scim = Scim::start().await;
    let leaver = scim.with_token(Scopes::WRITE, None).await;
    // Both workers know the token before it is revoked.
    for _ in 0..8 {
        leaver.get("/Users").await.expect(200);
    }
    let id = Token::parse(&leaver.token).unwrap().id();
    scim.gateway().revoke_token(scim.tenant().id, id, &Origin::command_line()).await.unwrap();
    let revoked = Instant::now();
    let mut refused = 0;
    while refused < 8 {
        let answer = leaver.get("/Users").await;
        refused = if answer.status == 401 { refused + 1 } else { 0 };
        assert!(revoked.elapsed() < Duration::from_secs(5), "still let in");
        if refused == 1 {
            answer.expect_error(401, "", "revoked");
        }
        tokio::task::yield_now().await;
    }
    // One second is promised; the rest is for a busy machine.
    assert!(revoked.elapsed() < Duration::from_secs(2), "{:?}", revoked.elapsed());
    scim.get("/Users").await.expect(200);
}

#[tokio::test]
async fn a_reader_reads_everything_and_writes_nothing() {
    let scim = Scim::start().await;
    let (user, group) = (scim.create_user("ada").await, scim.create_group("G").await);
    let (user, group) = (format!("/Users/{user}"), format!("/Groups/{group}"));
    let reader = scim.reader().await;
    for path in ["/Users", "/Groups", &user, &group, "/Schemas", "/ResourceTypes", "/ServiceProviderConfig"] {
        reader.get(path).await.expect(200);
    }
    let before = scim.dump().await;
    let patch = json!({"Operations": [{"op": "replace", "value": {"displayName": "x"}}]});
    for (method, path, body) in [
        ("POST", "/Users", Some(json!({"schemas": [USER], "userName": "bob"}))),
        ("PUT", &user, Some(json!({"schemas": [USER], "userName": "bob"}))),
        ("PATCH", &user, Some(patch.clone())),
        ("DELETE", &user, None),
        ("POST", "/Groups", Some(json!({"displayName": "H"}))),
        ("PATCH", &group, Some(patch)),
        ("DELETE", &group, None),
    ] {
        let answer = reader.send(method, path, body).await;
        answer.expect_error(403, "", "--scope write");
        assert!(answer.header("www-authenticate").contains("insufficient_scope"), "{method} {path}");
    }
    assert_eq!(scim.dump().await, before);
}

#[tokio::test]
async fn a_token_that_was_cut_or_mistyped_is_told_so() {
    let scim = Scim::start().await;
    let token = &scim.token;
    let mut mistyped = token.clone().into_bytes();
    mistyped[40] = if mistyped[40] == b'7' { b'8' } else { b'7' };
    for (text, told) in [
        (String::from_utf8(mistyped).unwrap(), "mistyped"),
        (token[..token.len() - 1].to_owned(), "mistyped"),
        (token.to_uppercase(), "scim_"),
        (token.replacen("scim_", "", 1), "scim_"),
        (format!("{token}_x"), "scim_"),
        ("secret".to_owned(), "scim_"),
        ("".to_owned(), "empty"),
    ] {
        let answer = scim.get_authorized("/scim/v2/Users", Some(&format!("Bearer {text}"))).await;
        answer.expect_error(401, "", told);
        assert!(text.is_empty() || !answer.text.contains(&text), "{}", answer.text);
    }
    scim.get_authorized("/scim/v2/Users", None).await.expect_error(401, "", "no credential");
    scim.get_authorized("/scim/v2/Users", Some(&format!("bearer   {token}"))).await.expect(200);
}

#[tokio::test]
async fn a_token_of_another_server_or_with_another_secret_is_unknown() {
    let scim = Scim::start().await;
    let elsewhere = Scim::start().await;
    let id = Token::parse(&scim.token).unwrap().id();
    let forged = Token::generate(id, &mut rand::rng()).reveal();
    for text in [&*elsewhere.token, secrecy::ExposeSecret::expose_secret(&forged)] {
        let answer = scim.get_authorized("/scim/v2/Users", Some(&format!("Bearer {text}"))).await;
        answer.expect_error(401, "", "unknown or was revoked");
    }
}

#[tokio::test]
async fn the_database_holds_no_token_that_could_be_used() {
    let scim = Scim::start().await;
    scim.create_user("ada").await;
    let dump = scim.dump().await;
    assert!(dump.contains("credentials "), "{dump}");
    let parts: Vec<&str> = scim.token.split('_').collect();
    let (id, secret, checksum) = (parts[1], parts[2], parts[3]);
    let written = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert_eq!(Token::parse(&scim.token).unwrap().id().0.simple().to_string(), bytes_in_hexadecimal(id));
    for trace in [&scim.token, secret, checksum, &bytes_in_hexadecimal(secret), &written(&scim.token), &written(secret)]
    {
        assert!(!dump.contains(trace), "{trace}");
    }
}
