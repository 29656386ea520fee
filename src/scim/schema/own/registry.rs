//! Everything that one tenant has registered, and the catalog that comes of it.

use std::sync::Arc;

use super::problems::{InvalidDefinition, Problems};
use super::resource_type::ExtensionDefinition;
use super::{MAX_RESOURCE_TYPES, MAX_SCHEMAS, ResourceTypeDefinition};
use crate::scim::rules::{RuleDefinition, Rules};
use crate::scim::schema::{
    Catalog, Extension, Resolved, ResourceType, RoleForm, RoleList, Schema, Uniqueness, service_schemas,
};
use crate::scim::urn::SchemaUri;

/// Names and endpoints that the protocol uses itself, and those of drafts that this server may come to serve.
const RESERVED: [&str; 14] = [
    "Me",
    "Self",
    "Bulk",
    "Schema",
    "Schemas",
    "ResourceType",
    "ResourceTypes",
    "ServiceProviderConfig",
    "ServiceProviderConfigs",
    "Role",
    "Roles",
    "Entitlement",
    "Entitlements",
    "Search",
];

/// A tenant's own schemas, resource types and rules.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    /// The schemas, each URN once.
    pub schemas: Vec<Arc<Schema>>,
    /// The resource types, each name once; those with the name of a built-in one add extensions to that.
    pub resource_types: Vec<ResourceTypeDefinition>,
    /// The rules, each name once, in the order in which they are evaluated.
    pub rules: Vec<Arc<RuleDefinition>>,
}

impl Registry {
    /// The schema with that URN.
    pub fn schema(&self, uri: &str) -> Option<&Arc<Schema>> {
        self.schemas.iter().find(|schema| schema.uri.matches(uri))
    }

    /// The resource type of that name.
    pub fn resource_type(&self, name: &str) -> Option<&ResourceTypeDefinition> {
        self.resource_types.iter().find(|kind| kind.name.eq_ignore_ascii_case(name))
    }

    /// Adds a schema, or puts it in the place of the one with its URN.
    pub fn put_schema(&mut self, schema: Arc<Schema>) {
        match self.schemas.iter_mut().find(|known| known.uri == schema.uri) {
            Some(known) => *known = schema,
            None => self.schemas.push(schema),
        }
    }

    /// Adds a resource type, or puts it in the place of the one of its name.
    pub fn put_resource_type(&mut self, kind: ResourceTypeDefinition) {
        match self.resource_types.iter_mut().find(|known| known.name.eq_ignore_ascii_case(&kind.name)) {
            Some(known) => *known = kind,
            None => self.resource_types.push(kind),
        }
    }

    /// The rule of that name.
    pub fn rule(&self, name: &str) -> Option<&Arc<RuleDefinition>> {
        self.rules.iter().find(|rule| rule.name.eq_ignore_ascii_case(name))
    }

    /// Adds a rule, or puts it in the place of the one of its name.
    pub fn put_rule(&mut self, rule: Arc<RuleDefinition>) {
        match self.rules.iter_mut().find(|known| known.name.eq_ignore_ascii_case(&rule.name)) {
            Some(known) => *known = rule,
            None => self.rules.push(rule),
        }
    }

    /// Lets the resource type of that name take the schema as an extension. Answers whether there is such a type.
    pub fn extend(&mut self, name: &str, uri: &SchemaUri, required: bool, builtin: &Catalog) -> bool {
        if self.resource_type(name).is_none() {
            let Some(kind) = builtin.resource_types().iter().find(|kind| kind.name.eq_ignore_ascii_case(name)) else {
                return false;
            };
            self.resource_types.push(ResourceTypeDefinition {
                name: kind.name.clone(),
                description: kind.description.clone(),
                endpoint: kind.endpoint.clone(),
                schema: kind.schema.uri.to_string(),
                schema_extensions: Vec::new(),
            });
        }
        let Some(kind) = self.resource_types.iter_mut().find(|kind| kind.name.eq_ignore_ascii_case(name)) else {
            return false;
        };
        match kind.schema_extensions.iter_mut().find(|extension| uri.matches(&extension.schema)) {
            Some(extension) => extension.required = required,
            None => kind.schema_extensions.push(ExtensionDefinition { schema: uri.to_string(), required }),
        }
        true
    }

