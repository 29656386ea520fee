//! What is written is read as the same, and nothing that is read ends in a panic.

use encoding_rs::WINDOWS_1252;
use proptest::prelude::*;

use super::super::csv::{Separator, harmless, plain};
use super::super::{SurveyOptions, list};
use super::surveyed;
use super::workbook::{sheet, text, workbook};
use crate::model::Record;

/// Text as it may stand in a cell, of characters that every encoding has.
fn cell() -> impl Strategy<Value = String> {
    proptest::string::string_regex("[a-zA-Zäöüßéñ0-9 ,;|'\"=+@\t\n-]{0,12}")
        .unwrap()
        .prop_map(|text| text.trim().to_owned())
}

fn values() -> impl Strategy<Value = Option<Vec<String>>> {
    let filled = proptest::collection::vec(cell().prop_filter("filled", |text| !text.is_empty()), 1..4);
    proptest::option::of(filled)
}

fn optional() -> impl Strategy<Value = Option<String>> {
    proptest::option::of(cell().prop_filter("filled", |text| !text.is_empty()))
}

prop_compose! {
    fn record()(key in "[a-z]{1,8}", first_name in optional(), last_name in optional(), title in optional(),
        roles in values(), organizations in values(), active in proptest::option::of(any::<bool>())) -> Record {
        let email = Some(format!("{key}@example.com"));
        Record { email, first_name, last_name, title, roles, organizations, active, ..Record::default() }
    }
}

fn written(people: &[Record], separator: Separator) -> String {
    let mut csv = csv::WriterBuilder::new().delimiter(separator.byte()).from_writer(Vec::new());
    csv.write_record(["email", "firstName", "lastName", "title", "roles", "organizations", "active"]).unwrap();
    for person in people {
        let text = |text: &Option<String>| harmless(text.as_deref().unwrap_or_default());
        let joined = |values: &Option<Vec<String>>| harmless(&values.as_deref().map(list::join).unwrap_or_default());
        let active = person.active.map(|active| active.to_string()).unwrap_or_default();
        csv.write_record([
            text(&person.email),
            text(&person.first_name),
            text(&person.last_name),
            text(&person.title),
            joined(&person.roles),
            joined(&person.organizations),
            active,
        ])
        .unwrap();
    }
    String::from_utf8(csv.into_inner().unwrap()).unwrap()
}

proptest! {
    #[test]
    fn records_written_as_csv_are_read_as_the_same(
        people in proptest::collection::vec(record(), 1..6),
        separator in proptest::sample::select(Separator::ALL.to_vec()),
        encoding in 0..5,
    ) {
        let text = written(&people, separator);
        let (bytes, told) = match encoding {
            0 => (text.into_bytes(), "utf-8"),
            1 => (format!("\u{feff}{text}").into_bytes(), "utf-8"),
            2 => (WINDOWS_1252.encode(&text).0.into_owned(), "windows-1252"),
            3 => (text.encode_utf16().flat_map(u16::to_le_bytes).collect(), "utf-16le"),
            _ => (text.encode_utf16().flat_map(u16::to_be_bytes).collect(), "utf-16be"),
        };
        let mut options = SurveyOptions::default();
        options.read.separator = Some(separator);
        options.read.encoding = Some(told.parse().unwrap());
        let read: Vec<Record> = super::people(&bytes, &options).unwrap().into_iter().map(Result::unwrap).collect();
        prop_assert_eq!(read, people);
    }

    #[test]
    fn a_cell_made_harmless_is_no_formula_and_means_the_same(text in cell()) {
        let safe = harmless(&text);
        prop_assert!(!safe.starts_with(['=', '+', '-', '@', '\t', '\r']));
        prop_assert_eq!(plain(&safe), text);
    }

    #[test]
    fn values_joined_are_split_into_the_same(values in values()) {
        let values = values.unwrap_or_default();
        prop_assert_eq!(list::split(&list::join(&values)), values);
    }

    #[test]
    fn no_bytes_end_in_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = super::people(&bytes, &SurveyOptions::default());
    }

    #[test]
    fn no_text_ends_in_a_panic(text in "(email|[\\[{\"}\\],:;\\\\\r\n\u{0}a-cé|\t])*") {
        let _ = super::people(text.as_bytes(), &SurveyOptions::default());
    }

    #[test]
    fn no_damaged_workbook_ends_in_a_panic(place in any::<proptest::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = workbook(&sheet(&[&text("A1", "email"), &text("A2", "a@x.org")]));
        let at = place.index(bytes.len());
        bytes[at] = byte;
        let _ = surveyed(&bytes, &SurveyOptions::default());
    }
}
