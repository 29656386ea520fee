//! What the token endpoint refuses, and how it says so (RFC 6749, section 5.2).

use crate::support::oauth::{FORM, GRANT, basic};
use crate::support::scim::{Answer, Scim};

const CHALLENGE: &str = "Basic realm=\"scimgate\", charset=\"UTF-8\"";

#[tokio::test]
async fn every_wrong_request_is_told_what_to_change() {
    let scim = Scim::start().await;
    let client = scim.oauth_client().await;
    let (header, id, secret) = (client.basic(), &client.id, &client.secret);
    let assertion = "client_assertion=a.b.c";
    for (authorization, body, status, code, told) in [
        (None, GRANT.to_owned(), 401, "invalid_client", "the request shows no client"),
        (Some("Bearer x"), GRANT.to_owned(), 401, "invalid_client", "not of the form Basic"),
        (Some("Basic !"), GRANT.to_owned(), 401, "invalid_client", "not of the form Basic"),
        (Some("Basic bWU="), GRANT.to_owned(), 401, "invalid_client", "not of the form Basic"),
        (Some(&*header), format!("{GRANT}&client_secret={secret}"), 400, "invalid_request", "more than one way"),
        (
            Some(&header),
            format!("{GRANT}&client_id={id}&client_secret={secret}"),
            400,
            "invalid_request",
            "more than one",
        ),
        (Some(&header), format!("{GRANT}&client_id={id}x"), 400, "invalid_request", "two different clients"),
        (Some(&header), format!("{GRANT}&{assertion}"), 400, "invalid_request", "more than one way"),
        (None, format!("{GRANT}&{assertion}"), 400, "invalid_request", "client_assertion_type"),
        (None, format!("{GRANT}&client_id={id}"), 400, "invalid_request", "belong together"),
        (None, format!("{GRANT}&client_secret={secret}"), 400, "invalid_request", "belong together"),
        (Some(&header), String::new(), 400, "invalid_request", "grant_type is missing"),
        (Some(&header), "grant_type=".into(), 400, "invalid_request", "grant_type is missing"),
        (Some(&header), "grant_type=password".into(), 400, "unsupported_grant_type", "client_credentials"),
        (Some(&header), format!("{GRANT}&{GRANT}"), 400, "invalid_request", "grant_type is sent more than once"),
        (Some(&header), format!("{GRANT}&x=1&x=2"), 400, "invalid_request", "x is sent more than once"),
        (Some(&header), format!("{GRANT}&scope=%ff"), 400, "invalid_request", "not UTF-8"),
        (Some(&header), format!("{GRANT}&scope=nothing"), 400, "invalid_scope", "ask for fewer"),
    ] {
        let headers: Vec<_> = authorization.iter().map(|value| ("authorization", *value)).collect();
        let answer = scim.ask_token(&headers, &body).await;
        answer.expect_oauth_error(status, code, told);
        let challenge = if status == 401 { CHALLENGE } else { "" };
        assert_eq!(answer.header("www-authenticate"), challenge, "{body}");
        assert!(!answer.text.contains(secret.as_str()), "{}", answer.text);
    }
}

#[tokio::test]
async fn what_is_wrong_with_the_request_itself_is_told_in_the_same_form() {
    let scim = Scim::start().await;
    let client = scim.oauth_client().await;
    let header = ("authorization", &*client.basic());
    let form = ("content-type", FORM);
    let ask = async |headers: &[(&str, &str)], body: &str| scim.plainly("POST", "/oauth/token", headers, body).await;
    for content_type in ["application/json", "text/plain", "multipart/form-data", ""] {
        let answer = ask(&[header, ("content-type", content_type)], GRANT).await;
        answer.expect_oauth_error(415, "invalid_request", "application/x-www-form-urlencoded");
    }
    let compressed = [header, form, ("content-encoding", "gzip")];
    ask(&compressed, GRANT).await.expect_oauth_error(415, "invalid_request", "without Content-Encoding");
    let large = format!("{GRANT}&x={}", "x".repeat(16 << 10));
    ask(&[header, form], &large).await.expect_oauth_error(413, "invalid_request", "16384 bytes");
    let twice = [header, header, form];
    ask(&twice, GRANT).await.expect_oauth_error(400, "invalid_request", "more than one way");
    let url = format!("/oauth/token?{GRANT}");
    scim.plainly("POST", &url, &[header, form], "").await.expect_oauth_error(400, "invalid_request", "into the body");
    for method in ["GET", "PUT", "DELETE", "OPTIONS"] {
        let answer = scim.plainly(method, "/oauth/token", &[header], "").await;
        answer.expect_oauth_error(405, "invalid_request", "it takes POST");
        assert_eq!(answer.header("allow"), "POST");
    }
    for path in ["/oauth", "/oauth/authorize", "/oauth/token/x", "/.well-known/jwks.json/x"] {
        let answer = scim.plainly("POST", path, &[header, form], GRANT).await;
        answer.expect_oauth_error(404, "invalid_request", "oauth-authorization-server");
    }
}

/// Everything but what differs in every answer.
fn shown(answer: &Answer) -> (u16, Vec<(String, String)>, String) {
    let headers = answer.headers.iter().filter(|(name, _)| !["date", "x-request-id"].contains(&name.as_str()));
    let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    let mut headers: Vec<_> = headers.collect();
    headers.sort();
    (answer.status, headers, answer.text.clone())
}

#[tokio::test]
async fn an_unknown_client_looks_like_a_wrong_secret() {
    let scim = Scim::start().await;
    let elsewhere = Scim::start().await;
    let (client, other, stranger) =
        (scim.oauth_client().await, scim.oauth_client().await, elsewhere.oauth_client().await);
    let wrong = scim.ask_token(&[("authorization", &basic(&client.id, &stranger.secret))], GRANT).await;
    wrong.expect_oauth_error(401, "invalid_client", "the client is unknown or its secret is wrong; check client_id");
    let bearer = scim.token.clone();
    for (id, secret) in [
        (&*client.id, &*other.secret),
        (&client.id, &client.secret[..client.secret.len() - 1]),
        (&client.id, "secret"),
        (&client.id, &bearer),
        (&stranger.id, &stranger.secret),
        (&stranger.id, &client.secret),
        ("scimc_0", &client.secret),
        ("nobody", "nothing"),
        (&client.credential.to_string(), &client.secret),
        (&scim.credential_id().to_string(), &bearer),
    ] {
        let answer = scim.ask_token(&[("authorization", &basic(id, secret))], GRANT).await;
        assert_eq!(shown(&answer), shown(&wrong), "{id}");
    }
    scim.grant(&client).await.expect(200);
}
