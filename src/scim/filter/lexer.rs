//! The words of a filter: spaces, delimiters, words and the JSON literals of `compValue`.
//!
//! Words are slices of the text; nothing is copied but the contents of strings.

use serde_json::Number;

use super::error::{FilterError, FilterErrorKind, Found};
use super::{Literal, MAX_LENGTH};

/// A position in a text.
pub(super) struct Lexer<'a> {
    text: &'a str,
    position: usize,
}

impl<'a> Lexer<'a> {
    /// The start of a text that is not too long.
    pub(super) fn new(text: &'a str) -> Result<Self, FilterError> {
        if text.len() > MAX_LENGTH {
            return Err(FilterError::new(MAX_LENGTH, FilterErrorKind::TooLong { length: text.len() }));
        }
        Ok(Self { text, position: 0 })
    }

    /// The byte offset.
    pub(super) fn position(&self) -> usize {
        self.position
    }

    /// What has not been read.
    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.position..]
    }

    /// Whether all has been read.
    pub(super) fn at_end(&self) -> bool {
        self.position == self.text.len()
    }

    /// Skips spaces and tells whether there was one.
    pub(super) fn spaces(&mut self) -> bool {
        let start = self.position;
        self.position += self.rest().bytes().take_while(|byte| *byte == b' ').count();
        self.position > start
    }

    /// Whether the byte before was a space, which an inner rule has read.
    pub(super) fn after_space(&self) -> bool {
        self.text.as_bytes()[..self.position].last() == Some(&b' ')
    }

    /// The byte ahead.
    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.position).copied()
    }

    /// Reads the delimiter if it is next.
    pub(super) fn take(&mut self, delimiter: u8) -> bool {
        let taken = self.peek() == Some(delimiter);
        self.position += usize::from(taken);
        taken
    }

    /// The word ahead, up to a space, a delimiter or a quote, without reading it; perhaps empty.
    pub(super) fn word_ahead(&self) -> &'a str {
        let rest = self.rest();
        let ends = |byte| matches!(byte, b' ' | b'(' | b')' | b'[' | b']' | b'"');
        &rest[..rest.bytes().position(ends).unwrap_or(rest.len())]
    }

    /// Reads that many bytes, which the caller has seen ahead.
    pub(super) fn advance(&mut self, bytes: usize) {
        self.position += bytes;
    }

    /// Reads the keyword, in any case, if it is the word ahead.
    pub(super) fn keyword(&mut self, keyword: &str) -> bool {
        let found = self.word_ahead().eq_ignore_ascii_case(keyword);
        self.position += if found { keyword.len() } else { 0 };
        found
    }

    /// The error that something else was expected here.
    pub(super) fn unexpected(&self, expected: &'static str) -> FilterError {
        self.error(FilterErrorKind::Unexpected { found: Found::at_start_of(self.rest()), expected })
    }

    /// An error at this place.
    pub(super) fn error(&self, kind: FilterErrorKind) -> FilterError {
        FilterError::new(self.position, kind)
    }

    /// `compValue = false / null / true / number / string`, by the rules of JSON: the keywords stand in lower case.
    pub(super) fn literal(&mut self) -> Result<Literal, FilterError> {
        if self.peek() == Some(b'"') {
            return self.string().map(Literal::String);
        }
        let word = self.word_ahead();
        let literal = match word {
            "true" => Literal::Boolean(true),
            "false" => Literal::Boolean(false),
            "null" => Literal::Null,
            _ if is_number(word) => Literal::Number(self.number(word)?),
            _ => return Err(self.unexpected("a JSON value: a string in double quotes, a number, true, false or null")),
        };
        self.position += word.len();
        Ok(literal)
    }

    /// Integers stay exact as far as 64 bits reach; any other number becomes the nearest double.
    fn number(&self, word: &str) -> Result<Number, FilterError> {
        let integer = word.parse::<i64>().map(Number::from).or_else(|_| word.parse::<u64>().map(Number::from));
        let number = integer.ok().or_else(|| word.parse().ok().and_then(Number::from_f64));
        number.ok_or_else(|| self.error(FilterErrorKind::BadNumber(Found::text(word))))
    }

    fn string(&mut self) -> Result<String, FilterError> {
        let start = self.position;
        self.position += 1;
        let mut value = String::new();
        loop {
            let rest = self.rest();
            let Some(plain) = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f)) else {
                return Err(FilterError::new(start, FilterErrorKind::BadString("the string has no closing quote")));
            };
            value.push_str(&rest[..plain]);
            self.position += plain;
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => value.push(self.escape()?),
                _ => {
                    return Err(
                        self.bad_string("a control character in a string must be written as an escape, as in \\n")
                    );
                }
            }
        }
        self.position += 1;
        Ok(value)
    }

    /// An escape of RFC 8259, section 7.
    fn escape(&mut self) -> Result<char, FilterError> {
        let c = match self.rest().as_bytes().get(1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(),
            _ => return Err(self.bad_string("JSON has no such escape; a backslash is written \\\\")),
        };
        self.position += 2;
        Ok(c)
    }

    fn unicode_escape(&mut self) -> Result<char, FilterError> {
        let unit = |at: &str| -> Option<u32> {
            let hex = at.strip_prefix("\\u")?.get(..4)?;
            hex.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u32::from_str_radix(hex, 16).ok())?
        };
        let rest = self.rest();
        let Some(first) = unit(rest) else {
            return Err(self.bad_string("\\u must be followed by four hexadecimal digits"));
        };
        let (code, length) = match (first, rest.get(6..).and_then(unit)) {
            (0xd800..=0xdbff, Some(second @ 0xdc00..=0xdfff)) => {
                (0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00), 12)
            }
            _ => (first, 6),
        };
        let c = char::from_u32(code)
            .ok_or_else(|| self.bad_string("a surrogate without its other half is no character"))?;
        self.position += length;
        Ok(c)
    }

    fn bad_string(&self, what: &'static str) -> FilterError {
        self.error(FilterErrorKind::BadString(what))
    }
}

/// `number` of RFC 8259, section 6: `[ minus ] int [ frac ] [ exp ]`.
fn is_number(word: &str) -> bool {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let rest = word.strip_prefix('-').unwrap_or(word);
    let int = digits(rest);
    if int == 0 || (int > 1 && rest.starts_with('0')) {
        return false;
    }
    let mut rest = &rest[int..];
    if let Some(fraction) = rest.strip_prefix('.') {
        let length = digits(fraction);
        if length == 0 {
            return false;
        }
        rest = &fraction[length..];
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        let length = digits(exponent);
        return length > 0 && length == exponent.len();
    }
    rest.is_empty()
}
