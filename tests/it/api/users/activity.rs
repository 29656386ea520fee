//! Taking people out of service, and what is told of requests that failed.

use serde_json::json;

use super::{person, ready, user};
use crate::api::Api;
use crate::support::scim::Scim;

#[tokio::test]
async fn row_0_3_people_are_deactivated_and_come_back_with_their_groups_and_history() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    api.records("POST", json!([person("1", "a@b.c"), person("2", "x@b.c"), person("3", "y@b.c")])).await;
    let id = user(&scim, "a@b.c").await["id"].as_str().unwrap().to_owned();
    let group = scim.create_group("Staff").await;
    let add = json!({"Operations": [{"op": "add", "path": "members", "value": [{"value": id}]}]});
    scim.patch(&format!("/Groups/{group}"), add).await.expect(200);
    let named =
        json!([{"employeeId": "1"}, {"email": "X@b.c"}, {"id": user(&scim, "y@b.c").await["id"]}, {"employeeId": "9"}]);
    let answer = api.send("POST", "/users/deactivate", Some(&named), &[]).await.expect(200).json();
    assert_eq!((&answer["result"]["updated"], &answer["result"]["total"]), (&json!(3), &json!(4)));
    assert_eq!(answer["result"]["failures"]["9"]["code"], "user_not_found");
    let gone = user(&scim, "a@b.c").await;
    assert_eq!((&gone["active"], &gone["groups"][0]["value"]), (&json!(false), &json!(group)));
    assert_eq!(scim.actions().await.iter().filter(|action| *action == "deactivate").count(), 3);
    let again = api.send("POST", "/users/1/deactivate", None, &[]).await.expect(200).json();
    assert_eq!(again["result"]["unchanged"], 1);
    let back = api.send("POST", &format!("/users/{id}/reactivate"), None, &[]).await.expect(200).json();
    assert_eq!(back["result"]["updated"], 1);
    let back = api
        .send("POST", "/users/reactivate", Some(&json!([{"employeeId": "1"}, {"employeeId": "2"}])), &[])
        .await
        .json();
    assert_eq!((&back["result"]["unchanged"], &back["result"]["updated"]), (&json!(1), &json!(1)));
    assert_eq!(user(&scim, "a@b.c").await["active"], true);
    api.send("POST", "/users/nobody/deactivate", None, &[]).await.expect(404);
    api.send("DELETE", "/users/1", None, &[]).await.expect(405);
    let twice = api
        .send("POST", "/users/deactivate", Some(&json!([{"employeeId": "2"}, {"email": "x@b.c"}])), &[])
        .await
        .json();
    assert_eq!(twice["result"]["failures"]["x@b.c"]["code"], "duplicate_record");
    let wrong = api.send("POST", "/users/deactivate", Some(&json!([{}])), &[]).await.expect(422).json();
    assert_eq!(wrong["errors"][0]["field"], "[0]");
    Api::with_scopes(&scim, "users:write").await.send("POST", "/users/1/deactivate", None, &[]).await.expect(403);
}

#[tokio::test]
async fn a_record_may_tell_of_it_too() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    let mut record = person("1", "a@b.c");
    record["active"] = json!(false);
    api.records("POST", json!([record])).await;
    assert_eq!(user(&scim, "a@b.c").await["active"], false);
    api.records("PATCH", json!([{"employeeId": "1", "active": true}])).await;
    assert_eq!(user(&scim, "a@b.c").await["active"], true);
}

#[tokio::test]
async fn row_0_7_requests_that_failed_stand_in_the_activity_log() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    api.records("POST", json!([person("1", "a@b.c")])).await;
    let failed =
        api.send("POST", "/users", Some(&json!([person("2", "x@b.c"), person("1", "z@b.c")])), &[]).await.expect(200);
    let refused = api.send("POST", "/users", Some(&json!([{"pasword": "x"}])), &[]).await.expect(422);
    let store = scim.store();
    let tenant = store.tenant(scim.tenant().id);
    for (answer, status, told) in
        [(&failed, 409, "1 of 2 records failed; record 2"), (&refused, 422, "values that cannot be")]
    {
        let id = answer.header("x-request-id").parse().unwrap();
        let began = std::time::Instant::now();
        let found = loop {
            if let Some(found) = tenant.find_failed_request(id).await.unwrap() {
                break found;
            }
            assert!(began.elapsed().as_secs() < 10, "{told} is not written");
            tokio::task::yield_now().await;
        };
        assert_eq!((found.status, found.path.as_str()), (status, "/api/v1/users"));
        assert!(found.detail.contains(told), "{}", found.detail);
    }
}
