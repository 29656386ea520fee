//! `/admin/v1/tenants/{tenant}/rules`, and what it takes to change rules on a tenant with users.

use serde_json::{Value, json};

use super::patch;
use crate::support::scim::{GROUP, Scim, USER};

const ROLE: &str = "urn:ietf:params:scim:schemas:extension:scimgate:2.0:Role";

fn rule(name: &str, require: &str) -> Value {
    json!({"name": name, "when": "userType eq \"pilot\"", "require": [require]})
}

fn pilot(name: &str) -> Value {
    json!({"schemas": [USER], "userName": name, "userType": "pilot"})
}

#[tokio::test]
async fn rules_are_added_shown_replaced_and_removed_and_told_in_the_log() {
    let scim = Scim::start().await;
    let owner = scim.owner().await;
    assert_eq!(owner.get("/tenants/first/rules").await.expect(200).json(), json!({"version": 0, "items": []}));
    let path = "/tenants/first/rules/wings";
    assert_eq!(owner.put(path, rule("wings", "title")).await.expect(200).json(), json!({"version": 1}));
    assert_eq!(owner.get("/tenants/first/rules/WINGS").await.expect(200).json(), rule("wings", "title"));
    let scim = scim.again().await;
    scim.post("/Users", pilot("ada")).await.expect_error(400, "invalidValue", "must have title");
    let shown = owner.get(path).await.json();
    owner.put(path, shown).await.expect(200);
    owner.put(path, rule("wings", "nickName")).await.expect(200);
    let scim = scim.again().await;
    scim.post("/Users", pilot("ada")).await.expect_error(400, "invalidValue", "must have nickName");
    assert_eq!(owner.get("/tenants/first/rules").await.json()["items"].as_array().unwrap().len(), 1);
    owner.delete(path).await.expect(200);
    owner.delete(path).await.expect_problem(404, "no rule wings");
    owner.get(path).await.expect_problem(404, "no rule");
    let scim = scim.again().await;
    scim.create("/Users", pilot("ada")).await;

    let told: Vec<Value> = scim.admin_actions().await.into_iter().filter(|row| row["target_kind"] == "rule").collect();
    let actions: Vec<&str> = told.iter().map(|row| row["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["rule.put", "rule.put", "rule.put", "rule.remove"]);
    assert_eq!(told[0]["target_name"], "wings");
    assert_eq!(told[0]["details"]["rules"][0]["require"], json!(["title"]));
}

#[tokio::test]
async fn a_rule_that_users_break_is_refused_with_them_unless_it_is_for_new_writes() {
    let scim = Scim::start().await;
    let owner = scim.owner().await;
    let ada = scim.create("/Users", pilot("ada")).await;
    let eve = scim.create("/Users", pilot("eve")).await;
    scim.create("/Users", json!({"schemas": [USER], "userName": "cook"})).await;
    scim.patch(&format!("/Users/{eve}"), patch("replace", "active", json!(false))).await.expect(200);
    let path = "/tenants/first/rules/wings";
    let refused = owner.put(path, rule("wings", "title")).await;
    refused.expect_problem(409, "do not fit");
    let told = refused.json()["errors"].clone();
    assert_eq!(told.as_array().unwrap().len(), 1, "who is inactive is looked at on the way back: {told}");
    assert_eq!(told[0]["field"], format!("User {ada}"));
    assert!(told[0]["detail"].as_str().unwrap().contains("must have title"), "{told}");
    assert_eq!(owner.get("/tenants/first/rules").await.json()["items"], json!([]));

    owner.put(&format!("{path}?forNewWrites=maybe"), rule("wings", "title")).await.expect_invalid(&["forNewWrites"]);
    owner.put(&format!("{path}?forNewWrites=true"), rule("wings", "title")).await.expect(200);
    let scim = scim.again().await;
    let ada = format!("/Users/{ada}");
    scim.patch(&ada, patch("replace", "nickName", json!("A"))).await.expect(200);
    scim.post("/Users", pilot("bob")).await.expect_error(400, "invalidValue", "must have title");
    let back = scim.patch(&format!("/Users/{eve}"), patch("replace", "active", json!(true))).await;
    back.expect_error(400, "invalidValue", "must have title");
    scim.patch(&ada, patch("replace", "title", json!("Cpt"))).await.expect(200);
    scim.patch(&ada, patch("remove", "title", Value::Null)).await.expect_error(400, "invalidValue", "must have title");
    // Now nobody breaks it.
    owner.put(path, rule("wings", "title")).await.expect(200);
}

#[tokio::test]
async fn what_cannot_be_a_rule_and_what_rules_stand_on_is_refused() {
    let scim = Scim::start().await;
    let owner = scim.owner().await;
    let path = "/tenants/first/rules/wings";
    for (body, told) in [
        (json!({"name": "wings"}), "requires nothing"),
        (rule("other", "title"), "another name than that of the path"),
        (
            rule("wings", "shoeSize"),
            "wings.require: is not valid at position 0: 'shoeSize' is not an attribute of User",
        ),
        (json!({"name": "wings", "references": {"title": "Room"}}), "there is no resource type Room"),
    ] {
        let refused = owner.put(path, body).await.expect(422);
        assert!(refused.text.contains(told), "{told}: {}", refused.text);
    }
    let urn = "urn:ietf:params:scim:schemas:extension:acme:2.0:User";
    let schema = json!({"id": urn, "name": "Acme", "attributes": [{"name": "badge", "type": "string"}]});
    owner.put(&format!("/tenants/first/schemas/{urn}"), schema).await.expect(200);
    let extended = json!({"name": "User", "endpoint": "/Users", "schema": USER, "schemaExtensions": [{"schema": urn}]});
    owner.put("/tenants/first/resource-types/User", extended).await.expect(200);
    owner.put(path, rule("wings", "badge")).await.expect(200);
    let refused = owner.delete(&format!("/tenants/first/schemas/{urn}")).await;
    assert!(refused.status == 422 && refused.text.contains("wings.require"), "{}", refused.text);
    let auditor = scim.admin(scimgate::model::AdminRole::Auditor, scimgate::model::Reach::Instance).await;
    auditor.get("/tenants/first/rules").await.expect(200);
    auditor.delete(path).await.expect(403);
}

#[tokio::test]
async fn a_role_may_ask_for_references_itself() {
    let scim = Scim::start().await;
    let mut body = json!({"schemas": [GROUP, ROLE], "displayName": "Learners", ROLE: {"roleId": "learner"}});
    body[ROLE]["references"] = json!("manager=user");
    scim.create("/Groups", body).await;
    let manager = scim.create_user("manager").await;
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let learner = |manager: &str| {
        json!({
            "schemas": [USER, enterprise], "userName": "ada", "roles": [{"value": "learner"}],
            enterprise: {"manager": {"value": manager}}
        })
    };
    let refused = scim.post("/Users", learner("17")).await;
    let told = "a user with the role learner must have in manager the id of a User that is there, which \"17\" is not";
    refused.expect_error(400, "invalidValue", told);
    scim.create("/Users", learner(&manager)).await;
    let api = crate::api::Api::of(&scim).await;
    let listed = api.get("/roles").await.expect(200).json();
    assert_eq!(listed["items"][0]["references"], json!({"manager": "user"}));
}
