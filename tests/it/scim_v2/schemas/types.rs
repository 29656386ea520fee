//! Values of every type, by every verb.

use serde_json::{Value, json};

use super::{EQUIPMENT, create, device, patch, start, worn};

/// An attribute of every type with values that it takes and values that it refuses.
fn cases() -> Vec<(&'static str, Vec<Value>, Vec<Value>)> {
    let hello = json!("aGVsbG8=");
    vec![
        ("label", vec![json!("Zoë"), json!("x")], vec![json!(1), json!(true), json!({ "a": 1 })]),
        ("approved", vec![json!(true), json!(false)], vec![json!("yes"), json!(1)]),
        ("weight", vec![json!(1.5), json!(-2), json!(1e10)], vec![json!("heavy"), json!(true)]),
        ("floor", vec![json!(-5), json!(i64::MAX)], vec![json!(1.5), json!("two"), json!(u64::MAX)]),
        (
            "boughtAt",
            vec![json!("2024-02-29T12:00:00Z"), json!("2024-02-29T12:00:00.5+02:00")],
            vec![json!("2024-02-29"), json!("2023-02-29T12:00:00Z"), json!(0)],
        ),
        ("certificate", vec![hello.clone(), json!("AQ")], vec![json!("&"), json!("A"), json!(1)]),
        ("manual", vec![json!("https://example.com/a?b#c"), json!("../x")], vec![json!("a b"), json!(1)]),
        (
            "location",
            vec![json!({ "building": "A", "desk": 4 })],
            vec![json!("A"), json!({ "building": "A", "desk": "four" })],
        ),
        ("tags", vec![json!(["a", "b"])], vec![json!([1]), json!([["a"]])]),
        ("checks", vec![json!([true, false])], vec![json!(["yes"])]),
        ("readings", vec![json!([1.5, -2.25])], vec![json!(["1"])]),
        ("ports", vec![json!([1, 2])], vec![json!([1.5])]),
        ("inspections", vec![json!(["2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z"])], vec![json!(["soon"])]),
        ("keys", vec![json!([hello, "AQID"])], vec![json!(["?"])]),
        ("related", vec![json!(["Users/1", "https://example.com"])], vec![json!(["a b"])]),
        (
            "contacts",
            vec![json!([{ "value": "v", "display": "V", "type": "owner", "primary": true }])],
            vec![json!([{ "value": "v", "primary": "perhaps" }]), json!([{ "value": 1 }])],
        ),
    ]
}

#[tokio::test]
async fn values_of_every_type_are_kept_as_they_are_and_others_refused_by_every_verb() {
    let scim = start().await;
    let path = create(&scim, "device", json!({})).await;
    for (name, good, bad) in cases() {
        for value in good {
            let told = format!("{name} = {value}");
            let created =
                scim.post("/Devices", device(&format!("other {told}"), json!({ name: value }))).await.expect(201);
            assert_eq!(created.json()[EQUIPMENT][name], value, "POST {told}");
            let id = created.json()["id"].as_str().unwrap().to_owned();
            scim.delete(&format!("/Devices/{id}")).await.expect(204);

            let body = device("device", json!({ name: value }));
            assert_eq!(worn(scim.put(&path, body).await, 200)[name], value, "PUT {told}");
            assert_eq!(worn(scim.get(&path).await, 200)[name], value, "GET {told}");
            assert_eq!(
                worn(patch(&scim, &path, "remove", name, Value::Null).await, 200).get(name),
                None,
                "remove {told}"
            );
            assert_eq!(worn(patch(&scim, &path, "add", name, value.clone()).await, 200)[name], value, "add {told}");
            assert_eq!(
                worn(patch(&scim, &path, "replace", name, value.clone()).await, 200)[name],
                value,
                "replace {told}"
            );
            scim.put(&path, device("device", json!({}))).await.expect(200);
        }
        for value in bad {
            let refused = [
                scim.post("/Devices", device("another", json!({ name: value }))).await,
                scim.put(&path, device("device", json!({ name: value }))).await,
                patch(&scim, &path, "add", name, value.clone()).await,
                patch(&scim, &path, "replace", name, value.clone()).await,
            ];
            for answer in refused {
                answer.expect_error(400, "invalidValue", name);
            }
        }
    }
}

#[tokio::test]
async fn an_own_type_has_every_verb_and_its_name_in_meta() {
    let scim = start().await;
    let created = scim.post("/Devices", device("Laptop", json!({}))).await.expect(201);
    let body = created.json();
    assert_eq!(body["meta"]["resourceType"], "Device");
    let location = body["meta"]["location"].as_str().unwrap();
    assert_eq!((created.header("location"), location.starts_with(&scim.base)), (location, true));
    let path = location.strip_prefix(&scim.base).unwrap().to_owned();
    assert!(path.starts_with("/Devices/"), "{path}");
    assert_eq!(body.get("active"), None);
    assert_eq!(scim.get(&path).await.expect(200).json(), body);

    let list = scim.list("/Devices", &[("filter", "displayName eq \"laptop\""), ("sortBy", "displayName")]).await;
    assert_eq!(list.expect(200).json()["Resources"], json!([body]));
    let unchanged = scim.get_with(&path, &[("if-none-match", body["meta"]["version"].as_str().unwrap())]).await;
    unchanged.expect(304);
    let id = path.rsplit('/').next().unwrap();
    scim.get(&format!("/Users/{id}")).await.expect(404);
    scim.post("/Devices", json!({ "model": "x" })).await.expect_error(400, "invalidValue", "displayName is required");
    scim.delete(&path).await.expect(204);
    scim.get(&path).await.expect(404);
    assert_eq!(scim.actions().await, ["create", "delete"]);
}
