//! The clauses of the RFCs, checked by the conformance client against a live server: none fails, in any profile.

use std::time::Duration;

use scimgate::model::Profile;
use scimgate_conformance::check::{Outcome, Settings, State, run};
use scimgate_conformance::{RunTag, Target, clauses};

use crate::support::scim::Scim;

/// Runs every check on a tenant of that profile.
async fn outcomes(profile: Profile) -> Vec<Outcome> {
    let scim = Scim::with(profile, &[]).await;
    let target = Target::parse(&scim.base, &scim.token).unwrap();
    let settings = Settings { tag: RunTag::parse("it").unwrap(), concurrency: 4, timeout: Duration::from_secs(60) };
    let outcomes = run(&target, &clauses::all(), &|_, _| true, &settings, &|_| {}).await.unwrap();
    let failed: Vec<_> = outcomes
        .iter()
        .filter_map(|outcome| match &outcome.state {
            State::Failed(text) => {
                Some(format!("{} ({})\n  {}\n  {text}", outcome.name, outcome.level, outcome.clause))
            }
            _ => None,
        })
        .collect();
    assert!(failed.is_empty(), "{} of {} failed\n{}", failed.len(), outcomes.len(), failed.join("\n"));
    outcomes
}

#[tokio::test]
async fn every_clause_is_kept() {
    let outcomes = outcomes(Profile::Rfc).await;
    let passed = outcomes.iter().filter(|outcome| outcome.state == State::Passed).count();
    assert!(passed >= 505, "only {passed} of {} checks passed, the others were skipped", outcomes.len());
}

#[tokio::test]
async fn every_clause_is_kept_for_entra() {
    outcomes(Profile::Entra).await;
}

#[tokio::test]
async fn every_clause_is_kept_for_okta() {
    outcomes(Profile::Okta).await;
}
