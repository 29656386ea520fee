//! The console without scripts: what everybody may see, what forms do, and who may send them.

use scimgate::model::{AdminRole, Profile, Reach};
use serde_json::json;

use super::visitor::Visitor;
use crate::support::scim::Scim;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'; \
    frame-ancestors 'none'; base-uri 'none'; connect-src 'self'";

#[tokio::test]
async fn every_answer_is_protected_and_kept_nowhere_but_assets() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    for path in ["/", "/console", "/console/sign-in", "/console/t/first", "/console/nothing", "/console/t/nobody"] {
        let shown = owner.get(path).await;
        assert_eq!(shown.header("content-security-policy"), POLICY, "{path}");
        assert_eq!(shown.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(shown.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(shown.header("cache-control"), "no-store", "{path}");
    }
    let page = owner.get("/console/sign-in").await.expect(200).text;
    let assets: Vec<&str> = page.split('"').filter(|part| part.starts_with("/console/assets/")).collect();
    assert!(assets.len() >= 4, "{page}");
    for asset in assets {
        let shown = Visitor::nobody(&scim).get(asset).await.expect(200);
        assert_eq!(shown.header("cache-control"), "public, max-age=31536000, immutable");
        assert!(!shown.text.is_empty());
    }
    Visitor::nobody(&scim).get("/console/assets/console.css").await.expect(404);
}

#[tokio::test]
async fn browsers_come_back_over_tls_alone_where_there_is_tls() {
    let told = async |flags: &[&str]| {
        let scim = Scim::with(Profile::Rfc, flags).await;
        Visitor::nobody(&scim).get("/console/sign-in").await.expect(200).header("strict-transport-security").to_owned()
    };
    assert_eq!(told(&["--public-url", "https://scim.example.com"]).await, "max-age=31536000");
    assert_eq!(told(&[]).await, "");
}

#[tokio::test]
async fn nobody_sees_a_page_without_signing_in() {
    let scim = Scim::start().await;
    let nobody = Visitor::nobody(&scim);
    for path in ["/console/t/first/users?q=a", "/console/tenants", "/console/account"] {
        let shown = nobody.get(path).await;
        assert!(shown.location().starts_with("/console/sign-in?back=%2Fconsole%2F"), "{}", shown.location());
    }
    assert_eq!(nobody.get("/console").await.location(), "/console/sign-in");
    assert_eq!(nobody.get("/").await.location(), "/console");
    let polled = nobody.http_get("/console/t/first/connections", &[("hx-request", "true")]).await;
    assert_eq!((polled.status, polled.header("hx-redirect")), (401, "/console/sign-in"));
}

#[tokio::test]
async fn forms_of_other_sites_do_nothing() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    let fields = [("name", "Entra"), ("kind", "entra")];
    let path = "/console/t/first/connections";
    owner.post_bare(path, &fields, &[]).await.expect(403);
    owner.post_bare(path, &[fields[0], fields[1], ("csrf", "x")], &[]).await.expect(403);
    let own = [fields[0], fields[1], ("csrf", owner.csrf.as_str())];
    owner.post_bare(path, &own, &[("sec-fetch-site", "cross-site")]).await.expect(403);
    assert!(owner.get(path).await.text.contains("Connect your first identity provider"));
    owner.post_bare(path, &own, &[("sec-fetch-site", "same-origin")]).await.expect(303);
    assert!(!owner.get(path).await.text.contains("Connect your first identity provider"));
}

#[tokio::test]
async fn a_tenants_administrator_sees_that_tenant_alone() {
    let scim = Scim::start().await;
    let other = scim.other_tenant("other").await;
    let id = other.create_user("hidden").await;
    let admin = Visitor::signed_in(&scim, AdminRole::Owner, Reach::Tenant(scim.tenant().id)).await;
    assert_eq!(admin.get("/console").await.location(), "/console/t/first");
    for path in
        ["/console/t/other", "/console/t/other/users", "/console/t/nobody", "/console/tenants", "/console/admins"]
    {
        admin.get(path).await.expect(404);
    }
    admin.get(&format!("/console/t/first/users/{id}")).await.expect(404);
    Visitor::owner(&scim).await.get(&format!("/console/t/other/users/{id}")).await.expect(200);
}

