//! Lists, page by page.
//!
//! A cursor is the sort key of the last item, so a page costs the same wherever it lies, and nothing is skipped or shown twice
//! while others write. It says nothing that the list has not shown.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::problem::FieldError;
use super::query::Query;
use crate::scim::ScimError;

const DEFAULT_LIMIT: u16 = 50;
const MAX_LIMIT: u16 = 200;

/// The parameters of every list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes what Window reads")]
pub struct WindowParameters {
    /// Items on the page at most
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u16>,
    /// Where to go on: `nextCursor` of the page before
    cursor: Option<String>,
}

/// Which part of a list is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// Items at most.
    pub limit: u16,
    /// The sort key of the last item of the page before.
    pub after: Option<String>,
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct List<T> {
    /// The items, in the list's order.
    items: Vec<T>,
    /// Send it as `cursor` for the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl<T> List<T> {
    /// A page of a list that finds its own way on: `next` is the key behind which the next page begins.
    pub fn going_on(items: Vec<T>, next: Option<String>) -> Self {
        Self { items, next_cursor: next.map(|key| URL_SAFE_NO_PAD.encode(key)) }
    }
}

/// The cursor of a page that begins behind that key.
pub fn cursor(key: &str) -> String {
    URL_SAFE_NO_PAD.encode(key)
}

impl Window {
    /// Reads `limit` and `cursor`.
    pub fn of<E: From<ScimError> + From<FieldError>>(query: &Query<'_>) -> Result<Self, E> {
        let limit = match query.get("limit")? {
            None => DEFAULT_LIMIT,
            Some(text) => text.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit)).ok_or_else(|| {
                FieldError::new(
                    "limit",
                    format!("is no whole number from 1 to {MAX_LIMIT}; correct it or leave it out"),
                )
            })?,
        };
        let after = query.get("cursor")?.map(|text| {
            let bytes = URL_SAFE_NO_PAD.decode(text.as_bytes()).ok();
            let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok()).filter(|text| !text.contains('\0'));
            text.ok_or_else(|| FieldError::new("cursor", "is no nextCursor of this list; start without one"))
        });
        Ok(Self { limit, after: after.transpose()? })
    }

    /// How many items to read: one more than are shown, which tells whether there is a next page.
    pub fn reads(&self) -> i64 {
        i64::from(self.limit) + 1
    }

    /// The page of what was read; `key` is the sort key.
    pub fn list<R, T: From<R>>(&self, mut rows: Vec<R>, key: impl Fn(&R) -> String) -> List<T> {
        let limit = usize::from(self.limit);
        let has_next = rows.len() > limit;
        rows.truncate(limit);
        let last = rows.last().filter(|_| has_next);
        let next_cursor = last.map(|row| URL_SAFE_NO_PAD.encode(key(row)));
        List { items: rows.into_iter().map(T::from).collect(), next_cursor }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    enum Wrong {
        Request(ScimError),
        Field(FieldError),
    }

    impl From<ScimError> for Wrong {
        fn from(error: ScimError) -> Self {
            Self::Request(error)
        }
    }

    impl From<FieldError> for Wrong {
        fn from(error: FieldError) -> Self {
            Self::Field(error)
        }
    }

    fn window(query: &str) -> Result<Window, String> {
        Window::of(&Query::new(query)).map_err(|error| match error {
            Wrong::Request(error) => error.detail,
            Wrong::Field(error) => error.field,
        })
    }

    #[test]
    fn a_cursor_leads_to_where_the_page_ended() {
        let first = window("limit=2").unwrap();
        let page: List<String> = first.list(vec!["a".to_owned(), "b".to_owned(), "c".to_owned()], Clone::clone);
        assert_eq!(page.items, ["a", "b"]);
        let next = window(&format!("limit=2&cursor={}", page.next_cursor.unwrap())).unwrap();
        assert_eq!((next.after.as_deref(), next.reads()), (Some("b"), 3));
        let page: List<String> = next.list(vec!["c".to_owned()], Clone::clone);
        assert_eq!((page.items, page.next_cursor), (vec!["c".to_owned()], None));
    }

    #[test]
    fn what_cannot_be_meant_is_told_by_its_parameter() {
        for (query, field) in [
            ("limit=0", "limit"),
            ("limit=201", "limit"),
            ("limit=x", "limit"),
            ("cursor=%21", "cursor"),
            ("cursor=AA", "cursor"),
        ] {
            assert_eq!(window(query).unwrap_err(), field, "{query}");
        }
        assert_eq!(window("").unwrap(), Window { limit: 50, after: None });
    }
}
