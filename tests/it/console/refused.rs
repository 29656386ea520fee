//! What was refused and why: single requests explained, and what went over the rate limits.

use scimgate::model::Profile;
use serde_json::json;

use super::visitor::Visitor;
use crate::support::scim::{Scim, USER};

#[tokio::test]
async fn a_refused_request_is_explained_from_the_log() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    let ann = scim.create_user("ann").await;
    let body = json!({"schemas": [USER], "username": "ANN", "active": "True", "password": "never told"});
    let refused = scim.post("/Users", body).await;
    let link = format!("/console/t/first/explain?request={}", refused.header("x-request-id"));
    // Refused requests are written behind their answers.
    let started = std::time::Instant::now();
    while !owner.get("/console/t/first/activity?kind=request").await.expect(200).text.contains(&link) {
        assert!(started.elapsed().as_secs() < 10, "the request is not in the log");
    }
    let page = owner.get(&link).await.expect(200).text;
    for told in [
        "409 uniqueness",
        "the name was read as userName",
        "&#34;True&#34; was read as true",
        &format!("/console/t/first/users/{ann}\">ann</a>"),
        "RFC 7643, section 2.2",
    ] {
        assert!(page.contains(told) || page.contains(&told.replace("the name", "The name")), "{told}: {page}");
    }
    assert!(!page.contains("never told"), "{page}");
}

#[tokio::test]
async fn a_request_that_changed_something_is_explained_and_an_unknown_one_is_told_of() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    let made = scim.post("/Users", json!({"schemas": [USER], "userName": "ann"})).await.expect(201);
    let page = owner.get(&format!("/console/t/first/explain?request={}", made.header("x-request-id"))).await;
    let page = page.expect(200).text;
    assert!(page.contains("It made version 1 of the User ann") && page.contains("What it changed"), "{page}");
    let odd = json!({"schemas": [USER], "userName": "odd", "active": "True", "shoeSize": 41});
    let made = scim.post("/Users", odd).await.expect(201);
    let link = format!("/console/t/first/explain?request={}", made.header("x-request-id"));
    for url in [link.as_str(), "/console/t/first/activity?kind=change"] {
        let page = owner.get(url).await.expect(200).text;
        for told in ["Read otherwise", "<code>active</code>", "&#34;True&#34; was read as true", "Left out", "shoeSize"]
        {
            assert!(page.contains(told), "{told} is not at {url}: {page}");
        }
    }
    for (asked, told) in [
        ("01938f2a-7c1d-7000-8000-0242ac120002", "Nothing is known of it"),
        ("nonsense", "This is no request id"),
        ("", "Explain a request"),
    ] {
        let page = owner.get(&format!("/console/t/first/explain?request={asked}")).await.expect(200).text;
        assert!(page.contains(told), "{page}");
    }
    let other = scim.other_tenant("other").await;
    let made = other.post("/Users", json!({"schemas": [USER], "userName": "bob"})).await.expect(201);
    let page = owner.get(&format!("/console/t/first/explain?request={}", made.header("x-request-id"))).await;
    assert!(page.expect(200).text.contains("Nothing is known of it"));
}

#[tokio::test]
async fn who_sends_more_than_the_limit_is_shown_with_how_much() {
    let scim = Scim::with(Profile::Rfc, &["--rate-limit=1", "--rate-burst=2"]).await;
    let owner = Visitor::owner(&scim).await;
    let made = owner.post("/console/t/first/connections", &[("name", "Busy"), ("kind", "okta")]).await;
    let page = made.location().to_owned();
    let shown = owner.post(&format!("{page}/tokens"), &[("label", "One"), ("standard", "yes")]).await.expect(200);
    let busy = scim.with_token_text(shown.field("secret").to_owned());
    assert!(!shown.text.contains("more than the rate limit allows"));
    let mut refused = 0;
    while refused < 3 {
        refused += u32::from(busy.get("/Users").await.status == 429);
    }
    let told = "Busy sent more than the rate limit allows: 3 requests were answered with 429 since this server started";
    for page in ["/console/t/first", &page] {
        assert!(owner.get(page).await.expect(200).text.contains(told), "{page}");
    }
    // What came without a connection is told apart.
    scim.get("/Users").await.expect(429);
    let overview = owner.get("/console/t/first").await.expect(200).text;
    assert!(overview.contains("Credentials without a connection sent more than the rate limit allows: one request"));
    assert!(overview.contains("data-label=\"Over its rate\">3<"), "{overview}");
}
