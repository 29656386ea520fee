//! `/admin/v1/reference`: the description of the admin API as a page for people. One document without script, picture or font of
//! anybody else, so it works offline and under the strictest policy.

use std::fmt::Write;
use std::sync::LazyLock;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{AdminAnswer, openapi};
use crate::http::error::RequestError;

const STYLE: &str = "\
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}\
body{max-width:60rem;margin:0 auto;padding:1rem}\
nav a{display:inline-block;margin:0 1rem .25rem 0}\
section{border-top:1px solid;padding:1rem 0}\
h3{font:600 1rem/1.4 ui-monospace,monospace;overflow-wrap:anywhere}\
code,pre{font-family:ui-monospace,monospace}\
pre{overflow-x:auto;border:1px solid;padding:.75rem;border-radius:.25rem}\
table{border-collapse:collapse}th,td{text-align:left;vertical-align:top;padding:.25rem 1rem .25rem 0}\
summary{cursor:pointer}";

/// Answers with the page.
pub fn serve(http: &HttpRequest) -> AdminAnswer {
    static PAGE: LazyLock<String> = LazyLock::new(|| page(&openapi::document()));
    static POLICY: LazyLock<String> = LazyLock::new(|| {
        let style = STANDARD.encode(Sha256::digest(STYLE));
        format!(
            "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
    });
    if !matches!(http.method().as_str(), "GET" | "HEAD") {
        return Err(RequestError::Method { method: http.method().to_string(), allow: "GET, HEAD" }.into());
    }
    let mut response = HttpResponse::Ok();
    response.content_type("text/html; charset=utf-8");
    response.insert_header((CONTENT_SECURITY_POLICY, POLICY.as_str()));
    response.insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"));
    response.insert_header((REFERRER_POLICY, "no-referrer"));
    response.insert_header((CACHE_CONTROL, "no-cache"));
    Ok(response.body(PAGE.as_str()))
}

/// The page of a description.
fn page(document: &Value) -> String {
    let mut out = String::new();
    let title = text(&document["info"]["title"]);
    let _ = write!(
        out,
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" \
        content=\"width=device-width\"><title>{title}</title><style>{STYLE}</style><h1>{title}</h1><p>{}</p>\
        <p>For programs: <a href=\"/admin/v1/openapi.json\">openapi.json</a> (OpenAPI {}).</p>",
        text(&document["info"]["description"]),
        text(&document["openapi"]),
    );
    let operations = operations(document);
    let mut tags: Vec<&str> = operations.iter().map(|operation| operation.tag).collect();
    tags.dedup();
    out.push_str("<nav>");
    for tag in &tags {
        let _ = write!(out, "<a href=\"#{0}\">{0}</a>", escape(tag));
    }
    out.push_str("</nav><main>");
    for tag in tags {
        let _ = write!(out, "<section id=\"{0}\"><h2>{0}</h2>", escape(tag));
        operations.iter().filter(|operation| operation.tag == tag).for_each(|operation| operation.write(&mut out));
        out.push_str("</section>");
    }
    out.push_str("<section id=\"types\"><h2>types</h2>");
    for (name, schema) in document["components"]["schemas"].as_object().into_iter().flatten() {
        let name = escape(name);
        let _ =
            write!(out, "<details id=\"type-{name}\"><summary>{name}</summary><pre>{}</pre></details>", pretty(schema));
    }
    out.push_str("</section></main></html>");
    out
}

struct Operation<'a> {
    tag: &'a str,
    method: &'a str,
    path: &'a str,
    about: &'a Value,
}

/// By tag, in the order in which tags come.
fn operations(document: &Value) -> Vec<Operation<'_>> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let mut all: Vec<Operation<'_>> = paths
        .flat_map(|(path, methods)| {
            methods.as_object().into_iter().flatten().map(move |(method, about)| {
                let tag = about["tags"][0].as_str().unwrap_or("other");
                Operation { tag, method, path, about }
            })
        })
        .collect();
    all.sort_by_key(|operation| operation.tag);
    all
}

impl Operation<'_> {
    fn write(&self, out: &mut String) {
        let Self { method, path, about, .. } = self;
        let _ = write!(out, "<h3>{} {}</h3><p>{}</p>", method.to_uppercase(), escape(path), text(&about["summary"]));
        if about["description"].is_string() {
            let _ = write!(out, "<p>{}</p>", text(&about["description"]));
        }
        let parameters = about["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
        if !parameters.is_empty() {
            out.push_str("<table><tr><th>parameter<th>in<th>");
            for parameter in parameters {
                let (name, place) = (text(&parameter["name"]), text(&parameter["in"]));
                let _ = write!(out, "<tr><td><code>{name}</code><td>{place}<td>{}", text(&parameter["description"]));
            }
            out.push_str("</table>");
        }
        if let Some(name) = named(&about["requestBody"]) {
            let _ = write!(out, "<p>Body: <a href=\"#type-{name}\">{name}</a></p>");
        }
        out.push_str("<table><tr><th>answer<th>");
        for (status, answer) in about["responses"].as_object().into_iter().flatten() {
            let body = named(answer).map(|name| format!("<a href=\"#type-{name}\">{name}</a>")).unwrap_or_default();
            let _ = write!(out, "<tr><td>{}<td>{} {body}", escape(status), text(&answer["description"]));
        }
        out.push_str("</table>");
    }
}

/// The name of the type that a body has, escaped.
fn named(place: &Value) -> Option<String> {
    let (_, content) = place["content"].as_object()?.iter().next()?;
    let reference = content["schema"]["$ref"].as_str()?;
    Some(escape(reference.rsplit('/').next()?))
}

fn text(value: &Value) -> String {
    escape(value.as_str().unwrap_or_default())
}

fn pretty(value: &Value) -> String {
    escape(&format!("{value:#}"))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nothing_in_a_description_is_markup() {
        let hostile = "<script>\"&";
        let page = page(&json!({
            "info": {"title": hostile, "description": hostile},
            "paths": {hostile: {"get": {"tags": [hostile], "summary": hostile, "parameters": [{"name": hostile}]}}},
            "components": {"schemas": {hostile: {"description": hostile}}},
        }));
        assert!(!page.contains("<script"), "{page}");
    }
}
