//! Versions and the conditions on them (RFC 7644, section 3.14; RFC 9110, section 13), on every verb, `/Me` included.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use scimgate::model::Scopes;
use serde_json::{Value, json};

use crate::support::scim::{Answer, GROUP, Scim, USER};

fn rename(value: &str) -> Option<Value> {
    Some(json!({"Operations": [{"op": "replace", "path": "displayName", "value": value}]}))
}

/// A resource under a URL, and a body that replaces it.
struct Target {
    client: Scim,
    path: String,
    body: Value,
}

/// A user, a group, and a user under the name `/Me`.
async fn targets(scim: &Scim) -> Vec<Target> {
    let (ada, eve, group) =
        (scim.create_user("ada").await, scim.create_user("eve").await, scim.create_group("G").await);
    let user = |name: &str| json!({"schemas": [USER], "userName": name, "displayName": "put"});
    let writer = || scim.with_token(Scopes::WRITE, None);
    vec![
        Target { client: writer().await, path: format!("/Users/{ada}"), body: user("ada") },
        Target {
            client: writer().await,
            path: format!("/Groups/{group}"),
            body: json!({"schemas": [GROUP], "displayName": "put"}),
        },
        Target { client: scim.as_user(&eve, Scopes::WRITE).await, path: "/Me".into(), body: user("eve") },
    ]
}

impl Target {
    async fn send(&self, method: &str, headers: &[(&str, &str)]) -> Answer {
        let body = match method {
            "PUT" => Some(self.body.clone()),
            "PATCH" => rename("patched"),
            _ => None,
        };
        self.client.send_with(method, &self.path, body, headers).await
    }
}

const OTHERS: [&str; 8] = [
    "W/\"2\"",
    "\"2\"",
    "\"x\", W/\"2\"",
    "",
    "\"x,1,y\"",
    "W/\"01\"",
    "W/\"11\"",
    "\"0190c0de-0000-7000-8000-000000000000\"",
];
const OWN: [&str; 6] = ["W/\"1\"", "\"1\"", "*", "W/\"2\", W/\"1\"", "\"a,b\",\"1\"", "1"];

#[tokio::test]
async fn reading_holds_to_both_conditions() {
    let scim = Scim::start().await;
    for target in targets(&scim).await {
        for method in ["GET", "HEAD"] {
            for own in OWN {
                target.send(method, &[("if-match", own)]).await.expect(200);
                let known = target.send(method, &[("if-none-match", own)]).await.expect(304);
                assert_eq!((known.text.as_str(), known.header("etag")), ("", "W/\"1\""), "{own}");
            }
            for other in OTHERS {
                target.send(method, &[("if-match", other)]).await.expect(412);
                let sent = target.send(method, &[("if-none-match", other)]).await.expect(200);
                assert_eq!(sent.header("etag"), "W/\"1\"");
            }
            // If-Match comes first (RFC 9110, section 13.2.2).
            target.send(method, &[("if-match", "\"2\""), ("if-none-match", "\"1\"")]).await.expect(412);
            target.send(method, &[("if-match", "\"1\""), ("if-none-match", "\"1\"")]).await.expect(304);
            // A header may stand twice.
            target.send(method, &[("if-none-match", "\"2\""), ("if-none-match", "\"1\"")]).await.expect(304);
        }
    }
}

#[tokio::test]
async fn a_write_whose_condition_fails_does_nothing() {
    let scim = Scim::start().await;
    for target in targets(&scim).await {
        let before = scim.dump().await;
        for method in ["PUT", "PATCH", "DELETE"] {
            for other in OTHERS {
                target.send(method, &[("if-match", other)]).await.expect_error(412, "", "If-Match");
            }
            for own in OWN {
                target.send(method, &[("if-none-match", own)]).await.expect_error(412, "", "If-None-Match");
            }
            target.send(method, &[("if-match", "\"1\""), ("if-none-match", "*")]).await.expect(412);
        }
        assert_eq!(scim.dump().await, before);
    }
}

#[tokio::test]
async fn a_write_whose_condition_holds_is_made_and_tells_the_new_version() {
    for own in OWN {
        let scim = Scim::start().await;
        for target in targets(&scim).await {
            let patched = target.send("PATCH", &[("if-match", own)]).await.expect(200);
            assert_eq!((patched.header("etag"), &patched.json()["meta"]["version"]), ("W/\"2\"", &json!("W/\"2\"")));
            let new = own.replace('1', "2");
            let put = target.send("PUT", &[("if-match", &new), ("if-none-match", "\"1\"")]).await.expect(200);
            assert_eq!((put.header("etag"), &put.json()["meta"]["version"]), ("W/\"3\"", &json!("W/\"3\"")));
            // Nothing new, so no new version.
            let same = target.send("PUT", &[("if-match", "W/\"3\"")]).await.expect(200);
            assert_eq!(same.header("etag"), "W/\"3\"");
            assert_eq!(target.send("GET", &[]).await.header("etag"), "W/\"3\"");
            target.send("DELETE", &[("if-match", &own.replace('1', "3"))]).await.expect(204);
        }
    }
}

