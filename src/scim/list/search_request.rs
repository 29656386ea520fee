//! The body of `POST /.search` (RFC 7644, section 3.4.3; RFC 9865, section 3).

use serde_json::{Map, Value};

use super::ListParameters;
use crate::scim::{ScimError, ScimType, urn};

/// A search request whose members are of the right types. What they mean is told by [`super::ListQuery::parse`], as for those
/// that stand in a URL.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchRequest {
    /// `attributes`, separated by commas.
    pub attributes: Option<String>,
    /// `excludedAttributes`, separated by commas.
    pub excluded_attributes: Option<String>,
    filter: Option<String>,
    sort_by: Option<String>,
    sort_order: Option<String>,
    start_index: Option<String>,
    count: Option<String>,
    cursor: Option<String>,
}

impl SearchRequest {
    /// Reads a body. Names of members may have any case, null counts as absent, and members that the RFCs do not know are
    /// ignored, as unknown parameters of a URL are.
    ///
    /// # Errors
    /// 400 `invalidSyntax` with the member that is at fault.
    pub fn parse(body: Value) -> Result<Self, ScimError> {
        let Value::Object(body) = body else {
            return Err(invalid("the body of a search is an object with \"schemas\" and the parameters of the query"));
        };
        let members = Members(&body);
        if !members.get("schemas").is_some_and(names_search_request) {
            return Err(invalid(format!("\"schemas\" of a search must contain \"{}\"", urn::SEARCH_REQUEST)));
        }
        Ok(Self {
            attributes: members.names("attributes")?,
            excluded_attributes: members.names("excludedAttributes")?,
            filter: members.text("filter")?,
            sort_by: members.text("sortBy")?,
            sort_order: members.text("sortOrder")?,
            start_index: members.number("startIndex")?,
            count: members.number("count")?,
            cursor: members.text("cursor")?,
        })
    }

    /// The parameters as a URL would have them.
    pub fn parameters(&self) -> ListParameters<'_> {
        ListParameters {
            filter: self.filter.as_deref(),
            sort_by: self.sort_by.as_deref(),
            sort_order: self.sort_order.as_deref(),
            start_index: self.start_index.as_deref(),
            count: self.count.as_deref(),
            cursor: self.cursor.as_deref(),
        }
    }
}

struct Members<'a>(&'a Map<String, Value>);

impl<'a> Members<'a> {
    fn get(&self, name: &str) -> Option<&'a Value> {
        let found = self.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value).filter(|value| !value.is_null())
    }

    fn text(&self, name: &str) -> Result<Option<String>, ScimError> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        self.read(name, "a string", text)
    }

    /// Numbers with a fraction or an exponent are no whole numbers, whatever their value is.
    fn number(&self, name: &str) -> Result<Option<String>, ScimError> {
        let whole = |value: &Value| (value.is_i64() || value.is_u64()).then(|| value.to_string());
        self.read(name, "a whole number", whole)
    }

    fn names(&self, name: &str) -> Result<Option<String>, ScimError> {
        let names = |value: &Value| {
            let names: Option<Vec<&str>> = value.as_array()?.iter().map(Value::as_str).collect();
            names.map(|names| names.join(","))
        };
        self.read(name, "an array of attribute names", names)
    }

    fn read(
        &self,
        name: &str,
        expected: &str,
        read: impl Fn(&Value) -> Option<String>,
    ) -> Result<Option<String>, ScimError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        read(value).map(Some).ok_or_else(|| invalid(format!("\"{name}\" of a search must be {expected}")))
    }
}

fn names_search_request(schemas: &Value) -> bool {
    let is_ours = |uri: &Value| uri.as_str().is_some_and(|uri| uri.eq_ignore_ascii_case(urn::SEARCH_REQUEST));
    schemas.as_array().is_some_and(|uris| uris.iter().any(is_ours))
}

fn invalid(detail: impl Into<String>) -> ScimError {
    ScimError::bad_request(ScimType::InvalidSyntax, detail)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use serde_json::json;

    use super::*;

    fn parse(mut body: Value) -> Result<SearchRequest, String> {
        body["schemas"] = json!([urn::SEARCH_REQUEST]);
        SearchRequest::parse(body).map_err(|error| {
            assert_eq!((error.status, error.scim_type), (400, Some(ScimType::InvalidSyntax)));
            error.detail
        })
    }

    #[test]
    fn every_parameter_is_read_whatever_the_case_of_its_name() {
        let request = parse(json!({
            "attributes": ["userName", "name.familyName"], "EXCLUDEDATTRIBUTES": ["emails"], "filter": "title pr",
            "sortby": "title", "sortOrder": "descending", "startIndex": -3, "count": 18446744073709551615_u64, "cursor": "",
        }))
        .unwrap();
        assert_eq!(request.attributes.as_deref(), Some("userName,name.familyName"));
        assert_eq!(request.excluded_attributes.as_deref(), Some("emails"));
        let expected = ListParameters {
            filter: Some("title pr"),
            sort_by: Some("title"),
            sort_order: Some("descending"),
            start_index: Some("-3"),
            count: Some("18446744073709551615"),
            cursor: Some(""),
        };
        assert_eq!(request.parameters(), expected);
        assert_eq!(parse(json!({ "filter": null, "count": null, "other": 7 })), Ok(SearchRequest::default()));
    }

    #[test]
    fn a_member_of_another_type_is_named() {
        let texts = ["filter", "sortBy", "sortOrder", "cursor"].map(|name| (name, "a string", json!(7)));
        let numbers = ["startIndex", "count"].map(|name| (name, "a whole number", json!("7")));
        let lists = ["attributes", "excludedAttributes"].map(|name| (name, "an array of attribute names", json!("id")));
        let more = [
            ("count", "a whole number", json!(1.0)),
            ("count", "a whole number", json!(1e300)),
            ("attributes", "an array of attribute names", json!([7])),
            ("filter", "a string", json!(["title pr"])),
        ];
        for (name, expected, value) in texts.into_iter().chain(numbers).chain(lists).chain(more) {
            let told = format!("\"{name}\" of a search must be {expected}");
            assert_eq!(parse(json!({ name: value })), Err(told));
        }
    }

    #[test]
    fn the_schema_has_to_be_named() {
        for body in [json!({}), json!({ "schemas": [urn::PATCH_OP] }), json!({ "schemas": urn::SEARCH_REQUEST })] {
            let error = SearchRequest::parse(body).unwrap_err();
            assert!(error.detail.contains("must contain \"urn:ietf:params:scim:api:messages:2.0:SearchRequest\""));
        }
        assert!(SearchRequest::parse(json!({ "Schemas": [urn::SEARCH_REQUEST.to_uppercase()] })).is_ok());
        assert!(SearchRequest::parse(json!([])).unwrap_err().detail.contains("is an object"));
    }
}
