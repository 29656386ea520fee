//! What was done, in words, and what it changed.

use serde_json::{Map, Value};

use super::error::sentence;
use super::pages::Difference;
use super::resource::{SHOWN, plain};
use crate::model::{AttributeChange, Entry, ResourceId, Told};
use crate::store::{StoreError, TenantStore};

/// An action on a resource, in the past.
pub fn past(action: &str) -> &'static str {
    match action {
        "create" => "Created",
        "update" => "Updated",
        "deactivate" => "Deactivated",
        "reactivate" => "Reactivated",
        "delete" => "Deleted",
        _ => "Changed",
    }
}

/// An act of administration (`token.create`) as a sentence begins: `Created token`.
pub fn act(action: &str) -> String {
    let (noun, verb) = action.split_once('.').unwrap_or((action, ""));
    let done = match (noun, verb) {
        ("admin", "sign_in") => return "Signed in".to_owned(),
        ("admin", "sign_out") => return "Signed out".to_owned(),
        ("admin", "password_change" | "password_set") => "Chose the password of",
        ("admin", "password_reset") => "Made a link for a new password of",
        ("admin", "totp_enable") => "Set up the second factor of",
        ("admin", "totp_disable" | "totp_reset") => "Took away the second factor of",
        ("tenant", "keep_activity") => "Set how long activity is kept of",
        ("credential", "expiring") => return "Warned that this ends soon:".to_owned(),
        ("admin", "want_digest") => "Chose whether digests go to",
        ("digest", "send") => return "Mailed the digest of tenant".to_owned(),
        ("roster", "publish") => return "Published the roster of application".to_owned(),
        ("roster", "abort") => return "Aborted a roster session of application".to_owned(),
        ("roster", "empty") => return "Emptied the roster of application".to_owned(),
        ("roster", "remove_user") => return "Took an account off the roster of application".to_owned(),
        ("tenant", "purge") => "Removed all data of",
        (_, "create") => "Created",
        (_, "start") => "Started",
        (_, "cancel") => "Cancelled",
        (_, "save") => "Saved",
        (_, "upload") => "Uploaded",
        (_, "discard") => "Discarded",
        (_, "change") => "Changed",
        (_, "put") => "Registered",
        (_, "delete" | "remove") => "Removed",
        (_, "enable") => "Enabled",
        (_, "disable") => "Disabled",
        (_, "rotate") => "Rotated",
        (_, "revoke") => "Revoked",
        (_, "invite") => "Invited",
        (_, "suspend") => "Suspended",
        (_, "resume") => "Resumed",
        (_, "restore") => "Restored",
        (_, "add_secret") => "Added a secret to",
        (_, "revoke_secret") => "Revoked a secret of",
        (_, "retry") => "Sent again",
        (_, "resend") => "Sent again",
        _ => return sentence(&action.replace(['.', '_'], " ")).trim_end_matches('.').to_owned(),
    };
    format!("{done} {}", noun.replace(['_', '-'], " "))
}

/// Puts names to members and managers, which changes tell by id; as far as they are there still, and as far as they are shown.
pub async fn name(store: &TenantStore, entries: &mut [Entry]) -> Result<(), StoreError> {
    let mut ids = Vec::new();
    references(entries, &mut |_, id| ids.push(id));
    let names = store.displays(&ids).await?;
    references(entries, &mut |reference, id| {
        if let Some(name) = names.get(&id) {
            reference.insert("display".to_owned(), name.as_str().into());
        }
    });
    Ok(())
}

/// Shows everything that refers to a resource and does not tell its name.
fn references(entries: &mut [Entry], see: &mut impl FnMut(&mut Map<String, Value>, ResourceId)) {
    let changes = entries.iter_mut().filter_map(|entry| match &mut entry.told {
        Told::Change { attributes, .. } => Some(attributes),
        _ => None,
    });
    for change in changes.flatten().filter(|change| matches!(&*short(&change.path), "members" | "manager")) {
        for value in [&mut change.old, &mut change.new].into_iter().flatten() {
            let elements: Vec<&mut Value> = match value {
                Value::Array(elements) => elements.iter_mut().take(SHOWN).collect(),
                value => vec![value],
            };
            for reference in elements.into_iter().filter_map(Value::as_object_mut) {
                let id = reference.get("value").and_then(Value::as_str).and_then(|id| id.parse().ok());
                if let Some(id) = id.filter(|_| !reference.contains_key("display")) {
                    see(reference, id);
                }
            }
        }
    }
}

/// What changed of a resource. Where neither value is told, the attribute is a secret.
pub fn differences(attributes: &[AttributeChange]) -> Vec<Difference> {
    let difference = |change: &AttributeChange| Difference {
        name: short(&change.path),
        before: change.old.as_ref().map(plain),
        after: change.new.as_ref().map(plain),
        is_secret: change.old.is_none() && change.new.is_none(),
    };
    attributes.iter().map(difference).collect()
}

/// An attribute's name without the URN of its schema.
fn short(path: &str) -> String {
    match path.rsplit_once(':') {
        Some((urn, name)) if urn.starts_with("urn:") => name.to_owned(),
        _ => path.to_owned(),
    }
}

/// What an act of administration tells of itself.
pub fn details_of(details: &Value) -> Vec<Difference> {
    let Some(details) = details.as_object() else { return Vec::new() };
    let told = details.iter().filter(|(_, value)| !value.is_null());
    let difference = |(name, value): (&String, &Value)| {
        let pair = |old: &str, new: &str| Some((value.get(old)?.clone(), value.get(new)?.clone()));
        let text = |value: &Value| (!value.is_null()).then(|| plain(value));
        match pair("old", "new").or_else(|| pair("before", "after")) {
            Some((old, new)) => {
                Difference { name: name.clone(), before: text(&old), after: text(&new), is_secret: false }
            }
            None => Difference { name: name.clone(), before: None, after: text(value), is_secret: false },
        }
    };
    told.map(difference).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn acts_are_told_in_words() {
        for (action, told) in [
            ("token.create", "Created token"),
            ("connection.disable", "Disabled connection"),
            ("admin.sign_in", "Signed in"),
            ("admin.totp_enable", "Set up the second factor of admin"),
            ("client.add_secret", "Added a secret to client"),
            ("resource_type.put", "Registered resource type"),
            ("x.y_z", "X y z"),
        ] {
            assert_eq!(act(action), told);
        }
    }

    #[test]
    fn extension_attributes_lose_their_urn() {
        assert_eq!(short("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"), "department");
        assert_eq!(short("name.familyName"), "name.familyName");
    }

    #[test]
    fn before_and_after_stand_beside_each_other() {
        let details = json!({"state": {"before": "active", "after": "suspended"}, "issuer": {"old": "a", "new": null}, "none": null});
        let told: Vec<_> = details_of(&details).into_iter().map(|one| (one.name, one.before, one.after)).collect();
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            told,
            [("state".to_owned(), some("active"), some("suspended")), ("issuer".to_owned(), some("a"), None)]
        );
    }
}
