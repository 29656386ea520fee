//! What an operation came to, in the form that a bulk response has for it (RFC 7644, section 3.7.3).

use serde_json::{Value, json};

use super::{BulkAnswer, BulkOutcome};
use crate::model::Caller;
use crate::scim::ScimError;
use crate::scim::dialect::GroupPatchAnswer;
use crate::scim::schema::ResourceType;

/// An operation of a bulk response.
pub struct OperationView {
    /// As it stands there.
    pub json: Value,
    /// The error, if it is one.
    pub error: Option<ScimError>,
}

impl BulkAnswer {
    /// As the response to `caller` shows it. Locations begin with `base_url`; what the client may not see of an error goes to the
    /// log.
    pub fn view(&self, caller: &Caller, base_url: &str) -> OperationView {
        let resource = self.resource.as_ref().map(|(kind, id)| (&**kind, id.as_str()));
        view((&self.method, self.bulk_id.as_deref(), resource), &self.outcome, caller, base_url)
    }
}

/// Only errors have a `response`: for success it may be left out.
pub(super) fn view(
    (method, bulk_id, resource): (&str, Option<&str>, Option<(&ResourceType, &str)>),
    outcome: &BulkOutcome,
    caller: &Caller,
    base_url: &str,
) -> OperationView {
    let mut shown = json!({});
    let is_failed_post = outcome.is_err() && method.eq_ignore_ascii_case("POST");
    if let Some((kind, id)) = resource.filter(|_| !is_failed_post) {
        shown["location"] = format!("{base_url}{}/{id}", kind.endpoint).into();
    }
    let status = match method {
        "POST" => 201,
        "DELETE" => 204,
        "PATCH" => {
            let is_group = resource.is_some_and(|(kind, _)| kind.name == "Group");
            let silent = is_group && caller.tenant.dialect.group_patch_answer == GroupPatchAnswer::NoContent;
            if silent { 204 } else { 200 }
        }
        _ => 200,
    };
    if !method.is_empty() {
        shown["method"] = method.into();
    }
    if let Some(bulk_id) = bulk_id {
        shown["bulkId"] = bulk_id.into();
    }
    match outcome {
        Ok(version) => {
            if let Some(version) = version {
                shown["version"] = version.to_string().into();
            }
            shown["status"] = status.to_string().into();
            OperationView { json: shown, error: None }
        }
        Err(error) => {
            let error = error.to_scim(caller.request);
            shown["status"] = error.status.to_string().into();
            shown["response"] = error.to_json();
            OperationView { json: shown, error: Some(error) }
        }
    }
}
