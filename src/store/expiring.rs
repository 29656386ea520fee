//! The warnings of credentials that end soon.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Integer, Json, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

use super::statement::statement;
use super::{Store, StoreError};
use crate::model::{CredentialId, ExpiringCredential, NewMail, TenantId};

type Columns = ((SqlUuid, Text, SqlUuid, Text), (Nullable<Text>, Timestamptz, Bool));
type Row = ((Uuid, String, Uuid, String), (Option<String>, DateTime<Utc>, bool));

statement! {
    /// Gives each warning that is due and was not given before, and tells of it; answers those. For each credential that is the
    /// nearest threshold that it has passed, if it was made before that. An OAuth client ends with the last of its secrets. What was replaced is meant to end, so it is worth a
    /// warning on its last day alone, and only if somebody uses it still.
    Warn<'a> {
        days: &'a [i32] => Array<Integer>,
        now: DateTime<Utc> => Timestamptz,
        at: &'a str => Text,
    } -> (Columns, Integer, BigInt),
    "WITH ends AS (SELECT c.tenant_id, c.id, c.kind, c.label, c.connection_id, c.rotated_to, \
            coalesce(s.expires_at, c.expires_at) AS expires_at, coalesce(s.created_at, c.created_at) AS created_at \
            FROM credentials c LEFT JOIN LATERAL (SELECT k.expires_at, k.created_at FROM client_secrets k \
                WHERE k.tenant_id = c.tenant_id AND k.credential_id = c.id AND k.revoked_at IS NULL \
                ORDER BY k.expires_at DESC LIMIT 1) s ON c.kind = 'client' \
            WHERE c.revoked_at IS NULL), \
        passed AS (SELECT e.*, (SELECT min(d) FROM unnest($1) AS d \
            WHERE e.expires_at <= $2 + make_interval(hours => 24 * d)) AS days \
            FROM ends e WHERE e.expires_at > $2), \
        due AS (SELECT p.* FROM passed p LEFT JOIN credential_uses u ON u.tenant_id = p.tenant_id AND u.credential_id = p.id \
            WHERE p.days IS NOT NULL AND p.created_at <= p.expires_at - make_interval(hours => 24 * p.days) \
            AND (p.rotated_to IS NULL OR (p.days = 1 AND u.last_used_at > $2 - interval '24 hours'))), \
        given AS (INSERT INTO credential_warnings (tenant_id, credential_id, expires_at, days, warned_at) \
            SELECT tenant_id, id, expires_at, days, $2 FROM due ON CONFLICT DO NOTHING RETURNING tenant_id, credential_id) \
        SELECT c.tenant_id, t.slug, c.id, c.label, n.name, c.expires_at, c.rotated_to IS NOT NULL, c.days, \
            log_admin_action(json_build_object('at', $3, 'tenant', c.tenant_id, 'actorKind', 'system', 'actor', 'scimgate', \
                'action', 'credential.expiring', 'outcome', 'success', 'targetKind', c.kind, 'targetId', c.id, \
                'targetName', c.label, 'details', json_build_object('days', c.days, 'expiresAt', c.expires_at, \
                    'connection', n.name))) \
        FROM given g JOIN due c ON c.tenant_id = g.tenant_id AND c.id = g.credential_id JOIN tenants t ON t.id = c.tenant_id \
        LEFT JOIN connections n ON n.tenant_id = c.tenant_id AND n.id = c.connection_id"
}

statement! {
    /// Takes the warnings whose mails are to be queued: those of the last day that nobody has taken within ten minutes.
    ClaimWarnings<'a> {
        now: DateTime<Utc> => Timestamptz,
    } -> (Columns, Integer),
    "WITH free AS (SELECT w.tenant_id, w.credential_id, w.expires_at, w.days FROM credential_warnings w \
            WHERE w.mailed_at IS NULL AND w.warned_at > $1 - interval '24 hours' \
            AND (w.claimed_at IS NULL OR w.claimed_at <= $1 - interval '10 minutes') FOR UPDATE SKIP LOCKED), \
        claimed AS (UPDATE credential_warnings w SET claimed_at = $1 FROM free f WHERE w.tenant_id = f.tenant_id \
            AND w.credential_id = f.credential_id AND w.expires_at = f.expires_at AND w.days = f.days \
            RETURNING w.tenant_id, w.credential_id, w.expires_at, w.days) \
        SELECT c.tenant_id, t.slug, c.id, c.label, n.name, w.expires_at, c.rotated_to IS NOT NULL, w.days FROM claimed w \
        JOIN credentials c ON c.tenant_id = w.tenant_id AND c.id = w.credential_id JOIN tenants t ON t.id = c.tenant_id \
        LEFT JOIN connections n ON n.tenant_id = c.tenant_id AND n.id = c.connection_id"
}

