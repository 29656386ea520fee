//! When credentials were used: written now and then in the background, for all credentials at once.

use std::marker::PhantomData;
use std::net::IpAddr;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use super::statement::statement;
use super::{Store, StoreError};
use crate::model::{ConnectionId, ConnectionUse, CredentialId, CredentialUse, TenantId};

statement! {
    /// Writes uses; what is known already stays where it is later. In the order of the ids, so that nodes that write at the same
    /// time do not wait for each other in a circle.
    RecordUses<'a> {
        tenants: &'a [Uuid] => Array<SqlUuid>,
        credentials: &'a [Uuid] => Array<SqlUuid>,
        used: &'a [DateTime<Utc>] => Array<Timestamptz>,
        addresses: &'a [Option<String>] => Array<Nullable<Text>>,
        successes: &'a [Option<DateTime<Utc>>] => Array<Nullable<Timestamptz>>,
        failures: &'a [Option<DateTime<Utc>>] => Array<Nullable<Timestamptz>>,
    } -> BigInt,
    "INSERT INTO credential_uses AS u (tenant_id, credential_id, last_used_at, last_address, last_success_at, last_failure_at) \
        SELECT * FROM unnest($1, $2, $3, $4, $5, $6) AS n (tenant_id, credential_id, last_used_at, last_address, \
            last_success_at, last_failure_at) ORDER BY tenant_id, credential_id \
        ON CONFLICT (tenant_id, credential_id) DO UPDATE SET \
            last_address = CASE WHEN excluded.last_used_at >= u.last_used_at THEN excluded.last_address ELSE u.last_address END, \
            last_used_at = greatest(u.last_used_at, excluded.last_used_at), \
            last_success_at = greatest(u.last_success_at, excluded.last_success_at), \
            last_failure_at = greatest(u.last_failure_at, excluded.last_failure_at) \
        RETURNING 1::bigint"
}

statement! {
    /// The uses of a tenant's credentials.
    Uses<'a> {
        tenant: Uuid => SqlUuid,
    } -> (SqlUuid, Timestamptz, Nullable<Text>, Nullable<Timestamptz>, Nullable<Timestamptz>),
    "SELECT credential_id, last_used_at, last_address, last_success_at, last_failure_at FROM credential_uses WHERE tenant_id = $1"
}

statement! {
    /// The uses of connections: of one tenant, or of all.
    ConnectionUses<'a> {
        tenant: Option<Uuid> => Nullable<SqlUuid>,
    } -> (
        (Text, SqlUuid, Text, Text, Bool),
        (Nullable<Timestamptz>, Nullable<Timestamptz>, Nullable<Timestamptz>),
    ),
    "SELECT t.slug, c.id, c.name, c.kind, c.enabled, max(u.last_used_at), max(u.last_success_at), max(u.last_failure_at) \
        FROM connections c JOIN tenants t ON t.id = c.tenant_id \
        LEFT JOIN credentials k ON k.tenant_id = c.tenant_id AND k.connection_id = c.id \
        LEFT JOIN credential_uses u ON u.tenant_id = k.tenant_id AND u.credential_id = k.id \
        WHERE c.tenant_id = coalesce($1, c.tenant_id) \
        GROUP BY t.slug, c.tenant_id, c.id ORDER BY t.slug, c.name_key"
}

type UseRow = (Uuid, DateTime<Utc>, Option<String>, Option<DateTime<Utc>>, Option<DateTime<Utc>>);
type ConnectionUseRow =
    ((String, Uuid, String, String, bool), (Option<DateTime<Utc>>, Option<DateTime<Utc>>, Option<DateTime<Utc>>));

impl Store {
    /// Writes what was used when. Writing the same twice does no harm.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn record_uses(&self, uses: &[CredentialUse]) -> Result<(), StoreError> {
        if uses.is_empty() {
            return Ok(());
        }
        let column = |of: fn(&CredentialUse) -> Option<DateTime<Utc>>| uses.iter().map(of).collect::<Vec<_>>();
        let statement = RecordUses {
            tenants: &uses.iter().map(|one| one.tenant.0).collect::<Vec<_>>(),
            credentials: &uses.iter().map(|one| one.credential.0).collect::<Vec<_>>(),
            used: &uses.iter().map(|one| one.last_used_at).collect::<Vec<_>>(),
            addresses: &uses.iter().map(|one| one.last_address.map(shown)).collect::<Vec<_>>(),
            successes: &column(|one| one.last_success_at),
            failures: &column(|one| one.last_failure_at),
            lifetime: PhantomData,
        };
        let _: Vec<i64> = self.save(statement).await?;
        Ok(())
    }

    /// The last uses of a tenant's credentials, of those that were used.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn credential_uses(&self, tenant: TenantId) -> Result<Vec<CredentialUse>, StoreError> {
        let rows: Vec<UseRow> = self.read(Uses { tenant: tenant.0, lifetime: PhantomData }).await?;
        let uses = rows.into_iter().map(|(credential, last_used_at, address, last_success_at, last_failure_at)| {
            let last_address = address.and_then(|address| address.parse().ok());
            let credential = CredentialId(credential);
            CredentialUse { tenant, credential, last_used_at, last_address, last_success_at, last_failure_at }
        });
        Ok(uses.collect())
    }

    /// The last uses of each connection of a tenant, or of all tenants; by tenant and name. Connections that were never used are
    /// among them.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn connection_uses(&self, tenant: Option<TenantId>) -> Result<Vec<ConnectionUse>, StoreError> {
        let statement = ConnectionUses { tenant: tenant.map(|tenant| tenant.0), lifetime: PhantomData };
        let rows: Vec<ConnectionUseRow> = self.search(statement).await?;
        rows.into_iter().map(connection_use).collect()
    }
}

fn shown(address: IpAddr) -> String {
    address.to_canonical().to_string()
}

fn connection_use(row: ConnectionUseRow) -> Result<ConnectionUse, StoreError> {
    let ((tenant, connection, name, kind, enabled), (last_used_at, last_success_at, last_failure_at)) = row;
    let wrong = |error: String| StoreError::internal(error);
    Ok(ConnectionUse {
        tenant: tenant.parse().map_err(wrong)?,
        connection: ConnectionId(connection),
        name: name.parse().map_err(wrong)?,
        kind: kind.parse().map_err(wrong)?,
        enabled,
        last_used_at,
        last_success_at,
        last_failure_at,
    })
}
