//! Rosters, read: each statement sees one list whole, whatever is published meanwhile.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Json, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

use super::statement::statement;
use super::{StoreError, TenantStore};
use crate::model::{
    AppId, LicenseUse, ProvisionedUser, Publication, PublicationId, ResourceId, RosterEntry, RosterFilter, RosterId,
    RosterSession,
};
use crate::scim::fold::fold;

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
        folded: Option<&'a str> => Nullable<Text>,
        lowered: Option<&'a str> => Nullable<Text>,
        limit: i64 => BigInt,
    } -> Entry,
    "SELECT e.app_user_id, e.email, e.username, e.license, coalesce(e.added_at, p.at), coalesce(e.changed_at, p.at), u.id, \
            u.display, u.active \
        FROM (SELECT (SELECT published_at FROM applications WHERE tenant_id = $1 AND id = $2) AS at) AS p, roster_entries e \
        LEFT JOIN resources u ON u.tenant_id = e.tenant_id AND u.id = e.user_id \
        WHERE e.tenant_id = $1 AND e.roster_id = (SELECT roster_id FROM applications WHERE tenant_id = $1 AND id = $2) \
            AND e.app_user_id > $3 AND coalesce(coalesce(e.license, '') = $4, true) AND coalesce((u.id IS NULL) = $5, true) \
            AND ($6 IS NULL OR strpos(e.email_key, $6) > 0 OR strpos(lower(e.app_user_id), $7) > 0 \
                OR strpos(lower(e.username COLLATE \"C\"), $7) > 0) \
        ORDER BY e.app_user_id LIMIT $8"
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
    /// How many have each licence of some applications; no user is looked at.
    Counts<'a> {
        tenant: Uuid => SqlUuid,
        apps: &'a [&'a str] => Array<Text>,
    } -> (Text, Nullable<Text>, BigInt),
    "SELECT a.id, e.license, count(*) FROM applications a JOIN roster_entries e \
            ON e.tenant_id = a.tenant_id AND e.roster_id = a.roster_id \
        WHERE a.tenant_id = $1 AND a.id = ANY ($2) GROUP BY a.id, e.license"
}

statement! {
    /// One session, or those of an application that are open.
    Sessions<'a> {
        now: DateTime<Utc> => Timestamptz,
        tenant: Uuid => SqlUuid,
        app: &'a str => Text,
        id: Option<Uuid> => Nullable<SqlUuid>,
    } -> (SqlUuid, Text, Timestamptz, Timestamptz, Nullable<Timestamptz>, BigInt, BigInt, Nullable<Text>),
    "SELECT s.id, CASE WHEN s.state = 'open' AND s.expires_at <= $1 THEN 'expired' ELSE s.state END, s.opened_at, \
            s.expires_at, s.committed_at, count(p.part), coalesce(sum(p.entries), 0)::bigint, s.opened_by \
        FROM roster_sessions s LEFT JOIN roster_parts p ON p.tenant_id = s.tenant_id AND p.roster_id = s.id \
        WHERE s.tenant_id = $2 AND s.app_id = $3 \
            AND CASE WHEN $4 IS NULL THEN s.state = 'open' AND s.expires_at > $1 ELSE s.id = $4 END \
        GROUP BY s.tenant_id, s.id ORDER BY s.opened_at, s.id"
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
        let folded = filter.containing.as_deref().map(fold);
        let lowered = filter.containing.as_deref().map(str::to_ascii_lowercase);
        let statement = Entries {
            tenant: self.tenant.0,
            app: app.as_str(),
            after: after.unwrap_or_default(),
            license: filter.license.as_deref(),
            is_unknown: filter.is_unknown,
            folded: folded.as_deref(),
            lowered: lowered.as_deref(),
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
        Ok(self.roster_sessions(app, Some(id), now).await?.into_iter().next())
    }

    /// The sessions of an application that are open, the oldest first.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn open_roster_sessions(
        &self,
        app: &AppId,
        now: DateTime<Utc>,
    ) -> Result<Vec<RosterSession>, StoreError> {
        self.roster_sessions(app, None, now).await
    }

    async fn roster_sessions(
        &self,
        app: &AppId,
        id: Option<RosterId>,
        now: DateTime<Utc>,
    ) -> Result<Vec<RosterSession>, StoreError> {
        type Row = (Uuid, String, DateTime<Utc>, DateTime<Utc>, Option<DateTime<Utc>>, i64, i64, Option<String>);
        let (tenant, id) = (self.tenant.0, id.map(|id| id.0));
        let rows: Vec<Row> =
            self.store.read(Sessions { now, tenant, app: app.as_str(), id, lifetime: PhantomData }).await?;
        let session =
            |(id, state, opened_at, expires_at, committed_at, parts, entries, opened_by): Row| RosterSession {
                id: RosterId(id),
                app: app.clone(),
                state,
                opened_at,
                expires_at,
                committed_at,
                parts: u64::try_from(parts).unwrap_or_default(),
                entries: u64::try_from(entries).unwrap_or_default(),
                opened_by,
            };
        Ok(rows.into_iter().map(session).collect())
    }

    /// How many entries of the current lists of some applications have each licence. Who has it is not looked at, so this is much
    /// faster than [`Self::license_uses`].
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn license_counts(&self, apps: &[&str]) -> Result<Vec<(String, Option<String>, u64)>, StoreError> {
        let statement = Counts { tenant: self.tenant.0, apps, lifetime: PhantomData };
        let rows: Vec<(String, Option<String>, i64)> = self.store.search(statement).await?;
        let count = |(app, license, used): (String, _, i64)| (app, license, u64::try_from(used).unwrap_or_default());
        Ok(rows.into_iter().map(count).collect())
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
