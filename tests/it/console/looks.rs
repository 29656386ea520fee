//! How the console looks: a picture of every page in both themes, on a desk and on a phone, with nothing serious that axe finds
//! and nothing that the browser complains of. The pictures are in `target/screenshots`.

use scimgate::model::Profile;
use scimgate_conformance::Target;
use scimgate_conformance::sync::entra_sync;
use serde_json::{Value, json};

use super::applications;
use super::browser::{self, Browser};
use super::imports;
use super::visitor::Visitor;
use crate::support::scim::{Scim, USER};

const HOME: &str = "/console/t/first";
/// What somebody is called from day to day.
const TITLES: [&str; 7] =
    ["Analyst", "Engineer", "Team lead", "Senior analyst", "Head of Design", "Senior engineer", "Head of Sales"];
const ACME: &str = r#"{"id": "urn:ietf:params:scim:schemas:extension:acme:2.0:User", "name": "Acme", "attributes": [
    {"name": "badge", "type": "string", "uniqueness": "server", "description": "What opens the doors"},
    {"name": "clearance", "type": "string", "canonicalValues": ["none", "secret"]}]}"#;

/// What there is to be seen, with the paths of the pages that have an id in theirs.
struct Seen {
    entra: String,
    okta: String,
    hr: String,
    client: String,
    issuer: String,
    refused: String,
    user: String,
    group: String,
}

/// A tenant into which Entra has pushed for some days.
async fn lived_in(scim: &Scim) -> Seen {
    let owner = Visitor::owner(scim).await;
    let connections = format!("{HOME}/connections");
    let entra = owner.post(&connections, &[("name", "Entra ID"), ("kind", "entra")]).await.location().to_owned();
    let form = [("label", "Token of November"), ("standard", "yes")];
    let shown = owner.post(&format!("{entra}/tokens"), &form).await.expect(200);
    let token = shown.field("secret").to_owned();
    let report = entra_sync(60, 8).run(&Target::parse(&scim.base, &token).unwrap(), 4, &|_, _| {}).await.unwrap();
    assert_eq!(report.failures, 0);
    let through = scim.with_token_text(token);
    let users = through.get("/Users?count=30").await.json()["Resources"].as_array().unwrap().clone();
    // Somebody whose groups every machine has letters for.
    let is_latin = |one: &&Value| one["groups"].to_string().chars().all(|letter| letter < '\u{250}');
    let user = users.iter().find(is_latin).unwrap()["id"].as_str().unwrap().to_owned();
    for (day, title) in TITLES.iter().enumerate() {
        scim.advance_seconds(24 * 3_600);
        for one in users.iter().skip(day % 3).step_by(2 + day % 4) {
            let change = json!({"Operations": [{"op": "Replace", "path": "title", "value": title}]});
            through.patch(&format!("/Users/{}", one["id"].as_str().unwrap()), change).await.expect(200);
        }
    }
    let taken = json!({"schemas": [USER], "username": users[1]["userName"], "active": "True"});
    let refused = through.post("/Users", taken).await.expect(409).header("x-request-id").to_owned();
    through.get("/Users?count=1").await.expect(200);
    scim.write_uses().await;
    let group = scim.get("/Groups?count=1").await.json()["Resources"][0]["id"].as_str().unwrap().to_owned();
    let (client, issuer) = credentials(scim, &entra).await;
    let (okta, hr) = others(scim).await;
    applications::lived_in(scim, &users).await;
    let form = [("definition", ACME), ("extends", "User")];
    Visitor::owner(scim).await.post(&format!("{HOME}/schemas"), &form).await.expect(303);
    Seen { entra, okta, hr, client, issuer, refused, user, group }
}

/// The pages of a connection that waits for its first request, with a token that ends soon, and of one without a credential.
async fn others(scim: &Scim) -> (String, String) {
    let (owner, connections) = (Visitor::owner(scim).await, format!("{HOME}/connections"));
    let okta = owner.post(&connections, &[("name", "Okta"), ("kind", "okta")]).await.location().to_owned();
    let form = [("label", "Okta token"), ("standard", "yes"), ("expires", "20")];
    owner.post(&format!("{okta}/tokens"), &form).await.expect(200);
    let hr = owner.post(&connections, &[("name", "Staff records"), ("kind", "hr")]).await.location().to_owned();
    (okta, hr)
}

/// The pages of a client and of a trusted issuer.
async fn credentials(scim: &Scim, entra: &str) -> (String, String) {
    let owner = Visitor::owner(scim).await;
    let made = owner.post(&format!("{entra}/clients"), &[("label", "Gallery app")]).await.expect(200);
    let client = made.text.split("href=\"").find(|part| part.contains("/clients/")).unwrap().split('"').next().unwrap();
    owner.post(&format!("{client}/secrets"), &[("years", "1")]).await.expect(200);
    let directory = ("directory", "9f1e6a0e-1111-4222-8333-444455556666");
    let app = ("application", "5d2b1f6c-1111-4222-8333-444455556666");
    let form = [("shape", "entra"), ("name", "Entra's own token"), directory, app, ("scope", "users:read")];
    let issuer = owner.post(&format!("{entra}/issuers"), &form).await.location().to_owned();
    (client.to_owned(), issuer)
}

