//! Schemas and resource types that a tenant registers: what is read shows as itself.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use scimgate_fuzz::scim::discovery::{resource_type_definition, schema_definition};
use scimgate_fuzz::scim::json;
use scimgate_fuzz::scim::schema::builtin;
use scimgate_fuzz::scim::schema::own::{Registry, ResourceTypeDefinition, kept_schema, read_schema};
use scimgate_fuzz::within_budget;
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    let Ok(body) = json::parse(data) else { return };
    within_budget(data, || check(&body));
});

fn check(body: &Value) {
    let mut registry = Registry::default();
    if let Ok(schema) = read_schema(body) {
        let shown = schema_definition(&schema);
        let kept = kept_schema(shown.clone()).expect("what is kept can be read");
        assert_eq!(schema_definition(&kept), shown);
        let uri = schema.uri.clone();
        registry.put_schema(Arc::new(schema));
        registry.extend("User", &uri, false, builtin());
    }
    if let Ok(kind) = ResourceTypeDefinition::read(body) {
        registry.put_resource_type(kind);
    }
    if let Ok(catalog) = registry.catalog(builtin()) {
        for kind in catalog.resource_types() {
            let shown = resource_type_definition(kind);
            assert!(ResourceTypeDefinition::read(&shown).is_ok() || kind.name == "User" || kind.name == "Group");
        }
    }
}
