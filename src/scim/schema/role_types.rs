//! The resource types under which roles are listed: read-only, and made of what groups carry, not stored as themselves.
//!
//! They are no part of a catalog: nothing is created, searched for at the root, or registered under them. Two forms are
//! known: that of draft-ietf-scim-roles-entitlements, and that by which Okta discovers what it may assign.

use std::sync::{Arc, LazyLock};

use super::builtin::{builtin, read};
use super::{ResourceType, Schema};
use crate::scim::urn::SchemaUri;

/// The attribute of a user whose values are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoleList {
    /// `/Roles`: values of `roles`.
    Roles,
    /// `/Entitlements`: values of `entitlements`.
    Entitlements,
}

/// How roles are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoleForm {
    /// As draft-ietf-scim-roles-entitlements has them. The id is that of the group.
    Draft,
    /// As Okta reads them. The id is the value that users carry.
    Okta,
}

impl RoleList {
    /// Both lists.
    pub const ALL: [Self; 2] = [Self::Roles, Self::Entitlements];

    /// The attribute's name.
    pub fn attribute(self) -> &'static str {
        match self {
            Self::Roles => "roles",
            Self::Entitlements => "entitlements",
        }
    }

    /// The resource type of what is listed.
    pub fn resource_type(self, form: RoleForm) -> &'static Arc<ResourceType> {
        let [draft, okta] = &*TYPES;
        let [roles, entitlements] = match form {
            RoleForm::Draft => draft,
            RoleForm::Okta => okta,
        };
        match self {
            Self::Roles => roles,
            Self::Entitlements => entitlements,
        }
    }
}

/// In the order of [`RoleForm`], and within it of [`RoleList`].
static TYPES: LazyLock<[[Arc<ResourceType>; 2]; 2]> = LazyLock::new(|| {
    [include_str!("definitions/role.json"), include_str!("definitions/okta_role.json")].map(|definition| {
        let role = read(definition);
        let entitlement = Arc::new(Schema {
            uri: SchemaUri::new(role.uri.as_str().replace(":Role", ":Entitlement")),
            name: "Entitlement".into(),
            description: "An entitlement that users can be given".into(),
            attributes: role.attributes.clone(),
        });
        [(role, "/Roles"), (entitlement, "/Entitlements")].map(|(schema, endpoint)| Arc::new(listed(schema, endpoint)))
    })
});

fn listed(schema: Arc<Schema>, endpoint: &str) -> ResourceType {
    ResourceType {
        name: schema.name.clone(),
        endpoint: endpoint.into(),
        description: schema.description.clone(),
        common: builtin().resource_types()[0].common.clone(),
        schema,
        extensions: Vec::new(),
        unique: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_list_has_a_type_of_its_own_in_each_form() {
        let uri = |list: RoleList, form| list.resource_type(form).schema.uri.to_string();
        assert_eq!(uri(RoleList::Roles, RoleForm::Draft), "urn:ietf:params:scim:schemas:core:2.0:Role");
        assert_eq!(uri(RoleList::Entitlements, RoleForm::Draft), "urn:ietf:params:scim:schemas:core:2.0:Entitlement");
        assert_eq!(uri(RoleList::Roles, RoleForm::Okta), "urn:okta:scim:schemas:core:1.0:Role");
        assert_eq!(uri(RoleList::Entitlements, RoleForm::Okta), "urn:okta:scim:schemas:core:1.0:Entitlement");
        assert_eq!(RoleList::Entitlements.resource_type(RoleForm::Okta).endpoint, "/Entitlements");
    }
}
