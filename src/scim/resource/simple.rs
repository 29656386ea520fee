//! Values without sub-attributes, by data type (RFC 7643, section 2.3).

use std::fmt::Display;

use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;

use crate::scim::date_time::parse_instant;
use crate::scim::json::MAX_STRING;
use crate::scim::schema::AttributeType;
use crate::scim::{ScimError, ScimType};

/// Checks `value`, which is not unassigned, and coerces what clients are known to send. Complex values do not come here.
pub(super) fn simple_value(kind: AttributeType, value: Value, at: &dyn Display) -> Result<Value, ScimError> {
    if let Value::String(text) = &value
        && text.len() > MAX_STRING
    {
        return Err(invalid(at, &format_args!("is longer than {MAX_STRING} bytes; shorten it")));
    }
    let fits = match (kind, &value) {
        (AttributeType::Boolean, Value::String(text)) => {
            let boolean = boolean_text(text).ok_or_else(|| invalid(at, &"must be true or false"))?;
            return Ok(Value::Bool(boolean));
        }
        (AttributeType::Boolean, Value::Bool(_)) | (AttributeType::Decimal, Value::Number(_)) => true,
        (AttributeType::Integer, Value::Number(number)) => number.is_i64(),
        (AttributeType::String, Value::String(_)) => true,
        (AttributeType::DateTime, Value::String(text)) => parse_instant(text).is_some(),
        (AttributeType::Binary, Value::String(text)) => is_base64(text),
        (AttributeType::Reference, Value::String(text)) => !text.chars().any(|c| c.is_control() || c.is_whitespace()),
        _ => false,
    };
    if fits { Ok(value) } else { Err(invalid(at, &format_args!("must be {}, not {}", due(kind), sent(kind, &value)))) }
}

/// Entra and OneLogin send booleans as text, in any case.
fn boolean_text(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") { Some(true) } else { text.eq_ignore_ascii_case("false").then_some(false) }
}

/// Either alphabet of RFC 4648, with or without padding.
fn is_base64(text: &str) -> bool {
    const CONFIG: GeneralPurposeConfig = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let alphabet = if text.contains(['-', '_']) { &URL_SAFE } else { &STANDARD };
    GeneralPurpose::new(alphabet, CONFIG).decode(text).is_ok()
}

fn invalid(at: &dyn Display, what: &dyn Display) -> ScimError {
    ScimError::bad_request(ScimType::InvalidValue, format!("{at} {what}"))
}

fn due(kind: AttributeType) -> &'static str {
    match kind {
        AttributeType::String => "a string",
        AttributeType::Boolean => "true or false",
        AttributeType::Decimal => "a number",
        AttributeType::Integer => "a whole number of 64 bits",
        AttributeType::DateTime => "a dateTime such as 2011-05-13T04:42:34Z",
        AttributeType::Binary => "a string in base64",
        AttributeType::Reference => "a URI without spaces or control characters",
        AttributeType::Complex => "an object",
    }
}

fn sent(kind: AttributeType, value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) if kind == AttributeType::Integer => "another number",
        Value::Number(_) => "a number",
        Value::String(_) if matches!(kind, AttributeType::Decimal | AttributeType::Integer) => "a string",
        Value::String(_) => "this text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_type_takes_its_values_and_refuses_others() {
        use AttributeType::{Binary, Boolean, DateTime, Decimal, Integer, Reference, String};
        for (kind, good, bad) in [
            (String, vec![json!("x"), json!(" ")], vec![json!(1), json!(true), json!({"a": 1})]),
            (Boolean, vec![json!(true)], vec![json!("1"), json!(0)]),
            (Integer, vec![json!(-5), json!(i64::MAX)], vec![json!(1.5), json!(u64::MAX), json!("5")]),
            (Decimal, vec![json!(1.5), json!(2)], vec![json!("1.5"), json!(false)]),
            (
                DateTime,
                vec![json!("2011-05-13T04:42:34.1234567Z")],
                vec![json!("2011-05-13"), json!("yesterday"), json!(0)],
            ),
            (
                Binary,
                vec![json!("AQID"), json!("AQ=="), json!("AQ"), json!("_-8=")],
                vec![json!("A"), json!("A Q="), json!("+_8="), json!(1)],
            ),
            (Reference, vec![json!("MFGM"), json!("../x?y#z")], vec![json!("a b"), json!("a\u{7f}"), json!(1)]),
        ] {
            for value in good {
                assert_eq!(simple_value(kind, value.clone(), &"x"), Ok(value));
            }
            for value in bad {
                let error = simple_value(kind, value.clone(), &"x").unwrap_err();
                assert_eq!((error.status, error.scim_type), (400, Some(ScimType::InvalidValue)), "{kind:?} {value}");
                assert!(error.detail.starts_with("x must be "), "{}", error.detail);
            }
        }
        let long = simple_value(String, json!("x".repeat(MAX_STRING + 1)), &"title").unwrap_err();
        assert_eq!(long.detail, "title is longer than 65536 bytes; shorten it");
    }
}
