//! From a [`Filter`] to a [`CheckedFilter`]: every name resolved, every operator and value fitted to the attribute's type.

use std::sync::Arc;

use super::error::{FilterError, FilterErrorKind, Found};
use super::operand::operand;
use super::{CheckedFilter, CompareOp, Filter, Literal, Node};
use crate::scim::path::AttrPath;
use crate::scim::schema::{AttributeDefinition, Mutability, Resolved, ResourceType, Returned};

impl CheckedFilter {
    /// Reads a filter and checks it.
    pub fn parse(text: &str, resource_type: &ResourceType) -> Result<Self, FilterError> {
        Self::check(&Filter::parse(text)?, resource_type)
    }

    /// Checks a filter on resources.
    pub fn check(filter: &Filter, resource_type: &ResourceType) -> Result<Self, FilterError> {
        checked(filter, &Names::Resource(resource_type), &mut Unknown::Refused).map(Self)
    }

    /// Reads a filter and checks it on several resource types at once: one filter for each of them. An attribute that a type
    /// does not have is absent there (RFC 7644, section 3.4.2.1); one that no type has is refused.
    pub fn parse_across(text: &str, kinds: &[Arc<ResourceType>]) -> Result<Vec<Self>, FilterError> {
        let filter = Filter::parse(text)?;
        if let [kind] = kinds {
            return Ok(vec![Self::check(&filter, kind)?]);
        }
        let mut unknown_to_all: Option<Vec<FilterError>> = None;
        let mut filters = Vec::with_capacity(kinds.len());
        for kind in kinds {
            let mut unknown = Unknown::Absent(Vec::new());
            filters.push(Self(checked(&filter, &Names::Resource(kind), &mut unknown)?));
            let Unknown::Absent(found) = unknown else { continue };
            unknown_to_all = Some(match unknown_to_all {
                None => found,
                Some(before) => before.into_iter().filter(|error| found.contains(error)).collect(),
            });
        }
        unknown_to_all.into_iter().flatten().next().map_or(Ok(filters), Err)
    }

    /// Checks the filter of a PATCH path, which stands on the values of one attribute; [`CheckedFilter::matches_element`]
    /// runs it. `position` is where the path stands, for errors. `target` names no sub-attribute.
    pub fn check_element(filter: &Filter, target: &Resolved, position: usize) -> Result<Self, FilterError> {
        let names = element_names(target, position)?;
        checked(filter, &names, &mut Unknown::Refused).map(Self)
    }
}

/// What becomes of a name that the resource type does not have.
enum Unknown {
    /// It is an error.
    Refused,
    /// It means an attribute without a value. These are the places where that was so.
    Absent(Vec<FilterError>),
}

/// Where the names of a filter are looked up.
enum Names<'a> {
    Resource(&'a ResourceType),
    Element(&'a Resolved),
}

fn checked(filter: &Filter, names: &Names<'_>, unknown: &mut Unknown) -> Result<Node, FilterError> {
    let mut all = |filters: &[Filter]| -> Result<Vec<Node>, _> {
        filters.iter().map(|filter| checked(filter, names, unknown)).collect()
    };
    match filter {
        Filter::And(filters) => all(filters).map(Node::And),
        Filter::Or(filters) => all(filters).map(Node::Or),
        Filter::Not(inner) => Ok(Node::Not(Box::new(checked(inner, names, unknown)?))),
        Filter::Present { path, position } => {
            let Some(target) = names.find(path, *position, unknown)? else { return Ok(NEVER) };
            Ok(Node::Present(target))
        }
        Filter::Compare { path, op, value, position } => match names.find(path, *position, unknown)? {
            Some(target) => compare(target, *op, value).map_err(|kind| FilterError::new(*position, kind)),
            // No value is what null is, and differs from everything else.
            None => Ok(match (op, value == &Literal::Null) {
                (CompareOp::Equal, true) | (CompareOp::NotEqual, false) => Node::Not(Box::new(NEVER)),
                _ => NEVER,
            }),
        },
        Filter::ValuePath { path, filter, position } => {
            if matches!(names, Names::Element(_)) {
                return Err(FilterError::new(*position, FilterErrorKind::NestedValuePath));
            }
            let Some(target) = names.find(path, *position, unknown)? else { return Ok(NEVER) };
            let filter = checked(filter, &element_names(&target, *position)?, unknown)?;
            Ok(Node::ValuePath { target, filter: Box::new(filter) })
        }
    }
}

/// What no resource matches: one of no filters.
const NEVER: Node = Node::Or(Vec::new());

/// Only attributes with sub-attributes or with several values have elements that a filter can choose from.
fn element_names(target: &Resolved, position: usize) -> Result<Names<'_>, FilterError> {
    if target.sub.is_none() && (target.attribute.is_complex() || target.attribute.multi_valued) {
        Ok(Names::Element(target))
    } else {
        Err(FilterError::new(position, FilterErrorKind::NoValuePath(target.to_string())))
    }
}

