//! Rules in the console: said in plain words, tried on the users, held to; and how heavy roles are.

use scimgate::model::{AdminRole, Reach};
use serde_json::json;

use super::visitor::Visitor;
use crate::support::scim::{GROUP, Scim, USER};

const PAGE: &str = "/console/t/first/rules";
const ROLE: &str = "urn:ietf:params:scim:schemas:extension:scimgate:2.0:Role";
const TITLED: [(&str, &str); 4] = [
    ("name", "staff"),
    ("description", "Staff have a title"),
    ("when", "userType eq \"staff\""),
    ("require", "title\nname.familyName"),
];

async fn user(scim: &Scim, name: &str, title: &str) -> String {
    let body =
        json!({"schemas": [USER], "userName": name, "userType": "staff", "title": title, "name": {"familyName": "F"}});
    scim.create("/Users", body).await
}

#[tokio::test]
async fn a_rule_is_tried_saved_said_in_words_and_removed() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    user(&scim, "ann", "Engineer").await;
    let checked = owner.post(PAGE, &[&TITLED[..], &[("act", "check")]].concat()).await.expect(200).text;
    assert!(checked.contains("The one user there is keeps it. Nothing was saved."), "{checked}");
    assert!(owner.get(PAGE).await.expect(200).text.contains("No rules yet"));

    assert_eq!(owner.post(PAGE, &TITLED).await.location(), PAGE);
    let list = owner.get(PAGE).await.expect(200).text;
    assert!(list.contains("A user whose userType is staff needs title and name.familyName."), "{list}");
    let form = owner.get(&format!("{PAGE}/edit?name=staff")).await.expect(200).text;
    assert!(form.contains("userType eq &#34;staff&#34;") && form.contains("title\nname.familyName"), "{form}");
    let refused =
        scim.again().await.post("/Users", json!({"schemas": [USER], "userName": "b", "userType": "staff"})).await;
    refused.expect_error(400, "invalidValue", "must have title, name.familyName");

    assert_eq!(owner.post(&format!("{PAGE}/remove"), &[("name", "staff")]).await.location(), PAGE);
    let told = owner.post(&format!("{PAGE}/remove"), &[("name", "staff")]).await.expect(200).text;
    assert!(told.contains("The tenant has no rule staff."), "{told}");
    let told = scim.admin_actions().await;
    for action in ["rule.put", "rule.remove"] {
        assert!(told.iter().any(|row| row["action"] == action && row["actor_kind"] == "admin"), "{action}");
    }
}

#[tokio::test]
async fn who_breaks_a_rule_is_shown_and_can_be_left_alone() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    let bare = scim.create("/Users", json!({"schemas": [USER], "userName": "bare", "userType": "staff"})).await;
    for more in [&[("act", "check")][..], &[]] {
        let told = owner.post(PAGE, &[&TITLED[..], more].concat()).await.expect(200).text;
        assert!(told.contains("these users break it") && told.contains(&bare), "{told}");
        assert!(told.contains("title\nname.familyName"), "what was typed stays: {told}");
    }
    assert!(owner.get(PAGE).await.expect(200).text.contains("No rules yet"));
    owner.post(PAGE, &[&TITLED[..], &[("leave", "yes")]].concat()).await.expect(303);
    assert!(owner.get(PAGE).await.expect(200).text.contains("Staff have a title"));
}

