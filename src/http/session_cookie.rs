//! The cookie that holds a session's secret.
//!
//! `__Host-` makes browsers keep it for this host alone and only over TLS. Without TLS there is no such cookie; so on a
//! loopback address, where nobody listens in, it has a plain name.

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use secrecy::ExposeSecret;

use crate::app::App;
use crate::auth::SessionSecret;
use crate::model::AdminSession;

const SECURE: &str = "__Host-scimgate";
const PLAIN: &str = "scimgate";

fn name(app: &App) -> &'static str {
    if app.has_plain_cookies { PLAIN } else { SECURE }
}

/// The secret that a request carries.
pub fn read(app: &App, http: &HttpRequest) -> Option<SessionSecret> {
    SessionSecret::parse(http.cookie(name(app))?.value())
}

/// The cookie that carries a secret from now on.
pub fn with(app: &App, secret: &SessionSecret) -> Cookie<'static> {
    let lifetime = Duration::seconds(AdminSession::LIFETIME.num_seconds());
    made(app, secret.reveal().expose_secret().to_owned(), lifetime)
}

/// The cookie that takes the one before away.
pub fn without(app: &App) -> Cookie<'static> {
    made(app, String::new(), Duration::ZERO)
}

fn made(app: &App, value: String, lifetime: Duration) -> Cookie<'static> {
    Cookie::build(name(app), value)
        .path("/")
        .http_only(true)
        .secure(!app.has_plain_cookies)
        .same_site(SameSite::Strict)
        .max_age(lifetime)
        .finish()
}
