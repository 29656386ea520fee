//! Sizes: what is at the limit works, what is beyond it is refused and told so.

use scimgate::model::Profile;
use serde_json::{Value, json};

use super::Victim;
use crate::support::scim::{GROUP, Scim, USER};
use crate::support::wire::{Wire, head};

const MIB: usize = 1 << 20;
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// A user as a body of exactly `length` bytes, the rest of it white space.
fn user_of(length: usize) -> Vec<u8> {
    let mut body = json!({"schemas": [USER], "userName": "large"}).to_string().into_bytes();
    body.resize(length, b' ');
    body
}

/// Text of so many characters, none like the one before, so that no index can press it together.
fn rare_text(length: usize) -> String {
    (0..length).map(|at| char::from_u32(0x2_0000 + (at as u32 * 7919) % 40_000).unwrap()).collect()
}

#[tokio::test]
async fn a_body_of_one_mebibyte_is_taken_and_one_byte_more_is_not() {
    let victim = Victim::start().await;
    for (method, path) in [("POST", "/Users"), ("PUT", &victim.user), ("PATCH", &victim.user)] {
        let answer = victim.scim.send_bytes(method, path, user_of(MIB + 1)).await;
        victim.refused(method, &answer, 413, "", "1048576 bytes").await;
    }
    victim.scim.send_bytes("POST", "/Users", user_of(MIB)).await.expect(201);
}

#[tokio::test]
async fn a_hundred_megabytes_are_refused_however_they_come() {
    let victim = Victim::start().await;
    let megabyte = vec![b' '; MIB];
    for announced in [true, false] {
        let mut wire = Wire::open(&victim.scim).await;
        let framing = if announced { "Content-Length: 104857600" } else { "Transfer-Encoding: chunked" };
        wire.send(head(&victim.scim, "POST", "/scim/v2/Users", &[framing])).await.unwrap();
        for _ in 0..100 {
            // The server may hang up before it has heard everything.
            let sent = if announced { wire.send(&megabyte).await } else { wire.send_chunk(&megabyte).await };
            if sent.is_err() {
                break;
            }
        }
        let answer = wire.answer().await.expect("an answer");
        victim.refused(framing, &answer, 413, "", "1048576 bytes").await;
    }
}

#[tokio::test]
async fn a_client_that_waits_for_the_word_to_send_a_large_body_is_told_too() {
    let victim = Victim::start().await;
    let mut wire = Wire::open(&victim.scim).await;
    let lines = ["Content-Length: 33554432", "Expect: 100-continue"];
    wire.send(head(&victim.scim, "POST", "/scim/v2/Users", &lines)).await.unwrap();
    let mut answer = wire.answer().await.expect("an answer");
    if answer.status == 100 {
        wire.send(vec![b' '; 32 * MIB]).await.expect("what was asked for is read");
        answer = wire.answer().await.expect("an answer");
    }
    victim.refused("Expect", &answer, 413, "", "1048576 bytes").await;
}

#[tokio::test]
async fn a_request_names_ten_thousand_members_at_most() {
    let victim = Victim::of(Scim::with(Profile::Okta, &[]).await).await;
    let group = victim.scim.create_group("Team").await;
    let path = format!("/Groups/{group}");
    let victim = Victim { before: victim.scim.dump().await, ..victim };
    let members = |count: usize| -> Value {
        (0..count).map(|at| json!({"value": format!("0190c0de-0000-7000-8000-{at:012x}")})).collect()
    };
    let group = |count| json!({"schemas": [GROUP], "displayName": "Large", "members": members(count)});
    let patch = |operations: Value| json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations});
    let add = |count| json!({"op": "add", "path": "members", "value": members(count)});
    let remove = |count| json!({"op": "remove", "path": "members", "value": members(count)});
    for (case, method, path, body) in [
        ("POST", "POST", "/Groups", group(10_001)),
        ("PUT", "PUT", path.as_str(), group(10_001)),
        ("PATCH add", "PATCH", &path, patch(json!([add(10_001)]))),
        ("PATCH remove", "PATCH", &path, patch(json!([remove(10_001)]))),
        ("PATCH replace", "PATCH", &path, patch(json!([{"op": "replace", "value": {"members": members(10_001)}}]))),
        ("PATCH twice", "PATCH", &path, patch(json!([add(6_000), remove(6_000)]))),
    ] {
        let answer = victim.scim.send(method, path, Some(body)).await;
        victim.refused(case, &answer, 400, "invalidValue", "10000").await;
    }
    // At the limit the request is looked at: these ids are nobody's.
    victim.scim.post("/Groups", group(10_000)).await.expect_error(400, "invalidValue", "there is no resource");
}

