//! Creations in chunks, each written by one statement.
//!
//! The chunk is written as a whole or not at all. If a name is taken, the store tells whose; those fail with what refers to
//! them, and the rest is written again. So nothing is ever written that `failOnErrors` should have kept from being written.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use futures_util::future::join_all;

use super::BulkRun;
use crate::gateway::create::New;
use crate::gateway::{GatewayError, employee_id};
use crate::model::{ResourceId, Version};
use crate::scim::ScimError;
use crate::scim::schema::ResourceType;
use crate::store::{NewChange, NewResource, StoreError, name_attribute};

/// How often a chunk is written again because somebody took a name in the meantime.
const ROUNDS: usize = 4;

/// Creations that are written together.
pub(super) struct Chunk<'a> {
    pub places: &'a [usize],
    /// What is to be created, or why it cannot be, in the order of `places`.
    pub drafts: Vec<Result<New<'a>, GatewayError>>,
    /// The attributes that others have already, by the position in the chunk.
    taken: HashMap<usize, &'static str>,
    /// Whether all fail if one does.
    all_or_none: bool,
}

/// The resource type of each creation of a chunk and the id it will have; `None` for what cannot be created.
pub(super) type Kinds = Vec<Option<(Arc<ResourceType>, ResourceId)>>;

/// What is to become of a creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It may be written.
    Write,
    /// It is an error as it is.
    Wrong,
    /// It refers to the operation at that place, which fails.
    Needs(usize),
    /// Another resource has this attribute.
    Taken(&'static str),
}

/// What became of a chunk.
pub(super) enum Written {
    /// What may be written was written; the rest fails.
    Done(Vec<Verdict>),
    /// The database refused what may be written.
    Refused(Vec<Verdict>, StoreError),
    /// Others took names again and again, or a value of an own attribute is taken.
    Crowded,
}

impl BulkRun<'_> {
    /// Creates resources without members.
    pub(super) async fn create(&mut self, places: &[usize]) {
        let kinds = self.kinds(places);
        let mut chunk = self.draft(places, &kinds, false).await;
        match chunk.write(self).await {
            Written::Done(verdicts) => chunk.settle(self, &verdicts, |_| Ok(Some(Version(1)))),
            Written::Refused(verdicts, error) => chunk.settle(self, &verdicts, |_| Err(error.clone().into())),
            Written::Crowded => self.one_by_one(chunk).await,
        }
    }

    pub(super) fn kinds(&self, places: &[usize]) -> Kinds {
        let kind = |place: &usize| {
            let (kind, id) = self.operations[*place].resource.clone()?;
            Some((kind, id.parse().ok()?))
        };
        places.iter().map(kind).collect()
    }

    /// Reads the bodies. Passwords are hashed side by side, as many at once as the process allows.
    pub(super) async fn draft<'a>(&mut self, places: &'a [usize], kinds: &'a Kinds, all_or_none: bool) -> Chunk<'a> {
        let (gateway, caller) = (self.gateway, self.caller);
        let drafts = places.iter().zip(kinds).map(|(place, kind)| {
            let call = std::mem::replace(&mut self.operations[*place].call, Err(ScimError::new(500, "")));
            async move {
                match (call?, kind) {
                    (call, Some((kind, id))) => gateway.draft(caller, kind, *id, call.data).await,
                    (_, None) => Err(GatewayError::Internal(anyhow::anyhow!("a creation without a resource type"))),
                }
            }
        });
        let drafts: Vec<_> = drafts.collect();
        Chunk { places, drafts: join_all(drafts).await, taken: HashMap::new(), all_or_none }
    }

    /// Creates what could not be created together.
    async fn one_by_one(&mut self, chunk: Chunk<'_>) {
        for (place, draft) in chunk.places.iter().zip(chunk.drafts) {
            if self.errors_left == Some(0) {
                return;
            }
            let outcome = match (draft, self.missing(*place)) {
                (Ok(new), None) => {
                    let now = self.gateway.clock.now();
                    match self.check_begin() {
                        Ok(()) => {
                            let stored = self.gateway.insert(self.caller(*place), new, now).await;
                            stored.map(|stored| Some(stored.version))
                        }
                        Err(error) => Err(error.into()),
                    }
                }
                (Ok(_), Some(need)) => Err(self.reference_failed(need)),
                (Err(error), _) => Err(error),
            };
            self.settle(*place, outcome);
        }
    }
}

