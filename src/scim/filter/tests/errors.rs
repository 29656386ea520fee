//! Refusals: their places and their texts, which are part of the interface.

use crate::scim::filter::{CheckedFilter, Filter, MAX_LENGTH};
use crate::scim::{ScimError, ScimType};

use super::{group, user};

#[track_caller]
fn refused(text: &str, detail: &str) {
    assert_eq!(Filter::parse(text).unwrap_err().to_string(), detail, "{text}");
}

#[track_caller]
fn unfit(text: &str, detail: &str) {
    assert_eq!(CheckedFilter::parse(text, user()).unwrap_err().to_string(), detail, "{text}");
}

#[test]
fn a_refusal_is_invalid_filter() {
    let error = ScimError::from(Filter::parse("a regex \"b\"").unwrap_err());
    assert_eq!((error.status, error.scim_type), (400, Some(ScimType::InvalidFilter)));
    assert_eq!(
        error.detail,
        "the filter is not valid at position 2: the operator 'regex' is not supported; use eq, ne, co, sw, ew, gt, ge, lt, le or pr"
    );
}

#[test]
fn broken_structure_is_shown_at_its_place() {
    refused("", "at position 0: found nothing, expected an attribute, not or an opening parenthesis");
    refused("   ", "at position 3: found nothing, expected an attribute, not or an opening parenthesis");
    refused("(a pr", "at position 5: found nothing, expected and, or, or a closing parenthesis");
    refused("a pr)", "at position 4: found ')', expected and, or, or the end");
    refused("()", "at position 1: found ')', expected an attribute, not or an opening parenthesis");
    refused("a pr b pr", "at position 5: found 'b', expected and, or, or the end");
    refused("a pr and", "at position 8: found nothing, expected a space");
    refused("a pr and ", "at position 9: found nothing, expected an attribute, not or an opening parenthesis");
    refused("(a pr)and (b pr)", "at position 6: found 'and', expected a space");
    refused("a pr and(b pr)", "at position 8: found '(', expected a space");
    refused("not a eq 1", "at position 4: found 'a', expected an opening parenthesis: not (...)");
    refused("\"a\" eq 1", "at position 0: found '\"a\"', expected an attribute, not or an opening parenthesis");
}

#[test]
fn broken_comparisons_are_shown_at_their_place() {
    refused("a", "at position 1: found nothing, expected a space and an operator");
    refused("a ", "at position 2: found nothing, expected an operator: eq, ne, co, sw, ew, gt, ge, lt, le or pr");
    refused("a eq", "at position 4: found nothing, expected a space and a value");
    refused("a eq\"b\"", "at position 4: found '\"b\"', expected a space and a value");
    refused("a eq \"b\"and c pr", "at position 8: found 'and', expected a space, a closing delimiter or the end");
    refused("a pr\"b\"", "at position 4: found '\"b\"', expected a space, a closing delimiter or the end");
    let value = "expected a JSON value: a string in double quotes, a number, true, false or null";
    refused("a eq b", &format!("at position 5: found 'b', {value}"));
    refused("a eq True", &format!("at position 5: found 'True', {value}"));
    refused("a eq 'b'", &format!("at position 5: found ''b'', {value}"));
    refused("a eq 123abc", &format!("at position 5: found '123abc', {value}"));
    for number in ["01", "+1", ".5", "1.", "1e", "-", "1e5x", "0x1", "--1", "1.5.2", "NaN"] {
        refused(&format!("a eq {number}"), &format!("at position 5: found '{number}', {value}"));
    }
    refused("a eq 1e999", "at position 5: '1e999' is not a number that can be compared");
}

