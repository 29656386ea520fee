//! What rules say of a user that is about to be written.
//!
//! What held before the write is not held against it: an offence counts only if the user as it was did not have the very same
//! one. A user who is set inactive is never refused, so that a leaver is always locked out; one who may sign in again is looked
//! at as if it were new, so that nothing slips through on the way back.

use std::sync::Arc;

use serde_json::Value;

use super::findings::{Asked, Finding, Findings, Referred, listed};
use super::{Requirement, Rule, Rules};
use crate::scim::filter::Filter;
use crate::scim::resource::Resource;
use crate::scim::schema::{Resolved, ResourceType};

impl Rules {
    /// What is to be said of a user that becomes `after` and was `before`; an empty resource stands for one that was not there.
    pub fn look_at(&self, before: &Resource, after: &Resource) -> Findings {
        let mut findings = Findings::default();
        if self.is_empty() || is_locked_out(before, after) {
            return findings;
        }
        let before = Some(before).filter(|before| !before.as_map().is_empty() && !is_let_in(before, after));
        for rule in &self.0 {
            rule.look_at(before, after, &mut findings);
        }
        findings
    }
}

impl Rules {
    /// The attributes that are required of every user like this one, by their paths as the rules write them; also those that a
    /// condition speaks of.
    pub fn required_of(&self, user: &Resource) -> Vec<String> {
        let mut paths = Vec::new();
        for rule in &self.0 {
            let own = if rule.applies_to(user) { rule.require.as_slice() } else { &[] };
            let converse = if rule.is_met_by(user) { rule.converse.as_slice() } else { &[] };
            for requirement in own.iter().chain(converse) {
                match Filter::parse(&requirement.text) {
                    Ok(filter) if !requirement.is_attribute => named(&filter, &mut paths),
                    _ => paths.push(requirement.text.clone()),
                }
            }
        }
        paths
    }
}

/// Adds the attributes that a filter speaks of.
fn named(filter: &Filter, paths: &mut Vec<String>) {
    match filter {
        Filter::And(parts) | Filter::Or(parts) => parts.iter().for_each(|part| named(part, paths)),
        Filter::Not(part) => named(part, paths),
        Filter::Present { path, .. } | Filter::Compare { path, .. } | Filter::ValuePath { path, .. } => {
            paths.push(path.to_string());
        }
    }
}

/// Whether a write takes the user's right to sign in.
pub fn is_locked_out(before: &Resource, after: &Resource) -> bool {
    !before.as_map().is_empty() && is_active(before) && !is_active(after)
}

fn is_let_in(before: &Resource, after: &Resource) -> bool {
    !is_active(before) && is_active(after)
}

fn is_active(user: &Resource) -> bool {
    user.as_map().get("active") != Some(&Value::Bool(false))
}

impl Rule {
    fn look_at(&self, before: Option<&Resource>, after: &Resource, findings: &mut Findings) {
        let before_applies = before.filter(|before| self.applies_to(before));
        if self.applies_to(after) {
            let lacks = |it: &&Requirement| it.lacks(after) && !before_applies.is_some_and(|before| it.lacks(before));
            let whom = match &self.definition.when {
                Some(when) => format!("a user with {when}"),
                None => "every user".to_owned(),
            };
            let finding = findings.note(self, whom, self.require.iter().filter(lacks));
            for reference in &self.references {
                let had = before_applies.map(|before| values(&reference.target, before)).unwrap_or_default();
                let new = values(&reference.target, after).into_iter().filter(|value| !had.contains(value));
                findings.asked.extend(new.map(|value| Asked {
                    finding,
                    path: reference.path.clone(),
                    value: value.to_owned(),
                    is_sensitive: reference.target.attribute.sensitive,
                    to: reference.to.clone(),
                }));
            }
        }
        if !self.converse.is_empty() && self.is_met_by(after) {
            let met_before = before.filter(|before| self.is_met_by(before));
            let lacks = |it: &&Requirement| it.lacks(after) && !met_before.is_some_and(|before| it.lacks(before));
            let whom = format!("a user with {}", listed(self.require.iter().map(|it| it.text.as_str())));
            findings.note(self, whom, self.converse.iter().filter(lacks));
        }
    }

    fn applies_to(&self, user: &Resource) -> bool {
        self.when.as_ref().is_none_or(|when| when.matches(user.as_map()))
    }

    fn is_met_by(&self, user: &Resource) -> bool {
        self.require.iter().all(|requirement| !requirement.lacks(user))
    }
}

impl Requirement {
    fn lacks(&self, user: &Resource) -> bool {
        !self.filter.matches(user.as_map())
    }
}

impl Findings {
    /// Notes what is lacking, be it nothing; answers the place.
    fn note<'r>(&mut self, rule: &Rule, whom: String, lacking: impl Iterator<Item = &'r Requirement>) -> usize {
        let (missing, unmet): (Vec<&Requirement>, Vec<&Requirement>) = lacking.partition(|it| it.is_attribute);
        let texts = |list: Vec<&Requirement>| list.into_iter().map(|it| it.text.clone()).collect();
        self.findings.push(Finding {
            rule: rule.definition.name.clone(),
            whom,
            code: rule.definition.code,
            message: rule.definition.message.clone(),
            missing: texts(missing),
            unmet: texts(unmet),
            unknown: Vec::new(),
        });
        self.findings.len() - 1
    }

    /// Adds what a role asks: the attributes that are `missing`, and that the values of `references` (attributes by path,
    /// each with the name of a resource type) are there. What `had` has already is not asked again.
    pub fn of_role(
        &mut self,
        role: &str,
        missing: Vec<String>,
        references: &[(String, String)],
        (kind, user, had): (&ResourceType, &Resource, Option<&Resource>),
    ) {
        let whom = format!("a user with the role {role}");
        let finding = Finding {
            rule: role.to_owned(),
            whom,
            code: None,
            message: None,
            missing,
            unmet: Vec::new(),
            unknown: Vec::new(),
        };
        self.findings.push(finding);
        for (path, resource_type) in references {
            let Ok(target) = super::check::referring(path, kind) else { continue };
            let had = had.map(|had| values(&target, had)).unwrap_or_default();
            let to = Referred { resource_type: resource_type.clone(), condition: None, filter: None };
            let to = Arc::new(to);
            let new = values(&target, user).into_iter().filter(|value| !had.contains(value));
            self.asked.extend(new.map(|value| Asked {
                finding: self.findings.len() - 1,
                path: path.clone(),
                value: value.to_owned(),
                is_sensitive: target.attribute.sensitive,
                to: to.clone(),
            }));
        }
    }
}

/// The texts that a path leads to, each once.
fn values<'r>(target: &Resolved, resource: &'r Resource) -> Vec<&'r str> {
    let attributes = resource.as_map();
    let attribute = match &target.extension {
        None => attributes.get(&target.attribute.name),
        Some(uri) => attributes.get(uri.as_str()).and_then(|values| values.get(&target.attribute.name)),
    };
    let mut found = Vec::new();
    for element in elements(attribute) {
        let leaf = match &target.sub {
            None => Some(element),
            Some(sub) => element.get(&sub.name),
        };
        for text in elements(leaf).iter().filter_map(Value::as_str) {
            if !text.is_empty() && !found.contains(&text) {
                found.push(text);
            }
        }
    }
    found
}

fn elements(value: Option<&Value>) -> &[Value] {
    match value {
        Some(Value::Array(elements)) => elements,
        Some(single) => std::slice::from_ref(single),
        None => &[],
    }
}
