//! Filters and orders on own attributes: what is allowed on each type, and that the database means what memory means.

use std::collections::BTreeSet;

use scimgate::scim::filter::CheckedFilter;
use serde_json::{Map, Value, json};

use super::{EQUIPMENT, create, device, start};
use crate::support::scim::Scim;

const OPERATORS: [&str; 9] = ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"];

/// Values to create resources with, one after the other, by attribute, and operands to compare them with.
fn pools() -> Vec<(&'static str, Vec<Value>, Vec<&'static str>)> {
    let texts = vec![json!("a"), json!("AB"), json!("b%"), json!("é")];
    let dates = [json!("2024-01-01T00:00:00Z"), json!("2024-01-01T02:00:00+01:00"), json!("2023-12-31T23:59:59.5Z")];
    let numbers = [json!(-1), json!(0), json!(1.5), json!(2), json!(1e3)];
    let whole = [json!(-1), json!(0), json!(2), json!(1000)];
    vec![
        ("label", texts.clone(), vec!["\"a\"", "\"A\"", "\"\"", "\"%\"", "\"É\""]),
        ("code", texts.clone(), vec!["\"a\"", "\"A\"", "\"AB\""]),
        ("tags", vec![json!(["a", "AB"]), json!(["b%"]), json!(["é", "a"])], vec!["\"a\"", "\"ab\"", "\"\""]),
        ("approved", vec![json!(true), json!(false)], vec!["true", "false", "\"True\""]),
        ("checks", vec![json!([true]), json!([true, false])], vec!["true", "false"]),
        ("weight", numbers.to_vec(), vec!["0", "1.5", "1000", "-1.0", "2e0"]),
        ("readings", vec![json!([1.5, 2]), json!([-1])], vec!["1.5", "0"]),
        ("floor", whole.to_vec(), vec!["0", "2", "1.5", "1000"]),
        ("ports", vec![json!([1, 2]), json!([1000])], vec!["2", "1000"]),
        ("boughtAt", dates.to_vec(), vec!["\"2024-01-01T00:00:00Z\"", "\"2024-01-01T01:00:00.000Z\""]),
        ("inspections", vec![json!([dates[0], dates[1]]), json!([dates[2]])], vec!["\"2024-01-01T00:00:00Z\""]),
        ("certificate", vec![json!("AQID"), json!("aqid")], vec!["\"AQID\"", "\"A\"", "\"ID\""]),
        ("keys", vec![json!(["AQID", "aqid"])], vec!["\"aqid\""]),
        ("manual", vec![json!("https://x/A"), json!("https://x/a")], vec!["\"https://x/a\"", "\"https\""]),
        ("related", vec![json!(["Users/1", "Users/2"])], vec!["\"Users/2\""]),
        ("location.building", vec![], vec!["\"a\"", "\"b\""]),
        ("location.desk", vec![], vec!["3", "4"]),
        ("contacts.display", vec![], vec!["\"ann\""]),
        ("contacts.primary", vec![], vec!["true"]),
    ]
}

/// Resources in which every value of the pools stands, and one with nothing.
fn world() -> Vec<Value> {
    let pools = pools();
    let most = pools.iter().map(|(_, values, _)| values.len()).max().unwrap();
    let mut devices = vec![json!({})];
    for index in 0..most {
        let mut equipment = Map::new();
        for (name, values, _) in &pools {
            if let Some(value) = values.get(index) {
                equipment.insert((*name).to_owned(), value.clone());
            }
        }
        let building = if index % 2 == 0 { "A" } else { "b" };
        equipment.insert("location".into(), json!({ "building": building, "desk": index }));
        let contacts = json!([
            { "value": format!("v{index}"), "display": "Ann", "primary": index == 0 },
            { "value": format!("w{index}"), "display": building }
        ]);
        equipment.insert("contacts".into(), contacts);
        devices.push(Value::Object(equipment));
    }
    devices
}

#[tokio::test]
async fn the_database_finds_what_memory_finds() {
    let scim = start().await;
    for (index, equipment) in world().into_iter().enumerate() {
        create(&scim, &format!("d{index}"), equipment).await;
    }
    let all = scim.list("/Devices", &[("count", "100")]).await.expect(200).json()["Resources"].clone();
    let (_, catalog) = scim.store().tenant(scim.tenant().id).catalog().await.unwrap();
    let kind = catalog.named("Device").unwrap();
    let (mut run, mut refused) = (0, 0);
    for (name, _, operands) in pools() {
        let path = format!("{EQUIPMENT}:{name}");
        let compared = operands.iter().flat_map(|operand| OPERATORS.iter().map(move |op| format!(" {op} {operand}")));
        for test in compared.chain([" pr".to_owned(), " eq null".to_owned()]) {
            for filter in [format!("{path}{test}"), format!("not ({path}{test})")] {
                let answer = scim.list("/Devices", &[("filter", &filter), ("count", "100")]).await;
                let Ok(checked) = CheckedFilter::parse(&filter, kind) else {
                    answer.expect_error(400, "invalidFilter", "");
                    refused += 1;
                    continue;
                };
                let ids = |resources: &Value, chosen: &dyn Fn(&Value) -> bool| -> BTreeSet<String> {
                    let chosen = resources.as_array().unwrap().iter().filter(|resource| chosen(resource));
                    chosen.map(|resource| resource["id"].to_string()).collect()
                };
                let expected = ids(&all, &|resource| checked.matches(resource.as_object().unwrap()));
                assert_eq!(ids(&answer.expect(200).json()["Resources"], &|_| true), expected, "{filter}");
                run += 1;
            }
        }
    }
    assert!(run > 500 && refused > 100, "{run} {refused}");
}

