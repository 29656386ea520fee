//! What an application's list is worth: who may publish and read it, who is provisioned by it, and what licences it takes.

use super::*;

#[tokio::test]
async fn row_4_5_an_application_has_to_be_set_up_and_others_tenants_have_none() {
    let (scim, api) = with_app().await;
    let listed = api.get("/apps").await.expect(200).json();
    assert_eq!(listed, json!({"items": [{"id": "crm", "name": "The CRM", "publishedAt": null}]}));
    for path in ["/apps/erp/users", "/apps/CRM/users", "/apps/a%2Fb/users"] {
        post(&api, path, &users([1])).await.expect_problem(404, "there is no application");
    }
    let other = scim.other_tenant("second").await;
    let foreign = Api::with_scopes(&other, "roster:write").await;
    post(&foreign, "/apps/crm/users", &users([1])).await.expect_problem(404, "there is no application crm");
    let session = open(&api).await;
    create(&other, "crm", &[]).await;
    append(&foreign, &session, 1, [1]).await.expect_problem(404, "there is no roster session");
    commit(&foreign, &session, "").await.expect_problem(404, "there is no roster session");
    assert_eq!(published(&foreign, &users([1])).await, [1, 0, 0, 0, 1]);
    assert!(self::listed(&api, "").await.is_empty());
}

#[tokio::test]
async fn row_4_6_publishing_needs_its_scope_and_reading_one_of_two() {
    let (scim, api) = with_app().await;
    published(&api, &users([1])).await;
    let reader = Api::with_scopes(&scim, "provision").await;
    reader.get("/apps/crm/users").await.expect(200);
    post(&reader, "/apps/crm/users", &users([2])).await.expect_problem(403, "roster:write");
    reader.send("DELETE", "/apps/crm/users", None, &[]).await.expect_problem(403, "roster:write");
    let stranger = Api::with_scopes(&scim, "write").await;
    stranger.get("/apps").await.expect_problem(403, "provision");
    let plain = [("content-type", "text/plain")];
    api.send("POST", "/apps/crm/users", None, &plain).await.expect_problem(415, "");
}

#[tokio::test]
async fn row_4_7_numbers_are_those_of_the_moment_and_say_so() {
    let (scim, api) = with_app().await;
    published(&api, &users([1, 2])).await;
    scim.advance_seconds(3_600);
    let told = api.get("/apps/crm/licenses").await.expect(200).json();
    let instant = |name: &str| told[name].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    assert_eq!(instant("asOf"), scim.clock().now());
    assert_eq!((instant("asOf") - instant("publishedAt")).num_seconds(), 3_600);
    assert_eq!((&told["total"], &told["unknownEmails"]), (&json!(2), &json!(2)));
}

#[tokio::test]
async fn row_4_8_whoever_is_on_the_list_is_provisioned_and_known_by_e_mail() {
    let (scim, api) = with_app().await;
    let ann = scim
        .create(
            "/Users",
            json!({"schemas": [USER], "userName": "ann", "displayName": "Ann",
        "emails": [{"value": "Ann@Example.com", "primary": true}]}),
        )
        .await;
    let bob = scim.create("/Users", json!({"schemas": [USER], "userName": "BOB@example.com", "active": false})).await;
    let body = json!({"provisionedUsers": [
        {"appUserId": "1", "email": "ann@example.COM"}, {"appUserId": "2", "email": "bob@example.com"},
        {"appUserId": "3", "email": "cy@example.com"}
    ]});
    assert_eq!(post(&api, "/apps/crm/users", &body).await.expect(200).json()["unknownEmails"], 1);
    let entries = api.get("/apps/crm/users").await.expect(200).json()["items"].clone();
    assert_eq!(entries[0]["user"], json!({"id": ann, "name": "Ann", "active": true}));
    assert_eq!(entries[1]["user"], json!({"id": bob, "name": "BOB@example.com", "active": false}));
    assert_eq!((&entries[2]["user"], &entries[2]["state"]), (&Value::Null, &json!("provisioned")));
    assert_eq!(listed(&api, "unknown=true").await, ["3"]);
    assert_eq!(listed(&api, "unknown=false").await, ["1", "2"]);

    // Users come and go after the publication.
    scim.create_user("cy@example.com").await;
    scim.delete(&format!("/Users/{ann}")).await.expect(204);
    assert_eq!(listed(&api, "unknown=true").await, ["1", "3"], "who is gone is unknown at once");
    scim.advance_seconds(700);
    tend_rosters(&scim.store(), scim.clock().now()).await.unwrap();
    assert_eq!(listed(&api, "unknown=true").await, ["1"]);
}

