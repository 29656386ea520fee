//! The one entrance for JSON from outside.
//!
//! What two readers could understand differently, what the database cannot hold, and what would exhaust us is refused here,
//! before any schema code sees it: duplicate names, U+0000, lone surrogates, deep nesting, overlong strings. One pass over
//! the bytes, no second tree.

use std::cell::Cell;
use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::{ScimError, ScimType};

/// How deep arrays and objects may stand inside each other; the body itself is the first level.
pub const MAX_DEPTH: usize = 32;
/// The longest string or name, in bytes.
pub const MAX_STRING: usize = 64 * 1024;

/// How many values a body of any size may hold, all levels together, and for how many of its bytes a larger one may hold one
/// more. Read, a value takes up many times the byte or two that it may take on the wire; a list of members, the densest that
/// is sent in earnest, has one in twenty-four bytes.
const VALUES: usize = 10_000;
const BYTES_PER_VALUE: usize = 10;

/// Reads a request's body. Every fault is a 400 `invalidSyntax` that tells what is wrong and at which line and column.
pub fn parse(bytes: &[u8]) -> Result<Value, ScimError> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(ScimError::bad_request(ScimType::InvalidSyntax, "the body is empty; send a JSON object"));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let most = VALUES.max(bytes.len() / BYTES_PER_VALUE);
    let left = Cell::new(most);
    let value = Level { depth: 1, left: &left, most }.deserialize(&mut deserializer);
    value.and_then(|value| deserializer.end().map(|()| value)).map_err(|error| {
        ScimError::bad_request(ScimType::InvalidSyntax, format!("the body is not acceptable JSON: {error}"))
    })
}

/// A value that stands at a depth; a scalar counts as standing in its container.
#[derive(Clone, Copy)]
struct Level<'a> {
    depth: usize,
    /// How many values the body may still have.
    left: &'a Cell<usize>,
    /// How many it may have in all.
    most: usize,
}

