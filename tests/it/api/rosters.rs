//! `/api/v1/apps`: rosters, published whole.

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

#[tokio::test]
async fn row_4_1_the_article_s_request_publishes_a_user() {
    let (_scim, api) = with_app().await;
    let body = json!({"provisionedUsers": [{
        "appUserId": "109282355904833424637", "email": "testuser@random.com", "username": "testuser", "license": "Pro"
    }]});
    assert_eq!(published(&api, &body).await, [1, 0, 0, 0, 1]);
    let listed = api.get("/apps/crm/users").await.expect(200).json();
    let entry = &listed["items"][0];
    for (name, value) in body["provisionedUsers"][0].as_object().unwrap() {
        assert_eq!(&entry[name], value);
    }
    assert_eq!((&entry["user"], listed["items"].as_array().unwrap().len()), (&Value::Null, 1));
}

#[tokio::test]
async fn row_4_2_a_list_is_all_there_is_and_its_difference_is_told() {
    let (scim, api) = with_app().await;
    assert_eq!(published(&api, &users(1..=4)).await, [4, 0, 0, 0, 4]);
    let added_at = api.get("/apps/crm/users").await.json()["items"][0]["addedAt"].clone();
    scim.advance_seconds(60);
    let mut body = users([1, 2, 5]);
    body["provisionedUsers"][1]["license"] = "Pro".into();

    // A trial tells and writes nothing.
    let before = scim.dump().await;
    let tried = post(&api, "/apps/crm/users?dryRun=true", &body).await.expect(200).json();
    assert_eq!((counts(&tried), &tried["dryRun"]), ([1, 1, 2, 1, 3], &json!(true)));
    let changes = tried["changes"].as_array().unwrap();
    let kinds: Vec<_> =
        changes.iter().map(|one| (one["kind"].as_str().unwrap(), one["appUserId"].as_str().unwrap())).collect();
    assert_eq!(kinds, [("added", "000005"), ("changed", "000002"), ("removed", "000003"), ("removed", "000004")]);
    assert_eq!((&changes[1]["old"]["license"], &changes[1]["new"]["license"]), (&Value::Null, &json!("Pro")));
    assert_eq!(
        (&changes[0]["old"], &changes[2]["new"], &tried["isCutShort"]),
        (&Value::Null, &Value::Null, &json!(false))
    );
    assert_eq!(scim.dump().await, before);

    assert_eq!(published(&api, &body).await, [1, 1, 2, 1, 3]);
    assert_eq!(listed(&api, "").await, ["000001", "000002", "000005"]);
    let entries = api.get("/apps/crm/users").await.json()["items"].clone();
    assert_eq!((&entries[0]["addedAt"], &entries[0]["changedAt"]), (&added_at, &added_at));
    assert_eq!(entries[1]["addedAt"], added_at);
    assert!(entries[1]["changedAt"] == entries[2]["addedAt"] && entries[2]["addedAt"] != added_at, "{entries}");
    scim.advance_seconds(1);
    assert_eq!(published(&api, &body).await, [0, 0, 0, 3, 3], "the same again changes nothing");

    let told = scim.admin_actions().await.pop().unwrap();
    assert_eq!((&told["action"], &told["actor_kind"]), (&json!("roster.publish"), &json!("credential")));
    assert_eq!((&told["target_id"], &told["details"]["removed"]), (&json!("crm"), &json!(2)));
    let made = api.get("/apps/crm/publications?limit=2").await.expect(200).json();
    assert_eq!(made["items"][1]["removed"], 2, "{made}");
    let next = made["nextCursor"].as_str().unwrap();
    let rest = api.get(&format!("/apps/crm/publications?cursor={next}")).await.expect(200).json();
    assert_eq!(rest["items"][0]["added"], 4, "{rest}");
}

