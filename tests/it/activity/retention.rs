//! How long activity is kept.

use chrono::{DateTime, Utc};
use scimgate::model::KeepActivity;
use scimgate::tasks::forget;
use serde_json::json;
use tokio_postgres::{Client, NoTls};

use super::{actions, entries, with_owner};
use crate::support::scim::Scim;

async fn client(scim: &Scim) -> Client {
    let (client, connection) = tokio_postgres::connect(&scim.database_url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

fn day(text: &str) -> DateTime<Utc> {
    format!("{text}T00:00:00Z").parse().unwrap()
}

#[tokio::test]
async fn a_tenant_s_own_time_is_kept_and_told() {
    let (scim, owner) = with_owner().await;
    let path = "/tenants/first/activity/retention";
    assert_eq!(owner.get(path).await.expect(200).json(), json!({"keepActivity": "forever"}));
    assert_eq!(
        owner.put(path, json!({"keepActivity": "400d"})).await.expect(200).json(),
        json!({"keepActivity": "400d"})
    );
    assert_eq!(owner.get(path).await.expect(200).json(), json!({"keepActivity": "400d"}));
    let log = entries(&owner, "action=tenant.keep_activity").await;
    assert_eq!((log.len(), &log[0]["details"]), (1, &json!({"keepActivity": "400d"})));
    assert_eq!(log[0]["actor"]["name"], owner.email.as_str());
    for wrong in ["1d", "400", "", "for ever"] {
        owner.put(path, json!({"keepActivity": wrong})).await.expect_invalid(&["keepActivity"]);
    }
    let kept = scim.store().tenant(scim.tenant().id).keeps_activity().await.unwrap();
    assert_eq!(kept, KeepActivity::Days(400));
}

#[tokio::test]
async fn what_is_older_goes_and_nothing_else() {
    let scim = Scim::start().await;
    let second = scim.other_tenant("second").await;
    second.create_user("kept").await;
    let ann = scim.create_user("ann").await;
    scim.delete(&format!("/Users/{ann}")).await.expect(204);
    scim.advance_seconds(20 * 86_400);
    scim.create_user("bob").await;
    let owner = scim.owner().await;
    forget(&scim.store(), day("2027-06-01")).await.unwrap();
    assert_eq!(entries(&owner, "kind=change").await.len(), 3, "nobody asked for anything to go");
    owner.put("/tenants/first/activity/retention", json!({"keepActivity": "30d"})).await.expect(200);
    forget(&scim.store(), day("2026-12-25")).await.unwrap();
    let left = entries(&owner, "kind=change").await;
    assert_eq!((actions(&left), &left[0]["target"]["name"]), (vec!["create"], &json!("bob")));
    assert_eq!(entries(&owner, "target=ann").await.len(), 0, "former names go with what they lead to");
    assert_eq!(second.changes().await.len(), 1);
}

#[tokio::test]
async fn a_month_that_no_tenant_keeps_goes_as_a_whole() {
    let scim = Scim::start().await;
    let store = scim.store();
    store.ensure_partitions(day("2026-11-22")).await.unwrap();
    scim.create_user("ann").await;
    scim.advance_seconds(15 * 86_400);
    scim.create_user("bob").await;
    let owner = scim.owner().await;
    let partitions = async || {
        let statement = "SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid \
            WHERE i.inhparent = 'changes'::regclass ORDER BY 1";
        let rows = client(&scim).await.query(statement, &[]).await.unwrap();
        rows.iter().map(|row| row.get::<_, String>(0)).collect::<Vec<_>>()
    };
    assert_eq!(partitions().await, ["changes_2026_11", "changes_2026_12", "changes_default"]);
    forget(&store, day("2027-02-15")).await.unwrap();
    assert_eq!(partitions().await.len(), 3, "one tenant keeps everything");
    owner.put("/tenants/first/activity/retention", json!({"keepActivity": "60d"})).await.expect(200);
    forget(&store, day("2027-01-15")).await.unwrap();
    assert_eq!(partitions().await.len(), 3, "the month's last days are still kept");
    forget(&store, day("2027-02-15")).await.unwrap();
    assert_eq!(partitions().await, ["changes_2026_12", "changes_default"]);
}

#[tokio::test]
async fn administrative_actions_have_months_of_their_own() {
    let (scim, owner) = with_owner().await;
    let store = scim.store();
    for _ in 0..2 {
        store.ensure_partitions(day("2026-11-22")).await.unwrap();
    }
    let statement = "SELECT tableoid::regclass::text FROM admin_actions";
    let rows = client(&scim).await.query(statement, &[]).await.unwrap();
    assert!(rows.iter().all(|row| row.get::<_, String>(0) == "admin_actions_2026_11"), "{rows:?}");
    assert!(!owner.get("/activity").await.expect(200).json()["items"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn writers_do_not_wait_for_what_goes() {
    let (scim, owner) = with_owner().await;
    scim.create_user("ann").await;
    owner.put("/tenants/first/activity/retention", json!({"keepActivity": "30d"})).await.expect(200);
    let client = client(&scim).await;
    client.batch_execute("BEGIN; SELECT 1 FROM changes FOR UPDATE").await.unwrap();
    // Somebody holds the rows: they are left for the next time, and nobody waits.
    forget(&scim.store(), day("2027-06-01")).await.unwrap();
    scim.create_user("bob").await;
    client.batch_execute("ROLLBACK").await.unwrap();
    assert_eq!(entries(&owner, "kind=change").await.len(), 2);
    forget(&scim.store(), day("2027-06-01")).await.unwrap();
    assert_eq!(entries(&owner, "kind=change").await.len(), 0);
}