impl Level<'_> {
    fn check<E: Error>(self) -> Result<Self, E> {
        if self.depth > MAX_DEPTH {
            return Err(E::custom(format_args!("arrays and objects are nested deeper than {MAX_DEPTH} levels")));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Level<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        match self.left.get() {
            0 => return Err(D::Error::custom(format_args!("more than {} values; split the request", self.most))),
            left => self.left.set(left - 1),
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Level<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        check_text(text)?;
        Ok(Value::String(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let inner = self.check()?;
        let mut array = Vec::new();
        while let Some(element) = elements.next_element_seed(inner)? {
            array.push(element);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inner = self.check()?;
        let mut names = Names::default();
        let mut object = Map::new();
        while let Some(name) = members.next_key_seed(Name)? {
            if names.has_twin(&name, &object) {
                return Err(A::Error::custom(format_args!(
                    "the name {} stands more than once in one object (names are compared without case)",
                    shown(&name)
                )));
            }
            object.insert(name, members.next_value_seed(inner)?);
        }
        Ok(Value::Object(object))
    }
}

/// A member's name.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<String, E> {
        check_text(text)?;
        Ok(text.to_owned())
    }
}

/// The names of one object. Few names are compared one by one; a set takes over before that becomes slow.
#[derive(Default)]
struct Names {
    lower_case: HashSet<String>,
}

impl Names {
    const FEW: usize = 32;

    fn has_twin(&mut self, name: &str, object: &Map<String, Value>) -> bool {
        if object.len() < Self::FEW {
            return object.keys().any(|known| known.eq_ignore_ascii_case(name));
        }
        if self.lower_case.is_empty() {
            self.lower_case.extend(object.keys().map(|known| known.to_ascii_lowercase()));
        }
        !self.lower_case.insert(name.to_ascii_lowercase())
    }
}

fn check_text<E: Error>(text: &str) -> Result<(), E> {
    if text.len() > MAX_STRING {
        return Err(E::custom(format_args!("a string is longer than {MAX_STRING} bytes")));
    }
    if text.as_bytes().contains(&0) {
        return Err(E::custom("a string contains the character U+0000, which cannot be stored"));
    }
    Ok(())
}

/// A name as an error repeats it: quoted, control characters escaped, cut.
fn shown(name: &str) -> String {
    const SHOWN: usize = 60;
    format!("{:?}", name.chars().take(SHOWN).collect::<String>())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn refusal(bytes: impl AsRef<[u8]>) -> String {
        let error = parse(bytes.as_ref()).unwrap_err();
        assert_eq!((error.status, error.scim_type), (400, Some(ScimType::InvalidSyntax)));
        error.detail
    }

    #[test]
    fn each_fault_is_told_with_its_place() {
        let told = |bytes: &[u8]| refusal(bytes).replacen("the body is not acceptable JSON: ", "", 1);
        assert_eq!(told(b" \r\n\t"), "the body is empty; send a JSON object");
        assert_eq!(told(b"{\"a\":1} x"), "trailing characters at line 1 column 9");
        assert_eq!(
            told(b"{\"userName\":1,\n \"USERNAME\":2}"),
            "the name \"USERNAME\" stands more than once in one object (names are compared without case) at line 2 column 11"
        );
        assert_eq!(
            told(br#"["a\u0000b"]"#),
            "a string contains the character U+0000, which cannot be stored at line 1 column 11"
        );
        assert!(told(br#"{"a\u0000":1}"#).starts_with("a string contains the character U+0000"));
        assert!(told(br#"["\ud800"]"#).contains("hex escape at line 1 column"));
        assert!(told(br#"["\udc00"]"#).contains("surrogate"));
        assert_eq!(told(b"[\"\xff\"]"), "invalid unicode code point at line 1 column 3");
        assert_eq!(told(b"[1e999]"), "number out of range at line 1 column 6");
        assert!(told(b"{\"a\":").starts_with("EOF while parsing"));
        assert!(told(b"[NaN]").contains("expected value"));
    }

    #[test]
    fn depth_is_limited_and_deep_input_does_not_exhaust_the_stack() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(nested(MAX_DEPTH).as_bytes()).is_ok());
        assert!(refusal(nested(MAX_DEPTH + 1)).contains("nested deeper than 32 levels"));
        assert!(refusal(nested(10_000)).contains("nested deeper than 32 levels"));
        assert!(refusal("[".repeat(1_000_000)).contains("nested deeper than 32 levels"));
        assert!(refusal(r#"{"a":"#.repeat(10_000)).contains("nested deeper than 32 levels"));
    }

    #[test]
    fn long_strings_and_names_are_refused() {
        let body = |length: usize| format!(r#"{{"a":"{}"}}"#, "x".repeat(length));
        assert!(parse(body(MAX_STRING).as_bytes()).is_ok());
        assert!(refusal(body(MAX_STRING + 1)).contains("longer than 65536 bytes"));
        assert!(refusal(format!(r#"{{"{}":1}}"#, "x".repeat(MAX_STRING + 1))).contains("longer than 65536 bytes"));
    }

    #[test]
    fn values_are_counted_on_all_levels() {
        let body = |count: usize| format!("[{}{{}}]", "{\"a\":0},".repeat(count));
        assert!(parse(body((VALUES - 2) / 2).as_bytes()).is_ok());
        assert!(refusal(body(VALUES / 2)).contains("more than 10000 values; split the request"));
    }

    #[test]
    fn a_large_body_may_hold_a_value_in_ten_bytes() {
        let body = |blanks: usize| format!("[{}0]{}", "0,".repeat(19_998), " ".repeat(blanks));
        assert!(parse(body(160_002).as_bytes()).is_ok());
        assert!(refusal(body(159_992)).contains("more than 19999 values; split the request"));
    }

    #[test]
    fn a_duplicate_among_many_names_is_found() {
        let many: String = (0..50_000).map(|i| format!("\"k{i:05}\":0,")).collect();
        assert!(parse(format!("{{{many}\"last\":0}}").as_bytes()).is_ok());
        assert!(refusal(format!("{{{many}\"K00007\":0}}")).contains("\"K00007\" stands more than once"));
    }

    #[test]
    fn a_number_stays_the_same_however_often_it_is_written_and_read() {
        for text in ["77777000000011105683216109345904", "0.1", "1e23", "5e-324", "123456789.123456789012345"] {
            let read = parse(text.as_bytes()).unwrap();
            assert_eq!(parse(read.to_string().as_bytes()).unwrap(), read, "{text}");
        }
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "[^\u{0}]{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(6, 64, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map("[a-z$\u{e9}]{0,6}", inner, 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_has_no_fault_reads_as_serde_json_reads_it(value in json(), pretty in any::<bool>()) {
            let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
            let plain: Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(parse(text.as_bytes()).unwrap(), plain);
        }

        #[test]
        fn no_input_panics_and_nothing_is_accepted_that_serde_json_refuses(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            if let Ok(value) = parse(&bytes) {
                prop_assert_eq!(serde_json::from_slice::<Value>(&bytes).unwrap(), value);
            }
        }
    }
}
