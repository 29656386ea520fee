//! The forms of the console in a real browser: filled in and clicked as people do, dialogs and all.

use super::browser::{self, Browser};
use super::imports;
use super::visitor::Visitor;
use crate::support::scim::Scim;

/// A browser in which an owner has signed in.
async fn signed_in(scim: &Scim) -> (Browser, Visitor) {
    let (browser, owner) = (Browser::open().await, Visitor::owner(scim).await);
    browser.sign_in(&owner).await;
    (browser, owner)
}

/// Holds that the page, as it stands now, has nothing serious that axe finds.
async fn is_fit(browser: &Browser) {
    assert_eq!(browser.serious_findings().await, Vec::<String>::new());
}

async fn ends_well(browser: Browser) {
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    browser.close().await;
}

#[tokio::test]
async fn an_issuer_is_trusted_by_what_its_kind_asks_for() {
    if !browser::is_there() {
        return;
    }
    let scim = Scim::start().await;
    let (browser, owner) = signed_in(&scim).await;
    let made = owner.post("/console/t/first/connections", &[("name", "Directory"), ("kind", "entra")]).await;
    browser.goto(&format!("{}{}", owner.origin, made.location())).await;
    browser.click_on("Trust an issuer").await;
    browser.wait("#directory").await;
    assert!(browser.shows("#directory").await && !browser.shows("#audience").await && !browser.shows("#issuer").await);
    browser.click("input[value=federated]").await;
    assert!(browser.shows("#directory").await && browser.shows("#audience").await);
    browser.click("input[value=other]").await;
    assert!(!browser.shows("#directory").await && browser.shows("#issuer").await);

    browser.fill("#name", "Pipeline").await;
    browser.fill("#issuer", "http://plain.example").await;
    browser.click_on("Trust the issuer").await;
    browser.wait_for_text("Look at the fields that are marked").await;
    assert!(browser.shows("#issuer-wrong").await && browser.value("#issuer").await == "http://plain.example");
    is_fit(&browser).await;
    browser.fill("#issuer", "https://token.example.com").await;
    browser.fill("#jwks-url", "https://token.example.com/keys").await;
    browser.fill("#audiences", "api://scim").await;
    browser.fill("#subject", "repo:acme/hr").await;
    browser.click_on("Trust the issuer").await;
    browser.wait_for_text("The issuer is trusted").await;
    browser.click_on("Trust it no longer…").await;
    is_fit(&browser).await;
    browser.click_in_dialog("Trust it no longer").await;
    browser.wait_for_text("Revoked: requests with it are refused").await;
    ends_well(browser).await;
}

#[tokio::test]
async fn a_client_gets_another_secret() {
    if !browser::is_there() {
        return;
    }
    let scim = Scim::start().await;
    let (browser, owner) = signed_in(&scim).await;
    let made = owner.post("/console/t/first/connections", &[("name", "Directory"), ("kind", "entra")]).await;
    browser.goto(&format!("{}{}", owner.origin, made.location())).await;
    browser.click_on("New OAuth client").await;
    browser.fill("#client-label", "Gallery").await;
    browser.click_in_dialog("Create the client").await;
    browser.wait_for_text("Your OAuth 2.0 client").await;
    let first = browser.value("#secret").await;
    browser.click_on("Gallery").await;
    browser.click_on("New secret").await;
    is_fit(&browser).await;
    browser.choose("#years", "3").await;
    browser.click_in_dialog("Create the secret").await;
    browser.wait_for_text("Your new secret").await;
    assert_ne!(browser.value("#secret").await, first);
    browser.click_on("Revoke…").await;
    browser.click_in_dialog("Revoke").await;
    browser.wait_for_text("no access token is made for this secret any more").await;
    ends_well(browser).await;
}

