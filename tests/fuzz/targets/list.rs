//! Queries, as a URL has them and as the body of a search, and cursors.
#![no_main]

use std::str;
use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use scimgate_fuzz::scim::json;
use scimgate_fuzz::scim::list::{
    Cursor, CursorKey, CursorSeal, ListParameters, ListQuery, PageSize, Position, SearchRequest,
};
use scimgate_fuzz::scim::schema::ResourceType;
use scimgate_fuzz::{assert_is_refusal, catalog, within_budget};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = str::from_utf8(data) else { return };
    within_budget(data, || {
        query(text);
        search(data);
    });
    cursor(text);
});

/// One parameter a line; an empty line is one that was not sent.
fn query(text: &str) {
    let mut lines = text.split('\n').map(|line| Some(line).filter(|line| !line.is_empty()));
    let mut next = || lines.next().flatten();
    run(ListParameters {
        filter: next(),
        sort_by: next(),
        sort_order: next(),
        start_index: next(),
        count: next(),
        cursor: next(),
    });
}

fn search(data: &[u8]) {
    match json::parse(data).and_then(SearchRequest::parse) {
        Ok(request) => run(request.parameters()),
        Err(error) => assert_is_refusal(&error),
    }
}

fn run(parameters: ListParameters<'_>) {
    let all = catalog().resource_types();
    for kinds in [all, &all[..1]] {
        match ListQuery::parse(parameters, kinds, PageSize::default()) {
            Ok(query) => same(parameters, &query, kinds),
            Err(error) => assert_is_refusal(&error),
        }
    }
}

/// Reading is a function, and a query has one canonical text.
fn same(parameters: ListParameters<'_>, query: &ListQuery, kinds: &[Arc<ResourceType>]) {
    let again = ListQuery::parse(parameters, kinds, PageSize::default()).expect("it was read before");
    assert_eq!(again.canonical(kinds), query.canonical(kinds));
    assert!(query.count <= PageSize::default().max);
}

/// A cursor opens as it was sealed; what nobody sealed does not open.
fn cursor(text: &str) {
    let seal = CursorSeal::new(Arc::new(CursorKey::new(&[7; 64])), [1; 16], "query".to_owned());
    assert!(seal.open(text).is_err());
    let value = Some(text.to_owned()).filter(|text| text.len() < 4_000);
    let position = Position { value, seq: text.len() as i64, backwards: text.len() % 2 == 1 };
    let cursor = Cursor { position, count: 100 };
    assert_eq!(seal.open(&seal.seal(&cursor)).expect("it was sealed so"), cursor);
}
