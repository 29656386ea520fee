//! `/admin/v1/tenants`

use scimgate::model::{AdminRole, Reach};
use serde_json::json;

use crate::support::scim::Scim;

#[tokio::test]
async fn tenants_are_listed_page_by_page() {
    let scim = Scim::start().await;
    for slug in ["fourth", "second", "third"] {
        scim.other_tenant(slug).await;
    }
    let owner = scim.owner().await;
    let mut path = "/tenants?limit=3".to_owned();
    let mut slugs = Vec::new();
    loop {
        let page = owner.get(&path).await.expect(200).json();
        slugs.extend(page["items"].as_array().unwrap().iter().map(|tenant| tenant["slug"].clone()));
        let Some(cursor) = page["nextCursor"].as_str() else { break };
        assert_eq!(slugs.len(), 3);
        path = format!("/tenants?limit=3&cursor={cursor}");
    }
    assert_eq!(slugs, ["first", "fourth", "second", "third"]);
    owner.get("/tenants?limit=0").await.expect_invalid(&["limit"]);
}

#[tokio::test]
async fn a_tenant_s_administrator_sees_no_other() {
    let scim = Scim::start().await;
    scim.other_tenant("second").await;
    let admin = scim.admin(AdminRole::Owner, Reach::Tenant(scim.tenant().id)).await;
    let listed = admin.get("/tenants").await.expect(200).json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    let shown = admin.get("/tenants/first").await.expect(200).json();
    assert_eq!((&listed["items"][0], &shown["id"]), (&shown, &json!(scim.tenant().id)));
    let foreign = admin.get("/tenants/second").await;
    foreign.expect_problem(404, "there is no tenant second");
    admin.get("/tenants/never").await.expect_problem(404, "there is no tenant never");
}
