//! The report as one HTML page without scripts and without anything from elsewhere.
//!
//! What a server answers is shown as text. Should that ever fail, the page's policy forbids scripts, images, frames and
//! requests altogether.

use std::fmt::Write as _;

use super::{Counts, Report, escape, word};
use crate::check::{Outcome, State};

const STYLE: &str = include_str!("page.css");

impl Report {
    /// The report as an HTML page. It shows failures first if there are any.
    pub fn html(&self) -> String {
        let mut page = String::from("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        page.push_str(
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n",
        );
        page.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        page.push_str("<meta name=\"color-scheme\" content=\"light dark\">\n");
        let server = escape(&self.server);
        let _ =
            write!(page, "<title>SCIM conformance of {server}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n");
        self.head(&mut page, &server);
        page.push_str("<main>\n");
        for (number, (section, outcomes)) in self.sections().iter().enumerate() {
            section_of(&mut page, number, section, outcomes, &self.server);
        }
        page.push_str("<p class=\"empty\">No check ended this way.</p>\n</main>\n</body>\n</html>\n");
        page
    }

    fn head(&self, page: &mut String, server: &str) {
        let counts = Counts::of(&self.outcomes);
        let verdict = match counts.failed {
            0 => "Nothing failed".to_owned(),
            1 => "1 check failed".to_owned(),
            several => format!("{several} checks failed"),
        };
        let state = if counts.failed == 0 { "passed" } else { "failed" };
        let _ = write!(
            page,
            "<header>\n<p class=\"kind\">SCIM 2.0 conformance</p>\n<h1 class=\"{state}\">{verdict}</h1>\n\
             <p class=\"facts\"><code>{server}</code> <span>profile {}</span> <span>{}</span> <span>{:.1} s</span></p>\n",
            escape(&self.profile),
            utc(self.started),
            self.elapsed.as_secs_f64(),
        );
        bar(page, counts);
        page.push_str("<fieldset>\n<legend>Show</legend>\n");
        let choices = [
            ("all", "All", counts.total()),
            ("failed", "Failed", counts.failed),
            ("skipped", "Skipped", counts.skipped),
            ("passed", "Passed", counts.passed),
        ];
        let first = if counts.failed == 0 { "all" } else { "failed" };
        for (id, label, count) in choices {
            let checked = if id == first { " checked" } else { "" };
            let _ = writeln!(
                page,
                "<label class=\"{id}\"><input type=\"radio\" name=\"show\" id=\"show-{id}\"{checked}>{label} <b>{count}</b></label>"
            );
        }
        page.push_str("</fieldset>\n");
        self.map(page);
        page.push_str("</header>\n");
    }

    /// A link to each section, by document, coloured by how it ended.
    fn map(&self, page: &mut String) {
        page.push_str("<nav aria-label=\"Sections\">\n");
        let mut before = "";
        for (number, (section, outcomes)) in self.sections().iter().enumerate() {
            let (document, short) = parts(section);
            if document != before {
                let _ = writeln!(page, "<span>{}</span>", escape(document));
                before = document;
            }
            let counts = Counts::of(outcomes.iter().copied());
            let _ = writeln!(
                page,
                "<a class=\"{}{}\" href=\"#s{number}\" title=\"{}: {}\">{}</a>",
                state_of(counts),
                holds(counts),
                escape(section),
                told(counts),
                escape(short)
            );
        }
        page.push_str("</nav>\n");
    }
}

/// The document that a section is from, and its number or name there.
fn parts(section: &str) -> (&str, &str) {
    if let Some((client, rest)) = section.strip_prefix("Recorded: ").and_then(|name| name.split_once('/')) {
        return (client, rest.split_whitespace().next().unwrap_or(rest));
    }
    let spaces: Vec<_> = section.match_indices(' ').map(|(at, _)| at).collect();
    match spaces[..] {
        [_, second, third, ..] => (&section[..second], &section[second + 1..third]),
        _ => ("", section),
    }
}

/// Classes that tell which states a section holds.
fn holds(counts: Counts) -> String {
    let mut classes = String::new();
    for (state, count) in [("passed", counts.passed), ("failed", counts.failed), ("skipped", counts.skipped)] {
        if count > 0 {
            let _ = write!(classes, " has-{state}");
        }
    }
    classes
}

fn state_of(counts: Counts) -> &'static str {
    match counts {
        Counts { failed: 1.., .. } => "failed",
        Counts { passed: 1.., .. } => "passed",
        _ => "skipped",
    }
}

fn told(counts: Counts) -> String {
    let parts = [(counts.passed, "passed"), (counts.failed, "failed"), (counts.skipped, "skipped")];
    let parts: Vec<_> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    parts.join(", ")
}

