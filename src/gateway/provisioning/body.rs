//! A record in the words of SCIM: a body for a new user, operations of a PATCH for one who is there. Pure.
//!
//! `employeeId` is both `externalId` and the employee number of the enterprise extension; `email` is the address at work; the names
//! make the name that is shown; everything else has one place.

use serde_json::{Map, Value, json};

use super::failure::of_field;
use super::known::{KnownOrganization, told};
use super::references::References;
use crate::model::{Record, RecordCode, RecordFailure};
use crate::scim::dialect::EmployeeId;
use crate::scim::fold::fold;
use crate::scim::path::{AttrPath, PatchPath};
use crate::scim::schema::ResourceType;
use crate::scim::urn;

/// The attributes of a new user, without those that the record tells by their paths.
pub(super) fn new_user(record: &Record, references: &References<'_>, user_name: &str) -> Map<String, Value> {
    let mut body = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            body.insert(name.to_owned(), value);
        }
    };
    let text = |text: &Option<String>| told(text).map(Value::from);
    put("userName", Some(user_name.into()));
    put("externalId", text(&record.employee_id));
    put("name", Some(json!({"givenName": text(&record.first_name), "familyName": text(&record.last_name)})));
    let display_name = told(&record.display_name).map(str::to_owned);
    put(
        "displayName",
        display_name.or_else(|| full_name(told(&record.first_name), told(&record.last_name))).map(Value::from),
    );
    put("title", text(&record.title));
    put("emails", told(&record.email).map(|email| json!([work_address(email, true)])));
    put("active", Some(record.active.unwrap_or(true).into()));
    put("roles", references.roles.as_ref().map(|roles| roles.iter().map(|role| role.element()).collect()));
    let manager = references.manager.flatten().map(|id| json!({"value": id.to_string()}));
    put(
        urn::ENTERPRISE_USER,
        Some(json!({
            "employeeNumber": text(&record.employee_id), "department": text(&record.department), "manager": manager
        })),
    );
    let organizations =
        references.organizations.as_ref().map(|found| found.iter().map(organization).collect::<Value>());
    let provider = references.identity_provider.flatten().map(|provider| provider.id.to_string());
    put(urn::PROVISIONING, Some(json!({"organizations": organizations, "identityProvider": provider})));
    body
}

/// The operations that bring a user to what the record tells. Some may change nothing.
pub(super) fn operations(
    record: &Record,
    references: &References<'_>,
    current: &Map<String, Value>,
    policy: EmployeeId,
) -> Vec<Value> {
    let mut operations = Vec::new();
    let mut set = |path: &str, value: Option<Value>| operations.push(operation(path, value));
    let enterprise = |name: &str| format!("{}:{name}", urn::ENTERPRISE_USER);
    if let Some(employee_id) = told(&record.employee_id) {
        let number = &current.get(urn::ENTERPRISE_USER).unwrap_or(&Value::Null)["employeeNumber"];
        let external_id = current.get("externalId").unwrap_or(&Value::Null);
        // What another source uses externalId for stays, where the two need not agree.
        let is_ours = external_id.is_null() || external_id == number;
        if policy != EmployeeId::Independent || is_ours {
            set("externalId", Some(employee_id.into()));
        }
        if policy != EmployeeId::Independent || external_id.as_str() != Some(employee_id) || !number.is_null() {
            set(&enterprise("employeeNumber"), Some(employee_id.into()));
        }
    }
    if let Some(user_name) = told(&record.user_name) {
        set("userName", Some(user_name.into()));
    }
    if let Some(email) = told(&record.email) {
        set("emails", Some(addresses(current, email)));
    }
    let name = current.get("name").unwrap_or(&Value::Null);
    let (given, family) = (told(&record.first_name), told(&record.last_name));
    for (path, told) in [("name.givenName", given), ("name.familyName", family)] {
        if let Some(text) = told {
            set(path, Some(text.into()));
        }
    }
    let now = |part: &str| name[part].as_str();
    let made = full_name(now("givenName"), now("familyName"));
    let shown = current.get("displayName").and_then(Value::as_str);
    if record.display_name.is_some() {
        set("displayName", told(&record.display_name).map(Value::from));
    } else if (given.is_some() || family.is_some()) && (shown.is_none() || shown == made.as_deref()) {
        set("displayName", full_name(given.or(now("givenName")), family.or(now("familyName"))).map(Value::from));
    }
    if record.title.is_some() {
        set("title", told(&record.title).map(Value::from));
    }
    if record.department.is_some() {
        set(&enterprise("department"), told(&record.department).map(Value::from));
    }
    if let Some(manager) = references.manager {
        let present = &current.get(urn::ENTERPRISE_USER).unwrap_or(&Value::Null)["manager"]["value"];
        let wanted = manager.map(|id| id.to_string());
        if present.as_str() != wanted.as_deref() {
            set(&enterprise("manager"), wanted.map(|id| json!({"value": id})));
        }
    }
    if let Some(roles) = &references.roles {
        let wanted: Vec<Value> = roles.iter().map(|role| role.element()).collect();
        set("roles", Some(merged(current.get("roles"), wanted)));
    }
    let ours = current.get(urn::PROVISIONING).unwrap_or(&Value::Null);
    if let Some(organizations) = &references.organizations {
        let wanted: Vec<Value> = organizations.iter().map(organization).collect();
        set(&format!("{}:organizations", urn::PROVISIONING), Some(merged(ours.get("organizations"), wanted)));
    }
    if let Some(provider) = references.identity_provider {
        let id = provider.map(|provider| provider.id.to_string().into());
        set(&format!("{}:identityProvider", urn::PROVISIONING), id);
    }
    if let Some(active) = record.active {
        set("active", Some(active.into()));
    }
    operations
}

