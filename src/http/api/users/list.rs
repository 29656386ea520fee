//! The users of the tenant, as a partner's console lists them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::super::ApiAnswer;
use super::super::problem::ApiError;
use super::super::request::ApiRequest;
use super::check_set_up;
use crate::http::answer::ok;
use crate::http::list::{List, WindowParameters};
use crate::http::problem::{FieldError, Problem};
use crate::model::{Connection, ResourceId, Scope, Stored};
use crate::scim::filter::{CheckedFilter, Filter};
use crate::scim::fold::fold;
use crate::scim::list::Position;
use crate::scim::resource::Resource;
use crate::scim::{ScimError, urn};
use crate::store::{Page, Part, Start, StoreError};

/// How many users are read at once where some of them are not shown.
const PIECE: u32 = 500;

/// The states of an account that can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Invited,
    Active,
    Blocked,
}

/// A user.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserView {
    id: Uuid,
    employee_id: Option<String>,
    user_name: String,
    /// The address at work
    email: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    display_name: Option<String>,
    created_at: DateTime<Utc>,
    modified_at: DateTime<Utc>,
    active: bool,
    /// Whether the user can sign in now: enabled, or disabled while the user or its identity provider is
    #[schema(pattern = "^(enabled|disabled)$")]
    accessibility: &'static str,
    /// invited, active or blocked
    #[schema(pattern = "^(invited|active|blocked)$")]
    account_state: &'static str,
    /// The id of the identity provider
    identity_provider: Option<String>,
    roles: Vec<Held>,
    organizations: Vec<Held>,
}

/// Something that a user has.
#[derive(Debug, Serialize, ToSchema)]
pub struct Held {
    id: String,
    name: Option<String>,
}

/// What users are listed.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes what list reads")]
pub struct Wanted {
    /// Those of an organization, by id or name
    organization: Option<String>,
    /// Those in a state: invited, active or blocked
    state: Option<String>,
    /// Those with a role, by id or name
    role: Option<String>,
    /// Those whose user name, shown name or e-mail address contains the text
    search: Option<String>,
}

