//! Rate limits, and what becomes of wrong credentials.

use scimgate::model::{Profile, Scopes};

use crate::support::scim::{Answer, Scim};
use crate::support::wire::{Wire, head};

/// Holds that this is a SCIM error with status 429 that says how long to wait, and answers the seconds.
#[track_caller]
fn wait(answer: &Answer, told: &str) -> u64 {
    answer.expect_error(429, "", told);
    let seconds = answer.header("retry-after").parse().unwrap();
    assert!(seconds >= 1);
    seconds
}

async fn limited(flags: &[&str]) -> Scim {
    Scim::with(Profile::Rfc, flags).await
}

#[tokio::test]
async fn a_tenant_s_burst_ends_with_429_for_all_its_credentials_and_for_no_other_tenant() {
    let scim = limited(&["--rate-limit=1", "--rate-burst=3"]).await;
    for _ in 0..3 {
        scim.get("/Users").await.expect(200);
    }
    assert_eq!(wait(&scim.get("/Users").await, "the tenant sends more requests"), 1);
    let second = scim.with_token("read".parse().unwrap(), None).await;
    wait(&second.get("/Users").await, "the tenant");
    scim.other_tenant("second").await.get("/Users").await.expect(200);
    // Another second, another request.
    while scim.get("/Users").await.status == 429 {}
    wait(&scim.get("/Users").await, "the tenant");
}

#[tokio::test]
async fn all_workers_count_together() {
    let scim = limited(&["--rate-limit=1", "--rate-burst=4", "--workers=2"]).await;
    let mut statuses = Vec::new();
    for _ in 0..8 {
        // Each connection is another worker's.
        let mut wire = Wire::open(&scim).await;
        wire.send(head(&scim, "GET", "/scim/v2/Users", &[])).await.unwrap();
        statuses.push(wire.answer().await.unwrap().status);
    }
    assert!(statuses.iter().filter(|status| **status == 200).count() <= 5, "{statuses:?}");
    assert_eq!(statuses[..4], [200; 4]);
}

#[tokio::test]
async fn one_credential_may_have_a_limit_of_its_own() {
    let scim = limited(&["--rate-limit=100", "--credential-rate-limit=1", "--credential-rate-burst=2"]).await;
    let second = scim.with_token("read".parse().unwrap(), None).await;
    scim.get("/Users").await.expect(200);
    scim.get("/Users").await.expect(200);
    wait(&scim.get("/Users").await, "this credential sends more requests");
    second.get("/Users").await.expect(200);
}

#[tokio::test]
async fn other_spaces_tell_it_in_their_own_form() {
    let scim = limited(&["--rate-limit=1", "--rate-burst=1"]).await;
    let admin = scim.with_token("admin:*".parse::<Scopes>().unwrap(), None).await;
    let header = format!("Bearer {}", admin.token);
    scim.get_authorized("/admin/v1/tenants", Some(&header)).await.expect(200);
    let answer = scim.get_authorized("/admin/v1/tenants", Some(&header)).await.expect(429);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(answer.header("retry-after"), "1");
}

const LOCAL_PROXY: &str = "--trusted-proxy=127.0.0.0/8";

async fn from(scim: &Scim, client: &str, token: &str) -> Answer {
    scim.with_token_text(token.to_owned()).get_with("/Users", &[("x-forwarded-for", client)]).await
}

/// A token that is formed rightly and was never issued.
fn made_up() -> String {
    use secrecy::ExposeSecret;
    let id = scimgate::model::CredentialId::new(chrono::DateTime::UNIX_EPOCH);
    scimgate::auth::Token::generate(id, &mut rand::rng()).reveal().expose_secret().to_owned()
}

#[tokio::test]
async fn who_sends_wrong_credentials_waits_longer_each_time_and_locks_nobody_else_out() {
    let scim = limited(&["--failed-auth-limit=3", LOCAL_PROXY]).await;
    from(&scim, "203.0.113.1", &scim.token).await.expect(200);
    let fresh = scim.reader().await;
    for _ in 0..3 {
        from(&scim, "203.0.113.1", &made_up()).await.expect_error(401, "", "unknown");
    }
    assert_eq!(wait(&from(&scim, "203.0.113.1", &made_up()).await, "too many wrong credentials"), 5);
    // A token that proved right works from there all the same; one that this server has not seen has to wait.
    from(&scim, "203.0.113.1", &scim.token).await.expect(200);
    wait(&from(&scim, "203.0.113.1", &fresh.token).await, "too many");
    from(&scim, "203.0.113.2", &fresh.token).await.expect(200);

    scim.advance_seconds(5);
    assert_eq!(wait(&from(&scim, "203.0.113.1", &made_up()).await, "too many"), 10);
    scim.advance_seconds(10);
    from(&scim, "203.0.113.1", &scim.reader().await.token).await.expect(200);
}

#[tokio::test]
async fn wrong_secrets_of_one_credential_are_counted_over_all_addresses() {
    let scim = limited(&["--failed-auth-limit=3", LOCAL_PROXY]).await;
    from(&scim, "203.0.113.1", &scim.token).await.expect(200);
    let id = scim.credential_id();
    let forged = || {
        use secrecy::ExposeSecret;
        scimgate::auth::Token::generate(id, &mut rand::rng()).reveal().expose_secret().to_owned()
    };
    for n in 0..3 {
        from(&scim, &format!("198.51.100.{n}"), &forged()).await.expect(401);
    }
    wait(&from(&scim, "198.51.100.9", &forged()).await, "too many");
    from(&scim, "198.51.100.9", &scim.token).await.expect(200);
}

#[tokio::test]
async fn a_client_cannot_choose_the_address_it_is_counted_for() {
    let scim = limited(&["--failed-auth-limit=3"]).await;
    for n in 0..3 {
        from(&scim, &format!("203.0.113.{n}"), &made_up()).await.expect(401);
    }
    wait(&from(&scim, "203.0.113.9", &made_up()).await, "too many");
}

#[tokio::test]
async fn requests_without_a_credential_are_no_attempts() {
    let scim = limited(&["--failed-auth-limit=3"]).await;
    for _ in 0..20 {
        scim.get_authorized("/scim/v2/Users", None).await.expect_error(401, "", "no credential");
    }
    scim.get("/Users").await.expect(200);
}
