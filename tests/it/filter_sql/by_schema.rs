//! Resources and filters generated from the definitions alone: every attribute, every type, every operator that a type has.

use std::sync::{Arc, LazyLock};

use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::select;
use scimgate::scim::filter::{CompareOp, Filter, Literal};
use scimgate::scim::path::AttrPath;
use scimgate::scim::schema::{
    AttributeDefinition, AttributeType, Extension, Mutability, ResourceType, Returned, Schema, builtin,
};
use scimgate::scim::urn::SchemaUri;
use serde_json::{Map, Number, Value, json};

use super::generated::{nested, text};

/// A resource type with what the built-in ones have none of: numbers, dates, binaries, references and several values of each.
pub static THING: LazyLock<Arc<ResourceType>> = LazyLock::new(|| {
    let simple = |prefix: &str, multi_valued: bool| -> Vec<Value> {
        let kinds = ["boolean", "integer", "decimal", "dateTime", "binary", "reference", "string"];
        let attribute =
            |kind: &&str| json!({ "name": format!("{prefix}{kind}"), "type": kind, "multiValued": multi_valued });
        let exact = json!({ "name": format!("{prefix}exact"), "type": "string", "caseExact": true, "multiValued": multi_valued });
        kinds.iter().map(attribute).chain([exact]).collect()
    };
    let inner: Vec<Value> = simple("", false).into_iter().chain(simple("several-", true)).collect();
    let complex = |name: &str, multi_valued: bool| json!({ "name": name, "type": "complex", "multiValued": multi_valued, "subAttributes": inner });
    let all =
        [simple("one-", false), simple("many-", true), vec![complex("part", false), complex("parts", true)]].concat();
    let schema = |uri: &str| {
        let attributes = all.iter().map(|one| Arc::new(serde_json::from_value(one.clone()).unwrap())).collect();
        Arc::new(Schema { uri: SchemaUri::new(uri), name: "Thing".into(), description: String::new(), attributes })
    };
    Arc::new(ResourceType {
        name: "Thing".into(),
        endpoint: "/Things".into(),
        description: String::new(),
        common: builtin().named("User").unwrap().common.clone(),
        schema: schema("urn:example:2.0:Thing"),
        extensions: vec![Extension { schema: schema("urn:example:2.0:More"), required: false }],
        unique: Vec::new(),
    })
});

const DATES: [&str; 7] = [
    "2011-05-13T04:42:34Z",
    "2011-05-13T06:42:34+02:00",
    "2011-05-13T04:42:34.000001Z",
    "2011-05-13T04:42:34.0000019Z",
    "2011-05-13T04:42:34",
    "1969-12-31T23:59:59.999999Z",
    "9999-12-31T23:59:59Z",
];
const BINARIES: [&str; 4] = ["YQ==", "YWI=", "yq==", "YWJj"];
const REFERENCES: [&str; 4] = ["https://a.example/1", "https://A.example/1", "../Users/1", "%"];
const INTEGERS: [i64; 7] = [0, 1, -1, 2, 9_007_199_254_740_993, i64::MAX, i64::MIN];
const DECIMALS: [f64; 8] = [0.0, 1.0, -1.0, 0.5, 0.1, 1.5, 1e300, 9_007_199_254_740_992.0];

/// A value of one simple type.
fn simple(kind: AttributeType) -> BoxedStrategy<Value> {
    match kind {
        AttributeType::String => text().prop_map(Value::from).boxed(),
        AttributeType::Boolean => any::<bool>().prop_map(Value::from).boxed(),
        AttributeType::Integer => select(&INTEGERS[..]).prop_map(Value::from).boxed(),
        AttributeType::Decimal => {
            prop_oneof![select(&DECIMALS[..]).prop_map(Value::from), select(&INTEGERS[..4]).prop_map(Value::from)]
                .boxed()
        }
        AttributeType::DateTime => select(&DATES[..]).prop_map(Value::from).boxed(),
        AttributeType::Binary => select(&BINARIES[..]).prop_map(Value::from).boxed(),
        AttributeType::Reference => select(&REFERENCES[..]).prop_map(Value::from).boxed(),
        AttributeType::Complex => unreachable!("a complex attribute has no simple value"),
    }
}

/// One value of an attribute, an element of a multi-valued one; none where it would be an empty object.
fn one(attribute: &AttributeDefinition) -> BoxedStrategy<Option<Value>> {
    if !attribute.is_complex() {
        return simple(attribute.kind).prop_map(Some).boxed();
    }
    let subs: Vec<_> = attribute.sub_attributes.iter().map(named).collect();
    subs.prop_map(|members| {
        let members: Map<String, Value> = members.into_iter().flatten().collect();
        (!members.is_empty()).then_some(Value::Object(members))
    })
    .boxed()
}

/// An attribute and its values, or nothing.
fn named(attribute: &Arc<AttributeDefinition>) -> BoxedStrategy<Option<(String, Value)>> {
    let name = attribute.name.clone();
    let value = if attribute.multi_valued {
        vec(one(attribute), 0..3)
            .prop_map(|elements| {
                let elements: Vec<Value> = elements.into_iter().flatten().collect();
                (!elements.is_empty()).then_some(Value::Array(elements))
            })
            .boxed()
    } else {
        one(attribute)
    };
    weighted(0.4, value).prop_map(move |value| Some((name.clone(), value.flatten()?))).boxed()
}

/// What a client may write and a filter may read.
fn is_plain(attribute: &AttributeDefinition) -> bool {
    attribute.mutability == Mutability::ReadWrite && attribute.returned != Returned::Never
}

