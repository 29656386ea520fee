//! What the RFCs ask for: one check a clause, a file for each group of sections, in the order of the documents.
//!
//! A clause that no client can observe is in `unobservable` with the reason. The tables of `conformance/README.md` are
//! written from these lists.

mod rfc7643_2_attributes;
mod rfc7643_2_values;
mod rfc7643_3_resources;
mod rfc7643_4_groups;
mod rfc7643_4_users;
mod rfc7643_5_discovery;
mod rfc7643_7_schemas;
mod rfc7644_2_authentication;
mod rfc7644_3_11_me;
mod rfc7644_3_12_errors;
mod rfc7644_3_14_versions;
mod rfc7644_3_2_endpoints;
mod rfc7644_3_3_create;
mod rfc7644_3_4_1_read;
mod rfc7644_3_4_2_1_root;
mod rfc7644_3_4_2_2_filter;
mod rfc7644_3_4_2_2_operators;
mod rfc7644_3_4_2_3_sort;
mod rfc7644_3_4_2_4_pages;
mod rfc7644_3_4_3_search;
mod rfc7644_3_5_1_put;
mod rfc7644_3_5_2_1_add;
mod rfc7644_3_5_2_2_remove;
mod rfc7644_3_5_2_3_replace;
mod rfc7644_3_5_2_patch;
mod rfc7644_3_6_delete;
mod rfc7644_3_7_3_bulk_answers;
mod rfc7644_3_7_bulk;
mod rfc7644_3_7_bulk_ids;
mod rfc7644_3_8_formats;
mod rfc7644_3_9_attributes;
mod rfc7644_4_discovery;
mod rfc9865_cursors;
mod rfc9865_errors;
mod unobservable;

use crate::check::Section;

pub use self::unobservable::{UNOBSERVABLE, Unobservable};

/// Every section that has checks, in the order of the documents; one with many checks may stand there in parts.
pub fn all() -> Vec<&'static Section> {
    let mut sections: Vec<_> = FILES.iter().copied().flatten().collect();
    let place = |section: &Section| {
        let numbers = section.number.split('.').map(|part| part.parse::<u16>().unwrap_or_default());
        (section.rfc, numbers.collect::<Vec<_>>())
    };
    sections.sort_by_key(|section| place(section));
    sections
}

const FILES: &[&[Section]] = &[
    rfc7643_2_attributes::SECTIONS,
    rfc7643_2_values::SECTIONS,
    rfc7643_3_resources::SECTIONS,
    rfc7643_4_users::SECTIONS,
    rfc7643_4_groups::SECTIONS,
    rfc7643_5_discovery::SECTIONS,
    rfc7643_7_schemas::SECTIONS,
    rfc7644_2_authentication::SECTIONS,
    rfc7644_3_2_endpoints::SECTIONS,
    rfc7644_3_3_create::SECTIONS,
    rfc7644_3_4_1_read::SECTIONS,
    rfc7644_3_4_2_1_root::SECTIONS,
    rfc7644_3_4_2_2_operators::SECTIONS,
    rfc7644_3_4_2_2_filter::SECTIONS,
    rfc7644_3_4_2_3_sort::SECTIONS,
    rfc7644_3_4_2_4_pages::SECTIONS,
    rfc7644_3_4_3_search::SECTIONS,
    rfc7644_3_5_1_put::SECTIONS,
    rfc7644_3_5_2_patch::SECTIONS,
    rfc7644_3_5_2_1_add::SECTIONS,
    rfc7644_3_5_2_2_remove::SECTIONS,
    rfc7644_3_5_2_3_replace::SECTIONS,
    rfc7644_3_6_delete::SECTIONS,
    rfc7644_3_7_bulk::SECTIONS,
    rfc7644_3_7_3_bulk_answers::SECTIONS,
    rfc7644_3_7_bulk_ids::SECTIONS,
    rfc7644_3_8_formats::SECTIONS,
    rfc7644_3_9_attributes::SECTIONS,
    rfc7644_3_11_me::SECTIONS,
    rfc7644_3_12_errors::SECTIONS,
    rfc7644_3_14_versions::SECTIONS,
    rfc7644_4_discovery::SECTIONS,
    rfc9865_cursors::SECTIONS,
    rfc9865_errors::SECTIONS,
];

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::check::{Settings, State, run};
    use crate::stub::Stub;
    use crate::variables::RunTag;

    #[tokio::test]
    async fn a_server_that_says_yes_to_everything_passes_next_to_nothing() {
        let stub =
            Stub::start(|_, _| (200, vec!["Content-Type: application/scim+json".to_owned()], "{}".to_owned())).await;
        let tag = RunTag::parse("t").unwrap();
        let settings = Settings { tag, concurrency: 32, timeout: Duration::from_secs(20) };
        let outcomes = run(&stub.target, &all(), &|_, _| true, &settings, &|_| {}).await.unwrap();
        let passed: Vec<_> =
            outcomes.iter().filter(|outcome| outcome.state == State::Passed).map(|outcome| &outcome.name).collect();
        assert!(passed.len() <= 8, "{passed:?}");
        let failed = outcomes.iter().filter(|outcome| matches!(outcome.state, State::Failed(_))).count();
        assert!(failed > 400, "only {failed} failed");
    }

    #[test]
    fn sections_are_in_the_order_of_the_documents() {
        let numbers: Vec<_> = all().iter().map(|section| (section.rfc.number(), section.number)).collect();
        let place = |number| numbers.iter().position(|found| *found == number).unwrap();
        assert!(place((7643, "4.2")) < place((7643, "8.1")) && place((7643, "8.1")) < place((7644, "2")));
        assert!(place((7644, "3.2")) < place((7644, "3.11")) && place((7644, "3.7.2")) < place((7644, "3.7.3")));
    }
}
