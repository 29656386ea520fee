//! What an answer must hold, written as JSON: a value stands for itself, `@` operators for what a value cannot say.
//!
//! | written | matches |
//! |---|---|
//! | string, number, boolean, null | exactly that value (`3` is not `"3"`) |
//! | `{"a": .., "b": ..}` | an object in which these keys match; other keys may be there |
//! | `[m1, m2]` | an array of exactly these elements in this order |
//! | `{"@equals": v}` | exactly `v`, with no other keys or elements |
//! | `{"@absent": true}` | no such key, `null` or `[]`: unassigned, as RFC 7643 section 2.5 has it |
//! | `{"@present": true}` | anything but null, `""`, `[]` and `{}` |
//! | `{"@integer": true}` | a JSON integer, not a string of digits |
//! | `{"@atLeast": n}` | a JSON integer of at least `n` |
//! | `{"@length": n}` | an array of `n` elements |
//! | `{"@contains": [m1, m2]}` | an array in which each matcher finds an element, wherever it stands |
//! | `{"@lacks": m}` | no array here, or an array in which no element matches |
//! | `{"@startsWith": s}`, `{"@endsWith": s}` | a string with this beginning or end |
//! | `{"@oneOf": [m1, m2]}` | what one of the matchers matches |
//!
//! Strings may hold `{{variable}}` places. An object holds either one operator or keys, never both.

mod compare;
mod rule;

use std::fmt;

use serde::Deserialize;
use serde_json::Value;

use self::compare::Comparison;
pub use self::rule::MatcherError;
use self::rule::Rule;
use crate::variables::{UnknownVariable, Variables};

/// A parsed matcher; the module describes what can be written.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Value")]
pub struct Matcher(Rule);

/// One place where an answer differs from what was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// JSON pointer to the place.
    pub at: String,
    /// What was expected there.
    pub expected: String,
    /// What was found there.
    pub actual: String,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = if self.at.is_empty() { "the whole" } else { &self.at };
        write!(f, "{at}: expected {}, found {}", self.expected, self.actual)
    }
}

impl TryFrom<Value> for Matcher {
    type Error = MatcherError;

    fn try_from(value: Value) -> Result<Self, MatcherError> {
        Rule::parse(value).map(Self)
    }
}

