//! A request of the admin API as a handler sees it.

use actix_web::HttpRequest;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use validator::Validate;

use super::AdminAnswer;
use super::problem::AdminError;
use crate::app::App;
pub use crate::http::answer::{created, no_content, ok};
use crate::http::body::Body;
use crate::http::error::RequestError;
use crate::http::frame::Incoming;
use crate::http::list::{List, Window};
use crate::http::negotiation;
use crate::http::query::Query;
use crate::model::{AdminCaller, Tenant};
use crate::scim::json;
use crate::scim::schema::own::MAX_FILE;

/// A request of the admin API as a handler sees it.
pub struct AdminRequest<'a> {
    /// What the worker holds.
    pub app: &'a App,
    /// The head of the request.
    pub http: &'a HttpRequest,
    /// Who asks.
    pub caller: AdminCaller,
    body: &'a mut Body,
}

impl<'a> AdminRequest<'a> {
    /// A request of somebody.
    pub fn new(incoming: &'a mut Incoming<'_>, caller: AdminCaller) -> Self {
        Self { app: incoming.app, http: incoming.http, caller, body: &mut incoming.body }
    }

    /// The method; HEAD is GET.
    pub fn method(&self) -> &'a str {
        match self.http.method().as_str() {
            "HEAD" => "GET",
            method => method,
        }
    }

    /// Whether nothing is changed by it.
    pub fn only_reads(&self) -> bool {
        self.method() == "GET"
    }

    /// That the path does not take the method.
    pub fn takes(&self, allow: &'static str) -> AdminError {
        RequestError::Method { method: self.http.method().to_string(), allow }.into()
    }

    /// The query.
    pub fn query(&self) -> Query<'a> {
        Query::new(self.http.query_string())
    }

    /// Which part of a list is asked for: `limit` and `cursor`.
    pub fn window(&self) -> Result<Window, AdminError> {
        Window::of(&self.query())
    }

    /// The body, held to its rules.
    pub async fn json<T: DeserializeOwned + Validate>(&mut self) -> Result<T, AdminError> {
        json(self.app, self.http, self.body).await
    }

    /// The body as a definition of a schema or resource type.
    pub async fn definition(&mut self) -> Result<Value, AdminError> {
        negotiation::check_body_type(self.http.headers())?;
        let bytes = self.body.read(MAX_FILE, self.app.config.timeouts.body).await?;
        Ok(json::parse(&bytes)?)
    }

    /// The tenant of that short name, if the caller reaches it.
    pub async fn tenant(&self, slug: &str) -> Result<Tenant, AdminError> {
        let found = match slug.parse() {
            Ok(slug) => self.app.store.find_tenant(&slug).await?,
            Err(_) => None,
        };
        found
            .filter(|tenant| self.caller.reach.includes(tenant.id))
            .ok_or_else(|| AdminError::NotFound { kind: "tenant", id: slug.to_owned() })
    }
}

/// A request's body, held to its rules.
pub async fn json<T: DeserializeOwned + Validate>(
    app: &App,
    http: &HttpRequest,
    body: &mut Body,
) -> Result<T, AdminError> {
    negotiation::check_body_type(http.headers())?;
    let bytes = body.read(app.config.limits.body, app.config.timeouts.body).await?;
    let value: T = serde_json::from_value(json::parse(&bytes)?)
        .map_err(|error| AdminError::field("", format!("the body is not of the form that is expected: {error}")))?;
    value.validate()?;
    Ok(value)
}

/// 200 with one page of a list.
pub fn page<T: Serialize>(list: List<T>) -> AdminAnswer {
    ok(&list)
}
