//! What clients send, and the canonical resource that comes of it.

use std::sync::Arc;

use proptest::prelude::*;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{Draft, IndexEntry, MAX_MEMBERS, Member, Resource};
use crate::scim::dialect::{Dialect, UnknownAttributes};
use crate::scim::schema::{AttributeDefinition, Mutability, ResourceType, builtin};
use crate::scim::{ScimError, ScimType, urn};

const EXTENSION: &str = urn::ENTERPRISE_USER;

fn user() -> &'static ResourceType {
    builtin().named("User").unwrap()
}

fn group() -> &'static ResourceType {
    builtin().named("Group").unwrap()
}

fn strict() -> Dialect {
    Dialect { unknown_attributes: UnknownAttributes::Refuse, ..Dialect::default() }
}

fn draft(body: Value) -> Draft {
    Draft::parse(body, user(), &Dialect::default()).unwrap()
}

/// The canonical text of a user with a userName and these attributes, without `schemas` and `userName`.
fn kept(attributes: Value) -> String {
    let mut body = json!({"userName": "u"});
    body.as_object_mut().unwrap().extend(attributes.as_object().unwrap().clone());
    let mut map = draft(body).resource.into_map();
    map.shift_remove("schemas");
    map.shift_remove("userName");
    Value::Object(map).to_string()
}

fn refused(attributes: Value) -> ScimError {
    let mut body = json!({"userName": "u"});
    body.as_object_mut().unwrap().extend(attributes.as_object().unwrap().clone());
    Draft::parse(body, user(), &Dialect::default()).unwrap_err()
}

#[test]
fn names_get_the_spelling_and_the_order_of_the_schema() {
    let body = json!({
        "EXTERNALID": "7", "emails": [{"TYPE": "work", "Value": "a@b.c"}], "NAME": {"GivenName": "G", "familyname": "F"},
        "URN:ietf:params:scim:schemas:extension:enterprise:2.0:user": {"MANAGER": {"Value": "m"}, "employeenumber": "1"},
        "username": "U", "Schemas": [urn::USER]
    });
    assert_eq!(
        Value::Object(draft(body).resource.with_id("i").into_map()).to_string(),
        format!(
            r#"{{"schemas":["{}","{EXTENSION}"],"id":"i","externalId":"7","userName":"U","name":{{"familyName":"F","givenName":"G"}},"emails":[{{"value":"a@b.c","type":"work"}}],"{EXTENSION}":{{"employeeNumber":"1","manager":{{"value":"m"}}}}}}"#,
            urn::USER
        )
    );
}

