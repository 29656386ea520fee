//! Why a filter or a path is refused: where, what was found, what was expected.

use std::fmt;

use super::{MAX_DEPTH, MAX_LENGTH, MAX_TERMS};
use crate::scim::{ScimError, ScimType};

/// A refusal of a filter or a path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at position {position}: {kind}")]
pub struct FilterError {
    /// The byte offset in the text, from 0. What does not fit the schema is shown at the path it is about.
    pub position: usize,
    /// What is wrong.
    pub kind: FilterErrorKind,
}

impl FilterError {
    pub(in crate::scim) fn new(position: usize, kind: FilterErrorKind) -> Self {
        Self { position, kind }
    }

    /// `400 invalidPath`, for the path of a PATCH operation.
    pub fn into_path_error(self) -> ScimError {
        ScimError::bad_request(ScimType::InvalidPath, format!("the path is not valid {self}"))
    }
}

/// `400 invalidFilter` (RFC 7644, section 3.4.2.2).
impl From<FilterError> for ScimError {
    fn from(error: FilterError) -> Self {
        Self::bad_request(ScimType::InvalidFilter, format!("the filter is not valid {error}"))
    }
}

/// What is wrong with a filter or a path. The texts are part of the interface.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilterErrorKind {
    /// Longer than [`MAX_LENGTH`].
    #[error("the text is {length} bytes long; at most {MAX_LENGTH} are allowed")]
    TooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("parentheses and brackets are nested more than {MAX_DEPTH} deep; simplify the filter")]
    TooDeep,
    /// More than [`MAX_TERMS`] comparisons.
    #[error("there are more than {MAX_TERMS} comparisons; split the filter into several requests")]
    TooManyTerms,
    /// The grammar has another thing at this place.
    #[error("found {found}, expected {expected}")]
    Unexpected {
        /// The piece of text, or the end.
        found: Found,
        /// What may stand there.
        expected: &'static str,
    },
    /// The operator is not one of RFC 7644, section 3.4.2.2, table 3.
    #[error("the operator {0} is not supported; use eq, ne, co, sw, ew, gt, ge, lt, le or pr")]
    UnknownOperator(Found),
    /// The string is no JSON string.
    #[error("{0}")]
    BadString(&'static str),
    /// The number is no JSON number, or larger than any number that can be compared.
    #[error("{0} is not a number that can be compared")]
    BadNumber(Found),
    /// A value path inside of a value path.
    #[error("a value path cannot stand inside another; combine the conditions with and/or in one pair of brackets")]
    NestedValuePath,
    /// No attribute has that name.
    #[error("{path} is not an attribute of {owner}")]
    UnknownAttribute {
        /// The path as it was sent.
        path: Found,
        /// The resource type or the attribute that was searched.
        owner: String,
    },
    /// The attribute is write-only or never returned.
    #[error("'{0}' is never returned, so it cannot be used here")]
    NeverReturned(String),
    /// The attribute is complex, has no `value`, and is compared.
    #[error("'{path}' is complex; name one of its sub-attributes ({subs}) or use pr")]
    NeedsSubAttribute {
        /// The attribute.
        path: String,
        /// Its sub-attributes.
        subs: String,
    },
    /// The attribute has no values of its own that brackets could select.
    #[error("'{0}' is neither complex nor multi-valued, so it takes no brackets")]
    NoValuePath(String),
    /// The operator does not exist for the attribute's type.
    #[error("'{path}' is a {kind} and cannot be compared with {op}; use {allowed}")]
    WrongOperator {
        /// The attribute.
        path: String,
        /// Its type.
        kind: &'static str,
        /// The operator.
        op: &'static str,
        /// The operators that exist.
        allowed: &'static str,
    },
    /// `null` with an operator other than `eq` and `ne`.
    #[error("null cannot be compared with {0}; use eq null, ne null or pr")]
    NullOrder(&'static str),
    /// The value is not of the attribute's type.
    #[error("'{path}' is a {kind}; compare it with {expected}, not with {found}")]
    WrongValue {
        /// The attribute.
        path: String,
        /// Its type.
        kind: &'static str,
        /// What may stand there.
        expected: &'static str,
        /// What stands there.
        found: &'static str,
    },
    /// The value holds U+0000.
    #[error("the value for '{0}' holds U+0000, which no attribute can hold; leave it out")]
    Nul(String),
}

/// A piece of the client's text, quoted and shortened for an error, or the end of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found(Option<String>);

impl Found {
    const SHOWN: usize = 100;

    /// What `rest` begins with: up to the next space or delimiter, at least one character.
    pub(super) fn at_start_of(rest: &str) -> Self {
        let Some(first) = rest.chars().next() else { return Self(None) };
        let word =
            rest[first.len_utf8()..].find([' ', '(', ')', '[', ']']).map_or(rest.len(), |end| end + first.len_utf8());
        let single = matches!(first, ' ' | '(' | ')' | '[' | ']');
        Self::text(if single { &rest[..first.len_utf8()] } else { &rest[..word] })
    }

    /// The end, or an empty place.
    pub(in crate::scim) fn nothing() -> Self {
        Self(None)
    }

    /// That piece of text.
    pub(in crate::scim) fn text(text: &str) -> Self {
        let mut shown = String::new();
        for (index, c) in text.chars().enumerate() {
            if index == Self::SHOWN {
                shown.push('…');
                break;
            }
            if c.is_control() { shown.extend(c.escape_default()) } else { shown.push(c) }
        }
        Self(Some(shown))
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_deref() {
            None => f.write_str("nothing"),
            Some(" ") => f.write_str("a space"),
            Some(text) => write!(f, "'{text}'"),
        }
    }
}
