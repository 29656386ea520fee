//! Paths of attributes and of PATCH operations, names of attributes in lists, and dates.
#![no_main]

use std::str;

use libfuzzer_sys::fuzz_target;
use scimgate_fuzz::scim::date_time::{fixed_width, parse_instant};
use scimgate_fuzz::scim::fold::fold;
use scimgate_fuzz::scim::path::{AttrPath, PatchPath};
use scimgate_fuzz::scim::resource::Projection;
use scimgate_fuzz::{assert_is_refusal, catalog, resources, within_budget};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = str::from_utf8(data) else { return };
    within_budget(data, || check(text));
});

fn check(text: &str) {
    match AttrPath::parse(text) {
        Ok(path) => {
            assert_eq!(path.to_string(), text);
            assert_eq!(AttrPath::parse(&path.to_string()).expect("it was read before"), path);
        }
        Err(error) => assert!(error.position <= text.len() && text.is_char_boundary(error.position), "{error}"),
    }
    if let Some(instant) = parse_instant(text) {
        assert_eq!(parse_instant(&fixed_width(instant)), Some(instant));
    }
    let folded = fold(text);
    assert_eq!(fold(&folded), folded, "folding twice is folding once: {text:?}");
    for kind in catalog().resource_types() {
        if let Err(error) = PatchPath::parse(text, kind) {
            assert_is_refusal(&error);
        }
        for (wanted, excluded) in [(Some(text), None), (None, Some(text))] {
            let projection = Projection::parse(wanted, excluded, kind).expect("unknown names are ignored");
            for resource in resources(kind) {
                let once = projection.apply(resource.as_map().clone());
                assert_eq!(projection.apply(once.clone()), once, "{text:?}");
            }
        }
    }
}
