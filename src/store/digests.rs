//! Weekly digests: what tenants want, what they are made of, and that each is made once.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Bool, Integer, Json, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

use super::statement::statement;
use super::{Store, StoreError, TenantStore};
use crate::model::digest::{Digest, DigestGatherer, DigestSettings, hour, time_zone};
use crate::model::{AdminAction, AdminId, ResourceId, TenantId, TenantSlug};

/// How many changes are looked at with one statement.
const AT_ONCE: i64 = 10_000;

statement! {
    /// The tenants that are neither suspended nor deleted, or one of them in any state: with what they want, since when that
    /// is so, and the week of the last digest.
    Wanted<'a> {
        only: Option<Uuid> => Nullable<SqlUuid>,
    } -> (
        (SqlUuid, Text, Text, Nullable<Text>, Timestamptz),
        (Nullable<Bool>, Nullable<SmallInt>, Nullable<SmallInt>, Nullable<Text>, Nullable<Bool>, Nullable<Text>),
    ),
    "SELECT t.id, t.slug, t.name, to_jsonb(t) -> 'mail' ->> 'language', coalesce(s.modified_at, t.created_at), s.is_enabled, \
            s.weekday, s.hour, s.time_zone, s.skips_empty, \
            (SELECT d.week FROM digests d WHERE d.tenant_id = t.id ORDER BY d.due_at DESC LIMIT 1) \
        FROM tenants t LEFT JOIN digest_settings s ON s.tenant_id = t.id \
        WHERE CASE WHEN $1 IS NULL THEN t.suspended_at IS NULL AND t.deleted_at IS NULL ELSE t.id = $1 END ORDER BY t.id"
}

statement! {
    /// Sets what a tenant wants, and tells who did.
    Set<'a> {
        is_enabled: bool => Bool,
        weekday: i16 => SmallInt,
        hour: i16 => SmallInt,
        time_zone: &'a str => Text,
        skips_empty: bool => Bool,
        at: DateTime<Utc> => Timestamptz,
        tenant: Uuid => SqlUuid,
        action: &'a Value => Json,
    } -> BigInt,
    "WITH done AS (INSERT INTO digest_settings AS s (tenant_id, is_enabled, weekday, hour, time_zone, skips_empty, modified_at) \
            SELECT t.id, $1, $2, $3, $4, $5, $6 FROM tenants t WHERE t.id = $7 \
            ON CONFLICT (tenant_id) DO UPDATE SET is_enabled = excluded.is_enabled, weekday = excluded.weekday, \
                hour = excluded.hour, time_zone = excluded.time_zone, skips_empty = excluded.skips_empty, \
                modified_at = excluded.modified_at RETURNING s.tenant_id) \
        SELECT log_admin_action($8) FROM done"
}

statement! {
    /// Some changes in the order of time.
    Changes<'a> {
        tenant: Uuid => SqlUuid,
        at: DateTime<Utc> => Timestamptz,
        position: i64 => BigInt,
        to: DateTime<Utc> => Timestamptz,
        limit: i64 => BigInt,
    } -> (Timestamptz, BigInt, Bool, Text, SqlUuid, Text, Text),
    "SELECT at, position, resource_type = 'User', action, resource_id, resource_name, actor FROM changes \
        WHERE tenant_id = $1 AND at >= $2 AND (at, position) > ($2, $3) AND at < $4 ORDER BY at, position LIMIT $5"
}

statement! {
    /// Whom the digest goes to: the tenant's own administrators who want it, or, if it has none of its own, those of the
    /// instance who do.
    Recipients<'a> {
        tenant: Uuid => SqlUuid,
    } -> (SqlUuid, Text, Text),
    "SELECT a.id, a.name, a.email FROM admins a WHERE a.disabled_at IS NULL AND a.wants_digest \
        AND (a.tenant_id = $1 OR (a.tenant_id IS NULL AND NOT EXISTS ( \
            SELECT FROM admins o WHERE o.tenant_id = $1 AND o.disabled_at IS NULL))) ORDER BY a.email_key"
}

