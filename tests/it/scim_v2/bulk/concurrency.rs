//! Bulk requests beside each other and beside single requests.

use std::sync::Arc;

use futures_util::future::join_all;
use serde_json::json;

use super::*;

#[tokio::test]
async fn of_bulk_and_single_requests_for_the_same_names_one_wins_each() {
    let scim = Arc::new(Scim::start().await);
    let in_bulk = (0..4).map(|_| {
        let scim = scim.clone();
        async move {
            let users = (0..40).map(|at| post("/Users", &at.to_string(), user(&format!("u{at}"))));
            let answers = bulk(&scim, users).await;
            answers.iter().map(|answer| answer["status"].as_str().unwrap().parse().unwrap()).collect::<Vec<u16>>()
        }
    });
    let single = (0..4).map(|_| {
        let scim = scim.clone();
        async move {
            let mut statuses = Vec::new();
            for at in 0..40 {
                statuses.push(scim.post("/Users", user(&format!("U{at}"))).await.status);
            }
            statuses
        }
    });
    let (in_bulk, single) = tokio::join!(join_all(in_bulk), join_all(single));
    for name in 0..40 {
        let statuses: Vec<u16> = in_bulk.iter().chain(&single).map(|statuses| statuses[name]).collect();
        assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
        assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 7, "{statuses:?}");
    }
    assert_eq!(count(&scim).await.0, json!(40));
    assert_eq!(scim.actions().await.len(), 40);
}

#[tokio::test]
async fn members_added_by_bulk_and_single_requests_are_all_there() {
    let scim = Arc::new(Scim::start().await);
    let team = scim.create_group("Team").await;
    let path = format!("/Groups/{team}");
    let users = bulk(&scim, (0..60).map(|at| post("/Users", &at.to_string(), user(&format!("u{at}"))))).await;
    let ids: Vec<String> = users.iter().map(id).collect();
    let add = |id: &String| json!([{"op": "add", "path": "members", "value": [{"value": id}]}]);
    let in_bulk = ids[..40].chunks(10).map(|ids| bulk(&scim, ids.iter().map(|id| patch(&path, add(id)))));
    let single = ids[40..].iter().map(|id| scim.patch(&path, json!({"Operations": add(id)})));
    let (in_bulk, single) = tokio::join!(join_all(in_bulk), join_all(single));
    assert!(in_bulk.iter().all(|answers| statuses(answers).iter().all(|status| *status == "200")), "{in_bulk:?}");
    assert!(single.iter().all(|answer| answer.status == 200));
    assert_eq!(members(&scim, &team).await.len(), 60);
    assert_eq!(scim.get(&path).await.json()["meta"]["version"], "W/\"61\"");
}

#[tokio::test]
async fn a_client_that_goes_away_does_not_end_its_request_half_way() {
    let scim = Scim::start().await;
    let body = request((0..1000).map(|at| post("/Users", &at.to_string(), user(&format!("u{at}"))))).to_string();
    let mut wire = crate::support::wire::Wire::open(&scim).await;
    let length = format!("Content-Length: {}", body.len());
    wire.send(crate::support::wire::head(&scim, "POST", "/scim/v2/Bulk", &[&length])).await.unwrap();
    wire.send(body).await.unwrap();
    while count(&scim).await.0 == json!(0) {
        tokio::task::yield_now().await;
    }
    drop(wire);
    for _ in 0..1000 {
        if count(&scim).await.0 == json!(1000) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("only {} were created", count(&scim).await.0);
}
