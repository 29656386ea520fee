//! Trusted issuers and the secrets of OAuth 2.0 clients, registered and taken back in the console.

use chrono::TimeDelta;
use scimgate::model::{AdminRole, Clock, Profile, Reach};
use serde_json::json;

use super::visitor::{Shown, Visitor};
use crate::federation::issuer::{Key, TestIssuer};
use crate::support::scim::Scim;

/// A connection's page.
async fn connection(owner: &Visitor, kind: &str) -> String {
    let form = [("name", "Directory"), ("kind", kind)];
    owner.post("/console/t/first/connections", &form).await.location().to_owned()
}

/// What trusts the subject "robot".
fn trusting<'a>(issuer: &'a str, keys: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![("issuer", issuer), ("jwks-url", keys), ("audiences", "api://scim\r\napi://other"), ("subject", "robot")]
}

#[tokio::test]
async fn an_issuer_is_trusted_changed_and_trusted_no_longer() {
    let key = Key::ec("one");
    let scim = Scim::with(Profile::Rfc, &["--allow-private-outbound"]).await;
    let (owner, issuer) = (Visitor::owner(&scim).await, TestIssuer::start(&[&key]));
    let page = connection(&owner, "other").await;
    let now = scim.clock().now();
    let token = key.sign(&json!({
        "iss": issuer.url(), "aud": "api://other", "sub": "robot", "iat": now.timestamp(),
        "exp": (now + TimeDelta::hours(1)).timestamp(),
    }));

    let (url, keys) = (issuer.url(), issuer.jwks_url());
    let mut form = trusting(&url, &keys);
    form.extend([("shape", "other"), ("name", "Robot"), ("scope", "users:read"), ("expires", "90")]);
    let own = owner.post(&format!("{page}/issuers"), &form).await.location().to_owned();
    let shown = owner.get(&own).await.expect(200);
    assert_eq!((shown.field("issuer"), shown.field("subject")), (url.as_str(), "robot"));
    assert!(shown.text.contains("api://scim\napi://other") && shown.text.contains("20 Feb 2027"), "{}", shown.text);
    owner.until_answered(&token, 200).await;
    assert!(owner.get(&page).await.text.contains(&format!("href=\"{own}\"")));

    let mut other = trusting(&url, &keys);
    other[3] = ("subject", "somebody else");
    assert_eq!(owner.post(&format!("{own}/trust"), &other).await.location(), own);
    owner.until_answered(&token, 401).await;
    owner.post(&format!("{own}/trust"), &trusting(&url, &keys)).await.expect(303);
    owner.until_answered(&token, 200).await;

    let id = own.rsplit('/').next().unwrap();
    assert_eq!(owner.post(&format!("{page}/issuer/{id}/revoke"), &[]).await.location(), page);
    owner.until_answered(&token, 401).await;
    let told: Vec<String> =
        scim.admin_actions().await.iter().map(|one| one["action"].as_str().unwrap().to_owned()).collect();
    let of_issuers: Vec<&String> = told.iter().filter(|action| action.starts_with("issuer.")).collect();
    assert_eq!(of_issuers, ["issuer.create", "issuer.change", "issuer.change", "issuer.remove"]);
}

#[tokio::test]
async fn what_cannot_be_trusted_is_told_beside_its_field() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    let page = connection(&owner, "other").await;
    let told = |shown: &Shown, field: &str| {
        let (_, rest) = shown.text.split_once(&format!("id=\"{field}-wrong\">")).unwrap_or_else(|| panic!("{field}"));
        rest.split_once('<').unwrap().0.to_owned()
    };
    let mut form = trusting("http://plain.example", "https://keys.example/jwks");
    form.extend([("shape", "other"), ("name", ""), ("claims", "nonsense"), ("scope", "users:read")]);
    let shown = owner.post(&format!("{page}/issuers"), &form).await.expect(200);
    assert!(told(&shown, "issuer").contains("https"), "{}", shown.text);
    assert!(told(&shown, "name").contains("A name has 1 to 100 characters"));
    assert_eq!(told(&shown, "claims"), "Write each on a line of its own, as repository=acme/hr.");
    assert_eq!((shown.field("issuer"), shown.field("subject")), ("http://plain.example", "robot"));
    assert!(!shown.text.contains("id=\"subject-wrong\""));

    let form = [("shape", "entra"), ("name", "Entra"), ("directory", "contoso"), ("scope", "users:read")];
    let shown = owner.post(&format!("{page}/issuers"), &form).await.expect(200);
    assert!(told(&shown, "directory").contains("no UUID"), "{}", shown.text);
    assert_eq!(told(&shown, "application"), "This is missing.");
    assert!(scim.admin_actions().await.iter().all(|one| one["action"] != "issuer.create"));
}

