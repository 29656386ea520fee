//! `uniqueness` of own attributes, held by the database.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{EQUIPMENT, create, device, patch, register, start};
use crate::support::scim::USER;

fn user(name: &str, equipment: Value) -> Value {
    let mut body = device(name, equipment);
    body["schemas"] = json!([USER, EQUIPMENT]);
    body["userName"] = name.into();
    body
}

#[tokio::test]
async fn a_value_that_another_resource_of_the_type_has_is_refused_by_every_verb() {
    let scim = start().await;
    create(&scim, "T1", json!({})).await;
    let path = create(&scim, "T2", json!({})).await;
    let told = format!("{EQUIPMENT}:assetTag");
    let taken = |name: &str| device(name, json!({ "assetTag": "T1" }));
    scim.post("/Devices", taken("x")).await.expect_error(409, "uniqueness", &told);
    scim.put(&path, taken("y")).await.expect_error(409, "uniqueness", &told);
    for op in ["add", "replace"] {
        patch(&scim, &path, op, "assetTag", json!("T1")).await.expect_error(409, "uniqueness", &told);
    }
    let whole = json!({ "Operations": [{ "op": "replace", "value": { EQUIPMENT: { "assetTag": "T1" } } }] });
    scim.patch(&path, whole).await.expect_error(409, "uniqueness", &told);
    // With case; and among users it is another matter.
    patch(&scim, &path, "replace", "assetTag", json!("t1")).await.expect(200);
    scim.post("/Users", user("T1", json!({}))).await.expect(201);
    // Told again, it is its own.
    scim.put(&path, device("T2", json!({ "assetTag": "t1" }))).await.expect(200);
    assert_eq!(scim.actions().await.iter().filter(|action| *action == "create").count(), 3);
}

#[tokio::test]
async fn a_global_value_is_unique_in_the_tenant_and_no_further() {
    let scim = start().await;
    create(&scim, "d", json!({ "inventoryNumber": 7 })).await;
    let told = format!("{EQUIPMENT}:inventoryNumber");
    let same = user("u", json!({ "inventoryNumber": 7 }));
    scim.post("/Users", same.clone()).await.expect_error(409, "uniqueness", &told);
    scim.post("/Users", user("u", json!({ "inventoryNumber": 8 }))).await.expect(201);
    let other = scim.other_tenant("other").await;
    register(&other).await;
    other.post("/Users", same).await.expect(201);
}

/// Who is asked for by a unique value is found by that value, however it is written and wherever in the filter it stands.
#[tokio::test]
async fn a_resource_is_found_by_each_of_its_unique_values() {
    let scim = start().await;
    let device = create(&scim, "T1", json!({ "inventoryNumber": 7 })).await;
    create(&scim, "T2", json!({ "inventoryNumber": 8 })).await;
    scim.post("/Users", user("u", json!({ "inventoryNumber": 9 }))).await.expect(201);
    let list = json!({ "displayName": "c", "macAddresses": ["aa", "Bb"] });
    let listed = format!("/Devices/{}", scim.create("/Devices", list).await);
    let found = async |filter: &str| {
        let filter = filter.replace("E:", &format!("{EQUIPMENT}:"));
        let filter: String = filter.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let list = scim.get(&format!("/Devices?filter={filter}")).await.expect(200).json();
        let ids =
            list["Resources"].as_array().unwrap().iter().map(|one| format!("/Devices/{}", one["id"].as_str().unwrap()));
        assert_eq!(list["totalResults"], list["Resources"].as_array().unwrap().len());
        ids.collect::<Vec<_>>()
    };
    for filter in [
        "E:assetTag eq \"T1\"",
        "E:inventoryNumber eq 7",
        "E:assetTag pr and E:inventoryNumber eq 7",
        "E:assetTag eq \"T1\" and not (E:inventoryNumber eq 8)",
    ] {
        assert_eq!(found(filter).await, [device.as_str()], "{filter}");
    }
    assert_eq!(found("macAddresses eq \"bB\"").await, [listed.as_str()]);
    for filter in ["E:assetTag eq \"t1\"", "E:inventoryNumber eq 9", "E:assetTag eq \"T1\" and E:inventoryNumber eq 8"]
    {
        assert_eq!(found(filter).await, [""; 0], "{filter}");
    }
    assert_eq!(found("E:assetTag eq \"T1\" or E:inventoryNumber eq 8").await.len(), 2);
}