    /// Takes a schema away, also as an extension of resource types.
    pub fn remove_schema(&mut self, uri: &str) {
        self.schemas.retain(|schema| !schema.uri.matches(uri));
        for kind in &mut self.resource_types {
            kind.schema_extensions.retain(|extension| !extension.schema.eq_ignore_ascii_case(uri));
        }
    }

    /// The resource types as they are served: the built-in ones with what the tenant adds to them, then its own.
    ///
    /// # Errors
    /// Everything that does not fit together.
    pub fn catalog(&self, builtin: &Catalog) -> Result<Catalog, InvalidDefinition> {
        let mut problems = Problems::default();
        if self.schemas.len() > MAX_SCHEMAS {
            problems.add("", format_args!("a tenant may register {MAX_SCHEMAS} schemas at most; remove one first"));
        }
        if self.resource_types.len() > MAX_RESOURCE_TYPES {
            let what = format!("a tenant may register {MAX_RESOURCE_TYPES} resource types at most; remove one first");
            problems.add("", what);
        }
        self.check_uris(builtin, &mut problems);
        let mut kinds: Vec<ResourceType> = builtin.resource_types().iter().map(|kind| (**kind).clone()).collect();
        for definition in &self.resource_types {
            match kinds.iter().position(|kind| kind.name == definition.name) {
                Some(place) if place < builtin.resource_types().len() => {
                    self.add_to(&mut kinds[place], definition, builtin, &mut problems);
                }
                _ => kinds.extend(self.own(definition, &kinds, builtin, &mut problems)),
            }
        }
        for kind in &mut kinds {
            kind.unique = self.unique(kind);
        }
        let kinds: Vec<Arc<ResourceType>> = kinds.into_iter().map(Arc::new).collect();
        let rules = Rules::check(&self.rules, &kinds, &mut problems);
        problems.or(Catalog::new(kinds).with_rules(rules))
    }

    /// A path names an attribute by the URN of its schema and a colon, so no URN may go on where another ends.
    fn check_uris(&self, builtin: &Catalog, problems: &mut Problems) {
        let forms = [RoleForm::Draft, RoleForm::Okta];
        let roles = forms.iter().flat_map(|form| RoleList::ALL.map(|list| &list.resource_type(*form).schema));
        let known = self.schemas.iter().chain(builtin.schemas()).chain(service_schemas()).chain(roles);
        let known: Vec<&Arc<Schema>> = known.collect();
        for schema in &self.schemas {
            for other in known.iter().filter(|other| !Arc::ptr_eq(other, schema)) {
                if begins(schema.uri.as_str(), other.uri.as_str()) || begins(other.uri.as_str(), schema.uri.as_str()) {
                    problems.add("id", format_args!("{} is ambiguous beside {}", schema.uri, other.uri));
                }
            }
        }
    }

    /// What the tenant adds to a built-in type.
    fn add_to(
        &self,
        kind: &mut ResourceType,
        definition: &ResourceTypeDefinition,
        builtin: &Catalog,
        problems: &mut Problems,
    ) {
        if definition.endpoint != kind.endpoint || !kind.schema.uri.matches(&definition.schema) {
            problems.add(
                &kind.name,
                format_args!(
                    "is built in: its endpoint is {} and its schema {}; only schemaExtensions can be added",
                    kind.endpoint, kind.schema.uri
                ),
            );
        }
        for extension in &definition.schema_extensions {
            let present = kind.extensions.iter_mut().find(|present| present.schema.uri.matches(&extension.schema));
            match present {
                Some(present) if self.schema(&extension.schema).is_none() => present.required = extension.required,
                _ => self.attach(kind, extension, builtin, problems),
            }
        }
    }

