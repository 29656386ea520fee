//! `/admin/v1/tenants/{tenant}/requests/{request}`

use scimgate::model::Profile;
use scimgate::scim::dialect::EmployeeId;
use serde_json::json;

use super::{explained, failed, notes, with_owner};
use crate::support::scim::{Scim, USER};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

#[tokio::test]
async fn a_refused_create_is_told_with_what_was_rewritten_and_all_that_is_wrong() {
    let (scim, owner) = with_owner().await;
    let body = json!({
        "schemas": [USER, "urn:unknown"], "username": "ann", "active": "True", "department": "Sales", "nickname": "",
        "emails": {"Value": "a@example.com", "type": "work"}, "name": {"formatted": 7}, "id": "mine", "phoneNumbers": [{"primary": "maybe"}],
        ENTERPRISE: {"manager": "01900000-0000-7000-8000-000000000001", "rank": 3}
    });
    let refused = scim.post("/Users", body).await;
    refused.expect_error(400, "invalidValue", "");
    failed(&owner, 1).await;
    let told = explained(&owner, &refused).await;
    let rewritten = notes(&told, "rewritten");
    for note in [
        "username: the name was read as userName",
        "active: \"True\" was read as true",
        "nickname: the name was read as nickName",
        "nickName: an empty value means that there is none",
        "emails: one value was taken for a list of one",
        "emails.Value: the name was read as value",
    ] {
        assert!(rewritten.contains(&note.to_owned()), "{note} is not among {rewritten:#?}");
    }
    assert!(
        rewritten.iter().any(|note| note.contains(":manager: \"01900000") && note.contains("sub-attribute value")),
        "{rewritten:#?}"
    );
    let ignored = notes(&told, "ignored");
    for note in [
        "schemas: \"urn:unknown\" is no schema of this endpoint".to_owned(),
        format!("department: no schema of this endpoint has it here; it belongs under {ENTERPRISE}"),
        "id: ids are made by the server; the resource is named by the path".to_owned(),
        format!("{ENTERPRISE}:rank: the schema has no such attribute"),
    ] {
        assert!(ignored.contains(&note), "{note} is not among {ignored:#?}");
    }
    let wrong = notes(&told, "refused");
    assert!(wrong.iter().any(|note| note.contains("name.formatted must be a string")), "{wrong:?}");
    assert!(wrong.iter().any(|note| note.contains("phoneNumbers[0].primary must be true or false")), "{wrong:?}");
    let failed = &told["failed"];
    assert_eq!(failed["detail"], refused.json()["detail"]);
    assert!(failed["rule"].as_str().unwrap().starts_with("RFC 7644, section 3.12"), "{failed}");
    assert_eq!((&failed["profile"], &failed["body"]["active"]), (&json!("rfc"), &json!("True")));
    assert!(
        told["summary"].as_str().unwrap().starts_with("POST /scim/v2/Users was answered with 400 invalidValue: "),
        "{told}"
    );
}

#[tokio::test]
async fn a_refused_patch_is_told_operation_by_operation() {
    let scim = Scim::with(Profile::Entra, &[]).await;
    let owner = scim.owner().await;
    let ann = scim.create_user("ann").await;
    let operations = json!([
        {"op": "Replace", "path": "active", "value": "False"},
        {"op": "Add", "value": {"name.givenName": "Ann", "Title": "x", "shoeSize": 41}},
        {"op": "Add", "path": "manager", "value": "01900000-0000-7000-8000-000000000001"},
        {"op": "replace", "path": "emails[type eq", "value": "a@example.com"},
        {"op": "replace", "path": "meta.created", "value": "2020-01-01T00:00:00Z"}
    ]);
    let refused = scim.patch(&format!("/Users/{ann}"), json!({"Operations": operations})).await;
    refused.expect_error(400, "invalidPath", "operation 4");
    failed(&owner, 1).await;
    let told = explained(&owner, &refused).await;
    let rewritten = notes(&told, "rewritten");
    for note in [
        "operation 1: op: \"Replace\" was read as \"replace\"",
        "operation 1: active: \"False\" was read as false",
        "operation 2: name.givenName: a name in a value without a path was taken for the path name.givenName",
    ] {
        assert!(rewritten.contains(&note.to_owned()), "{note} is not among {rewritten:#?}");
    }
    assert!(
        rewritten.contains(&format!("operation 3: manager: the path was read as {ENTERPRISE}:manager")),
        "{rewritten:#?}"
    );
    let ignored = notes(&told, "ignored");
    assert_eq!(ignored, ["operation 2: shoeSize: no schema of this endpoint has such an attribute"]);
    let wrong = notes(&told, "refused");
    assert_eq!(wrong.len(), 2, "{wrong:?}");
    assert!(
        wrong[0].starts_with("operation 4: ") && wrong[1].starts_with("operation 5: meta.created is read-only"),
        "{wrong:?}"
    );
}

