//! The list of all checks, as names and as the tables of `conformance/README.md`.

use std::fmt::Write as _;

use crate::check::Section;
use crate::clauses::{UNOBSERVABLE, all};
use crate::recording::{LoadError, embedded};

/// Every check: its name, how binding the clause is, and the clause.
pub fn names() -> impl Iterator<Item = (String, String, &'static str)> {
    let of = |section: &'static Section| {
        section.checks.iter().map(move |check| (section.name_of(check), check.level.to_string(), check.clause))
    };
    all().into_iter().flat_map(of)
}

/// The tables of `conformance/README.md`: clause and check, and the clauses without a check.
pub fn markdown() -> String {
    let mut text = String::from("| section | clause | level | check |\n|---|---|---|---|\n");
    for section in all() {
        for check in section.checks {
            let (rfc, number) = (section.rfc.number(), section.number);
            let name = section.name_of(check);
            let _ = writeln!(text, "| RFC {rfc} {number} | {} | {} | `{name}` |", cell(check.clause), check.level);
        }
    }
    text.push_str("\n### Clauses that no client can observe\n\n| section | clause | reason |\n|---|---|---|\n");
    for clause in UNOBSERVABLE {
        let (rfc, section) = (clause.rfc.number(), clause.section);
        let _ = writeln!(text, "| RFC {rfc} {section} | {} | {} |", cell(clause.clause), cell(clause.reason));
    }
    text
}

/// The table of `conformance/README.md` that tells which recording shows each row about a client.
///
/// # Errors
/// Never for a tested build: a test reads every recording.
pub fn recordings_markdown() -> Result<String, LoadError> {
    let mut rows: Vec<(String, Vec<(String, usize)>)> = Vec::new();
    for scenario in embedded()? {
        for exchange in scenario.exchanges {
            let at = rows.iter().position(|(row, _)| *row == exchange.row).unwrap_or_else(|| {
                rows.push((exchange.row.clone(), Vec::new()));
                rows.len() - 1
            });
            match rows[at].1.last_mut().filter(|(name, _)| *name == scenario.name) {
                Some((_, exchanges)) => *exchanges += 1,
                None => rows[at].1.push((scenario.name.clone(), 1)),
            }
        }
    }
    let mut text = String::from("| row | recorded in (exchanges) |\n|---|---|\n");
    for (row, places) in rows {
        let places: Vec<_> = places.iter().map(|(name, exchanges)| format!("`{name}` ({exchanges})")).collect();
        let _ = writeln!(text, "| {row} | {} |", places.join(", "));
    }
    Ok(text)
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_there_are_enough() {
        let all: Vec<_> = names().map(|(name, ..)| name).collect();
        let unique: BTreeSet<_> = all.iter().collect();
        assert_eq!(unique.len(), all.len());
        assert!(all.len() >= 250, "{} checks", all.len());
    }

    #[test]
    fn the_readme_holds_the_tables() {
        let readme = include_str!("../../README.md");
        for table in [markdown(), recordings_markdown().unwrap()] {
            assert!(
                readme.contains(&table),
                "a table of conformance/README.md is not that of `cargo run -p scimgate-conformance -- --list --markdown`"
            );
        }
    }
}
