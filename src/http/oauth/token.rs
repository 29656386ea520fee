//! `POST /oauth/token`: an access token for a client's secret, or for an assertion of an issuer whom we trust (RFC 6749,
//! section 4.4; RFC 7523, section 2.2).

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, PRAGMA};
use chrono::TimeDelta;
use secrecy::ExposeSecret;
use serde_json::json;

use super::OAuthAnswer;
use super::client::Shown;
use super::error::OAuthError;
use super::form::Form;
use crate::app::App;
use crate::app::metrics::Limit;
use crate::auth::{AuthError, ClientError, SealError, SigningError, VerifiedClient};
use crate::http::compression;
use crate::http::frame::Incoming;
use crate::http::scim::offer_refused;
use crate::model::{Scopes, SigningKeys};

/// Bytes of the body at most. The longest thing in it is an assertion, which is a JWT.
const MAX_BODY: usize = 16 << 10;
/// Stands at the end of a scope that means "all that I may have", as clients of Microsoft's write it.
const EVERYTHING: &str = "/.default";

/// Answers a request.
pub async fn answer(incoming: &mut Incoming<'_>) -> OAuthAnswer {
    if !incoming.http.query_string().is_empty() {
        return Err(OAuthError::Query);
    }
    Form::check_type(incoming.http.headers())?;
    let body = incoming.body.read(MAX_BODY, incoming.app.config.timeouts.body).await?;
    let form = Form::parse(&body)?;
    let client = authenticate(incoming, &form).await?;
    match form.get("grant_type") {
        Some("client_credentials") => {}
        Some(_) => return Err(OAuthError::Grant),
        None => return Err(OAuthError::Missing("grant_type")),
    }
    let scopes = scopes(form.get("scope"), client.credential.scopes())?;
    let answer = issue(incoming.app, &client, scopes).await;
    incoming.verified = Some(client.credential);
    answer
}

/// The client that the request shows. Each attempt that fails passes [`refuse`].
async fn authenticate(incoming: &Incoming<'_>, form: &Form) -> Result<VerifiedClient, OAuthError> {
    let authenticator = &incoming.app.authenticator;
    let (address, mut refused) = (incoming.address(), None);
    let outcome = match Shown::of(incoming.http.headers(), form)? {
        Shown::Secret { id, secret } => authenticator.verify_client(&id, &secret, address, &mut refused).await,
        Shown::Assertion { id, assertion } => {
            authenticator.verify_assertion(id.as_deref(), &assertion, address, &mut refused).await
        }
    };
    if let Some(refused) = refused {
        offer_refused(incoming.app, incoming.http, incoming.id, refused);
    }
    outcome.map_err(|error| refuse(incoming, error))
}

/// The one place that every failed attempt of a client to prove itself passes.
fn refuse(incoming: &Incoming<'_>, error: ClientError) -> OAuthError {
    if !matches!(error, ClientError::Unchecked(_)) {
        let address = incoming.address().map_or("-".to_owned(), |address| address.to_string());
        log::info!("request {}: a client at {address} was refused a token: {error}", incoming.id);
    }
    if matches!(error, ClientError::Refused(AuthError::TooManyFailures(_))) {
        incoming.app.counts.limited(Limit::FailedAuthentication);
    }
    error.into()
}

/// The scopes that are asked for, which have to be among those that the client has. The answer tells which they are.
fn scopes(wanted: Option<&str>, has: Scopes) -> Result<Scopes, OAuthError> {
    let Some(wanted) = wanted else { return Ok(has) };
    let mut scopes = Scopes::NONE;
    for name in wanted.split(' ').filter(|name| !name.is_empty()) {
        let named = if name.ends_with(EVERYTHING) { Ok(has) } else { name.parse::<Scopes>() };
        let named = named.ok().filter(|named| has.includes(*named));
        scopes = scopes.or(named.ok_or_else(|| OAuthError::Scope(has.to_string()))?);
    }
    Ok(if scopes.is_empty() { has } else { scopes })
}

async fn issue(app: &App, client: &VerifiedClient, scopes: Scopes) -> OAuthAnswer {
    let keys = signing_keys(app).await?;
    let sealer = app.sealer.as_deref().ok_or(OAuthError::NotConfigured)?;
    let now = app.clock.now();
    let key = keys.signing(now).ok_or(SigningError::Sealed(SealError::Changed))?;
    let lifetime = client.token_lifetime.duration();
    let token = app.access_tokens.sign(key, sealer, client.credential.grant(scopes, lifetime), now)?;
    let body = json!({
        "access_token": token.expose_secret(),
        "token_type": "Bearer",
        "expires_in": lifetime.num_seconds(),
        "scope": scopes.to_string(),
    });
    let mut response = HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((PRAGMA, "no-cache"))
        .content_type("application/json")
        .body(body.to_string());
    compression::spare(&mut response);
    Ok(response)
}

/// The keys, after a new one was made if one is due.
pub async fn signing_keys(app: &App) -> Result<Arc<SigningKeys>, OAuthError> {
    let sealer = app.sealer.as_deref().ok_or(OAuthError::NotConfigured)?;
    let period = TimeDelta::from_std(app.config.signing_key_period).unwrap_or(TimeDelta::MAX);
    let keys = app.access_tokens.keys().await?;
    if keys.due(app.clock.now(), period).is_none() {
        return Ok(keys);
    }
    let keys = app.gateway.ensure_signing_key(sealer, period).await?;
    app.access_tokens.forget_keys();
    Ok(keys)
}