/// Every page by the name of its picture.
fn pages(seen: &Seen) -> Vec<(&'static str, String)> {
    let at = |page: &str| format!("{HOME}/{page}");
    vec![
        ("overview", HOME.to_owned()),
        ("connections", at("connections")),
        ("connection-new", at("connections/new")),
        ("connection", seen.entra.clone()),
        ("connection-waiting", seen.okta.clone()),
        ("connection-unused", seen.hr.clone()),
        ("client", seen.client.clone()),
        ("issuer", seen.issuer.clone()),
        ("issuer-new", format!("{}/issuers/new", seen.entra)),
        ("issuer-new-other", format!("{}/issuers/new", seen.okta)),
        ("users", at("users")),
        ("users-filter", at("users?q=userName%20xx")),
        ("users-nobody", at("users?q=zzzz")),
        ("user", format!("{HOME}/users/{}", seen.user)),
        ("groups", at("groups")),
        ("group", format!("{HOME}/groups/{}", seen.group)),
        ("activity", at("activity")),
        ("explain", format!("{HOME}/explain?request={}", seen.refused)),
        ("explain-nothing", at("explain?request=x")),
        ("schemas", at("schemas")),
        ("schema-new", at("schemas/new")),
        ("schema-edit", at("schemas/edit?urn=urn:ietf:params:scim:schemas:extension:acme:2.0:User")),
        ("resource-type-new", at("resource-types/new")),
        ("requests", at("requests?path=%2FUsers%3Fcount%3D1")),
        ("applications", at("applications")),
        ("application-new", at("new-application")),
        ("application", at("applications/crm")),
        ("application-search", at("applications/crm?q=0004&user=unknown")),
        ("application-edit", at("applications/crm/edit")),
        ("application-empty", at("applications/lms")),
        ("digest", at("digest")),
        ("settings", at("settings")),
        ("admins", at("admins")),
        ("instance-admins", "/console/admins".to_owned()),
        ("instance-activity", "/console/activity".to_owned()),
        ("tenants", "/console/tenants".to_owned()),
        ("suspended", "/console/t/old/settings".to_owned()),
        ("account", "/console/account".to_owned()),
        ("not-found", at("nothing")),
        ("sign-in", "/console/sign-in".to_owned()),
    ]
}

/// Somebody with a name, who has come by an invitation.
async fn ada(scim: &Scim) -> Visitor {
    let (owner, nobody) = (Visitor::owner(scim).await, Visitor::nobody(scim));
    owner.post(&format!("{HOME}/settings"), &[("name", "Meadowlark"), ("profile", "entra")]).await.expect(303);
    let form = [("email", "ada@meadowlark.example"), ("name", "Ada"), ("role", "owner")];
    let invited = owner.post("/console/admins", &form).await.expect(200);
    let path = invited.field("link").split_once("/console").unwrap().1.to_owned();
    let password = ("password", "seven green umbrellas sing");
    nobody.post(&format!("/console{path}"), &[password]).await.expect(303);
    let entered = nobody.post("/console/sign-in", &[("email", "ada@meadowlark.example"), password]).await.expect(303);
    let cookie = entered.cookies()[0].split(';').next().unwrap().to_owned();
    Visitor { cookie, ..Visitor::nobody(scim) }
}

/// Takes pictures of pages, and holds that nothing serious is wrong with them.
async fn look_at(browser: &Browser, origin: &str, pages: &[(&str, String)]) {
    let mut findings = Vec::new();
    for (name, path) in pages {
        for theme in ["light", "dark"] {
            for (width, height) in [(1280, 800), (390, 844)] {
                browser.look(theme, width, height).await;
                browser.goto(&format!("{origin}{path}")).await;
                browser.picture(name, theme, width).await;
                findings.extend(browser.serious_findings().await.into_iter().map(|one| format!("{name}: {one}")));
            }
        }
    }
    assert_eq!(findings, Vec::<String>::new());
}

#[tokio::test]
async fn every_page_is_fit_to_be_seen() {
    if !browser::is_there() {
        return;
    }
    let scim = Scim::with(Profile::Entra, &[]).await;
    let seen = lived_in(&scim).await;
    let owner = Visitor::owner(&scim).await;
    let form = [("name", "Old college"), ("slug", "old"), ("profile", "okta")];
    owner.post("/console/tenants", &form).await.expect(303);
    owner.post("/console/t/old/settings/suspend", &[]).await.expect(303);

    let browser = Browser::open().await;
    browser.sign_in(&ada(&scim).await).await;
    look_at(&browser, &owner.origin, &pages(&seen)).await;
    let complaints: Vec<String> = browser.complaints().await;
    // The page that is not there is answered with 404, which browsers complain of.
    let complaints: Vec<&String> =
        complaints.iter().filter(|line| !line.contains("/console/t/first/nothing")).collect();
    assert!(complaints.is_empty(), "{complaints:?}");
    browser.close().await;
}

#[tokio::test]
async fn the_pages_of_people_are_fit_to_be_seen() {
    if !browser::is_there() {
        return;
    }
    let scim = Scim::with(Profile::Entra, &[]).await;
    let seen = super::people::lived_in(&scim).await;
    let browser = Browser::open().await;
    browser.sign_in(&ada(&scim).await).await;
    look_at(&browser, &scim.origin(), &seen).await;
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    browser.close().await;
}

#[tokio::test]
async fn every_page_for_files_and_tasks_is_fit_to_be_seen() {
    if !browser::is_there() {
        return;
    }
    let scim = Scim::start().await;
    let (owner, visitor) = (Visitor::owner(&scim).await, ada(&scim).await);
    let off = ("imports-off", format!("{HOME}/imports"));
    let browser = Browser::open().await;
    browser.sign_in(&visitor).await;
    look_at(&browser, &owner.origin, &[off]).await;
    imports::turn_on(&scim).await;
    let nothing = [("imports-none", format!("{HOME}/imports")), ("tasks-none", format!("{HOME}/tasks"))];
    look_at(&browser, &owner.origin, &nothing).await;
    look_at(&browser, &owner.origin, &imports::lived_in(&scim).await).await;
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    browser.close().await;
}
