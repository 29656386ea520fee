//! `externalId` and the enterprise `employeeNumber`, which are one key under two names where the tenant says so.

use serde_json::{Map, Value};

use super::Resource;
use super::canonical::assemble;
use crate::scim::dialect::EmployeeId;
use crate::scim::schema::ResourceType;
use crate::scim::{ScimError, ScimType, urn};

/// Where a key stands in a resource.
#[derive(Clone, Copy)]
enum Key {
    ExternalId,
    EmployeeNumber,
}

const EXTERNAL_ID: &str = "externalId";
const EMPLOYEE_NUMBER: &str = "employeeNumber";

impl Key {
    fn of(self, resource: &Resource) -> Option<&str> {
        let attributes = resource.as_map();
        let value = match self {
            Self::ExternalId => attributes.get(EXTERNAL_ID),
            Self::EmployeeNumber => attributes.get(urn::ENTERPRISE_USER).and_then(|values| values.get(EMPLOYEE_NUMBER)),
        };
        value.and_then(Value::as_str)
    }

    fn set(self, attributes: &mut Map<String, Value>, value: String) {
        match self {
            Self::ExternalId => {
                attributes.insert(EXTERNAL_ID.to_owned(), value.into());
            }
            Self::EmployeeNumber => {
                let extension = attributes.entry(urn::ENTERPRISE_USER).or_insert_with(|| Map::new().into());
                if let Value::Object(extension) = extension {
                    extension.insert(EMPLOYEE_NUMBER.to_owned(), value.into());
                }
            }
        }
    }

    fn unassign(self, attributes: &mut Map<String, Value>) {
        match self {
            Self::ExternalId => attributes.shift_remove(EXTERNAL_ID),
            Self::EmployeeNumber => match attributes.get_mut(urn::ENTERPRISE_USER) {
                Some(Value::Object(extension)) => extension.shift_remove(EMPLOYEE_NUMBER),
                _ => None,
            },
        };
    }
}

impl Resource {
    /// The resource as the tenant's policy wants it, after a change from `before`; an empty one stands for one that did not
    /// exist. A key that follows another takes its value, whatever the client sent for it, and goes with it; while there is
    /// nothing to follow, the client's value stays. Types without an employee number are left alone.
    ///
    /// # Errors
    /// 400 `invalidValue` that names both, if they have to agree and do not.
    pub fn with_employee_id(
        self,
        resource_type: &ResourceType,
        before: &Resource,
        policy: EmployeeId,
    ) -> Result<Self, ScimError> {
        let enterprise = resource_type.extension(urn::ENTERPRISE_USER);
        if enterprise.is_none_or(|schema| schema.attribute(EMPLOYEE_NUMBER).is_none()) {
            return Ok(self);
        }
        match policy {
            EmployeeId::Independent => Ok(self),
            EmployeeId::MustAgree => self.agreeing(),
            EmployeeId::ExternalIdFromEmployeeNumber => {
                Ok(self.following(resource_type, before, Key::EmployeeNumber, Key::ExternalId))
            }
            EmployeeId::EmployeeNumberFromExternalId => {
                Ok(self.following(resource_type, before, Key::ExternalId, Key::EmployeeNumber))
            }
        }
    }

    fn agreeing(self) -> Result<Self, ScimError> {
        match (Key::ExternalId.of(&self), Key::EmployeeNumber.of(&self)) {
            (Some(external), Some(number)) if external != number => {
                let number = format!("{}:{EMPLOYEE_NUMBER}", urn::ENTERPRISE_USER);
                let detail =
                    format!("{EXTERNAL_ID} and {number} have to be the same; send one value for both, or one of them");
                Err(ScimError::bad_request(ScimType::InvalidValue, detail))
            }
            _ => Ok(self),
        }
    }

