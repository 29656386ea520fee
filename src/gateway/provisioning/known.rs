//! What records refer to, looked up for all of them at once: users by their keys, roles, organizations, identity providers.

use std::collections::HashMap;

use crate::gateway::Gateway;
use crate::model::{Caller, Connection, Record, ResourceId, Role};
use crate::scim::fold::fold;
use crate::scim::urn;
use crate::store::{PeopleKeys, Person, StoreError};

/// A text that says something: without the blanks around it, and not empty. What a database cannot look for says nothing; the
/// record is refused for it.
pub(super) fn told(text: &Option<String>) -> Option<&str> {
    text.as_deref().map(str::trim).filter(|text| !text.is_empty() && !text.contains('\0'))
}

/// A role that users can be given.
#[derive(Debug, Clone)]
pub(super) struct KnownRole {
    /// The id as the group spells it.
    pub id: String,
    /// The group's name.
    pub name: Option<String>,
    /// The role.
    pub role: Role,
}

/// An organization that users can belong to.
#[derive(Debug, Clone)]
pub(super) struct KnownOrganization {
    /// Its id.
    pub id: ResourceId,
    /// Its name.
    pub name: String,
    /// Whether its new users are invited rather than given a password, if it says so itself.
    pub joins_keychain: Option<bool>,
    /// Whether no invitation is mailed to its users, if it says so itself.
    pub suppresses_email: Option<bool>,
}

/// What there is of everything that records refer to.
#[derive(Default)]
pub(super) struct Known {
    people: Vec<Person>,
    by_external_id: HashMap<String, usize>,
    by_employee_key: HashMap<String, Vec<usize>>,
    by_email: HashMap<String, Vec<usize>>,
    by_id: HashMap<ResourceId, usize>,
    roles: HashMap<String, KnownRole>,
    organizations: HashMap<String, KnownOrganization>,
    connections: Vec<Connection>,
}

impl Known {
    /// Looks up what these records refer to, by a few statements.
    pub async fn of(gateway: &Gateway, caller: &Caller, records: &[Record]) -> Result<Self, StoreError> {
        let tenant = gateway.store.tenant(caller.tenant.id);
        let mut known = Self::default();
        let keys = people_keys(records);
        if !keys.ids.is_empty() || !keys.email_keys.is_empty() || !keys.external_ids.is_empty() {
            known.add_people(tenant.people(&keys).await?);
        }
        let roles = folded(records.iter().flat_map(|record| record.roles.iter().flatten()));
        if !roles.is_empty() {
            known.add_roles(tenant.roles_named(&roles).await?);
        }
        let named: Vec<&String> = records.iter().flat_map(|record| record.organizations.iter().flatten()).collect();
        if !named.is_empty() {
            let ids: Vec<ResourceId> = named.iter().filter_map(|text| text.trim().parse().ok()).collect();
            let found = tenant.organizations_named(&ids, &folded(named.into_iter())).await?;
            known.add_organizations(found);
        }
        if records.iter().any(|record| told(&record.identity_provider).is_some()) {
            known.connections = gateway.store.connections(caller.tenant.id).await?;
        }
        Ok(known)
    }

    /// These users alone.
    pub fn of_people(people: Vec<Person>) -> Self {
        let mut known = Self::default();
        known.add_people(people);
        known
    }

    /// These connections alone.
    pub fn of_connections(connections: Vec<Connection>) -> Self {
        Self { connections, ..Self::default() }
    }

    fn add_people(&mut self, people: Vec<Person>) {
        for (place, person) in people.iter().enumerate() {
            self.by_id.insert(person.stored.id, place);
            if let Some(external_id) = &person.external_id {
                self.by_external_id.insert(external_id.clone(), place);
            }
            if let Some(key) = &person.employee_key {
                self.by_employee_key.entry(key.clone()).or_default().push(place);
            }
            for key in &person.email_keys {
                let places = self.by_email.entry(key.clone()).or_default();
                if places.last() != Some(&place) {
                    places.push(place);
                }
            }
        }
        self.people = people;
    }

    fn add_roles(&mut self, roles: Vec<(Role, Option<String>)>) {
        let roles: Vec<(KnownRole, Option<String>)> = roles
            .into_iter()
            .map(|(role, name)| {
                let document: serde_json::Value = serde_json::from_str(&role.document).unwrap_or_default();
                let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
                let id = text(&document[urn::ROLE]["roleId"]).unwrap_or_else(|| role.key.clone());
                (KnownRole { id, name: text(&document["displayName"]), role }, name)
            })
            .collect();
        // An id goes before a name.
        for (role, name) in &roles {
            self.roles.extend(name.clone().map(|name| (name, role.clone())));
        }
        self.roles.extend(roles.into_iter().map(|(role, _)| (role.role.key.clone(), role)));
    }

