//! What happened to a resource, and the way back to what it was.

use std::sync::Arc;

use super::error::{ConsoleError, sentence};
use super::flash::Flash;
use super::pages::{ChangeView, Here, Notice, ResourcePage, Status, Tone};
use super::{ConsoleAnswer, Place, Visit, reply, resource, resources, told};
use crate::gateway::{GatewayError, Restoration, RestoreError};
use crate::http::error::HttpError;
use crate::model::{Action, ActivityFilter, Entry, Kind, ResourceId, Told, Version};
use crate::scim::schema::ResourceType;

/// Changes that are shown.
const SHOWN: u32 = 50;

/// The changes of a resource, the newest first. `now` is the version that it is at; none if it is gone.
pub async fn changes(
    visit: &Visit<'_>,
    place: &Place,
    id: ResourceId,
    now: Option<Version>,
) -> Result<Vec<ChangeView>, ConsoleError> {
    let target = id.to_string().parse().ok();
    let filter = ActivityFilter { kind: Some(Kind::Change), target, ..ActivityFilter::default() };
    let mut page = visit.store(place).activity(&filter, None, SHOWN).await?;
    told::name(&visit.store(place), &mut page.entries).await?;
    let view = |entry: Entry| {
        let Told::Change { version, attributes, .. } = &entry.told else { return None };
        let action: Action = entry.action.parse().ok()?;
        let is_past = now.is_none_or(|now| now.0 != *version);
        Some(ChangeView {
            action: action.as_str(),
            told: told::past(action.as_str()),
            at: visit.moment(entry.at),
            version: *version,
            restores: is_past && action != Action::Delete,
            attributes: told::differences(attributes),
            actor: entry.actor.name,
            address: entry.address,
            request: entry.request.map(|request| request.to_string()).unwrap_or_default(),
        })
    };
    Ok(page.entries.into_iter().filter_map(view).collect())
}

/// The page of a resource that was removed.
pub async fn gone(
    visit: &Visit<'_>,
    place: &Place,
    kind: &Arc<ResourceType>,
    id: ResourceId,
    problem: Option<Notice>,
) -> ConsoleAnswer {
    let span = visit.store(place).span(id).await?.filter(|span| span.resource_type == kind.name);
    let span = span.ok_or(ConsoleError::NotFound)?;
    let history = changes(visit, place, id, None).await?;
    let created = visit.moment(span.began_at);
    reply::page(&ResourcePage {
        shell: visit.shell(&span.name, Here::Resources(kind.name.clone()), place),
        url: resources::url(place, &kind.name),
        plural: resources::plural(&kind.name),
        scim_path: format!("{}/{id}", kind.endpoint),
        id: id.to_string(),
        name: span.name,
        second: None,
        status: Some(Status::new(Tone::Off, "Removed")),
        version: Version(span.newest).to_string(),
        changed: history.first().map_or_else(|| created.clone(), |change| change.at.clone()),
        created,
        manager: None,
        keychain: None,
        attributes: Vec::new(),
        links: None,
        history,
        is_gone: true,
        problem,
        json: String::new(),
    })
}

/// Brings a resource back to a version.
pub async fn restore(visit: &Visit<'_>, place: &Place, kind: &Arc<ResourceType>, id: ResourceId) -> ConsoleAnswer {
    visit.may_write()?;
    let wanted = Restoration {
        tenant: Arc::new(place.tenant.clone()),
        catalog: place.catalog.clone(),
        resource: id,
        version: visit.form.get("version").parse().map_err(|_| ConsoleError::NotFound)?,
        origin: visit.caller.origin.clone(),
    };
    let told = match visit.app.gateway.restore(&wanted).await {
        Ok(_) => return reply::done(&format!("{}/{id}", resources::url(place, &kind.name)), Flash::Restored),
        Err(RestoreError::NotFound(_)) => return Err(ConsoleError::NotFound),
        Err(RestoreError::Refused(GatewayError::Scim(error))) => error.detail,
        Err(RestoreError::Refused(GatewayError::Refused(refusal))) => refusal.error.detail,
        Err(RestoreError::Refused(error)) => return Err(HttpError::from(error).into()),
        Err(error) => error.to_string(),
    };
    resource::resource(visit, place, kind, id, Some(Notice::problem(sentence(&told)))).await
}
