//! How heavy a role a credential may grant.

use scimgate::gateway::NewToken;
use scimgate::model::{Origin, Scopes};
use serde_json::{Value, json};
use tokio_postgres::NoTls;

use super::patch;
use crate::support::scim::{Answer, GROUP, Scim, USER, plain};

const ROLE: &str = "urn:ietf:params:scim:schemas:extension:scimgate:2.0:Role";

fn role(id: &str, weight: i64) -> Value {
    json!({"schemas": [GROUP, ROLE], "displayName": id, ROLE: {"roleId": id, "weight": weight}})
}

fn user(name: &str, roles: &[&str]) -> Value {
    let roles: Vec<Value> = roles.iter().map(|role| json!({"value": role})).collect();
    json!({"schemas": [USER], "userName": name, "roles": roles})
}

#[track_caller]
fn too_heavy(answer: &Answer) {
    answer.expect_error(403, "", "this credential deals with roles up to a weight of 5, and ");
    answer.expect_error(403, "", "weighs 10");
}

/// A client without a limit, one with a limit of 5, and the groups that carry a light and a heavy role.
async fn start() -> (Scim, Scim, String, String) {
    let scim = Scim::start().await;
    let light = scim.create("/Groups", role("editor", 5)).await;
    let heavy = scim.create("/Groups", role("admin", 10)).await;
    let limited = scim.with_new_token(NewToken { max_role_weight: Some(5), ..plain() }).await;
    (scim, limited, light, heavy)
}

#[tokio::test]
async fn row_1_13_a_credential_gives_no_role_that_is_heavier_than_it_may_on_any_path() {
    let (scim, limited, light, heavy) = start().await;
    let ada = limited.create("/Users", user("ada", &["editor", "dancer"])).await;
    let ada = format!("/Users/{ada}");
    too_heavy(&limited.post("/Users", user("bob", &["editor", "Admin"])).await);
    too_heavy(&limited.put(&ada, user("ada", &["admin"])).await);
    too_heavy(&limited.patch(&ada, patch("add", "roles", json!([{"value": "admin"}]))).await);
    let post = |user: Value| json!({"method": "POST", "path": "/Users", "bulkId": user["userName"], "data": user});
    let request = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [post(user("bob", &["admin"])), post(user("cid", &["editor"]))],
    });
    let answer = limited.post("/Bulk", request).await.expect(200).json();
    assert_eq!(
        (&answer["Operations"][0]["status"], &answer["Operations"][1]["status"]),
        (&json!("403"), &json!("201"))
    );

    // The members of a group have its role, and so have those of a group inside it.
    let id = ada.rsplit('/').next().unwrap();
    let add = patch("add", "members", json!([{"value": id}]));
    let heavy_path = format!("/Groups/{heavy}");
    too_heavy(&limited.patch(&heavy_path, add.clone()).await);
    let mut whole = role("admin", 10);
    whole["members"] = json!([{"value": id}]);
    too_heavy(&limited.put(&heavy_path, whole.clone()).await);
    limited.patch(&format!("/Groups/{light}"), add.clone()).await.expect(200);
    let inner = scim.create_group("inner").await;
    too_heavy(&limited.patch(&heavy_path, patch("add", "members", json!([{"value": inner}]))).await);
    scim.patch(&heavy_path, patch("add", "members", json!([{"value": inner}]))).await.expect(200);
    too_heavy(&limited.patch(&format!("/Groups/{inner}"), add.clone()).await);
    assert_eq!(scim.get("/Users?filter=roles.value%20eq%20%22admin%22").await.json()["totalResults"], 0);

    // A heavy role is not made a light one, nor made at all, nor freed for another group.
    let lighter = patch("replace", &format!("{ROLE}:weight"), json!(1));
    too_heavy(&limited.patch(&heavy_path, lighter).await);
    too_heavy(&limited.delete(&heavy_path).await);
    too_heavy(&limited.post("/Groups", role("root", 10)).await);
    too_heavy(
        &limited.patch(&format!("/Groups/{light}"), patch("replace", &format!("{ROLE}:weight"), json!(10))).await,
    );
    limited.patch(&heavy_path, patch("replace", "displayName", json!("Bosses"))).await.expect(200);

    // What somebody has already is left alone, and taking away is free.
    scim.put(&ada, user("ada", &["admin"])).await.expect(200);
    scim.patch(&heavy_path, add.clone()).await.expect(200);
    limited.patch(&ada, patch("replace", "title", json!("Dr"))).await.expect(200);
    whole["displayName"] = json!("Bosses");
    whole["members"] = json!([{"value": id}, {"value": inner}]);
    limited.put(&heavy_path, whole).await.expect(200);
    limited.patch(&heavy_path, patch("remove", "members", Value::Null)).await.expect(200);
    limited.put(&ada, user("ada", &[])).await.expect(200);
    too_heavy(&limited.put(&ada, user("ada", &["admin"])).await);
    limited.delete(&ada).await.expect(204);
}

