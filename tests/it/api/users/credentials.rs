//! How people come to sign in, and the addresses that belong to one of them alone.

use scimgate::auth::password;
use scimgate::gateway::ProvisioningError;
use scimgate::model::{Credentials, Origin};
use serde_json::json;

use super::{person, ready, ready_with, user};
use crate::support::scim::Scim;

#[tokio::test]
async fn row_3_7_a_password_is_answered_once_and_is_nowhere_else() {
    let scim = Scim::start().await;
    let api = ready_with(&scim, |choices| choices.credentials = Credentials::ReturnOnce).await;
    let records = json!([person("1", "a@b.c"), person("2", "x@b.c")]);
    let answer = api.send("POST", "/users", Some(&records), &[]).await.expect(200).json();
    assert_eq!(answer["result"]["inserted"], 2);
    let shown = answer["users"].as_array().unwrap();
    assert_eq!(shown.len(), 2);
    assert_eq!((&shown[0]["key"], &shown[0]["userName"]), (&json!("1"), &json!("a@b.c")));
    assert_eq!(shown[0]["id"], user(&scim, "a@b.c").await["id"]);
    let [first, second] = [0, 1].map(|place| shown[place]["password"].as_str().unwrap().to_owned());
    assert!(first.len() >= 16 && first != second);
    let dump = scim.dump_all().await;
    assert!(!dump.contains(&first) && !dump.contains(&second));
    assert!(dump.contains("$argon2id$"));
    let (client, connection) = tokio_postgres::connect(&scim.database_url(), tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let row = client.query_one("SELECT password_hash FROM resources WHERE name_key = 'a@b.c'", &[]).await.unwrap();
    assert!(password::verify(first.clone().into(), row.get(0)).await.unwrap());
    let seen = api.get("/users/1").await.expect(200);
    assert!(!seen.text.contains(&first) && !seen.text.to_lowercase().contains("password"));
    // Nobody is given a new one by a change.
    let changed =
        api.send("PATCH", "/users", Some(&json!([{"employeeId": "1", "title": "x"}])), &[]).await.expect(200).json();
    assert_eq!(changed.get("users"), None);
}

#[tokio::test]
async fn row_3_8_where_people_are_invited_or_use_a_provider_no_password_is_answered() {
    for credentials in [Credentials::None, Credentials::Invite] {
        let scim = Scim::start().await;
        let api = ready_with(&scim, |choices| choices.credentials = credentials).await;
        let answer = api.send("POST", "/users", Some(&json!([person("1", "a@b.c")])), &[]).await.expect(200).json();
        assert_eq!(answer.get("users"), None);
        assert_eq!(answer["result"]["inserted"], 1);
    }
}

#[tokio::test]
async fn row_3_9_an_organization_shows_its_settings_and_decides_for_its_people() {
    let scim = Scim::start().await;
    let api = ready_with(&scim, |choices| choices.credentials = Credentials::Invite).await;
    let body = json!({"name": "Example Organisation - Business", "customer": "Acme", "keychainCreationForNewUserActive": false});
    let made = api.send("POST", "/organizations", Some(&body), &[]).await.expect(201);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(made.header("location"), format!("/api/v1/organizations/{id}"));
    api.send("POST", "/organizations", Some(&json!({"name": "Other"})), &[]).await.expect(201);
    let found = api.get("/organizations?search=business").await.expect(200).json();
    let view = json!({
        "id": id, "name": "Example Organisation - Business", "customer": "Acme", "keychainCreationForNewUserActive": false,
        "keychainEmailSuppression": false
    });
    assert_eq!(found, json!({"items": [view]}));
    let all = api.get("/organizations").await.expect(200).json();
    assert_eq!(all["items"][1]["keychainCreationForNewUserActive"], true);
    api.send("POST", "/organizations", Some(&json!({"name": "other"})), &[]).await.expect(409);
    let mut record = person("1", "a@b.c");
    record["organizations"] = json!(["Example Organisation - Business"]);
    let answer = api.send("POST", "/users", Some(&json!([record])), &[]).await.expect(200).json();
    assert!(answer["users"][0]["password"].is_string(), "{answer}");
    let edit = json!({"keychainCreationForNewUserActive": null, "keychainEmailSuppression": true});
    let changed = api.send("PATCH", &format!("/organizations/{id}"), Some(&edit), &[]).await.expect(200).json();
    assert_eq!(
        (&changed["keychainCreationForNewUserActive"], &changed["keychainEmailSuppression"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(
        scim.get(&format!("/Organizations/{id}")).await.expect(200).json()["name"],
        "Example Organisation - Business"
    );
    api.get("/organizations/nothing").await.expect(404);
}

#[tokio::test]
async fn users_who_share_an_address_keep_a_tenant_from_making_addresses_unique() {
    let scim = Scim::start().await;
    let body = |name: &str| json!({"userName": name, "emails": [{"value": "shared@b.c"}]});
    let [first, second] = [scim.create("/Users", body("a")).await, scim.create("/Users", body("b")).await];
    let (slug, origin, gateway) = (&scim.tenant().slug, Origin::command_line(), scim.gateway());
    let refused = gateway.change_provisioning(slug, &origin, |choices| choices.enabled = true).await;
    let Err(ProvisioningError::SharedEmails(offenders)) = refused else { panic!("{refused:?}") };
    assert_eq!(offenders[0].id.to_string(), second);
    assert!(offenders[0].reason.contains(&first), "{}", offenders[0].reason);
    assert!(!scim.store().find_tenant(slug).await.unwrap().unwrap().provisioning.enabled);
    let api = ready_with(&scim, |choices| choices.unique_email = false).await;
    assert_eq!(api.records("POST", json!([person("1", "shared@b.c")])).await["inserted"], 1);
    let several = api.records("PATCH", json!([{"email": "shared@b.c", "title": "x"}])).await;
    assert_eq!(several["failures"]["shared@b.c"]["code"], "invalid_value");
}

#[tokio::test]
async fn addresses_of_users_who_were_there_before_are_held_unique_too() {
    let scim = Scim::start().await;
    scim.create("/Users", json!({"userName": "a", "emails": [{"value": "old@b.c"}]})).await;
    let api = ready(&scim).await;
    scim.settle("/Users", 200).await;
    let answer = scim.post("/Users", json!({"userName": "b", "emails": [{"value": "OLD@b.c"}]})).await;
    answer.expect_error(409, "uniqueness", "emails");
    // A change of schemas keeps it.
    let store = scim.store();
    let tenant = store.tenant(scim.tenant().id);
    let (_, registry) = tenant.registry().await.unwrap();
    assert_eq!(registry.schemas.len(), 2);
    let found = api.records("POST", json!([person("1", "old@b.c")])).await;
    assert_eq!(found["failures"]["1"]["code"], "email_already_exists");
}
