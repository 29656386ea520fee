//! Clients' secrets: several live at once, each for its time, and nothing of them is kept that could be used.

use scimgate::auth::ClientSecret;
use scimgate::gateway::ClientsError;
use scimgate::model::{Origin, SecretLifetime};
use secrecy::ExposeSecret;

use crate::support::oauth::OAuthClient;
use crate::support::scim::Scim;

async fn add(scim: &Scim, client: &OAuthClient, years: i64) -> Result<OAuthClient, ClientsError> {
    let (lifetime, origin) = (SecretLifetime::of_years(years).unwrap(), Origin::command_line());
    let added = scim.gateway().add_client_secret(scim.tenant().id, client.credential, lifetime, &origin).await?;
    Ok(OAuthClient { secret: added.1.reveal().expose_secret().to_owned(), ..client.clone() })
}

async fn revoke(scim: &Scim, client: &OAuthClient) -> Result<(), ClientsError> {
    let id = ClientSecret::parse(&client.secret).unwrap().id();
    scim.gateway().revoke_client_secret(scim.tenant().id, client.credential, id, &Origin::command_line()).await
}

#[tokio::test]
async fn a_secret_is_replaced_without_a_gap() {
    let scim = Scim::start().await;
    let old = scim.oauth_client().await;
    let held = scim.as_client(&old).await;
    let new = add(&scim, &old, 1).await.unwrap();
    scim.grant(&old).await.expect(200);
    scim.grant(&new).await.expect(200);
    revoke(&scim, &old).await.unwrap();
    scim.grant(&old).await.expect_oauth_error(401, "invalid_client", "this client secret has expired or was revoked");
    scim.grant(&new).await.expect(200);
    // What was granted for the old secret stays good for its hour.
    held.get("/Users").await.expect(200);
    revoke(&scim, &old).await.unwrap();
    let actions: Vec<_> = scim.admin_actions().await.iter().map(|row| row["action"].clone()).collect();
    assert_eq!(actions.iter().filter(|action| **action == "client.revoke_secret").count(), 1, "{actions:?}");
    assert_eq!(actions.iter().filter(|action| **action == "client.add_secret").count(), 1, "{actions:?}");
}

#[tokio::test]
async fn a_secret_ends_after_the_years_that_it_was_made_for() {
    let scim = Scim::start().await;
    let two_years = scim.oauth_client().await;
    let three_years = add(&scim, &two_years, 3).await.unwrap();
    // 2028 has a day more than others.
    scim.advance_seconds((2 * 365 + 1) * 86_400 - 1);
    scim.grant(&two_years).await.expect(200);
    scim.advance_seconds(1);
    scim.grant(&two_years).await.expect_oauth_error(401, "invalid_client", "has expired or was revoked; add a new one");
    scim.grant(&three_years).await.expect(200);
}

#[tokio::test]
async fn five_secrets_live_at_once() {
    let scim = Scim::start().await;
    let client = scim.oauth_client().await;
    let adding = (0..8).map(|_| add(&scim, &client, 1));
    let outcomes = futures_util::future::join_all(adding).await;
    let added: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().ok()).collect();
    assert_eq!(added.len(), 4);
    let refused = outcomes.iter().filter_map(|outcome| outcome.as_ref().err());
    refused.for_each(|error| assert!(matches!(error, ClientsError::TooManySecrets), "{error}"));
    for known in &added {
        scim.grant(known).await.expect(200);
    }
    revoke(&scim, added[0]).await.unwrap();
    add(&scim, &client, 1).await.unwrap();
    // Those that are over do not count.
    scim.advance_seconds(366 * 86_400);
    add(&scim, &client, 1).await.unwrap();
}

#[tokio::test]
async fn another_tenant_cannot_touch_a_client() {
    let scim = Scim::start().await;
    let other = scim.other_tenant("second").await;
    let client = scim.oauth_client().await;
    assert!(matches!(add(&other, &client, 1).await, Err(ClientsError::NotFound(_))));
    assert!(matches!(revoke(&other, &client).await, Err(ClientsError::NotFound(_))));
    let (tenant, origin) = (other.tenant().id, Origin::command_line());
    let revoked = other.gateway().revoke_client(tenant, client.credential, &origin).await;
    assert!(matches!(revoked, Err(ClientsError::NotFound(_))));
    assert!(other.store().client(tenant, client.credential).await.unwrap().is_none());
    assert!(other.store().clients(tenant).await.unwrap().is_empty());
    scim.grant(&client).await.expect(200);
}

#[tokio::test]
async fn the_database_holds_nothing_that_could_be_used() {
    let scim = Scim::start().await;
    let client = scim.oauth_client().await;
    let token = scim.access_token(&client).await;
    scim.with_token_text(token.clone()).create_user("ada").await;
    let dump = scim.dump().await;
    let keys = scim.store().signing_keys().await.unwrap();
    assert!(dump.contains("client_secrets ") && dump.contains("signing_keys "), "{dump}");

    let written = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let parts: Vec<&str> = client.secret.split('_').collect();
    let signature = token.rsplit('.').next().unwrap();
    for trace in [&client.secret, parts[2], &written(client.secret.as_bytes()), &token, signature] {
        assert!(!dump.contains(trace), "{trace}");
    }
    // What every private key on this curve looks like as PKCS #8 and as SEC 1: the curve's name, and the key's own beginning.
    for trace in ["06072a8648ce3d0201", "06082a8648ce3d030107", "0201010420"] {
        assert!(!dump.contains(trace), "{trace}");
    }
    let sealed = keys.all()[0].sealed_key.as_deref().unwrap();
    let opened = crate::support::scim::sealer().open(&format!("signing_key:{}", keys.all()[0].id), sealed).unwrap();
    assert!(written(opened.expose_secret()).contains("06082a8648ce3d030107"));
    assert!(!dump.contains(&written(&opened.expose_secret()[36..68])), "the private key");
}
