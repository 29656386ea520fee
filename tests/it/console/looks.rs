//! How the console looks: a picture of every page in both themes, on a desk and on a phone, with nothing serious that axe finds
//! and nothing that the browser complains of. The pictures are in `target/screenshots`.

use scimgate_conformance::Target;
use scimgate_conformance::sync::entra_sync;

use super::browser::{self, Browser};
use super::visitor::Visitor;
use crate::support::scim::Scim;
use scimgate::model::Profile;

#[tokio::test]
async fn every_page_is_fit_to_be_seen() {
    if !browser::is_there() {
        return;
    }
    let scim = Scim::with(Profile::Entra, &[]).await;
    let owner = Visitor::owner(&scim).await;
    let made = owner.post("/console/t/first/connections", &[("name", "Entra ID"), ("kind", "entra")]).await;
    let connection = made.location().to_owned();
    let shown =
        owner.post(&format!("{connection}/tokens"), &[("label", "Token of November"), ("standard", "yes")]).await;
    let target = Target::parse(&scim.base, shown.field("secret")).unwrap();
    let report = entra_sync(60, 8).run(&target, 4, &|_, _| {}).await.unwrap();
    assert_eq!(report.failures, 0);
    let made = owner.post("/console/t/first/connections", &[("name", "Okta"), ("kind", "okta")]).await;
    let unused = made.location().to_owned();

    // What was used when is written every now and then.
    let started = std::time::Instant::now();
    while !owner.get(&connection).await.text.contains("Connected") {
        assert!(started.elapsed().as_secs() < 20, "the connection was never heard of");
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }

    let user = scim.get("/Users?count=1").await.json()["Resources"][0]["id"].as_str().unwrap().to_owned();
    let group = scim.get("/Groups?count=1").await.json()["Resources"][0]["id"].as_str().unwrap().to_owned();
    let pages = [
        ("overview", "/console/t/first".to_owned()),
        ("connections", "/console/t/first/connections".to_owned()),
        ("connection-new", "/console/t/first/connections/new".to_owned()),
        ("connection", connection),
        ("connection-unused", unused),
        ("users", "/console/t/first/users".to_owned()),
        ("users-filter", "/console/t/first/users?q=userName%20xx".to_owned()),
        ("users-nobody", "/console/t/first/users?q=zzzz".to_owned()),
        ("user", format!("/console/t/first/users/{user}")),
        ("groups", "/console/t/first/groups".to_owned()),
        ("group", format!("/console/t/first/groups/{group}")),
        ("activity", "/console/t/first/activity".to_owned()),
        ("schemas", "/console/t/first/schemas".to_owned()),
        ("requests", "/console/t/first/requests?path=%2FUsers%3Fcount%3D1".to_owned()),
        ("settings", "/console/t/first/settings".to_owned()),
        ("admins", "/console/t/first/admins".to_owned()),
        ("instance-admins", "/console/admins".to_owned()),
        ("tenants", "/console/tenants".to_owned()),
        ("account", "/console/account".to_owned()),
        ("not-found", "/console/t/first/nothing".to_owned()),
        ("sign-in", "/console/sign-in".to_owned()),
    ];
    let browser = Browser::open().await;
    browser.sign_in(&owner).await;
    let mut findings = Vec::new();
    for (name, path) in &pages {
        for theme in ["light", "dark"] {
            for (width, height) in [(1280, 800), (390, 844)] {
                browser.look(theme, width, height).await;
                browser.goto(&format!("{}{path}", owner.origin)).await;
                browser.picture(name, theme, width).await;
                findings.extend(browser.serious_findings().await.into_iter().map(|one| format!("{name}: {one}")));
            }
        }
    }
    assert_eq!(findings, Vec::<String>::new());
    let complaints: Vec<String> = browser.complaints().await;
    // The page that is not there is answered with 404, which browsers complain of.
    let complaints: Vec<&String> =
        complaints.iter().filter(|line| !line.contains("/console/t/first/nothing")).collect();
    assert!(complaints.is_empty(), "{complaints:?}");
    browser.close().await;
}
