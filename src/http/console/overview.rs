//! `/console/t/{slug}`: how the tenant does.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{NaiveTime, TimeDelta};

use super::error::ConsoleError;
use super::pages::{Bar, Chart, Concern, ConnectionState, Figure, Here, Notice, Overview, Tone, thousands};
use super::uses::{State, Uses};
use super::{ConsoleAnswer, Place, Visit, connections, reply};
use crate::model::{Action, Connection};
use crate::scim::filter::CheckedFilter;
use crate::scim::schema::ResourceType;
use crate::store::{Page, Part};

/// How many days the chart shows.
const DAYS: i64 = 30;

/// Shows how the tenant does.
pub async fn overview(visit: &Visit<'_>, place: &Place) -> ConsoleAnswer {
    let uses = Uses::of(visit, place).await?;
    let all = visit.app.store.connections(place.tenant.id).await?;
    let bars = days(visit, place).await?;
    let concerns = concerns(visit, place, &all, &uses);
    let state = |connection: &Connection| ConnectionState {
        id: connection.id.to_string(),
        name: connection.name.to_string(),
        kind: connections::kind_name(connection.kind).to_owned(),
        status: connections::status(connection, &uses),
        last_success: uses.last_success(connection.id).map(|at| visit.moment(at)),
        last_failure: uses.last_failure(connection.id).map(|at| visit.moment(at)),
        refused: uses.refused(Some(connection.id)).map(|refused| thousands(refused.count)),
    };
    reply::page(&Overview {
        shell: visit.shell("Overview", Here::Overview, place),
        told: told(all.len(), concerns.len()),
        concerns,
        figures: figures(visit, place, &bars, &uses).await?,
        chart: Chart::new(bars),
        connections: all.iter().map(state).collect(),
    })
}

fn told(connections: usize, concerns: usize) -> String {
    let count = match connections {
        0 => return "Nothing is connected yet.".to_owned(),
        1 => "One connection".to_owned(),
        count => format!("{count} connections"),
    };
    match concerns {
        0 => format!("{count}. Nothing needs you."),
        1 => format!("{count}. One thing needs you."),
        concerns => format!("{count}. {concerns} things need you."),
    }
}

/// What needs somebody: connections that fail or send too much, credentials that end.
fn concerns(visit: &Visit<'_>, place: &Place, all: &[Connection], uses: &Uses) -> Vec<Concern> {
    let mut concerns = Vec::new();
    for connection in all.iter().filter(|connection| connection.enabled) {
        let url = connections::url(place, connection);
        if let State::Refused(at) = uses.state(connection) {
            let text = format!("{} is refused, the last time {}", connection.name, visit.moment(at).told);
            concerns.push(Concern { tone: Tone::Danger, text, url: url.clone() });
        }
        for credential in uses.expiring(connection.id) {
            let end = uses.end(credential).map_or_else(String::new, |at| visit.moment(at).told);
            let text = format!("“{}” of {} expires {end}", credential.label, connection.name);
            concerns.push(Concern { tone: Tone::Warn, text, url: url.clone() });
        }
        if let Some(Notice { tone, text }) = connections::over_its_rate(visit, Some(connection), uses) {
            concerns.push(Concern { tone, text, url });
        }
    }
    if let Some(Notice { tone, text }) = connections::over_its_rate(visit, None, uses) {
        concerns.push(Concern { tone, text, url: format!("/console/t/{}/connections", place.tenant.slug) });
    }
    concerns
}

async fn figures(visit: &Visit<'_>, place: &Place, bars: &[Bar], uses: &Uses) -> Result<Vec<Figure>, ConsoleError> {
    let users = count(visit, place, "User", None).await?;
    let inactive = count(visit, place, "User", Some("active eq false")).await?;
    let groups = count(visit, place, "Group", None).await?;
    let active = users.saturating_sub(inactive);
    let share = (active * 100).checked_div(users);
    let week: u64 = bars.iter().rev().take(7).map(Bar::total).sum();
    let figure = |name, value: u64, note| Figure { name, value: thousands(value), note };
    Ok(vec![
        figure(
            "Users",
            users,
            match share {
                None => "none yet".to_owned(),
                Some(share) => format!("{} active ({share}%)", thousands(active)),
            },
        ),
        figure("Groups", groups, if groups == 0 { "none yet".to_owned() } else { "of all connections".to_owned() }),
        figure("Changes today", bars.last().map_or(0, Bar::total), format!("{} in seven days", thousands(week))),
        figure(
            "Live credentials",
            uses.all_live().count() as u64,
            match uses.all_expiring().count() {
                0 => "none expires soon".to_owned(),
                1 => "one expires soon".to_owned(),
                count => format!("{count} expire soon"),
            },
        ),
    ])
}

/// How many resources of a type a filter selects.
async fn count(visit: &Visit<'_>, place: &Place, kind: &str, filter: Option<&str>) -> Result<u64, ConsoleError> {
    let Some(kind) = place.catalog.named(kind) else { return Ok(0) };
    let kind: &Arc<ResourceType> = kind;
    let filter = filter.and_then(|text| CheckedFilter::parse(text, kind).ok());
    let parts = [Part { kind, filter: filter.as_ref(), sort: None }];
    Ok(visit.store(place).list(&Page::first(&parts, 0)).await?.total)
}

/// The changes of the last days, the earliest first.
async fn days(visit: &Visit<'_>, place: &Place) -> Result<Vec<Bar>, ConsoleError> {
    let today = visit.now.date_naive();
    let first = today - TimeDelta::days(DAYS - 1);
    let mut bars: BTreeMap<_, Bar> = (0..DAYS)
        .map(|day| first + TimeDelta::days(day))
        .map(|day| (day, Bar { day: day.format("%-d %b").to_string(), ..Bar::default() }))
        .collect();
    for counted in visit.store(place).daily_changes(first.and_time(NaiveTime::MIN).and_utc()).await? {
        let Some(bar) = bars.get_mut(&counted.day) else { continue };
        match counted.action {
            Action::Create => bar.created += counted.count,
            Action::Update | Action::Reactivate => bar.updated += counted.count,
            Action::Deactivate | Action::Delete => bar.removed += counted.count,
        }
    }
    Ok(bars.into_values().collect())
}
