//! `/console/t/{slug}/connections`: who pushes into the tenant, with a guide for each.

use super::error::{ConsoleError, sentence};
use super::fields::Fields;
use super::flash::Flash;
use super::pages::{
    ConnectionPage, ConnectionRow, Connections, Guide, Here, KindChoice, NewConnection as NewConnectionPage, Notice,
    Provider, Revealed, ScopeChoice, Status, Tone, Wait, Waiting, WaitingPart, thousands,
};
use super::uses::{State, Uses};
use super::{ConsoleAnswer, Place, Visit, clients, issuers, reply, tokens};
use crate::gateway::{ConnectionChange, ConnectionError, NewConnection};
use crate::model::{Connection, ConnectionKind, Credential, Scope, Scopes};

/// Hands a request to its page.
pub async fn route(visit: &Visit<'_>, place: &Place, path: &[&str]) -> ConsoleAnswer {
    match (path, visit.is_post()) {
        ([], false) => list(visit, place).await,
        ([], true) => create(visit, place).await,
        (["new"], false) => {
            visit.may_write()?;
            reply::page(&form(visit, place, None))
        }
        ([id, path @ ..], _) => {
            let id = id.parse().map_err(|_| ConsoleError::NotFound)?;
            let connection = visit.app.store.connection(place.tenant.id, id).await?.ok_or(ConsoleError::NotFound)?;
            one(visit, place, connection, path).await
        }
    }
}

async fn one(visit: &Visit<'_>, place: &Place, connection: Connection, path: &[&str]) -> ConsoleAnswer {
    match (path, visit.is_post()) {
        ([], false) => show(visit, place, connection, None, None).await,
        (["waiting"], false) => {
            let uses = Uses::of(visit, place).await?;
            reply::page(&WaitingPart { waiting: waiting(visit, place, &connection, &uses) })
        }
        (["enable"], true) => switch(visit, place, &connection, true).await,
        (["disable"], true) => switch(visit, place, &connection, false).await,
        (["tokens"], true) => tokens::create(visit, place, connection).await,
        (["tokens", id, "rotate"], true) => tokens::rotate(visit, place, connection, id).await,
        (["clients", path @ ..], _) => clients::route(visit, place, connection, path).await,
        (["issuers", path @ ..], _) => issuers::route(visit, place, connection, path).await,
        ([_, id, "revoke"], true) => tokens::revoke(visit, place, connection, id).await,
        _ => Err(ConsoleError::NotFound),
    }
}

/// The address of a connection's page.
pub fn url(place: &Place, connection: &Connection) -> String {
    format!("/console/t/{}/connections/{}", place.tenant.slug, connection.id)
}

async fn list(visit: &Visit<'_>, place: &Place) -> ConsoleAnswer {
    let uses = Uses::of(visit, place).await?;
    let connections = visit.app.store.connections(place.tenant.id).await?;
    reply::page(&Connections {
        shell: visit.shell("Connections", Here::Connections, place),
        connections: connections.iter().map(|connection| row(visit, connection, &uses)).collect(),
    })
}

fn row(visit: &Visit<'_>, connection: &Connection, uses: &Uses) -> ConnectionRow {
    let live = uses.live(connection.id).count();
    let soon = uses.expiring(connection.id).count();
    let credentials = match (live, soon) {
        (0, _) => "none".to_owned(),
        (live, 0) => format!("{live} live"),
        (live, soon) => format!("{live} live, {soon} expiring soon"),
    };
    ConnectionRow {
        id: connection.id.to_string(),
        name: connection.name.to_string(),
        kind: kind_name(connection.kind).to_owned(),
        enabled: connection.enabled,
        status: status(connection, uses),
        credentials,
        last_used: uses.last_used(connection.id).map(|at| visit.moment(at)),
        created: visit.moment(connection.created_at),
    }
}

/// How a connection does, in a word.
pub fn status(connection: &Connection, uses: &Uses) -> Status {
    match uses.state(connection) {
        State::Disabled => Status::new(Tone::Off, "Disabled"),
        State::NoCredential => Status::new(Tone::Off, "No credential"),
        State::Silent => Status::new(Tone::Warn, "Waiting"),
        State::Refused(_) => Status::new(Tone::Danger, "Failing"),
        State::InUse(_) => Status::new(Tone::Ok, "In use"),
    }
}

