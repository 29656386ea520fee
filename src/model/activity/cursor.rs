//! Places in the activity log.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};

use super::{Entry, Kind};

/// A place in the log: that of an entry. The list goes from the greatest to the least: the newest first, entries of one instant
/// by their kind, those of one kind by their position. As text it says nothing to anybody but us, and no more than the entry
/// does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActivityCursor {
    /// The entry's instant.
    pub at: DateTime<Utc>,
    /// Its source.
    pub kind: Kind,
    /// Its place in its source.
    pub position: i64,
}

/// The text is no cursor of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no cursor that this server gave; begin again without one")]
pub struct NotACursor;

impl ActivityCursor {
    /// The place of an entry.
    pub fn of(entry: &Entry) -> Self {
        Self { at: entry.at, kind: entry.kind, position: entry.position }
    }

    /// Smaller for what is listed first.
    pub fn order(&self) -> impl Ord + use<> {
        (std::cmp::Reverse(self.at), self.kind, std::cmp::Reverse(self.position))
    }

    /// The bound below which a source goes on: entries of `kind` with (at, position) less than this come behind the cursor.
    pub fn bound(&self, kind: Kind) -> (DateTime<Utc>, i64) {
        let position = match kind.cmp(&self.kind) {
            std::cmp::Ordering::Less => i64::MIN,
            std::cmp::Ordering::Equal => self.position,
            std::cmp::Ordering::Greater => i64::MAX,
        };
        (self.at, position)
    }
}

impl fmt::Display for ActivityCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.at.timestamp_micros(), self.kind.as_str(), self.position)
    }
}

impl FromStr for ActivityCursor {
    type Err = NotACursor;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.split(' ');
        let (at, kind, position) = (parts.next(), parts.next(), parts.next());
        let at = at.and_then(|micros| micros.parse().ok()).and_then(DateTime::from_timestamp_micros);
        // PostgreSQL's instants end before chrono's do.
        let at = at.filter(|at| at.timestamp().abs() < 100_000_000_000).ok_or(NotACursor)?;
        let kind = kind.and_then(|kind| kind.parse().ok()).ok_or(NotACursor)?;
        let position = position.and_then(|position| position.parse().ok()).ok_or(NotACursor)?;
        if parts.next().is_none() { Ok(Self { at, kind, position }) } else { Err(NotACursor) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cursor_comes_back(micros in -9_000_000_000_000_000_i64..90_000_000_000_000_000, kind in 0_usize..3, position: i64) {
            let at = DateTime::from_timestamp_micros(micros).unwrap();
            let cursor = ActivityCursor { at, kind: Kind::ALL[kind], position };
            prop_assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }

        #[test]
        fn no_text_panics(text in "[-a-z0-9 ]{0,40}") {
            let _ = text.parse::<ActivityCursor>();
        }
    }

    #[test]
    fn each_source_goes_on_behind_the_cursor() {
        let cursor = ActivityCursor { at: DateTime::UNIX_EPOCH, kind: Kind::Administration, position: 7 };
        assert_eq!(cursor.bound(Kind::Change).1, i64::MIN, "changes of that instant were listed before");
        assert_eq!(cursor.bound(Kind::Administration).1, 7);
        assert_eq!(cursor.bound(Kind::Request).1, i64::MAX, "requests of that instant come behind");
    }
}
