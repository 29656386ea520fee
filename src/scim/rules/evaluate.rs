//! What rules say of a user that is about to be written.
//!
//! What held before the write is not held against it: an offence counts only if the user as it was did not have the very same
//! one. A user who is set inactive is never refused, so that a leaver is always locked out; one who may sign in again is looked
//! at as if it were new, so that nothing slips through on the way back.

use std::fmt::Write;
use std::sync::Arc;

use serde_json::Value;

use super::{Requirement, Rule, RuleCode, Rules};
use crate::scim::filter::CheckedFilter;
use crate::scim::resource::Resource;
use crate::scim::schema::{Resolved, ResourceType};

/// How many characters of a value are told.
const TOLD: usize = 100;

/// What a reference must lead to.
#[derive(Debug, Clone)]
pub struct Referred {
    /// The name of the resource type.
    pub resource_type: String,
    /// The condition as it is written.
    pub condition: Option<String>,
    pub(super) filter: Option<CheckedFilter>,
}

impl Referred {
    /// Whether a resource of that type and content will do.
    pub fn accepts(&self, resource_type: &str, resource: &Resource) -> bool {
        let fits = |filter: &CheckedFilter| filter.matches(resource.as_map());
        self.resource_type == resource_type && self.filter.as_ref().is_none_or(fits)
    }
}

/// A question that a rule has: whether there is a resource that a value names.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Which of the offences it belongs to.
    finding: usize,
    path: String,
    /// The value that stands for an id.
    pub value: String,
    is_sensitive: bool,
    /// What it must lead to.
    pub to: Arc<Referred>,
}

/// Something that a write would break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offence {
    /// What programs are told.
    pub code: RuleCode,
    /// The rule's name, or that of the role that asks for it.
    pub rule: String,
    /// The attributes that are missing or name what is not there.
    pub fields: Vec<String>,
    /// In words, all of it.
    pub text: String,
}

/// What was found so far of one rule.
#[derive(Debug)]
struct Finding {
    rule: String,
    /// Whom it is about, in words.
    whom: String,
    code: Option<RuleCode>,
    message: Option<String>,
    missing: Vec<String>,
    unmet: Vec<String>,
    unknown: Vec<(String, String)>,
}

/// What rules found, and what they have to ask yet.
#[derive(Debug, Default)]
pub struct Findings {
    findings: Vec<Finding>,
    asked: Vec<Asked>,
}

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

    /// Adds what a role asks: that `user` has no `missing` attributes, and that the values of `references` (attributes by path,
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

    /// What has to be known of other resources before all is said.
    pub fn asked(&self) -> &[Asked] {
        &self.asked
    }

    /// Everything that is wrong, now that it is known which of the questions have a good answer.
    pub fn offences(mut self, is_there: impl Fn(&Asked) -> bool) -> Vec<Offence> {
        for asked in std::mem::take(&mut self.asked) {
            if !is_there(&asked) {
                let text = asked.told();
                self.findings[asked.finding].unknown.push((asked.path, text));
            }
        }
        self.findings.into_iter().filter_map(Finding::offence).collect()
    }
}

impl Asked {
    fn told(&self) -> String {
        let mut wanted = format!("{} the id of a {} that is there", self.path, self.to.resource_type);
        if let Some(condition) = &self.to.condition {
            let _ = write!(wanted, " and has {condition}");
        }
        if !self.is_sensitive {
            let shown: String = self.value.chars().take(TOLD).collect();
            let _ = write!(wanted, ", which {shown:?} is not");
        }
        wanted
    }
}

impl Finding {
    fn offence(self) -> Option<Offence> {
        let fitting = if !self.missing.is_empty() {
            RuleCode::MissingRequiredAttributes
        } else if !self.unmet.is_empty() {
            RuleCode::RuleBroken
        } else if !self.unknown.is_empty() {
            RuleCode::UnknownReference
        } else {
            return None;
        };
        let is_known = self.missing.is_empty() && self.unmet.is_empty();
        let code = self.code.filter(|_| !is_known).unwrap_or(fitting);
        let mut wanted = Vec::new();
        if !self.missing.is_empty() {
            wanted.push(format!("must have {}", self.missing.join(", ")));
        }
        if !self.unmet.is_empty() {
            wanted.push(format!("must meet {}", listed(self.unmet.iter().map(String::as_str))));
        }
        wanted.extend(self.unknown.iter().map(|(_, text)| format!("must have in {text}")));
        let wanted = format!("{} {}", self.whom, wanted.join(", and "));
        let text = match self.message {
            Some(message) => format!("{} ({wanted})", message.trim_end_matches('.')),
            None => wanted,
        };
        let mut fields = self.missing;
        for (path, _) in self.unknown {
            if !fields.contains(&path) {
                fields.push(path);
            }
        }
        Some(Offence { code, rule: self.rule, fields, text })
    }
}

fn listed<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    texts.collect::<Vec<_>>().join(" and ")
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
