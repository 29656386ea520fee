//! Bodies that two readers would understand differently, that the database cannot hold, or that would exhaust us.

use serde_json::Value;

use super::Victim;
use crate::support::scim::{Scim, USER};

fn user(members: &str) -> Vec<u8> {
    format!("{{\"schemas\":[\"{USER}\"],{members}}}").into_bytes()
}

fn nested(open: &str, inner: &str, close: &str, depth: usize) -> Vec<u8> {
    user(&format!("\"userName\":\"x\",\"title\":{}{inner}{}", open.repeat(depth), close.repeat(depth)))
}

/// Sends each body by each verb that takes one.
async fn refuse(cases: Vec<(&str, Vec<u8>, &str)>) {
    let victim = Victim::start().await;
    for (case, body, told) in cases {
        for (method, path) in [("POST", "/Users"), ("PUT", &victim.user), ("PATCH", &victim.user)] {
            let answer = victim.scim.send_bytes(method, path, body.clone()).await;
            victim.refused(&format!("{method} {case}"), &answer, 400, "invalidSyntax", told).await;
        }
    }
}

#[tokio::test]
async fn characters_that_cannot_be_stored_are_refused() {
    refuse(vec![
        ("NUL in a value", user(r#""userName":"a\u0000b""#), "U+0000"),
        ("NUL in a name", user(r#""user\u0000Name":"a""#), "U+0000"),
        ("NUL deep inside", user(r#""userName":"a","name":{"givenName":["\u0000"]}"#), "U+0000"),
        ("NUL in an unknown attribute", user(r#""userName":"a","x":{"\u0000":1}"#), "U+0000"),
        ("a bare NUL", user("\"userName\":\"a\0b\""), "control character"),
        ("a bare line feed", user("\"userName\":\"a\nb\""), "control character"),
        ("a high surrogate alone", user(r#""userName":"\ud800""#), "hex escape"),
        ("a low surrogate alone", user(r#""userName":"\udc00""#), "surrogate"),
        ("surrogates in the wrong order", user(r#""userName":"\udc00\ud800""#), "surrogate"),
        ("a surrogate in a name", user(r#""\ud83d":"a""#), "hex escape"),
        ("a byte that is no UTF-8", [user("\"userName\":\"").as_slice(), b"\xff\"}"].concat(), "line 1"),
        ("an overlong encoding", [&b"{\"userName\":\"\xc0\xaf\"}"[..]].concat(), "unicode"),
        ("an encoded surrogate", [&b"{\"userName\":\"\xed\xa0\x80\"}"[..]].concat(), "unicode"),
        ("UTF-16", "{\"userName\":\"a\"}".encode_utf16().flat_map(u16::to_le_bytes).collect(), "line 1"),
        ("a byte order mark", [&b"\xef\xbb\xbf"[..], &user("\"userName\":\"a\"")].concat(), "line 1"),
    ])
    .await;
}

#[tokio::test]
async fn a_name_may_stand_once_in_an_object_whatever_its_case() {
    refuse(vec![
        ("the same name", user(r#""userName":"a","userName":"b""#), "more than once"),
        ("another case", user(r#""userName":"a","USERNAME":"b""#), "more than once"),
        ("an escaped letter", user(r#""userName":"a","user\u004eame":"b""#), "more than once"),
        ("inside an attribute", user(r#""userName":"a","name":{"givenName":"a","givenname":"b"}"#), "more than once"),
        ("inside an element", user(r#""userName":"a","emails":[{"value":"a","VALUE":"b"}]"#), "more than once"),
        ("an unknown attribute", user(r#""userName":"a","x":1,"X":2"#), "more than once"),
    ])
    .await;
}

#[tokio::test]
async fn deep_nesting_is_refused() {
    refuse(vec![
        ("33 levels", nested("[", "1", "]", 32), "32 levels"),
        ("10,000 arrays", nested("[", "1", "]", 10_000), "32 levels"),
        ("10,000 objects", nested("{\"a\":", "1", "}", 10_000), "32 levels"),
        ("10,000 of both", nested("[{\"a\":", "1", "}]", 5_000), "32 levels"),
        ("500,000 that are never closed", "[".repeat(500_000).into_bytes(), "32 levels"),
    ])
    .await;
}

#[tokio::test]
async fn numbers_beyond_all_measure_are_refused() {
    let number = |digits: &str| user(&format!("\"userName\":\"a\",\"title\":{digits}"));
    refuse(vec![
        ("1e999", number("1e999"), "number out of range"),
        ("-1e999", number("-1e999"), "number out of range"),
        ("400 digits", number(&"9".repeat(400)), "number out of range"),
        ("an exponent of 300 digits", number(&format!("1e{}", "9".repeat(300))), "number out of range"),
        ("NaN", number("NaN"), "line 1"),
        ("Infinity", number("Infinity"), "line 1"),
        ("hexadecimal", number("0x10"), "line 1"),
        ("leading zeros", number("007"), "line 1"),
    ])
    .await;
}

#[tokio::test]
async fn what_is_not_one_json_object_is_refused() {
    refuse(vec![
        ("nothing", vec![], "empty"),
        ("white space", b" \r\n\t ".to_vec(), "empty"),
        ("half an object", br#"{"userName":"a""#.to_vec(), "EOF"),
        ("two objects", br#"{"userName":"a"}{"userName":"b"}"#.to_vec(), "trailing"),
        ("a trailing comma", br#"{"userName":"a",}"#.to_vec(), "line 1"),
        ("a comment", br#"{/* */"userName":"a"}"#.to_vec(), "line 1"),
        ("single quotes", b"{'userName':'a'}".to_vec(), "line 1"),
        ("a form", b"userName=a".to_vec(), "line 1"),
        ("null", b"null".to_vec(), "object"),
        ("text", b"\"userName\"".to_vec(), "object"),
        ("an array", b"[{\"userName\":\"a\"}]".to_vec(), "object"),
    ])
    .await;
}

/// What is odd but has one meaning is taken: the counterpart of the refusals above.
#[tokio::test]
async fn odd_text_with_one_meaning_comes_back_as_it_was_sent() {
    let scim = Scim::start().await;
    for (number, name) in [
        "\u{fffd}",
        "\u{202e}abc",
        "e\u{301}",
        "😀",
        "a\u{7f}b",
        "\u{feff}x",
        "<script>alert(1)</script>",
        "'; DROP TABLE resources; --",
        "${7*7}{{7*7}}",
        "=1+1",
    ]
    .iter()
    .enumerate()
    {
        let body = serde_json::json!({"schemas": [USER], "userName": format!("{number}{name}"), "title": name});
        let created = scim.post("/Users", body).await.expect(201).json();
        let id = created["id"].as_str().unwrap();
        let read: Value = scim.get(&format!("/Users/{id}")).await.expect(200).json();
        assert_eq!(read["title"], *name);
        assert_eq!(read["userName"], format!("{number}{name}"));
    }
}
