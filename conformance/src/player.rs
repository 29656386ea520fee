//! Replaying a scenario and judging each answer.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::Value;

use crate::client::{Answer, Client, ClientError, Outgoing};
use crate::recording::{Exchange, Scenario};
use crate::target::Target;
use crate::transcript::Transcript;
use crate::variables::{RunTag, UnknownVariable, Variables};

/// Replays scenarios against one target.
pub struct Player {
    client: Client,
}

/// What became of one exchange.
#[derive(Debug, Clone)]
pub struct ExchangeOutcome {
    /// The exchange, with its scenario before it: `entra/match/by-user-name`.
    pub name: String,
    /// The fact that the exchange shows.
    pub row: String,
    /// The answer's status; `None` when nothing was sent or no answer came.
    pub status: Option<u16>,
    /// From sending to the end of the answer.
    pub elapsed: Duration,
    /// What was expected and what came instead, with the request; `None` when all is right.
    pub failure: Option<String>,
    /// What was sent and what came, when the answer was wrong.
    pub transcript: Option<Transcript>,
}

impl Player {
    /// Prepares a connection pool; nothing is sent yet.
    ///
    /// # Errors
    /// The HTTP client cannot start.
    pub fn new(target: Target) -> Result<Self, ClientError> {
        Ok(Self { client: Client::new(target)? })
    }

    /// The same, with a time limit for each answer.
    pub(crate) fn with_timeout(target: Target, timeout: Duration) -> Result<Self, ClientError> {
        Ok(Self { client: Client::with_timeout(target, timeout)? })
    }

    /// Sends every exchange of `scenario` in order, whatever becomes of those before. With another `run` the same
    /// scenario can be played again on the same tenant.
    pub async fn play(&self, scenario: &Scenario, run: &RunTag) -> Vec<ExchangeOutcome> {
        let variables = Variables::default();
        variables.set("run", Value::String(run.as_str().to_owned()));
        let mut outcomes = Vec::with_capacity(scenario.exchanges.len());
        for exchange in &scenario.exchanges {
            let performed = match prepare(exchange, &scenario.headers, &variables) {
                Ok(outgoing) => perform(&self.client, exchange, &outgoing, &variables).await,
                Err(unknown) => Performed::unsent(unknown.to_string()),
            };
            outcomes.push(ExchangeOutcome {
                name: format!("{}/{}", scenario.name, exchange.name),
                row: exchange.row.clone(),
                status: performed.status,
                elapsed: performed.elapsed,
                failure: performed.failure,
                transcript: performed.transcript,
            });
        }
        outcomes
    }
}

/// The result of one exchange before it is named.
pub(crate) struct Performed {
    pub status: Option<u16>,
    pub elapsed: Duration,
    pub failure: Option<String>,
    pub body: Option<Value>,
    pub transcript: Option<Transcript>,
}

impl Performed {
    pub fn unsent(failure: String) -> Self {
        Self { status: None, elapsed: Duration::ZERO, failure: Some(failure), body: None, transcript: None }
    }
}

/// Fills the variables into a request.
pub(crate) fn prepare<'a>(
    exchange: &'a Exchange,
    usual_headers: impl IntoIterator<Item = (&'a String, &'a Option<String>)>,
    variables: &Variables,
) -> Result<Outgoing, UnknownVariable> {
    let mut headers = Vec::new();
    for (name, value) in usual_headers.into_iter().chain(&exchange.request.headers) {
        let value = value.as_ref().map(|value| variables.fill_text(value)).transpose()?;
        headers.retain(|(known, _): &(String, _)| !known.eq_ignore_ascii_case(name));
        headers.push((name.clone(), value));
    }
    Ok(Outgoing {
        method: exchange.request.method,
        path: variables.fill_path(&exchange.request.path)?,
        headers,
        body: exchange
            .request
            .body
            .as_ref()
            .map(|body| variables.fill_value(body))
            .transpose()?
            .map(|body| body.to_string()),
    })
}

/// Sends one request, judges its answer and keeps what is to be captured.
pub(crate) async fn perform(
    client: &Client,
    exchange: &Exchange,
    outgoing: &Outgoing,
    variables: &Variables,
) -> Performed {
    let transcript = |answer| Some(Transcript::new(client.target(), outgoing, &client.headers(outgoing), answer));
    let answer = match client.send(outgoing).await {
        Ok(answer) => answer,
        Err(error) => {
            let unsent = Performed::unsent(describe(outgoing, &[error.to_string()]));
            return Performed { transcript: transcript(Err(&error)), ..unsent };
        }
    };
    let differences = judge(exchange, &answer, variables).unwrap_or_else(|unknown| vec![unknown.to_string()]);
    let failure = (!differences.is_empty()).then(|| describe(outgoing, &differences));
    let transcript = failure.as_ref().and_then(|_| transcript(Ok(&answer)));
    Performed { status: Some(answer.status), elapsed: answer.elapsed, failure, body: answer.body, transcript }
}

