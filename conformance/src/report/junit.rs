//! The report as JUnit XML: a suite for each section, a case for each check.

use std::fmt::Write as _;

use super::{Counts, Report, escape};
use crate::check::{Outcome, State};

impl Report {
    /// The report as JUnit XML.
    pub fn junit(&self) -> String {
        let counts = Counts::of(&self.outcomes);
        let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        let _ = writeln!(
            xml,
            "<testsuites name=\"SCIM conformance of {}\" tests=\"{}\" failures=\"{}\" skipped=\"{}\" time=\"{:.3}\">",
            escape(&self.server),
            counts.total(),
            counts.failed,
            counts.skipped,
            self.elapsed.as_secs_f64()
        );
        for (section, outcomes) in self.sections() {
            let counts = Counts::of(outcomes.iter().copied());
            let time: f64 = outcomes.iter().map(|outcome| outcome.elapsed.as_secs_f64()).sum();
            let _ = writeln!(
                xml,
                "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" time=\"{time:.3}\">",
                escape(section),
                counts.total(),
                counts.failed,
                counts.skipped
            );
            outcomes.iter().for_each(|outcome| case(&mut xml, section, outcome));
            xml.push_str("  </testsuite>\n");
        }
        xml.push_str("</testsuites>\n");
        xml
    }
}

fn case(xml: &mut String, section: &str, outcome: &Outcome) {
    let _ = write!(
        xml,
        "    <testcase classname=\"{}\" name=\"{}\" time=\"{:.3}\"",
        escape(section),
        escape(&outcome.name),
        outcome.elapsed.as_secs_f64()
    );
    match &outcome.state {
        State::Passed => xml.push_str("/>\n"),
        State::Skipped(reason) => {
            let _ = writeln!(xml, "><skipped message=\"{}\"/></testcase>", escape(reason));
        }
        State::Failed(text) => {
            let _ = write!(xml, "><failure type=\"{}\" message=\"{}\">", escape(&outcome.level), escape(text));
            let _ = writeln!(xml, "{}", escape(&outcome.clause));
            for exchange in &outcome.transcripts {
                let _ = write!(xml, "\n&gt; {}\n\n&lt; {}\n", escape(&exchange.request), escape(&exchange.response));
            }
            xml.push_str("</failure></testcase>\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::sample;

    #[test]
    fn is_well_formed_whatever_the_server_says() {
        let xml = sample().junit();
        assert!(xml.contains("tests=\"3\" failures=\"1\" skipped=\"1\""), "{xml}");
        assert!(
            xml.contains(
                "<testcase classname=\"RFC 7644 3.6 Deleting Resources\" name=\"passed-one\" time=\"0.012\"/>"
            )
        );
        let inside = xml.split("<failure ").nth(1).unwrap().split("</failure>").next().unwrap();
        assert_eq!(inside.matches('<').count(), 0, "{inside}");
        assert!(!xml.contains(|c: char| c.is_control() && !"\t\n\r".contains(c)));
    }
}
