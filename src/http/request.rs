//! A request as a handler sees it: authenticated, within its limits, its body not read yet.

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use serde_json::Value;

use super::body::Body;
use super::compression;
use super::error::{HttpError, RequestError};
use super::negotiation::{self, MediaType};
use super::query::Query;
use crate::app::App;
use crate::model::{Caller, EntityTags, Preconditions, ResourceId};
use crate::scim::json;
use crate::scim::schema::ResourceType;

/// A request as a handler sees it.
pub struct Request<'a> {
    /// What the worker holds.
    pub app: &'a App,
    /// Who asks.
    pub caller: &'a Caller,
    /// The head of the request.
    pub http: &'a HttpRequest,
    /// The form that answers take.
    pub media: MediaType,
    /// What follows the head.
    pub body: &'a mut Body,
}

impl<'a> Request<'a> {
    /// The query.
    pub fn query(&self) -> Query<'a> {
        Query::new(self.http.query_string())
    }

    /// The conditions on the resource's version.
    pub fn preconditions(&self) -> Preconditions {
        Preconditions { if_match: self.tags(IF_MATCH), if_none_match: self.tags(IF_NONE_MATCH) }
    }

    /// A header may stand several times; that is one list (RFC 9110, section 5.2).
    fn tags(&self, name: HeaderName) -> Option<EntityTags> {
        let values: Vec<&str> = self.http.headers().get_all(name).map(|value| value.to_str().unwrap_or("")).collect();
        (!values.is_empty()).then(|| EntityTags::parse(&values.join(",")))
    }

    /// The body as JSON.
    pub async fn json(&mut self) -> Result<Value, HttpError> {
        let body = self.bytes_within(self.app.config.limits.body).await?;
        Ok(json::parse(&body)?)
    }

    /// The body as it was sent, where it may have another size than most; JSON by its type.
    pub async fn bytes_within(&mut self, limit: usize) -> Result<Bytes, HttpError> {
        negotiation::check_body_type(self.http.headers())?;
        Ok(self.body.read(limit, self.app.config.timeouts.body).await?)
    }

    /// An answer with a JSON body.
    pub fn answer(&self, status: StatusCode, body: impl Into<Bytes>) -> HttpResponse {
        let body = body.into();
        let is_small = body.len() < compression::WORTH_IT;
        let mut response = HttpResponseBuilder::new(status).content_type(self.media.header()).body(body);
        if is_small {
            compression::spare(&mut response);
        }
        response
    }
}

/// The id in a path. What is no id names nothing.
pub fn resource_id(kind: &ResourceType, id: &str) -> Result<ResourceId, RequestError> {
    id.parse().map_err(|_| RequestError::NotFound { kind: kind.name.clone(), id: id.to_owned() })
}

/// A header's value of text that we made ourselves: ids, versions and the configured URL, all of visible ASCII.
pub fn header_value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}
