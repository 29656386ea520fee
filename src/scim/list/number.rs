//! Whole numbers as the parameters of a query have them.

/// A whole number of any length; only what fits the database's integers is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Integer {
    Negative,
    /// `None` if it is greater than `i64::MAX`.
    Positive(Option<u64>),
}

pub(super) fn integer(text: &str) -> Option<Integer> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let negative = digits.len() < text.len();
    Some(if negative {
        Integer::Negative
    } else {
        Integer::Positive(digits.parse::<i64>().ok().map(i64::unsigned_abs))
    })
}
