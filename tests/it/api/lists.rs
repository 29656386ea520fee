//! What a system of record can look up before it sends anything.

use scimgate::gateway::NewConnection;
use scimgate::model::{ConnectionKind, Origin};
use serde_json::json;

use super::Api;
use crate::support::scim::{GROUP, Scim};

const ROLE: &str = "urn:ietf:params:scim:schemas:extension:scimgate:2.0:Role";

#[tokio::test]
async fn row_1_3_roles_are_listed_with_id_name_and_weight() {
    let scim = Scim::start().await;
    for (id, name, weight) in [("5", "Assessor", 50), ("1", "Learner", 10), ("10", "IQA", 70)] {
        let role = json!({"roleId": id, "weight": weight, "requires": "title"});
        scim.create("/Groups", json!({"schemas": [GROUP, ROLE], "displayName": name, ROLE: role})).await;
    }
    let api = Api::of(&scim).await;
    let first = api.get("/roles?limit=2").await.expect(200).json();
    let role = |id, name, weight| json!({"id": id, "name": name, "weight": weight, "requires": ["title"], "references": {}, "assigned": 0});
    assert_eq!(first["items"], json!([role("1", "Learner", 10), role("10", "IQA", 70)]));
    let next = first["nextCursor"].as_str().unwrap();
    let rest = api.get(&format!("/roles?cursor={next}")).await.expect(200).json();
    assert_eq!(rest, json!({"items": [role("5", "Assessor", 50)]}));
}

#[tokio::test]
async fn row_1_5_identity_providers_are_listed_with_id_name_prefix_and_enabled() {
    let scim = Scim::start().await;
    let prefix = Some("eu".parse().unwrap());
    let new = NewConnection { name: "Entra".parse().unwrap(), prefix, kind: ConnectionKind::Entra, profile: None };
    let made = scim.gateway().create_connection(scim.tenant().id, new, &Origin::command_line()).await.unwrap();
    let listed = Api::of(&scim).await.get("/identity-providers").await.expect(200).json();
    let expected = json!({"id": made.id.to_string(), "name": "Entra", "prefix": "eu", "enabled": true});
    assert_eq!(listed, json!({"items": [expected]}));
}

#[tokio::test]
async fn a_path_with_what_no_text_can_hold_leads_nowhere() {
    let scim = Scim::start().await;
    let owner = scim.owner().await;
    owner.post("/tenants/first/applications", json!({"id": "crm", "name": "CRM"})).await.expect(201);
    let api = Api::with_scopes(&scim, "provision roster:write").await;
    for path in ["/apps/crm/users/%00", "/apps/%00", "/imports/mappings/a%00", "/tasks/%00", "/users/%00/deactivate"] {
        for method in ["GET", "POST", "DELETE", "PUT"] {
            let status = api.send(method, path, Some(&json!({})), &[]).await.status;
            assert_eq!(status, 404, "{method} {path}");
        }
    }
    owner.get("/tenants/first/applications/%00").await.expect(404);
}

#[tokio::test]
async fn other_scopes_and_other_paths_are_refused_as_problems() {
    let scim = Scim::start().await;
    let refused = Api::with_scopes(&scim, "users:read").await.get("/roles").await.expect(403);
    assert_eq!(refused.header("content-type"), "application/problem+json");
    assert!(refused.text.contains("provision"), "{}", refused.text);
    let api = Api::of(&scim).await;
    assert!(api.get("/nothing").await.expect(404).text.contains("/api/v1/openapi.json"));
    assert_eq!(api.send("DELETE", "/roles", None, &[]).await.expect(405).header("allow"), "GET, HEAD");
    let wrong = api.get("/roles?cursor=%21").await.expect(422).json();
    assert_eq!(wrong["errors"][0]["field"], "cursor");
}
