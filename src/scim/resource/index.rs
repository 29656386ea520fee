//! What the database indexes and searches of a resource.

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::Resource;
use super::unique::{UNIQUE, unique_values};
use crate::scim::date_time::{fixed_width, parse_instant};
use crate::scim::fold::fold;
use crate::scim::schema::{AttributeDefinition, AttributeType, ResourceType, Returned};
use crate::scim::urn;

/// The place of an indexed string in a resource.
#[derive(Debug)]
pub(super) struct IndexedPath {
    extension: Option<&'static str>,
    attribute: &'static str,
    sub: Option<&'static str>,
}

const fn base(attribute: &'static str) -> IndexedPath {
    IndexedPath { extension: None, attribute, sub: None }
}

/// Every string that stands in an index of its own, and so must fit into one.
pub(super) const INDEXED: [IndexedPath; 6] = [
    base("userName"),
    base("externalId"),
    base("displayName"),
    IndexedPath { extension: Some(urn::ENTERPRISE_USER), attribute: "employeeNumber", sub: None },
    IndexedPath { extension: None, attribute: "emails", sub: Some("value") },
    IndexedPath { extension: Some(urn::ROLE), attribute: "roleId", sub: None },
];

impl IndexedPath {
    /// The strings at this place, in order.
    pub(super) fn strings<'a>(&self, attributes: &'a Map<String, Value>) -> impl Iterator<Item = &'a str> {
        let values = match self.extension {
            None => Some(attributes),
            Some(uri) => attributes.get(uri).and_then(Value::as_object),
        };
        let value = values.and_then(|values| values.get(self.attribute));
        let elements = match value {
            Some(Value::Array(elements)) => elements.as_slice(),
            other => other.map(std::slice::from_ref).unwrap_or_default(),
        };
        let sub = self.sub;
        elements.iter().filter_map(move |element| sub.map_or(Some(element), |sub| element.get(sub))?.as_str())
    }
}

impl fmt::Display for IndexedPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(uri) = self.extension {
            write!(f, "{uri}:")?;
        }
        f.write_str(self.attribute)?;
        self.sub.map_or(Ok(()), |sub| write!(f, ".{sub}"))
    }
}

/// A resource as the database keeps it: the text that answers send, the search document, and the values of the narrow
/// indexes. Strings named `..._key` are folded.
#[derive(Debug, Clone, PartialEq)]
pub struct IndexEntry {
    /// The resource as compact JSON, with its id and without `meta`.
    pub document: String,
    /// What filters read, as compact JSON: names in lower case, extensions under their URN in lower case, strings of attributes that compare
    /// without case folded, instants as `YYYY-MM-DDTHH:MM:SS.ffffffZ`. Neither `id` nor what is never returned stands in it.
    /// Under `#unique` are the values that no other resource may have, for types that have such attributes; the database
    /// holds them unique.
    pub search: String,
    /// The name that is unique within the type: a user's userName, a group's displayName.
    pub name_key: Option<String>,
    /// externalId, which compares exactly.
    pub external_id: Option<String>,
    /// What memberships show: displayName, or else userName, as sent.
    pub display: Option<String>,
    /// displayName.
    pub display_key: Option<String>,
    /// employeeNumber of the enterprise extension.
    pub employee_key: Option<String>,
    /// Every e-mail address.
    pub email_keys: Vec<String>,
    /// Whether the user may sign in.
    pub active: Option<bool>,
}

impl IndexEntry {
    /// The entry of `resource`, which has its id by now.
    pub fn of(resource_type: &ResourceType, resource: &Resource) -> Self {
        let attributes = resource.as_map();
        let text = |name: &str| attributes.get(name).and_then(Value::as_str);
        let folded = |name: &str| text(name).map(|text| fold(text).into_owned());
        let display_key = folded("displayName");
        let [_, _, _, employee_number, emails, _] = &INDEXED;
        Self {
            document: render(attributes),
            search: search_document(resource_type, attributes),
            name_key: match resource_type.name.as_str() {
                "User" => folded("userName"),
                "Group" => display_key.clone(),
                _ => None,
            },
            external_id: text("externalId").map(str::to_owned),
            display: text("displayName").or_else(|| text("userName")).map(str::to_owned),
            display_key,
            employee_key: employee_number.strings(attributes).next().map(|text| fold(text).into_owned()),
            email_keys: emails.strings(attributes).map(|text| fold(text).into_owned()).collect(),
            active: attributes.get("active").and_then(Value::as_bool),
        }
    }

    /// The entry of a resource that may not share its employee number with another one of its type. The database knows it by
    /// a mark in `search` that no attribute can be called by.
    pub fn with_unique_employee_number(mut self) -> Self {
        if self.employee_key.is_some() && self.search.pop().is_some() {
            // Where there is an employee number, there is a member already.
            self.search.push_str(",\"#employeeNumber\":true}");
        }
        self
    }

