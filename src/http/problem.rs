//! Errors as problem details (RFC 9457), in the form that the admin API and the provisioning API share. What is an error, and what
//! is told of it, each decides for itself.

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpResponse, HttpResponseBuilder};
use serde::Serialize;
use utoipa::ToSchema;
use validator::{ValidationErrors, ValidationErrorsKind};

use super::error::HttpError;
use crate::model::RequestId;

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// The field or parameter, as it is written in the request; a path where it lies deeper.
    pub field: String,
    /// What is wrong, and what to do.
    pub detail: String,
}

/// A problem (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// The kind, for programs; `about:blank` where the status says it all.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The kind, for people.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What happened, and what to change.
    detail: String,
    /// The request's id.
    instance: String,
    /// What is wrong with single fields.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<FieldError>,
    /// A code of the provisioning API's closed list; absent in the admin API.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
}

/// What a client is told of an error.
#[derive(Debug)]
pub struct Told {
    /// The HTTP status.
    pub status: StatusCode,
    /// The kind for programs and its name for people; `None` where the status says it all.
    pub kind: Option<(&'static str, &'static str)>,
    /// What happened, and what to change.
    pub detail: String,
    /// What is wrong with single fields.
    pub errors: Vec<FieldError>,
    /// A code of the provisioning API's list.
    pub code: Option<&'static str>,
    /// A header that goes with it.
    pub header: Option<(HeaderName, HeaderValue)>,
}

impl FieldError {
    /// What is wrong with a field.
    pub fn new(field: &str, detail: impl Into<String>) -> Self {
        Self { field: field.to_owned(), detail: detail.into() }
    }
}

impl Told {
    /// What is told of an error that can happen in every space.
    pub fn of(error: HttpError, id: RequestId) -> Self {
        let told = error.told(id);
        let (status, detail) = (told.status(), told.error.detail);
        Self { status, kind: None, detail, errors: Vec::new(), code: None, header: told.header }
    }

    /// The answer.
    pub fn response(self, id: RequestId) -> HttpResponse {
        let (kind, title) = self.kind.unwrap_or(("about:blank", self.status.canonical_reason().unwrap_or("Refused")));
        let problem = Problem {
            kind,
            title,
            status: self.status.as_u16(),
            detail: self.detail,
            instance: format!("urn:uuid:{id}"),
            errors: self.errors,
            code: self.code,
        };
        let mut response = HttpResponseBuilder::new(self.status);
        response.content_type("application/problem+json");
        if let Some(header) = self.header {
            response.insert_header(header);
        }
        // A problem is made of strings and numbers, which is always JSON.
        response.body(serde_json::to_string(&problem).unwrap_or_default())
    }
}

/// The rules that values break; never the values.
pub fn broken_rules(errors: &ValidationErrors) -> Vec<FieldError> {
    let mut wrong = Vec::new();
    gather("", errors, &mut wrong);
    wrong.sort_by(|a, b| a.field.cmp(&b.field));
    wrong
}

fn gather(path: &str, errors: &ValidationErrors, wrong: &mut Vec<FieldError>) {
    for (name, kind) in errors.errors() {
        let path = if path.is_empty() { camel_case(name) } else { format!("{path}.{}", camel_case(name)) };
        match kind {
            ValidationErrorsKind::Field(errors) => wrong.extend(errors.iter().map(|error| {
                let detail = error
                    .message
                    .as_ref()
                    .map_or_else(|| format!("breaks the rule {}", error.code), ToString::to_string);
                FieldError { field: path.clone(), detail }
            })),
            ValidationErrorsKind::Struct(errors) => gather(&path, errors, wrong),
            ValidationErrorsKind::List(list) => {
                list.iter().for_each(|(at, errors)| gather(&format!("{path}[{at}]"), errors, wrong));
            }
        }
    }
}

/// A field's name as it stands in JSON.
fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let mut out = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        out.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        out.push_str(letters.as_str());
    }
    out
}
