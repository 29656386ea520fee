//! What single vendors' sources send, in our field names.

use scimgate::gateway::{NewConnection, SchemasAct};
use scimgate::model::{Connection, ConnectionKind, Origin, Scopes};
use scimgate::scim::schema::builtin;
use scimgate::scim::schema::own::{Registry, read_schema};
use serde_json::json;

use super::{ROLE, counts, person, ready, user};
use crate::api::Api;
use crate::support::scim::{GROUP, Scim, plain};

async fn connection(scim: &Scim, name: &str) -> Connection {
    let new = NewConnection { name: name.parse().unwrap(), prefix: None, kind: ConnectionKind::Hr, profile: None };
    scim.gateway().create_connection(scim.tenant().id, new, &Origin::command_line()).await.unwrap()
}

async fn through(scim: &Scim, connection: &Connection) -> Api {
    let scopes: Scopes = "provision".parse().unwrap();
    let new = scimgate::gateway::NewToken { scopes, connection: Some(connection.id), ..plain() };
    let client = scim.with_new_token(new).await;
    Api { base: format!("{}/api/v1", client.origin()), token: client.token, http: reqwest::Client::new() }
}

#[tokio::test]
async fn row_0_5_what_one_system_of_record_tells_no_other_changes_where_the_tenant_wants_that() {
    let scim = Scim::start().await;
    let origin = Origin::command_line();
    let fence = |tenant: &mut scimgate::model::Tenant| tenant.dialect.fence_connections = true;
    scim.gateway().change_tenant(&scim.tenant().slug, &origin, fence).await.unwrap();
    ready(&scim).await;
    let [hr, school] = [connection(&scim, "HR").await, connection(&scim, "School").await];
    let [hr, school] = [through(&scim, &hr).await, through(&scim, &school).await];
    assert_eq!(hr.records("POST", json!([person("1", "a@b.c")])).await, counts(1, 0, 0));
    let change = json!([{"employeeId": "1", "title": "x"}]);
    let refused = school.records("PATCH", change.clone()).await;
    assert_eq!(refused["failures"]["1"]["code"], "owned_by_another_connection");
    assert!(refused["failures"]["1"]["message"].as_str().unwrap().contains("HR"), "{refused}");
    let rehearsed = school.send("PATCH", "/users?dryRun=true", Some(&change), &[]).await.expect(200).json();
    assert_eq!(rehearsed["result"], refused);
    assert_eq!(hr.records("PATCH", change).await, counts(0, 1, 0));
}

#[tokio::test]
async fn row_0_9_and_3_1_a_user_has_a_title_a_role_its_groups_and_a_type() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    let body =
        json!({"schemas": [GROUP, ROLE], "displayName": "Team Owner", ROLE: {"roleId": "team-owner", "weight": 30}});
    let group = scim.create("/Groups", body).await;
    let mut record = person("1", "a@b.c");
    record["title"] = json!("Principal");
    record["roles"] = json!(["team owner"]);
    record["attributes"] = json!({"userType": "System Administrator"});
    assert_eq!(api.records("POST", json!([record])).await, counts(1, 0, 0));
    let made = user(&scim, "a@b.c").await;
    assert_eq!((&made["title"], &made["userType"]), (&json!("Principal"), &json!("System Administrator")));
    assert_eq!((&made["roles"][0]["value"], &made["groups"][0]["value"]), (&json!("team-owner"), &json!(group)));
}

#[tokio::test]
async fn row_2_4_a_change_reaches_what_is_linked_with_the_user_in_the_same_write() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    let schema = read_schema(&json!({
        "id": "urn:acme:params:scim:schemas:Resource", "name": "Resource",
        "attributes": [{"name": "regionId"}, {"name": "isActive", "type": "boolean"}]
    }));
    let schema = std::sync::Arc::new(schema.unwrap());
    let origin = Origin::command_line();
    let act = SchemasAct { action: "schema.put", kind: "schema", name: "Resource", origin: &origin };
    let register = |registry: &mut Registry| {
        registry.put_schema(schema.clone());
        registry.extend("User", &schema.uri, false, builtin());
        Ok(())
    };
    scim.gateway().change_schemas(scim.tenant().id, &act, register).await.unwrap();
    let api = Api { token: Api::of(&scim).await.token, ..api };
    assert_eq!(api.records("POST", json!([person("1", "a@b.c")])).await, counts(1, 0, 0));
    let changes = scim.changes().await.len();
    let urn = "urn:acme:params:scim:schemas:Resource";
    let change = json!([{
        "employeeId": "1", "title": "Driver",
        "attributes": {format!("{urn}:regionId"): "R1", format!("{urn}:isActive"): true}
    }]);
    assert_eq!(api.records("PATCH", change).await, counts(0, 1, 0));
    let changed = user(&scim, "a@b.c").await;
    assert_eq!((&changed["title"], &changed[urn]), (&json!("Driver"), &json!({"regionId": "R1", "isActive": true})));
    assert_eq!(scim.changes().await.len(), changes + 1);
    // One part that cannot be keeps the whole from being written.
    let change = json!([{"employeeId": "1", "title": "Pilot", "attributes": {format!("{urn}:isActive"): "perhaps"}}]);
    assert_eq!(api.records("PATCH", change).await["failures"]["1"]["code"], "invalid_value");
    assert_eq!(user(&scim, "a@b.c").await["title"], "Driver");
}