#[tokio::test]
async fn what_is_created_has_a_version_and_lists_tell_it_too() {
    let scim = Scim::start().await;
    let created = scim.post("/Users", json!({"schemas": [USER], "userName": "ada"})).await.expect(201);
    assert_eq!((created.header("etag"), &created.json()["meta"]["version"]), ("W/\"1\"", &json!("W/\"1\"")));
    assert_eq!(scim.get("/Users").await.json()["Resources"][0]["meta"]["version"], "W/\"1\"");
}

#[tokio::test]
async fn where_nothing_is_no_condition_counts() {
    let scim = Scim::start().await;
    for path in ["/Users/0190c0de-0000-7000-8000-000000000000", "/Groups/nobody"] {
        for header in ["if-match", "if-none-match"] {
            for value in ["*", "W/\"1\""] {
                let conditions = [(header, value)];
                scim.get_with(path, &conditions).await.expect(404);
                let put = Some(json!({"userName": "x", "displayName": "x"}));
                scim.send_with("PUT", path, put, &conditions).await.expect(404);
                scim.send_with("PATCH", path, rename("x"), &conditions).await.expect(404);
                scim.send_with("DELETE", path, None, &conditions).await.expect(404);
            }
        }
    }
}

#[tokio::test]
async fn a_change_of_the_members_alone_is_held_to_the_version() {
    let scim = Scim::start().await;
    let ids = join_all(["a", "b"].iter().map(|name| scim.create_user(name))).await;
    let path = format!("/Groups/{}", scim.create_group("G").await);
    let add = |id: &str| Some(json!({"Operations": [{"op": "add", "path": "members", "value": [{"value": id}]}]}));
    let old = [("if-match", "W/\"1\"")];
    scim.send_with("PATCH", &path, add(&ids[0]), &old).await.expect(200);
    scim.send_with("PATCH", &path, add(&ids[1]), &old).await.expect(412);
    scim.send_with("PATCH", &path, add(&ids[1]), &[("if-none-match", "*")]).await.expect(412);
    scim.get_with(&path, &[("if-none-match", "W/\"1\"")]).await.expect(200);
    assert_eq!(scim.get(&path).await.json()["members"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_deletion_that_deactivates_is_held_to_the_version() {
    let scim = Scim::start().await.behaving(|dialect| dialect.delete_deactivates = true).await;
    let path = format!("/Users/{}", scim.create_user("ada").await);
    scim.send_with("DELETE", &path, None, &[("if-match", "W/\"2\"")]).await.expect(412);
    assert_eq!(scim.get(&path).await.json()["active"], true);
    scim.send_with("DELETE", &path, None, &[("if-match", "W/\"1\"")]).await.expect(204);
    let left = scim.get(&path).await;
    assert_eq!((left.json()["active"].as_bool(), left.header("etag")), (Some(false), "W/\"2\""));
}

/// Reads a number, adds one and writes it if nobody was faster, again and again; answers how often it was written and how
/// often somebody was faster.
async fn count_up(client: &Scim, path: &str, method: &str, times: usize) -> (usize, usize) {
    let (mut written, mut refused) = (0, 0);
    while written < times {
        let read = client.get(path).await.expect(200);
        let mut user = read.json();
        let next = (user["title"].as_str().unwrap().parse::<usize>().unwrap() + 1).to_string();
        let body = match method {
            "PUT" => {
                user["title"] = next.into();
                user
            }
            _ => json!({"Operations": [{"op": "replace", "path": "title", "value": next}]}),
        };
        let answer = client.send_with(method, path, Some(body), &[("if-match", read.header("etag"))]).await;
        match answer.status {
            200 => written += 1,
            412 => refused += 1,
            status => panic!("{status}: {}", answer.text),
        }
    }
    (written, refused)
}

#[tokio::test]
async fn many_writers_who_count_up_lose_no_count() {
    const WRITERS: usize = 12;
    const TIMES: usize = 5;
    let scim = Scim::start().await;
    let id = scim.create("/Users", json!({"schemas": [USER], "userName": "ada", "title": "0"})).await;
    let (own, me) = (format!("/Users/{id}"), scim.as_user(&id, Scopes::WRITE).await);
    let counts = join_all((0..WRITERS).map(async |writer| match writer % 3 {
        0 => count_up(&scim, &own, "PATCH", TIMES).await,
        1 => count_up(&scim, &own, "PUT", TIMES).await,
        _ => count_up(&me, "/Me", "PATCH", TIMES).await,
    }))
    .await;
    let written: usize = counts.iter().map(|(written, _)| written).sum();
    let refused: usize = counts.iter().map(|(_, refused)| refused).sum();
    assert_eq!(written, WRITERS * TIMES);
    assert!(refused > 0, "nobody was ever faster than another; the test tests nothing");
    let user = scim.get(&own).await;
    assert_eq!((user.json()["title"].as_str(), user.header("etag")), (Some("60"), "W/\"61\""));

    // Each success is told once, with the count that it wrote.
    let mut told: BTreeMap<i64, String> = BTreeMap::new();
    for change in scim.changes().await.iter().skip(1) {
        let title = change.attributes.iter().find(|one| one.path == "title").unwrap();
        told.insert(change.version, title.new.as_ref().unwrap().as_str().unwrap().to_owned());
    }
    let expected: BTreeMap<i64, String> = (1..=60).map(|count| (count + 1, count.to_string())).collect();
    assert_eq!(told, expected);
}
