//! `/metrics`, `/healthz` and `/readyz`.

use reqwest::Client;

use super::token;
use crate::cli::program::{Program, Serving};

/// Where the metrics of a server are.
fn ops(serving: &Serving) -> String {
    let line = serving.said.iter().find(|line| line.contains("metrics at ")).expect("a place for metrics");
    line.split("metrics at ").nth(1).unwrap().trim_end_matches("/metrics").to_owned()
}

async fn text(url: &str) -> (u16, String) {
    let answer = Client::new().get(url).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// The value of a series.
#[track_caller]
fn value(metrics: &str, series: &str) -> f64 {
    let line = metrics.lines().find(|line| line.strip_prefix(series).is_some_and(|rest| rest.starts_with(' ')));
    let line = line.unwrap_or_else(|| panic!("no {series} in\n{metrics}"));
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn requests_are_counted_by_class_and_never_by_what_a_client_writes() {
    let scimgate = Program::new();
    let token = token(&scimgate);
    scimgate.out(&["token", "create", "--tenant", "acme", "--name", "ends \"soon\"", "--expires", "30d"]);
    let serving = scimgate.serve(&["--ops-listen", "127.0.0.1:0", "--workers", "3"]);
    let (ops, client) = (ops(&serving), Client::new());
    let get = async |path: &str, token: &str| {
        client.get(format!("{}{path}", serving.url)).bearer_auth(token).send().await.unwrap().status().as_u16()
    };
    for _ in 0..5 {
        assert_eq!(get("/scim/v2/Users", &token).await, 200);
    }
    assert_eq!(get("/scim/v2/Users", "wrong").await, 401);
    for n in 0..20 {
        get(&format!("/made-up-{n}"), &token).await;
        get(&format!("/scim/v2/MadeUp{n}"), &token).await;
    }
    let (status, metrics) = text(&format!("{ops}/metrics")).await;
    assert_eq!(status, 200);
    assert!(metrics.ends_with("# EOF\n") && metrics.matches("# EOF").count() == 1, "{metrics}");
    let users = |status, tenant| {
        value(
            &metrics,
            &format!(
                "scimgate_requests_total{{route=\"users\",method=\"GET\",status=\"{status}\",tenant=\"{tenant}\"}}"
            ),
        )
    };
    assert_eq!((users(200, "entra"), users(401, "none")), (5.0, 1.0));
    let waiting = |queue| value(&metrics, &format!("scimgate_queue_depth{{queue=\"{queue}\"}}"));
    assert_eq!((waiting("tasks"), waiting("records")), (0.0, 0.0));
    assert!(!metrics.contains("made-up") && !metrics.contains("MadeUp"), "{metrics}");
    let latency = "scimgate_request_duration_seconds";
    assert_eq!(value(&metrics, &format!("{latency}_count{{route=\"users\",method=\"GET\"}}")), 6.0);
    assert_eq!(value(&metrics, &format!("{latency}_bucket{{le=\"+Inf\",route=\"users\",method=\"GET\"}}")), 6.0);
    assert_eq!(value(&metrics, "scimgate_database_up"), 1.0);
    assert_eq!(value(&metrics, "scimgate_database_waiting{lane=\"writes\"}"), 0.0);
    assert!(value(&metrics, "scimgate_queue_depth{queue=\"counts\"}") >= 0.0);
    assert_eq!(value(&metrics, "scimgate_rate_limited_requests_total{limit=\"tenant\"}"), 0.0);
    assert!(value(&metrics, "process_resident_memory_bytes") > 1e6);
    assert!(metrics.contains(&format!("scimgate_build_info{{version=\"{}\"}} 1", env!("CARGO_PKG_VERSION"))));
    let expiry = metrics.lines().find(|line| line.starts_with("scimgate_credential_expiry_days{")).unwrap();
    assert!(expiry.contains("name=\"ends \\\"soon\\\"\""), "{expiry}");
    let days: f64 = expiry.rsplit(' ').next().unwrap().parse().unwrap();
    assert!((29.9..=30.0).contains(&days), "{expiry}");
}

#[tokio::test]
async fn probes_answer_on_both_listeners_and_metrics_on_one() {
    let scimgate = Program::new();
    let serving = scimgate.serve(&["--ops-listen", "127.0.0.1:0"]);
    let ops = ops(&serving);
    for place in [&serving.url, &ops] {
        assert_eq!(text(&format!("{place}/healthz")).await, (200, "ok\n".into()));
        assert_eq!(text(&format!("{place}/readyz")).await, (200, "ready\n".into()));
    }
    assert_eq!(text(&format!("{}/metrics", serving.url)).await.0, 401);
    assert_eq!(text(&format!("{ops}/scim/v2/Users")).await.0, 404);
}

#[test]
fn the_usual_place_is_left_out_if_it_is_taken_and_one_that_was_asked_for_is_needed() {
    let scimgate = Program::new();
    let usual = || {
        let mut command = scimgate.command(&["serve", "--listen", "127.0.0.1:0"]);
        command.env_remove("SCIMGATE_OPS_LISTEN");
        Serving::start(command)
    };
    let (_one, other) = (usual(), usual());
    assert!(other.said.iter().any(|line| line.contains("metrics are not served")), "{:#?}", other.said);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    scimgate.run(&["serve", "--listen", "127.0.0.1:0", "--ops-listen", &address]).badly(1, "--ops-listen");
}