#[tokio::test]
async fn row_4_2_a_list_that_removes_too_many_is_held_until_it_is_confirmed() {
    let (_scim, api) = with_app().await;
    published(&api, &users(0..40)).await;
    let refused = post(&api, "/apps/crm/users", &users(0..19)).await;
    refused.expect_problem(409, "this would remove 21 of 40 entries, more than the 50 %");
    assert!(refused.json()["detail"].as_str().unwrap().contains("confirmRemovals=true"));
    post(&api, "/apps/crm/users", &users([])).await.expect_problem(409, "40 of 40");
    let tried = post(&api, "/apps/crm/users?dryRun=true", &users(0..19)).await.expect(200).json();
    assert_eq!((&tried["needsConfirmation"], &tried["removed"]), (&json!(true), &json!(21)));
    assert_eq!(listed(&api, "").await.len(), 40);
    post(&api, "/apps/crm/users", &users(0..20)).await.expect(200);
    let confirmed = post(&api, "/apps/crm/users?confirmRemovals=true", &users([7])).await.expect(200).json();
    assert_eq!(counts(&confirmed), [0, 0, 19, 1, 1]);
    // Short lists are not braked.
    assert_eq!(published(&api, &users([])).await, [0, 0, 1, 0, 0]);
}

#[tokio::test]
async fn row_4_3_more_than_a_thousand_go_through_a_session() {
    let (scim, api) = with_app().await;
    published(&api, &users([0, 1])).await;
    let refused = post(&api, "/apps/crm/users", &users(0..1_001)).await;
    refused.expect_problem(413, "there are 1001 provisionedUsers, and one request takes 1000");
    assert!(refused.json()["detail"].as_str().unwrap().contains("/rosters"), "{}", refused.text);

    post(&api, "/apps/crm/users", &users(0..40_000))
        .await
        .expect_problem(413, "send a longer list in a roster session");

    let session = open(&api).await;
    append(&api, &session, 1, 0..1_000).await.expect(200);
    append(&api, &session, 1, 0..1_001).await.expect_problem(413, "roster session");
    // A part that is sent again takes the place of the one before.
    append(&api, &session, 2, 1_000..1_500).await.expect(200);
    let state = append(&api, &session, 2, 1_000..1_700).await.expect(200).json();
    assert_eq!((&state["state"], &state["parts"], &state["entries"]), (&json!("open"), &json!(2), &json!(1_700)));
    // Others cannot have the same accounts.
    let twice = append(&api, &session, 3, [3, 1_699, 2_000]).await;
    twice.expect_problem(422, "other parts of this session have 2 of these appUserIds already");
    assert!(twice.text.contains("000003") && twice.text.contains("001699"), "{}", twice.text);
    assert_eq!(listed(&api, "").await.len(), 2, "nothing is published before the commit");

    let tried = commit(&api, &session, "?dryRun=true").await.expect(200).json();
    assert_eq!((counts(&tried), &tried["isCutShort"]), ([1_698, 0, 0, 2, 1_700], &json!(true)));
    assert_eq!(tried["changes"].as_array().unwrap().len(), 50);
    assert_eq!(listed(&api, "").await.len(), 2);
    let done = commit(&api, &session, "").await.expect(200).json();
    assert_eq!(counts(&done), [1_698, 0, 0, 2, 1_700]);
    assert_eq!(counts(&commit(&api, &session, "").await.expect(200).json()), counts(&done), "again answers the same");
    assert_eq!(listed(&api, "").await.len(), 1_700);
    let state = api.get(&format!("/apps/crm/rosters/{session}")).await.expect(200).json();
    assert_eq!((&state["state"], state["committedAt"].is_string()), (&json!("committed"), true));
    append(&api, &session, 3, [9_000]).await.expect_problem(409, "is committed; open another one");
    api.send("DELETE", &format!("/apps/crm/rosters/{session}"), None, &[]).await.expect_problem(409, "committed");
    assert_eq!(scim.admin_actions().await.last().unwrap()["action"], "roster.publish");
}

