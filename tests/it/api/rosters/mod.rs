//! `/api/v1/apps`: rosters, published whole.

mod accounts;
mod lists;
mod sessions;

use futures_util::future::join_all;
use scimgate::gateway::NewApplication;
use scimgate::model::{Clock, Licenses, Origin, RemovalBrake};
use scimgate::tasks::tend_rosters;
use serde_json::{Value, json};

use super::Api;
use crate::support::scim::{Answer, Scim, USER};

/// A server with the application `crm`, of which 2 seats of "Pro" are paid for, and a client that may publish its roster.
async fn with_app() -> (Scim, Api) {
    let scim = Scim::start().await;
    create(&scim, "crm", &[("Pro", 2)]).await;
    let api = Api::with_scopes(&scim, "roster:write").await;
    (scim, api)
}

async fn create(scim: &Scim, id: &str, seats: &[(&str, u32)]) {
    let licenses = seats.iter().map(|(name, seats)| ((*name).to_owned(), *seats)).collect();
    let new = NewApplication {
        id: Some(id.parse().unwrap()),
        name: "The CRM".parse().unwrap(),
        licenses: Licenses::new(licenses).unwrap(),
        removal_brake: RemovalBrake::default(),
    };
    scim.gateway().create_application(scim.tenant().id, new, &Origin::command_line()).await.unwrap();
}

fn user(number: usize) -> Value {
    json!({"appUserId": format!("{number:06}"), "email": format!("user{number}@example.com")})
}

fn users(numbers: impl IntoIterator<Item = usize>) -> Value {
    json!({ "provisionedUsers": Value::from_iter(numbers.into_iter().map(user)) })
}

async fn post(api: &Api, path: &str, body: &Value) -> Answer {
    api.send("POST", path, Some(body), &[]).await
}

/// Publishes a list, and answers added, changed, removed, unchanged, total.
async fn published(api: &Api, body: &Value) -> [u64; 5] {
    counts(&post(api, "/apps/crm/users", body).await.expect(200).json())
}

fn counts(answer: &Value) -> [u64; 5] {
    assert_eq!(answer["success"], true, "{answer}");
    ["added", "changed", "removed", "unchanged", "total"].map(|name| answer[name].as_u64().unwrap())
}

/// The accounts' ids on the list.
async fn listed(api: &Api, query: &str) -> Vec<String> {
    let mut path = format!("/apps/crm/users?limit=200&{query}");
    let mut ids = Vec::new();
    loop {
        let page = api.get(&path).await.expect(200).json();
        ids.extend(
            page["items"].as_array().unwrap().iter().map(|entry| entry["appUserId"].as_str().unwrap().to_owned()),
        );
        let Some(cursor) = page["nextCursor"].as_str() else { return ids };
        path = format!("/apps/crm/users?limit=200&{query}&cursor={cursor}");
    }
}

async fn open(api: &Api) -> String {
    let opened = post(api, "/apps/crm/rosters", &json!({})).await.expect(201);
    let id = opened.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(opened.header("location"), format!("/api/v1/apps/crm/rosters/{id}"));
    id
}

async fn append(api: &Api, session: &str, part: usize, numbers: impl IntoIterator<Item = usize>) -> Answer {
    let mut body = users(numbers);
    body["part"] = part.into();
    post(api, &format!("/apps/crm/rosters/{session}/users"), &body).await
}

async fn commit(api: &Api, session: &str, query: &str) -> Answer {
    post(api, &format!("/apps/crm/rosters/{session}/commit{query}"), &json!({})).await
}
