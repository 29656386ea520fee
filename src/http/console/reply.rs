//! Answers of the console: pages, ways onward, and what every one of them carries for the browser's sake.

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, LOCATION, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use actix_web::{HttpResponse, HttpResponseBuilder};
use askama::Template;

use super::ConsoleAnswer;
use super::error::ConsoleError;
use super::flash::Flash;
use crate::http::error::HttpError;
use crate::http::request::header_value;
use crate::store::StoreError;

/// Everything comes from here, nothing stands in the page itself, and no other site may show it.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'; \
     frame-ancestors 'none'; base-uri 'none'; connect-src 'self'",
);
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// The same for a page that shows a document of ours in a frame.
const POLICY_WITH_FRAME: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'; \
     frame-ancestors 'none'; base-uri 'none'; connect-src 'self'; frame-src 'self'",
);

/// The cookie with the word of [`Flash`].
const FLASH: &str = "scimgate-flash";

/// A page.
pub fn page(template: &impl Template) -> ConsoleAnswer {
    with_status(StatusCode::OK, template)
}

/// A page with that status.
pub fn with_status(status: StatusCode, template: &impl Template) -> ConsoleAnswer {
    let text = template.render().map_err(|error| HttpError::from(StoreError::internal(error)));
    let text = text.map_err(ConsoleError::from)?;
    Ok(HttpResponseBuilder::new(status).content_type("text/html; charset=utf-8").body(text))
}

/// A page that shows a document of ours in a frame.
pub fn page_with_frame(template: &impl Template) -> ConsoleAnswer {
    let mut response = page(template)?;
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, POLICY_WITH_FRAME);
    Ok(response)
}

/// HTML that is no page of ours, for a frame on one: it is shown and does nothing. No script runs, no form is sent, it has no
/// cookies, and nothing is fetched but pictures from `pictures` (an origin).
pub fn document(html: String, pictures: Option<&str>) -> HttpResponse {
    let policy = format!(
        "default-src 'none'; style-src 'unsafe-inline'; img-src {}; sandbox; form-action 'none'; base-uri 'none'; \
         frame-ancestors 'self'",
        pictures.unwrap_or("'none'")
    );
    let mut response = HttpResponse::Ok();
    response.content_type("text/html; charset=utf-8");
    response.insert_header((CONTENT_SECURITY_POLICY, header_value(&policy)));
    response.insert_header((X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN")));
    response.insert_header((REFERRER_POLICY, HeaderValue::from_static("no-referrer")));
    // A sandboxed document cannot have an opener policy.
    response.insert_header((OPENER_POLICY, HeaderValue::from_static("unsafe-none")));
    response.body(html)
}

/// On to another page, after a form was done.
pub fn see_other(url: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, header_value(url))).finish()
}

/// On to another page, which tells what came of it.
pub fn done(url: &str, flash: Flash) -> ConsoleAnswer {
    let mut response = see_other(url);
    // The word is of ASCII letters and hyphens, and so is the name.
    let _ = response.add_cookie(&cookie(FLASH, flash.word().to_owned(), Duration::minutes(1)));
    Ok(response)
}

/// What the page before left to tell.
pub fn flash(http: &actix_web::HttpRequest) -> Option<Flash> {
    Flash::parse(http.cookie(FLASH)?.value())
}

/// Takes the word away once it was told.
pub fn told(response: &mut HttpResponse) {
    let _ = response.add_cookie(&cookie(FLASH, String::new(), Duration::ZERO));
}

/// A cookie that holds nothing secret.
pub fn cookie(name: &'static str, value: String, lifetime: Duration) -> Cookie<'static> {
    let cookie = Cookie::build(name, value).path("/console").http_only(true).same_site(SameSite::Strict);
    cookie.max_age(lifetime).finish()
}

/// Adds what every answer carries, where it does not say something else for itself. Pages are kept nowhere; an asset says how long it
/// may be.
pub fn protect(response: &mut HttpResponse, is_https: bool) {
    let headers = response.headers_mut();
    if is_https {
        // Whoever came over TLS once comes over nothing else for a year.
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
        (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
        (OPENER_POLICY, HeaderValue::from_static("same-origin")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ] {
        if !headers.contains_key(&name) {
            headers.insert(name, value);
        }
    }
}
