//! `/admin/v1/tenants/{tenant}/statistics`

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::AdminAnswer;
use super::problem::Problem;
use super::request::{AdminRequest, ok};
use crate::store::DayOfChanges;

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
    let figures = tenant.statistics(request.app.clock.now().date_naive()).await?;
    ok(&Statistics {
        resources: figures.resources,
        active_users: figures.active_users,
        active_share: figures.active_share,
        changes_per_day: figures
            .changes_per_day
            .into_iter()
            .map(|DayOfChanges { day, changes }| Day { day, changes })
            .collect(),
    })
}
