//! The parameters of a query (RFC 7644, sections 3.4.2.2 to 3.4.2.4; RFC 9865, section 2), read into what can be run.

use std::sync::Arc;

use super::number::{Integer, integer};
use crate::scim::filter::{CheckedFilter, resolve_comparable};
use crate::scim::path::AttrPath;
use crate::scim::schema::{AttributeType, Resolved, ResourceType};
use crate::scim::{ScimError, ScimType};

/// The parameters as they were sent; `POST /.search` hands its numbers over as text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ListParameters<'a> {
    /// `filter`
    pub filter: Option<&'a str>,
    /// `sortBy`
    pub sort_by: Option<&'a str>,
    /// `sortOrder`
    pub sort_order: Option<&'a str>,
    /// `startIndex`
    pub start_index: Option<&'a str>,
    /// `count`
    pub count: Option<&'a str>,
    /// `cursor`
    pub cursor: Option<&'a str>,
}

/// How many resources a page holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageSize {
    /// Where `count` is not sent.
    pub default: u32,
    /// Whatever is sent.
    pub max: u32,
}

impl Default for PageSize {
    fn default() -> Self {
        Self { default: 100, max: 1_000 }
    }
}

/// What is wanted of one resource type.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Selection {
    /// Which resources; all without a filter.
    pub filter: Option<CheckedFilter>,
    /// A simple attribute to order by. If it has several values, the primary one's counts, or else the first one's. Without
    /// it the resources count as having no value, if the query is ordered at all.
    pub sort: Option<Resolved>,
}

/// Where a page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// At a position from 1 to `i64::MAX`.
    Index(u64),
    /// At a cursor that is not opened yet; `""` begins a walk.
    Cursor(String),
}

/// A query that can be run.
#[derive(Debug, Clone, PartialEq)]
pub struct ListQuery {
    /// What is wanted of each resource type, in their order.
    pub selections: Vec<Selection>,
    /// Whether the greatest comes first. Resources without a value come last in ascending order and first in descending. If
    /// nothing is sorted by, the order is that of creation.
    pub descending: bool,
    /// Where the page begins.
    pub start: Start,
    /// How many resources at most; 0 asks for the total alone.
    pub count: u32,
}

impl ListQuery {
    /// Reads the parameters of a query on `kinds`. A filter that cannot be run is `400 invalidFilter`; a count that a walk by
    /// cursor cannot have is `400 invalidCount`; anything else that cannot be read is `400 invalidValue`, for which RFC 7644,
    /// table 9 names queries, while `invalidPath` belongs to PATCH alone.
    pub fn parse(
        parameters: ListParameters<'_>,
        kinds: &[Arc<ResourceType>],
        page_size: PageSize,
    ) -> Result<Self, ScimError> {
        let descending = parameters.sort_order.map_or(Ok(false), descending)?;
        let sorts = parameters.sort_by.map(|text| sort_attributes(text, kinds)).transpose()?;
        let filters = parameters.filter.map(|text| CheckedFilter::parse_across(text, kinds)).transpose()?;
        let mut selections = vec![Selection::default(); kinds.len()];
        for (selection, sort) in selections.iter_mut().zip(sorts.into_iter().flatten()) {
            selection.sort = sort;
        }
        for (selection, filter) in selections.iter_mut().zip(filters.into_iter().flatten()) {
            selection.filter = Some(filter);
        }
        let (start, count) = page(parameters, page_size)?;
        // An order without an attribute is read and means nothing.
        let descending = descending && selections.iter().any(|selection| selection.sort.is_some());
        Ok(Self { selections, descending, start, count })
    }

    /// Holds that a cursor of a walk in pages of `count` is gone on with in pages of the same size.
    pub fn check_count(&self, count: u32) -> Result<(), ScimError> {
        let changed = || invalid_count(format!("this walk began with a count of {count}; go on with the same"));
        if self.count == count { Ok(()) } else { Err(changed()) }
    }
}

