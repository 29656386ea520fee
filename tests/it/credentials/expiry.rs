//! Warnings of credentials that end soon.

use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use clap::Parser;
use futures_util::future::join_all;
use scimgate::config::ServerArgs;
use scimgate::model::{AdminRole, Clock, CredentialId, Origin, Reach, Scopes, SecretLifetime};
use scimgate::outbound::mail::Mailer;
use scimgate::tasks::{WARNING_DAYS, send_mails, warn_of_expiry};

use crate::support::scim::{Scim, sealer};

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    server: ServerArgs,
}

/// A mailer that puts mails into a folder.
fn mailer(folder: &Path) -> Mailer {
    let line = Line::parse_from(["test".to_owned(), format!("--mail-dir={}", folder.display())]);
    Mailer::new(&line.server.check().unwrap().outbound.mail)
}

fn days(days: i64) -> TimeDelta {
    TimeDelta::days(days)
}

async fn look(scim: &Scim) {
    warn_of_expiry(&scim.store(), scim.clock().now()).await.unwrap();
}

/// What was told of credentials that end, as days and ids.
async fn told(scim: &Scim) -> Vec<(i64, String)> {
    let actions = scim.admin_actions().await;
    let warnings = actions.iter().filter(|action| action["action"] == "credential.expiring");
    let told = warnings.map(|warning| {
        assert_eq!(warning["actor_kind"], "system", "{warning}");
        assert_eq!(warning["tenant_id"], scim.tenant().id.to_string());
        (warning["details"]["days"].as_i64().unwrap(), warning["target_id"].as_str().unwrap().to_owned())
    });
    told.collect()
}

async fn token(scim: &Scim, life: TimeDelta) -> CredentialId {
    let end: DateTime<Utc> = scim.clock().now() + life;
    scim.with_token(Scopes::WRITE, Some(end)).await.credential_id()
}

#[tokio::test]
async fn each_threshold_is_told_once_whoever_looks_and_how_often() {
    let scim = Scim::start().await;
    let id = token(&scim, days(90)).await.to_string();
    look(&scim).await;
    assert_eq!(told(&scim).await, []);
    scim.advance_seconds(60 * 86_400 - 1);
    look(&scim).await;
    assert_eq!(told(&scim).await, []);
    scim.advance_seconds(1);
    let (first, second, now) = (scim.store(), scim.store(), scim.clock().now());
    let looks = (0..8).map(|turn| if turn % 2 == 0 { &first } else { &second });
    join_all(looks.map(|store| store.warn_of_expiry(now, &WARNING_DAYS))).await.into_iter().for_each(|outcome| {
        outcome.unwrap();
    });
    assert_eq!(told(&scim).await, [(30, id.clone())]);
    for _ in 0..29 {
        scim.advance_seconds(86_400);
        look(&scim).await;
    }
    scim.advance_seconds(86_399);
    look(&scim).await;
    assert_eq!(told(&scim).await, [(30, id.clone()), (7, id.clone()), (1, id.clone())]);
    scim.advance_seconds(1);
    look(&scim).await;
    assert_eq!(told(&scim).await.len(), 3, "what has ended is not warned of");
}

#[tokio::test]
async fn a_client_ends_with_the_last_of_its_secrets() {
    let scim = Scim::start().await;
    let client = scim.oauth_client().await;
    let id = client.credential.to_string();
    // The first secret lives for two years.
    scim.advance_seconds(86_400 * (2 * 365 - 20));
    look(&scim).await;
    assert_eq!(told(&scim).await, [(30, id.clone())]);
    let (gateway, tenant, origin) = (scim.gateway(), scim.tenant().id, Origin::command_line());
    let added =
        gateway.add_client_secret(tenant, client.credential, SecretLifetime::default(), &origin).await.unwrap().0;
    scim.advance_seconds(86_400 * 15);
    look(&scim).await;
    assert_eq!(told(&scim).await, [(30, id.clone())], "another secret lives on");
    gateway.revoke_client_secret(tenant, client.credential, added.id, &origin).await.unwrap();
    look(&scim).await;
    assert_eq!(told(&scim).await, [(30, id.clone()), (7, id)]);
}

