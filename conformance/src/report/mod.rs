//! What a run found, for people (HTML), for machines (JSON) and for CI (JUnit XML); and the list of all checks.

mod html;
mod json;
mod junit;
mod listing;

use std::collections::BTreeSet;
use std::time::Duration;

use crate::check::{Outcome, State};

pub use self::listing::{markdown, names, recordings_markdown};

/// A finished run.
pub struct Report {
    /// The base URL of the server.
    pub server: String,
    /// `rfc`, or the client whose recorded exchanges were replayed too.
    pub profile: String,
    /// When the run began, in seconds since 1970.
    pub started: u64,
    /// How long it took.
    pub elapsed: Duration,
    /// Every check and exchange, in order.
    pub outcomes: Vec<Outcome>,
}

/// How many outcomes ended in which way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// The server does what was asked for.
    pub passed: usize,
    /// It does not.
    pub failed: usize,
    /// The clause does not apply.
    pub skipped: usize,
}

impl Counts {
    /// Counts outcomes.
    pub fn of<'a>(outcomes: impl IntoIterator<Item = &'a Outcome>) -> Self {
        let mut counts = Self::default();
        for outcome in outcomes {
            match outcome.state {
                State::Passed => counts.passed += 1,
                State::Failed(_) => counts.failed += 1,
                State::Skipped(_) => counts.skipped += 1,
            }
        }
        counts
    }

    /// All of them.
    pub fn total(self) -> usize {
        self.passed + self.failed + self.skipped
    }
}

impl Report {
    /// The outcomes of each section, the sections in the order of their first outcome.
    fn sections(&self) -> Vec<(&str, Vec<&Outcome>)> {
        let mut seen = BTreeSet::new();
        let names = self.outcomes.iter().map(|outcome| outcome.section.as_str()).filter(|name| seen.insert(*name));
        let names: Vec<_> = names.collect();
        let of = |name: &str| self.outcomes.iter().filter(|outcome| outcome.section == name).collect();
        names.into_iter().map(|name| (name, of(name))).collect()
    }
}

/// `passed`, `failed` or `skipped`.
fn word(state: &State) -> &'static str {
    match state {
        State::Passed => "passed",
        State::Failed(_) => "failed",
        State::Skipped(_) => "skipped",
    }
}

/// Text for HTML and XML, in elements and in quoted attributes. Characters that XML 1.0 does not have become U+FFFD.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\t' | '\n' | '\r' => escaped.push(character),
            '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::Transcript;

    /// A report with one outcome of each kind, and with what a hostile server could answer.
    pub(super) fn sample() -> Report {
        let hostile = "</pre></script><script>alert(1)</script><img src=x onerror=alert(1)> \u{0}\u{1b}[31m ]]> & \"'";
        let outcome = |name: &str, state| Outcome {
            name: name.to_owned(),
            section: "RFC 7644 3.6 Deleting Resources".to_owned(),
            level: "MUST".to_owned(),
            clause: format!("A clause of {name}."),
            state,
            elapsed: Duration::from_millis(12),
            transcripts: Vec::new(),
        };
        let mut failed = outcome("failed-one", State::Failed(hostile.to_owned()));
        failed.transcripts =
            vec![Transcript { request: format!("GET {hostile}"), response: format!("200\n\n{hostile}") }];
        let skipped = outcome("skipped-one", State::Skipped(hostile.to_owned()));
        Report {
            server: "http://h/scim".to_owned(),
            profile: "rfc".to_owned(),
            started: 1_700_000_000,
            elapsed: Duration::from_secs(3),
            outcomes: vec![outcome("passed-one", State::Passed), failed, skipped],
        }
    }

    #[test]
    fn counts_each_state() {
        let counts = Counts::of(&sample().outcomes);
        assert_eq!((counts, counts.total()), (Counts { passed: 1, failed: 1, skipped: 1 }, 3));
    }

    #[test]
    fn escapes_markup_and_characters_that_xml_lacks() {
        assert_eq!(escape("<a href='x'>&\"\u{0}\u{b}é\n"), "&lt;a href=&#39;x&#39;&gt;&amp;&quot;\u{fffd}\u{fffd}é\n");
    }
}
