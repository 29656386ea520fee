//! Rosters, read: each statement sees one list whole, whatever is published meanwhile.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Bool, Json, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

use super::statement::statement;
use super::{StoreError, TenantStore};
use crate::model::{
    AppId, LicenseUse, ProvisionedUser, Publication, PublicationId, ResourceId, RosterEntry, RosterFilter, RosterId,
    RosterSession,
};

type Entry = (
    (Text, Text, Nullable<Text>, Nullable<Text>),
    (Timestamptz, Timestamptz, Nullable<SqlUuid>, Nullable<Text>, Nullable<Bool>),
);
type EntryRow = (
    (String, String, Option<String>, Option<String>),
    (DateTime<Utc>, DateTime<Utc>, Option<Uuid>, Option<String>, Option<bool>),
);

statement! {
    /// A page of the current list, by the accounts' ids. The sub-selects are done once, and let the page come in the order of
    /// the key.
    Entries<'a> {
        tenant: Uuid => SqlUuid,
        app: &'a str => Text,
        after: &'a str => Text,
        license: Option<&'a str> => Nullable<Text>,
        is_unknown: Option<bool> => Nullable<Bool>,
        limit: i64 => BigInt,
    } -> Entry,
    "SELECT e.app_user_id, e.email, e.username, e.license, coalesce(e.added_at, p.at), coalesce(e.changed_at, p.at), u.id, \
            u.display, u.active \
        FROM (SELECT (SELECT published_at FROM applications WHERE tenant_id = $1 AND id = $2) AS at) AS p, roster_entries e \
        LEFT JOIN resources u ON u.tenant_id = e.tenant_id AND u.id = e.user_id \
        WHERE e.tenant_id = $1 AND e.roster_id = (SELECT roster_id FROM applications WHERE tenant_id = $1 AND id = $2) \
            AND e.app_user_id > $3 AND coalesce(coalesce(e.license, '') = $4, true) AND coalesce((u.id IS NULL) = $5, true) \
        ORDER BY e.app_user_id LIMIT $6"
}

statement! {
    /// How many have each licence.
    Uses<'a> {
        tenant: Uuid => SqlUuid,
        app: &'a str => Text,
    } -> (Nullable<Text>, BigInt, BigInt, BigInt),
    "SELECT e.license, count(*), count(*) FILTER (WHERE u.id IS NULL), count(*) FILTER (WHERE NOT u.active) \
        FROM roster_entries e LEFT JOIN resources u ON u.tenant_id = e.tenant_id AND u.id = e.user_id \
        WHERE e.tenant_id = $1 AND e.roster_id = (SELECT roster_id FROM applications WHERE tenant_id = $1 AND id = $2) \
        GROUP BY e.license ORDER BY e.license NULLS LAST"
}

statement! {
    /// One session.
    Session<'a> {
        now: DateTime<Utc> => Timestamptz,
        tenant: Uuid => SqlUuid,
        app: &'a str => Text,
        id: Uuid => SqlUuid,
    } -> (Text, Timestamptz, Timestamptz, Nullable<Timestamptz>, BigInt, BigInt),
    "SELECT CASE WHEN s.state = 'open' AND s.expires_at <= $1 THEN 'expired' ELSE s.state END, s.opened_at, s.expires_at, \
            s.committed_at, count(p.part), coalesce(sum(p.entries), 0)::bigint \
        FROM roster_sessions s LEFT JOIN roster_parts p ON p.tenant_id = s.tenant_id AND p.roster_id = s.id \
        WHERE s.tenant_id = $2 AND s.app_id = $3 AND s.id = $4 \
        GROUP BY s.state, s.opened_at, s.expires_at, s.committed_at"
}

