//! The resource types of one tenant with the rules for its users, and what is worked out once for them.

use std::sync::Arc;

use super::{ResourceType, Schema};
use crate::scim::ScimError;
use crate::scim::resource::Projection;
use crate::scim::rules::Rules;

/// The schemas and resource types that a tenant's endpoints run on.
#[derive(Debug, Clone)]
pub struct Catalog {
    resource_types: Vec<Arc<ResourceType>>,
    /// What an answer shows if the request does not choose, in the order of the resource types. Working it out takes a rule
    /// for every attribute, which most requests are spared.
    unchosen: Vec<Arc<Projection>>,
    /// What users must have.
    rules: Rules,
}

impl Catalog {
    /// A catalog of these resource types, in the order of `/ResourceTypes`.
    pub fn new(resource_types: Vec<Arc<ResourceType>>) -> Self {
        let unchosen = resource_types.iter().map(|kind| Arc::new(Projection::unchosen(kind))).collect();
        Self { resource_types, unchosen, rules: Rules::default() }
    }

    /// The catalog with rules that fit its resource types.
    pub fn with_rules(self, rules: Rules) -> Self {
        Self { rules, ..self }
    }

    /// What users must have.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The resource types, in the order of `/ResourceTypes`.
    pub fn resource_types(&self) -> &[Arc<ResourceType>] {
        &self.resource_types
    }

    /// Whether there are other resource types than users and groups.
    pub fn has_own_types(&self) -> bool {
        self.resource_types.iter().any(|kind| !matches!(kind.name.as_str(), "User" | "Group"))
    }

    /// The resource type served at `endpoint` (`/Users`).
    pub fn at_endpoint(&self, endpoint: &str) -> Option<&Arc<ResourceType>> {
        self.resource_types.iter().find(|resource_type| resource_type.endpoint == endpoint)
    }

    /// The resource type of that name (`User`).
    pub fn named(&self, name: &str) -> Option<&Arc<ResourceType>> {
        self.resource_types.iter().find(|resource_type| resource_type.name == name)
    }

    /// What an answer shows of resources of this type, by the request's `attributes` and `excludedAttributes`.
    ///
    /// # Errors
    /// As [`Projection::parse`].
    pub fn projection(
        &self,
        kind: &ResourceType,
        attributes: Option<&str>,
        excluded: Option<&str>,
    ) -> Result<Arc<Projection>, ScimError> {
        let place = self.resource_types.iter().position(|served| served.name == kind.name);
        match place.and_then(|place| self.unchosen.get(place)) {
            Some(unchosen) if attributes.is_none() && excluded.is_none() => Ok(unchosen.clone()),
            _ => Projection::parse(attributes, excluded, kind).map(Arc::new),
        }
    }

    /// Every schema in use, each once.
    pub fn schemas(&self) -> Vec<&Arc<Schema>> {
        let mut schemas: Vec<&Arc<Schema>> = Vec::new();
        for resource_type in &self.resource_types {
            let own = std::iter::once(&resource_type.schema);
            for schema in own.chain(resource_type.extensions.iter().map(|extension| &extension.schema)) {
                if !schemas.iter().any(|seen| seen.uri == schema.uri) {
                    schemas.push(schema);
                }
            }
        }
        schemas
    }
}
