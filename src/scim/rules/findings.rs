//! What rules found: the questions that are open, and what is wrong, in words.

use std::fmt::Write;
use std::sync::Arc;

use super::RuleCode;
use crate::scim::filter::CheckedFilter;
use crate::scim::resource::Resource;

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
    pub(super) finding: usize,
    pub(super) path: String,
    /// The value that stands for an id.
    pub value: String,
    pub(super) is_sensitive: bool,
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
pub(super) struct Finding {
    pub rule: String,
    /// Whom it is about, in words.
    pub whom: String,
    pub code: Option<RuleCode>,
    pub message: Option<String>,
    pub missing: Vec<String>,
    pub unmet: Vec<String>,
    pub unknown: Vec<(String, String)>,
}

/// What rules found, and what they have to ask yet.
#[derive(Debug, Default)]
pub struct Findings {
    pub(super) findings: Vec<Finding>,
    pub(super) asked: Vec<Asked>,
}

impl Findings {
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

/// Texts with `and` between them.
pub(super) fn listed<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    texts.collect::<Vec<_>>().join(" and ")
}
