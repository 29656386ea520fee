//! What a tenant chooses for systems of record and for its mails, and its organizations.

use scimgate::model::{AdminRole, Credentials, Language, Reach};
use serde_json::json;

use super::people::{organization, provisioning_on};
use super::visitor::Visitor;
use crate::support::scim::{Scim, USER};

const PAGE: &str = "/console/t/first/settings";
const ON: [(&str, &str); 4] =
    [("enabled", "on"), ("credentials", "invite"), ("unique-email", "on"), ("suppress", "off")];

#[tokio::test]
async fn provisioning_is_turned_on_and_its_choices_are_kept() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    let page = owner.get(PAGE).await.expect(200).text;
    for told in ["Takes people from systems that do not speak SCIM", "makes a password that stands in the answer"] {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert_eq!(owner.post(&format!("{PAGE}/provisioning"), &ON).await.location(), PAGE);
    let kept = scim.store().find_tenant(&scim.tenant().slug).await.unwrap().unwrap().provisioning;
    assert!(kept.enabled && kept.unique_email && !kept.suppress_invitation_email);
    assert_eq!(kept.credentials, Credentials::Invite);
    let page = owner.get(PAGE).await.expect(200).text;
    assert!(page.contains("<option value=\"invite\" selected>"), "{page}");
    let told = owner.post(&format!("{PAGE}/provisioning"), &[("credentials", "x")]).await.expect(200).text;
    assert!(told.contains("is no choice"), "{told}");
}

#[tokio::test]
async fn users_who_share_an_address_are_shown() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    for name in ["ann", "bob"] {
        let body = json!({"schemas": [USER], "userName": name, "emails": [{"value": "one@example.org"}]});
        scim.create("/Users", body).await;
    }
    let told = owner.post(&format!("{PAGE}/provisioning"), &ON).await.expect(200).text;
    assert!(told.contains("Users share an e-mail address") && told.contains("/console/t/first/users/"), "{told}");
}

#[tokio::test]
async fn what_mails_look_like_is_chosen_and_checked() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    let url = ("logo", "https://example.org/logo.png");
    let form = [("mail-name", "Meadow"), url, ("language", "fr"), ("sign-in", ""), ("days", "14")];
    assert_eq!(owner.post(&format!("{PAGE}/mail"), &form).await.location(), PAGE);
    let kept = scim.store().tenant(scim.tenant().id).mail_settings().await.unwrap();
    assert_eq!((kept.language, u16::from(kept.invitation_days)), (Language::Fr, 14));
    assert_eq!(kept.logo_url.unwrap().as_str(), "https://example.org/logo.png");
    let wrong = [("mail-name", "<b>\" x"), ("logo", "javascript:alert(1)"), ("language", "fr"), ("days", "1000")];
    let told = owner.post(&format!("{PAGE}/mail"), &wrong).await.expect(200).text;
    assert!(told.contains("This is no https URL") && told.contains("This is no number of days"), "{told}");
    assert!(told.contains("value=\"javascript:alert(1)\"") && !told.contains("<b>"), "{told}");
}

#[tokio::test]
async fn an_auditor_reads_the_choices_and_makes_none() {
    let scim = Scim::start().await;
    let auditor = Visitor::signed_in(&scim, AdminRole::Auditor, Reach::Instance).await;
    assert!(auditor.get(PAGE).await.expect(200).text.contains("Suppress invitation mails"));
    auditor.post(&format!("{PAGE}/provisioning"), &ON).await.expect(403);
    auditor.post(&format!("{PAGE}/mail"), &[("language", "de"), ("days", "7")]).await.expect(403);
    assert!(!scim.store().find_tenant(&scim.tenant().slug).await.unwrap().unwrap().provisioning.enabled);
}

#[tokio::test]
async fn an_organization_shows_what_holds_for_its_users() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    let list = "/console/t/first/resources/Organization";
    assert!(owner.get(list).await.expect(200).text.contains("Provisioning is off"));
    provisioning_on(&scim).await;
    let id = organization(&scim, "Arts").await;
    let page = owner.get(&format!("{list}?q=ar")).await.expect(200).text;
    assert!(page.contains("Arts") && page.contains(&id), "{page}");
    let page = owner.get(&format!("{list}/{id}")).await.expect(200).text;
    assert!(page.contains("sign in by an identity provider") && page.contains("as the tenant chose"), "{page}");
    let path = format!("{list}/{id}/keychain");
    owner.post(&path, &[("creation", "true"), ("suppression", "true")]).await.expect(303);
    let page = owner.get(&format!("{list}/{id}")).await.expect(200).text;
    assert!(page.contains("are invited") && page.contains("Not mailed"), "{page}");
    owner.post(&path, &[("creation", ""), ("suppression", "false")]).await.expect(303);
    let kept = scim.get(&format!("/Organizations/{id}")).await.expect(200).json();
    assert_eq!(
        (kept.get("keychainCreationForNewUserActive"), &kept["keychainEmailSuppression"]),
        (None, &json!(false))
    );
}

#[tokio::test]
async fn an_organization_is_made_once_by_those_who_may() {
    let scim = Scim::start().await;
    provisioning_on(&scim).await;
    let owner = Visitor::owner(&scim).await;
    let list = "/console/t/first/resources/Organization";
    let page = owner.post(list, &[("name", "Arts"), ("customer", "")]).await.location().to_owned();
    assert!(owner.get(&page).await.expect(200).text.contains("Arts"));
    let told = owner.post(list, &[("name", "ARTS")]).await.expect(200).text;
    assert!(told.contains("There is an organization of this name already."), "{told}");
    let auditor = Visitor::signed_in(&scim, AdminRole::Auditor, Reach::Instance).await;
    assert!(!auditor.get(list).await.expect(200).text.contains("New organization"));
    assert!(!auditor.get(&page).await.expect(200).text.contains("/keychain"));
    auditor.post(list, &[("name", "Other")]).await.expect(403);
    auditor.post(&format!("{page}/keychain"), &[("creation", "true")]).await.expect(403);
    owner.post("/console/t/first/users", &[("name", "x")]).await.expect(404);
}
