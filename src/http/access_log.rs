//! One line a request. The query stays out of it: filters hold names of people. Whatever a client can choose is escaped, so no
//! request can end a line or begin another.

use std::time::Duration;

use actix_web::http::StatusCode;
use serde_json::json;

use super::frame::Incoming;
use super::label;
use super::trace::Trace;
use crate::auth::Verified;
use crate::config::AccessLog;

/// A path as the log shows it: without the secret of a one-time link.
fn shown(path: &str) -> &str {
    const LINKS: [&str; 2] = ["/console/set-up/", "/invitations/"];
    LINKS.into_iter().find(|link| path.starts_with(link)).unwrap_or(path)
}

/// Writes the line of a request that was answered.
pub fn write(incoming: &Incoming<'_>, status: StatusCode, elapsed: Duration, trace: Option<&Trace>) {
    let form = incoming.app.config.operations.access_log;
    if form == AccessLog::Off || !log::log_enabled!(target: "scimgate::access", log::Level::Info) {
        return;
    }
    let Incoming { http, id, verified, .. } = incoming;
    let tenant = verified.as_ref().map(Verified::tenant);
    let (trace, label) = (trace.map(Trace::id), label::of(http.headers()));
    let milliseconds = elapsed.as_secs_f64() * 1e3;
    if form == AccessLog::Json {
        let line = json!({
            "method": http.method().as_str(),
            "path": shown(http.path()),
            "status": status.as_u16(),
            "milliseconds": (milliseconds * 1e3).round() / 1e3,
            "tenant": tenant,
            "client": incoming.address(),
            "request": id,
            "trace": trace,
            "label": label,
        });
        log::info!(target: "scimgate::access", "{line}");
        return;
    }
    let client = incoming.address().map_or("-".to_owned(), |address| address.to_string());
    log::info!(
        target: "scimgate::access",
        "{} {} {} {milliseconds:.1}ms {} client={client} request={id} trace={} label={}",
        http.method(),
        shown(http.path()),
        status.as_u16(),
        tenant.unwrap_or("-"),
        trace.unwrap_or("-"),
        label.unwrap_or("-"),
    );
}