#[tokio::test]
async fn a_patch_has_a_thousand_operations_at_most() {
    let victim = Victim::start().await;
    let operations = |count: usize| -> Value {
        (0..count).map(|at| json!({"op": "replace", "path": "title", "value": format!("T{at}")})).collect()
    };
    let answer = victim.scim.patch(&victim.user, json!({"Operations": operations(1_001)})).await;
    victim.refused("1001", &answer, 400, "invalidSyntax", "1000 operations").await;
    let changed = victim.scim.patch(&victim.user, json!({"Operations": operations(1_000)})).await.expect(200).json();
    assert_eq!(changed["title"], "T999");
}

#[tokio::test]
async fn strings_have_a_length_and_what_is_looked_up_a_shorter_one() {
    let victim = Victim::start().await;
    let long = "x".repeat(65_537);
    let key = "k".repeat(1_025);
    // Characters of four bytes, and one that folding makes twice as long.
    let (wide, growing) = (rare_text(1_024), "\u{587}".repeat(1_024));
    let user = |name: &str| json!({"schemas": [USER], "userName": name});
    let with = |attribute: &str, value: Value| {
        let mut body = user("new");
        body[attribute] = value;
        body
    };
    for (case, path, body, scim_type, told) in [
        ("a long string", "/Users", with("title", json!(long)), "invalidSyntax", "65536 bytes"),
        ("a long name", "/Users", with(&long, json!(1)), "invalidSyntax", "65536 bytes"),
        ("userName", "/Users", user(&key), "invalidValue", "userName"),
        ("a wide userName", "/Users", user(&wide), "invalidValue", "userName"),
        ("a userName that grows", "/Users", user(&growing), "invalidValue", "userName"),
        ("externalId", "/Users", with("externalId", json!(key)), "invalidValue", "externalId"),
        ("a wide externalId", "/Users", with("externalId", json!(wide)), "invalidValue", "externalId"),
        ("displayName", "/Users", with("displayName", json!(key)), "invalidValue", "displayName"),
        ("emails", "/Users", with("emails", json!([{"value": key}])), "invalidValue", "emails"),
        ("wide emails", "/Users", with("emails", json!([{"value": wide}])), "invalidValue", "emails"),
        (
            "employeeNumber",
            "/Users",
            with(ENTERPRISE, json!({"employeeNumber": wide})),
            "invalidValue",
            "employeeNumber",
        ),
        ("a group's name", "/Groups", json!({"schemas": [GROUP], "displayName": wide}), "invalidValue", "displayName"),
    ] {
        let answer = victim.scim.post(path, body).await;
        victim.refused(case, &answer, 400, scim_type, told).await;
    }
    for (attribute, value) in [("userName", &wide), ("externalId", &key), ("displayName", &growing)] {
        let patch = json!({"Operations": [{"op": "replace", "path": attribute, "value": value}]});
        let answer = victim.scim.patch(&victim.user, patch).await;
        victim.refused(&format!("PATCH {attribute}"), &answer, 400, "invalidValue", attribute).await;
    }
}

#[tokio::test]
async fn strings_at_the_limit_are_kept_and_found() {
    let scim = Scim::start().await;
    // An index holds 2,400 bytes: 600 characters of four bytes, or that many that become two of two bytes each.
    for (number, key) in ["k".repeat(1_024), rare_text(600), "\u{587}".repeat(600)].iter().enumerate() {
        let body = json!({
            "schemas": [USER, ENTERPRISE], "userName": key, "externalId": key, "displayName": key, "title": "x".repeat(65_536),
            "emails": [{"value": key, "type": "work"}], ENTERPRISE: {"employeeNumber": key},
        });
        let id = scim.create("/Users", body).await;
        for filter in [
            format!("userName eq \"{key}\""),
            format!("externalId eq \"{key}\""),
            format!("displayName eq \"{key}\""),
            format!("emails[type eq \"work\" and value eq \"{key}\"]"),
            format!("{ENTERPRISE}:employeeNumber eq \"{key}\""),
        ] {
            let found = scim.list("/Users", &[("filter", &filter)]).await.expect(200).json();
            assert_eq!(found["totalResults"], 1, "{number} {filter:.40}");
            assert_eq!(found["Resources"][0]["id"], id);
        }
        let again = json!({"schemas": [USER], "userName": key});
        scim.post("/Users", again).await.expect_error(409, "uniqueness", "userName");
        scim.create("/Groups", json!({"schemas": [GROUP], "displayName": key})).await;
    }
}

#[tokio::test]
async fn paths_and_headers_have_a_length() {
    let victim = Victim::start().await;
    let answer = victim.scim.get(&format!("/Users?x={}", "y".repeat(32 << 10))).await;
    victim.refused("a long query", &answer, 414, "", "32768 bytes").await;
    let answer = victim.scim.get_with("/Users", &[("x-large", &"y".repeat(16 << 10))]).await;
    victim.refused("a long header", &answer, 431, "", "16384 bytes").await;
    let many: Vec<(String, String)> = (0..60).map(|at| (format!("x-{at}"), "y".repeat(300))).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let answer = victim.scim.get_with("/Users", &many).await;
    victim.refused("many headers", &answer, 431, "", "16384 bytes").await;
}