#[tokio::test]
async fn row_4_3_a_session_is_aborted_or_expires_and_leaves_nothing() {
    let (scim, api) = with_app().await;
    let aborted = open(&api).await;
    append(&api, &aborted, 1, 0..10).await.expect(200);
    let path = format!("/apps/crm/rosters/{aborted}");
    api.send("DELETE", &path, None, &[]).await.expect(204);
    api.send("DELETE", &path, None, &[]).await.expect(204);
    append(&api, &aborted, 1, 0..10).await.expect_problem(409, "is aborted");
    commit(&api, &aborted, "").await.expect_problem(409, "is aborted");

    let late = open(&api).await;
    append(&api, &late, 1, 0..10).await.expect(200);
    for _ in 0..4 {
        open(&api).await;
    }
    post(&api, "/apps/crm/rosters", &json!({}))
        .await
        .expect_problem(409, "5 roster sessions of this application are open");
    scim.advance_seconds(24 * 3_600);
    commit(&api, &late, "").await.expect_problem(409, "is expired");
    append(&api, &late, 2, 10..20).await.expect_problem(409, "is expired");
    assert_eq!(api.get(&format!("/apps/crm/rosters/{late}")).await.expect(200).json()["state"], "expired");
    open(&api).await;
    assert!(listed(&api, "").await.is_empty());
    assert!(scim.dump().await.contains("roster_entries "));
    tend_rosters(&scim.store(), scim.clock().now()).await.unwrap();
    assert!(!scim.dump().await.contains("roster_entries "));
}

#[tokio::test]
async fn row_4_3_lists_that_were_replaced_go_and_the_current_one_stays() {
    let (scim, api) = with_app().await;
    published(&api, &users(0..10)).await;
    published(&api, &users(5..15)).await;
    let session = open(&api).await;
    append(&api, &session, 1, 8..18).await.expect(200);
    // The list moves on while the session is filled.
    scim.advance_seconds(60);
    api.send("DELETE", "/apps/crm/users/000009", None, &[]).await.expect(204);
    scim.advance_seconds(60);
    assert_eq!(counts(&commit(&api, &session, "").await.expect(200).json()), [4, 0, 3, 6, 10]);
    let entries = api.get("/apps/crm/users").await.json()["items"].clone();
    assert!(entries[0]["addedAt"] != entries[1]["addedAt"], "who was removed and came back is new: {entries}");
    scim.advance_seconds(25 * 3_600);
    tend_rosters(&scim.store(), scim.clock().now()).await.unwrap();
    let dump = scim.dump().await;
    assert_eq!(dump.lines().filter(|line| line.starts_with("roster_entries ")).count(), 10);
    assert_eq!(listed(&api, "").await.len(), 10);
}

#[tokio::test]
async fn row_4_3_concurrent_publications_never_mix() {
    let (_scim, api) = with_app().await;
    let first = open(&api).await;
    append(&api, &first, 1, 0..500).await.expect(200);
    let second = open(&api).await;
    append(&api, &second, 1, 10_000..10_500).await.expect(200);
    let lists: Vec<Value> = (2..6).map(|n| users((n * 10_000)..(n * 10_000 + 500))).collect();
    let requests = lists.iter().map(async |body| post(&api, "/apps/crm/users?confirmRemovals=true", body).await);
    let sessions = [&first, &second].map(async |id| commit(&api, id, "?confirmRemovals=true").await);
    let reads = (0..20).map(async |_| {
        let ids = api.get("/apps/crm/users?limit=200").await.expect(200).json();
        let ids = ids["items"].as_array().unwrap().clone();
        (ids.len(), ids.iter().map(|id| id["appUserId"].as_str().unwrap()[..2].to_owned()).collect::<Vec<_>>())
    });
    let (requests, sessions, reads) = futures_util::join!(join_all(requests), join_all(sessions), join_all(reads));
    for answer in requests.into_iter().chain(sessions) {
        let answer = answer.expect(200).json();
        assert_eq!((&answer["added"], &answer["total"]), (&json!(500), &json!(500)));
        assert!(answer["removed"] == 0 || answer["removed"] == 500, "{answer}");
    }
    for (count, kinds) in reads {
        assert!(count == 0 || count == 200, "{count}");
        assert!(kinds.windows(2).all(|pair| pair[0] == pair[1]), "{kinds:?}");
    }
    let ids = listed(&api, "").await;
    assert_eq!(ids.len(), 500);
    assert!(ids.iter().all(|id| id[..2] == ids[0][..2]), "{ids:?}");
}

