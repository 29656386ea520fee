//! The recordings that ship with this crate.

use super::{LoadError, Scenario, parse};

/// Name and text of every recording; a test holds the list against the folder.
const RECORDINGS: &[(&str, &str)] = &[
    ("entra/clear", include_str!("../../recordings/entra/clear.json")),
    ("entra/connect", include_str!("../../recordings/entra/connect.json")),
    ("entra/create", include_str!("../../recordings/entra/create.json")),
    ("entra/delete", include_str!("../../recordings/entra/delete.json")),
    ("entra/disable", include_str!("../../recordings/entra/disable.json")),
    ("entra/groups", include_str!("../../recordings/entra/groups.json")),
    ("entra/inbound", include_str!("../../recordings/entra/inbound.json")),
    ("entra/manager", include_str!("../../recordings/entra/manager.json")),
    ("entra/match", include_str!("../../recordings/entra/match.json")),
    ("entra/paging", include_str!("../../recordings/entra/paging.json")),
    ("entra/update", include_str!("../../recordings/entra/update.json")),
    ("entra/update-flagged", include_str!("../../recordings/entra/update-flagged.json")),
    ("okta/connect", include_str!("../../recordings/okta/connect.json")),
    ("okta/groups", include_str!("../../recordings/okta/groups.json")),
    ("okta/users", include_str!("../../recordings/okta/users.json")),
    ("others/authentik", include_str!("../../recordings/others/authentik.json")),
    ("others/choices", include_str!("../../recordings/others/choices.json")),
    ("others/google", include_str!("../../recordings/others/google.json")),
    ("others/interop", include_str!("../../recordings/others/interop.json")),
    ("others/jumpcloud", include_str!("../../recordings/others/jumpcloud.json")),
    ("others/onelogin", include_str!("../../recordings/others/onelogin.json")),
    ("others/ping", include_str!("../../recordings/others/ping.json")),
];

/// The recordings that ship with this crate, in the order of their names.
///
/// # Errors
/// Never for a tested build: a test reads every one.
pub fn embedded() -> Result<Vec<Scenario>, LoadError> {
    RECORDINGS.iter().map(|(name, text)| parse(name, text)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    use super::*;
    use crate::recording::directory;

    fn folder() -> &'static Path {
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/recordings"))
    }

    fn readme() -> String {
        std::fs::read_to_string(folder().join("README.md")).unwrap()
    }

    /// The cells of the README's tables whose first cell is a row's name.
    fn table(readme: &str) -> Vec<Vec<&str>> {
        let cells = readme.lines().map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect());
        let groups = ["entra.", "okta.", "others.", "choices."];
        cells.filter(|cells: &Vec<_>| groups.iter().any(|group| cells[0].starts_with(group))).collect()
    }

    #[test]
    fn every_file_is_embedded_and_named_after_its_path() {
        let mut on_disk: Vec<_> = directory(folder()).unwrap().into_iter().map(|scenario| scenario.name).collect();
        on_disk.sort();
        let embedded: Vec<_> = embedded().unwrap().into_iter().map(|scenario| scenario.name).collect();
        assert_eq!(embedded, on_disk);
        assert!(RECORDINGS.iter().map(|(name, _)| *name).eq(embedded.iter().map(String::as_str)));
    }

    #[test]
    fn names_are_unique_and_sources_are_listed() {
        let readme = readme();
        for scenario in embedded().unwrap() {
            let names: BTreeSet<_> = scenario.exchanges.iter().map(|exchange| &exchange.name).collect();
            assert_eq!(names.len(), scenario.exchanges.len(), "{}", scenario.name);
            for source in &scenario.source {
                assert!(readme.contains(&format!("\n| {source} | ")), "{}: {source}", scenario.name);
            }
        }
    }

    #[test]
    fn the_readme_and_the_exchanges_tell_the_same() {
        let mut recorded = BTreeMap::<String, BTreeSet<String>>::new();
        for scenario in embedded().unwrap() {
            for exchange in scenario.exchanges {
                let names = recorded.entry(exchange.row).or_default();
                names.insert(format!("{}/{}", scenario.name, exchange.name));
            }
        }
        let readme = readme();
        let mut told = BTreeMap::new();
        for cells in table(&readme) {
            let mut names = BTreeSet::new();
            for place in cells[2].split("; ") {
                let (scenario, exchanges) = place.trim_start_matches('`').split_once("`: ").unwrap();
                names.extend(exchanges.split(", ").map(|exchange| format!("{scenario}/{exchange}")));
            }
            assert_eq!(told.insert(cells[0].to_owned(), names), None, "{} stands twice", cells[0]);
        }
        assert_eq!(told, recorded);
    }

    #[test]
    fn variables_are_captured_before_they_are_used() {
        for scenario in embedded().unwrap() {
            let mut known = BTreeSet::from(["run".to_owned()]);
            for exchange in scenario.exchanges {
                let body = exchange.request.body.map(|body| body.to_string()).unwrap_or_default();
                let with = body.split(r#"{"@with":""#).skip(1).filter_map(|rest| rest.split('"').next());
                let text = format!("{}{body}", exchange.request.path);
                let places = text.split("{{").skip(1).filter_map(|rest| rest.split("}}").next());
                for used in with.chain(places) {
                    assert!(known.contains(used), "{}/{}: {used}", scenario.name, exchange.name);
                }
                known.extend(exchange.capture.into_keys());
            }
        }
    }

    #[test]
    fn every_domain_is_one_that_nobody_can_own() {
        for (name, text) in RECORDINGS {
            for (at, _) in text.match_indices('@') {
                let domain: String = text[at + 1..].chars().take_while(|c| c.is_alphanumeric() || *c == '.').collect();
                let operator = text[..at].ends_with('"');
                assert!(operator || domain.ends_with(".example"), "{name}: {domain}");
            }
        }
    }
}
