//! What holds for every request: methods, media types, credentials, conditional requests (RFC 7644, sections 2, 3.1, 3.12
//! and 3.14).

use serde_json::{Value, json};

use crate::support::scim::{Scim, USER};

#[tokio::test]
async fn a_request_without_a_good_token_is_refused_as_scim_and_with_a_challenge() {
    let scim = Scim::start().await;
    for header in [None, Some(""), Some("Bearer "), Some("non-token"), Some("Bearer scim_forged"), Some("Basic dTpw")] {
        let answer = scim.get_authorized("/scim/v2/Users", header).await;
        answer.expect_error(401, "", "");
        assert!(answer.header("www-authenticate").starts_with("Bearer"), "{header:?}");
    }
    let last = scim.token.len() - 1;
    let swapped = if scim.token.ends_with('a') { 'b' } else { 'a' };
    let forged = format!("Bearer {}{swapped}", &scim.token[..last]);
    scim.get_authorized("/scim/v2/Users", Some(&forged)).await.expect(401);
    let odd_case = format!("bearer   {}", scim.token);
    scim.get_authorized("/scim/v2/Users", Some(&odd_case)).await.expect(200);
    // Whether a path exists is nobody's business before the token is checked.
    scim.get_authorized("/scim/v2/Users/0190c0de-0000-7000-8000-000000000000", None).await.expect(401);
}

#[tokio::test]
async fn a_read_token_cannot_write() {
    let scim = Scim::start().await;
    let id = scim.create_user("ada").await;
    let reader = scim.reader().await;
    reader.get(&format!("/Users/{id}")).await.expect(200);
    let body = json!({"schemas": [USER], "userName": "b"});
    reader.post("/Users", body.clone()).await.expect_error(403, "", "write");
    reader.put(&format!("/Users/{id}"), body).await.expect(403);
    reader.delete(&format!("/Users/{id}")).await.expect(403);
    assert_eq!(scim.get("/Users").await.json()["totalResults"], 1);
}

#[tokio::test]
async fn wrong_paths_and_methods_are_scim_errors() {
    let scim = Scim::start().await;
    let id = scim.create_user("ada").await;
    for path in
        ["/Nothing", "/Users/x/y", "/Users/not-an-id", "/Users/0190c0de-0000-7000-8000-000000000000", "/.search/x"]
    {
        let answer = scim.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        answer.expect_error(404, "", "");
    }
    for (method, path, allow) in [
        ("PUT", "/Users".to_owned(), "GET, HEAD, POST"),
        ("DELETE", "/Users".to_owned(), "GET, HEAD, POST"),
        ("POST", format!("/Users/{id}"), "GET, HEAD, PUT, PATCH, DELETE"),
        ("POST", "/Schemas".to_owned(), "GET, HEAD"),
        ("DELETE", "/ServiceProviderConfig".to_owned(), "GET, HEAD"),
    ] {
        let answer = scim.send(method, &path, Some(json!({}))).await;
        answer.expect_error(405, "", "");
        assert_eq!(answer.header("allow"), allow, "{method} {path}");
    }
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    let scim = Scim::start().await;
    let id = scim.create_user("ada").await;
    let answer = scim.send("HEAD", &format!("/Users/{id}"), None).await.expect(200);
    assert_eq!((answer.text.as_str(), answer.header("etag")), ("", "W/\"1\""));
}

#[tokio::test]
async fn media_types_are_negotiated() {
    let scim = Scim::start().await;
    for (accept, expected) in [
        ("application/scim+json", "application/scim+json"),
        ("application/json", "application/json"),
        ("application/json; charset=utf-8", "application/json"),
        ("*/*", "application/scim+json"),
        ("application/*;q=0.5", "application/scim+json"),
        ("text/html, application/json;q=0.9", "application/json"),
    ] {
        let answer = scim.get_with("/Users", &[("accept", accept)]).await.expect(200);
        assert!(answer.header("content-type").starts_with(expected), "{accept}: {}", answer.header("content-type"));
    }
    scim.get_with("/Users", &[("accept", "text/html")]).await.expect_error(406, "", "application/scim+json");
    scim.get_with("/Users", &[("accept", "application/json;q=0")]).await.expect(406);

    let user = |name: &str| json!({"schemas": [USER], "userName": name}).to_string();
    for (number, content_type) in
        ["application/scim+json", "application/json", "application/json; charset=UTF-8"].iter().enumerate()
    {
        scim.post_as(user(&format!("u{number}")), content_type).await.expect(201);
    }
    for content_type in ["text/plain", "application/xml", "application/json; charset=latin1"] {
        scim.post_as(user("never"), content_type).await.expect_error(415, "", "application/scim+json");
    }
}