fn compare(mut target: Resolved, op: CompareOp, literal: &Literal) -> Result<Node, FilterErrorKind> {
    if *literal == Literal::Null {
        return match op {
            CompareOp::Equal => Ok(Node::Not(Box::new(Node::Present(target)))),
            CompareOp::NotEqual => Ok(Node::Present(target)),
            _ => Err(FilterErrorKind::NullOrder(op.as_str())),
        };
    }
    to_simple(&mut target)?;
    let value = operand(target.leaf(), &target.to_string(), op, literal)?;
    Ok(Node::Compare { target, op, value })
}

/// A complex attribute is compared by its `value`, as Entra's `manager eq "id"` and the RFC's `emails co "x"` mean it.
fn to_simple(target: &mut Resolved) -> Result<(), FilterErrorKind> {
    if target.leaf().is_complex() {
        let value = target.attribute.sub_attribute("value").filter(|value| is_readable(value)).cloned();
        target.sub = Some(value.ok_or_else(|| needs_sub_attribute(target))?);
    }
    Ok(())
}

/// The simple attribute that `path` means in each of the types, for those who compare resources by it; `None` in those that
/// do not have it, unless none has. Positions in errors count from the path's start.
pub(in crate::scim) fn resolve_comparable(
    kinds: &[Arc<ResourceType>],
    path: &AttrPath,
) -> Result<Vec<Option<Resolved>>, FilterError> {
    let mut unknown = if kinds.len() == 1 { Unknown::Refused } else { Unknown::Absent(Vec::new()) };
    let mut found = Vec::with_capacity(kinds.len());
    for kind in kinds {
        let mut target = Names::Resource(kind).find(path, 0, &mut unknown)?;
        if let Some(target) = &mut target {
            to_simple(target).map_err(|kind| FilterError::new(0, kind))?;
        }
        found.push(target);
    }
    match unknown {
        Unknown::Absent(errors) if errors.len() == kinds.len() => errors.into_iter().next().map_or(Ok(found), Err),
        _ => Ok(found),
    }
}

/// The simple attribute that `path` means in one type.
pub(in crate::scim) fn resolve_simple(kind: &ResourceType, path: &AttrPath) -> Result<Resolved, FilterError> {
    let target = Names::Resource(kind).find(path, 0, &mut Unknown::Refused)?;
    let refused = || FilterError::new(0, Names::Resource(kind).unknown(path));
    let mut target = target.ok_or_else(refused)?;
    to_simple(&mut target).map_err(|kind| FilterError::new(0, kind))?;
    Ok(target)
}

fn needs_sub_attribute(target: &Resolved) -> FilterErrorKind {
    let subs: Vec<_> = target.attribute.sub_attributes.iter().map(|sub| format!("{target}.{}", sub.name)).collect();
    FilterErrorKind::NeedsSubAttribute { path: target.to_string(), subs: subs.join(", ") }
}

fn is_readable(attribute: &AttributeDefinition) -> bool {
    attribute.returned != Returned::Never && attribute.mutability != Mutability::WriteOnly
}

impl Names<'_> {
    /// What `path` means here, if a client may know its value; `None` for an attribute that is taken as absent.
    fn find(&self, path: &AttrPath, position: usize, unknown: &mut Unknown) -> Result<Option<Resolved>, FilterError> {
        let found = match self {
            Self::Resource(resource_type) => resolve(resource_type, path),
            Self::Element(target) => resolve_in_element(target, path),
        };
        let Some(resolved) = found else {
            return match unknown {
                Unknown::Refused => Err(FilterError::new(position, self.unknown(path))),
                Unknown::Absent(places) => {
                    let kind = FilterErrorKind::UnknownAttribute {
                        path: Found::text(&path.to_string()),
                        owner: "any resource type".to_owned(),
                    };
                    places.push(FilterError::new(position, kind));
                    Ok(None)
                }
            };
        };
        if is_readable(&resolved.attribute) && is_readable(resolved.leaf()) {
            return Ok(Some(resolved));
        }
        Err(FilterError::new(position, FilterErrorKind::NeverReturned(resolved.to_string())))
    }

    fn unknown(&self, path: &AttrPath) -> FilterErrorKind {
        let owner = match self {
            Self::Resource(resource_type) => resource_type.name.clone(),
            Self::Element(target) => target.to_string(),
        };
        FilterErrorKind::UnknownAttribute { path: Found::text(&path.to_string()), owner }
    }
}

fn resolve(resource_type: &ResourceType, path: &AttrPath) -> Option<Resolved> {
    let meant = || path.with_dot_for_colon(resource_type);
    let found = resource_type.resolve(path).or_else(|| resource_type.resolve(&meant()?));
    found.or_else(|| resource_type.resolve_in_extensions(path))
}

/// Inside brackets a name means a sub-attribute; the values of a simple multi-valued attribute are called `value`.
fn resolve_in_element(target: &Resolved, path: &AttrPath) -> Option<Resolved> {
    if path.schema.is_some() || path.sub.is_some() {
        return None;
    }
    if !target.attribute.is_complex() {
        return path.name.eq_ignore_ascii_case("value").then(|| target.clone());
    }
    let sub = target.attribute.sub_attribute(&path.name)?.clone();
    Some(Resolved { sub: Some(sub), ..target.clone() })
}
