//! A request of somebody who has signed in.

use std::sync::Arc;

use actix_web::HttpRequest;
use chrono::{DateTime, Utc};

use super::error::ConsoleError;
use super::fields::Fields;
use super::pages::{Here, Moment, Shell, TenantNav, Theme, Who};
use super::reply;
use crate::app::App;
use crate::auth::SessionSecret;
use crate::http::frame::Incoming;
use crate::http::session_cookie;
use crate::model::{Admin, AdminCaller, AdminRole, Caller, CredentialId, Reach, RequestId, Scopes, Tenant};
use crate::scim::schema::Catalog;
use crate::scim::schema::own::ORGANIZATION;
use crate::store::TenantStore;

/// Bytes of a form at most: a request body for the request console, and some room for its encoding.
const MAX_FORM: usize = 1 << 20;

/// A request of somebody who has signed in.
pub struct Visit<'a> {
    /// What the worker holds.
    pub app: &'a App,
    /// The head of the request.
    pub http: &'a HttpRequest,
    /// Its id.
    pub id: RequestId,
    /// Who asks.
    pub admin: Admin,
    /// What may be done, and where it comes from.
    pub caller: AdminCaller,
    /// The form, if one was sent.
    pub form: Fields,
    /// The query.
    pub query: Fields,
    /// What is kept of the session's secret.
    pub session: [u8; 32],
    /// What the page's forms have to send along.
    pub csrf: String,
    /// When it came.
    pub now: DateTime<Utc>,
}

/// A tenant within reach.
pub struct Place {
    /// The tenant.
    pub tenant: Tenant,
    /// Its schemas and resource types.
    pub catalog: Arc<Catalog>,
}

impl<'a> Visit<'a> {
    /// Learns who asks, and holds that a form is one of theirs.
    pub async fn of(incoming: &mut Incoming<'a>) -> Result<Self, ConsoleError> {
        let (mut visit, secret) = Self::without_form(incoming).await?;
        visit.form = form(incoming).await?;
        if !visit.http.method().is_safe() && !is_own(visit.http, &secret, &visit.form) {
            return Err(ConsoleError::Stale);
        }
        Ok(visit)
    }

    /// Learns who asks, and leaves the body to whoever reads it as it comes. That has to see whether it comes from a page of this
    /// session, by the secret, before it takes anything.
    pub async fn without_form(incoming: &Incoming<'a>) -> Result<(Self, SessionSecret), ConsoleError> {
        let (app, http) = (incoming.app, incoming.http);
        let secret = session_cookie::read(app, http).ok_or(ConsoleError::SignedOut)?;
        let signed_in = app.sessions.find(&secret).await?.ok_or(ConsoleError::SignedOut)?;
        let visit = Self {
            app,
            http,
            id: incoming.id,
            caller: signed_in.caller(incoming.id, incoming.address()),
            admin: signed_in.admin,
            form: Fields::default(),
            query: Fields::parse(http.query_string().as_bytes()),
            session: secret.digest(),
            csrf: secret.csrf_token(),
            now: app.clock.now(),
        };
        Ok((visit, secret))
    }

    /// The tenant of that short name.
    pub async fn place(&self, slug: &str) -> Result<Place, ConsoleError> {
        let slug = slug.parse().map_err(|_| ConsoleError::NotFound)?;
        let found = self.app.store.find_tenant(&slug).await?;
        let tenant = found.filter(|tenant| self.caller.reach.includes(tenant.id)).ok_or(ConsoleError::NotFound)?;
        let (_, catalog) = self.app.store.tenant(tenant.id).catalog().await?;
        Ok(Place { tenant, catalog: Arc::new(catalog) })
    }

    /// Whether something is to be changed by it.
    pub fn is_post(&self) -> bool {
        self.http.method() == "POST"
    }

    /// Holds that the role may change things.
    pub fn may_write(&self) -> Result<(), ConsoleError> {
        let told = "An auditor reads everything and changes nothing. Ask an admin or an owner.";
        if self.caller.may_write() { Ok(()) } else { Err(ConsoleError::Forbidden(told)) }
    }