statement! {
    /// Queues the mails of a warning, unless that was done.
    SettleWarning<'a> {
        now: DateTime<Utc> => Timestamptz,
        tenant: Uuid => SqlUuid,
        credential: Uuid => SqlUuid,
        expires_at: DateTime<Utc> => Timestamptz,
        days: i32 => Integer,
        mails: &'a Value => Json,
    } -> SqlUuid,
    "WITH done AS (UPDATE credential_warnings SET mailed_at = $1 WHERE tenant_id = $2 AND credential_id = $3 \
            AND expires_at = $4 AND days = $5 AND mailed_at IS NULL RETURNING days) \
        SELECT queue_mail(m.mail) FROM done, json_array_elements($6) AS m (mail)"
}

statement! {
    /// The administrators of a tenant who may change something, or else those of the instance.
    ResponsibleAdmins<'a> {
        tenant: Uuid => SqlUuid,
    } -> (Text, Text),
    "WITH people AS (SELECT name, email, tenant_id IS NOT NULL AS is_own FROM admins WHERE disabled_at IS NULL \
            AND role <> 'auditor' AND (tenant_id = $1 OR tenant_id IS NULL)) \
        SELECT name, email FROM people p WHERE p.is_own OR NOT EXISTS (SELECT FROM people o WHERE o.is_own) ORDER BY email"
}

/// A warning of a credential's end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// What ends.
    pub of: ExpiringCredential,
    /// Within how many days.
    pub days: i32,
}

impl Store {
    /// Gives the warnings that are due at `now`: once for each credential and each of the numbers of days before its end,
    /// whichever node asks and however often. Answers those that were given now, with the number of days; the log of
    /// administrative acts tells of each.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn warn_of_expiry(&self, now: DateTime<Utc>, days: &[i32]) -> Result<Vec<Warning>, StoreError> {
        let statement = Warn { now, days, at: &now.to_rfc3339(), lifetime: PhantomData };
        let rows: Vec<(Row, i32, i64)> = self.save(statement).await?;
        rows.into_iter().map(|(row, days, _)| Ok(Warning { of: expiring(row)?, days })).collect()
    }

    /// Takes the warnings whose mails are to be queued, so that no other node does so at the same time. One that is not settled
    /// within ten minutes can be taken again, until a day after it was given.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn claim_warnings(&self, now: DateTime<Utc>) -> Result<Vec<Warning>, StoreError> {
        let rows: Vec<(Row, i32)> = self.save(ClaimWarnings { now, lifetime: PhantomData }).await?;
        rows.into_iter().map(|(row, days)| Ok(Warning { of: expiring(row)?, days })).collect()
    }

    /// Queues the mails of a warning, unless that was done before.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn settle_warning(
        &self,
        warning: &Warning,
        mails: &[NewMail],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let Warning { of, days } = warning;
        let (tenant, credential, expires_at) = (of.tenant.0, of.credential.0, of.expires_at);
        let mails = &mails.iter().map(NewMail::to_json).collect();
        let statement =
            SettleWarning { now, tenant, credential, expires_at, days: *days, mails, lifetime: PhantomData };
        let _: Vec<Uuid> = self.save(statement).await?;
        Ok(())
    }

    /// Whom trouble of a tenant is told: its own administrators who may change something, or, if it has none, those of the
    /// instance. Names and e-mail addresses.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn responsible_admins(&self, tenant: TenantId) -> Result<Vec<(String, String)>, StoreError> {
        self.read(ResponsibleAdmins { tenant: tenant.0, lifetime: PhantomData }).await
    }
}

fn expiring(row: Row) -> Result<ExpiringCredential, StoreError> {
    let ((tenant, slug, credential, label), (connection, expires_at, is_replaced)) = row;
    Ok(ExpiringCredential {
        tenant: TenantId(tenant),
        slug: slug.parse().map_err(|error: String| StoreError::internal(error))?,
        credential: CredentialId(credential),
        label,
        connection,
        expires_at,
        is_replaced,
    })
}
