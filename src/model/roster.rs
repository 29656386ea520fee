//! Rosters: who has an account in an application, as a system of record publishes it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{AppId, Application, PublicationId, ResourceId, RosterId};
use crate::scim::fold::fold;

/// How many entries one request may have.
pub const MAX_ROSTER_PART: usize = 1_000;
/// How many parts a session may have.
pub const MAX_ROSTER_PARTS: i32 = 1_000;
/// How many problems of a list are told at most.
const MAX_TOLD: usize = 100;

/// Somebody who has an account in an application, as the publisher wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProvisionedUser {
    /// The account's id in the application.
    #[serde(default)]
    pub app_user_id: String,
    /// The e-mail address.
    #[serde(default)]
    pub email: String,
    /// The account's name.
    #[serde(default)]
    pub username: Option<String>,
    /// The licence that it has.
    #[serde(default)]
    pub license: Option<String>,
}

/// Entries that can be written: at most 1,000, each with an id of its own and an e-mail address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterPart(Vec<ProvisionedUser>);

/// What is wrong with a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RosterPartError {
    /// It has so many entries.
    TooMany(usize),
    /// Places in the list, and what is wrong with each.
    Invalid(Vec<(String, String)>),
}

impl RosterPart {
    /// Holds entries to their rules. An empty name or licence is none.
    ///
    /// # Errors
    /// All that is wrong, but for what comes after the first hundred.
    pub fn new(users: Vec<ProvisionedUser>) -> Result<Self, RosterPartError> {
        if users.len() > MAX_ROSTER_PART {
            return Err(RosterPartError::TooMany(users.len()));
        }
        let users: Vec<ProvisionedUser> = users.into_iter().map(ProvisionedUser::trimmed).collect();
        let mut wrong = Vec::new();
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        for (place, user) in users.iter().enumerate() {
            let field = |name: &str| format!("provisionedUsers[{place}].{name}");
            wrong.extend(user.problems().into_iter().map(|(name, detail)| (field(name), detail)));
            if let Some(first) = places.get(user.app_user_id.as_str())
                && !user.app_user_id.is_empty()
            {
                let detail = format!(
                    "\"{}\" stands at provisionedUsers[{first}] already; send each appUserId once",
                    user.app_user_id
                );
                wrong.push((field("appUserId"), detail));
            }
            places.entry(&user.app_user_id).or_insert(place);
        }
        wrong.truncate(MAX_TOLD);
        if wrong.is_empty() { Ok(Self(users)) } else { Err(RosterPartError::Invalid(wrong)) }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As the SQL functions of rosters take them.
    pub fn to_json(&self) -> Value {
        let entry = |user: &ProvisionedUser| {
            json!({
                "appUserId": user.app_user_id, "email": user.email, "emailKey": fold(&user.email), "username": user.username,
                "license": user.license,
            })
        };
        Value::Array(self.0.iter().map(entry).collect())
    }
}

impl ProvisionedUser {
    fn trimmed(self) -> Self {
        let text = |text: String| if text.trim().len() == text.len() { text } else { text.trim().to_owned() };
        let optional = |value: Option<String>| value.map(text).filter(|value| !value.is_empty());
        Self {
            app_user_id: text(self.app_user_id),
            email: text(self.email),
            username: optional(self.username),
            license: optional(self.license),
        }
    }

    /// The names of fields, and what is wrong with each.
    fn problems(&self) -> Vec<(&'static str, String)> {
        let mut wrong = Vec::new();
        let mut hold = |name, text: &str, most: usize| {
            if text.chars().count() > most || text.contains(char::is_control) {
                wrong.push((name, format!("has more than {most} characters, or a control character; correct it")));
            }
        };
        hold("appUserId", &self.app_user_id, 512);
        hold("username", self.username.as_deref().unwrap_or_default(), 1_024);
        hold("license", self.license.as_deref().unwrap_or_default(), 200);
        if self.app_user_id.is_empty() {
            wrong.push(("appUserId", "is missing; send the account's id in the application".to_owned()));
        }
        let is_plain =
            |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c.is_control() || c == '@');
        let is_address = self.email.rsplit_once('@').is_some_and(|(local, host)| is_plain(local) && is_plain(host));
        if self.email.is_empty() {
            wrong.push(("email", "is missing; send the e-mail address of the account's owner".to_owned()));
        } else if self.email.chars().count() > 254 || !is_address {
            wrong.push(("email", "is no e-mail address; write for example ann@example.com".to_owned()));
        }
        wrong
    }
}

