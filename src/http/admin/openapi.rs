//! `/admin/v1/openapi.json`: what the admin API is, made from the code that serves it. Needs no sign-in, since it tells nothing of
//! this installation.

use std::sync::LazyLock;

use actix_web::{HttpRequest, HttpResponse};
use serde_json::Value;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::{
    AdminAnswer, account, activity, admins, applications, clients, connections, digest, invitations, issuers, links,
    mails, resource_types, resources, rules, schemas, session, statistics, tasks, tenants, tokens,
};
use crate::http::error::RequestError;

/// Every path stands here.
#[derive(OpenApi)]
#[openapi(
    info(title = "scimgate admin API", description = "Everything an administrator does, over HTTP."),
    paths(
        session::sign_in, session::second_factor, session::get, session::sign_out, links::redeem, account::get,
        account::change_password, account::begin_totp, account::confirm_totp, account::disable_totp, admins::list,
        admins::invite, admins::get, admins::change, admins::remove, admins::reset_password, admins::reset_totp,
        activity::list, activity::list_of_instance, activity::export::export, activity::export::export_of_instance,
        activity::retention, activity::keep, activity::explain, resources::history, resources::version,
        resources::restore, tenants::list, tenants::get, tenants::create,
        tenants::change, tenants::delete, tenants::suspend, tenants::resume, tenants::restore, statistics::get,
        schemas::list, schemas::get, schemas::put, schemas::remove, resource_types::list, resource_types::get,
        resource_types::put, resource_types::remove, rules::list, rules::get, rules::put, rules::remove, clients::list, clients::get, clients::create,
        clients::patch, clients::revoke, clients::add_secret, clients::revoke_secret,
    connections::list, connections::get, connections::create, connections::patch, connections::delete, applications::list, applications::get, applications::create, applications::patch, applications::delete, digest::get, digest::patch, digest::preview, digest::send, digest::want, tasks::list,
        tokens::list, tokens::get, tokens::create, tokens::rotate, tokens::revoke, issuers::list, issuers::create,
        issuers::get, issuers::change, issuers::patch, issuers::remove, mails::list, mails::get, mails::retry, mails::settings, mails::set_settings,
        mails::bounces, mails::clear_bounce, invitations::list, invitations::invite, invitations::get, invitations::resend,
        invitations::revoke,
    ),
    security(("session" = []), ("token" = [])),
    modifiers(&Schemes, &OperationIds),
)]
struct Api;

struct Schemes;

impl Modify for Schemes {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let components = api.components.get_or_insert_default();
        let cookie = ApiKey::Cookie(ApiKeyValue::new("__Host-scimgate"));
        components.add_security_scheme("session", SecurityScheme::ApiKey(cookie));
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        components.add_security_scheme("token", SecurityScheme::Http(bearer));
    }
}

/// Handlers of different things have the same name; an operation is called by its path as well.
struct OperationIds;

impl Modify for OperationIds {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        for (path, item) in &mut api.paths.paths {
            let place: Vec<&str> = path.split(['/', '{', '}']).skip(3).filter(|word| !word.is_empty()).collect();
            let of_method = [
                ("get", &mut item.get),
                ("post", &mut item.post),
                ("put", &mut item.put),
                ("patch", &mut item.patch),
                ("delete", &mut item.delete),
            ];
            for (method, operation) in of_method {
                if let Some(operation) = operation {
                    operation.operation_id = Some(format!("{method}_{}", place.join("_")));
                }
            }
        }
    }
}

/// The document, for the page that shows it.
pub fn document() -> Value {
    serde_json::to_value(Api::openapi()).unwrap_or_default()
}

/// Answers with the document.
pub fn serve(http: &HttpRequest) -> AdminAnswer {
    static DOCUMENT: LazyLock<String> = LazyLock::new(|| Api::openapi().to_json().unwrap_or_default());
    if !matches!(http.method().as_str(), "GET" | "HEAD") {
        return Err(RequestError::Method { method: http.method().to_string(), allow: "GET, HEAD" }.into());
    }
    Ok(HttpResponse::Ok().content_type("application/json").body(DOCUMENT.as_str()))
}
