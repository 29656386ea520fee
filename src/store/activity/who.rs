//! From what people call somebody to ids.

use std::marker::PhantomData;

use diesel::sql_types::{Array, Nullable, Text, Uuid as SqlUuid};
use uuid::Uuid;

use crate::model::{ActivityFilter, ResourceId, Term};
use crate::scim::fold::fold;
use crate::store::statement::statement;
use crate::store::{StoreError, TenantStore};

statement! {
    /// The tenant's credentials, whatever their state, with their connections.
    Credentials<'a> {
        tenant: Uuid => SqlUuid,
    } -> (SqlUuid, Text, Nullable<SqlUuid>, Nullable<Text>),
    "SELECT k.id, k.label, n.id, n.name FROM credentials k \
        LEFT JOIN connections n ON n.tenant_id = k.tenant_id AND n.id = k.connection_id WHERE k.tenant_id = $1"
}

statement! {
    /// The resources that have, or had, one of the keys. Only users and groups have names that are keys.
    Named<'a> {
        tenant: Uuid => SqlUuid,
        folded: &'a str => Text,
        exact: &'a str => Text,
        keys: &'a [&'a str] => Array<Text>,
    } -> SqlUuid,
    "SELECT id FROM resources WHERE tenant_id = $1 AND resource_type IN ('User', 'Group') AND name_key = $2 \
        UNION SELECT id FROM resources WHERE tenant_id = $1 AND external_id = $3 AND resource_type = ANY ( \
            ARRAY['User', 'Group'] || ARRAY(SELECT definition ->> 'name' FROM tenant_resource_types WHERE tenant_id = $1)) \
        UNION SELECT id FROM resources WHERE tenant_id = $1 AND employee_key = $2 \
        UNION SELECT id FROM resources WHERE tenant_id = $1 AND resource_type = 'Group' AND display_key = $2 \
            AND octet_length(display_key) <= 2000 \
        UNION SELECT resource_id FROM former_keys WHERE tenant_id = $1 AND key = ANY ($4) \
        LIMIT 1000"
}

/// The ids that a filter's words stand for; `None` where the filter does not ask.
#[derive(Debug, Default)]
pub(super) struct Who {
    /// The credentials that did it: by the actor's name or id, and through the connection. An administrator's id stands here
    /// too.
    pub credentials: Option<Vec<Uuid>>,
    /// What it was done to.
    pub targets: Option<Vec<Uuid>>,
    /// The target's word, folded and as it is, as failed requests keep it.
    pub target_keys: Vec<String>,
}

impl TenantStore {
    /// Finds out whom a filter speaks of.
    pub(super) async fn who(&self, filter: &ActivityFilter) -> Result<Who, StoreError> {
        let credentials = match (&filter.actor, &filter.connection) {
            (None, None) => None,
            (actor, connection) => Some(self.credentials_of(actor.as_ref(), connection.as_ref()).await?),
        };
        let (targets, target_keys) = match &filter.target {
            None => (None, Vec::new()),
            Some(target) => {
                let ids = self.resources_named(target.as_str()).await?;
                (Some(ids.into_iter().map(|id| id.0).collect()), keys(target.as_str()))
            }
        };
        Ok(Who { credentials, targets, target_keys })
    }

    async fn credentials_of(&self, actor: Option<&Term>, connection: Option<&Term>) -> Result<Vec<Uuid>, StoreError> {
        type Row = (Uuid, String, Option<Uuid>, Option<String>);
        let statement = Credentials { tenant: self.tenant.0, lifetime: PhantomData };
        let rows: Vec<Row> = self.store.search(statement).await?;
        let is_called = |term: &Term, id: Option<Uuid>, name: Option<&str>| {
            let name = name.is_some_and(|name| fold(name) == fold(term.as_str()));
            name || (id.is_some() && Uuid::try_parse(term.as_str()).ok() == id)
        };
        let by = |(id, label, ..): &&Row| actor.is_none_or(|actor| is_called(actor, Some(*id), Some(label)));
        let through =
            |(_, _, id, name): &&Row| connection.is_none_or(|connection| is_called(connection, *id, name.as_deref()));
        let mut ids: Vec<Uuid> = rows.iter().filter(by).filter(through).map(|(id, ..)| *id).collect();
        if connection.is_none() {
            ids.extend(actor.and_then(|actor| Uuid::try_parse(actor.as_str()).ok()).filter(|id| !ids.contains(id)));
        }
        Ok(ids)
    }

    /// The resources that have or had this name, external id, employee number or id.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn resources_named(&self, text: &str) -> Result<Vec<ResourceId>, StoreError> {
        let keys = keys(text);
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let folded = keys.first().copied().unwrap_or_default();
        let statement = Named { tenant: self.tenant.0, folded, exact: text, keys: &keys, lifetime: PhantomData };
        let mut ids: Vec<Uuid> = self.store.search(statement).await?;
        ids.extend(Uuid::try_parse(text).ok().filter(|id| !ids.contains(id)));
        Ok(ids.into_iter().map(ResourceId).collect())
    }
}

/// A word as it may stand among keys: names and employee numbers folded, external ids as they are.
fn keys(text: &str) -> Vec<String> {
    let folded = fold(text).into_owned();
    if folded == text { vec![folded] } else { vec![folded, text.to_owned()] }
}
