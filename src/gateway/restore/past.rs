//! A resource as it was: its present state, with one change after the other undone.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::model::ResourceId;
use crate::scim::resource::Resource;
use crate::scim::schema::ResourceType;
use crate::store::PastChange;

/// What memberships a request may tell of; a change that tells of so many may have had more.
const TOLD_MEMBERS: usize = 10_000;

/// The state that is walked back.
#[derive(Debug, Default)]
pub(super) struct Past {
    /// The attributes as they stand in a body: those of extensions under their URN.
    attributes: Map<String, Value>,
    /// A group's members.
    pub members: BTreeSet<ResourceId>,
    /// The groups that a user was in when it was removed.
    pub groups: BTreeSet<ResourceId>,
    /// Attributes that changed and whose values nobody keeps.
    pub secrets: BTreeSet<String>,
    /// Whether more members may have come or gone than is told.
    pub has_gaps: bool,
}

impl Past {
    /// The present state, from which a walk begins; an empty resource for one that was removed.
    pub fn of(resource: &Resource) -> Self {
        Self { attributes: resource.as_map().clone(), ..Self::default() }
    }

    /// Takes a change back.
    pub fn undo(&mut self, kind: &ResourceType, change: &PastChange) {
        for line in &change.attributes {
            self.has_gaps |= [&line.old, &line.new].into_iter().flatten().any(|ids| count(ids) >= TOLD_MEMBERS);
            match (line.path.as_str(), &line.old, &line.new) {
                ("members", old, new) if kind.name == "Group" => {
                    ids(new).for_each(|id| {
                        self.members.remove(&id);
                    });
                    self.members.extend(ids(old));
                }
                ("groups", old, _) if change.is_removal => self.groups = ids(old).collect(),
                ("groups", ..) => {}
                (path, None, None) => {
                    self.secrets.insert(path.to_owned());
                }
                (path, old, _) if !path.starts_with('#') => self.set(kind, path, old.as_ref()),
                _ => {}
            }
        }
    }

    fn set(&mut self, kind: &ResourceType, path: &str, value: Option<&Value>) {
        let (extension, name) = split(kind, path);
        let values = match extension {
            None => &mut self.attributes,
            Some(uri) => match self.attributes.entry(uri).or_insert_with(|| Value::Object(Map::new())) {
                Value::Object(values) => values,
                _ => return,
            },
        };
        match value {
            Some(value) => values.insert(name.to_owned(), value.clone()),
            None => values.shift_remove(name),
        };
    }

    /// The attributes as the body of a request that asks for them.
    pub fn body(&self) -> Value {
        let own = self.attributes.iter().filter(|(name, _)| !["id", "schemas"].contains(&name.as_str()));
        Value::Object(own.map(|(name, value)| (name.clone(), value.clone())).collect())
    }

    /// The attributes that `resource` lacks, which was made of this state by the present schemas.
    pub fn lost(&self, resource: &Resource) -> Vec<String> {
        let present = resource.as_map();
        let mut lost = Vec::new();
        for (name, value) in self.attributes.iter().filter(|(name, _)| !["id", "schemas"].contains(&name.as_str())) {
            match (value, name.contains(':')) {
                (Value::Object(values), true) => {
                    let now = present.get(name).and_then(Value::as_object);
                    let gone = values.keys().filter(|key| now.is_none_or(|now| !now.contains_key(*key)));
                    lost.extend(gone.map(|key| format!("{name}:{key}")));
                }
                _ if !present.contains_key(name) => lost.push(name.clone()),
                _ => {}
            }
        }
        lost
    }
}

/// The extension and the attribute that a path of a change names. An extension that the type no longer has ends where the last
/// colon stands.
fn split<'a>(kind: &ResourceType, path: &'a str) -> (Option<String>, &'a str) {
    let known = kind.extensions.iter().find_map(|extension| {
        let uri = extension.schema.uri.as_str();
        path.strip_prefix(uri)?.strip_prefix(':').map(|name| (Some(uri.to_owned()), name))
    });
    known.or_else(|| path.rsplit_once(':').map(|(uri, name)| (Some(uri.to_owned()), name))).unwrap_or((None, path))
}

fn ids(list: &Option<Value>) -> impl Iterator<Item = ResourceId> {
    let elements = list.as_ref().and_then(Value::as_array).into_iter().flatten();
    elements.filter_map(|element| element.get("value")?.as_str()?.parse().ok())
}

fn count(list: &Value) -> usize {
    list.as_array().map_or(0, Vec::len)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::scim::resource::differences;
    use crate::scim::schema::builtin;
    use crate::scim::urn;

    fn resource((name, title, department, emails): (String, Option<String>, Option<String>, Vec<String>)) -> Resource {
        let mut body = json!({"userName": name});
        if let Some(title) = title {
            body["title"] = title.into();
        }
        if let Some(department) = department {
            body[urn::ENTERPRISE_USER] = json!({"department": department});
        }
        if !emails.is_empty() {
            body["emails"] = emails.iter().map(|value| json!({"value": value})).collect();
        }
        let kind = builtin().named("User").unwrap();
        crate::scim::resource::Draft::parse(body, kind, &Default::default()).unwrap().resource
    }

    fn states() -> impl Strategy<Value = Vec<Resource>> {
        let word = "[a-c]";
        let state =
            (word, proptest::option::of(word), proptest::option::of(word), proptest::collection::vec(word, 0..3));
        proptest::collection::vec(state.prop_map(resource), 1..8)
    }

    proptest! {
        #[test]
        fn undoing_all_that_came_after_gives_what_was(states in states(), place: proptest::sample::Index) {
            let kind = builtin().named("User").unwrap();
            let place = place.index(states.len());
            let mut past = Past::of(states.last().unwrap());
            for index in (place..states.len() - 1).rev() {
                let attributes = differences(kind, &states[index], &states[index + 1]);
                past.undo(kind, &PastChange { position: 0, version: index as i64 + 2, is_removal: false, attributes });
            }
            let wanted = &states[place];
            let draft = crate::scim::resource::Draft::parse(past.body(), kind, &Default::default()).unwrap();
            prop_assert_eq!(&draft.resource, wanted);
            prop_assert!(past.lost(&draft.resource).is_empty());
        }
    }

    #[test]
    fn members_are_told_by_who_came_and_went() {
        let kind = builtin().named("Group").unwrap();
        let [a, b] = ["01900000-0000-7000-8000-000000000001", "01900000-0000-7000-8000-000000000002"];
        let mut past = Past { members: [a.parse().unwrap()].into(), ..Past::default() };
        let line = json!({"path": "members", "old": [{"value": b}], "new": [{"value": a}]});
        let attributes = vec![serde_json::from_value(line).unwrap()];
        past.undo(kind, &PastChange { position: 1, version: 2, is_removal: false, attributes });
        assert_eq!(past.members, [b.parse().unwrap()].into());
    }
}
