//! What a generated sync sends: phases, in each of them independent chains of steps.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::matcher::{Matcher, MatcherError};
use crate::recording::{Exchange, Expectation, Method, Profile, Request, Statuses};

/// A sync that can be run against any server; see [`super::entra_sync`] and [`super::okta_sync`].
///
/// Steps are made when they are due, so a plan for a million people takes no more memory than one for ten.
pub struct SyncPlan {
    pub(super) name: &'static str,
    pub(super) profile: Profile,
    pub(super) phases: Vec<Phase>,
}

/// Steps that may run when all of the phase before have ended.
pub(super) struct Phase {
    pub name: &'static str,
    pub chains: usize,
    pub make: Box<dyn Fn(usize) -> Chain + Send + Sync>,
}

/// Steps that run one after the other, since they are about one user or group.
pub(super) type Chain = Vec<Step>;

/// One request of a sync.
pub(super) struct Step {
    pub exchange: Exchange,
    pub effect: Effect,
    /// The variable that takes the id of the first resource in the answer's list, if there is one.
    pub finds: Option<String>,
    /// The variable that makes the step needless once it is known.
    pub unless: Option<String>,
}

/// What a step does to the server's data when it succeeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    Nothing,
    Creates,
    Updates,
    Deactivates,
}

impl SyncPlan {
    /// Whose sync it is, such as `Microsoft Entra ID`.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The profile that the tenant should have.
    pub fn profile(&self) -> Profile {
        self.profile
    }

    /// The number of requests when nothing has been provisioned before.
    pub fn requests(&self) -> usize {
        self.phases.iter().map(Phase::requests).sum()
    }
}

impl Phase {
    pub fn new(name: &'static str, chains: usize, make: impl Fn(usize) -> Chain + Send + Sync + 'static) -> Self {
        Self { name, chains, make: Box::new(make) }
    }

    pub fn requests(&self) -> usize {
        (0..self.chains).map(|chain| (self.make)(chain).len()).sum()
    }
}

impl Step {
    /// A request that must be answered with one of `statuses`.
    pub fn new(effect: Effect, method: Method, path: String, statuses: &[u16]) -> Self {
        let request = Request { method, path, headers: BTreeMap::new(), body: None };
        let expect = Expectation { status: Statuses::AnyOf(statuses.to_vec()), headers: BTreeMap::new(), body: None };
        let exchange = Exchange { name: String::new(), row: String::new(), request, expect, capture: BTreeMap::new() };
        Self { exchange, effect, finds: None, unless: None }
    }

    pub fn body(mut self, body: Value) -> Self {
        self.exchange.request.body = Some(body);
        self
    }

    /// What the answer's body must hold, as a matcher is written.
    pub fn expects(mut self, body: Value) -> Self {
        let matcher: Result<Matcher, MatcherError> = body.try_into();
        debug_assert!(matcher.is_ok(), "{matcher:?}");
        self.exchange.expect.body = matcher.ok();
        self
    }

    pub fn captures(mut self, variable: &str, pointer: &str) -> Self {
        self.exchange.capture.insert(variable.to_owned(), pointer.to_owned());
        self
    }

    pub fn finds(mut self, variable: &str) -> Self {
        self.finds = Some(variable.to_owned());
        self
    }

    pub fn unless(mut self, variable: &str) -> Self {
        self.unless = Some(variable.to_owned());
        self
    }
}
