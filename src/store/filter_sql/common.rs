//! Which filters are so common that their statements are kept prepared.
//!
//! Planning costs more than running where an index finds a handful of resources. But every shape of filter is a statement of
//! its own, and clients could fill the server's memory with shapes; so those kept are these few alone, whatever their values.

use super::Resources;
use super::columns::is_membership;
use crate::scim::filter::{CheckedFilter, CompareOp, Node};
use crate::scim::schema::Resolved;
use crate::scim::urn;

/// Whether the filter has one of the shapes.
pub(in crate::store) fn is_common(filter: &CheckedFilter, resources: &Resources<'_>) -> bool {
    match filter.node() {
        Node::Compare { target, op, .. } => is_common_leaf(target, *op, resources),
        Node::ValuePath { target, filter } if has_values(target, resources) => match filter.as_ref() {
            Node::And(nodes) => nodes.len() == 2 && nodes.iter().all(is_equality),
            node => is_equality(node),
        },
        _ => false,
    }
}

/// What identity providers ask for, of what an index finds.
fn is_common_leaf(target: &Resolved, op: CompareOp, resources: &Resources<'_>) -> bool {
    use CompareOp::{Contains, Equal, Greater, GreaterOrEqual, Less, LessOrEqual, StartsWith};
    let is_user = resources.resource_type.name == "User";
    let sub = target.sub.as_ref().map(|sub| sub.name.as_str());
    match (&target.extension, target.attribute.name.as_str(), sub, op) {
        (None, "userName", None, Contains | StartsWith) => is_user,
        (None, "meta", Some("lastModified"), Greater | GreaterOrEqual | Less | LessOrEqual) => true,
        (None, _, Some("value"), Equal) => has_values(target, resources),
        (Some(uri), "employeeNumber", None, Equal) => uri.matches(urn::ENTERPRISE_USER),
        _ => false,
    }
}

fn has_values(target: &Resolved, resources: &Resources<'_>) -> bool {
    let is_user = resources.resource_type.name == "User";
    target.extension.is_none() && (is_membership(resources, target) || (is_user && target.attribute.name == "emails"))
}

fn is_equality(node: &Node) -> bool {
    let is_text =
        |target: &Resolved| target.sub.as_ref().is_some_and(|sub| matches!(sub.name.as_str(), "value" | "type"));
    matches!(node, Node::Compare { target, op: CompareOp::Equal, .. } if is_text(target))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::schema::builtin;

    fn common(kind: &str, filter: &str) -> bool {
        let resource_type = builtin().named(kind).unwrap();
        let resources =
            Resources { tenant: uuid::Uuid::nil(), resource_type, base_url: "https://scim.example/scim/v2" };
        is_common(&CheckedFilter::parse(filter, resource_type).unwrap(), &resources)
    }

    #[test]
    fn what_identity_providers_send_is_kept() {
        for filter in [
            "userName co \"a\"",
            "userName sw \"a\"",
            "emails eq \"a@b.c\"",
            "emails[value eq \"a@b.c\"]",
            "emails[type eq \"work\" and value eq \"a@b.c\"]",
            "groups eq \"7\"",
            "meta.lastModified ge \"2026-11-22T00:00:00Z\"",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber eq \"7\"",
        ] {
            assert!(common("User", filter), "{filter}");
        }
        assert!(common("Group", "members[value eq \"7\"]"));
    }

    /// Each of these could be varied without end.
    #[test]
    fn what_could_take_any_shape_is_not() {
        for filter in [
            "title eq \"a\"",
            "not (userName sw \"a\")",
            "userName sw \"a\" or userName sw \"b\"",
            "emails[type eq \"work\" and value eq \"a\" and value eq \"b\"]",
            "emails[not (value eq \"a\")]",
            "emails[primary eq true]",
            "userName pr",
        ] {
            assert!(!common("User", filter), "{filter}");
        }
        assert!(!common("Group", "displayName sw \"a\""));
    }
}
