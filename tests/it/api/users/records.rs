//! Records one by one and many at once: what becomes of them, and what is told of those that fail.

use serde_json::{Value, json};

use super::{ENTERPRISE, ROLE, counts, person, ready, ready_with, user};
use crate::api::Api;
use crate::support::scim::{GROUP, Scim};

async fn role(scim: &Scim, id: &str, name: &str) -> String {
    let body = json!({"schemas": [GROUP, ROLE], "displayName": name, ROLE: {"roleId": id}});
    scim.create("/Groups", body).await
}

#[tokio::test]
async fn row_2_1_an_array_creates_users_with_their_roles() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    let group = role(&scim, "Scheduler", "Scheduler").await;
    let records = json!([{
        "email": "new_user@example.com", "firstName": "New", "lastName": "User", "roles": ["Scheduler"], "sendInvitation": true
    }]);
    let answer = api.send("POST", "/users", Some(&records), &[]).await.expect(200).json();
    assert_eq!(answer, json!({"result": counts(1, 0, 0)}));
    let made = user(&scim, "new_user@example.com").await;
    assert_eq!(made["displayName"], "New User");
    assert_eq!(made["emails"], json!([{"value": "new_user@example.com", "type": "work", "primary": true}]));
    assert_eq!(made["groups"][0]["value"], group);
}

#[tokio::test]
async fn row_0_1_and_0_2_and_0_4_people_are_created_and_changed_by_their_employee_id() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    let record = json!([{
        "employeeId": "E-1", "email": "ann@example.com", "userName": "ann", "firstName": "Ann", "lastName": "Lee",
        "title": "Teacher", "department": "Maths"
    }]);
    assert_eq!(api.records("POST", record.clone()).await, counts(1, 0, 0));
    let made = user(&scim, "ann").await;
    assert_eq!((made["externalId"].as_str(), made["title"].as_str()), (Some("E-1"), Some("Teacher")));
    assert_eq!(made[ENTERPRISE], json!({"employeeNumber": "E-1", "department": "Maths"}));
    let again = api.records("POST", record).await;
    let taken = json!({
        "code": "employee_id_already_exists", "message": "A user with that employee id already exists", "field": "employeeId"
    });
    assert_eq!(again["failures"], json!({"E-1": taken}));
    let change = json!([{"employeeId": "E-1", "email": "ann.roe@example.com", "lastName": "Roe", "title": ""}]);
    assert_eq!(api.records("PATCH", change).await, counts(0, 1, 0));
    let changed = user(&scim, "ann").await;
    assert_eq!(changed["displayName"], "Ann Roe");
    assert_eq!(changed["name"], json!({"familyName": "Roe", "givenName": "Ann"}));
    assert_eq!(changed["emails"], json!([{"value": "ann.roe@example.com", "type": "work", "primary": true}]));
    assert_eq!((changed["id"].clone(), changed.get("title")), (made["id"].clone(), None));
}

#[tokio::test]
async fn row_3_11_an_update_carries_the_changed_fields_alone_and_what_is_so_already_is_not_written() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    api.records("POST", json!([person("137945", "a@example.com")])).await;
    let before = user(&scim, "a@example.com").await;
    let change = json!([{"employeeId": "137945", "attributes": {format!("{ENTERPRISE}:costCenter"): "NewMISID"}}]);
    assert_eq!(api.records("PATCH", change.clone()).await, counts(0, 1, 0));
    let changed = user(&scim, "a@example.com").await;
    assert_eq!(changed[ENTERPRISE]["costCenter"], "NewMISID");
    assert_eq!(changed["name"], before["name"]);
    let dump = scim.dump().await;
    assert_eq!(api.records("PATCH", change).await, counts(0, 0, 1));
    assert_eq!(api.records("PATCH", json!([person("137945", "a@example.com")])).await, counts(0, 0, 1));
    assert_eq!(scim.dump().await, dump);
}

