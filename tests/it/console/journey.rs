//! One administrator's way through the console, from the one-time link to the revoked token, in a real browser.

use std::sync::Arc;

use scimgate::gateway::Gateway;
use scimgate::model::{Clock, FixedClock, Profile};
use scimgate_conformance::Target;
use scimgate_conformance::sync::entra_sync;
use secrecy::ExposeSecret;
use totp_rs::{Builder, Secret};

use super::browser::{self, Browser};
use super::visitor::Visitor;
use crate::support::scim::Scim;

const PASSWORD: &str = "seven green umbrellas sing";

#[tokio::test]
async fn from_the_first_link_to_the_revoked_token() {
    if !browser::is_there() {
        return;
    }
    let scim = Scim::with(Profile::Entra, &[]).await;
    let origin = scim.base.trim_end_matches("/scim/v2").to_owned();
    let browser = Browser::open().await;
    become_owner(&scim, &browser, &origin).await;
    sign_in_with_second_factor(&scim, &browser).await;
    let (connection, token) = connect(&browser).await;
    let name = sync(&scim, &browser, &token).await;
    find(&browser, &name).await;
    revoke(&scim, &browser, &format!("{origin}{connection}"), &token).await;
    // A wrong code is answered with 401, which the browser writes down too.
    let mut complaints = browser.complaints().await;
    complaints.retain(|line| !line.contains("/console/sign-in/code"));
    assert!(complaints.is_empty(), "{complaints:?}");
    browser.close().await;
}

async fn become_owner(scim: &Scim, browser: &Browser, origin: &str) {
    let gateway = Gateway::new(scim.store(), Arc::new(FixedClock::new(scim.clock().now())));
    let link = gateway.first_link().await.unwrap().expect("nobody administers yet");
    browser.goto(&format!("{origin}/console/set-up/{}", link.secret.reveal().expose_secret())).await;
    browser.fill("#email", "ada@example.org").await;
    browser.fill("#name", "Ada").await;
    browser.fill("#password", PASSWORD).await;
    browser.click_on("Continue").await;
    browser.wait_for_text("The account is ready").await;
    sign_in(browser).await;
}

async fn sign_in(browser: &Browser) {
    browser.fill("#email", "ada@example.org").await;
    browser.fill("#password", PASSWORD).await;
    browser.click_on("Sign in").await;
}

async fn sign_in_with_second_factor(scim: &Scim, browser: &Browser) {
    browser.wait_for_text("Overview").await;
    browser.click("a.who").await;
    browser.click_on("Set it up").await;
    let key = browser.value("#key").await;
    let code = |key: &str| {
        let secret = Secret::try_from_base32(key).unwrap();
        let totp = Builder::new().with_secret(secret).build().unwrap();
        totp.generate(scim.clock().now().timestamp().try_into().unwrap()).to_string()
    };
    browser.fill("#code", &code(&key)).await;
    browser.click_on("Confirm").await;
    browser.wait_for_text("The second factor is on").await;
    browser.click_on("Sign out").await;
    browser.wait_for_text("You have signed out").await;
    scim.advance_seconds(60);
    sign_in(browser).await;
    browser.wait_for_text("One more step").await;
    browser.fill("#code", "000000").await;
    browser.click_on("Continue").await;
    browser.wait_for_text("The code is wrong").await;
    browser.fill("#code", &code(&key)).await;
    browser.click_on("Continue").await;
    browser.wait_for_text("Nothing is connected yet").await;
}

/// The path of the connection's page, and its token.
async fn connect(browser: &Browser) -> (String, String) {
    browser.click_on("Connect an identity provider").await;
    browser.fill("#name", "Entra ID").await;
    browser.click_on("Create the connection").await;
    browser.wait_for_text("Create a token first").await;
    let path = browser.client.current_url().await.unwrap().path().to_owned();
    browser.click_on("Create the token").await;
    browser.wait_for_text("Waiting for the first request").await;
    (path, browser.value("#secret").await)
}

/// Runs Entra's sync while the guide waits; answers the name of somebody who came.
async fn sync(scim: &Scim, browser: &Browser, token: &str) -> String {
    let target = Target::parse(&scim.base, token).unwrap();
    let report = entra_sync(5, 2).run(&target, 2, &|_, _| {}).await.unwrap();
    assert_eq!(report.failures, 0);
    scim.write_uses().await;
    browser.wait("#waiting .wait.ok").await;
    browser.wait_for_text("Connected").await;
    scim.get("/Users?count=1").await.json()["Resources"][0]["userName"].as_str().unwrap().to_owned()
}

async fn find(browser: &Browser, name: &str) {
    browser.click_on("Users").await;
    // Typed and not sent: the list follows.
    browser.fill("#q", "nobody-of-that-name").await;
    browser.wait_for_text("Nothing found").await;
    browser.fill("#q", name).await;
    browser.wait_for_text(name).await;
    browser.click("td.first a").await;
    browser.wait_for_text("History").await;
    browser.wait_for_text("Created").await;
    browser.click_on("Activity").await;
    browser.wait_for_text(name).await;
}

async fn revoke(scim: &Scim, browser: &Browser, page: &str, token: &str) {
    let bearer = format!("Bearer {token}");
    scim.get_authorized("/scim/v2/Users", Some(&bearer)).await.expect(200);
    browser.goto(page).await;
    browser.click_on("Revoke…").await;
    browser.click(".dialog:popover-open form button").await;
    browser.wait_for_text("Revoked: requests with it are refused").await;
    Visitor::nobody(scim).until_answered(token, 401).await;
}
