//! Writers that get into each other's way inside the database.

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::scim::Scim;

const ROUNDS: usize = 10;
const MEMBERS: usize = 12;

fn members(op: &str, ids: &[String]) -> Value {
    let values: Vec<Value> = ids.iter().map(|id| json!({"value": id})).collect();
    json!({"Operations": [{"op": op, "path": "members", "value": values}]})
}

/// Two clients change two groups in opposite orders and name the members in opposite orders, while others delete members.
#[tokio::test]
async fn changes_of_groups_in_opposite_orders_and_deletes_of_their_members_all_get_through() {
    let scim = std::sync::Arc::new(Scim::start().await);
    let groups = [scim.create_group("one").await, scim.create_group("other").await];
    for round in 0..ROUNDS {
        let mut people = Vec::new();
        for number in 0..MEMBERS {
            people.push(scim.create_user(&format!("user-{round}-{number}")).await);
        }
        let (staying, leaving) = people.split_at(MEMBERS / 2);
        let mut work = JoinSet::new();
        for reversed in [false, true] {
            let (scim, mut groups, mut people) = (scim.clone(), groups.clone(), staying.to_vec());
            if reversed {
                groups.reverse();
                people.reverse();
            }
            work.spawn(async move {
                for group in groups.iter().cycle().take(4) {
                    scim.patch(&format!("/Groups/{group}"), members("add", &people)).await.expect(200);
                }
            });
        }
        for group in groups.clone() {
            let (scim, people) = (scim.clone(), leaving.to_vec());
            work.spawn(async move {
                for person in people {
                    // Who is deleted already cannot be added: a client's error, and none of ours.
                    let answer = scim.patch(&format!("/Groups/{group}"), members("add", &[person])).await;
                    assert!([200, 400].contains(&answer.status), "{answer:?}");
                }
            });
        }
        for person in leaving.to_vec() {
            let scim = scim.clone();
            work.spawn(async move { drop(scim.delete(&format!("/Users/{person}")).await.expect(204)) });
        }
        work.join_all().await;
    }
    for group in &groups {
        let group = scim.get(&format!("/Groups/{group}")).await.expect(200).json();
        assert_eq!(group["members"].as_array().unwrap().len(), ROUNDS * MEMBERS / 2, "{group}");
    }
}
