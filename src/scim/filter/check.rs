//! From a [`Filter`] to a [`CheckedFilter`]: every name resolved, every operator and value fitted to the attribute's type.

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
        checked(filter, &Names::Resource(resource_type)).map(Self)
    }

    /// Checks the filter of a PATCH path, which stands on the values of one attribute; [`CheckedFilter::matches_element`]
    /// runs it. `position` is where the path stands, for errors. `target` names no sub-attribute.
    pub fn check_element(filter: &Filter, target: &Resolved, position: usize) -> Result<Self, FilterError> {
        element_names(target, position).and_then(|names| checked(filter, &names)).map(Self)
    }
}

/// Where the names of a filter are looked up.
enum Names<'a> {
    Resource(&'a ResourceType),
    Element(&'a Resolved),
}

fn checked(filter: &Filter, names: &Names<'_>) -> Result<Node, FilterError> {
    let all = |filters: &[Filter]| filters.iter().map(|filter| checked(filter, names)).collect::<Result<_, _>>();
    match filter {
        Filter::And(filters) => all(filters).map(Node::And),
        Filter::Or(filters) => all(filters).map(Node::Or),
        Filter::Not(inner) => Ok(Node::Not(Box::new(checked(inner, names)?))),
        Filter::Present { path, position } => names.resolve(path, *position).map(Node::Present),
        Filter::Compare { path, op, value, position } => {
            let target = names.resolve(path, *position)?;
            compare(target, *op, value).map_err(|kind| FilterError::new(*position, kind))
        }
        Filter::ValuePath { path, filter, position } => {
            let target = match names {
                Names::Resource(_) => names.resolve(path, *position)?,
                Names::Element(_) => return Err(FilterError::new(*position, FilterErrorKind::NestedValuePath)),
            };
            let filter = checked(filter, &element_names(&target, *position)?)?;
            Ok(Node::ValuePath { target, filter: Box::new(filter) })
        }
    }
}

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

/// The simple attribute that `path` means, for those who compare resources by it. Positions in errors count from the
/// path's start.
pub(in crate::scim) fn resolve_comparable(
    resource_type: &ResourceType,
    path: &AttrPath,
) -> Result<Resolved, FilterError> {
    let mut target = Names::Resource(resource_type).resolve(path, 0)?;
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
    /// What `path` means here, if a client may know its value.
    fn resolve(&self, path: &AttrPath, position: usize) -> Result<Resolved, FilterError> {
        let found = match self {
            Self::Resource(resource_type) => resolve(resource_type, path),
            Self::Element(target) => resolve_in_element(target, path),
        };
        let resolved = found.ok_or_else(|| FilterError::new(position, self.unknown(path)))?;
        if is_readable(&resolved.attribute) && is_readable(resolved.leaf()) {
            return Ok(resolved);
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
