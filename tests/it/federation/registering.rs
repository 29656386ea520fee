//! Registering issuers: what is told, and what cannot be.

use scimgate::gateway::IssuersError;
use scimgate::model::{ConnectionId, CredentialId, Origin, PlainHttp, Scopes, TrustInput};
use serde_json::json;

use super::issuer::{Key, TestIssuer};
use super::*;

#[tokio::test]
async fn an_identity_belongs_to_one_credential_of_the_whole_instance() {
    let there = Federated::start(&[]).await;
    let other = there.scim.other_tenant("second").await;
    let taken = |outcome: Result<Issuer, IssuersError>| matches!(outcome, Err(IssuersError::IdentityTaken));
    assert!(taken(register(&other, trusting(&there.issuer)).await));
    let more = vec!["api://mine".into(), "api://scim/.default".into()];
    assert!(taken(register(&other, TrustInput { audiences: more, ..trusting(&there.issuer) }).await));
    // Another claim of the same value could stand in the same token.
    let by_oid = TrustInput { subject_claim: Some("oid".into()), ..trusting(&there.issuer) };
    assert!(taken(register(&other, by_oid).await));
    let own = TrustInput { audiences: vec!["api://mine".into()], ..trusting(&there.issuer) };
    let own = register(&other, own).await.unwrap();
    let (gateway, origin) = (other.gateway(), Origin::command_line());
    let all = trusting(&there.issuer).check(PlainHttp::Allowed).unwrap();
    let changed = gateway.change_issuer(other.tenant().id, own.credential.id, &trusts(all.clone()), &origin).await;
    assert!(taken(changed));
    // It is free once its credential is revoked, in whatever way.
    gateway.revoke_token(there.scim.tenant().id, there.registered.credential.id, &origin).await.unwrap();
    gateway.change_issuer(other.tenant().id, own.credential.id, &trusts(all), &origin).await.unwrap();
    gateway.remove_issuer(other.tenant().id, own.credential.id, &origin).await.unwrap();
    register(&there.scim, trusting(&there.issuer)).await.unwrap();
}