fn form(visit: &Visit<'_>, place: &Place, problem: Option<Notice>) -> NewConnectionPage {
    let kind = |kind: ConnectionKind| KindChoice {
        key: kind.as_str().to_owned(),
        name: kind_name(kind).to_owned(),
        hint: kind_hint(kind).to_owned(),
    };
    let chosen = visit.form.get("kind").parse().unwrap_or(ConnectionKind::Entra);
    NewConnectionPage {
        shell: visit.shell("New connection", Here::Connections, place),
        kinds: ConnectionKind::ALL.into_iter().map(kind).collect(),
        chosen: chosen.as_str().to_owned(),
        name: visit.form.get("name").to_owned(),
        problem,
    }
}

async fn create(visit: &Visit<'_>, place: &Place) -> ConsoleAnswer {
    visit.may_write()?;
    let refused = |told: String| reply::page(&form(visit, place, Some(Notice::problem(sentence(&told)))));
    let (kind, name) = match (visit.form.get("kind").parse(), visit.form.get("name").parse()) {
        (Ok(kind), Ok(name)) => (kind, name),
        (Err(told), _) | (_, Err(told)) => return refused(told),
    };
    let new = NewConnection { name, prefix: None, kind, profile: None };
    match visit.app.gateway.create_connection(place.tenant.id, new, &visit.caller.origin).await {
        Ok(connection) => reply::done(&url(place, &connection), Flash::ConnectionCreated),
        Err(ConnectionError::Store(error)) => Err(error.into()),
        Err(error) => refused(error.to_string()),
    }
}

async fn switch(visit: &Visit<'_>, place: &Place, connection: &Connection, enabled: bool) -> ConsoleAnswer {
    visit.may_write()?;
    let change = ConnectionChange { enabled: Some(enabled), ..ConnectionChange::default() };
    let origin = &visit.caller.origin;
    match visit.app.gateway.change_connection(place.tenant.id, connection.id, change, origin).await {
        Ok(_) if enabled => reply::done(&url(place, connection), Flash::ConnectionEnabled),
        Ok(_) => reply::done(&url(place, connection), Flash::ConnectionDisabled),
        Err(ConnectionError::Store(error)) => Err(error.into()),
        Err(ConnectionError::NotFound(_)) => Err(ConsoleError::NotFound),
        Err(error) => {
            show(visit, place, connection.clone(), None, Some(Notice::problem(sentence(&error.to_string())))).await
        }
    }
}

/// A connection's page, with what was made just now or why it was not.
pub async fn show(
    visit: &Visit<'_>,
    place: &Place,
    connection: Connection,
    revealed: Option<Revealed>,
    problem: Option<Notice>,
) -> ConsoleAnswer {
    let uses = Uses::of(visit, place).await?;
    let mut own: Vec<&Credential> = uses.credentials(connection.id).collect();
    own.sort_by_key(|credential| (!credential.is_live(visit.now), std::cmp::Reverse(credential.created_at)));
    let here = url(place, &connection);
    let guide = Guide {
        name: kind_name(connection.kind).to_owned(),
        ..Guide::new(provider(connection.kind), &visit.app.base_url)
    };
    reply::page(&ConnectionPage {
        shell: visit.shell(connection.name.as_str(), Here::Connections, place),
        connection: row(visit, &connection, &uses),
        waiting: waiting(visit, place, &connection, &uses),
        credentials: own.into_iter().map(|credential| tokens::row(visit, &here, credential, &uses)).collect(),
        first_label: format!("{} token", connection.name),
        scopes: scopes(&Fields::default()),
        refused: over_its_rate(visit, Some(&connection), &uses),
        revealed,
        guide,
        problem,
        here,
    })
}

/// The same with why something was refused.
pub async fn refused(visit: &Visit<'_>, place: &Place, connection: Connection, told: &str) -> ConsoleAnswer {
    show(visit, place, connection, None, Some(Notice::problem(sentence(told)))).await
}

