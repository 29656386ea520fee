//! Tables for people.

use std::fmt::Write;

use chrono::{DateTime, SecondsFormat, Utc};
use comfy_table::presets::NOTHING;
use comfy_table::{ContentArrangement, Table};

use super::finding::{Finding, State};

/// Prints rows under headings; says so if there are none.
pub fn print<const N: usize>(headings: [&str; N], rows: impl IntoIterator<Item = [String; N]>) {
    let mut table = table(rows);
    if table.is_empty() {
        eprintln!("none");
        return;
    }
    table.set_header(headings);
    show(table);
}

/// Prints names and values.
pub fn print_values(rows: impl IntoIterator<Item = [String; 2]>) {
    show(table(rows));
}

fn table<const N: usize>(rows: impl IntoIterator<Item = [String; N]>) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.add_rows(rows.into_iter().map(|row| row.map(|cell| printable(&cell))));
    table
}

fn show(mut table: Table) {
    table.column_iter_mut().for_each(|column| {
        column.set_padding((0, 2));
    });
    println!("{}", table.trim_fmt());
}

/// Prints what a look at one thing came to, and what to do about it.
pub fn finding(finding: &Finding) {
    let state = match finding.state {
        State::Ok => "ok  ",
        State::Warn => "WARN",
        State::Fail => "FAIL",
    };
    println!("{state}  {:<18}  {}", finding.check, printable(&finding.what));
    if let Some(advice) = &finding.advice {
        println!("      {:<18}  -> {}", "", printable(advice));
    }
}

/// An instant as people read it.
pub fn instant(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Text that clients sent, made harmless for a terminal.
pub fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() {
            // Writing to memory cannot fail.
            let _ = write!(out, "{}", c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(printable("a\u{1b}[2Jb\r\nü"), "a\\u{1b}[2Jb\\r\\nü");
    }
}
