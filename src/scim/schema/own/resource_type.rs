//! Reading a resource type (RFC 7643, section 6).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::problems::{InvalidDefinition, NAME, Object, Problems, is_name};
use super::{MAX_SCHEMAS, MAX_TEXT, MAX_URN};

/// A resource type as a tenant registers it; under the name of a built-in one, what the tenant adds to that.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceTypeDefinition {
    /// Its name.
    pub name: String,
    /// For people.
    #[serde(default)]
    pub description: String,
    /// Its endpoint below the base URL, with the leading slash.
    pub endpoint: String,
    /// The URN of its base schema.
    pub schema: String,
    /// The extensions it takes.
    #[serde(default)]
    pub schema_extensions: Vec<ExtensionDefinition>,
}

/// An extension that a resource type takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExtensionDefinition {
    /// The URN of the extension's schema.
    pub schema: String,
    /// Whether every resource must carry it.
    #[serde(default)]
    pub required: bool,
}

impl ResourceTypeDefinition {
    /// Reads a resource type as a tenant registers it. `schemas`, `id` and `meta`, which one has that was read from a
    /// server, are passed over.
    ///
    /// # Errors
    /// Everything that is wrong with it by itself; [`super::Registry::catalog`] looks at the rest.
    pub fn read(value: &Value) -> Result<Self, InvalidDefinition> {
        let mut problems = Problems::default();
        let known = ["schemas", "id", "name", "description", "endpoint", "schema", "schemaExtensions", "meta"];
        let Some(object) = Object::read(value, "", &known, &mut problems) else {
            return problems.or(()).and(Err(InvalidDefinition(Vec::new())));
        };
        let name = object.text("name", MAX_TEXT, &mut problems);
        if !is_name(&name) {
            problems.add("name", NAME);
        }
        let endpoint = object.text("endpoint", MAX_TEXT, &mut problems);
        if !endpoint.strip_prefix('/').is_some_and(is_name) {
            problems.add("endpoint", format_args!("must be a slash and one name, such as /Devices: the name {NAME}"));
        }
        let schema = object.text("schema", MAX_URN, &mut problems);
        if schema.is_empty() {
            problems.add("schema", "must be the URN of the base schema");
        }
        let description = object.text("description", MAX_TEXT, &mut problems);
        let listed = object.list("schemaExtensions", MAX_SCHEMAS, &mut problems);
        let mut schema_extensions = Vec::with_capacity(listed.len());
        for (index, value) in listed.iter().enumerate() {
            let at = format!("schemaExtensions[{index}]");
            let Some(object) = Object::read(value, at, &["schema", "required"], &mut problems) else { continue };
            let schema = object.text("schema", MAX_URN, &mut problems);
            if !object.has("schema") {
                problems.add(object.at("schema"), "must be the URN of the extension's schema");
            }
            schema_extensions.push(ExtensionDefinition { schema, required: object.flag("required", &mut problems) });
        }
        problems.or(Self { name, description, endpoint, schema, schema_extensions })
    }
}