#[tokio::test]
async fn a_limit_is_set_shown_and_handed_on_when_the_token_is_replaced() {
    let (scim, limited, _, _) = start().await;
    let owner = scim.owner().await;
    let new = json!({"name": "hr", "scopes": ["write"], "maxRoleWeight": 5});
    let made = owner.post("/tenants/first/tokens", new).await.expect(201).json();
    assert_eq!(made["maxRoleWeight"], 5);
    let hr = scim.with_token_text(made["secret"].as_str().unwrap().to_owned());
    too_heavy(&hr.post("/Users", user("bob", &["admin"])).await);
    let listed = owner.get("/tenants/first/tokens").await.json();
    let of = |id: &Value| {
        listed["items"].as_array().unwrap().iter().find(|token| token["id"] == *id).unwrap()["maxRoleWeight"].clone()
    };
    assert_eq!(of(&made["id"]), 5);
    assert_eq!(of(&json!(scim.credential_id())), Value::Null);
    let told = scim.admin_actions().await.into_iter().find(|row| row["target_name"] == "hr").unwrap();
    assert_eq!(told["details"]["maxRoleWeight"], 5);
    let again = limited.again().await;
    too_heavy(&again.post("/Users", user("bob", &["admin"])).await);

    let connection =
        owner.post("/tenants/first/connections", json!({"name": "Entra", "kind": "entra"})).await.expect(201).json();
    let client = json!({"name": "c", "connection": connection["id"], "scopes": ["write"], "maxRoleWeight": 3});
    let client = owner.post("/tenants/first/clients", client).await.expect(201).json();
    assert_eq!(client["maxRoleWeight"], 3);
    let path = format!("/tenants/first/clients/{}", client["id"].as_str().unwrap());
    assert_eq!(owner.get(&path).await.expect(200).json()["maxRoleWeight"], 3);
    let trust = json!({
        "issuer": "https://issuer.example/", "audiences": ["a"], "subject": "s", "jwksUrl": "https://issuer.example/keys"
    });
    let issuer = json!({
        "name": "i", "connection": connection["id"], "scopes": ["write"], "maxRoleWeight": 2, "trust": trust
    });
    let issuer = owner.post("/tenants/first/issuers", issuer).await.expect(201).json();
    assert_eq!(issuer["maxRoleWeight"], 2);
    let listed = owner.get("/tenants/first/issuers").await.json();
    assert_eq!(listed["items"][0]["maxRoleWeight"], 2);
}

