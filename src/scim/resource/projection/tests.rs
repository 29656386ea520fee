//! What each choice shows of one user.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::scim::schema::builtin;
use crate::scim::urn::{ENTERPRISE_USER, USER};

fn user() -> &'static ResourceType {
    builtin().named("User").unwrap()
}

fn whole() -> Map<String, Value> {
    let whole = json!({
        "schemas": [USER, ENTERPRISE_USER], "id": "1", "externalId": "e", "meta": {"resourceType": "User", "version": "v"},
        "userName": "u", "name": {"familyName": "F", "givenName": "G"},
        "emails": [{"value": "a", "type": "work"}, {"type": "home"}], "groups": [{"value": "g"}],
        ENTERPRISE_USER: {"employeeNumber": "7", "manager": {"value": "m", "displayName": "M"}}
    });
    whole.as_object().unwrap().clone()
}

fn shown(attributes: Option<&str>, excluded: Option<&str>) -> String {
    let projection = Projection::parse(attributes, excluded, user()).unwrap();
    let mut shown = projection.apply(whole());
    assert!(shown.shift_remove("schemas").is_some() && shown.shift_remove("id").is_some());
    Value::Object(shown).to_string()
}

#[test]
fn attributes_give_what_is_asked_for_and_the_minimum() {
    let manager = format!(r#"{{"{ENTERPRISE_USER}":{{"manager":{{"value":"m"}}}}}}"#);
    for (asked, result) in [
        ("id", "{}"),
        ("nonsense", "{}"),
        ("password", "{}"),
        (" USERNAME , externalid", r#"{"externalId":"e","userName":"u"}"#),
        ("name.FamilyName,meta.version", r#"{"meta":{"version":"v"},"name":{"familyName":"F"}}"#),
        ("name,name.familyName", r#"{"name":{"familyName":"F","givenName":"G"}}"#),
        ("emails.value", r#"{"emails":[{"value":"a"}]}"#),
        ("emails.display", "{}"),
        ("urn:ietf:params:scim:schemas:core:2.0:user:userName", r#"{"userName":"u"}"#),
        ("URN:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value", &manager),
        ("employeeNumber", "{}"),
    ] {
        assert_eq!(shown(Some(asked), None), result, "{asked}");
    }
    let extension =
        format!(r#"{{"{ENTERPRISE_USER}":{{"employeeNumber":"7","manager":{{"value":"m","displayName":"M"}}}}}}"#);
    assert_eq!(shown(Some(&ENTERPRISE_USER.to_uppercase()), None), extension);
}

#[test]
fn excluded_attributes_leave_out_all_but_what_is_always_returned() {
    let everything = shown(None, None);
    assert_eq!(shown(None, Some("id,schemas,unknown")), everything);
    assert_eq!(shown(None, Some("")), everything);
    assert_eq!(
        shown(
            None,
            Some(
                "meta,GROUPS,name.givenName,emails.type,externalId,urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
            )
        ),
        r#"{"userName":"u","name":{"familyName":"F"},"emails":[{"value":"a"}]}"#
    );
    assert_eq!(
        shown(None, Some("urn:ietf:params:scim:schemas:core:2.0:User,meta,externalId")),
        format!(r#"{{"{ENTERPRISE_USER}":{{"employeeNumber":"7","manager":{{"value":"m","displayName":"M"}}}}}}"#)
    );
}

#[test]
fn both_parameters_together_are_refused() {
    let error = Projection::parse(Some("id"), Some("name"), user()).unwrap_err();
    assert_eq!((error.status, error.scim_type), (400, Some(ScimType::InvalidValue)));
    assert!(Projection::parse(Some("id"), Some(" "), user()).is_ok());
}

#[test]
fn it_tells_what_need_not_be_read() {
    let group = builtin().named("Group").unwrap();
    let parse = |attributes, excluded| Projection::parse(attributes, excluded, group).unwrap();
    let entra = parse(None, Some("members"));
    assert!(!entra.is_default() && entra.keeps_document() && !entra.wants("members") && entra.wants("displayName"));
    let default = parse(None, None);
    assert!(default.is_default() && default.keeps_document() && default.wants("members"));
    let some = parse(Some("displayName"), None);
    assert!(!some.keeps_document() && !some.wants("members") && !some.wants("meta") && some.wants("id"));
    assert!(!parse(None, Some("meta.version")).keeps_document());
    let partial = parse(None, Some("members.display"));
    assert!(partial.keeps_document() && partial.wants("members") && !partial.wants("nonsense"));
    let user = Projection::parse(None, Some("groups"), user()).unwrap();
    assert!(user.keeps_document() && !user.wants("groups"));
}

#[test]
fn returned_decides_together_with_the_request() {
    let mut resource_type = user().clone();
    let schema = Arc::make_mut(&mut resource_type.schema);
    for attribute in &mut schema.attributes {
        let attribute = Arc::make_mut(attribute);
        match attribute.name.as_str() {
            "userName" => attribute.returned = Returned::Request,
            "emails" => Arc::make_mut(&mut attribute.sub_attributes[0]).returned = Returned::Always,
            "name" => Arc::make_mut(&mut attribute.sub_attributes[1]).returned = Returned::Request,
            _ => {}
        }
    }
    let names = |attributes, excluded| {
        let projection = Projection::parse(attributes, excluded, &resource_type).unwrap();
        let mut shown = projection.apply(whole());
        shown.retain(|name, _| ["userName", "name", "emails"].contains(&name.as_str()));
        Value::Object(shown).to_string()
    };
    let default = r#"{"name":{"givenName":"G"},"emails":[{"value":"a","type":"work"},{"type":"home"}]}"#;
    assert_eq!(names(None, None), default);
    assert_eq!(names(None, Some("title")), default);
    assert_eq!(names(Some("userName,name.familyName"), None), r#"{"userName":"u","name":{"familyName":"F"}}"#);
    assert_eq!(names(Some("emails.display"), None), r#"{"emails":[{"value":"a"}]}"#);
    assert_eq!(names(None, Some("emails.value,emails.type,name")), r#"{"emails":[{"value":"a"}]}"#);
    assert!(!Projection::parse(None, None, &resource_type).unwrap().keeps_document());
}

proptest! {
    #[test]
    fn applying_twice_changes_nothing_more_and_the_minimum_stays(
        names in prop::collection::vec(prop::sample::select(vec!["userName", "name.givenName", "name", "emails.type", "meta", "groups", "id", "é",
            USER, ENTERPRISE_USER, "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value", "password", "x.y.z"]), 0..5),
        only in any::<bool>()
    ) {
        let list = names.join(", ");
        let (attributes, excluded) = if only { (Some(list.as_str()), None) } else { (None, Some(list.as_str())) };
        let projection = Projection::parse(attributes, excluded, user()).unwrap();
        let once = projection.apply(whole());
        prop_assert!(once.contains_key("id") && once.contains_key("schemas"));
        prop_assert!(once.keys().all(|name| projection.wants(name)));
        prop_assert_eq!(projection.apply(once.clone()), once);
    }

    #[test]
    fn no_list_panics(list in any::<String>()) {
        let _ = Projection::parse(Some(&list), None, user()).map(|projection| projection.apply(whole()));
    }
}
