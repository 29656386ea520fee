//! What a token has to say, over HTTP. Each check alone is tested beside its code.

use chrono::{DateTime, TimeDelta, Utc};
use scimgate::model::Clock;
use serde_json::{Value, json};

use super::issuer::Key;
use super::*;

#[tokio::test]
async fn a_rightly_signed_token_is_told_what_it_lacks() {
    let key = Key::ec("ec");
    let there = Federated::start(&[&key]).await;
    let now: DateTime<Utc> = there.scim.clock().now();
    let at = |seconds: i64| (now + TimeDelta::seconds(seconds)).timestamp();
    for (changes, told) in [
        (json!({"exp": at(-60)}), "the token has expired (exp 2026-11-22T07:59:00Z, it is 2026-11-22T08:00:00Z now)"),
        (json!({"exp": "never"}), "no claim exp of the right type"),
        (json!({"exp": null}), "no claim exp of the right type"),
        (json!({"exp": at(26 * 3_600)}), "the token lives for 26 hours, and at most 25 are taken"),
        (json!({"nbf": at(61)}), "the token is not valid yet (nbf 2026-11-22T08:01:01Z"),
        (json!({"nbf": "0"}), "no claim nbf of the right type"),
        (json!({"iat": at(61)}), "the token was issued in the future (iat 2026-11-22T08:01:01Z"),
        (json!({"iat": null, "nbf": null}), "neither nbf nor iat"),
        (json!({"aud": "api://other"}), "audience (aud) is \\\"api://other\\\", which is not the one registered"),
        (json!({"aud": ["api://a", "api://b"]}), "audience (aud) is \\\"api://a, api://b\\\""),
        (json!({"aud": null}), "no claim aud of the right type"),
        (json!({"sub": "other"}), "subject (sub \\\"other\\\") is not registered"),
        (json!({"sub": null}), "no claim sub of the right type"),
        (json!({"sub": "x\r\nSet-Cookie: a=b\u{1b}"}), "subject (sub \\\"x\\\\r\\\\nSet-Cookie: a=b\\\\u{1b}\\\")"),
    ] {
        let answer = there.with(&there.token(&key, changes.clone())).await;
        answer.expect_error(401, "", "");
        assert!(answer.text.contains(told), "{changes}: {}", answer.text);
        assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"scimgate\", error=\"invalid_token\"");
        assert!(!answer.text.contains("api://scim"), "what is registered is not told: {}", answer.text);
    }
}

#[tokio::test]
async fn clocks_may_differ_by_a_minute_and_audiences_may_be_written_in_several_ways() {
    let key = Key::ec("ec");
    let there = Federated::start(&[&key]).await;
    let now = there.scim.clock().now().timestamp();
    for changes in [
        json!({"exp": now - 59}),
        json!({"nbf": now + 60, "iat": now + 60}),
        json!({"exp": now + 24 * 3_600, "iat": now - 300}),
        json!({"exp": 1_795_337_600.5}),
        json!({"aud": ["api://other", "api://scim"]}),
        json!({"aud": "api://scim/.default"}),
    ] {
        there.with(&there.token(&key, changes)).await.expect(200);
    }
}

#[tokio::test]
async fn before_the_signature_is_known_every_fault_reads_the_same() {
    let (key, stranger) = (Key::ec("ec"), Key::ec("ec"));
    let there = Federated::start(&[&key]).await;
    let mut texts = Vec::new();
    for changes in [
        json!({}),
        json!({"exp": 1}),
        json!({"aud": "api://other"}),
        json!({"sub": "other"}),
        json!({"iss": "https://login.example.com/"}),
        json!({"iss": null}),
        json!({"iss": ["a"]}),
        json!({"iss": "'; DROP TABLE tenants; --"}),
    ] {
        let answer = there.with(&there.token(&stranger, changes)).await;
        answer.expect_error(401, "", UNTRUSTED);
        texts.push(answer.json()["detail"].as_str().unwrap().to_owned());
    }
    texts.dedup();
    assert_eq!(texts.len(), 1, "{texts:?}");
    let elsewhere: Value = json!({"iss": "https://login.example.com/"});
    there.with(&there.token(&key, elsewhere)).await.expect_error(401, "", UNTRUSTED);
}
