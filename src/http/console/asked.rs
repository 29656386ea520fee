//! What is asked of the activity log: a form's words, the way to the next page, and the file with the same.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::Visit;
use super::fields::query;
use crate::model::{ActionName, ActivityFilter, Kind};

/// What the form asks for.
pub struct Asked<'a> {
    /// The word of what.
    pub kind: &'a str,
    /// Through which connection.
    pub connection: &'a str,
    /// By whom.
    pub actor: &'a str,
    /// About what.
    pub target: &'a str,
    /// From which day on.
    pub from: &'a str,
    /// Up to and with which day.
    pub to: &'a str,
}

impl<'a> Asked<'a> {
    /// What the query of a request says.
    pub fn of(visit: &'a Visit<'_>) -> Self {
        let get = |name| visit.query.get(name);
        Self {
            kind: get("kind"),
            connection: get("connection"),
            actor: get("actor"),
            target: get("target"),
            from: get("from"),
            to: get("to"),
        }
    }

    /// The same as a query, with the place to go on from.
    pub fn query(&self, after: &str) -> String {
        let Self { kind, connection, actor, target, from, to } = self;
        query(&[
            ("kind", kind),
            ("connection", connection),
            ("actor", actor),
            ("target", target),
            ("from", from),
            ("to", to),
            ("after", after),
        ])
    }

    /// The same for the admin API, which makes files of it; `log` is where that has the log.
    pub fn export(&self, log: &str, format: &str) -> String {
        let Ok(filter) = self.filter() else { return String::new() };
        let kind = filter.kind.map_or("", Kind::as_str);
        let action = filter.action.as_ref().map_or("", ActionName::as_str);
        let instant = |at: Option<DateTime<Utc>>| at.map_or_else(String::new, |at| at.to_rfc3339());
        let (from, to) = (instant(filter.from), instant(filter.to));
        let Self { connection, actor, target, .. } = self;
        let pairs = [
            ("format", format),
            ("kind", kind),
            ("action", action),
            ("connection", connection),
            ("actor", actor),
            ("target", target),
            ("from", &from),
            ("to", &to),
        ];
        format!("{log}/export{}", query(&pairs))
    }

    /// The same for the store.
    ///
    /// # Errors
    /// What is wrong with it, for people.
    pub fn filter(&self) -> Result<ActivityFilter, String> {
        let some = |text: &'a str| (!text.is_empty()).then_some(text);
        let term = |text: &'a str| some(text).map(|text| text.parse().map_err(|error| format!("{error}"))).transpose();
        let (kind, action) = match self.kind {
            "" => (None, None),
            "change" | "request" | "administration" => (Some(self.kind.parse()?), None),
            action => (Some(Kind::Change), Some(action.parse::<ActionName>()?)),
        };
        Ok(ActivityFilter {
            kind,
            action,
            connection: term(self.connection)?,
            actor: term(self.actor)?,
            target: term(self.target)?,
            from: some(self.from).map(day).transpose()?,
            to: some(self.to).map(day).transpose()?.map(|day| day + TimeDelta::days(1)),
            ..ActivityFilter::default()
        })
    }
}

/// The beginning of a day in UTC.
fn day(text: &str) -> Result<DateTime<Utc>, String> {
    let day: NaiveDate = text.parse().map_err(|_| format!("{text} is no date; write it as 2026-11-22"))?;
    let years = NaiveDate::from_ymd_opt(1970, 1, 1)..NaiveDate::from_ymd_opt(9999, 1, 1);
    if years.contains(&Some(day)) {
        Ok(day.and_time(NaiveTime::MIN).and_utc())
    } else {
        Err(format!("{text} is too far away"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_and_bounded() {
        assert_eq!(day("2026-11-22").unwrap().to_rfc3339(), "2026-11-22T00:00:00+00:00");
        for wrong in ["22.11.2026", "2026-13-01", "+262142-01-01", "1600-01-01"] {
            assert!(day(wrong).is_err(), "{wrong}");
        }
    }
}
