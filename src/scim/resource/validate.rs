//! A client's body, checked against a resource type: what a create or a replace would write.

use std::fmt::Display;

use secrecy::SecretString;
use serde_json::{Map, Value};

use super::members::{Member, parse_members};
use super::value::{canonical_value, unknown_attribute};
use super::{Resource, canonical};
use crate::scim::dialect::{Dialect, UnknownAttributes};
use crate::scim::schema::{AttributeDefinition, Mutability, ResourceType, Schema};
use crate::scim::{ScimError, ScimType};

/// What a body asks for, checked and taken apart by where it is kept.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The attributes, without an id unless the draft replaces something.
    pub resource: Resource,
    /// The password in clear text, to be hashed and forgotten.
    pub password: Option<SecretString>,
    /// The members of a group; `None` where the body does not mention them.
    pub members: Option<Vec<Member>>,
}

impl Draft {
    /// Reads a POST's or PUT's body. Attributes that the server sets are left out, as RFC 7644, section 3.3 wants it, and so
    /// is what no schema defines, unless the dialect refuses it.
    ///
    /// # Errors
    /// 400 with `invalidSyntax` or `invalidValue`.
    pub fn parse(body: Value, resource_type: &ResourceType, dialect: &Dialect) -> Result<Self, ScimError> {
        let draft = Self::parse_replacement(body, resource_type, dialect)?;
        canonical::check(resource_type, &draft.resource)?;
        Ok(draft)
    }

    /// As [`Draft::parse`], for a body that replaces a resource: whether the whole is as its schemas want it is looked at
    /// by [`Draft::replacing`], since attributes that the body leaves out may keep their values.
    pub fn parse_replacement(body: Value, resource_type: &ResourceType, dialect: &Dialect) -> Result<Self, ScimError> {
        let Value::Object(body) = body else {
            return Err(ScimError::bad_request(ScimType::InvalidSyntax, "the body must be a JSON object"));
        };
        let mut reader = Reader {
            resource_type,
            unknown: dialect.unknown_attributes,
            has_schemas: false,
            attributes: Map::with_capacity(body.len()),
            password: None,
            members: None,
        };
        for (name, value) in body {
            reader.read(&name, value)?;
        }
        reader.finish()
    }

    /// The draft as it replaces `current` (RFC 7644, section 3.5.1): the id stays, and an immutable attribute that has a
    /// value keeps it; a different one is refused with `mutability`. A write-only attribute that the body leaves out keeps its
    /// value too: a client that sends back what it read cannot know it.
    pub fn replacing(mut self, current: &Resource, resource_type: &ResourceType) -> Result<Self, ScimError> {
        let mut attributes = self.resource.into_map();
        let before = current.as_map();
        let own = resource_type.common.attributes.iter().chain(&resource_type.schema.attributes);
        keep_immutable(own.map(AsRef::as_ref), before, &mut attributes, &"")?;
        for extension in &resource_type.extensions {
            let uri = extension.schema.uri.as_str();
            let Some(Value::Object(before)) = before.get(uri) else { continue };
            let definitions = extension.schema.attributes.iter().map(AsRef::as_ref);
            let mut values = match attributes.swap_remove(uri) {
                Some(Value::Object(values)) => values,
                _ => Map::new(),
            };
            keep_immutable(definitions, before, &mut values, &format_args!("{uri}:"))?;
            attributes.insert(uri.to_owned(), Value::Object(values));
        }
        self.resource = canonical::normalize(resource_type, attributes);
        canonical::check(resource_type, &self.resource)?;
        if let Some(id) = current.id() {
            self.resource = self.resource.with_id(id);
        }
        Ok(self)
    }
}