fn bar(page: &mut String, counts: Counts) {
    let _ = write!(page, "<div class=\"bar\" role=\"img\" aria-label=\"{}\">", told(counts));
    for (state, count) in [("passed", counts.passed), ("failed", counts.failed), ("skipped", counts.skipped)] {
        if count > 0 {
            let _ = write!(page, "<i class=\"{state}\" style=\"flex:{count}\"></i>");
        }
    }
    page.push_str("</div>\n");
}

fn section_of(page: &mut String, number: usize, section: &str, outcomes: &[&Outcome], server: &str) {
    let counts = Counts::of(outcomes.iter().copied());
    let _ = write!(
        page,
        "<section id=\"s{number}\" class=\"group{}\">\n<h2>{} <small>{}</small></h2>\n<ul>\n",
        holds(counts),
        escape(section),
        told(counts)
    );
    for outcome in outcomes {
        check(page, outcome, server);
    }
    page.push_str("</ul>\n</section>\n");
}

fn check(page: &mut String, outcome: &Outcome, server: &str) {
    let state = word(&outcome.state);
    let _ = write!(
        page,
        "<li class=\"check {state}\" id=\"{id}\">\n<span class=\"mark\" role=\"img\" aria-label=\"{state}\"></span>\n\
         <div>\n<p class=\"clause\">{} <em>{}</em></p>\n<p class=\"name\"><code>{id}</code> <span>{} ms</span></p>\n",
        escape(&outcome.clause),
        escape(&outcome.level),
        outcome.elapsed.as_millis(),
        id = escape(&outcome.name),
    );
    match &outcome.state {
        State::Passed => {}
        State::Skipped(reason) => {
            let _ = writeln!(page, "<p class=\"why\">{}</p>", escape(reason));
        }
        State::Failed(text) => {
            let _ = writeln!(page, "<p class=\"why\">{}</p>", escape(text));
            exchanges(page, outcome, server);
        }
    }
    page.push_str("</div>\n</li>\n");
}

/// Every exchange of a failed check; the last one, in which it failed, stands open.
fn exchanges(page: &mut String, outcome: &Outcome, server: &str) {
    let last = outcome.transcripts.len().saturating_sub(1);
    for (number, exchange) in outcome.transcripts.iter().enumerate() {
        let open = if number == last { " open" } else { "" };
        let line = |text: &str| escape(&text.lines().next().unwrap_or_default().replacen(server, "", 1));
        let _ = write!(
            page,
            "<details{open}>\n<summary><code>{}</code> <b>{}</b></summary>\n<div class=\"wire\">\n\
             <figure><figcaption>Request</figcaption><pre>{}</pre></figure>\n\
             <figure><figcaption>Answer</figcaption><pre>{}</pre></figure>\n</div>\n</details>\n",
            line(&exchange.request),
            line(&exchange.response),
            escape(&exchange.request),
            escape(&exchange.response),
        );
    }
}

/// Seconds since 1970 as `2026-11-22 04:30 UTC`.
fn utc(seconds: u64) -> String {
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    // Howard Hinnant's civil_from_days, for days since 1970.
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year}-{month:02}-{day:02} {:02}:{:02} UTC", second / 3600, second / 60 % 60)
}

#[cfg(test)]
mod tests {
    use super::super::tests::sample;
    use super::*;

    #[test]
    fn nothing_that_a_server_says_becomes_markup() {
        let page = sample().html();
        for markup in ["<script", "<img", "onerror=alert(1)>", "</pre></script>"] {
            assert!(!page.contains(markup), "{markup}");
        }
        assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
        assert!(page.contains("default-src 'none'"));
        assert_eq!(page.matches("<pre>").count(), page.matches("</pre>").count());
    }

    #[test]
    fn shows_failures_first_and_counts_every_section() {
        let page = sample().html();
        assert!(page.contains("<h1 class=\"failed\">1 check failed</h1>"));
        assert!(page.contains("id=\"show-failed\" checked"));
        assert!(page.contains("RFC 7644 3.6 Deleting Resources <small>1 passed, 1 failed, 1 skipped</small>"));
        assert!(page.contains(">3.6</a>"));
        let mut fine = sample();
        fine.outcomes.remove(1);
        assert!(fine.html().contains("id=\"show-all\" checked"));
    }

    #[test]
    fn nothing_is_taken_from_elsewhere() {
        let page = sample().html();
        for reference in ["src=\"", "url(", "@import", "<link", "http://www"] {
            assert!(!page.contains(reference), "{reference}");
        }
    }

    #[test]
    fn dates_are_those_of_the_calendar() {
        assert_eq!(utc(0), "1970-01-01 00:00 UTC");
        assert_eq!(utc(951_782_399), "2000-02-28 23:59 UTC");
        assert_eq!(utc(951_827_696), "2000-02-29 12:34 UTC");
        assert_eq!(utc(1_795_320_000), "2026-11-22 04:00 UTC");
    }
}
