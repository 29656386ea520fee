//! `/scim/v2/Groups/{id}/members`: the members of a group in pages.

use serde_json::{Value, json};

use crate::support::scim::{GROUP, Scim};

struct Stage {
    scim: Scim,
    path: String,
    /// Every member's id, sorted.
    ids: Vec<String>,
    inner: String,
}

/// A group of seven users and one group.
async fn stage() -> Stage {
    let scim = Scim::start().await;
    let mut ids = Vec::new();
    for number in 0..7 {
        ids.push(scim.create_user(&format!("user{number}")).await);
    }
    let inner = scim.create_group("Inner").await;
    ids.push(inner.clone());
    ids.sort();
    let members: Vec<Value> = ids.iter().map(|id| json!({"value": id})).collect();
    let id = scim.create("/Groups", json!({"schemas": [GROUP], "displayName": "Big", "members": members})).await;
    Stage { scim, path: format!("/Groups/{id}/members"), ids, inner }
}

fn values(list: &Value) -> Vec<&str> {
    list["Resources"].as_array().unwrap().iter().map(|member| member["value"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn pages_hold_each_member_once_and_the_total() {
    let Stage { scim, path, ids, inner } = stage().await;
    let all = scim.get(&path).await.expect(200).json();
    assert_eq!(all["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]));
    assert_eq!((&all["totalResults"], &all["startIndex"], &all["itemsPerPage"]), (&json!(8), &json!(1), &json!(8)));
    assert_eq!(values(&all), ids);
    let group = all["Resources"].as_array().unwrap().iter().find(|member| member["value"] == json!(inner)).unwrap();
    let reference = format!("{}/Groups/{inner}", scim.base);
    assert_eq!(*group, json!({"value": inner, "$ref": reference, "display": "Inner", "type": "Group"}));
    for (start, count) in [(1, 3), (4, 3), (7, 3), (8, 1), (9, 5), (100, 5), (1, 0)] {
        let page = scim.get(&format!("{path}?startIndex={start}&count={count}")).await.expect(200).json();
        let expected: Vec<_> = ids.iter().skip(start - 1).take(count).collect();
        assert_eq!(values(&page), expected, "{start} {count}");
        let told = (&page["totalResults"], &page["startIndex"], &page["itemsPerPage"]);
        assert_eq!(told, (&json!(8), &json!(start), &json!(expected.len())), "{start} {count}");
    }
}

#[tokio::test]
async fn a_filter_speaks_of_one_member() {
    let Stage { scim, path, ids, inner } = stage().await;
    let found = async |filter: &str| scim.list(&path, &[("filter", filter)]).await.expect(200).json();
    assert_eq!(values(&found("type eq \"group\"").await), [inner.as_str()]);
    assert_eq!(found("type eq \"User\"").await["totalResults"], 7);
    assert_eq!(values(&found(&format!("value eq \"{}\"", ids[2])).await), [ids[2].as_str()]);
    let three = found("display sw \"USER\" and not (display ew \"3\")").await;
    assert_eq!(three["totalResults"], 6);
    assert_eq!(found("display eq \"nobody\"").await["totalResults"], 0);
    let reference = format!("$ref eq \"{}/Groups/{inner}\"", scim.base);
    assert_eq!(values(&found(&reference).await), [inner.as_str()]);
    let page = scim.list(&path, &[("filter", "type eq \"User\""), ("startIndex", "6"), ("count", "10")]).await.json();
    assert_eq!((&page["totalResults"], values(&page).len()), (&json!(7), 2));
    for filter in ["userName eq \"ada\"", "members.value eq \"x\"", "value eq", "value eq \"x\"] or displayName pr", ""]
    {
        scim.list(&path, &[("filter", filter)]).await.expect_error(400, "invalidFilter", "the filter is not valid");
    }
}

#[tokio::test]
async fn only_a_group_has_members_and_they_are_only_read_here() {
    let Stage { scim, path, ids, inner } = stage().await;
    let user = ids.iter().find(|id| **id != inner).unwrap();
    for nobody in ["nobody", user, "00000000-0000-0000-0000-000000000000"] {
        scim.get(&format!("/Groups/{nobody}/members")).await.expect(404);
    }
    scim.get(&format!("/Users/{}/members", ids[0])).await.expect(404);
    scim.get(&format!("{path}/{}", ids[0])).await.expect(404);
    let refused = scim.post(&path, json!({"value": ids[0]})).await.expect(405);
    assert_eq!(refused.headers["allow"], "GET, HEAD");
    let other = scim.other_tenant("other").await;
    other.get(&path).await.expect(404);
    scim.get(&format!("{path}?count=x")).await.expect_error(400, "invalidValue", "count must be a whole number");
}

#[tokio::test]
async fn a_walk_by_cursor_sees_each_member_once_whoever_comes_and_goes() {
    let Stage { scim, path, ids, .. } = stage().await;
    let group = path.trim_end_matches("/members").to_owned();
    let mut seen: Vec<String> = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = scim.list(&path, &[("cursor", &cursor), ("count", "3")]).await.expect(200).json();
        assert_eq!(page.get("startIndex"), None);
        seen.extend(values(&page).into_iter().map(str::to_owned));
        let Some(next) = page["nextCursor"].as_str() else { break };
        cursor = next.to_owned();
        // The first of the page leaves, somebody comes.
        let remove = json!({"op": "remove", "path": format!("members[value eq \"{}\"]", values(&page)[0])});
        let new = scim.create_user(&format!("new{}", seen.len())).await;
        let add = json!({"op": "add", "path": "members", "value": [{"value": new}]});
        scim.patch(&group, json!({"Operations": [remove, add]})).await.expect(200);
    }
    let mut once = seen.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), seen.len());
    assert!(ids.iter().all(|id| seen.contains(id)));
    // A cursor is good for its group, filter and count alone.
    let first = scim.list(&path, &[("cursor", ""), ("count", "3")]).await.expect(200).json();
    let next = first["nextCursor"].as_str().unwrap();
    let other = scim.create_group("Other").await;
    let elsewhere = format!("/Groups/{other}/members");
    scim.list(&elsewhere, &[("cursor", next), ("count", "3")]).await.expect_error(400, "invalidCursor", "cursor");
    let filtered = [("cursor", next), ("count", "3"), ("filter", "type eq \"User\"")];
    scim.list(&path, &filtered).await.expect_error(400, "invalidCursor", "cursor");
    scim.list(&path, &[("cursor", next), ("count", "4")]).await.expect_error(400, "invalidCount", "count of 3");
}
