//! `/admin/v1/reference` and `/admin/v1/openapi.json`

use serde_json::Value;

use crate::support::scim::Scim;

#[tokio::test]
async fn the_reference_shows_every_path_and_takes_nothing_from_elsewhere() {
    let scim = Scim::start().await;
    let description = scim.get_authorized("/admin/v1/openapi.json", None).await.expect(200).json();
    let page = scim.get_authorized("/admin/v1/reference", None).await.expect(200);
    let policy = page.header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-") && policy.contains("frame-ancestors 'none'"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe"), "{policy}");
    for (path, methods) in description["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            let wanted = format!("<h3>{} {path}</h3>", method.to_uppercase());
            assert!(page.text.contains(&wanted), "{wanted}");
        }
    }
    for elsewhere in ["<script", "src=", "http://", "@import", "url(", "style=\""] {
        assert!(!page.text.contains(elsewhere), "{elsewhere}");
    }
}

#[tokio::test]
async fn every_operation_says_what_it_does_and_how_it_fails() {
    let scim = Scim::start().await;
    let description = scim.get_authorized("/admin/v1/openapi.json", None).await.expect(200).json();
    let mut ids = std::collections::BTreeSet::new();
    for (path, methods) in description["paths"].as_object().unwrap() {
        assert!(path.starts_with("/admin/v1/"), "{path}");
        for (method, about) in methods.as_object().unwrap() {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            assert!(text(&about["summary"]).len() > 5, "{method} {path}");
            assert!(about["responses"]["default"].is_object(), "{method} {path}");
            assert!(
                ids.insert(text(&about["operationId"])),
                "{method} {path} has the id of another: {}",
                about["operationId"]
            );
        }
    }
}
