//! Migrations and the partitions of the change stream.

use scimgate::model::Action;
use scimgate::store::{ChangeFilter, ConnectConfig, Page, known_migrations, migrate, pending_migrations};
use tokio_postgres::NoTls;

use super::{Fixture, at, change, insert, user, user_entry, users};
use crate::support::postgres::{Template, TestDatabase};

#[tokio::test]
async fn two_nodes_that_migrate_at_once_run_each_migration_once() {
    let database = TestDatabase::copy_of(&Template::prepare("empty", "1", |_| async {}));
    let config = ConnectConfig::parse(&database.url()).unwrap();
    assert_eq!(pending_migrations(&config).await.unwrap(), known_migrations().unwrap());
    let (one, other) = futures_util::join!(migrate(&config), migrate(&config));
    let applied = one.unwrap().len() + other.unwrap().len();
    assert_eq!(applied, known_migrations().unwrap().len());
    assert!(pending_migrations(&config).await.unwrap().is_empty());
}

#[tokio::test]
async fn changes_move_into_the_partition_of_their_month_and_stay_readable() {
    let fixture = Fixture::new();
    let tenant = fixture.tenant(1);
    user(&tenant, "ann").await;
    let (client, connection) = tokio_postgres::connect(&fixture.database.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    let places = async || {
        let statement = "SELECT tableoid::regclass::text FROM changes ORDER BY at, position";
        let rows = client.query(statement, &[]).await.unwrap();
        rows.iter().map(|row| row.get::<_, String>(0)).collect::<Vec<_>>()
    };
    assert_eq!(places().await, ["changes_default"]);
    for _ in 0..2 {
        fixture.store.ensure_partitions(at(0)).await.unwrap();
    }
    user(&tenant, "bob").await;
    let december = at(10 * 24 * 3_600);
    let resource = user_entry("cid");
    insert(&tenant, "User", &resource, &[]).await.unwrap();
    let gone = tenant.list(&Page::first(&users(), 1)).await.unwrap().resources[0].id;
    tenant.delete("User", gone, None, &change(Action::Delete, december)).await.unwrap();
    assert_eq!(places().await, ["changes_2026_11", "changes_2026_11", "changes_2026_11", "changes_2026_12"]);
    let all = ChangeFilter { action: None, from: None, to: None, limit: 10 };
    assert_eq!(tenant.changes(&all).await.unwrap().len(), 4);
}
