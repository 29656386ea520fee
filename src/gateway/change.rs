//! The change row that every mutation writes with it.

use chrono::{DateTime, Utc};
use serde_json::Value;

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
        readings: None,
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

#[cfg(test)]
mod tests {
    use super::*;

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
