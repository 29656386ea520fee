//! What happens at the same time.

use futures_util::future::join_all;
use serde_json::json;

use super::{person, ready};
use crate::support::scim::Scim;

#[tokio::test]
async fn row_2_7_of_many_who_create_one_address_at_once_exactly_one_succeeds() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    for round in 0..4 {
        let email = format!("r{round}@b.c");
        let ways = (0..8).map(|way| {
            let (api, scim, email) = (&api, &scim, &email);
            async move {
                if way % 2 == 0 {
                    let answer =
                        api.records("POST", json!([person(&format!("{round}-{way}"), &email.to_uppercase())])).await;
                    if answer["inserted"] != 1 {
                        assert_eq!(
                            answer["failures"][format!("{round}-{way}")]["code"],
                            "email_already_exists",
                            "{answer}"
                        );
                    }
                    return answer["inserted"] == 1;
                }
                let body = json!({"userName": format!("{round}-{way}"), "emails": [{"value": email}]});
                let answer = scim.post("/Users", body).await;
                assert!(matches!(answer.status, 201 | 409), "{}", answer.text);
                answer.status == 201
            }
        });
        let made = join_all(ways).await.into_iter().filter(|made| *made).count();
        assert_eq!(made, 1, "round {round}");
        let filter = format!("emails.value eq \"{email}\"");
        assert_eq!(scim.list("/Users", &[("filter", &filter)]).await.json()["totalResults"], 1);
    }
}

#[tokio::test]
async fn of_many_who_create_one_employee_id_at_once_exactly_one_succeeds() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    let ways = (0..8).map(|way| api.records("POST", json!([person("one", &format!("{way}@b.c"))])));
    let made = join_all(ways).await;
    assert_eq!(made.iter().filter(|answer| answer["inserted"] == 1).count(), 1);
    let refused = made.iter().filter(|answer| answer["failures"]["one"]["code"] == "employee_id_already_exists");
    assert_eq!(refused.count(), 7);
}

#[tokio::test]
async fn a_thousand_records_and_changes_at_once_all_arrive() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    let records: Vec<_> = (0..1_000).map(|n| person(&format!("E{n}"), &format!("e{n}@b.c"))).collect();
    assert_eq!(api.records("POST", json!(records)).await["inserted"], 1_000);
    let change = |title: &'static str| {
        let records: Vec<_> = (0..50).map(|n| json!({"employeeId": format!("E{n}"), "title": title})).collect();
        api.records("PATCH", json!(records))
    };
    for answer in join_all(["a", "b", "c"].map(change)).await {
        assert_eq!(answer["failures"], json!({}), "{answer}");
        assert_eq!(answer["total"], 50);
    }
}
