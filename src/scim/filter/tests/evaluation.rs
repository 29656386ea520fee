//! What a filter finds, leaf by leaf.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::scim::filter::CheckedFilter;
use crate::scim::schema::{ResourceType, Schema};
use crate::scim::urn::{self, SchemaUri};

use super::{group, user};

fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => panic!("{other}"),
    }
}

fn holds(resource_type: &ResourceType, text: &str, resource: &Map<String, Value>) -> bool {
    CheckedFilter::parse(text, resource_type).unwrap_or_else(|error| panic!("{text}: {error}")).matches(resource)
}

fn babs() -> Map<String, Value> {
    let mut user = map(json!({
        "schemas": [urn::USER, urn::ENTERPRISE_USER],
        "id": "2819c223",
        "externalId": "ExT-1",
        "userName": "bjensen@example.com",
        "name": { "familyName": "Jénsen" },
        "active": false,
        "emails": [{ "value": "Babs@work.example", "type": "work", "primary": true }, { "value": "babs@home.example" }],
        "meta": { "resourceType": "User", "created": "2011-05-13T06:42:34+02:00", "version": "W/\"1\"" }
    }));
    user.insert(urn::ENTERPRISE_USER.to_owned(), json!({ "manager": { "value": "Boss" } }));
    user
}

#[track_caller]
fn finds(expected: bool, filters: &[&str]) {
    for text in filters {
        assert_eq!(holds(user(), text, &babs()), expected, "{text}");
    }
}

#[test]
fn an_absent_attribute_makes_every_comparison_false_but_ne() {
    for op in ["eq", "co", "sw", "ew", "gt", "ge", "lt", "le"] {
        finds(false, &[&format!("title {op} \"x\""), &format!("title {op} \"\""), &format!("roles.value {op} \"x\"")]);
    }
    finds(
        false,
        &["title pr", "title ne null", "roles pr", "roles[type pr]", "roles[not (type pr)]", "roles[type ne \"x\"]"],
    );
    finds(
        true,
        &[
            "title ne \"x\"",
            "title ne \"\"",
            "roles.value ne \"x\"",
            "meta.lastModified ne \"2011-05-13T04:42:34Z\"",
            "emails[type ne \"work\"]",
        ],
    );
    finds(true, &["title eq null", "roles eq null", "not (title eq \"x\")", "not (roles[type pr])"]);
}

#[test]
fn one_value_of_several_is_enough_for_every_operator() {
    finds(
        true,
        &[
            "emails.value eq \"babs@home.example\"",
            "emails ne \"babs@home.example\"",
            "emails co \"HOME\"",
            "emails.value ew \".EXAMPLE\"",
        ],
    );
    finds(true, &["emails.type pr", "emails[not (type pr)]", "emails[type eq null and value sw \"babs@h\"]"]);
    finds(
        false,
        &[
            "emails.type ne \"work\"",
            "emails[type eq \"work\" and value co \"home\"]",
            "emails[type eq \"work\"].value co \"home\"",
        ],
    );
    finds(true, &["emails.type eq \"work\" and emails.value co \"home\"", "emails.primary eq true"]);
    finds(true, &["schemas[value co \"enterprise\"]", "schemas ne \"urn:x\"", "schemas pr"]);
    finds(
        false,
        &[
            "schemas[value co \"core\" and value co \"enterprise\"]",
            "schemas eq \"URN:ietf:params:scim:schemas:core:2.0:User\"",
        ],
    );
}

#[test]
fn a_single_complex_attribute_has_one_value() {
    finds(true, &["name[familyName sw \"J\"]", "name[not (givenName pr)]", "name pr"]);
    finds(false, &["name[givenName pr]", "name[familyName pr and givenName pr]"]);
}

#[test]
fn strings_compare_folded_or_exactly_as_the_schema_says() {
    finds(
        true,
        &["userName eq \"BJENSEN@EXAMPLE.COM\"", "name.familyName eq \"JE\u{301}NSEN\"", "externalId eq \"ExT-1\""],
    );
    finds(true, &["userName co \"\"", "userName sw \"\"", "userName ew \"\"", "userName gt \"\"", "userName ne \"\""]);
    finds(
        false,
        &[
            "externalId eq \"ext-1\"",
            "externalId sw \"ext\"",
            "userName eq \"\"",
            "userName co \"%\"",
            "userName sw \"_\"",
        ],
    );
    finds(true, &["userName gt \"B\"", "userName le \"BJENSEN@example.com\"", "name.familyName gt \"jz\""]);
    finds(
        true,
        &[&format!("{}:manager eq \"Boss\"", urn::ENTERPRISE_USER), &format!("{}:manager pr", urn::ENTERPRISE_USER)],
    );
    finds(false, &[&format!("{}:manager eq \"boss\"", urn::ENTERPRISE_USER)]);
    finds(true, &["meta.version eq \"W/\\\"1\\\"\"", "meta.resourceType eq \"User\"", "id eq \"2819c223\""]);
}

#[test]
fn order_is_by_code_point_not_by_utf_16() {
    let resource = map(json!({ "userName": "\u{ff5e}" }));
    assert!(holds(user(), "userName lt \"\\ud83d\\ude00\"", &resource));
}