#[tokio::test]
async fn conditional_requests_hold_and_answer_as_they_should() {
    let scim = Scim::start().await;
    let id = scim.create_user("ada").await;
    let path = format!("/Users/{id}");
    let patch = |title: &str| Some(json!({"Operations": [{"op": "replace", "path": "title", "value": title}]}));

    scim.send_with("PATCH", &path, patch("one"), &[("if-match", "W/\"1\"")]).await.expect(200);
    scim.send_with("PATCH", &path, patch("two"), &[("if-match", "W/\"1\"")]).await.expect_error(412, "", "");
    scim.send_with("PATCH", &path, patch("two"), &[("if-match", "\"9\", W/\"2\"")]).await.expect(200);
    scim.send_with("PATCH", &path, patch("three"), &[("if-match", "*")]).await.expect(200);
    let put = Some(json!({"schemas": [USER], "userName": "ada"}));
    scim.send_with("PUT", &path, put.clone(), &[("if-match", "W/\"3\"")]).await.expect(412);
    scim.send_with("PUT", &path, put, &[("if-match", "W/\"4\"")]).await.expect(200);
    scim.send_with("DELETE", &path, None, &[("if-match", "W/\"4\"")]).await.expect(412);

    let fresh = scim.get_with(&path, &[("if-none-match", "W/\"5\"")]).await.expect(304);
    assert_eq!((fresh.text.as_str(), fresh.header("etag")), ("", "W/\"5\""));
    scim.get_with(&path, &[("if-none-match", "W/\"4\"")]).await.expect(200);
    scim.send_with("DELETE", &path, None, &[("if-match", "W/\"5\"")]).await.expect(204);
}

#[tokio::test]
async fn long_answers_are_compressed_for_those_who_ask() {
    let scim = Scim::start().await;
    for number in 0..20 {
        scim.create_user(&format!("user{number}")).await;
    }
    let plain = scim.get("/Users").await.expect(200);
    let compressed = scim.get_with("/Users", &[("accept-encoding", "gzip")]).await.expect(200);
    assert_eq!(compressed.header("content-encoding"), "gzip");
    assert!(compressed.text.len() < plain.text.len() / 2);
}

#[tokio::test]
async fn discovery_tells_what_is_there_and_nothing_else() {
    let scim = Scim::start().await;
    let config = scim.get("/ServiceProviderConfig").await.expect(200).json();
    for (feature, expected) in
        [("patch", true), ("bulk", true), ("filter", true), ("sort", true), ("etag", true), ("changePassword", true)]
    {
        assert_eq!(config[feature]["supported"], expected, "{feature}");
    }
    assert_eq!(config["filter"]["maxResults"], 1000);
    let types = scim.get("/ResourceTypes").await.expect(200).json();
    let endpoints: Vec<&Value> = types["Resources"].as_array().unwrap().iter().map(|kind| &kind["endpoint"]).collect();
    assert_eq!(endpoints, ["/Users", "/Groups"]);
    let schemas = scim.get("/Schemas").await.expect(200).json();
    assert_eq!(schemas["totalResults"], 7);
    for schema in schemas["Resources"].as_array().unwrap() {
        let single = scim.get(&format!("/Schemas/{}", schema["id"].as_str().unwrap())).await.expect(200).json();
        assert_eq!(&single, schema);
        assert!(!schema.to_string().contains("null"), "null in {}", schema["id"]);
    }
    scim.get("/ResourceTypes/User").await.expect(200);
    scim.get("/ResourceTypes/Nobody").await.expect(404);
    scim.get("/Schemas/urn:nobody").await.expect(404);
    for path in ["/Schemas", "/ResourceTypes", "/ServiceProviderConfig"] {
        scim.get(&format!("{path}?filter=id eq \"x\"")).await.expect_error(403, "", "filter");
    }
}
