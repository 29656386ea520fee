//! Durations and sizes as people write them.

use std::time::Duration;

/// Reads `500ms`, `30s`, `5m`, `12h` or `90d`.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = split(text);
    let milliseconds: u64 = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err("is no duration; write for example 500ms, 30s, 5m, 12h or 90d".into()),
    };
    let length = number.and_then(|number| number.checked_mul(milliseconds)).filter(|length| *length > 0);
    length.map(Duration::from_millis).ok_or_else(|| "is no duration; write a whole number above 0 and a unit".into())
}

/// Reads `65536`, `64KiB` or `1MiB`, in bytes.
pub fn parse_size(text: &str) -> Result<usize, String> {
    let (number, unit) = split(text);
    let bytes: u64 = match unit {
        "" | "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        _ => return Err("is no size; write for example 65536, 64KiB or 1MiB".into()),
    };
    let size = number.and_then(|number| number.checked_mul(bytes)).filter(|size| *size > 0);
    size.and_then(|size| usize::try_from(size).ok())
        .ok_or_else(|| "is no size; write a whole number above 0, with KiB or MiB after it if you like".into())
}

fn split(text: &str) -> (Option<u64>, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    (text[..end].parse().ok(), &text[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_need_a_unit() {
        assert_eq!(parse_duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse_duration("90d"), Ok(Duration::from_secs(90 * 86_400)));
        for wrong in ["", "30", "s", "0s", "-1s", "1.5s", "30 s", "99999999999999999999d", "18446744073709551615d"] {
            assert!(parse_duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn sizes_are_bytes_unless_a_unit_says_otherwise() {
        assert_eq!(parse_size("1MiB"), Ok(1_048_576));
        assert_eq!(parse_size("70"), Ok(70));
        for wrong in ["", "0", "1MB", "1.5KiB", "KiB", "18446744073709551615MiB"] {
            assert!(parse_size(wrong).is_err(), "{wrong}");
        }
    }
}
