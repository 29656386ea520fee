//! The body of a bulk request, and what each of its operations asks for.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::place;
use crate::scim::dialect::{Dialect, UnknownAttributes};
use crate::scim::schema::{Catalog, ResourceType};
use crate::scim::{ScimError, ScimType, urn};

/// How long a `bulkId` may be, in bytes: answers repeat it, and errors.
const MAX_BULK_ID: usize = 1_024;

/// What a bulk request may be at most.
#[derive(Debug, Clone, Copy)]
pub struct BulkLimits {
    /// How many operations it holds.
    pub operations: usize,
    /// How many bytes the `data` of one operation has, as compact JSON: what a single request may send.
    pub data: usize,
}

/// A bulk request whose form is right.
#[derive(Debug)]
pub struct BulkRequest {
    /// After how many errors no further operation is carried out; `None` for never.
    pub fail_on_errors: Option<usize>,
    /// The operations as they were sent.
    pub operations: Vec<Operation>,
}

/// The methods of operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Creates a resource.
    Post,
    /// Replaces a resource.
    Put,
    /// Changes a resource.
    Patch,
    /// Removes a resource.
    Delete,
}

impl Method {
    const ALL: [Self; 4] = [Self::Post, Self::Put, Self::Patch, Self::Delete];

    /// The name as it stands on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// One operation, as its answer needs it, and what it asks for.
#[derive(Debug)]
pub struct Operation {
    /// The method as the answer repeats it; empty if the client sent none.
    pub method: String,
    /// The client's name for the operation.
    pub bulk_id: Option<String>,
    /// What the path names, if it could be read.
    pub target: Option<Target>,
    /// The call, or why it cannot be made.
    pub call: Result<Call, ScimError>,
}

/// What a path names.
#[derive(Debug, Clone)]
pub struct Target {
    /// The resource type.
    pub kind: Arc<ResourceType>,
    /// The resource's id as the client wrote it, which may be a reference; `None` for the endpoint itself.
    pub id: Option<String>,
}

/// What an operation asks for: what a single request of that method to that path would.
pub struct Call {
    /// The method.
    pub method: Method,
    /// The resource type.
    pub kind: Arc<ResourceType>,
    /// The entity tag that the resource must have.
    pub version: Option<String>,
    /// The body; null for DELETE.
    pub data: Value,
    /// About how many bytes the body has.
    pub size: usize,
}

/// The data is left out: there may be a password in it.
impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call").field("method", &self.method).field("kind", &self.kind.name).finish_non_exhaustive()
    }
}

impl BulkRequest {
    /// Reads a body. Names of members and methods may have any case. What is wrong with one operation is that operation's
    /// error and nobody else's.
    ///
    /// # Errors
    /// 400 `invalidSyntax` if the body is no bulk request, 413 if it has too many operations.
    pub fn parse(body: Value, catalog: &Catalog, dialect: &Dialect, limits: BulkLimits) -> Result<Self, ScimError> {
        let Value::Object(body) = body else {
            return Err(invalid("the body of a bulk request is an object with \"schemas\" and \"Operations\""));
        };
        let [schemas, operations, fail_on_errors] =
            pick(body, ["schemas", "operations", "failonerrors"], "a bulk request", dialect)?;
        if !schemas.is_some_and(|schemas| names_bulk_request(&schemas)) {
            return Err(invalid(format!("\"schemas\" of a bulk request must contain \"{}\"", urn::BULK_REQUEST)));
        }
        let fail_on_errors = fail_on_errors.map_or(Ok(None), |value| count_of_errors(&value))?;
        let Some(Value::Array(operations)) = operations else {
            return Err(invalid("\"Operations\" of a bulk request must be an array of operations"));
        };
        if operations.is_empty() {
            return Err(invalid("\"Operations\" of a bulk request is empty; send at least one operation"));
        }
        if operations.len() > limits.operations {
            let detail = format!(
                "a bulk request may hold at most {} operations (maxOperations), and this one holds {}; split it",
                limits.operations,
                operations.len()
            );
            return Err(ScimError::new(413, detail));
        }
        let reader = Reader { catalog, dialect, limits };
        let operations = operations.into_iter().zip(1..).map(|(value, place)| reader.operation(value, place));
        let mut operations: Vec<_> = operations.collect::<Result<_, _>>()?;
        refuse_twins(&mut operations);
        Ok(Self { fail_on_errors, operations })
    }
}

struct Reader<'a> {
    catalog: &'a Catalog,
    dialect: &'a Dialect,
    limits: BulkLimits,
}

/// The members of an operation.
struct Members {
    method: Option<Value>,
    bulk_id: Option<Value>,
    version: Option<Value>,
    path: Option<Value>,
    data: Option<Value>,
}