#[test]
fn broken_names_are_shown_at_their_place() {
    let name = "expected an attribute name: a letter, then letters, digits, '-', '_' or '$'";
    refused("1a pr", &format!("at position 0: found '1a', {name}"));
    refused("a. pr", &format!("at position 2: found nothing, {name}"));
    refused("a.b.c pr", &format!("at position 2: found 'b.c', {name}"));
    refused("é pr", &format!("at position 0: found 'é', {name}"));
    refused("urn:a:2.0:é pr", &format!("at position 10: found 'é', {name}"));
    refused(":a pr", "at position 0: found ':a', expected an attribute name with or without its schema's URN");
    refused("b:a pr", "at position 0: found 'b:a', expected an attribute name with or without its schema's URN");
    refused("a[b pr].1 pr", &format!("at position 8: found '1', {name}"));
}

#[test]
fn broken_value_paths_are_shown_at_their_place() {
    refused("a[b pr", "at position 6: found nothing, expected and, or, or a closing bracket");
    refused("a[b pr)", "at position 6: found ')', expected and, or, or a closing bracket");
    refused("a[]", "at position 2: found ']', expected an attribute, not or an opening parenthesis");
    refused("a[b pr].c", "at position 9: found nothing, expected a space and an operator");
    refused("a[b pr]c", "at position 7: found 'c', expected a sub-attribute (as in .value), a space or the end");
    refused("a[b pr] pr", "at position 8: found 'pr', expected and, or, or the end");
    let nested = "a value path cannot stand inside another; combine the conditions with and/or in one pair of brackets";
    refused("a[b[c pr]]", &format!("at position 2: {nested}"));
    refused("a[b pr].c[d pr]", &format!("at position 8: {nested}"));
}

#[test]
fn broken_strings_are_shown_at_their_place() {
    refused("a eq \"b", "at position 5: the string has no closing quote");
    refused("a eq \"b\\\"", "at position 5: the string has no closing quote");
    refused("a eq \"b\\", "at position 7: JSON has no such escape; a backslash is written \\\\");
    refused("a eq \"\\a\"", "at position 6: JSON has no such escape; a backslash is written \\\\");
    refused("a eq \"\\u12g4\"", "at position 6: \\u must be followed by four hexadecimal digits");
    refused("a eq \"\\u+123\"", "at position 6: \\u must be followed by four hexadecimal digits");
    let surrogate = "a surrogate without its other half is no character";
    for text in ["\\ud800", "\\udc00", "\\ud800\\ud800", "\\ud800x"] {
        refused(&format!("a eq \"{text}\""), &format!("at position 6: {surrogate}"));
    }
    refused("a eq \"b\nc\"", "at position 7: a control character in a string must be written as an escape, as in \\n");
}

#[test]
fn long_and_strange_text_is_shortened_and_escaped() {
    let found = format!("{}…", "x".repeat(100));
    refused(
        &format!("a {}", "x".repeat(2_000)),
        &format!(
            "at position 2: the operator '{found}' is not supported; use eq, ne, co, sw, ew, gt, ge, lt, le or pr"
        ),
    );
    refused(
        "a \u{7}b",
        "at position 2: the operator '\\u{7}b' is not supported; use eq, ne, co, sw, ew, gt, ge, lt, le or pr",
    );
}

#[test]
fn limits_hold_at_once() {
    let bomb = "(".repeat(100_000);
    refused(&bomb, "at position 8192: the text is 100000 bytes long; at most 8192 are allowed");
    let too_deep = "parentheses and brackets are nested more than 32 deep; simplify the filter";
    refused(&"(".repeat(MAX_LENGTH), &format!("at position 32: {too_deep}"));
    refused(&"not(".repeat(MAX_LENGTH / 4), &format!("at position 131: {too_deep}"));
    refused(&format!("{}a[b pr]", "(".repeat(32)), &format!("at position 33: {too_deep}"));
    assert!(Filter::parse(&format!("{}a pr{}", "(".repeat(32), ")".repeat(32))).is_ok());
    assert!(Filter::parse(&vec!["(a[b pr])"; 100].join(" or ")).is_ok());
    assert!(Filter::parse(&vec!["a pr"; 200].join(" or ")).is_ok());
    refused(
        &vec!["a pr"; 201].join(" or "),
        "at position 1600: there are more than 200 comparisons; split the filter into several requests",
    );
    let quoted = |length: usize| format!("a eq \"{}\"", "é".repeat(length));
    assert!(Filter::parse(&quoted((MAX_LENGTH - 7) / 2)).is_ok());
    assert!(Filter::parse(&quoted(MAX_LENGTH / 2)).is_err());
}

