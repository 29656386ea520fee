//! Which attributes an answer shows: `attributes` and `excludedAttributes` (RFC 7644, section 3.9) together with each
//! attribute's `returned` characteristic (RFC 7643, section 2.2).

use serde_json::{Map, Value};

use super::canonical::is_members;
use crate::scim::path::AttrPath;
use crate::scim::schema::{AttributeDefinition, Resolved, ResourceType, Returned};
use crate::scim::{ScimError, ScimType};

/// A choice of attributes, worked out for one resource type.
#[derive(Debug, Clone, PartialEq)]
pub struct Projection {
    is_default: bool,
    keeps_document: bool,
    /// A rule for every attribute of the type and for every extension; what has no rule is not shown.
    rules: Vec<(String, Rule)>,
}

/// What becomes of one attribute.
#[derive(Debug, Clone, PartialEq)]
enum Rule {
    Keep,
    Drop,
    /// Of its sub-attributes (or, for an extension, its attributes) only these stay, each under its own rule.
    Inside(Vec<(String, Rule)>),
}

/// What the request asks for.
enum Choice {
    All,
    Only(Vec<Chosen>),
    Without(Vec<Chosen>),
}

/// One name of a list, resolved.
enum Chosen {
    /// A schema's URN alone: all of its attributes.
    Schema(String),
    Attribute(Resolved),
}

impl Projection {
    /// Reads the two parameters. Names may have any case, name a sub-attribute, carry a URN, or be the URN of a whole
    /// extension; spaces around them and names that no schema defines are ignored, an empty list counts as absent.
    ///
    /// # Errors
    /// 400 `invalidValue` if both are given: RFC 7644, section 3.9 calls them mutually exclusive, and any answer would drop
    /// half of what was asked.
    pub fn parse(
        attributes: Option<&str>,
        excluded: Option<&str>,
        resource_type: &ResourceType,
    ) -> Result<Self, ScimError> {
        let given =
            |list: Option<&str>| list.filter(|list| !list.trim().is_empty()).map(|list| resolve(list, resource_type));
        let choice = match (given(attributes), given(excluded)) {
            (Some(_), Some(_)) => {
                return Err(ScimError::bad_request(
                    ScimType::InvalidValue,
                    "attributes and excludedAttributes exclude each other; send one of them",
                ));
            }
            (Some(only), None) => Choice::Only(only),
            (None, Some(without)) => Choice::Without(without),
            (None, None) => Choice::All,
        };
        Ok(Self::new(&choice, resource_type))
    }

    fn new(choice: &Choice, resource_type: &ResourceType) -> Self {
        let mut rules = Vec::new();
        for schema in [&resource_type.common, &resource_type.schema] {
            let uri = resource_type.schema.uri.as_str();
            let whole = choice.names_schema(uri);
            for attribute in &schema.attributes {
                let is_listed =
                    |chosen: &Resolved| chosen.extension.is_none() && chosen.attribute.name == attribute.name;
                rules.push((attribute.name.clone(), choice.rule(attribute, whole, is_listed)));
            }
        }
        for extension in &resource_type.extensions {
            let uri = &extension.schema.uri;
            let whole = choice.names_schema(uri.as_str());
            let inner = extension.schema.attributes.iter().map(|attribute| {
                let is_listed = |chosen: &Resolved| {
                    chosen.extension.as_ref() == Some(uri) && chosen.attribute.name == attribute.name
                };
                (attribute.name.clone(), choice.rule(attribute, whole, is_listed))
            });
            rules.push((uri.as_str().to_owned(), collapse(inner.collect())));
        }
        let stands_elsewhere = |name: &str| {
            resource_type.schema.attribute(name).is_some_and(|attribute| {
                is_members(resource_type, attribute)
                    || attribute.name == "groups"
                    || attribute.returned == Returned::Never
            })
        };
        let keeps =
            |(name, rule): &(String, Rule)| *rule == Rule::Keep || (*rule == Rule::Drop && stands_elsewhere(name));
        Self { is_default: matches!(choice, Choice::All), keeps_document: rules.iter().all(keeps), rules }
    }

    /// Whether the request chose nothing.
    pub fn is_default(&self) -> bool {
        self.is_default
    }

    /// Whether all that a stored document and `meta` hold is shown, so that the document may be sent unread; what is left to
    /// ask is [`Projection::wants`] for `members` and `groups`.
    pub fn keeps_document(&self) -> bool {
        self.keeps_document
    }

    /// Whether the attribute of that name (as the schema spells it; an extension's URN for an extension) is shown, in whole
    /// or in part. Spares reading what is not.
    pub fn wants(&self, name: &str) -> bool {
        self.rule(name) != &Rule::Drop
    }

    /// A resource as the answer shows it. Names are spelled as the schemas spell them; values that nothing is left of are
    /// dropped.
    pub fn apply(&self, attributes: Map<String, Value>) -> Map<String, Value> {
        attributes
            .into_iter()
            .filter_map(|(name, value)| self.rule(&name).apply(value).map(|value| (name, value)))
            .collect()
    }

    fn rule(&self, name: &str) -> &Rule {
        find(&self.rules, name)
    }
}

