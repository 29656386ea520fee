//! Every characteristic of RFC 7643, section 2.2, by every verb.

use serde_json::{Value, json};

use super::{DEVICE, EQUIPMENT, create, device, patch, start, worn};
use crate::support::scim::{Scim, USER};

async fn shown(scim: &Scim, path: &str, query: &str) -> Value {
    scim.get(&format!("{path}{query}")).await.expect(200).json()
}

#[tokio::test]
async fn required_is_held_where_the_extension_is_there() {
    let scim = start().await;
    scim.post("/Devices", json!({ "displayName": "bare" })).await.expect(201);
    let path = create(&scim, "d", json!({ "location": { "building": "A", "room": "1" } })).await;
    let told = format!("{EQUIPMENT}:assetTag is required");
    let without = json!({ "displayName": "d", EQUIPMENT: { "label": "x" } });
    scim.post("/Devices", without.clone()).await.expect_error(400, "invalidValue", &told);
    scim.put(&path, without).await.expect_error(400, "invalidValue", &told);
    patch(&scim, &path, "remove", "assetTag", Value::Null).await.expect_error(400, "mutability", "required");
    patch(&scim, &path, "replace", "assetTag", json!("")).await.expect_error(400, "invalidValue", "required");

    let told = format!("{EQUIPMENT}:location.building is required");
    let body = device("e", json!({ "location": { "room": "1" } }));
    scim.post("/Devices", body).await.expect_error(400, "invalidValue", &told);
    let body = device("d", json!({ "location": { "room": "1" } }));
    scim.put(&path, body).await.expect_error(400, "invalidValue", &told);
    patch(&scim, &path, "remove", "location.building", Value::Null).await.expect(400);
    assert_eq!(worn(patch(&scim, &path, "remove", "location", Value::Null).await, 200).get("location"), None);
}

#[tokio::test]
async fn canonical_values_are_the_only_ones_and_take_their_own_spelling() {
    let scim = start().await;
    let path = create(&scim, "d", json!({ "condition": "USED" })).await;
    assert_eq!(worn(scim.get(&path).await, 200)["condition"], "used");
    let told = "condition must be one of new, used, broken";
    scim.post("/Devices", device("e", json!({ "condition": "lost" }))).await.expect_error(400, "invalidValue", told);
    scim.put(&path, device("d", json!({ "condition": "lost" }))).await.expect_error(400, "invalidValue", told);
    patch(&scim, &path, "replace", "condition", json!("lost")).await.expect_error(400, "invalidValue", told);
    let contact = json!([{ "value": "v", "type": "enemy" }]);
    patch(&scim, &path, "add", "contacts", contact).await.expect_error(400, "invalidValue", "type must be one of");
    // Those of the RFC only suggest.
    let user = json!({ "schemas": [USER], "userName": "u", "emails": [{ "value": "u@x.example", "type": "pager" }] });
    assert_eq!(scim.post("/Users", user).await.expect(201).json()["emails"][0]["type"], "pager");
}

#[tokio::test]
async fn what_is_read_only_is_passed_over_and_refused_by_its_path() {
    let scim = start().await;
    let given = json!({ "inspectedBy": "me", "location": { "building": "A", "measuredBy": "me" } });
    let path = create(&scim, "d", given.clone()).await;
    let answers = [scim.get(&path).await, scim.put(&path, device("d", given.clone())).await];
    for answer in answers {
        let worn = worn(answer, 200);
        assert_eq!((worn.get("inspectedBy"), worn["location"].get("measuredBy")), (None, None));
    }
    let whole = json!({ "Operations": [{ "op": "replace", "value": { EQUIPMENT: given } }] });
    assert_eq!(worn(scim.patch(&path, whole).await, 200).get("inspectedBy"), None);
    for op in ["add", "replace", "remove"] {
        patch(&scim, &path, op, "inspectedBy", json!("me")).await.expect_error(400, "mutability", "read-only");
        patch(&scim, &path, op, "location.measuredBy", json!("me")).await.expect_error(400, "mutability", "read-only");
    }
}

