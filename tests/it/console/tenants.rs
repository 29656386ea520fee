//! A tenant as a whole: suspended, deleted and brought back, and how long its activity is kept.

use scimgate::model::{AdminRole, Reach};

use super::visitor::Visitor;
use crate::support::scim::Scim;

const SETTINGS: &str = "/console/t/first/settings";

#[tokio::test]
async fn a_suspended_tenant_is_refused_until_it_is_resumed() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    assert_eq!(owner.post(&format!("{SETTINGS}/suspend"), &[]).await.location(), SETTINGS);
    owner.until_answered(&scim.token, 403).await;
    for page in ["/console/t/first", SETTINGS] {
        assert!(owner.get(page).await.expect(200).text.contains("all its credentials are refused with 403"), "{page}");
    }
    assert_eq!(owner.post(&format!("{SETTINGS}/resume"), &[]).await.location(), SETTINGS);
    owner.until_answered(&scim.token, 200).await;
    assert!(!owner.get(SETTINGS).await.text.contains("This tenant was suspended"));
}

#[tokio::test]
async fn a_tenant_is_deleted_by_its_name_alone_and_brought_back_by_an_owner() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    let delete = format!("{SETTINGS}/delete");
    for (typed, grace, told) in [
        ("", "30", "what you typed is not the tenant&#39;s short name"),
        ("First", "30", "what you typed is not the tenant&#39;s short name"),
        ("first", "366", "choose when the data goes, 0 to 365 days from now"),
    ] {
        let shown = owner.post(&delete, &[("slug", typed), ("grace", grace)]).await.expect(200).text;
        assert!(shown.contains(told), "{shown}");
    }
    scim.get("/Users").await.expect(200);
    assert_eq!(owner.post(&delete, &[("slug", "first"), ("grace", "7")]).await.location(), "/console/tenants");
    owner.until_answered(&scim.token, 403).await;
    let shown = owner.get(SETTINGS).await.expect(200).text;
    assert!(shown.contains("Its data goes in 7 d") && !shown.contains("Delete the tenant"), "{shown}");
    let admin = Visitor::signed_in(&scim, AdminRole::Admin, Reach::Instance).await;
    admin.post(&format!("{SETTINGS}/restore"), &[]).await.expect(403);
    assert_eq!(owner.post(&format!("{SETTINGS}/restore"), &[]).await.location(), SETTINGS);
    owner.until_answered(&scim.token, 200).await;
}

#[tokio::test]
async fn those_of_one_tenant_do_not_end_it() {
    let scim = Scim::start().await;
    let own = Visitor::signed_in(&scim, AdminRole::Owner, Reach::Tenant(scim.tenant().id)).await;
    assert!(!own.get(SETTINGS).await.expect(200).text.contains("The whole tenant"));
    let admin = Visitor::signed_in(&scim, AdminRole::Admin, Reach::Instance).await;
    assert!(!admin.get(SETTINGS).await.expect(200).text.contains("Delete the tenant"));
    let auditor = Visitor::signed_in(&scim, AdminRole::Auditor, Reach::Instance).await;
    for (visitor, acts) in
        [(&own, &["suspend", "delete"][..]), (&admin, &["delete"]), (&auditor, &["suspend", "resume"])]
    {
        for act in acts {
            visitor.post(&format!("{SETTINGS}/{act}"), &[("slug", "first"), ("grace", "0")]).await.expect(403);
        }
    }
    scim.get("/Users").await.expect(200);
}

#[tokio::test]
async fn activity_is_kept_as_long_as_is_chosen() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    let keep = format!("{SETTINGS}/retention");
    for time in ["90d", "forever", "400d"] {
        assert_eq!(owner.post(&keep, &[("keep", time)]).await.location(), SETTINGS);
        let shown = owner.get(SETTINGS).await.expect(200).text;
        assert!(shown.contains(&format!("<option value=\"{time}\" selected>")), "{shown}");
        let kept = scim.owner().await.get("/tenants/first/activity/retention").await.expect(200).json();
        assert_eq!(kept["keepActivity"], time);
    }
    let told = owner.post(&keep, &[("keep", "1d")]).await.expect(200).text;
    assert!(told.contains("choose 30d to 3653d, or forever"), "{told}");
    let auditor = Visitor::signed_in(&scim, AdminRole::Auditor, Reach::Instance).await;
    auditor.post(&keep, &[("keep", "30d")]).await.expect(403);
}
