//! The report as JSON.

use serde_json::{Value, json};

use super::{Counts, Report, word};
use crate::check::{Outcome, State};

impl Report {
    /// The report as pretty JSON: `server`, `profile`, `started` (seconds since 1970), `milliseconds`, the counts, and
    /// `checks` with name, section, level, clause, state, and for failures the message and every exchange.
    pub fn json(&self) -> String {
        let counts = Counts::of(&self.outcomes);
        let report = json!({
            "server": self.server,
            "profile": self.profile,
            "started": self.started,
            "milliseconds": self.elapsed.as_millis() as u64,
            "passed": counts.passed,
            "failed": counts.failed,
            "skipped": counts.skipped,
            "checks": self.outcomes.iter().map(check).collect::<Vec<_>>(),
        });
        format!("{report:#}\n")
    }
}

fn check(outcome: &Outcome) -> Value {
    let mut check = json!({
        "name": outcome.name,
        "section": outcome.section,
        "level": outcome.level,
        "clause": outcome.clause,
        "state": word(&outcome.state),
        "milliseconds": outcome.elapsed.as_millis() as u64,
    });
    match &outcome.state {
        State::Passed => {}
        State::Failed(text) | State::Skipped(text) => check["message"] = text.as_str().into(),
    }
    if !outcome.transcripts.is_empty() {
        let exchange = |one: &crate::transcript::Transcript| json!({"request": one.request, "response": one.response});
        check["exchanges"] = outcome.transcripts.iter().map(exchange).collect();
    }
    check
}

#[cfg(test)]
mod tests {
    use super::super::tests::sample;

    #[test]
    fn is_json_with_everything_in_it() {
        let report: serde_json::Value = serde_json::from_str(&sample().json()).unwrap();
        assert_eq!(report["failed"], 1);
        assert_eq!(report["checks"][1]["state"], "failed");
        assert!(report["checks"][1]["exchanges"][0]["request"].as_str().unwrap().starts_with("GET "));
        assert_eq!(report["checks"][0].get("exchanges"), None);
    }
}