statement! {
    /// Sets whether an administrator wants digests, and tells of it.
    Want<'a> {
        wanted: bool => Bool,
        admin: Uuid => SqlUuid,
        action: &'a Value => Json,
    } -> BigInt,
    "WITH done AS (UPDATE admins SET wants_digest = $1 WHERE id = $2 RETURNING id) SELECT log_admin_action($3) FROM done"
}

statement! {
    /// Whether an administrator wants digests.
    Wants<'a> {
        admin: Uuid => SqlUuid,
    } -> Bool,
    "SELECT wants_digest FROM admins WHERE id = $1"
}

statement! {
    /// The weekly digests that were made last.
    Made<'a> {
        tenant: Uuid => SqlUuid,
        limit: i64 => BigInt,
    } -> (Text, Timestamptz, Timestamptz, Timestamptz, Integer, Json),
    "SELECT week, from_at, to_at, made_at, mails, counts FROM digests WHERE tenant_id = $1 ORDER BY due_at DESC LIMIT $2"
}

statement! {
    /// Calls `make_digest`.
    Make<'a> {
        tenant: Uuid => SqlUuid,
        digest: &'a Value => Json,
        mails: &'a Value => Json,
        action: &'a Value => Json,
    } -> Bool,
    "SELECT make_digest($1, $2, $3, $4)"
}

/// A tenant that may want a digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestTenant {
    /// The tenant.
    pub id: TenantId,
    /// Its short name.
    pub slug: TenantSlug,
    /// Its name for people.
    pub name: String,
    /// The tag of the language that its mails are written in.
    pub language: String,
    /// What it wants.
    pub settings: DigestSettings,
    /// Since when.
    pub since: DateTime<Utc>,
    /// The week of its last digest.
    pub last: Option<String>,
}

/// A weekly digest that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeDigest {
    /// The week, as ISO 8601 writes it.
    pub week: String,
    /// What it tells of.
    pub period: (DateTime<Utc>, DateTime<Utc>),
    /// When it was made.
    pub at: DateTime<Utc>,
    /// How many mails were queued; none if nothing happened or nobody wanted it.
    pub mails: u64,
    /// Users added, edited, deactivated and removed.
    pub counts: [u64; 4],
}

type Row = (
    (Uuid, String, String, Option<String>, DateTime<Utc>),
    (Option<bool>, Option<i16>, Option<i16>, Option<String>, Option<bool>, Option<String>),
);

impl Store {
    /// The tenants whose digests may be due.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn digest_tenants(&self) -> Result<Vec<DigestTenant>, StoreError> {
        let rows: Vec<Row> = self.search(Wanted { only: None, lifetime: PhantomData }).await?;
        rows.into_iter().map(tenant).collect()
    }

    /// Whether an administrator wants digests; `None` if there is no such one.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn wants_digest(&self, admin: AdminId) -> Result<Option<bool>, StoreError> {
        let rows: Vec<bool> = self.read(Wants { admin: admin.0, lifetime: PhantomData }).await?;
        Ok(rows.into_iter().next())
    }

    /// Sets whether an administrator wants digests. Answers whether there is such a one.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn want_digest(&self, admin: AdminId, wanted: bool, action: &AdminAction) -> Result<bool, StoreError> {
        let statement = Want { wanted, admin: admin.0, action: &action.to_json(), lifetime: PhantomData };
        let told: Vec<i64> = self.save(statement).await?;
        Ok(!told.is_empty())
    }
}

