//! Applications and their rosters: set up, looked at and ended in the console.

use scimgate::model::{AdminRole, Reach};
use serde_json::{Value, json};

use super::visitor::Visitor;
use crate::api::Api;
use crate::support::scim::{Scim, USER};

const APPS: &str = "/console/t/first/applications";

async fn publish(api: &Api, app: &str, users: &Value) {
    let body = json!({ "provisionedUsers": users });
    api.send("POST", &format!("/apps/{app}/users?confirmRemovals=true"), Some(&body), &[]).await.expect(200);
}

/// Opens a session with that many accounts, and answers its id.
async fn opened(api: &Api, app: &str, accounts: usize) -> String {
    let answer = api.send("POST", &format!("/apps/{app}/rosters"), Some(&json!({})), &[]).await.expect(201);
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    let users: Vec<Value> =
        (0..accounts).map(|n| json!({"appUserId": format!("s{n}"), "email": format!("s{n}@example.com")})).collect();
    let body = json!({"part": 1, "provisionedUsers": users});
    api.send("POST", &format!("/apps/{app}/rosters/{id}/users"), Some(&body), &[]).await.expect(200);
    id
}

/// An application with a roster of some weeks, and one of which nothing was published. `users` are some whom the tenant has.
pub async fn lived_in(scim: &Scim, users: &[Value]) {
    let owner = Visitor::owner(scim).await;
    for (id, name, licenses) in [
        ("crm", "Sales CRM", "Enterprise = 12\nPro = 40\nStarter = 20\nTrial = 5"),
        ("lms", "Learning platform", ""),
        ("wiki", "Wiki", "Editor = 3"),
    ] {
        let form = [("id", id), ("name", name), ("licenses", licenses), ("brake", "40")];
        owner.post(APPS, &form).await.expect(303);
    }
    let api = Api::with_scopes(scim, "roster:write").await;
    let account = |n: usize| {
        let email = users.get(n).map(|user| user["userName"].clone());
        json!({
            "appUserId": format!("{:06}", 4_000 + n), "email": email.unwrap_or_else(|| format!("guest{n}@partner.example").into()),
            "username": if n % 5 == 4 { Value::Null } else { format!("user{n}").into() },
            "license": match n { 0..8 => "Enterprise", 8..45 => "Pro", 45..67 => "Starter", _ => return json!({
                "appUserId": format!("{:06}", 4_000 + n), "email": format!("guest{n}@partner.example")}) },
        })
    };
    for count in [64, 61, 70] {
        publish(&api, "crm", &Value::from_iter((0..count).map(account))).await;
        scim.advance_seconds(7 * 3_600);
    }
    opened(&api, "crm", 40).await;
}

#[tokio::test]
async fn an_application_is_set_up_changed_and_deleted() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    assert!(owner.get(APPS).await.expect(200).text.contains("No application yet"));
    assert!(
        owner.get("/console/t/first/new-application").await.expect(200).text.contains("value=\"50\" name=\"brake\"")
    );

    let wrong = [("id", "a b"), ("name", ""), ("licenses", "Pro: many"), ("brake", "101")];
    let told = owner.post(APPS, &wrong).await.expect(200).text;
    for field in ["id", "name", "licenses", "brake"] {
        assert!(told.contains(&format!("id=\"{field}-wrong\"")), "{field}: {told}");
    }
    assert!(told.contains("Pro: many") && told.contains("as Pro = 200"));
    let form = [("id", "crm"), ("name", "The CRM"), ("licenses", "Pro = 2\nBasic = 1"), ("brake", "50")];
    let page = owner.post(APPS, &form).await.location().to_owned();
    assert_eq!(page, format!("{APPS}/crm"));
    let taken = owner.post(APPS, &form).await.expect(200).text;
    assert!(taken.contains("There is an application crm already"), "{taken}");

    let edit = owner.get(&format!("{page}/edit")).await.expect(200).text;
    assert!(edit.contains("Basic = 1\nPro = 2"), "{edit}");
    let other = [("name", "CRM of sales"), ("licenses", "Pro = 3"), ("brake", "100")];
    assert_eq!(owner.post(&page, &other).await.location(), page);
    let shown = owner.get(&page).await.expect(200).text;
    assert!(shown.contains("CRM of sales") && shown.contains("0 of 3") && !shown.contains("Basic"), "{shown}");
    assert!(shown.contains("a publication may remove everybody"));

    assert_eq!(owner.post(&format!("{page}/delete"), &[]).await.location(), APPS);
    owner.get(&page).await.expect(404);
    let told: Vec<Value> = scim.admin_actions().await.iter().map(|one| one["action"].clone()).collect();
    let of_apps: Vec<&Value> = told.iter().filter(|one| one.as_str().unwrap().starts_with("application.")).collect();
    assert_eq!(of_apps, ["application.create", "application.change", "application.delete"]);
}

