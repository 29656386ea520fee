//! What rules say, by themselves.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Offence, RuleCode, RuleDefinition};
use crate::scim::dialect::Dialect;
use crate::scim::resource::{Draft, Resource};
use crate::scim::schema::own::{InvalidDefinition, Registry};
use crate::scim::schema::{Catalog, builtin};

fn catalog(rules: &[Value]) -> Result<Catalog, InvalidDefinition> {
    let mut registry = Registry::default();
    for rule in rules {
        registry.put_rule(Arc::new(RuleDefinition::read(rule)?));
    }
    registry.catalog(builtin())
}

fn user(mut body: Value) -> Resource {
    body["userName"] = json!("u");
    let kind = builtin().named("User").unwrap();
    Draft::parse(body, kind, &Dialect::default()).unwrap().resource
}

/// What a rule says of a change; references lead nowhere.
fn offences(rule: Value, before: Option<Value>, after: Value) -> Vec<Offence> {
    let catalog = catalog(&[rule]).unwrap();
    let before = before.map(user).unwrap_or_default();
    catalog.rules().look_at(&before, &user(after)).offences(|_| false)
}

fn pilot() -> Value {
    json!({"name": "pilot", "when": "userType eq \"pilot\"", "require": ["title", "department", "name.familyName"]})
}

#[test]
fn all_that_is_missing_is_told_at_once() {
    let found = offences(pilot(), None, json!({"userType": "Pilot", "title": "Cpt"}));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].fields, ["department", "name.familyName"]);
    assert_eq!(found[0].text, "a user with userType eq \"pilot\" must have department, name.familyName");
    assert_eq!((found[0].code, found[0].rule.as_str()), (RuleCode::MissingRequiredAttributes, "pilot"));
    assert_eq!(offences(pilot(), None, json!({"userType": "cook"})), []);
    let everybody = offences(json!({"name": "all", "require": "title pr and nickName sw \"x\""}), None, json!({}));
    assert_eq!(everybody[0].text, "every user must have title, and must meet nickName sw \"x\"");
}

#[test]
fn what_held_before_is_not_held_against_a_change() {
    let (bare, titled) = (json!({"userType": "pilot"}), json!({"userType": "pilot", "title": "Cpt"}));
    assert_eq!(offences(pilot(), Some(bare.clone()), titled.clone()), []);
    let lost = offences(pilot(), Some(titled), bare.clone());
    assert_eq!(lost[0].fields, ["title"], "what is lacking since before is not told");
    assert_eq!(offences(pilot(), Some(json!({"userType": "cook"})), bare)[0].fields.len(), 3);
}

#[test]
fn whoever_is_deactivated_is_let_go_and_looked_at_on_the_way_back() {
    let whole = json!({"userType": "pilot", "title": "Cpt", "name": {"familyName": "F"}, "active": true});
    let gone = json!({"userType": "pilot", "active": false});
    assert_eq!(offences(pilot(), Some(whole), gone.clone()), []);
    assert_eq!(offences(pilot(), Some(gone.clone()), gone.clone()), []);
    let back = json!({"userType": "pilot", "active": true});
    assert_eq!(offences(pilot(), Some(gone.clone()), back)[0].fields.len(), 3);
    assert_eq!(offences(pilot(), None, gone).len(), 1, "a user who is created inactive is looked at");
}

#[test]
fn a_rule_that_holds_both_ways_is_told_both_ways() {
    let rule = json!({
        "name": "pair", "when": "title pr", "require": "userType eq \"pilot\"", "andViceVersa": true,
        "code": "users_need_resource_role", "message": "They come together."
    });
    let forth = offences(rule.clone(), None, json!({"title": "Cpt"}));
    let expected = "They come together (a user with title pr must meet userType eq \"pilot\")";
    assert_eq!((forth[0].text.as_str(), forth[0].code), (expected, RuleCode::UsersNeedResourceRole));
    let back = offences(rule.clone(), None, json!({"userType": "pilot"}));
    assert_eq!(back[0].text, "They come together (a user with userType eq \"pilot\" must have title)");
    assert_eq!(back[0].fields, ["title"]);
    assert_eq!(offences(rule.clone(), None, json!({"userType": "pilot", "title": "Cpt"})), []);
    assert_eq!(offences(rule.clone(), None, json!({})), []);
    assert_eq!(offences(rule, Some(json!({"userType": "pilot"})), json!({"userType": "pilot", "nickName": "n"})), []);
}