#[tokio::test]
async fn row_2_5_and_2_6_and_2_7_a_taken_address_fails_alone_under_its_key() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    let one = |email: &str| json!({"email": email, "firstName": "J", "lastName": "Smith"});
    api.records("POST", json!([one("jsmith@email.com")])).await;
    let answer = api.records("POST", json!([one("JSmith@Email.com")])).await;
    let taken =
        json!({"code": "email_already_exists", "message": "A user with that email already exists", "field": "email"});
    assert_eq!(
        answer,
        json!({"inserted": 0, "updated": 0, "unchanged": 0, "total": 1, "failures": {"JSmith@Email.com": taken}})
    );
    let answer = api.records("POST", json!([one("a@b.c"), one("jsmith@email.com"), one("d@e.f")])).await;
    assert_eq!((answer["inserted"].as_u64(), answer["total"].as_u64()), (Some(2), Some(3)));
    assert_eq!(answer["failures"], json!({"jsmith@email.com": taken}));
    // Those who come by SCIM keep to it too.
    let body = |email: &str| json!({"userName": format!("other {email}"), "emails": [{"value": email}]});
    scim.post("/Users", body("A@B.C")).await.expect_error(409, "uniqueness", "emails");
    let other = scim.create("/Users", body("x@y.z")).await;
    let operations =
        json!({"Operations": [{"op": "replace", "path": "emails[value eq \"x@y.z\"].value", "value": "d@E.f"}]});
    scim.patch(&format!("/Users/{other}"), operations).await.expect_error(409, "uniqueness", "emails");
}

#[tokio::test]
async fn row_3_3_everything_that_is_missing_of_somebody_new_is_named_at_once() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    let answer =
        api.records("POST", json!([{"employeeId": "1", "title": "x"}, {"title": "x"}, {"email": "nobody"}])).await;
    let failures = &answer["failures"];
    assert_eq!(failures["1"]["code"], "missing_required_attributes");
    assert_eq!(failures["1"]["message"], "A new user must have email, firstName, lastName");
    assert_eq!(failures["#2"]["code"], "key_missing");
    assert_eq!(
        (failures["nobody"]["code"].as_str(), failures["nobody"]["field"].as_str()),
        (Some("invalid_value"), Some("email"))
    );
    assert_eq!(answer["total"], 3);
    let answer = api.records("PATCH", json!([{"employeeId": "1", "title": "x"}])).await;
    assert_eq!(answer["failures"]["1"]["code"], "user_not_found");
}

#[tokio::test]
async fn row_3_4_what_a_role_asks_for_is_named_with_the_rest() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    let body = json!({
        "schemas": [GROUP, ROLE], "displayName": "Learner", ROLE: {"roleId": "1", "requires": "title, nickName"}
    });
    scim.create("/Groups", body).await;
    let answer =
        api.records("POST", json!([{"employeeId": "1", "firstName": "Ann", "roles": ["Learner"], "title": "x"}])).await;
    let failure = &answer["failures"]["1"];
    assert_eq!(failure["code"], "missing_required_attributes");
    assert_eq!(failure["message"], "A new user must have email, lastName, nickName");
    let mut record = person("1", "a@b.c");
    record["roles"] = json!(["1"]);
    let failure = api.records("POST", json!([record])).await["failures"]["1"].clone();
    assert_eq!(failure["code"], "missing_required_attributes");
    let message = failure["message"].as_str().unwrap();
    assert!(message.contains("title") && message.contains("nickName"), "{message}");
    record["title"] = json!("x");
    record["attributes"] = json!({"nickName": "Annie"});
    assert_eq!(api.records("POST", json!([record])).await, counts(1, 0, 0));
}

#[tokio::test]
async fn row_2_10_a_tenant_that_is_not_set_up_is_told_what_to_do() {
    let scim = Scim::start().await;
    let api = Api::of(&scim).await;
    let refused = api.send("POST", "/users", Some(&json!([person("1", "a@b.c")])), &[]).await.expect(403);
    assert_eq!(refused.header("content-type"), "application/problem+json");
    let problem = refused.json();
    assert_eq!(problem["code"], "api_user_not_found");
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("API User for tenant first has not been set up"), "{detail}");
    assert!(detail.contains("scimgate tenant set first --provisioning on"), "{detail}");
}