#[test]
fn a_boolean_that_is_false_is_present() {
    finds(true, &["active pr", "active eq false", "active ne true", "active eq \"False\"", "active ne null"]);
    finds(false, &["active eq true", "active ne false"]);
}

#[test]
fn dates_compare_as_instants_to_the_microsecond() {
    finds(true, &["meta.created eq \"2011-05-13T04:42:34Z\"", "meta.created eq \"2011-05-13T04:42:34.0000009\""]);
    finds(
        true,
        &["meta.created lt \"2011-05-13T04:42:34.000001Z\"", "meta.created ge \"0001-01-03T00:00:00.0000000Z\""],
    );
    finds(false, &["meta.created gt \"2011-05-13T04:42:34Z\"", "meta.created ne \"2011-05-13T04:42:34Z\""]);
}

#[test]
fn what_is_empty_is_not_present() {
    for value in [json!(null), json!(""), json!([]), json!({}), json!([{ "value": "" }, {}]), json!({ "value": null })]
    {
        let resource = map(json!({ "emails": value, "title": "" }));
        assert!(!holds(user(), "emails pr", &resource), "{value}");
        assert!(!holds(user(), "title pr", &resource));
        assert!(holds(user(), "title eq \"\"", &resource));
    }
}

#[test]
fn null_is_no_value() {
    for value in [json!(null), json!([null])] {
        let resource = map(json!({ "emails": value }));
        for text in ["emails[not (type pr)]", "emails pr", "emails eq \"x\""] {
            assert!(!holds(user(), text, &resource), "{text} {value}");
        }
        assert!(holds(user(), "emails ne \"x\"", &resource), "{value}");
    }
}

#[test]
fn a_value_of_another_type_compares_false() {
    let resource = map(json!({ "userName": 5, "active": "true", "emails": "x", "meta": { "created": "soon" } }));
    for text in ["userName ne \"x\"", "active eq true", "active ne true", "meta.created ne \"2011-05-13T04:42:34Z\""] {
        assert!(!holds(user(), text, &resource), "{text}");
    }
}

#[test]
fn members_count_if_they_are_there() {
    let resource = map(json!({ "displayName": "x", "members": [{ "value": "a", "type": "User" }, { "value": "B" }] }));
    for text in
        ["members.value eq \"a\"", "members eq \"B\"", "members[value eq \"a\" and type eq \"user\"]", "members pr"]
    {
        assert!(holds(group(), text, &resource), "{text}");
    }
    for text in ["members.value eq \"b\"", "members[value eq \"B\" and type pr]"] {
        assert!(!holds(group(), text, &resource), "{text}");
    }
}

/// A resource type with what the built-in schemas have none of.
fn numbers() -> ResourceType {
    let attribute = |definition: Value| Arc::new(serde_json::from_value(definition).unwrap());
    let schema = Schema {
        uri: SchemaUri::new("urn:example:2.0:Person"),
        name: "Person".to_owned(),
        description: String::new(),
        attributes: vec![
            attribute(json!({ "name": "children", "type": "integer" })),
            attribute(json!({ "name": "weight", "type": "decimal", "multiValued": true })),
            attribute(json!({ "name": "pets", "type": "complex", "subAttributes": [
                { "name": "names", "multiValued": true },
                { "name": "pin", "returned": "never" },
                { "name": "value", "mutability": "writeOnly" }
            ] })),
        ],
    };
    ResourceType { schema: Arc::new(schema), extensions: Vec::new(), ..user().clone() }
}

#[test]
fn numbers_compare_by_value() {
    let resource = map(json!({ "children": 9_007_199_254_740_993_i64, "weight": [175.5, 80] }));
    for text in [
        "children eq 9007199254740993",
        "children ne 9007199254740992",
        "children gt 4.5",
        "children lt 18446744073709551615",
        "weight eq 175.50",
        "weight eq 80",
        "weight lt 81",
        "weight[value gt 175]",
    ] {
        assert!(holds(&numbers(), text, &resource), "{text}");
    }
    for text in ["children gt 9007199254740993", "weight gt 175.5", "weight eq 1755e-2"] {
        assert!(!holds(&numbers(), text, &resource), "{text}");
    }
    for text in ["children co 9", "weight sw 1", "children eq \"9\"", "weight eq true"] {
        assert!(CheckedFilter::parse(text, &numbers()).is_err(), "{text}");
    }
}

#[test]
fn sub_attributes_may_have_several_values_and_may_be_hidden() {
    let resource = map(json!({ "pets": { "names": ["Rex", "Tom"], "pin": "1", "value": "2" } }));
    for text in ["pets.names eq \"tom\"", "pets[names eq \"rex\" and names eq \"tom\"]"] {
        assert!(holds(&numbers(), text, &resource), "{text}");
    }
    for text in ["pets.pin pr", "pets.value pr", "pets eq \"2\"", "pets[pin eq \"1\"]"] {
        assert!(CheckedFilter::parse(text, &numbers()).is_err(), "{text}");
    }
}
