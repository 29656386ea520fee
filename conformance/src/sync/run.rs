//! Running a plan: several chains at once, the steps of a chain in order, phases one after the other.

use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use serde_json::Value;

use super::plan::{Phase, Step, SyncPlan};
use super::report::{SyncReport, Tally};
use crate::client::{Client, ClientError};
use crate::player::{perform, prepare};
use crate::target::Target;
use crate::variables::Variables;

/// Watches a sync; any `Fn(usize, usize)` can be one.
pub trait Progress: Sync {
    /// A phase begins; `name` can stand beside a bar.
    fn on_phase(&self, _name: &str) {}

    /// `done` of `total` requests are answered or were needless.
    fn on_progress(&self, done: usize, total: usize);
}

impl<F: Fn(usize, usize) + Sync> Progress for F {
    fn on_progress(&self, done: usize, total: usize) {
        self(done, total);
    }
}

impl SyncPlan {
    /// Runs the whole sync with up to `concurrency` requests at once (0 counts as 1). People and groups that are
    /// there already are found by their names and not created again, so a plan can be run twice.
    ///
    /// # Errors
    /// The HTTP client cannot start. Whatever goes wrong later is in the report.
    pub async fn run(
        &self,
        target: &Target,
        concurrency: usize,
        progress: &dyn Progress,
    ) -> Result<SyncReport, ClientError> {
        let started = Instant::now();
        let run = Run {
            client: Client::new(target.clone())?,
            variables: Variables::default(),
            tally: Mutex::default(),
            done: Mutex::default(),
            total: self.requests(),
            progress,
        };
        let concurrency = NonZeroUsize::new(concurrency).map_or(1, NonZeroUsize::get);
        for phase in &self.phases {
            progress.on_phase(phase.name);
            run.phase(phase, concurrency).await;
        }
        let tally = run.tally.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(tally.finish(started.elapsed()))
    }
}

struct Run<'a> {
    client: Client,
    variables: Variables,
    tally: Mutex<Tally>,
    done: Mutex<usize>,
    total: usize,
    progress: &'a dyn Progress,
}

