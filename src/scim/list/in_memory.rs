//! A query run on resources that are at hand: for lists that are short and made of something else, and so are not searched
//! for in the database.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::{ListQuery, Start};
use crate::scim::fold::fold;
use crate::scim::schema::Resolved;

impl ListQuery {
    /// How many of these resources, all of the query's first type, match; and of those the page that is asked for, each
    /// resource whole. Pages are cut by index; whoever walks by cursor gets the first one.
    pub fn page_of(&self, mut resources: Vec<Map<String, Value>>) -> (usize, Vec<Map<String, Value>>) {
        let selection = self.selections.first();
        if let Some(filter) = selection.and_then(|selection| selection.filter.as_ref()) {
            resources.retain(|resource| filter.matches(resource));
        }
        if let Some(sort) = selection.and_then(|selection| selection.sort.as_ref()) {
            // A stable sort, turned around by hand: equal ones stay in their order either way.
            resources.sort_by(|one, other| {
                let ordering = compare(sort, one, other);
                if self.descending { ordering.reverse() } else { ordering }
            });
        }
        let total = resources.len();
        let skipped = match self.start {
            Start::Index(index) => usize::try_from(index.saturating_sub(1)).unwrap_or(usize::MAX),
            Start::Cursor(_) => 0,
        };
        let count = usize::try_from(self.count).unwrap_or(usize::MAX);
        (total, resources.into_iter().skip(skipped).take(count).collect())
    }
}

/// By the attribute's single value; what has none comes last (RFC 7644, section 3.4.2.3).
fn compare(sort: &Resolved, one: &Map<String, Value>, other: &Map<String, Value>) -> Ordering {
    let (one, other) = (value(sort, one), value(sort, other));
    match (one, other) {
        (Some(Value::String(one)), Some(Value::String(other))) if sort.leaf().compares_exactly() => one.cmp(other),
        (Some(Value::String(one)), Some(Value::String(other))) => fold(one).cmp(&fold(other)),
        (Some(Value::Bool(one)), Some(Value::Bool(other))) => one.cmp(other),
        (Some(one), Some(other)) => one.as_f64().partial_cmp(&other.as_f64()).unwrap_or(Ordering::Equal),
        (one, other) => other.is_some().cmp(&one.is_some()),
    }
}

fn value<'a>(sort: &Resolved, resource: &'a Map<String, Value>) -> Option<&'a Value> {
    let schema = match &sort.extension {
        None => Some(resource),
        Some(uri) => resource.get(uri.as_str()).and_then(Value::as_object),
    };
    let value = schema?.get(&sort.attribute.name)?;
    sort.sub.as_ref().map_or(Some(value), |sub| value.get(&sub.name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::scim::list::{ListParameters, PageSize};
    use crate::scim::schema::{RoleForm, RoleList};

    fn page(parameters: ListParameters<'_>) -> (usize, Vec<String>) {
        let kind = RoleList::Roles.resource_type(RoleForm::Draft);
        let query = ListQuery::parse(parameters, std::slice::from_ref(kind), PageSize::default()).unwrap();
        let roles = [("1", "b", json!(2)), ("2", "A", json!(10)), ("3", "c", json!(null)), ("4", "B", json!(2))];
        let roles = roles.map(|(id, value, weight)| match json!({"id": id, "value": value, "weight": weight}) {
            Value::Object(mut role) => {
                role.retain(|_, value| !value.is_null());
                role
            }
            _ => Map::new(),
        });
        let (total, page) = query.page_of(roles.to_vec());
        (total, page.iter().map(|role| role["id"].as_str().unwrap().to_owned()).collect())
    }

    #[test]
    fn resources_are_filtered_sorted_and_cut() {
        let all = ListParameters::default();
        assert_eq!(page(all), (4, ["1", "2", "3", "4"].map(str::to_owned).to_vec()));
        let filtered = page(ListParameters { filter: Some("value eq \"B\" or weight gt 5"), ..all });
        assert_eq!(filtered, (3, ["1", "2", "4"].map(str::to_owned).to_vec()));
        let sorted = |by, order| page(ListParameters { sort_by: Some(by), sort_order: order, ..all }).1.concat();
        assert_eq!(sorted("value", None), "2143");
        assert_eq!(sorted("weight", None), "1423");
        assert_eq!(sorted("weight", Some("descending")), "3214");
        let cut = ListParameters { start_index: Some("2"), count: Some("2"), sort_by: Some("value"), ..all };
        assert_eq!(page(cut), (4, ["1", "4"].map(str::to_owned).to_vec()));
        assert_eq!(page(ListParameters { start_index: Some("9"), ..all }), (4, Vec::new()));
    }
}
