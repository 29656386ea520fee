//! Longer lists, in sessions: committed whole or not at all.

use super::*;

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