#[tokio::test]
async fn an_auditor_reads_and_changes_nothing() {
    let scim = Scim::start().await;
    let auditor = Visitor::signed_in(&scim, AdminRole::Auditor, Reach::Instance).await;
    let page = auditor.get("/console/t/first/connections").await.expect(200);
    assert!(!page.text.contains("New connection"));
    for form in
        ["connections/new", "schemas/new", "resource-types/new", "new-application", "rules/new", "invitations/new"]
    {
        let refused = auditor.get(&format!("/console/t/first/{form}")).await;
        assert!(refused.status == 403 && !refused.text.contains("<fieldset"), "{form}: {}", refused.text);
    }
    let refused =
        auditor.post("/console/t/first/connections", &[("name", "Entra"), ("kind", "entra")]).await.expect(403);
    assert!(refused.text.contains("An auditor reads everything and changes nothing"));
    let body = r#"{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "x"}"#;
    let call = [("method", "POST"), ("path", "/Users"), ("body", body)];
    assert!(auditor.post("/console/t/first/requests", &call).await.expect(200).text.contains("403 Forbidden"));
    assert_eq!(scim.get("/Users").await.json()["totalResults"], 0);
}

#[tokio::test]
async fn a_token_is_shown_once_works_and_is_revoked() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    let made = owner.post("/console/t/first/connections", &[("name", "Entra"), ("kind", "entra")]).await;
    let page = made.location().to_owned();
    let shown = owner.post(&format!("{page}/tokens"), &[("label", "One"), ("standard", "yes")]).await.expect(200);
    let token = shown.field("secret").to_owned();
    assert!(shown.text.contains("It is shown this once"));
    let again = owner.get(&page).await.expect(200).text;
    assert!(!again.contains(&token) && again.contains("One"));
    let bearer = format!("Bearer {token}");
    scim.get_authorized("/scim/v2/Users", Some(&bearer)).await.expect(200);

    let id = again.split("/tokens/").nth(1).unwrap().split('/').next().unwrap();
    let path = format!("{page}/token/{id}/revoke");
    assert_eq!(owner.post(&path, &[]).await.location(), page);
    owner.until_answered(&token, 401).await;
}

#[tokio::test]
async fn what_cannot_be_is_told_beside_the_form() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    let path = "/console/t/first/connections";
    let told = owner.post(path, &[("name", " "), ("kind", "entra")]).await.expect(200).text;
    assert!(told.contains("A name has 1 to 100 characters"), "{told}");
    owner.post(path, &[("name", "Entra"), ("kind", "entra")]).await.expect(303);
    let told = owner.post(path, &[("name", "ENTRA"), ("kind", "okta")]).await.expect(200).text;
    assert!(told.contains("There is a connection of this name already"));
    assert!(told.contains("value=\"okta\" checked"));
}

#[tokio::test]
async fn search_finds_by_text_and_by_filter_and_shows_mistakes_in_their_place() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    for (name, given, number) in [("ada@example.org", "Ada", "1815"), ("grace@example.org", "Grace", "1906")] {
        let body = json!({
            "schemas": [crate::support::scim::USER, enterprise], "userName": name, "name": {"givenName": given},
            "emails": [{"value": format!("{given}.mail@example.net"), "type": "work"}],
            enterprise: {"employeeNumber": number},
        });
        scim.create("/Users", body).await;
    }
    let found = async |text: &str| {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("q", text).finish();
        owner.get(&format!("/console/t/first/users?{query}")).await.expect(200).text
    };
    for text in ["ada", "ADA", "Ada.mail", "1815", "userName eq \"ada@example.org\"", "name.givenName sw \"ad\""] {
        let page = found(text).await;
        assert!(page.contains("ada@example.org") && !page.contains("grace@example.org"), "{text}");
    }
    assert!(found("nobody").await.contains("Nothing found"));
    let wrong = found("userName xx \"ada\"").await;
    assert!(wrong.contains("userName <mark>xx</mark>") && wrong.contains("At position 9"), "{wrong}");
}

#[tokio::test]
async fn a_user_leads_to_its_manager() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let grace = scim.create_user("grace").await;
    let report = async |name: &str, manager: &str| {
        let schemas = [crate::support::scim::USER, enterprise];
        let body = json!({"schemas": schemas, "userName": name, enterprise: {"manager": {"value": manager}}});
        let id = scim.create("/Users", body).await;
        owner.get(&format!("/console/t/first/users/{id}")).await.expect(200).text
    };
    let link = format!("<dt>Manager</dt><dd><a href=\"/console/t/first/users/{grace}\">grace</a></dd>");
    let page = report("ada", &grace).await;
    assert!(page.contains(&link), "{page}");
    assert!(!report("bob", "01938f2a-7c1d-7000-8000-0242ac120002").await.contains("<dt>Manager</dt>"));
}

