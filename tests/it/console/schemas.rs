//! A tenant's own schemas and resource types, pasted into the console.

use scimgate::model::{AdminRole, Reach};
use serde_json::{Value, json};

use super::visitor::Visitor;
use crate::support::scim::{Scim, USER};

const ACME: &str = "urn:ietf:params:scim:schemas:extension:acme:2.0:User";
const PAGE: &str = "/console/t/first/schemas";

/// An extension with a badge, and what the badge has to be.
fn acme(badge: Value) -> String {
    let mut attribute = json!({"name": "badge", "type": "string"});
    attribute.as_object_mut().unwrap().extend(badge.as_object().unwrap().clone());
    json!({"id": ACME, "name": "Acme", "attributes": [attribute]}).to_string()
}

fn ann(badge: &str) -> Value {
    json!({"schemas": [USER, ACME], "userName": badge, ACME: {"badge": badge}})
}

/// Waits until servers know of it.
async fn until_known(scim: &Scim, body: &Value) -> String {
    let started = std::time::Instant::now();
    loop {
        let answer = scim.post("/Users", body.clone()).await;
        if answer.status == 201 && answer.json().get(ACME).is_some() {
            return answer.json()["id"].as_str().unwrap().to_owned();
        }
        if answer.status == 201 {
            scim.delete(&format!("/Users/{}", answer.json()["id"].as_str().unwrap())).await.expect(204);
        }
        assert!(started.elapsed().as_secs() < 10, "{}", answer.text);
    }
}

#[tokio::test]
async fn an_extension_is_added_and_what_does_not_fit_is_listed() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    let form = [("definition", &acme(json!({}))[..]), ("extends", "User")];
    assert_eq!(owner.post(PAGE, &form).await.location(), PAGE);
    let id = until_known(&scim, &ann("b-1")).await;
    let shown = owner.get(PAGE).await.expect(200).text;
    assert!(shown.contains("of this tenant") && shown.contains(ACME), "{shown}");
    let edit = owner.get(&format!("{PAGE}/edit?urn={ACME}")).await.expect(200).text;
    assert!(edit.contains("&#34;badge&#34;") && edit.contains("value=\"User\" checked"), "{edit}");

    let narrow = acme(json!({"canonicalValues": ["b-2"]}));
    let refused = owner.post(&format!("{PAGE}/edit"), &[("definition", &narrow[..]), ("extends", "User")]).await;
    let refused = refused.expect(200).text;
    assert!(refused.contains("Nothing was changed") && refused.contains(&format!("users/{id}")), "{refused}");
    assert!(refused.contains("canonicalValues"), "what was pasted is still there: {refused}");

    let refused = owner.post(&format!("{PAGE}/remove"), &[("urn", ACME)]).await.expect(200).text;
    assert!(refused.contains(&format!("users/{id}")), "{refused}");
    scim.delete(&format!("/Users/{id}")).await.expect(204);
    assert_eq!(owner.post(&format!("{PAGE}/remove"), &[("urn", ACME)]).await.location(), PAGE);
    assert!(!owner.get(PAGE).await.text.contains(ACME));
}

#[tokio::test]
async fn a_resource_type_is_added_and_removed() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    let urn = "urn:ietf:params:scim:schemas:acme:2.0:Device";
    let schema =
        json!({"id": urn, "name": "Device", "attributes": [{"name": "serial", "type": "string", "required": true}]});
    owner.post(PAGE, &[("definition", &schema.to_string())]).await.expect(303);
    let shown = owner.get(PAGE).await.expect(200).text;
    assert!(shown.contains(urn), "a schema that waits for a type is shown: {shown}");
    let kind = json!({"name": "Device", "endpoint": "/Devices", "schema": urn}).to_string();
    let types = "/console/t/first/resource-types";
    owner.post(types, &[("definition", &kind)]).await.expect(303);
    scim.settle("/Devices", 200).await;
    assert!(owner.get("/console/t/first/resources/Device").await.expect(200).text.contains("Device"));
    assert!(owner.get(&format!("{types}/edit?name=Device")).await.expect(200).text.contains("/Devices"));
    assert_eq!(owner.post(&format!("{types}/remove"), &[("name", "Device")]).await.location(), PAGE);
    scim.settle("/Devices", 404).await;
    owner.post(&format!("{types}/remove"), &[("name", "Device")]).await.expect(200);
}

#[tokio::test]
async fn what_is_wrong_with_a_definition_is_told_line_by_line() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    let told = owner.post(PAGE, &[("definition", "{\"id\": 1,")]).await.expect(200).text;
    assert!(told.contains("the definition"), "{told}");
    let wrong = json!({"id": ACME, "name": "Acme", "attributes": [{"name": "a b", "type": "texts"}]}).to_string();
    let told = owner.post(PAGE, &[("definition", &wrong)]).await.expect(200).text;
    assert!(told.matches("<li>attributes").count() >= 2, "{told}");
    let form = [("definition", &acme(json!({}))[..]), ("extends", "Nobody")];
    let told = owner.post(PAGE, &form).await.expect(200).text;
    assert!(told.contains("There is no resource type Nobody"), "{told}");
    let auditor = Visitor::signed_in(&scim, AdminRole::Auditor, Reach::Instance).await;
    assert!(!auditor.get(PAGE).await.expect(200).text.contains("New schema"));
    auditor.post(PAGE, &form).await.expect(403);
    auditor.post(&format!("{PAGE}/remove"), &[("urn", ACME)]).await.expect(403);
}
