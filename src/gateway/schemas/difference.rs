//! What a change of a tenant's schemas and resource types comes to, as the log of administration tells it.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::model::{AdminAction, Origin, TenantId};
use crate::scim::discovery::schema_definition;
use crate::scim::schema::own::Registry;

/// What came, what is another now, and what went; each by its name.
#[derive(Debug, Default, PartialEq)]
struct Names {
    added: Vec<String>,
    changed: Vec<String>,
    removed: Vec<String>,
}

/// The difference between what was registered and what is.
#[derive(Debug, PartialEq)]
pub struct Difference {
    schemas: Names,
    resource_types: Names,
    is_taken_back: bool,
}

impl Difference {
    /// What makes `after` of `before`.
    pub fn between(before: &Registry, after: &Registry) -> Self {
        let schemas = |registry: &Registry| -> Vec<(String, Value)> {
            let schemas = registry.schemas.iter();
            schemas.map(|schema| (schema.uri.to_string(), schema_definition(schema))).collect()
        };
        let types = |registry: &Registry| -> Vec<(String, Value)> {
            registry.resource_types.iter().map(|kind| (kind.name.clone(), json!(kind))).collect()
        };
        Self {
            schemas: Names::between(&schemas(before), &schemas(after)),
            resource_types: Names::between(&types(before), &types(after)),
            is_taken_back: false,
        }
    }

    /// The same, made because the change before it did not fit what is there.
    pub fn taken_back(self) -> Self {
        Self { is_taken_back: true, ..self }
    }

    /// The act, named after the first thing that it is about: a schema also takes its place in resource types.
    pub fn action(self, tenant: TenantId, origin: &Origin, at: DateTime<Utc>) -> AdminAction {
        let of_schemas = self.schemas.first().map(|(verb, name)| ("schema", verb, name));
        let first =
            of_schemas.or_else(|| self.resource_types.first().map(|(verb, name)| ("resource type", verb, name)));
        let (action, kind, name) = match first {
            Some((kind, verb, name)) if kind == "schema" => {
                (["schema.add", "schema.change", "schema.remove"][verb], kind, name)
            }
            Some((kind, verb, name)) => {
                (["resource_type.add", "resource_type.change", "resource_type.remove"][verb], kind, name)
            }
            // The same once more, which finishes what was broken off.
            None => ("schema.repeat", "schema", String::new()),
        };
        AdminAction {
            tenant: Some(tenant),
            at,
            origin: origin.clone(),
            action,
            succeeded: true,
            target: (kind, None, name),
            details: json!({
                "schemas": self.schemas.to_json(),
                "resourceTypes": self.resource_types.to_json(),
                "takenBack": self.is_taken_back
            }),
        }
    }
}

impl Names {
    fn between(before: &[(String, Value)], after: &[(String, Value)]) -> Self {
        let mut names = Self::default();
        for (name, definition) in after {
            match before.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
                None => names.added.push(name.clone()),
                Some((_, known)) if known != definition => names.changed.push(name.clone()),
                Some(_) => {}
            }
        }
        let is_gone = |name: &String| !after.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
        names.removed = before.iter().map(|(name, _)| name.clone()).filter(is_gone).collect();
        names
    }

    /// Whether something was added (0), changed (1) or removed (2), and its name.
    fn first(&self) -> Option<(usize, String)> {
        let lists = [&self.added, &self.changed, &self.removed];
        lists.iter().enumerate().find_map(|(verb, names)| Some((verb, names.first()?.clone())))
    }

    fn to_json(&self) -> Value {
        json!({ "added": self.added, "changed": self.changed, "removed": self.removed })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use std::sync::Arc;

    use super::*;
    use crate::scim::schema::builtin;
    use crate::scim::schema::own::read_schema;
    use crate::scim::urn::SchemaUri;

    const BADGE: &str = "urn:ietf:params:scim:schemas:extension:acme:2.0:User";

    fn with(attribute: &str) -> Registry {
        let mut registry = Registry::default();
        let schema = json!({"id": BADGE, "name": "Badge", "attributes": [{"name": attribute}]});
        registry.put_schema(Arc::new(read_schema(&schema).unwrap()));
        registry
    }

    fn told(before: &Registry, after: &Registry) -> (&'static str, String, Value) {
        let tenant = TenantId(uuid::Uuid::nil());
        let action = Difference::between(before, after).action(tenant, &Origin::command_line(), DateTime::UNIX_EPOCH);
        (action.action, action.target.2, action.details)
    }

    #[test]
    fn the_act_is_named_after_what_it_is_about() {
        let (none, badge, other) = (Registry::default(), with("badge"), with("other"));
        let mut extended = badge.clone();
        extended.extend("User", &SchemaUri::new(BADGE), false, builtin());
        let (action, name, details) = told(&none, &extended);
        assert_eq!((action, name.as_str()), ("schema.add", BADGE));
        assert_eq!(
            (&details["schemas"]["added"], &details["resourceTypes"]["added"]),
            (&json!([BADGE]), &json!(["User"]))
        );
        assert_eq!(told(&badge, &other).0, "schema.change");
        assert_eq!(told(&badge, &none).0, "schema.remove");
        let (action, name, _) = told(&badge, &extended);
        assert_eq!((action, name.as_str()), ("resource_type.add", "User"));
        assert_eq!(told(&badge, &badge).0, "schema.repeat");
        let back = Difference::between(&badge, &none).taken_back();
        let action = back.action(TenantId(uuid::Uuid::nil()), &Origin::command_line(), DateTime::UNIX_EPOCH);
        assert_eq!(action.details["takenBack"], json!(true));
    }
}
