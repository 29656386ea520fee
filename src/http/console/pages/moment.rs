//! Instants for people.

use chrono::{DateTime, TimeDelta, Utc};

/// An instant as a page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// For machines: RFC 3339.
    pub iso: String,
    /// In full.
    pub exact: String,
    /// How far away it is, or the date if that is long.
    pub told: String,
}

impl Moment {
    /// The instant `at`, as it is seen at `now`.
    pub fn new(at: DateTime<Utc>, now: DateTime<Utc>) -> Self {
        Self {
            iso: at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            exact: at.format("%-d %B %Y, %H:%M:%S UTC").to_string(),
            told: told(at, now),
        }
    }
}

fn told(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let past = now - at;
    let (far, is_past) = if past < TimeDelta::zero() { (-past, false) } else { (past, true) };
    let (count, unit) = match far {
        far if far < TimeDelta::seconds(60) && is_past => return "just now".to_owned(),
        far if far < TimeDelta::minutes(60) => (far.num_minutes().max(1), "min"),
        far if far < TimeDelta::hours(24) => (far.num_hours(), "h"),
        far if far < TimeDelta::days(2) => (1, "day"),
        far if far < TimeDelta::days(31) => (far.num_days(), "days"),
        _ => return at.format("%-d %b %Y").to_string(),
    };
    if is_past { format!("{count} {unit} ago") } else { format!("in {count} {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_told_by_their_distance() {
        let now: DateTime<Utc> = "2026-11-22T12:00:00Z".parse().unwrap();
        for (seconds, told) in [
            (0, "just now"),
            (-59, "just now"),
            (-60, "1 min ago"),
            (-3_600, "1 h ago"),
            (-86_400, "1 day ago"),
            (-3 * 86_400, "3 days ago"),
            (-40 * 86_400, "13 Oct 2026"),
            (30, "in 1 min"),
            (7 * 86_400 + 1, "in 7 days"),
        ] {
            assert_eq!(Moment::new(now + TimeDelta::seconds(seconds), now).told, told, "{seconds}");
        }
        let moment = Moment::new(now, now);
        assert_eq!((&*moment.iso, &*moment.exact), ("2026-11-22T12:00:00Z", "22 November 2026, 12:00:00 UTC"));
    }
}
