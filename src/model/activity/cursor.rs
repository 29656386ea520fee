//! Places in the activity log.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
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
        let mut bytes = [0; 17];
        bytes[..8].copy_from_slice(&self.at.timestamp_micros().to_be_bytes());
        bytes[8] = self.kind as u8;
        bytes[9..].copy_from_slice(&self.position.to_be_bytes());
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl FromStr for ActivityCursor {
    type Err = NotACursor;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| NotACursor)?;
        let (micros, rest) = bytes.split_first_chunk::<8>().ok_or(NotACursor)?;
        let (kind, position) = rest.split_first().ok_or(NotACursor)?;
        let position = position.try_into().map_err(|_| NotACursor)?;
        // PostgreSQL's instants end before chrono's do.
        let at = DateTime::from_timestamp_micros(i64::from_be_bytes(*micros));
        let at = at.filter(|at| at.timestamp().abs() < 100_000_000_000).ok_or(NotACursor)?;
        let kind = Kind::ALL.into_iter().find(|known| *known as u8 == *kind).ok_or(NotACursor)?;
        Ok(Self { at, kind, position: i64::from_be_bytes(position) })
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
        fn no_text_panics(text in "[-A-Za-z0-9_]{0,40}") {
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