statement! {
    /// The publications of an application before one of them, the newest first.
    Publications<'a> {
        tenant: Uuid => SqlUuid,
        app: &'a str => Text,
        at: DateTime<Utc> => Timestamptz,
        id: Uuid => SqlUuid,
        limit: i64 => BigInt,
    } -> (SqlUuid, Text, Timestamptz, Text, Json),
    "SELECT id, kind, at, actor, counts FROM roster_publications WHERE tenant_id = $1 AND app_id = $2 AND (at, id) < ($3, $4) \
        ORDER BY at DESC, id DESC LIMIT $5"
}

impl TenantStore {
    /// The entries of an application's current list that `filter` selects and whose ids come behind `after`, at most `limit`.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn roster_entries(
        &self,
        app: &AppId,
        filter: &RosterFilter,
        after: Option<&str>,
        limit: i64,
    ) -> Result<Vec<RosterEntry>, StoreError> {
        let statement = Entries {
            tenant: self.tenant.0,
            app: app.as_str(),
            after: after.unwrap_or_default(),
            license: filter.license.as_deref(),
            is_unknown: filter.is_unknown,
            limit,
            lifetime: PhantomData,
        };
        let rows: Vec<EntryRow> = self.store.search(statement).await?;
        Ok(rows.into_iter().map(entry).collect())
    }

    /// How many entries of an application's current list have each licence, by name; those without one come last.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn license_uses(&self, app: &AppId) -> Result<Vec<LicenseUse>, StoreError> {
        let statement = Uses { tenant: self.tenant.0, app: app.as_str(), lifetime: PhantomData };
        let rows: Vec<(Option<String>, i64, i64, i64)> = self.store.search(statement).await?;
        let count = |number: i64| u64::try_from(number).unwrap_or_default();
        let uses = rows.into_iter().map(|(license, used, unknown, inactive)| LicenseUse {
            license,
            used: count(used),
            unknown: count(unknown),
            inactive: count(inactive),
        });
        Ok(uses.collect())
    }

    /// A session of an application.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn roster_session(
        &self,
        app: &AppId,
        id: RosterId,
        now: DateTime<Utc>,
    ) -> Result<Option<RosterSession>, StoreError> {
        type Row = (String, DateTime<Utc>, DateTime<Utc>, Option<DateTime<Utc>>, i64, i64);
        let statement = Session { now, tenant: self.tenant.0, app: app.as_str(), id: id.0, lifetime: PhantomData };
        let rows: Vec<Row> = self.store.read(statement).await?;
        let session = |(state, opened_at, expires_at, committed_at, parts, entries): Row| RosterSession {
            id,
            app: app.clone(),
            state,
            opened_at,
            expires_at,
            committed_at,
            parts: u64::try_from(parts).unwrap_or_default(),
            entries: u64::try_from(entries).unwrap_or_default(),
        };
        Ok(rows.into_iter().next().map(session))
    }

    /// The publications of an application before `before`, the newest first, at most `limit` of them.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn roster_publications(
        &self,
        app: &AppId,
        before: Option<(DateTime<Utc>, PublicationId)>,
        limit: i64,
    ) -> Result<Vec<Publication>, StoreError> {
        let (at, id) = before.map_or((DateTime::<Utc>::MAX_UTC, Uuid::max()), |(at, id)| (at, id.0));
        let statement = Publications { tenant: self.tenant.0, app: app.as_str(), at, id, limit, lifetime: PhantomData };
        let rows: Vec<(Uuid, String, DateTime<Utc>, String, Value)> = self.store.search(statement).await?;
        let publication = |(id, kind, at, actor, counts)| {
            let counts = serde_json::from_value(counts).map_err(StoreError::internal)?;
            Ok(Publication { id: PublicationId(id), kind, at, actor, counts })
        };
        rows.into_iter().map(publication).collect()
    }
}

fn entry(row: EntryRow) -> RosterEntry {
    let ((app_user_id, email, username, license), (added_at, changed_at, user, display, active)) = row;
    RosterEntry {
        user: ProvisionedUser { app_user_id, email, username, license },
        added_at,
        changed_at,
        known: user.map(|id| (ResourceId(id), display, active.unwrap_or(true))),
    }
}
