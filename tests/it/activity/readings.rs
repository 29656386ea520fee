//! Requests that succeeded, explained: what of them was read otherwise than it was sent, and what was left out.

use scimgate::model::Profile;
use scimgate::scim::dialect::UnknownMembers;
use serde_json::{Value, json};
use tokio_postgres::NoTls;

use super::{entries, explained, failed, notes, with_owner};
use crate::api::users::{person, ready};
use crate::scim_v2::schemas;
use crate::support::scim::{GROUP, Scim, USER};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const NOBODY: &str = "01900000-0000-7000-8000-000000000001";

/// What is kept with the changes, in order.
async fn kept(scim: &Scim) -> Vec<Option<String>> {
    let (client, connection) = tokio_postgres::connect(&scim.database_url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    let rows = client.query("SELECT readings FROM changes ORDER BY at, position", &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn what_entra_s_patch_was_read_as_is_told_after_it_succeeded() {
    let scim = Scim::with(Profile::Entra, &[]).await;
    let owner = scim.owner().await;
    let ann = scim.create_user("ann").await;
    let operations = json!([
        {"op": "Replace", "path": "active", "value": "False"},
        {"op": "Add", "value": {"name.givenName": "Ann", "Title": "x", "shoeSize": 41, "meta": {"version": "7"}, "id": "8"}},
        {"op": "Add", "path": "manager", "value": NOBODY},
        {"op": "Add", "path": "emails[type eq \"work\"].value", "value": "a@example.com"},
        {"op": "add", "path": "colour", "value": "red"}
    ]);
    let patched = scim.patch(&format!("/Users/{ann}"), json!({"Operations": operations})).await.expect(200);
    let told = explained(&owner, &patched).await;
    let rewritten = [
        "operation 1: op: \"Replace\" was read as \"replace\"".to_owned(),
        "operation 1: active: \"False\" was read as false".to_owned(),
        "operation 2: op: \"Add\" was read as \"add\"".to_owned(),
        "operation 2: name.givenName: a name in a value without a path was taken for the path name.givenName"
            .to_owned(),
        "operation 2: Title: a name in a value without a path was taken for the path title".to_owned(),
        format!("operation 3: manager: the path was read as {ENTERPRISE}:manager"),
        format!("operation 3: manager: \"{NOBODY}\" was taken for its sub-attribute value"),
    ];
    assert_eq!(notes(&told, "rewritten"), rewritten);
    let ignored = [
        "operation 2: shoeSize: no schema of this endpoint has such an attribute",
        "operation 2: meta: it is the server's to set",
        "operation 2: id: it is the server's to set",
        "operation 5: colour: no schema of this endpoint has such an attribute",
    ];
    assert_eq!(notes(&told, "ignored"), ignored);
    let add = told["notes"].as_array().unwrap().iter().find(|note| note["text"] == "\"Add\" was read as \"add\"");
    assert_eq!(add.unwrap()["more"], 2, "{told}");
    let summary = told["summary"].as_str().unwrap();
    let end = "Of its parts 9 were read otherwise than they were sent, and 4 were left out.";
    assert!(
        summary.starts_with("It made version 2 of the User ann (deactivate).") && summary.ends_with(end),
        "{summary}"
    );

    let entry = &entries(&owner, "kind=change&target=ann").await[0];
    assert_eq!(entry["notes"].as_array().unwrap().len(), rewritten.len() + ignored.len(), "{entry}");
    let lines = owner.get("/tenants/first/activity/export?format=jsonl&kind=change").await.expect(200).text;
    let line: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!(line["notes"], entry["notes"]);
}

#[tokio::test]
async fn what_a_create_and_a_replace_were_read_as_is_told() {
    let (scim, owner) = with_owner().await;
    let body = json!({
        "schemas": [USER, "urn:unknown"], "username": "ann", "active": "TRUE", "department": "Sales", "nickName": "",
        "displayName": null, "emails": {"Value": "a@example.com", "type": "work", "colour": "red"}, "id": "mine",
        "meta": {"resourceType": "User"}, ENTERPRISE: {"manager": NOBODY, "rank": 3}
    });
    let created = scim.post("/Users", body.clone()).await.expect(201);
    let ann = created.json()["id"].as_str().unwrap().to_owned();
    let rewritten = [
        "username: the name was read as userName".to_owned(),
        "active: \"TRUE\" was read as true".to_owned(),
        "nickName: an empty value means that there is none".to_owned(),
        "emails: one value was taken for a list of one".to_owned(),
        "emails.Value: the name was read as value".to_owned(),
        format!("{ENTERPRISE}:manager: \"{NOBODY}\" was taken for its sub-attribute value"),
    ];
    let ignored = [
        "schemas: \"urn:unknown\" is no schema of this endpoint".to_owned(),
        format!("department: no schema of this endpoint has it here; it belongs under {ENTERPRISE}"),
        "emails.colour: the schema has no such sub-attribute".to_owned(),
        "id: ids are made by the server; the resource is named by the path".to_owned(),
        "meta: it is the server's to set".to_owned(),
        format!("{ENTERPRISE}:rank: the schema has no such attribute"),
    ];
    let told = explained(&owner, &created).await;
    assert_eq!((notes(&told, "rewritten"), notes(&told, "ignored")), (rewritten.to_vec(), ignored.to_vec()));
    let mut other = body;
    other["title"] = "Boss".into();
    let replaced = scim.send("PUT", &format!("/Users/{ann}"), Some(other)).await.expect(200);
    let told = explained(&owner, &replaced).await;
    assert_eq!((notes(&told, "rewritten"), notes(&told, "ignored")), (rewritten.to_vec(), ignored.to_vec()));
}

#[tokio::test]
async fn nothing_is_kept_where_nothing_was_read_otherwise() {
    let scim = Scim::start().await;
    let ann = json!({
        "schemas": [USER, ENTERPRISE], "userName": "ann", "externalId": "1", "active": true, "title": null, "photos": [],
        "emails": [{"primary": true, "value": "a@example.com", "type": "work"}, {"value": "b@example.com", "display": ""}],
        "name": {"givenName": "Ann"}, ENTERPRISE: {"department": "Sales", "manager": {"value": NOBODY}}
    });
    let ann = scim.create("/Users", ann).await;
    let operations = json!([
        {"op": "replace", "path": "title", "value": "Boss"}, {"op": "add", "value": {"nickName": "a", ENTERPRISE: {"division": "x"}}},
        {"op": "replace", "path": "emails[type eq \"work\"].value", "value": "c@example.com"},
        {"op": "remove", "path": format!("{ENTERPRISE}:department")}, {"op": "replace", "path": "name.familyName", "value": "Lee"}
    ]);
    scim.patch(&format!("/Users/{ann}"), json!({"Operations": operations})).await.expect(200);
    let group =
        scim.create("/Groups", json!({"schemas": [GROUP], "displayName": "g", "members": [{"value": ann}]})).await;
    let operations = json!([{"op": "remove", "path": format!("members[value eq \"{ann}\"]")}]);
    scim.patch(&format!("/Groups/{group}"), json!({"Operations": operations})).await.expect(200);
    scim.send("DELETE", &format!("/Users/{ann}"), None).await.expect(204);
    assert_eq!(kept(&scim).await, [None, None, None, None, None]);
}

#[tokio::test]
async fn members_who_do_not_exist_are_told_and_so_is_a_patch_of_members_alone() {
    let scim = Scim::with(Profile::Entra, &[]).await;
    let owner = scim.owner().await;
    let scim = scim.behaving(|dialect| dialect.unknown_members = UnknownMembers::Ignore).await;
    let (ann, bob) = (scim.create_user("ann").await, scim.create_user("bob").await);
    let group = scim.create_group("Sales").await;
    let patched = async |members: Value| {
        let body = json!({"Operations": [{"op": "Add", "path": "members", "value": members}]});
        let patched = scim.patch(&format!("/Groups/{group}"), body).await;
        assert!(patched.status < 300, "{}", patched.text);
        explained(&owner, &patched).await
    };
    let told = patched(json!([{"value": ann}])).await;
    assert_eq!(notes(&told, "rewritten"), ["op: \"Add\" was read as \"add\""]);
    assert_eq!(notes(&told, "ignored"), [] as [String; 0]);
    let told = patched(json!([{"value": bob}, {"value": NOBODY}, {"value": "E-17"}])).await;
    assert_eq!(notes(&told, "rewritten"), ["op: \"Add\" was read as \"add\""]);
    let nobody = |who: &str| format!("members: there is no {who}, who was left out");
    assert_eq!(notes(&told, "ignored"), [nobody(NOBODY), nobody("E-17")]);
    let body = json!({"schemas": [GROUP], "displayName": "New", "members": [{"value": ann}, {"value": NOBODY}]});
    let told = explained(&owner, &scim.post("/Groups", body).await.expect(201)).await;
    assert_eq!(notes(&told, "ignored"), [nobody(NOBODY)]);
    let body = json!({"schemas": [GROUP], "displayName": "Renamed", "members": [{"value": ann}, {"value": NOBODY}]});
    let told = explained(&owner, &scim.send("PUT", &format!("/Groups/{group}"), Some(body)).await.expect(200)).await;
    assert_eq!(notes(&told, "ignored"), [nobody(NOBODY)]);
}

#[tokio::test]
async fn operations_of_a_bulk_request_are_told_by_their_resources_and_alike_ones_once() {
    let (scim, owner) = with_owner().await;
    let ann = scim.create_user("ann").await;
    let create = |name: String, active: Value| {
        let data = json!({"schemas": [USER], "userName": name, "active": active});
        json!({"method": "POST", "path": "/Users", "bulkId": name, "data": data})
    };
    let mut operations: Vec<Value> = (0..70).map(|n| create(format!("user {n}"), json!("True"))).collect();
    operations.push(create("plain".into(), json!(true)));
    let patch = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "add", "path": "colour", "value": 1}, {"op": "add", "path": "title", "value": "Boss"}]});
    operations.push(json!({"method": "PATCH", "path": format!("/Users/{ann}"), "data": patch}));
    let bulk = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations});
    let answer = scim.post("/Bulk", bulk).await.expect(200);
    let told = explained(&owner, &answer).await;
    assert_eq!(notes(&told, "rewritten"), ["User user 0: active: \"True\" was read as true"]);
    assert_eq!(told["notes"][0]["more"], 69, "{told}");
    let colour = "User ann: operation 1: colour: no schema of this endpoint has such an attribute";
    assert_eq!(notes(&told, "ignored"), [colour]);
    let (created, taken) = (create("new".into(), json!("True")), create("ann".into(), json!("True")));
    let bulk =
        json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": [created, taken]});
    let half = scim.post("/Bulk", bulk).await.expect(200);
    failed(&owner, 1).await;
    assert_eq!(
        notes(&explained(&owner, &half).await, "rewritten"),
        ["operation 1: active: \"True\" was read as true"],
        "what a body tells is not told again"
    );
    let changes = told["changes"].as_array().unwrap();
    let of = |name: &str| &changes.iter().find(|change| change["target"]["name"] == name).unwrap()["notes"];
    let note = json!([{"kind": "rewritten", "at": "active", "text": "\"True\" was read as true"}]);
    assert_eq!((of("user 69"), of("plain")), (&note, &Value::Null));
}

