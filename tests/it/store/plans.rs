//! What a statement costs must not hang on statistics that are not there yet.

use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

use super::Fixture;

/// A uuid made of a number.
const ID: &str = "CREATE FUNCTION id(n int) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ \
    SELECT ('10000000-0000-0000-0000-' || lpad(to_hex(n), 12, '0'))::uuid $$";
const RESOURCES: &str = "INSERT INTO resources (tenant_id, id, version, created_at, modified_at, resource_type, name_key, \
        email_keys, document, search) \
    SELECT id(0), id(n), 1, now(), now(), CASE n WHEN 1 THEN 'Group' ELSE 'User' END, n::text, '{}', '{}', '{}' \
    FROM generate_series(1, 20100) AS n";
const FILL: &str = "INSERT INTO memberships SELECT id(0), id(1), id(n), 'group' FROM generate_series(2, 20001) AS n";

/// The first user comes into group 1 and the second leaves it, if that is not so already.
fn swap(coming: i32, leaving: i32) -> String {
    format!(
        "SELECT change_group_3(id(0), id(1), NULL, false, ARRAY[id({coming})], ARRAY[id({leaving})], false, NULL, NULL, \
            NULL, NULL, '', 'null', gen_random_uuid(), now(), 'update', '', id(0), 'tests', id(0), NULL, '[]', NULL)"
    )
}

async fn pages_touched(client: &Client, statement: &str) -> u64 {
    let plan = client.simple_query(&format!("EXPLAIN (ANALYZE, BUFFERS) {statement}")).await.unwrap();
    let lines = plan.iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    let hits = lines.flat_map(str::split_whitespace).find_map(|word| word.strip_prefix("hit="));
    hits.unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_member_comes_and_goes_at_the_same_price_whatever_the_planner_knows() {
    let fixture = Fixture::new();
    let (client, connection) = tokio_postgres::connect(&fixture.database.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute(ID).await.unwrap();
    client.batch_execute("ALTER TABLE memberships SET (autovacuum_enabled = false)").await.unwrap();
    client.batch_execute(RESOURCES).await.unwrap();
    client.batch_execute("ANALYZE resources").await.unwrap();
    // The connection makes its plans while the table is a single page, and is known to be, and keeps them.
    client.batch_execute(&swap(20_050, 20_051)).await.unwrap();
    client.batch_execute("VACUUM ANALYZE memberships").await.unwrap();
    for _ in 0..10 {
        client.batch_execute(&swap(20_051, 20_050)).await.unwrap();
        client.batch_execute(&swap(20_050, 20_051)).await.unwrap();
    }
    client.batch_execute(FILL).await.unwrap();
    let kept = pages_touched(&client, &swap(20_051, 20_050)).await;
    client.batch_execute("DISCARD PLANS").await.unwrap();
    let fresh = pages_touched(&client, &swap(20_050, 20_051)).await;
    client.batch_execute("ANALYZE memberships").await.unwrap();
    let informed = pages_touched(&client, &swap(20_051, 20_050)).await;
    // All of the group would be about 200 pages.
    assert!(kept.max(fresh) < 150, "{kept} pages with kept plans, {fresh} with fresh ones, {informed} with statistics");
}

#[tokio::test]
async fn people_are_found_by_their_keys_in_a_tenant_that_no_statistics_know() {
    let fixture = Fixture::new();
    let (client, connection) = tokio_postgres::connect(&fixture.database.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute(ID).await.unwrap();
    client.batch_execute("ALTER TABLE resources SET (autovacuum_enabled = false)").await.unwrap();
    let fill = |tenant: u32, count: u32| {
        format!(
            "INSERT INTO resources (tenant_id, id, version, created_at, modified_at, resource_type, name_key, external_id, \
                employee_key, email_keys, document, search) \
            SELECT id({tenant}), id(n), 1, now(), now(), 'User', n::text, 'E' || n, 'e' || n, ARRAY[n || '@example.com'], '{{}}', '{{}}' \
            FROM generate_series(1, {count}) AS n"
        )
    };
    client.batch_execute(&fill(1, 1000)).await.unwrap();
    client.batch_execute("ANALYZE resources").await.unwrap();
    client.batch_execute(&fill(0, 20_000)).await.unwrap();
    let keys = |of: &str| format!("(SELECT array_agg({of}) FROM generate_series(15001, 15010) AS n)");
    let (external, employee, email) = (keys("'E' || n"), keys("'e' || n"), keys("n || '@example.com'"));
    let statement =
        format!("SELECT * FROM find_people(id(0), {external}, {employee}, {email}, {})", keys("id(n::int)"));
    let found = client.query(&statement, &[]).await.unwrap();
    assert_eq!(found.len(), 10);
    let touched = pages_touched(&client, &statement).await;
    // All of the tenant would be more than 400 pages, four times over.
    assert!(touched < 400, "{touched} pages");
}