impl Reader<'_> {
    fn operation(&self, value: Value, place: usize) -> Result<Operation, ScimError> {
        let Value::Object(members) = value else {
            return Err(invalid(format!("operation {place} of a bulk request must be an object")));
        };
        // What an answer repeats has to be known even of an operation with members that nobody knows.
        let text_of =
            |name: &str| members.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
        let method = text_of("method").and_then(Value::as_str).map(shown).unwrap_or_default();
        let bulk_id = text_of("bulkid").and_then(Value::as_str).filter(|id| is_bulk_id(id)).map(str::to_owned);
        let path = text_of("path").and_then(Value::as_str);
        let target = path.and_then(|path| place::find(path, self.catalog).ok());
        let call = pick(members, ["method", "bulkid", "version", "path", "data"], "an operation", self.dialect)
            .map(|[method, bulk_id, version, path, data]| Members { method, bulk_id, version, path, data })
            .and_then(|members| self.call(members));
        Ok(Operation { method, bulk_id, target, call })
    }

    fn call(&self, members: Members) -> Result<Call, ScimError> {
        let method = members.method.as_ref().and_then(Value::as_str).unwrap_or_default();
        let method = Method::ALL.into_iter().find(|known| known.as_str().eq_ignore_ascii_case(method));
        let method = method.ok_or_else(|| wrong("\"method\" must be POST, PUT, PATCH or DELETE"))?;
        match members.bulk_id {
            None | Some(Value::Null) if method == Method::Post => {
                return Err(wrong("a POST needs a \"bulkId\", by which its answer is found; send one"));
            }
            None | Some(Value::Null) => {}
            Some(Value::String(id)) if is_bulk_id(&id) => {}
            Some(_) => return Err(wrong(format!("\"bulkId\" must be a string of 1 to {MAX_BULK_ID} bytes"))),
        }
        let Some(Value::String(path)) = members.path else {
            return Err(wrong("\"path\" must be a string such as /Users or /Users/{id}"));
        };
        let target = place::find(&path, self.catalog)?;
        place::check(method, &target)?;
        let version = match members.version {
            None | Some(Value::Null) => None,
            Some(Value::String(version)) => Some(version),
            Some(_) => return Err(wrong("\"version\" must be an entity tag, as meta.version has it")),
        };
        let data = match (method, members.data) {
            (Method::Delete, _) => Value::Null,
            (_, None) => return Err(wrong(format!("a {} needs \"data\", the body of the request", method.as_str()))),
            (_, Some(data)) => data,
        };
        let size = size(&data);
        if size > self.limits.data {
            let limit = self.limits.data;
            return Err(ScimError::new(413, format!("\"data\" may have at most {limit} bytes; split the operation")));
        }
        Ok(Call { method, kind: target.kind, version, data, size })
    }
}

/// Takes the members of those names, which are in lower case, out of an object. Others are ignored or refused.
fn pick<const N: usize>(
    object: Map<String, Value>,
    names: [&str; N],
    what: &str,
    dialect: &Dialect,
) -> Result<[Option<Value>; N], ScimError> {
    let mut picked = [const { None }; N];
    for (name, value) in object {
        match names.iter().position(|known| name.eq_ignore_ascii_case(known)) {
            Some(index) => picked[index] = Some(value),
            None if dialect.unknown_attributes == UnknownAttributes::Ignore => {}
            None => return Err(invalid(format!("{what} has no member {:?}; leave it out", shown(&name)))),
        }
    }
    Ok(picked)
}

/// A `bulkId` names one operation. The first one that has it keeps it.
fn refuse_twins(operations: &mut [Operation]) {
    let mut seen: HashMap<String, usize> = HashMap::new();
    for (index, operation) in operations.iter_mut().enumerate() {
        let Some(id) = operation.bulk_id.as_ref().filter(|_| operation.method.eq_ignore_ascii_case("POST")) else {
            continue;
        };
        match seen.get(id) {
            None => {
                seen.insert(id.clone(), index);
            }
            Some(first) => {
                let detail =
                    format!("operation {} has the bulkId {:?} already; give each its own", first + 1, shown(id));
                operation.call = Err(wrong(detail));
            }
        }
    }
}

fn count_of_errors(value: &Value) -> Result<Option<usize>, ScimError> {
    match value {
        Value::Null => Ok(None),
        value => match value.as_u64().and_then(|count| usize::try_from(count).ok()) {
            Some(count) if count > 0 => Ok(Some(count)),
            _ => {
                Err(invalid("\"failOnErrors\" must be a whole number of 1 or more; leave it out to go on after errors"))
            }
        },
    }
}

/// Clients send an array; one string is understood too.
fn names_bulk_request(schemas: &Value) -> bool {
    let is_it = |uri: &Value| uri.as_str().is_some_and(|uri| uri.eq_ignore_ascii_case(urn::BULK_REQUEST));
    schemas.as_array().map_or_else(|| is_it(schemas), |uris| uris.iter().any(is_it))
}

fn is_bulk_id(text: &str) -> bool {
    (1..=MAX_BULK_ID).contains(&text.len())
}

/// About how many bytes a value has as compact JSON: exact but for escapes and numbers.
fn size(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 5,
        Value::String(text) => text.len() + 3,
        Value::Array(elements) => elements.iter().map(size).sum::<usize>() + 2,
        Value::Object(members) => members.iter().map(|(name, value)| name.len() + 4 + size(value)).sum::<usize>() + 2,
    }
}

/// A client's text as an answer repeats it.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(100).collect()
}

fn invalid(detail: impl Into<String>) -> ScimError {
    ScimError::bad_request(ScimType::InvalidSyntax, detail)
}

/// The error of one operation.
pub(super) fn wrong(detail: impl Into<String>) -> ScimError {
    ScimError::bad_request(ScimType::InvalidValue, detail)
}
