//! The rules of a tenant, on the examples in `conformance/examples`, which are loaded as a user loads them.

mod administration;
mod onefile;
mod records;
mod skedulo;
mod weights;

use serde_json::{Value, json};

use crate::support::admin::Admin;
use crate::support::scim::{Scim, USER};

/// A file of an example.
pub fn example(path: &str) -> String {
    format!("{}/conformance/examples/{path}", env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(example(path)).unwrap()).unwrap()
}

/// Loads an example through the admin API, and creates its roles. Answers a client that the server does not know yet.
async fn load(scim: &Scim, owner: &Admin, name: &str, types: &[&str]) -> Scim {
    let user = read(&format!("{name}/user.json"));
    let schema = |schema: Value| async move {
        owner
            .put(&format!("/tenants/first/schemas/{}", schema["id"].as_str().unwrap()), schema.clone())
            .await
            .expect(200);
    };
    let urn = user["id"].clone();
    schema(user).await;
    let extended = json!({"name": "User", "endpoint": "/Users", "schema": USER, "schemaExtensions": [{"schema": urn}]});
    owner.put("/tenants/first/resource-types/User", extended).await.expect(200);
    for kind in types {
        schema(read(&format!("{name}/{kind}.json"))).await;
        let kind = read(&format!("{name}/{kind}-type.json"));
        owner.put(&format!("/tenants/first/resource-types/{}", kind["name"].as_str().unwrap()), kind).await.expect(200);
    }
    for rule in read(&format!("{name}/rules.json")).as_array().unwrap() {
        let path = format!("/tenants/first/rules/{}", rule["name"].as_str().unwrap());
        owner.put(&path, rule.clone()).await.expect(200);
    }
    let scim = scim.again().await;
    let made = scim.post("/Bulk", read(&format!("{name}/roles.json"))).await.expect(200).json();
    for operation in made["Operations"].as_array().unwrap() {
        assert_eq!(operation["status"], "201", "{operation}");
    }
    scim
}

fn patch(op: &str, path: &str, value: Value) -> Value {
    match value {
        Value::Null => json!({"Operations": [{"op": op, "path": path}]}),
        value => json!({"Operations": [{"op": op, "path": path, "value": value}]}),
    }
}
