//! Changing what a tenant has registered: its schemas and resource types.
//!
//! A change that resources which are there already would violate is refused and told with their ids. Between the look at them
//! and the moment at which every node knows of the change, a node may write by the schemas before; so the resources are looked
//! at again then, and the change is taken back if one does not fit. What filters read is brought up to date on the same way.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::Gateway;
use crate::model::{AdminAction, CatalogVersion, Origin, ResourceId, Tenant, TenantId};
use crate::scim::resource::{Resource, misfit, unique_values};
use crate::scim::schema::own::{InvalidDefinition, Registry};
use crate::scim::schema::{Catalog, ResourceType, builtin};
use crate::store::{Document, StoreError, TenantStore};

/// How many offenders are told at most.
const SHOWN: usize = 20;
/// How many resources are read at once.
const BATCH: u32 = 500;
/// After this long every node serves by a change: a second until it asks, and time for a request that is under way.
pub(super) const SETTLING: Duration = Duration::from_secs(2);
/// How often resources that others change meanwhile are looked at again.
const ROUNDS: usize = 10;

/// A resource that a change would violate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offender {
    /// The name of its type.
    pub resource_type: String,
    /// Its id.
    pub id: ResourceId,
    /// The attribute, and what is wrong with it.
    pub reason: String,
}

/// Why what a tenant has registered stays as it was.
#[derive(Debug, thiserror::Error)]
pub enum SchemasError {
    /// A definition is wrong, by itself or beside the others.
    #[error(transparent)]
    Invalid(#[from] InvalidDefinition),
    /// There is nothing of that name to change.
    #[error("{0}")]
    NotFound(String),
    /// Resources do not fit: the first of them, at most 20.
    #[error("resources that are there do not fit")]
    Violated(Vec<Offender>),
    /// Somebody else changed it in the same moment.
    #[error("the tenant's schemas were changed by somebody else in the same moment; look at them and try again")]
    Moved,
    /// The database is away or at fault.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a change of schemas is told as.
#[derive(Debug)]
pub struct SchemasAct<'a> {
    /// `schema.put`, `schema.remove`, `resource_type.put` or `resource_type.remove`.
    pub action: &'static str,
    /// `schema` or `resource type`.
    pub kind: &'static str,
    /// Its URN or name.
    pub name: &'a str,
    /// By whom, and from where.
    pub origin: &'a Origin,
}

/// A type as it was, and as it is to be; `None` if it goes.
pub(super) type Affected = (Arc<ResourceType>, Option<Arc<ResourceType>>);

impl Gateway {
    /// Changes what a tenant has registered, as a whole or not at all. Answers the new version. Repeating a change that was
    /// made before finishes what was broken off.
    ///
    /// # Errors
    /// [`SchemasError`]; then everything is as it was.
    pub async fn change_schemas(
        &self,
        tenant: TenantId,
        act: &SchemasAct<'_>,
        change: impl FnOnce(&mut Registry) -> Result<(), SchemasError>,
    ) -> Result<CatalogVersion, SchemasError> {
        let told = |succeeded| AdminAction {
            tenant: Some(tenant),
            at: self.clock.now(),
            origin: act.origin.clone(),
            action: act.action,
            succeeded,
            target: (act.kind, None, act.name.to_owned()),
            details: json!({}),
        };
        let choices =
            self.store.tenant_by_id(tenant).await?.ok_or_else(|| StoreError::internal("there is no such tenant"))?;
        let tenant = self.store.tenant(tenant);
        let (version, before) = tenant.registry().await?;
        let old = before.catalog(builtin())?;
        let mut after = before.clone();
        change(&mut after)?;
        let new = after.catalog(builtin())?;
        let affected = affected(&old, &new);

        let mut look = Look::new(&tenant, &choices);
        look.at_all(&affected).await?;
        if !look.offenders.is_empty() {
            return Err(SchemasError::Violated(look.offenders));
        }
        let version = tenant.publish(version, &after, &told(true)).await?.ok_or(SchemasError::Moved)?;
        if look.seen == 0 {
            return Ok(version);
        }
        tokio::time::sleep(SETTLING).await;
        let offenders = settle(&tenant, &choices, &affected).await?;
        if offenders.is_empty() {
            return Ok(version);
        }
        tenant.publish(version, &before, &told(false)).await?.ok_or(SchemasError::Moved)?;
        settle(&tenant, &choices, &turned(affected)).await?;
        Err(SchemasError::Violated(offenders))
    }
}

/// The types that differ; where none does, all, since something may have been broken off.
fn affected(old: &Catalog, new: &Catalog) -> Vec<Affected> {
    let pairs = old.resource_types().iter().map(|kind| (kind.clone(), new.named(&kind.name).cloned()));
    let pairs: Vec<Affected> = pairs.collect();
    let differs = |(old, new): &&Affected| new.as_ref().is_none_or(|new| !old.is_built_as(new));
    let affected: Vec<Affected> = pairs.iter().filter(differs).cloned().collect();
    let is_same = affected.is_empty() && old.resource_types().len() == new.resource_types().len();
    if is_same { pairs.into_iter().filter(|(kind, _)| kind.has_own_schemas()).collect() } else { affected }
}

/// What leads back.
fn turned(affected: Vec<Affected>) -> Vec<Affected> {
    affected.into_iter().filter_map(|(old, new)| Some((new?, Some(old)))).collect()
}

/// Brings up to date what filters and unique values follow from, until nobody interferes.
pub(super) async fn settle(
    tenant: &TenantStore,
    choices: &Tenant,
    affected: &[Affected],
) -> Result<Vec<Offender>, SchemasError> {
    for _ in 0..ROUNDS {
        let mut look = Look { reindexes: true, ..Look::new(tenant, choices) };
        look.at_all(affected).await?;
        if !look.offenders.is_empty() || !look.missed {
            return Ok(look.offenders);
        }
    }
    Err(StoreError::Conflict.into())
}

/// One look at all resources of some types.
pub(super) struct Look<'a> {
    tenant: &'a TenantStore,
    /// What the tenant chose, which decides what is unique beside attributes of its own.
    choices: &'a Tenant,
    reindexes: bool,
    /// How many resources there are.
    pub seen: usize,
    /// Whether one was changed by somebody else before it was brought up to date.
    missed: bool,
    pub offenders: Vec<Offender>,
    /// Who has a unique value.
    holders: HashMap<[String; 3], ResourceId>,
}