/// What it takes to come from the current list to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RosterCounts {
    /// Entries that are new.
    pub added: u64,
    /// Entries with another e-mail address, name or licence than before.
    pub changed: u64,
    /// Entries that are there no more.
    pub removed: u64,
    /// Entries of the new list.
    pub total: u64,
    /// Entries of the list before.
    #[serde(default)]
    pub before: u64,
    /// Entries of the new list whose e-mail address no user has.
    #[serde(default)]
    pub unknown_emails: u64,
}

impl RosterCounts {
    /// Entries that are as they were.
    pub fn unchanged(&self) -> u64 {
        self.total.saturating_sub(self.added + self.changed)
    }
}

/// What is told of an entry that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RosterValues {
    /// The e-mail address.
    pub email: String,
    /// The account's name.
    pub username: Option<String>,
    /// The licence.
    pub license: Option<String>,
}

/// One entry that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RosterDifference {
    /// `added`, `changed` or `removed`.
    pub kind: String,
    /// Whose.
    pub app_user_id: String,
    /// As it is now, unless it is new.
    pub old: Option<RosterValues>,
    /// As it is to be, unless it goes.
    pub new: Option<RosterValues>,
}

/// What a publication came to, or would come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The numbers.
    pub counts: RosterCounts,
    /// What differs, in part; empty unless it was only tried.
    pub sample: Vec<RosterDifference>,
    /// Whether the removal brake would hold it, if it was only tried.
    pub is_braked: bool,
}

/// What is to be published, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PublicationChoice {
    /// Nothing is written.
    pub is_trial: bool,
    /// The removal brake does not hold it.
    pub is_confirmed: bool,
}

/// A session in which a list is put together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterSession {
    /// Its id.
    pub id: RosterId,
    /// Of which application.
    pub app: AppId,
    /// `open`, `committed`, `aborted` or `expired`.
    pub state: String,
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
    /// When it ends by itself.
    pub expires_at: DateTime<Utc>,
    /// When it was committed.
    pub committed_at: Option<DateTime<Utc>>,
    /// How many parts it has.
    pub parts: u64,
    /// How many entries those have.
    pub entries: u64,
    /// Who opened it, by its name, where that is known.
    pub opened_by: Option<String>,
}

/// An entry of an application's current list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterEntry {
    /// What was published.
    pub user: ProvisionedUser,
    /// Since when it is on the list.
    pub added_at: DateTime<Utc>,
    /// Since when it is as it is.
    pub changed_at: DateTime<Utc>,
    /// The user who has the e-mail address, with the display name and whether it is active.
    pub known: Option<(ResourceId, Option<String>, bool)>,
}

/// Which entries are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RosterFilter {
    /// Those with this licence; an empty text stands for those without one.
    pub license: Option<String>,
    /// Those whose e-mail address no user has, or some user has.
    pub is_unknown: Option<bool>,
    /// Those with this text in the account's id or name, or in the e-mail address; ASCII letters in any case.
    pub containing: Option<String>,
}

/// How many have a licence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LicenseUse {
    /// Its name; `None` for those who have none.
    pub license: Option<String>,
    /// Entries with it.
    pub used: u64,
    /// Of those, entries whose e-mail address no user has.
    pub unknown: u64,
    /// Of those, entries whose user is inactive.
    pub inactive: u64,
}