#[tokio::test]
async fn entra_is_trusted_by_its_directory_and_application_and_by_nobody_twice() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    let page = connection(&owner, "entra").await;
    let shown = owner.get(&format!("{page}/issuers/new")).await.expect(200);
    assert!(shown.text.contains("value=\"entra\" checked"));
    let directory = "9f1e6a0e-0000-4000-8000-000000000001";
    let app = ("application", "5d2b1f6c-0000-4000-8000-000000000002");
    let form = [("shape", "entra"), ("name", "Entra"), ("directory", directory), app, ("scope", "users:read")];
    let own = owner.post(&format!("{page}/issuers"), &form).await.location().to_owned();
    let shown = owner.get(&own).await.expect(200);
    assert_eq!(shown.field("issuer"), format!("https://sts.windows.net/{directory}/"));
    assert_eq!((shown.field("tid"), shown.field("subject")), (directory, app.1));
    let again = owner.post(&format!("{page}/issuers"), &form).await.expect(200);
    assert!(again.text.contains("act as another credential already"), "{}", again.text);

    let auditor = Visitor::signed_in(&scim, AdminRole::Auditor, Reach::Instance).await;
    auditor.post(&format!("{page}/issuers"), &form).await.expect(403);
    auditor.post(&format!("{own}/trust"), &form).await.expect(403);
    assert!(auditor.get(&own).await.expect(200).text.contains("<fieldset disabled>"));
}

#[tokio::test]
async fn secrets_of_a_client_come_and_go_without_a_gap() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    let page = connection(&owner, "entra").await;
    let made = owner.post(&format!("{page}/clients"), &[("label", "Gallery")]).await.expect(200);
    let (id, first) = (made.field("client-id").to_owned(), made.field("secret").to_owned());
    let link = made.text.split("href=\"").find(|part| part.contains("/clients/")).unwrap().split('"').next().unwrap();
    let shown = owner.get(link).await.expect(200);
    assert_eq!(shown.field("client-id"), id);
    let revoke = |shown: &Shown| {
        let part = shown.text.split("action=\"").find(|part| part.contains("/secrets/")).unwrap();
        part.split('"').next().unwrap().to_owned()
    };
    let of_first = revoke(&shown);
    let added = owner.post(&format!("{link}/secrets"), &[("years", "1")]).await.expect(200);
    let second = added.field("secret").to_owned();
    assert!(added.text.contains("It is shown this once") && !owner.get(link).await.text.contains(&second));
    let granted = async |secret: &str| {
        let request =
            reqwest::Client::new().post(format!("{}/oauth/token", scim.origin())).basic_auth(&id, Some(secret));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        request.body("grant_type=client_credentials").send().await.unwrap().status().as_u16()
    };
    assert_eq!((granted(&first).await, granted(&second).await), (200, 200));
    assert_eq!(owner.post(&of_first, &[]).await.location(), link);
    assert_eq!((granted(&first).await, granted(&second).await), (401, 200));

    for _ in 0..4 {
        owner.post(&format!("{link}/secrets"), &[("years", "2")]).await.expect(200).field("secret");
    }
    let refused = owner.post(&format!("{link}/secrets"), &[("years", "2")]).await.expect(200).text;
    assert!(refused.contains("5 secrets of this client live, and more may not"), "{refused}");
    let refused = owner.post(&format!("{link}/secrets"), &[("years", "9")]).await.expect(200).text;
    assert!(refused.contains("choose 1 to 3 years"), "{refused}");
}

#[tokio::test]
async fn what_a_credential_may_do_is_chosen_when_it_is_made_and_changed_later() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    let page = connection(&owner, "entra").await;
    let form =
        [("label", "Reader"), ("chosen", "yes"), ("scope", "users:read"), ("allowed", "127.0.0.0/8"), ("weight", "7")];
    let made = owner.post(&format!("{page}/clients"), &form).await.expect(200);
    let (id, secret) = (made.field("client-id").to_owned(), made.field("secret").to_owned());
    for tag in ["users:read", "only from 127.0.0.0/8", "roles up to 7"] {
        assert!(made.text.contains(&format!("<span class=\"tag\">{tag}</span>")), "{tag}: {}", made.text);
    }
    assert!(!made.text.contains("<span class=\"tag\">users:write</span>"));
    let link = made.text.split("href=\"").find(|part| part.contains("/clients/")).unwrap().split('"').next().unwrap();
    for (field, value, told) in [
        ("allowed", "home", "home"),
        ("weight", "heavy", "The weight of a role is a whole number"),
        ("scope", "fly", "fly"),
    ] {
        let mut wrong = form;
        *wrong.iter_mut().find(|(name, _)| *name == field).unwrap() = (field, value);
        let refused = owner.post(&format!("{page}/clients"), &wrong).await.expect(200).text;
        assert!(refused.contains("role=\"alert\"") && refused.contains(told), "{field}: {refused}");
        let refused = owner.post(&format!("{link}/powers"), &wrong).await.expect(200).text;
        assert!(refused.contains("Nothing was saved"), "{field}: {refused}");
    }
    let more = [("scope", "users:read"), ("scope", "groups:read"), ("allowed", ""), ("weight", "")];
    assert_eq!(owner.post(&format!("{link}/powers"), &more).await.location(), link);
    let shown = owner.get(link).await.expect(200).text;
    assert!(shown.contains("<dt>Heaviest role</dt><dd>any</dd>") && !shown.contains("Only from</dt>"), "{shown}");

    let header = crate::support::oauth::basic(&id, &secret);
    let granted = async || scim.ask_token(&[("authorization", &header)], crate::support::oauth::GRANT).await;
    assert_eq!(granted().await.expect(200).json()["scope"], "users:read groups:read");
    assert_eq!(owner.post(&format!("{link}/disable"), &[]).await.location(), link);
    let shown = owner.get(link).await.expect(200).text;
    assert!(shown.contains("status off\">Disabled") && shown.contains(&format!("{link}/enable")), "{shown}");
    assert!(owner.get(&page).await.text.contains("status off\">Disabled"));
    let begun = std::time::Instant::now();
    while granted().await.status != 401 {
        assert!(begun.elapsed().as_secs() < 5);
    }
    owner.post(&format!("{link}/enable"), &[]).await.expect(303);
    while granted().await.status != 200 {
        assert!(begun.elapsed().as_secs() < 5);
    }
    let token = [("label", "Light"), ("scope", "users:read"), ("expires", "90"), ("weight", "3")];
    assert!(owner.post(&format!("{page}/tokens"), &token).await.expect(200).text.contains("roles up to 3"));
    let auditor = Visitor::signed_in(&scim, AdminRole::Auditor, Reach::Instance).await;
    for act in ["powers", "enable", "disable"] {
        auditor.post(&format!("{link}/{act}"), &more).await.expect(403);
    }
}

