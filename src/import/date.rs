//! Dates as people write them.

use std::str::FromStr;

use chrono::NaiveDate;

use crate::scim::date_time::parse_instant;

/// Which part of a date with slashes comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateOrder {
    /// `31/12/2026`
    DayFirst,
    /// `12/31/2026`
    MonthFirst,
}

impl FromStr for DateOrder {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "dmy" => Ok(Self::DayFirst),
            "mdy" => Ok(Self::MonthFirst),
            _ => Err(format!("\"{text}\" is no order of dates; use dmy (31/12/2026) or mdy (12/31/2026)")),
        }
    }
}

/// What a date says of the order of its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hint {
    /// It can be read in one way only, and tells nothing of others.
    Nothing,
    /// It is a date in this order only.
    Only(DateOrder),
    /// It is another date in each order.
    Either,
}

/// What `text` says of the order.
pub fn hint(text: &str) -> Hint {
    let Some((first, second, year)) = slashes(text) else { return Hint::Nothing };
    let day_first = NaiveDate::from_ymd_opt(year, second, first);
    let month_first = NaiveDate::from_ymd_opt(year, first, second);
    match (day_first, month_first) {
        (Some(_), None) => Hint::Only(DateOrder::DayFirst),
        (None, Some(_)) => Hint::Only(DateOrder::MonthFirst),
        (Some(one), Some(other)) if one != other => Hint::Either,
        _ => Hint::Nothing,
    }
}

/// The instant that `text` names, as SCIM writes it; days begin at midnight in UTC. `None` if it is no date, or one that needs
/// an order and has none.
pub fn instant(text: &str, order: Option<DateOrder>) -> Option<String> {
    let iso = text.replacen(' ', "T", 1);
    if parse_instant(&iso).is_some() {
        let has_zone = iso.ends_with(['Z', 'z']) || iso[19..].contains(['+', '-']);
        return Some(if has_zone { iso } else { format!("{iso}Z") });
    }
    let date = match slashes(text) {
        Some((first, second, year)) => match order? {
            DateOrder::DayFirst => NaiveDate::from_ymd_opt(year, second, first),
            DateOrder::MonthFirst => NaiveDate::from_ymd_opt(year, first, second),
        },
        None => year_first(text).or_else(|| dots(text)),
    };
    date.map(|date| date.format("%Y-%m-%dT00:00:00Z").to_string())
}

/// `2026-12-31`, `2026/12/31`.
fn year_first(text: &str) -> Option<NaiveDate> {
    let [year, month, day] = parts(text, ['-', '/'])?;
    (year.len() == 4).then_some(())?;
    NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

/// `31.12.2026`: with dots the day always comes first.
fn dots(text: &str) -> Option<NaiveDate> {
    let [day, month, year] = parts(text, ['.', '.'])?;
    (year.len() == 4).then_some(())?;
    NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

/// The two parts before the year of `31/12/2026` or `12-31-2026`, and the year.
fn slashes(text: &str) -> Option<(u32, u32, i32)> {
    let [first, second, year] = parts(text, ['/', '-'])?;
    (year.len() == 4 && first.len() <= 2).then_some(())?;
    Some((first.parse().ok()?, second.parse().ok()?, year.parse().ok()?))
}

/// Three groups of digits with one of the separators between them, the same twice.
fn parts(text: &str, separators: [char; 2]) -> Option<[&str; 3]> {
    let separator = separators.into_iter().find(|separator| text.contains(*separator))?;
    let mut parts = text.split(separator);
    let found = [parts.next()?, parts.next()?, parts.next()?];
    let digits = |part: &&str| (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    (parts.next().is_none() && found.iter().all(digits)).then_some(found)
}
