//! A tenant's resource types: those of the RFC, and own ones with every type of attribute and every characteristic.

use std::sync::{Arc, LazyLock};

use serde_json::Value;

use crate::scim::schema::own::{Registry, ResourceTypeDefinition, read_schema};
use crate::scim::schema::{Catalog, builtin};

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
    let json = |text: &str| serde_json::from_str::<Value>(text).expect("the example is JSON");
    let mut registry = Registry::default();
    for text in [
        include_str!("../../../conformance/schemas/equipment.json"),
        include_str!("../../../conformance/schemas/device.json"),
    ] {
        let schema = read_schema(&json(text)).expect("the example is a schema");
        registry.put_schema(Arc::new(schema));
    }
    let device = include_str!("../../../conformance/schemas/device-type.json");
    registry.put_resource_type(ResourceTypeDefinition::read(&json(device)).expect("the example is a resource type"));
    let equipment = registry.schemas[0].uri.clone();
    registry.extend("User", &equipment, false, builtin());
    registry.catalog(builtin()).expect("the examples fit together")
});

/// Users with an extension of every kind of attribute, groups, and devices.
pub fn catalog() -> &'static Catalog {
    &CATALOG
}
