//! What filters read as, why they are refused, and what they find.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod check;
mod errors;
mod evaluation;
mod grammar;
mod oracles;
mod properties;

use super::Filter;
use crate::scim::schema::{ResourceType, builtin};

fn user() -> &'static ResourceType {
    builtin().named("User").unwrap()
}

fn group() -> &'static ResourceType {
    builtin().named("Group").unwrap()
}

/// The tree without the places where things stood.
fn without_positions(filter: Filter) -> Filter {
    let all = |filters: Vec<Filter>| filters.into_iter().map(without_positions).collect();
    match filter {
        Filter::And(filters) => Filter::And(all(filters)),
        Filter::Or(filters) => Filter::Or(all(filters)),
        Filter::Not(inner) => Filter::Not(Box::new(without_positions(*inner))),
        Filter::Present { path, .. } => Filter::Present { path, position: 0 },
        Filter::Compare { path, op, value, .. } => Filter::Compare { path, op, value, position: 0 },
        Filter::ValuePath { path, filter, .. } => {
            Filter::ValuePath { path, filter: Box::new(without_positions(*filter)), position: 0 }
        }
    }
}
