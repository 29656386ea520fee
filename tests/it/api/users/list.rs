//! The users as a partner's console lists them.

use serde_json::{Value, json};

use super::{ROLE, person, ready};
use crate::support::scim::{GROUP, Scim};

fn keys(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|user| user["employeeId"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn row_1_1_and_1_2_users_are_listed_with_their_state_and_by_their_organization() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    scim.create("/Groups", json!({"schemas": [GROUP, ROLE], "displayName": "Learner", ROLE: {"roleId": "1"}})).await;
    let made = api.send("POST", "/organizations", Some(&json!({"name": "North"})), &[]).await.expect(201).json();
    let organization = made["id"].as_str().unwrap();
    let mut first = person("1", "ann@b.c");
    first["organizations"] = json!(["North"]);
    first["roles"] = json!(["1"]);
    let mut second = person("2", "bob@b.c");
    second["active"] = json!(false);
    for record in [first, second, person("3", "cy@b.c")] {
        assert_eq!(api.records("POST", json!([record])).await["inserted"], 1);
    }
    let page = api.get("/users?limit=2").await.expect(200).json();
    assert_eq!(keys(&page), ["1", "2"]);
    let rest =
        api.get(&format!("/users?limit=2&cursor={}", page["nextCursor"].as_str().unwrap())).await.expect(200).json();
    assert_eq!((keys(&rest), rest.get("nextCursor")), (vec!["3"], None));
    let ann = &page["items"][0];
    let expected = json!({
        "id": ann["id"], "employeeId": "1", "userName": "ann@b.c", "email": "ann@b.c", "firstName": "Ann", "lastName": "Lee",
        "displayName": "Ann Lee", "createdAt": ann["createdAt"], "modifiedAt": ann["modifiedAt"], "active": true,
        "accessibility": "enabled", "accountState": "active", "identityProvider": null,
        "roles": [{"id": "1", "name": "Learner"}], "organizations": [{"id": organization, "name": "North"}]
    });
    assert_eq!(ann, &expected);
    assert!(ann["createdAt"].as_str().unwrap().starts_with("2026-11-22T08:00:00"));
    assert_eq!(
        (&page["items"][1]["accountState"], &page["items"][1]["accessibility"]),
        (&json!("blocked"), &json!("disabled"))
    );
    for (query, found) in [
        ("organization=north", vec!["1"]),
        (&format!("organization={organization}"), vec!["1"]),
        ("organization=South", vec![]),
        ("role=1", vec!["1"]),
        ("role=learner", vec!["1"]),
        ("role=9", vec![]),
        ("state=blocked", vec!["2"]),
        ("state=active", vec!["1", "3"]),
        ("search=BOB", vec!["2"]),
        ("search=%22)%20or", vec![]),
        ("state=active&search=b.c&role=Learner", vec!["1"]),
    ] {
        assert_eq!(keys(&api.get(&format!("/users?{query}")).await.expect(200).json()), found, "{query}");
    }
    assert_eq!(api.get("/users?state=gone").await.expect(422).json()["errors"][0]["field"], "state");
    let by_id = api.get(&format!("/users/{}", ann["id"].as_str().unwrap())).await.expect(200).json();
    assert_eq!((by_id, api.get("/users/1").await.expect(200).json()), (expected.clone(), expected));
    api.get("/users/nobody").await.expect(404);
    // A renamed organization is shown by its name of now.
    api.send("PATCH", &format!("/organizations/{organization}"), Some(&json!({"name": "Far North"})), &[])
        .await
        .expect(200);
    assert_eq!(api.get("/users/1").await.json()["organizations"][0]["name"], "Far North");
}

#[tokio::test]
async fn row_3_13_one_tenant_sees_nothing_of_another() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    let other_scim = scim.other_tenant("other").await;
    let other = ready(&other_scim).await;
    let made = api.send("POST", "/organizations", Some(&json!({"name": "North"})), &[]).await.expect(201).json();
    assert_eq!(api.records("POST", json!([person("1", "a@b.c")])).await["inserted"], 1);
    assert_eq!(other.get("/users").await.expect(200).json(), json!({"items": []}));
    other.get("/users/1").await.expect(404);
    other.get(&format!("/organizations/{}", made["id"].as_str().unwrap())).await.expect(404);
    let mut record = person("1", "a@b.c");
    assert_eq!(other.records("POST", json!([record.clone()])).await["inserted"], 1);
    record["employeeId"] = json!("2");
    record["email"] = json!("x@b.c");
    record["organizations"] = json!([made["id"]]);
    assert_eq!(other.records("POST", json!([record])).await["failures"]["2"]["code"], "unknown_organization");
}

#[tokio::test]
async fn row_1_1_whoever_was_invited_and_has_not_come_is_told_so() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    for (key, invited) in [("1", true), ("2", false), ("3", true)] {
        let mut record = person(key, &format!("{key}@b.c"));
        record["sendInvitation"] = json!(invited);
        assert_eq!(api.records("POST", json!([record])).await["inserted"], 1);
    }
    let state = |list: &Value| list["items"][0]["accountState"].clone();
    let first = api.get("/users?state=invited&limit=1").await.expect(200).json();
    assert_eq!((keys(&first), state(&first)), (vec!["1"], json!("invited")));
    let next = first["nextCursor"].as_str().unwrap();
    let rest = api.get(&format!("/users?state=invited&limit=1&cursor={next}")).await.expect(200).json();
    assert_eq!((keys(&rest), rest.get("nextCursor")), (vec!["3"], None));
    assert_eq!(keys(&api.get("/users?state=active").await.json()), ["2"]);
    assert_eq!(keys(&api.get("/users?state=invited&search=3@").await.json()), ["3"]);
    api.send("POST", "/users/1/deactivate", None, &[]).await.expect(200);
    assert_eq!(api.get("/users/1").await.json()["accountState"], "blocked");
    assert_eq!(keys(&api.get("/users?state=invited").await.json()), ["3"]);
    // An invitation that nobody took up ends after seven days.
    scim.advance_seconds(8 * 24 * 3_600);
    assert_eq!(keys(&api.get("/users?state=invited").await.json()), Vec::<&str>::new());
}

#[tokio::test]
async fn pages_of_active_users_are_full_until_the_last() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    // Of ten, those with a number that three divides have come.
    for at in 0..30 {
        let mut record = person(&format!("{at}"), &format!("{at}@b.c"));
        record["sendInvitation"] = json!(at % 3 != 0);
        assert_eq!(api.records("POST", json!([record])).await["inserted"], 1);
    }
    let expected: Vec<String> = (0..30).step_by(3).map(|at| at.to_string()).collect();
    for limit in [1, 3, 4, 5, 9, 10, 11] {
        let (mut seen, mut sizes, mut cursor) = (Vec::new(), Vec::new(), String::new());
        loop {
            let page = api.get(&format!("/users?state=active&limit={limit}{cursor}")).await.expect(200).json();
            let shown = keys(&page);
            sizes.push(shown.len());
            seen.extend(shown.into_iter().map(str::to_owned));
            let Some(next) = page["nextCursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(seen, expected, "by {limit}");
        let (last, full) = sizes.split_last().unwrap();
        assert!(full.iter().all(|size| *size == limit) && (1..=limit).contains(last), "by {limit}: {sizes:?}");
    }
    assert_eq!(api.get("/users?state=active&search=nobody").await.json(), json!({"items": []}));
}
