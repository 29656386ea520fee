//! Comparisons of text. The one place that knows patterns and their escapes.

use super::sql::{Bind, Sql, sql};
use crate::scim::filter::CompareOp;

/// Text that a comparison reads: an expression in the collation `C`, and whether an index may serve it.
#[derive(Clone)]
pub(super) struct TextExpression {
    pub sql: Sql,
    pub indexed: bool,
}

/// The comparison of `text` with `operand`.
pub(super) fn text_test(text: &TextExpression, op: CompareOp, operand: &str) -> Sql {
    let TextExpression { sql: text, indexed } = text.clone();
    let value = Bind::Text(operand.to_owned());
    match op {
        CompareOp::Contains if indexed && operand.chars().count() >= 3 => {
            sql![text, " LIKE ", unseen(containing(operand))]
        }
        CompareOp::Contains => sql!["strpos(", text, ", ", value, ") > 0"],
        CompareOp::StartsWith if indexed => starts_with(text, operand),
        CompareOp::StartsWith => sql!["starts_with(", text, ", ", value, ")"],
        CompareOp::EndsWith => sql!["right(", text, ", length(", value.clone(), ")) = ", value],
        _ => order_test(text, op, value),
    }
}

/// The comparison of two values that have an order. The substring operators find nothing in what is not text.
pub(super) fn order_test(left: impl Into<Sql>, op: CompareOp, right: impl Into<Sql>) -> Sql {
    let operator = match op {
        CompareOp::Equal => " = ",
        CompareOp::NotEqual => " <> ",
        CompareOp::Greater => " > ",
        CompareOp::GreaterOrEqual => " >= ",
        CompareOp::Less => " < ",
        CompareOp::LessOrEqual => " <= ",
        CompareOp::Contains | CompareOp::StartsWith | CompareOp::EndsWith => return Sql::from("false"),
    };
    sql![left.into(), operator, right.into()]
}

/// A value that the planner does not look at. Where it does, it plans a kept statement for that value alone, each time anew,
/// which takes longer than an index needs to find what is asked for.
fn unseen(text: String) -> Sql {
    sql!["(SELECT ", Bind::Text(text), ")"]
}

/// A prefix as a range, which a B-tree in the collation `C` serves whether or not the planner knows the prefix.
fn starts_with(text: Sql, prefix: &str) -> Sql {
    let from = sql![text.clone(), " >= ", unseen(prefix.to_owned())];
    match after_all_with(prefix) {
        Some(end) => sql!["(", from, " AND ", text, " < ", unseen(end), ")"],
        None => from,
    }
}

/// The least text that is greater than all texts with this prefix; none if there is no such text.
fn after_all_with(prefix: &str) -> Option<String> {
    let mut rest = prefix.to_owned();
    while let Some(last) = rest.pop() {
        let next = if last == '\u{d7ff}' { Some('\u{e000}') } else { char::from_u32(u32::from(last) + 1) };
        if let Some(next) = next {
            rest.push(next);
            return Some(rest);
        }
    }
    None
}

/// The pattern of LIKE for texts that contain `needle`.
fn containing(needle: &str) -> String {
    let mut pattern = String::with_capacity(needle.len() + 2);
    pattern.push('%');
    for character in needle.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stand_for_themselves() {
        assert_eq!(containing(r"50%_\"), r"%50\%\_\\%");
    }

    #[test]
    fn a_range_ends_behind_all_texts_with_the_prefix() {
        for (prefix, end) in [("ab", "ac"), ("a\u{10ffff}", "b"), ("\u{d7ff}", "\u{e000}"), ("z\u{7f}", "z\u{80}")] {
            assert_eq!(after_all_with(prefix).as_deref(), Some(end));
        }
        assert_eq!(after_all_with("\u{10ffff}"), None);
        assert_eq!(after_all_with(""), None);
    }
}
