//! Who is calling.

use std::net::IpAddr;
use std::sync::Arc;

use uuid::Uuid;

use super::{ConnectionId, CredentialId, Origin, RequestId, ResourceId, Scopes, Tenant};
use crate::scim::schema::Catalog;

/// An authenticated request's origin: the tenant it acts in, and what the change stream tells of it.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The tenant, by way of the credential and of nothing else. Its dialect is the one that the credential's connection speaks.
    pub tenant: Arc<Tenant>,
    /// The tenant's schemas and resource types.
    pub catalog: Arc<Catalog>,
    /// The credential.
    pub credential: CredentialId,
    /// The credential's name for people, as the change stream keeps it.
    pub label: Arc<str>,
    /// What the credential may do.
    pub scopes: Scopes,
    /// How heavy a role may be that the credential gives to users; any, if there is no limit.
    pub max_role_weight: Option<i64>,
    /// The connection that the credential belongs to.
    pub connection: Option<ConnectionId>,
    /// The user who calls, if the credential is bound to one: it reaches that user alone.
    pub user: Option<ResourceId>,
    /// The request.
    pub request: RequestId,
    /// The client's address, where it is known.
    pub address: Option<IpAddr>,
}

impl Caller {
    /// Somebody who administers the tenant, and may do there what any credential may.
    pub fn administrator(tenant: Arc<Tenant>, catalog: Arc<Catalog>, origin: &Origin, request: RequestId) -> Self {
        Self {
            tenant,
            catalog,
            credential: CredentialId(origin.actor.id().unwrap_or(Uuid::nil())),
            label: origin.actor.name().into(),
            scopes: Scopes::WRITE,
            max_role_weight: None,
            connection: None,
            user: None,
            request: origin.request.unwrap_or(request),
            address: origin.address,
        }
    }
}
