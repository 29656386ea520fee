//! PATCH: a request is refused as a whole or makes a canonical resource, says truly what it touched, and changes nothing
//! when what it made is sent back.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use scimgate_fuzz::scim::patch::{OpKind, Patch, PatchRequest};
use scimgate_fuzz::scim::resource::Resource;
use scimgate_fuzz::scim::schema::ResourceType;
use scimgate_fuzz::scim::{json, urn};
use scimgate_fuzz::{assert_is_refusal, catalog, dialects, is_canonical, resources, within_budget};
use serde_json::{Value, json};

fuzz_target!(|data: &[u8]| {
    let Ok(body) = json::parse(data) else { return };
    let body = match body {
        operations @ Value::Array(_) => json!({ "schemas": [urn::PATCH_OP], "Operations": operations }),
        body => body,
    };
    within_budget(data, || try_all(&body));
    for kind in catalog().resource_types() {
        for resource in resources(kind) {
            check(&body, kind, resource);
        }
    }
});

/// One resource of each type: what a request costs.
fn try_all(body: &Value) {
    for kind in catalog().resource_types() {
        let [dialect, _] = dialects();
        let Ok(request) = PatchRequest::parse(body.clone(), &dialect) else { continue };
        let Ok(patch) = Patch::check(request, kind, &dialect) else { continue };
        let _ = resources(kind).first().map(|resource| patch.apply(resource));
    }
}

fn check(body: &Value, kind: &Arc<ResourceType>, before: &Resource) {
    for dialect in dialects() {
        let request = match PatchRequest::parse(body.clone(), &dialect) {
            Ok(request) => request,
            Err(error) => return assert_is_refusal(&error),
        };
        let is_one_replace = matches!(request.operations(), [operation] if operation.op == OpKind::Replace);
        let patch = match Patch::check(request, kind, &dialect) {
            Ok(patch) => patch,
            Err(error) => {
                assert_is_refusal(&error);
                continue;
            }
        };
        match patch.apply(before) {
            Err(error) => assert_is_refusal(&error),
            Ok(outcome) => {
                assert!(is_canonical(&outcome.after, kind), "{:?}", outcome.after);
                assert_eq!(outcome.touched.is_empty(), outcome.after == *before, "{:?}", outcome.touched);
                assert!(outcome.members.add.is_disjoint(&outcome.members.remove));
                if let (true, Ok(second)) = (is_one_replace, patch.apply(&outcome.after)) {
                    assert_eq!(second.after, outcome.after, "what was replaced stays when it is replaced again");
                }
            }
        }
    }
}
