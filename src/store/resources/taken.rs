//! Whether the unique values of a resource are free, without writing it.

use std::marker::PhantomData;

use diesel::sql_types::{Array, Nullable, Text, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

use super::name_attribute;
use crate::model::ResourceId;
use crate::scim::resource::{IndexEntry, unique_values};
use crate::store::statement::statement;
use crate::store::{StoreError, TenantStore};

statement! {
    /// The first unique value that another resource has: `name`, `externalId`, `employeeNumber`, or the path of a tenant's own
    /// attribute behind a `#`.
    TakenOf<'a> {
        tenant: Uuid => SqlUuid,
        id: Uuid => SqlUuid,
        resource_type: &'a str => Text,
        name_key: Option<&'a str> => Nullable<Text>,
        external_id: Option<&'a str> => Nullable<Text>,
        employee_key: Option<&'a str> => Nullable<Text>,
        scopes: &'a [&'a str] => Array<Text>,
        attributes: &'a [&'a str] => Array<Text>,
        keys: &'a [&'a str] => Array<Text>,
    } -> Text,
    "SELECT t.attribute FROM ( \
        SELECT 1 AS place, 'name' AS attribute WHERE EXISTS (SELECT FROM resources o WHERE o.tenant_id = $1 AND o.id <> $2 \
            AND o.resource_type = $3 AND o.name_key = $4) \
        UNION ALL SELECT 2, 'externalId' WHERE EXISTS (SELECT FROM resources o WHERE o.tenant_id = $1 AND o.id <> $2 \
            AND o.resource_type = $3 AND o.external_id = $5) \
        UNION ALL SELECT 3, 'employeeNumber' WHERE EXISTS (SELECT FROM resources o WHERE o.tenant_id = $1 AND o.id <> $2 \
            AND o.resource_type = $3 AND o.employee_key = $6 AND o.search ? '#employeeNumber') \
        UNION ALL SELECT 4, '#' || u.attribute FROM unnest($7, $8, $9) AS k (scope, attribute, key) \
            JOIN resource_unique_values u ON u.tenant_id = $1 AND u.scope = k.scope AND u.attribute = k.attribute \
            AND u.key = sha256(convert_to(k.key, 'UTF8')) AND u.resource_id <> $2 \
    ) t ORDER BY t.place LIMIT 1"
}

impl TenantStore {
    /// Why the resource could not be written now: another one has a unique value of it. `None` if nobody has.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn taken_of(
        &self,
        resource_type: &str,
        id: ResourceId,
        entry: &IndexEntry,
    ) -> Result<Option<StoreError>, StoreError> {
        let search: Value = serde_json::from_str(&entry.search).map_err(StoreError::internal)?;
        let own: Vec<[&str; 3]> = unique_values(&search).collect();
        let column = |place: usize| own.iter().map(|value| value[place]).collect::<Vec<_>>();
        let is_key = search.get("#employeeNumber").is_some();
        let statement = TakenOf {
            tenant: self.tenant.0,
            id: id.0,
            resource_type,
            name_key: entry.name_key.as_deref(),
            external_id: entry.external_id.as_deref(),
            employee_key: entry.employee_key.as_deref().filter(|_| is_key),
            scopes: &column(0),
            attributes: &column(1),
            keys: &column(2),
            lifetime: PhantomData,
        };
        let found: Vec<String> = self.store.search(statement).await?;
        let error = found.into_iter().next().map(|taken| match (taken.as_str(), taken.strip_prefix('#')) {
            (_, Some(path)) => StoreError::ValueTaken { path: path.to_owned() },
            ("name", _) => StoreError::Uniqueness { attribute: name_attribute(resource_type) },
            ("externalId", _) => StoreError::Uniqueness { attribute: "externalId" },
            _ => StoreError::Uniqueness { attribute: "employeeNumber" },
        });
        Ok(error)
    }
}
