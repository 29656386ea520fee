//! What one worker holds: built once, passed down. There are no globals.

use std::sync::Arc;

use crate::auth::Authenticator;
use crate::config::Config;
use crate::gateway::Gateway;
use crate::model::Clock;
use crate::scim::ScimError;
use crate::scim::resource::Projection;
use crate::scim::schema::{Catalog, ResourceType};
use crate::store::Store;

/// What all requests of one worker share.
pub struct App {
    /// What the server runs by.
    pub config: Arc<Config>,
    /// The base URL of the SCIM endpoints, without a slash at its end.
    pub base_url: Arc<str>,
    /// The resource types that are served.
    pub catalog: Arc<Catalog>,
    /// What an answer shows if the request does not choose, in the order of the catalog's resource types. Working it out
    /// takes a rule for every attribute, which most requests are spared.
    default_projections: Vec<Arc<Projection>>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Checks credentials.
    pub authenticator: Authenticator,
    /// For writes.
    pub gateway: Gateway,
    /// For reads.
    pub store: Store,
}

impl App {
    /// A worker's own `App` on its own store.
    pub fn new(
        config: Arc<Config>,
        base_url: Arc<str>,
        catalog: Arc<Catalog>,
        clock: Arc<dyn Clock>,
        store: Store,
    ) -> Self {
        let default_projections =
            catalog.resource_types.iter().map(|kind| Arc::new(Projection::unchosen(kind))).collect();
        Self {
            config,
            base_url,
            catalog,
            default_projections,
            authenticator: Authenticator::new(store.clone(), clock.clone()),
            gateway: Gateway::new(store.clone(), clock.clone()),
            clock,
            store,
        }
    }

    /// What an answer shows of resources of this type, by the request's `attributes` and `excludedAttributes`.
    pub fn projection(
        &self,
        kind: &ResourceType,
        attributes: Option<&str>,
        excluded: Option<&str>,
    ) -> Result<Arc<Projection>, ScimError> {
        let place = self.catalog.resource_types.iter().position(|served| served.name == kind.name);
        match place.and_then(|place| self.default_projections.get(place)) {
            Some(default) if attributes.is_none() && excluded.is_none() => Ok(default.clone()),
            _ => Projection::parse(attributes, excluded, kind).map(Arc::new),
        }
    }
}