#[test]
fn what_the_server_sets_is_ignored_even_when_it_is_malformed() {
    let attributes = json!({
        "id": null, "meta": {"resourceType": "User"}, "groups": "none", "schemas": [urn::USER],
        EXTENSION: {"manager": {"value": "m", "displayName": "Boss"}}
    });
    assert_eq!(kept(attributes), format!(r#"{{"{EXTENSION}":{{"manager":{{"value":"m"}}}}}}"#));
}

#[test]
fn null_and_empty_values_are_unassigned() {
    let attributes = json!({
        "title": null, "nickName": "", "emails": [], "name": {}, "roles": [null, "", {}, {"value": ""}],
        "addresses": [{"country": null}], "active": "", EXTENSION: {"manager": {"value": ""}, "department": null}
    });
    assert_eq!(kept(attributes), "{}");
    let schemas = json!([urn::USER, EXTENSION]);
    assert_eq!(kept(json!({"schemas": schemas})), "{}", "an extension may be listed without its object");
}

#[test]
fn shapes_of_known_clients_are_understood() {
    for (sent, canonical) in [
        (json!({"active": "False"}), r#"{"active":false}"#),
        (json!({"active": "TRUE"}), r#"{"active":true}"#),
        (
            json!({"roles": [{"primary": "True", "value": "r", "type": "t", "display": "d"}]}),
            r#"{"roles":[{"value":"r","display":"d","type":"t","primary":true}]}"#,
        ),
        (json!({"roles": ["a", "b"]}), r#"{"roles":[{"value":"a"},{"value":"b"}]}"#),
        (json!({"roles": "a"}), r#"{"roles":[{"value":"a"}]}"#),
        (
            json!({"roles": [{"value": "{\"id\":\"1\",\"value\":\"Admin\",\"displayName\":\"Administrator\"}", "type": "t"}]}),
            r#"{"roles":[{"value":"Admin","display":"Administrator","type":"t"}]}"#,
        ),
        (json!({"roles": ["{\"value\":\"Admin\"}"]}), r#"{"roles":[{"value":"Admin"}]}"#),
        (json!({"roles": ["{not json"]}), r#"{"roles":[{"value":"{not json"}]}"#),
        (json!({"emails": {"value": "a@b.c"}}), r#"{"emails":[{"value":"a@b.c"}]}"#),
        (
            json!({"emails": [{"value": "x"}, {"value": "y"}, {"value": "x"}]}),
            r#"{"emails":[{"value":"x"},{"value":"y"}]}"#,
        ),
        (json!({"emails": [{"value": "x", "type": "bespoke"}]}), r#"{"emails":[{"value":"x","type":"bespoke"}]}"#),
        (json!({"profileUrl": "MFGMSUKJYH"}), r#"{"profileUrl":"MFGMSUKJYH"}"#),
        (json!({"name": [{"givenName": "G"}]}), r#"{"name":{"givenName":"G"}}"#),
        (json!({"x509Certificates": [{"value": "AQID"}]}), r#"{"x509Certificates":[{"value":"AQID"}]}"#),
        (json!({"favouriteColour": "red", "name": {"nonsense": 1, "givenName": "G"}}), r#"{"name":{"givenName":"G"}}"#),
        (json!({"schemas": ["urn:scim:schemas:core:1.0"]}), "{}"),
    ] {
        assert_eq!(kept(sent.clone()), canonical, "{sent}");
    }
    for manager in [json!("m"), json!({"value": "m"}), json!([{"value": "m", "$ref": null}])] {
        assert_eq!(
            kept(json!({EXTENSION: {"manager": manager}})),
            format!(r#"{{"{EXTENSION}":{{"manager":{{"value":"m"}}}}}}"#)
        );
    }
}

#[test]
fn wrong_values_are_refused_with_their_path() {
    for (sent, detail) in [
        (json!({"title": 5}), "title must be a string, not a number"),
        (json!({"title": {"a": 1}}), "title must be a string, not an object"),
        (json!({"title": ["a", "b"]}), "title takes one value, and 2 were sent; send one"),
        (json!({"active": "yes"}), "active must be true or false"),
        (json!({"active": 1}), "active must be true or false, not a number"),
        (json!({"emails": [{"value": "x"}, {"value": false}]}), "emails[1].value must be a string, not a boolean"),
        (json!({"emails": [["x"]]}), "emails[0] must be an object with any of value, display, type, primary"),
        (
            json!({"name": "Barbara"}),
            "name must be an object with any of formatted, familyName, givenName, middleName, honorificPrefix, honorificSuffix",
        ),
        (json!({"profileUrl": "a b"}), "profileUrl must be a URI without spaces or control characters, not this text"),
        (
            json!({"x509Certificates": [{"value": "?"}]}),
            "x509Certificates[0].value must be a string in base64, not this text",
        ),
        (
            json!({EXTENSION: {"costCenter": true}}),
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter must be a string, not a boolean",
        ),
        (json!({EXTENSION: "x"}), "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User must be an object"),
        (
            json!({"emails": [{"value": "x", "primary": true}, {"value": "y", "primary": "True"}]}),
            "emails has more than one value with primary true; set primary on one of them",
        ),
        (json!({"userName": " \t"}), "userName is required; send a value that is not empty"),
        (json!({"userName": null}), "userName is required; send a value that is not empty"),
        (
            json!({"userName": "ü".repeat(1025)}),
            "userName is too long: 1024 characters and 2400 bytes in UTF-8 are allowed",
        ),
        (
            json!({"externalId": "漢".repeat(1000)}),
            "externalId is too long: 1024 characters and 2400 bytes in UTF-8 are allowed",
        ),
        (
            json!({"emails": ["a".repeat(1025)]}),
            "emails.value is too long: 1024 characters and 2400 bytes in UTF-8 are allowed",
        ),
    ] {
        let error = refused(sent);
        assert_eq!((error.status, error.scim_type), (400, Some(ScimType::InvalidValue)));
        assert_eq!(error.detail, detail);
    }
    assert_eq!(refused(json!({"schemas": [1]})).detail, "schemas must be an array of URIs");
    let error = Draft::parse(json!([]), user(), &Dialect::default()).unwrap_err();
    assert_eq!(
        (error.scim_type, error.detail.as_str()),
        (Some(ScimType::InvalidSyntax), "the body must be a JSON object")
    );
}

#[test]
fn a_strict_dialect_refuses_what_no_schema_defines() {
    let parse = |body: Value| Draft::parse(body, user(), &strict()).map(|draft| draft.resource);
    assert!(parse(json!({"schemas": [urn::USER], "userName": "u", "id": "ignored"})).is_ok());
    for (sent, part) in [
        (json!({"userName": "u"}), "schemas must contain \"urn:ietf:params:scim:schemas:core:2.0:User\""),
        (json!({"schemas": [urn::USER, "urn:x"], "userName": "u"}), "schemas names \"urn:x\""),
        (json!({"schemas": [urn::USER], "userName": "u", "color": 1}), "\"color\" is not an attribute"),
        (json!({"schemas": [urn::USER], "userName": "u", "name": {"color": 1}}), "\"name.color\" is not an attribute"),
        (json!({"schemas": [urn::USER], "userName": "u", EXTENSION: {"x\n": 1}}), ":User:x\\n\" is not an attribute"),
    ] {
        let error = parse(sent).unwrap_err();
        assert_eq!(error.scim_type, Some(ScimType::InvalidSyntax));
        assert!(error.detail.contains(part), "{}", error.detail);
    }
}

#[test]
fn the_password_stands_apart_and_is_not_printed() {
    let draft = draft(json!({"userName": "u", "password": "t0p-secret"}));
    assert_eq!(draft.password.as_ref().unwrap().expose_secret(), "t0p-secret");
    assert!(!draft.resource.as_map().contains_key("password"));
    assert!(!format!("{draft:?}").contains("t0p-secret"));
}

#[test]
fn members_stand_apart_in_order_and_once() {
    let members = |members: Value| {
        Draft::parse(json!({"displayName": "g", "members": members}), group(), &Dialect::default()).map(|draft| {
            assert!(!draft.resource.as_map().contains_key("members"));
            draft.members.unwrap()
        })
    };
    let member = |value: &str, kind: Option<&str>| Member { value: value.into(), kind: kind.map(Into::into) };
    assert_eq!(
        members(json!([{"value": "b", "type": "user", "$ref": null, "display": 5}, {"value": "a"}, "c", {"value": "b"}, null])).unwrap(),
        [member("b", Some("User")), member("a", None), member("c", None)]
    );
    assert_eq!(members(json!(null)).unwrap(), []);
    assert_eq!(
        members(json!([{"display": "x", "type": "User"}])).unwrap_err().detail,
        "members[0].value is required; send the id of the member"
    );
    assert_eq!(members(json!(vec!["x"; MAX_MEMBERS])).unwrap().len(), 1);
    let too_many = members(json!(vec!["x"; MAX_MEMBERS + 1])).unwrap_err();
    assert_eq!(
        too_many.detail,
        "members names 10001 members; send at most 10000 in one request and add the others with PATCH"
    );
    let without = Draft::parse(json!({"displayName": "g"}), group(), &Dialect::default()).unwrap();
    assert_eq!(without.members, None);
}

/// `User` with an immutable attribute, an immutable sub-attribute and an immutable attribute in the extension.
fn with_immutables() -> ResourceType {
    let mut resource_type = user().clone();
    let make = |definitions: &mut Vec<Arc<AttributeDefinition>>, name: &str| {
        let definition = definitions.iter_mut().find(|definition| definition.name == name).unwrap();
        Arc::make_mut(definition).mutability = Mutability::Immutable;
    };
    let schema = Arc::make_mut(&mut resource_type.schema);
    make(&mut schema.attributes, "nickName");
    let name = schema.attributes.iter_mut().find(|attribute| attribute.name == "name").unwrap();
    make(&mut Arc::make_mut(name).sub_attributes, "familyName");
    make(&mut Arc::make_mut(&mut resource_type.extensions[0].schema).attributes, "employeeNumber");
    resource_type
}

#[test]
fn a_replacement_keeps_the_id_and_what_is_immutable() {
    let resource_type = with_immutables();
    let parse = |body: Value| Draft::parse(body, &resource_type, &Dialect::default()).unwrap();
    let full = json!({"userName": "u", "title": "t", "nickName": "n", "name": {"familyName": "F", "givenName": "G"}, EXTENSION: {"employeeNumber": "1"}});
    let current = parse(full).resource.with_id("i");
    let replaced = parse(json!({"userName": "v", "id": "other", "name": {"givenName": "H"}}))
        .replacing(&current, &resource_type)
        .unwrap();
    assert_eq!(
        Value::Object(replaced.resource.into_map()).to_string(),
        format!(
            r#"{{"schemas":["{}","{EXTENSION}"],"id":"i","userName":"v","name":{{"familyName":"F","givenName":"H"}},"nickName":"n","{EXTENSION}":{{"employeeNumber":"1"}}}}"#,
            urn::USER
        )
    );
    for (changed, at) in [
        (json!({"userName": "v", "nickName": "m"}), "nickName"),
        (json!({"userName": "v", "name": {"familyName": "X"}}), "name.familyName"),
        (
            json!({"userName": "v", EXTENSION: {"employeeNumber": "2"}}),
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber",
        ),
    ] {
        let error = parse(changed).replacing(&current, &resource_type).unwrap_err();
        assert_eq!((error.status, error.scim_type), (400, Some(ScimType::Mutability)));
        assert!(error.detail.starts_with(&format!("{at} is immutable")), "{}", error.detail);
    }
    let bare = Resource::from_stored(parse(json!({"userName": "u"})).resource.into_map()).with_id("i");
    assert!(parse(json!({"userName": "v", "nickName": "m"})).replacing(&bare, &resource_type).is_ok());
}

/// JSON whose names are those of the schemas more often than chance would have it.
fn user_like() -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        4 => prop::sample::select(vec!["userName", "USERNAME", "active", "emails", "roles", "name", "value", "type", "primary", "manager", "givenName",
            "employeeNumber", "schemas", "password", "groups", "id", "meta", "profileUrl", "x509Certificates", "addresses", "country", EXTENSION]),
        1 => Just("other"),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        prop::sample::select(vec![
            "",
            "True",
            "false",
            "work",
            "AQID",
            "{\"value\":\"x\"}",
            "{\"value\":\"{}\"}",
            "a b",
            "é"
        ])
        .prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 80, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((name.clone(), inner), 0..10).prop_map(|members| Value::Object(
                members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
            )),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_json_panics_and_the_canonical_form_is_a_fixed_point(mut body in user_like(), named in any::<bool>()) {
        if named && let Some(members) = body.as_object_mut() {
            members.insert("userName".into(), "u".into());
            members.shift_remove("USERNAME");
        }
        for dialect in [Dialect::default(), strict()] {
            let Ok(draft) = Draft::parse(body.clone(), user(), &dialect) else { continue };
            let resource = draft.resource.with_id("i");
            let again = Draft::parse(Value::Object(resource.as_map().clone()), user(), &strict()).unwrap();
            let again = again.replacing(&resource, user()).unwrap().resource;
            prop_assert_eq!(&again, &resource);
            prop_assert_eq!(IndexEntry::of(user(), &again).document, IndexEntry::of(user(), &resource).document);
        }
    }
}
