//! `/console/t/{slug}/users/{id}`: one resource.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::error::ConsoleError;
use super::pages::{AttributeGroup, AttributeView, Here, Link, Links, Notice, Pager, ResourcePage, ValueView};
use super::{ConsoleAnswer, Place, Visit, history, organizations, reply, resources};
use crate::model::{GroupRef, ResourceId, Stored};
use crate::scim::schema::{AttributeDefinition, ResourceType, Schema};
use crate::scim::urn::ENTERPRISE_USER;
use crate::store::MembersPage;

/// Members on a page.
const SIZE: u64 = 50;

/// Shows one resource, with why something was refused. One that is gone shows its history.
pub async fn resource(
    visit: &Visit<'_>,
    place: &Place,
    kind: &Arc<ResourceType>,
    id: ResourceId,
    problem: Option<Notice>,
) -> ConsoleAnswer {
    let Some(stored) = visit.store(place).find(&kind.name, id, true).await? else {
        return history::gone(visit, place, kind, id, problem).await;
    };
    let document: Map<String, Value> = serde_json::from_str(&stored.document).unwrap_or_default();
    let as_value = Value::Object(document);
    let (name, second) = resources::names(&as_value, &stored);
    let links = match kind.name.as_str() {
        "Group" => Some(members(visit, place, kind, &stored).await?),
        _ if stored.groups.is_empty() && kind.name != "User" => None,
        _ => Some(groups(place, &stored.groups)),
    };
    let scim_path = format!("{}/{id}", kind.endpoint);
    reply::page(&ResourcePage {
        shell: visit.shell(&name, Here::Resources(kind.name.clone()), place),
        url: resources::url(place, &kind.name),
        plural: resources::plural(&kind.name),
        id: id.to_string(),
        name,
        second,
        status: (kind.name == "User").then(|| resources::active(&as_value)),
        version: stored.version.to_string(),
        created: visit.moment(stored.created_at),
        changed: visit.moment(stored.modified_at),
        manager: manager(visit, place, &as_value).await?,
        keychain: organizations::is_ours(kind).then(|| organizations::keychain(place, &as_value)),
        attributes: attributes(&as_value, kind),
        links,
        history: history::changes(visit, place, id, Some(stored.version)).await?,
        is_gone: false,
        problem,
        json: whole(visit, as_value, kind, &stored, &scim_path),
        scim_path,
    })
}

/// Whom somebody reports to, if that is a user who is there.
async fn manager(visit: &Visit<'_>, place: &Place, document: &Value) -> Result<Option<Link>, ConsoleError> {
    let named = document.get(ENTERPRISE_USER).and_then(|part| part.get("manager")?.get("value")?.as_str());
    let Some(id) = named.and_then(|id| id.parse::<ResourceId>().ok()) else { return Ok(None) };
    let Some(stored) = visit.store(place).find("User", id, false).await? else { return Ok(None) };
    let document = serde_json::from_str(&stored.document).unwrap_or_default();
    let (text, _) = resources::names(&document, &stored);
    Ok(Some(Link { url: format!("{}/{id}", resources::url(place, "User")), text, note: None }))
}

/// The resource as clients see it, but for members.
fn whole(visit: &Visit<'_>, mut document: Value, kind: &ResourceType, stored: &Stored, path: &str) -> String {
    document["meta"] = json!({
        "resourceType": kind.name,
        "created": stored.created_at,
        "lastModified": stored.modified_at,
        "version": stored.version.to_string(),
        "location": format!("{}{path}", visit.app.base_url),
    });
    serde_json::to_string_pretty(&document).unwrap_or_default()
}

fn groups(place: &Place, groups: &[GroupRef]) -> Links {
    let base = resources::url(place, "Group");
    let link = |group: &GroupRef| Link {
        url: format!("{base}/{}", group.id),
        text: group.display.clone().unwrap_or_else(|| group.id.to_string()),
        note: (!group.is_direct).then(|| "through another".to_owned()),
    };
    Links {
        title: "Groups",
        told: groups.len().to_string(),
        items: groups.iter().map(link).collect(),
        are_many: false,
        empty: "In no group.",
        pager: Pager::default(),
    }
}

async fn members(
    visit: &Visit<'_>,
    place: &Place,
    kind: &Arc<ResourceType>,
    stored: &Stored,
) -> Result<Links, ConsoleError> {
    let offset: u64 = visit.query.get("offset").parse().unwrap_or(0);
    let page = MembersPage { filter: None, after: None, offset, limit: SIZE as u32 };
    let (total, members) = visit.store(place).members_page(kind, stored.id, &page).await?;
    let here = format!("{}/{}", resources::url(place, &kind.name), stored.id);
    let shown = members.len() as u64;
    let items = members.into_iter().map(|member| Link {
        url: format!("{}/{}", resources::url(place, &member.resource_type), member.id),
        text: member.display.unwrap_or_else(|| member.id.to_string()),
        note: (member.resource_type != "User").then_some(member.resource_type),
    });
    Ok(Links {
        title: "Members",
        told: total.to_string(),
        items: items.collect(),
        are_many: true,
        empty: "Nobody is in it.",
        pager: Pager::of(total, offset, shown, SIZE, |offset| format!("{here}?offset={offset}")),
    })
}

