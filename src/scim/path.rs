//! Attribute paths: `attrPath` of the ABNF (RFC 7644, section 3.4.2.2).

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
}
