//! New users of one call are written together, and nothing comes out otherwise than if each was written alone.

use std::collections::HashSet;

use super::*;
use crate::scim_v2::schemas::{EQUIPMENT, register};

#[tokio::test]
async fn one_that_cannot_be_written_hinders_none_of_those_beside_it() {
    let scim = Scim::start().await;
    register(&scim).await;
    let api = ready(&scim).await;
    let tagged = |at: usize| {
        let mut record = person(&format!("E{at}"), &format!("u{at}@example.com"));
        // What is unique by a schema of the tenant's own is known to the database alone.
        let tag = if at % 50 == 7 { "T7".to_owned() } else { format!("T{at}") };
        record["attributes"] = json!({ format!("{EQUIPMENT}:assetTag"): tag });
        record
    };
    let records: Vec<Value> = (0..150).map(tagged).collect();
    let result = api.records("POST", json!(records)).await;
    assert_eq!((&result["inserted"], &result["total"]), (&json!(148), &json!(150)), "{result}");
    let failures = result["failures"].as_object().unwrap();
    assert_eq!(failures.len(), 2);
    for (key, failure) in failures {
        assert!(["E7", "E57", "E107"].contains(&key.as_str()), "{key}");
        assert_eq!(failure["code"], "invalid_value", "{failure}");
        assert!(failure["field"].as_str().unwrap().ends_with("assetTag"), "{failure}");
    }
    assert_eq!(scim.get("/Users?count=0").await.json()["totalResults"], 148);
    let changes = scim.changes().await;
    assert_eq!(changes.len(), 148);
    let resources: HashSet<String> = changes.iter().map(|change| change.resource_id.to_string()).collect();
    let requests: HashSet<String> = changes.iter().map(|change| change.request.to_string()).collect();
    assert_eq!((resources.len(), requests.len()), (148, 1));
    assert!(changes.iter().all(|change| change.action.as_str() == "create" && change.version == 1));
    // The same again changes nothing: each is found as it is.
    let again: Vec<Value> = (0..150).filter(|at| at % 50 != 7).map(tagged).collect();
    assert_eq!(api.records("PATCH", json!(again)).await, counts(0, 0, 147));
}

#[tokio::test]
async fn the_same_people_sent_at_once_are_made_once() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    let records: Vec<Value> = (0..100).map(|at| person(&format!("E{at}"), &format!("u{at}@example.com"))).collect();
    let records = json!(records);
    let sent = (0..4).map(|_| api.send("POST", "/users", Some(&records), &[]));
    let answers = futures_util::future::join_all(sent).await;
    let inserted = answers.into_iter().map(|answer| answer.expect(200).json()["result"]["inserted"].as_u64().unwrap());
    assert_eq!(inserted.sum::<u64>(), 100);
    assert_eq!(scim.get("/Users?count=0").await.json()["totalResults"], 100);
    assert_eq!(scim.changes().await.len(), 100);
}