/// Keeps what the schema lets be set only once.
fn keep_immutable<'a>(
    definitions: impl Iterator<Item = &'a AttributeDefinition>,
    before: &Map<String, Value>,
    after: &mut Map<String, Value>,
    prefix: &dyn Display,
) -> Result<(), ScimError> {
    for definition in definitions {
        let at = format_args!("{prefix}{}", definition.name);
        match (before.get(&definition.name), after.get_mut(&definition.name)) {
            (None, _) => {}
            (Some(old), Some(new)) if definition.mutability == Mutability::Immutable && old != new => {
                return Err(immutable(&at));
            }
            (Some(old), None) if matches!(definition.mutability, Mutability::Immutable | Mutability::WriteOnly) => {
                after.insert(definition.name.clone(), old.clone());
            }
            (Some(Value::Object(old)), Some(Value::Object(new))) => {
                let subs = definition.sub_attributes.iter().map(AsRef::as_ref);
                keep_immutable(subs, old, new, &format_args!("{at}."))?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn immutable(at: &dyn Display) -> ScimError {
    ScimError::bad_request(
        ScimType::Mutability,
        format!("{at} is immutable and has a value already; send that value or leave the attribute out"),
    )
}

/// A body on its way into a draft.
struct Reader<'a> {
    resource_type: &'a ResourceType,
    unknown: UnknownAttributes,
    has_schemas: bool,
    attributes: Map<String, Value>,
    password: Option<SecretString>,
    members: Option<Vec<Member>>,
}

impl Reader<'_> {
    fn read(&mut self, name: &str, value: Value) -> Result<(), ScimError> {
        let resource_type = self.resource_type;
        if let Some(schema) = resource_type.extension(name) {
            return self.read_extension(schema, value);
        }
        let attribute = resource_type.common.attribute(name).or_else(|| resource_type.schema.attribute(name));
        let Some(attribute) = attribute else { return self.refuse_unknown(&name) };
        match attribute.name.as_str() {
            "schemas" => self.read_schemas(value)?,
            "password" => {
                if let Some(Value::String(text)) = canonical_value(attribute, value, self.unknown, &attribute.name)? {
                    self.password = Some(text.into());
                }
            }
            _ if canonical::is_members(resource_type, attribute) => {
                self.members = Some(parse_members(attribute, value, self.unknown, &attribute.name)?);
            }
            _ if attribute.mutability == Mutability::ReadOnly => {}
            own => {
                if let Some(value) = canonical_value(attribute, value, self.unknown, &own)? {
                    self.attributes.insert(own.to_owned(), value);
                }
            }
        }
        Ok(())
    }

    fn read_extension(&mut self, schema: &Schema, value: Value) -> Result<(), ScimError> {
        let uri = schema.uri.as_str();
        let members = match value {
            Value::Object(members) => members,
            empty if super::is_unassigned(&empty) => return Ok(()),
            _ => return Err(ScimError::bad_request(ScimType::InvalidValue, format!("{uri} must be an object"))),
        };
        let mut values = Map::with_capacity(members.len());
        for (name, value) in members {
            let Some(attribute) = schema.attribute(&name) else {
                self.refuse_unknown(&format_args!("{uri}:{name}"))?;
                continue;
            };
            if attribute.mutability == Mutability::ReadOnly {
                continue;
            }
            let at = format_args!("{uri}:{}", attribute.name);
            if let Some(value) = canonical_value(attribute, value, self.unknown, &at)? {
                values.insert(attribute.name.clone(), value);
            }
        }
        self.attributes.insert(uri.to_owned(), Value::Object(values));
        Ok(())
    }

    /// Clients list URNs of schemas that nobody here knows, and list extensions without sending their data; the list decides
    /// nothing, since the attributes themselves tell which schemas are meant. So only its type is held, except in the strict
    /// dialect.
    fn read_schemas(&mut self, value: Value) -> Result<(), ScimError> {
        let listed = match value {
            Value::Array(listed) => listed,
            Value::Null => return Ok(()),
            single => vec![single],
        };
        let mut base = false;
        for uri in &listed {
            let Some(uri) = uri.as_str() else {
                return Err(invalid_schemas(&"must be an array of URIs"));
            };
            base |= self.resource_type.schema.uri.matches(uri);
            let is_known = self.resource_type.schema_uris().any(|known| known.matches(uri));
            if self.unknown == UnknownAttributes::Refuse && !is_known {
                return Err(invalid_schemas(&format_args!(
                    "names {:?}, which this endpoint does not know; leave it out",
                    uri.chars().take(100).collect::<String>()
                )));
            }
        }
        self.has_schemas = base;
        Ok(())
    }

    fn refuse_unknown(&self, path: &dyn Display) -> Result<(), ScimError> {
        match self.unknown {
            UnknownAttributes::Ignore => Ok(()),
            UnknownAttributes::Refuse => Err(unknown_attribute(path)),
        }
    }

    /// A body without `schemas` is accepted where unknown attributes are ignored: RFC 7643 requires the attribute, but what
    /// it would say is known from the endpoint, and OneLogin's templates list only the URN of SCIM 1.1.
    fn finish(self) -> Result<Draft, ScimError> {
        if self.unknown == UnknownAttributes::Refuse && !self.has_schemas {
            return Err(invalid_schemas(&format_args!("must contain {:?}", self.resource_type.schema.uri.as_str())));
        }
        let resource = canonical::assemble(self.resource_type, self.attributes);
        Ok(Draft { resource, password: self.password, members: self.members })
    }
}

fn invalid_schemas(what: &dyn Display) -> ScimError {
    ScimError::bad_request(ScimType::InvalidSyntax, format!("schemas {what}"))
}
