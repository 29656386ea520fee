//! How long a tenant keeps its activity.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

/// A number of days, or for ever. Nothing goes unless a tenant says so: what was changed and by whom is not ours to forget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeepActivity {
    /// Everything stays.
    #[default]
    Forever,
    /// What is older goes.
    Days(u16),
}

impl KeepActivity {
    /// The fewest days: those who follow the stream of changes must have time to come back.
    pub const LEAST: u16 = 30;
    /// The most days: ten years.
    pub const MOST: u16 = 3_653;

    /// As the database has it.
    pub fn from_days(days: Option<i32>) -> Self {
        days.and_then(|days| u16::try_from(days).ok()).map_or(Self::Forever, Self::Days)
    }

    /// As the database has it.
    pub fn days(self) -> Option<i32> {
        match self {
            Self::Forever => None,
            Self::Days(days) => Some(days.into()),
        }
    }

    /// What is from before this instant goes.
    pub fn since(self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Self::Forever => None,
            Self::Days(days) => now.checked_sub_signed(TimeDelta::days(days.into())),
        }
    }
}

impl FromStr for KeepActivity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "forever" {
            return Ok(Self::Forever);
        }
        let days = text.strip_suffix('d').and_then(|days| days.parse().ok());
        let days = days.filter(|days| (Self::LEAST..=Self::MOST).contains(days));
        days.map(Self::Days).ok_or_else(|| {
            format!("\"{text}\" is no time to keep activity; choose {}d to {}d, or forever", Self::LEAST, Self::MOST)
        })
    }
}

impl fmt::Display for KeepActivity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Forever => f.write_str("forever"),
            Self::Days(days) => write!(f, "{days}d"),
        }
    }
}

impl Serialize for KeepActivity {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_days_or_for_ever() {
        for text in ["30d", "400d", "3653d", "forever"] {
            assert_eq!(text.parse::<KeepActivity>().unwrap().to_string(), text);
        }
        for text in ["29d", "3654d", "400", "1y", "", "-40d", "99999999d"] {
            assert!(text.parse::<KeepActivity>().unwrap_err().contains("choose 30d to 3653d, or forever"), "{text}");
        }
        assert_eq!(KeepActivity::Forever.since(DateTime::UNIX_EPOCH), None);
    }
}
