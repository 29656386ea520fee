//! From text to a [`Filter`]: recursive descent, one function per rule of the grammar.
//!
//! The grammar is RFC 7644, section 3.4.2.2, figure 1, with its errata: precedence is in the rules, a value path cannot
//! stand inside another, `$` may stand in attribute names (RFC 7643, section 2.1) and begin them (`$ref`), and
//! `not` needs its parentheses. Operators and logical words stand in any case. Spaces may stand on either side of
//! parentheses and brackets, and several where one may.
//!
//! ```text
//! filter    = andFilter *(SP "or" SP andFilter)
//! andFilter = term *(SP "and" SP term)
//! term      = "not" *SP "(" filter ")" / "(" filter ")" / valuePath / attrExp
//! valuePath = attrPath "[" filter "]" [subAttr SP condition]    ; no valuePath within; the last part is Entra's
//! attrExp   = attrPath SP condition
//! condition = "pr" / (compareOp SP compValue)
//! ```

use super::error::{FilterError, FilterErrorKind, Found};
use super::lexer::Lexer;
use super::{CompareOp, Filter, MAX_DEPTH, MAX_TERMS};
use crate::scim::path::AttrPath;

impl Filter {
    /// Reads a filter.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        let mut parser = Parser::new(text)?;
        let filter = parser.filter()?;
        if parser.lexer.at_end() { Ok(filter) } else { Err(parser.lexer.unexpected("and, or, or the end")) }
    }
}

/// Reads filters and value paths.
pub(in crate::scim) struct Parser<'a> {
    lexer: Lexer<'a>,
    depth: usize,
    terms: usize,
    in_brackets: bool,
}

impl<'a> Parser<'a> {
    pub(in crate::scim) fn new(text: &'a str) -> Result<Self, FilterError> {
        Ok(Self { lexer: Lexer::new(text)?, depth: 0, terms: 0, in_brackets: false })
    }

    /// `PATH = attrPath / valuePath [subAttr]` (RFC 7644, section 3.5.2, figure 7), where the text before the brackets has
    /// been read as a path.
    pub(in crate::scim) fn patch_brackets(
        &mut self,
        path_length: usize,
    ) -> Result<(Filter, Option<String>), FilterError> {
        self.lexer.advance(path_length);
        self.lexer.take(b'[');
        let filter = self.brackets()?;
        let sub = self.sub_attribute()?;
        if self.lexer.at_end() {
            Ok((filter, sub))
        } else {
            Err(self.lexer.unexpected(if sub.is_some() {
                "the end"
            } else {
                "a sub-attribute (as in .value) or the end"
            }))
        }
    }

    fn filter(&mut self) -> Result<Filter, FilterError> {
        self.sequence("or", Self::and_filter, Filter::Or)
    }

    fn and_filter(&mut self) -> Result<Filter, FilterError> {
        self.sequence("and", Self::term, Filter::And)
    }

    /// `item *(SP word SP item)`; what follows the last item is left to the caller, spaces apart.
    fn sequence(
        &mut self,
        word: &str,
        item: fn(&mut Self) -> Result<Filter, FilterError>,
        join: fn(Vec<Filter>) -> Filter,
    ) -> Result<Filter, FilterError> {
        let first = item(self)?;
        let mut items = Vec::new();
        while self.logical(word)? {
            items.push(item(self)?);
        }
        if items.is_empty() {
            return Ok(first);
        }
        items.insert(0, first);
        Ok(join(items))
    }

    /// `SP word SP`, or nothing. Spaces alone may stand before a closing delimiter and at the end.
    fn logical(&mut self, word: &str) -> Result<bool, FilterError> {
        let spaced = self.lexer.spaces() || self.lexer.after_space();
        if !self.lexer.word_ahead().eq_ignore_ascii_case(word) {
            return Ok(false);
        }
        if !spaced {
            return Err(self.lexer.unexpected("a space"));
        }
        self.lexer.keyword(word);
        if self.lexer.spaces() { Ok(true) } else { Err(self.lexer.unexpected("a space")) }
    }

    fn term(&mut self) -> Result<Filter, FilterError> {
        self.lexer.spaces();
        if self.lexer.take(b'(') {
            return self.parentheses();
        }
        if self.not_ahead() {
            return Ok(Filter::Not(Box::new(self.parentheses()?)));
        }
        let position = self.lexer.position();
        let path = self.attr_path()?;
        if self.lexer.take(b'[') {
            return self.value_path(path, position);
        }
        self.condition(path, position)
    }

