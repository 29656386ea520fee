//! Tenants and their credentials.

use chrono::{DateTime, Utc};
use scimgate::model::{
    AdminAction, CatalogVersion, Credential, CredentialId, Origin, Profile, Provisioning, Scopes, Tenant, TenantId,
    TenantState,
};
use scimgate::store::StoreError;
use tokio_postgres::NoTls;

use super::{Fixture, at};

fn tenant(slug: &str) -> Tenant {
    Tenant {
        id: TenantId::new(at(0)),
        slug: slug.parse().unwrap(),
        name: slug.to_uppercase(),
        profile: Profile::Entra,
        dialect: Profile::Entra.dialect(),
        provisioning: Provisioning::default(),
        state: TenantState::Active,
        created_at: at(0),
    }
}

async fn create(fixture: &Fixture, tenant: &Tenant) {
    fixture.store.insert_tenant(tenant, &action(tenant.id, at(0))).await.unwrap();
}

fn action(tenant: TenantId, at: DateTime<Utc>) -> AdminAction {
    AdminAction {
        tenant: Some(tenant),
        at,
        origin: Origin::command_line(),
        action: "token.create",
        succeeded: true,
        target: ("token", None, "Entra".into()),
        details: serde_json::json!({}),
    }
}

#[tokio::test]
async fn a_tenant_is_kept_found_and_changed() {
    let fixture = Fixture::new();
    let (acme, beta) = (tenant("acme"), tenant("beta"));
    create(&fixture, &beta).await;
    create(&fixture, &acme).await;
    assert_eq!(fixture.store.tenants().await.unwrap(), [acme.clone(), beta.clone()]);
    assert_eq!(fixture.store.find_tenant(&acme.slug).await.unwrap(), Some(acme.clone()));
    assert_eq!(fixture.store.find_tenant(&"none".parse().unwrap()).await.unwrap(), None);
    let again = fixture.store.insert_tenant(&tenant("acme"), &action(acme.id, at(0))).await.unwrap_err();
    assert!(matches!(again, StoreError::Uniqueness { attribute: "slug" }), "{again:?}");

    let mut changed = Tenant { name: "Acme, Inc.".into(), profile: Profile::Strict, ..acme.clone() };
    changed.dialect.unique_group_names = false;
    let told = action(acme.id, at(1));
    assert!(fixture.store.change_tenant(&acme, &changed, &told).await.unwrap());
    assert_eq!(fixture.store.find_tenant(&changed.slug).await.unwrap(), Some(changed.clone()));
    assert!(!fixture.store.change_tenant(&acme, &changed, &told).await.unwrap(), "it is not what was seen any more");
    assert!(!fixture.store.change_tenant(&tenant("none"), &changed, &told).await.unwrap());
}

#[tokio::test]
async fn a_credential_comes_with_its_tenant_and_is_revoked_once() {
    let fixture = Fixture::new();
    let (acme, beta) = (tenant("acme"), tenant("beta"));
    create(&fixture, &acme).await;
    create(&fixture, &beta).await;
    let id = CredentialId::new(at(0));
    let credential = Credential::token(id, "Entra".into(), [7; 32], Scopes::WRITE, at(0));
    let credential = Credential { expires_at: Some(at(90)), ..credential };
    fixture.store.create_credential(acme.id, &credential, &action(acme.id, at(0))).await.unwrap();
    let found = fixture.store.credential(credential.id).await.unwrap().unwrap();
    assert_eq!((&found.tenant, found.catalog, &found.credential), (&acme, CatalogVersion::BUILTIN, &credential));
    assert_eq!(found.connection, None);
    assert_eq!(fixture.store.credential(CredentialId::new(at(0))).await.unwrap(), None);
    assert!(fixture.store.credentials(beta.id).await.unwrap().is_empty());

    assert!(!fixture.store.revoke(beta.id, credential.id, &action(beta.id, at(1))).await.unwrap());
    assert!(fixture.store.revoke(acme.id, credential.id, &action(acme.id, at(2))).await.unwrap());
    assert!(fixture.store.revoke(acme.id, credential.id, &action(acme.id, at(3))).await.unwrap());
    let revoked = Credential { revoked_at: Some(at(2)), ..credential };
    assert_eq!(fixture.store.credentials(acme.id).await.unwrap(), [revoked]);
}

#[tokio::test]
async fn a_credential_of_the_version_before_has_the_scopes_that_it_had() {
    let fixture = Fixture::new();
    let acme = tenant("acme");
    create(&fixture, &acme).await;
    let (client, connection) = tokio_postgres::connect(&fixture.database.url(), tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let insert = "INSERT INTO credentials (tenant_id, id, label, secret_hash, scope, created_at) \
        SELECT id, gen_random_uuid(), $1, '\\x0707070707070707070707070707070707070707070707070707070707070707', $1, now() FROM tenants";
    for scope in ["read", "write"] {
        client.execute(insert, &[&scope]).await.unwrap();
    }
    let found: Vec<_> = fixture.store.credentials(acme.id).await.unwrap();
    let scopes: Vec<_> = found.iter().map(|credential| (credential.label.as_str(), credential.scopes)).collect();
    assert_eq!(scopes, [("read", Scopes::READ), ("write", Scopes::WRITE)]);

    // And what this version writes tells the version before no more than it may know of writing.
    for (scopes, before) in
        [("write", "write"), ("write,admin:*", "write"), ("users:write", "read"), ("events", "read")]
    {
        let id = CredentialId::new(at(0));
        let credential = Credential::token(id, scopes.into(), [7; 32], scopes.parse().unwrap(), at(0));
        fixture.store.create_credential(acme.id, &credential, &action(acme.id, at(0))).await.unwrap();
        let row =
            client.query_one("SELECT scope FROM credentials WHERE id::text = $1", &[&id.to_string()]).await.unwrap();
        assert_eq!(row.get::<_, &str>(0), before, "{scopes}");
    }
}

#[tokio::test]
async fn a_write_that_meets_the_making_of_a_month_is_made_again() {
    let fixture = Fixture::new();
    let (client, connection) = tokio_postgres::connect(&fixture.database.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    let make = "BEGIN; SELECT ensure_activity_partition('admin_actions', '2026-11-22T00:00:00Z')";
    client.batch_execute(make).await.unwrap();
    let waits = "SELECT 1 FROM pg_locks WHERE relation = 'admin_actions_default'::regclass AND NOT granted";
    let acme = tenant("acme");
    let released = async {
        while client.query(waits, &[]).await.unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        client.batch_execute("COMMIT").await.unwrap();
    };
    tokio::join!(create(&fixture, &acme), released);
    assert_eq!(fixture.store.tenants().await.unwrap(), [acme]);
}
