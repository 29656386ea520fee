//! `POST /scim/v2/Bulk` (RFC 7644, section 3.7).

mod asynchronous;
mod concurrency;
mod creates;
mod fail_on_errors;
mod hostile;
mod limits;
mod operations;
mod references;

use serde_json::{Value, json};

use crate::support::scim::{Answer, GROUP, Scim, USER};

const BULK_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// An id that nobody has.
const NOBODY: &str = "0190c0de-0000-7000-8000-000000000000";

/// A bulk request with these operations.
fn request(operations: impl IntoIterator<Item = Value>) -> Value {
    json!({"schemas": [BULK_REQUEST], "Operations": operations.into_iter().collect::<Vec<_>>()})
}

/// The answers to these operations.
async fn bulk(scim: &Scim, operations: impl IntoIterator<Item = Value>) -> Vec<Value> {
    answers(scim.post("/Bulk", request(operations)).await)
}

/// The same, where no further operation is carried out after so many errors.
async fn bulk_until(scim: &Scim, errors: u64, operations: impl IntoIterator<Item = Value>) -> Vec<Value> {
    let mut body = request(operations);
    body["failOnErrors"] = errors.into();
    answers(scim.post("/Bulk", body).await)
}

#[track_caller]
fn answers(answer: Answer) -> Vec<Value> {
    let body = answer.expect(200).json();
    assert_eq!(body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:BulkResponse"]));
    assert!(body.get("failOnErrors").is_none());
    body["Operations"].as_array().unwrap().clone()
}

fn user(name: &str) -> Value {
    json!({"schemas": [USER], "userName": name})
}

fn managed(name: &str, manager: &str) -> Value {
    json!({"schemas": [USER, ENTERPRISE], "userName": name, ENTERPRISE: {"manager": {"value": manager}}})
}

fn group(name: &str, members: &[&str]) -> Value {
    let members: Vec<Value> = members.iter().map(|id| json!({"value": id})).collect();
    json!({"schemas": [GROUP], "displayName": name, "members": members})
}

fn post(path: &str, bulk_id: &str, data: Value) -> Value {
    json!({"method": "POST", "path": path, "bulkId": bulk_id, "data": data})
}

fn put(path: &str, data: Value) -> Value {
    json!({"method": "PUT", "path": path, "data": data})
}

fn patch(path: &str, operations: Value) -> Value {
    json!({"method": "PATCH", "path": path, "data": {"schemas": [PATCH_OP], "Operations": operations}})
}

fn delete(path: &str) -> Value {
    json!({"method": "DELETE", "path": path})
}

/// The statuses of answers.
fn statuses(answers: &[Value]) -> Vec<&str> {
    answers.iter().map(|answer| answer["status"].as_str().unwrap()).collect()
}

/// The id that an answer's location ends with.
#[track_caller]
fn id(answer: &Value) -> String {
    let location = answer["location"].as_str().unwrap_or_else(|| panic!("{answer}"));
    location.rsplit('/').next().unwrap().to_owned()
}

/// Holds that an operation failed with that status and keyword (`""` for none), and tells of `told`.
#[track_caller]
fn expect_error(answer: &Value, status: &str, scim_type: &str, told: &str) {
    let error = &answer["response"];
    assert_eq!((&answer["status"], &error["status"]), (&json!(status), &json!(status)), "{answer}");
    assert_eq!(error["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
    assert_eq!(error.get("scimType").and_then(Value::as_str).unwrap_or(""), scim_type, "{answer}");
    assert!(error["detail"].as_str().unwrap().contains(told), "{answer} does not tell of {told:?}");
    assert!(answer.get("version").is_none(), "{answer}");
}

/// The ids of a group's members, sorted.
async fn members(scim: &Scim, group: &str) -> Vec<String> {
    let group = scim.get(&format!("/Groups/{group}")).await.expect(200).json();
    let members = group["members"].as_array().cloned().unwrap_or_default();
    let mut ids: Vec<String> = members.iter().map(|member| member["value"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

/// The id of a user's manager.
async fn manager(scim: &Scim, user: &str) -> String {
    let user = scim.get(&format!("/Users/{user}")).await.expect(200).json();
    user[ENTERPRISE]["manager"]["value"].as_str().unwrap_or_default().to_owned()
}

/// How many users and groups there are.
async fn count(scim: &Scim) -> (Value, Value) {
    let total = async |path| scim.get(path).await.expect(200).json()["totalResults"].clone();
    (total("/Users").await, total("/Groups").await)
}
