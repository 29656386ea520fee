//! The grammar of RFC 7644, section 3.4.2.2. Trees are shown as they print, which is with the least parentheses.

use crate::scim::filter::{CompareOp, Filter, Literal};
use crate::scim::path::AttrPath;

fn reads_as(text: &str, printed: &str) {
    assert_eq!(Filter::parse(text).map(|filter| filter.to_string()).as_deref(), Ok(printed), "{text}");
}

fn literal(text: &str) -> Literal {
    match Filter::parse(&format!("a eq {text}")) {
        Ok(Filter::Compare { value, .. }) => value,
        other => panic!("{other:?}"),
    }
}

#[test]
fn and_binds_tighter_than_or_and_not_tighter_than_and() {
    let Ok(Filter::Or(either)) = Filter::parse("a pr or not (b pr) and c pr or d pr") else { panic!() };
    assert_eq!(either.len(), 3);
    let Filter::And(both) = &either[1] else { panic!() };
    assert!(matches!(both.as_slice(), [Filter::Not(_), Filter::Present { .. }]));
    reads_as("a pr and (b pr or c pr)", "a pr and (b pr or c pr)");
    reads_as("(a pr and b pr) or (c pr)", "a pr and b pr or c pr");
    reads_as("((a pr) or ((b pr)))", "a pr or b pr");
    reads_as("not (not (a pr))", "not (not (a pr))");
}

#[test]
fn a_comparison_knows_its_parts_and_its_place() {
    let expected = Filter::And(vec![
        Filter::Present { path: AttrPath::new(None, "title", None), position: 1 },
        Filter::Compare {
            path: AttrPath::new(Some("urn:ietf:params:scim:schemas:core:2.0:User"), "name", Some("familyName")),
            op: CompareOp::StartsWith,
            value: Literal::String("J".to_owned()),
            position: 14,
        },
    ]);
    let text = " title pr and urn:ietf:params:scim:schemas:core:2.0:User:name.familyName SW \"J\" ";
    assert_eq!(Filter::parse(text), Ok(expected));
}

#[test]
fn operators_and_logical_words_stand_in_any_case() {
    reads_as("a EQ 1 AND b Co \"x\" oR nOT (c PR)", "a eq 1 and b co \"x\" or not (c pr)");
}

#[test]
fn words_of_the_grammar_are_names_where_a_name_stands() {
    reads_as("not pr", "not pr");
    reads_as("not eq 1 and and pr or or pr", "not eq 1 and and pr or or pr");
    reads_as("pr pr", "pr pr");
    reads_as("null eq null", "null eq null");
    reads_as("not(true eq false)", "not (true eq false)");
}

#[test]
fn spaces_may_stand_around_delimiters() {
    reads_as("not( a  eq  1 )  and  ( emails[ type pr ] )", "not (a eq 1) and emails[type pr]");
    reads_as("not   (a pr)", "not (a pr)");
}

#[test]
fn entras_condition_behind_brackets_joins_the_inner_filter() {
    reads_as("emails[type eq \"work\"].value eq \"x\"", "emails[type eq \"work\" and value eq \"x\"]");
    reads_as("emails[a pr and b pr].value pr and c pr", "emails[a pr and b pr and value pr] and c pr");
    reads_as("emails[a pr or b pr].$ref pr", "emails[(a pr or b pr) and $ref pr]");
    reads_as("emails[not (a pr)] or b pr", "emails[not (a pr)] or b pr");
    reads_as("urn:x:2.0:User:emails[value pr]", "urn:x:2.0:User:emails[value pr]");
}

#[test]
fn literals_are_those_of_json() {
    for (text, value) in [
        (r#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
        (r#""\u00e9\uD83D\uDE00é😀""#, "é😀é😀"),
        (r#""\ud800\udc00\uDBFF\uDFFF\uffff""#, "\u{10000}\u{10ffff}\u{ffff}"),
        (r#""""#, ""),
        (r#""O'Malley (a) [b]""#, "O'Malley (a) [b]"),
    ] {
        assert_eq!(literal(text), Literal::String(value.to_owned()), "{text}");
    }
    for text in ["0", "-1", "1.5", "-0.5e-3", "2E+2", "18446744073709551615"] {
        assert_eq!(literal(text), Literal::Number(serde_json::from_str(text).unwrap()), "{text}");
    }
    assert_eq!(literal("true"), Literal::Boolean(true));
    assert_eq!(literal("false"), Literal::Boolean(false));
    assert_eq!(literal("null"), Literal::Null);
}