#[tokio::test]
async fn a_record_is_told_by_its_fields_whether_it_is_written_alone_or_with_others() {
    let (scim, owner) = with_owner().await;
    let api = ready(&scim).await;
    let with = |key: &str, attributes: Value| {
        let mut record = person(key, &format!(" {key}@example.com"));
        record["attributes"] = attributes;
        record
    };
    let records = json!([
        with("E1", json!({"nickname": "a", "manager": NOBODY})),
        with("E2", json!({})),
        person("E3", "e3@x.com")
    ]);
    let answer = api.send("POST", "/users", Some(&records), &[]).await.expect(200);
    let told = explained(&owner, &answer).await;
    let of = |name: &str| {
        let changes = told["changes"].as_array().unwrap();
        let change = changes.iter().find(|change| change["target"]["name"] == name).unwrap();
        change.get("notes").map(|_| notes(change, "rewritten"))
    };
    let trimmed = "email: the blanks around it were taken away".to_owned();
    let first = [
        trimmed.clone(),
        "nickname: the path was read as nickName".to_owned(),
        format!("manager: the path was read as {ENTERPRISE}:manager"),
        format!("manager: \"{NOBODY}\" was taken for its sub-attribute value"),
    ];
    assert_eq!(of("E1@example.com"), Some(first.to_vec()), "{told}");
    assert_eq!((of("E2@example.com"), of("e3@x.com")), (Some(vec![trimmed]), None));
    let change = json!([{"employeeId": "E3", "attributes": {"nickname": "c"}}]);
    let told = explained(&owner, &api.send("PATCH", "/users", Some(&change), &[]).await.expect(200)).await;
    assert_eq!(notes(&told, "rewritten"), ["nickname: the path was read as nickName"]);
}

