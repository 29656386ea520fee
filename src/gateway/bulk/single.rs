//! Operations that are carried out as single requests are.

use futures_util::StreamExt;
use futures_util::stream;

use super::{BulkOutcome, BulkRun};
use crate::gateway::{Gateway, GatewayError};
use crate::model::{Caller, EntityTags, Preconditions, ResourceId};
use crate::scim::ScimError;
use crate::scim::bulk::{Call, Method};

/// How many operations of one request are under way at the same time: enough that the disk is not waited for once each, and
/// few enough that other requests find connections.
const AT_ONCE: usize = 6;

impl BulkRun<'_> {
    /// Carries out operations whose order makes no difference.
    pub(super) async fn perform(&mut self, places: &[usize]) {
        let calls: Vec<(usize, Call, String)> = places
            .iter()
            .filter_map(|place| {
                let id = self.operations[*place].resource.as_ref().map(|(_, id)| id.clone()).unwrap_or_default();
                Some((*place, self.take_call(*place)?, id))
            })
            .collect();
        let run = &*self;
        let calls = calls.into_iter().map(|(place, call, id)| async move {
            let outcome = match run.check_begin() {
                Ok(()) => run.gateway.call(run.caller(place), call, &id).await,
                Err(error) => Err(error.into()),
            };
            (place, outcome)
        });
        let outcomes: Vec<(usize, BulkOutcome)> = stream::iter(calls).buffer_unordered(AT_ONCE).collect().await;
        for (place, outcome) in outcomes {
            self.settle(place, outcome);
        }
    }
}

impl Gateway {
    async fn call(&self, caller: &Caller, call: Call, id: &str) -> BulkOutcome {
        let Call { method, kind, version, data, .. } = call;
        // What is no id names nothing.
        let id: ResourceId = id.parse().map_err(|_| {
            let shown: String = id.chars().take(100).collect();
            GatewayError::Scim(ScimError::new(404, format!("there is no {} with the id {shown}", kind.name)))
        })?;
        let if_match = version.map(|version| EntityTags::parse(&version));
        let preconditions = Preconditions { if_match, ..Preconditions::default() };
        let stored = match method {
            Method::Post => {
                let now = self.clock.now();
                let new = self.draft(caller, &kind, id, data).await?;
                self.insert(caller, new, now).await?
            }
            Method::Put => self.replace(caller, &kind, id, &preconditions, data).await?,
            Method::Patch => self.patch(caller, &kind, id, &preconditions, data).await?,
            Method::Delete => {
                self.delete(caller, &kind, id, &preconditions).await?;
                return Ok(None);
            }
        };
        Ok(Some(stored.version))
    }
}
