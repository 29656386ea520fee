//! Bodies of resources: what the entrance lets through is what serde_json reads, and a draft is canonical, replaces itself
//! without a difference, and can be indexed.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use scimgate_fuzz::scim::json;
use scimgate_fuzz::scim::resource::{Draft, IndexEntry, Resource, differences};
use scimgate_fuzz::scim::schema::ResourceType;
use scimgate_fuzz::{assert_is_refusal, catalog, dialects, is_canonical, within_budget};
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    within_budget(data, || {
        let Ok(body) = json::parse(data) else { return };
        for kind in catalog().resource_types() {
            let [dialect, _] = dialects();
            let draft = Draft::parse(body.clone(), kind, &dialect);
            let _ = draft.map(|draft| IndexEntry::of(kind, &draft.resource));
        }
    });
    let body = match json::parse(data) {
        Ok(body) => body,
        Err(error) => return assert_is_refusal(&error),
    };
    assert_eq!(serde_json::from_slice::<Value>(data).expect("the entrance is the stricter one"), body);
    assert_eq!(json::parse(body.to_string().as_bytes()).expect("what was read is fit to be read"), body);
    catalog().resource_types().iter().for_each(|kind| check(&body, kind));
});

fn check(body: &Value, kind: &Arc<ResourceType>) {
    for dialect in dialects() {
        let draft = match Draft::parse(body.clone(), kind, &dialect) {
            Ok(draft) => draft,
            Err(error) => {
                assert_is_refusal(&error);
                continue;
            }
        };
        let resource = draft.resource.clone();
        assert!(is_canonical(&resource, kind), "{resource:?}");
        assert!(differences(kind, &resource, &resource).is_empty());
        let again = draft.replacing(&resource, kind).expect("it replaces itself");
        assert_eq!(again.resource, resource);
        let entry = IndexEntry::of(kind, &resource);
        assert_eq!(Resource::from_document(&entry.document).as_ref(), Some(&resource));
        serde_json::from_str::<Value>(&entry.search).expect("the search document is JSON");
    }
}
