//! Roles are groups.

use scimgate::model::{Profile, Scopes};
use scimgate::scim::dialect::UnknownRoles;
use serde_json::{Value, json};

use crate::support::scim::{GROUP, Scim, USER};

const ROLE: &str = "urn:ietf:params:scim:schemas:extension:scimgate:2.0:Role";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn role(name: &str, id: &str) -> Value {
    json!({"schemas": [GROUP, ROLE], "displayName": name, ROLE: {"roleId": id}})
}

fn user(name: &str, roles: &[&str]) -> Value {
    let roles: Vec<Value> = roles.iter().map(|role| json!({"value": role})).collect();
    json!({"schemas": [USER], "userName": name, "roles": roles})
}

fn operation(op: &str, path: &str, value: Value) -> Value {
    json!({"Operations": [{"op": op, "path": path, "value": value}]})
}

async fn members(scim: &Scim, group: &str) -> Vec<String> {
    let group = scim.get(&format!("/Groups/{group}")).await.expect(200).json();
    let members = group["members"].as_array().cloned().unwrap_or_default();
    members.iter().map(|member| member["value"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_users_roles_make_it_a_member_of_the_groups_that_carry_them() {
    let scim = Scim::start().await;
    let admins = scim.create("/Groups", role("Administrators", "Admin")).await;
    let editors = scim.create("/Groups", role("Editors", "editor")).await;
    let created = scim.post("/Users", user("ada", &["ADMIN", "dancer"])).await.expect(201).json();
    let ada = created["id"].as_str().unwrap();
    assert_eq!(created["groups"][0]["value"], json!(admins));
    assert_eq!(created["roles"], json!([{"value": "ADMIN"}, {"value": "dancer"}]));
    assert_eq!(members(&scim, &admins).await, [ada]);

    let path = format!("/Users/{ada}");
    let changed = scim.patch(&path, operation("add", "roles", json!([{"value": "editor"}]))).await.expect(200).json();
    assert_eq!(changed["groups"].as_array().unwrap().len(), 2);
    assert_eq!(members(&scim, &editors).await, [ada]);
    let replaced = scim.put(&path, user("ada", &["editor"])).await.expect(200).json();
    assert_eq!(replaced["groups"].as_array().unwrap().len(), 1);
    assert!(members(&scim, &admins).await.is_empty());
    scim.patch(&path, operation("replace", "displayName", json!("Ada"))).await.expect(200);
    assert_eq!(members(&scim, &editors).await, [ada]);
    scim.put(&path, user("ada", &[])).await.expect(200);
    assert!(members(&scim, &editors).await.is_empty());
    assert_eq!(scim.get(&path).await.json().get("groups"), None);
}

#[tokio::test]
async fn each_way_into_a_group_is_left_by_the_same_way() {
    let scim = Scim::start().await;
    let admins = scim.create("/Groups", role("Administrators", "admin")).await;
    let ada = scim.create("/Users", user("ada", &["admin"])).await;
    let group = format!("/Groups/{admins}");
    let add = operation("add", "members", json!([{"value": ada}]));
    let remove = operation("remove", "members", json!([{"value": ada}]));
    let version = scim.get(&group).await.json()["meta"]["version"].clone();

    // What came by the role is not the group's to take away.
    for request in [&remove, &operation("replace", "members", json!([]))] {
        scim.patch(&group, request.clone()).await.expect(200);
        scim.put(&group, role("Administrators", "admin")).await.expect(200);
        assert_eq!(members(&scim, &admins).await, [ada.as_str()], "{request}");
    }
    // By both ways it is a member once; nothing is seen to come or go until the last way is gone.
    scim.patch(&group, add.clone()).await.expect(200);
    scim.patch(&group, add.clone()).await.expect(200);
    assert_eq!(members(&scim, &admins).await, [ada.as_str()]);
    scim.put(&format!("/Users/{ada}"), user("ada", &[])).await.expect(200);
    assert_eq!(members(&scim, &admins).await, [ada.as_str()]);
    assert_eq!(scim.get(&group).await.json()["meta"]["version"], version);
    scim.put(&format!("/Users/{ada}"), user("ada", &["admin"])).await.expect(200);
    scim.patch(&group, remove.clone()).await.expect(200);
    assert_eq!(members(&scim, &admins).await, [ada.as_str()]);
    scim.put(&format!("/Users/{ada}"), user("ada", &[])).await.expect(200);
    assert!(members(&scim, &admins).await.is_empty());
    // And the other way round.
    scim.patch(&group, add).await.expect(200);
    scim.put(&format!("/Users/{ada}"), user("ada", &["admin"])).await.expect(200);
    scim.put(&format!("/Users/{ada}"), user("ada", &[])).await.expect(200);
    assert_eq!(members(&scim, &admins).await, [ada.as_str()]);
    scim.patch(&group, remove).await.expect(200);
    assert!(members(&scim, &admins).await.is_empty());
}

#[tokio::test]
async fn a_group_takes_up_changes_and_drops_a_role() {
    let scim = Scim::start().await;
    let ada = scim.create("/Users", user("ada", &["admin"])).await;
    let bob = scim.create("/Users", user("bob", &["chief"])).await;
    let group = scim.create("/Groups", role("Administrators", "admin")).await;
    let path = format!("/Groups/{group}");
    assert_eq!(members(&scim, &group).await, [ada.as_str()]);
    let again = scim.post("/Groups", role("Others", "ADMIN")).await;
    again.expect_error(409, "uniqueness", "roleId");
    let other = scim.create_group("Others").await;
    let taken = operation("add", ROLE, json!({"roleId": "Admin"}));
    scim.patch(&format!("/Groups/{other}"), taken).await.expect_error(409, "uniqueness", "roleId");

    let before = scim.get(&path).await.json()["meta"]["version"].clone();
    scim.patch(&path, operation("replace", &format!("{ROLE}:roleId"), json!("chief"))).await.expect(200);
    assert_eq!(members(&scim, &group).await, [bob.as_str()]);
    assert_eq!((before, scim.get(&path).await.json()["meta"]["version"].clone()), (json!("W/\"1\""), json!("W/\"2\"")));
    scim.patch(&path, operation("replace", &format!("{ROLE}:weight"), json!(7))).await.expect(200);
    assert_eq!(members(&scim, &group).await, [bob.as_str()]);
    scim.put(&path, json!({"schemas": [GROUP], "displayName": "Plain"})).await.expect(200);
    assert!(members(&scim, &group).await.is_empty());
    // The name is free again, and so it is after the group is gone.
    let next = scim.create("/Groups", role("Next", "chief")).await;
    assert_eq!(members(&scim, &next).await, [bob.as_str()]);
    scim.delete(&format!("/Groups/{next}")).await.expect(204);
    assert_eq!(scim.get(&format!("/Users/{bob}")).await.json().get("groups"), None);
    let last = scim.create("/Groups", role("Last", "chief")).await;
    scim.delete(&format!("/Users/{bob}")).await.expect(204);
    assert!(members(&scim, &last).await.is_empty());
    assert_eq!(scim.get(&format!("/Roles/{last}")).await.json()["totalAssignmentsUsed"], 0);
}

#[tokio::test]
async fn who_came_and_went_by_a_role_is_told_with_the_change_that_caused_it() {
    let scim = Scim::start().await;
    let group = scim.create("/Groups", role("Administrators", "admin")).await;
    let ada = scim.create("/Users", user("ada", &["admin"])).await;
    scim.put(&format!("/Users/{ada}"), user("ada", &[])).await.expect(200);
    scim.delete(&format!("/Users/{ada}")).await.expect(204);
    let changes = scim.changes().await;
    let of_group: Vec<_> = changes.iter().filter(|change| change.resource_id.to_string() == group).collect();
    let told: Vec<Value> =
        of_group.iter().map(|change| json!([change.version, change.attributes, change.resource_name])).collect();
    let member = json!([{"value": ada}]);
    assert!(told.contains(&json!([2, [{"path": "members", "new": member}], "Administrators"])), "{told:?}");
    assert!(told.contains(&json!([3, [{"path": "members", "old": member}], "Administrators"])), "{told:?}");
    assert_eq!(of_group.len(), 3);
    let of_user: Vec<_> = changes.iter().filter(|change| change.resource_id.to_string() == ada).collect();
    let cause = of_user.iter().find(|change| change.version == 1).unwrap();
    let effect = of_group.iter().find(|change| change.version == 2).unwrap();
    assert_eq!((effect.request, &effect.actor, effect.at), (cause.request, &cause.actor, cause.at));
}

#[tokio::test]
async fn a_user_with_a_role_has_what_the_role_requires() {
    let scim = Scim::start().await;
    let mut admin = role("Administrators", "admin");
    admin[ROLE]["requires"] = json!(format!("{ENTERPRISE}:employeeNumber, emails.value,name.familyName"));
    let group = scim.create("/Groups", admin.clone()).await;
    let refused = scim.post("/Users", user("ada", &["admin"])).await;
    let missing = format!("must have emails.value, name.familyName, {ENTERPRISE}:employeeNumber");
    refused.expect_error(400, "invalidValue", &missing);
    assert_eq!(scim.get("/Users").await.json()["totalResults"], 0);
    let mut whole = user("ada", &["admin"]);
    whole["emails"] = json!([{"value": "ada@example.com"}]);
    whole["name"] = json!({"familyName": "Lovelace"});
    whole[ENTERPRISE] = json!({"employeeNumber": "1"});
    let ada = scim.create("/Users", whole).await;
    assert_eq!(members(&scim, &group).await, [ada.as_str()]);
    let path = format!("/Users/{ada}");
    let answer = scim.patch(&path, json!({"Operations": [{"op": "remove", "path": "emails"}]})).await;
    answer.expect_error(400, "invalidValue", "must have emails.value");
    let answer = scim.put(&path, user("ada", &["admin"])).await;
    answer.expect_error(400, "invalidValue", &missing);
    // Giving up the role with the attribute is fine, and so is anything that makes nothing worse: above all locking out.
    admin[ROLE]["requires"] = json!("nickName");
    scim.put(&format!("/Groups/{group}"), admin).await.expect(200);
    scim.patch(&path, operation("replace", "active", json!(false))).await.expect(200);
    scim.patch(&path, operation("replace", "nickName", json!("A"))).await.expect(200);
    let answer = scim.patch(&path, json!({"Operations": [{"op": "remove", "path": "nickName"}]})).await;
    answer.expect_error(400, "invalidValue", "nickName");
    scim.put(&path, user("ada", &[])).await.expect(200);
}

#[tokio::test]
async fn the_tenant_decides_about_roles_that_nobody_carries() {
    let scim = Scim::with(Profile::Strict, &[]).await;
    let answer = scim.post("/Users", user("ada", &["pilot"])).await;
    answer.expect_error(400, "invalidValue", "no group carries the role pilot");
    assert_eq!(scim.get("/Users").await.json()["totalResults"], 0);
    let mut odd = role("Odd", "odd");
    odd[ROLE]["requires"] = json!("nickName, shoeSize");
    scim.post("/Groups", odd).await.expect_error(400, "invalidValue", "shoeSize is no attribute");
    let scim = scim.behaving(|dialect| dialect.unknown_roles = UnknownRoles::Create).await;
    let ada = scim.create("/Users", user("ada", &["pilot", "Pilot", "cook"])).await;
    scim.create("/Users", user("bob", &["PILOT"])).await;
    let groups = scim.get("/Groups?sortBy=displayName").await.json();
    assert_eq!((&groups["totalResults"], &groups["Resources"][1]["displayName"]), (&json!(2), &json!("pilot")));
    assert_eq!(groups["Resources"][1][ROLE], json!({"roleId": "pilot"}));
    assert_eq!(groups["Resources"][1]["members"].as_array().unwrap().len(), 2);
    assert_eq!(scim.get(&format!("/Users/{ada}")).await.json()["groups"].as_array().unwrap().len(), 2);
    // What a user had before is not held against it.
    scim.delete(&format!("/Groups/{}", groups["Resources"][1]["id"].as_str().unwrap())).await.expect(204);
    let scim = scim.behaving(|dialect| dialect.unknown_roles = UnknownRoles::Refuse).await;
    scim.patch(&format!("/Users/{ada}"), operation("replace", "active", json!(false))).await.expect(200);
}

#[tokio::test]
async fn entitlements_are_roles_where_the_tenant_says_so() {
    let scim = Scim::start().await;
    let group = scim.create("/Groups", role("Administrators", "admin")).await;
    let mut body = user("ada", &[]);
    body["entitlements"] = json!([{"value": "admin"}]);
    let ada = scim.create("/Users", body).await;
    assert!(members(&scim, &group).await.is_empty());
    assert_eq!(scim.get("/Entitlements").await.expect(200).json()["totalResults"], 0);
    let scim = scim.behaving(|dialect| dialect.entitlements_are_roles = true).await;
    assert_eq!(members(&scim, &group).await, [ada.as_str()]);
    let listed = scim.get("/Entitlements").await.expect(200).json();
    assert_eq!(listed["Resources"][0]["totalAssignmentsUsed"], 1);
    let bob = scim.create("/Users", user("bob", &["admin"])).await;
    assert_eq!(members(&scim, &group).await.len(), 2);
    let scim = scim.behaving(|dialect| dialect.entitlements_are_roles = false).await;
    assert_eq!(members(&scim, &group).await, [bob]);
}

#[tokio::test]
async fn roles_are_listed_for_those_who_assign_them() {
    let scim = Scim::start().await;
    let mut chief = role("Chiefs", "Chief");
    chief[ROLE]["weight"] = json!(10);
    let chief = scim.create("/Groups", chief).await;
    scim.create("/Groups", role("Cooks", "cook")).await;
    scim.create_group("No role").await;
    scim.create("/Users", user("ada", &["chief"])).await;
    let listed = scim.get("/Roles").await.expect(200).json();
    assert_eq!((&listed["totalResults"], &listed["itemsPerPage"]), (&json!(2), &json!(2)));
    let expected = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Role"], "id": chief, "value": "Chief", "display": "Chiefs",
        "supported": true, "limitedAssignmentsPermitted": false, "totalAssignmentsUsed": 1, "weight": 10,
        "meta": {"resourceType": "Role", "location": format!("{}/Roles/{chief}", scim.base)}
    });
    assert_eq!(listed["Resources"][0], expected);
    assert_eq!(scim.get(&format!("/Roles/{chief}")).await.expect(200).json(), expected);
    let page = scim.get("/Roles?startIndex=2&count=1").await.expect(200).json();
    assert_eq!((&page["totalResults"], &page["Resources"][0]["value"]), (&json!(2), &json!("cook")));
    let found = async |query: &str| {
        let listed = scim.get(&format!("/Roles?{query}")).await.expect(200).json();
        let values = listed["Resources"].as_array().unwrap().iter().map(|role| role["value"].clone());
        (listed["totalResults"].clone(), Value::from_iter(values))
    };
    assert_eq!(found("filter=value eq \"COOK\"").await, (json!(1), json!(["cook"])));
    assert_eq!(found(&format!("filter=id eq \"{chief}\" or weight gt 5")).await, (json!(1), json!(["Chief"])));
    assert_eq!(found("filter=totalAssignmentsUsed eq 0&sortBy=display").await, (json!(1), json!(["cook"])));
    assert_eq!(found("sortBy=value&sortOrder=descending&count=1").await, (json!(2), json!(["cook"])));
    scim.get("/Roles?filter=shoeSize pr").await.expect_error(400, "invalidFilter", "shoeSize");
    let cut = scim.get(&format!("/Roles/{chief}?attributes=value,meta.resourceType")).await.expect(200).json();
    assert_eq!(
        cut,
        json!({"schemas": expected["schemas"], "id": chief, "value": "Chief", "meta": {"resourceType": "Role"}})
    );
    scim.get("/Roles/nobody").await.expect(404);
    scim.get(&format!("/Entitlements/{chief}")).await.expect(404);
    scim.post("/Roles", json!({"value": "x"})).await.expect(405);
    let config = scim.get("/ServiceProviderConfig").await.json();
    let told = &config["RolesAndEntitlements"];
    assert_eq!((&told["roles"]["supported"], &told["entitlements"]["supported"]), (&json!(true), &json!(false)));
}

/// Okta reads `/ResourceTypes`, then each endpoint whose schema it knows as one of roles, and assigns by id.
#[tokio::test]
async fn okta_discovers_the_roles_that_it_can_assign() {
    let scim = Scim::with(Profile::Okta, &[]).await;
    let types = scim.get("/ResourceTypes").await.expect(200).json();
    let told = |index: usize, name: &str| types["Resources"][index][name].clone();
    assert_eq!(types["totalResults"], 4);
    for (index, name, endpoint) in [(2, "Role", "/Roles"), (3, "Entitlement", "/Entitlements")] {
        assert_eq!((told(index, "name"), told(index, "endpoint")), (json!(name), json!(endpoint)));
        let schema = format!("urn:okta:scim:schemas:core:1.0:{name}");
        assert_eq!(told(index, "schema"), schema);
        assert_eq!(scim.get(&format!("/Schemas/{schema}")).await.expect(200).json()["id"], schema);
        assert_eq!(scim.get(&format!("/ResourceTypes/{name}")).await.expect(200).json(), types["Resources"][index]);
        let empty = scim.get(&format!("{endpoint}?count=1&startIndex=1")).await.expect(200).json();
        assert_eq!((&empty["totalResults"], &empty["Resources"]), (&json!(0), &json!([])));
    }
    let group = scim.create("/Groups", role("Head/Chef", "Head Chef / 1")).await;
    scim.create("/Groups", role("Waiters", "waiter")).await;
    let page = scim.get("/Roles?count=1&startIndex=1").await.expect(200).json();
    assert_eq!((&page["totalResults"], &page["itemsPerPage"], &page["startIndex"]), (&json!(2), &json!(1), &json!(1)));
    let chef = &page["Resources"][0];
    assert_eq!(chef["schemas"], json!(["urn:okta:scim:schemas:core:1.0:Role"]));
    assert_eq!((&chef["id"], &chef["displayName"]), (&json!("Head Chef / 1"), &json!("Head/Chef")));
    assert_eq!(chef["meta"]["location"], format!("{}/Roles/Head%20Chef%20%2F%201", scim.base));
    assert_eq!(&scim.get("/Roles/Head%20Chef%20%2F%201").await.expect(200).json(), chef);
    scim.get("/Roles/head%20chef%20%2F%201").await.expect_error(404, "", "Role");
    scim.get(&format!("/Roles/{group}")).await.expect(404);
    let found = scim.get("/Roles?filter=displayName eq \"waiters\"").await.expect(200).json();
    assert_eq!((&found["totalResults"], &found["Resources"][0]["id"]), (&json!(1), &json!("waiter")));

    // What Okta writes then: the id as the value of a role.
    let mut body = user("ada", &[]);
    body["roles"] = json!([{"value": chef["id"], "display": chef["displayName"]}]);
    let ada = scim.create("/Users", body).await;
    assert_eq!(members(&scim, &group).await, [ada]);
    assert_eq!(scim.get("/Roles/Head%20Chef%20%2F%201").await.json()["totalAssignmentsUsed"], 1);

    let scim = scim.behaving(|dialect| dialect.entitlements_are_roles = true).await;
    let entitlement = scim.get("/Entitlements/waiter").await.expect(200).json();
    assert_eq!(entitlement["schemas"], json!(["urn:okta:scim:schemas:core:1.0:Entitlement"]));
    assert_eq!((&entitlement["type"], &entitlement["displayName"]), (&json!("Entitlement"), &json!("Waiters")));
}

/// Elsewhere the types are named once there are roles: a reader that tries all types by writing to them is spared.
#[tokio::test]
async fn discovery_names_the_lists_of_roles_that_there_are() {
    let scim = Scim::start().await;
    let names = async |scim: &Scim| {
        let types = scim.get("/ResourceTypes").await.expect(200).json();
        Value::from_iter(types["Resources"].as_array().unwrap().iter().map(|kind| kind["name"].clone()))
    };
    let schema = "/Schemas/urn:ietf:params:scim:schemas:core:2.0:Role";
    assert_eq!(names(&scim).await, json!(["User", "Group"]));
    scim.get(schema).await.expect(404);
    scim.create("/Groups", role("Cooks", "cook")).await;
    assert_eq!(names(&scim).await, json!(["User", "Group", "Role"]));
    scim.get(schema).await.expect(200);
    let scim = scim.behaving(|dialect| dialect.entitlements_are_roles = true).await;
    assert_eq!(names(&scim).await, json!(["User", "Group", "Role", "Entitlement"]));
}

/// Scopes belong to credentials, which SCIM cannot write: whatever a user is called or given, callers may do what they could.
#[tokio::test]
async fn no_role_grants_anything_in_scimgate_itself() {
    let scim = Scim::start().await;
    let credentials = scim.store().credentials(scim.tenant().id).await.unwrap();
    let reader = scim.with_token(Scopes::READ, None).await;
    for name in ["admin", "scimgate", "write", "superuser"] {
        scim.create("/Groups", role(name, name)).await;
    }
    let mut body = user("reader", &["admin", "scimgate", "write", "superuser"]);
    body["entitlements"] = json!([{"value": "write"}]);
    body["userType"] = json!("admin");
    scim.create("/Users", body).await;
    reader.post("/Users", user("eve", &["admin"])).await.expect(403);
    reader.get("/Users").await.expect(200);
    let after = scim.store().credentials(scim.tenant().id).await.unwrap();
    assert_eq!(after.len(), credentials.len() + 1);
    assert!(after.iter().all(|credential| credentials.contains(credential) || credential.scopes == Scopes::READ));
}
