//! What the HTTP library refuses by itself, and what is refused before a body is sent.

use crate::support::scim::Scim;
use crate::support::wire::{Wire, head, host};

#[tokio::test]
async fn what_is_no_http_gets_an_error_in_our_form() {
    let scim = Scim::start().await;
    for bytes in [
        "NONSENSE\r\n\r\n",
        "GET /scim/v2/Users HTTP/9.9\r\nHost: x\r\n\r\n",
        "GET /scim/v2/Users HTTP/1.1\r\nHost: x\r\nBroken header\r\n\r\n",
        "POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\nContent-Length: five\r\n\r\n",
    ] {
        let mut wire = Wire::open(&scim).await;
        wire.send(bytes).await.unwrap();
        let answer = wire.answer().await.unwrap_or_else(|| panic!("{bytes:?}: no answer"));
        answer.expect_error(400, "", "cannot be read as an HTTP request");
        assert!(!answer.header("x-request-id").is_empty());
        assert!(wire.answer().await.is_none(), "{bytes:?}: the connection stays open");
    }
}

#[tokio::test]
async fn it_comes_after_the_answers_to_what_could_be_read() {
    let scim = Scim::start().await;
    let mut wire = Wire::open(&scim).await;
    wire.send(head(&scim, "GET", "/scim/v2/Users", &[]) + "NONSENSE\r\n\r\n").await.unwrap();
    assert_eq!(wire.answer().await.unwrap().status, 200);
    wire.answer().await.unwrap().expect_error(400, "", "cannot be read");
}

#[tokio::test]
async fn a_head_without_end_is_refused_with_a_reason() {
    let scim = Scim::start().await;
    let mut wire = Wire::open(&scim).await;
    let lines = format!("X-Long: {}", "x".repeat(200_000));
    wire.send(head(&scim, "GET", "/scim/v2/Users", &[&lines])).await.ok();
    let answer = wire.answer().await.unwrap();
    answer.expect_error(431, "", "shorten");
}

#[tokio::test]
async fn a_client_that_asks_first_is_refused_before_it_sends_its_body() {
    let scim = Scim::start().await;
    let expecting = |length: usize| format!("Expect: 100-continue\r\nContent-Length: {length}");
    for (path, length, told) in
        [("/scim/v2/Users", 2 << 20, "at most 1048576 bytes"), ("/scim/v2/Bulk", 9 << 20, "maxPayloadSize")]
    {
        let mut wire = Wire::open(&scim).await;
        wire.send(head(&scim, "POST", path, &[&expecting(length)])).await.unwrap();
        wire.answer().await.unwrap().expect_error(413, "", told);
    }
    let mut wire = Wire::open(&scim).await;
    let lines = expecting(10);
    wire.send(format!("POST /scim/v2/Users HTTP/1.1\r\nHost: {}\r\n{lines}\r\n\r\n", host(&scim))).await.unwrap();
    wire.answer().await.unwrap().expect_error(401, "", "no credential");
    let mut wire = Wire::open(&scim).await;
    wire.send(head(&scim, "POST", "/scim/v2/Users", &[&expecting(10)])).await.unwrap();
    assert_eq!(wire.answer().await.unwrap().status, 100);
}
