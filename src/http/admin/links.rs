//! `/admin/v1/links`: the use of a one-time link. Whoever has its secret needs no session.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::AdminAnswer;
use super::caller;
use super::fields::Fields;
use super::problem::{AdminError, Problem};
use super::request::{self, ok};
use crate::auth::RandomSecret;
use crate::gateway::AdminChangeError;
use crate::http::error::RequestError;
use crate::http::frame::Incoming;
use crate::model::{Actor, Origin};

/// The use of a link.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Redemption {
    /// The last part of the link
    secret: String,
    /// The password that is chosen
    #[schema(min_length = 12, max_length = 1024)]
    password: String,
    /// For the first owner alone: the e-mail address to sign in with
    #[schema(required = false)]
    email: Option<String>,
    /// For the first owner alone: the name for people
    #[schema(required = false)]
    name: Option<String>,
}

/// What was set up.
#[derive(Serialize, ToSchema)]
pub struct SetUp {
    /// The e-mail address to sign in with from now on
    email: String,
}

/// Hands a request to its handler.
pub async fn route(incoming: &mut Incoming<'_>, path: &[&str]) -> AdminAnswer {
    match (path, incoming.http.method().as_str()) {
        (["redeem"], "POST") => redeem(incoming).await,
        (["redeem"], method) => Err(RequestError::Method { method: method.to_owned(), allow: "POST" }.into()),
        _ => Err(AdminError::NoRoute),
    }
}

/// Choose a password by a one-time link
///
/// The link of the first start makes the first owner, and needs an e-mail address and a name too.
#[utoipa::path(
    post, path = "/admin/v1/links/redeem", tag = "session", request_body = Redemption, security(()),
    responses((status = 200, body = SetUp), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn redeem(incoming: &mut Incoming<'_>) -> AdminAnswer {
    caller::refuse_other_sites(incoming.http)?;
    let body: Redemption = request::json(incoming.app, incoming.http, &mut incoming.body).await?;
    let gone = || AdminError::from(AdminChangeError::LinkGone);
    let secret = RandomSecret::parse(&body.secret).ok_or_else(gone)?;
    let gateway = &incoming.app.gateway;
    let link = gateway.link(&secret).await?.ok_or_else(gone)?;
    let first = if link.admin.is_none() {
        let mut fields = Fields::default();
        let email = fields.parse("email", body.email.as_deref().unwrap_or_default());
        let name = fields.parse("name", body.name.as_deref().unwrap_or_default());
        fields.check()?;
        email.zip(name)
    } else {
        None
    };
    let origin = Origin { actor: Actor::System, request: Some(incoming.id), address: incoming.address() };
    let email = gateway.redeem_link(&secret, body.password.into(), first, origin).await?;
    ok(&SetUp { email })
}
