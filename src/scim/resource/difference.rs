//! What differs between two states of a resource.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Resource;
use crate::scim::schema::{AttributeDefinition, ResourceType, Returned, Schema};

/// One attribute's old and new value. `path` is the attribute as the schema writes it, with the extension's URN and a colon
/// in front where there is one. The values of a password, of all that is never returned, and of what is sensitive, are
/// not kept: both are absent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AttributeChange {
    /// The attribute.
    pub path: String,
    /// The value before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old: Option<Value>,
    /// The value after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new: Option<Value>,
}

/// The attributes in which `after` differs from `before`, in the order of the schemas; an empty resource stands for one that
/// does not exist. `schemas` and `id` follow from the rest and are not listed.
pub fn differences(resource_type: &ResourceType, before: &Resource, after: &Resource) -> Vec<AttributeChange> {
    let mut changes = Vec::new();
    for schema in [&resource_type.common, &resource_type.schema] {
        compare(schema, "", Some(before.as_map()), Some(after.as_map()), &mut changes);
    }
    for extension in &resource_type.extensions {
        let uri = extension.schema.uri.as_str();
        let (old, new) = (values(before, uri), values(after, uri));
        compare(&extension.schema, &format!("{uri}:"), old, new, &mut changes);
    }
    changes
}

fn values<'a>(resource: &'a Resource, uri: &str) -> Option<&'a Map<String, Value>> {
    resource.as_map().get(uri).and_then(Value::as_object)
}

fn compare(
    schema: &Schema,
    prefix: &str,
    before: Option<&Map<String, Value>>,
    after: Option<&Map<String, Value>>,
    changes: &mut Vec<AttributeChange>,
) {
    for attribute in schema.attributes.iter().filter(|attribute| !["schemas", "id"].contains(&&*attribute.name)) {
        let old = before.and_then(|values| values.get(&attribute.name));
        let new = after.and_then(|values| values.get(&attribute.name));
        if old != new {
            let path = format!("{prefix}{}", attribute.name);
            let told = |value: Option<&Value>| value.and_then(|value| told(attribute, value));
            changes.push(AttributeChange { path, old: told(old), new: told(new) });
        }
    }
}

/// What a change tells of a value: what no answer shows is not shown here either, nor what is sensitive.
fn told(attribute: &AttributeDefinition, value: &Value) -> Option<Value> {
    if !attribute.is_told() {
        return None;
    }
    if !attribute.sub_attributes.iter().any(|sub| sub.returned == Returned::Never) {
        return Some(value.clone());
    }
    match value {
        Value::Array(elements) => Some(elements.iter().filter_map(|element| told(attribute, element)).collect()),
        Value::Object(members) => {
            let is_shown = |name: &str| attribute.sub_attribute(name).is_none_or(|sub| sub.returned != Returned::Never);
            let shown = members.iter().filter(|(name, _)| is_shown(name));
            Some(shown.map(|(name, value)| (name.clone(), value.clone())).collect())
        }
        simple => Some(simple.clone()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::scim::schema::builtin;

    fn resource(value: Value) -> Resource {
        let Value::Object(attributes) = value else { panic!("an object") };
        Resource::from_stored(attributes)
    }

    #[test]
    fn each_attribute_that_differs_is_told_once_with_both_values() {
        let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        let user = builtin().named("User").unwrap();
        let before =
            resource(json!({"schemas": ["a"], "id": "1", "userName": "u", "title": "T", urn: {"division": "D"}}));
        let after =
            resource(json!({"schemas": ["b"], "id": "1", "userName": "u", "active": false, urn: {"division": "E"}}));
        let told: Vec<_> = differences(user, &before, &after)
            .into_iter()
            .map(|change| (change.path, change.old, change.new))
            .collect();
        assert_eq!(
            told,
            [
                ("title".to_owned(), Some(json!("T")), None),
                ("active".to_owned(), None, Some(json!(false))),
                (format!("{urn}:division"), Some(json!("D")), Some(json!("E"))),
            ]
        );
        assert_eq!(differences(user, &before, &before), []);
        assert_eq!(differences(user, &Resource::default(), &before).len(), 3);
    }

    #[test]
    fn what_is_never_returned_is_not_told() {
        let mut user = (**builtin().named("User").unwrap()).clone();
        let schema = std::sync::Arc::make_mut(&mut user.schema);
        for attribute in &mut schema.attributes {
            let attribute = std::sync::Arc::make_mut(attribute);
            match attribute.name.as_str() {
                "title" => attribute.returned = Returned::Never,
                "emails" => std::sync::Arc::make_mut(&mut attribute.sub_attributes[0]).returned = Returned::Never,
                _ => {}
            }
        }
        let before = resource(json!({"title": "secret", "emails": [{"value": "secret", "type": "work"}]}));
        let told = differences(&user, &before, &Resource::default());
        assert!(!format!("{told:?}").contains("secret"), "{told:?}");
        let paths: Vec<&str> = told.iter().map(|change| change.path.as_str()).collect();
        assert_eq!(paths, ["title", "emails"]);
        assert_eq!(told[1].old, Some(json!([{"type": "work"}])));
    }
}
