//! What users must have: rules, the form for one, and roles.

use askama::Template;

use super::{Choice, Field, Notice, OffenderView, Shell, Tone};

/// Rules and roles.
#[derive(Template)]
#[template(path = "rules.html")]
pub struct Rules {
    /// What stands around it.
    pub shell: Shell,
    /// The rules, in the order in which they are looked at.
    pub rules: Vec<RuleRow>,
    /// The roles.
    pub roles: Vec<RoleRow>,
    /// Rules to begin with.
    pub examples: Vec<RuleExample>,
    /// Why something was refused.
    pub problem: Option<Notice>,
}

/// A rule.
#[derive(Debug, Clone)]
pub struct RuleRow {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What it says, in plain words.
    pub sentences: Vec<String>,
    /// The rule as clients see it.
    pub json: String,
}

/// A role.
#[derive(Debug, Clone)]
pub struct RoleRow {
    /// The id of the group that carries it.
    pub group: String,
    /// Where that is.
    pub url: String,
    /// Its name for people.
    pub name: String,
    /// What records name it by.
    pub id: String,
    /// How heavy it is.
    pub weight: i64,
    /// What its users must have.
    pub requires: Vec<String>,
    /// What their attributes must name.
    pub references: Vec<String>,
    /// How many have it.
    pub holders: u64,
}

/// A rule to begin with.
#[derive(Debug, Clone)]
pub struct RuleExample {
    /// Its key in addresses.
    pub key: &'static str,
    /// What it shows.
    pub title: &'static str,
    /// What it says.
    pub told: String,
}

/// The form for a rule.
#[derive(Template)]
#[template(path = "rule.html")]
pub struct RulePage {
    /// What stands around it.
    pub shell: Shell,
    /// Whether there is none yet.
    pub is_new: bool,
    /// Its name.
    pub name: Field,
    /// What it is for.
    pub description: Field,
    /// For whom it is.
    pub when: Field,
    /// What these must have.
    pub require: Field,
    /// Whether it holds the other way round.
    pub is_both: bool,
    /// What must be named.
    pub references: Field,
    /// What people are told.
    pub message: Field,
    /// What programs are told.
    pub codes: Vec<Choice>,
    /// Whether users who break it now are left alone.
    pub leaves_alone: bool,
    /// What the rule says, in plain words, as far as it can be read.
    pub preview: Vec<String>,
    /// What a look at the users came to.
    pub told: Option<Notice>,
    /// What is wrong with it.
    pub problems: Vec<String>,
    /// The users who break it.
    pub offenders: Vec<OffenderView>,
}
