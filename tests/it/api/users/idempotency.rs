//! A retry gets the first answer.

use futures_util::future::join_all;
use scimgate::model::Credentials;
use serde_json::json;

use super::{person, ready, ready_with};
use crate::api::Api;
use crate::support::scim::Scim;

#[tokio::test]
async fn row_1_9_a_retry_with_the_same_key_gets_the_first_answer_for_a_day() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    let key = [("idempotency-key", "import-2026-11-22")];
    let records = json!([person("1", "a@b.c")]);
    let first = api.send("POST", "/users", Some(&records), &key).await.expect(200);
    assert_eq!(first.header("idempotency-replayed"), "");
    let again = api.send("POST", "/users", Some(&records), &key).await.expect(200);
    assert_eq!((again.json(), again.header("idempotency-replayed")), (first.json(), "true"));
    let other = api.send("POST", "/users", Some(&json!([person("2", "x@b.c")])), &key).await.expect(422);
    assert!(other.text.contains("another request"), "{}", other.text);
    api.send("POST", "/users?dryRun=true", Some(&records), &key).await.expect(422);
    api.send("PATCH", "/users", Some(&records), &key).await.expect(422);
    // Another credential has keys of its own.
    let someone_else = Api::of(&scim).await.send("POST", "/users", Some(&records), &key).await.expect(200).json();
    assert_eq!(someone_else["result"]["failures"]["1"]["code"], "employee_id_already_exists");
    scim.advance_seconds(24 * 3_600 + 1);
    let later = api.send("POST", "/users", Some(&records), &key).await.expect(200).json();
    assert_eq!(later["result"]["failures"]["1"]["code"], "employee_id_already_exists");
    for wrong in ["", "a b", &"x".repeat(256)] {
        api.send("POST", "/users", Some(&records), &[("idempotency-key", wrong)]).await.expect(400);
    }
}

#[tokio::test]
async fn of_requests_with_one_key_at_once_one_is_carried_out() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    let records: Vec<_> = (0..200).map(|n| person(&format!("E{n}"), &format!("e{n}@b.c"))).collect();
    let records = json!(records);
    let sends = (0..6).map(|_| api.send("POST", "/users", Some(&records), &[("idempotency-key", "k")]));
    let answers = join_all(sends).await;
    let mut done = 0;
    for answer in &answers {
        match answer.status {
            200 => {
                assert_eq!(answer.json()["result"]["inserted"], 200);
                done += usize::from(answer.header("idempotency-replayed").is_empty());
            }
            409 => assert_eq!(answer.header("retry-after"), "5"),
            _ => panic!("{}", answer.text),
        }
    }
    assert_eq!(done, 1);
}

#[tokio::test]
async fn a_retry_is_not_told_passwords_and_none_is_kept() {
    let scim = Scim::start().await;
    let api = ready_with(&scim, |choices| choices.credentials = Credentials::ReturnOnce).await;
    let (records, key) = (json!([person("1", "a@b.c")]), [("idempotency-key", "k")]);
    let first = api.send("POST", "/users", Some(&records), &key).await.expect(200).json();
    let password = first["users"][0]["password"].as_str().unwrap();
    assert!(!scim.dump_all().await.contains(password));
    let again = api.send("POST", "/users", Some(&records), &key).await.expect(200).json();
    assert_eq!(again["result"], first["result"]);
    assert_eq!(again["users"], json!([{"key": "1", "id": first["users"][0]["id"], "userName": "a@b.c"}]));
}
