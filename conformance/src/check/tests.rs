//! Checks against servers that misbehave: each ends with a sentence, in time, and what was made is removed.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{Check, Level, Outcome, Rfc, Section, Settings, State, Verdict, fail, run};
use crate::stub::{Reply, Seen, Stub};
use crate::variables::RunTag;

const fn check(
    name: &'static str,
    run: for<'a> fn(&'a super::Case<'a>) -> futures_util::future::BoxFuture<'a, Verdict>,
) -> Check {
    Check { level: Level::Must, name, clause: "A clause.", run }
}

const CHECKS: &[Section] = &[Section {
    rfc: Rfc::Rfc7644,
    number: "3.3",
    title: "Creating Resources",
    checks: &[
        check("passes", |case| Box::pin(async move { case.user().await.map(drop) })),
        check("fails", |case| {
            Box::pin(async move {
                case.user().await?;
                fail("not as it must be")
            })
        }),
        check("breaks", |case| {
            Box::pin(async move {
                case.user().await?;
                panic!("a fault of the check")
            })
        }),
        check("waits", |case| {
            Box::pin(async move {
                case.user().await?;
                std::future::pending::<Verdict>().await
            })
        }),
        check("disclaimed", |case| Box::pin(async move { case.need("bulk") })),
    ],
}];

async fn outcomes(answer: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static) -> (Vec<Outcome>, Vec<Seen>) {
    let stub = Stub::start(answer).await;
    let tag = RunTag::parse("t").unwrap();
    let settings = Settings { tag, concurrency: 3, timeout: Duration::from_millis(400) };
    let outcomes =
        run(&stub.target, &CHECKS.iter().collect::<Vec<_>>(), &|_, _| true, &settings, &|_| {}).await.unwrap();
    (outcomes, stub.seen())
}

/// Creates what it is asked to, and knows nothing of bulk.
fn obliging(seen: &Seen, before: usize) -> Reply {
    let json = vec!["Content-Type: application/scim+json".to_owned()];
    match &seen.body {
        Some(_) => (201, json, json!({"id": format!("id{before}"), "userName": "stub-token"}).to_string()),
        None if seen.line.ends_with("/ServiceProviderConfig") => {
            (200, json, json!({"bulk": {"supported": false}}).to_string())
        }
        None => (204, json, String::new()),
    }
}

#[tokio::test]
async fn every_end_is_told_in_order_and_everything_is_removed() {
    let (outcomes, seen) = outcomes(obliging).await;
    let states: Vec<_> = outcomes.iter().map(|outcome| outcome.state.clone()).collect();
    assert_eq!(
        states,
        [
            State::Passed,
            State::Failed("not as it must be".to_owned()),
            State::Failed("the check itself broke off: please report it".to_owned()),
            State::Failed("not finished within 0.4 seconds".to_owned()),
            State::Skipped("ServiceProviderConfig says that bulk is not supported".to_owned()),
        ]
    );
    assert_eq!(outcomes[1].name, "rfc7644-3.3-fails");
    assert!(outcomes[0].transcripts.is_empty());
    assert!(outcomes[1].transcripts[0].request.starts_with("POST "));
    assert!(!format!("{outcomes:?}").contains("stub-token"), "the token is in a report");

    let count = |part: &str| seen.iter().filter(|seen| seen.line.starts_with(part)).count();
    assert_eq!((count("POST /scim/v2/Users"), count("DELETE /scim/v2/Users/id")), (4, 4));
}

#[tokio::test]
async fn what_is_not_scim_is_told() {
    let (outcomes, _) = outcomes(|_, _| (200, Vec::new(), "<html><script>alert(1)</script></html>".to_owned())).await;
    let State::Failed(text) = &outcomes[0].state else { panic!("{:?}", outcomes[0].state) };
    assert_eq!(text, "POST /Users: expected status 201, found 200");
    assert!(outcomes[0].transcripts[0].response.ends_with("<html><script>alert(1)</script></html>"));
}

#[tokio::test]
async fn a_server_that_hangs_or_hangs_up_does_not_hold_the_run() {
    for hang in [true, false] {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/scim", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let mut kept = Vec::new();
            while let Ok((stream, _)) = listener.accept().await {
                if hang {
                    kept.push(stream);
                }
            }
        });
        let target = crate::target::Target::parse(&base, "t").unwrap();
        let settings =
            Settings { tag: RunTag::parse("t").unwrap(), concurrency: 8, timeout: Duration::from_millis(200) };
        let started = Instant::now();
        let outcomes =
            run(&target, &CHECKS.iter().collect::<Vec<_>>(), &|_, _| true, &settings, &|_| {}).await.unwrap();
        assert!(started.elapsed() < Duration::from_secs(5), "it took {:?}", started.elapsed());
        assert!(outcomes[..4].iter().all(|outcome| matches!(outcome.state, State::Failed(_))), "{outcomes:?}");
    }
}