impl Run<'_> {
    async fn phase(&self, phase: &Phase, concurrency: usize) {
        let chains = (0..phase.chains).map(|number| self.chain((phase.make)(number)));
        stream::iter(chains).buffer_unordered(concurrency).collect::<()>().await;
    }

    async fn chain(&self, steps: Vec<Step>) {
        for step in steps {
            let needless = step.unless.as_ref().is_some_and(|variable| self.variables.knows(variable));
            if !needless {
                self.step(&step).await;
            }
            let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
            *done += 1;
            self.progress.on_progress(*done, self.total);
        }
    }

    async fn step(&self, step: &Step) {
        let outgoing = match prepare(&step.exchange, [], &self.variables) {
            Ok(outgoing) => outgoing,
            Err(unknown) => {
                let request = &step.exchange.request;
                return self.failed(format!("{} {}\n  {unknown}", request.method.as_str(), request.path), None);
            }
        };
        let performed = perform(&self.client, &step.exchange, &outgoing, &self.variables).await;
        let first = performed.body.as_ref().and_then(|body| body.pointer("/Resources/0/id"));
        if let (Some(variable), Some(id @ Value::String(_))) = (&step.finds, first) {
            self.variables.set(variable, id.clone());
        }
        match performed.failure {
            Some(failure) => self.failed(failure, performed.status.map(|_| performed.elapsed)),
            None => self.tally().answered(step.effect, performed.elapsed),
        }
    }

    fn failed(&self, failure: String, elapsed: Option<Duration>) {
        self.tally().failed(failure, elapsed);
    }

    fn tally(&self) -> std::sync::MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use serde_json::json;

    use super::*;
    use crate::stub::{Reply, Seen, Stub};
    use crate::sync::{entra_sync, okta_sync};

    /// A server that knows just enough to satisfy both syncs: resources by id, found by their names.
    #[derive(Default)]
    struct Directory(Mutex<HashMap<String, Value>>);

    impl Directory {
        fn answer(&self, seen: &Seen) -> Reply {
            let mut resources = self.0.lock().unwrap();
            let (method, target) = seen.line.split_once(' ').unwrap();
            let path = target.strip_prefix("/scim/v2").unwrap().split('?').next().unwrap();
            let (status, body) = match (method, &seen.body) {
                ("GET", _) => (200, read(&resources, path, target)),
                ("POST", Some(body)) => {
                    let id = format!("id-{}", resources.len());
                    let location = format!("x{path}/{id}");
                    let mut made = body.clone();
                    made.as_object_mut().unwrap().remove("password");
                    made["meta"] = json!({"resourceType": path.trim_matches(['/', 's']), "location": location});
                    made["id"] = json!(id);
                    resources.insert(format!("{path}/{id}"), made.clone());
                    (201, made)
                }
                ("PUT", Some(body)) => (200, body.clone()),
                ("PATCH", Some(_)) if resources.contains_key(path) => (204, Value::Null),
                _ => (404, Value::Null),
            };
            (status, Vec::new(), if body.is_null() { String::new() } else { body.to_string() })
        }
    }

    fn read(resources: &HashMap<String, Value>, path: &str, target: &str) -> Value {
        if let Some(resource) = resources.get(path) {
            return resource.clone();
        }
        let wanted = target.split_once("filter=").map_or("", |(_, filter)| filter.split("%22").nth(1).unwrap());
        let named = |value: &&Value| {
            let name = value.get("userName").or_else(|| value.get("displayName")).unwrap().as_str().unwrap();
            crate::variables::percent_encode(name) == wanted
        };
        let found: Vec<_> = resources.values().filter(named).collect();
        let schemas =
            ["User", "Group"].map(|name| json!({"id": format!("urn:ietf:params:scim:schemas:core:2.0:{name}")}));
        let enterprise = json!({"id": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"});
        let discovery = json!({"totalResults": 3, "Resources": [schemas[0], schemas[1], enterprise]});
        if path == "/Schemas" {
            return discovery;
        }
        let start = target.split_once("startIndex=").map_or("1", |(_, rest)| rest.split('&').next().unwrap());
        json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults": found.len(),
            "startIndex": start.parse::<u64>().unwrap(),
            "itemsPerPage": found.len(),
            "Resources": found,
        })
    }

    async fn directory() -> Stub {
        let directory = Directory::default();
        Stub::start(move |seen, _| directory.answer(seen)).await
    }

    #[tokio::test]
    async fn both_syncs_run_through_and_again() {
        for (plan, deactivated) in [(entra_sync(120, 6), 4), (okta_sync(120, 6), 4)] {
            let stub = directory().await;
            let (last, total) = (AtomicUsize::new(0), plan.requests());
            let progress = |done: usize, of: usize| {
                assert_eq!((last.fetch_add(1, Ordering::Relaxed) + 1, total), (done, of));
            };
            let first = plan.run(&stub.target, 4, &progress).await.unwrap();
            assert_eq!(first.failed, Vec::<String>::new(), "{}", plan.name());
            assert_eq!((first.requests, stub.seen().len()), (total, total));
            assert_eq!((first.created, first.deactivated), (126, deactivated));
            assert!(first.updated > 12 && first.p50 <= first.p99 && first.p99 <= first.elapsed);

            let second = plan.run(&stub.target, 4, &|_, _| {}).await.unwrap();
            assert_eq!(second.failed, Vec::<String>::new(), "{}", plan.name());
            assert_eq!((second.created, second.requests), (0, total - 126));
        }
    }

    #[tokio::test]
    async fn a_sync_can_run_on_another_thread() {
        let stub = directory().await;
        let target = stub.target.clone();
        let sync = tokio::spawn(async move { okta_sync(1, 1).run(&target, 0, &|_, _| {}).await.unwrap() });
        assert_eq!(sync.await.unwrap().created, 2);
    }

    #[tokio::test]
    async fn a_refused_user_costs_only_what_needs_it() {
        let directory = Directory::default();
        let refuses = move |seen: &Seen, _| match &seen.body {
            Some(body) if body["title"].as_str().is_some_and(|title| title == "Counsel") => {
                (400, Vec::new(), json!({"detail": "no lawyers"}).to_string())
            }
            _ => directory.answer(seen),
        };
        let stub = Stub::start(refuses).await;
        let report = okta_sync(24, 2).run(&stub.target, 3, &|_, _| {}).await.unwrap();
        assert_eq!(report.created, 26 - 2);
        assert!(report.failed[0].contains("expected status 201, found 400: {\"detail\":\"no lawyers\"}"));
        assert!(report.failed.iter().any(|failure| failure.contains("the variable \"user.8\" is not set")));
    }
}