impl TenantStore {
    /// What the tenant wants of its digest; `None` if the tenant is gone.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn digest_tenant(&self) -> Result<Option<DigestTenant>, StoreError> {
        let rows: Vec<Row> = self.store.search(Wanted { only: Some(self.tenant.0), lifetime: PhantomData }).await?;
        rows.into_iter().next().map(tenant).transpose()
    }

    /// Sets what the tenant wants. Answers whether there is such a tenant.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn set_digest(&self, settings: &DigestSettings, action: &AdminAction) -> Result<bool, StoreError> {
        let statement = Set {
            tenant: self.tenant.0,
            is_enabled: settings.is_enabled,
            weekday: i16::try_from(settings.weekday.number_from_monday()).unwrap_or(1),
            hour: settings.hour.into(),
            time_zone: settings.time_zone.name(),
            skips_empty: settings.skips_empty,
            at: action.at,
            action: &action.to_json(),
            lifetime: PhantomData,
        };
        let told: Vec<i64> = self.store.save(statement).await?;
        Ok(!told.is_empty())
    }

    /// The weekly digests that were made, the last one first, at most `limit` of them.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn made_digests(&self, limit: i64) -> Result<Vec<MadeDigest>, StoreError> {
        type Row = (String, DateTime<Utc>, DateTime<Utc>, DateTime<Utc>, i32, Value);
        let rows: Vec<Row> = self.store.read(Made { tenant: self.tenant.0, limit, lifetime: PhantomData }).await?;
        let made = |(week, from, to, at, mails, counts): Row| MadeDigest {
            week,
            period: (from, to),
            at,
            mails: u64::try_from(mails).unwrap_or_default(),
            counts: ["added", "edited", "deactivated", "removed"].map(|name| counts[name].as_u64().unwrap_or_default()),
        };
        Ok(rows.into_iter().map(made).collect())
    }

    /// What became of the tenant's users from one instant on and before another.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn digest(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Digest, StoreError> {
        type Change = (DateTime<Utc>, i64, bool, String, Uuid, String, String);
        let (mut at, mut position) = (from, i64::MIN);
        let mut gatherer = DigestGatherer::default();
        loop {
            let statement = Changes { tenant: self.tenant.0, at, position, to, limit: AT_ONCE, lifetime: PhantomData };
            let rows: Vec<Change> = self.store.search(statement).await?;
            let is_last = (rows.len() as i64) < AT_ONCE;
            for (when, place, is_user, action, id, name, actor) in rows {
                (at, position) = (when, place);
                if is_user {
                    gatherer.take(&action, ResourceId(id), &name, &actor);
                }
            }
            if is_last {
                return Ok(gatherer.digest(from, to));
            }
        }
    }

    /// Whom the tenant's digest goes to: ids, names and e-mail addresses.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn digest_recipients(&self) -> Result<Vec<(AdminId, String, String)>, StoreError> {
        let statement = Recipients { tenant: self.tenant.0, lifetime: PhantomData };
        let rows: Vec<(Uuid, String, String)> = self.store.read(statement).await?;
        Ok(rows.into_iter().map(|(id, name, email)| (AdminId(id), name, email)).collect())
    }

    /// Queues the mails of a digest and tells of it, unless that of its week was made before. Answers whether it was made now.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn make_digest(&self, digest: &Value, mails: &[Value], action: &AdminAction) -> Result<bool, StoreError> {
        let (mails, action) = (&Value::Array(mails.to_vec()), &action.to_json());
        let statement = Make { tenant: self.tenant.0, digest, mails, action, lifetime: PhantomData };
        let made: Vec<bool> = self.store.save(statement).await?;
        Ok(made.first().copied().unwrap_or_default())
    }
}

fn tenant(row: Row) -> Result<DigestTenant, StoreError> {
    let ((id, slug, name, language, since), (is_enabled, weekday, at_hour, zone, skips_empty, last)) = row;
    let default = DigestSettings::default();
    let wrong = |error: String| StoreError::internal(error);
    let weekday = weekday.and_then(|day| u8::try_from(day - 1).ok()).and_then(|day| day.try_into().ok());
    Ok(DigestTenant {
        id: TenantId(id),
        slug: slug.parse().map_err(wrong)?,
        name,
        language: language.unwrap_or_else(|| "en".to_owned()),
        settings: DigestSettings {
            is_enabled: is_enabled.unwrap_or(default.is_enabled),
            weekday: weekday.unwrap_or(default.weekday),
            hour: at_hour.map_or(Ok(default.hour), |at| hour(at.into())).map_err(wrong)?,
            time_zone: zone.map_or(Ok(default.time_zone), |zone| time_zone(&zone)).map_err(wrong)?,
            skips_empty: skips_empty.unwrap_or(default.skips_empty),
        },
        since,
        last,
    })
}
