//! Totals and pages: exact at every moment, whatever is folded.

use futures_util::future::join_all;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use scimgate::model::{Action, ResourceId, Stored};
use scimgate::store::{Listed, Page, Start, TenantStore};
use tokio::runtime::Runtime;
use tokio_postgres::NoTls;

use super::{Fixture, at, change, group, user, users};

/// One step in the life of a tenant.
#[derive(Debug, Clone)]
enum Step {
    Create(usize),
    /// Removes the users at these places of those that are there.
    Delete(Vec<prop::sample::Index>),
    Fold,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1..40_usize).prop_map(Step::Create),
        3 => vec(any::<prop::sample::Index>(), 1..30).prop_map(Step::Delete),
        3 => Just(Step::Fold),
    ]
}

async fn page(tenant: &TenantStore, offset: u64, limit: u32) -> Listed {
    let parts = users();
    tenant.list(&Page { start: Start::Offset(offset), ..Page::first(&parts, limit) }).await.unwrap()
}

fn ids(resources: &[Stored]) -> Vec<ResourceId> {
    resources.iter().map(|stored| stored.id).collect()
}

#[test]
fn every_page_is_what_a_plain_offset_gives_through_creates_deletes_and_folds() {
    let runtime = Runtime::new().unwrap();
    let fixture = Fixture::new();
    let tenants = std::cell::Cell::new(0);
    let mut runner = TestRunner::new(Config { cases: 12, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&vec(step(), 1..14), |steps| {
        tenants.set(tenants.get() + 1);
        let tenant = fixture.tenant(tenants.get());
        runtime.block_on(async {
            let mut present: Vec<ResourceId> = Vec::new();
            let mut created = 0;
            for step in steps {
                match step {
                    Step::Create(count) => {
                        for _ in 0..count {
                            present.push(user(&tenant, &format!("user{created}")).await);
                            created += 1;
                        }
                    }
                    Step::Delete(places) => {
                        for place in &places {
                            if !present.is_empty() {
                                let id = present.remove(place.index(present.len()));
                                tenant.delete("User", id, None, &change(Action::Delete, at(1))).await.unwrap();
                            }
                        }
                    }
                    Step::Fold => fixture.store.fold_counts().await.unwrap(),
                }
                for offset in (0..=present.len() + 3).step_by(7) {
                    let listed = page(&tenant, offset as u64, 5).await;
                    let expected: Vec<_> = present.iter().skip(offset).take(5).copied().collect();
                    prop_assert_eq!(
                        (listed.total, ids(&listed.resources)),
                        (present.len() as u64, expected),
                        "at {}",
                        offset
                    );
                }
            }
            Ok(())
        })
    });
    drop(runtime);
    outcome.unwrap();
}

/// Fills a tenant without the store, with as many users as make several buckets.
async fn fill(fixture: &Fixture, tenant: &TenantStore, from: u32, to: u32) {
    let (client, connection) = tokio_postgres::connect(&fixture.database.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    let statement = format!(
        "WITH new AS (INSERT INTO resources (tenant_id, id, resource_type, version, created_at, modified_at, name_key, \
            email_keys, document, search) \
            SELECT '{0}', gen_random_uuid(), 'User', 1, now(), now(), 'filled' || n, '{{}}', '{{}}', '{{}}' \
            FROM generate_series({from}, {to}) AS n RETURNING seq) \
        INSERT INTO resource_counts (tenant_id, resource_type, seq, folded, n) SELECT '{0}', 'User', seq, false, 1 FROM new",
        tenant.id()
    );
    client.batch_execute(&statement).await.unwrap();
}

/// The buckets' sizes in order.
async fn buckets(fixture: &Fixture, tenant: &TenantStore) -> Vec<i64> {
    let (client, connection) = tokio_postgres::connect(&fixture.database.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    let statement = "SELECT n FROM resource_counts WHERE tenant_id = $1::text::uuid AND folded ORDER BY seq";
    client.query(statement, &[&tenant.id().to_string()]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn many_resources_make_buckets_of_a_thousand_and_removals_shrink_them() {
    let fixture = Fixture::new();
    let tenant = fixture.tenant(1);
    fill(&fixture, &tenant, 1, 5_300).await;
    fixture.store.fold_counts().await.unwrap();
    assert_eq!(buckets(&fixture, &tenant).await, [1_000, 1_000, 1_000, 1_000, 1_000, 300]);
    let mut all = Vec::new();
    for offset in (0..5_300).step_by(1_000) {
        all.extend(ids(&page(&tenant, offset, 1_000).await.resources));
    }
    assert_eq!(all.len(), 5_300);
    for offset in [0_usize, 1, 999, 1_000, 1_001, 4_999, 5_299] {
        let listed = page(&tenant, offset as u64, 2).await;
        assert_eq!(ids(&listed.resources), all.iter().skip(offset).take(2).copied().collect::<Vec<_>>(), "{offset}");
    }
    // Nearly everything of the first four buckets goes.
    let row = change(Action::Delete, at(1));
    let gone: Vec<_> = all.drain(10..4_000).collect();
    for gone in gone.chunks(500) {
        let deletes =
            gone.iter().map(async |id| tenant.delete("User", *id, None, &super::change(Action::Delete, row.at)).await);
        assert!(join_all(deletes).await.iter().all(Result::is_ok));
    }
    for folded in [false, true] {
        for offset in [0_usize, 5, 9, 10, 11, 1_000, 1_309, 1_310] {
            let listed = page(&tenant, offset as u64, 3).await;
            assert_eq!(listed.total, 1_310);
            let expected: Vec<_> = all.iter().skip(offset).take(3).copied().collect();
            assert_eq!(ids(&listed.resources), expected, "{offset} {folded}");
        }
        fixture.store.fold_counts().await.unwrap();
    }
    let sizes = buckets(&fixture, &tenant).await;
    assert!(sizes.len() <= 3 && sizes.iter().sum::<i64>() == 1_310, "{sizes:?}");
}

#[tokio::test]
async fn folding_on_two_nodes_amid_creates_loses_nothing() {
    let fixture = Fixture::new();
    let tenant = fixture.tenant(1);
    let names: Vec<_> = (0..600).map(|number| format!("user{number}")).collect();
    let creates = async {
        for names in names.chunks(60) {
            join_all(names.iter().map(|name| user(&tenant, name))).await;
        }
    };
    let folds = join_all((0..2).map(async |_| {
        for _ in 0..30 {
            fixture.store.fold_counts().await.unwrap();
            tokio::task::yield_now().await;
        }
    }));
    futures_util::join!(creates, folds);
    assert_eq!(page(&tenant, 0, 0).await.total, 600);
    fixture.store.fold_counts().await.unwrap();
    let listed = page(&tenant, 300, 1_000).await;
    assert_eq!((listed.total, listed.resources.len()), (600, 300));
}

#[tokio::test]
async fn a_page_beyond_the_end_and_a_page_of_nothing_still_tell_the_total() {
    let fixture = Fixture::new();
    let tenant = fixture.tenant(1);
    assert_eq!(page(&tenant, 0, 10).await, Listed::of(0, Vec::new()));
    let ann = user(&tenant, "ann").await;
    group(&tenant, "staff", &[ann]).await;
    assert_eq!(page(&tenant, 0, 0).await, Listed::of(1, Vec::new()));
    assert_eq!(page(&tenant, u64::MAX, 10).await, Listed::of(1, Vec::new()));
    let parts = users();
    let with_groups = tenant.list(&Page { with_groups: true, ..Page::first(&parts, 10) }).await.unwrap();
    assert_eq!(with_groups.resources[0].groups.len(), 1);
}