    /// The entry of a user who may not share an e-mail address with another one. The addresses stand with the other unique
    /// values, under a name that no attribute's path has.
    pub fn with_unique_emails(mut self) -> Self {
        let mut keys: Vec<&str> = self.email_keys.iter().map(String::as_str).collect();
        keys.sort_unstable();
        keys.dedup();
        if keys.is_empty() {
            return self;
        }
        let values: Vec<String> =
            keys.iter().map(|key| Value::from(vec!["User", UNIQUE_EMAILS, key]).to_string()).collect();
        let values = values.join(",");
        // Where there is an e-mail address, there is a member already; unique values are the first if there are any.
        let first = format!("{{\"{UNIQUE}\":[");
        self.search = match self.search.strip_prefix(&first) {
            Some(rest) if rest.starts_with(']') => format!("{first}{values}{rest}"),
            Some(rest) => format!("{first}{values},{rest}"),
            None => format!("{first}{values}],{}", self.search.get(1..).unwrap_or_default()),
        };
        self
    }
}

/// What the database calls an e-mail address that two users may not share.
pub const UNIQUE_EMAILS: &str = "emails";

/// Maps with string keys, and numbers that came from JSON, always print.
fn render(attributes: &Map<String, Value>) -> String {
    serde_json::to_string(attributes).unwrap_or_default()
}

/// Written as text at once: a tree of maps would be built for every write, to be printed and thrown away.
fn search_document(resource_type: &ResourceType, attributes: &Map<String, Value>) -> String {
    let mut out = Vec::with_capacity(1024);
    let mut object = Object::open(&mut out);
    if let Some(values) = unique_values(resource_type, attributes) {
        print(&values, object.member(UNIQUE));
    }
    for (name, value) in attributes {
        if let (Some(schema), Value::Object(values)) = (resource_type.extension(name), value) {
            let mut inner = Object::open(object.member(name));
            for (name, value) in values {
                inner.add(schema.attribute(name), value);
            }
            inner.close();
        } else if name != "id" {
            let attribute = resource_type.common.attribute(name).or_else(|| resource_type.schema.attribute(name));
            object.add(attribute, value);
        }
    }
    object.close();
    String::from_utf8(out).unwrap_or_default()
}

/// An object of the search document that is being written.
struct Object<'a> {
    out: &'a mut Vec<u8>,
    next: u8,
}

impl<'a> Object<'a> {
    fn open(out: &'a mut Vec<u8>) -> Self {
        Self { out, next: b'{' }
    }

    /// Begins a member. Names of attributes and URNs hold nothing that JSON escapes.
    fn member(&mut self, name: &str) -> &mut Vec<u8> {
        self.out.extend([self.next, b'"']);
        self.out.extend(name.bytes().map(|byte| byte.to_ascii_lowercase()));
        self.out.extend_from_slice(b"\":");
        self.next = b',';
        self.out
    }

    fn add(&mut self, attribute: Option<&Arc<AttributeDefinition>>, value: &Value) {
        let Some(attribute) = attribute else { return };
        if attribute.returned != Returned::Never {
            searchable(attribute, value, self.member(&attribute.name));
        }
    }

    fn close(self) {
        self.out.extend_from_slice(if self.next == b'{' { b"{}" } else { b"}" });
    }
}

fn searchable(attribute: &AttributeDefinition, value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Array(elements) => {
            out.push(b'[');
            for (index, element) in elements.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                searchable(attribute, element, out);
            }
            out.push(b']');
        }
        Value::Object(sub_values) => {
            let mut object = Object::open(out);
            for (name, value) in sub_values {
                object.add(attribute.sub_attribute(name), value);
            }
            object.close();
        }
        Value::String(text) if attribute.kind == AttributeType::DateTime => match parse_instant(text) {
            Some(instant) => print(fixed_width(instant), out),
            None => print(text, out),
        },
        Value::String(text) if !attribute.compares_exactly() => print(&*fold(text), out),
        other => print(other, out),
    }
}

