//! Schemas, resource types, and the resolution of attribute paths against them.

use std::sync::Arc;

use serde::Deserialize;

use super::AttributeDefinition;
use crate::scim::path::AttrPath;
use crate::scim::urn::SchemaUri;

/// A schema (RFC 7643, section 7).
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    /// Its URI, which is also its id.
    pub uri: SchemaUri,
    /// Its short name.
    pub name: String,
    /// For people.
    pub description: String,
    /// Its attributes, in the order in which answers list them.
    pub attributes: Vec<Arc<AttributeDefinition>>,
}

impl Schema {
    /// The attribute of that name.
    pub fn attribute(&self, name: &str) -> Option<&Arc<AttributeDefinition>> {
        self.attributes.iter().find(|attribute| attribute.is_named(name))
    }
}

/// An extension that a resource type takes.
#[derive(Debug, Clone)]
pub struct Extension {
    /// The extension's schema.
    pub schema: Arc<Schema>,
    /// Whether every resource must carry it.
    pub required: bool,
}

/// A resource type (RFC 7643, section 6).
#[derive(Debug, Clone)]
pub struct ResourceType {
    /// Its name, as in `meta.resourceType`.
    pub name: String,
    /// Its endpoint below the base URL, with the leading slash.
    pub endpoint: String,
    /// For people.
    pub description: String,
    /// The attributes every resource has: `schemas`, `id`, `externalId`, `meta` (RFC 7643, section 3.1). They belong to no
    /// schema and are not listed by `/Schemas`.
    pub common: Arc<Schema>,
    /// The base schema.
    pub schema: Arc<Schema>,
    /// The extensions, in the order in which answers list them.
    pub extensions: Vec<Extension>,
    /// The attributes of the tenant's own schemas whose values are unique. Those of the built-in schemas have indexes of
    /// their own.
    pub unique: Vec<Resolved>,
}

/// An attribute that a path was found to mean.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// The extension the attribute belongs to; `None` for common and base attributes.
    pub extension: Option<SchemaUri>,
    /// The attribute.
    pub attribute: Arc<AttributeDefinition>,
    /// The sub-attribute, if the path names one.
    pub sub: Option<Arc<AttributeDefinition>>,
}

impl Resolved {
    /// The attribute whose values the path means: the sub-attribute if there is one.
    pub fn leaf(&self) -> &Arc<AttributeDefinition> {
        self.sub.as_ref().unwrap_or(&self.attribute)
    }
}

/// Two paths are the same if they mean the same attribute of the same schema.
impl PartialEq for Resolved {
    fn eq(&self, other: &Self) -> bool {
        self.extension == other.extension
            && self.attribute.name == other.attribute.name
            && self.sub.as_ref().map(|sub| &sub.name) == other.sub.as_ref().map(|sub| &sub.name)
    }
}

/// The resource type's answer for people: `schema:attribute.sub` in the spelling of the definitions.
impl std::fmt::Display for Resolved {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(extension) = &self.extension {
            write!(f, "{extension}:")?;
        }
        f.write_str(&self.attribute.name)?;
        self.sub.as_ref().map_or(Ok(()), |sub| write!(f, ".{}", sub.name))
    }
}

impl ResourceType {
    /// What `path` means, or `None` if no schema of this type defines it. An unqualified name is looked for among the common
    /// attributes and then in the base schema (RFC 7644, section 3.10); extensions need their URN.
    pub fn resolve(&self, path: &AttrPath) -> Option<Resolved> {
        let (extension, attribute) = match &path.schema {
            None => (None, self.common.attribute(&path.name).or_else(|| self.schema.attribute(&path.name))?),
            Some(uri) if self.schema.uri.matches(uri) => {
                (None, self.schema.attribute(&path.name).or_else(|| self.common.attribute(&path.name))?)
            }
            Some(uri) => {
                let schema = self.extension(uri)?;
                (Some(schema.uri.clone()), schema.attribute(&path.name)?)
            }
        };
        let sub = match &path.sub {
            None => None,
            Some(name) => Some(attribute.sub_attribute(name)?.clone()),
        };
        Some(Resolved { extension, attribute: attribute.clone(), sub })
    }

    /// What `path` means for clients that leave the URN of an extension out, as Entra does with `manager`: the first
    /// extension's attribute of that name. To be asked after [`Self::resolve`].
    pub fn resolve_in_extensions(&self, path: &AttrPath) -> Option<Resolved> {
        let in_extension = |uri: &str| self.resolve(&AttrPath { schema: Some(uri.to_owned()), ..path.clone() });
        let mut extensions = self.extensions.iter().filter(|_| path.schema.is_none());
        extensions.find_map(|extension| in_extension(extension.schema.uri.as_str()))
    }

    /// Whether `other` has the same schemas.
    pub fn is_built_as(&self, other: &Self) -> bool {
        let extensions = |kind: &Self| -> Vec<(Arc<Schema>, bool)> {
            kind.extensions.iter().map(|extension| (extension.schema.clone(), extension.required)).collect()
        };
        self.schema == other.schema && extensions(self) == extensions(other)
    }

    /// Whether a schema of a tenant's own is part of it.
    pub fn has_own_schemas(&self) -> bool {
        let extensions = self.extensions.iter().map(|extension| &extension.schema);
        let mut schemas = std::iter::once(&self.schema).chain(extensions);
        schemas.any(|schema| schema.attributes.iter().any(|attribute| attribute.restricted))
    }

    /// The extension schema with that URI.
    pub fn extension(&self, uri: &str) -> Option<&Arc<Schema>> {
        self.extensions.iter().map(|extension| &extension.schema).find(|schema| schema.uri.matches(uri))
    }

    /// Every schema URI of this type: the base schema's and those of the extensions.
    pub fn schema_uris(&self) -> impl Iterator<Item = &SchemaUri> {
        std::iter::once(&self.schema.uri).chain(self.extensions.iter().map(|extension| &extension.schema.uri))
    }
}

/// A schema as it stands in a definition file and in `/Schemas`.
#[derive(Debug, Deserialize)]
pub(super) struct SchemaDefinition {
    pub id: String,
    pub name: String,
    #[serde(default)]
    pub description: String,
    pub attributes: Vec<Arc<AttributeDefinition>>,
}

impl From<SchemaDefinition> for Schema {
    fn from(definition: SchemaDefinition) -> Self {
        Self {
            uri: SchemaUri::new(definition.id),
            name: definition.name,
            description: definition.description,
            attributes: definition.attributes,
        }
    }
}
