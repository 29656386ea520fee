//! `/console/t/{slug}/rules`: what a tenant's users must have, and the roles that ask for it.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::error::{ConsoleError, sentence};
use super::fields::Fields;
use super::flash::Flash;
use super::pages::{Choice, Here, Notice, RoleRow, RuleExample, RulePage, RuleRow, Rules, Tone};
use super::rule_words::sentences;
use super::trust::{self, Wrongs};
use super::{ConsoleAnswer, Place, Visit, definitions, reply, resources};
use crate::gateway::{GatewayError, RuleChange, RulesError};
use crate::http::error::HttpError;
use crate::model::{Caller, Preconditions, ResourceId, Role};
use crate::scim::rules::{ReferenceDefinition, RuleDefinition};
use crate::scim::schema::own::InvalidDefinition;
use crate::scim::urn;

/// Roles on the page; a tenant has few.
const ROLES: u32 = 200;
/// What programs can be told.
const CODES: [(&str, &str); 5] = [
    ("", "What fits"),
    ("missing_required_attributes", "missing_required_attributes"),
    ("users_need_resource_role", "users_need_resource_role"),
    ("rule_broken", "rule_broken"),
    ("unknown_reference", "unknown_reference"),
];

/// Rules to begin with: a key, what it shows, and the rule.
const EXAMPLES: [(&str, &str, &str); 3] = [
    (
        "learner",
        "What a role needs",
        r#"{"name": "learner", "description": "A learner has an assessor, a classroom and a placement",
            "when": "roles.value eq \"learner\"", "require": ["defaultAssessor", "classroom", "placement"],
            "references": {"defaultAssessor": {"type": "User", "where": "roles.value eq \"assessor\""},
                "classroom": "Classroom", "placement": "Placement"}}"#,
    ),
    (
        "resource-role",
        "Two things that come together",
        r#"{"name": "resource-role", "description": "The resource and the role come together", "when": "resource pr",
            "require": ["roles.value eq \"Resource\""], "andViceVersa": true, "code": "users_need_resource_role",
            "message": "Users with an assigned resource must have Resource role and vice versa."}"#,
    ),
    (
        "everybody",
        "What everybody needs",
        r#"{"name": "everybody", "description": "The fields that are mandatory for all users",
            "require": ["name.givenName", "name.familyName", "emails.value"]}"#,
    ),
];

/// Hands a request to its page.
pub async fn route(visit: &Visit<'_>, place: &Place, path: &[&str]) -> ConsoleAnswer {
    match (path, visit.is_post()) {
        ([], false) => list(visit, place, None).await,
        ([], true) => put(visit, place).await,
        (["new"], false) => {
            visit.may_write()?;
            let said = example(visit.query.get("example")).as_ref().map(as_fields).unwrap_or_default();
            reply::page(&form(visit, place, &said, true))
        }
        (["edit"], false) => edit(visit, place).await,
        (["remove"], true) => remove(visit, place).await,
        (["roles", group], true) => {
            let group = group.parse().map_err(|_| ConsoleError::NotFound)?;
            weigh(visit, place, group).await
        }
        _ => Err(ConsoleError::NotFound),
    }
}

fn url(place: &Place) -> String {
    format!("/console/t/{}/rules", place.tenant.slug)
}

fn example(key: &str) -> Option<RuleDefinition> {
    let (_, _, text) = EXAMPLES.into_iter().find(|(known, ..)| *known == key)?;
    RuleDefinition::read(&serde_json::from_str(text).ok()?).ok()
}

async fn list(visit: &Visit<'_>, place: &Place, problem: Option<Notice>) -> ConsoleAnswer {
    let store = visit.store(place);
    let (_, registry) = store.registry().await?;
    let roles = store.list_roles("roles", 0, ROLES).await?;
    let examples = EXAMPLES.into_iter().filter_map(|(key, title, _)| {
        let told = sentences(&example(key)?).join(" ");
        Some(RuleExample { key, title, told })
    });
    reply::page(&Rules {
        shell: visit.shell("Rules", Here::Rules, place),
        rules: registry.rules.iter().map(|rule| row(rule)).collect(),
        roles: roles.iter().map(|role| role_row(place, role)).collect(),
        examples: examples.collect(),
        problem,
    })
}

fn row(rule: &RuleDefinition) -> RuleRow {
    RuleRow {
        name: rule.name.clone(),
        description: rule.description.clone(),
        sentences: sentences(rule),
        json: serde_json::to_string_pretty(rule).unwrap_or_default(),
    }
}

