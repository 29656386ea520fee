//! `/api/v1/identity-providers`: the connections of the tenant, by which users may be asked to sign in.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::ApiAnswer;
use super::problem::ApiError;
use super::request::ApiRequest;
use crate::http::answer::ok;
use crate::http::list::List;
use crate::http::problem::Problem;
use crate::model::{Connection, Scope};

/// An identity provider.
#[derive(Debug, Serialize, ToSchema)]
pub struct IdentityProviderView {
    id: Uuid,
    /// Its name for people
    name: String,
    /// What the user names of its people begin with, if they do
    prefix: Option<String>,
    /// Whether users can be invited to it
    enabled: bool,
}

impl From<Connection> for IdentityProviderView {
    fn from(connection: Connection) -> Self {
        Self {
            id: connection.id.0,
            name: connection.name.to_string(),
            prefix: connection.prefix.map(|prefix| prefix.to_string()),
            enabled: connection.enabled,
        }
    }
}

/// Leads to the handler of a path below `/api/v1/identity-providers`.
pub(super) async fn route(request: ApiRequest<'_>, path: &[&str]) -> ApiAnswer {
    match (path, request.method()) {
        ([], "GET") => list(request).await,
        ([], _) => Err(request.takes("GET, HEAD")),
        _ => Err(ApiError::NoRoute),
    }
}

/// All identity providers; a tenant has few.
#[utoipa::path(get, path = "/api/v1/identity-providers", tag = "Identity providers",
    responses((status = 200, body = List<IdentityProviderView>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
async fn list(request: ApiRequest<'_>) -> ApiAnswer {
    request.needs(Scope::Provision)?;
    let connections = request.app.store.connections(request.caller.tenant.id).await?;
    ok(&List::going_on(connections.into_iter().map(IdentityProviderView::from).collect(), None))
}
