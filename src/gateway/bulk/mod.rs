//! Bulk requests (RFC 7644, section 3.7).
//!
//! The operations come in an order in which each follows those it refers to. Creations that follow one another are written
//! together, a chunk in one statement; changes and removals that cannot get into each other's way run side by side; everything
//! else runs alone. What comes out is what the operations would have come to one after the other. Each operation is written
//! as a whole or not at all, with a change row of its own; there is no transaction around the request.

mod background;
mod circle;
mod creates;
mod shown;
mod single;
mod step;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use self::step::Step;
use super::{Gateway, GatewayError};
use crate::model::{Caller, Need, ResourceId, Scope, Version};
use crate::scim::ScimError;
use crate::scim::bulk::{BulkRequest, Call, Method, Plan, Planned, Unit};
use crate::scim::schema::ResourceType;
use crate::store::{Made, StoreError};

pub use shown::OperationView;

/// What an operation came to: the version of the resource after it, if there is one still.
pub type BulkOutcome = Result<Option<Version>, GatewayError>;

/// One operation that was carried out, or tried.
#[derive(Debug)]
pub struct BulkAnswer {
    /// The method as the client wrote it.
    pub method: String,
    /// The client's name for the operation.
    pub bulk_id: Option<String>,
    /// The resource type and the id of the resource, as far as they are known.
    pub resource: Option<(Arc<ResourceType>, String)>,
    /// What it came to.
    pub outcome: BulkOutcome,
}

/// A bulk request on its way.
pub struct BulkRun<'a> {
    gateway: &'a Gateway,
    caller: &'a Caller,
    /// By the place of the operation, the caller as whose request it is carried out, if each is one of its own.
    callers: Vec<Caller>,
    operations: Vec<Planned>,
    /// What is left to be carried out, in order.
    rest: Vec<Unit>,
    /// By the place of the operation; `None` until it was tried.
    outcomes: Vec<Option<BulkOutcome>>,
    /// Which outcomes were told already.
    is_told: Vec<bool>,
    /// The operations that refer to each other in circles.
    circles: HashSet<usize>,
    /// What was written of circles that somebody began before, by the places.
    begun: HashMap<usize, Vec<Made>>,
    /// How many more operations may fail; `None` for any number.
    errors_left: Option<usize>,
    /// Whether the database was found to be away: nothing more would come of it.
    is_away: bool,
    /// Whether another write may be begun.
    may_begin: &'a (dyn Fn() -> bool + Sync),
}

impl Gateway {
    /// Carries out the operations of a request. The answers are in the order of the request; operations that
    /// `failOnErrors` kept from being tried have none. Once `is_over` says so, or the database is away, no further operation is
    /// begun, and what is left is answered with 503.
    pub async fn bulk(&self, caller: &Caller, request: BulkRequest, is_over: impl Fn() -> bool) -> Vec<BulkAnswer> {
        let errors_left = request.fail_on_errors;
        let now = self.clock.now();
        let plan = Plan::new(request, || ResourceId::new(now).to_string());
        let mut run = BulkRun::new(self, caller, plan, errors_left, &|| true);
        while run.goes_on() {
            if is_over() || run.is_away {
                run.break_off();
                break;
            }
            run.step().await;
        }
        run.forget_owners().await;
        run.into_answers()
    }
}

/// An operation needs the scope that it would need alone; without it, it fails and the others do not.
fn check_scope(caller: &Caller, operation: &mut Planned) {
    if let Ok(call) = &operation.call {
        let need = Need::one(Scope::to_write(&call.kind.name));
        if let Err(error) = caller.scopes.meet(need) {
            operation.call = Err(ScimError::new(403, error.to_string()));
        }
    }
}

impl<'a> BulkRun<'a> {
    fn new(
        gateway: &'a Gateway,
        caller: &'a Caller,
        plan: Plan,
        errors_left: Option<usize>,
        may_begin: &'a (dyn Fn() -> bool + Sync),
    ) -> Self {
        let Plan { mut operations, order } = plan;
        operations.iter_mut().for_each(|operation| check_scope(caller, operation));
        let outcomes: Vec<Option<BulkOutcome>> = operations.iter().map(|_| None).collect();
        let in_circle = |unit: &Unit| match unit {
            Unit::Circle(places) => places.clone(),
            Unit::One(_) => Vec::new(),
        };
        let circles = order.iter().flat_map(in_circle).collect();
        Self {
            gateway,
            caller,
            callers: Vec::new(),
            is_told: vec![false; outcomes.len()],
            operations,
            rest: order,
            outcomes,
            circles,
            begun: HashMap::new(),
            errors_left,
            is_away: false,
            may_begin,
        }
    }