#[tokio::test]
async fn what_is_wrong_with_a_rule_is_told_beside_the_form() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    for (fields, why) in [
        (vec![("name", "a b"), ("require", "title")], "name"),
        (vec![("name", "r")], "requires nothing"),
        (vec![("name", "r"), ("when", "userName xx"), ("require", "title")], "userName xx"),
        (vec![("name", "r"), ("require", "nothingOfTheKind")], "nothingOfTheKind"),
        (vec![("name", "r"), ("references", "manager User")], "is not written as classroom = Classroom"),
    ] {
        let told = owner.post(PAGE, &fields).await.expect(200).text;
        assert!(told.contains("Nothing was changed") && told.contains(why), "{why}: {told}");
    }
    for example in ["learner", "resource-role", "everybody"] {
        let form = owner.get(&format!("{PAGE}/new?example={example}")).await.expect(200).text;
        assert!(form.contains(&format!("value=\"{example}\"")), "{form}");
    }
    let form = owner.get(&format!("{PAGE}/new?example=everybody")).await.expect(200).text;
    assert!(form.contains("Every user needs name.givenName, name.familyName and emails."), "{form}");
    owner.get(&format!("{PAGE}/edit?name=none")).await.expect(404);
}

#[tokio::test]
async fn the_weight_of_a_role_is_set_as_the_administrator() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    let role =
        json!({"schemas": [GROUP, ROLE], "displayName": "Editors", ROLE: {"roleId": "editor", "requires": "title"}});
    let group = scim.create("/Groups", role).await;
    let page = owner.get(PAGE).await.expect(200).text;
    assert!(page.contains("Editors") && page.contains(&format!("roles/{group}")) && page.contains("title"), "{page}");
    assert_eq!(owner.post(&format!("{PAGE}/roles/{group}"), &[("weight", "70")]).await.location(), PAGE);
    assert_eq!(scim.get(&format!("/Groups/{group}")).await.json()[ROLE]["weight"], 70);
    assert!(scim.changes().await.pop().unwrap().actor.starts_with("owner-"));
    let told = owner.post(&format!("{PAGE}/roles/{group}"), &[("weight", "heavy")]).await.expect(200).text;
    assert!(told.contains("A weight is a whole number"), "{told}");
    let plain = scim.create("/Groups", json!({"schemas": [GROUP], "displayName": "Plain"})).await;
    owner.post(&format!("{PAGE}/roles/{plain}"), &[("weight", "1")]).await.expect(404);
}

#[tokio::test]
async fn an_auditor_reads_rules_and_changes_none() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    owner.post(PAGE, &TITLED).await.expect(303);
    let role = json!({"schemas": [GROUP, ROLE], "displayName": "Editors", ROLE: {"roleId": "editor", "weight": 5}});
    let group = scim.create("/Groups", role).await;
    let auditor = Visitor::signed_in(&scim, AdminRole::Auditor, Reach::Instance).await;
    let seen = auditor.get(PAGE).await.expect(200).text;
    assert!(seen.contains("A user whose userType is staff needs title") && seen.contains("Editors"), "{seen}");
    assert!(!seen.contains("rules/new") && !seen.contains("rules/remove") && !seen.contains("rules/roles"), "{seen}");
    for path in ["new", "edit?name=staff"] {
        auditor.get(&format!("{PAGE}/{path}")).await.expect(403);
    }
    auditor.post(PAGE, &TITLED).await.expect(403);
    auditor.post(&format!("{PAGE}/remove"), &[("name", "staff")]).await.expect(403);
    auditor.post(&format!("{PAGE}/roles/{group}"), &[("weight", "1")]).await.expect(403);
}

#[tokio::test]
async fn names_in_rules_are_text() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    let name = "<script>alert(1)</script>\" onfocus=\"alert(1)";
    let role = json!({"schemas": [GROUP, ROLE], "displayName": name, ROLE: {"roleId": name}});
    scim.create("/Groups", role).await;
    let when = format!("userType eq {}", json!(name));
    let fields = [("name", "r"), ("description", name), ("when", &when), ("require", "title"), ("message", name)];
    owner.post(PAGE, &fields).await.expect(303);
    for page in [
        owner.get(PAGE).await.expect(200).text,
        owner.get(&format!("{PAGE}/edit?name=r")).await.expect(200).text,
        owner.post(PAGE, &[("name", name), ("when", name), ("require", name)]).await.expect(200).text,
    ] {
        assert_eq!(page.matches("<script").count(), 2, "{page}");
        assert!(!page.contains("\" onfocus"), "{page}");
    }
}
