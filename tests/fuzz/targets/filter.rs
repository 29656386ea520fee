//! Filters: what is read prints and reads as itself, and means the same; errors tell a place in the text.
#![no_main]

use std::str;

use libfuzzer_sys::fuzz_target;
use scimgate_fuzz::scim::filter::{CheckedFilter, Filter};
use scimgate_fuzz::{catalog, resources, within_budget};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = str::from_utf8(data) else { return };
    within_budget(data, || {
        let _ = Filter::parse(text);
        let _ = CheckedFilter::parse_across(text, catalog().resource_types());
    });
    match Filter::parse(text) {
        Ok(filter) => check(&filter),
        Err(error) => assert!(error.position <= text.len() && text.is_char_boundary(error.position), "{error}"),
    }
});

fn check(filter: &Filter) {
    let printed = filter.to_string();
    let again = match Filter::parse(&printed) {
        Ok(again) => again,
        // What is written out may be longer than what was sent; only the limits may then refuse it.
        Err(error) => return assert!(error.to_string().contains("at most"), "{error} in {printed}"),
    };
    assert_eq!(without_positions(again.clone()), without_positions(filter.clone()), "{printed}");
    for kind in catalog().resource_types() {
        let checked = CheckedFilter::check(filter, kind);
        assert_eq!(checked.is_ok(), CheckedFilter::check(&again, kind).is_ok(), "{printed}");
        let (Ok(checked), Ok(again)) = (checked, CheckedFilter::check(&again, kind)) else { continue };
        assert_eq!(checked, again, "{printed}");
        let not = CheckedFilter::check(&Filter::Not(Box::new(filter.clone())), kind).expect("not fits where it fits");
        for resource in resources(kind) {
            assert_ne!(checked.matches(resource.as_map()), not.matches(resource.as_map()), "{printed}");
        }
    }
}

fn without_positions(filter: Filter) -> Filter {
    let all = |filters: Vec<Filter>| filters.into_iter().map(without_positions).collect();
    match filter {
        Filter::And(filters) => Filter::And(all(filters)),
        Filter::Or(filters) => Filter::Or(all(filters)),
        Filter::Not(inner) => Filter::Not(Box::new(without_positions(*inner))),
        Filter::Present { path, .. } => Filter::Present { path, position: 0 },
        Filter::Compare { path, op, value, .. } => Filter::Compare { path, op, value, position: 0 },
        Filter::ValuePath { path, filter, .. } => {
            Filter::ValuePath { path, filter: Box::new(without_positions(*filter)), position: 0 }
        }
    }
}