fn page(parameters: ListParameters<'_>, page_size: PageSize) -> Result<(Start, u32), ScimError> {
    match (parameters.cursor, parameters.start_index) {
        (Some(_), Some(_)) => Err(invalid("startIndex and cursor exclude each other; send one of them")),
        (Some(cursor), None) => {
            let count = parameters.count.map_or(Ok(page_size.default), |text| cursor_count(text, page_size.max))?;
            Ok((Start::Cursor(cursor.to_owned()), count))
        }
        (None, index) => {
            let count = parameters.count.map_or(Ok(page_size.default), count)?.min(page_size.max);
            Ok((Start::Index(index.map_or(Ok(1), start_index)?), count))
        }
    }
}

fn descending(text: &str) -> Result<bool, ScimError> {
    if text.eq_ignore_ascii_case("descending") {
        return Ok(true);
    }
    let ascending = text.eq_ignore_ascii_case("ascending");
    if ascending { Ok(false) } else { Err(invalid("sortOrder must be ascending or descending")) }
}

/// What `text` means in each of the types; at least one of them knows it.
fn sort_attributes(text: &str, kinds: &[Arc<ResourceType>]) -> Result<Vec<Option<Resolved>>, ScimError> {
    let not_valid = |error| invalid(format!("sortBy is not valid {error}"));
    let path = AttrPath::parse(text).map_err(not_valid)?;
    let found = resolve_comparable(kinds, &path).map_err(not_valid)?;
    let mut known = kinds.iter().zip(&found).filter_map(|(kind, found)| Some((kind, found.as_ref()?.leaf().kind)));
    if let Some((first, kind)) = known.next()
        && let Some((other, _)) = known.find(|(_, other)| !compare_alike(kind, *other))
    {
        let names = (&first.name, &other.name);
        return Err(invalid(format!(
            "sortBy names attributes of different types in {} and {}; sort them one by one",
            names.0, names.1
        )));
    }
    Ok(found)
}

fn compare_alike(one: AttributeType, other: AttributeType) -> bool {
    use AttributeType::{Binary, Decimal, Integer, Reference, String};
    let text = |kind| matches!(kind, String | Reference | Binary);
    let number = |kind| matches!(kind, Integer | Decimal);
    one == other || (text(one) && text(other)) || (number(one) && number(other))
}

/// A value below 1 means 1.
fn start_index(text: &str) -> Result<u64, ScimError> {
    match integer(text) {
        Some(Integer::Negative) => Ok(1),
        Some(Integer::Positive(Some(index))) => Ok(index.max(1)),
        Some(Integer::Positive(None)) => Err(invalid(format!("startIndex must be at most {}", i64::MAX))),
        None => Err(invalid("startIndex must be a whole number")),
    }
}

/// A negative value means 0. However much is asked for, a page has at most its size.
fn count(text: &str) -> Result<u32, ScimError> {
    match integer(text) {
        Some(Integer::Negative) => Ok(0),
        Some(Integer::Positive(count)) => Ok(count.and_then(|count| count.try_into().ok()).unwrap_or(u32::MAX)),
        None => Err(invalid("count must be a whole number")),
    }
}

/// RFC 9865 still reads a negative count as 0, but has an error for one that is larger than a page can be.
fn cursor_count(text: &str, max: u32) -> Result<u32, ScimError> {
    let read = count(text).ok().filter(|count| *count <= max);
    read.ok_or_else(|| invalid_count(format!("count must be a whole number between 0 and {max}")))
}

fn invalid(detail: impl Into<String>) -> ScimError {
    ScimError::bad_request(ScimType::InvalidValue, detail)
}

