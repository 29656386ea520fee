//! The activity log: one list, newest first, of three sources.
//!
//! It is for people, who want the order of the clock. Whoever follows the change stream to miss nothing reads it in the order of
//! (xid, position) instead.
//!
//! Each source is read backwards from a place, and each read looks at a bounded number of rows, so that a search for what hardly
//! ever happens in millions of changes ends in time: with what was found so far, and the place to go on from.

mod administration;
mod changes;
mod requests;
mod who;

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use super::{StoreError, TenantStore};
use crate::model::{ActivityCursor, ActivityFilter, ActivityPage, Entry, Kind, Outcome};
use who::Who;

/// How long a page may look for entries. The statement in which this runs out is finished.
const TIME: Duration = Duration::from_millis(1_500);

/// The first and the last instant that anything may have happened at.
const ALWAYS: (DateTime<Utc>, DateTime<Utc>) = (DateTime::UNIX_EPOCH, DateTime::<Utc>::MAX_UTC);

/// A page's question to one source.
struct Question<'a> {
    filter: &'a ActivityFilter,
    who: &'a Who,
    /// (at, position) of what is listed is less than this,
    below: (DateTime<Utc>, i64),
    /// and its instant is not before this.
    from: DateTime<Utc>,
    limit: usize,
    /// No further statement is begun then.
    ends: Instant,
}

/// A source's answer: the entries, the newest first, and down to where there are no others. `None` for all the way.
struct Found {
    entries: Vec<Entry>,
    down_to: Option<(DateTime<Utc>, i64)>,
}

impl Found {
    /// Of a source that was read to its end if it gave fewer rows than it was asked for.
    fn of(entries: Vec<Entry>, limit: usize) -> Self {
        let last = entries.last().map(|entry| (entry.at, entry.position));
        let down_to = last.filter(|_| entries.len() >= limit);
        Self { entries, down_to }
    }
}

impl TenantStore {
    /// The tenant's activity behind `after`, or from the newest on.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn activity(
        &self,
        filter: &ActivityFilter,
        after: Option<&ActivityCursor>,
        limit: u32,
    ) -> Result<ActivityPage, StoreError> {
        let limit = limit.max(1) as usize;
        let who = self.who(filter).await?;
        let ends = Instant::now() + TIME;
        let mut entries = Vec::new();
        // The newest place down to which a source is known: what lies below is for the next page.
        let mut floor: Option<ActivityCursor> = None;
        for kind in Kind::ALL.into_iter().filter(|kind| is_wanted(filter, *kind)) {
            let below = after.map_or((filter.to.unwrap_or(ALWAYS.1), i64::MIN), |cursor| cursor.bound(kind));
            let question = Question { filter, who: &who, below, from: filter.from.unwrap_or(ALWAYS.0), limit, ends };
            let found = match kind {
                Kind::Change => self.activity_of_resources(&question).await?,
                Kind::Administration => self.activity_of_administration(&question).await?,
                Kind::Request => self.activity_of_requests(&question).await?,
            };
            entries.extend(found.entries);
            let reached = found.down_to.map(|(at, position)| ActivityCursor { at, kind, position });
            floor = [floor, reached].into_iter().flatten().min_by_key(ActivityCursor::order);
        }
        entries.sort_by_cached_key(|entry| ActivityCursor::of(entry).order());
        if let Some(floor) = floor {
            entries.retain(|entry| ActivityCursor::of(entry).order() <= floor.order());
        }
        let more = entries.len() > limit;
        entries.truncate(limit);
        let next = if more { entries.last().map(ActivityCursor::of) } else { floor };
        Ok(ActivityPage { entries, next })
    }
}

/// Whether a source can have anything that the filter asks for.
fn is_wanted(filter: &ActivityFilter, kind: Kind) -> bool {
    let by_kind = filter.kind.is_none_or(|wanted| wanted == kind);
    let by_action = filter.action.as_ref().is_none_or(|action| action.kinds().contains(&kind));
    let by_outcome = !matches!(
        (kind, filter.outcome),
        (Kind::Change, Some(Outcome::Failure)) | (Kind::Request, Some(Outcome::Success))
    );
    let by_resource = kind != Kind::Administration || (filter.resource_type.is_none() && filter.connection.is_none());
    by_kind && by_action && by_outcome && by_resource
}
