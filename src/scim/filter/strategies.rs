//! Generated filters and resources, for the property tests of everything that runs filters.
//!
//! Texts come from a small pool, so that filters find something, and the pool holds what has misled others: wildcards of
//! `LIKE`, backslashes, letters that fold to two, and characters that sort differently in UTF-8 and UTF-16.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Number, Value, json};

use super::{CompareOp, Filter, Literal};
use crate::scim::path::AttrPath;
use crate::scim::urn;

const TEXTS: [&str; 22] = [
    "a",
    "A",
    "ab",
    "aB",
    "b",
    "bab",
    "%",
    "_",
    "a%b",
    "\\",
    "a\\",
    "'",
    "\"",
    "é",
    "E\u{301}",
    "straße",
    "STRASSE",
    "ﬁ",
    "FI",
    "\u{1f600}",
    "\u{ff5e}",
    "a b",
];
const DATES: [&str; 8] = [
    "2011-05-13T04:42:34Z",
    "2011-05-13T06:42:34+02:00",
    "2011-05-13T04:42:34.000001Z",
    "2011-05-13T04:42:34.0000019Z",
    "2011-05-13T04:42:34",
    "1969-12-31T23:59:59.999999Z",
    "0001-01-03T00:00:00.0000000Z",
    "9999-12-31T23:59:59Z",
];
const BINARIES: [&str; 3] = ["YQ==", "YWI=", "yq=="];

/// A canonical `User`, with `meta` and `groups` as an answer shows them.
pub(crate) fn user() -> impl Strategy<Value = Map<String, Value>> {
    let strings = proptest::collection::vec(proptest::option::of(text()), 7);
    let lists = (elements(), elements(), proptest::option::of(date()), proptest::option::of(date()));
    let certificate = proptest::option::of(select(&BINARIES[..]));
    (text(), strings, proptest::option::of(any::<bool>()), lists, certificate).prop_map(
        |(user_name, strings, active, (emails, roles, created, modified), certificate)| {
            let mut strings = strings.into_iter();
            let mut next = || strings.next().flatten().map(Value::from);
            let manager = object([("value", next())]);
            let enterprise = object([("employeeNumber", next()), ("department", next()), ("manager", manager)]);
            let name = object([("familyName", next()), ("givenName", next())]);
            let mut schemas = vec![json!(urn::USER)];
            schemas.extend(enterprise.is_some().then(|| json!(urn::ENTERPRISE_USER)));
            let certificates = certificate.map(|value| json!([{ "value": value }]));
            let meta = object([
                ("resourceType", Some("User".into())),
                ("created", created.map(Value::from)),
                ("lastModified", modified.map(Value::from)),
            ]);
            let user = object([
                ("schemas", Some(schemas.into())),
                ("id", Some("a".into())),
                ("externalId", next()),
                ("userName", Some(user_name.into())),
                ("name", name),
                ("title", next()),
                ("active", active.map(Value::from)),
                ("emails", emails),
                ("roles", roles),
                ("x509Certificates", certificates),
                (urn::ENTERPRISE_USER, enterprise),
                ("meta", meta),
            ]);
            match user {
                Some(Value::Object(user)) => user,
                _ => Map::new(),
            }
        },
    )
}

/// A filter that fits the schema of `User`: the check takes it.
pub(crate) fn user_filter() -> impl Strategy<Value = Filter> {
    let enterprise = Some(urn::ENTERPRISE_USER);
    let path = AttrPath::new;
    let texts = select(vec![
        path(None, "userName", None),
        path(None, "externalId", None),
        path(None, "title", None),
        path(None, "name", Some("familyName")),
        path(None, "name", Some("givenName")),
        path(None, "emails", None),
        path(None, "emails", Some("value")),
        path(None, "roles", Some("display")),
        path(None, "schemas", None),
        path(enterprise, "employeeNumber", None),
        path(enterprise, "department", None),
        path(enterprise, "manager", None),
        path(Some(urn::USER), "title", None),
    ]);
    let dates = select(vec![path(None, "meta", Some("created")), path(None, "meta", Some("lastModified"))]);
    let booleans = select(vec![path(None, "active", None), path(None, "emails", Some("primary"))]);
    let complex = select(vec![path(None, "name", None), path(None, "emails", None), path(None, "meta", None)]);
    let leaf = prop_oneof![
        6 => comparison(texts.clone(), select(&CompareOp::ALL[..]), text_literal()),
        2 => comparison(dates, select(ORDERS.to_vec()), date().prop_map(Literal::String)),
        1 => comparison(booleans, select(&CompareOp::ALL[..2]), boolean_literal()),
        1 => comparison(Just(path(None, "x509Certificates", None)), select(&CompareOp::ALL[..5]), binary_literal()),
        1 => comparison(texts.clone(), select(&CompareOp::ALL[..2]), Just(Literal::Null)),
        1 => prop_oneof![texts, complex].prop_map(|path| Filter::Present { path, position: 0 }),
        3 => value_path(),
    ];
    nested(leaf)
}

const ORDERS: [CompareOp; 6] = [
    CompareOp::Equal,
    CompareOp::NotEqual,
    CompareOp::Greater,
    CompareOp::GreaterOrEqual,
    CompareOp::Less,
    CompareOp::LessOrEqual,
];

