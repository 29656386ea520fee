//! What a rule says, in plain words.

use crate::scim::filter::{CompareOp, Filter, Literal};
use crate::scim::path::AttrPath;
use crate::scim::rules::{ReferenceDefinition, RuleDefinition};

/// A rule as sentences: what is needed, what follows the other way round, what has to be named.
pub fn sentences(rule: &RuleDefinition) -> Vec<String> {
    let when = rule.when.as_deref();
    let whom = when.map_or_else(|| "Every user".to_owned(), |when| format!("A user {}", whom(when)));
    let needs = listed(rule.require.iter().map(|one| need(one)).collect());
    let mut told = Vec::new();
    if !rule.require.is_empty() {
        told.push(format!("{whom} needs {needs}."));
    }
    if let Some(when) = when.filter(|_| rule.and_vice_versa) {
        let has = listed(rule.require.iter().map(|one| having(one)).collect());
        told.push(format!("And vice versa: a user {has} needs {}.", need(when)));
    }
    if !rule.references.is_empty() {
        let reference = |(path, to): (&String, &ReferenceDefinition)| {
            let target = to.resource_type();
            let article = if target.starts_with(['A', 'E', 'I', 'O']) { "an" } else { "a" };
            let which = to.condition().map(|condition| format!(" {}", self::whom(condition))).unwrap_or_default();
            format!("{} must name {article} {target}{which}", attribute(path))
        };
        let named = rule.references.iter().map(reference).collect::<Vec<_>>().join("; ");
        told.push(if rule.require.is_empty() { format!("{whom}: {named}.") } else { format!("{named}.") });
    }
    told
}

/// `with role learner`, as it stands behind "a user".
fn whom(filter: &str) -> String {
    Filter::parse(filter).ok().and_then(|filter| described(&filter)).unwrap_or_else(|| format!("for whom {filter}"))
}

/// What a requirement asks for, as it stands behind "needs".
fn need(requirement: &str) -> String {
    if AttrPath::parse(requirement).is_ok() {
        return attribute(requirement);
    }
    let needed = Filter::parse(requirement).ok().and_then(|filter| match filter {
        Filter::Present { path, .. } => Some(attribute(&path.to_string())),
        Filter::And(parts) => parts.iter().map(needed).collect::<Option<Vec<_>>>().map(listed),
        Filter::Or(parts) => either(&parts),
        filter => needed(&filter),
    });
    needed.unwrap_or_else(|| format!("that {requirement}"))
}

fn needed(filter: &Filter) -> Option<String> {
    match filter {
        Filter::Present { path, .. } => Some(attribute(&path.to_string())),
        Filter::Compare { path, op: CompareOp::Equal, value, .. } if is_roles(path) => {
            Some(format!("role {}", text(value)?))
        }
        Filter::Compare { path, op, value, .. } => {
            Some(format!("{} to {}", attribute(&path.to_string()), verb(*op, "be", value)?))
        }
        _ => None,
    }
}

/// What somebody has who meets a requirement, as it stands behind "a user".
fn having(requirement: &str) -> String {
    if AttrPath::parse(requirement).is_ok() { format!("with {}", attribute(requirement)) } else { whom(requirement) }
}

fn described(filter: &Filter) -> Option<String> {
    match filter {
        Filter::And(parts) => {
            let parts: Option<Vec<String>> =
                parts.iter().map(|part| if matches!(part, Filter::Or(_)) { None } else { described(part) }).collect();
            parts.map(listed)
        }
        Filter::Or(parts) => either(parts).map(|roles| format!("with {roles}")).or_else(|| {
            let parts: Option<Vec<String>> =
                parts.iter().map(|part| if matches!(part, Filter::And(_)) { None } else { described(part) }).collect();
            parts.map(|parts| parts.join(" or "))
        }),
        Filter::Present { path, .. } => Some(format!("with {}", attribute(&path.to_string()))),
        Filter::Compare { path, op: CompareOp::Equal, value, .. } if is_roles(path) => {
            Some(format!("with role {}", text(value)?))
        }
        Filter::Compare { path, op, value, .. } => {
            Some(format!("whose {} {}", attribute(&path.to_string()), verb(*op, "is", value)?))
        }
        Filter::Not(inner) => match inner.as_ref() {
            Filter::Present { path, .. } => Some(format!("without {}", attribute(&path.to_string()))),
            Filter::Compare { path, op: CompareOp::Equal, value, .. } if is_roles(path) => {
                Some(format!("without role {}", text(value)?))
            }
            _ => None,
        },
        Filter::ValuePath { .. } => None,
    }
}

