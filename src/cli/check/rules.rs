//! What the configuration of a tenant has to be for an identity provider.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, json};

use super::Expectation;
use crate::cli::finding::{Finding, fail, ok, warn};
use crate::model::{Credential, CredentialKind, Profile, Tenant};

/// A credential that ends sooner is told.
const SOON: TimeDelta = TimeDelta::days(30);

/// Every rule.
pub fn all(expectation: Expectation, tenant: &Tenant, credentials: &[Credential], now: DateTime<Utc>) -> Vec<Finding> {
    let is_live = |credential: &&Credential| {
        credential.revoked_at.is_none()
            && credential.user.is_none()
            && credential.expires_at.is_none_or(|end| end > now)
    };
    let live: Vec<&Credential> = credentials.iter().filter(is_live).collect();
    let mut findings = vec![profile(expectation, tenant)];
    findings.extend(switches(expectation, tenant));
    findings.extend([kinds(expectation, &live), ends(expectation, &live, now)]);
    findings
}

/// The profile that is made for the provider, if there is one.
fn wanted(expectation: Expectation) -> Option<Profile> {
    match expectation {
        Expectation::Entra => Some(Profile::Entra),
        Expectation::Okta => Some(Profile::Okta),
        Expectation::Ipsie => None,
    }
}

fn profile(expectation: Expectation, tenant: &Tenant) -> Finding {
    const CHECK: &str = "profile";
    let Some(wanted) = wanted(expectation) else { return ok(CHECK, "IPSIE works with every profile") };
    if tenant.profile == wanted {
        return ok(CHECK, format!("the tenant has the profile {}", wanted.as_str()));
    }
    let what =
        format!("the tenant has the profile {}, so it answers some requests in another way", tenant.profile.as_str());
    let advice = format!(
        "scimgate tenant set {} --profile {}, or give the connection that profile",
        tenant.slug,
        wanted.as_str()
    );
    warn(CHECK, what, advice)
}

/// Each switch that was set to something else than the profile has. How keys of employees belong together and whether
/// connections are fenced is nothing that a provider notices.
fn switches(expectation: Expectation, tenant: &Tenant) -> Vec<Finding> {
    const CHECK: &str = "switches";
    let Some(profile) = wanted(expectation).filter(|wanted| *wanted == tenant.profile) else { return Vec::new() };
    let (set, usual) = (json!(tenant.dialect), json!(profile.dialect()));
    let names = usual.as_object().into_iter().flat_map(Map::keys).map(String::as_str);
    let differing =
        names.filter(|name| !["employeeId", "fenceConnections"].contains(name) && set[*name] != usual[*name]);
    let told = differing.map(|name| {
        let what = format!("{name} is {}, and the profile {} has {}", set[name], profile.as_str(), usual[name]);
        let (slug, flag, value) = (&tenant.slug, as_flag(name), as_flag(usual[name].as_str().unwrap_or_default()));
        let value = if usual[name].is_boolean() { usual[name].to_string() } else { value };
        warn(CHECK, what, format!("if nothing else needs it: scimgate tenant set {slug} --{flag} {value}"))
    });
    told.collect()
}

/// A name of JSON as the command line writes it.
fn as_flag(name: &str) -> String {
    let parts =
        name.chars().map(|c| if c.is_ascii_uppercase() { format!("-{}", c.to_ascii_lowercase()) } else { c.into() });
    parts.collect()
}

fn kinds(expectation: Expectation, live: &[&Credential]) -> Finding {
    const CHECK: &str = "authentication";
    let has = |kind| live.iter().any(|credential| credential.kind == kind);
    if live.is_empty() {
        let what = "the tenant has no credential that works, so nobody can provision";
        return fail(CHECK, what, "create one: scimgate token create, or an OAuth client");
    }
    match expectation {
        Expectation::Ipsie if !has(CredentialKind::Issuer) => fail(
            CHECK,
            "IPSIE asks for signed assertions (RFC 7523), and no issuer is trusted",
            "register the identity provider's issuer, audience, subject and keys",
        ),
        Expectation::Entra if !has(CredentialKind::Client) && !has(CredentialKind::Issuer) => warn(
            CHECK,
            "the tenant has bearer tokens alone: enough for a custom application, not for one in Entra's gallery",
            "create an OAuth client, or trust Entra's issuer, if the application is to be in the gallery",
        ),
        _ => ok(CHECK, "the tenant has credentials of a kind that is accepted"),
    }
}

