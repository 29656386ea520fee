//! The discovery endpoints (RFC 7644, section 4), written from the same definitions that validation runs on, so they tell
//! what is there and nothing else.
//!
//! `base_url` is the public URL of the SCIM endpoints without a slash at its end; locations begin with it.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::dialect::{Dialect, EmployeeId};
use super::list::PageSize;
use super::schema::{
    AttributeDefinition, Catalog, ResourceType, RoleForm, RoleList, Schema, Uniqueness, service_schemas,
};
use super::urn;

/// What the service provider's configuration tells and the catalog does not know.
#[derive(Debug, Clone, Copy)]
pub struct Features {
    /// How many resources one answer holds.
    pub page: PageSize,
    /// How many operations a bulk request holds at most.
    pub max_operations: usize,
    /// How many bytes a bulk request has at most.
    pub max_payload_size: usize,
    /// Whether bulk requests are carried out in the background for clients that prefer it.
    pub asynchronous: bool,
    /// The roles that can be discovered, if there are any.
    pub roles: Option<RoleFeatures>,
}

/// What the configuration tells of roles (draft-ietf-scim-roles-entitlements).
#[derive(Debug, Clone, Copy)]
pub struct RoleFeatures {
    /// Whether the values of a user's entitlements are roles, as those of roles are.
    pub entitlements_are_roles: bool,
}

/// What one tenant's endpoints serve.
#[derive(Debug, Clone, Copy)]
pub struct Served<'a> {
    /// The resource types that are written and searched.
    pub catalog: &'a Catalog,
    /// The lists of roles that are named beside them, and their form.
    pub roles: (&'a [RoleList], RoleForm),
}

impl<'a> Served<'a> {
    fn resource_types(self) -> impl Iterator<Item = &'a Arc<ResourceType>> {
        let (lists, form) = self.roles;
        self.catalog.resource_types().iter().chain(lists.iter().map(move |list| list.resource_type(form)))
    }

    fn schemas(self) -> impl Iterator<Item = &'a Schema> {
        let (lists, form) = self.roles;
        let roles = lists.iter().map(move |list| &list.resource_type(form).schema);
        self.catalog.schemas().into_iter().chain(roles).chain(service_schemas()).map(AsRef::as_ref)
    }
}

/// `/Schemas`: every schema that a resource type uses, and those of the discovery endpoints.
pub fn schemas(served: Served<'_>, dialect: &Dialect, base_url: &str) -> Value {
    list(served.schemas().map(|schema| schema_resource(schema, dialect, base_url)).collect())
}

/// `/Schemas/{urn}`; the URN may have any case.
pub fn schema(served: Served<'_>, dialect: &Dialect, base_url: &str, uri: &str) -> Option<Value> {
    let found = served.schemas().find(|schema| schema.uri.matches(uri));
    found.map(|schema| schema_resource(schema, dialect, base_url))
}

/// `/ResourceTypes`.
pub fn resource_types(served: Served<'_>, base_url: &str) -> Value {
    list(served.resource_types().map(|resource_type| resource_type_resource(resource_type, base_url)).collect())
}

/// `/ResourceTypes/{name}`.
pub fn resource_type(served: Served<'_>, base_url: &str, name: &str) -> Option<Value> {
    let found = served.resource_types().find(|resource_type| resource_type.name == name);
    found.map(|resource_type| resource_type_resource(resource_type, base_url))
}