#[tokio::test]
async fn what_was_done_is_told_with_it() {
    let there = Federated::start(&[]).await;
    let (scim, id) = (&there.scim, there.registered.credential.id);
    let (tenant, gateway, origin) = (scim.tenant().id, scim.gateway(), Origin::command_line());
    let trust = |audience: &str| {
        let input = TrustInput { audiences: vec![audience.into()], ..trusting(&there.issuer) };
        input.check(PlainHttp::Allowed).unwrap()
    };
    gateway.change_issuer(tenant, id, &trusts(trust("api://scim")), &origin).await.unwrap();
    gateway.change_issuer(tenant, id, &trusts(trust("api://new")), &origin).await.unwrap();
    gateway.remove_issuer(tenant, id, &origin).await.unwrap();
    let told = scim.admin_actions().await;
    let told: Vec<_> = told.iter().filter(|row| row["target_kind"] == "issuer").collect();
    let actions: Vec<_> = told.iter().map(|row| row["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["issuer.create", "issuer.change", "issuer.remove"], "{told:?}");
    assert_eq!(told[1]["details"], json!({"audiences": {"old": ["api://scim"], "new": ["api://new"]}}));
    for row in told {
        assert_eq!((&row["target_id"], &row["target_name"]), (&json!(id), &json!("Robot")));
    }
}

#[tokio::test]
async fn its_name_scopes_addresses_and_end_change_for_tokens_that_are_out() {
    let key = Key::ec("ec");
    let there = Federated::start(&[&key]).await;
    let (tenant, id, origin) = (there.scim.tenant().id, there.registered.credential.id, Origin::command_line());
    let (gateway, token) = (there.scim.gateway(), there.token(&key, json!({})));
    let robot = there.scim.with_token_text(token.clone());
    robot.create_user("ada").await;
    let end = there.scim.clock().now() + TimeDelta::minutes(10);
    let reader = IssuerChange {
        name: Some("Reader".parse().unwrap()),
        scopes: Some(Scopes::READ),
        expires_at: Some(Some(end)),
        ..IssuerChange::default()
    };
    let changed = gateway.change_issuer(tenant, id, &reader, &origin).await.unwrap();
    assert_eq!(there.scim.store().issuer(tenant, id).await.unwrap().as_ref(), Some(&changed));
    assert_eq!(changed.trusted.trust, there.registered.trusted.trust);
    let begun = std::time::Instant::now();
    while robot.post("/Users", json!({})).await.status != 403 {
        assert!(begun.elapsed().as_secs() < 5, "it may write still");
    }
    let told = there.scim.admin_actions().await.pop().unwrap();
    assert_eq!((&told["action"], &told["target_name"]), (&json!("issuer.change"), &json!("Robot")));
    let details = json!({
        "name": {"old": "Robot", "new": "Reader"},
        "scopes": {"old": Scopes::WRITE.names(), "new": Scopes::READ.names()},
        "expiresAt": {"old": null, "new": end},
    });
    assert_eq!(told["details"], details);

    there.scim.advance_seconds(600);
    there.with(&token).await.expect_error(401, "", "the token has expired");
    let endless = IssuerChange { expires_at: Some(None), ..IssuerChange::default() };
    gateway.change_issuer(tenant, id, &endless, &origin).await.unwrap();
    there.scim.with_token_text(token).settle("/Users", 200).await;
    let away = IssuerChange { allowed_addresses: Some("192.0.2.0/24".parse().unwrap()), ..IssuerChange::default() };
    gateway.change_issuer(tenant, id, &away, &origin).await.unwrap();
    robot.settle("/Users", 403).await;
    let past = IssuerChange { expires_at: Some(Some(there.scim.clock().now())), ..IssuerChange::default() };
    let none = IssuerChange { scopes: Some(Scopes::default()), ..IssuerChange::default() };
    assert!(matches!(gateway.change_issuer(tenant, id, &past, &origin).await, Err(IssuersError::EndsInThePast)));
    assert!(matches!(gateway.change_issuer(tenant, id, &none, &origin).await, Err(IssuersError::NoScope)));
}

/// Each changes another thing, and none is lost.
#[tokio::test]
async fn changes_at_once_all_hold() {
    let there = Federated::start(&[]).await;
    let (tenant, id, origin) = (there.scim.tenant().id, there.registered.credential.id, Origin::command_line());
    let gateway = there.scim.gateway();
    let named = IssuerChange { name: Some("Reader".parse().unwrap()), ..IssuerChange::default() };
    let scoped = IssuerChange { scopes: Some(Scopes::READ), ..IssuerChange::default() };
    let placed = IssuerChange { allowed_addresses: Some("192.0.2.1".parse().unwrap()), ..IssuerChange::default() };
    let (one, two, three) = tokio::join!(
        gateway.change_issuer(tenant, id, &named, &origin),
        gateway.change_issuer(tenant, id, &scoped, &origin),
        gateway.change_issuer(tenant, id, &placed, &origin)
    );
    one.and(two).and(three).unwrap();
    let credential = there.scim.store().issuer(tenant, id).await.unwrap().unwrap().credential;
    assert_eq!((credential.label.as_str(), credential.scopes), ("Reader", Scopes::READ));
    assert_eq!(credential.allowed_addresses, "192.0.2.1".parse().unwrap());
}

#[tokio::test]
async fn a_tenant_reaches_its_own_issuers_alone() {
    let there = Federated::start(&[]).await;
    let other = there.scim.other_tenant("second").await;
    let (tenant, id, origin) = (other.tenant().id, there.registered.credential.id, Origin::command_line());
    let trust = trusting(&there.issuer).check(PlainHttp::Allowed).unwrap();
    let gateway = other.gateway();
    assert!(matches!(gateway.remove_issuer(tenant, id, &origin).await, Err(IssuersError::NotFound(_))));
    assert!(matches!(gateway.change_issuer(tenant, id, &trusts(trust), &origin).await, Err(IssuersError::NotFound(_))));
    assert!(other.store().issuers(tenant, None, 10).await.unwrap().is_empty());
    assert_eq!(other.store().issuer(tenant, id).await.unwrap(), None);
    let own = there.scim.store().issuers(there.scim.tenant().id, None, 10).await.unwrap();
    assert_eq!(own, std::slice::from_ref(&there.registered));
    let behind = there.scim.store().issuers(there.scim.tenant().id, Some(id), 10).await.unwrap();
    assert!(behind.is_empty());
}

#[tokio::test]
async fn an_issuer_needs_a_connection_of_its_tenant_and_a_scope() {
    let there = Federated::start(&[&Key::ec("ec")]).await;
    let other = there.scim.other_tenant("second").await;
    let foreign = connect(&other, "other").await.id;
    let issuer = TestIssuer::start(&[]);
    let new = |connection: ConnectionId, scopes: Scopes| NewIssuer {
        name: "x".parse().unwrap(),
        connection,
        scopes,
        allowed_addresses: AllowedAddresses::ANY,
        max_role_weight: None,
        expires_at: None,
        trust: trusting(&issuer).check(PlainHttp::Allowed).unwrap(),
    };
    let (tenant, gateway, origin) = (there.scim.tenant().id, there.scim.gateway(), Origin::command_line());
    let outcome = gateway.create_issuer(tenant, new(foreign, Scopes::READ), &origin).await;
    assert!(matches!(outcome, Err(IssuersError::NoConnection(id)) if id == foreign));
    let own = there.registered.credential.connection.unwrap();
    let outcome = gateway.create_issuer(tenant, new(own, Scopes::NONE), &origin).await;
    assert!(matches!(outcome, Err(IssuersError::NoScope)));
    let past = NewIssuer { expires_at: Some(there.scim.clock().now()), ..new(own, Scopes::READ) };
    assert!(matches!(gateway.create_issuer(tenant, past, &origin).await, Err(IssuersError::EndsInThePast)));
    let unknown = CredentialId::new(there.scim.clock().now());
    assert!(matches!(gateway.remove_issuer(tenant, unknown, &origin).await, Err(IssuersError::NotFound(_))));
}

#[tokio::test]
async fn one_that_is_disabled_is_refused_until_it_is_enabled_on_every_node() {
    let key = Key::ec("ec");
    let there = Federated::start(&[&key]).await;
    let (tenant, id, origin) = (there.scim.tenant().id, there.registered.credential.id, Origin::command_line());
    let robot = there.scim.with_token_text(there.token(&key, json!({})));
    let elsewhere = there.scim.at_another_node(&["--allow-private-outbound"]);
    let there_too = elsewhere.with_token_text(robot.token.clone());
    for client in [&robot, &there_too] {
        client.get("/Users").await.expect(200);
    }
    let enabled = |enabled| IssuerChange { enabled: Some(enabled), ..IssuerChange::default() };
    for (is_on, status) in [(false, 401), (true, 200)] {
        let changed = there.scim.gateway().change_issuer(tenant, id, &enabled(is_on), &origin).await.unwrap();
        assert_eq!(
            (changed.credential.disabled_at.is_none(), changed.trusted.trust),
            (is_on, there.registered.trusted.trust.clone())
        );
        for client in [&robot, &there_too] {
            let begun = std::time::Instant::now();
            while client.get("/Users").await.status != status {
                assert!(begun.elapsed().as_secs() < 5, "it is not {status}");
            }
        }
    }
    let told = there.scim.admin_actions().await;
    let told: Vec<_> = told.iter().filter(|row| row["action"] == "issuer.change").map(|row| &row["details"]).collect();
    assert_eq!(
        told,
        [&json!({"enabled": {"old": true, "new": false}}), &json!({"enabled": {"old": false, "new": true}})]
    );
}
