//! The protocol's own error (RFC 7644, section 3.12).
//!
//! Every function of [`crate::scim`] that can refuse input answers with a [`ScimError`]; how it is written to the wire is
//! decided in one place, [`ScimError::to_json`]. Details are sentences that tell the client what to change.

use serde_json::{Value, json};

use super::urn;

/// The detail error keywords of RFC 7644, section 3.12, table 9, and of RFC 9865, section 2.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScimType {
    /// The filter is malformed, or compares what cannot be compared.
    InvalidFilter,
    /// The filter yields more results than the server is willing to calculate.
    TooMany,
    /// An attribute that must be unique is already in use.
    Uniqueness,
    /// The change is not compatible with the attribute's mutability.
    Mutability,
    /// The body's structure is invalid.
    InvalidSyntax,
    /// The path of a PATCH operation is malformed or names no attribute.
    InvalidPath,
    /// The path names no existing target.
    NoTarget,
    /// A value is missing or not of the attribute's type.
    InvalidValue,
    /// The protocol version is not supported.
    InvalidVers,
    /// The request would put sensitive information into a URI.
    Sensitive,
    /// The cursor is forged, or belongs to another query (RFC 9865, section 2.1).
    InvalidCursor,
    /// The count is out of bounds, or another one than the walk began with (RFC 9865, section 2.1).
    InvalidCount,
}

impl ScimType {
    /// The keyword as it stands on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::TooMany => "tooMany",
            Self::Uniqueness => "uniqueness",
            Self::Mutability => "mutability",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidPath => "invalidPath",
            Self::NoTarget => "noTarget",
            Self::InvalidValue => "invalidValue",
            Self::InvalidVers => "invalidVers",
            Self::Sensitive => "sensitive",
            Self::InvalidCursor => "invalidCursor",
            Self::InvalidCount => "invalidCount",
        }
    }
}

/// An error that a SCIM client may see.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{status} {detail}")]
pub struct ScimError {
    /// The HTTP status code.
    pub status: u16,
    /// The keyword, where the RFC defines one for the case.
    pub scim_type: Option<ScimType>,
    /// What is wrong and what to change, for people.
    pub detail: String,
}

impl ScimError {
    /// An error with a status and no keyword.
    pub fn new(status: u16, detail: impl Into<String>) -> Self {
        Self { status, scim_type: None, detail: detail.into() }
    }

    /// A 400 with a keyword.
    pub fn bad_request(scim_type: ScimType, detail: impl Into<String>) -> Self {
        Self { status: 400, scim_type: Some(scim_type), detail: detail.into() }
    }

    /// A 409 for a value that is already taken; `attribute` is the attribute's name as the schema writes it.
    pub fn uniqueness(attribute: &str) -> Self {
        Self {
            status: 409,
            scim_type: Some(ScimType::Uniqueness),
            detail: format!("another resource already has this {attribute}; choose a different value"),
        }
    }

    /// The body of RFC 7644, section 3.12: `status` is a string there.
    pub fn to_json(&self) -> Value {
        let mut body = json!({ "schemas": [urn::ERROR] });
        if let Some(scim_type) = self.scim_type {
            body["scimType"] = scim_type.as_str().into();
        }
        body["detail"] = self.detail.clone().into();
        body["status"] = self.status.to_string().into();
        body
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_a_string_on_the_wire() {
        let body = ScimError::uniqueness("userName").to_json();
        assert_eq!(
            body.to_string(),
            r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"scimType":"uniqueness","detail":"another resource already has this userName; choose a different value","status":"409"}"#
        );
    }
}
