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
    let letters = name.strip_prefix('$').unwrap_or(name);
    if letters.starts_with(|c: char| c.is_ascii_alphabetic()) && name.bytes().all(|byte| name_char(&byte)) {
        return Ok(());
    }
    Err(unexpected(name, offset, "an attribute name: a letter, then letters, digits, '-', '_' or '$'"))
}

/// `scheme ":" ...` in the characters of RFC 3986, without parentheses and brackets, which delimit filters.
pub(super) fn is_uri(text: &str) -> bool {
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;
    use crate::scim::ScimType;
    use crate::scim::schema::builtin;
    use crate::scim::urn::{ENTERPRISE_USER, USER};

    fn patch_path(text: &str) -> Result<PatchPath, ScimError> {
        PatchPath::parse(text, builtin().named("User").unwrap())
    }

    fn attribute(schema: Option<&str>, name: &str, sub: Option<&str>) -> Result<PatchPath, ScimError> {
        Ok(PatchPath::Attribute(AttrPath::new(schema, name, sub)))
    }

    #[test]
    fn the_uri_ends_at_the_last_colon() {
        let parse = |text: &str| AttrPath::parse(text).unwrap();
        assert_eq!(parse("name.familyName"), AttrPath::new(None, "name", Some("familyName")));
        assert_eq!(parse("$ref"), AttrPath::new(None, "$ref", None));
        let text = "urn:ietf:params:scim:schemas:core:2.0:User:name.familyName";
        assert_eq!(parse(text), AttrPath::new(Some(USER), "name", Some("familyName")));
        let text = "http://schemas.example.com/2006/11/ADSCIM/2.0/Group:a-b_1";
        assert_eq!(
            parse(text),
            AttrPath::new(Some("http://schemas.example.com/2006/11/ADSCIM/2.0/Group"), "a-b_1", None)
        );
    }

    #[test]
    fn a_patch_path_names_an_attribute() {
        assert_eq!(patch_path("name.familyName"), attribute(None, "name", Some("familyName")));
        assert_eq!(patch_path(&format!("{USER}:title")), attribute(Some(USER), "title", None));
        assert_eq!(
            patch_path(&format!("{ENTERPRISE_USER}:manager.value")),
            attribute(Some(ENTERPRISE_USER), "manager", Some("value"))
        );
        assert_eq!(patch_path("urn:x:2.0:Thing:size"), attribute(Some("urn:x:2.0:Thing"), "size", None));
    }

    #[test]
    fn entras_dot_after_the_urn_is_a_colon() {
        let expected = attribute(Some(ENTERPRISE_USER), "manager", None);
        assert_eq!(patch_path(&format!("{ENTERPRISE_USER}.manager")), expected);
        assert_eq!(patch_path(&format!("{}.manager", ENTERPRISE_USER.to_uppercase())), expected);
        assert_eq!(
            patch_path(&format!("{ENTERPRISE_USER}.manager.displayName")),
            attribute(Some(ENTERPRISE_USER), "manager", Some("displayName"))
        );
    }

    #[test]
    fn a_urn_alone_is_the_schema_as_a_whole() {
        assert_eq!(patch_path(ENTERPRISE_USER), Ok(PatchPath::Schema(SchemaUri::new(ENTERPRISE_USER))));
        assert_eq!(patch_path(&USER.to_lowercase()), Ok(PatchPath::Schema(SchemaUri::new(USER))));
        assert_eq!(patch_path("urn:x:2.0:Thing"), attribute(Some("urn:x:2.0"), "Thing", None));
    }

    #[test]
    fn the_longest_urn_in_front_wins() {
        let user = builtin().named("User").unwrap();
        let mut longer = user.extensions[0].clone();
        let uri = format!("{ENTERPRISE_USER}:manager");
        longer.schema = std::sync::Arc::new(crate::scim::schema::Schema {
            uri: SchemaUri::new(uri.clone()),
            ..(*longer.schema).clone()
        });
        let mut resource_type = (**user).clone();
        resource_type.extensions.push(longer);
        let read = |text: &str| PatchPath::parse(text, &resource_type);
        assert_eq!(read(&uri), Ok(PatchPath::Schema(SchemaUri::new(uri.clone()))));
        assert_eq!(read(&format!("{uri}:value")), attribute(Some(&uri), "value", None));
        assert_eq!(read(&format!("{uri}s")), attribute(Some(ENTERPRISE_USER), "managers", None));
    }

    #[test]
    fn a_patch_path_chooses_values() {
        let values = |schema, name: &str, filter: &str, sub: Option<&str>| {
            let PatchPath::Values { path, filter: found, sub: found_sub } = patch_path(&format!(
                "{schema}{name}[{filter}]{}",
                sub.map(|sub| format!(".{sub}")).unwrap_or_default()
            ))
            .unwrap() else {
                panic!("no values")
            };
            assert_eq!((path.name.as_str(), found.to_string().as_str(), found_sub.as_deref()), (name, filter, sub));
            path.schema
        };
        assert_eq!(values("", "emails", "type eq \"work\"", Some("value")), None);
        assert_eq!(values("", "addresses", "type eq \"other\"", Some("formatted")), None);
        assert_eq!(values("", "members", "value eq \"a]b\"", None), None);
        assert_eq!(values("", "roles", "primary eq \"True\" and not (type pr)", Some("value")), None);
        assert_eq!(values(&format!("{USER}:"), "emails", "type eq \"work\"", Some("$ref")).as_deref(), Some(USER));
        let Ok(PatchPath::Values { filter: Filter::Present { position, .. }, .. }) = patch_path("emails[ value pr ]")
        else {
            panic!("no presence")
        };
        assert_eq!(position, 8);
    }

    #[test]
    fn refusals_are_invalid_path_and_show_the_place() {
        let name = "expected an attribute name: a letter, then letters, digits, '-', '_' or '$'";
        for (text, detail) in [
            ("", format!("at position 0: found nothing, {name}")),
            ("a b", format!("at position 0: found 'a b', {name}")),
            ("name.", format!("at position 5: found nothing, {name}")),
            ("a.b.c", format!("at position 2: found 'b.c', {name}")),
            ("[value pr]", format!("at position 0: found nothing, {name}")),
            (&format!("{ENTERPRISE_USER}:"), format!("at position 59: found nothing, {name}")),
            (&format!("{ENTERPRISE_USER}[value pr]"), format!("at position 58: found nothing, {name}")),
            ("members[value eq 123abc]", "at position 17: found '123abc', expected a JSON value: a string in double quotes, a number, true, false or null".to_owned()),
            ("members[value eq \"x\"", "at position 20: found nothing, expected and, or, or a closing bracket".to_owned()),
            ("emails[type pr]value", "at position 15: found 'value', expected a sub-attribute (as in .value) or the end".to_owned()),
            ("emails[type pr].value eq 1", "at position 21: found a space, expected the end".to_owned()),
            ("emails[type pr].a[b pr]", "at position 17: found '[', expected the end".to_owned()),
            ("emails[type[a pr]]", "at position 7: a value path cannot stand inside another; combine the conditions with and/or in one pair of brackets".to_owned()),
        ] {
            let error = patch_path(text).unwrap_err();
            assert_eq!((error.status, error.scim_type), (400, Some(ScimType::InvalidPath)));
            assert_eq!(error.detail, format!("the path is not valid {detail}"), "{text}");
        }
        assert!(patch_path(&"a".repeat(8_193)).unwrap_err().detail.ends_with("at most 8192 are allowed"));
        assert!(patch_path(&format!("emails[{}", "(".repeat(8_000))).unwrap_err().detail.contains("32 deep"));
    }
}
