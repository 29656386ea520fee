//! What a query asks for as one text, so that two spellings of the same query are told from two queries.

use std::fmt::Write;
use std::sync::Arc;

use super::ListQuery;
use crate::scim::filter::{CheckedFilter, Node};
use crate::scim::schema::ResourceType;

impl ListQuery {
    /// Which resources in which order: equal texts mean the same list. Where in the list, how much of it, and which attributes
    /// are shown do not count.
    pub fn canonical(&self, kinds: &[Arc<ResourceType>]) -> String {
        let mut text = String::from(if self.descending { "-" } else { "+" });
        for (kind, selection) in kinds.iter().zip(&self.selections) {
            text.push('\n');
            text.push_str(&kind.name);
            if let Some(by) = &selection.sort {
                // Writing to a string cannot fail; names of attributes have no spaces.
                let _ = write!(text, " by {by}");
            }
            if let Some(filter) = &selection.filter {
                text.push_str(" where ");
                write_filter(&mut text, filter);
            }
        }
        text
    }
}

fn write_filter(text: &mut String, filter: &CheckedFilter) {
    write_node(text, filter.node());
}

fn write_node(text: &mut String, node: &Node) {
    let _ = match node {
        Node::And(nodes) => return write_nodes(text, "and", nodes),
        Node::Or(nodes) => return write_nodes(text, "or", nodes),
        Node::Not(node) => return write_nodes(text, "not", std::slice::from_ref(node)),
        Node::Present(target) => write!(text, "({target} pr)"),
        Node::Compare { target, op, value } => write!(text, "({target} {} {value:?})", op.as_str()),
        Node::ValuePath { target, filter } => {
            let _ = write!(text, "({target} has ");
            write_node(text, filter);
            write!(text, ")")
        }
    };
}

fn write_nodes(text: &mut String, name: &str, nodes: &[Node]) {
    text.push('(');
    text.push_str(name);
    nodes.iter().for_each(|node| write_node(text, node));
    text.push(')');
}
