//! The schemas and resource types that RFC 7643 defines, read from `definitions/`.

use std::sync::{Arc, LazyLock};

use super::resource_type::SchemaDefinition;
use super::{Catalog, Extension, ResourceType, Schema};

static BUILTIN: LazyLock<Arc<Catalog>> = LazyLock::new(|| {
    let common = read(include_str!("definitions/common.json"));
    let user = ResourceType {
        name: "User".into(),
        endpoint: "/Users".into(),
        description: "User account".into(),
        common: common.clone(),
        schema: read(include_str!("definitions/user.json")),
        extensions: vec![Extension { schema: read(include_str!("definitions/enterprise_user.json")), required: false }],
        unique: Vec::new(),
    };
    let group = ResourceType {
        name: "Group".into(),
        endpoint: "/Groups".into(),
        description: "Group of users and groups".into(),
        common,
        schema: read(include_str!("definitions/group.json")),
        extensions: vec![Extension { schema: read(include_str!("definitions/role_group.json")), required: false }],
        unique: Vec::new(),
    };
    Arc::new(Catalog::new(vec![Arc::new(user), Arc::new(group)]))
});

/// The resource types of RFC 7643: `User` with the enterprise extension, and `Group` with our extension for roles.
pub fn builtin() -> &'static Arc<Catalog> {
    &BUILTIN
}

static SERVICE: LazyLock<[Arc<Schema>; 3]> = LazyLock::new(|| {
    [
        read(include_str!("definitions/service_provider_config.json")),
        read(include_str!("definitions/resource_type.json")),
        read(include_str!("definitions/schema.json")),
    ]
});

/// The schemas of the discovery endpoints themselves (RFC 7643, sections 5 to 7): no resource type is built on them.
pub fn service_schemas() -> &'static [Arc<Schema>] {
    &*SERVICE
}

#[allow(clippy::expect_used, reason = "the definitions are part of the program, and a test reads them all")]
pub(super) fn read(definition: &str) -> Arc<Schema> {
    let definition: SchemaDefinition = serde_json::from_str(definition).expect("a built-in schema definition");
    Arc::new(definition.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::path::AttrPath;
    use crate::scim::schema::{AttributeType, Mutability, Returned, Uniqueness};

    fn resolve(resource_type: &str, path: AttrPath) -> Option<String> {
        builtin().named(resource_type).unwrap().resolve(&path).map(|resolved| resolved.to_string())
    }

    #[test]
    fn names_resolve_without_regard_to_case_and_print_as_defined() {
        assert_eq!(resolve("User", AttrPath::new(None, "USERNAME", None)).unwrap(), "userName");
        assert_eq!(resolve("User", AttrPath::new(None, "name", Some("FamilyName"))).unwrap(), "name.familyName");
        let enterprise = "URN:ietf:params:scim:schemas:extension:ENTERPRISE:2.0:User";
        assert_eq!(
            resolve("User", AttrPath::new(Some(enterprise), "manager", Some("value"))).unwrap(),
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value"
        );
        assert_eq!(resolve("User", AttrPath::new(None, "employeeNumber", None)), None);
    }

    #[test]
    fn characteristics_follow_the_rfc() {
        let user = builtin().named("User").unwrap();
        let attribute = |name: &str| user.resolve(&AttrPath::new(None, name, None)).unwrap().attribute;
        assert!(attribute("userName").required && !attribute("userName").case_exact);
        assert_eq!(attribute("userName").uniqueness, Uniqueness::Server);
        assert_eq!(
            (attribute("password").mutability, attribute("password").returned),
            (Mutability::WriteOnly, Returned::Never)
        );
        assert_eq!((attribute("id").mutability, attribute("id").returned), (Mutability::ReadOnly, Returned::Always));
        assert!(attribute("externalId").case_exact);
        assert_eq!(attribute("groups").mutability, Mutability::ReadOnly);
        assert_eq!(attribute("profileUrl").kind, AttributeType::Reference);
    }

    #[test]
    fn each_schema_is_listed_once() {
        let names: Vec<_> = builtin().schemas().iter().map(|schema| schema.name.clone()).collect();
        assert_eq!(names, ["User", "EnterpriseUser", "Group", "Role"]);
    }
}