#[tokio::test]
async fn a_roster_is_searched_and_its_licences_are_counted() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    let form = [("id", "crm"), ("name", "The CRM"), ("licenses", "Pro = 1\nIdle = 4"), ("brake", "50")];
    let page = owner.post(APPS, &form).await.location().to_owned();
    let ada = json!({"schemas": [USER], "userName": "ada@example.com", "displayName": "Ada L.", "active": false});
    let ada = scim.create("/Users", ada).await;
    let api = Api::with_scopes(&scim, "roster:write").await;
    let mut users: Vec<Value> = (0..60)
        .map(|n| json!({"appUserId": format!("{n:04}"), "email": format!("u{n}@example.com"), "username": "=cmd"}))
        .collect();
    users[0] = json!({"appUserId": "0000", "email": "Ada@Example.com", "username": "Countess", "license": "Pro"});
    users[1]["license"] = "Pro".into();
    publish(&api, "crm", &users.into()).await;

    let shown = owner.get(&page).await.expect(200).text;
    for told in ["2 of 1", "1 too many", "0 of 4", "Within its limit", "Without a licence", "+60", "25 of 60"] {
        assert!(shown.contains(told), "{told}: {shown}");
    }
    assert!(shown.contains(&format!("<a href=\"/console/t/first/users/{ada}\">Ada L.</a>")), "{shown}");
    let next = shown.split("href=\"").find(|part| part.contains("after=0024")).expect("a next page");
    let later =
        owner.get(&next.split('#').next().unwrap().replace("&#38;", "&").replace("&amp;", "&")).await.expect(200);
    assert!(later.text.contains("0049<") && !later.text.contains("0024<") && later.text.contains("25 more"));

    for (query, found, hidden) in [
        ("q=countess", "0000", "0001"),
        ("q=U7%40EXAMPLE", "0007", "0000<"),
        ("q=0012", "0012", "0001<"),
        ("license=Pro", "0001<", "0002<"),
        ("license=+", "0002<", "0001<"),
        ("user=known", "Countess", "0002<"),
        ("user=unknown", "0002<", "Countess"),
        ("q=nobody", "No account matches", "0002<"),
    ] {
        let shown = owner.get(&format!("{page}?{query}")).await.expect(200).text;
        let (_, roster) = shown.split_once("id=\"roster\"").unwrap();
        assert!(roster.contains(found) && !roster.contains(hidden), "{query}: {roster}");
    }
    let file = owner.get(&format!("{page}/report.csv?user=unknown")).await.expect(200);
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8; header=present");
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"crm.csv\"");
    assert_eq!(file.text.lines().count(), 60);
    assert!(file.text.contains(",'=cmd,") && !file.text.contains("Countess"), "{}", file.text);
    let list = owner.get(APPS).await.expect(200).text;
    assert!(list.contains("2 of 1") && list.contains("0 of 4") && list.contains(">60<"), "{list}");
}

#[tokio::test]
async fn an_open_session_is_seen_with_who_opened_it_and_aborted() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    let form = [("id", "crm"), ("name", "The CRM"), ("licenses", ""), ("brake", "50")];
    let page = owner.post(APPS, &form).await.location().to_owned();
    let api = Api::with_scopes(&scim, "roster:write").await;
    let session = opened(&api, "crm", 3).await;
    let of_api = api.get(&format!("/apps/crm/rosters/{session}")).await.expect(200).json();
    let by = of_api["openedBy"].as_str().expect("who opened it").to_owned();
    let shown = owner.get(&page).await.expect(200).text;
    assert!(shown.contains("3 accounts in one part") && shown.contains(&format!("data-label=\"By\">{by}<")), "{shown}");

    let abort = format!("{page}/sessions/{session}/abort");
    assert_eq!(owner.post(&abort, &[]).await.location(), page);
    assert!(!owner.get(&page).await.text.contains(&session));
    assert_eq!(api.get(&format!("/apps/crm/rosters/{session}")).await.json()["state"], "aborted");
    // Again changes nothing and tells nothing.
    owner.post(&abort, &[]).await.expect(303);
    let told = scim.admin_actions().await;
    let told: Vec<&Value> = told.iter().filter(|one| one["action"] == "roster.abort").collect();
    assert_eq!(
        (told.len(), &told[0]["actor_kind"], &told[0]["details"]["session"]),
        (1, &json!("admin"), &json!(session))
    );

    let committed = opened(&api, "crm", 1).await;
    api.send("POST", &format!("/apps/crm/rosters/{committed}/commit"), Some(&json!({})), &[]).await.expect(200);
    let refused = owner.post(&format!("{page}/sessions/{committed}/abort"), &[]).await.expect(200).text;
    assert!(refused.contains("is committed"), "{refused}");
    owner.post(&format!("{page}/sessions/{}/abort", uuid::Uuid::nil()), &[]).await.expect(404);
}

#[tokio::test]
async fn applications_are_changed_by_who_may_and_seen_in_their_tenant_alone() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    let form = [("id", "crm"), ("name", "The CRM"), ("licenses", ""), ("brake", "50")];
    let page = owner.post(APPS, &form).await.location().to_owned();
    let auditor = Visitor::signed_in(&scim, AdminRole::Auditor, Reach::Instance).await;
    for path in [APPS, page.as_str()] {
        let shown = auditor.get(path).await.expect(200).text;
        assert!(!shown.contains("method=\"post\" action=\"/console/t/"), "{shown}");
        auditor.post(path, &form).await.expect(403);
    }
    auditor.post(&format!("{page}/delete"), &[]).await.expect(403);
    auditor.post(&format!("{page}/sessions/{}/abort", uuid::Uuid::nil()), &[]).await.expect(403);
    let there = scim.other_tenant("other").await;
    let stranger = Visitor::signed_in(&scim, AdminRole::Owner, Reach::Tenant(there.tenant().id)).await;
    stranger.get(&page).await.expect(404);
    stranger.get("/console/t/other/applications/crm").await.expect(404);
    stranger.get("/console/t/other/applications/crm/report.csv").await.expect(404);
}