/// Everything that is wrong with an answer. The expectation may use what the exchange itself captures.
fn judge(exchange: &Exchange, answer: &Answer, variables: &Variables) -> Result<Vec<String>, UnknownVariable> {
    let expect = &exchange.expect;
    if !expect.status.allow(answer.status) {
        let body = answer.body.as_ref().map_or_else(|| "no body".to_owned(), Value::to_string);
        return Ok(vec![format!("expected status {}, found {}: {body}", expect.status, answer.status)]);
    }
    let mut differences = capture(exchange, answer, variables);
    for (name, matcher) in &expect.headers {
        let value = answer.header(&name.to_ascii_lowercase()).map(|value| Value::String(value.to_owned()));
        let found = matcher.check(value.as_ref(), variables)?;
        differences.extend(found.iter().map(|mismatch| format!("header {name}: {mismatch}")));
    }
    if let Some(matcher) = expect.body.as_ref().filter(|_| answer.status != 204) {
        differences.extend(matcher.check(answer.body.as_ref(), variables)?.iter().map(ToString::to_string));
    }
    Ok(differences)
}

/// Keeps what is to be captured; returns a sentence for each value that is not there.
fn capture(exchange: &Exchange, answer: &Answer, variables: &Variables) -> Vec<String> {
    let mut missing = Vec::new();
    for (name, pointer) in &exchange.capture {
        match answer.body.as_ref().and_then(|body| body.pointer(pointer)) {
            Some(value) => variables.set(name, value.clone()),
            None => missing.push(format!("nothing at {pointer:?} to capture as {name:?}")),
        }
    }
    missing
}

