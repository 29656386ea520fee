//! Which path leads where.
//!
//! Paths are taken apart here instead of by actix's patterns: resource types are data, so no list of patterns could name
//! them, and a request is spared an attempt at each. Empty segments do not count: tenant URLs are entered with and without a
//! slash at their end, so paths arrive with two of them (`/scim/v2//Users`) or with one more (`/Users/`).

use std::borrow::Cow;
use std::sync::Arc;

use actix_web::http::StatusCode;

use super::error::RequestError;
use super::query::percent_decode;
use crate::model::{Need, Scope, Scopes, UseOutcome};
use crate::scim::schema::{Catalog, ResourceType, RoleList};

/// The parts of the server, by the beginning of their paths. Each has an entrance and a form of errors of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Space {
    /// Asked without a credential, and not logged.
    Probe(Probe),
    /// `/scim`, and every path that names no other space.
    Scim,
    /// `/admin`
    Admin,
    /// `/api`
    Api,
    /// `/console`, and `/`, which leads there.
    Console,
    /// `/invitations`: pages for people who were invited.
    Invitations,
    /// `/oauth`, and what describes it at `/.well-known`.
    OAuth,
}

/// What is asked without a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Probe {
    /// `/healthz`
    Alive,
    /// `/readyz`
    Ready,
}