    fn following(self, resource_type: &ResourceType, before: &Resource, leader: Key, follower: Key) -> Self {
        let (now, then, present) = (leader.of(&self), leader.of(before), follower.of(&self));
        match now {
            Some(value) if present == Some(value) => self,
            Some(value) => {
                let value = value.to_owned();
                let mut attributes = self.into_map();
                follower.set(&mut attributes, value);
                assemble(resource_type, attributes)
            }
            None if then.is_some() && present == then => {
                let mut attributes = self.into_map();
                follower.unassign(&mut attributes);
                assemble(resource_type, attributes)
            }
            None => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::scim::dialect::Dialect;
    use crate::scim::resource::Draft;
    use crate::scim::schema::builtin;

    fn user(external: Option<&str>, number: Option<&str>) -> Resource {
        let body = json!({"userName": "u", EXTERNAL_ID: external, urn::ENTERPRISE_USER: {EMPLOYEE_NUMBER: number}});
        Draft::parse(body, builtin().named("User").unwrap(), &Dialect::default()).unwrap().resource
    }

    fn settled(
        before: (Option<&str>, Option<&str>),
        after: (Option<&str>, Option<&str>),
        policy: EmployeeId,
    ) -> Option<Resource> {
        let before = if before == (None, None) { Resource::default() } else { user(before.0, before.1) };
        user(after.0, after.1).with_employee_id(builtin().named("User").unwrap(), &before, policy).ok()
    }

    #[test]
    fn a_key_follows_the_other_and_stays_while_there_is_nothing_to_follow() {
        const NONE: (Option<&str>, Option<&str>) = (None, None);
        let (one, two) = (Some("1"), Some("2"));
        for (before, after, expected) in [
            (NONE, (None, one), (one, one)),
            (NONE, (two, one), (one, one)),
            (NONE, (two, None), (two, None)),
            ((one, one), (one, two), (two, two)),
            ((one, one), (two, one), (one, one)),
            ((one, one), (None, one), (one, one)),
            ((one, one), (one, None), NONE),
            ((one, one), (two, None), (two, None)),
            (NONE, NONE, NONE),
        ] {
            let made = settled(before, after, EmployeeId::ExternalIdFromEmployeeNumber);
            assert_eq!(made, Some(user(expected.0, expected.1)), "{before:?} {after:?}");
            let turned = |(external, number)| (number, external);
            let made = settled(turned(before), turned(after), EmployeeId::EmployeeNumberFromExternalId);
            assert_eq!(made, Some(user(expected.1, expected.0)), "{before:?} {after:?}, turned round");
        }
    }

    #[test]
    fn what_follows_names_its_schema_and_stands_in_its_place() {
        let made = settled((None, None), (Some("7"), None), EmployeeId::EmployeeNumberFromExternalId).unwrap();
        assert_eq!(Value::Object(made.into_map()), Value::Object(user(Some("7"), Some("7")).into_map()));
    }

    #[test]
    fn keys_that_have_to_agree_are_the_same_letter_by_letter() {
        let made = |external, number| settled((None, None), (external, number), EmployeeId::MustAgree).is_some();
        assert!(made(Some("e1"), Some("e1")) && made(Some("e1"), None) && made(None, Some("e1")) && made(None, None));
        assert!(!made(Some("e1"), Some("e2")) && !made(Some("e1"), Some("E1")));
        let refused = user(Some("a"), Some("b")).agreeing().unwrap_err();
        assert!(refused.detail.contains("externalId") && refused.detail.contains("User:employeeNumber"), "{refused}");
    }

    #[test]
    fn types_without_an_employee_number_are_left_alone() {
        let group = builtin().named("Group").unwrap();
        let body = json!({"displayName": "g", EXTERNAL_ID: "1"});
        let before = Draft::parse(body, group, &Dialect::default()).unwrap().resource;
        let policy = EmployeeId::EmployeeNumberFromExternalId;
        let after = before.clone().with_employee_id(group, &Resource::default(), policy);
        assert_eq!(after, Ok(before));
    }
}