#[tokio::test]
async fn each_of_several_values_is_unique() {
    let scim = start().await;
    let body = |name: &str, addresses: Value| json!({ "displayName": name, "macAddresses": addresses });
    let first = scim.create("/Devices", body("a", json!(["aa", "bb", "AA"]))).await;
    scim.post("/Devices", body("b", json!(["cc", "BB"]))).await.expect_error(409, "uniqueness", "macAddresses");
    let second = format!("/Devices/{}", scim.create("/Devices", body("b", json!(["cc"]))).await);
    let add = |value: &str| json!({ "Operations": [{ "op": "add", "path": "macAddresses", "value": [value] }] });
    scim.patch(&second, add("aa")).await.expect_error(409, "uniqueness", "macAddresses");
    // What is given up is free again, whether its resource changes or goes.
    scim.put(&format!("/Devices/{first}"), body("a", json!(["bb"]))).await.expect(200);
    scim.patch(&second, add("aa")).await.expect(200);
    scim.delete(&format!("/Devices/{first}")).await.expect(204);
    scim.patch(&second, add("bb")).await.expect(200);

    create(&scim, "d", json!({ "contacts": [{ "value": "x@y" }] })).await;
    let taken = device("e", json!({ "contacts": [{ "value": "z@y" }, { "value": "X@Y" }] }));
    scim.post("/Devices", taken).await.expect_error(409, "uniqueness", "contacts.value");
}

#[tokio::test]
async fn of_many_who_want_a_value_at_once_one_gets_it() {
    let scim = start().await;
    let wanted = |n: usize| device(&format!("d{n}"), json!({ "assetTag": "wanted" }));
    let answers = join_all((0..64).map(|n| scim.post("/Devices", wanted(n)))).await;
    let count = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((count(201), count(409)), (1, 63));

    let paths: Vec<String> =
        join_all((0..8).map(|n| create(&scim, Box::leak(format!("p{n}").into_boxed_str()), json!({})))).await;
    let answers = join_all(paths.iter().map(|path| patch(&scim, path, "replace", "inventoryNumber", json!(1)))).await;
    let count = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((count(200), count(409)), (1, 7));
}

#[tokio::test]
async fn a_long_value_is_unique_too() {
    let scim = start().await;
    let long = "x".repeat(60_000);
    create(&scim, "d", json!({ "assetTag": long })).await;
    scim.post("/Devices", device("e", json!({ "assetTag": long }))).await.expect_error(409, "uniqueness", "assetTag");
    create(&scim, "f", json!({ "assetTag": format!("{long}y") })).await;
}

#[tokio::test]
async fn a_tenant_without_such_attributes_keeps_nothing_for_it() {
    let scim = crate::support::scim::Scim::start().await;
    scim.create_user("u").await;
    let dump = scim.dump().await;
    assert!(!dump.contains("#unique") && !dump.contains("resource_unique_values "), "{dump}");
}

#[tokio::test]
async fn a_bulk_request_creates_all_but_those_whose_value_is_taken() {
    let scim = start().await;
    let create = |name: &str, tag: &str| {
        let data = device(name, json!({ "assetTag": tag }));
        json!({ "method": "POST", "path": "/Devices", "bulkId": name, "data": data })
    };
    let operations = [create("a", "1"), create("b", "1"), create("c", "2")];
    let body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations });
    let answer = scim.post("/Bulk", body).await.expect(200).json();
    let status: Vec<&str> =
        answer["Operations"].as_array().unwrap().iter().map(|one| one["status"].as_str().unwrap()).collect();
    assert_eq!(status, ["201", "409", "201"], "{answer}");
}
