//! The clauses of the RFCs, checked by the conformance client against a live server: none fails, in any profile.

use std::time::Duration;

use scimgate::model::{Profile, Scopes};
use scimgate_conformance::check::{Outcome, Settings, State, run};
use scimgate_conformance::{RunTag, Target, clauses};

use crate::support::scim::Scim;

/// Runs the checks of the sections whose number begins so; none may fail.
async fn run_on(scim: &Scim, number: &str) -> Vec<Outcome> {
    let target = Target::parse(&scim.base, &scim.token).unwrap();
    let settings = Settings { tag: RunTag::parse("it").unwrap(), concurrency: 4, timeout: Duration::from_secs(60) };
    let sections: Vec<_> = clauses::all().into_iter().filter(|section| section.number.starts_with(number)).collect();
    let outcomes = run(&target, &sections, &|_, _| true, &settings, &|_| {}).await.unwrap();
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

/// Runs every check on a tenant of that profile.
async fn outcomes(profile: Profile) -> Vec<Outcome> {
    run_on(&Scim::with(profile, &[]).await, "").await
}

#[tokio::test]
async fn every_clause_is_kept() {
    let outcomes = outcomes(Profile::Rfc).await;
    let passed = outcomes.iter().filter(|outcome| outcome.state == State::Passed).count();
    assert!(passed >= 545, "only {passed} of {} checks passed, the others were skipped", outcomes.len());
}

#[tokio::test]
async fn every_clause_is_kept_for_entra() {
    outcomes(Profile::Entra).await;
}

#[tokio::test]
async fn every_clause_is_kept_for_okta() {
    outcomes(Profile::Okta).await;
}

#[tokio::test]
async fn me_is_the_user_of_the_token() {
    let scim = Scim::start().await;
    let id = scim.create_user("conformance-me").await;
    let outcomes = run_on(&scim.as_user(&id, Scopes::WRITE).await, "3.11").await;
    let passed = outcomes.iter().filter(|outcome| outcome.state == State::Passed).count();
    assert_eq!((outcomes.len(), passed), (5, 4), "{outcomes:?}");
}
