//! `/admin/v1/tenants/{tenant}/statistics`

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};
use serde::Serialize;
use utoipa::ToSchema;

use super::AdminAnswer;
use super::problem::Problem;
use super::request::{AdminRequest, ok};

/// How many days are told, today included.
const DAYS: i64 = 30;

/// What a tenant holds and how much happens in it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Statistics {
    /// How many resources of each type there are
    resources: BTreeMap<String, u64>,
    /// How many users are not inactive
    active_users: u64,
    /// Their share of all users, 0 to 1; absent where there is no user
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    active_share: Option<f64>,
    /// The changes of the last thirty days, by day in UTC
    changes_per_day: Vec<Day>,
}

/// The changes of one day.
#[derive(Serialize, ToSchema)]
pub struct Day {
    day: NaiveDate,
    changes: u64,
}

/// What a tenant holds, and how much happens in it
#[utoipa::path(
    get, path = "/admin/v1/tenants/{tenant}/statistics", tag = "tenants", params(("tenant" = String, Path, description = "Its short name")),
    responses((status = 200, body = Statistics), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn get(request: AdminRequest<'_>, slug: &str) -> AdminAnswer {
    let tenant = request.app.store.tenant(request.tenant(slug).await?.id);
    let today = request.app.clock.now().date_naive();
    let first = today - TimeDelta::days(DAYS - 1);
    let (counts, inactive, changes) = tokio::try_join!(
        tenant.counts(),
        tenant.inactive_users(),
        tenant.daily_changes(first.and_time(chrono::NaiveTime::MIN).and_utc())
    )?;
    let users = counts.get("User").copied().unwrap_or_default();
    let active_users = users.saturating_sub(inactive);
    let changes_on = |day: NaiveDate| changes.iter().filter(|count| count.day == day).map(|count| count.count).sum();
    ok(&Statistics {
        active_share: (users > 0).then(|| active_users as f64 / users as f64),
        resources: counts,
        active_users,
        changes_per_day: first
            .iter_days()
            .take(DAYS as usize)
            .map(|day| Day { day, changes: changes_on(day) })
            .collect(),
    })
}