impl<'a> Look<'a> {
    pub fn new(tenant: &'a TenantStore, choices: &'a Tenant) -> Self {
        let (offenders, holders) = (Vec::new(), HashMap::new());
        Self { tenant, choices, reindexes: false, seen: 0, missed: false, offenders, holders }
    }

    /// Looks until there are enough offenders to tell.
    pub async fn at_all(&mut self, affected: &[Affected]) -> Result<(), StoreError> {
        for pair in affected {
            let mut after = 0;
            loop {
                let documents = self.tenant.documents(&pair.0.name, after, BATCH).await?;
                let Some(last) = documents.last() else { break };
                after = last.place;
                self.seen += documents.len();
                for document in &documents {
                    if let Some(reason) = self.at(pair, document).await? {
                        let resource_type = pair.0.name.clone();
                        self.offenders.push(Offender { resource_type, id: document.id, reason });
                    }
                    if self.offenders.len() == SHOWN {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    /// Why a resource does not fit, if it does not.
    async fn at(&mut self, (old, new): &Affected, document: &Document) -> Result<Option<String>, StoreError> {
        let Some(new) = new else { return Ok(Some(format!("is a {}", old.name))) };
        let Some(resource) = Resource::from_document(&document.document) else {
            return Err(StoreError::internal(format!("the document of {} is no object", document.id)));
        };
        if let Some(reason) = misfit(old, new, &resource) {
            return Ok(Some(reason));
        }
        let entry = super::entry(self.choices, new, &resource);
        let search: Value = serde_json::from_str(&entry.search).map_err(StoreError::internal)?;
        for value in unique_values(&search) {
            let holder = *self.holders.entry(value.map(str::to_owned)).or_insert(document.id);
            if holder != document.id {
                return Ok(Some(format!("{} has the same value as that of {holder}", value[1])));
            }
        }
        if !self.reindexes || search == document.search {
            return Ok(None);
        }
        match self.tenant.reindex(document.id, document.version, &entry).await {
            Ok(written) => self.missed |= !written,
            Err(StoreError::ValueTaken { path }) => {
                return Ok(Some(format!("{path} has the same value as that of another resource")));
            }
            Err(error) => return Err(error),
        }
        Ok(None)
    }
}
