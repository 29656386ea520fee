//! `/console` and `/console/tenants`: which tenant to look at.

use super::error::{ConsoleError, sentence};
use super::flash::Flash;
use super::pages::{Choice, Here, Notice, Status, TenantRow, Tenants, Tone};
use super::{ConsoleAnswer, Visit, reply};
use crate::gateway::TenantError;
use crate::model::{Label, Profile, Reach, Tenant, TenantSlug, TenantState};

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
    if visit.is_post() { create(visit).await } else { list(visit, None).await }
}

async fn create(visit: &Visit<'_>) -> ConsoleAnswer {
    visit.may_write()?;
    let form = &visit.form;
    let parsed = (
        form.get("slug").parse::<TenantSlug>(),
        form.get("name").parse::<Label>(),
        form.get("profile").parse::<Profile>(),
    );
    let (slug, name, profile) = match parsed {
        (Ok(slug), Ok(name), Ok(profile)) => (slug, name, profile),
        (Err(told), ..) | (_, Err(told), _) | (.., Err(told)) => return refused(visit, &told).await,
    };
    match visit.app.gateway.create_tenant(slug, Some(name.to_string()), profile, &visit.caller.origin).await {
        Ok(tenant) => reply::done(&format!("/console/t/{}", tenant.slug), Flash::TenantCreated),
        Err(TenantError::Store(error)) => Err(error.into()),
        Err(error) => refused(visit, &error.to_string()).await,
    }
}

async fn refused(visit: &Visit<'_>, told: &str) -> ConsoleAnswer {
    list(visit, Some(Notice::problem(sentence(told)))).await
}

async fn list(visit: &Visit<'_>, problem: Option<Notice>) -> ConsoleAnswer {
    let row = |tenant: Tenant| TenantRow {
        slug: tenant.slug.to_string(),
        status: status(&tenant),
        name: tenant.name,
        profile: profile_name(tenant.profile).to_owned(),
        created: visit.moment(tenant.created_at),
    };
    reply::page(&Tenants {
        shell: visit.instance_shell("Tenants", Here::Tenants),
        tenants: reachable(visit).await?.into_iter().map(row).collect(),
        profiles: profiles(Profile::Rfc),
        problem,
    })
}

fn status(tenant: &Tenant) -> Status {
    match tenant.state {
        TenantState::Active => Status::new(Tone::Ok, "In use"),
        TenantState::Suspended { .. } => Status::new(Tone::Warn, "Suspended"),
        TenantState::Deleted { .. } => Status::new(Tone::Off, "Deleted"),
    }
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