fn values(schema: &Schema) -> impl Strategy<Value = Map<String, Value>> + use<> {
    let attributes: Vec<_> = schema.attributes.iter().filter(|one| is_plain(one)).map(named).collect();
    attributes.prop_map(|values| values.into_iter().flatten().collect())
}

/// A canonical resource but for the attributes that every type has.
pub fn resource(kind: &ResourceType) -> impl Strategy<Value = Map<String, Value>> + use<> {
    let extensions: Vec<_> = kind
        .extensions
        .iter()
        .map(|extension| {
            let uri = extension.schema.uri.to_string();
            values(&extension.schema).prop_map(move |values| (uri.clone(), values))
        })
        .collect();
    let base = kind.schema.uri.to_string();
    (values(&kind.schema), extensions).prop_map(move |(mut resource, extensions)| {
        let mut schemas = vec![json!(base)];
        for (uri, values) in extensions.into_iter().filter(|(_, values)| !values.is_empty()) {
            schemas.push(json!(uri));
            resource.insert(uri, values.into());
        }
        resource.insert("schemas".into(), schemas.into());
        resource
    })
}

/// A path and the attribute that it means.
type Place = (AttrPath, Arc<AttributeDefinition>);

/// The operators that a type has besides eq, ne and pr (RFC 7644, section 3.4.2.2).
fn operators(kind: AttributeType) -> Vec<CompareOp> {
    use CompareOp::{Contains, EndsWith, Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual, StartsWith};
    let order = [Greater, GreaterOrEqual, Less, LessOrEqual];
    let parts = [Contains, StartsWith, EndsWith];
    let more: &[&[CompareOp]] = match kind {
        AttributeType::String | AttributeType::Reference => &[&order, &parts],
        AttributeType::Integer | AttributeType::Decimal | AttributeType::DateTime => &[&order],
        AttributeType::Binary => &[&parts],
        AttributeType::Boolean | AttributeType::Complex => &[],
    };
    [Equal, NotEqual].into_iter().chain(more.concat()).collect()
}

/// What a filter compares a type with.
fn literal(kind: AttributeType) -> BoxedStrategy<Literal> {
    let number = |value: Value| Literal::Number(serde_json::from_value::<Number>(value).unwrap());
    let word = |value: Value| Literal::String(value.as_str().unwrap().to_owned());
    match kind {
        AttributeType::Boolean => any::<bool>().prop_map(Literal::Boolean).boxed(),
        // Both compare with either, so that whole numbers meet halves.
        AttributeType::Integer | AttributeType::Decimal => {
            prop_oneof![simple(AttributeType::Integer), simple(AttributeType::Decimal)].prop_map(number).boxed()
        }
        AttributeType::String => {
            prop_oneof![9 => simple(kind).prop_map(word), 1 => Just(Literal::String(String::new()))].boxed()
        }
        AttributeType::Binary | AttributeType::Reference => {
            let part = select(&["", "a", "Y", "/1", "https://"][..]).prop_map(|part| Literal::String(part.into()));
            prop_oneof![3 => simple(kind).prop_map(word), 1 => part].boxed()
        }
        AttributeType::DateTime => simple(kind).prop_map(word).boxed(),
        AttributeType::Complex => unreachable!("a complex attribute is compared by a sub-attribute"),
    }
}

fn leaf(places: Vec<Place>) -> impl Strategy<Value = Filter> {
    select(places).prop_flat_map(|(path, attribute)| {
        let present = Just(Filter::Present { path: path.clone(), position: 0 });
        let compare = move |op, value| Filter::Compare { path: path.clone(), op, value, position: 0 };
        let null = compare.clone();
        let null = select(&[CompareOp::Equal, CompareOp::NotEqual][..]).prop_map(move |op| null(op, Literal::Null));
        if attribute.is_complex() {
            return prop_oneof![present, null].boxed();
        }
        let values = (select(operators(attribute.kind)), literal(attribute.kind));
        prop_oneof![1 => present, 1 => null, 8 => values.prop_map(move |(op, value)| compare(op, value))].boxed()
    })
}

/// The places inside one element of an attribute.
fn inside(attribute: &Arc<AttributeDefinition>) -> Vec<Place> {
    let place = |name: &str, meant: &Arc<AttributeDefinition>| (AttrPath::new(None, name, None), meant.clone());
    if attribute.is_complex() {
        let subs = attribute.sub_attributes.iter().filter(|sub| sub.returned != Returned::Never);
        subs.map(|sub| place(&sub.name, sub)).collect()
    } else {
        vec![place("value", attribute)]
    }
}

/// A filter on any attribute of the type, those with elements by value paths too.
pub fn filter(kind: &ResourceType) -> impl Strategy<Value = Filter> + use<> {
    let (mut places, mut elements) = (Vec::new(), Vec::new());
    let extensions =
        kind.extensions.iter().map(|extension| (Some(extension.schema.uri.to_string()), &extension.schema));
    for (uri, schema) in [(None, &kind.schema)].into_iter().chain(extensions) {
        for attribute in schema.attributes.iter().filter(|attribute| is_plain(attribute)) {
            let path = |sub| AttrPath::new(uri.as_deref(), &attribute.name, sub);
            places.push((path(None), attribute.clone()));
            places.extend(attribute.sub_attributes.iter().map(|sub| (path(Some(sub.name.as_str())), sub.clone())));
            if attribute.is_complex() || attribute.multi_valued {
                elements.push((path(None), attribute.clone()));
            }
        }
    }
    let value_path = select(elements).prop_flat_map(|(path, attribute)| {
        let wrap = move |filter| Filter::ValuePath { path: path.clone(), filter: Box::new(filter), position: 0 };
        nested(leaf(inside(&attribute))).prop_map(wrap)
    });
    nested(prop_oneof![3 => leaf(places), 1 => value_path])
}