    fn add_organizations(&mut self, organizations: Vec<(ResourceId, String)>) {
        for (id, document) in organizations {
            let document: serde_json::Value = serde_json::from_str(&document).unwrap_or_default();
            let name = document["name"].as_str().unwrap_or_default().to_owned();
            let joins_keychain = document["keychainCreationForNewUserActive"].as_bool();
            let suppresses_email = document["keychainEmailSuppression"].as_bool();
            let key = fold(&name).into_owned();
            let organization = KnownOrganization { id, name, joins_keychain, suppresses_email };
            self.organizations.insert(key, organization.clone());
            self.organizations.insert(id.to_string(), organization);
        }
    }

    /// The user with that employee id: by `externalId`, else by the employee number if it is one user's alone.
    pub fn by_employee_id(&self, employee_id: &str) -> Option<&Person> {
        let place = self.by_external_id.get(employee_id).copied();
        let place = place.or_else(|| match self.by_employee_key.get(fold(employee_id).as_ref())?.as_slice() {
            [place] => Some(*place),
            _ => None,
        });
        self.people.get(place?)
    }

    /// The users with that e-mail address.
    pub fn by_email(&self, email: &str) -> Vec<&Person> {
        let places = self.by_email.get(fold(email).as_ref()).into_iter().flatten();
        places.filter_map(|place| self.people.get(*place)).collect()
    }

    /// The user with that id.
    pub fn by_id(&self, id: ResourceId) -> Option<&Person> {
        self.people.get(*self.by_id.get(&id)?)
    }

    /// The one user whom a reference means: an employee id, an e-mail address or an id.
    pub fn person(&self, reference: &str) -> Option<&Person> {
        let by_id = || self.by_id(reference.parse().ok()?);
        let by_email = || match self.by_email(reference).as_slice() {
            [one] => Some(*one),
            _ => None,
        };
        self.by_employee_id(reference).or_else(by_email).or_else(by_id)
    }

    /// The role of that id, or that a group of that name carries.
    pub fn role(&self, reference: &str) -> Option<&KnownRole> {
        self.roles.get(fold(reference).as_ref())
    }

    /// The organization of that id or name.
    pub fn organization(&self, reference: &str) -> Option<&KnownOrganization> {
        self.organizations.get(reference).or_else(|| self.organizations.get(fold(reference).as_ref()))
    }

    /// The identity provider of that id, name or prefix.
    pub fn identity_provider(&self, reference: &str) -> Option<&Connection> {
        let key = fold(reference);
        let has_id = |connection: &&Connection| connection.id.to_string().eq_ignore_ascii_case(reference);
        let has_name = |connection: &&Connection| fold(&connection.name.to_string()) == key;
        let has_prefix =
            |connection: &&Connection| connection.prefix.as_ref().is_some_and(|prefix| prefix.as_str() == reference);
        let all = || self.connections.iter();
        all().find(has_id).or_else(|| all().find(has_name)).or_else(|| all().find(has_prefix))
    }
}

fn folded<'a>(texts: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut keys: Vec<String> =
        texts.map(|text| fold(text.trim()).into_owned()).filter(|key| !key.is_empty() && !key.contains('\0')).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// The keys of the records themselves, and of their managers.
fn people_keys(records: &[Record]) -> PeopleKeys {
    let managers = || records.iter().filter_map(|record| told(&record.manager));
    let external_ids: Vec<String> =
        records.iter().filter_map(|record| told(&record.employee_id)).chain(managers()).map(str::to_owned).collect();
    let emails = records.iter().filter_map(|record| told(&record.email));
    let email_keys: Vec<String> =
        emails.chain(managers().filter(|text| text.contains('@'))).map(|text| fold(text).into_owned()).collect();
    PeopleKeys {
        employee_keys: external_ids.iter().map(|text| fold(text).into_owned()).collect(),
        external_ids,
        email_keys,
        ids: managers().filter_map(|text| text.parse().ok()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_database_cannot_look_for_is_not_looked_for() {
        let text = |text: &str| Some(text.to_owned());
        let record = Record {
            employee_id: text("E\u{0}1"),
            email: text(" A@B.c "),
            manager: text("x\0@y"),
            roles: Some(vec!["r\0".to_owned(), " Learner ".to_owned()]),
            ..Record::default()
        };
        let keys = people_keys(std::slice::from_ref(&record));
        assert!(keys.external_ids.is_empty() && keys.employee_keys.is_empty() && keys.ids.is_empty());
        assert_eq!(keys.email_keys, ["a@b.c"]);
        assert_eq!(folded(record.roles.iter().flatten()), ["learner"]);
    }
}
