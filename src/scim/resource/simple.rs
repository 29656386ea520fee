//! Values without sub-attributes, by data type (RFC 7643, section 2.3).

use std::fmt::Display;

use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use chrono::{DateTime, Datelike, NaiveDateTime, Utc};
use serde_json::Value;

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

/// The instant that an XML Schema `dateTime` names; without a zone it is taken as UTC. Years outside 0 to 9999 have no place
/// in the fixed-width form that dates are compared in.
pub(in crate::scim) fn parse_instant(text: &str) -> Option<DateTime<Utc>> {
    if !matches!(text.as_bytes().get(10), Some(b'T' | b't')) {
        return None;
    }
    let instant = match DateTime::parse_from_rfc3339(text) {
        Ok(instant) => instant.with_timezone(&Utc),
        Err(_) => NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok()?.and_utc(),
    };
    (0..=9999).contains(&instant.year()).then_some(instant)
}

/// Entra and OneLogin send booleans as text, in any case.
pub(in crate::scim) fn boolean_text(text: &str) -> Option<bool> {
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
