//! Records become users: the one entrance that the provisioning API, tasks and files share.
//!
//! A record is read in three steps. What it refers to is looked up, for all records of a call at once; then it is decided what is
//! to become of it, which needs no database; then it is written, by the use cases that SCIM has, several records side by side. A
//! record whose manager is another record of the call is written behind that. New users are written together. A record that fails hinders no other.
//!
//! Nothing is known here of HTTP, of files or of tasks.

mod activity;
mod body;
mod failure;
mod known;
mod plan;
mod references;
mod setup;
mod together;
mod write;

use std::collections::HashMap;

use futures_util::StreamExt;
use futures_util::stream;
use secrecy::SecretString;

use self::known::Known;
use self::plan::{Manager, Plan};
use super::{Gateway, GatewayError};
use crate::model::{Caller, Record, RecordCode, RecordFailure, RecordMode, RecordOutcome, RequestId, ResourceId};

pub use activity::UserKey;
pub use references::IdentityProviderError;
pub use setup::ProvisioningError;

/// How many records of one call are written at the same time: enough that the disk is not waited for once each, and few enough
/// that other requests find connections.
const AT_ONCE: usize = 12;

/// What became of a record.
#[derive(Debug)]
pub struct Provisioned {
    /// What it came to.
    pub outcome: RecordOutcome,
    /// By what a new user signs in, where the tenant wants it to be told. Nobody can tell it again.
    pub credentials: Option<OnceShown>,
}

/// A user name and the password that was made for it.
#[derive(Debug)]
pub struct OnceShown {
    /// The user name.
    pub user_name: String,
    /// The password, in clear text.
    pub password: SecretString,
}

impl Provisioned {
    fn failed(failure: RecordFailure) -> Self {
        Self { outcome: RecordOutcome::Failed(failure), credentials: None }
    }
}

impl Gateway {
    /// Creates and changes the users of whom these records tell; answers in their order. A dry run comes to the same and writes
    /// nothing, and makes no passwords. Names that stand twice are told of the later ones.
    pub async fn provision(
        &self,
        caller: &Caller,
        mode: RecordMode,
        records: &[Record],
        dry_run: bool,
    ) -> Vec<Provisioned> {
        self.provision_each(caller, mode, records, dry_run, &|_| Some(caller.request)).await
    }

    /// As [`Gateway::provision`], each record as a request of its own, with which the change is told that it makes. A record for
    /// which `begin` has none when its turn comes is not begun; it is told as unavailable.
    pub async fn provision_each(
        &self,
        caller: &Caller,
        mode: RecordMode,
        records: &[Record],
        dry_run: bool,
        begin: &(dyn Fn(usize) -> Option<RequestId> + Sync),
    ) -> Vec<Provisioned> {
        let gateway = if dry_run { self.rehearsal() } else { self.clone() };
        let all = |failure: RecordFailure| records.iter().map(|_| Provisioned::failed(failure.clone())).collect();
        if !caller.tenant.provisioning.enabled {
            return all(failure::whole(RecordCode::ApiUserNotFound, not_set_up(caller)));
        }
        let known = match Known::of(&gateway, caller, records).await {
            Ok(known) => known,
            Err(error) => return all(failure::of(GatewayError::from(error))),
        };
        let outcomes = records.iter().map(|_| None).collect();
        let mut run = Run { gateway: &gateway, caller, records, begin, outcomes };
        let plans = plan::of(caller, mode, records, &known);
        let plans = plans.into_iter().enumerate().filter_map(|(place, plan)| match plan {
            Ok(plan) => Some((place, plan)),
            Err(failure) => {
                run.outcomes[place] = Some(Provisioned::failed(failure));
                None
            }
        });
        let plans: Vec<(usize, Plan<'_>)> = plans.collect();
        run.carry_out(plans).await;
        run.into_outcomes()
    }
}

/// What is told where a tenant takes no records.
fn not_set_up(caller: &Caller) -> String {
    let slug = &caller.tenant.slug;
    format!(
        "API User for tenant {slug} has not been set up. Run `scimgate tenant set {slug} --provisioning on`, or set \
         provisioning.enabled of the tenant in the admin API"
    )
}

/// Records on their way.
struct Run<'a> {
    gateway: &'a Gateway,
    caller: &'a Caller,
    records: &'a [Record],
    /// The request that a record is carried out as, if it may be begun.
    begin: &'a (dyn Fn(usize) -> Option<RequestId> + Sync),
    /// By the place of the record; `None` until it was tried.
    outcomes: Vec<Option<Provisioned>>,
}

impl<'a> Run<'a> {
    /// Writes what was planned, each behind the managers whom it needs.
    async fn carry_out(&mut self, mut waiting: Vec<(usize, Plan<'a>)>) {
        while !waiting.is_empty() {
            let (mut ready, mut later) = (Vec::new(), Vec::new());
            for (place, plan) in waiting {
                match self.manager(&plan) {
                    Ok(Some(id)) => ready.push((place, plan.with_manager(id))),
                    Ok(None) if matches!(plan.manager, Manager::Record(_)) => later.push((place, plan)),
                    Ok(None) => ready.push((place, plan)),
                    Err(failure) => self.outcomes[place] = Some(Provisioned::failed(failure)),
                }
            }
            if ready.is_empty() {
                for (place, _) in later {
                    let message = "The records name each other as managers in a circle; leave one of them out first";
                    let failure = failure::of_field(RecordCode::UnknownReference, "manager", message);
                    self.outcomes[place] = Some(Provisioned::failed(failure));
                }
                return;
            }
            self.write(ready).await;
            waiting = later;
        }
    }

    /// The manager out of this call, once it is there; `Ok(None)` if none is waited for, or it has not been tried.
    fn manager(&self, plan: &Plan<'_>) -> Result<Option<ResourceId>, RecordFailure> {
        let Manager::Record(place) = plan.manager else { return Ok(None) };
        match self.outcomes[place].as_ref().map(|provisioned| &provisioned.outcome) {
            None => Ok(None),
            Some(RecordOutcome::Inserted(id) | RecordOutcome::Updated(id) | RecordOutcome::Unchanged(id)) => {
                Ok(Some(*id))
            }
            Some(RecordOutcome::Failed(_)) => {
                let message =
                    "The manager is another record of this request, which failed; mend that one and send both again";
                Err(failure::of_field(RecordCode::UnknownReference, "manager", message))
            }
        }
    }

    async fn write(&mut self, ready: Vec<(usize, Plan<'a>)>) {
        let (gateway, caller, records, begin) = (self.gateway, self.caller, self.records, self.begin);
        let (created, others) = self.create_together(ready).await;
        for (place, provisioned) in created {
            self.outcomes[place] = Some(provisioned);
        }
        let writes = others.into_iter().map(|(place, plan)| async move {
            let Some(request) = begin(place) else {
                return (place, Provisioned::failed(failure::not_begun()));
            };
            let caller = Caller { request, ..caller.clone() };
            (place, gateway.write_record(&caller, &records[place], plan).await.unwrap_or_else(Provisioned::failed))
        });
        let written: HashMap<usize, Provisioned> = stream::iter(writes).buffer_unordered(AT_ONCE).collect().await;
        for (place, provisioned) in written {
            self.outcomes[place] = Some(provisioned);
        }
    }

    fn into_outcomes(self) -> Vec<Provisioned> {
        let missing = || Provisioned::failed(failure::whole(RecordCode::InternalError, "The record was not tried"));
        self.outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(missing)).collect()
    }
}