    fn attach(
        &self,
        kind: &mut ResourceType,
        extension: &ExtensionDefinition,
        builtin: &Catalog,
        problems: &mut Problems,
    ) {
        let of_builtin = builtin.resource_types().iter().flat_map(|kind| &kind.extensions).map(|known| &known.schema);
        let found = self.schemas.iter().chain(of_builtin).find(|schema| schema.uri.matches(&extension.schema));
        match found {
            None => problems.add(&kind.name, unregistered(&extension.schema)),
            Some(schema) if kind.schema_uris().any(|uri| *uri == schema.uri) => {
                problems.add(&kind.name, format_args!("names the schema {} twice", schema.uri));
            }
            Some(schema) => {
                kind.extensions.push(Extension { schema: schema.clone(), required: extension.required });
            }
        }
    }

    /// A type of the tenant's own.
    fn own(
        &self,
        definition: &ResourceTypeDefinition,
        others: &[ResourceType],
        builtin: &Catalog,
        problems: &mut Problems,
    ) -> Option<ResourceType> {
        let ResourceTypeDefinition { name, endpoint, .. } = definition;
        let segment = endpoint.trim_start_matches('/');
        for word in [name.as_str(), segment] {
            if RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(word)) {
                problems.add(name, format_args!("{word} has a meaning of its own in SCIM; choose another name"));
            }
        }
        for other in others {
            if other.name.eq_ignore_ascii_case(name) {
                problems.add(name, format_args!("there is a resource type {} already", other.name));
            }
            if other.endpoint.eq_ignore_ascii_case(endpoint) {
                problems.add(name, format_args!("the endpoint {endpoint} belongs to {} already", other.name));
            }
        }
        let Some(schema) = self.schema(&definition.schema) else {
            problems.add(name, unregistered(&definition.schema));
            return None;
        };
        let mut kind = ResourceType {
            name: name.clone(),
            endpoint: endpoint.clone(),
            description: definition.description.clone(),
            common: builtin.resource_types().first()?.common.clone(),
            schema: schema.clone(),
            extensions: Vec::new(),
            unique: Vec::new(),
        };
        for extension in &definition.schema_extensions {
            self.attach(&mut kind, extension, builtin, problems);
        }
        Some(kind)
    }

    /// The attributes of the tenant's own schemas whose values are unique.
    fn unique(&self, kind: &ResourceType) -> Vec<Resolved> {
        let base = std::iter::once((None, &kind.schema));
        let extensions =
            kind.extensions.iter().map(|extension| (Some(extension.schema.uri.clone()), &extension.schema));
        let own = base.chain(extensions).filter(|(_, schema)| self.schema(schema.uri.as_str()).is_some());
        own.flat_map(|(extension, schema)| {
            schema.attributes.iter().flat_map(move |attribute| {
                let whole = Resolved { extension: extension.clone(), attribute: attribute.clone(), sub: None };
                let subs = attribute.sub_attributes.iter().map({
                    let whole = whole.clone();
                    move |sub| Resolved { sub: Some(sub.clone()), ..whole.clone() }
                });
                std::iter::once(whole.clone()).chain(subs).collect::<Vec<_>>()
            })
        })
        .filter(|resolved| resolved.leaf().uniqueness != Uniqueness::None)
        .collect()
    }
}

fn unregistered(uri: &str) -> String {
    format!("there is no schema {uri}; register it first with `scimgate schema add`")
}

/// Whether `longer` is `shorter`, or goes on behind it as a path does.
fn begins(longer: &str, shorter: &str) -> bool {
    let Some((front, rest)) = longer.split_at_checked(shorter.len()) else { return false };
    front.eq_ignore_ascii_case(shorter) && (rest.is_empty() || rest.starts_with([':', '.']))
}
