//! What of a bulk request is carried out next, and how much of it at once.
//!
//! Operations run side by side only where no order of them makes a difference: distinct resources, and nothing that gives
//! away a name or takes one, since names are unique.

use std::collections::HashSet;

use serde_json::Value;

use super::BulkRun;
use crate::scim::bulk::{Call, Method, Planned, Unit};
use crate::scim::schema::{ResourceType, Uniqueness};
use crate::scim::urn;

/// How many creations are written in one statement.
const CHUNK: usize = 125;
/// About how many bytes these have together.
const CHUNK_BYTES: usize = 1 << 20;
/// How many operations are begun between two looks at the time.
const SIDE_BY_SIDE: usize = 24;

/// What is carried out at once; operations by their places.
pub(super) enum Step {
    /// Creations, in order.
    Create(Vec<usize>),
    /// Creations that refer to each other in a circle.
    Circle(Vec<usize>),
    /// Operations in any order.
    Together(Vec<usize>),
}

/// Operations of one class may stand in one step.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    /// A creation without members, which can be written together with others; or an operation that is an error already.
    Create,
    /// The creation of a group with members.
    CreateGroup,
    /// A change that touches no name.
    Change,
    /// The removal of what has no members. The groups that it leaves change with it.
    Remove,
    /// Anything else.
    Alone,
}

impl Step {
    /// The step that `units`, of which there is at least one, begin with, and the units after it.
    pub fn first_of<'u>(units: &'u [Unit], run: &BulkRun<'_>) -> (Self, &'u [Unit]) {
        let place = match units.first() {
            Some(Unit::One(place)) => *place,
            Some(Unit::Circle(places)) => return (Self::Circle(places.clone()), &units[1..]),
            None => return (Self::Together(Vec::new()), units),
        };
        let class = Class::of(&run.operations[place]);
        let mut gathered =
            Gathered { class, places: Vec::new(), bytes: 0, carries_role: false, tokens: HashSet::new() };
        let limit = match class {
            Class::Create => CHUNK,
            // Operations that run side by side could not be stopped at an error.
            Class::Alone => 1,
            _ if run.errors_left.is_some() => 1,
            _ => SIDE_BY_SIDE,
        };
        let fitting = units.iter().take(limit).take_while(|unit| gathered.take(unit, run)).count();
        let step = if class == Class::Create { Self::Create(gathered.places) } else { Self::Together(gathered.places) };
        (step, &units[fitting..])
    }
}

/// A step that grows.
struct Gathered {
    class: Class,
    places: Vec<usize>,
    bytes: usize,
    /// Whether a group that carries a role is among the creations.
    carries_role: bool,
    /// What no two of the operations may have in common.
    tokens: HashSet<String>,
}

impl Gathered {
    /// Takes an operation in, if it belongs here.
    fn take(&mut self, unit: &Unit, run: &BulkRun<'_>) -> bool {
        let Unit::One(place) = unit else { return false };
        let operation = &run.operations[*place];
        if Class::of(operation) != self.class {
            return false;
        }
        if self.class == Class::Create {
            self.bytes += operation.call.as_ref().map_or(0, |call| call.size);
            let is_full = self.bytes > CHUNK_BYTES && !self.places.is_empty();
            // What a role asks of a user is read before the chunk is written, and so before the group is there.
            let asks_of_others =
                run.caller.catalog.rules().have_references() || operation.call.as_ref().is_ok_and(names_roles);
            // Nor is what a rule or a role wants a reference to lead to.
            if asks_of_others && operation.needs.iter().any(|need| self.places.contains(need)) {
                return false;
            }
            if is_full || (self.carries_role && operation.call.as_ref().is_ok_and(names_roles)) {
                return false;
            }
            self.carries_role |= operation.call.as_ref().is_ok_and(carries_role);
        } else {
            let tokens = self.class.tokens(operation);
            let meets = tokens.iter().any(|token| self.tokens.contains(token));
            if meets || operation.needs.iter().any(|need| self.places.contains(need)) {
                return false;
            }
            self.tokens.extend(tokens);
        }
        self.places.push(*place);
        true
    }
}

impl Class {
    fn of(operation: &Planned) -> Self {
        let Ok(call) = &operation.call else { return Self::Create };
        match call.method {
            Method::Post if has_members(call) => Self::CreateGroup,
            Method::Post => Self::Create,
            Method::Patch if !speaks_of_names(&call.kind, &call.data) => Self::Change,
            Method::Delete if call.kind.name != "Group" => Self::Remove,
            _ => Self::Alone,
        }
    }

    /// What the operation may not have in common with others beside it: the resource, or the names of a new one.
    fn tokens(self, operation: &Planned) -> Vec<String> {
        match (&operation.call, self) {
            (Ok(call), Self::CreateGroup) => {
                let attributes = call.data.as_object().into_iter().flatten();
                let names = attributes.filter(|(name, _)| {
                    name.eq_ignore_ascii_case("displayName") || name.eq_ignore_ascii_case("externalId")
                });
                names.map(|(name, value)| format!("{} {value}", name.to_ascii_lowercase()).to_lowercase()).collect()
            }
            _ => operation.resource.iter().map(|(_, id)| id.clone()).collect(),
        }
    }
}

/// Members are written by a statement of the group's own.
fn has_members(call: &Call) -> bool {
    call.kind.name == "Group" && speaks(call, |name| name.eq_ignore_ascii_case("members"))
}

/// Whether a group may come to carry a role.
fn carries_role(call: &Call) -> bool {
    let is_role = |name: &str| name.get(..urn::ROLE.len()).is_some_and(|name| name.eq_ignore_ascii_case(urn::ROLE));
    call.kind.name == "Group" && speaks(call, is_role)
}

/// Whether a user may be given roles.
fn names_roles(call: &Call) -> bool {
    let is_list = |name: &str| {
        let name = name.to_ascii_lowercase();
        ["roles", "entitlements"].iter().any(|list| name.ends_with(list))
    };
    call.kind.name == "User" && speaks(call, is_list)
}

fn speaks(call: &Call, of: impl Fn(&str) -> bool) -> bool {
    call.data.as_object().into_iter().flatten().any(|(name, _)| of(name))
}

/// Whether a PATCH speaks of an attribute that must be unique, at least by a part of a path.
fn speaks_of_names(kind: &ResourceType, data: &Value) -> bool {
    let schemas = kind.extensions.iter().map(|extension| &extension.schema).chain([&kind.common, &kind.schema]);
    let attributes = schemas.flat_map(|schema| &schema.attributes);
    let unique = attributes.filter(|attribute| attribute.uniqueness != Uniqueness::None);
    let mut names: Vec<String> = unique.map(|attribute| attribute.name.to_ascii_lowercase()).collect();
    names.extend(["username", "displayname", "externalid", "employeenumber"].map(str::to_owned));
    let is_name = |text: &str| {
        let text = text.to_ascii_lowercase();
        names.iter().any(|name| text.contains(name.as_str()))
    };
    speaks_of(data, &is_name)
}

fn speaks_of(value: &Value, is_name: &dyn Fn(&str) -> bool) -> bool {
    match value {
        Value::Array(elements) => elements.iter().any(|element| speaks_of(element, is_name)),
        Value::Object(members) => members.iter().any(|(name, value)| {
            let path = value.as_str().filter(|_| name.eq_ignore_ascii_case("path"));
            is_name(name) || path.is_some_and(is_name) || speaks_of(value, is_name)
        }),
        _ => false,
    }
}
