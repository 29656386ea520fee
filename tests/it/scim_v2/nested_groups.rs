//! Groups that are members of groups.

use serde_json::{Value, json};

use crate::support::scim::{GROUP, Scim};

fn group(name: &str, members: &[&str]) -> Value {
    let members: Vec<Value> = members.iter().map(|id| json!({"value": id})).collect();
    json!({"schemas": [GROUP], "displayName": name, "members": members})
}

fn add(id: &str) -> Value {
    json!({"Operations": [{"op": "add", "path": "members", "value": [{"value": id}]}]})
}

/// The names of a user's groups with their types, sorted.
async fn groups_of(scim: &Scim, user: &str) -> Vec<String> {
    let user = scim.get(&format!("/Users/{user}")).await.expect(200).json();
    let groups = user["groups"].as_array().cloned().unwrap_or_default();
    let text = |group: &Value, name: &str| group[name].as_str().unwrap().to_owned();
    let mut names: Vec<_> =
        groups.iter().map(|group| format!("{} {}", text(group, "display"), text(group, "type"))).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_user_is_in_the_groups_that_its_groups_are_in() {
    let scim = Scim::start().await;
    let ada = scim.create_user("ada").await;
    let team = scim.create("/Groups", group("Team", &[&ada])).await;
    let unit = scim.create("/Groups", group("Unit", &[&team])).await;
    let all = scim.create("/Groups", group("All", &[&unit, &ada])).await;
    scim.create("/Groups", group("Other", &[])).await;
    assert_eq!(groups_of(&scim, &ada).await, ["All direct", "Team direct", "Unit indirect"]);

    let read = scim.get(&format!("/Users/{ada}?attributes=groups")).await.json();
    let shown = read["groups"].as_array().unwrap().iter().find(|group| group["value"] == json!(unit)).unwrap();
    let reference = format!("{}/Groups/{unit}", scim.base);
    assert_eq!(*shown, json!({"value": unit, "$ref": reference, "display": "Unit", "type": "indirect"}));
    let listed = scim.get("/Users").await.json();
    assert_eq!(listed["Resources"][0]["groups"].as_array().unwrap().len(), 3);

    // The members are those that were named: groups are not unfolded, and a group does not tell where it is a member.
    let read = scim.get(&format!("/Groups/{all}")).await.json();
    assert_eq!(read["members"].as_array().unwrap().len(), 2);
    let member = read["members"].as_array().unwrap().iter().find(|member| member["value"] == json!(unit)).unwrap();
    assert_eq!(*member, json!({"value": unit, "$ref": format!("{}/Groups/{unit}", scim.base), "type": "Group"}));
    assert_eq!(scim.get(&format!("/Groups/{team}")).await.json().get("groups"), None);

    // The middle goes, and with it what came by way of it; the user itself does not change by any of this.
    let version = scim.get(&format!("/Users/{ada}")).await.json()["meta"].clone();
    scim.delete(&format!("/Groups/{unit}")).await.expect(204);
    assert_eq!(groups_of(&scim, &ada).await, ["All direct", "Team direct"]);
    assert_eq!(scim.get(&format!("/Users/{ada}")).await.json()["meta"], version);
}

#[tokio::test]
async fn a_circle_of_groups_does_no_harm_and_a_group_is_never_its_own_member() {
    let scim = Scim::start().await;
    let ada = scim.create_user("ada").await;
    let mut inner = scim.create("/Groups", group("0", &[&ada])).await;
    let first = inner.clone();
    for depth in 1..=10 {
        inner = scim.create("/Groups", group(&depth.to_string(), &[&inner])).await;
    }
    assert_eq!(groups_of(&scim, &ada).await.len(), 11);
    let before = scim.get(&format!("/Groups/{first}")).await.json();
    let path = format!("/Groups/{first}");
    for answer in [scim.patch(&path, add(&first)).await, scim.put(&path, group("0", &[&ada, &first])).await] {
        answer.expect_error(400, "invalidValue", "a group cannot be a member of itself");
    }
    assert_eq!(scim.get(&path).await.json(), before);
    // The outermost into the innermost: nothing new for whoever is in one of them, and everything for who comes to any.
    scim.patch(&path, add(&inner)).await.expect(200);
    assert_eq!(groups_of(&scim, &ada).await.len(), 11);
    let bob = scim.create_user("bob").await;
    scim.patch(&format!("/Groups/{inner}"), add(&bob)).await.expect(200);
    assert_eq!(groups_of(&scim, &bob).await.iter().filter(|name| name.ends_with(" indirect")).count(), 10);
    let inside = scim.list("/Users", &[("filter", &format!("groups.value eq \"{first}\""))]).await.json();
    assert_eq!(inside["totalResults"], 2);
    scim.delete(&format!("/Groups/{inner}")).await.expect(204);
    assert_eq!(groups_of(&scim, &ada).await.len(), 10);
    assert!(groups_of(&scim, &bob).await.is_empty());
}

#[tokio::test]
async fn filters_see_direct_and_indirect_groups_and_the_types_of_members() {
    let scim = Scim::start().await;
    let (ada, bob) = (scim.create_user("ada").await, scim.create_user("bob").await);
    scim.create_user("cid").await;
    let team = scim.create("/Groups", group("Team", &[&ada])).await;
    let unit = scim.create("/Groups", group("Unit", &[&team, &bob])).await;
    let users = async |filter: String| {
        let found = scim.list("/Users", &[("filter", &filter), ("sortBy", "userName")]).await.expect(200).json();
        let names = found["Resources"].as_array().unwrap().iter();
        names.map(|user| user["userName"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(users(format!("groups.value eq \"{unit}\"")).await, ["ada", "bob"]);
    assert_eq!(users(format!("groups eq \"{team}\"")).await, ["ada"]);
    assert_eq!(users("groups.type eq \"indirect\"".into()).await, ["ada"]);
    assert_eq!(users(format!("groups[value eq \"{unit}\" and type eq \"direct\"]")).await, ["bob"]);
    assert_eq!(users("groups.display eq \"unit\" and userName sw \"a\"".into()).await, ["ada"]);
    assert_eq!(users("not (groups pr)".into()).await, ["cid"]);
    let groups = scim.list("/Groups", &[("filter", "members.type eq \"group\"")]).await.expect(200).json();
    assert_eq!((&groups["totalResults"], &groups["Resources"][0]["id"]), (&json!(1), &json!(unit)));
    // Members are taken out by their type.
    let remove = json!({"Operations": [{"op": "remove", "path": "members[type eq \"Group\"]"}]});
    scim.patch(&format!("/Groups/{unit}"), remove).await.expect(200);
    assert_eq!(groups_of(&scim, &ada).await, ["Team direct"]);
}
