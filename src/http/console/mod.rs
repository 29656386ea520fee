//! `/console`: what administrators see in a browser. Pages are printed on the server and work without scripts; htmx makes searching
//! and waiting live. One file a thing.
//!
//! A request passes [`enter`]: assets and the door are open to everybody, everything else learns first who asks ([`visit`]).
//! Reads ask the store, writes are use cases of the gateway, as in the admin API; nothing is decided here. What a page shows is
//! a value of [`pages`], printed by its template.

mod account;
mod activity;
mod admins;
mod applications;
mod asked;
mod assets;
mod clients;
mod connections;
mod definitions;
mod digest;
mod door;
mod error;
mod explain;
mod fields;
mod flash;
mod history;
mod imports;
mod invitations;
mod issuers;
mod mails;
mod organizations;
mod overview;
mod pages;
mod powers;
mod provisioning_settings;
mod reply;
mod requests;
mod resource;
mod resources;
mod rosters;
mod rule_words;
mod rules;
mod schemas;
mod settings;
mod tasks;
mod tenants;
mod theme;
mod tokens;
mod told;
mod trust;
mod uploads;
mod uses;
mod visit;
mod whole_tenant;

pub use assets::url as asset_url;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};

use super::frame::{Incoming, check_head, run};
use super::route;
use definitions::What;
use error::ConsoleError;
use visit::{Place, Visit};

/// What a handler ends with.
pub type ConsoleAnswer = Result<HttpResponse, ConsoleError>;

/// Assets have names that change with their content.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// Answers a request of this space.
pub async fn enter(incoming: &mut Incoming<'_>) -> HttpResponse {
    let theme = visit::theme(incoming.http);
    let deadline = imports::deadline(incoming.app, incoming.http).unwrap_or_else(|| incoming.deadline());
    let outcome = run(deadline, answer(incoming)).await;
    let mut response = outcome.unwrap_or_else(|error| error.render(incoming, theme));
    if response.status().is_success() && reply::flash(incoming.http).is_some() {
        reply::told(&mut response);
    }
    reply::protect(&mut response, incoming.app.base_url.starts_with("https:"));
    response
}

async fn answer(incoming: &mut Incoming<'_>) -> ConsoleAnswer {
    check_head(incoming.http)?;
    let decoded = route::decoded(incoming.http.path()).ok_or(ConsoleError::NotFound)?;
    let segments: Vec<&str> = decoded.iter().map(AsRef::as_ref).collect();
    let method = incoming.http.method().as_str();
    if !matches!(method, "GET" | "HEAD" | "POST") {
        return Err(ConsoleError::NotFound);
    }
    match segments.as_slice() {
        ["console", "assets", name] => asset(name),
        ["console", "theme"] if method == "POST" => theme::choose(incoming).await,
        ["console", path @ ("sign-in" | "sign-out" | "set-up"), rest @ ..] => door::route(incoming, path, rest).await,
        ["console", "t", slug, "imports"] if method == "POST" => imports::take(incoming, slug).await,
        [] => Ok(reply::see_other("/console")),
        ["console", path @ ..] => {
            let visit = Visit::of(incoming).await?;
            inside(&visit, path).await
        }
        _ => Err(ConsoleError::NotFound),
    }
}

/// The pages of those who have signed in.
async fn inside(visit: &Visit<'_>, path: &[&str]) -> ConsoleAnswer {
    match path {
        [] => tenants::home(visit).await,
        ["account", path @ ..] => account::route(visit, path).await,
        ["admins", path @ ..] => admins::route(visit, None, path).await,
        ["activity"] => activity::of_instance(visit).await,
        ["tenants"] => tenants::route(visit).await,
        ["t", slug, path @ ..] => {
            let place = visit.place(slug).await?;
            of_tenant(visit, &place, path).await
        }
        _ => Err(ConsoleError::NotFound),
    }
}

/// The pages of one tenant.
async fn of_tenant(visit: &Visit<'_>, place: &Place, path: &[&str]) -> ConsoleAnswer {
    match path {
        [] => overview::overview(visit, place).await,
        ["connections", path @ ..] => connections::route(visit, place, path).await,
        ["users", path @ ..] => resources::route(visit, place, "User", path).await,
        ["groups", path @ ..] => resources::route(visit, place, "Group", path).await,
        ["resources", name, path @ ..] => resources::route(visit, place, name, path).await,
        ["activity"] => activity::activity(visit, place).await,
        ["imports", path @ ..] => imports::route(visit, place, path).await,
        ["tasks", path @ ..] => tasks::route(visit, place, path).await,
        ["admins", path @ ..] => admins::route(visit, Some(place), path).await,
        ["explain"] => explain::explain(visit, place).await,
        ["applications", path @ ..] => applications::route(visit, place, path).await,
        ["new-application"] if !visit.is_post() => applications::new(visit, place),
        ["digest", path @ ..] => digest::route(visit, place, path).await,
        ["schemas"] if !visit.is_post() => schemas::list(visit, place, None, Vec::new()).await,
        ["schemas", path @ ..] => definitions::route(visit, place, What::Schema, path).await,
        ["resource-types", path @ ..] => definitions::route(visit, place, What::ResourceType, path).await,
        ["invitations", path @ ..] => invitations::route(visit, place, path).await,
        ["mails", path @ ..] => mails::route(visit, place, path).await,
        ["rules", path @ ..] => rules::route(visit, place, path).await,
        ["settings", path @ ..] => settings::route(visit, place, path).await,
        ["requests"] => requests::route(visit, place).await,
        _ => Err(ConsoleError::NotFound),
    }
}

fn asset(name: &str) -> ConsoleAnswer {
    let asset = assets::find(name).ok_or(ConsoleError::NotFound)?;
    let mut response = HttpResponse::Ok();
    response.content_type(asset.media_type).insert_header((CACHE_CONTROL, FOR_EVER));
    Ok(response.body(asset.content.as_slice()))
}