/// What a path below `/scim/v2` names (RFC 7644, section 3.2).
#[derive(Debug)]
pub enum ScimEndpoint<'a> {
    /// `/`: the resources of all types.
    Root(&'a [Arc<ResourceType>]),
    /// `/.search` and `/Users/.search`: of which types.
    Search(&'a [Arc<ResourceType>]),
    /// `/ServiceProviderConfig`
    ServiceProviderConfig,
    /// `/ResourceTypes`
    ResourceTypes,
    /// `/ResourceTypes/{name}`
    ResourceType(Cow<'a, str>),
    /// `/Schemas`
    Schemas,
    /// `/Schemas/{urn}`
    Schema(Cow<'a, str>),
    /// `/Me`
    Me,
    /// `/Bulk`
    Bulk,
    /// `/Bulk/{id}`: what became of a bulk request that was carried out in the background.
    BulkOutcome(Cow<'a, str>),
    /// `/Users`
    Collection(&'a Arc<ResourceType>),
    /// `/Users/{id}`
    Resource(&'a Arc<ResourceType>, Cow<'a, str>),
    /// `/Groups/{id}/members`
    Members(&'a Arc<ResourceType>, Cow<'a, str>),
    /// `/Roles`, `/Entitlements`
    RoleList(RoleList),
    /// `/Roles/{id}`, `/Entitlements/{id}`
    Role(RoleList, Cow<'a, str>),
}

impl ScimEndpoint<'_> {
    /// The methods it takes, as the `Allow` header lists them.
    pub fn allow(&self) -> &'static str {
        match self {
            Self::Bulk => "POST",
            Self::Collection(_) => "GET, HEAD, POST",
            Self::Search(_) => "POST",
            Self::Me | Self::Resource(..) => "GET, HEAD, PUT, PATCH, DELETE",
            _ => "GET, HEAD",
        }
    }

    /// What requests with this method need. A search over several types needs to read all of them: what it shows is what there
    /// is, whoever asks. Roles are groups that users have, so whoever reads one or the other sees them.
    pub fn need(&self, method: &str) -> Need {
        match self {
            Self::Root(kinds) | Self::Search(kinds) => {
                Need::All(kinds.iter().map(|kind| Scope::to_read(&kind.name)).collect())
            }
            Self::Collection(kind) | Self::Resource(kind, _) | Self::Members(kind, _) => {
                let reads = matches!(method, "GET" | "HEAD");
                Need::one(if reads { Scope::to_read(&kind.name) } else { Scope::to_write(&kind.name) })
            }
            Self::RoleList(_) | Self::Role(..) => Need::OneOf(Scopes::READ),
            Self::Bulk | Self::BulkOutcome(_) => Need::one(Scope::Bulk),
            Self::ServiceProviderConfig
            | Self::ResourceTypes
            | Self::ResourceType(_)
            | Self::Schemas
            | Self::Schema(_)
            | Self::Me => Need::Any,
        }
    }
}

/// The space that `path` belongs to.
pub fn space(path: &str) -> Space {
    let mut segments = segments(path);
    match segments.next() {
        // CONNECT names a host instead of a path.
        None if path.is_empty() => Space::Scim,
        Some("healthz") if segments.next().is_none() => Space::Probe(Probe::Alive),
        Some("readyz") if segments.next().is_none() => Space::Probe(Probe::Ready),
        Some("admin") => Space::Admin,
        Some("api") => Space::Api,
        Some("console") | None => Space::Console,
        Some("invitations") => Space::Invitations,
        Some("oauth") => Space::OAuth,
        Some(".well-known") if is_of_oauth(segments.next()) => Space::OAuth,
        _ => Space::Scim,
    }
}

/// Whether a document of that name belongs to OAuth (RFC 8414, section 3).
fn is_of_oauth(document: Option<&str>) -> bool {
    matches!(document, Some("oauth-authorization-server" | "jwks.json"))
}

/// What `path` names for the tenant whose resource types these are.
pub fn find<'a>(path: &'a str, catalog: &'a Catalog) -> Result<ScimEndpoint<'a>, RequestError> {
    let mut segments = segments(path);
    match (segments.next(), segments.next()) {
        (Some("scim"), Some("v2")) => scim(segments, catalog),
        _ => Err(RequestError::NoRoute),
    }
}

/// Whether `path` names the bulk endpoint, whoever asks.
pub fn is_bulk(path: &str) -> bool {
    segments(path).eq(["scim", "v2", "Bulk"])
}

/// Whether `path` names the outcome of a bulk request, whoever asks.
pub fn is_bulk_outcome(path: &str) -> bool {
    let mut segments = segments(path);
    segments.by_ref().take(3).eq(["scim", "v2", "Bulk"]) && segments.count() == 1
}

/// What a request tells of the client's health. A look at what is not there is an ordinary question; a change that was refused is
/// a person who does not get in, or does not get out. Removing what is gone is done already.
pub fn use_outcome(method: &str, status: StatusCode) -> Option<UseOutcome> {
    let is_read = matches!(method, "GET" | "HEAD");
    match status.as_u16() {
        ..400 => Some(UseOutcome::Success),
        429 => None,
        400..500 if is_read => None,
        404 if method == "DELETE" => None,
        412 => None,
        _ => Some(UseOutcome::Failure),
    }
}

/// The parts of a path between its slashes.
pub fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

/// The parts of a path, decoded. `None` if one is no text, or has U+0000 in it, which nothing is called and no database holds.
pub fn decoded(path: &str) -> Option<Vec<Cow<'_, str>>> {
    let segments = segments(path).map(percent_decode).collect::<Option<Vec<_>>>()?;
    Some(segments).filter(|segments| !segments.iter().any(|segment| segment.contains('\0')))
}

fn scim<'a>(
    mut segments: impl Iterator<Item = &'a str>,
    catalog: &'a Catalog,
) -> Result<ScimEndpoint<'a>, RequestError> {
    let Some(name) = segments.next() else { return Ok(ScimEndpoint::Root(catalog.resource_types())) };
    let id = segments.next();
    let part = segments.next();
    if segments.next().is_some() || part.is_some_and(|part| (name, part) != ("Groups", "members")) {
        return Err(RequestError::NoRoute);
    }
    let id = id.map(|id| percent_decode(id).ok_or(RequestError::NoRoute)).transpose()?;
    match (name, id) {
        (".search", None) => Ok(ScimEndpoint::Search(catalog.resource_types())),
        ("ServiceProviderConfig", None) => Ok(ScimEndpoint::ServiceProviderConfig),
        ("ResourceTypes", None) => Ok(ScimEndpoint::ResourceTypes),
        ("ResourceTypes", Some(name)) => Ok(ScimEndpoint::ResourceType(name)),
        ("Bulk", None) => Ok(ScimEndpoint::Bulk),
        ("Bulk", Some(id)) => Ok(ScimEndpoint::BulkOutcome(id)),
        ("Schemas", None) => Ok(ScimEndpoint::Schemas),
        ("Schemas", Some(urn)) => Ok(ScimEndpoint::Schema(urn)),
        ("Me", None) => Ok(ScimEndpoint::Me),
        (name, id) => {
            let served = |kind: &&Arc<ResourceType>| kind.endpoint.strip_prefix('/') == Some(name);
            let kind = catalog.resource_types().iter().find(served);
            match (kind, id) {
                (Some(kind), Some(id)) if part.is_some() => Ok(ScimEndpoint::Members(kind, id)),
                (Some(kind), Some(id)) if id == ".search" => Ok(ScimEndpoint::Search(std::slice::from_ref(kind))),
                (Some(kind), Some(id)) => Ok(ScimEndpoint::Resource(kind, id)),
                (Some(kind), None) => Ok(ScimEndpoint::Collection(kind)),
                (None, id) => roles(name, id),
            }
        }
    }
}

/// The lists of roles, unless the tenant has a resource type of that name.
fn roles<'a>(name: &str, id: Option<Cow<'a, str>>) -> Result<ScimEndpoint<'a>, RequestError> {
    let list = match name {
        "Roles" => RoleList::Roles,
        "Entitlements" => RoleList::Entitlements,
        _ => return Err(RequestError::NoRoute),
    };
    Ok(id.map_or(ScimEndpoint::RoleList(list), |id| ScimEndpoint::Role(list, id)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::schema::builtin;

    fn found(path: &str) -> String {
        match find(path, builtin()) {
            Ok(ScimEndpoint::Collection(kind)) => kind.name.clone(),
            Ok(ScimEndpoint::Resource(kind, id)) => format!("{} {id}", kind.name),
            Ok(ScimEndpoint::Root(kinds)) => format!("all {}", kinds.len()),
            Ok(ScimEndpoint::Search(kinds)) => format!("search {}", kinds.len()),
            Ok(endpoint) => format!("{endpoint:?}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn empty_segments_do_not_count() {
        for path in ["/scim/v2/Users", "/scim/v2/Users/", "/scim/v2//Users", "//scim/v2/Users//"] {
            assert_eq!(found(path), "User", "{path}");
        }
        assert_eq!(found("/scim/v2/Groups/7/"), "Group 7");
    }

    #[test]
    fn searches_reach_one_type_or_all() {
        assert_eq!(found("/scim/v2"), "all 2");
        assert_eq!(found("/scim/v2/"), "all 2");
        assert_eq!(found("/scim/v2/.search"), "search 2");
        assert_eq!(found("/scim/v2/Groups/.search/"), "search 1");
    }

    #[test]
    fn the_first_segment_names_the_space() {
        assert_eq!((space("/healthz"), space("//readyz/")), (Space::Probe(Probe::Alive), Space::Probe(Probe::Ready)));
        for path in ["/admin/v1/tenants", "//admin", "/admin/"] {
            assert_eq!(space(path), Space::Admin, "{path}");
        }
        for path in ["/", "/console", "/console/t/a"] {
            assert_eq!(space(path), Space::Console, "{path}");
        }
        assert_eq!(space("/invitations/x/reject"), Space::Invitations);
        for path in ["/oauth/token", "/.well-known/jwks.json", "/.well-known/oauth-authorization-server/base"] {
            assert_eq!(space(path), Space::OAuth, "{path}");
        }
        for path in [
            "",
            "/healthz/x",
            "/scim/v2/Users",
            "/.well-known/openid-configuration",
            "/scim/oauth",
            "/scim/healthz",
            "/administrators",
            "/scim/v2/admin",
        ] {
            assert_eq!(space(path), Space::Scim, "{path}");
        }
        assert_eq!(found("/healthz"), RequestError::NoRoute.to_string());
    }

    #[test]
    fn names_are_decoded() {
        assert_eq!(found("/scim/v2/Schemas/urn%3Aa+b"), "Schema(\"urn:a+b\")");
        assert_eq!(found("/scim/v2/ResourceTypes/User"), "ResourceType(\"User\")");
    }

    #[test]
    fn what_is_not_there_is_told() {
        let nothing = RequestError::NoRoute.to_string();
        for path in [
            "/",
            "",
            "/scim",
            "/scim/v1/Users",
            "/scim/v2/.search/x",
            "/scim/v2/users",
            "/scim/v2/Users/1/2",
            "/healthz/x",
            "/scim/v2/Users/%ff",
            "/scim/v2/Me/x",
        ] {
            assert_eq!(found(path), nothing, "{path}");
        }
    }
}