    /// Reads `"not" *SP "("`, or nothing: `not` may also be the name of an attribute.
    fn not_ahead(&mut self) -> bool {
        let word = self.lexer.word_ahead();
        let after = self.lexer.rest()[word.len()..].trim_start_matches(' ');
        let is_not = word.eq_ignore_ascii_case("not") && after.starts_with('(');
        if is_not {
            self.lexer.advance(self.lexer.rest().len() - after.len() + 1);
        }
        is_not
    }

    fn parentheses(&mut self) -> Result<Filter, FilterError> {
        self.enclosed(b')', "and, or, or a closing parenthesis")
    }

    fn brackets(&mut self) -> Result<Filter, FilterError> {
        self.in_brackets = true;
        let filter = self.enclosed(b']', "and, or, or a closing bracket");
        self.in_brackets = false;
        filter
    }

    /// A filter and its closing delimiter. The opening one has been read.
    fn enclosed(&mut self, close: u8, expected: &'static str) -> Result<Filter, FilterError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(FilterError::new(self.lexer.position() - 1, FilterErrorKind::TooDeep));
        }
        let filter = self.filter()?;
        if !self.lexer.take(close) {
            return Err(self.lexer.unexpected(expected));
        }
        self.depth -= 1;
        Ok(filter)
    }

    fn attr_path(&mut self) -> Result<AttrPath, FilterError> {
        let word = self.lexer.word_ahead();
        if word.is_empty() {
            return Err(self.lexer.unexpected("an attribute, not or an opening parenthesis"));
        }
        let path = AttrPath::parse_at(word, self.lexer.position())?;
        self.lexer.advance(word.len());
        Ok(path)
    }

    fn value_path(&mut self, path: AttrPath, position: usize) -> Result<Filter, FilterError> {
        if self.in_brackets {
            return Err(FilterError::new(position, FilterErrorKind::NestedValuePath));
        }
        let mut filter = self.brackets()?;
        let sub_position = self.lexer.position() + 1;
        if let Some(sub) = self.sub_attribute()? {
            if self.lexer.peek() == Some(b'[') {
                return Err(FilterError::new(sub_position, FilterErrorKind::NestedValuePath));
            }
            let last = self.condition(AttrPath::new(None, &sub, None), sub_position)?;
            filter = match filter {
                Filter::And(mut all) => {
                    all.push(last);
                    Filter::And(all)
                }
                other => Filter::And(vec![other, last]),
            };
        } else if !matches!(self.lexer.peek(), None | Some(b' ' | b')')) {
            return Err(self.lexer.unexpected("a sub-attribute (as in .value), a space or the end"));
        }
        Ok(Filter::ValuePath { path, filter: Box::new(filter), position })
    }

    /// `subAttr`, or nothing.
    fn sub_attribute(&mut self) -> Result<Option<String>, FilterError> {
        if !self.lexer.take(b'.') {
            return Ok(None);
        }
        let word = self.lexer.word_ahead();
        let path = AttrPath::parse_name(word, self.lexer.position())?;
        self.lexer.advance(word.len());
        Ok(Some(path))
    }

    fn condition(&mut self, path: AttrPath, position: usize) -> Result<Filter, FilterError> {
        self.terms += 1;
        if self.terms > MAX_TERMS {
            return Err(FilterError::new(position, FilterErrorKind::TooManyTerms));
        }
        if !self.lexer.spaces() {
            return Err(self.lexer.unexpected("a space and an operator"));
        }
        let filter = if self.lexer.keyword("pr") {
            Filter::Present { path, position }
        } else {
            let op = self.compare_op(&path)?;
            if !self.lexer.spaces() {
                return Err(self.lexer.unexpected("a space and a value"));
            }
            Filter::Compare { path, op, value: self.lexer.literal()?, position }
        };
        if matches!(self.lexer.peek(), None | Some(b' ' | b')' | b']')) {
            Ok(filter)
        } else {
            Err(self.lexer.unexpected("a space, a closing delimiter or the end"))
        }
    }

    fn compare_op(&mut self, path: &AttrPath) -> Result<CompareOp, FilterError> {
        let word = self.lexer.word_ahead();
        if let Some(op) = CompareOp::parse(word) {
            self.lexer.advance(word.len());
            return Ok(op);
        }
        if path.schema.is_none() && path.sub.is_none() && path.name.eq_ignore_ascii_case("not") {
            return Err(self.lexer.unexpected("an opening parenthesis: not (...)"));
        }
        if word.is_empty() {
            return Err(self.lexer.unexpected("an operator: eq, ne, co, sw, ew, gt, ge, lt, le or pr"));
        }
        Err(self.lexer.error(FilterErrorKind::UnknownOperator(Found::text(word))))
    }
}
