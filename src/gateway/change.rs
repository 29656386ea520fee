//! The change row that every mutation writes with it.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use crate::model::{Action, AttributeChange, Caller, ChangeId};
use crate::scim::resource::Resource;
use crate::store::NewChange;

/// The path under which a password's change is told; its values never are.
const PASSWORD: &str = "password";

/// The row for `caller`'s change of a resource.
pub(super) fn row<'a>(
    caller: &'a Caller,
    at: DateTime<Utc>,
    action: Action,
    resource_name: &'a str,
    attributes: &'a [AttributeChange],
) -> NewChange<'a> {
    NewChange {
        id: ChangeId::new(at),
        at,
        action,
        resource_name,
        credential: caller.credential,
        actor: &caller.label,
        request: caller.request,
        address: caller.address,
        attributes,
    }
}

/// The line that tells of a new password, or of its removal, without telling it.
pub(super) fn password_changed() -> AttributeChange {
    AttributeChange { path: PASSWORD.to_owned(), old: None, new: None }
}

/// What an update did, by what became of `active`.
pub(super) fn update_action(attributes: &[AttributeChange]) -> Action {
    let active = attributes.iter().find(|change| change.path == "active");
    match active.map(|change| (&change.old, &change.new)) {
        Some((_, Some(Value::Bool(false)))) => Action::Deactivate,
        Some((Some(Value::Bool(false)), _)) => Action::Reactivate,
        _ => Action::Update,
    }
}

/// The resource's name for people: a user's userName, else the displayName.
pub(super) fn name(resource: &Resource) -> &str {
    let attributes = resource.as_map();
    ["userName", "displayName"].iter().find_map(|name| attributes.get(*name)?.as_str()).unwrap_or_default()
}

/// The attributes in which two states of a resource differ; `None` stands for a resource that does not exist. Extension
/// attributes carry their URN in front. `schemas` and `id` follow from the rest and are left out.
pub(super) fn differences(before: Option<&Resource>, after: Option<&Resource>) -> Vec<AttributeChange> {
    let nothing = Map::new();
    let before = before.map_or(&nothing, Resource::as_map);
    let after = after.map_or(&nothing, Resource::as_map);
    let mut changes = Vec::new();
    compare("", before, after, &mut changes);
    changes
}

fn compare(prefix: &str, before: &Map<String, Value>, after: &Map<String, Value>, changes: &mut Vec<AttributeChange>) {
    let gone = before.keys().filter(|name| !after.contains_key(*name));
    for name in after.keys().chain(gone).filter(|name| *name != "schemas" && *name != "id") {
        let (old, new) = (before.get(name), after.get(name));
        if name.starts_with("urn:") {
            let nothing = Map::new();
            let values = |side: Option<&Value>| side.and_then(Value::as_object).cloned();
            let (old, new) = (values(old), values(new));
            compare(&format!("{name}:"), old.as_ref().unwrap_or(&nothing), new.as_ref().unwrap_or(&nothing), changes);
        } else if old != new {
            changes.push(AttributeChange { path: format!("{prefix}{name}"), old: old.cloned(), new: new.cloned() });
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn resource(value: Value) -> Resource {
        let Value::Object(attributes) = value else { panic!("an object") };
        Resource::from_stored(attributes)
    }

    #[test]
    fn differences_name_each_attribute_once_with_both_values() {
        let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        let before =
            resource(json!({"schemas": ["a"], "id": "1", "userName": "u", "title": "T", urn: {"division": "D"}}));
        let after =
            resource(json!({"schemas": ["b"], "id": "1", "userName": "u", "active": false, urn: {"division": "E"}}));
        let told: Vec<_> = differences(Some(&before), Some(&after))
            .into_iter()
            .map(|change| (change.path, change.old, change.new))
            .collect();
        assert_eq!(
            told,
            [
                ("active".to_owned(), None, Some(json!(false))),
                (format!("{urn}:division"), Some(json!("D")), Some(json!("E"))),
                ("title".to_owned(), Some(json!("T")), None),
            ]
        );
        assert_eq!(differences(Some(&before), Some(&before)), []);
    }

    #[test]
    fn an_update_is_named_after_what_became_of_active() {
        let active = |old: Option<bool>, new: Option<bool>| {
            update_action(&[AttributeChange {
                path: "active".into(),
                old: old.map(Value::from),
                new: new.map(Value::from),
            }])
        };
        assert_eq!(active(Some(true), Some(false)), Action::Deactivate);
        assert_eq!(active(None, Some(false)), Action::Deactivate);
        assert_eq!(active(Some(false), Some(true)), Action::Reactivate);
        assert_eq!(active(Some(false), None), Action::Reactivate);
        assert_eq!(active(None, Some(true)), Action::Update);
        assert_eq!(update_action(&[]), Action::Update);
    }
}