#[test]
fn each_new_value_of_a_reference_is_asked_for_once() {
    let rule = json!({
        "name": "seen", "references": {"emails.value": {"type": "Group", "where": "displayName sw \"x\""}}
    });
    let emails = |values: &[&str]| {
        let emails: Vec<Value> = values.iter().map(|value| json!({"value": value})).collect();
        user(json!({"emails": emails}))
    };
    let catalog = catalog(std::slice::from_ref(&rule)).unwrap();
    let findings = catalog.rules().look_at(&emails(&["a", "b"]), &emails(&["b", "c", "d"]));
    let asked: Vec<&str> = findings.asked().iter().map(|asked| asked.value.as_str()).collect();
    assert_eq!(asked, ["c", "d"]);
    let resource = |name: &str| Resource::from_document(&json!({"displayName": name}).to_string()).unwrap();
    let to = &findings.asked()[0].to;
    assert!(to.accepts("Group", &resource("X1")) && !to.accepts("User", &resource("x1")));
    assert!(!to.accepts("Group", &resource("y")));
    let found = findings.offences(|asked| asked.value == "d");
    assert_eq!(
        (found[0].code, found[0].fields.as_slice()),
        (RuleCode::UnknownReference, &["emails.value".to_owned()][..])
    );
    assert_eq!(
        found[0].text,
        "every user must have in emails.value the id of a Group that is there and has displayName sw \"x\", which \"c\" is not"
    );
}

#[test]
fn what_cannot_be_a_rule_is_told_with_its_place() {
    let told = |rule: Value| catalog(&[rule]).unwrap_err().to_string();
    assert!(told(json!([])).contains("must be an object"));
    let many = told(json!({
        "name": "1", "whom": 1, "when": "", "require": [1], "references": {"a": {}}, "code": "other", "andViceVersa": "yes"
    }));
    for part in [
        "name: must be a letter",
        "\"whom\" is not known",
        "when: must not be empty",
        "require: must be a filter",
        "references.a: must be the name",
        "code: must be one of missing_required_attributes",
        "andViceVersa: must be true",
    ] {
        assert!(many.contains(part), "{part} in {many}");
    }
    assert!(told(json!({"name": "a"})).contains("requires nothing"));
    assert!(
        told(json!({"name": "a", "require": "title pr", "andViceVersa": true})).contains("needs both when and require")
    );
    for (rule, expected) in [
        (
            json!({"name": "a", "when": "shoeSize pr", "require": "title"}),
            "a.when: is not valid at position 0: 'shoeSize' is not",
        ),
        (json!({"name": "a", "require": ["title", "meta.created"]}), "a.require: meta is not kept"),
        (json!({"name": "a", "require": ["password"]}), "never returned"),
        (
            json!({"name": "a", "references": {"title": "Spaceship"}}),
            "a.references.title: there is no resource type Spaceship",
        ),
        (json!({"name": "a", "references": {"active": "Group"}}), "active is neither a string nor a reference"),
        (
            json!({"name": "a", "references": {"title": {"type": "Group", "where": "title pr"}}}),
            "is not an attribute of Group",
        ),
    ] {
        let told = told(rule);
        assert!(told.contains(expected), "{expected} in {told}");
    }
}

#[test]
fn a_rule_is_kept_as_it_was_read() {
    let rule = json!({
        "name": "r", "description": "d", "when": "title pr", "require": ["nickName"], "andViceVersa": true,
        "references": {"title": "Group", "nickName": {"type": "User", "where": "title pr"}}, "code": "rule_broken", "message": "m"
    });
    let read = RuleDefinition::read(&rule).unwrap();
    let kept = serde_json::to_value(&read).unwrap();
    assert_eq!(serde_json::from_value::<RuleDefinition>(kept.clone()).unwrap(), read);
    assert_eq!(RuleDefinition::read(&kept).unwrap(), read);
    assert_eq!(kept, rule);
}
