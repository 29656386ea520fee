//! What a tenant holds, and how much happens in it, in figures.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveTime, TimeDelta};
use serde::Serialize;

use super::{StoreError, TenantStore};

/// How many days are told, today included.
const DAYS: u16 = 30;

/// The figures of a tenant.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Statistics {
    /// How many resources of each type there are.
    pub resources: BTreeMap<String, u64>,
    /// How many users are not inactive.
    pub active_users: u64,
    /// Their share of all users, 0 to 1; `None` where there is no user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active_share: Option<f64>,
    /// The changes of the last thirty days, by day in UTC, today last.
    pub changes_per_day: Vec<DayOfChanges>,
}

/// The changes of one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DayOfChanges {
    /// The day, in UTC.
    pub day: NaiveDate,
    /// How many.
    pub changes: u64,
}

impl Statistics {
    /// How many changes there were in so many days, today included.
    pub fn changes_in(&self, days: usize) -> u64 {
        self.changes_per_day.iter().rev().take(days).map(|day| day.changes).sum()
    }
}

impl TenantStore {
    /// The tenant's figures.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn statistics(&self, today: NaiveDate) -> Result<Statistics, StoreError> {
        let first = today - TimeDelta::days(i64::from(DAYS) - 1);
        let (counts, inactive, changes) = tokio::try_join!(
            self.counts(),
            self.inactive_users(),
            self.daily_changes(first.and_time(NaiveTime::MIN).and_utc())
        )?;
        let users = counts.get("User").copied().unwrap_or_default();
        let active_users = users.saturating_sub(inactive);
        let on = |day: NaiveDate| changes.iter().filter(|count| count.day == day).map(|count| count.count).sum();
        Ok(Statistics {
            active_share: (users > 0).then(|| active_users as f64 / users as f64),
            resources: counts,
            active_users,
            changes_per_day: first
                .iter_days()
                .take(DAYS.into())
                .map(|day| DayOfChanges { day, changes: on(day) })
                .collect(),
        })
    }
}
