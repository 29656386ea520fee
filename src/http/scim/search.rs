//! `POST /.search` and `POST /Users/.search` (RFC 7644, section 3.4.3).

use std::sync::Arc;

use super::list::{self, Asked};
use super::view::View;
use crate::http::frame::Answer;
use crate::http::request::Request;
use crate::scim::list::{ListQuery, SearchRequest};
use crate::scim::schema::ResourceType;

/// Answers as a GET with the same parameters would. Those in the URL do not count.
pub async fn search(mut request: Request<'_>, kinds: &[Arc<ResourceType>]) -> Answer {
    let body = SearchRequest::parse(request.json().await?)?;
    let (attributes, excluded) = (body.attributes.as_deref(), body.excluded_attributes.as_deref());
    let views = kinds.iter().map(|kind| View::showing(&request, kind, attributes, excluded));
    let views = views.collect::<Result<_, _>>()?;
    let query = ListQuery::parse(body.parameters(), kinds, request.app.config.limits.page)?;
    list::answer(&request, kinds, Asked { views, query }).await
}