#[tokio::test]
async fn row_4_9_licences_are_counted_against_their_limits() {
    let (scim, api) = with_app().await;
    create(&scim, "wiki", &[("Basic", 5)]).await;
    let licensed = |number: usize, license: &str| {
        let mut user = user(number);
        user["license"] = license.into();
        user
    };
    let body = json!({"provisionedUsers": [
        licensed(1, "Pro"), licensed(2, "Pro"), licensed(3, "Pro"), licensed(4, "Guest"), user(5), licensed(6, " ")
    ]});
    published(&api, &body).await;
    let told = api.get("/apps/crm/licenses").await.expect(200).json();
    let seats = |license: Value, used: u64, permitted: Value, over: u64| {
        json!({"license": license, "used": used, "permitted": permitted, "over": over, "unused": 0, "unknownEmails": used,
            "inactiveUsers": 0})
    };
    let expected = json!([
        seats(json!("Guest"), 1, Value::Null, 0),
        seats(json!("Pro"), 3, json!(2), 1),
        seats(Value::Null, 2, Value::Null, 0)
    ]);
    assert_eq!(told["items"], expected);
    assert_eq!(listed(&api, "license=Pro").await.len(), 3);
    assert_eq!(listed(&api, "license=").await, ["000005", "000006"]);
    let idle = api.get("/apps/wiki/licenses").await.expect(200).json();
    assert_eq!((&idle["items"][0]["unused"], &idle["items"][0]["used"]), (&json!(5), &json!(0)));
    let report = api.get("/apps/crm/report?license=Guest").await.expect(200).json();
    assert_eq!(
        (&report["licenses"]["total"], &report["accounts"]["items"][0]["appUserId"]),
        (&json!(6), &json!("000004"))
    );
}

#[tokio::test]
async fn row_4_9_the_report_is_a_file_without_formulas() {
    let (_scim, api) = with_app().await;
    let mut body = users(0..700);
    body["provisionedUsers"][0]["appUserId"] = "=1+1".into();
    body["provisionedUsers"][0]["username"] = "@SUM(A1)".into();
    body["provisionedUsers"][0]["license"] = "-Pro".into();
    body["provisionedUsers"][0]["email"] = "+x@example.com".into();
    published(&api, &body).await;
    let file = api.get("/apps/crm/report?format=csv").await.expect(200);
    assert!(file.header("content-type").starts_with("text/csv"), "{}", file.header("content-type"));
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"crm.csv\"");
    let mut reader = csv::Reader::from_reader(file.text.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 700);
    let risky = rows.iter().find(|row| row.get(0) == Some("'=1+1")).unwrap();
    assert_eq!((risky.get(1), risky.get(2), risky.get(3)), (Some("'+x@example.com"), Some("'@SUM(A1)"), Some("'-Pro")));
    for row in &rows {
        assert!(!row.iter().any(|cell| cell.starts_with(['=', '+', '-', '@', '\t', '\r'])), "{row:?}");
    }
    let unknown = api.get("/apps/crm/report?format=csv&unknown=false").await.expect(200);
    assert_eq!(unknown.text.lines().count(), 1);
    api.get("/apps/crm/report?format=xml").await.expect_invalid(&["format"]);
}
