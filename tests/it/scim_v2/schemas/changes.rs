//! Changing schemas that resources use already.

use scimgate::gateway::{Offender, SchemasError};
use serde_json::{Value, json};

use super::{DEVICE, EQUIPMENT, add, add_type, attribute, change, create, device, equipment, patch, start, worn};
use crate::support::scim::Scim;

async fn offenders(scim: &Scim, schema: &Value) -> Vec<(String, String)> {
    told(add(scim, schema, &[]).await.unwrap_err())
}

fn told(error: SchemasError) -> Vec<(String, String)> {
    let SchemasError::Violated(offenders) = error else { panic!("{error:?}") };
    offenders
        .into_iter()
        .map(|Offender { resource_type, id, reason }| (format!("{resource_type} {id}"), reason))
        .collect()
}

/// Waits until the server serves by a version of the schema of which `is_so` holds.
async fn until(scim: &Scim, is_so: impl Fn(&Value) -> bool) {
    while !is_so(&scim.get(&format!("/Schemas/{EQUIPMENT}")).await.json()) {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_change_that_resources_violate_is_refused_with_their_ids() {
    let scim = start().await;
    let given = json!({ "label": "long", "floor": 3, "tags": ["a"], "condition": "used", "location": { "building": "A", "room": "1" } });
    let path = create(&scim, "d", given).await;
    let who = format!("Device {}", path.rsplit('/').next().unwrap());
    let version = scim.get(&path).await.json()["meta"]["version"].clone();
    type Edit = fn(&mut Value);
    let edits: [(Edit, &str); 9] = [
        (|schema| attribute(schema, "label")["type"] = "integer".into(), "label must be a whole number"),
        (|schema| attribute(schema, "label")["multiValued"] = true.into(), "label has a value of another form"),
        (|schema| attribute(schema, "tags")["multiValued"] = false.into(), "tags has a value of another form"),
        (|schema| attribute(schema, "label")["canonicalValues"] = json!(["short"]), "label must be one of short"),
        (|schema| attribute(schema, "condition")["canonicalValues"] = json!(["new"]), "condition must be one of new"),
        (
            |schema| attribute(schema, "label")["mutability"] = "readOnly".into(),
            "label has a value, and the attribute is readOnly",
        ),
        (|schema| attribute(schema, "serial")["required"] = true.into(), "serial is required"),
        (|schema| attribute(schema, "label")["name"] = "title".into(), "label has a value, and the schema has no such"),
        (
            |schema| {
                attribute(schema, "location")["subAttributes"]
                    .as_array_mut()
                    .unwrap()
                    .retain(|sub| sub["name"] != "room")
            },
            "location.room",
        ),
    ];
    for (edit, reason) in edits {
        let mut schema = equipment();
        edit(&mut schema);
        let offenders = offenders(&scim, &schema).await;
        assert_eq!(offenders.len(), 1, "{offenders:?}");
        assert_eq!(offenders[0].0, who);
        assert!(offenders[0].1.contains(reason), "{} does not tell {reason}", offenders[0].1);
    }
    assert_eq!(scim.get(&path).await.json()["meta"]["version"], version);
    // Nothing of it was published.
    assert_eq!(scim.store().tenant(scim.tenant().id).registry().await.unwrap().0.0, 3);
}

#[tokio::test]
async fn additions_go_through_and_are_served() {
    let scim = start().await;
    let path = create(&scim, "d", json!({ "label": "x" })).await;
    let mut schema = equipment();
    schema["attributes"].as_array_mut().unwrap().push(json!({ "name": "colour" }));
    attribute(&mut schema, "condition")["canonicalValues"].as_array_mut().unwrap().push("lost".into());
    add(&scim, &schema, &[]).await.unwrap();
    until(&scim, |schema| schema["attributes"].as_array().unwrap().last().unwrap()["name"] == "colour").await;
    assert_eq!(worn(patch(&scim, &path, "add", "colour", json!("red")).await, 200)["colour"], "red");
    assert_eq!(worn(patch(&scim, &path, "add", "condition", json!("lost")).await, 200)["condition"], "lost");
}

#[tokio::test]
async fn filters_follow_when_case_begins_to_matter() {
    let scim = start().await;
    create(&scim, "d", json!({ "label": "AbC", "code": "AbC" })).await;
    let mut schema = equipment();
    attribute(&mut schema, "label")["caseExact"] = true.into();
    attribute(&mut schema, "code")["caseExact"] = false.into();
    add(&scim, &schema, &[]).await.unwrap();
    let found = async |filter: &str| {
        let filter = format!("{EQUIPMENT}:{filter}");
        scim.list("/Devices", &[("filter", &filter)]).await.expect(200).json()["totalResults"].as_u64().unwrap()
    };
    assert_eq!((found("label eq \"abc\"").await, found("label eq \"AbC\"").await), (0, 1));
    assert_eq!((found("code eq \"abc\"").await, found("code eq \"AbC\"").await), (1, 1));
}

#[tokio::test]
async fn an_attribute_becomes_unique_if_no_two_resources_share_a_value() {
    let scim = start().await;
    let first = create(&scim, "a", json!({ "label": "one" })).await;
    let second = create(&scim, "b", json!({ "label": "ONE" })).await;
    let mut schema = equipment();
    attribute(&mut schema, "label")["uniqueness"] = "server".into();
    let offenders = offenders(&scim, &schema).await;
    assert_eq!(offenders[0].0, second.replacen("/Devices/", "Device ", 1));
    let holder = first.rsplit('/').next().unwrap();
    assert_eq!(offenders[0].1, format!("{EQUIPMENT}:label has the same value as that of {holder}"));

    patch(&scim, &second, "replace", "label", json!("two")).await.expect(200);
    add(&scim, &schema, &[]).await.unwrap();
    let taken = patch(&scim, &second, "replace", "label", json!("One")).await;
    taken.expect_error(409, "uniqueness", &format!("{EQUIPMENT}:label"));
    // And free again once it is not unique any more.
    add(&scim, &equipment(), &[]).await.unwrap();
    patch(&scim, &second, "replace", "label", json!("One")).await.expect(200);
}

#[tokio::test]
async fn a_schema_that_resources_have_values_of_cannot_be_removed() {
    let scim = start().await;
    let path = create(&scim, "d", json!({})).await;
    let remove = |registry: &mut scimgate::scim::schema::own::Registry| {
        registry.remove_schema(EQUIPMENT);
        Ok(())
    };
    let offenders = told(change(&scim, remove).await.unwrap_err());
    assert_eq!(offenders[0], (path.replacen("/Devices/", "Device ", 1), format!("{EQUIPMENT} has values")));
    scim.patch(&path, json!({ "Operations": [{ "op": "remove", "path": EQUIPMENT }] })).await.expect(200);
    change(&scim, remove).await.unwrap();
    while scim.get(&format!("/Schemas/{EQUIPMENT}")).await.status != 404 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    scim.get(&path).await.expect(200);
}

#[tokio::test]
async fn a_resource_type_with_resources_cannot_be_removed() {
    let scim = start().await;
    let path = create(&scim, "d", json!({})).await;
    let remove = |registry: &mut scimgate::scim::schema::own::Registry| {
        registry.resource_types.retain(|kind| kind.name != "Device");
        Ok(())
    };
    assert_eq!(told(change(&scim, remove).await.unwrap_err())[0].1, "is a Device");
    scim.delete(&path).await.expect(204);
    change(&scim, remove).await.unwrap();
    while scim.get("/Devices").await.status != 404 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn at_most_twenty_offenders_are_told() {
    let scim = start().await;
    for n in 0..25 {
        create(&scim, &format!("d{n}"), json!({ "label": "x" })).await;
    }
    let mut schema = equipment();
    attribute(&mut schema, "label")["type"] = "boolean".into();
    assert_eq!(offenders(&scim, &schema).await.len(), 20);
}

#[tokio::test]
async fn a_write_that_slips_in_while_a_change_spreads_undoes_the_change() {
    let scim = start().await;
    let path = create(&scim, "d", json!({})).await;
    let mut schema = equipment();
    attribute(&mut schema, "label")["type"] = "integer".into();
    // The worker has just looked its schemas up, and goes by them for a second.
    let (outcome, ()) = tokio::join!(add(&scim, &schema, &[]), async {
        let begun = std::time::Instant::now();
        while scim.store().tenant(scim.tenant().id).registry().await.unwrap().0.0 == 3 {
            assert!(begun.elapsed().as_secs() < 5);
        }
        let written = patch(&scim, &path, "add", "label", json!("text")).await;
        assert!([200, 400].contains(&written.status), "{}", written.text);
        if written.status == 400 {
            // It knew already: then nothing slipped in, and the change stands.
            patch(&scim, &path, "add", "label", json!(1)).await.expect(200);
        }
    });
    let slipped_in = worn(scim.get(&path).await, 200)["label"] == "text";
    assert_eq!(outcome.is_err(), slipped_in, "{outcome:?}");
    if slipped_in {
        until(&scim, |schema| schema["attributes"][2]["type"] == "string").await;
    }
}

#[tokio::test]
async fn two_changes_at_once_do_not_lose_one() {
    let scim = start().await;
    let schema = |name: &str| json!({ "id": format!("urn:x:{name}"), "name": name, "attributes": [{ "name": "a" }] });
    let (one, two) = (schema("one"), schema("two"));
    let outcomes = tokio::join!(add(&scim, &one, &[]), add(&scim, &two, &[]));
    let (_, registry) = scim.store().tenant(scim.tenant().id).registry().await.unwrap();
    for (outcome, urn) in [(outcomes.0, "urn:x:one"), (outcomes.1, "urn:x:two")] {
        match outcome {
            Ok(_) => assert!(registry.schema(urn).is_some()),
            Err(error) => assert!(matches!(error, SchemasError::Moved), "{error:?}"),
        }
    }
    assert!(registry.schema(DEVICE).is_some());
}

#[tokio::test]
async fn a_type_can_change_its_extensions_while_nothing_is_lost() {
    let scim = start().await;
    scim.post("/Devices", json!({ "displayName": "bare" })).await.expect(201);
    let mut kind = super::example("device-type.json");
    kind["schemaExtensions"][0]["required"] = true.into();
    let offenders = told(add_type(&scim, &kind).await.unwrap_err());
    assert!(offenders[0].1.contains(&format!("{EQUIPMENT} is required")), "{offenders:?}");
    kind["schemaExtensions"] = json!([]);
    let other = json!({ "id": "urn:x:other", "name": "Other", "attributes": [{ "name": "displayName" }] });
    add(&scim, &other, &[]).await.unwrap();
    let mut on_another = kind.clone();
    on_another["schema"] = "urn:x:other".into();
    assert_eq!(told(add_type(&scim, &on_another).await.unwrap_err())[0].1, format!("is built on {DEVICE}"));
    add_type(&scim, &kind).await.unwrap();
    scim.post("/Devices", device("d", json!({}))).await.expect(201);
}
