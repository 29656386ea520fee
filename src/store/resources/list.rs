//! Pages of resources.

use crate::model::Stored;
use crate::scim::filter::{CompareOp, Node, Operand};
use crate::scim::schema::{Resolved, ResourceType};
use crate::store::filter_sql::{Resources, condition, order};
use crate::store::resources::INDEXED_BYTES;
use crate::store::resources::search::{Search, Sorted};
use crate::store::resources::written::GROUP;
use crate::store::{Listed, Page, StoreError, TenantStore};

impl TenantStore {
    /// A page of resources of one type, and how many there are in all.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn list(&self, kind: &ResourceType, page: &Page<'_>) -> Result<Listed, StoreError> {
        let resource_type = &kind.name;
        match (page.filter.map(|filter| filter.node()), page.sort) {
            (None, None) => self.page(resource_type, page).await,
            (Some(Node::Compare { target, op: CompareOp::Equal, value }), None) if target.extension.is_none() => {
                match self.look_up(resource_type, target, value, page.with_groups).await? {
                    Some(found) => Ok(cut(found, page)),
                    None => self.search(kind, page).await,
                }
            }
            _ => self.search(kind, page).await,
        }
    }

    /// The resources that one value finds through an index of its own, in the order of creation; `None` if there is no such index.
    async fn look_up(
        &self,
        resource_type: &str,
        target: &Resolved,
        value: &Operand,
        with_groups: bool,
    ) -> Result<Option<Vec<Stored>>, StoreError> {
        let (Operand::Folded(value) | Operand::Exact(value)) = value else {
            return Ok(None);
        };
        let found = match (resource_type, target.attribute.name.as_str()) {
            (_, "id") => match value.parse() {
                Ok(id) => self.find(resource_type, id, with_groups).await?.into_iter().collect(),
                Err(_) => Vec::new(),
            },
            (_, "externalId") => self.find_external_id(resource_type, value, with_groups).await?,
            ("User", "userName") => self.find_name(resource_type, value, with_groups).await?,
            (GROUP, "displayName") if value.len() <= INDEXED_BYTES => {
                self.find_group_name(resource_type, value, with_groups).await?
            }
            _ => return Ok(None),
        };
        Ok(Some(found))
    }

    /// A page of what a filter selects, in the order asked for, by one statement made for it.
    async fn search(&self, kind: &ResourceType, page: &Page<'_>) -> Result<Listed, StoreError> {
        let resources = Resources { tenant: self.tenant.0, resource_type: kind, base_url: self.store.base_url() };
        let search = Search {
            tenant: self.tenant.0,
            resource_type: kind.name.clone(),
            condition: page.filter.map(|filter| condition(filter, &resources)),
            sorted: page.sort.and_then(|(by, descending)| Some(Sorted { by: order(by, &resources)?, descending })),
            offset: i64::try_from(page.offset).unwrap_or(i64::MAX),
            limit: i64::from(page.limit),
        };
        let listed = if page.limit == 0 { None } else { self.search_page(&search, page.with_groups).await? };
        match listed {
            Some(listed) => Ok(listed),
            None if page.limit > 0 && page.offset == 0 => Ok(Listed { total: 0, resources: Vec::new() }),
            None => Ok(Listed { total: self.search_total(&search).await?, resources: Vec::new() }),
        }
    }
}

/// The page out of everything that was found.
fn cut(found: Vec<Stored>, page: &Page<'_>) -> Listed {
    let total = found.len() as u64;
    let offset = usize::try_from(page.offset).unwrap_or(usize::MAX);
    let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
    Listed { total, resources: found.into_iter().skip(offset).take(limit).collect() }
}
