//! Names that are made to be run: nothing that a client sends is ever read as a part of a page.

use serde_json::json;

use super::browser::{self, Browser};
use super::visitor::Visitor;
use crate::support::scim::{GROUP, Scim, USER};

const NAMES: [&str; 4] = [
    "<script>alert(1)</script>",
    "\" autofocus onfocus=\"alert(1)",
    "</textarea></pre><img src=x onerror=alert(1)>",
    "javascript:alert(1)//{{7*7}}{% raw %}",
];

/// Pages on which the names stand.
async fn pages(scim: &Scim, name: &str, number: usize) -> Vec<String> {
    let user_name = format!("{number} {name}");
    let user = scim.create("/Users", json!({"schemas": [USER], "userName": user_name, "displayName": name})).await;
    let members = json!([{"value": user}]);
    let group = scim.create("/Groups", json!({"schemas": [GROUP], "displayName": user_name, "members": members})).await;
    let searched = url::form_urlencoded::Serializer::new(String::new()).append_pair("q", name).finish();
    vec![
        format!("/console/t/first/users/{user}"),
        format!("/console/t/first/groups/{group}"),
        format!("/console/t/first/users?{searched}"),
        "/console/t/first/users".to_owned(),
        "/console/t/first/groups".to_owned(),
        "/console/t/first/activity".to_owned(),
    ]
}

#[tokio::test]
async fn names_are_text_in_every_page() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    for (number, name) in NAMES.into_iter().enumerate() {
        for path in pages(&scim, name, number).await {
            let page = owner.get(&path).await.expect(200).text;
            assert_eq!(page.matches("<script").count(), 2, "{path}: {name}");
            assert!(!page.contains("<img") && !page.contains("\" autofocus"), "{path}: {name}");
            assert!(!page.contains("href=\"javascript:"), "{path}: {name}");
        }
    }
}

#[tokio::test]
async fn no_name_runs_in_a_browser() {
    if !browser::is_there() {
        return;
    }
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    let browser = Browser::open().await;
    browser.sign_in(&owner).await;
    for (number, name) in NAMES.into_iter().enumerate() {
        for path in pages(&scim, name, number).await {
            browser.goto(&format!("{}{path}", owner.origin)).await;
            assert!(!browser.has_alert().await, "{path}: {name}");
        }
    }
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    browser.close().await;
}
