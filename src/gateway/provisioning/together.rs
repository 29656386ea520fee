//! Writing new users together: as many as fit, in one statement, each with the change row of its own request.
//!
//! Nothing is told otherwise than if each was written alone. A statement writes all of its users or none, so if one of them cannot
//! be written, each is tried alone.

use futures_util::stream::{self, StreamExt};

use super::plan::{Plan, Target};
use super::references::References;
use super::write::Drafted;
use super::{AT_ONCE, Provisioned, Run, failure};
use crate::gateway::GatewayError;
use crate::model::{Caller, RecordCode, RecordFailure, RecordOutcome, ResourceId};
use crate::store::{NewChange, NewResource, StoreError};

/// How many users are written in one statement, and about how many bytes they have together.
const CHUNK: usize = 64;
const CHUNK_BYTES: usize = 512 << 10;
/// How many such statements are under way at the same time.
const CHUNKS_AT_ONCE: usize = 3;

/// A new user that can be written.
struct Ready<'a> {
    place: usize,
    references: References<'a>,
    drafted: Drafted<'a>,
}

impl<'a> Run<'a> {
    /// Writes new users; answers what became of them by their places. Plans that are about anybody else come back.
    pub(super) async fn create_together(
        &self,
        plans: Vec<(usize, Plan<'a>)>,
    ) -> (Vec<(usize, Provisioned)>, Vec<(usize, Plan<'a>)>) {
        let is_new = |(_, plan): &(usize, Plan<'_>)| matches!(plan.target, Target::New(_));
        let (news, others): (Vec<_>, Vec<_>) = plans.into_iter().partition(is_new);
        if self.gateway.is_rehearsal || news.len() < 2 {
            return (Vec::new(), others.into_iter().chain(news).collect());
        }
        let drafts = news.into_iter().map(|(place, plan)| async move {
            let Plan { target: Target::New(user_name), references, .. } = plan else {
                let told = failure::whole(RecordCode::InternalError, "The record was not tried");
                return (place, Err(told));
            };
            let drafted = match self.gateway.kind_of_users(self.caller, &references) {
                Ok(kind) => {
                    let of = (&references, user_name);
                    self.gateway.draft_user(self.caller, kind, &self.records[place], of).await
                }
                Err(why) => Err(why),
            };
            (place, drafted.map(|drafted| Ready { place, references, drafted }))
        });
        let drafts: Vec<(usize, Result<Ready<'a>, RecordFailure>)> =
            stream::iter(drafts).buffered(AT_ONCE).collect().await;
        let (mut outcomes, mut ready) = (Vec::with_capacity(drafts.len()), Vec::new());
        for (place, draft) in drafts {
            match draft {
                Ok(draft) => ready.push(draft),
                Err(why) => outcomes.push((place, Provisioned::failed(why))),
            }
        }
        let chunks = in_chunks(ready).into_iter().map(|chunk| self.create_chunk(chunk));
        let written: Vec<Vec<(usize, Provisioned)>> =
            stream::iter(chunks).buffer_unordered(CHUNKS_AT_ONCE).collect().await;
        outcomes.extend(written.into_iter().flatten());
        (outcomes, others)
    }

    async fn create_chunk(&self, chunk: Vec<Ready<'a>>) -> Vec<(usize, Provisioned)> {
        let mut outcomes = Vec::with_capacity(chunk.len());
        let mut begun = Vec::with_capacity(chunk.len());
        for ready in chunk {
            match (self.begin)(ready.place) {
                Some(request) => begun.push((Caller { request, ..self.caller.clone() }, ready)),
                None => outcomes.push((ready.place, Provisioned::failed(failure::not_begun()))),
            }
        }
        let written = self.insert_chunk(&begun).await;
        let ended = begun.into_iter().map(|(caller, ready)| {
            let written = written.clone();
            async move {
                let id = match written {
                    Ok(()) => Ok(ready.drafted.new.id),
                    Err(error @ StoreError::Unavailable(_)) => Err(failure::of(GatewayError::Unavailable(error))),
                    Err(_) => return (ready.place, self.create_alone(&caller, ready).await),
                };
                let Ready { place, references, drafted } = ready;
                (place, self.told(&caller, id, &references, (drafted.credentials, drafted.is_invited)).await)
            }
        });
        outcomes.extend(stream::iter(ended).buffer_unordered(AT_ONCE / CHUNKS_AT_ONCE).collect::<Vec<_>>().await);
        outcomes
    }

    /// Writes all of them or none.
    async fn insert_chunk(&self, begun: &[(Caller, Ready<'_>)]) -> Result<(), StoreError> {
        if begun.len() < 2 {
            // Nothing is gained by it.
            return if begun.is_empty() { Ok(()) } else { Err(StoreError::Conflict) };
        }
        let now = self.gateway.clock.now();
        let rows: Vec<(NewResource<'_>, NewChange<'_>)> = begun
            .iter()
            .map(|(caller, ready)| (ready.drafted.new.resource(), ready.drafted.new.change(caller, now)))
            .collect();
        let ids: Vec<ResourceId> = begun.iter().map(|(_, ready)| ready.drafted.new.id).collect();
        self.gateway.claim(self.caller, &ids).await?;
        let written = self.gateway.store.tenant(self.caller.tenant.id).insert_many(&rows).await;
        if written.is_err() {
            self.gateway.disclaim(self.caller, &ids).await;
        }
        written
    }

    async fn create_alone(&self, caller: &Caller, ready: Ready<'_>) -> Provisioned {
        let Ready { place, references, drafted: Drafted { new, credentials, is_invited } } = ready;
        let written = match self.gateway.insert(caller, new, self.gateway.clock.now()).await {
            Ok(stored) => Ok(stored.id),
            Err(error) => {
                let why = failure::of(error);
                Err(self.gateway.why_not_created(caller, &self.records[place], why).await)
            }
        };
        self.told(caller, written, &references, (credentials, is_invited)).await
    }

    async fn told(
        &self,
        caller: &Caller,
        written: Result<ResourceId, RecordFailure>,
        references: &References<'_>,
        (credentials, is_invited): (Option<super::OnceShown>, bool),
    ) -> Provisioned {
        match written {
            Ok(id) => {
                if is_invited {
                    self.gateway.invite_new(caller, id, references).await;
                }
                Provisioned { outcome: RecordOutcome::Inserted(id), credentials }
            }
            Err(why) => Provisioned::failed(why),
        }
    }
}

/// In order, as many in each as one statement takes.
fn in_chunks(ready: Vec<Ready<'_>>) -> Vec<Vec<Ready<'_>>> {
    let mut chunks: Vec<Vec<Ready<'_>>> = Vec::new();
    let mut bytes = 0;
    for one in ready {
        let size = one.drafted.new.entry.document.len();
        match chunks.last_mut() {
            Some(chunk) if chunk.len() < CHUNK && bytes + size <= CHUNK_BYTES => {
                bytes += size;
                chunk.push(one);
            }
            _ => {
                bytes = size;
                chunks.push(vec![one]);
            }
        }
    }
    chunks
}