#[tokio::test]
async fn row_3_5_and_3_6_optional_fields_go_by_the_paths_of_attributes() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    let mut record = person("1", "a@b.c");
    record["attributes"] = json!({
        "phoneNumbers[type eq \"mobile\"].value": "+44 1", "profileUrl": "https://example.com/a",
        format!("{ENTERPRISE}:division"): "North", "preferredLanguage": "", "addresses": [{"type": "work", "formatted": "1 Way"}]
    });
    assert_eq!(api.records("POST", json!([record])).await, counts(1, 0, 0));
    let made = user(&scim, "a@b.c").await;
    assert_eq!(made["phoneNumbers"], json!([{"type": "mobile", "value": "+44 1"}]));
    assert_eq!(made["profileUrl"], "https://example.com/a");
    assert_eq!(made["addresses"], json!([{"formatted": "1 Way", "type": "work"}]));
    assert_eq!(made[ENTERPRISE]["division"], "North");
    let failing = json!([
        {"employeeId": "1", "attributes": {"shoeSize": 42}},
        {"employeeId": "1", "attributes": {"password": "x"}},
    ]);
    let [unknown, password] = [&failing[0], &failing[1]];
    for (record, field) in [(unknown, "attributes.shoeSize"), (password, "attributes.password")] {
        let answer = api.records("PATCH", json!([record])).await;
        assert_eq!(
            (&answer["failures"]["1"]["code"], &answer["failures"]["1"]["field"]),
            (&json!("invalid_value"), &json!(field))
        );
    }
}

#[tokio::test]
async fn row_1_9_duplicates_are_told_and_not_repeated() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    let answer = api
        .records(
            "POST",
            json!([person("1", "a@b.c"), person("1", "x@b.c"), person("2", "A@b.c"), person("3", "d@b.c")]),
        )
        .await;
    assert_eq!((answer["inserted"].as_u64(), answer["total"].as_u64()), (Some(2), Some(4)));
    assert_eq!(answer["failures"]["1"]["code"], "duplicate_record");
    assert_eq!(answer["failures"]["2"]["code"], "email_already_exists");
    let answer =
        api.records("PATCH", json!([{"employeeId": "3", "title": "a"}, {"email": "d@b.c", "title": "b"}])).await;
    assert_eq!(
        (answer["updated"].as_u64(), &answer["failures"]["d@b.c"]["code"]),
        (Some(1), &json!("duplicate_record"))
    );
    assert_eq!(user(&scim, "d@b.c").await["title"], "a");
}

#[tokio::test]
async fn somebody_known_by_the_address_alone_is_given_the_employee_id() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    let body = json!({"userName": "ann", "externalId": "entra-1", "emails": [{"value": "ann@example.com"}]});
    let id = scim.create("/Users", body).await;
    assert_eq!(api.records("PATCH", json!([{"employeeId": "E1", "email": "Ann@example.com"}])).await, counts(0, 1, 0));
    let adopted = user(&scim, "ann").await;
    assert_eq!((adopted["id"].as_str(), adopted["externalId"].as_str()), (Some(&*id), Some("entra-1")));
    assert_eq!(adopted[ENTERPRISE]["employeeNumber"], "E1");
    assert_eq!(api.records("PATCH", json!([{"employeeId": "e1", "title": "x"}])).await, counts(0, 1, 0));
    let other = api.records("PATCH", json!([{"employeeId": "E2", "email": "ann@example.com"}])).await;
    assert_eq!(other["failures"]["E2"]["code"], "user_not_found");
}