impl Chunk<'_> {
    /// Writes all that may be written.
    pub(super) async fn write(&mut self, run: &BulkRun<'_>) -> Written {
        let tenant = run.gateway.store.tenant(run.caller.tenant.id);
        for _ in 0..ROUNDS {
            let verdicts = self.verdicts(run);
            let now = run.gateway.clock.now();
            let positions: Vec<usize> = (0..verdicts.len()).filter(|at| verdicts[*at] == Verdict::Write).collect();
            let news = positions.iter().filter_map(|at| Some((*at, self.drafts[*at].as_ref().ok()?)));
            let rows: Vec<(NewResource<'_>, NewChange<'_>)> =
                news.map(|(at, new)| (new.resource(), new.change(run.caller(self.places[at]), now))).collect();
            let ids: Vec<ResourceId> = rows.iter().map(|(new, _)| new.id).collect();
            if let Err(error) = run.check_begin() {
                return Written::Refused(verdicts, error);
            }
            if let Err(error) = run.gateway.claim(run.caller, &ids).await {
                return Written::Refused(verdicts, error);
            }
            let error = match tenant.insert_many(&rows).await {
                Ok(()) => return Written::Done(verdicts),
                Err(error @ (StoreError::Uniqueness { .. } | StoreError::ValueTaken { .. })) => error,
                Err(error) => return Written::Refused(verdicts, error),
            };
            let known = self.taken.len();
            let resources: Vec<&NewResource<'_>> = rows.iter().map(|(new, _)| new).collect();
            match tenant.taken(&resources).await {
                Ok(taken) => self.taken.extend(taken.into_iter().map(|(row, attribute)| (positions[row], attribute))),
                Err(error) => return Written::Refused(verdicts, error),
            }
            // Which of them has a value of a tenant's own attribute that is taken is told when each is written alone. In a
            // circle none can be, so all of them are told what is taken.
            if self.taken.len() == known {
                return if self.all_or_none { Written::Refused(verdicts, error) } else { Written::Crowded };
            }
        }
        Written::Crowded
    }

    /// What is to become of each creation, in order, up to the one with which the request stops.
    fn verdicts(&self, run: &BulkRun<'_>) -> Vec<Verdict> {
        let mut verdicts = Vec::with_capacity(self.places.len());
        let (mut failed, mut names) = (HashSet::new(), HashSet::new());
        for (position, place) in self.places.iter().enumerate() {
            if !self.all_or_none && run.errors_left.is_some_and(|left| failed.len() >= left) {
                break;
            }
            let need =
                run.operations[*place].needs.iter().find(|need| run.has_failed(**need) || failed.contains(*need));
            let verdict = match (&self.drafts[position], need) {
                (Err(_), _) => Verdict::Wrong,
                (Ok(_), Some(need)) => Verdict::Needs(*need),
                (Ok(new), None) => match self.taken.get(&position).copied().or_else(|| twin(new, &mut names)) {
                    Some(attribute) => Verdict::Taken(attribute),
                    None => Verdict::Write,
                },
            };
            if verdict != Verdict::Write {
                failed.insert(*place);
            }
            verdicts.push(verdict);
        }
        let first_failed = self.places.iter().find(|place| failed.contains(*place));
        if let (true, Some(culprit)) = (self.all_or_none, first_failed) {
            let rest = verdicts.iter_mut().filter(|verdict| **verdict == Verdict::Write);
            rest.for_each(|verdict| *verdict = Verdict::Needs(*culprit));
        }
        verdicts
    }

    /// Settles the operations; `written` tells what became of those that were to be written, by their positions.
    pub(super) fn settle(
        self,
        run: &mut BulkRun<'_>,
        verdicts: &[Verdict],
        mut written: impl FnMut(usize) -> super::BulkOutcome,
    ) {
        for (position, (draft, verdict)) in self.drafts.into_iter().zip(verdicts).enumerate() {
            let outcome = match (verdict, draft) {
                (_, Err(error)) => Err(error),
                (Verdict::Needs(need), _) => Err(run.reference_failed(*need)),
                (Verdict::Taken(attribute), Ok(new)) => {
                    let error = StoreError::Uniqueness { attribute };
                    Err(employee_id::named(run.caller, &new.entry, error).into())
                }
                (Verdict::Write | Verdict::Wrong, Ok(_)) => written(position),
            };
            run.settle(self.places[position], outcome);
        }
    }
}

/// The attribute of `new` that another creation of the chunk has taken before. If there is none, its own count as taken.
fn twin<'n>(new: &'n New<'_>, names: &mut HashSet<(&'n str, &'static str, &'n str)>) -> Option<&'static str> {
    let kind = new.kind.name.as_str();
    let name = new.entry.name_key.as_deref().map(|key| (kind, name_attribute(kind), key));
    let external_id = new.entry.external_id.as_deref().map(|key| (kind, "externalId", key));
    let own = || name.into_iter().chain(external_id);
    let taken = own().find(|key| names.contains(key)).map(|(_, attribute, _)| attribute);
    if taken.is_none() {
        names.extend(own());
    }
    taken
}
