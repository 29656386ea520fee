//! Who may do what, and how a refusal looks.

use scimgate::model::{AdminRole, Reach};
use serde_json::json;

use crate::support::scim::{Scim, answer};

#[tokio::test]
async fn nobody_without_a_session_learns_anything() {
    let scim = Scim::start().await;
    for path in ["/admin/v1/tenants", "/admin/v1/nothing", "/admin/v1/tenants/first"] {
        scim.get_authorized(path, None).await.expect_problem(401, "/admin/v1/session");
        scim.get_authorized(path, Some("Bearer nonsense")).await.expect_problem(401, "");
    }
    let token = format!("Bearer {}", scim.token);
    scim.get_authorized("/admin/v1/tenants", Some(&token)).await.expect_problem(403, "admin:read");
}

#[tokio::test]
async fn a_token_reaches_its_tenant_as_its_scopes_say() {
    let scim = Scim::start().await;
    scim.other_tenant("second").await;
    let reader = scim.with_token("admin:read".parse().unwrap(), None).await;
    let listed = reader.get_raw("/admin/v1/tenants").await.expect(200).json();
    assert_eq!((listed["items"].as_array().unwrap().len(), &listed["items"][0]["slug"]), (1, &json!("first")));
    reader.get_raw("/admin/v1/tenants/second").await.expect_problem(404, "second");
    reader.get("/Users").await.expect_error(403, "", "users:read");
}

#[tokio::test]
async fn a_session_ends_by_itself() {
    let scim = Scim::start().await;
    let owner = scim.owner().await;
    for _ in 0..23 {
        scim.advance_seconds(29 * 60);
        owner.get("/tenants").await.expect(200);
    }
    scim.advance_seconds(31 * 60);
    owner.get("/tenants").await.expect_problem(401, "sign in");

    let owner = scim.owner().await;
    for _ in 0..24 {
        scim.advance_seconds(29 * 60);
        owner.get("/tenants").await.expect(200);
    }
    scim.advance_seconds(25 * 60);
    owner.get("/tenants").await.expect_problem(401, "sign in");
}

#[tokio::test]
async fn a_change_needs_the_token_of_the_session() {
    let scim = Scim::start().await;
    let (owner, other) = (scim.owner().await, scim.owner().await);
    let refused = answer(owner.request("POST", "/tenants")).await;
    refused.expect_problem(403, "X-CSRF-Token");
    answer(owner.request("POST", "/tenants").header("x-csrf-token", &other.csrf)).await.expect_problem(403, "CSRF");
    assert_eq!(refused.json()["type"], "urn:scimgate:problem:csrf");
}

#[tokio::test]
async fn an_auditor_changes_nothing() {
    let scim = Scim::start().await;
    let auditor = scim.admin(AdminRole::Auditor, Reach::Instance).await;
    auditor.get("/tenants").await.expect(200);
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        auditor.send(method, "/tenants/first", None).await.expect_problem(403, "auditor");
    }
}

#[tokio::test]
async fn what_is_not_there_is_told() {
    let scim = Scim::start().await;
    let owner = scim.owner().await;
    for path in ["/", "/nothing", "/tenants/first/nothing", "/tenants/%ff"] {
        owner.get(path).await.expect_problem(404, "/admin/v1/openapi.json");
    }
    scim.get_authorized("/admin/v2/tenants", None).await.expect_problem(404, "openapi.json");
    let refused = owner.send("PUT", "/tenants", None).await;
    refused.expect_problem(405, "PUT");
    assert_eq!(refused.header("cache-control"), "no-store");
}

#[tokio::test]
async fn the_description_is_for_everybody() {
    let scim = Scim::start().await;
    let described = scim.get_authorized("/admin/v1/openapi.json", None).await.expect(200).json();
    assert_eq!(described["openapi"], "3.1.0");
    assert!(described["paths"]["/admin/v1/tenants"]["get"].is_object(), "{described}");
}
