//! `/api/v1/openapi.json`: what the provisioning API is, made from the code that serves it. Needs no credential, since it tells
//! nothing of this installation.

use std::sync::LazyLock;

use actix_web::HttpResponse;
use utoipa::openapi::schema::Schema;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{OpenApi as Document, RefOr};
use utoipa::{Modify, OpenApi};

use super::{ApiAnswer, apps, identity_providers, imports, invitations, organizations, roles, tasks, users};
use crate::http::error::RequestError;

/// Every path stands here.
#[derive(OpenApi)]
#[openapi(
    info(title = "scimgate provisioning API", description = "Users, roles and rosters from systems of record, over HTTP."),
    paths(
        users::list::list, users::list::get, users::records::create, users::records::update, users::deactivate,
        users::reactivate, users::deactivate_one, users::reactivate_one,
        roles::list,
        identity_providers::list,
        organizations::list, organizations::get, organizations::create, organizations::change,
        invitations::invite, invitations::list, invitations::get, invitations::resend, invitations::revoke,
        imports::take::take, imports::preview::preview, imports::rejects::get, imports::template::get,
        imports::template::get_workbook,
        imports::mappings::list, imports::mappings::get, imports::mappings::put, imports::mappings::delete,
        tasks::list, tasks::get, tasks::cancel, tasks::retry,
        apps::list, apps::get, apps::users::publish, apps::users::list, apps::users::empty, apps::users::remove,
        apps::sessions::open, apps::sessions::append, apps::sessions::get, apps::sessions::commit,
        apps::sessions::abort, apps::report::licenses, apps::report::report, apps::report::publications,
    ),
    security(("token" = [])),
    modifiers(&Scheme, &Extended),
)]
struct Api;

struct Scheme;

impl Modify for Scheme {
    fn modify(&self, api: &mut Document) {
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        api.components.get_or_insert_default().add_security_scheme("token", SecurityScheme::Http(bearer));
    }
}

/// A saved mapping is a profile and more; what says that there is no more cannot be extended.
struct Extended;

impl Modify for Extended {
    fn modify(&self, api: &mut Document) {
        let schemas = &mut api.components.get_or_insert_default().schemas;
        if let Some(RefOr::T(Schema::Object(profile))) = schemas.get_mut("ImportProfile") {
            profile.additional_properties = None;
        }
    }
}

static DOCUMENT: LazyLock<String> = LazyLock::new(|| Api::openapi().to_json().unwrap_or_default());

/// The description.
pub fn serve(method: &str) -> ApiAnswer {
    match method {
        "GET" | "HEAD" => Ok(HttpResponse::Ok().content_type("application/json").body(DOCUMENT.as_str())),
        method => Err(RequestError::Method { method: method.to_owned(), allow: "GET, HEAD" }.into()),
    }
}