/// The operations for what the record tells by the paths of attributes.
pub(super) fn attribute_operations(record: &Record, kind: &ResourceType) -> Result<Vec<Value>, RecordFailure> {
    let operations = record.attributes.iter().map(|(path, value)| {
        let field = format!("attributes.{path}");
        let wrong = |message: &str| of_field(RecordCode::InvalidValue, &field, message);
        let parsed = PatchPath::parse(path, kind).map_err(|error| wrong(&error.detail))?;
        let is_known = match &parsed {
            PatchPath::Schema(_) => true,
            PatchPath::Attribute(path) | PatchPath::Values { path, .. } => is_attribute(path, kind),
        };
        match &parsed {
            PatchPath::Attribute(path) if path.name.eq_ignore_ascii_case("password") => {
                Err(wrong("passwords are not taken from records; the tenant chooses how people come to sign in"))
            }
            _ if !is_known => Err(wrong("is no attribute that a user has; /scim/v2/Schemas lists them")),
            _ => Ok(operation(path, Some(value.clone()).filter(|value| !is_empty(value)))),
        }
    });
    operations.collect()
}

fn is_attribute(path: &AttrPath, kind: &ResourceType) -> bool {
    path.name.eq_ignore_ascii_case("password")
        || kind.resolve(path).or_else(|| kind.resolve_in_extensions(path)).is_some()
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(elements) => elements.is_empty(),
        _ => false,
    }
}

/// What sets an attribute, or takes it away.
fn operation(path: &str, value: Option<Value>) -> Value {
    match value.filter(|value| !is_empty(value)) {
        Some(value) => json!({"op": "replace", "path": path, "value": value}),
        None => json!({"op": "remove", "path": path}),
    }
}

/// The names with a blank between.
fn full_name(given: Option<&str>, family: Option<&str>) -> Option<String> {
    let parts: Vec<&str> = given.into_iter().chain(family).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

fn work_address(email: &str, primary: bool) -> Value {
    if primary {
        json!({"value": email, "type": "work", "primary": true})
    } else {
        json!({"value": email, "type": "work"})
    }
}

/// The addresses with `email` as the one at work: it takes the place of that, else of the primary one, else it comes first.
fn addresses(current: &Map<String, Value>, email: &str) -> Value {
    let mut addresses = current.get("emails").and_then(Value::as_array).cloned().unwrap_or_default();
    let is_work = |address: &Value| address["type"].as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("work"));
    let is_primary = |address: &Value| address["primary"] == true;
    let place = addresses.iter().position(is_work).or_else(|| addresses.iter().position(is_primary));
    match place {
        Some(place) if addresses[place].is_object() => {
            let is_same = addresses[place]["value"].as_str() == Some(email);
            if !is_same {
                addresses[place]["value"] = email.into();
                if let Some(members) = addresses[place].as_object_mut() {
                    members.remove("display");
                }
            }
        }
        _ => {
            let primary = !addresses.iter().any(is_primary);
            addresses.insert(0, work_address(email, primary));
        }
    }
    Value::Array(addresses)
}

