//! The tree of a filter.

use super::columns::{Source, column, in_search, is_membership, sub_value};
use super::sql::{Bind, Sql, sql};
use super::test::{assigned, compares, present};
use super::{Resources, memberships};
use crate::scim::filter::{CheckedFilter, CompareOp, Node, Operand};
use crate::scim::resource::unique_value;
use crate::scim::schema::Resolved;
use crate::scim::urn;
use crate::store::resources::INDEXED_BYTES;

/// The condition on the row `r` that is true exactly where the filter matches, and else false or NULL.
pub(in crate::store) fn condition(filter: &CheckedFilter, resources: &Resources<'_>) -> Sql {
    Translation { resources, place: Place::Resource }.node(filter.node())
}

/// The condition on the membership `m` of a group, whose member is the resource `o`: true where the filter, which speaks of an
/// element of `members`, matches.
pub(in crate::store) fn member_condition(filter: &CheckedFilter, resources: &Resources<'_>) -> Sql {
    Translation { resources, place: Place::Membership }.node(filter.node())
}

/// A condition on the row `x` that everything the filter matches meets, where an index finds those few rows. The planner
/// prefers other indexes until it has statistics; so the rows are to be fetched by it alone.
///
/// While a change of schemas makes an attribute unique, resources that were there before are kept by their values one after
/// the other, and are found by those from then on.
pub(in crate::store) fn anchor(filter: &CheckedFilter, resources: &Resources<'_>) -> Option<Sql> {
    if let Some(email) = (Translation { resources, place: Place::Resource }).email_of(filter.node()) {
        return Some(sql!["x.email_keys @> ", Bind::Texts(vec![email.to_owned()])]);
    }
    let [scope, attribute, key] = unique_value_of(resources, filter.node())?;
    let tenant = || Bind::Id(resources.tenant);
    Some(sql![
        "x.tenant_id = ",
        tenant(),
        " AND x.id = ANY (ARRAY(SELECT u.resource_id FROM resource_unique_values u WHERE u.tenant_id = ",
        tenant(),
        " AND u.scope = ",
        Bind::Text(scope),
        " AND u.attribute = ",
        Bind::Text(attribute),
        " AND u.key = sha256(convert_to(",
        Bind::Text(key),
        ", 'UTF8'))))"
    ])
}

/// The value of a tenant's own unique attribute that a resource has to have in order to match the filter.
fn unique_value_of(resources: &Resources<'_>, node: &Node) -> Option<[String; 3]> {
    match node {
        Node::And(nodes) => nodes.iter().find_map(|node| unique_value_of(resources, node)),
        Node::Compare { target, op: CompareOp::Equal, value } => unique_value(resources.resource_type, target, value),
        _ => None,
    }
}

/// Where the paths of a filter start.
#[derive(Clone, Copy)]
enum Place {
    /// At the resource `r`.
    Resource,
    /// At the element `e.v` of a multi-valued attribute.
    Element,
    /// At the membership `m`.
    Membership,
}

struct Translation<'a> {
    resources: &'a Resources<'a>,
    place: Place,
}