#[tokio::test]
async fn who_has_the_value_that_was_taken_is_told() {
    let (scim, owner) = with_owner().await;
    let ann = scim.create("/Users", json!({"schemas": [USER], "userName": "ann", "externalId": "E-1"})).await;
    let bob = scim.create_user("bob").await;
    let refused = scim.post("/Users", json!({"schemas": [USER], "userName": "ANN"})).await;
    let operations = json!([{"op": "add", "path": "externalId", "value": "E-1"}]);
    let patched = scim.patch(&format!("/Users/{bob}"), json!({"Operations": operations})).await;
    failed(&owner, 2).await;
    for answer in [refused, patched] {
        answer.expect_error(409, "uniqueness", "");
        let told = explained(&owner, &answer).await;
        assert_eq!(told["failed"]["takenBy"], json!([{"type": "User", "id": ann, "name": "ann"}]), "{told}");
    }
}

#[tokio::test]
async fn policies_that_had_a_say_are_told() {
    let scim = Scim::with(Profile::Strict, &[]).await;
    let owner = scim.owner().await;
    let unknown = json!({"schemas": [USER], "userName": "ann", "shoeSize": 41, "roles": [{"value": "Admin"}]});
    let refused = scim.post("/Users", unknown).await;
    refused.expect_error(400, "invalidSyntax", "shoeSize");
    failed(&owner, 1).await;
    let told = explained(&owner, &refused).await;
    let policies = notes(&told, "policy");
    assert!(policies.iter().any(|note| note.contains("unknownAttributes is refuse")), "{policies:?}");
    assert!(
        policies.iter().any(|note| note.starts_with("roles: roles are groups; unknownRoles is refuse")),
        "{policies:?}"
    );
    assert_eq!(told["failed"]["profile"], "strict");
}

#[tokio::test]
async fn a_request_that_succeeded_is_told_by_what_it_did() {
    let (scim, owner) = with_owner().await;
    let role = "urn:ietf:params:scim:schemas:extension:scimgate:2.0:role";
    let group = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group", role], "displayName": "Admins", role: {"roleId": "admin"}});
    scim.create("/Groups", group).await;
    let created = scim
        .post("/Users", json!({"schemas": [USER], "userName": "ann", "roles": [{"value": "admin"}]}))
        .await
        .expect(201);
    let told = explained(&owner, &created).await;
    let changes = told["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 2, "{told}");
    assert!(told["summary"].as_str().unwrap().starts_with("It made version 1 of the User ann (create)"), "{told}");
    assert!(
        notes(&told, "policy").iter().any(|note| note.contains("members of the group Admins followed from roles")),
        "{told}"
    );
    assert!(told.get("failed").is_none(), "{told}");
    let policies = notes(&told, "policy");
    let roles: Vec<&String> = policies.iter().filter(|note| note.starts_with("roles: ")).collect();
    assert!(roles.len() == 1 && roles[0].contains("unknownRoles is "), "{policies:?}");
    assert!(roles[0].ends_with("(as it is set now)"), "{policies:?}");
    assert!(!policies.iter().any(|note| note.contains("employeeId is")), "{policies:?}");
}

/// Which settings a request that went well had to do with is not kept; it is found from what it changed.
#[tokio::test]
async fn settings_that_have_to_do_with_a_change_are_told_of_a_request_that_succeeded() {
    let (scim, owner) = with_owner().await;
    let scim = scim
        .behaving(|dialect| {
            dialect.employee_id = EmployeeId::ExternalIdFromEmployeeNumber;
            dialect.unique_group_names = true;
        })
        .await;
    let ann = json!({"schemas": [USER, ENTERPRISE], "userName": "ann", ENTERPRISE: {"employeeNumber": "7"}});
    let created = scim.post("/Users", ann).await.expect(201);
    let policies = notes(&explained(&owner, &created).await, "policy");
    let expected = "externalId: employeeId is external-id-from-employee-number: externalId takes the value of employeeNumber \
        (as it is set now)";
    assert_eq!(policies, [expected]);
    let group = "urn:ietf:params:scim:schemas:core:2.0:Group";
    let created = scim.post("/Groups", json!({"schemas": [group], "displayName": "Admins"})).await.expect(201);
    let policies = notes(&explained(&owner, &created).await, "policy");
    assert_eq!(
        policies,
        ["displayName: uniqueGroupNames is true: no two groups may have the same name (as it is set now)"]
    );
}

#[tokio::test]
async fn nothing_is_told_of_a_request_that_nobody_made_or_another_tenant_did() {
    let (scim, owner) = with_owner().await;
    let second = scim.other_tenant("second").await;
    let foreign = second.post("/Users", json!({"schemas": [USER], "userName": "ann"})).await.expect(201);
    for id in [
        foreign.header("x-request-id"),
        "01900000-0000-7000-8000-000000000001",
        "nonsense",
        "ffffffff-ffff-7fff-bfff-ffffffffffff",
    ] {
        owner.get(&format!("/tenants/first/requests/{id}")).await.expect_problem(404, "there is no request");
    }
}