/// Strings, numbers and booleans always print, and writing to memory cannot fail.
fn print(value: impl serde::Serialize, out: &mut Vec<u8>) {
    let _ = serde_json::to_writer(out, &value);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::scim::dialect::Dialect;
    use crate::scim::resource::Draft;
    use crate::scim::schema::builtin;

    fn entry(resource_type: &str, body: Value) -> IndexEntry {
        let resource_type = builtin().named(resource_type).unwrap();
        let draft = Draft::parse(body, resource_type, &Dialect::default()).unwrap();
        IndexEntry::of(resource_type, &draft.resource.with_id("I-1"))
    }

    #[test]
    fn a_users_entry() {
        let entry = entry(
            "User",
            json!({
                "userName": "BJensen", "externalId": "Ext", "displayName": "Straße", "active": "True", "password": "secret",
                "profileUrl": "HTTP://X", "emails": [{"value": "A@B.C", "type": "Work", "primary": true}, {"value": "D"}],
                urn::ENTERPRISE_USER: {"employeeNumber": "E1", "manager": {"value": "Mgr", "$ref": "Ref"}}
            }),
        );
        let (user, enterprise) = (urn::USER, urn::ENTERPRISE_USER);
        assert_eq!(
            entry.document,
            format!(
                r#"{{"schemas":["{user}","{enterprise}"],"id":"I-1","externalId":"Ext","userName":"BJensen","displayName":"Straße","profileUrl":"HTTP://X","active":true,"emails":[{{"value":"A@B.C","type":"Work","primary":true}},{{"value":"D"}}],"{enterprise}":{{"employeeNumber":"E1","manager":{{"value":"Mgr","$ref":"Ref"}}}}}}"#
            )
        );
        assert_eq!(
            entry.search,
            format!(
                r#"{{"schemas":["{user}","{enterprise}"],"externalid":"Ext","username":"bjensen","displayname":"strasse","profileurl":"HTTP://X","active":true,"emails":[{{"value":"a@b.c","type":"work","primary":true}},{{"value":"d"}}],"{}":{{"employeenumber":"e1","manager":{{"value":"Mgr","$ref":"Ref"}}}}}}"#,
                enterprise.to_lowercase()
            )
        );
        assert_eq!(entry.name_key.as_deref(), Some("bjensen"));
        assert_eq!(entry.external_id.as_deref(), Some("Ext"));
        assert_eq!((entry.display.as_deref(), entry.display_key.as_deref()), (Some("Straße"), Some("strasse")));
        assert_eq!(entry.employee_key.as_deref(), Some("e1"));
        assert_eq!(entry.email_keys, ["a@b.c", "d"]);
        assert_eq!(entry.active, Some(true));
    }

    #[test]
    fn an_employee_number_that_may_not_be_shared_is_marked() {
        let marked = |body: Value| {
            let entry = entry("User", body).with_unique_employee_number();
            serde_json::from_str::<Value>(&entry.search).unwrap()["#employeeNumber"].as_bool()
        };
        assert_eq!(marked(json!({"userName": "U", urn::ENTERPRISE_USER: {"employeeNumber": "1"}})), Some(true));
        assert_eq!(marked(json!({"userName": "U", urn::ENTERPRISE_USER: {"department": "1"}})), None);
    }

    #[test]
    fn addresses_that_may_not_be_shared_stand_with_the_unique_values() {
        let body =
            json!({"userName": "U", "emails": [{"value": "B@x"}, {"value": "a@X"}, {"value": "b@x", "type": "home"}]});
        let plain = entry("User", body);
        let unique = |entry: &IndexEntry| serde_json::from_str::<Value>(&entry.search).unwrap()["#unique"].clone();
        let marked = plain.clone().with_unique_emails();
        let [a, b] = [json!(["User", "emails", "a@x"]), json!(["User", "emails", "b@x"])];
        assert_eq!(unique(&marked), json!([a, b]));
        let beside = |values: &str| {
            let search = format!("{{\"#unique\":[{values}],{}", &plain.search[1..]);
            unique(&IndexEntry { search, ..plain.clone() }.with_unique_emails())
        };
        assert_eq!(beside(""), json!([a, b]));
        assert_eq!(beside("[\"User\",\"urn:x:badge\",\"7\"]"), json!([a, b, ["User", "urn:x:badge", "7"]]));
        let bare = entry("User", json!({"userName": "U"}));
        assert_eq!(bare.clone().with_unique_emails(), bare);
    }

    #[test]
    fn a_groups_entry_and_a_bare_user() {
        let group = entry("Group", json!({"displayName": "Admins", "members": [{"value": "x"}]}));
        assert_eq!((group.name_key.as_deref(), group.display.as_deref()), (Some("admins"), Some("Admins")));
        assert!(!group.document.contains("members"));
        let user = entry("User", json!({"userName": "U"}));
        assert_eq!((user.display.as_deref(), user.display_key, user.active), (Some("U"), None, None));
        assert_eq!((user.email_keys.len(), user.employee_key, user.external_id), (0, None, None));
    }

    #[test]
    fn instants_are_searched_in_one_form_and_what_is_never_returned_is_not_searched() {
        let mut resource_type = builtin().named("User").unwrap().as_ref().clone();
        let schema = Arc::make_mut(&mut resource_type.schema);
        for attribute in &mut schema.attributes {
            match attribute.name.as_str() {
                "title" => Arc::make_mut(attribute).kind = AttributeType::DateTime,
                "name" => Arc::make_mut(&mut Arc::make_mut(attribute).sub_attributes[1]).returned = Returned::Never,
                _ => {}
            }
        }
        let body = json!({"userName": "u", "title": "2011-05-13T04:42:34+02:00", "name": {"familyName": "F", "givenName": "G"}});
        let draft = Draft::parse(body, &resource_type, &Dialect::default()).unwrap();
        let search: Value = serde_json::from_str(&IndexEntry::of(&resource_type, &draft.resource).search).unwrap();
        assert_eq!(search["title"], "2011-05-13T02:42:34.000000Z");
        assert_eq!(search["name"], json!({"givenname": "g"}));
    }
}