#[tokio::test]
async fn a_schema_is_read_from_a_file_and_refused_with_who_does_not_fit() {
    if !browser::is_there() {
        return;
    }
    let scim = Scim::start().await;
    let id = scim.create_user("ann").await;
    let (browser, owner) = signed_in(&scim).await;
    let file = std::env::temp_dir().join(format!("acme-{}.json", std::process::id()));
    let schema = r#"{"id": "urn:ietf:params:scim:schemas:extension:acme:2.0:User", "name": "Acme",
        "attributes": [{"name": "badge", "type": "string", "required": true}]}"#;
    std::fs::write(&file, schema).unwrap();
    browser.goto(&format!("{}/console/t/first/schemas", owner.origin)).await;
    browser.click_on("New schema").await;
    browser.wait("input[type=file]").await.send_keys(file.to_str().unwrap()).await.unwrap();
    let started = std::time::Instant::now();
    while browser.value("#definition").await != schema {
        assert!(started.elapsed().as_secs() < 10, "the file is not read");
    }
    std::fs::remove_file(&file).unwrap();
    browser.click("input[name=extends][value=User]").await;
    browser.click("input[name=required]").await;
    browser.click_on("Save").await;
    browser.wait_for_text("these do not fit").await;
    browser.wait_for_text(&id).await;
    is_fit(&browser).await;
    browser.picture("schema-refused", "light", 1280).await;
    browser.click("input[name=required]").await;
    browser.click_on("Save").await;
    browser.wait_for_text("Every node answers by it within seconds").await;
    browser.click_on("Remove…").await;
    browser.click_in_dialog("Remove").await;
    browser.wait_for_text("Every node answers by it within seconds").await;
    ends_well(browser).await;
}

#[tokio::test]
async fn a_tenant_is_suspended_and_deleted_by_its_name() {
    if !browser::is_there() {
        return;
    }
    let scim = Scim::start().await;
    let (browser, owner) = signed_in(&scim).await;
    browser.goto(&format!("{}/console/t/first/settings", owner.origin)).await;
    browser.choose("#keep", "90d").await;
    browser.click("section[aria-labelledby=kept] button").await;
    browser.wait_for_text("Saved.").await;
    assert_eq!(browser.value("#keep").await, "90d");
    browser.click_on("Suspend…").await;
    is_fit(&browser).await;
    browser.click_in_dialog("Suspend").await;
    browser.wait_for_text("The tenant is suspended").await;
    browser.click_on("Resume").await;
    browser.wait_for_text("The tenant is in use again").await;

    browser.click_on("Delete…").await;
    is_fit(&browser).await;
    browser.fill("#typed", "second").await;
    browser.click_in_dialog("Delete the tenant").await;
    browser.wait_for_text("Nothing was deleted").await;
    browser.click_on("Delete…").await;
    browser.fill("#typed", "first").await;
    browser.choose("#grace", "7").await;
    browser.click_in_dialog("Delete the tenant").await;
    browser.wait_for_text("The tenant is deleted").await;
    browser.goto(&format!("{}/console/t/first/settings", owner.origin)).await;
    browser.click_on("Restore").await;
    browser.wait_for_text("The tenant is back").await;
    ends_well(browser).await;
}

#[tokio::test]
async fn a_file_is_chosen_and_its_task_is_seen_to_end() {
    if !browser::is_there() {
        return;
    }
    let scim = Scim::start().await;
    imports::turn_on(&scim).await;
    let (browser, owner) = signed_in(&scim).await;
    let file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
    let rows: String = (0..30).map(|n| format!("{n}@example.com;Ann;Lee {n}\n")).collect();
    std::fs::write(file.path(), format!("Kontakt;Vorname;Nachname\n{rows}")).unwrap();
    browser.goto(&format!("{}/console/t/first/imports", owner.origin)).await;
    browser.wait_for_text("or drop it here").await;
    browser.wait("input[type=file]").await.send_keys(file.path().to_str().unwrap()).await.unwrap();
    browser.click_on("Look at the file").await;
    browser.wait_for_text("No column tells the employeeId or the email").await;
    browser.choose("select[name=field-0]", "email").await;
    browser.click_on("Update the preview").await;
    browser.wait_for_text("25 new").await;
    is_fit(&browser).await;
    browser.click_on("Import 30 rows").await;
    browser.wait_for_text("0 of 30 records").await;
    is_fit(&browser).await;
    // The page follows by itself from here on.
    imports::work(&scim).await;
    browser.wait_for_text("30 of 30 records").await;
    browser.wait("#progress:not([hx-get])").await;
    browser.wait_for_text("Created\n30").await;
    browser.wait(".table a[href*='/users/']").await;

    browser.goto(&format!("{}/console/t/first/imports", owner.origin)).await;
    browser.drop_file("[data-drop]", "dropped.csv", "email,firstName,lastName\nx@example.com,Ann,Lee\n").await;
    browser.click_on("Look at the file").await;
    browser.wait_for_text("dropped.csv").await;
    browser.wait_for_text("Import 1 row").await;
    ends_well(browser).await;
}