/// That the rate limits refused requests of a connection, or of credentials without one.
pub fn over_its_rate(visit: &Visit<'_>, connection: Option<&Connection>, uses: &Uses) -> Option<Notice> {
    let refused = uses.refused(connection.map(|connection| connection.id))?;
    let whose = connection.map_or("Credentials without a connection", |connection| connection.name.as_str());
    let requests = match refused.count {
        1 => "one request was".to_owned(),
        count => format!("{} requests were", thousands(count)),
    };
    let last = visit.moment(refused.last).told;
    let text = format!(
        "{whose} sent more than the rate limit allows: {requests} answered with 429 since this server started, the last \
         one {last}."
    );
    Some(Notice { tone: Tone::Warn, text })
}

/// The scopes to choose from: those that a form chose, at first those that identity providers need.
pub fn scopes(form: &Fields) -> Vec<ScopeChoice> {
    let sent: Vec<&str> = form.all("scope").collect();
    let scope = |scope: Scope| ScopeChoice {
        key: scope.as_str().to_owned(),
        hint: scope_hint(scope).to_owned(),
        usual: if sent.is_empty() { Scopes::WRITE.contains(scope) } else { sent.contains(&scope.as_str()) },
    };
    Scope::ALL.into_iter().map(scope).collect()
}

fn waiting(visit: &Visit<'_>, place: &Place, connection: &Connection, uses: &Uses) -> Wait {
    let state = match uses.state(connection) {
        State::Disabled => Waiting::Disabled,
        State::NoCredential => Waiting::NoCredential,
        State::Silent => Waiting::First,
        State::Refused(at) => Waiting::Refused(visit.moment(at)),
        State::InUse(at) => Waiting::Connected(visit.moment(at)),
    };
    Wait {
        state,
        url: format!("{}/waiting", url(place, connection)),
        name: kind_name(connection.kind).to_owned(),
        activity: format!("/console/t/{}/activity?connection={}", place.tenant.slug, connection.id),
    }
}

/// A kind's name for people.
pub fn kind_name(kind: ConnectionKind) -> &'static str {
    match kind {
        ConnectionKind::Entra => "Microsoft Entra ID",
        ConnectionKind::Okta => "Okta",
        ConnectionKind::OneLogin => "OneLogin",
        ConnectionKind::JumpCloud => "JumpCloud",
        ConnectionKind::Ping => "Ping Identity",
        ConnectionKind::Google => "Google Workspace",
        ConnectionKind::Hr => "System of record",
        ConnectionKind::Other => "Another client",
    }
}

fn kind_hint(kind: ConnectionKind) -> &'static str {
    match kind {
        ConnectionKind::Entra => "Enterprise app, provisioning",
        ConnectionKind::Okta => "SCIM app with a header token",
        ConnectionKind::OneLogin => "SCIM Provisioner v2",
        ConnectionKind::JumpCloud => "Custom application",
        ConnectionKind::Ping => "PingOne or PingFederate",
        ConnectionKind::Google => "Automatic user provisioning",
        ConnectionKind::Hr => "HR or student information",
        ConnectionKind::Other => "Anything that speaks SCIM 2.0",
    }
}

fn provider(kind: ConnectionKind) -> Provider {
    match kind {
        ConnectionKind::Entra => Provider::Entra,
        ConnectionKind::Okta => Provider::Okta,
        ConnectionKind::OneLogin => Provider::OneLogin,
        ConnectionKind::JumpCloud => Provider::JumpCloud,
        ConnectionKind::Ping | ConnectionKind::Google | ConnectionKind::Hr | ConnectionKind::Other => Provider::Other,
    }
}

fn scope_hint(scope: Scope) -> &'static str {
    match scope {
        Scope::UsersRead => "Read users",
        Scope::UsersWrite => "Create, change and remove users",
        Scope::GroupsRead => "Read groups and members",
        Scope::GroupsWrite => "Create, change and remove groups",
        Scope::Bulk => "Several operations in one request",
        Scope::Provision => "The provisioning API",
        Scope::RosterWrite => "Commit rosters",
        Scope::Events => "Follow the event feed",
        Scope::AdminRead => "Read the admin API",
        Scope::AdminWrite => "Change through the admin API",
    }
}