impl Matcher {
    /// Compares; an empty list means that `actual` matches.
    ///
    /// # Errors
    /// A `{{variable}}` of the matcher is unknown.
    pub(crate) fn check(
        &self,
        actual: Option<&Value>,
        variables: &Variables,
    ) -> Result<Vec<Mismatch>, UnknownVariable> {
        let mut found = Vec::new();
        Comparison { variables, found: &mut found }.compare(&self.0, actual, "")?;
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(matcher: Value, actual: Value) -> Vec<String> {
        let variables = Variables::default();
        variables.set("id", json!("42"));
        let matcher = Matcher::try_from(matcher).unwrap();
        matcher.check(Some(&actual), &variables).unwrap().iter().map(Mismatch::to_string).collect()
    }

    /// Rows of matcher, what it takes, what it refuses.
    fn assert_tells_apart(matcher: Value, taken: &[Value], refused: &[Value]) {
        for value in taken {
            assert_eq!(check(matcher.clone(), value.clone()), Vec::<String>::new(), "{matcher} should take {value}");
        }
        for value in refused {
            assert!(!check(matcher.clone(), value.clone()).is_empty(), "{matcher} should refuse {value}");
        }
    }

    #[test]
    fn values_match_themselves_only() {
        assert_tells_apart(json!("a"), &[json!("a")], &[json!("A"), json!(null), json!(["a"])]);
        assert_tells_apart(json!(3), &[json!(3)], &[json!("3"), json!(3.0), json!(4)]);
        assert_tells_apart(json!(true), &[json!(true)], &[json!("True"), json!(1)]);
        assert_tells_apart(json!("/Users/{{id}}"), &[json!("/Users/42")], &[json!("/Users/43")]);
    }

    #[test]
    fn objects_are_subsets_and_arrays_are_whole() {
        assert_tells_apart(json!({"a": 1}), &[json!({"a": 1, "b": 2})], &[json!({"b": 2}), json!([]), json!(null)]);
        assert_tells_apart(
            json!([{"a": 1}, 2]),
            &[json!([{"a": 1, "b": 0}, 2])],
            &[json!([2, {"a": 1}]), json!([{"a": 1}]), json!({})],
        );
        assert_tells_apart(json!({"@equals": {"a": 1}}), &[json!({"a": 1})], &[json!({"a": 1, "b": 2})]);
    }

    #[test]
    fn absent_is_unassigned() {
        assert_tells_apart(
            json!({"a": {"@absent": true}}),
            &[json!({}), json!({"a": null}), json!({"a": []})],
            &[json!({"a": ""}), json!({"a": false}), json!({"a": {}}), json!({"a": [1]})],
        );
        assert_tells_apart(
            json!({"a": {"@present": true}}),
            &[json!({"a": "x"}), json!({"a": 0}), json!({"a": false}), json!({"a": [0]})],
            &[json!({}), json!({"a": null}), json!({"a": ""}), json!({"a": []}), json!({"a": {}})],
        );
    }

    #[test]
    fn numbers_must_be_json_integers() {
        assert_tells_apart(json!({"@integer": true}), &[json!(0), json!(-1)], &[json!("0"), json!(1.5), json!(null)]);
        assert_tells_apart(json!({"@atLeast": 2}), &[json!(2), json!(3)], &[json!(1), json!("2"), json!(2.5)]);
    }

    #[test]
    fn arrays_are_counted_and_searched() {
        assert_tells_apart(json!({"@length": 1}), &[json!([0])], &[json!([]), json!([0, 0]), json!("a"), json!(null)]);
        assert_tells_apart(
            json!({"@contains": [{"v": 2}, {"v": 1}]}),
            &[json!([{"v": 1}, {"v": 3}, {"v": 2, "x": 0}])],
            &[json!([{"v": 1}]), json!([]), json!({"v": 1}), json!(null)],
        );
        assert_tells_apart(
            json!({"m": {"@lacks": {"v": "{{id}}"}}}),
            &[json!({"m": [{"v": "7"}]}), json!({"m": []}), json!({})],
            &[json!({"m": [{"v": "7"}, {"v": "42"}]})],
        );
    }

    #[test]
    fn text_has_ends_and_choices() {
        assert_tells_apart(json!({"@startsWith": "ab"}), &[json!("abc")], &[json!("cab"), json!(null)]);
        assert_tells_apart(json!({"@endsWith": "/{{id}}"}), &[json!("x/42")], &[json!("x/4"), json!(42)]);
        assert_tells_apart(json!({"@oneOf": ["", {"@absent": true}]}), &[json!(""), json!(null)], &[json!("x")]);
    }

    #[test]
    fn a_difference_names_place_expectation_and_finding() {
        assert_eq!(
            check(json!({"emails": [{"value": "a", "type": {"@absent": true}}]}), json!({"emails": [{"value": "b"}]})),
            [r#"/emails/0/value: expected "a", found "b""#]
        );
        assert_eq!(
            check(json!({"a/b": {"@length": 2}}), json!({})),
            ["/a~1b: expected an array of 2 elements, found nothing"]
        );
        assert_eq!(check(json!({"a": 1}), json!(null)), ["the whole: expected an object with a, found null"]);
        assert_eq!(
            check(json!({"@contains": [{"v": "{{id}}"}]}), json!([])),
            [r#"the whole: expected an array holding (v = "42"), found []"#]
        );
    }

    #[test]
    fn refuses_what_it_cannot_read() {
        let error = |value: Value| Matcher::try_from(value).unwrap_err().to_string();
        assert_eq!(error(json!({"@like": "x"})), r#"unknown operator "@like""#);
        assert_eq!(
            error(json!({"a": {"@length": 1, "b": 2}})),
            r#"the operator "@length" must be the only key of its object"#
        );
        assert_eq!(error(json!({"@absent": false})), r#"the operator "@absent" cannot take false"#);
        assert_eq!(error(json!({"@length": -1})), r#"the operator "@length" cannot take -1"#);
    }

    #[test]
    fn an_unknown_variable_is_an_error() {
        let matcher = Matcher::try_from(json!({"id": "{{nobody}}"})).unwrap();
        assert!(matcher.check(Some(&json!({"id": "1"})), &Variables::default()).is_err());
    }
}