fn organization(organization: &&KnownOrganization) -> Value {
    json!({"value": organization.id.to_string(), "display": organization.name})
}

/// The elements that are wanted, by their values: those that are there stay as they are and where they are, new ones follow.
fn merged(present: Option<&Value>, wanted: Vec<Value>) -> Value {
    let key = |element: &Value| element["value"].as_str().map(|text| fold(text).into_owned());
    let present = present.and_then(Value::as_array).cloned().unwrap_or_default();
    let stays = |element: &Value| wanted.iter().any(|new| key(new) == key(element));
    let mut merged: Vec<Value> = present.into_iter().filter(stays).collect();
    for new in wanted {
        if !merged.iter().any(|element| key(element) == key(&new)) {
            merged.push(new);
        }
    }
    Value::Array(merged)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn current(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap_or_default()
    }

    fn paths(record: &Record, user: Value, policy: EmployeeId) -> Vec<String> {
        let operations = operations(record, &References::default(), &current(user), policy);
        operations.iter().map(|operation| operation["path"].as_str().unwrap_or_default().to_owned()).collect()
    }

    #[test]
    fn the_address_at_work_takes_the_place_of_the_one_before() {
        let user = current(
            json!({"emails": [{"value": "h@x", "type": "home"}, {"value": "a@x", "type": "Work", "primary": true}]}),
        );
        let after = json!([{"value": "h@x", "type": "home"}, {"value": "b@x", "type": "Work", "primary": true}]);
        assert_eq!(addresses(&user, "b@x"), after);
        let home = current(json!({"emails": [{"value": "h@x", "type": "home"}]}));
        let first = json!({"value": "b@x", "type": "work", "primary": true});
        assert_eq!(addresses(&home, "b@x"), json!([first, {"value": "h@x", "type": "home"}]));
        assert_eq!(addresses(&Map::new(), "b@x"), json!([first]));
    }

    #[test]
    fn what_stays_keeps_its_place_and_its_particulars() {
        let present = json!([{"value": "B", "primary": true}, {"value": "a"}]);
        let wanted = vec![json!({"value": "c"}), json!({"value": "b"})];
        assert_eq!(merged(Some(&present), wanted), json!([{"value": "B", "primary": true}, {"value": "c"}]));
    }

    #[test]
    fn an_external_id_of_another_source_stays_unless_the_tenant_wants_them_to_agree() {
        let record = Record { employee_id: Some("E1".into()), ..Record::default() };
        let entra = json!({"externalId": "entra", urn::ENTERPRISE_USER: {"employeeNumber": "E1"}});
        let number = format!("{}:employeeNumber", urn::ENTERPRISE_USER);
        assert_eq!(paths(&record, entra.clone(), EmployeeId::Independent), std::slice::from_ref(&number));
        assert_eq!(paths(&record, entra, EmployeeId::MustAgree), ["externalId".to_owned(), number]);
    }

    #[test]
    fn a_shown_name_follows_the_names_only_if_it_was_made_of_them() {
        let record = Record { last_name: Some("Roe".into()), ..Record::default() };
        let made = json!({"displayName": "Ann Lee", "name": {"givenName": "Ann", "familyName": "Lee"}});
        assert_eq!(paths(&record, made, EmployeeId::Independent), ["name.familyName", "displayName"]);
        let chosen = json!({"displayName": "Annie", "name": {"givenName": "Ann", "familyName": "Lee"}});
        assert_eq!(paths(&record, chosen, EmployeeId::Independent), ["name.familyName"]);
    }
}