#[tokio::test]
async fn what_was_missed_is_told_as_it_is_now_and_short_lives_are_not_told() {
    let scim = Scim::start().await;
    let long = token(&scim, days(90)).await;
    token(&scim, days(20)).await;
    token(&scim, TimeDelta::hours(12)).await;
    look(&scim).await;
    assert_eq!(told(&scim).await, [], "nobody is warned of what was meant to end soon");
    // For three months nobody looked.
    scim.advance_seconds(86_400 * 89 + 3_600);
    look(&scim).await;
    assert_eq!(told(&scim).await, [(1, long.to_string())], "one warning, the nearest");
}

#[tokio::test]
async fn what_ends_on_purpose_is_told_on_its_last_day_if_it_is_used_still() {
    let scim = Scim::start().await;
    let (tenant, origin) = (scim.tenant().id, Origin::command_line());
    let (idle, busy) = (scim.with_token(Scopes::WRITE, None).await, scim.with_token(Scopes::WRITE, None).await);
    for client in [&idle, &busy] {
        scim.gateway().rotate_token(tenant, client.credential_id(), days(8), None, &origin).await.unwrap();
    }
    let revoked = token(&scim, days(40)).await;
    scim.gateway().revoke_token(tenant, revoked, &origin).await.unwrap();
    scim.advance_seconds(86_400 * 7 + 3_600);
    look(&scim).await;
    assert_eq!(told(&scim).await, []);
    busy.get("/Users").await.expect(200);
    scim.write_uses().await;
    look(&scim).await;
    assert_eq!(told(&scim).await, [(1, busy.credential_id().to_string())]);
}

#[tokio::test]
async fn those_who_are_responsible_get_one_mail() {
    let scim = Scim::start().await;
    let folder = tempfile::tempdir().unwrap();
    let mails = || {
        let files = std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().path());
        files.map(|file| std::fs::read_to_string(file).unwrap().replace("=\r\n", "")).collect::<Vec<_>>()
    };
    let owner = scim.owner().await;
    let id = token(&scim, days(40)).await;
    scim.advance_seconds(86_400 * 10);
    let (store, now) = (scim.store(), scim.clock().now());
    let mailer = mailer(folder.path());
    join_all((0..4).map(|_| warn_of_expiry(&store, now))).await.into_iter().for_each(|outcome| outcome.unwrap());
    scim.advance_seconds(600);
    warn_of_expiry(&store, scim.clock().now()).await.unwrap();
    send_mails(&store, scim.clock(), Some(&sealer()), &mailer, "https://id.example.com").await.unwrap();
    let sent = mails();
    assert_eq!(sent.len(), 1, "{sent:#?}");
    assert!(sent[0].contains(&owner.email) && sent[0].contains("ends within 30 days"), "{}", sent[0]);
    assert!(sent[0].contains(&id.to_string()), "{}", sent[0]);

    // Where the tenant has administrators of its own, it is they who are told; auditors change nothing.
    let own = scim.admin(AdminRole::Admin, Reach::Tenant(scim.tenant().id)).await;
    scim.admin(AdminRole::Auditor, Reach::Tenant(scim.tenant().id)).await;
    scim.advance_seconds(86_400 * 23);
    warn_of_expiry(&store, scim.clock().now()).await.unwrap();
    send_mails(&store, scim.clock(), Some(&sealer()), &mailer, "https://id.example.com").await.unwrap();
    let second: Vec<String> = mails().into_iter().filter(|mail| !sent.contains(mail)).collect();
    assert_eq!(second.len(), 1, "{second:#?}");
    assert!(second[0].contains(&own.email) && second[0].contains("within 7 days"), "{}", second[0]);
}