/// `/ServiceProviderConfig`.
pub fn service_provider_config(base_url: &str, features: Features) -> Value {
    let mut config = json!({
        "schemas": [urn::SERVICE_PROVIDER_CONFIG],
        "patch": { "supported": true },
        "bulk": {
            "supported": true,
            "maxOperations": features.max_operations,
            "maxPayloadSize": features.max_payload_size
        },
        "filter": { "supported": true, "maxResults": features.page.max },
        "changePassword": { "supported": true },
        "sort": { "supported": true },
        "etag": { "supported": true },
        // Cursors do not expire, so there is no cursorTimeout (RFC 9865, section 4).
        "pagination": {
            "cursor": true,
            "index": true,
            "defaultPaginationMethod": "index",
            "defaultPageSize": features.page.default,
            "maxPageSize": features.page.max
        },
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "OAuth Bearer Token",
            "description": "A token in the header Authorization: Bearer, issued for one tenant",
            "specUri": "https://www.rfc-editor.org/info/rfc6750",
            "primary": true
        }],
        "meta": meta("ServiceProviderConfig", format!("{base_url}/ServiceProviderConfig"))
    });
    // Readers that know RFC 7643 alone may refuse what it does not define, and with it the server. So those tenants alone are told
    // of RFC 9967 that take records in the background, and those alone of roles that have some.
    // There is no stream of events, and so no list of their URIs (RFC 9967, section 4).
    if features.asynchronous {
        config["securityEvents"] = json!({ "asyncRequest": "request" });
    }
    if let Some(roles) = features.roles {
        config["RolesAndEntitlements"] = json!({
            "roles": { "supported": true, "multipleRolesSupported": true, "primarySupported": true, "typeSupported": true },
            "entitlements": {
                "supported": roles.entitlements_are_roles, "multipleEntitlementsSupported": true,
                "primarySupported": true, "typeSupported": true
            }
        });
    }
    config
}

fn schema_resource(schema: &Schema, dialect: &Dialect, base_url: &str) -> Value {
    let mut resource = schema_definition(schema);
    resource["attributes"] =
        schema.attributes.iter().map(|attribute| attribute_of(schema, attribute, dialect)).collect();
    resource["meta"] = meta("Schema", format!("{base_url}/Schemas/{}", schema.uri));
    resource
}

/// A schema in the representation of RFC 7643, section 7, without `meta`.
pub fn schema_definition(schema: &Schema) -> Value {
    json!({
        "schemas": [urn::SCHEMA],
        "id": schema.uri.as_str(),
        "name": schema.name,
        "description": schema.description,
        "attributes": schema.attributes.iter().map(|attribute| characteristics(attribute)).collect::<Vec<_>>()
    })
}

/// An attribute of a schema, with what the tenant decides about it.
fn attribute_of(schema: &Schema, attribute: &AttributeDefinition, dialect: &Dialect) -> Value {
    let mut written = characteristics(attribute);
    let is = |uri: &str, name: &str| schema.uri.matches(uri) && attribute.name == name;
    let is_unique = (is(urn::GROUP, "displayName") && dialect.unique_group_names)
        || (is(urn::ENTERPRISE_USER, "employeeNumber") && dialect.employee_id != EmployeeId::Independent);
    if is_unique {
        written["uniqueness"] = json!(Uniqueness::Server);
    }
    written
}

/// Every characteristic that the attribute's type has, defaults written out: a reader need not know them (RFC 7643,
/// section 7).
fn characteristics(attribute: &AttributeDefinition) -> Value {
    let mut written = Map::new();
    let mut add = |name: &str, value: Value| written.insert(name.to_owned(), value);
    add("name", attribute.name.clone().into());
    add("type", json!(attribute.kind));
    add("multiValued", attribute.multi_valued.into());
    add("description", attribute.description.clone().into());
    add("required", attribute.required.into());
    if !attribute.canonical_values.is_empty() {
        add("canonicalValues", json!(attribute.canonical_values));
    }
    add("caseExact", attribute.compares_exactly().into());
    add("mutability", json!(attribute.mutability));
    add("returned", json!(attribute.returned));
    add("uniqueness", json!(attribute.uniqueness));
    if !attribute.reference_types.is_empty() {
        add("referenceTypes", json!(attribute.reference_types));
    }
    if attribute.sensitive {
        add("sensitive", true.into());
    }
    if attribute.is_complex() {
        add("subAttributes", attribute.sub_attributes.iter().map(|sub| characteristics(sub)).collect());
    }
    Value::Object(written)
}