#[tokio::test]
async fn what_is_immutable_is_set_once() {
    let scim = start().await;
    let path = create(&scim, "d", json!({})).await;
    assert_eq!(worn(patch(&scim, &path, "add", "serial", json!("S1")).await, 200)["serial"], "S1");
    // Told again, and left out, it stays.
    assert_eq!(worn(scim.put(&path, device("d", json!({ "serial": "S1" }))).await, 200)["serial"], "S1");
    assert_eq!(worn(scim.put(&path, device("d", json!({}))).await, 200)["serial"], "S1");
    assert_eq!(worn(scim.put(&path, json!({ "displayName": "d" })).await, 400), Value::Null);
    scim.put(&path, device("d", json!({ "serial": "S2" }))).await.expect_error(
        400,
        "mutability",
        "serial is immutable",
    );
    for op in ["add", "replace"] {
        patch(&scim, &path, op, "serial", json!("S2")).await.expect_error(400, "mutability", "immutable");
    }
    patch(&scim, &path, "remove", "serial", Value::Null).await.expect_error(400, "mutability", "immutable");
    let extension = json!({ "Operations": [{ "op": "remove", "path": EQUIPMENT }] });
    scim.patch(&path, extension).await.expect_error(400, "mutability", "serial is immutable");

    let place = json!({ "building": "A", "since": "2024-01-01T00:00:00Z" });
    patch(&scim, &path, "add", "location", place).await.expect(200);
    let later = json!("2025-01-01T00:00:00Z");
    patch(&scim, &path, "replace", "location.since", later.clone()).await.expect_error(400, "mutability", "since");
    let body = device("d", json!({ "serial": "S1", "location": { "building": "B", "since": later } }));
    scim.put(&path, body).await.expect_error(400, "mutability", "location.since");
    let body = device("d", json!({ "location": { "building": "B" } }));
    assert_eq!(worn(scim.put(&path, body).await, 200)["location"]["since"], "2024-01-01T00:00:00Z");
}

#[tokio::test]
async fn what_is_write_only_or_never_returned_is_kept_and_never_told() {
    let scim = start().await;
    let secrets =
        json!({ "pin": "secret-1", "origin": "secret-2", "location": { "building": "A", "doorCode": "secret-3" } });
    let created = scim.post("/Devices", device("d", secrets)).await.expect(201);
    let path = format!("/Devices/{}", created.json()["id"].as_str().unwrap());
    let all = format!("?attributes={EQUIPMENT}:pin,{EQUIPMENT}:origin,{EQUIPMENT}:location.doorCode,{EQUIPMENT}");
    let answers = [
        created.text,
        scim.get(&path).await.text,
        scim.get(&format!("{path}{all}")).await.text,
        scim.list("/Devices", &[]).await.text,
        patch(&scim, &path, "replace", "label", json!("x")).await.expect(200).text,
        patch(&scim, &path, "replace", "pin", json!("secret-4")).await.expect(200).text,
        scim.put(&path, device("d", json!({ "label": "y", "location": { "building": "B" } }))).await.expect(200).text,
        format!("{:?}", scim.changes().await),
    ];
    for answer in &answers {
        assert!(!answer.contains("secret-"), "{answer}");
    }
    assert!(answers[7].contains("pin"), "a change of a secret is told without it: {}", answers[7]);
    for name in ["pin", "origin", "location.doorCode"] {
        let filter = format!("{EQUIPMENT}:{name} sw \"s\"");
        scim.list("/Devices", &[("filter", &filter)]).await.expect_error(400, "invalidFilter", "never returned");
        scim.list("/Devices", &[("sortBy", &format!("{EQUIPMENT}:{name}"))]).await.expect(400);
    }
    // A replacement by what was read keeps what is write-only; what a client may write at will it has to repeat.
    let dump = scim.dump().await;
    assert!(dump.contains("secret-4") && dump.contains("secret-3") && !dump.contains("secret-2"), "{dump}");
    patch(&scim, &path, "remove", "pin", Value::Null).await.expect(200);
    assert!(!scim.dump().await.contains("secret-4"));
}

