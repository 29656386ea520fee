//! The body of a PATCH request, before any schema has been looked at (RFC 7644, section 3.5.2).

use std::fmt;

use serde_json::{Map, Value};

use super::MAX_OPERATIONS;
use crate::scim::dialect::{Dialect, UnknownAttributes};
use crate::scim::{ScimError, ScimType, urn};

/// A PATCH request whose form is right: it names the PatchOp schema and holds 1 to [`MAX_OPERATIONS`] operations.
#[derive(Debug, Clone)]
pub struct PatchRequest {
    operations: Vec<Operation>,
}

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpKind {
    /// `add`
    Add,
    /// `remove`
    Remove,
    /// `replace`
    Replace,
}

/// One operation as it was sent.
#[derive(Clone)]
pub struct Operation {
    /// What it does.
    pub op: OpKind,
    /// Its target; `None` if it was absent, null or empty, which all mean the resource itself.
    pub path: Option<String>,
    /// Its value; `None` if it was absent, which is not the same as null.
    pub value: Option<Value>,
}

/// The value is left out: it may be a password.
impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Operation").field("op", &self.op).field("path", &self.path).finish_non_exhaustive()
    }
}

impl PatchRequest {
    /// Reads a body. Names of members and the `op` keyword may have any case (Entra sends `Add`). Members that the RFC does
    /// not know are ignored, or refused if the dialect refuses unknown attributes.
    ///
    /// # Errors
    /// 400 `invalidSyntax` with the operation's place, counted from 1.
    pub fn parse(body: Value, dialect: &Dialect) -> Result<Self, ScimError> {
        let Value::Object(body) = body else {
            return Err(invalid("the body of a PATCH request is an object with \"schemas\" and \"Operations\""));
        };
        let (mut schemas, mut operations) = (None, None);
        for (name, value) in body {
            match () {
                () if name.eq_ignore_ascii_case("schemas") => schemas = Some(value),
                () if name.eq_ignore_ascii_case("operations") => operations = Some(value),
                () => unknown(&name, "a PATCH request", dialect)?,
            }
        }
        if !schemas.is_some_and(|schemas| names_patch_op(&schemas)) {
            return Err(invalid(format!("\"schemas\" of a PATCH request must contain \"{}\"", urn::PATCH_OP)));
        }
        let Some(Value::Array(operations)) = operations else {
            return Err(invalid("\"Operations\" of a PATCH request must be an array of operations"));
        };
        if operations.is_empty() || operations.len() > MAX_OPERATIONS {
            return Err(invalid(format!(
                "\"Operations\" must hold 1 to {MAX_OPERATIONS} operations, not {}",
                operations.len()
            )));
        }
        let operations = operations
            .into_iter()
            .zip(1..)
            .map(|(value, place)| operation(value, place, dialect))
            .collect::<Result<_, _>>()?;
        Ok(Self { operations })
    }

    /// The operations in the order in which they apply.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The operations in the order in which they apply.
    pub fn into_operations(self) -> Vec<Operation> {
        self.operations
    }
}

fn operation(value: Value, place: usize, dialect: &Dialect) -> Result<Operation, ScimError> {
    let Value::Object(members) = value else {
        return Err(invalid(format!("operation {place} must be an object")));
    };
    let Members { op, path, value } = Members::collect(members, place, dialect)?;
    let op = match op.as_ref().and_then(Value::as_str) {
        Some(op) if op.eq_ignore_ascii_case("add") => OpKind::Add,
        Some(op) if op.eq_ignore_ascii_case("remove") => OpKind::Remove,
        Some(op) if op.eq_ignore_ascii_case("replace") => OpKind::Replace,
        _ => return Err(invalid(format!("\"op\" of operation {place} must be \"add\", \"remove\" or \"replace\""))),
    };
    let path = match path {
        None | Some(Value::Null) => None,
        Some(Value::String(path)) if path.is_empty() => None,
        Some(Value::String(path)) => Some(path),
        Some(_) => return Err(invalid(format!("\"path\" of operation {place} must be a string"))),
    };
    if op != OpKind::Remove && value.is_none() {
        return Err(invalid(format!("operation {place} must have a \"value\"; send null to clear an attribute")));
    }
    Ok(Operation { op, path, value })
}

/// The members of an operation object.
#[derive(Default)]
struct Members {
    op: Option<Value>,
    path: Option<Value>,
    value: Option<Value>,
}

impl Members {
    fn collect(members: Map<String, Value>, place: usize, dialect: &Dialect) -> Result<Self, ScimError> {
        let mut found = Self::default();
        for (name, value) in members {
            match () {
                () if name.eq_ignore_ascii_case("op") => found.op = Some(value),
                () if name.eq_ignore_ascii_case("path") => found.path = Some(value),
                () if name.eq_ignore_ascii_case("value") => found.value = Some(value),
                () => unknown(&name, &format!("operation {place}"), dialect)?,
            }
        }
        Ok(found)
    }
}

