//! The parameters of a list request (RFC 7644, sections 3.4.2.2 to 3.4.2.4), read into a query.

use super::filter::{CheckedFilter, resolve_comparable};
use super::path::AttrPath;
use super::schema::{Resolved, ResourceType};
use super::{ScimError, ScimType};

/// The parameters as they were sent; `POST /.search` hands its numbers over as text.
#[derive(Debug, Clone, Copy, Default)]
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

/// What to order by.
#[derive(Debug, Clone, PartialEq)]
pub struct Sort {
    /// A simple attribute. If it has several values, the primary one's counts, or else the first one's.
    pub by: Resolved,
    /// Whether the greatest comes first. Resources without a value come last in ascending order and first in descending.
    pub descending: bool,
}

/// A list request that can be run.
#[derive(Debug, Clone, PartialEq)]
pub struct ListQuery {
    /// Which resources; all without a filter.
    pub filter: Option<CheckedFilter>,
    /// In which order; in a stable order of the server's choice without it.
    pub sort: Option<Sort>,
    /// The position of the first resource, from 1 to `i64::MAX`.
    pub start_index: u64,
    /// How many resources at most; 0 asks for the total alone.
    pub count: u32,
}

impl ListQuery {
    /// Reads the parameters. A filter that cannot be run is `400 invalidFilter`; anything else that cannot be read is
    /// `400 invalidValue`, for which RFC 7644, table 9 names queries, while `invalidPath` belongs to PATCH alone.
    pub fn parse(
        parameters: ListParameters<'_>,
        resource_type: &ResourceType,
        page_size: PageSize,
    ) -> Result<Self, ScimError> {
        let descending = parameters.sort_order.map_or(Ok(false), descending)?;
        let by = parameters.sort_by.map(|text| sort_attribute(text, resource_type)).transpose()?;
        Ok(Self {
            filter: parameters.filter.map(|text| CheckedFilter::parse(text, resource_type)).transpose()?,
            sort: by.map(|by| Sort { by, descending }),
            start_index: parameters.start_index.map_or(Ok(1), start_index)?,
            count: parameters.count.map_or(Ok(page_size.default), count)?.min(page_size.max),
        })
    }
}

fn descending(text: &str) -> Result<bool, ScimError> {
    if text.eq_ignore_ascii_case("descending") {
        return Ok(true);
    }
    let ascending = text.eq_ignore_ascii_case("ascending");
    if ascending { Ok(false) } else { Err(invalid("sortOrder must be ascending or descending")) }
}

fn sort_attribute(text: &str, resource_type: &ResourceType) -> Result<Resolved, ScimError> {
    let path = AttrPath::parse(text);
    let resolved = path.and_then(|path| resolve_comparable(resource_type, &path));
    resolved.map_err(|error| invalid(format!("sortBy is not valid {error}")))
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

/// A whole number of any length; only what fits the database's integers is kept.
enum Integer {
    Negative,
    Positive(Option<u64>),
}

fn integer(text: &str) -> Option<Integer> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let negative = digits.len() < text.len();
    Some(if negative {
        Integer::Negative
    } else {
        Integer::Positive(digits.parse::<i64>().ok().map(i64::unsigned_abs))
    })
}

fn invalid(detail: impl Into<String>) -> ScimError {
    ScimError::bad_request(ScimType::InvalidValue, detail)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;
    use crate::scim::schema::builtin;

    fn parse(parameters: ListParameters<'_>) -> Result<ListQuery, ScimError> {
        ListQuery::parse(parameters, builtin().named("User").unwrap(), PageSize::default())
    }

    fn page(start_index: &str, count: &str) -> Result<(u64, u32), String> {
        let parameters =
            ListParameters { start_index: Some(start_index), count: Some(count), ..ListParameters::default() };
        parse(parameters).map(|query| (query.start_index, query.count)).map_err(|error| {
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
        let sort = query.sort.unwrap();
        Ok(format!("{}{}", if sort.descending { "-" } else { "+" }, sort.by))
    }

    #[test]
    fn without_parameters_the_first_page_of_all_is_meant() {
        let query = parse(ListParameters::default()).unwrap();
        assert_eq!(query, ListQuery { filter: None, sort: None, start_index: 1, count: 100 });
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
        assert_eq!(only("descending").unwrap().sort, None);
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
}