    /// An instant as a page shows it.
    pub fn moment(&self, at: DateTime<Utc>) -> Moment {
        Moment::new(at, self.now)
    }

    /// What stands around a page of a tenant.
    pub fn shell(&self, title: &str, here: Here, place: &Place) -> Shell {
        let own = place.catalog.resource_types().iter().map(|kind| kind.name.clone());
        let tenant = TenantNav {
            slug: place.tenant.slug.to_string(),
            name: place.tenant.name.clone(),
            own_types: own.filter(|name| !matches!(name.as_str(), "User" | "Group" | ORGANIZATION)).collect(),
        };
        let standing = super::whole_tenant::standing(self, place);
        Shell { tenant: Some(tenant), standing, ..self.instance_shell(title, here) }
    }

    /// What stands around a page of the installation.
    pub fn instance_shell(&self, title: &str, here: Here) -> Shell {
        Shell {
            title: title.to_owned(),
            here,
            tenant: None,
            who: Who {
                name: self.admin.email.clone(),
                role: super::admins::role_name(self.caller.role).to_owned(),
                instance: self.caller.reach == Reach::Instance,
                writes: self.caller.may_write(),
                owns: self.caller.role == AdminRole::Owner,
            },
            csrf: self.csrf.clone(),
            theme: theme(self.http),
            standing: None,
            flash: reply::flash(self.http).map(|flash| flash.notice()),
            path: self.http.uri().path_and_query().map_or_else(String::new, ToString::to_string),
        }
    }

    /// The administrator as one who calls for a tenant. The change stream tells of it under the administrator's name.
    pub fn acting(&self, place: &Place, scopes: Scopes) -> Caller {
        Caller {
            tenant: place.tenant.clone().into(),
            catalog: place.catalog.clone(),
            credential: CredentialId(self.admin.id.0),
            label: self.admin.email.as_str().into(),
            scopes,
            max_role_weight: None,
            connection: None,
            user: None,
            request: self.id,
            address: self.caller.origin.address,
        }
    }

    /// What the tenant has.
    pub fn store(&self, place: &Place) -> TenantStore {
        self.app.store.tenant(place.tenant.id)
    }
}

/// The colours that the visitor chose.
pub fn theme(http: &HttpRequest) -> Theme {
    http.cookie(THEME).map_or(Theme::Auto, |cookie| Theme::parse(cookie.value()))
}

/// The cookie that keeps them.
pub const THEME: &str = "scimgate-theme";

/// The form of a request; empty if it has none.
pub async fn form(incoming: &mut Incoming<'_>) -> Result<Fields, ConsoleError> {
    if incoming.http.method().is_safe() {
        return Ok(Fields::default());
    }
    let wait = incoming.app.config.timeouts.body;
    Ok(Fields::parse(&incoming.body.read(MAX_FORM, wait).await?))
}

/// Whether a form came from a page of this session. Browsers tell besides where a request comes from, and are believed when
/// they say that it is another site.
fn is_own(http: &HttpRequest, secret: &SessionSecret, form: &Fields) -> bool {
    !is_foreign(http) && secret.csrf_matches(form.raw("csrf"))
}

/// Whether the browser says that another site sends this.
pub fn is_foreign(http: &HttpRequest) -> bool {
    let site = http.headers().get("sec-fetch-site").and_then(|site| site.to_str().ok());
    matches!(site, Some("cross-site" | "same-site"))
}

/// A place of the console to go back to. Anything else is the console itself, so that no form leads to another site.
pub fn inner(back: &str) -> &str {
    let fits = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
    let is_inner = back == "/console" || back.starts_with("/console/") || back.starts_with("/console?");
    if is_inner && back.bytes().all(fits) { back } else { "/console" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leads_to_another_site() {
        for inside in ["/console", "/console/t/a/users?q=b%20c", "/console?x=1"] {
            assert_eq!(inner(inside), inside);
        }
        for outside in
            ["https://evil.example", "//evil.example", "/consoleevil", "", "/console/\r\nx: y", "/console/\\x"]
        {
            assert_eq!(inner(outside), "/console", "{outside:?}");
        }
    }
}