fn role_row(place: &Place, role: &Role) -> RoleRow {
    let document: Value = serde_json::from_str(&role.document).unwrap_or_default();
    let carried = &document[urn::ROLE];
    let id = carried["roleId"].as_str().unwrap_or(&role.key);
    let reference = |(path, kind): (&str, &str)| format!("{path} names a {kind}");
    RoleRow {
        group: role.group.to_string(),
        url: format!("{}/{}", resources::url(place, "Group"), role.group),
        name: document["displayName"].as_str().unwrap_or(id).to_owned(),
        id: id.to_owned(),
        weight: carried["weight"].as_i64().unwrap_or_default(),
        requires: Role::requires(carried).map(str::to_owned).collect(),
        references: Role::references(carried).map(reference).collect(),
        holders: role.holders,
    }
}

/// What a form would say to get a rule.
fn as_fields(rule: &RuleDefinition) -> Fields {
    let reference = |(path, to): (&String, &ReferenceDefinition)| {
        let condition = to.condition().map(|condition| format!(" where {condition}")).unwrap_or_default();
        format!("{path} = {}{condition}", to.resource_type())
    };
    let code = serde_json::to_value(rule.code).ok();
    Fields::of(vec![
        ("name", rule.name.clone()),
        ("description", rule.description.clone()),
        ("when", rule.when.clone().unwrap_or_default()),
        ("require", rule.require.join("\n")),
        ("both", if rule.and_vice_versa { "yes".to_owned() } else { String::new() }),
        ("references", rule.references.iter().map(reference).collect::<Vec<_>>().join("\n")),
        ("code", code.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned()),
        ("message", rule.message.clone().unwrap_or_default()),
    ])
}

