//! Applications of a tenant: the programs whose accounts and licences rosters tell of.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::Label;

/// An application's id, which its publishers put into their URLs: 1 to 63 of ASCII letters, digits, '-', '_' and '.', beginning
/// with a letter or digit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct AppId(String);

impl AppId {
    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AppId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        let begins_well = text.starts_with(|c: char| c.is_ascii_alphanumeric());
        if text.len() <= 63 && begins_well && text.bytes().all(inner) {
            Ok(Self(text.to_owned()))
        } else {
            Err("is no id of an application; use 1 to 63 of letters, digits, '-', '_' and '.', beginning with a letter or digit"
                .into())
        }
    }
}

impl fmt::Display for AppId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How many seats of each licence are paid for. At most 100 licences with names of 1 to 200 characters; names are compared as
/// they are.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Licenses(BTreeMap<String, u32>);

impl Licenses {
    /// How many licences an application can have.
    pub const MOST: usize = 100;

    /// Licences of these names.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn new(seats: BTreeMap<String, u32>) -> Result<Self, String> {
        if seats.len() > Self::MOST {
            return Err(format!("has more than {} licences; leave out those that have no limit", Self::MOST));
        }
        let is_name = |name: &String| {
            (1..=200).contains(&name.chars().count()) && !name.contains(char::is_control) && name.trim() == name
        };
        if !seats.keys().all(is_name) {
            return Err(
                "has a licence whose name is not of 1 to 200 characters without control characters and blanks around it".into(),
            );
        }
        Ok(Self(seats))
    }

    /// The seats of a licence; `None` if it has no limit.
    pub fn permitted(&self, name: &str) -> Option<u32> {
        self.0.get(name).copied()
    }

    /// The licences with their seats, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u32)> {
        self.0.iter().map(|(name, seats)| (name.as_str(), *seats))
    }
}

/// How many percent of an application's entries one publication may remove without being told to go on: a source that lost its
/// data should not empty a roster. Lists of fewer than [`RemovalBrake::FROM`] entries are not braked, and 100 brakes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct RemovalBrake(u8);

impl RemovalBrake {
    /// Lists from this many entries on are braked.
    pub const FROM: i32 = 20;

    /// The percentage.
    pub fn percent(self) -> u8 {
        self.0
    }
}

impl Default for RemovalBrake {
    fn default() -> Self {
        Self(50)
    }
}

impl TryFrom<i64> for RemovalBrake {
    type Error = String;

    fn try_from(percent: i64) -> Result<Self, Self::Error> {
        let fits = u8::try_from(percent).ok().filter(|percent| *percent <= 100);
        fits.map(Self).ok_or_else(|| "is no whole number of percent from 0 to 100; 100 brakes nothing".to_owned())
    }
}

impl FromStr for RemovalBrake {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.trim_end_matches('%').parse::<i64>().unwrap_or(-1).try_into()
    }
}

/// An application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// Its id.
    pub id: AppId,
    /// Its name for people.
    pub name: Label,
    /// The seats of its licences.
    pub licenses: Licenses,
    /// What brakes its publications.
    pub removal_brake: RemovalBrake,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub modified_at: DateTime<Utc>,
    /// When its current list was published; `None` if it has none.
    pub published_at: Option<DateTime<Utc>>,
    /// When the users of the list's e-mail addresses were last looked up.
    pub resolved_at: Option<DateTime<Utc>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_can_stand_in_a_path() {
        for good in ["crm", "CRM-2.0_x", "0196d3a2-0000-7000-8000-000000000000", &"x".repeat(63)] {
            assert_eq!(good.parse::<AppId>().unwrap().as_str(), good);
        }
        for wrong in ["", "-a", ".a", "a/b", "a b", "\u{e4}", "a%2f", &"x".repeat(64)] {
            assert!(wrong.parse::<AppId>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_brake_is_a_percentage() {
        assert_eq!("30".parse(), Ok(RemovalBrake(30)));
        assert_eq!("100%".parse(), Ok(RemovalBrake(100)));
        for wrong in ["", "-1", "101", "half"] {
            assert!(wrong.parse::<RemovalBrake>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn licences_have_names_and_a_bound() {
        let of = |name: &str| Licenses::new(BTreeMap::from([(name.to_owned(), 3)]));
        assert_eq!(of("Pro").unwrap().permitted("Pro"), Some(3));
        assert_eq!(of("Pro").unwrap().permitted("pro"), None);
        for wrong in ["", " Pro", "a\nb", &"x".repeat(201)] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
        assert!(Licenses::new((0..101).map(|n| (n.to_string(), 1)).collect()).is_err());
    }
}