/// The seats of a licence, and who sits on them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LicenseSeats {
    /// Who has it.
    pub held: LicenseUse,
    /// How many are paid for; `None` if there is no limit.
    pub permitted: Option<u32>,
}

impl LicenseSeats {
    /// Those of an application: the licences that somebody has and those that are paid for, by name; who has none comes last.
    pub fn of(app: &Application, uses: Vec<LicenseUse>) -> Vec<Self> {
        let is_held = |name: &str| uses.iter().any(|one| one.license.as_deref() == Some(name));
        let idle = app.licenses.iter().filter(|(name, _)| !is_held(name)).map(|(name, _)| LicenseUse::nobody(name));
        let idle: Vec<LicenseUse> = idle.collect();
        let seats = |held: LicenseUse| Self {
            permitted: held.license.as_deref().and_then(|name| app.licenses.permitted(name)),
            held,
        };
        let mut all: Vec<Self> = uses.into_iter().chain(idle).map(seats).collect();
        all.sort_by(|a, b| {
            (a.held.license.is_none(), &a.held.license).cmp(&(b.held.license.is_none(), &b.held.license))
        });
        all
    }

    /// How many have it beyond what is paid for.
    pub fn over(&self) -> u64 {
        self.permitted.map_or(0, |seats| self.held.used.saturating_sub(seats.into()))
    }

    /// How many are paid for and had by nobody.
    pub fn unused(&self) -> u64 {
        self.permitted.map_or(0, |seats| u64::from(seats).saturating_sub(self.held.used))
    }
}

impl LicenseUse {
    /// A licence that nobody has.
    fn nobody(name: &str) -> Self {
        Self { license: Some(name.to_owned()), used: 0, unknown: 0, inactive: 0 }
    }
}

/// One publication that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// Its id.
    pub id: PublicationId,
    /// `request`, `session` or `removal`.
    pub kind: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Who, by its name.
    pub actor: String,
    /// What it came to.
    pub counts: RosterCounts,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn user(id: &str, email: &str) -> ProvisionedUser {
        ProvisionedUser { app_user_id: id.into(), email: email.into(), ..ProvisionedUser::default() }
    }

    #[test]
    fn everything_that_is_wrong_is_told_by_its_place() {
        let users = vec![user("1", "a@x"), user("", "b@x"), user("1", "nobody"), user(" 1 ", "c@x")];
        let Err(RosterPartError::Invalid(wrong)) = RosterPart::new(users) else { panic!("it was taken") };
        let fields: Vec<&str> = wrong.iter().map(|(field, _)| field.as_str()).collect();
        let expected = ["[1].appUserId", "[2].email", "[2].appUserId", "[3].appUserId"];
        assert_eq!(fields, expected.map(|field| format!("provisionedUsers{field}")));
        assert!(wrong[3].1.contains("\"1\" stands at provisionedUsers[0] already"), "{wrong:?}");
    }

    #[test]
    fn a_part_has_a_thousand_entries_at_most() {
        let users = |count: usize| (0..count).map(|n| user(&n.to_string(), "a@x")).collect();
        assert_eq!(RosterPart::new(users(1_000)).unwrap().len(), 1_000);
        assert_eq!(RosterPart::new(users(1_001)), Err(RosterPartError::TooMany(1_001)));
    }

    proptest! {
        #[test]
        fn no_list_panics_and_what_is_taken_is_bounded(texts in prop::collection::vec((".*", ".*", ".*", ".*"), 0..8)) {
            let users = texts.into_iter().map(|(app_user_id, email, username, license)| ProvisionedUser {
                app_user_id, email, username: Some(username), license: Some(license),
            });
            if let Ok(part) = RosterPart::new(users.collect()) {
                for user in &part.0 {
                    prop_assert!(!user.app_user_id.is_empty() && user.email.contains('@'));
                    let texts = [Some(&user.app_user_id), Some(&user.email), user.username.as_ref(), user.license.as_ref()];
                    prop_assert!(!texts.into_iter().flatten().any(|text| text.contains('\0')));
                }
            }
        }
    }
}
