//! A request of the provisioning API as a handler sees it.

use std::time::{Duration, Instant};

use actix_web::HttpRequest;
use actix_web::web::Bytes;
use serde::de::DeserializeOwned;
use validator::Validate;

use super::problem::ApiError;
use crate::app::App;
use crate::http::body::Body;
use crate::http::error::RequestError;
use crate::http::frame::Incoming;
use crate::http::list::Window;
use crate::http::negotiation;
use crate::http::problem::FieldError;
use crate::http::query::Query;
use crate::http::scim::offer_failure;
use crate::model::{Caller, InsufficientScope, Need, Scope};
use crate::scim::{ScimError, json};

/// A request of the provisioning API as a handler sees it.
pub struct ApiRequest<'a> {
    /// What the worker holds.
    pub app: &'a App,
    /// The head of the request.
    pub http: &'a HttpRequest,
    /// Who asks.
    pub caller: Caller,
    /// What follows the head, not read yet.
    pub body: &'a mut Body,
    /// Within which time it is answered.
    pub deadline: Duration,
    started: Instant,
}

impl<'a> ApiRequest<'a> {
    /// A request of somebody.
    pub fn new(incoming: &'a mut Incoming<'_>, caller: Caller, started: Instant, deadline: Duration) -> Self {
        Self { app: incoming.app, http: incoming.http, caller, body: &mut incoming.body, deadline, started }
    }

    /// The method; HEAD is GET.
    pub fn method(&self) -> &'a str {
        match self.http.method().as_str() {
            "HEAD" => "GET",
            method => method,
        }
    }

    /// That the path does not take the method.
    pub fn takes(&self, allow: &'static str) -> ApiError {
        RequestError::Method { method: self.http.method().to_string(), allow }.into()
    }

    /// Holds that the credential may do what the request asks for.
    pub fn needs(&self, scope: Scope) -> Result<(), InsufficientScope> {
        self.caller.scopes.meet(Need::one(scope))
    }

    /// The query.
    pub fn query(&self) -> Query<'a> {
        Query::new(self.http.query_string())
    }

    /// Which part of a list is asked for: `limit` and `cursor`.
    pub fn window(&self) -> Result<Window, ApiError> {
        Window::of(&self.query())
    }

    /// A parameter that is `true` or `false`; `false` without it.
    pub fn flag(&self, name: &str) -> Result<bool, ApiError> {
        match self.query().get(name)?.as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(FieldError::new(name, "is neither true nor false").into()),
        }
    }

    /// Leaves what failed of the request for the activity log; for what is answered with a problem that happens by itself.
    pub fn tell_failure(&self, error: &ScimError) {
        offer_failure(self.app, &self.caller, (self.http, &*self.body), error, self.started);
    }

    /// The body as it is, of at most that many bytes.
    pub async fn bytes(&mut self, limit: usize) -> Result<Bytes, ApiError> {
        negotiation::check_body_type(self.http.headers())?;
        Ok(self.body.read(limit, self.app.config.timeouts.body).await?)
    }

    /// The body, held to its rules.
    pub async fn json<T: DeserializeOwned + Validate>(&mut self) -> Result<T, ApiError> {
        let bytes = self.bytes(self.app.config.limits.body).await?;
        let value: T = serde_json::from_value(json::parse(&bytes)?)
            .map_err(|error| FieldError::new("", format!("the body is not of the form that is expected: {error}")))?;
        value.validate()?;
        Ok(value)
    }
}
