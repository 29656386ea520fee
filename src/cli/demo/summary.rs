//! What is printed after the syncs: what they came to, and how to go on from here.

use std::fmt::{self, Display, Write};
use std::time::Duration;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};
use scimgate_conformance::sync::SyncReport;
use secrecy::ExposeSecret;

use super::Customer;
use crate::cli::table::printable;
use crate::config::DatabaseArgs;

const HEADINGS: [&str; 9] = ["", "requests", "created", "updated", "deactivated", "failed", "p50", "p99", "requests/s"];

/// How many failures of a sync are printed at most.
const FAILURES: usize = 5;
/// How many characters of a failure's line are printed.
const LINE: usize = 240;

/// What the syncs came to, with the first failures.
pub fn results(customers: &[Customer], reports: &[SyncReport]) -> String {
    let mut text = format!("\n{}\n", figures(customers, reports));
    for (customer, report) in customers.iter().zip(reports) {
        // Writing to memory cannot fail.
        let _ = failures(&mut text, customer.plan.name(), report);
    }
    text
}

/// How to go on while the server runs. The text holds the demo's tokens.
pub fn next_steps(customers: &[Customer], base_url: &str, args: &DatabaseArgs) -> String {
    let mut text = String::new();
    // Writing to memory cannot fail.
    let _ = steps(&mut text, customers, base_url, args);
    text
}

fn steps(out: &mut String, customers: &[Customer], base_url: &str, args: &DatabaseArgs) -> fmt::Result {
    let fields = [["Tenant URL", "Secret Token"], ["SCIM 2.0 Base URL", "OAuth Bearer Token"]];
    for (customer, [url, token]) in customers.iter().zip(fields) {
        writeln!(out, "\nConnect {} (tenant {})", customer.plan.name(), customer.access.slug)?;
        writeln!(out, "  {url:18}  {base_url}")?;
        writeln!(out, "  {token:18}  {}", customer.access.token.expose_secret())?;
    }
    if let [first, ..] = customers {
        let token = first.access.token.expose_secret();
        writeln!(out, "\nTry")?;
        writeln!(out, "  curl -H 'Authorization: Bearer {token}' '{base_url}/Users?filter=active+eq+false&count=3'")?;
        writeln!(out, "  {} activity{} --tenant {} --limit 10", program(), database(args), first.access.slug)?;
    }
    Ok(())
}

fn figures(customers: &[Customer], reports: &[SyncReport]) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(HEADINGS);
    for (customer, report) in customers.iter().zip(reports) {
        table.add_row(row(customer.plan.name(), report));
    }
    for (number, column) in table.column_iter_mut().enumerate() {
        let alignment = if number == 0 { CellAlignment::Left } else { CellAlignment::Right };
        column.set_padding((0, 2)).set_cell_alignment(alignment);
    }
    table.trim_fmt()
}

fn row(name: &str, report: &SyncReport) -> [String; 9] {
    let rate = report.requests as f64 / report.elapsed.as_secs_f64().max(f64::EPSILON);
    let counts = [report.requests, report.created, report.updated, report.deactivated, report.failures];
    let [requests, created, updated, deactivated, failed] = counts.map(|count| count.to_string());
    let (p50, p99) = (milliseconds(report.p50), milliseconds(report.p99));
    [name.to_owned(), requests, created, updated, deactivated, failed, p50, p99, format!("{rate:.0}")]
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

/// The request, what was expected and what was found; a long answer says the most at its beginning.
fn failures(out: &mut String, name: &str, report: &SyncReport) -> fmt::Result {
    if report.failures == 0 {
        return Ok(());
    }
    writeln!(out, "\n{name}: the first of {} failures", report.failures)?;
    let mut lines = report.failed.iter().take(FAILURES).flat_map(|failure| failure.lines());
    lines.try_for_each(|line| writeln!(out, "  {}", printable(&clipped(line))))
}

fn clipped(line: &str) -> String {
    let mut chars = line.chars();
    let mut text: String = chars.by_ref().take(LINE).collect();
    if chars.next().is_some() {
        text.push_str(" ...");
    }
    text
}

/// The program as it was called, so that the line works when it is copied.
fn program() -> String {
    std::env::args().next().map_or_else(|| "scimgate".to_owned(), |name| quoted(&name))
}

/// The flags that lead another command to the same database. A URL may hold a password, so it is not repeated.
fn database(args: &DatabaseArgs) -> String {
    match (&args.database_url, &args.data_dir) {
        (Some(_), _) => " --database-url \"$SCIMGATE_DATABASE_URL\"".to_owned(),
        (None, Some(dir)) => format!(" --data-dir {}", quoted(dir.display())),
        (None, None) => String::new(),
    }
}

/// A word as a shell reads it.
fn quoted(word: impl Display) -> String {
    let word = word.to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) { word } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use scimgate_conformance::sync::{entra_sync, okta_sync};

    use super::super::access::Access;
    use super::*;

    fn customer(slug: &str, token: &str) -> Customer {
        let plan = if slug == "okta-demo" { okta_sync(1, 1) } else { entra_sync(1, 1) };
        Customer { plan, access: Access { slug: slug.parse().unwrap(), token: token.to_owned().into() } }
    }

    #[test]
    fn what_a_person_needs_next_is_there_to_copy() {
        let report = SyncReport {
            requests: 4000,
            created: 1050,
            updated: 1200,
            deactivated: 31,
            p50: Duration::from_micros(1_234),
            p99: Duration::from_millis(20),
            elapsed: Duration::from_secs(8),
            ..SyncReport::default()
        };
        let failed =
            SyncReport { failures: 12, failed: vec!["GET /Users\n  found \u{1b}[2J".into()], ..report.clone() };
        let args = DatabaseArgs { data_dir: Some(PathBuf::from("/my data")), ..DatabaseArgs::default() };
        let customers = [customer("entra-demo", "scim_e"), customer("okta-demo", "scim_o")];
        let steps = next_steps(&customers, "http://127.0.0.1:1/scim/v2", &args);
        let text = results(&customers, &[report, failed]) + &steps;
        insta::assert_snapshot!(text.replace(&program(), "scimgate"));
    }

    #[test]
    fn words_are_quoted_where_a_shell_would_split_them() {
        assert_eq!(quoted("target/debug/scimgate"), "target/debug/scimgate");
        assert_eq!(quoted("it's $HOME"), r"'it'\''s $HOME'");
        assert_eq!(quoted(""), "''");
    }
}
