//! What a tenant registers when it begins to take records: the resource type Organization, and the extension of User that tells
//! whom a user belongs to. They are definitions of the tenant as any other.

use std::sync::{Arc, LazyLock};

use super::{Registry, ResourceTypeDefinition, kept_schema};
use crate::scim::schema::{Schema, builtin};

/// The name of the resource type.
pub const ORGANIZATION: &str = "Organization";

static SCHEMAS: LazyLock<[Arc<Schema>; 2]> = LazyLock::new(|| {
    [
        read(include_str!("../definitions/organization.json")),
        read(include_str!("../definitions/provisioning_user.json")),
    ]
});

#[allow(clippy::expect_used, reason = "the definitions are part of the program, and a test reads them all")]
fn read(definition: &str) -> Arc<Schema> {
    let value = serde_json::from_str(definition).expect("a definition is JSON");
    Arc::new(kept_schema(value).expect("a definition is a schema"))
}

/// Adds both to what a tenant has registered. What it has of that name already stays, with all that it has added; `Err` names a
/// resource type of its own that stands where ours would.
///
/// # Errors
/// The name of the resource type that is in the way.
pub fn register(registry: &mut Registry) -> Result<(), String> {
    let [organization, user] = &*SCHEMAS;
    match registry.resource_type(ORGANIZATION) {
        Some(kind) if !organization.uri.matches(&kind.schema) => return Err(kind.name.clone()),
        Some(_) => {}
        None => registry.put_resource_type(ResourceTypeDefinition {
            name: ORGANIZATION.to_owned(),
            description: organization.description.clone(),
            endpoint: "/Organizations".to_owned(),
            schema: organization.uri.to_string(),
            schema_extensions: Vec::new(),
        }),
    }
    for schema in &*SCHEMAS {
        if registry.schema(schema.uri.as_str()).is_none() {
            registry.put_schema(schema.clone());
        }
    }
    let extends = registry
        .resource_type("User")
        .is_some_and(|kind| kind.schema_extensions.iter().any(|extension| user.uri.matches(&extension.schema)));
    if !extends {
        registry.extend("User", &user.uri, false, builtin());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::urn;

    #[test]
    fn both_are_registered_once() {
        let mut registry = Registry::default();
        register(&mut registry).unwrap();
        let first = registry.clone();
        register(&mut registry).unwrap();
        assert_eq!(first.resource_types, registry.resource_types);
        let catalog = registry.catalog(builtin()).unwrap();
        assert!(catalog.named("User").unwrap().extension(urn::PROVISIONING).is_some());
        let organization = catalog.named(ORGANIZATION).unwrap();
        assert!(organization.schema.uri.matches(urn::ORGANIZATION));
        assert_eq!(organization.unique.len(), 1);
    }

    #[test]
    fn a_type_of_the_tenants_own_is_not_overwritten() {
        let mut registry = Registry::default();
        registry.put_resource_type(ResourceTypeDefinition {
            name: "Organization".into(),
            description: String::new(),
            endpoint: "/Orgs".into(),
            schema: "urn:acme:Organization".into(),
            schema_extensions: Vec::new(),
        });
        assert_eq!(register(&mut registry), Err("Organization".to_owned()));
    }
}