#[tokio::test]
async fn the_version_before_hands_a_limit_on_too() {
    let (scim, limited, _, _) = start().await;
    let (client, connection) = tokio_postgres::connect(&scim.database_url(), tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let before = limited.credential_id().to_string();
    let made = client
        .query_one(
            "WITH made AS (SELECT add_token(c.tenant_id, gen_random_uuid(), 'x', '\\x00', 'write', c.scopes, NULL, '{}', NULL, \
                now(), NULL, c.id, now() + interval '1 day', 5, json_build_object('at', now(), \
                'actorKind', 'system', 'actor', 'x', 'action', 'x', 'outcome', 'success', 'targetKind', 'x', 'targetName', 'x', 'details', json_build_object())) AS outcome \
                FROM credentials c WHERE c.id::text = $1) SELECT outcome FROM made",
            &[&before],
        )
        .await;
    let outcome: String = made.unwrap().get(0);
    assert_eq!(outcome, "created");
    let limit =
        "SELECT n.max_role_weight FROM credentials c JOIN credentials n ON n.id = c.rotated_to WHERE c.id::text = $1";
    let limit: Option<i64> = client.query_one(limit, &[&before]).await.unwrap().get(0);
    assert_eq!(limit, Some(5));
}

/// Who administers could make a credential without a limit, or an administrator; so a credential with one does not.
#[tokio::test]
async fn a_credential_with_a_limit_cannot_lift_it_nor_make_a_heavier_one() {
    let (scim, _, _, _) = start().await;
    let (tenant, origin) = (scim.tenant().id, Origin::command_line());
    let gateway = scim.gateway();
    let scopes: Scopes = "admin:*,users:write,provision".parse().unwrap();
    let limited = NewToken { max_role_weight: Some(5), scopes, ..plain() };
    let refused = gateway.create_token(tenant, limited.clone(), &origin).await.unwrap_err();
    assert!(refused.to_string().contains("cannot have admin:write"), "{refused}");

    // One that was made before that was refused.
    let token = scim.with_new_token(NewToken { max_role_weight: None, ..limited }).await;
    let id = token.credential_id();
    let (client, connection) = tokio_postgres::connect(&scim.database_url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    client.execute(&format!("UPDATE credentials SET max_role_weight = 5 WHERE id = '{id}'"), &[]).await.unwrap();
    let admin = async |method: &str, path: &str, body: Value| {
        let authorization = format!("Bearer {}", token.token);
        let headers = [("authorization", authorization.as_str()), ("content-type", "application/json")];
        token.plainly(method, &format!("/admin/v1{path}"), &headers, &body.to_string()).await
    };
    assert_eq!(admin("GET", "/tenants/first/tokens", Value::Null).await.status, 200, "it may look still");
    let other = scim.with_token("users:write".parse().unwrap(), None).await.credential_id();
    let new = json!({"name": "heavy", "scopes": ["users:write"]});
    let mut light = new.clone();
    light["maxRoleWeight"] = json!(5);
    for (method, path, body) in [
        ("POST", "/tenants/first/tokens".to_owned(), new.clone()),
        ("POST", "/tenants/first/tokens".to_owned(), light),
        ("POST", format!("/tenants/first/tokens/{id}/rotate"), json!({})),
        ("POST", format!("/tenants/first/tokens/{other}/rotate"), json!({})),
        ("POST", "/tenants/first/clients".to_owned(), new.clone()),
        ("POST", "/tenants/first/issuers".to_owned(), new.clone()),
        ("PATCH", format!("/tenants/first/issuers/{other}"), json!({"scopes": ["users:write"]})),
        ("POST", format!("/tenants/first/clients/{other}/secrets"), json!({})),
        ("POST", format!("/tenants/first/resources/{other}/restore"), json!({"version": 1})),
        ("POST", "/admins".to_owned(), json!({"email": "a@example.com", "role": "admin"})),
    ] {
        let answer = admin(method, &path, body).await;
        assert_eq!(answer.status, 403, "{method} {path}: {}", answer.text);
        assert!(answer.text.contains("limit on the weight of roles"), "{method} {path}: {}", answer.text);
    }
    assert!(!scim.dump_all().await.contains("heavy\""), "nothing was made");
}