#[tokio::test]
async fn no_secret_is_kept() {
    let scim = Scim::with(Profile::Entra, &[]).await;
    let owner = scim.owner().await;
    let body = json!({
        "schemas": [USER], "userName": "ann", "PassWord": ["t0p-s3cret"], "unknown": {"password": "t0p-s3cret"},
        "roles": [{"value": "{\"Password\": \"t0p-s3cret\", \"value\": \"Admin\"}"}], "name": {"password": "t0p-s3cret"},
        "emails": [{"password": "t0p-s3cret"}]
    });
    let created = scim.post("/Users", body).await.expect(201);
    let ann = created.json()["id"].as_str().unwrap().to_owned();
    let told = explained(&owner, &created).await;
    let rewritten = notes(&told, "rewritten");
    assert_eq!(rewritten[0], "PassWord: the name was read as password");
    assert!(rewritten.contains(&"roles[0].value: \"{…}\" was read as \"Admin\"".to_owned()), "{rewritten:?}");
    assert_eq!(
        notes(&told, "ignored"),
        [
            "unknown: no schema of this endpoint has it here",
            "name: {…} holds nothing that can be kept",
            "emails: […] holds nothing that can be kept"
        ]
    );
    let operations = json!([
        {"op": "Replace", "path": "Password", "value": ["t0p-s3cret"]},
        {"op": "Replace", "value": {"password": ["t0p-s3cret"], "secrets[password eq \"t0p-s3cret\"]": 1}},
        {"op": "Replace", "path": "secrets[password eq \"t0p-s3cret\"].value", "value": "t0p-s3cret"},
        {"op": "Replace", "path": "title", "value": ["Boss"]}
    ]);
    let patched = scim.patch(&format!("/Users/{ann}"), json!({"Operations": operations})).await.expect(200);
    let told = explained(&owner, &patched).await;
    assert!(
        notes(&told, "rewritten").contains(&"operation 1: Password: a list of one was taken for its value".to_owned())
    );
    assert!(notes(&told, "ignored").iter().any(|note| note.starts_with("operation 3: secrets[…].value: ")), "{told}");
    let kept = kept(&scim).await;
    assert!(kept.iter().flatten().count() == 2 && !kept.iter().flatten().any(|kept| kept.contains("t0p")), "{kept:?}");
}

