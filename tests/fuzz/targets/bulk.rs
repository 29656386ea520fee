//! Bulk requests: each operation stands in the plan once, behind what it needs, and no reference is left.
#![no_main]

use std::slice;

use libfuzzer_sys::fuzz_target;
use scimgate_fuzz::scim::bulk::{BulkLimits, BulkRequest, Method, Plan, Unit};
use scimgate_fuzz::scim::dialect::Dialect;
use scimgate_fuzz::scim::{json, urn};
use scimgate_fuzz::{assert_is_refusal, catalog, dialects, within_budget};
use serde_json::{Value, json};

const LIMITS: BulkLimits = BulkLimits { operations: 100, data: 4_000 };

fuzz_target!(|data: &[u8]| {
    let Ok(body) = json::parse(data) else { return };
    let body = match body {
        operations @ Value::Array(_) => json!({ "schemas": [urn::BULK_REQUEST], "Operations": operations }),
        body => body,
    };
    within_budget(data, || {
        let [dialect, _] = dialects();
        let _ = planned(body.clone(), &dialect);
    });
    for dialect in dialects() {
        if let Some(plan) = planned(body.clone(), &dialect) {
            check(&plan);
        }
    }
});

fn planned(body: Value, dialect: &Dialect) -> Option<Plan> {
    match BulkRequest::parse(body, catalog(), dialect, LIMITS) {
        Ok(request) => {
            let mut ids = 0;
            Some(Plan::new(request, || {
                ids += 1;
                format!("new-{ids}")
            }))
        }
        Err(error) => {
            assert_is_refusal(&error);
            None
        }
    }
}

fn check(plan: &Plan) {
    let mut seen = vec![false; plan.operations.len()];
    for unit in &plan.order {
        let places = match unit {
            Unit::One(place) => slice::from_ref(place),
            Unit::Circle(places) => places,
        };
        for place in places {
            assert!(!std::mem::replace(&mut seen[*place], true), "{place} stands twice");
            let mut needs = plan.operations[*place].needs.iter();
            assert!(needs.all(|need| seen[*need] || places.contains(need)), "{place} comes too early");
        }
    }
    assert!(seen.iter().all(|seen| *seen));
    for call in plan.operations.iter().filter_map(|operation| operation.call.as_ref().ok()) {
        let member = call.data.pointer("/members/0/value").and_then(Value::as_str).unwrap_or_default();
        let is_group = call.kind.name == "Group" && call.method != Method::Patch;
        assert!(!is_group || !member.starts_with("bulkId:"), "{}", call.data);
    }
}