#[tokio::test]
async fn each_type_has_the_operators_of_the_rfc() {
    let scim = start().await;
    let (text, order) = (["co", "sw", "ew"], ["gt", "ge", "lt", "le"]);
    for (name, operand, with_text, with_order) in [
        ("label", "\"a\"", true, true),
        ("manual", "\"a\"", true, true),
        ("certificate", "\"AQID\"", true, false),
        ("approved", "true", false, false),
        ("weight", "1.5", false, true),
        ("floor", "1", false, true),
        ("boughtAt", "\"2024-01-01T00:00:00Z\"", false, true),
    ] {
        let is_allowed = |op: &str| {
            matches!(op, "eq" | "ne") || (with_text && text.contains(&op)) || (with_order && order.contains(&op))
        };
        for op in OPERATORS {
            let filter = format!("{EQUIPMENT}:{name} {op} {operand}");
            let answer = scim.list("/Devices", &[("filter", &filter)]).await;
            if is_allowed(op) {
                answer.expect(200);
            } else {
                answer.expect_error(400, "invalidFilter", op);
            }
        }
    }
    for (filter, told) in [
        ("approved eq 1", "true or false"),
        ("floor eq \"1\"", "number"),
        ("boughtAt gt \"soon\"", "dateTime"),
        ("label eq 1", "string"),
        ("location eq \"A\"", "location.building"),
        ("colour eq \"red\"", "colour"),
    ] {
        let filter = format!("{EQUIPMENT}:{filter}");
        scim.list("/Devices", &[("filter", &filter)]).await.expect_error(400, "invalidFilter", told);
    }
}

#[tokio::test]
async fn value_paths_and_extension_names_work_as_for_users() {
    let scim = start().await;
    create(&scim, "d", json!({ "contacts": [{ "value": "v", "type": "owner" }, { "value": "w", "type": "support" }] }))
        .await;
    let total = async |filter: &str| {
        scim.list("/Devices", &[("filter", filter)]).await.expect(200).json()["totalResults"].as_u64().unwrap()
    };
    assert_eq!(total(&format!("{EQUIPMENT}:contacts[type eq \"owner\" and value eq \"V\"]")).await, 1);
    assert_eq!(total(&format!("{EQUIPMENT}:contacts[type eq \"owner\" and value eq \"w\"]")).await, 0);
    assert_eq!(total("assetTag eq \"d\" and meta.resourceType eq \"Device\"").await, 1);
}

async fn sorted(scim: &Scim, by: &str, order: &str) -> Vec<String> {
    let by = format!("{EQUIPMENT}:{by}");
    let list = scim.list("/Devices", &[("sortBy", &by), ("sortOrder", order)]).await.expect(200).json();
    let names =
        list["Resources"].as_array().unwrap().iter().map(|device| device["displayName"].as_str().unwrap().to_owned());
    names.collect()
}

#[tokio::test]
async fn numbers_dates_and_text_sort_by_their_own_order() {
    let scim = start().await;
    for (name, floor, weight, bought, label) in [
        ("a", 10, 1.5, "2024-01-01T00:00:00+02:00", "b"),
        ("b", 9, 10.0, "2024-01-01T00:00:00Z", "C"),
        ("c", -1, 9.25, "2023-12-31T23:00:00Z", "A"),
    ] {
        create(&scim, name, json!({ "floor": floor, "weight": weight, "boughtAt": bought, "label": label })).await;
    }
    assert_eq!(sorted(&scim, "floor", "ascending").await, ["c", "b", "a"]);
    assert_eq!(sorted(&scim, "weight", "descending").await, ["b", "c", "a"]);
    assert_eq!(sorted(&scim, "boughtAt", "ascending").await, ["a", "c", "b"]);
    assert_eq!(sorted(&scim, "label", "ascending").await, ["c", "a", "b"]);
    let body = device("x", json!({}));
    scim.post("/Devices", body).await.expect(201);
    assert_eq!(sorted(&scim, "floor", "ascending").await.last().unwrap(), "x");
}
