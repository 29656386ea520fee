//! `/api/v1/imports`: files of people. A file is kept without a name while it is looked at, becomes a task as a whole, and is gone
//! then; what cannot be read is refused before anything of it is kept.

mod form;
pub(super) mod mappings;
pub(super) mod preview;
pub(super) mod rejects;
pub(super) mod take;
pub(super) mod template;
mod view;

pub use rejects::{download as rejected_rows, file_of};
pub use template::download as template_for;

use std::time::Duration;

use actix_web::HttpRequest;

use super::ApiAnswer;
use super::problem::ApiError;
use super::request::ApiRequest;
use crate::app::App;
use crate::http::problem::FieldError;
use crate::import::ImportError;
use crate::store::StoreError;

/// Leads to the handler of a path below `/api/v1/imports`.
pub(super) async fn route(request: ApiRequest<'_>, path: &[&str]) -> ApiAnswer {
    match (path, request.method()) {
        ([], "POST") => take::take(request).await,
        (["preview"], "POST") => preview::preview(request).await,
        (["template.csv"], "GET") => template::get(request).await,
        (["template.xlsx"], "GET") => template::get_workbook(request).await,
        (["mappings"], "GET") => mappings::list(request).await,
        (["mappings", name], "GET") => mappings::get(request, name).await,
        (["mappings", name], "PUT") => mappings::put(request, name).await,
        (["mappings", name], "DELETE") => mappings::delete(request, name).await,
        ([task, "rejects.csv"], "GET") => rejects::get(request, task).await,
        ([] | ["preview"], _) => Err(request.takes("POST")),
        (["mappings", _], _) => Err(request.takes("DELETE, GET, HEAD, PUT")),
        (["template.csv" | "template.xlsx"] | ["mappings"] | [_, "rejects.csv"], _) => Err(request.takes("GET, HEAD")),
        _ => Err(ApiError::NoRoute),
    }
}

/// Within which time a request with a file is answered; `None` for others.
pub(super) fn deadline(app: &App, http: &HttpRequest) -> Option<Duration> {
    let has_file = http.method() == "POST" && matches!(http.path(), "/api/v1/imports" | "/api/v1/imports/preview");
    has_file.then_some(app.config.timeouts.import)
}

/// What is told of a file that is refused. That it cannot be read at all is our own fault.
fn refused(error: ImportError) -> ApiError {
    match error {
        ImportError::Io(error) => StoreError::internal(error).into(),
        error => FieldError::new("file", error.to_string()).into(),
    }
}