/// `role 40 or 45`, where all parts ask for a role.
fn either(parts: &[Filter]) -> Option<String> {
    let role = |part: &Filter| match part {
        Filter::Compare { path, op: CompareOp::Equal, value, .. } if is_roles(path) => text(value),
        _ => None,
    };
    let roles: Option<Vec<String>> = parts.iter().map(role).collect();
    Some(format!("role {}", roles?.join(" or ")))
}

fn is_roles(path: &AttrPath) -> bool {
    path.name.eq_ignore_ascii_case("roles") && path.sub.as_deref().is_none_or(|sub| sub.eq_ignore_ascii_case("value"))
}

fn verb(op: CompareOp, is: &str, value: &Literal) -> Option<String> {
    let text = text(value)?;
    let plain = is == "be";
    let or = |third: &str, first: &str| if plain { first.to_owned() } else { third.to_owned() };
    Some(match op {
        CompareOp::Equal => format!("{is} {text}"),
        CompareOp::NotEqual => {
            if plain {
                format!("not be {text}")
            } else {
                format!("{is} not {text}")
            }
        }
        CompareOp::Contains => format!("{} {text}", or("contains", "contain")),
        CompareOp::StartsWith => format!("{} with {text}", or("begins", "begin")),
        CompareOp::EndsWith => format!("{} with {text}", or("ends", "end")),
        CompareOp::Greater => format!("{is} more than {text}"),
        CompareOp::GreaterOrEqual => format!("{is} at least {text}"),
        CompareOp::Less => format!("{is} less than {text}"),
        CompareOp::LessOrEqual => format!("{is} at most {text}"),
    })
}

fn text(value: &Literal) -> Option<String> {
    match value {
        Literal::Null => None,
        Literal::Boolean(value) => Some(value.to_string()),
        Literal::Number(value) => Some(value.to_string()),
        Literal::String(value) if value.is_empty() => None,
        Literal::String(value) => Some(value.clone()),
    }
}

/// An attribute without the URN of its schema, and without the `value` that every list of such has.
fn attribute(path: &str) -> String {
    let name = match path.rsplit_once(':') {
        Some((urn, name)) if urn.starts_with("urn:") => name,
        _ => path,
    };
    name.strip_suffix(".value").unwrap_or(name).to_owned()
}

/// `a, b and c`
fn listed(mut parts: Vec<String>) -> String {
    let Some(last) = parts.pop() else { return String::new() };
    if parts.is_empty() { last } else { format!("{} and {last}", parts.join(", ")) }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn told(rule: Value) -> String {
        sentences(&RuleDefinition::read(&rule).unwrap()).join(" ")
    }

    #[test]
    fn rules_of_the_examples_read_as_people_say_them() {
        let learner = json!({
            "name": "learner", "when": "roles.value eq \"learner\"",
            "require": ["defaultAssessor", "classroom", "placement"],
            "references": {
                "defaultAssessor": {"type": "User", "where": "roles.value eq \"5\" or roles.value eq \"4\""},
                "classroom": "Classroom",
            },
        });
        assert_eq!(
            told(learner),
            "A user with role learner needs defaultAssessor, classroom and placement. \
             classroom must name a Classroom; defaultAssessor must name a User with role 5 or 4."
        );
        let both = json!({
            "name": "resource-role", "when": "resource pr", "require": "roles.value eq \"Resource\"", "andViceVersa": true,
        });
        assert_eq!(
            told(both),
            "A user with resource needs role Resource. And vice versa: a user with role Resource needs resource."
        );
        let region = json!({
            "name": "r", "when": "resource pr or roles.value eq \"Resource\"", "require": ["regionId", "isActive eq true"],
        });
        assert_eq!(told(region), "A user with resource or with role Resource needs regionId and isActive to be true.");
        let all = json!({"name": "e", "require": ["name.givenName", "emails.value", "urn:acme:2.0:User:badge"]});
        assert_eq!(told(all), "Every user needs name.givenName, emails and badge.");
    }

    #[test]
    fn what_cannot_be_said_simply_is_told_as_it_is() {
        let odd = json!({
            "name": "o", "when": "emails[type eq \"work\"]", "require": ["not (title co \"x\")", "name.formatted sw \"A\""],
        });
        assert_eq!(
            told(odd),
            "A user for whom emails[type eq \"work\"] needs that not (title co \"x\") and name.formatted to begin with A."
        );
        let mixed =
            json!({"name": "m", "when": "(title pr or active eq true) and userType eq \"x\"", "require": "title pr"});
        assert_eq!(told(mixed), "A user for whom (title pr or active eq true) and userType eq \"x\" needs title.");
        let only = json!({"name": "r", "references": {"manager": "User"}});
        assert_eq!(told(only), "Every user: manager must name a User.");
    }
}
