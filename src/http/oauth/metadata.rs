//! What describes this authorization server to clients and to whoever checks its tokens (RFC 8414, RFC 7517).
//!
//! URLs come from the configured public URL alone. Both documents are the same for everybody, and may be kept for a while.

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use serde_json::{Value, json};

use super::error::OAuthError;
use super::token::signing_keys;
use super::{JWKS_PATH, OAuthAnswer, TOKEN_PATH};
use crate::app::App;
use crate::model::{Scope, SigningAlgorithm, SigningKey};

/// How long the documents may be kept, in seconds. A key is published for a day before it signs.
const METADATA_AGE: &str = "public, max-age=3600";
const KEYS_AGE: &str = "public, max-age=300";

/// Where everything is, and what of OAuth there is (RFC 8414, section 2).
pub fn server(app: &App) -> HttpResponse {
    let issuer = app.access_tokens.issuer();
    let document = json!({
        "issuer": issuer,
        "token_endpoint": format!("{issuer}{TOKEN_PATH}"),
        "jwks_uri": format!("{issuer}{JWKS_PATH}"),
        "scopes_supported": Scope::ALL.map(Scope::as_str),
        // Required, so it stands there though it is empty: there is no authorization endpoint.
        "response_types_supported": [],
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": SigningAlgorithm::ALL.map(SigningAlgorithm::as_str),
    });
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, METADATA_AGE))
        .content_type("application/json")
        .body(document.to_string())
}

/// The keys by which access tokens can be checked (RFC 7517, section 5).
pub async fn keys(app: &App) -> OAuthAnswer {
    let keys = match signing_keys(app).await {
        // Whoever may sign nothing has nothing to publish but what others have signed.
        Err(OAuthError::NotConfigured) => app.access_tokens.keys().await?,
        keys => keys?,
    };
    let published: Vec<Value> = keys.published(app.clock.now()).map(jwk).collect();
    let answer = HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, KEYS_AGE))
        .content_type("application/jwk-set+json")
        .body(json!({ "keys": published }).to_string());
    Ok(answer)
}

fn jwk(key: &SigningKey) -> Value {
    let mut jwk = key.public_key.clone();
    jwk["use"] = "sig".into();
    jwk["alg"] = key.algorithm.as_str().into();
    jwk["kid"] = key.id.to_string().into();
    jwk
}
