//! Statements that wait for what another session holds.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio_postgres::{Client, NoTls};

use crate::support::scim::Scim;

async fn session(scim: &Scim) -> Client {
    let (client, connection) = tokio_postgres::connect(&scim.database_url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

fn title(title: &str) -> Value {
    json!({"Operations": [{"op": "replace", "path": "title", "value": title}]})
}

#[tokio::test]
async fn a_row_that_stays_locked_is_answered_with_503_and_keeps_nobody_else_waiting() {
    let scim = Scim::start().await;
    let (ann, ben) = (scim.create_user("ann").await, scim.create_user("ben").await);
    let other = session(&scim).await;
    other.batch_execute(&format!("BEGIN; UPDATE resources SET display = 'x' WHERE id = '{ann}'")).await.unwrap();
    let began = Instant::now();
    let (ann, ben) = (format!("/Users/{ann}"), format!("/Users/{ben}"));
    let (refused, others, read) = tokio::join!(
        async { (scim.patch(&ann, title("a")).await, began.elapsed()) },
        async { (scim.patch(&ben, title("b")).await, began.elapsed()) },
        async { (scim.get(&ann).await, began.elapsed()) },
    );
    assert_eq!((others.0.status, read.0.status), (200, 200));
    assert!(others.1.max(read.1) < Duration::from_secs(1), "{others:?} {read:?}");
    refused.0.expect_error(503, "", "try again");
    assert!(!refused.0.header("retry-after").is_empty());
    assert!(refused.1 > Duration::from_secs(1) && refused.1 < Duration::from_secs(4), "{:?}", refused.1);
    other.batch_execute("ROLLBACK").await.unwrap();
    scim.patch(&ann, title("a")).await.expect(200);
    assert_eq!(scim.actions().await, ["create", "create", "update", "update"]);
}

/// A trigger that sleeps stands for a statement that takes long for reasons of its own.
#[tokio::test]
async fn a_statement_that_takes_too_long_is_answered_with_503_and_not_made() {
    let scim = Scim::start().await;
    let other = session(&scim).await;
    let slow = "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS \
        'BEGIN PERFORM pg_sleep(20); RETURN NEW; END'; \
        CREATE TRIGGER slow BEFORE INSERT ON resources FOR EACH ROW EXECUTE FUNCTION slow()";
    other.batch_execute(slow).await.unwrap();
    let user = json!({"schemas": [crate::support::scim::USER], "userName": "ann"});
    let began = Instant::now();
    let refused = scim.post("/Users", user.clone()).await;
    refused.expect_error(503, "", "try again");
    assert!(!refused.header("retry-after").is_empty());
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    other.batch_execute("DROP TRIGGER slow ON resources").await.unwrap();
    scim.post("/Users", user).await.expect(201);
    assert_eq!(scim.actions().await, ["create"]);
}
