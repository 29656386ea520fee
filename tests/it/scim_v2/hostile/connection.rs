//! What goes wrong below SCIM: headers, encodings, connections.

use std::time::Duration;

use serde_json::json;

use super::Victim;
use crate::support::scim::USER;
use crate::support::wire::{Wire, head, host};

fn body() -> String {
    json!({"schemas": [USER], "userName": "new"}).to_string()
}

#[tokio::test]
async fn a_compressed_body_is_refused_unread() {
    let victim = Victim::start().await;
    // What gzip makes of a gigabyte of zeros begins so; nobody unpacks it.
    let bomb = [&b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03"[..], &[0; 65_536]].concat();
    for encoding in ["gzip", "deflate", "br", "zstd", "gzip, gzip", "identity, gzip"] {
        let answer = victim.scim.send_with("POST", "/Users", Some(json!({})), &[("content-encoding", encoding)]).await;
        victim.refused(encoding, &answer, 415, "", "Content-Encoding").await;
    }
    let mut wire = Wire::open(&victim.scim).await;
    let length = format!("Content-Length: {}", bomb.len());
    wire.send(head(&victim.scim, "POST", "/scim/v2/Users", &["Content-Encoding: gzip", &length])).await.unwrap();
    wire.send(bomb).await.unwrap();
    victim.refused("a bomb", &wire.answer().await.unwrap(), 415, "", "Content-Encoding").await;
}

#[tokio::test]
async fn a_request_carries_one_credential() {
    let victim = Victim::start().await;
    let token = format!("Bearer {}", victim.scim.token);
    for second in [token.as_str(), "Bearer x", "Basic dTpw", ""] {
        let answer = victim.scim.get_with("/Users", &[("authorization", second)]).await;
        victim.refused(second, &answer, 400, "", "more than one Authorization").await;
        assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"scimgate\", error=\"invalid_request\"");
    }
    for header in ["Bearer", "Bearer ", "bearer null", "non-token", "Basic dTpw", "Bearer a b", "Bearer \u{fc}"] {
        let answer = victim.scim.get_authorized("/scim/v2/Users", Some(header)).await;
        victim.refused(header, &answer, 401, "", "").await;
        assert!(answer.header("www-authenticate").starts_with("Bearer realm="), "{header}");
    }
}

#[tokio::test]
async fn nobody_makes_the_server_leave_http() {
    let victim = Victim::start().await;
    for (case, method, path, lines) in [
        ("CONNECT", "CONNECT", "example.org:443", &[][..]),
        ("CONNECT with a path", "CONNECT", "/scim/v2/Users", &[]),
        (
            "websocket",
            "GET",
            "/scim/v2/Users",
            &["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"],
        ),
        ("an unknown protocol", "POST", "/scim/v2/Users", &["Connection: Upgrade", "Upgrade: tls/1.3"]),
    ] {
        let mut wire = Wire::open(&victim.scim).await;
        wire.send(head(&victim.scim, method, path, lines)).await.unwrap();
        let answer = wire.answer().await.unwrap_or_else(|| panic!("{case}: closed without an answer"));
        println!("{case}: {} {}", answer.status, answer.text);
        assert!((400..500).contains(&answer.status), "{case}: {}", answer.status);
        answer.expect_error(answer.status, "", "");
        victim.is_unharmed(case).await;
    }
}

#[tokio::test]
async fn framing_that_two_servers_would_read_differently_is_refused() {
    let victim = Victim::start().await;
    let (body, length) = (body(), format!("Content-Length: {}", body().len()));
    for lines in [
        &[&*length, "Transfer-Encoding: chunked"][..],
        &[&length, "Content-Length: 3"],
        &["Content-Length: -1"],
        &["Content-Length: +5"],
        &["Transfer-Encoding: gzip, chunked"],
        &["Transfer-Encoding: xchunked"],
    ] {
        let mut wire = Wire::open(&victim.scim).await;
        wire.send(head(&victim.scim, "POST", "/scim/v2/Users", lines)).await.unwrap();
        wire.send(&body).await.ok();
        let status = wire.answer().await.map(|answer| answer.status);
        assert!(status.is_none_or(|status| (400..500).contains(&status) || status == 501), "{lines:?}: {status:?}");
        victim.is_unharmed(&format!("{lines:?}")).await;
    }
}

#[tokio::test]
async fn a_slow_body_is_not_waited_for() {
    let victim = Victim::with(&["--body-timeout=300ms"]).await;
    for framing in ["Content-Length: 1000", "Transfer-Encoding: chunked"] {
        let mut wire = Wire::open(&victim.scim).await;
        wire.send(head(&victim.scim, "POST", "/scim/v2/Users", &[framing])).await.unwrap();
        let beginning: &[u8] = if framing.starts_with('C') { b"{" } else { b"1\r\n{\r\n" };
        wire.send(beginning).await.unwrap();
        let answer = wire.answer().await.expect("an answer");
        victim.refused(framing, &answer, 408, "", "did not arrive").await;
    }
}

#[tokio::test]
async fn a_slow_head_is_not_waited_for() {
    let victim = Victim::with(&["--head-timeout=300ms"]).await;
    for beginning in ["", "G", "GET /scim/v2/Users HTTP/1.1\r\nHost: x\r\nX-Slow:"] {
        let mut wire = Wire::open(&victim.scim).await;
        wire.send(beginning).await.unwrap();
        let status = wire.answer().await.map(|answer| answer.status);
        assert!(status.is_none_or(|status| status == 408), "{beginning:?}: {status:?}");
    }
    victim.is_unharmed("slow heads").await;
}

#[tokio::test]
async fn a_body_that_breaks_off_writes_nothing() {
    let victim = Victim::start().await;
    for framing in [format!("Content-Length: {}", body().len() + 1), "Transfer-Encoding: chunked".to_owned()] {
        let mut wire = Wire::open(&victim.scim).await;
        wire.send(head(&victim.scim, "POST", "/scim/v2/Users", &[&framing])).await.unwrap();
        if framing.starts_with('C') {
            wire.send(body()).await.unwrap();
        } else {
            wire.send_chunk(body().as_bytes()).await.unwrap();
        }
        drop(wire);
        victim.is_unharmed(&framing).await;
    }
}

#[tokio::test]
async fn headers_decide_nothing_that_is_not_theirs() {
    let victim = Victim::start().await;
    for method in ["BREW", "TRACE", "OPTIONS"] {
        let answer = victim.scim.send(method, &victim.user, None).await;
        victim.refused(method, &answer, 405, "", method).await;
    }
    for (name, value) in [("x-http-method-override", "DELETE"), ("x-method-override", "DELETE"), ("x-tenant", "other")]
    {
        victim.scim.get_with(&victim.user, &[(name, value)]).await.expect(200);
        victim.is_unharmed(name).await;
    }
    // The location is the configured one, whatever the client calls us.
    let mut wire = Wire::open(&victim.scim).await;
    let request = head(
        &victim.scim,
        "GET",
        &format!("/scim/v2{}", victim.user),
        &["X-Forwarded-Host: evil.example", "X-Forwarded-Proto: https"],
    );
    wire.send(request.replacen(host(&victim.scim), "evil.example", 1)).await.unwrap();
    let answer = wire.answer().await.unwrap().expect(200);
    assert_eq!(answer.json()["meta"]["location"], format!("{}{}", victim.scim.base, victim.user));
    tokio::time::timeout(Duration::from_secs(5), victim.is_unharmed("hosts")).await.unwrap();
}
