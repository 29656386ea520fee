//! A bulk request made ready to be carried out: ids in the place of references, and an order.

use std::collections::HashMap;
use std::sync::Arc;

use super::order::{Unit, order};
use super::references::{self, PREFIX};
use super::request::{BulkRequest, Call, Method, Operation, shown, wrong};
use crate::scim::ScimError;
use crate::scim::schema::ResourceType;

/// Operations that hold no reference any more, and the order in which they are carried out.
#[derive(Debug)]
pub struct Plan {
    /// The operations in the order of the request.
    pub operations: Vec<Planned>,
    /// Each operation once.
    pub order: Vec<Unit>,
}

/// One operation.
#[derive(Debug)]
pub struct Planned {
    /// The method as the answer repeats it.
    pub method: String,
    /// The client's name for the operation.
    pub bulk_id: Option<String>,
    /// The resource type and the id of the resource that it is about, as far as they are known; for a POST the new id.
    pub resource: Option<(Arc<ResourceType>, String)>,
    /// The call, or why it cannot be made.
    pub call: Result<Call, ScimError>,
    /// The operations without which this one cannot be carried out: those that create what it refers to.
    pub needs: Vec<usize>,
}

/// What is known of the resources that the request creates: the operation and the new id, by bulkId.
type Created = HashMap<String, (usize, String)>;

impl Plan {
    /// Gives each resource to be created an id from `new_id`, and puts it wherever its bulkId is referred to.
    pub fn new(request: BulkRequest, mut new_id: impl FnMut() -> String) -> Self {
        let mut created = Created::new();
        for (index, operation) in request.operations.iter().enumerate() {
            if let (true, Some(bulk_id)) = (is_post(operation), &operation.bulk_id) {
                created.entry(bulk_id.clone()).or_insert_with(|| (index, new_id()));
            }
        }
        let mut mentions = Vec::with_capacity(request.operations.len());
        let operations: Vec<Planned> = request
            .operations
            .into_iter()
            .enumerate()
            .map(|(index, operation)| {
                let (planned, mentioned) = plan(index, operation, &created);
                mentions.push(mentioned);
                planned
            })
            .collect();
        let needs: Vec<Vec<usize>> = operations.iter().map(|operation| operation.needs.clone()).collect();
        let order = order(&needs, &about_one_resource(&operations, &mentions));
        Self { operations, order }
    }
}

fn is_post(operation: &Operation) -> bool {
    operation.method.eq_ignore_ascii_case(Method::Post.as_str())
}

/// The operation with ids in the place of its references, and the ids that its data names.
fn plan(index: usize, operation: Operation, created: &Created) -> (Planned, Vec<String>) {
    let Operation { method, bulk_id, target, call } = operation;
    let is_post = method.eq_ignore_ascii_case(Method::Post.as_str());
    let mut lookup = Lookup { index, created, needs: Vec::new(), unknown: None, mentioned: Vec::new() };
    let resource = target.and_then(|target| {
        let own = || bulk_id.as_ref().and_then(|id| created.get(id)).filter(|(owner, _)| *owner == index);
        let id = match target.id {
            Some(mut id) if !is_post => {
                lookup.resolve(&mut id);
                Some(id)
            }
            _ if is_post => own().map(|(_, id)| id.clone()),
            _ => None,
        };
        id.map(|id| (target.kind, id))
    });
    lookup.mentioned.clear();
    let call = call.and_then(|mut call| {
        references::visit(&call.kind.clone(), call.method, &mut call.data, &mut |id| lookup.resolve(id));
        match lookup.unknown.take() {
            None => Ok(call),
            Some(reference) => Err(wrong(format!(
                "{:?} refers to no operation of this request; send a POST with that bulkId along, or use the id",
                shown(&reference)
            ))),
        }
    });
    let method = call.as_ref().map_or(method, |call| call.method.as_str().to_owned());
    lookup.needs.sort_unstable();
    lookup.needs.dedup();
    let needs = if call.is_ok() { lookup.needs } else { Vec::new() };
    (Planned { method, bulk_id, resource, call, needs }, lookup.mentioned)
}

struct Lookup<'a> {
    index: usize,
    created: &'a Created,
    needs: Vec<usize>,
    unknown: Option<String>,
    mentioned: Vec<String>,
}

impl Lookup<'_> {
    fn resolve(&mut self, id: &mut String) {
        if let Some(bulk_id) = id.strip_prefix(PREFIX) {
            match self.created.get(bulk_id) {
                None => self.unknown = Some(id.clone()),
                Some((operation, new)) => {
                    if *operation != self.index {
                        self.needs.push(*operation);
                    }
                    id.clone_from(new);
                }
            }
        }
        self.mentioned.push(id.clone());
    }
}

/// For each operation the ones before it that it should not overtake: those on the same resource, and between the removal
/// of a resource and those that name it.
fn about_one_resource(operations: &[Planned], mentions: &[Vec<String>]) -> Vec<Vec<usize>> {
    let method = |index: usize| operations[index].call.as_ref().ok().map(|call| call.method);
    let is_removal = |index: usize| method(index) == Some(Method::Delete);
    // What is about a new resource follows its creation by the reference.
    let is_new = |index: usize| method(index) == Some(Method::Post);
    let target = |index: usize| {
        let resource = operations[index].resource.as_ref().filter(|_| !is_new(index));
        resource.map(|(_, id)| id.as_str())
    };
    let removed: HashMap<&str, usize> = (0..operations.len())
        .filter(|index| is_removal(*index))
        .filter_map(|index| Some((target(index)?, index)))
        .collect();
    let mut after = vec![Vec::new(); operations.len()];
    let mut last: HashMap<&str, usize> = HashMap::new();
    for index in 0..operations.len() {
        if let Some(id) = target(index)
            && let Some(before) = last.insert(id, index)
        {
            after[index].push(before);
        }
        for removal in mentions[index].iter().filter_map(|id| removed.get(id.as_str())) {
            match index.cmp(removal) {
                std::cmp::Ordering::Less => after[*removal].push(index),
                std::cmp::Ordering::Greater => after[index].push(*removal),
                std::cmp::Ordering::Equal => {}
            }
        }
    }
    after
}
