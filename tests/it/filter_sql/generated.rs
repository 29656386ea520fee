//! Generated resources, and filters that fit their schemas.
//!
//! Texts come from a small pool, so that filters find something. The pool holds what misleads: wildcards of LIKE, backslashes,
//! quotes, letters that fold to two, characters that UTF-8 and UTF-16 order differently, and empty operands.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;
use scimgate::scim::filter::{CompareOp, Filter, Literal};
use scimgate::scim::path::AttrPath;
use scimgate::scim::schema::builtin;
use scimgate::scim::urn;
use serde_json::{Map, Value, json};

use super::by_schema;

type Attributes = Map<String, Value>;

/// Users, groups with the positions of their members, and filters to run on them.
#[derive(Debug, Clone)]
pub struct World {
    pub users: Vec<(Attributes, DateTime<Utc>)>,
    pub groups: Vec<(Attributes, DateTime<Utc>, Vec<usize>)>,
    pub things: Vec<(Attributes, DateTime<Utc>)>,
    pub user_filters: Vec<Filter>,
    pub group_filters: Vec<Filter>,
    pub thing_filters: Vec<Filter>,
}

const TEXTS: [&str; 20] = [
    "a",
    "A",
    "ab",
    "aB",
    "b",
    "bab",
    "abab",
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
    "\u{1f600}",
    "\u{ff5e}",
];
const OPERATORS: [CompareOp; 9] = [
    CompareOp::Equal,
    CompareOp::NotEqual,
    CompareOp::Contains,
    CompareOp::StartsWith,
    CompareOp::EndsWith,
    CompareOp::Greater,
    CompareOp::GreaterOrEqual,
    CompareOp::Less,
    CompareOp::LessOrEqual,
];

pub fn world() -> impl Strategy<Value = World> {
    let user_type = builtin().named("User").unwrap();
    let whole_user = (by_schema::resource(user_type), user()).prop_map(|(mut whole, user)| {
        // What is absent there is absent here, so that filters meet absent attributes often.
        whole.retain(|name, _| !SPOKEN_OF.contains(&&**name));
        whole.extend(user);
        whole
    });
    let users = vec((whole_user, instant()), 3..10);
    let groups = vec((group(), instant(), vec(any::<usize>(), 0..5)), 1..5);
    let things = vec((by_schema::resource(&by_schema::THING), instant()), 3..10);
    let user_filters = vec(prop_oneof![filter(&USER), by_schema::filter(user_type)], USER_FILTERS);
    let filters =
        (user_filters, vec(filter(&GROUP), GROUP_FILTERS), vec(by_schema::filter(&by_schema::THING), THING_FILTERS));
    (users, groups, things, filters).prop_map(
        |(mut users, mut groups, things, (user_filters, group_filters, thing_filters))| {
            // Names and external ids are unique.
            let users_of = users.iter_mut().map(|(attributes, _)| attributes);
            for (index, attributes) in users_of.chain(groups.iter_mut().map(|(attributes, ..)| attributes)).enumerate()
            {
                for name in ["userName", "externalId"] {
                    if let Some(Value::String(text)) = attributes.get_mut(name) {
                        text.push_str(&index.to_string());
                    }
                }
            }
            World { users, groups, things, user_filters, group_filters, thing_filters }
        },
    )
}

/// The attributes that [`user`] gives or leaves out.
const SPOKEN_OF: [&str; 9] =
    ["userName", "name", "displayName", "title", "profileUrl", "active", "emails", "roles", urn::ENTERPRISE_USER];

/// How many filters of each kind a world has.
pub const USER_FILTERS: usize = 120;
pub const GROUP_FILTERS: usize = 40;
pub const THING_FILTERS: usize = 96;

pub fn text() -> impl Strategy<Value = String> + Clone {
    select(&TEXTS[..]).prop_map(str::to_owned)
}

fn instant() -> impl Strategy<Value = DateTime<Utc>> {
    select(vec![-1_i64, 0, 1, 1_000_000]).prop_map(|micros| start() + TimeDelta::microseconds(micros))
}

fn start() -> DateTime<Utc> {
    "2026-11-22T10:00:00Z".parse().unwrap()
}

