//! What a form or a query says: names with values, decoded.

use url::form_urlencoded;

/// Names with values, in the order in which they were sent.
#[derive(Debug, Default, Clone)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// These names and values.
    pub fn of(pairs: Vec<(&str, String)>) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// Reads `application/x-www-form-urlencoded`. U+0000 is left out, since nothing that is kept can hold it.
    pub fn parse(text: &[u8]) -> Self {
        let clean = |text: &str| text.replace('\0', "");
        Self(form_urlencoded::parse(text).map(|(name, value)| (clean(&name), clean(&value))).collect())
    }

    /// The value of that name without blanks around it; `""` if there is none.
    pub fn get(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// The value of that name as it was sent; `""` if there is none.
    pub fn raw(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// All values of that name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// A query of these names and values, with its question mark, without those that are empty.
pub fn query(pairs: &[(&str, &str)]) -> String {
    let mut out = form_urlencoded::Serializer::new(String::new());
    out.extend_pairs(pairs.iter().filter(|(_, value)| !value.is_empty()));
    let query = out.finish();
    if query.is_empty() { query } else { format!("?{query}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_read_as_browsers_send_them() {
        let fields = Fields::parse(b"name=+A%26B+&scope=a&scope=b&nul=x%00y");
        assert_eq!((fields.get("name"), fields.raw("name"), fields.get("missing")), ("A&B", " A&B ", ""));
        assert_eq!(fields.all("scope").collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(fields.get("nul"), "xy");
    }

    #[test]
    fn a_query_is_read_as_it_was_written() {
        let query = query(&[("q", "a b&c=\"d\""), ("empty", ""), ("offset", "50")]);
        let fields = Fields::parse(query.trim_start_matches('?').as_bytes());
        assert_eq!((fields.raw("q"), fields.get("offset")), ("a b&c=\"d\"", "50"));
        assert!(!query.contains("empty"));
        assert_eq!(super::query(&[("q", "")]), "");
    }
}
