//! Attribute paths: `attrPath` (RFC 7644, section 3.4.2.2) and the `PATH` of PATCH (section 3.5.2).

use std::fmt;

use super::ScimError;
use super::filter::{Filter, FilterError, FilterErrorKind, Found, Parser};
use super::schema::ResourceType;
use super::urn::SchemaUri;

/// A path to an attribute or sub-attribute as a client wrote it: `[URI ":"] ATTRNAME [subAttr]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttrPath {
    /// The schema URI in front, if there is one.
    pub schema: Option<String>,
    /// The attribute's name.
    pub name: String,
    /// The sub-attribute's name.
    pub sub: Option<String>,
}

impl AttrPath {
    /// A path from its parts.
    pub fn new(schema: Option<&str>, name: &str, sub: Option<&str>) -> Self {
        Self { schema: schema.map(str::to_owned), name: name.to_owned(), sub: sub.map(str::to_owned) }
    }

    /// Reads a path. The URI in front ends at the last colon, so the dots, digits and colons of a URN belong to it.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        Self::parse_at(text, 0)
    }

    /// Reads a path that stands at `offset` in a longer text.
    pub(super) fn parse_at(text: &str, offset: usize) -> Result<Self, FilterError> {
        let (schema, rest) = match text.rfind(':') {
            None => (None, text),
            Some(colon) if is_uri(&text[..colon]) => (Some(&text[..colon]), &text[colon + 1..]),
            Some(_) => return Err(unexpected(text, offset, "an attribute name with or without its schema's URN")),
        };
        let offset = offset + text.len() - rest.len();
        let (name, sub) = rest.split_once('.').map_or((rest, None), |(name, sub)| (name, Some(sub)));
        check_name(name, offset)?;
        if let Some(sub) = sub {
            check_name(sub, offset + name.len() + 1)?;
        }
        Ok(Self::new(schema, name, sub))
    }

    /// Reads a bare `ATTRNAME` that stands at `offset` in a longer text.
    pub(super) fn parse_name(text: &str, offset: usize) -> Result<String, FilterError> {
        check_name(text, offset).map(|()| text.to_owned())
    }

    /// The path as Entra's inbound provisioning means `urn:…:User.manager`, with a dot where the colon belongs: the
    /// attribute `manager` of the schema `urn:…:User`. `None` if that is no schema of the resource type.
    pub(super) fn with_dot_for_colon(&self, resource_type: &ResourceType) -> Option<Self> {
        let (schema, sub) = (self.schema.as_ref()?, self.sub.as_ref()?);
        let uri = format!("{schema}:{}", self.name);
        resource_type.schema_uris().any(|known| known.matches(&uri)).then(|| Self::new(Some(&uri), sub, None))
    }
}

impl fmt::Display for AttrPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{schema}:")?;
        }
        f.write_str(&self.name)?;
        self.sub.as_ref().map_or(Ok(()), |sub| write!(f, ".{sub}"))
    }
}

/// The path of a PATCH operation: `PATH = attrPath / valuePath [subAttr]`, or the URN of a schema.
#[derive(Debug, Clone, PartialEq)]
pub enum PatchPath {
    /// A schema as a whole: all attributes of the extension, or of the resource itself for the base schema. It is spelled
    /// as the schema's definition spells it.
    Schema(SchemaUri),
    /// An attribute or sub-attribute.
    Attribute(AttrPath),
    /// The values of an attribute that match a filter, or one sub-attribute of these values.
    Values {
        /// The attribute.
        path: AttrPath,
        /// The filter on each value.
        filter: Filter,
        /// The sub-attribute.
        sub: Option<String>,
    },
}

impl PatchPath {
    /// Reads a path; the resource type tells a schema's URN from the URN of an attribute. Whether the attributes exist is
    /// not checked here, so that the tenant's dialect may decide about unknown ones. Refusals are `400 invalidPath`.
    pub fn parse(text: &str, resource_type: &ResourceType) -> Result<Self, ScimError> {
        Self::read(text, resource_type).map_err(FilterError::into_path_error)
    }

    fn read(text: &str, resource_type: &ResourceType) -> Result<Self, FilterError> {
        let mut parser = Parser::new(text)?;
        let before_brackets = text.split('[').next().unwrap_or(text);
        let path = match schema_in_front(before_brackets, resource_type) {
            Some((uri, "")) if before_brackets.len() == text.len() => return Ok(Self::Schema(uri.clone())),
            Some((uri, rest)) => {
                let rest = rest.strip_prefix([':', '.']).unwrap_or(rest);
                let path = AttrPath::parse_at(rest, before_brackets.len() - rest.len())?;
                AttrPath { schema: Some(uri.to_string()), ..path }
            }
            None => AttrPath::parse(before_brackets)?,
        };
        if before_brackets.len() == text.len() {
            return Ok(Self::Attribute(path));
        }
        let (filter, sub) = parser.patch_brackets(before_brackets.len())?;
        Ok(Self::Values { path, filter, sub })
    }
}

/// The schema of the resource type whose URI `text` is or begins with (a colon follows, or Entra's dot), and what follows
/// it. The longest one wins, since one URI may begin another.
fn schema_in_front<'t, 'r>(text: &'t str, resource_type: &'r ResourceType) -> Option<(&'r SchemaUri, &'t str)> {
    let rest_after = |uri: &SchemaUri| {
        let (front, rest) = text.split_at_checked(uri.as_str().len())?;
        (uri.matches(front) && (rest.is_empty() || rest.starts_with([':', '.']))).then_some(rest)
    };
    let found = resource_type.schema_uris().filter_map(|uri| Some((uri, rest_after(uri)?)));
    found.min_by_key(|(_, rest)| rest.len())
}

/// `ATTRNAME`, with `$` as RFC 7643, section 2.1 has it, also in front, as in `$ref`.
fn check_name(name: &str, offset: usize) -> Result<(), FilterError> {
    let name_char = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'$');
    let first = name.as_bytes().first();
    if first.is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'$')
        && name.bytes().all(|byte| name_char(&byte))
    {
        return Ok(());
    }
    Err(unexpected(name, offset, "an attribute name: a letter, then letters, digits, '-', '_' or '$'"))
}

/// `scheme ":" ...` in the characters of RFC 3986, without parentheses and brackets, which delimit filters.
fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let scheme_char = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    let uri_char = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#@!$&'*+,;=%".contains(&byte);
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(scheme_char)
        && !rest.is_empty()
        && rest.bytes().all(uri_char)
}

fn unexpected(text: &str, position: usize, expected: &'static str) -> FilterError {
    let found = if text.is_empty() { Found::nothing() } else { Found::text(text) };
    FilterError { position, kind: FilterErrorKind::Unexpected { found, expected } }
}
