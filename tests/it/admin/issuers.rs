//! `/admin/v1/tenants/{tenant}/issuers`

use scimgate::gateway::NewConnection;
use scimgate::model::{AdminRole, ConnectionKind, Origin, Reach};
use serde_json::{Value, json};

use crate::support::scim::Scim;

async fn creation(scim: &Scim) -> Value {
    let new =
        NewConnection { name: "Entra".parse().unwrap(), prefix: None, kind: ConnectionKind::Entra, profile: None };
    let connection = scim.gateway().create_connection(scim.tenant().id, new, &Origin::command_line()).await.unwrap();
    json!({
        "name": "Robot",
        "connection": connection.id,
        "scopes": ["read"],
        "allowedAddresses": ["192.0.2.0/24"],
        "trust": {
            "issuer": "https://login.example.com/",
            "audiences": ["api://scim"],
            "subject": "robot",
            "claims": {"env": "production"},
            "jwksUrl": "https://login.example.com/keys",
            "algorithms": ["RS256"],
        },
    })
}

#[tokio::test]
async fn an_issuer_is_made_shown_changed_and_removed() {
    let scim = Scim::start().await;
    let owner = scim.owner().await;
    let body = creation(&scim).await;
    let made = owner.post("/tenants/first/issuers", body.clone()).await.expect(201);
    let location = made.header("location").strip_prefix("/admin/v1").unwrap().to_owned();
    let made = made.json();
    assert_eq!((&made["scopes"], &made["name"]), (&json!(["users:read", "groups:read"]), &json!("Robot")));
    assert_eq!(made["trust"]["subjectClaim"], "sub");
    assert_eq!(owner.get(&location).await.expect(200).json(), made);
    let by_client_id = format!("/tenants/first/issuers/{}", made["clientId"].as_str().unwrap());
    assert_eq!(owner.get(&by_client_id).await.expect(200).json(), made);
    let listed = owner.get("/tenants/first/issuers").await.expect(200).json();
    assert_eq!(listed, json!({"items": [made]}));

    owner.post("/tenants/first/issuers", body.clone()).await.expect_problem(409, "act as another credential already");
    let mut trust = body["trust"].clone();
    trust["audiences"] = json!(["api://new"]);
    let changed = owner.put(&format!("{location}/trust"), trust).await.expect(200).json();
    assert_eq!((&changed["trust"]["audiences"], &changed["id"]), (&json!(["api://new"]), &made["id"]));
    let patch = json!({"name": "Reader", "scopes": ["users:read"], "expiresAt": "2027-01-01T00:00:00Z"});
    let changed = owner.patch(&location, patch).await.expect(200).json();
    assert_eq!((&changed["name"], &changed["scopes"]), (&json!("Reader"), &json!(["users:read"])));
    assert_eq!(
        (&changed["expiresAt"], &changed["trust"]["audiences"]),
        (&json!("2027-01-01T00:00:00Z"), &json!(["api://new"]))
    );
    let patch = json!({"expiresAt": null, "allowedAddresses": [], "trust": body["trust"]});
    let changed = owner.patch(&location, patch).await.expect(200).json();
    assert_eq!((&changed["expiresAt"], &changed["allowedAddresses"]), (&json!(null), &json!([])));
    assert_eq!((&changed["trust"]["audiences"], &changed["name"]), (&json!(["api://scim"]), &json!("Reader")));
    assert_eq!((&changed["enabled"], &changed["maxRoleWeight"]), (&json!(true), &json!(null)));
    let patch = json!({"enabled": false, "maxRoleWeight": 20});
    let changed = owner.patch(&location, patch).await.expect(200).json();
    assert_eq!((&changed["enabled"], &changed["maxRoleWeight"]), (&json!(false), &json!(20)));
    let changed = owner.patch(&location, json!({"enabled": true})).await.expect(200).json();
    assert_eq!((&changed["enabled"], &changed["maxRoleWeight"]), (&json!(true), &json!(20)));
    let changed = owner.patch(&location, json!({"maxRoleWeight": null})).await.expect(200).json();
    assert_eq!(owner.get(&location).await.json(), changed);
    assert_eq!(changed["maxRoleWeight"], json!(null));
    let told = scim.admin_actions().await;
    assert_eq!(
        told[told.len() - 3]["details"],
        json!({
            "enabled": {"old": true, "new": false}, "maxRoleWeight": {"old": null, "new": 20},
        })
    );
    for (patch, field) in [
        (json!({"name": ""}), "name"),
        (json!({"scopes": []}), "scopes"),
        (json!({"expiresAt": "2026-11-22T08:00:00Z"}), "expiresAt"),
        (
            json!({"trust": {"issuer": "x", "audiences": ["a"], "subject": "s", "jwksUrl": "https://a.example/"}}),
            "trust.issuer",
        ),
    ] {
        owner.patch(&location, patch).await.expect_invalid(&[field]);
    }
    owner.delete(&location).await.expect(204);
    owner.get(&location).await.expect_problem(404, "there is no trusted issuer");
    owner.delete(&location).await.expect_problem(404, "there is no trusted issuer");
    let told = scim.admin_actions().await;
    let told = told.iter().filter(|row| row["target_kind"] == "issuer");
    assert!(told.clone().count() == 8 && told.clone().all(|row| row["actor"] == owner.email.as_str()));
}

#[tokio::test]
async fn what_cannot_be_is_told_by_its_field() {
    let scim = Scim::start().await;
    let owner = scim.owner().await;
    let body = creation(&scim).await;
    let with = |path: &str, value: Value| {
        let mut body = body.clone();
        *body.pointer_mut(path).unwrap() = value;
        body
    };
    for (body, field) in [
        (with("/name", json!("")), "name"),
        (with("/connection", json!("01890000-0000-7000-8000-000000000000")), "connection"),
        (with("/scopes", json!(["fly"])), "scopes"),
        (with("/allowedAddresses", json!(["home"])), "allowedAddresses"),
        (with("/trust/issuer", json!("http://login.example.com/")), "trust.issuer"),
        (with("/trust/jwksUrl", json!("http://127.0.0.1/keys")), "trust.jwksUrl"),
        (with("/trust/audiences", json!([])), "trust.audiences"),
        (with("/trust/subject", json!(" ")), "trust.subject"),
        (with("/trust/algorithms", json!(["HS256"])), "trust.algorithms"),
        (with("/trust/claims", json!({"exp": "never"})), "trust.claims"),
    ] {
        owner.post("/tenants/first/issuers", body).await.expect_invalid(&[field]);
    }
}

#[tokio::test]
async fn nobody_reaches_the_issuers_of_another_tenant() {
    let scim = Scim::start().await;
    let other = scim.other_tenant("second").await;
    let made = scim.owner().await.post("/tenants/first/issuers", creation(&scim).await).await.expect(201).json();
    let admin = scim.admin(AdminRole::Owner, Reach::Tenant(other.tenant().id)).await;
    admin.get("/tenants/first/issuers").await.expect_problem(404, "there is no tenant first");
    let path = format!("/tenants/second/issuers/{}", made["id"].as_str().unwrap());
    admin.get(&path).await.expect_problem(404, "there is no trusted issuer");
    admin.delete(&path).await.expect_problem(404, "there is no trusted issuer");
    let auditor = scim.admin(AdminRole::Auditor, Reach::Instance).await;
    auditor.get("/tenants/first/issuers").await.expect(200);
    let path = format!("/tenants/first/issuers/{}", made["id"].as_str().unwrap());
    auditor.delete(&path).await.expect_problem(403, "");
}