#[tokio::test]
async fn changes_tell_members_and_managers_by_name() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let grace = scim.create_user("grace").await;
    let body = json!({
        "schemas": [crate::support::scim::USER, enterprise], "userName": "ada", "displayName": "Ada <Lovelace>",
        enterprise: {"manager": {"value": grace}}
    });
    let ada = scim.create("/Users", body).await;
    let group = json!({"schemas": [crate::support::scim::GROUP], "displayName": "Team", "members": [{"value": ada}]});
    let team = scim.create("/Groups", group).await;
    for path in [format!("groups/{team}"), "activity?target=Team".to_owned()] {
        let page = owner.get(&format!("/console/t/first/{path}")).await.expect(200).text;
        let history = page.split("members</").nth(1).unwrap();
        let told = history.split("</div>").next().unwrap();
        assert!(told.contains("Ada &#60;Lovelace&#62;") && !told.contains(&ada), "{path}: {told}");
    }
    let page = owner.get(&format!("/console/t/first/users/{ada}")).await.expect(200).text;
    let history = page.split("id=\"history\"").nth(1).unwrap().split("</ol>").next().unwrap();
    assert!(history.contains("grace") && !history.contains(&grace), "{history}");
}

#[tokio::test]
async fn a_call_of_the_request_console_is_made_as_the_administrator() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    let body = json!({"schemas": [crate::support::scim::USER], "userName": "by-hand"}).to_string();
    let call = [("method", "POST"), ("path", "/Users"), ("body", &body)];
    assert!(owner.post("/console/t/first/requests", &call).await.expect(200).text.contains("201 Created"));
    let listed = owner.post("/console/t/first/requests", &[("path", "/Users?filter=userName eq \"by-hand\"")]).await;
    assert!(listed.text.contains("200 OK") && listed.text.contains("by-hand"));
    let change = scim.changes().await.pop().unwrap();
    assert!(change.actor.starts_with("owner-"), "{}", change.actor);
    let wrong = owner.post("/console/t/first/requests", &[("path", "/Nothing")]).await.expect(200).text;
    assert!(wrong.contains("404 Not Found"), "{wrong}");
}

#[tokio::test]
async fn the_colours_are_kept_and_lead_nowhere_else() {
    let scim = Scim::start().await;
    let nobody = Visitor::nobody(&scim);
    let chosen = nobody.post("/console/theme", &[("theme", "dark"), ("back", "https://evil.example/")]).await;
    assert_eq!(chosen.location(), "/console");
    let cookie = chosen.cookies()[0].split(';').next().unwrap().to_owned();
    let dark = Visitor { cookie, ..Visitor::nobody(&scim) };
    assert!(dark.get("/console/sign-in").await.text.contains("data-theme=\"dark\""));
}

#[tokio::test]
async fn what_was_changed_or_removed_is_brought_back() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    let id = scim.create_user("ada").await;
    let change = json!({"Operations": [{"op": "replace", "path": "title", "value": "Countess"}]});
    scim.patch(&format!("/Users/{id}"), change).await.expect(200);
    let page = format!("/console/t/first/users/{id}");
    let shown = owner.get(&page).await.expect(200).text;
    assert!(shown.contains("Restore version 1?") && !shown.contains("Restore version 2?"), "{shown}");
    assert_eq!(owner.post(&format!("{page}/restore"), &[("version", "1")]).await.location(), page);
    assert_eq!(scim.get(&format!("/Users/{id}")).await.json().get("title"), None);

    scim.delete(&format!("/Users/{id}")).await.expect(204);
    assert!(owner.get(&page).await.expect(200).text.contains("Removed"));
    owner.post(&format!("{page}/restore"), &[("version", "2")]).await.expect(303);
    assert_eq!(scim.get(&format!("/Users/{id}")).await.expect(200).json()["title"], "Countess");
    let told = owner.post(&format!("{page}/restore"), &[("version", "99")]).await.expect(200).text;
    assert!(told.contains("The resource has no version 99 yet"), "{told}");
    owner.get("/console/t/first/users/01938f2a-7c1d-7000-8000-0242ac120002").await.expect(404);
}