fn ends(expectation: Expectation, live: &[&Credential], now: DateTime<Utc>) -> Finding {
    const CHECK: &str = "expiry";
    if let Some(soon) = live.iter().find(|credential| credential.expires_at.is_some_and(|end| end < now + SOON)) {
        let what = format!("\"{}\" ends within 30 days, and with it all provisioning through it", soon.label);
        return warn(CHECK, what, "make a new credential and put it into the identity provider before that");
    }
    let endless =
        live.iter().find(|credential| credential.kind == CredentialKind::Token && credential.expires_at.is_none());
    match endless {
        Some(endless) if expectation == Expectation::Ipsie => {
            let what = format!("the token \"{}\" never ends", endless.label);
            warn(CHECK, what, "replace it by one with an end (--expires 180d), or by signed assertions")
        }
        _ => ok(CHECK, "no credential ends within 30 days"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::finding::State;
    use crate::model::{AllowedAddresses, CredentialId, Provisioning, Scopes, TenantId, TenantState};
    use crate::scim::dialect::{EmployeeId, UnknownAttributes};

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn tenant(profile: Profile) -> Tenant {
        Tenant {
            id: TenantId::new(NOW),
            slug: "acme".parse().unwrap(),
            name: "Acme".into(),
            profile,
            dialect: profile.dialect(),
            provisioning: Provisioning::default(),
            state: TenantState::Active,
            created_at: NOW,
        }
    }

    fn credential(kind: CredentialKind, days: Option<i64>) -> Credential {
        Credential {
            id: CredentialId::new(NOW),
            kind,
            label: "x".into(),
            digest: None,
            scopes: Scopes::default(),
            connection: None,
            allowed_addresses: AllowedAddresses::ANY,
            max_role_weight: None,
            user: None,
            created_at: NOW,
            expires_at: days.map(|days| NOW + TimeDelta::days(days)),
            revoked_at: None,
            disabled_at: None,
            rotated_to: None,
        }
    }

    fn states(expectation: Expectation, profile: Profile, credentials: &[Credential]) -> [State; 3] {
        let findings = all(expectation, &tenant(profile), credentials, NOW);
        std::array::from_fn(|at| findings[at].state)
    }

    #[test]
    fn a_switch_that_is_not_as_the_profile_has_it_is_told_with_the_way_back() {
        let mut set = tenant(Profile::Entra);
        set.dialect.unknown_attributes = UnknownAttributes::Refuse;
        set.dialect.employee_id = EmployeeId::MustAgree;
        let told = switches(Expectation::Entra, &set);
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0].what, "unknownAttributes is \"refuse\", and the profile entra has \"ignore\"");
        let advice = told[0].advice.as_deref().unwrap();
        assert!(advice.ends_with("scimgate tenant set acme --unknown-attributes ignore"), "{advice}");
        assert!(switches(Expectation::Okta, &set).is_empty() && switches(Expectation::Ipsie, &set).is_empty());
        assert_eq!(
            (as_flag("groupPatchAnswer"), as_flag("noContent")),
            ("group-patch-answer".into(), "no-content".into())
        );
    }

    #[test]
    fn each_provider_has_its_own_rules() {
        use CredentialKind::{Client, Issuer, Token};
        use State::{Fail, Ok, Warn};
        let token = || vec![credential(Token, None)];
        for (expectation, profile, credentials, expected) in [
            (Expectation::Entra, Profile::Entra, vec![credential(Client, None)], [Ok, Ok, Ok]),
            (Expectation::Entra, Profile::Rfc, token(), [Warn, Warn, Ok]),
            (Expectation::Okta, Profile::Okta, token(), [Ok, Ok, Ok]),
            (Expectation::Okta, Profile::Okta, vec![credential(Token, Some(7))], [Ok, Ok, Warn]),
            (Expectation::Okta, Profile::Okta, vec![credential(Token, Some(-7))], [Ok, Fail, Ok]),
            (Expectation::Ipsie, Profile::Rfc, token(), [Ok, Fail, Warn]),
            (Expectation::Ipsie, Profile::Rfc, vec![credential(Issuer, None)], [Ok, Ok, Ok]),
        ] {
            assert_eq!(states(expectation, profile, &credentials), expected, "{expectation:?} {profile:?}");
        }
    }
}
