//! The weekly digest: when it is due, and what it holds.

mod schedule;
mod words;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use super::{ResourceId, TenantSlug};

pub use schedule::{DigestSettings, DueDigest, hour, time_zone, time_zones, weekday};

/// How many users of each section are named.
const NAMED: usize = 20;
/// How many of those who did it are named.
const ACTORS: usize = 10;

/// One kind of thing that happened to users.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct DigestSection {
    /// How many users it happened to.
    pub count: u64,
    /// By whom, with the number of changes, the busiest first.
    pub by: Vec<(String, u64)>,
    /// The users to whom it happened first, with their names.
    pub users: Vec<(ResourceId, String)>,
}

/// What became of a tenant's users in some time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Digest {
    /// From this instant on.
    pub from: DateTime<Utc>,
    /// Before this instant.
    pub to: DateTime<Utc>,
    /// Users who were created.
    pub added: DigestSection,
    /// Users who were changed and not created in that time.
    pub edited: DigestSection,
    /// Users who were set inactive.
    pub deactivated: DigestSection,
    /// Users who were removed.
    pub removed: DigestSection,
}

impl Digest {
    /// Whether nothing happened.
    pub fn is_empty(&self) -> bool {
        self.sections().iter().all(|section| section.count == 0)
    }

    fn sections(&self) -> [&DigestSection; 4] {
        [&self.added, &self.edited, &self.deactivated, &self.removed]
    }

    /// The numbers.
    pub fn counts(&self) -> Value {
        let [added, edited, deactivated, removed] = self.sections().map(|section| section.count);
        json!({ "added": added, "edited": edited, "deactivated": deactivated, "removed": removed })
    }

    /// The mail that tells of it, in pieces, in the language of that tag (`en` for those that are not known). `settings` tell
    /// the time zone in which the days are shown.
    pub fn letter(&self, language: &str, tenant: (&TenantSlug, &str), settings: &DigestSettings) -> Value {
        words::letter(self, language, tenant, settings)
    }
}

/// Gathers changes into a digest.
#[derive(Debug, Default)]
pub struct DigestGatherer {
    /// Of each user: whether it was added, and in which sections it stands.
    seen: BTreeMap<ResourceId, u8>,
    sections: [Gathered; 4],
}

#[derive(Debug, Default)]
struct Gathered {
    users: Vec<(ResourceId, String)>,
    by: BTreeMap<String, u64>,
}

/// The places of the sections.
const ADDED: usize = 0;
const EDITED: usize = 1;
const DEACTIVATED: usize = 2;
const REMOVED: usize = 3;

impl DigestGatherer {
    /// Takes the next change of a user, in the order of time.
    pub fn take(&mut self, action: &str, user: ResourceId, name: &str, actor: &str) {
        let section = match action {
            "create" => ADDED,
            "update" | "reactivate" => EDITED,
            "deactivate" => DEACTIVATED,
            "delete" => REMOVED,
            _ => return,
        };
        let seen = self.seen.entry(user).or_default();
        if section == EDITED && *seen & (1 << ADDED) != 0 {
            return;
        }
        let is_new = *seen & (1 << section) == 0;
        *seen |= 1 << section;
        let Some(gathered) = self.sections.get_mut(section) else { return };
        if is_new && gathered.users.len() < NAMED {
            gathered.users.push((user, name.to_owned()));
        }
        // Tokens are few; should somebody change their names all the time, the rest goes by one name.
        let is_known = gathered.by.len() < 1_000 || gathered.by.contains_key(actor);
        *gathered.by.entry(if is_known { actor } else { "..." }.to_owned()).or_default() += 1;
    }

    /// The digest of what was taken.
    pub fn digest(self, from: DateTime<Utc>, to: DateTime<Utc>) -> Digest {
        let Self { seen, sections } = self;
        let count = |section: usize| seen.values().filter(|seen| **seen & (1 << section) != 0).count() as u64;
        let counts = [ADDED, EDITED, DEACTIVATED, REMOVED].map(count);
        let mut sections = sections.into_iter().zip(counts).map(|(gathered, count)| {
            let mut by: Vec<(String, u64)> = gathered.by.into_iter().collect();
            by.sort_by(|(a, m), (b, n)| n.cmp(m).then_with(|| a.cmp(b)));
            by.truncate(ACTORS);
            DigestSection { count, by, users: gathered.users }
        });
        let mut next = || sections.next().unwrap_or_default();
        Digest { from, to, added: next(), edited: next(), deactivated: next(), removed: next() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gathered(changes: &[(&str, u128, &str)]) -> Digest {
        let mut gatherer = DigestGatherer::default();
        for (action, user, actor) in changes {
            gatherer.take(action, ResourceId(uuid::Uuid::from_u128(*user)), &format!("u{user}"), actor);
        }
        gatherer.digest(DateTime::UNIX_EPOCH, DateTime::UNIX_EPOCH)
    }

    #[test]
    fn users_are_counted_once_in_each_section_and_changes_by_who_made_them() {
        let digest = gathered(&[
            ("create", 1, "HR"),
            ("update", 1, "HR"),
            ("update", 2, "HR"),
            ("update", 2, "Entra"),
            ("update", 3, "Entra"),
            ("update", 3, "Entra"),
            ("deactivate", 3, "HR"),
            ("delete", 4, "Entra"),
        ]);
        assert_eq!(digest.counts(), json!({"added": 1, "edited": 2, "deactivated": 1, "removed": 1}));
        assert_eq!(digest.edited.by, [("Entra".to_owned(), 3), ("HR".to_owned(), 1)]);
        assert_eq!(digest.deactivated.users.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>(), ["u3"]);
        assert!(!digest.is_empty() && gathered(&[]).is_empty());
    }

    #[test]
    fn many_are_counted_and_some_are_named() {
        let changes: Vec<_> = (0..500).map(|user| ("create", user, "HR")).collect();
        let digest = gathered(&changes);
        assert_eq!((digest.added.count, digest.added.users.len()), (500, 20));
    }
}