#[tokio::test]
async fn an_issuer_is_limited_and_put_out_of_use_for_a_while() {
    let key = Key::ec("one");
    let scim = Scim::with(Profile::Rfc, &["--allow-private-outbound"]).await;
    let (owner, issuer) = (Visitor::owner(&scim).await, TestIssuer::start(&[&key]));
    let page = connection(&owner, "other").await;
    let now = scim.clock().now();
    let token = key.sign(&json!({
        "iss": issuer.url(), "aud": "api://scim", "sub": "robot", "iat": now.timestamp(),
        "exp": (now + TimeDelta::hours(1)).timestamp(),
    }));
    let (url, keys) = (issuer.url(), issuer.jwks_url());
    let mut form = trusting(&url, &keys);
    form.extend([("shape", "other"), ("name", "Robot"), ("scope", "users:read"), ("weight", "40")]);
    let own = owner.post(&format!("{page}/issuers"), &form).await.location().to_owned();
    assert!(owner.get(&own).await.text.contains("<dt>Heaviest role</dt><dd>40</dd>"));
    owner.until_answered(&token, 200).await;
    assert_eq!(owner.post(&format!("{own}/disable"), &[]).await.location(), own);
    owner.until_answered(&token, 401).await;
    assert!(owner.get(&own).await.text.contains("status off\">Disabled"));
    owner.post(&format!("{own}/enable"), &[]).await.expect(303);
    owner.until_answered(&token, 200).await;
    let limits = [("scope", "groups:read"), ("allowed", "127.0.0.1"), ("weight", "")];
    assert_eq!(owner.post(&format!("{own}/powers"), &limits).await.location(), own);
    owner.until_answered(&token, 403).await;
    let shown = owner.get(&own).await.text;
    assert!(shown.contains("<dd>any</dd>") && shown.contains("<span class=\"tag\">127.0.0.1/32</span>"), "{shown}");
    let refused = owner.post(&format!("{own}/powers"), &[("scope", "groups:read"), ("weight", "x")]).await.expect(200);
    assert!(refused.text.contains("id=\"weight-wrong\""), "{}", refused.text);
    let auditor = Visitor::signed_in(&scim, AdminRole::Auditor, Reach::Instance).await;
    for act in ["powers", "enable", "disable"] {
        auditor.post(&format!("{own}/{act}"), &limits).await.expect(403);
    }
}

#[tokio::test]
async fn nothing_is_reached_through_another_connection() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    let page = connection(&owner, "entra").await;
    let made = owner.post(&format!("{page}/clients"), &[("label", "Gallery")]).await.expect(200);
    let link = made.text.split("href=\"").find(|part| part.contains("/clients/")).unwrap().split('"').next().unwrap();
    let id = link.rsplit('/').next().unwrap();
    let other = owner.post("/console/t/first/connections", &[("name", "Other"), ("kind", "okta")]).await;
    owner.get(link).await.expect(200);
    owner.get(&format!("{}/clients/{id}", other.location())).await.expect(404);
    owner.post(&format!("{}/clients/{id}/secrets", other.location()), &[("years", "1")]).await.expect(404);
    owner.get(&format!("{page}/issuers/{id}")).await.expect(404);
    let there = scim.other_tenant("other").await;
    let stranger = Visitor::signed_in(&scim, AdminRole::Owner, Reach::Tenant(there.tenant().id)).await;
    stranger.get(link).await.expect(404);
}