fn resource_type_resource(resource_type: &ResourceType, base_url: &str) -> Value {
    let mut resource = resource_type_definition(resource_type);
    resource["meta"] = meta("ResourceType", format!("{base_url}/ResourceTypes/{}", resource_type.name));
    resource
}

/// A resource type in the representation of RFC 7643, section 6, without `meta`.
pub fn resource_type_definition(resource_type: &ResourceType) -> Value {
    let mut resource = json!({
        "schemas": [urn::RESOURCE_TYPE],
        "id": resource_type.name,
        "name": resource_type.name,
        "description": resource_type.description,
        "endpoint": resource_type.endpoint,
        "schema": resource_type.schema.uri.as_str()
    });
    if !resource_type.extensions.is_empty() {
        let extensions = resource_type.extensions.iter();
        let extensions = extensions
            .map(|extension| json!({ "schema": extension.schema.uri.as_str(), "required": extension.required }));
        resource["schemaExtensions"] = extensions.collect();
    }
    resource
}

fn meta(resource_type: &str, location: String) -> Value {
    json!({ "resourceType": resource_type, "location": location })
}

fn list(resources: Vec<Value>) -> Value {
    json!({
        "schemas": [urn::LIST_RESPONSE],
        "totalResults": resources.len(),
        "startIndex": 1,
        "itemsPerPage": resources.len(),
        "Resources": resources
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::schema::builtin;

    const BASE: &str = "https://scim.example.com/scim/v2";

    fn served() -> Served<'static> {
        Served { catalog: builtin(), roles: (&[], RoleForm::Draft) }
    }

    fn has_null(value: &Value) -> bool {
        match value {
            Value::Null => true,
            Value::Array(elements) => elements.iter().any(has_null),
            Value::Object(members) => members.values().any(has_null),
            _ => false,
        }
    }

    #[test]
    fn each_schema_is_there_whole_and_by_its_urn_in_any_case() {
        let list = schemas(served(), &Dialect::default(), BASE);
        assert!(!has_null(&list));
        let names: Vec<&str> =
            list["Resources"].as_array().unwrap().iter().map(|schema| schema["name"].as_str().unwrap()).collect();
        assert_eq!(
            names,
            ["User", "EnterpriseUser", "Group", "Role", "ServiceProviderConfig", "ResourceType", "Schema"]
        );
        assert_eq!(
            (&list["totalResults"], &list["itemsPerPage"], &list["startIndex"]),
            (&json!(7), &json!(7), &json!(1))
        );
        for schema in list["Resources"].as_array().unwrap() {
            let uri = schema["id"].as_str().unwrap();
            assert_eq!(super::schema(served(), &Dialect::default(), BASE, &uri.to_uppercase()).as_ref(), Some(schema));
            assert_eq!(schema["meta"]["location"], format!("{BASE}/Schemas/{uri}"));
        }
        assert_eq!(
            super::schema(served(), &Dialect::default(), BASE, "urn:ietf:params:scim:schemas:core:2.0:Common"),
            None
        );
    }

    /// The published characteristics read back are the definitions, so nothing was left out or changed on the way.
    #[test]
    fn what_is_published_is_what_is_defined() {
        let as_defined = Dialect { unique_group_names: false, ..Dialect::default() };
        for schema in served().schemas() {
            let published = schema_resource(schema, &as_defined, BASE);
            for (attribute, definition) in published["attributes"].as_array().unwrap().iter().zip(&schema.attributes) {
                let mut read: AttributeDefinition = serde_json::from_value(attribute.clone()).unwrap();
                assert_eq!(read.case_exact, definition.compares_exactly());
                read.case_exact = definition.case_exact;
                for (sub, defined) in read.sub_attributes.iter_mut().zip(&definition.sub_attributes) {
                    let sub = std::sync::Arc::make_mut(sub);
                    sub.case_exact = defined.case_exact;
                    for (inner, defined) in sub.sub_attributes.iter_mut().zip(&defined.sub_attributes) {
                        std::sync::Arc::make_mut(inner).case_exact = defined.case_exact;
                    }
                }
                assert_eq!(read, **definition);
            }
        }
        let user = schema(served(), &Dialect::default(), BASE, urn::USER).unwrap();
        assert_eq!(
            user["attributes"][0].to_string(),
            r#"{"name":"userName","type":"string","multiValued":false,"description":"The name with which the user signs in; unique without regard to case.","required":true,"caseExact":false,"mutability":"readWrite","returned":"default","uniqueness":"server"}"#
        );
    }

    #[test]
    fn resource_types_name_their_endpoint_and_extensions() {
        assert_eq!(
            resource_type(served(), BASE, "User").unwrap(),
            json!({
                "schemas": [urn::RESOURCE_TYPE], "id": "User", "name": "User", "description": "User account", "endpoint": "/Users",
                "schema": urn::USER, "schemaExtensions": [{"schema": urn::ENTERPRISE_USER, "required": false}],
                "meta": {"resourceType": "ResourceType", "location": format!("{BASE}/ResourceTypes/User")}
            })
        );
        let list = resource_types(served(), BASE);
        assert_eq!((&list["totalResults"], &list["Resources"][1]["endpoint"]), (&json!(2), &json!("/Groups")));
        assert_eq!(list["Resources"][1]["schemaExtensions"], json!([{"schema": urn::ROLE, "required": false}]));
        assert_eq!(resource_type(served(), BASE, "Device"), None);
    }

    #[test]
    fn roles_are_named_as_their_readers_know_them() {
        let okta = Served { catalog: builtin(), roles: (&RoleList::ALL, RoleForm::Okta) };
        let types = resource_types(okta, BASE);
        let told = |name: &str| -> Vec<Value> {
            types["Resources"].as_array().unwrap().iter().map(|kind| kind[name].clone()).collect()
        };
        assert_eq!(told("name"), ["User", "Group", "Role", "Entitlement"]);
        assert_eq!(told("endpoint")[2..], ["/Roles", "/Entitlements"]);
        assert_eq!(
            told("schema")[2..],
            ["urn:okta:scim:schemas:core:1.0:Role", "urn:okta:scim:schemas:core:1.0:Entitlement"]
        );
        for uri in told("schema") {
            let schema = schema(okta, &Dialect::default(), BASE, uri.as_str().unwrap()).unwrap();
            assert_eq!(schema["id"], uri);
        }
        assert!(resource_type(okta, BASE, "Role").is_some() && resource_type(served(), BASE, "Role").is_none());
    }

    #[test]
    fn the_configuration_tells_only_what_is_there() {
        let features = Features {
            page: PageSize { default: 50, max: 1_000 },
            max_operations: 500,
            max_payload_size: 8 << 20,
            asynchronous: false,
            roles: None,
        };
        let asynchronous = service_provider_config(BASE, Features { asynchronous: true, ..features });
        assert_eq!(asynchronous["securityEvents"], json!({"asyncRequest": "request"}));
        let config = service_provider_config(BASE, features);
        assert!(!has_null(&config));
        let supported: Vec<_> = ["patch", "bulk", "filter", "changePassword", "sort", "etag"]
            .map(|name| config[name]["supported"].clone())
            .into();
        assert_eq!(supported, [true; 6]);
        assert_eq!(config["filter"]["maxResults"], 1_000);
        assert_eq!((config.get("RolesAndEntitlements"), config.get("securityEvents")), (None, None));
        assert_eq!(
            config["pagination"],
            json!({"cursor": true, "index": true, "defaultPaginationMethod": "index", "defaultPageSize": 50, "maxPageSize": 1_000})
        );
        assert_eq!(config["bulk"], json!({"supported": true, "maxOperations": 500, "maxPayloadSize": 8_388_608}));
        assert_eq!(config["authenticationSchemes"][0]["type"], "oauthbearertoken");
        assert_eq!(config["meta"]["location"], format!("{BASE}/ServiceProviderConfig"));
    }
}
