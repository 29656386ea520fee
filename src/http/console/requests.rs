//! `/console/t/{slug}/requests`: SCIM calls, answered by the same code that answers clients.

use std::time::Instant;

use actix_web::body::{MessageBody, to_bytes_limited};
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::test::TestRequest;
use actix_web::web::{Bytes, Payload};
use actix_web::{FromRequest, HttpResponse};
use serde_json::Value;

use super::error::ConsoleError;
use super::pages::{Choice, Here, Requests, Status, Told, Tone};
use super::{ConsoleAnswer, Place, Visit, reply};
use crate::http::body::Body;
use crate::http::error::HttpError;
use crate::http::negotiation::MediaType;
use crate::http::request::Request;
use crate::http::{route as scim_route, scim};
use crate::model::Scopes;

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
const EXAMPLES: [&str; 5] = [
    "/Users?count=5",
    "/Users?filter=active eq false",
    "/Groups?excludedAttributes=members",
    "/ServiceProviderConfig",
    "/Schemas",
];
/// What of an answer is shown at most.
const SHOWN: usize = 512 << 10;
/// Headers that say something about the answer.
const HEADERS: [&str; 5] = ["content-type", "location", "etag", "retry-after", "allow"];

/// The form, and the answer to what it sent.
pub async fn route(visit: &Visit<'_>, place: &Place) -> ConsoleAnswer {
    let is_post = visit.is_post();
    let asked = if is_post { &visit.form } else { &visit.query };
    let method = METHODS.into_iter().find(|method| *method == asked.get("method")).unwrap_or("GET");
    let (path, body) = (asked.get("path"), asked.raw("body"));
    let answer = if is_post { Some(told(visit, place, method, path, body).await?) } else { None };
    reply::page(&Requests {
        shell: visit.shell("Request console", Here::Requests, place),
        methods: METHODS.into_iter().map(|known| Choice::new(known, known, known == method)).collect(),
        path: path.to_owned(),
        body: body.to_owned(),
        answer,
        examples: EXAMPLES.into_iter().map(str::to_owned).collect(),
    })
}

async fn told(visit: &Visit<'_>, place: &Place, method: &str, path: &str, body: &str) -> Result<Told, ConsoleError> {
    let started = Instant::now();
    let response = match send(visit, place, method, path, body).await {
        Ok(response) => response,
        Err(error) => error.told(visit.id).as_scim(MediaType::default()),
    };
    let took = format!("{:.1} ms", started.elapsed().as_secs_f64() * 1e3);
    let status = response.status();
    let tone = if status.is_success() { Tone::Ok } else { Tone::Danger };
    let header = |name: &&str| {
        let value = response.headers().get(*name)?.to_str().ok()?;
        Some(((*name).to_owned(), value.to_owned()))
    };
    let headers = HEADERS.iter().filter_map(header).collect();
    Ok(Told { status: Status::new(tone, line(status)), took, headers, body: text(response).await })
}

fn line(status: StatusCode) -> String {
    format!("{} {}", status.as_str(), status.canonical_reason().unwrap_or_default()).trim().to_owned()
}

/// The body, indented.
async fn text(response: HttpResponse) -> String {
    let body = response.into_body().boxed();
    match to_bytes_limited(body, SHOWN).await {
        Ok(Ok(bytes)) => match serde_json::from_slice::<Value>(&bytes) {
            Ok(json) => serde_json::to_string_pretty(&json).unwrap_or_default(),
            Err(_) => String::from_utf8_lossy(&bytes).into_owned(),
        },
        Ok(Err(_)) => "The answer broke off.".to_owned(),
        Err(_) => format!("The answer is longer than {} KiB; ask for less of it.", SHOWN >> 10),
    }
}

/// Hands the call to the SCIM endpoints, as the administrator.
async fn send(
    visit: &Visit<'_>,
    place: &Place,
    method: &str,
    path: &str,
    body: &str,
) -> Result<HttpResponse, HttpError> {
    let body = if matches!(method, "GET" | "DELETE") { "" } else { body };
    // actix makes requests from its own sockets and in tests alone.
    let http = TestRequest::with_uri(&uri(path))
        .method(method.parse().unwrap_or_default())
        .insert_header((CONTENT_TYPE, "application/scim+json"))
        .set_payload(Bytes::copy_from_slice(body.as_bytes()));
    let (http, mut payload) = http.to_http_parts();
    let payload = Payload::from_request(&http, &mut payload).await;
    let payload = payload.map_err(|error| HttpError::from(crate::store::StoreError::internal(error.to_string())))?;
    let mut body = Body::new(http.headers(), payload);
    let scopes = if visit.caller.may_write() { Scopes::WRITE } else { Scopes::READ };
    let caller = visit.acting(place, scopes);
    let endpoint = scim_route::find(http.path(), &caller.catalog)?;
    scim::check_scopes(&http, &endpoint, caller.scopes)?;
    let request =
        Request { app: visit.app, caller: &caller, http: &http, media: MediaType::default(), body: &mut body };
    scim::answer(request, endpoint).await
}

/// The address below the SCIM endpoints, with everything encoded that cannot stand in one.
fn uri(path: &str) -> String {
    let path = path.trim_start_matches("/scim/v2");
    let slash = if path.starts_with('/') { "" } else { "/" };
    let mut uri = format!("/scim/v2{slash}");
    for byte in path.bytes() {
        let stands = byte.is_ascii_alphanumeric() || b"-._~:/?@!$&'()*+,;=%".contains(&byte);
        if stands { uri.push(char::from(byte)) } else { uri.push_str(&format!("%{byte:02X}")) }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_becomes_an_address() {
        assert_eq!(uri("Users?filter=userName eq \"a\""), "/scim/v2/Users?filter=userName%20eq%20%22a%22");
        assert_eq!(uri("/scim/v2/Me"), "/scim/v2/Me");
        for path in ["", "\u{7}", "ü/[]{}<>#\\", "//x", "/Users/%zz"] {
            assert!(uri(path).parse::<actix_web::http::Uri>().is_ok(), "{path:?}");
        }
    }
}
