//! What a filter means for a schema.

use chrono::{DateTime, Utc};

use crate::scim::filter::{CheckedFilter, CompareOp, Filter, Node, Operand};
use crate::scim::path::AttrPath;

use super::{group, user};

fn comparison(text: &str) -> (String, CompareOp, Operand) {
    match CheckedFilter::parse(text, user()).unwrap().node() {
        Node::Compare { target, op, value } => (target.to_string(), *op, value.clone()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn strings_are_folded_unless_the_attribute_is_exact() {
    let folded = |text: &str| Operand::Folded(text.to_owned());
    let exact = |text: &str| Operand::Exact(text.to_owned());
    assert_eq!(comparison("USERNAME eq \"BJensen\""), ("userName".into(), CompareOp::Equal, folded("bjensen")));
    assert_eq!(comparison("name.familyName co \"STRASSE\"").2, folded("strasse"));
    assert_eq!(comparison("externalId eq \"ExT\"").2, exact("ExT"));
    assert_eq!(comparison("id eq \"0001\"").2, exact("0001"));
    assert_eq!(comparison("schemas eq \"urn:X\"").2, exact("urn:X"));
    assert_eq!(comparison("meta.location sw \"https://X\"").2, exact("https://X"));
    assert_eq!(comparison("profileUrl eq \"MFGM\"").2, exact("MFGM"));
    assert_eq!(comparison("x509Certificates.value eq \"YQ==\"").2, exact("YQ=="));
    assert_eq!(comparison("groups.value eq \"A\"").2, exact("A"));
}

#[test]
fn a_complex_attribute_is_compared_by_its_value() {
    assert_eq!(comparison("emails co \"x\"").0, "emails.value");
    let manager = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";
    assert_eq!(comparison(&format!("{manager} eq \"y\"")).0, format!("{manager}.value"));
    assert_eq!(comparison("manager eq \"y\"").0, format!("{manager}.value"), "as Entra asks");
    let with_dot = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.manager";
    assert_eq!(comparison(&format!("{with_dot} eq \"y\"")).0, format!("{manager}.value"));
}

#[test]
fn booleans_may_be_sent_as_text() {
    for text in ["active eq true", "active eq \"true\"", "active eq \"True\"", "ActiVe EQ \"TRUE\""] {
        assert_eq!(comparison(text).2, Operand::Boolean(true), "{text}");
    }
    assert_eq!(comparison("emails.primary ne \"False\"").2, Operand::Boolean(false));
}

#[test]
fn dates_are_instants() {
    let instant = |text: &str| Operand::Instant(text.parse::<DateTime<Utc>>().unwrap());
    assert_eq!(comparison("meta.lastModified ge \"0001-01-03T00:00:00.0000000Z\"").2, instant("0001-01-03T00:00:00Z"));
    assert_eq!(comparison("meta.created lt \"2020-01-01T00:00:00+02:00\"").2, instant("2019-12-31T22:00:00Z"));
    assert_eq!(comparison("meta.created eq \"1969-12-31T23:59:59.9999999\"").2, instant("1969-12-31T23:59:59.999999Z"));
}

#[test]
fn null_asks_for_presence() {
    let node = |text| CheckedFilter::parse(text, user()).unwrap();
    assert_eq!(node("title ne null"), node("title pr"));
    assert_eq!(node("title eq null"), node("not (title pr)"));
    assert_eq!(node("name eq null"), node("not (name pr)"));
    assert_eq!(node("active EQ null"), node("not (active pr)"));
}

#[test]
fn everything_that_clients_ask_for_can_be_asked() {
    for text in [
        "schemas eq \"urn:x\"",
        "meta.resourceType eq \"User\"",
        "meta.version eq \"W/\\\"1\\\"\"",
        "meta.location pr",
        "meta pr",
        "groups.value eq \"x\"",
        "groups[value eq \"x\"]",
        "groups pr",
        "schemas[value eq \"x\"]",
        "name[familyName eq \"x\"]",
        "meta[resourceType eq \"User\"]",
        "urn:ietf:params:scim:schemas:core:2.0:User:meta.created gt \"2019-10-10T10:10:10\"",
        "URN:IETF:params:scim:schemas:core:2.0:USER:emails[type eq \"work\"].value sw \"a\"",
    ] {
        assert!(CheckedFilter::parse(text, user()).is_ok(), "{text}");
    }
    for text in [
        "members.value eq \"x\"",
        "members[value eq \"x\" and type eq \"User\"]",
        "members eq \"x\"",
        "displayName eq \"x\"",
    ] {
        assert!(CheckedFilter::parse(text, group()).is_ok(), "{text}");
    }
}

#[test]
fn the_filter_of_a_patch_path_stands_on_one_attribute() {
    let resolved = |name, sub| user().resolve(&AttrPath::new(None, name, sub)).unwrap();
    let filter = Filter::parse("type eq \"Work\" and not (primary eq \"True\")").unwrap();
    let checked = CheckedFilter::check_element(&filter, &resolved("emails", None), 0).unwrap();
    assert!(checked.matches_element(&serde_json::json!({ "type": "work" })));
    assert!(!checked.matches_element(&serde_json::json!({ "type": "work", "primary": true })));
    assert!(!checked.matches_element(&serde_json::json!({ "type": "home" })));
    for (text, target) in [
        ("x pr", resolved("emails", None)),
        ("type[value pr]", resolved("emails", None)),
        ("emails.type pr", resolved("emails", None)),
        ("value pr", resolved("userName", None)),
        ("value pr", resolved("emails", Some("value"))),
    ] {
        assert!(CheckedFilter::check_element(&Filter::parse(text).unwrap(), &target, 0).is_err(), "{text}");
    }
}