/// `and`, `or` and `not` over such leaves, as the parser builds them: lists have at least two members.
pub(super) fn nested(leaf: impl Strategy<Value = Filter> + 'static) -> impl Strategy<Value = Filter> {
    leaf.prop_recursive(3, 12, 3, |inner| {
        let several = proptest::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            several.clone().prop_map(Filter::And),
            several.prop_map(Filter::Or),
            inner.prop_map(|filter| Filter::Not(Box::new(filter))),
        ]
    })
}

fn value_path() -> impl Strategy<Value = Filter> {
    let text = select(vec!["value", "display", "type"]).prop_map(|name| AttrPath::new(None, name, None));
    let primary = Just(AttrPath::new(None, "primary", None));
    let leaf = prop_oneof![
        4 => comparison(text.clone(), select(&CompareOp::ALL[..]), text_literal()),
        1 => comparison(primary, select(&CompareOp::ALL[..2]), boolean_literal()),
        1 => text.prop_map(|path| Filter::Present { path, position: 0 }),
    ];
    (select(vec!["emails", "roles"]), nested(leaf)).prop_map(|(name, filter)| Filter::ValuePath {
        path: AttrPath::new(None, name, None),
        filter: Box::new(filter),
        position: 0,
    })
}

fn comparison(
    path: impl Strategy<Value = AttrPath>,
    op: impl Strategy<Value = CompareOp>,
    value: impl Strategy<Value = Literal>,
) -> impl Strategy<Value = Filter> {
    (path, op, value).prop_map(|(path, op, value)| Filter::Compare { path, op, value, position: 0 })
}

fn text() -> impl Strategy<Value = String> + Clone {
    select(&TEXTS[..]).prop_map(str::to_owned)
}

fn text_literal() -> impl Strategy<Value = Literal> {
    prop_oneof![9 => text(), 1 => Just(String::new()), 1 => Just(urn::USER.to_owned())].prop_map(Literal::String)
}

fn binary_literal() -> impl Strategy<Value = Literal> {
    select(&BINARIES[..]).prop_map(|text| Literal::String(text.to_owned()))
}

fn boolean_literal() -> impl Strategy<Value = Literal> {
    prop_oneof![any::<bool>().prop_map(Literal::Boolean), Just(Literal::String("True".to_owned()))]
}

fn date() -> impl Strategy<Value = String> {
    select(&DATES[..]).prop_map(str::to_owned)
}

/// The values of `emails` or `roles`.
fn elements() -> impl Strategy<Value = Option<Value>> {
    let text = || proptest::option::of(text());
    let element =
        (text(), text(), text(), proptest::option::of(any::<bool>())).prop_map(|(value, display, kind, primary)| {
            let texts = [("value", value), ("display", display), ("type", kind)];
            let texts = texts.map(|(name, text)| (name, text.map(Value::from)));
            object(texts.into_iter().chain([("primary", primary.map(Value::from))]))
        });
    proptest::collection::vec(element, 0..4).prop_map(|elements| {
        let elements: Vec<_> = elements.into_iter().flatten().collect();
        (!elements.is_empty()).then(|| elements.into())
    })
}

/// The members that there are, or nothing: a canonical resource has no empty objects.
fn object<'a>(members: impl IntoIterator<Item = (&'a str, Option<Value>)>) -> Option<Value> {
    let members: Map<_, _> = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
    (!members.is_empty()).then_some(Value::Object(members))
}

/// Any filter that the grammar has, whatever it names.
pub(super) fn any_filter() -> impl Strategy<Value = Filter> {
    let leaf = any_leaf();
    let brackets = (any_path(), nested(any_leaf())).prop_map(|(path, filter)| Filter::ValuePath {
        path,
        filter: Box::new(filter),
        position: 0,
    });
    nested(prop_oneof![4 => leaf, 1 => brackets])
}

fn any_leaf() -> impl Strategy<Value = Filter> {
    let number = prop_oneof![
        any::<i64>().prop_map(Number::from),
        any::<u64>().prop_map(Number::from),
        any::<f64>().prop_filter_map("JSON has no such number", Number::from_f64),
    ];
    let literal = prop_oneof![
        Just(Literal::Null),
        any::<bool>().prop_map(Literal::Boolean),
        number.prop_map(Literal::Number),
        any::<String>().prop_map(Literal::String),
    ];
    prop_oneof![
        4 => comparison(any_path(), select(&CompareOp::ALL[..]), literal),
        1 => any_path().prop_map(|path| Filter::Present { path, position: 0 }),
    ]
}

/// Any attribute path; `not`, `and` and `pr` are attribute names too.
pub(super) fn any_path() -> impl Strategy<Value = AttrPath> {
    let name = || prop_oneof![4 => "[$]?[A-Za-z][A-Za-z0-9$_-]{0,8}", 1 => "not|and|or|pr|eq|true|null"];
    let uri = "(urn:[a-z]{1,5}|https?):[a-zA-Z0-9._~:/?#@!$&'*+,;=%-]{1,20}";
    (proptest::option::of(uri), name(), proptest::option::of(name())).prop_map(|(schema, name, sub)| AttrPath {
        schema,
        name,
        sub,
    })
}
