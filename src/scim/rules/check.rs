//! From a rule as it is written to one that fits the tenant's resource types.

use std::sync::Arc;

use super::{MAX_RULES, Reference, Referred, Requirement, Rule, RuleDefinition, Rules};
use crate::scim::filter::{CheckedFilter, Filter, FilterError, Node, resolve_simple};
use crate::scim::path::AttrPath;
use crate::scim::schema::own::Problems;
use crate::scim::schema::{AttributeType, Resolved, ResourceType};

/// What answers show of a user and is not kept with it, so that no rule can see it.
const NOT_KEPT: [&str; 3] = ["meta", "groups", "members"];

impl Rules {
    /// Fits rules to the resource types of a tenant. What does not fit is told with the rule's name.
    pub(in crate::scim) fn check(
        definitions: &[Arc<RuleDefinition>],
        kinds: &[Arc<ResourceType>],
        problems: &mut Problems,
    ) -> Self {
        if definitions.len() > MAX_RULES {
            problems.add("", format_args!("a tenant may have {MAX_RULES} rules at most; remove one first"));
        }
        let Some(user) = kinds.iter().find(|kind| kind.name == "User") else { return Self::default() };
        let rules = definitions.iter().filter_map(|definition| {
            let place = Place { definition, user, kinds };
            place.rule().map_err(|(at, why)| problems.add(format_args!("{}.{at}", definition.name), why)).ok()
        });
        Self(rules.collect())
    }
}

/// Where in a rule something is wrong, and what.
type Wrong = (String, String);

/// A rule that is being read.
struct Place<'a> {
    definition: &'a Arc<RuleDefinition>,
    user: &'a Arc<ResourceType>,
    kinds: &'a [Arc<ResourceType>],
}

impl Place<'_> {
    fn rule(&self) -> Result<Rule, Wrong> {
        let definition = self.definition;
        let at = |part: &str| {
            let part = part.to_owned();
            move |why: String| (part, why)
        };
        let when = definition.when.as_deref().map(|text| condition(text, self.user)).transpose().map_err(at("when"))?;
        let mut require = Vec::new();
        for text in &definition.require {
            require.extend(requirements(text, self.user).map_err(at("require"))?);
        }
        let converse = match definition.when.as_deref().filter(|_| definition.and_vice_versa) {
            Some(text) => requirements(text, self.user).map_err(at("when"))?,
            None => Vec::new(),
        };
        let references =
            definition.references.keys().map(|path| self.reference(path).map_err(at(&format!("references.{path}"))));
        let references = references.collect::<Result<_, _>>()?;
        Ok(Rule { definition: definition.clone(), when, require, converse, references })
    }

    fn reference(&self, path: &str) -> Result<Reference, String> {
        let wanted = &self.definition.references[path];
        let target = referring(path, self.user)?;
        let named = |kind: &&Arc<ResourceType>| kind.name.eq_ignore_ascii_case(wanted.resource_type());
        let kind = self.kinds.iter().find(named);
        let kind = kind.ok_or_else(|| format!("there is no resource type {}", wanted.resource_type()))?;
        let filter = wanted.condition().map(|text| condition(text, kind)).transpose()?;
        let to =
            Referred { resource_type: kind.name.clone(), condition: wanted.condition().map(str::to_owned), filter };
        Ok(Reference { path: path.to_owned(), target, to: Arc::new(to) })
    }
}

/// The attribute of users whose values are ids.
pub(super) fn referring(path: &str, user: &ResourceType) -> Result<Resolved, String> {
    let target = resolve_simple(user, &AttrPath::parse(path).map_err(told)?).map_err(told)?;
    if matches!(target.leaf().kind, AttributeType::String | AttributeType::Reference) {
        Ok(target)
    } else {
        Err(format!("{target} is neither a string nor a reference, so it holds no id of a resource"))
    }
}

fn condition(text: &str, kind: &ResourceType) -> Result<CheckedFilter, String> {
    checked(&Filter::parse(text).map_err(told)?, kind)
}

/// What a text asks for: an attribute, a condition, or each of several conditions that `and` stands between.
fn requirements(text: &str, kind: &ResourceType) -> Result<Vec<Requirement>, String> {
    if let Ok(path) = AttrPath::parse(text) {
        return Ok(vec![requirement(&Filter::Present { path, position: 0 }, kind)?]);
    }
    match Filter::parse(text).map_err(told)? {
        Filter::And(parts) => parts.iter().map(|part| requirement(part, kind)).collect(),
        single => Ok(vec![requirement(&single, kind)?]),
    }
}

fn requirement(filter: &Filter, kind: &ResourceType) -> Result<Requirement, String> {
    let (text, is_attribute) = match filter {
        Filter::Present { path, .. } => (path.to_string(), true),
        other => (other.to_string(), false),
    };
    Ok(Requirement { text, is_attribute, filter: checked(filter, kind)? })
}

fn checked(filter: &Filter, kind: &ResourceType) -> Result<CheckedFilter, String> {
    let checked = CheckedFilter::check(filter, kind).map_err(told)?;
    match unseen(checked.node()) {
        None => Ok(checked),
        Some(name) => Err(format!("{name} is not kept with the resource itself, so that a rule cannot see it")),
    }
}

/// An attribute that is named and cannot be seen.
fn unseen(node: &Node) -> Option<&str> {
    let of = |target: &Resolved| target.extension.is_none() && NOT_KEPT.contains(&target.attribute.name.as_str());
    match node {
        Node::And(nodes) | Node::Or(nodes) => nodes.iter().find_map(unseen),
        Node::Not(node) => unseen(node),
        Node::Present(target) | Node::Compare { target, .. } | Node::ValuePath { target, .. } => {
            of(target).then_some(target.attribute.name.as_str())
        }
    }
}

fn told(error: FilterError) -> String {
    format!("is not valid {error}")
}