/// The users, by their creation
#[utoipa::path(get, path = "/api/v1/users", tag = "Users", params(WindowParameters, Wanted),
    responses((status = 200, body = List<UserView>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list(request: ApiRequest<'_>) -> ApiAnswer {
    request.needs(Scope::Provision)?;
    check_set_up(&request)?;
    let window = request.window()?;
    let kind = request.caller.catalog.named("User").ok_or(ApiError::NoRoute)?;
    let state = state(&request)?;
    let Some(filter) = filter(&request, state).await? else {
        return ok(&List::<UserView>::going_on(Vec::new(), None));
    };
    let filter = filter.map(|text| Filter::parse(&text)).transpose().map_err(ScimError::from)?;
    let filter = filter.map(|filter| CheckedFilter::check(&filter, kind)).transpose().map_err(ScimError::from)?;
    let wrong = || FieldError::new("cursor", "is no nextCursor of this list; start without one");
    let after: Option<i64> = window.after.as_deref().map(|text| text.parse().map_err(|_| wrong())).transpose()?;
    if state == Some(State::Invited) {
        return invited(&request, filter.as_ref(), (after.unwrap_or_default(), usize::from(window.limit))).await;
    }
    let part = Part { filter: filter.as_ref(), ..Part::all(kind) };
    if state == Some(State::Active) {
        return active(&request, &part, (after, usize::from(window.limit))).await;
    }
    let position = after.map(walked_to);
    let start = position.as_ref().map_or(Start::Walk, Start::Position);
    let page = Page { start, ..Page::first(std::slice::from_ref(&part), u32::from(window.limit)) };
    let listed = request.app.store.tenant(request.caller.tenant.id).list(&page).await?;
    let items = views(&request, &listed.resources).await?;
    ok(&List::going_on(items, listed.next.map(|position| position.seq.to_string())))
}

/// The place behind a user.
fn walked_to(seq: i64) -> Position {
    Position { value: None, seq, backwards: false }
}

/// A page of those who may sign in and have come: whom nobody waits for, which no filter tells.
async fn active(request: &ApiRequest<'_>, part: &Part<'_>, (after, limit): (Option<i64>, usize)) -> ApiAnswer {
    let store = request.app.store.tenant(request.caller.tenant.id);
    let (mut position, mut piece) = (after.map(walked_to), u32::try_from(limit).unwrap_or(PIECE).saturating_add(1));
    let mut found: Vec<UserView> = Vec::new();
    while found.len() <= limit {
        let start = position.as_ref().map_or(Start::Walk, Start::Position);
        let listed = store.list(&Page { start, ..Page::first(std::slice::from_ref(part), piece) }).await?;
        let views = views(request, &listed.resources).await?;
        found.extend(views.into_iter().filter(|user| user.account_state == "active"));
        let Some(next) = listed.next else { break };
        (position, piece) = (Some(next), PIECE);
    }
    let is_more = found.len() > limit;
    found.truncate(limit);
    // Whoever was removed since is behind those who are there.
    let shown: Vec<ResourceId> = found.iter().map(|user| ResourceId(user.id)).collect();
    let next = if is_more { store.last_seq(&shown).await?.or(after) } else { None };
    ok(&List::going_on(found, next.map(|seq| seq.to_string())))
}

/// A page of those who were invited and have not come yet.
async fn invited(
    request: &ApiRequest<'_>,
    filter: Option<&CheckedFilter>,
    (mut after, limit): (i64, usize),
) -> ApiAnswer {
    let (store, now) = (request.app.store.tenant(request.caller.tenant.id), request.app.clock.now());
    let mut found: Vec<(i64, Stored)> = Vec::new();
    while found.len() <= limit {
        let page = store.invited_page(after, PIECE, now).await?;
        let Some((last, _)) = page.last() else { break };
        after = *last;
        found.extend(page.into_iter().filter(|(_, user)| {
            let resource = Resource::from_document(&user.document);
            resource.is_some_and(|user| filter.is_none_or(|filter| filter.matches(user.as_map())))
        }));
    }
    let is_more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| is_more).map(|(seq, _)| seq.to_string());
    let users: Vec<Stored> = found.into_iter().map(|(_, user)| user).collect();
    ok(&List::going_on(views(request, &users).await?, next))
}

/// One user
#[utoipa::path(get, path = "/api/v1/users/{user}", tag = "Users",
    params(("user" = String, Path, description = "The id or the employee id")),
    responses((status = 200, body = UserView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn get(request: ApiRequest<'_>, user: &str) -> ApiAnswer {
    request.needs(Scope::Provision)?;
    check_set_up(&request)?;
    let nobody = || ApiError::NotFound { kind: "user", id: user.to_owned() };
    if user.contains(char::is_control) {
        return Err(nobody());
    }
    let person = request.app.gateway.find_person(&request.caller, user).await?.ok_or_else(nobody)?;
    let views = views(&request, &[person.stored]).await?;
    ok(&views.into_iter().next().ok_or_else(nobody)?)
}

/// The state that is asked for.
fn state(request: &ApiRequest<'_>) -> Result<Option<State>, ApiError> {
    match request.query().get("state")?.as_deref() {
        None => Ok(None),
        Some("invited") => Ok(Some(State::Invited)),
        Some("active") => Ok(Some(State::Active)),
        Some("blocked") => Ok(Some(State::Blocked)),
        Some(_) => Err(FieldError::new("state", "is no state; there are invited, active and blocked").into()),
    }
}

/// The filter that the parameters come to: `None` if they select nobody, `Some(None)` if everybody.
async fn filter(request: &ApiRequest<'_>, state: Option<State>) -> Result<Option<Option<String>>, ApiError> {
    let query = request.query();
    let store = request.app.store.tenant(request.caller.tenant.id);
    let mut terms = Vec::new();
    if let Some(organization) = query.get("organization")? {
        let ids: Vec<ResourceId> = organization.parse().into_iter().collect();
        let found = store.organizations_named(&ids, &[fold(&organization).into_owned()]).await?;
        let Some((id, _)) = found.first() else { return Ok(None) };
        terms.push(format!("{}:organizations.value eq {}", urn::PROVISIONING, json!(id.to_string())));
    }
    if let Some(role) = query.get("role")? {
        let found = store.roles_named(&[fold(&role).into_owned()]).await?;
        let keys = found.iter().map(|(role, _)| role.key.as_str()).chain(found.is_empty().then_some(&*role));
        let each: Vec<String> = keys.map(|key| format!("roles.value eq {}", json!(key))).collect();
        terms.push(format!("({})", each.join(" or ")));
    }
    match state {
        None => {}
        Some(State::Active | State::Invited) => terms.push("not (active eq false)".to_owned()),
        Some(State::Blocked) => terms.push("active eq false".to_owned()),
    }
    if let Some(text) = query.get("search")?.filter(|text| !text.is_empty()) {
        let text = json!(text);
        terms.push(format!("(userName co {text} or displayName co {text} or emails.value co {text})"));
    }
    Ok(Some((!terms.is_empty()).then(|| terms.join(" and "))))
}

/// The users as they are shown. The names of organizations are those of now.
async fn views(request: &ApiRequest<'_>, users: &[Stored]) -> Result<Vec<UserView>, ApiError> {
    let documents = users.iter().map(|user| serde_json::from_str(&user.document));
    let documents: Vec<Value> = documents.collect::<Result<_, _>>().map_err(StoreError::internal)?;
    let ids: Vec<ResourceId> = documents
        .iter()
        .flat_map(|document| elements(&document[urn::PROVISIONING]["organizations"]))
        .filter_map(|element| element["value"].as_str()?.parse().ok())
        .collect();
    let (store, tenant) = (&request.app.store, request.caller.tenant.id);
    let found = if ids.is_empty() { Vec::new() } else { store.tenant(tenant).organizations_named(&ids, &[]).await? };
    let names = found.into_iter().filter_map(|(id, document)| {
        let document: Value = serde_json::from_str(&document).ok()?;
        Some((id.to_string(), document["name"].as_str()?.to_owned()))
    });
    let names: HashMap<String, String> = names.collect();
    let connections = store.connections(tenant).await?;
    let ids: Vec<ResourceId> = users.iter().map(|user| user.id).collect();
    let invited = store.tenant(tenant).invited(&ids, request.app.clock.now()).await?;
    let around = Around { names, connections, invited };
    Ok(users.iter().zip(&documents).map(|(user, document)| view(user, document, &around)).collect())
}

/// What is known around the users that are shown.
struct Around {
    /// The names of their organizations, by the ids.
    names: HashMap<String, String>,
    connections: Vec<Connection>,
    /// Who was invited and has not come yet.
    invited: Vec<ResourceId>,
}

fn view(user: &Stored, document: &Value, around: &Around) -> UserView {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let number = text(&document[urn::ENTERPRISE_USER]["employeeNumber"]);
    let active = document["active"].as_bool().unwrap_or(true);
    let provider = text(&document[urn::PROVISIONING]["identityProvider"]);
    let is_disabled =
        |id: &String| around.connections.iter().any(|known| known.id.to_string() == *id && !known.enabled);
    let has_access = active && !provider.as_ref().is_some_and(is_disabled);
    let held = |list: &Value, now: &HashMap<String, String>| -> Vec<Held> {
        elements(list)
            .filter_map(|element| {
                let id = element["value"].as_str()?;
                Some(Held { id: id.to_owned(), name: now.get(id).cloned().or_else(|| text(&element["display"])) })
            })
            .collect()
    };
    UserView {
        id: user.id.0,
        employee_id: number.or_else(|| text(&document["externalId"])),
        user_name: text(&document["userName"]).unwrap_or_default(),
        email: email(document),
        first_name: text(&document["name"]["givenName"]),
        last_name: text(&document["name"]["familyName"]),
        display_name: text(&document["displayName"]),
        created_at: user.created_at,
        modified_at: user.modified_at,
        active,
        accessibility: if has_access { "enabled" } else { "disabled" },
        account_state: match (active, around.invited.contains(&user.id)) {
            (false, _) => "blocked",
            (true, true) => "invited",
            (true, false) => "active",
        },
        identity_provider: provider,
        roles: held(&document["roles"], &HashMap::new()),
        organizations: held(&document[urn::PROVISIONING]["organizations"], &around.names),
    }
}

fn elements(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// The address at work, else the primary one, else the first.
fn email(document: &Value) -> Option<String> {
    let emails = || elements(&document["emails"]);
    let is_work = |email: &&Value| email["type"].as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("work"));
    let found = emails().find(is_work).or_else(|| emails().find(|email| email["primary"] == true));
    found.or_else(|| emails().next())?["value"].as_str().map(str::to_owned)
}
