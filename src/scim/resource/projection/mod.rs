//! Which attributes an answer shows: `attributes` and `excludedAttributes` (RFC 7644, section 3.9) together with each
//! attribute's `returned` characteristic (RFC 7643, section 2.2).

#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use super::canonical::is_members;
use crate::scim::path::AttrPath;
use crate::scim::schema::{AttributeDefinition, Resolved, ResourceType, Returned};
use crate::scim::{ScimError, ScimType};

/// A choice of attributes, worked out for one resource type.
#[derive(Debug, Clone, PartialEq)]
pub struct Projection {
    is_default: bool,
    keeps_document: bool,
    /// A rule for every attribute of the type and for every extension; what has no rule is not shown.
    rules: Vec<(String, Rule)>,
}

/// What becomes of one attribute.
#[derive(Debug, Clone, PartialEq)]
enum Rule {
    Keep,
    Drop,
    /// Of its sub-attributes (or, for an extension, its attributes) only these stay, each under its own rule.
    Inside(Vec<(String, Rule)>),
}

/// What the request asks for.
enum Choice {
    All,
    Only(Vec<Chosen>),
    Without(Vec<Chosen>),
}

/// One name of a list, resolved.
enum Chosen {
    /// A schema's URN alone: all of its attributes.
    Schema(String),
    Attribute(Resolved),
}

impl Projection {
    /// Reads the two parameters. Names may have any case, name a sub-attribute, carry a URN, or be the URN of a whole
    /// extension; spaces around them and names that no schema defines are ignored, an empty list counts as absent.
    ///
    /// # Errors
    /// 400 `invalidValue` if both are given: RFC 7644, section 3.9 calls them mutually exclusive, and any answer would drop
    /// half of what was asked.
    pub fn parse(
        attributes: Option<&str>,
        excluded: Option<&str>,
        resource_type: &ResourceType,
    ) -> Result<Self, ScimError> {
        let given =
            |list: Option<&str>| list.filter(|list| !list.trim().is_empty()).map(|list| resolve(list, resource_type));
        let choice = match (given(attributes), given(excluded)) {
            (Some(_), Some(_)) => {
                return Err(ScimError::bad_request(
                    ScimType::InvalidValue,
                    "attributes and excludedAttributes exclude each other; send one of them",
                ));
            }
            (Some(only), None) => Choice::Only(only),
            (None, Some(without)) => Choice::Without(without),
            (None, None) => Choice::All,
        };
        Ok(Self::new(&choice, resource_type))
    }

    /// What a request that chooses nothing is shown.
    pub fn unchosen(resource_type: &ResourceType) -> Self {
        Self::new(&Choice::All, resource_type)
    }

    fn new(choice: &Choice, resource_type: &ResourceType) -> Self {
        let mut rules = Vec::new();
        for schema in [&resource_type.common, &resource_type.schema] {
            let uri = resource_type.schema.uri.as_str();
            let whole = choice.names_schema(uri);
            for attribute in &schema.attributes {
                let is_listed =
                    |chosen: &Resolved| chosen.extension.is_none() && chosen.attribute.name == attribute.name;
                rules.push((attribute.name.clone(), choice.rule(attribute, whole, is_listed)));
            }
        }
        for extension in &resource_type.extensions {
            let uri = &extension.schema.uri;
            let whole = choice.names_schema(uri.as_str());
            let inner = extension.schema.attributes.iter().map(|attribute| {
                let is_listed = |chosen: &Resolved| {
                    chosen.extension.as_ref() == Some(uri) && chosen.attribute.name == attribute.name
                };
                (attribute.name.clone(), choice.rule(attribute, whole, is_listed))
            });
            rules.push((uri.as_str().to_owned(), collapse(inner.collect())));
        }
        let attribute = |name: &str| resource_type.schema.attribute(name);
        let is_members = |name: &str| attribute(name).is_some_and(|attribute| is_members(resource_type, attribute));
        let stands_elsewhere = |name: &str| resource_type.name == "User" && matches!(name, "groups" | "password");
        let keeps = |(name, rule): &(String, Rule)| {
            *rule == Rule::Keep || is_members(name) || (*rule == Rule::Drop && stands_elsewhere(name))
        };
        Self { is_default: matches!(choice, Choice::All), keeps_document: rules.iter().all(keeps), rules }
    }

    /// Whether the request chose nothing.
    pub fn is_default(&self) -> bool {
        self.is_default
    }

    /// Whether all that a stored document and `meta` hold is shown, so that the document may be sent unread; what is left to
    /// ask is [`Projection::wants`] for `members` and `groups`.
    pub fn keeps_document(&self) -> bool {
        self.keeps_document
    }

    /// Whether the attribute of that name (as the schema spells it; an extension's URN for an extension) is shown, in whole
    /// or in part. Spares reading what is not.
    pub fn wants(&self, name: &str) -> bool {
        self.rule(name) != &Rule::Drop
    }

    /// Whether a sub-attribute is shown; both names as the schema spells them.
    pub fn shows(&self, attribute: &str, sub: &str) -> bool {
        match self.rule(attribute) {
            Rule::Keep => true,
            Rule::Drop => false,
            Rule::Inside(rules) => *find(rules, sub) == Rule::Keep,
        }
    }

    /// A resource as the answer shows it. Names are spelled as the schemas spell them; values that nothing is left of are
    /// dropped.
    pub fn apply(&self, attributes: Map<String, Value>) -> Map<String, Value> {
        attributes
            .into_iter()
            .filter_map(|(name, value)| self.rule(&name).apply(value).map(|value| (name, value)))
            .collect()
    }

