//! What the configuration of a tenant has to be for an identity provider.

use chrono::{DateTime, TimeDelta, Utc};

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
    vec![profile(expectation, tenant), kinds(expectation, &live), ends(expectation, &live, now)]
}

fn profile(expectation: Expectation, tenant: &Tenant) -> Finding {
    const CHECK: &str = "profile";
    let wanted = match expectation {
        Expectation::Entra => Profile::Entra,
        Expectation::Okta => Profile::Okta,
        Expectation::Ipsie => return ok(CHECK, "IPSIE works with every profile"),
    };
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
    use crate::model::{AllowedAddresses, CredentialId, Scopes, TenantId, TenantState};

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn tenant(profile: Profile) -> Tenant {
        Tenant {
            id: TenantId::new(NOW),
            slug: "acme".parse().unwrap(),
            name: "Acme".into(),
            profile,
            dialect: profile.dialect(),
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
            user: None,
            created_at: NOW,
            expires_at: days.map(|days| NOW + TimeDelta::days(days)),
            revoked_at: None,
            rotated_to: None,
        }
    }

    fn states(expectation: Expectation, profile: Profile, credentials: &[Credential]) -> [State; 3] {
        let findings = all(expectation, &tenant(profile), credentials, NOW);
        std::array::from_fn(|at| findings[at].state)
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
