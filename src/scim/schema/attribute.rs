//! Attribute definitions and their characteristics (RFC 7643, section 2.2 and section 7).

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The data types of RFC 7643, section 2.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AttributeType {
    /// Unicode text.
    #[default]
    String,
    /// `true` or `false`.
    Boolean,
    /// A number with a fraction.
    Decimal,
    /// A whole number.
    Integer,
    /// An instant, as an XML Schema `dateTime`.
    DateTime,
    /// Bytes in base64.
    Binary,
    /// A URI; see [`AttributeDefinition::reference_types`].
    Reference,
    /// A set of sub-attributes.
    Complex,
}

/// Who may write an attribute, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Mutability {
    /// Set by the server alone.
    ReadOnly,
    /// Set and read at any time.
    #[default]
    ReadWrite,
    /// Set once.
    Immutable,
    /// Set but never read.
    WriteOnly,
}

/// When an attribute stands in an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Returned {
    /// Whatever the client asks for.
    Always,
    /// In no answer.
    Never,
    /// Unless left out by the request.
    #[default]
    Default,
    /// If asked for.
    Request,
}

/// How far a value must be unique.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Uniqueness {
    /// Not at all.
    #[default]
    None,
    /// Among the tenant's resources of the type.
    Server,
    /// Everywhere.
    Global,
}

/// One attribute or sub-attribute. What a definition leaves out has the default of RFC 7643, section 2.2.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttributeDefinition {
    /// The name as it is written in answers.
    pub name: String,
    /// The data type.
    #[serde(rename = "type", default)]
    pub kind: AttributeType,
    /// The sub-attributes of a complex attribute.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sub_attributes: Vec<Arc<AttributeDefinition>>,
    /// Whether the value is an array.
    #[serde(default)]
    pub multi_valued: bool,
    /// For people.
    #[serde(default)]
    pub description: String,
    /// Whether a resource must have it.
    #[serde(default)]
    pub required: bool,
    /// The values to choose from (RFC 7643, section 7); [`AttributeDefinition::restricted`] tells whether others are refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub canonical_values: Vec<String>,
    /// Whether strings compare with case.
    #[serde(default)]
    pub case_exact: bool,
    /// Who may write it.
    #[serde(default)]
    pub mutability: Mutability,
    /// When it is returned.
    #[serde(default)]
    pub returned: Returned,
    /// How far it is unique.
    #[serde(default)]
    pub uniqueness: Uniqueness,
    /// What a reference may point to: resource type names, `external` or `uri`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reference_types: Vec<String>,
    /// Whether the values are personal to a degree that no log, change or event may tell them, only that they changed. This
    /// characteristic is our own; RFC 7643 has none for it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sensitive: bool,
    /// Whether a value has to be one of the canonical ones, where there are any: so in tenants' own schemas. Those of the
    /// RFC only suggest.
    #[serde(skip)]
    pub restricted: bool,
}

impl AttributeDefinition {
    /// Whether the attribute has sub-attributes.
    pub fn is_complex(&self) -> bool {
        self.kind == AttributeType::Complex
    }

    /// Whether `name` names this attribute (attribute names compare without case, RFC 7643, section 2.1).
    pub fn is_named(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The sub-attribute of that name.
    pub fn sub_attribute(&self, name: &str) -> Option<&Arc<AttributeDefinition>> {
        self.sub_attributes.iter().find(|sub| sub.is_named(name))
    }

    /// Whether logs, changes and events may tell its values.
    pub fn is_told(&self) -> bool {
        self.returned != Returned::Never && !self.sensitive
    }

    /// Whether two strings of this attribute that differ in case are the same value. References, binaries and dates are
    /// exact by their nature (RFC 7643, section 2.3).
    pub fn compares_exactly(&self) -> bool {
        self.case_exact || matches!(self.kind, AttributeType::Reference | AttributeType::Binary)
    }
}