/// What a resource holds, schema by schema, in the order of the definitions.
fn attributes(document: &Value, kind: &ResourceType) -> Vec<AttributeGroup> {
    let base = kind.common.attributes.iter().chain(&kind.schema.attributes);
    let base = base.filter(|attribute| !matches!(attribute.name.as_str(), "schemas" | "id" | "meta"));
    let own = AttributeGroup { title: kind.schema.name.clone(), urn: None, attributes: views(base, document) };
    let extension = |schema: &Arc<Schema>| AttributeGroup {
        title: schema.name.clone(),
        urn: Some(schema.uri.to_string()),
        attributes: document
            .get(schema.uri.as_str())
            .map_or_else(Vec::new, |part| views(schema.attributes.iter(), part)),
    };
    let extensions = kind.extensions.iter().map(|extended| extension(&extended.schema));
    std::iter::once(own).chain(extensions).filter(|group| !group.attributes.is_empty()).collect()
}

fn views<'a>(attributes: impl Iterator<Item = &'a Arc<AttributeDefinition>>, values: &Value) -> Vec<AttributeView> {
    let view = |attribute: &Arc<AttributeDefinition>| {
        let value = values.get(&attribute.name)?;
        Some(AttributeView { name: attribute.name.clone(), values: lines(value) })
    };
    attributes.filter_map(view).filter(|view| !view.values.is_empty()).collect()
}

/// A value as lines: one for each element, one for each sub-attribute of a single complex value.
fn lines(value: &Value) -> Vec<ValueView> {
    match value {
        Value::Array(elements) => elements.iter().map(one_of).collect(),
        Value::Object(parts) => {
            let alone = parts.keys().all(|name| matches!(name.as_str(), "value" | "$ref"));
            let part = |(name, value): (&String, &Value)| ValueView {
                name: (!alone).then(|| name.clone()),
                text: plain(value),
                tags: Vec::new(),
            };
            parts.iter().filter(|(name, _)| *name != "$ref").map(part).collect()
        }
        Value::Null => Vec::new(),
        value => vec![ValueView { name: None, text: plain(value), tags: Vec::new() }],
    }
}

/// An element: its value, with what is said of it beside.
fn one_of(value: &Value) -> ValueView {
    let Value::Object(parts) = value else {
        return ValueView { name: None, text: plain(value), tags: Vec::new() };
    };
    let main = ["display", "value", "formatted"].into_iter().find_map(|name| parts.get(name).map(plain));
    let mut tags: Vec<String> = parts.get("type").and_then(Value::as_str).map(str::to_owned).into_iter().collect();
    if parts.get("primary") == Some(&Value::Bool(true)) {
        tags.push("primary".to_owned());
    }
    ValueView { name: None, text: main.unwrap_or_else(|| joined(parts)), tags }
}

fn joined(parts: &Map<String, Value>) -> String {
    let told = parts.iter().filter(|(name, _)| !matches!(name.as_str(), "type" | "primary" | "$ref"));
    told.map(|(_, value)| plain(value)).collect::<Vec<_>>().join(", ")
}

/// Elements of a value that are shown.
pub const SHOWN: usize = 5;

/// A value as people write it: what stands in lists one after the other, in objects the values with their names.
pub fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(elements) => {
            let mut shown: Vec<String> = elements.iter().take(SHOWN).map(plain).collect();
            if elements.len() > SHOWN {
                shown.push(format!("and {} more", elements.len() - SHOWN));
            }
            shown.join(", ")
        }
        Value::Object(parts) => match parts.get("display").or(parts.get("value")) {
            Some(main) => element(value, main),
            None => parts.iter().map(|(name, value)| format!("{name} {}", plain(value))).collect::<Vec<_>>().join(", "),
        },
        value => value.to_string(),
    }
}

/// The main value of an object, with its type.
fn element(value: &Value, main: &Value) -> String {
    match value.get("type").and_then(Value::as_str) {
        Some(kind) => format!("{} ({kind})", plain(main)),
        None => plain(main),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::schema::builtin;

    #[test]
    fn attributes_stand_by_schema_and_in_lines() {
        let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        let document = json!({
            "schemas": ["x"], "id": "1", "userName": "ada", "name": {"givenName": "Ada"}, "active": true,
            "emails": [{"value": "a@b.c", "type": "work", "primary": true}],
            "addresses": [{"locality": "London", "country": "GB", "type": "home"}],
            enterprise: {"employeeNumber": "7", "manager": {"value": "9", "$ref": "../Users/9"}},
        });
        let groups = attributes(&document, builtin().named("User").unwrap());
        let line = |group: usize, name: &str| -> Vec<String> {
            let found = groups[group].attributes.iter().find(|attribute| attribute.name == name).unwrap();
            let told = |value: &ValueView| {
                format!("{}{}{}", value.name.as_deref().unwrap_or(""), value.text, value.tags.join(" "))
            };
            found.values.iter().map(told).collect()
        };
        assert_eq!((groups.len(), groups[1].urn.as_deref()), (2, Some(enterprise)));
        assert_eq!(line(0, "emails"), ["a@b.cwork primary"]);
        assert_eq!(line(0, "addresses"), ["London, GBhome"]);
        assert_eq!(line(0, "name"), ["givenNameAda"]);
        assert_eq!(line(1, "manager"), ["9"]);
        assert!(!groups[0].attributes.iter().any(|attribute| attribute.name == "schemas"));
    }

    #[test]
    fn values_are_told_without_brackets() {
        let members: Vec<Value> = (1..=8).map(|number| json!({"value": number.to_string()})).collect();
        for (value, told) in [
            (json!("a"), "a"),
            (json!(true), "true"),
            (json!(members), "1, 2, 3, 4, 5, and 3 more"),
            (json!([{"value": "a@b.c", "type": "work", "primary": true}]), "a@b.c (work)"),
            (json!({"givenName": "Ada", "familyName": "Lovelace"}), "givenName Ada, familyName Lovelace"),
        ] {
            assert_eq!(plain(&value), told);
        }
    }
}
