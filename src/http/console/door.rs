//! `/console/sign-in`, `sign-out` and `set-up`: the way in and out.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::USER_AGENT;
use secrecy::SecretString;

use super::error::{ConsoleError, sentence};
use super::fields::{Fields, query};
use super::flash::Flash;
use super::pages::{Door, Notice, SecondFactor, SetUp, SignIn as SignInPage};
use super::visit::{form, inner, is_foreign, theme};
use super::{ConsoleAnswer, reply};
use crate::auth::{RandomSecret, SignedIn};
use crate::gateway::{AdminChangeError, SignIn, SignInError, Visitor};
use crate::http::error::HttpError;
use crate::http::frame::Incoming;
use crate::http::session_cookie;
use crate::model::{Actor, AdminEmail, Label, Origin};
use crate::store::StoreError;

/// Characters of a password at least, as the page tells them; [`crate::auth::NewPassword`] decides.
const LEAST: usize = 12;

/// Hands a request to its page.
pub async fn route(incoming: &mut Incoming<'_>, path: &str, rest: &[&str]) -> ConsoleAnswer {
    let is_post = incoming.http.method() == "POST";
    if is_post && is_foreign(incoming.http) {
        return Err(ConsoleError::Stale);
    }
    match (path, rest, is_post) {
        ("sign-in", [], false) => {
            let query = Fields::parse(incoming.http.query_string().as_bytes());
            let notice = reply::flash(incoming.http).map(|flash| flash.notice());
            reply::page(&sign_in_page(incoming, notice, "", query.get("back")))
        }
        ("sign-in", [], true) => sign_in(incoming).await,
        ("sign-in", ["code"], false) => {
            let query = Fields::parse(incoming.http.query_string().as_bytes());
            let (_, csrf) = waiting(incoming).await?;
            reply::page(&code_page(incoming, None, csrf, query.get("back")))
        }
        ("sign-in", ["code"], true) => second_factor(incoming).await,
        ("sign-out", [], true) => sign_out(incoming).await,
        ("set-up", [secret], _) => set_up(incoming, secret, is_post).await,
        _ => Err(ConsoleError::NotFound),
    }
}

fn visitor(incoming: &Incoming<'_>) -> Visitor {
    let agent = incoming.http.headers().get(USER_AGENT).and_then(|agent| agent.to_str().ok());
    Visitor {
        request: incoming.id,
        address: incoming.address(),
        user_agent: agent.map(str::to_owned),
        session: session_cookie::read(incoming.app, incoming.http).map(|secret| secret.digest()),
    }
}

fn door(incoming: &Incoming<'_>, notice: Option<Notice>) -> Door {
    Door { theme: theme(incoming.http), notice }
}

fn sign_in_page(incoming: &Incoming<'_>, notice: Option<Notice>, email: &str, back: &str) -> SignInPage {
    SignInPage { door: door(incoming, notice), email: email.to_owned(), back: inner(back).to_owned() }
}

fn code_page(incoming: &Incoming<'_>, notice: Option<Notice>, csrf: String, back: &str) -> SecondFactor {
    SecondFactor { door: door(incoming, notice), csrf, back: inner(back).to_owned() }
}

async fn sign_in(incoming: &mut Incoming<'_>) -> ConsoleAnswer {
    let form = form(incoming).await?;
    let (email, back) = (form.get("email"), inner(form.get("back")));
    let password = SecretString::from(form.raw("password"));
    match incoming.app.gateway.sign_in(email, password, &visitor(incoming)).await {
        Ok(SignIn::Complete(secret)) => Ok(with_session(incoming, back, &secret)),
        Ok(SignIn::SecondFactor(secret)) => {
            let back = if back == "/console" { "" } else { back };
            let url = format!("/console/sign-in/code{}", query(&[("back", back)]));
            Ok(with_session(incoming, &url, &secret))
        }
        Err(error) => {
            let (status, notice) = refusal(error)?;
            reply::with_status(status, &sign_in_page(incoming, Some(notice), email, back))
        }
    }
}

fn with_session(incoming: &Incoming<'_>, url: &str, secret: &crate::auth::SessionSecret) -> HttpResponse {
    let mut response = reply::see_other(url);
    // The cookie's name and value are made here, of letters that cookies may have.
    let _ = response.add_cookie(&session_cookie::with(incoming.app, secret));
    response
}

/// What somebody who was not let in is told.
fn refusal(error: SignInError) -> Result<(StatusCode, Notice), ConsoleError> {
    let told = sentence(&error.to_string());
    match error {
        SignInError::Refused | SignInError::Code => Ok((StatusCode::UNAUTHORIZED, Notice::problem(told))),
        SignInError::Pause { .. } => Ok((StatusCode::TOO_MANY_REQUESTS, Notice::problem(told))),
        SignInError::NoSecretKey => Ok((StatusCode::SERVICE_UNAVAILABLE, Notice::problem(told))),
        SignInError::Store(error) => Err(error.into()),
        error => Err(HttpError::from(StoreError::internal(error)).into()),
    }
}