impl Translation<'_> {
    fn node(&self, node: &Node) -> Sql {
        match node {
            Node::And(nodes) => Sql::list(nodes.iter().map(|node| self.node(node)), " AND ", "true"),
            Node::Or(nodes) => Sql::list(nodes.iter().map(|node| self.node(node)), " OR ", "false"),
            Node::Not(node) => sql!["NOT coalesce(", self.node(node), ", false)"],
            Node::Present(target) => self.any(target, &present),
            Node::Compare { target, op, value } => self.compare(target, *op, value),
            Node::ValuePath { target, filter } => self.value_path(target, filter),
        }
    }

    fn compare(&self, target: &Resolved, op: CompareOp, operand: &Operand) -> Sql {
        if let (Place::Resource, CompareOp::Equal, Operand::Folded(operand)) = (self.place, op, operand)
            && operand.len() <= INDEXED_BYTES
        {
            if self.is_email_value(target) {
                return has_email(operand);
            }
            if is_employee_number(target) {
                return sql!["r.employee_key = ", Bind::Text(operand.clone())];
            }
            if self.is_group_name(target) {
                let name = sql!["r.display_key = ", Bind::Text(operand.clone())];
                return sql!["(r.resource_type = 'Group' AND octet_length(r.display_key) <= 2000 AND ", name, ")"];
            }
        }
        let found = self.any(target, &|source| compares(source, op, operand));
        if op != CompareOp::NotEqual {
            return found;
        }
        // What has no value is not identical to the operand.
        sql!["(", found, " OR NOT coalesce(", self.any(target, &assigned), ", false))"]
    }

    /// One value of the attribute passes the test.
    fn any(&self, target: &Resolved, test: &dyn Fn(&Source) -> Sql) -> Sql {
        match self.place {
            Place::Membership => test(&memberships::source(self.resources, target)),
            Place::Element => any_of(sub_value("e.v".into(), target), is_multi_valued(target), test),
            Place::Resource if is_membership(self.resources, target) => {
                memberships::exists(self.resources, test(&memberships::source(self.resources, target)))
            }
            Place::Resource => match column(self.resources, target) {
                Some(source) => sql!["(", test(&source), ")"],
                None if target.attribute.multi_valued => {
                    let of_element = any_of(sub_value("e.v".into(), target), is_multi_valued(target), test);
                    of_elements(in_search(target), of_element)
                }
                None => any_of(sub_value(in_search(target), target), is_multi_valued(target), test),
            },
        }
    }

    fn value_path(&self, target: &Resolved, filter: &Node) -> Sql {
        if is_membership(self.resources, target) {
            let inside = Translation { resources: self.resources, place: Place::Membership };
            return memberships::exists(self.resources, inside.node(filter));
        }
        if !target.attribute.multi_valued {
            // A path inside names the attribute and its sub-attribute, so it means the same outside.
            return sql!["(", self.any(target, &present), " AND ", self.node(filter), ")"];
        }
        let inside = Translation { resources: self.resources, place: Place::Element };
        let found = of_elements(in_search(target), inside.node(filter));
        match self.email_in(filter) {
            Some(email) => sql!["(", has_email(email), " AND ", found, ")"],
            None => found,
        }
    }

    fn is_user(&self) -> bool {
        self.resources.resource_type.name == "User"
    }

    fn is_email_value(&self, target: &Resolved) -> bool {
        self.is_user()
            && target.extension.is_none()
            && target.attribute.name == "emails"
            && target.sub.as_ref().is_some_and(|sub| sub.name == "value")
    }

    fn is_group_name(&self, target: &Resolved) -> bool {
        self.resources.resource_type.name == "Group"
            && target.extension.is_none()
            && target.attribute.name == "displayName"
    }

    /// The address that a resource has to have in order to match the filter.
    fn email_of<'n>(&self, node: &'n Node) -> Option<&'n str> {
        match node {
            Node::And(nodes) => nodes.iter().find_map(|node| self.email_of(node)),
            Node::ValuePath { filter, .. } => self.email_in(filter),
            node => self.email_in(node),
        }
    }

    /// The address that an element has to have in order to match the filter.
    fn email_in<'n>(&self, filter: &'n Node) -> Option<&'n str> {
        match filter {
            Node::And(nodes) => nodes.iter().find_map(|node| self.email_in(node)),
            Node::Compare { target, op: CompareOp::Equal, value: Operand::Folded(value) } => {
                (self.is_email_value(target) && value.len() <= INDEXED_BYTES).then_some(value.as_str())
            }
            _ => None,
        }
    }
}

fn is_employee_number(target: &Resolved) -> bool {
    target.extension.as_ref().is_some_and(|uri| uri.matches(urn::ENTERPRISE_USER))
        && target.attribute.name == "employeeNumber"
}

/// Whether a sub-attribute has several values itself.
fn is_multi_valued(target: &Resolved) -> bool {
    target.sub.as_ref().is_some_and(|sub| sub.multi_valued)
}

fn has_email(email: &str) -> Sql {
    sql!["r.email_keys @> ", Bind::Texts(vec![email.to_owned()])]
}

/// One element of the value, or the value itself, passes the test.
fn any_of(value: Sql, multi_valued: bool, test: &dyn Fn(&Source) -> Sql) -> Sql {
    if multi_valued {
        let found = test(&Source::Json("s.v".into()));
        sql!["EXISTS (SELECT FROM jsonb_path_query(", value, ", '$[*]') AS s (v) WHERE ", found, ")"]
    } else {
        sql!["(", test(&Source::Json(value)), ")"]
    }
}

/// One element `e.v` of the value meets the condition.
fn of_elements(value: Sql, condition: Sql) -> Sql {
    sql!["EXISTS (SELECT FROM jsonb_path_query(", value, ", '$[*]') AS e (v) WHERE ", condition, ")"]
}
