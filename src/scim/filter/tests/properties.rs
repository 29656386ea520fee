//! What holds for every filter and every resource.

use proptest::prelude::*;

use super::{user, without_positions};
use crate::scim::filter::strategies::{any_filter, any_path, user as any_user, user_filter};
use crate::scim::filter::{CheckedFilter, Filter};
use crate::scim::path::{AttrPath, PatchPath};

/// Pieces of filters in any order: nearly right text reaches places that noise does not.
fn filter_like() -> impl Strategy<Value = String> {
    let pieces = [
        "a",
        "emails",
        "name.familyName",
        "urn:x:2.0:User:a",
        "$ref",
        " ",
        " ",
        " ",
        "(",
        ")",
        "[",
        "]",
        ".",
        ":",
        "not",
        "not (",
        " and ",
        " or ",
        " eq ",
        " pr",
        " co ",
        "\"",
        "\"x\"",
        "\\",
        "\\u00",
        "1",
        "-1.5e3",
        "true",
        "null",
        "é",
        "\0",
    ];
    proptest::collection::vec(proptest::sample::select(pieces.to_vec()), 0..24).prop_map(|pieces| pieces.concat())
}

fn never_panics(text: &str) {
    let _ = CheckedFilter::parse(text, user());
    let _ = AttrPath::parse(text);
    let _ = PatchPath::parse(text, user());
    if let Err(error) = Filter::parse(text) {
        assert!(error.position <= text.len(), "{error} in {text:?}");
        assert!(text.is_char_boundary(error.position), "{error} in {text:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_024))]

    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>()) {
        never_panics(&text);
    }

    #[test]
    fn no_filter_like_text_makes_the_parser_panic(text in filter_like()) {
        never_panics(&text);
    }

    #[test]
    fn a_printed_filter_reads_as_itself(filter in any_filter()) {
        let printed = filter.to_string();
        let read = Filter::parse(&printed).map(without_positions);
        prop_assert_eq!(read, Ok(filter), "{}", printed);
    }

    #[test]
    fn what_is_read_prints_and_reads_as_itself(text in filter_like()) {
        if let Ok(filter) = Filter::parse(&text) {
            let again = Filter::parse(&filter.to_string()).map(without_positions);
            prop_assert_eq!(again, Ok(without_positions(filter)));
        }
    }

    #[test]
    fn a_printed_path_reads_as_itself(path in any_path()) {
        prop_assert_eq!(AttrPath::parse(&path.to_string()), Ok(path));
    }
}

proptest! {
    #[test]
    fn not_turns_every_filter_around(filter in user_filter(), resource in any_user()) {
        let holds = |filter: &Filter| CheckedFilter::check(filter, user()).unwrap().matches(&resource);
        let not = |filter: &Filter| Filter::Not(Box::new(filter.clone()));
        prop_assert_eq!(holds(&not(&filter)), !holds(&filter));
        prop_assert_eq!(holds(&not(&not(&filter))), holds(&filter));
    }

    #[test]
    fn and_and_or_are_those_of_logic(a in user_filter(), b in user_filter(), resource in any_user()) {
        let holds = |filter: &Filter| CheckedFilter::check(filter, user()).unwrap().matches(&resource);
        let not = |filter: &Filter| Filter::Not(Box::new(filter.clone()));
        let both = Filter::And(vec![a.clone(), b.clone()]);
        let either = Filter::Or(vec![a.clone(), b.clone()]);
        prop_assert_eq!(holds(&both), holds(&a) && holds(&b));
        prop_assert_eq!(holds(&either), holds(&a) || holds(&b));
        prop_assert_eq!(holds(&not(&both)), holds(&Filter::Or(vec![not(&a), not(&b)])));
        prop_assert_eq!(holds(&not(&either)), holds(&Filter::And(vec![not(&a), not(&b)])));
    }

    #[test]
    fn a_filter_finds_the_same_after_printing(filter in user_filter(), resource in any_user()) {
        let direct = CheckedFilter::check(&filter, user()).unwrap();
        let printed = CheckedFilter::parse(&filter.to_string(), user()).unwrap();
        prop_assert_eq!(printed.matches(&resource), direct.matches(&resource));
    }
}