#[tokio::test]
async fn row_4_3_a_hundred_thousand_are_committed_as_a_whole() {
    let (_scim, api) = with_app().await;
    let session = open(&api).await;
    for part in 1..=100 {
        append(&api, &session, part, (part * 1_000)..(part * 1_000 + 1_000)).await.expect(200);
    }
    let began = std::time::Instant::now();
    assert_eq!(counts(&commit(&api, &session, "").await.expect(200).json()), [100_000, 0, 0, 0, 100_000]);
    eprintln!("100,000 entries were committed in {:?}", began.elapsed());
}

#[tokio::test]
async fn row_4_4_success_is_told_with_the_numbers() {
    let (_scim, api) = with_app().await;
    let answer = post(&api, "/apps/crm/users", &users([1])).await.expect(200).json();
    let expected = json!({
        "success": true, "dryRun": false, "added": 1, "changed": 0, "removed": 0, "unchanged": 0, "total": 1, "unknownEmails": 1
    });
    assert_eq!(answer, expected);
}

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

#[tokio::test]
async fn row_4_10_a_roster_is_read_in_pages_and_removed_one_by_one_or_whole() {
    let (scim, api) = with_app().await;
    published(&api, &users(0..25)).await;
    let first = api.get("/apps/crm/users?limit=10").await.expect(200).json();
    assert_eq!(first["items"].as_array().unwrap().len(), 10);
    let next = first["nextCursor"].as_str().unwrap();
    let second = api.get(&format!("/apps/crm/users?limit=10&cursor={next}")).await.expect(200).json();
    assert_eq!(second["items"][0]["appUserId"], "000010");

    api.send("DELETE", "/apps/crm/users/000010", None, &[]).await.expect(204);
    let gone = api.send("DELETE", "/apps/crm/users/000010", None, &[]).await;
    gone.expect_problem(404, "there is no user 000010 on the roster");
    assert_eq!(listed(&api, "").await.len(), 24);
    let emptied = api.send("DELETE", "/apps/crm/users", None, &[]).await.expect(200).json();
    assert_eq!(emptied, json!({"success": true, "removed": 24}));
    assert!(listed(&api, "").await.is_empty());
    assert_eq!(api.send("DELETE", "/apps/crm/users", None, &[]).await.expect(200).json()["removed"], 0);
    let log = scim.admin_actions().await;
    let log: Vec<&str> = log.iter().map(|one| one["action"].as_str().unwrap()).collect();
    assert!(log.ends_with(&["roster.publish", "roster.remove_user", "roster.empty"]), "{log:?}");
    assert_eq!(published(&api, &users([1])).await, [1, 0, 0, 0, 1]);
}

#[tokio::test]
async fn a_list_with_mistakes_is_refused_whole_and_all_of_them_are_told() {
    let (_scim, api) = with_app().await;
    published(&api, &users([1])).await;
    let body = json!({"provisionedUsers": [
        {"appUserId": "1", "email": "a@example.com"}, {"appUserId": "2", "email": "nobody"}, {"email": "b@example.com"},
        {"appUserId": "1", "email": "c@example.com"}, {"appUserId": "x".repeat(513), "email": "d@example.com"}
    ]});
    let fields = ["[1].email", "[2].appUserId", "[3].appUserId", "[4].appUserId"];
    let fields = fields.map(|field| format!("provisionedUsers{field}"));
    let refused = post(&api, "/apps/crm/users", &body).await;
    refused.expect_invalid(&fields.each_ref().map(String::as_str));
    assert!(refused.text.contains("stands at provisionedUsers[0] already"), "{}", refused.text);
    for body in [json!({}), json!({"provisionedUsers": {}}), json!([]), json!({"provisionedUsers": [1]})] {
        post(&api, "/apps/crm/users", &body).await.expect_problem(422, "");
    }
    let session = open(&api).await;
    for part in [0, 1_001] {
        append(&api, &session, part, [1]).await.expect_invalid(&["part"]);
    }
    api.get("/apps/crm/rosters/x").await.expect_problem(404, "there is no roster session x");
    api.get("/apps/crm/users?unknown=maybe").await.expect_invalid(&["unknown"]);
    post(&api, "/apps/crm/users?dryRun=maybe", &users([1])).await.expect_invalid(&["dryRun"]);
    assert_eq!(listed(&api, "").await, ["000001"]);
}
