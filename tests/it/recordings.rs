//! What identity providers send, replayed: every recorded exchange and both generated syncs, each answer checked.

use scimgate::model::Profile;
use scimgate_conformance::{ExchangeOutcome, Player, RunTag, Target, recording, sync};

use crate::support::scim::Scim;

/// Plays every scenario of a profile twice on one tenant and lists what was not answered as it must be.
async fn replay(profile: Profile) {
    let scim = Scim::with(profile, &[]).await;
    let player = Player::new(target(&scim)).unwrap();
    let mut outcomes: Vec<ExchangeOutcome> = Vec::new();
    for run in ["first", "second"] {
        let run = RunTag::parse(run).unwrap();
        let scenarios = recording::embedded().unwrap();
        for scenario in scenarios.iter().filter(|scenario| scenario.profile.as_str() == profile.as_str()) {
            outcomes.extend(player.play(scenario, &run).await);
        }
    }
    assert!(outcomes.len() > 60, "only {} exchanges", outcomes.len());
    let failures: Vec<_> = outcomes
        .iter()
        .filter_map(|outcome| Some(format!("{} [{}]\n  {}", outcome.name, outcome.row, outcome.failure.as_ref()?)))
        .collect();
    assert!(failures.is_empty(), "{} of {} wrong\n{}", failures.len(), outcomes.len(), failures.join("\n"));
}

fn target(scim: &Scim) -> Target {
    Target::parse(&scim.base, &scim.token).unwrap()
}

#[tokio::test]
async fn entra_is_answered_as_it_needs() {
    replay(Profile::Entra).await;
}

#[tokio::test]
async fn okta_is_answered_as_it_needs() {
    replay(Profile::Okta).await;
}

#[tokio::test]
async fn other_clients_are_answered_as_they_need() {
    replay(Profile::Rfc).await;
}

#[tokio::test]
async fn generated_syncs_run_through_and_again() {
    for (profile, plan) in [(Profile::Entra, sync::entra_sync(120, 8)), (Profile::Okta, sync::okta_sync(120, 8))] {
        let scim = Scim::with(profile, &[]).await;
        let first = plan.run(&target(&scim), 4, &|_, _| {}).await.unwrap();
        assert_eq!(first.failed, Vec::<String>::new(), "{}", plan.name());
        assert_eq!((first.created, first.deactivated, first.requests), (128, 4, plan.requests()));

        let second = plan.run(&target(&scim), 4, &|_, _| {}).await.unwrap();
        assert_eq!(second.failed, Vec::<String>::new(), "{}", plan.name());
        assert_eq!(second.created, 0);
    }
}
