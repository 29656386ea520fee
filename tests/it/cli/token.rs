//! `scimgate token`

use chrono::{DateTime, TimeDelta, Utc};

use super::program::Program;

fn with_tenant() -> Program {
    let scimgate = Program::new();
    scimgate.out(&["tenant", "create", "acme"]);
    scimgate
}

/// The part of a token that must not be seen again.
fn secret(token: &str) -> &str {
    token.trim().split('_').nth(2).unwrap()
}

#[test]
fn the_token_is_printed_alone_and_once() {
    let scimgate = with_tenant();
    let created = scimgate.run(&["token", "create", "--tenant", "acme", "--name", "Entra ID"]);
    let token = created.out.strip_suffix('\n').unwrap();
    assert!(token.starts_with("scim_") && token.len() == 92, "{token}");
    assert!(!token.contains(char::is_whitespace));
    assert!(!created.err.contains(secret(token)), "{}", created.err);
    assert!(created.err.contains("shown once") && created.err.contains("scimgate token revoke "), "{}", created.err);

    for words in [&["token", "list", "--tenant", "acme"][..], &["token", "list", "--tenant", "acme", "--json"]] {
        let listed = scimgate.run(words);
        assert!(listed.out.contains("Entra ID"), "{listed:?}");
        assert!(!format!("{listed:?}").contains(secret(token)), "{listed:?}");
    }
}

#[test]
fn a_token_is_revoked_by_the_id_that_the_list_shows() {
    let scimgate = with_tenant();
    scimgate.out(&["token", "create", "--tenant", "acme", "--name", "Okta", "--scope", "read"]);
    let list = || scimgate.json(&["token", "list", "--tenant", "acme", "--json"]);
    let listed = list();
    assert_eq!(listed[0]["name"], "Okta");
    assert_eq!(listed[0]["scopes"], serde_json::json!(["users:read", "groups:read"]));
    assert!(listed[0]["revokedAt"].is_null() && listed[0]["expiresAt"].is_null(), "{listed}");
    let id = listed[0]["id"].as_str().unwrap();
    assert!(scimgate.out(&["token", "list", "--tenant", "acme"]).lines().any(|line| line.starts_with(id)));

    assert_eq!(scimgate.out(&["token", "revoke", id]), format!("revoked the token {id}\n"));
    let revoked = list();
    assert!(revoked[0]["revokedAt"].is_string(), "{revoked}");
    scimgate.out(&["token", "revoke", id]);
    assert_eq!(list(), revoked, "a second revocation moved the first");
    assert!(scimgate.out(&["token", "list", "--tenant", "acme"]).contains(" revoked "));

    let unknown = "01890000-0000-7000-8000-000000000000";
    scimgate.run(&["token", "revoke", unknown]).badly(1, &format!("there is no token with the id {unknown}"));
    scimgate.run(&["token", "revoke", "1"]).badly(2, "an id is a UUID in lower case with hyphens");
}

#[test]
fn a_token_is_revoked_by_itself_too() {
    let scimgate = with_tenant();
    let token = scimgate.out(&["token", "create", "--tenant", "acme", "--name", "x"]);
    let revoked = scimgate.run(&["token", "revoke", token.trim()]);
    assert!(!format!("{revoked:?}").contains(secret(&token)), "{revoked:?}");
    let id = scimgate.json(&["token", "list", "--tenant", "acme", "--json"])[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(revoked.well(), format!("revoked the token {id}\n"));
}

#[test]
fn a_token_ends_when_it_is_said_to() {
    let scimgate = with_tenant();
    let create = |expires: &str| {
        let words = ["token", "create", "--tenant", "acme", "--name", "x", &format!("--expires={expires}")];
        scimgate.run(&words)
    };
    for (text, length) in [("90d", TimeDelta::days(90)), ("12h", TimeDelta::hours(12)), ("500ms", TimeDelta::zero())] {
        let created = create(text);
        assert!(created.err.contains("It is valid until 20"), "{}", created.err);
        created.well();
        let listed = scimgate.json(&["token", "list", "--tenant", "acme", "--json"]);
        let newest = listed.as_array().unwrap().last().unwrap();
        let at = |member: &str| newest[member].as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
        assert!((at("expiresAt") - at("createdAt") - length).num_seconds() == 0, "{newest}");
    }
    for wrong in ["", "90", "d", "0d", "-1d", "1.5d", "90 d", "1w", "99999999999999999999d"] {
        create(wrong).badly(2, "is no duration; write");
    }
    create("9999999999d").badly(1, "--expires lies too far ahead; leave it out for a token without an end");
}

#[test]
fn what_cannot_be_is_told_with_what_to_do() {
    let scimgate = with_tenant();
    let create = |tenant: &str, name: &str, scope: &str| {
        scimgate.run(&["token", "create", "--tenant", tenant, "--name", name, "--scope", scope])
    };
    create("nobody", "x", "read").badly(1, "there is no tenant nobody; `scimgate tenant list` lists them");
    create("acme", " ", "read").badly(1, "a name has 1 to 100 characters");
    create("acme", "x", "admin").badly(2, "\"admin\" is no scope; choose from users:read, ");
    scimgate.run(&["token", "create", "--tenant", "acme"]).badly(2, "--name <LABEL>");
    scimgate.run(&["token", "list", "--tenant", "nobody"]).badly(1, "there is no tenant nobody");
    assert_eq!(scimgate.json(&["token", "list", "--tenant", "acme", "--json"]), serde_json::json!([]));
}

#[test]
fn a_token_can_belong_to_a_user_who_is_named_by_id_or_user_name() {
    let scimgate = with_tenant();
    let create = |user: &str| scimgate.run(&["token", "create", "--tenant", "acme", "--name", "x", "--user", user]);
    create("Ada").badly(1, "the tenant acme has no user with the id or userName Ada");

    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (id, name) = runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(&scimgate.url(), tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        let insert = "INSERT INTO resources (tenant_id, id, version, created_at, modified_at, resource_type, name_key, email_keys, \
            document, search) SELECT id, gen_random_uuid(), 1, now(), now(), 'User', 'ada', '{}', '{}', '{}' FROM tenants \
            RETURNING id::text, name_key";
        let row = client.query_one(insert, &[]).await.unwrap();
        (row.get::<_, String>(0), row.get::<_, String>(1))
    });
    create(&id).well();
    create(&name.to_uppercase()).well();
    let listed = scimgate.json(&["token", "list", "--tenant", "acme", "--json"]);
    assert_eq!((listed[0]["user"].as_str(), listed[1]["user"].as_str()), (Some(&*id), Some(&*id)));
    let table = scimgate.out(&["token", "list", "--tenant", "acme"]);
    assert!(table.lines().next().unwrap().contains("USER") && table.contains(&id), "{table}");
}

#[tokio::test]
async fn the_first_use_of_a_token_is_seen_by_whoever_waits_for_it() {
    let scimgate = with_tenant();
    let token = scimgate.out(&["token", "create", "--tenant", "acme", "--name", "Entra ID"]);
    let serving = scimgate.serve(&[]);
    // Not with what is written when a server begins.
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let users = format!("{}/scim/v2/Users", serving.url);
    let answer = reqwest::Client::new().get(users).bearer_auth(token.trim()).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let started = std::time::Instant::now();
    while !scimgate.json(&["token", "list", "--tenant", "acme", "--json"])[0]["lastUsedAt"].is_string() {
        assert!(started.elapsed().as_secs() < 5, "nothing is seen of it");
    }
}
