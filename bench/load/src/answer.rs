//! What counts as a correct answer. Cheap checks run on every answer, full parsing on one in `--sample`.

use memchr::memmem;
use serde_json::Value;
use std::time::Duration;

/// Why an operation does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong(pub String);

/// A response; its body lies in the connection until the next request.
pub struct Answer<'a> {
    pub status: u16,
    pub body: &'a [u8],
    /// From the first byte sent to the last byte received.
    pub took: Duration,
}

impl Answer<'_> {
    pub fn expect_status(&self, allowed: &[u16]) -> Result<(), Wrong> {
        if allowed.contains(&self.status) { Ok(()) } else { Err(self.wrong(&format!("status {}", self.status))) }
    }

    pub fn expect_text(&self, text: &str) -> Result<(), Wrong> {
        match memmem::find(self.body, text.as_bytes()) {
            Some(_) => Ok(()),
            None => Err(self.wrong(&format!("without {text:?}"))),
        }
    }

    /// How often `text` stands in the body.
    pub fn count_text(&self, text: &str) -> usize {
        memmem::find_iter(self.body, text.as_bytes()).count()
    }

    /// The first `"id"` of the body, found without parsing it.
    pub fn id(&self) -> Result<&str, Wrong> {
        let after = memmem::find(self.body, br#""id""#).map(|at| self.body[at + 4..].trim_ascii_start());
        let value = after.and_then(|rest| rest.strip_prefix(b":")).map(<[u8]>::trim_ascii_start);
        let id =
            value.and_then(|rest| rest.strip_prefix(b"\"")).and_then(|rest| rest.split(|&byte| byte == b'"').next());
        id.and_then(|id| std::str::from_utf8(id).ok()).ok_or_else(|| self.wrong("without an id"))
    }

    pub fn json(&self) -> Result<Value, Wrong> {
        serde_json::from_slice(self.body).map_err(|problem| self.wrong(&format!("no JSON ({problem})")))
    }

    /// The body as a `ListResponse` (RFC 7644 section 3.4.2): its `totalResults` and `Resources`.
    pub fn list(&self) -> Result<(u64, Vec<Value>), Wrong> {
        let mut list = self.json()?;
        let known = list["schemas"][0] == "urn:ietf:params:scim:api:messages:2.0:ListResponse";
        let total = list["totalResults"].as_u64().filter(|_| known);
        let total = total.ok_or_else(|| self.wrong("no ListResponse with totalResults"))?;
        match list["Resources"].take() {
            Value::Array(resources) => Ok((total, resources)),
            Value::Null => Ok((total, Vec::new())),
            _ => Err(self.wrong("Resources is no array")),
        }
    }

    /// A sentence about this answer that shows the beginning of its body.
    pub fn wrong(&self, what: &str) -> Wrong {
        let shown = String::from_utf8_lossy(&self.body[..self.body.len().min(160)]);
        Wrong(format!("{what}: {} {shown}", self.status))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::Answer;
    use std::time::Duration;

    fn answer(body: &str) -> Answer<'_> {
        Answer { status: 200, body: body.as_bytes(), took: Duration::ZERO }
    }

    #[test]
    fn the_id_is_found_with_and_without_spaces() {
        assert_eq!(answer(r#"{"externalId":"x","id":"one"}"#).id().unwrap(), "one");
        assert_eq!(answer("{\"id\" : \"two\" }").id().unwrap(), "two");
        assert!(answer(r#"{"externalId":"x"}"#).id().is_err());
    }

    #[test]
    fn lists_need_schema_and_total() {
        let list =
            r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":2,"Resources":[{}]}"#;
        let (total, resources) = answer(list).list().unwrap();
        assert_eq!((total, resources.len()), (2, 1));
        assert!(answer(r#"{"totalResults":2}"#).list().is_err());
    }
}