#[tokio::test]
async fn a_dry_run_answers_the_same_and_writes_nothing() {
    let scim = Scim::start().await;
    scim.gateway()
        .change_tenant(&scim.tenant().slug, &scimgate::model::Origin::command_line(), |tenant| {
            tenant.dialect.unknown_roles = scimgate::scim::dialect::UnknownRoles::Create;
        })
        .await
        .unwrap();
    let api = ready_with(&scim, |choices| choices.credentials = scimgate::model::Credentials::ReturnOnce).await;
    api.records("POST", json!([person("1", "a@b.c")])).await;
    scim.create("/Users", json!({"userName": "taken"})).await;
    let mut with_role = person("2", "new@b.c");
    with_role["roles"] = json!(["Nobody carries it yet"]);
    with_role["manager"] = json!("3");
    let mut taken = person("4", "y@b.c");
    taken["userName"] = json!("Taken");
    let records = json!([with_role, person("3", "boss@b.c"), person("1", "z@b.c"), taken, person("5", "a@b.c")]);
    let dump = scim.dump().await;
    let rehearsed = api.send("POST", "/users?dryRun=true", Some(&records), &[]).await.expect(200).json();
    assert_eq!(scim.dump().await, dump);
    assert_eq!(rehearsed.get("users"), None);
    let mut real = api.send("POST", "/users", Some(&records), &[]).await.expect(200).json();
    assert!(real.as_object_mut().unwrap().remove("users").is_some());
    assert_eq!(rehearsed, real);
    assert_eq!((real["result"]["inserted"].as_u64(), real["result"]["total"].as_u64()), (Some(2), Some(5)));
    assert_eq!(user(&scim, "new@b.c").await["groups"][0]["display"], "Nobody carries it yet");
    let change = json!([{"employeeId": "1", "title": "x"}, {"employeeId": "3", "email": "a@b.c"}]);
    let dump = scim.dump().await;
    let rehearsed = api.send("PATCH", "/users?dryRun=true", Some(&change), &[]).await.expect(200).json();
    assert_eq!(scim.dump().await, dump);
    assert_eq!(rehearsed["result"], api.records("PATCH", change).await);
    assert_eq!(rehearsed["result"]["failures"]["3"]["code"], "email_already_exists");
}

#[tokio::test]
async fn what_is_no_request_is_refused_as_a_whole_with_the_place_of_what_is_wrong() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    let refused = |body: Value| {
        let api = &api;
        async move { api.send("POST", "/users", Some(&body), &[]).await }
    };
    let wrong = refused(json!([person("1", "a@b.c"), {"frstName": "x"}])).await.expect(422).json();
    assert_eq!(wrong["errors"][0]["field"], "[1]");
    assert!(wrong["errors"][0]["detail"].as_str().unwrap().contains("`frstName`"), "{wrong}");
    refused(json!({"email": "a@b.c"})).await.expect(422);
    let flag = api.send("POST", "/users?dryRun=1", Some(&json!([person("1", "a@b.c")])), &[]).await.expect(422);
    assert_eq!(flag.json()["errors"][0]["field"], "dryRun");
    assert_eq!(api.send("PUT", "/users", None, &[]).await.expect(405).header("allow"), "GET, HEAD, PATCH, POST");
    Api::with_scopes(&scim, "users:write").await.send("POST", "/users", Some(&json!([])), &[]).await.expect(403);
    assert_eq!(scim.get("/Users").await.json()["totalResults"], 0);
}

#[tokio::test]
async fn hostile_texts_fail_alone() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    let mut records = vec![person("ok", "ok@b.c")];
    for (place, field) in ["employeeId", "email", "userName", "manager", "identityProvider"].into_iter().enumerate() {
        let mut record = person(&format!("e{place}"), &format!("e{place}@b.c"));
        record[field] = json!("a\u{0}b");
        records.push(record);
    }
    let mut listed = person("list", "list@b.c");
    listed["roles"] = json!(["a\u{0}"]);
    records.push(listed);
    let mut long = person("long", "long@b.c");
    long["firstName"] = json!("x".repeat(100_000));
    records.push(long);
    let mut name = person("name", "name@b.c");
    name["title"] = json!("a\u{0}b");
    records.push(name);
    let answer = api.send("POST", "/users", Some(&json!(records)), &[]).await;
    // A body with U+0000 may be refused as a whole, as SCIM does; then nothing is written.
    match answer.status {
        200 => assert_eq!(answer.json()["result"]["inserted"], 1, "{}", answer.text),
        400 => assert!(answer.text.contains("U+0000"), "{}", answer.text),
        _ => panic!("{}", answer.text),
    }
    assert!(scim.get("/Users").await.json()["totalResults"].as_u64().unwrap() <= 1);
    assert_eq!(api.records("POST", json!([person("ok", "ok@b.c")])).await["total"], 1);
}