/// Clients send an array; one string is understood too.
fn names_patch_op(schemas: &Value) -> bool {
    let is_patch_op = |uri: &Value| uri.as_str().is_some_and(|uri| uri.eq_ignore_ascii_case(urn::PATCH_OP));
    schemas.as_array().map_or_else(|| is_patch_op(schemas), |uris| uris.iter().any(is_patch_op))
}

fn unknown(name: &str, place: &str, dialect: &Dialect) -> Result<(), ScimError> {
    match dialect.unknown_attributes {
        UnknownAttributes::Ignore => Ok(()),
        UnknownAttributes::Refuse => Err(invalid(format!("{place} has no member \"{name}\"; leave it out"))),
    }
}

fn invalid(detail: impl Into<String>) -> ScimError {
    ScimError::bad_request(ScimType::InvalidSyntax, detail)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use serde_json::json;

    use super::*;

    fn parse(body: Value) -> Result<Vec<Operation>, String> {
        PatchRequest::parse(body, &Dialect::default()).map(PatchRequest::into_operations).map_err(|error| {
            assert_eq!((error.status, error.scim_type), (400, Some(ScimType::InvalidSyntax)));
            error.detail
        })
    }

    fn operations(operations: Value) -> Value {
        json!({ "schemas": [urn::PATCH_OP], "Operations": operations })
    }

    #[test]
    fn entra_capitals_are_read_in_any_case() {
        let body = json!({
            "Schemas": [urn::PATCH_OP.to_uppercase()],
            "operations": [{ "Op": "Add", "Path": "title", "VALUE": "x" }, { "op": "REPLACE", "value": {} }, { "op": "rEmove", "path": "title" }],
        });
        let operations = parse(body).unwrap();
        assert_eq!(
            operations.iter().map(|operation| operation.op).collect::<Vec<_>>(),
            [OpKind::Add, OpKind::Replace, OpKind::Remove]
        );
        assert_eq!(operations[0].path.as_deref(), Some("title"));
        assert_eq!(operations[0].value, Some(json!("x")));
    }

    #[test]
    fn null_and_empty_paths_are_absent_but_a_null_value_is_a_value() {
        let read = parse(operations(json!([
            { "op": "replace", "path": null, "value": null },
            { "op": "replace", "path": "", "value": {} },
            { "op": "remove", "path": "title" },
        ])))
        .unwrap();
        assert_eq!(read[0].path, None);
        assert_eq!(read[0].value, Some(Value::Null));
        assert_eq!(read[1].path, None);
        assert_eq!(read[2].value, None);
    }

    #[test]
    fn each_error_says_what_to_change() {
        let patch_op = urn::PATCH_OP;
        let cases = [
            (json!([]), "the body of a PATCH request is an object with \"schemas\" and \"Operations\"".to_owned()),
            (json!({ "Operations": [] }), format!("\"schemas\" of a PATCH request must contain \"{patch_op}\"")),
            (
                json!({ "schemas": [urn::USER], "Operations": [] }),
                format!("\"schemas\" of a PATCH request must contain \"{patch_op}\""),
            ),
            (
                json!({ "schemas": [patch_op] }),
                "\"Operations\" of a PATCH request must be an array of operations".into(),
            ),
            (operations(json!([])), "\"Operations\" must hold 1 to 1000 operations, not 0".into()),
            (operations(json!([1])), "operation 1 must be an object".into()),
            (
                operations(json!([{ "op": "move" }])),
                "\"op\" of operation 1 must be \"add\", \"remove\" or \"replace\"".into(),
            ),
            (operations(json!([{ "op": "remove", "path": 1 }])), "\"path\" of operation 1 must be a string".into()),
            (
                operations(json!([{ "op": "remove", "path": "x" }, { "op": "replace", "path": "members" }])),
                "operation 2 must have a \"value\"; send null to clear an attribute".into(),
            ),
        ];
        for (body, detail) in cases {
            assert_eq!(parse(body).unwrap_err(), detail);
        }
    }

    #[test]
    fn the_number_of_operations_is_limited() {
        let many = |count| operations(Value::Array(vec![json!({ "op": "remove", "path": "title" }); count]));
        assert_eq!(parse(many(1000)).unwrap().len(), 1000);
        assert_eq!(parse(many(1001)).unwrap_err(), "\"Operations\" must hold 1 to 1000 operations, not 1001");
    }

    #[test]
    fn unknown_members_are_refused_by_a_strict_dialect_alone() {
        let body = operations(json!([{ "op": "remove", "path": "title", "name": "x" }]));
        assert!(parse(body.clone()).is_ok());
        let strict = Dialect { unknown_attributes: UnknownAttributes::Refuse, ..Dialect::default() };
        let error = PatchRequest::parse(body, &strict).unwrap_err();
        assert_eq!(error.detail, "operation 1 has no member \"name\"; leave it out");
    }

    #[test]
    fn a_value_is_not_printed() {
        let read = parse(operations(json!([{ "op": "add", "path": "password", "value": "t0p" }]))).unwrap();
        assert!(!format!("{read:?}").contains("t0p"));
    }
}
