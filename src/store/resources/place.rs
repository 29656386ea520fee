//! Where in a list a page lies: which rows are read for it, and what of them is the page.

use crate::model::Stored;
use crate::scim::list::Position;
use crate::store::{Listed, Page, Start};

/// A resource with its place in the order.
pub(super) struct Found {
    pub seq: i64,
    /// The sort value.
    pub value: Option<String>,
    /// The part of the list that it belongs to.
    pub part: usize,
    pub stored: Stored,
}

/// Where a page begins.
#[derive(Clone)]
pub(super) enum Place {
    /// Behind so many resources.
    Offset(i64),
    /// Somewhere on a walk; `None` at its beginning.
    Walk(Option<Position>),
}

impl Place {
    /// Where the page begins.
    pub fn of(start: &Start<'_>) -> Self {
        match start {
            Start::Offset(offset) => Self::Offset(i64::try_from(*offset).unwrap_or(i64::MAX)),
            Start::Walk => Self::Walk(None),
            Start::Position(position) => Self::Walk(Some((*position).clone())),
        }
    }

    /// The position that a walk goes on from.
    pub fn position(&self) -> Option<&Position> {
        match self {
            Self::Walk(position) => position.as_ref(),
            Self::Offset(_) => None,
        }
    }

    /// The place in the order of creation that a walk goes on from. No resource has one below 1.
    pub fn seq(&self) -> i64 {
        self.position().map_or(0, |position| position.seq)
    }

    /// Whether the page lies before the position.
    pub fn is_backwards(&self) -> bool {
        self.position().is_some_and(|position| position.backwards)
    }

    /// How many rows are read. On a walk one more than the page has tells whether there is another page.
    pub fn rows(&self, limit: u32) -> i64 {
        i64::from(limit) + i64::from(matches!(self, Self::Walk(_)))
    }

    /// The page out of the rows, which come in the direction of the walk.
    pub fn cut(&self, total: u64, mut found: Vec<Found>, limit: u32) -> Listed {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let is_more = found.len() > limit;
        found.truncate(limit);
        if self.is_backwards() {
            found.reverse();
        }
        let at = |found: Option<&Found>, backwards| {
            found.map(|found| Position { value: found.value.clone(), seq: found.seq, backwards })
        };
        let (next, previous) = match self {
            Self::Offset(_) => (None, None),
            Self::Walk(None) => (at(found.last(), false).filter(|_| is_more), None),
            Self::Walk(Some(position)) if position.backwards => {
                (at(found.last(), false), at(found.first(), true).filter(|_| is_more))
            }
            Self::Walk(Some(position)) => {
                // If nothing is left behind the position, the page before ends at the position itself.
                let here = || Position { backwards: true, ..position.clone() };
                (at(found.last(), false).filter(|_| is_more), Some(at(found.first(), true).unwrap_or_else(here)))
            }
        };
        let parts = found.iter().map(|found| found.part).collect();
        Listed { total, resources: found.into_iter().map(|found| found.stored).collect(), parts, next, previous }
    }

    /// The page out of everything that there is, without the sort values that a walk goes on by; `None` if it needs them.
    pub fn cut_all(&self, mut all: Vec<Stored>, page: &Page<'_>) -> Option<Listed> {
        let (total, limit) = (all.len(), usize::try_from(page.limit).unwrap_or(usize::MAX));
        match self {
            Self::Walk(None) if total <= limit || limit == 0 => all.truncate(limit),
            Self::Walk(_) => return None,
            Self::Offset(offset) => {
                all.drain(..usize::try_from(*offset).unwrap_or(usize::MAX).min(total));
                all.truncate(limit);
            }
        }
        Some(Listed::of(total as u64, all))
    }
}