/// The members that there are, or nothing: canonical resources have no empty objects.
fn object<const N: usize>(members: [(&str, Option<Value>); N]) -> Option<Value> {
    let members: Attributes = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
    (!members.is_empty()).then_some(Value::Object(members))
}

fn elements() -> impl Strategy<Value = Option<Value>> {
    let element =
        (of(text()), of(text()), of(text()), of(any::<bool>())).prop_map(|(value, display, kind, primary)| {
            let text = |text: Option<String>| text.map(Value::from);
            object([
                ("value", text(value)),
                ("display", text(display)),
                ("type", text(kind)),
                ("primary", primary.map(Value::from)),
            ])
        });
    vec(element, 0..4).prop_map(|elements| {
        let elements: Vec<_> = elements.into_iter().flatten().collect();
        (!elements.is_empty()).then(|| elements.into())
    })
}

fn user() -> impl Strategy<Value = Attributes> {
    (text(), vec(of(text()), 9), of(any::<bool>()), elements(), elements()).prop_map(
        |(user_name, strings, active, emails, roles)| {
            let mut strings = strings.into_iter();
            let mut next = || strings.next().flatten().map(Value::from);
            let manager = object([("value", next())]);
            let enterprise = object([("employeeNumber", next()), ("department", next()), ("manager", manager)]);
            let mut schemas = vec![json!(urn::USER)];
            schemas.extend(enterprise.is_some().then(|| json!(urn::ENTERPRISE_USER)));
            let name = object([("familyName", next()), ("givenName", next())]);
            let user = object([
                ("schemas", Some(schemas.into())),
                ("externalId", next()),
                ("userName", Some(user_name.into())),
                ("name", name),
                ("displayName", next()),
                ("title", next()),
                ("profileUrl", next()),
                ("active", active.map(Value::from)),
                ("emails", emails),
                ("roles", roles),
                (urn::ENTERPRISE_USER, enterprise),
            ]);
            user.unwrap().as_object().unwrap().clone()
        },
    )
}

fn group() -> impl Strategy<Value = Attributes> {
    (text(), of(text())).prop_map(|(display, external)| {
        let group = object([
            ("schemas", Some(json!([urn::GROUP]))),
            ("externalId", external.map(Value::from)),
            ("displayName", Some(display.into())),
        ]);
        group.unwrap().as_object().unwrap().clone()
    })
}

/// What filters on a type may name: attributes with text, other complex ones, and those with elements.
struct Names {
    texts: &'static [(&'static str, Option<&'static str>)],
    present: &'static [&'static str],
    booleans: &'static [(&'static str, Option<&'static str>)],
    elements: &'static [(&'static str, &'static [&'static str])],
    extension: &'static [(&'static str, Option<&'static str>)],
}

const USER: Names = Names {
    texts: &[
        ("id", None),
        ("schemas", None),
        ("externalId", None),
        ("userName", None),
        ("displayName", None),
        ("title", None),
        ("profileUrl", None),
        ("name", Some("familyName")),
        ("name", Some("givenName")),
        ("emails", None),
        ("emails", Some("value")),
        ("emails", Some("type")),
        ("roles", Some("display")),
        ("roles", None),
        ("groups", None),
        ("groups", Some("value")),
        ("groups", Some("display")),
        ("groups", Some("type")),
        ("groups", Some("$ref")),
        ("meta", Some("resourceType")),
        ("meta", Some("version")),
        ("meta", Some("location")),
    ],
    present: &["name", "emails", "groups", "meta", "active", "userName", "id"],
    booleans: &[("active", None), ("emails", Some("primary")), ("roles", Some("primary"))],
    elements: &[
        ("emails", &["value", "display", "type"]),
        ("roles", &["value", "display", "type"]),
        ("groups", &["value", "display", "type", "$ref"]),
        ("name", &["familyName", "givenName"]),
        ("meta", &["resourceType", "version", "location"]),
    ],
    extension: &[("employeeNumber", None), ("department", None), ("manager", None), ("manager", Some("value"))],
};

const GROUP: Names = Names {
    texts: &[
        ("id", None),
        ("externalId", None),
        ("displayName", None),
        ("members", None),
        ("members", Some("value")),
        ("members", Some("display")),
        ("members", Some("type")),
        ("members", Some("$ref")),
        ("meta", Some("location")),
        ("schemas", None),
    ],
    present: &["members", "displayName", "externalId"],
    booleans: &[],
    elements: &[("members", &["value", "display", "type", "$ref"])],
    extension: &[],
};

