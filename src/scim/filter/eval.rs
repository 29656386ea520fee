//! What a checked filter means: the reference that every other way of running filters has to agree with.
//!
//! A filter runs on a *canonical* resource: names as the schemas spell them, extension attributes in an object under the
//! extension's URN, nothing null, no empty array or object. What is not part of the stored resource (`meta`, `members`,
//! `groups`) counts if the caller has added it.
//!
//! **Values.** A path yields a list of values. `a` yields the value of `a`, or each element if it is an array; `a.b` yields
//! the values of `b` of each of these that is an object. What is absent or null yields nothing. Nothing is unknown: every leaf is
//! true or false, and `not` turns exactly that around.
//!
//! **Leaves.**
//!  - `Present` is true if one of the values is not empty. Empty are null, `""`, an array without a value that is not
//!    empty, and an object without a member that is not empty. `eq null` is the contrary of `Present`, `ne null` is
//!    `Present`.
//!  - `Compare` is true if *one* value compares so, for every operator, `ne` included: `emails.type ne "work"` asks for an
//!    address of another type, whatever the other addresses are (RFC 7644, section 3.4.2.2: one value of several is enough).
//!    `ne` is also true if there is no value at all: unassigned is a state like null (RFC 7643, section 2.5), and null is
//!    not identical to the operand. Every other comparison of an absent attribute is false.
//!  - `ValuePath` is true if *one* value of the attribute makes the inner filter true as a whole. Within it, paths start at
//!    that value: `b` of an object, or the value itself for simple multi-valued attributes. A complex attribute that is not
//!    multi-valued has one value. Without a value it is false, whatever the inner filter is, `[not (type pr)]` included.
//!
//! **Comparisons**, by operand. A value of another JSON type than the operand's compares false.
//!  - `Folded`: the value is folded by [`fold`]; then as `Exact`.
//!  - `Exact`: `eq` and `ne` are identity, `gt`, `ge`, `lt` and `le` are order by code point (of the bytes of UTF-8, the
//!    collation `C`), `co`, `sw` and `ew` look for the operand in the value. Every string contains the empty operand, begins
//!    and ends with it.
//!  - `Boolean`: `eq` and `ne`.
//!  - `Integer`: 64-bit integers. A value that is not one compares false.
//!  - `Decimal`: both sides as IEEE doubles (the nearest one), also where the attribute holds integers.
//!  - `Instant`: the value is read by [`parse_instant`], so both sides are instants at microsecond precision with further
//!    digits cut off; without an offset they are UTC. How a date is written does not matter.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::{CheckedFilter, CompareOp, Node, Operand};
use crate::scim::date_time::parse_instant;
use crate::scim::fold::fold;
use crate::scim::schema::Resolved;

impl CheckedFilter {
    /// Whether a canonical resource matches.
    pub fn matches(&self, resource: &Map<String, Value>) -> bool {
        holds(&self.0, &Place::Resource(resource))
    }

    /// Whether one value of an attribute matches a filter that was made by [`CheckedFilter::check_element`].
    pub fn matches_element(&self, element: &Value) -> bool {
        holds(&self.0, &Place::Element(element))
    }
}

/// Where paths start.
enum Place<'a> {
    Resource(&'a Map<String, Value>),
    Element(&'a Value),
}

fn holds(node: &Node, place: &Place<'_>) -> bool {
    match node {
        Node::And(nodes) => nodes.iter().all(|node| holds(node, place)),
        Node::Or(nodes) => nodes.iter().any(|node| holds(node, place)),
        Node::Not(node) => !holds(node, place),
        Node::Present(target) => place.any(target, &|value| !is_empty(value)),
        Node::Compare { target, op, value } => {
            place.any(target, &|found| compares(found, *op, value))
                || *op == CompareOp::NotEqual && !place.any(target, &|_| true)
        }
        Node::ValuePath { target, filter } => place.any(target, &|value| holds(filter, &Place::Element(value))),
    }
}

impl Place<'_> {
    /// Whether one of the values that `target` yields passes the test.
    fn any(&self, target: &Resolved, test: &dyn Fn(&Value) -> bool) -> bool {
        let attribute = match self {
            Self::Element(element) => Some(*element),
            Self::Resource(resource) => match &target.extension {
                None => resource.get(&target.attribute.name),
                Some(uri) => resource.get(uri.as_str()).and_then(|values| values.get(&target.attribute.name)),
            },
        };
        attribute.is_some_and(|value| {
            any_of(value, &|value| match &target.sub {
                None => test(value),
                Some(sub) => value.get(&sub.name).is_some_and(|value| any_of(value, test)),
            })
        })
    }
}

fn any_of(value: &Value, test: &dyn Fn(&Value) -> bool) -> bool {
    match value {
        Value::Array(values) => values.iter().any(|value| !value.is_null() && test(value)),
        Value::Null => false,
        value => test(value),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.iter().all(is_empty),
        Value::Object(members) => members.values().all(is_empty),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn compares(value: &Value, op: CompareOp, operand: &Operand) -> bool {
    match operand {
        Operand::Folded(operand) => value.as_str().is_some_and(|value| text_compares(&fold(value), op, operand)),
        Operand::Exact(operand) => value.as_str().is_some_and(|value| text_compares(value, op, operand)),
        Operand::Boolean(operand) => ordered(value.as_bool().map(|value| value.cmp(operand)), op),
        Operand::Integer(operand) => ordered(value.as_i64().map(|value| value.cmp(operand)), op),
        Operand::Decimal(operand) => ordered(value.as_f64().and_then(|value| value.partial_cmp(operand)), op),
        Operand::Instant(operand) => {
            ordered(value.as_str().and_then(parse_instant).map(|value| value.cmp(operand)), op)
        }
    }
}

fn text_compares(value: &str, op: CompareOp, operand: &str) -> bool {
    match op {
        CompareOp::Contains => value.contains(operand),
        CompareOp::StartsWith => value.starts_with(operand),
        CompareOp::EndsWith => value.ends_with(operand),
        _ => ordered(Some(value.cmp(operand)), op),
    }
}

/// Whether a value that stands so to the operand compares so. `None` is a value that cannot be compared.
fn ordered(ordering: Option<Ordering>, op: CompareOp) -> bool {
    ordering.is_some_and(|ordering| match op {
        CompareOp::Equal => ordering.is_eq(),
        CompareOp::NotEqual => ordering.is_ne(),
        CompareOp::Greater => ordering.is_gt(),
        CompareOp::GreaterOrEqual => ordering.is_ge(),
        CompareOp::Less => ordering.is_lt(),
        CompareOp::LessOrEqual => ordering.is_le(),
        CompareOp::Contains | CompareOp::StartsWith | CompareOp::EndsWith => false,
    })
}