    /// Whether there is something left that may be tried.
    pub fn goes_on(&self) -> bool {
        !self.rest.is_empty() && self.errors_left != Some(0)
    }

    /// Carries out what comes next.
    pub async fn step(&mut self) {
        let rest = std::mem::take(&mut self.rest);
        let (step, after) = Step::first_of(&rest, self);
        self.rest = after.to_vec();
        match step {
            Step::Create(places) => self.create(&places).await,
            Step::Circle(places) => self.create_circle(&places).await,
            Step::Together(places) => self.perform(&places).await,
        }
    }
}

impl BulkRun<'_> {
    /// As whose request an operation is carried out.
    fn caller(&self, place: usize) -> &Caller {
        self.callers.get(place).unwrap_or(self.caller)
    }

    /// Holds that another write may be begun.
    fn check_begin(&self) -> Result<(), StoreError> {
        if (self.may_begin)() { Ok(()) } else { Err(StoreError::unavailable("the work is not ours any more")) }
    }

    fn settle(&mut self, place: usize, outcome: BulkOutcome) {
        if outcome.is_err() {
            self.errors_left = self.errors_left.map(|left| left.saturating_sub(1));
        }
        self.is_away |= matches!(outcome, Err(GatewayError::Unavailable(StoreError::Unavailable(_))));
        self.outcomes[place] = Some(outcome);
    }

    fn has_failed(&self, place: usize) -> bool {
        matches!(self.outcomes[place], Some(Err(_)))
    }

    /// The operation that this one refers to and that failed, if there is one.
    fn missing(&self, place: usize) -> Option<usize> {
        self.operations[place].needs.iter().copied().find(|need| self.has_failed(*need))
    }

    /// The error of an operation that refers to one that failed.
    fn reference_failed(&self, need: usize) -> GatewayError {
        let bulk_id = self.operations[need].bulk_id.as_deref().unwrap_or_default();
        let shown: String = bulk_id.chars().take(100).collect();
        let detail =
            format!("it refers to the bulkId {shown:?}, whose operation failed; mend that one and send both again");
        GatewayError::Scim(ScimError::new(409, detail))
    }

    /// Takes the call out of an operation, or settles it with the error that it has instead.
    fn take_call(&mut self, place: usize) -> Option<Call> {
        let call = std::mem::replace(&mut self.operations[place].call, Err(ScimError::new(500, "")));
        match (call, self.missing(place)) {
            (Ok(call), None) => Some(call),
            (Ok(_), Some(need)) => {
                self.settle(place, Err(self.reference_failed(need)));
                None
            }
            (Err(error), _) => {
                self.settle(place, Err(error.into()));
                None
            }
        }
    }

    fn break_off(&mut self) {
        for outcome in self.outcomes.iter_mut().filter(|outcome| outcome.is_none()) {
            let detail = "this operation was not carried out: the time for the request is over, or the database is \
                away; send it again";
            *outcome = Some(Err(GatewayError::Scim(ScimError::new(503, detail))));
        }
    }

    /// Forgets the owners of what was not created; to be called at the end.
    pub async fn forget_owners(&self) {
        let failed = self.operations.iter().zip(&self.outcomes).filter(|(operation, outcome)| {
            operation.method == Method::Post.as_str() && !matches!(outcome, Some(Ok(_)))
        });
        let ids = failed.filter_map(|(operation, _)| operation.resource.as_ref()?.1.parse().ok());
        let ids: Vec<ResourceId> = ids.collect();
        self.gateway.disclaim(self.caller, &ids).await;
    }

    fn into_answers(self) -> Vec<BulkAnswer> {
        let tried = self.operations.into_iter().zip(self.outcomes).filter_map(|(operation, outcome)| {
            let Planned { method, bulk_id, resource, .. } = operation;
            Some(BulkAnswer { method, bulk_id, resource, outcome: outcome? })
        });
        tried.collect()
    }
}
