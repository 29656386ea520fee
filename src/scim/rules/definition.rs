//! A rule as a tenant writes it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::RuleCode;
use crate::scim::filter::MAX_LENGTH;
use crate::scim::schema::own::{InvalidDefinition, MAX_TEXT, NAME, Object, Problems, is_name};

/// How many rules a tenant may have.
pub const MAX_RULES: usize = 100;
/// How many things a rule may require, and how many references it may have.
const MAX_PARTS: usize = 100;

const KNOWN: [&str; 8] = ["name", "description", "when", "require", "andViceVersa", "references", "code", "message"];

/// A rule as it is kept and shown; [`RuleDefinition::read`] reads what a tenant sends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleDefinition {
    /// Its name: a letter followed by letters, digits, `-` and `_`.
    pub name: String,
    /// For people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// For whom it is: a filter over users. Without it, for every user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// What these must have: each an attribute's path or a filter.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub require: Vec<String>,
    /// Whether those who have all of it must be the ones whom it is for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub and_vice_versa: bool,
    /// What the values of attributes must name, by the attribute's path.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub references: BTreeMap<String, ReferenceDefinition>,
    /// What programs are told; if it is absent, what fits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<RuleCode>,
    /// What people are told, before what is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// What an attribute must name: the name of a resource type, or a type with a condition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ReferenceDefinition {
    /// Any resource of that type.
    Type(String),
    /// One that meets a condition.
    Which {
        /// The name of its type.
        #[serde(rename = "type")]
        resource_type: String,
        /// The condition: a filter over resources of that type.
        #[serde(rename = "where")]
        condition: String,
    },
}

impl ReferenceDefinition {
    /// The name of the resource type.
    pub fn resource_type(&self) -> &str {
        match self {
            Self::Type(name) | Self::Which { resource_type: name, .. } => name,
        }
    }

    /// The condition, if there is one.
    pub fn condition(&self) -> Option<&str> {
        match self {
            Self::Type(_) => None,
            Self::Which { condition, .. } => Some(condition),
        }
    }
}

impl RuleDefinition {
    /// Reads a rule as a tenant sends it.
    ///
    /// # Errors
    /// Everything that is wrong with it by itself; whether the tenant has such attributes is not asked here.
    pub fn read(value: &Value) -> Result<Self, InvalidDefinition> {
        let mut problems = Problems::default();
        let Some(object) = Object::read(value, "", &KNOWN, &mut problems) else {
            return problems.or(()).and(Err(InvalidDefinition(Vec::new())));
        };
        let name = object.text("name", MAX_TEXT, &mut problems);
        if !is_name(&name) {
            problems.add("name", NAME);
        }
        let description = object.text("description", MAX_TEXT, &mut problems);
        let when = optional(&object, "when", MAX_LENGTH, &mut problems);
        let message = optional(&object, "message", MAX_TEXT, &mut problems);
        let and_vice_versa = object.flag("andViceVersa", &mut problems);
        let require = read_require(&object, &mut problems);
        let references = read_references(&object, &mut problems);
        let code = read_code(&object, &mut problems);
        if require.is_empty() && references.is_empty() && !object.has("require") && !object.has("references") {
            problems.add("", "requires nothing; say something in require or in references");
        }
        if and_vice_versa && (when.is_none() || require.is_empty()) {
            problems.add("andViceVersa", "needs both when and require, since each is to follow from the other");
        }
        problems.or(Self { name, description, when, require, and_vice_versa, references, code, message })
    }
}

/// A text that may be absent, and is not empty.
fn optional(object: &Object<'_>, name: &str, limit: usize, problems: &mut Problems) -> Option<String> {
    if !object.has(name) {
        return None;
    }
    let text = object.text(name, limit, problems);
    if text.trim().is_empty() {
        problems.add(object.at(name), "must not be empty; leave it out instead");
    }
    Some(text)
}

fn read_code(object: &Object<'_>, problems: &mut Problems) -> Option<RuleCode> {
    let value = object.member("code")?;
    let read = serde_json::from_value(value.clone()).ok();
    if read.is_none() {
        let known = "missing_required_attributes, users_need_resource_role, rule_broken, unknown_reference";
        problems.add(object.at("code"), format_args!("must be one of {known}"));
    }
    read
}

/// One text, or several.
fn read_require(object: &Object<'_>, problems: &mut Problems) -> Vec<String> {
    let due = "must be a filter, or an array of attribute paths and filters";
    let elements = match object.member("require") {
        None => return Vec::new(),
        Some(Value::Array(elements)) if !elements.is_empty() && elements.len() <= MAX_PARTS => elements.as_slice(),
        Some(Value::Array(_)) => {
            problems.add(object.at("require"), format_args!("must have 1 to {MAX_PARTS} elements"));
            return Vec::new();
        }
        Some(single) => std::slice::from_ref(single),
    };
    let texts: Vec<String> = elements.iter().filter_map(|element| short(element).map(str::to_owned)).collect();
    if texts.len() < elements.len() {
        problems.add(object.at("require"), due);
    }
    texts
}

fn read_references(object: &Object<'_>, problems: &mut Problems) -> BTreeMap<String, ReferenceDefinition> {
    let members = match object.member("references") {
        None => return BTreeMap::new(),
        Some(Value::Object(members)) if !members.is_empty() && members.len() <= MAX_PARTS => members,
        Some(_) => {
            let due = format!("must be an object with 1 to {MAX_PARTS} attribute paths, each with a resource type");
            problems.add(object.at("references"), due);
            return BTreeMap::new();
        }
    };
    let mut references = BTreeMap::new();
    for (path, value) in members {
        let at = format!("references.{path}");
        let reference = match value {
            Value::String(name) => ReferenceDefinition::Type(name.clone()),
            _ => {
                let Some(inner) = Object::read(value, at.clone(), &["type", "where"], problems) else { continue };
                let resource_type = inner.text("type", MAX_TEXT, problems);
                match optional(&inner, "where", MAX_LENGTH, problems) {
                    None => ReferenceDefinition::Type(resource_type),
                    Some(condition) => ReferenceDefinition::Which { resource_type, condition },
                }
            }
        };
        if reference.resource_type().is_empty() {
            problems.add(at, "must be the name of a resource type");
        }
        references.insert(path.clone(), reference);
    }
    references
}

fn short(value: &Value) -> Option<&str> {
    value.as_str().filter(|text| !text.trim().is_empty() && text.len() <= MAX_LENGTH)
}
