//! Pages of resources: which of the ways to read one is the cheapest.

use super::place::Place;
use super::search::Search;
use super::written::GROUP;
use crate::model::Stored;
use crate::scim::filter::{CompareOp, Node, Operand};
use crate::scim::schema::{Resolved, ResourceType};
use crate::store::resources::INDEXED_BYTES;
use crate::store::{Listed, Page, Part, StoreError, TenantStore};

impl TenantStore {
    /// A page of resources, and how many there are in all.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn list(&self, page: &Page<'_>) -> Result<Listed, StoreError> {
        let place = Place::of(&page.start);
        let listed = self.page_at(page, &place).await?;
        if page.limit > 0 && place.is_backwards() && listed.resources.is_empty() {
            // What stood before the position is gone, so what stands behind it is the first page.
            return self.page_at(page, &Place::Walk(None)).await;
        }
        Ok(listed)
    }

    async fn page_at(&self, page: &Page<'_>, place: &Place) -> Result<Listed, StoreError> {
        let [Part { kind, filter, sort: None }] = page.parts else { return self.search(page, place).await };
        match (filter.map(|filter| filter.node()), place) {
            (None, _) if page.limit == 0 => Ok(Listed::of(self.total(&kind.name).await?, Vec::new())),
            (None, Place::Offset(offset)) => self.page(&kind.name, page, *offset).await,
            (None, Place::Walk(_)) => self.keyset_page(&kind.name, page, place).await,
            (Some(Node::Compare { target, op: CompareOp::Equal, value }), _) if target.extension.is_none() => {
                let found = self.look_up(kind, target, value, page.with_groups).await?;
                match found.and_then(|found| place.cut_all(found, page)) {
                    Some(listed) => Ok(listed),
                    None => self.search(page, place).await,
                }
            }
            _ => self.search(page, place).await,
        }
    }

    /// The resources that one value finds through an index of its own, in the order of creation; `None` if there is no such index.
    async fn look_up(
        &self,
        kind: &ResourceType,
        target: &Resolved,
        value: &Operand,
        with_groups: bool,
    ) -> Result<Option<Vec<Stored>>, StoreError> {
        let (Operand::Folded(value) | Operand::Exact(value)) = value else {
            return Ok(None);
        };
        let resource_type = kind.name.as_str();
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

    /// A page of what filters select, in the order asked for, by one statement made for it.
    async fn search(&self, page: &Page<'_>, place: &Place) -> Result<Listed, StoreError> {
        let search = Search::new(self, page, place);
        let rows = if page.limit == 0 { Vec::new() } else { self.search_page(&search, page.with_groups).await? };
        let total = match rows.first() {
            Some((total, _)) => total.unsigned_abs(),
            None => self.search_total(&search).await?,
        };
        Ok(place.cut(total, rows.into_iter().map(|(_, found)| found).collect(), page.limit))
    }
}
