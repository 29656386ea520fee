//! Our verdicts beside those of other implementations (`conformance/oracles`). Every difference stands here with its reason.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::user;
use crate::scim::filter::{CheckedFilter, Filter};

#[derive(Deserialize)]
struct Verdict {
    filter: String,
    accept: Option<bool>,
    matches: Option<Vec<String>>,
}

/// What we accept although the others refuse or dispute it, and the rule that decides.
const ACCEPTED: [(&str, &str); 8] = [
    (r#"displayName eq "Alice \"and\" Bob""#, "string is that of JSON, with escapes"),
    ("not(true eq false)", "ATTRNAME = ALPHA *(nameChar): true is a name where a name stands"),
    ("not(true eq true)", "ATTRNAME = ALPHA *(nameChar): true is a name where a name stands"),
    ("true eq true and false eq false", "ATTRNAME = ALPHA *(nameChar): true and false are names where a name stands"),
    ("true eq true and true eq false", "ATTRNAME = ALPHA *(nameChar): true is a name where a name stands"),
    ("true eq true or false eq false", "ATTRNAME = ALPHA *(nameChar): true and false are names where a name stands"),
    ("true eq true or true eq false", "ATTRNAME = ALPHA *(nameChar): true is a name where a name stands"),
    ("valid$Name eq null", "nameChar = \"$\" / \"-\" / \"_\" / DIGIT / ALPHA (RFC 7643, section 2.1)"),
];

/// What the others refuse in agreement and we accept, and the rule that decides.
const ACCEPTED_ALONE: [(&str, &str); 1] =
    [(r#"userName co "\ufe00\"\n\t\\""#, "string is that of JSON, whose escapes are all there")];

/// Why we refuse the other disputed filters: the rule, what our refusal says, and how many there are.
const REFUSED: [(&str, &str, usize); 6] = [
    ("*1\"not\" \"(\" FILTER \")\": not has parentheses", "expected an opening parenthesis: not (...)", 16),
    ("ATTRNAME begins with ALPHA", "expected an attribute name", 2),
    ("valFilter has no valuePath (errata)", "a value path cannot stand inside another", 7),
    ("valuePath = attrPath \"[\" valFilter \"]\": no operator follows", "expected and, or, or the end", 6),
    ("compValue is a literal of JSON", "JSON", 2),
    ("an escape of JSON has four digits", "\\u must be followed by four hexadecimal digits", 1),
];

fn verdicts() -> Vec<Verdict> {
    let lines = include_str!("../../../../conformance/oracles/filters.jsonl").lines();
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn we_accept_and_refuse_what_the_others_agree_on() {
    let verdicts = verdicts();
    assert_eq!(verdicts.len(), 534);
    let differs =
        |verdict: &&Verdict| verdict.accept.is_some_and(|accept| accept != Filter::parse(&verdict.filter).is_ok());
    let differences: Vec<_> = verdicts.iter().filter(differs).map(|verdict| verdict.filter.as_str()).collect();
    assert_eq!(differences, ACCEPTED_ALONE.map(|(filter, _)| filter));
}

#[test]
fn a_rule_decides_what_the_others_dispute() {
    let verdicts = verdicts();
    let disputed: Vec<_> = verdicts.iter().filter(|verdict| verdict.accept.is_none()).collect();
    let accepted = disputed.iter().filter(|verdict| Filter::parse(&verdict.filter).is_ok());
    assert_eq!(accepted.map(|verdict| verdict.filter.as_str()).collect::<Vec<_>>(), ACCEPTED.map(|(filter, _)| filter));

    let refusals: Vec<_> = disputed.iter().filter_map(|verdict| Filter::parse(&verdict.filter).err()).collect();
    for (rule, says, count) in REFUSED {
        let found = refusals.iter().filter(|refusal| refusal.to_string().contains(says)).count();
        assert_eq!(found, count, "{rule}");
    }
    assert_eq!(refusals.len(), REFUSED.iter().map(|(_, _, count)| count).sum::<usize>());
}

/// Where we find other users than `scim2-models` does, and why.
const OTHER_MATCHES: [(&str, &[&str], &str); 2] = [
    ("meta.created gt \"2019-12-20T04:40:00\"", &["u3"], NO_OFFSET),
    ("urn:ietf:params:scim:schemas:core:2.0:User:meta.created gt \"2019-10-10T10:10:10\"", &["u3"], NO_OFFSET),
];
const NO_OFFSET: &str = "a dateTime without an offset is UTC here, there it compares with nothing";

#[test]
fn we_find_what_scim2_models_finds() {
    let users = include_str!("../../../../conformance/oracles/users.json");
    let users: Vec<Map<String, Value>> = serde_json::from_str(users).unwrap();
    let mut compared = 0;
    let mut differences = Vec::new();
    for verdict in verdicts() {
        let Ok(filter) = CheckedFilter::parse(&verdict.filter, user()) else { continue };
        let Some(theirs) = verdict.matches else { continue };
        let ours = users.iter().filter(|user| filter.matches(user));
        let ours: Vec<_> = ours.map(|user| user["id"].as_str().unwrap().to_owned()).collect();
        compared += 1;
        if ours != theirs {
            differences.push((verdict.filter, ours));
        }
    }
    let expected =
        OTHER_MATCHES.map(|(filter, ours, _)| (filter.to_owned(), ours.iter().map(|&id| id.to_owned()).collect()));
    assert_eq!(differences, expected);
    assert!(compared > 150, "{compared}");
}
