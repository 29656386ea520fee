//! `/console` and `/console/tenants`: which tenant to look at.

use super::error::ConsoleError;
use super::pages::{Choice, Here, Status, TenantRow, Tenants, Tone};
use super::{ConsoleAnswer, Visit, reply};
use crate::model::{Profile, Reach, Tenant};

/// Where the console begins: in the one tenant within reach, or with the choice between them.
pub async fn home(visit: &Visit<'_>) -> ConsoleAnswer {
    let tenants = reachable(visit).await?;
    let url = match tenants.as_slice() {
        [only] => format!("/console/t/{}", only.slug),
        _ => "/console/tenants".to_owned(),
    };
    Ok(reply::see_other(&url))
}

/// The tenants.
pub async fn route(visit: &Visit<'_>) -> ConsoleAnswer {
    if visit.caller.reach != Reach::Instance {
        return Err(ConsoleError::NotFound);
    }
    let row = |tenant: Tenant| TenantRow {
        slug: tenant.slug.to_string(),
        name: tenant.name,
        status: Status::new(Tone::Ok, "In use"),
        profile: profile_name(tenant.profile).to_owned(),
        created: visit.moment(tenant.created_at),
    };
    reply::page(&Tenants {
        shell: visit.instance_shell("Tenants", Here::Tenants),
        tenants: reachable(visit).await?.into_iter().map(row).collect(),
        profiles: profiles(Profile::Rfc),
        problem: None,
    })
}

async fn reachable(visit: &Visit<'_>) -> Result<Vec<Tenant>, ConsoleError> {
    let tenants = visit.app.store.tenants().await?;
    Ok(tenants.into_iter().filter(|tenant| visit.caller.reach.includes(tenant.id)).collect())
}

/// The profiles to choose from.
pub fn profiles(chosen: Profile) -> Vec<Choice> {
    let all = [Profile::Rfc, Profile::Entra, Profile::Okta, Profile::Strict];
    all.into_iter().map(|profile| Choice::new(profile.as_str(), profile_name(profile), profile == chosen)).collect()
}

/// A profile's name for people.
fn profile_name(profile: Profile) -> &'static str {
    match profile {
        Profile::Rfc => "RFC 7644",
        Profile::Entra => "Microsoft Entra ID",
        Profile::Okta => "Okta",
        Profile::Strict => "RFC 7644, strict",
    }
}