    /// The value of one attribute as the answer shows it; `None` if nothing is left of it.
    pub fn apply_to(&self, attribute: &str, value: Value) -> Option<Value> {
        self.rule(attribute).apply(value)
    }

    fn rule(&self, name: &str) -> &Rule {
        find(&self.rules, name)
    }
}

impl Choice {
    /// Whether a whole schema is named.
    fn names_schema(&self, uri: &str) -> bool {
        let (Self::Only(list) | Self::Without(list)) = self else { return false };
        list.iter().any(|chosen| matches!(chosen, Chosen::Schema(named) if named == uri))
    }

    fn rule(&self, attribute: &AttributeDefinition, whole: bool, is_listed: impl Fn(&Resolved) -> bool) -> Rule {
        match attribute.returned {
            Returned::Never => return Rule::Drop,
            Returned::Always => return inside(attribute, |_| false),
            Returned::Default | Returned::Request => {}
        }
        let listed = |list: &[Chosen]| -> Vec<Option<String>> {
            let resolved = list.iter().filter_map(|chosen| match chosen {
                Chosen::Attribute(resolved) if is_listed(resolved) => Some(resolved),
                _ => None,
            });
            resolved.map(|resolved| resolved.sub.as_ref().map(|sub| sub.name.clone())).collect()
        };
        let by_default = attribute.returned == Returned::Default;
        match self {
            Self::All if by_default => inside(attribute, |_| false),
            Self::All => Rule::Drop,
            Self::Only(list) => {
                let subs = listed(list);
                if subs.contains(&None) || (whole && by_default) {
                    inside(attribute, |_| false)
                } else if subs.is_empty() {
                    Rule::Drop
                } else {
                    only_inside(attribute, &subs)
                }
            }
            Self::Without(list) => {
                let subs = listed(list);
                if whole || !by_default || subs.contains(&None) {
                    Rule::Drop
                } else {
                    inside(attribute, |sub| subs.iter().flatten().any(|name| *name == sub.name))
                }
            }
        }
    }
}

/// The rule for an attribute that is shown: all that is returned by default, but for what `is_excluded`.
fn inside(attribute: &AttributeDefinition, is_excluded: impl Fn(&AttributeDefinition) -> bool) -> Rule {
    let rules = attribute.sub_attributes.iter().map(|sub| {
        let is_shown = match sub.returned {
            Returned::Always => true,
            Returned::Default => !is_excluded(sub),
            Returned::Never | Returned::Request => false,
        };
        (sub.name.clone(), if is_shown { Rule::Keep } else { Rule::Drop })
    });
    if attribute.is_complex() { collapse(rules.collect()) } else { Rule::Keep }
}

/// The rule for an attribute of which sub-attributes were asked for: these, and those that are always returned.
fn only_inside(attribute: &AttributeDefinition, asked: &[Option<String>]) -> Rule {
    let rules = attribute.sub_attributes.iter().map(|sub| {
        let is_asked = asked.iter().flatten().any(|name| *name == sub.name);
        let is_shown = sub.returned == Returned::Always || (is_asked && sub.returned != Returned::Never);
        (sub.name.clone(), if is_shown { Rule::Keep } else { Rule::Drop })
    });
    collapse(rules.collect())
}

/// The shortest rule that says the same.
fn collapse(rules: Vec<(String, Rule)>) -> Rule {
    if rules.iter().all(|(_, rule)| *rule == Rule::Keep) {
        Rule::Keep
    } else if rules.iter().all(|(_, rule)| *rule == Rule::Drop) {
        Rule::Drop
    } else {
        Rule::Inside(rules)
    }
}

impl Rule {
    fn apply(&self, value: Value) -> Option<Value> {
        let Self::Inside(rules) = self else { return (*self == Self::Keep).then_some(value) };
        match value {
            Value::Object(members) => {
                let kept = members.into_iter();
                let kept = kept.filter_map(|(name, value)| find(rules, &name).apply(value).map(|value| (name, value)));
                let kept: Map<String, Value> = kept.collect();
                (!kept.is_empty()).then_some(Value::Object(kept))
            }
            Value::Array(elements) => {
                let kept: Vec<Value> = elements.into_iter().filter_map(|element| self.apply(element)).collect();
                (!kept.is_empty()).then_some(Value::Array(kept))
            }
            simple => Some(simple),
        }
    }
}

fn find<'a>(rules: &'a [(String, Rule)], name: &str) -> &'a Rule {
    rules.iter().find(|(known, _)| known == name).map_or(&Rule::Drop, |(_, rule)| rule)
}

fn resolve(list: &str, resource_type: &ResourceType) -> Vec<Chosen> {
    list.split(',').filter_map(|name| resolve_name(name.trim(), resource_type)).collect()
}

fn resolve_name(name: &str, resource_type: &ResourceType) -> Option<Chosen> {
    let mut path = (None, name);
    for uri in resource_type.schema_uris() {
        let uri = uri.as_str();
        let Some((front, rest)) = name.split_at_checked(uri.len()) else { continue };
        if !front.eq_ignore_ascii_case(uri) {
            continue;
        }
        if rest.is_empty() {
            return Some(Chosen::Schema(uri.to_owned()));
        }
        if let Some(rest) = rest.strip_prefix([':', '.']) {
            path = (Some(uri), rest);
        }
    }
    let (attribute, sub) = path.1.split_once('.').map_or((path.1, None), |(attribute, sub)| (attribute, Some(sub)));
    resource_type.resolve(&AttrPath::new(path.0, attribute, sub)).map(Chosen::Attribute)
}
