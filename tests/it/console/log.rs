//! The activity log in the console: by whom, of one tenant, and of what concerns no tenant alone.

use scimgate::model::{AdminRole, Reach};

use super::visitor::Visitor;
use crate::support::scim::Scim;

#[tokio::test]
async fn the_log_is_narrowed_to_who_did_it() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    scim.create_user("ann").await;
    let other = scim.with_token("write".parse().unwrap(), None).await;
    let bob = other.create_user("bob").await;
    let actor = scim.changes().await.pop().unwrap().actor;
    let all = owner.get("/console/t/first/activity?kind=change").await.expect(200).text;
    assert!(all.contains(">ann</a>") && all.contains(&format!("users/{bob}")), "{all}");
    let id = other.credential_id();
    let page = owner.get(&format!("/console/t/first/activity?kind=change&actor={id}")).await.expect(200).text;
    assert!(page.contains(&format!("users/{bob}")) && !page.contains(">ann</a>"), "{page}");
    assert!(page.contains(&actor) && page.contains(&format!("actor={id}")), "files are of the same: {page}");
}

#[tokio::test]
async fn what_concerns_no_tenant_alone_is_shown_to_those_of_the_installation() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    let form = [("name", "Example"), ("slug", "example"), ("profile", "rfc")];
    owner.post("/console/tenants", &form).await.expect(303);
    owner.post("/console/t/example/settings/delete", &[("slug", "example"), ("grace", "7")]).await.expect(303);
    let page = owner.get("/console/activity").await.expect(200).text;
    for told in ["Created tenant <strong>example</strong>", "Removed tenant <strong>example</strong>"] {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert!(page.contains("/admin/v1/activity/export?format=csv") && !page.contains("/t/first"), "{page}");
    let own = Visitor::signed_in(&scim, AdminRole::Owner, Reach::Tenant(scim.tenant().id)).await;
    own.get("/console/activity").await.expect(404);
}

#[tokio::test]
async fn a_client_ends_with_the_last_of_its_secrets() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    let made = owner.post("/console/t/first/connections", &[("name", "Entra"), ("kind", "entra")]).await;
    let page = made.location().to_owned();
    owner.post(&format!("{page}/clients"), &[("label", "Gallery")]).await.expect(200);
    assert!(owner.get(&page).await.expect(200).text.contains("22 Nov 2028"));
    assert!(!owner.get("/console/t/first").await.expect(200).text.contains("“Gallery” of Entra expires"));
    scim.advance_seconds((2 * 366 - 20) * 86_400);
    let owner = Visitor::owner(&scim).await;
    let overview = owner.get("/console/t/first").await.expect(200).text;
    assert!(overview.contains("“Gallery” of Entra expires in"), "{overview}");
}
