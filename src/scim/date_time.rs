//! Reading a `dateTime` (RFC 7643, section 2.3.5: an XML Schema `dateTime`) as an instant.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, TimeZone, Timelike, Utc};

/// The instant that `text` names, to the microsecond: further digits are cut off, since the database holds no more. A
/// `dateTime` without an offset is taken as UTC. `None` if the text is no `dateTime`, names a leap second, or lies outside
/// the years 0 to 9999 in UTC, which is what the fixed-width form of dates can hold.
pub fn parse_instant(text: &str) -> Option<DateTime<Utc>> {
    let bytes = text.as_bytes();
    let separators = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if bytes.len() < 19 || separators.iter().any(|(at, byte)| bytes[*at].to_ascii_uppercase() != *byte) {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(digits(&bytes[..4])? as i32, digits(&bytes[5..7])?, digits(&bytes[8..10])?)?;
    let (micros, zone) = fraction(&bytes[19..])?;
    let (hour, minute, second) = (digits(&bytes[11..13])?, digits(&bytes[14..16])?, digits(&bytes[17..19])?);
    let local = date.and_hms_micro_opt(hour, minute, second, micros)?;
    let instant = offset(zone)?.from_local_datetime(&local).single()?.with_timezone(&Utc);
    (0..=9999).contains(&instant.year()).then_some(instant)
}

/// The one form in which instants are shown and compared as text: UTC, microseconds, 27 characters
/// (`2011-05-13T04:42:34.000000Z`) for the years 0 to 9999. Written by hand, since every answer carries two of them and
/// chrono reads its format anew each time.
pub fn fixed_width(instant: DateTime<Utc>) -> String {
    let mut text = String::with_capacity(27);
    let mut add = |number: u32, width: u32, end: char| {
        for place in (0..width).rev() {
            text.push(char::from(b'0' + (number / 10_u32.pow(place) % 10) as u8));
        }
        text.push(end);
    };
    let time = instant.time();
    add(instant.year().unsigned_abs(), 4, '-');
    add(instant.month(), 2, '-');
    add(instant.day(), 2, 'T');
    add(time.hour(), 2, ':');
    add(time.minute(), 2, ':');
    add(time.second(), 2, '.');
    add(time.nanosecond() / 1_000, 6, 'Z');
    text
}

fn digits(bytes: &[u8]) -> Option<u32> {
    bytes.iter().try_fold(0, |number: u32, byte| {
        byte.is_ascii_digit().then(|| number * 10 + u32::from(byte - b'0')) // at most six digits come here
    })
}

/// Microseconds, and what follows the fraction.
fn fraction(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let Some(rest) = bytes.strip_prefix(b".") else { return Some((0, bytes)) };
    let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if length == 0 {
        return None;
    }
    let kept = length.min(6);
    let micros = digits(&rest[..kept])? * 10_u32.pow(6 - kept as u32);
    Some((micros, &rest[length..]))
}

/// XML Schema allows offsets up to 14 hours.
fn offset(zone: &[u8]) -> Option<FixedOffset> {
    match zone {
        [] | [b'Z' | b'z'] => FixedOffset::east_opt(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (digits(&[*h1, *h2])?, digits(&[*m1, *m2])?);
            let seconds = (hours * 60 + minutes) as i32 * 60;
            let valid = minutes < 60 && seconds <= 14 * 3600;
            valid.then(|| FixedOffset::east_opt(if *sign == b'-' { -seconds } else { seconds }))?
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        parse_instant(text).map(fixed_width)
    }

    #[test]
    fn every_form_of_an_instant_is_read() {
        for (text, instant) in [
            ("2011-05-13T04:42:34Z", "2011-05-13T04:42:34.000000Z"),
            ("2011-05-13T04:42:34", "2011-05-13T04:42:34.000000Z"),
            ("2020-01-01T00:00:00+02:00", "2019-12-31T22:00:00.000000Z"),
            ("2020-01-01T00:00:00.5-14:00", "2020-01-01T14:00:00.500000Z"),
            ("0001-01-03T00:00:00.0000000Z", "0001-01-03T00:00:00.000000Z"),
            ("1969-12-31T23:59:59.9999999Z", "1969-12-31T23:59:59.999999Z"),
            ("0001-01-01t00:00:00+01:00", "0000-12-31T23:00:00.000000Z"),
        ] {
            assert_eq!(read(text).as_deref(), Some(instant), "{text}");
        }
    }

    #[test]
    fn what_names_no_instant_is_refused() {
        for text in [
            "",
            "2019-10-17",
            "2019-10-17T",
            "2019-10-17 01:07:00Z",
            "2019-02-29T00:00:00Z",
            "2019-10-17T24:00:00Z",
            "2016-12-31T23:59:60Z",
            "2019-10-17T01:07:00.Z",
            "2019-10-17T01:07:00+0200",
            "2019-10-17T01:07:00+02:60",
            "2019-10-17T01:07:00+14:01",
            "9999-12-31T23:59:59-01:00",
            "+019-10-17T01:07:00Z",
            "2019-10-17T01:07:00Zé",
            "ééééééééééééééé",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