/// The request and each difference on a line of its own.
fn describe(outgoing: &Outgoing, differences: &[String]) -> String {
    let mut text = format!("{} {}", outgoing.method.as_str(), outgoing.path);
    if let Some(body) = &outgoing.body {
        let _ = write!(text, "\n  sent {body}");
    }
    for difference in differences {
        let _ = write!(text, "\n  {difference}");
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::recording;
    use crate::stub::{Reply, Seen, Stub};

    fn reply(status: u16, body: &Value) -> Reply {
        (status, vec!["Content-Type: application/scim+json".to_owned()], body.to_string())
    }

    fn scenario(exchanges: &Value) -> Scenario {
        let text = json!({"name": "t", "about": "A test.", "source": [], "profile": "rfc", "exchanges": exchanges});
        recording::parse("t", &text.to_string()).unwrap()
    }

    async fn play(
        exchanges: Value,
        answer: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static,
    ) -> (Vec<ExchangeOutcome>, Vec<Seen>) {
        let stub = Stub::start(answer).await;
        let player = Player::new(stub.target.clone()).unwrap();
        let outcomes = player.play(&scenario(&exchanges), &RunTag::parse("r1").unwrap()).await;
        (outcomes, stub.seen())
    }

    #[tokio::test]
    async fn captures_what_later_requests_use() {
        let exchanges = json!([
            {"name": "create", "row": "a", "request": {"method": "POST", "path": "/Users", "body": {"userName": "u-{{run}}"}},
             "expect": {"status": 201, "headers": {"content-type": {"@startsWith": "application/scim+json"}},
                        "body": {"id": "{{id}}", "userName": "u-r1"}},
             "capture": {"id": "/id"}},
            {"name": "delete", "row": "b", "request": {"method": "DELETE", "path": "/Users/{{id}}"},
             "expect": {"status": [200, 204]}}
        ]);
        let (outcomes, seen) = play(exchanges, |seen, _| match seen.body {
            Some(_) => reply(201, &json!({"id": "7/8", "userName": "u-r1"})),
            None => (204, vec![], String::new()),
        })
        .await;
        let failures: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.failure.as_ref()).collect();
        assert_eq!(failures, Vec::<&String>::new());
        assert_eq!(outcomes[1].name, "t/delete");
        assert_eq!(outcomes[1].status, Some(204));
        assert_eq!(seen[0].line, "POST /scim/v2/Users");
        assert_eq!(seen[0].body, Some(json!({"userName": "u-r1"})));
        assert_eq!(seen[1].line, "DELETE /scim/v2/Users/7%2F8");
        assert!(seen[0].headers.contains(&"authorization: Bearer stub-token".to_owned()));
        assert!(seen[0].headers.contains(&"content-type: application/scim+json; charset=utf-8".to_owned()));
    }

    #[tokio::test]
    async fn a_failure_tells_request_expectation_and_finding() {
        let exchanges = json!([
            {"name": "create", "row": "a", "request": {"method": "POST", "path": "/Users", "body": {"a": 1}},
             "expect": {"status": 201}, "capture": {"id": "/id"}},
            {"name": "get", "row": "a", "request": {"method": "GET", "path": "/Users/{{id}}"}, "expect": {"status": 200}},
            {"name": "list", "row": "a", "request": {"method": "GET", "path": "/Users"},
             "expect": {"status": 200, "body": {"totalResults": 1}}}
        ]);
        let (outcomes, seen) = play(exchanges, |_, before| match before {
            0 => reply(400, &json!({"detail": "no"})),
            _ => reply(200, &json!({"totalResults": "1"})),
        })
        .await;
        let failures: Vec<_> = outcomes.into_iter().map(|outcome| outcome.failure.unwrap()).collect();
        assert_eq!(
            failures,
            [
                "POST /Users\n  sent {\"a\":1}\n  expected status 201, found 400: {\"detail\":\"no\"}",
                "the variable \"id\" is not set: the exchange that captures it failed or has not run",
                "GET /Users\n  /totalResults: expected 1, found \"1\"",
            ]
        );
        assert_eq!(seen.len(), 2, "nothing is sent when a variable is missing");
    }

    #[tokio::test]
    async fn headers_are_judged_too() {
        let exchanges = json!([
            {"name": "list", "row": "a", "request": {"method": "GET", "path": "/Users"},
             "expect": {"status": 200, "headers": {"content-type": "text/html", "ETag": {"@present": true}}}}
        ]);
        let (outcomes, _) = play(exchanges, |_, _| reply(200, &json!({}))).await;
        let failure = outcomes[0].failure.as_ref().unwrap();
        assert!(
            failure.contains("header ETag: the whole: expected a value that is not empty, found nothing"),
            "{failure}"
        );
        assert!(failure.contains("header content-type: the whole: expected \"text/html\""), "{failure}");
    }

    #[tokio::test]
    async fn a_missing_capture_is_a_failure() {
        let exchanges = json!([
            {"name": "create", "row": "a", "request": {"method": "POST", "path": "/Users", "body": {}},
             "expect": {"status": 201}, "capture": {"id": "/id"}}
        ]);
        let (outcomes, _) = play(exchanges, |_, _| (201, vec![], String::new())).await;
        assert!(outcomes[0].failure.as_ref().unwrap().ends_with("nothing at \"/id\" to capture as \"id\""));
    }

    #[tokio::test]
    async fn paths_arrive_byte_for_byte_and_headers_can_be_replaced() {
        let path = r#"/Users?filter=userName+eq+"o'b%40x""#;
        let exchanges = json!([
            {"name": "raw", "row": "a", "expect": {"status": 200, "body": {"ok": true}},
             "request": {"method": "GET", "path": path, "headers": {"Authorization": "non-token", "Accept": null}}}
        ]);
        let (outcomes, seen) = play(exchanges, |_, _| reply(200, &json!({"ok": true}))).await;
        assert_eq!(outcomes[0].failure, None);
        assert_eq!(seen[0].line, format!("GET /scim/v2{path}"));
        assert!(seen[0].headers.contains(&"authorization: non-token".to_owned()));
        assert!(!seen[0].headers.iter().any(|line| line.starts_with("accept:") || line.contains("stub-token")));
    }

    #[tokio::test]
    async fn waits_as_a_busy_server_asks_and_gives_up_in_the_end() {
        let exchanges = json!([
            {"name": "busy", "row": "a", "request": {"method": "GET", "path": "/Users"}, "expect": {"status": 200}}
        ]);
        let busy = |status: u16| (status, vec!["Retry-After: 0".to_owned()], String::new());
        let (outcomes, seen) = play(exchanges.clone(), move |_, before| match before {
            0 => busy(429),
            1 => busy(503),
            _ => reply(200, &json!({})),
        })
        .await;
        assert_eq!((outcomes[0].failure.as_ref(), seen.len()), (None, 3));
        let (outcomes, seen) = play(exchanges.clone(), move |_, _| busy(503)).await;
        assert_eq!((outcomes[0].status, seen.len()), (Some(503), 5));
        let (_, seen) = play(exchanges, |_, _| (503, vec!["Retry-After: soon".to_owned()], String::new())).await;
        assert_eq!(seen.len(), 1, "only whole seconds are a promise");
    }

    #[tokio::test]
    async fn no_answer_is_a_failure() {
        let player = Player::new(Target::parse("http://127.0.0.1:9/scim", "t").unwrap()).unwrap();
        let exchanges = json!([
            {"name": "gone", "row": "a", "request": {"method": "GET", "path": "/Users?filter=x"}, "expect": {"status": 200}}
        ]);
        let outcomes = player.play(&scenario(&exchanges), &RunTag::parse("r1").unwrap()).await;
        let failure = outcomes[0].failure.as_ref().unwrap();
        assert!(failure.contains("no answer from http://127.0.0.1:9/scim/Users: "), "{failure}");
    }
}