#[test]
fn unknown_attributes_are_named() {
    unfit("title pr and shoeSize gt 40", "at position 13: 'shoeSize' is not an attribute of User");
    unfit("name.nick pr", "at position 0: 'name.nick' is not an attribute of User");
    unfit("userName.x pr", "at position 0: 'userName.x' is not an attribute of User");
    unfit("members pr", "at position 0: 'members' is not an attribute of User");
    unfit("emails[x pr]", "at position 7: 'x' is not an attribute of emails");
    unfit("emails[emails.type pr]", "at position 7: 'emails.type' is not an attribute of emails");
    unfit("emails[type.x pr]", "at position 7: 'type.x' is not an attribute of emails");
    unfit("urn:x:y:title pr", "at position 0: 'urn:x:y:title' is not an attribute of User");
    unfit("manager.shoeSize pr", "at position 0: 'manager.shoeSize' is not an attribute of User");
    let error = CheckedFilter::parse("userName pr", group()).unwrap_err();
    assert_eq!(error.to_string(), "at position 0: 'userName' is not an attribute of Group");
}

#[test]
fn what_is_never_returned_cannot_be_asked_for() {
    for text in ["password pr", "password eq \"x\"", "password eq null", "Password sw \"x\"", "not (PASSWORD pr)"] {
        let error = CheckedFilter::parse(text, user()).unwrap_err();
        assert!(error.to_string().ends_with("'password' is never returned, so it cannot be used here"), "{text}");
    }
}

#[test]
fn values_and_operators_have_to_fit_the_type() {
    unfit(
        "userName eq 5",
        "at position 0: 'userName' is a string; compare it with a string in double quotes, not with a number",
    );
    unfit(
        "id eq true",
        "at position 0: 'id' is a string; compare it with a string in double quotes, not with a boolean",
    );
    unfit(
        "active eq \"yes\"",
        "at position 0: 'active' is a boolean; compare it with true or false, not with this text",
    );
    unfit("active eq 1", "at position 0: 'active' is a boolean; compare it with true or false, not with a number");
    unfit("active gt true", "at position 0: 'active' is a boolean and cannot be compared with gt; use eq, ne or pr");
    unfit("active co \"t\"", "at position 0: 'active' is a boolean and cannot be compared with co; use eq, ne or pr");
    unfit(
        "x509Certificates gt \"YQ==\"",
        "at position 0: 'x509Certificates.value' is a binary and cannot be compared with gt; use eq, ne, co, sw, ew or pr",
    );
    unfit(
        "meta.created sw \"2011\"",
        "at position 0: 'meta.created' is a dateTime and cannot be compared with sw; use eq, ne, gt, ge, lt, le or pr",
    );
    unfit(
        "meta.created gt \"2019-10-17T\"",
        "at position 0: 'meta.created' is a dateTime; compare it with a quoted dateTime such as \"2026-01-31T09:30:00Z\", not with this text",
    );
    unfit("title gt null", "at position 0: null cannot be compared with gt; use eq null, ne null or pr");
    unfit(
        "title eq \"a\\u0000\"",
        "at position 0: the value for 'title' holds U+0000, which no attribute can hold; leave it out",
    );
}

#[test]
fn complex_attributes_need_a_value_to_compare() {
    unfit(
        "name eq \"x\"",
        "at position 0: 'name' is complex; name one of its sub-attributes (name.formatted, name.familyName, \
         name.givenName, name.middleName, name.honorificPrefix, name.honorificSuffix) or use pr",
    );
    unfit(
        "userName[value eq \"x\"]",
        "at position 0: 'userName' is neither complex nor multi-valued, so it takes no brackets",
    );
    unfit(
        "emails.value[x pr]",
        "at position 0: 'emails.value' is neither complex nor multi-valued, so it takes no brackets",
    );
}