fn filter(names: &'static Names) -> impl Strategy<Value = Filter> {
    let path = |(name, sub): (&str, Option<&str>)| AttrPath::new(None, name, sub);
    let in_extension = |(name, sub): (&str, Option<&str>)| AttrPath::new(Some(urn::ENTERPRISE_USER), name, sub);
    let extended: Vec<_> = names.extension.iter().copied().map(in_extension).collect();
    let texts: Vec<_> = names.texts.iter().copied().map(path).chain(extended).collect();
    let present: Vec<_> = names.present.iter().map(|name| path((*name, None))).chain(texts.iter().cloned()).collect();
    let booleans: Vec<_> = names.booleans.iter().copied().map(path).collect();
    let dates = vec![path(("meta", Some("created"))), path(("meta", Some("lastModified")))];
    let boolean = if booleans.is_empty() {
        presence(present.clone()).boxed()
    } else {
        compare(booleans, &OPERATORS[..2], any::<bool>().prop_map(Literal::Boolean)).boxed()
    };
    let orders: &[CompareOp] = &[
        CompareOp::Equal,
        CompareOp::NotEqual,
        CompareOp::Greater,
        CompareOp::GreaterOrEqual,
        CompareOp::Less,
        CompareOp::LessOrEqual,
    ];
    let date = instant().prop_map(|at| Literal::String(at.to_rfc3339()));
    let leaf = prop_oneof![
        8 => compare(texts.clone(), &OPERATORS, literal()),
        2 => compare(dates, orders, date),
        1 => boolean,
        1 => compare(texts, &OPERATORS[..2], Just(Literal::Null)),
        2 => presence(present),
        4 => value_path(names),
    ];
    nested(leaf)
}

fn value_path(names: &'static Names) -> impl Strategy<Value = Filter> {
    select(names.elements).prop_flat_map(|(name, subs)| {
        let paths: Vec<_> = subs.iter().map(|sub| AttrPath::new(None, sub, None)).collect();
        let leaf = prop_oneof![4 => compare(paths.clone(), &OPERATORS, literal()), 1 => presence(paths)];
        nested(leaf).prop_map(move |filter| Filter::ValuePath {
            path: AttrPath::new(None, name, None),
            filter: Box::new(filter),
            position: 0,
        })
    })
}

fn compare(
    paths: Vec<AttrPath>,
    operators: &'static [CompareOp],
    value: impl Strategy<Value = Literal>,
) -> impl Strategy<Value = Filter> {
    (select(paths), select(operators), value).prop_map(|(path, op, value)| Filter::Compare {
        path,
        op,
        value,
        position: 0,
    })
}

fn presence(paths: Vec<AttrPath>) -> impl Strategy<Value = Filter> {
    select(paths).prop_map(|path| Filter::Present { path, position: 0 })
}

/// Texts of the pool with and without the number that makes names unique, ids, and texts that contain ids.
fn literal() -> impl Strategy<Value = Literal> {
    let known = [
        "",
        "@u0",
        "@u1",
        "@g0",
        "@g1",
        "0",
        "a0",
        "B1",
        "user",
        "User",
        "Group",
        "direct",
        "indirect",
        "indirect",
        "W/\"1\"",
        "W/\"",
        urn::USER,
        urn::ENTERPRISE_USER,
        "https://scim.example/scim/v2/Users/@u0",
        "https://scim.example/scim/v2/Groups/@g0",
        "/@u1",
    ];
    prop_oneof![3 => text(), 2 => select(known.to_vec()).prop_map(str::to_owned)].prop_map(Literal::String)
}

pub fn nested(leaf: impl Strategy<Value = Filter> + 'static) -> impl Strategy<Value = Filter> {
    leaf.prop_recursive(3, 10, 3, |inner| {
        let several = vec(inner.clone(), 2..4);
        prop_oneof![
            several.clone().prop_map(Filter::And),
            several.prop_map(Filter::Or),
            inner.prop_map(|filter| Filter::Not(Box::new(filter))),
        ]
    })
}
