//! Creations that refer to each other in a circle (RFC 7644, section 3.7.1).
//!
//! The ids are known before anything is written, so what refers without being looked up (a manager) is written at once with
//! the rest. Members must exist before they are members: groups are created without them and filled in a second pass. All
//! operations of a circle succeed or none does; if the second pass fails, what the first one created is removed again.

use super::creates::{Chunk, Verdict, Written};
use super::{BulkOutcome, BulkRun};
use crate::gateway::create::New;
use crate::gateway::update::{not_found, too_busy};
use crate::gateway::{GatewayError, change};
use crate::model::{Action, MembersDelta, ResourceId, Version};
use crate::scim::ScimError;
use crate::scim::explain::Readings;

/// How far somebody came with a circle before.
enum Begun {
    /// It was not begun.
    No,
    /// The first pass was made.
    Yes,
    /// It was removed again.
    Undone,
}

impl BulkRun<'_> {
    /// Creates resources that refer to each other.
    pub(super) async fn create_circle(&mut self, places: &[usize]) {
        let kinds = self.kinds(places);
        let mut chunk = self.draft(places, &kinds, true).await;
        let members: Vec<Vec<ResourceId>> = chunk.drafts.iter_mut().map(take_members).collect();
        match self.go_on(&chunk).await {
            Begun::No => {}
            Begun::Yes => return self.fill(chunk, members).await,
            Begun::Undone => {
                let verdicts = vec![Verdict::Write; places.len()];
                return chunk.settle(self, &verdicts, |_| Err(broken_off()));
            }
        }
        match chunk.write(self).await {
            Written::Refused(verdicts, error) => chunk.settle(self, &verdicts, |_| Err(error.clone().into())),
            Written::Crowded => {
                let all = vec![Verdict::Write; places.len()];
                chunk.settle(self, &all, |_| Err(too_busy()));
            }
            Written::Done(verdicts) if verdicts.contains(&Verdict::Write) => self.fill(chunk, members).await,
            Written::Done(verdicts) => chunk.settle(self, &verdicts, |_| Ok(None)),
        }
    }

    /// Looks how far somebody came with it before. What was removed again by half is removed as a whole.
    async fn go_on(&self, chunk: &Chunk<'_>) -> Begun {
        let mut made = chunk.places.iter().filter_map(|place| self.begun.get(place)).flatten().peekable();
        if made.peek().is_none() {
            return Begun::No;
        }
        if made.all(|made| made.action != Action::Delete) {
            return Begun::Yes;
        }
        for (place, new) in chunk.places.iter().zip(&chunk.drafts) {
            if let Ok(new) = new {
                self.undo(*place, new).await;
            }
        }
        Begun::Undone
    }

    /// The second pass.
    async fn fill(&mut self, chunk: Chunk<'_>, members: Vec<Vec<ResourceId>>) {
        let mut versions = vec![Version(1); chunk.places.len()];
        let mut failure = None;
        for (position, add) in members.into_iter().enumerate() {
            let Ok(new) = &chunk.drafts[position] else { continue };
            if add.is_empty() {
                continue;
            }
            let place = chunk.places[position];
            let before = self.begun.get(&place).and_then(|made| made.last());
            if let Some(made) = before.filter(|made| made.action != Action::Create) {
                versions[position] = Version(made.version);
                continue;
            }
            match self.fill_one(place, new, add).await {
                Ok(version) => versions[position] = version,
                Err(error) => {
                    failure = Some((position, error));
                    break;
                }
            }
        }
        let Some((culprit, error)) = failure else {
            let all = vec![Verdict::Write; versions.len()];
            return chunk.settle(self, &all, |position| Ok(Some(versions[position])));
        };
        for (place, new) in chunk.places.iter().zip(&chunk.drafts) {
            if let Ok(new) = new {
                self.undo(*place, new).await;
            }
        }
        let place = chunk.places[culprit];
        let verdicts: Vec<Verdict> = (0..versions.len())
            .map(|position| if position == culprit { Verdict::Write } else { Verdict::Needs(place) })
            .collect();
        let mut error: Option<BulkOutcome> = Some(Err(error));
        chunk.settle(self, &verdicts, |_| error.take().unwrap_or(Ok(None)));
    }

    async fn fill_one(&self, place: usize, new: &New<'_>, add: Vec<ResourceId>) -> Result<Version, GatewayError> {
        let delta = MembersDelta { reset: false, add, remove: Vec::new() };
        self.check_begin()?;
        let caller = self.caller(place);
        let row = change::row(caller, self.gateway.clock.now(), Action::Update, "", &[]);
        let changed =
            self.gateway.change_members(caller, new.kind, (new.id, None), delta, (&row, Readings::default())).await?;
        changed.map(|stored| stored.version).ok_or_else(|| not_found(new.kind, new.id))
    }

    /// Removes what the first pass created. If the database is away by now, the resource stays without its members, and its
    /// operation is answered as failed all the same.
    async fn undo(&self, place: usize, new: &New<'_>) {
        let row = change::row(self.caller(place), self.gateway.clock.now(), Action::Delete, new.name(), &[]);
        let tenant = self.gateway.store.tenant(self.caller.tenant.id);
        if let Err(error) = tenant.delete(&new.kind.name, new.id, None, &row).await {
            log::error!("request {}: {} could not be removed again: {error}", self.caller.request, new.id);
        }
    }
}

fn broken_off() -> GatewayError {
    GatewayError::Scim(ScimError::new(503, "this operation was broken off and nothing of it is left; send it again"))
}

fn take_members(draft: &mut Result<New<'_>, GatewayError>) -> Vec<ResourceId> {
    draft.as_mut().map_or_else(|_| Vec::new(), |new| std::mem::take(&mut new.members))
}