impl Choice {
    /// Whether a whole schema is named.
    fn names_schema(&self, uri: &str) -> bool {
        let (Self::Only(list) | Self::Without(list)) = self else { return false };
        list.iter().any(|chosen| matches!(chosen, Chosen::Schema(named) if named == uri))
    }

    fn rule(&self, attribute: &AttributeDefinition, whole: bool, is_listed: impl Fn(&Resolved) -> bool) -> Rule {
        match attribute.returned {
            Returned::Never => return Rule::Drop,
            Returned::Always => return inside(attribute, |_| false),
            Returned::Default | Returned::Request => {}
        }
        let listed = |list: &[Chosen]| -> Vec<Option<String>> {
            let resolved = list.iter().filter_map(|chosen| match chosen {
                Chosen::Attribute(resolved) if is_listed(resolved) => Some(resolved),
                _ => None,
            });
            resolved.map(|resolved| resolved.sub.as_ref().map(|sub| sub.name.clone())).collect()
        };
        let by_default = attribute.returned == Returned::Default;
        match self {
            Self::All if by_default => inside(attribute, |_| false),
            Self::All => Rule::Drop,
            Self::Only(list) => {
                let subs = listed(list);
                if subs.contains(&None) || (whole && by_default) {
                    inside(attribute, |_| false)
                } else if subs.is_empty() {
                    Rule::Drop
                } else {
                    only_inside(attribute, &subs)
                }
            }
            Self::Without(list) => {
                let subs = listed(list);
                if whole || !by_default || subs.contains(&None) {
                    Rule::Drop
                } else {
                    inside(attribute, |sub| subs.iter().flatten().any(|name| *name == sub.name))
                }
            }
        }
    }
}

/// The rule for an attribute that is shown: all that is returned by default, but for what `is_excluded`.
fn inside(attribute: &AttributeDefinition, is_excluded: impl Fn(&AttributeDefinition) -> bool) -> Rule {
    let rules = attribute.sub_attributes.iter().map(|sub| {
        let is_shown = match sub.returned {
            Returned::Always => true,
            Returned::Default => !is_excluded(sub),
            Returned::Never | Returned::Request => false,
        };
        (sub.name.clone(), if is_shown { Rule::Keep } else { Rule::Drop })
    });
    if attribute.is_complex() { collapse(rules.collect()) } else { Rule::Keep }
}

/// The rule for an attribute of which sub-attributes were asked for: these, and those that are always returned.
fn only_inside(attribute: &AttributeDefinition, asked: &[Option<String>]) -> Rule {
    let rules = attribute.sub_attributes.iter().map(|sub| {
        let is_asked = asked.iter().flatten().any(|name| *name == sub.name);
        let is_shown = sub.returned == Returned::Always || (is_asked && sub.returned != Returned::Never);
        (sub.name.clone(), if is_shown { Rule::Keep } else { Rule::Drop })
    });
    collapse(rules.collect())
}

/// The shortest rule that says the same.
fn collapse(rules: Vec<(String, Rule)>) -> Rule {
    if rules.iter().all(|(_, rule)| *rule == Rule::Keep) {
        Rule::Keep
    } else if rules.iter().all(|(_, rule)| *rule == Rule::Drop) {
        Rule::Drop
    } else {
        Rule::Inside(rules)
    }
}

impl Rule {
    fn apply(&self, value: Value) -> Option<Value> {
        let Self::Inside(rules) = self else { return (*self == Self::Keep).then_some(value) };
        match value {
            Value::Object(members) => {
                let kept = members.into_iter();
                let kept = kept.filter_map(|(name, value)| find(rules, &name).apply(value).map(|value| (name, value)));
                let kept: Map<String, Value> = kept.collect();
                (!kept.is_empty()).then_some(Value::Object(kept))
            }
            Value::Array(elements) => {
                let kept: Vec<Value> = elements.into_iter().filter_map(|element| self.apply(element)).collect();
                (!kept.is_empty()).then_some(Value::Array(kept))
            }
            simple => Some(simple),
        }
    }
}

fn find<'a>(rules: &'a [(String, Rule)], name: &str) -> &'a Rule {
    rules.iter().find(|(known, _)| known == name).map_or(&Rule::Drop, |(_, rule)| rule)
}

fn resolve(list: &str, resource_type: &ResourceType) -> Vec<Chosen> {
    list.split(',').filter_map(|name| resolve_name(name.trim(), resource_type)).collect()
}

fn resolve_name(name: &str, resource_type: &ResourceType) -> Option<Chosen> {
    let mut path = (None, name);
    for uri in resource_type.schema_uris() {
        let uri = uri.as_str();
        let Some((front, rest)) = name.split_at_checked(uri.len()) else { continue };
        if !front.eq_ignore_ascii_case(uri) {
            continue;
        }
        if rest.is_empty() {
            return Some(Chosen::Schema(uri.to_owned()));
        }
        if let Some(rest) = rest.strip_prefix([':', '.']) {
            path = (Some(uri), rest);
        }
    }
    let (attribute, sub) = path.1.split_once('.').map_or((path.1, None), |(attribute, sub)| (attribute, Some(sub)));
    resource_type.resolve(&AttrPath::new(path.0, attribute, sub)).map(Chosen::Attribute)
}

#[cfg(test)]
mod tests {
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
        assert!(!partial.keeps_document() && partial.wants("members") && !partial.wants("nonsense"));
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
}
