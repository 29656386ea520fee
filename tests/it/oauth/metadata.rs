//! What describes the authorization server (RFC 8414), and the keys of its tokens (RFC 7517).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use scimgate::model::Profile;
use serde_json::json;

use crate::support::oauth::part;
use crate::support::scim::Scim;

const METADATA: &str = "/.well-known/oauth-authorization-server";

#[tokio::test]
async fn the_metadata_name_every_endpoint_by_the_public_url() {
    let flags = ["--public-url", "https://id.example.com/base"];
    let scim = Scim::with(Profile::Rfc, &flags).await;
    let answer = scim.plainly("GET", METADATA, &[("host", "evil.example"), ("x-forwarded-host", "evil")], "").await;
    let answer = answer.expect(200);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "public, max-age=3600");
    let scopes = json!([
        "users:read",
        "users:write",
        "groups:read",
        "groups:write",
        "bulk",
        "provision",
        "roster:write",
        "events",
        "admin:read",
        "admin:write"
    ]);
    let metadata = answer.json();
    assert_eq!(metadata["issuer"], "https://id.example.com/base");
    assert_eq!(metadata["token_endpoint"], "https://id.example.com/base/oauth/token");
    assert_eq!(metadata["jwks_uri"], "https://id.example.com/base/.well-known/jwks.json");
    assert_eq!(metadata["scopes_supported"], scopes);
    assert_eq!(metadata["response_types_supported"], json!([]));
    assert_eq!(metadata["grant_types_supported"], json!(["client_credentials"]));
    let methods = json!(["client_secret_basic", "client_secret_post", "private_key_jwt"]);
    assert_eq!(metadata["token_endpoint_auth_methods_supported"], methods);
    let algorithms = metadata["token_endpoint_auth_signing_alg_values_supported"].as_array().unwrap();
    assert!(algorithms.contains(&json!("RS256")), "{algorithms:?}");
    assert!(
        algorithms.iter().all(|name| name != "none" && !name.as_str().unwrap().starts_with("HS")),
        "{algorithms:?}"
    );
    // With the issuer's path behind it, as RFC 8414, section 3.1 wants it asked for.
    assert_eq!(scim.plainly("GET", &format!("{METADATA}/base"), &[], "").await.expect(200).json(), metadata);
    scim.plainly("HEAD", METADATA, &[], "").await.expect(200);
    scim.plainly("POST", METADATA, &[], "").await.expect_oauth_error(405, "invalid_request", "it takes GET, HEAD");

    let client = scim.oauth_client().await;
    let claims = part(&scim.access_token(&client).await, 1);
    assert_eq!((&claims["iss"], &claims["aud"]), (&metadata["issuer"], &json!("https://id.example.com/base/scim/v2")));
    scim.as_client(&client).await.get("/Users").await.expect(200);
}

#[tokio::test]
async fn the_key_set_holds_public_keys_by_which_tokens_can_be_checked() {
    let scim = Scim::start().await;
    let answer = scim.plainly("GET", "/.well-known/jwks.json", &[], "").await.expect(200);
    assert_eq!(answer.header("content-type"), "application/jwk-set+json");
    assert_eq!(answer.header("cache-control"), "public, max-age=300");
    let keys = answer.json()["keys"].as_array().unwrap().clone();
    let [key] = &keys[..] else { panic!("{keys:?}") };
    let names: Vec<&String> = key.as_object().unwrap().keys().collect();
    assert_eq!(names, ["kty", "crv", "x", "y", "use", "alg", "kid"]);
    assert_eq!(
        (&key["kty"], &key["crv"], &key["use"], &key["alg"]),
        (&json!("EC"), &json!("P-256"), &json!("sig"), &json!("ES256"))
    );
    for coordinate in ["x", "y"] {
        assert_eq!(URL_SAFE_NO_PAD.decode(key[coordinate].as_str().unwrap()).unwrap().len(), 32);
    }

    // As somebody else would check it.
    let token = scim.access_token(&scim.oauth_client().await).await;
    assert_eq!(part(&token, 0)["kid"], key["kid"]);
    let jwk = serde_json::from_value(key.clone()).unwrap();
    let public = jsonwebtoken::DecodingKey::from_jwk(&jwk).unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let es256 = jsonwebtoken::Algorithm::ES256;
    assert!(jsonwebtoken::crypto::verify(signature, signed.as_bytes(), &public, es256).unwrap());
}