fn invalid_count(detail: String) -> ScimError {
    ScimError::bad_request(ScimType::InvalidCount, detail)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;
    use crate::scim::schema::builtin;

    fn parse(parameters: ListParameters<'_>) -> Result<ListQuery, ScimError> {
        ListQuery::parse(parameters, &builtin().resource_types()[..1], PageSize::default())
    }

    fn page(start_index: &str, count: &str) -> Result<(u64, u32), String> {
        let parameters =
            ListParameters { start_index: Some(start_index), count: Some(count), ..ListParameters::default() };
        let start = |start| match start {
            Start::Index(index) => index,
            Start::Cursor(cursor) => panic!("{cursor:?} is no index"),
        };
        parse(parameters).map(|query| (start(query.start), query.count)).map_err(|error| {
            assert_eq!((error.status, error.scim_type), (400, Some(ScimType::InvalidValue)));
            error.detail
        })
    }

    fn sort(sort_by: &str, sort_order: &str) -> Result<String, String> {
        let parameters =
            ListParameters { sort_by: Some(sort_by), sort_order: Some(sort_order), ..ListParameters::default() };
        let query = parse(parameters).map_err(|error| {
            assert_eq!((error.status, error.scim_type), (400, Some(ScimType::InvalidValue)));
            error.detail
        })?;
        let by = query.selections[0].sort.as_ref().unwrap();
        Ok(format!("{}{by}", if query.descending { "-" } else { "+" }))
    }

    #[test]
    fn without_parameters_the_first_page_of_all_is_meant() {
        let query = parse(ListParameters::default()).unwrap();
        let all = vec![Selection::default()];
        assert_eq!(query, ListQuery { selections: all, descending: false, start: Start::Index(1), count: 100 });
    }

    #[test]
    fn numbers_out_of_range_mean_the_nearest_sensible_one() {
        assert_eq!(page("6", "5"), Ok((6, 5)));
        assert_eq!(page("0", "0"), Ok((1, 0)));
        assert_eq!(page("-7", "-1"), Ok((1, 0)));
        assert_eq!(page("-99999999999999999999999999", "-99999999999999999999999999"), Ok((1, 0)));
        assert_eq!(page("9223372036854775807", "1001"), Ok((i64::MAX as u64, 1_000)));
        assert_eq!(page("007", "99999999999999999999999999"), Ok((7, 1_000)));
    }

    #[test]
    fn what_is_no_number_is_refused() {
        let too_large = Err("startIndex must be at most 9223372036854775807".to_owned());
        assert_eq!(page("9223372036854775808", "1"), too_large);
        assert_eq!(page("99999999999999999999999999", "1"), too_large);
        for text in ["", "-", "1.5", "1e3", "ten", "+1", " 1", "٣", "0x10"] {
            assert_eq!(page(text, "1"), Err("startIndex must be a whole number".to_owned()), "{text}");
            assert_eq!(page("1", text), Err("count must be a whole number".to_owned()), "{text}");
        }
    }

    #[test]
    fn an_order_names_a_simple_attribute() {
        assert_eq!(sort("USERNAME", "Descending").unwrap(), "-userName");
        assert_eq!(sort("name.familyname", "ascending").unwrap(), "+name.familyName");
        assert_eq!(sort("emails", "ascending").unwrap(), "+emails.value");
        assert_eq!(sort("meta.lastModified", "ASCENDING").unwrap(), "+meta.lastModified");
        let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department";
        assert_eq!(sort(enterprise, "ascending").unwrap(), format!("+{enterprise}"));
    }

    #[test]
    fn an_order_that_cannot_be_run_is_refused() {
        for (by, order, detail) in [
            ("userName", "", "sortOrder must be ascending or descending"),
            ("userName", "down", "sortOrder must be ascending or descending"),
            ("shoeSize", "ascending", "sortBy is not valid at position 0: 'shoeSize' is not an attribute of User"),
            (
                "password",
                "ascending",
                "sortBy is not valid at position 0: 'password' is never returned, so it cannot be used here",
            ),
            (
                "",
                "ascending",
                "sortBy is not valid at position 0: found nothing, expected an attribute name: a letter, then letters, digits, '-', '_' or '$'",
            ),
        ] {
            assert_eq!(sort(by, order), Err(detail.to_owned()));
        }
        assert!(sort("name", "ascending").unwrap_err().contains("'name' is complex; name one of its sub-attributes"));
    }

    #[test]
    fn an_order_without_an_attribute_is_still_read() {
        let only = |order| parse(ListParameters { sort_order: Some(order), ..ListParameters::default() });
        assert_eq!(only("descending").unwrap().selections[0].sort, None);
        assert!(only("up").is_err());
    }

    #[test]
    fn an_empty_filter_is_no_filter_that_could_be_run() {
        let error = parse(ListParameters { filter: Some(""), ..ListParameters::default() }).unwrap_err();
        assert_eq!(error.scim_type, Some(ScimType::InvalidFilter));
        assert_eq!(
            error.detail,
            "the filter is not valid at position 0: found nothing, expected an attribute, not or an opening parenthesis"
        );
    }

    fn walk(cursor: &str, count: Option<&str>) -> Result<(Start, u32), (ScimType, String)> {
        let query = parse(ListParameters { cursor: Some(cursor), count, ..ListParameters::default() });
        query.map(|query| (query.start, query.count)).map_err(|error| (error.scim_type.unwrap(), error.detail))
    }

    #[test]
    fn a_walk_has_a_cursor_and_a_count_within_bounds() {
        let start = || Start::Cursor(String::new());
        assert_eq!(walk("", None), Ok((start(), 100)));
        assert_eq!(walk("", Some("-4")), Ok((start(), 0)));
        assert_eq!(walk("", Some("1000")), Ok((start(), 1_000)));
        assert_eq!(walk("abc", Some("7")), Ok((Start::Cursor("abc".into()), 7)));
        for count in ["1001", "99999999999999999999", "ten", "1.5", ""] {
            let told = "count must be a whole number between 0 and 1000".to_owned();
            assert_eq!(walk("", Some(count)), Err((ScimType::InvalidCount, told)), "{count}");
        }
        let both = ListParameters { cursor: Some(""), start_index: Some("1"), ..ListParameters::default() };
        assert_eq!(parse(both).unwrap_err().scim_type, Some(ScimType::InvalidValue));
        let error = parse(ListParameters::default()).unwrap().check_count(7).unwrap_err();
        assert_eq!(error.scim_type, Some(ScimType::InvalidCount));
        assert_eq!(error.detail, "this walk began with a count of 7; go on with the same");
    }

    fn across(parameters: ListParameters<'_>) -> Result<ListQuery, ScimError> {
        ListQuery::parse(parameters, builtin().resource_types(), PageSize::default())
    }

    fn canonical(filter: &str, sort_by: &str) -> String {
        let parameters = ListParameters { filter: Some(filter), sort_by: Some(sort_by), ..ListParameters::default() };
        across(parameters).unwrap().canonical(builtin().resource_types())
    }

    #[test]
    fn an_attribute_of_one_type_is_absent_in_the_other() {
        let query = across(ListParameters { sort_by: Some("userName"), ..ListParameters::default() }).unwrap();
        let sorts: Vec<_> = query.selections.iter().map(|selection| selection.sort.is_some()).collect();
        assert_eq!(sorts, [true, false]);
        assert_eq!(
            canonical("not (title pr) and displayName eq \"X\" or members[value eq \"g\"]", "userName"),
            "+\nUser by userName where (or(and(not(title pr))(displayName eq Folded(\"x\")))(or))\
             \nGroup where (or(and(not(or))(displayName eq Folded(\"x\")))(members has (members.value eq Exact(\"g\"))))"
        );
        let error = across(ListParameters { sort_by: Some("shoeSize"), ..ListParameters::default() }).unwrap_err();
        assert_eq!(
            error.detail,
            "sortBy is not valid at position 0: 'shoeSize' is not an attribute of any resource type"
        );
        let filter = "userName pr or shoeSize pr";
        let error = across(ListParameters { filter: Some(filter), ..ListParameters::default() }).unwrap_err();
        assert_eq!(error.scim_type, Some(ScimType::InvalidFilter));
        assert_eq!(
            error.detail,
            "the filter is not valid at position 15: 'shoeSize' is not an attribute of any resource type"
        );
        let error = across(ListParameters { filter: Some("active eq 7"), ..ListParameters::default() }).unwrap_err();
        assert!(error.detail.contains("active"), "{}", error.detail);
    }

    #[test]
    fn a_query_is_the_same_however_it_is_spelled() {
        assert_eq!(canonical("userName sw \"J\"", "id"), canonical("(username SW  \"j\")", "ID"));
        assert_ne!(canonical("userName sw \"J\"", "id"), canonical("userName sw \"K\"", "id"));
        assert_ne!(canonical("userName sw \"J\"", "id"), canonical("userName sw \"J\"", "externalId"));
    }
}
