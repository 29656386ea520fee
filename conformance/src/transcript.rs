//! Requests and answers as text that people can read: pretty JSON, long bodies cut, secrets taken out.

use std::fmt::Write as _;

use serde_json::Value;

use crate::client::{Answer, ClientError, Outgoing};
use crate::target::Target;

/// Longest body that is shown, in characters.
const LONGEST: usize = 16 * 1024;
/// What stands where a secret stood.
const HIDDEN: &str = "[hidden]";

/// One exchange as it would be seen on the wire, without secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transcript {
    /// Request line, headers, body.
    pub request: String,
    /// Status line, headers, body; or why no answer came.
    pub response: String,
}

impl Transcript {
    pub(crate) fn new(
        target: &Target,
        outgoing: &Outgoing,
        headers: &[(String, String)],
        answer: Result<&Answer, &ClientError>,
    ) -> Self {
        let mut request = format!("{} {}{}\n", outgoing.method.as_str(), target.base(), outgoing.path);
        write_headers(&mut request, headers);
        write_body(&mut request, outgoing.body.as_deref().unwrap_or_default());
        let response = match answer {
            Ok(answer) => {
                let mut text = format!("{}\n", answer.status);
                write_headers(&mut text, &answer.headers);
                write_body(&mut text, &answer.text);
                text
            }
            Err(error) => error.to_string(),
        };
        Self { request: hide(target, &request), response: hide(target, &response) }
    }
}

/// `text` without the token of `target`, however often it stands there.
pub(crate) fn hide(target: &Target, text: &str) -> String {
    target.hide(text, HIDDEN)
}

fn write_headers(text: &mut String, headers: &[(String, String)]) {
    for (name, value) in headers {
        let value = if name.eq_ignore_ascii_case("authorization") { HIDDEN } else { value };
        let _ = writeln!(text, "{name}: {value}");
    }
}

fn write_body(text: &mut String, body: &str) {
    if body.is_empty() {
        return;
    }
    let pretty = serde_json::from_str(body).ok().and_then(|body: Value| {
        let body = without_passwords(body);
        serde_json::to_string_pretty(&body).ok()
    });
    let body = pretty.unwrap_or_else(|| body.to_owned());
    text.push('\n');
    match body.char_indices().nth(LONGEST) {
        Some((cut, _)) => {
            let _ = write!(text, "{}\n[{} bytes more]", &body[..cut], body.len() - cut);
        }
        None => text.push_str(&body),
    }
}

/// Passwords are those of users that live for a moment, and are hidden all the same.
fn without_passwords(value: Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(
            fields
                .into_iter()
                .map(|(key, value)| {
                    let secret = key.eq_ignore_ascii_case("password") && value.is_string();
                    let value = if secret { HIDDEN.into() } else { without_passwords(value) };
                    (key, value)
                })
                .collect(),
        ),
        Value::Array(items) => items.into_iter().map(without_passwords).collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use std::time::Duration;

    use super::*;
    use crate::recording::Method;

    #[test]
    fn shows_everything_but_secrets() {
        let target = Target::parse("http://h/scim", "s3cr3t+/=").unwrap();
        let outgoing = Outgoing {
            method: Method::Post,
            path: "/Users?echo=s3cr3t%2B%2F%3D".to_owned(),
            headers: Vec::new(),
            body: Some(json!({"userName": "a", "password": "pass"}).to_string()),
        };
        let headers = [("authorization".to_owned(), "Bearer s3cr3t+/=".to_owned())];
        let answer = Answer {
            status: 400,
            headers: vec![("x-echo".to_owned(), "Bearer s3cr3t+/=".to_owned())],
            text: "<p>s3cr3t+/=</p>".to_owned(),
            body: None,
            elapsed: Duration::ZERO,
        };
        let shown = Transcript::new(&target, &outgoing, &headers, Ok(&answer));
        assert_eq!(
            shown.request,
            "POST http://h/scim/Users?echo=[hidden]\nauthorization: [hidden]\n\n{\n  \"userName\": \"a\",\n  \
             \"password\": \"[hidden]\"\n}"
        );
        assert_eq!(shown.response, "400\nx-echo: Bearer [hidden]\n\n<p>[hidden]</p>");
    }

    #[test]
    fn long_bodies_are_cut_between_characters() {
        let mut text = String::new();
        write_body(&mut text, &"é".repeat(LONGEST + 3));
        assert!(text.ends_with("é\n[6 bytes more]"));
    }
}
