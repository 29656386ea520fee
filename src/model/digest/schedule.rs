//! When a digest is due: once in each week of the tenant's calendar, whatever its clocks do.

use std::str::FromStr;

use chrono::{DateTime, Datelike, Days, LocalResult, NaiveDate, TimeDelta, TimeZone, Utc, Weekday};
use chrono_tz::Tz;
use serde::Serialize;

/// What a tenant wants of its digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DigestSettings {
    /// Whether it is made.
    pub is_enabled: bool,
    /// On which day of the week.
    pub weekday: Weekday,
    /// At which hour of the tenant's clocks, 0 to 23.
    pub hour: u8,
    /// By which clocks.
    pub time_zone: Tz,
    /// Whether none is sent for a week in which nothing happened.
    pub skips_empty: bool,
}

impl Default for DigestSettings {
    fn default() -> Self {
        Self { is_enabled: true, weekday: Weekday::Mon, hour: 8, time_zone: Tz::UTC, skips_empty: true }
    }
}

/// A digest that is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DueDigest {
    /// The week, as ISO 8601 writes it: `2026-W47`.
    pub week: String,
    /// Since when it is due, which is the end of what it tells of.
    pub at: DateTime<Utc>,
    /// When the one of the week before was due, which is the beginning.
    pub since: DateTime<Utc>,
}

impl DigestSettings {
    /// The one that became due last before `now`, or at it.
    pub fn due(&self, now: DateTime<Utc>) -> DueDigest {
        let today = now.with_timezone(&self.time_zone).date_naive();
        // The clocks of a zone may have skipped a day: the week after that of today is looked at too.
        let weeks = [7, 0, -7, -14].map(|days: i64| monday(today) + TimeDelta::days(days));
        let found = weeks.into_iter().find(|week| self.instant(*week) <= now);
        let week = found.unwrap_or_else(|| monday(today) - TimeDelta::days(14));
        let since = self.instant(week - TimeDelta::days(7));
        DueDigest {
            week: format!("{}-W{:02}", week.iso_week().year(), week.iso_week().week()),
            at: self.instant(week),
            since,
        }
    }

    /// When the next one becomes due after `now`.
    pub fn next(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let week = monday(now.with_timezone(&self.time_zone).date_naive());
        let weeks = [-7, 0, 7, 14].map(|days: i64| self.instant(week + TimeDelta::days(days)));
        weeks.into_iter().find(|at| *at > now).unwrap_or(now)
    }

    /// When the one of the week of that Monday is due. A time that the clocks skip is the first one after it, and of one that
    /// they show twice the first counts.
    fn instant(&self, monday: NaiveDate) -> DateTime<Utc> {
        let day = monday + Days::new(self.weekday.num_days_from_monday().into());
        let mut local = day.and_time(chrono::NaiveTime::MIN) + TimeDelta::hours(self.hour.into());
        // No zone ever skipped more than a day.
        for _ in 0..=4 * 48 {
            match self.time_zone.from_local_datetime(&local) {
                LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => return at.with_timezone(&Utc),
                LocalResult::None => local += TimeDelta::minutes(15),
            }
        }
        local.and_utc()
    }
}

fn monday(day: NaiveDate) -> NaiveDate {
    day - Days::new(day.weekday().num_days_from_monday().into())
}

/// A day of the week by its English name.
pub fn weekday(text: &str) -> Result<Weekday, String> {
    Weekday::from_str(text).map_err(|_| "is no day of the week; write monday to sunday".to_owned())
}

/// A time zone by its name in the IANA database.
pub fn time_zone(text: &str) -> Result<Tz, String> {
    text.parse().map_err(|_| "is no time zone; write its IANA name, for example Europe/Berlin".to_owned())
}

/// The names of all time zones.
pub fn time_zones() -> impl Iterator<Item = &'static str> {
    chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name())
}

/// An hour of the day.
pub fn hour(hour: i64) -> Result<u8, String> {
    let fits = u8::try_from(hour).ok().filter(|hour| *hour < 24);
    fits.ok_or_else(|| "is no hour of the day; write 0 to 23".to_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn settings(weekday: Weekday, hour: u8, zone: &str) -> DigestSettings {
        DigestSettings { weekday, hour, time_zone: zone.parse().unwrap(), ..DigestSettings::default() }
    }

    #[test]
    fn it_is_due_at_the_hour_of_the_tenant_s_clocks_summer_and_winter() {
        let berlin = settings(Weekday::Mon, 8, "Europe/Berlin");
        let at = |now: &str| berlin.due(now.parse().unwrap());
        let due = at("2026-11-22T11:00:00Z");
        assert_eq!((due.week.as_str(), due.at.to_rfc3339().as_str()), ("2026-W47", "2026-11-16T07:00:00+00:00"));
        assert_eq!(at("2026-11-23T06:59:59Z"), due);
        assert_eq!(at("2026-11-23T07:00:00Z").week, "2026-W48");
        // The clocks went back on the 25th of October: that week has an hour more.
        let due = at("2026-10-26T12:00:00Z");
        assert_eq!((due.at - due.since).num_hours(), 7 * 24 + 1);
    }

    #[test]
    fn an_hour_that_is_skipped_or_comes_twice_counts_once() {
        let sunday = |now: &str| settings(Weekday::Sun, 2, "Europe/Berlin").due(now.parse().unwrap()).at.to_rfc3339();
        assert_eq!(sunday("2026-03-30T00:00:00Z"), "2026-03-29T01:00:00+00:00");
        assert_eq!(sunday("2026-10-26T00:00:00Z"), "2026-10-25T00:00:00+00:00");
        // Samoa had no 30th of December in 2011.
        let friday = settings(Weekday::Fri, 9, "Pacific/Apia").due("2012-01-01T12:00:00Z".parse().unwrap());
        assert_eq!((friday.week.as_str(), friday.at.to_rfc3339().as_str()), ("2011-W52", "2011-12-30T10:00:00+00:00"));
    }

    proptest! {
        #[test]
        fn there_is_exactly_one_for_each_week_in_every_zone(
            zone in prop::sample::select(chrono_tz::TZ_VARIANTS.to_vec()),
            weekday in prop::sample::select(vec![
                Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun
            ]),
            hour in 0_u8..24,
            start in 0_i64..(60 * 365 * 24),
        ) {
            let settings = DigestSettings { weekday, hour, time_zone: zone, ..DigestSettings::default() };
            let start = DateTime::UNIX_EPOCH + TimeDelta::hours(start);
            // Whoever looks every half an hour for eight weeks sees each due digest once, in a row and without a gap.
            let mut seen: Vec<DueDigest> = Vec::new();
            for step in 0..(8 * 7 * 48) {
                let due = settings.due(start + TimeDelta::minutes(30 * step));
                if seen.last() != Some(&due) {
                    prop_assert!(seen.last().is_none_or(|last| last.at == due.since), "{seen:?} {due:?}");
                    seen.push(due);
                }
            }
            let weeks: BTreeSet<&str> = seen.iter().map(|due| due.week.as_str()).collect();
            prop_assert_eq!(weeks.len(), seen.len());
            prop_assert!((8..=9).contains(&seen.len()), "{:?}", seen);
            for two in seen.windows(2) {
                prop_assert_eq!(settings.next(two[0].at), two[1].at);
                prop_assert_eq!(settings.next(two[1].at - TimeDelta::seconds(1)), two[1].at);
            }
        }
    }
}