/// Who has given the password and not yet the code, and what its form sends along.
async fn waiting(incoming: &Incoming<'_>) -> Result<(SignedIn, String), ConsoleError> {
    let secret = session_cookie::read(incoming.app, incoming.http).ok_or(ConsoleError::SignedOut)?;
    let found = incoming.app.sessions.find_any(&secret).await?.ok_or(ConsoleError::SignedOut)?;
    Ok((found, secret.csrf_token()))
}

async fn second_factor(incoming: &mut Incoming<'_>) -> ConsoleAnswer {
    let form = form(incoming).await?;
    let (waiting, csrf) = waiting(incoming).await?;
    if form.raw("csrf") != csrf {
        return Err(ConsoleError::Stale);
    }
    let (app, visitor) = (incoming.app, visitor(incoming));
    match app.gateway.second_factor(&waiting, form.get("code"), &visitor, app.sealer.as_deref()).await {
        Ok(secret) => Ok(with_session(incoming, inner(form.get("back")), &secret)),
        Err(error) => {
            let (status, notice) = refusal(error)?;
            reply::with_status(status, &code_page(incoming, Some(notice), csrf, form.get("back")))
        }
    }
}

async fn sign_out(incoming: &mut Incoming<'_>) -> ConsoleAnswer {
    let form = form(incoming).await?;
    let secret = session_cookie::read(incoming.app, incoming.http).ok_or(ConsoleError::SignedOut)?;
    if !secret.csrf_matches(form.raw("csrf")) {
        return Err(ConsoleError::Stale);
    }
    if let Some(signed_in) = incoming.app.sessions.find_any(&secret).await? {
        incoming.app.gateway.sign_out(&signed_in, &secret, &visitor(incoming)).await?;
    }
    let mut response = reply::done("/console/sign-in", Flash::SignedOut)?;
    let _ = response.add_cookie(&session_cookie::without(incoming.app));
    Ok(response)
}

/// A one-time link: makes the first owner, or gives an invited administrator a password.
async fn set_up(incoming: &mut Incoming<'_>, text: &str, is_post: bool) -> ConsoleAnswer {
    let gone = AdminChangeError::LinkGone;
    let Some(secret) = RandomSecret::parse(text) else { return link_gone(incoming, &gone) };
    let Some(link) = incoming.app.gateway.link(&secret).await? else { return link_gone(incoming, &gone) };
    let form = form(incoming).await?;
    let known = link.admin.map(|(_, email)| email);
    let page = |incoming: &Incoming<'_>, notice| SetUp {
        door: door(incoming, notice),
        action: format!("/console/set-up/{text}"),
        known: known.clone(),
        email: form.get("email").to_owned(),
        name: form.get("name").to_owned(),
        least: LEAST,
    };
    if !is_post {
        return reply::page(&page(incoming, None));
    }
    let refused = |incoming: &Incoming<'_>, told: &str| {
        let notice = Notice::problem(sentence(told));
        reply::with_status(StatusCode::UNPROCESSABLE_ENTITY, &page(incoming, Some(notice)))
    };
    let first = match (&known, form.get("email").parse::<AdminEmail>(), form.get("name").parse::<Label>()) {
        (Some(_), ..) => None,
        (None, Ok(email), Ok(name)) => Some((email, name)),
        (None, Err(told), _) | (None, _, Err(told)) => return refused(incoming, &told),
    };
    let password = SecretString::from(form.raw("password"));
    let origin = Origin { actor: Actor::System, request: Some(incoming.id), address: incoming.address() };
    match incoming.app.gateway.redeem_link(&secret, password, first, origin).await {
        Ok(_) => reply::done("/console/sign-in", Flash::PasswordChosen),
        Err(AdminChangeError::Store(error)) => Err(error.into()),
        Err(error @ (AdminChangeError::WeakPassword(_) | AdminChangeError::EmailTaken)) => {
            refused(incoming, &error.to_string())
        }
        Err(AdminChangeError::LinkGone) => link_gone(incoming, &gone),
        Err(error) => Err(HttpError::from(StoreError::internal(error)).into()),
    }
}

fn link_gone(incoming: &Incoming<'_>, gone: &AdminChangeError) -> ConsoleAnswer {
    let notice = Notice::problem(sentence(&gone.to_string()));
    reply::with_status(StatusCode::GONE, &sign_in_page(incoming, Some(notice), "", ""))
}