#[tokio::test]
async fn values_that_a_tenant_s_schema_calls_sensitive_are_not_kept() {
    let (scim, owner) = with_owner().await;
    let uri = "urn:example:params:scim:schemas:Health";
    let schema = json!({"id": uri, "name": "Health", "attributes": [
        {"name": "covered", "type": "boolean", "sensitive": true}, {"name": "fit", "type": "boolean"}
    ]});
    schemas::add(&scim, &schema, &["User"]).await.unwrap();
    let scim = scim.behaving(|_| ()).await;
    let body = json!({"schemas": [USER, uri], "userName": "ann", uri: {"covered": "True", "fit": "True"}});
    let told = explained(&owner, &scim.post("/Users", body).await.expect(201)).await;
    assert_eq!(
        notes(&told, "rewritten"),
        [format!("{uri}:covered: [redacted] was read as [redacted]"), format!("{uri}:fit: \"True\" was read as true")]
    );
}

#[tokio::test]
async fn what_is_kept_of_one_request_is_bounded_and_alike_parts_are_one() {
    let (scim, owner) = with_owner().await;
    let emails: Vec<Value> = (0..900).map(|n| json!({"Value": format!("a{n}@example.com"), "colour": n})).collect();
    let many = scim.post("/Users", json!({"schemas": [USER], "userName": "many", "emails": emails})).await.expect(201);
    let told = explained(&owner, &many).await;
    assert_eq!(notes(&told, "rewritten"), ["emails[0].Value: the name was read as value"]);
    assert_eq!(notes(&told, "ignored"), ["emails[0].colour: the schema has no such sub-attribute"]);
    assert!(told["notes"].as_array().unwrap().iter().all(|note| note["more"] == 899), "{told}");

    let mut body = json!({"schemas": [USER], "userName": "wide"});
    for n in 0..100 {
        body[format!("unknown{n}{}", "ü".repeat(2_000))] = n.into();
    }
    let wide = scim.post("/Users", body).await.expect(201);
    let ignored = notes(&explained(&owner, &wide).await, "ignored");
    let told = ignored.last().unwrap();
    assert_eq!(told, &format!(": {} further notes are left out", 100 - (ignored.len() - 1)));
    let mut body = json!({"schemas": [USER], "userName": "short"});
    for n in 0..100 {
        body[format!("u{n}")] = n.into();
    }
    let ignored = notes(&explained(&owner, &scim.post("/Users", body).await.expect(201)).await, "ignored");
    assert_eq!((ignored.len(), ignored[20].as_str()), (21, ": 80 further notes are left out"));
    let longest = kept(&scim).await.into_iter().flatten().map(|kept| kept.len()).max();
    assert!(longest.is_some_and(|longest| (400..=1_024).contains(&longest)), "{longest:?}");
}

/// As nodes of the version before write changes, and those of the next one may.
#[tokio::test]
async fn changes_without_readings_and_with_those_of_a_later_version_can_be_explained() {
    let (scim, owner) = with_owner().await;
    let created =
        scim.post("/Users", json!({"schemas": [USER], "userName": "ann", "active": "True"})).await.expect(201);
    let (client, connection) = tokio_postgres::connect(&scim.database_url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    let set = async |readings: &str| {
        client.batch_execute(&format!("UPDATE changes SET readings = {readings}")).await.unwrap()
    };
    set("'[[3,\"Z\",\"emails\",\"x\",{}],[\"?\",\"a\"],[],{},\"x\",-1]'").await;
    let told = explained(&owner, &created).await;
    assert_eq!(notes(&told, "ignored")[0], "operation 3: emails: what became of it is told by a later version");
    for readings in ["'nonsense'", "'{}'", "NULL"] {
        set(readings).await;
        assert_eq!(notes(&explained(&owner, &created).await, "rewritten"), [] as [String; 0]);
    }
}
