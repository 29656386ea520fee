//! Tenants and their credentials.

use scimgate::model::{CatalogVersion, Credential, CredentialId, Profile, Scope, Tenant, TenantId};
use scimgate::store::StoreError;

use super::{Fixture, at};

fn tenant(slug: &str) -> Tenant {
    Tenant {
        id: TenantId::new(at(0)),
        slug: slug.parse().unwrap(),
        name: slug.to_uppercase(),
        profile: Profile::Entra,
        dialect: Profile::Entra.dialect(),
        created_at: at(0),
    }
}

#[tokio::test]
async fn a_tenant_is_kept_found_and_changed() {
    let fixture = Fixture::new();
    let (acme, beta) = (tenant("acme"), tenant("beta"));
    fixture.store.create_tenant(&beta).await.unwrap();
    fixture.store.create_tenant(&acme).await.unwrap();
    assert_eq!(fixture.store.tenants().await.unwrap(), [acme.clone(), beta.clone()]);
    assert_eq!(fixture.store.find_tenant(&acme.slug).await.unwrap(), Some(acme.clone()));
    assert_eq!(fixture.store.find_tenant(&"none".parse().unwrap()).await.unwrap(), None);
    let again = fixture.store.create_tenant(&tenant("acme")).await.unwrap_err();
    assert!(matches!(again, StoreError::Uniqueness { attribute: "slug" }), "{again:?}");

    let mut changed = Tenant { name: "Acme, Inc.".into(), profile: Profile::Strict, ..acme };
    changed.dialect.unique_group_names = false;
    assert!(fixture.store.set_tenant(&changed).await.unwrap());
    assert_eq!(fixture.store.find_tenant(&changed.slug).await.unwrap(), Some(changed));
    assert!(!fixture.store.set_tenant(&tenant("none")).await.unwrap());
}

#[tokio::test]
async fn a_credential_comes_with_its_tenant_and_is_revoked_once() {
    let fixture = Fixture::new();
    let (acme, beta) = (tenant("acme"), tenant("beta"));
    fixture.store.create_tenant(&acme).await.unwrap();
    fixture.store.create_tenant(&beta).await.unwrap();
    let credential = Credential {
        id: CredentialId::new(at(0)),
        label: "Entra".into(),
        digest: [7; 32],
        scope: Scope::Write,
        user: None,
        created_at: at(0),
        expires_at: Some(at(90)),
        revoked_at: None,
    };
    fixture.store.create_credential(acme.id, &credential).await.unwrap();
    assert_eq!(
        fixture.store.credential(credential.id).await.unwrap(),
        Some((acme.clone(), CatalogVersion::BUILTIN, credential.clone()))
    );
    assert_eq!(fixture.store.credential(CredentialId::new(at(0))).await.unwrap(), None);
    assert!(fixture.store.credentials(beta.id).await.unwrap().is_empty());

    assert!(!fixture.store.revoke(beta.id, credential.id, at(1)).await.unwrap());
    assert!(fixture.store.revoke(acme.id, credential.id, at(2)).await.unwrap());
    assert!(fixture.store.revoke(acme.id, credential.id, at(3)).await.unwrap());
    let revoked = Credential { revoked_at: Some(at(2)), ..credential };
    assert_eq!(fixture.store.credentials(acme.id).await.unwrap(), [revoked]);
}