/// The rule that a form tells of.
fn asked(said: &Fields) -> Result<RuleDefinition, InvalidDefinition> {
    let mut rule = Map::new();
    for (field, member) in
        [("name", "name"), ("description", "description"), ("when", "when"), ("code", "code"), ("message", "message")]
    {
        let text = said.get(field);
        if !text.is_empty() || field == "name" {
            rule.insert(member.to_owned(), text.into());
        }
    }
    let require: Vec<&str> = lines(said.get("require")).collect();
    if !require.is_empty() {
        rule.insert("require".to_owned(), json!(require));
    }
    if !said.get("both").is_empty() {
        rule.insert("andViceVersa".to_owned(), true.into());
    }
    let mut references = Map::new();
    for line in lines(said.get("references")) {
        let Some((path, to)) = line.split_once('=') else {
            let told = format!("the reference \"{line}\" is not written as classroom = Classroom");
            return Err(InvalidDefinition(vec![told]));
        };
        let to = match to.trim().split_once(" where ") {
            Some((kind, condition)) => json!({"type": kind.trim(), "where": condition.trim()}),
            None => json!(to.trim()),
        };
        references.insert(path.trim().to_owned(), to);
    }
    if !references.is_empty() {
        rule.insert("references".to_owned(), references.into());
    }
    RuleDefinition::read(&Value::Object(rule))
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// The form, with what is said in it.
fn form(visit: &Visit<'_>, place: &Place, said: &Fields, is_new: bool) -> RulePage {
    let none = Wrongs::new();
    let field = |id, label, hint, example| trust::field(said, &none, [id, label, hint, example]);
    RulePage {
        shell: visit.shell(if is_new { "New rule" } else { "Edit a rule" }, Here::Rules, place),
        is_new,
        name: field("name", "Name", "Letters, digits, - and _.", "learner"),
        description: field("description", "Description", "For people; may be empty.", "A learner has a classroom"),
        when: field(
            "when",
            "For whom",
            "A SCIM filter over users. Empty, the rule is for every user.",
            "roles.value eq \"learner\"",
        ),
        require: field(
            "require",
            "What they must have",
            "One a line: the path of an attribute, or a condition as a filter.",
            "classroom",
        ),
        is_both: !said.get("both").is_empty(),
        references: field(
            "references",
            "What must name something that is there",
            "One a line: an attribute, and the resource type that its value is the id of; with a condition behind “where”.",
            "defaultAssessor = User where roles.value eq \"assessor\"",
        ),
        message: field("message", "Message", "What people are told before what is missing; may be empty.", ""),
        codes: CODES.into_iter().map(|(key, text)| Choice::new(key, text, key == said.get("code"))).collect(),
        leaves_alone: !said.get("leave").is_empty(),
        preview: asked(said).map(|rule| sentences(&rule)).unwrap_or_default(),
        told: None,
        problems: Vec::new(),
        offenders: Vec::new(),
    }
}

async fn edit(visit: &Visit<'_>, place: &Place) -> ConsoleAnswer {
    visit.may_write()?;
    let (_, registry) = visit.store(place).registry().await?;
    let rule = registry.rule(visit.query.get("name")).ok_or(ConsoleError::NotFound)?;
    reply::page(&form(visit, place, &as_fields(rule), false))
}

/// Saves what the form says, or only looks who breaks it.
async fn put(visit: &Visit<'_>, place: &Place) -> ConsoleAnswer {
    visit.may_write()?;
    let said = &visit.form;
    let (only_checks, leave) = (said.get("act") == "check", !said.get("leave").is_empty());
    let mut page = form(visit, place, said, said.get("known").is_empty());
    let (gateway, tenant) = (&visit.app.gateway, place.tenant.id);
    let outcome = match asked(said) {
        Err(problem) => Err(RulesError::Invalid(problem)),
        Ok(rule) if only_checks => gateway.check_rules(tenant, vec![rule]).await.map(Some),
        Ok(rule) => {
            let change = RuleChange::Put { rules: vec![rule], for_new_writes: leave };
            gateway.change_rules(tenant, change, &visit.caller.origin).await.map(|_| None)
        }
    };
    match outcome {
        Ok(None) => return reply::done(&url(place), Flash::RuleSaved),
        Ok(Some(users)) => {
            let text = match users {
                0 => "There is no user yet who could break it. Nothing was saved.".to_owned(),
                1 => "The one user there is keeps it. Nothing was saved.".to_owned(),
                users => format!("All {users} users keep it. Nothing was saved."),
            };
            page.told = Some(Notice { tone: Tone::Ok, text });
        }
        Err(RulesError::Store(error)) => return Err(error.into()),
        Err(RulesError::Invalid(InvalidDefinition(problems))) => page.problems = problems,
        Err(RulesError::Violated(offenders)) => page.offenders = definitions::offender_views(place, offenders),
        Err(error) => page.problems = vec![sentence(&error.to_string())],
    }
    reply::page(&page)
}

async fn remove(visit: &Visit<'_>, place: &Place) -> ConsoleAnswer {
    visit.may_write()?;
    let change = RuleChange::Remove(visit.form.get("name").to_owned());
    match visit.app.gateway.change_rules(place.tenant.id, change, &visit.caller.origin).await {
        Ok(_) => reply::done(&url(place), Flash::RuleRemoved),
        Err(RulesError::Store(error)) => Err(error.into()),
        Err(error) => list(visit, place, Some(Notice::problem(sentence(&error.to_string())))).await,
    }
}

/// Sets how heavy a role is.
async fn weigh(visit: &Visit<'_>, place: &Place, group: ResourceId) -> ConsoleAnswer {
    visit.may_write()?;
    let Ok(weight) = visit.form.get("weight").parse::<i32>() else {
        let told = "A weight is a whole number, as 0, 10 or 100.";
        return list(visit, place, Some(Notice::problem(told))).await;
    };
    if visit.store(place).role_of("roles", group).await?.is_none() {
        return Err(ConsoleError::NotFound);
    }
    let kind = place.catalog.named("Group").ok_or(ConsoleError::NotFound)?;
    let caller =
        Caller::administrator(Arc::new(place.tenant.clone()), place.catalog.clone(), &visit.caller.origin, visit.id);
    let change = json!({
        "schemas": [urn::PATCH_OP],
        "Operations": [{"op": "replace", "path": format!("{}:weight", urn::ROLE), "value": weight}],
    });
    match visit.app.gateway.patch(&caller, kind, group, &Preconditions::default(), change).await {
        Ok(_) => reply::done(&url(place), Flash::Saved),
        Err(GatewayError::NotFound { .. }) => Err(ConsoleError::NotFound),
        Err(error) => Err(HttpError::from(error).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_says_what_a_rule_is_and_every_example_is_one() {
        for (key, ..) in EXAMPLES {
            let rule = example(key).unwrap();
            assert_eq!(asked(&as_fields(&rule)).unwrap(), rule);
        }
        assert!(example("nothing").is_none());
    }

    #[test]
    fn what_is_wrong_with_a_rule_is_told() {
        let said = |pairs: Vec<(&str, &str)>| {
            Fields::of(pairs.into_iter().map(|(name, text)| (name, text.to_owned())).collect())
        };
        let InvalidDefinition(told) =
            asked(&said(vec![("name", "r"), ("references", "classroom Classroom")])).unwrap_err();
        assert_eq!(told, ["the reference \"classroom Classroom\" is not written as classroom = Classroom"]);
        let InvalidDefinition(told) = asked(&said(vec![("name", "a b")])).unwrap_err();
        assert_eq!(told.len(), 2, "{told:?}");
    }
}
