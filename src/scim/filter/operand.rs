//! From the literal of a filter to the value that a comparison with an attribute uses.

use super::error::FilterErrorKind;
use super::{CompareOp, Literal, Operand};
use crate::scim::date_time::parse_instant;
use crate::scim::fold::fold;
use crate::scim::schema::{AttributeDefinition, AttributeType};

/// The operand for a simple attribute, or why there is none. `path` is the attribute's name for errors. `null` does not
/// come here.
pub(super) fn operand(
    attribute: &AttributeDefinition,
    path: &str,
    op: CompareOp,
    literal: &Literal,
) -> Result<Operand, FilterErrorKind> {
    check_operator(attribute.kind, path, op)?;
    let wrong = |expected| FilterErrorKind::WrongValue {
        path: path.to_owned(),
        kind: kind_name(attribute.kind),
        expected,
        found: literal_name(literal),
    };
    match attribute.kind {
        AttributeType::Boolean => boolean(literal).ok_or_else(|| wrong("true or false")),
        AttributeType::Integer => number(literal, false).ok_or_else(|| wrong("a number")),
        AttributeType::Decimal => number(literal, true).ok_or_else(|| wrong("a number")),
        AttributeType::DateTime => {
            instant(literal).ok_or_else(|| wrong("a quoted dateTime such as \"2026-01-31T09:30:00Z\""))
        }
        AttributeType::String | AttributeType::Reference | AttributeType::Binary => match literal {
            Literal::String(text) if text.contains('\0') => Err(FilterErrorKind::Nul(path.to_owned())),
            Literal::String(text) if attribute.compares_exactly() => Ok(Operand::Exact(text.clone())),
            Literal::String(text) => Ok(Operand::Folded(fold(text).into_owned())),
            _ => Err(wrong("a string in double quotes")),
        },
        AttributeType::Complex => Err(wrong("null")),
    }
}

/// RFC 7644, section 3.4.2.2, table 3: order is not defined for booleans and binaries, substrings only for text.
fn check_operator(kind: AttributeType, path: &str, op: CompareOp) -> Result<(), FilterErrorKind> {
    use CompareOp::{Contains, EndsWith, Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual, StartsWith};
    let allowed = match (kind, op) {
        (_, Equal | NotEqual) | (AttributeType::String | AttributeType::Reference, _) => return Ok(()),
        (AttributeType::Binary, Contains | StartsWith | EndsWith) => return Ok(()),
        (
            AttributeType::Integer | AttributeType::Decimal | AttributeType::DateTime,
            Greater | GreaterOrEqual | Less | LessOrEqual,
        ) => return Ok(()),
        (AttributeType::Boolean | AttributeType::Complex, _) => "eq, ne or pr",
        (AttributeType::Binary, _) => "eq, ne, co, sw, ew or pr",
        (AttributeType::Integer | AttributeType::Decimal | AttributeType::DateTime, _) => {
            "eq, ne, gt, ge, lt, le or pr"
        }
    };
    Err(FilterErrorKind::WrongOperator { path: path.to_owned(), kind: kind_name(kind), op: op.as_str(), allowed })
}

/// Entra compares booleans with the strings `"True"` and `"False"`.
fn boolean(literal: &Literal) -> Option<Operand> {
    let value = match literal {
        Literal::Boolean(value) => *value,
        Literal::String(text) if text.eq_ignore_ascii_case("true") => true,
        Literal::String(text) if text.eq_ignore_ascii_case("false") => false,
        _ => return None,
    };
    Some(Operand::Boolean(value))
}

/// Whole numbers stay exact where the attribute is whole.
fn number(literal: &Literal, decimal: bool) -> Option<Operand> {
    let Literal::Number(number) = literal else { return None };
    match number.as_i64() {
        Some(integer) if !decimal => Some(Operand::Integer(integer)),
        _ => number.as_f64().map(Operand::Decimal),
    }
}

fn instant(literal: &Literal) -> Option<Operand> {
    let Literal::String(text) = literal else { return None };
    parse_instant(text).map(Operand::Instant)
}

fn kind_name(kind: AttributeType) -> &'static str {
    match kind {
        AttributeType::String => "string",
        AttributeType::Boolean => "boolean",
        AttributeType::Decimal => "decimal",
        AttributeType::Integer => "integer",
        AttributeType::DateTime => "dateTime",
        AttributeType::Binary => "binary",
        AttributeType::Reference => "reference",
        AttributeType::Complex => "complex attribute",
    }
}

fn literal_name(literal: &Literal) -> &'static str {
    match literal {
        Literal::Null => "null",
        Literal::Boolean(_) => "a boolean",
        Literal::Number(_) => "a number",
        Literal::String(_) => "this text",
    }
}