#[tokio::test]
async fn returned_decides_what_is_shown() {
    let scim = start().await;
    let given =
        json!({ "condition": "new", "notes": "N", "label": "L", "location": { "building": "A", "remarks": "R" } });
    let path = create(&scim, "d", given).await;
    let by_default = worn(scim.get(&path).await, 200);
    assert_eq!((by_default.get("notes"), by_default["location"].get("remarks")), (None, None));
    assert_eq!((&by_default["condition"], &by_default["label"]), (&json!("new"), &json!("L")));
    let asked = shown(&scim, &path, &format!("?attributes={EQUIPMENT}:notes,{EQUIPMENT}:location.remarks")).await;
    assert_eq!(asked[EQUIPMENT], json!({ "condition": "new", "notes": "N", "location": { "remarks": "R" } }));
    let asked = shown(&scim, &path, "?attributes=displayName").await;
    assert_eq!((&asked["displayName"], &asked[EQUIPMENT]), (&json!("d"), &json!({ "condition": "new" })));
    let without = shown(&scim, &path, &format!("?excludedAttributes={EQUIPMENT}")).await;
    assert_eq!(without[EQUIPMENT], json!({ "condition": "new" }));
    assert_eq!(without["schemas"], json!([DEVICE, EQUIPMENT]));
    for verb in ["POST", "PUT", "PATCH"] {
        let query = format!("?attributes={EQUIPMENT}:notes");
        let answer = match verb {
            "POST" => scim.post(&format!("/Devices{query}"), device("e", json!({ "notes": "N" }))).await,
            "PUT" => scim.put(&format!("{path}{query}"), device("d", json!({ "notes": "N" }))).await,
            _ => patch(&scim, &format!("{path}{query}"), "add", "label", json!("M")).await,
        };
        assert_eq!(answer.json()[EQUIPMENT]["notes"], "N", "{verb}");
        assert_eq!(answer.json()[EQUIPMENT].get("label"), None, "{verb}");
    }
}

#[tokio::test]
async fn case_exact_decides_how_text_compares() {
    let scim = start().await;
    create(&scim, "d", json!({ "label": "AbC", "code": "AbC" })).await;
    let found = async |filter: &str| {
        let filter = format!("{EQUIPMENT}:{filter}");
        scim.list("/Devices", &[("filter", &filter)]).await.expect(200).json()["totalResults"].as_u64().unwrap()
    };
    assert_eq!((found("label eq \"aBc\"").await, found("code eq \"aBc\"").await), (1, 0));
    assert_eq!((found("code eq \"AbC\"").await, found("code sw \"a\"").await), (1, 0));
    assert_eq!((found("label co \"B\"").await, found("label co \"b\"").await), (1, 1));
}

#[tokio::test]
async fn an_extension_can_be_required_of_every_resource() {
    let scim = start().await;
    super::change(&scim, |registry| {
        let uri = registry.schema(EQUIPMENT).unwrap().uri.clone();
        assert!(registry.extend("Device", &uri, true, scimgate::scim::schema::builtin()));
        Ok(())
    })
    .await
    .unwrap();
    scim.post("/Devices", json!({ "displayName": "bare" })).await.expect_error(400, "invalidValue", EQUIPMENT);
    let path = create(&scim, "d", json!({})).await;
    let remove = json!({ "Operations": [{ "op": "remove", "path": EQUIPMENT }] });
    scim.patch(&path, remove).await.expect_error(400, "invalidValue", "is required");
    scim.put(&path, json!({ "displayName": "bare" })).await.expect_error(400, "invalidValue", "is required");
}

#[tokio::test]
async fn members_of_groups_are_users_and_groups_alone() {
    let scim = start().await;
    let (user, group) = (scim.create_user("u").await, scim.create_group("inner").await);
    let path = create(&scim, "d", json!({})).await;
    let device = path.rsplit('/').next().unwrap();
    let members = |ids: &[&str]| -> Value { ids.iter().map(|id| json!({ "value": id })).collect() };
    let body = json!({ "displayName": "outer", "members": members(&[&user, &group, device]) });
    let created = scim.post("/Groups", body.clone()).await.expect(201).json();
    assert_eq!(created["members"].as_array().unwrap().len(), 2, "{created}");
    let outer = format!("/Groups/{}", created["id"].as_str().unwrap());
    let add = json!({ "Operations": [{ "op": "add", "path": "members", "value": members(&[device]) }] });
    for answer in [scim.patch(&outer, add).await, scim.put(&outer, body).await, scim.get(&outer).await] {
        assert_eq!(answer.expect(200).json()["members"].as_array().unwrap().len(), 2);
    }
}
