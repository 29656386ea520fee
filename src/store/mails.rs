//! Mails that wait, and what became of them. They are queued by the statements that cause them, with the SQL function `queue_mail`.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Bool, Integer, Json, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

use super::mail_settings::settings;
use super::statement::statement;
use super::{Store, StoreError, TenantStore};
use crate::model::{AdminAction, BouncedAddress, MailId, MailSettings, MailState, QueuedMail, TenantId};
use crate::scim::fold::fold;

type Columns = (
    (SqlUuid, SqlUuid, Text, Text, Text, Text),
    (Jsonb, Nullable<SqlUuid>, Text, Integer),
    (Timestamptz, Timestamptz, Nullable<Text>, Nullable<Timestamptz>),
);
type Row = (
    (Uuid, Uuid, String, String, String, String),
    (Value, Option<Uuid>, String, i32),
    (DateTime<Utc>, DateTime<Utc>, Option<String>, Option<DateTime<Utc>>),
);

macro_rules! columns {
    () => {
        "m.tenant_id, m.id, m.to_address, m.to_name, m.kind, m.language, m.data, m.about, m.state, m.attempts, m.created_at, \
            m.next_attempt_at, m.error, m.sent_at"
    };
}

statement! {
    /// Takes mails that are due, so that nobody else sends them before the claim ends.
    Claim<'a> {
        now: DateTime<Utc> => Timestamptz,
        limit: i64 => BigInt,
        until: DateTime<Utc> => Timestamptz,
    } -> (Columns, Text, Jsonb),
    concat!(
        "WITH due AS (SELECT q.tenant_id, q.id FROM mails q JOIN tenants t ON t.id = q.tenant_id AND t.deleted_at IS NULL \
            WHERE q.state = 'queued' AND q.next_attempt_at <= $1 ORDER BY q.next_attempt_at LIMIT $2 \
            FOR UPDATE OF q SKIP LOCKED), \
        m AS (UPDATE mails q SET attempts = q.attempts + 1, next_attempt_at = $3 FROM due d \
            WHERE q.tenant_id = d.tenant_id AND q.id = d.id RETURNING q.*) \
        SELECT ", columns!(), ", t.name, t.mail FROM m JOIN tenants t ON t.id = m.tenant_id ORDER BY m.created_at"
    )
}

statement! {
    /// Calls `settle_mail`, which the migrations describe.
    Settle<'a> {
        tenant: Uuid => SqlUuid,
        id: Uuid => SqlUuid,
        attempts: i32 => Integer,
        state: &'a str => Text,
        error: Option<&'a str> => Nullable<Text>,
        at: DateTime<Utc> => Timestamptz,
        next: DateTime<Utc> => Timestamptz,
        action: Option<&'a Value> => Nullable<Json>,
    } -> Bool,
    "SELECT settle_mail($1, $2, $3, $4, $5, $6, $7, $8)"
}

statement! {
    /// Removes some old mails that wait for nothing.
    Forget<'a> {
        before: DateTime<Utc> => Timestamptz,
        limit: i64 => BigInt,
    } -> BigInt,
    "WITH old AS (SELECT tenant_id, id FROM mails WHERE created_at < $1 AND state <> 'queued' LIMIT $2 \
            FOR UPDATE SKIP LOCKED), \
        gone AS (DELETE FROM mails m USING old WHERE m.tenant_id = old.tenant_id AND m.id = old.id RETURNING 1) \
        SELECT count(*) FROM gone"
}

statement! {
    /// A tenant's mails, the newest first.
    Newest<'a> {
        tenant: Uuid => SqlUuid,
        before: Option<Uuid> => Nullable<SqlUuid>,
        state: Option<&'a str> => Nullable<Text>,
        limit: i64 => BigInt,
    } -> Columns,
    concat!(
        "SELECT ", columns!(), " FROM mails m WHERE m.tenant_id = $1 AND ($2 IS NULL OR m.id < $2) \
            AND ($3 IS NULL OR m.state = $3) ORDER BY m.id DESC LIMIT $4"
    )
}

statement! {
    /// One mail.
    One<'a> {
        tenant: Uuid => SqlUuid,
        id: Uuid => SqlUuid,
    } -> Columns,
    concat!("SELECT ", columns!(), " FROM mails m WHERE m.tenant_id = $1 AND m.id = $2")
}

statement! {
    /// Queues a mail again that was given up, and tells of it. An invitation has lost its link, so it has to be made anew.
    Retry<'a> {
        at: DateTime<Utc> => Timestamptz,
        tenant: Uuid => SqlUuid,
        id: Uuid => SqlUuid,
        action: &'a Value => Json,
    } -> BigInt,
    "WITH done AS (UPDATE mails SET state = 'queued', attempts = 0, next_attempt_at = $1, error = NULL \
            WHERE tenant_id = $2 AND id = $3 AND state IN ('failed', 'bounced') AND kind <> 'invitation' RETURNING 1) \
        SELECT log_admin_action($4) FROM done"
}

statement! {
    /// The addresses that mails bounced from, by their keys.
    Bounced<'a> {
        tenant: Uuid => SqlUuid,
        after: &'a str => Text,
        limit: i64 => BigInt,
    } -> (Text, Timestamptz, Text),
    "SELECT address, at, error FROM bounced_addresses WHERE tenant_id = $1 AND address_key > $2 ORDER BY address_key LIMIT $3"
}

statement! {
    /// Lets an address be mailed again, and tells of it.
    ClearBounced<'a> {
        tenant: Uuid => SqlUuid,
        address_key: &'a str => Text,
        action: &'a Value => Json,
    } -> BigInt,
    "WITH done AS (DELETE FROM bounced_addresses WHERE tenant_id = $1 AND address_key = $2 RETURNING 1) \
        SELECT log_admin_action($3) FROM done"
}

/// A mail that is ours to send, and what it is to look like.
#[derive(Debug, Clone)]
pub struct ClaimedMail {
    /// The mail.
    pub mail: QueuedMail,
    /// The tenant's name for people.
    pub tenant_name: String,
    /// What the tenant chose.
    pub settings: MailSettings,
}

/// What an attempt came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailOutcome {
    /// The mail server has taken it.
    Sent,
    /// There is no mail server.
    Caught,
    /// It is to be tried again at that time.
    Later(DateTime<Utc>, String),
    /// It is given up.
    Failed(String),
    /// Nobody has the address.
    Bounced(String),
}

impl MailOutcome {
    /// The state that the mail has from now on.
    pub fn state(&self) -> MailState {
        match self {
            Self::Sent => MailState::Sent,
            Self::Caught => MailState::Caught,
            Self::Later(..) => MailState::Queued,
            Self::Failed(_) => MailState::Failed,
            Self::Bounced(_) => MailState::Bounced,
        }
    }

    /// What went wrong.
    pub fn error(&self) -> Option<&str> {
        match self {
            Self::Sent | Self::Caught => None,
            Self::Later(_, error) | Self::Failed(error) | Self::Bounced(error) => Some(error),
        }
    }
}

impl Store {
    /// Takes up to `limit` mails that are due at `now`. Until `until` they are ours; after that they can be taken again, so whoever
    /// sends them has to be done by then.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn claim_mails(
        &self,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
        limit: i64,
    ) -> Result<Vec<ClaimedMail>, StoreError> {
        let rows: Vec<(Row, String, Value)> = self.save(Claim { now, limit, until, lifetime: PhantomData }).await?;
        let claimed = rows.into_iter().map(|(row, tenant_name, stored)| {
            Ok(ClaimedMail { mail: mail(row)?, tenant_name, settings: settings(stored)? })
        });
        claimed.collect()
    }

    /// Writes what an attempt at `at` came to; `action` tells of it where it is worth that. Answers whether it counted: not if the
    /// claim had ended and somebody else had begun.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn settle_mail(
        &self,
        mail: &QueuedMail,
        outcome: &MailOutcome,
        at: DateTime<Utc>,
        action: Option<&AdminAction>,
    ) -> Result<bool, StoreError> {
        let action = action.map(AdminAction::to_json);
        let next = if let MailOutcome::Later(next, _) = outcome { *next } else { at };
        let statement = Settle {
            tenant: mail.tenant.0,
            id: mail.id.0,
            attempts: mail.attempts,
            state: outcome.state().as_str(),
            error: outcome.error(),
            at,
            next,
            action: action.as_ref(),
            lifetime: PhantomData,
        };
        let rows: Vec<bool> = self.save(statement).await?;
        Ok(rows.contains(&true))
    }

    /// Removes up to `limit` mails that were queued before an instant and wait for nothing. Answers how many went.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn forget_mails(&self, before: DateTime<Utc>, limit: i64) -> Result<i64, StoreError> {
        let rows: Vec<i64> = self.save(Forget { before, limit, lifetime: PhantomData }).await?;
        Ok(rows.into_iter().sum())
    }
}

impl TenantStore {
    /// The tenant's mails, the newest first, at most `limit` of them: those before `before`, of one state if that is asked for.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn mails(
        &self,
        before: Option<MailId>,
        state: Option<MailState>,
        limit: i64,
    ) -> Result<Vec<QueuedMail>, StoreError> {
        let statement = Newest {
            tenant: self.tenant.0,
            before: before.map(|id| id.0),
            state: state.map(MailState::as_str),
            limit,
            lifetime: PhantomData,
        };
        let rows: Vec<Row> = self.store.read(statement).await?;
        rows.into_iter().map(mail).collect()
    }

    /// One mail.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn mail(&self, id: MailId) -> Result<Option<QueuedMail>, StoreError> {
        let rows: Vec<Row> = self.store.read(One { tenant: self.tenant.0, id: id.0, lifetime: PhantomData }).await?;
        rows.into_iter().next().map(mail).transpose()
    }

    /// Queues a mail again that was given up, and writes who did. Answers whether it was one that can be sent again.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn retry_mail(&self, id: MailId, action: &AdminAction) -> Result<bool, StoreError> {
        let (tenant, at, lifetime) = (self.tenant.0, action.at, PhantomData);
        let statement = Retry { tenant, id: id.0, at, action: &action.to_json(), lifetime };
        let told: Vec<i64> = self.store.save(statement).await?;
        Ok(!told.is_empty())
    }

    /// The addresses that mails bounced from whose folded forms come behind `after`, in their order, at most `limit` of them.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn bounced_addresses(&self, after: &str, limit: i64) -> Result<Vec<BouncedAddress>, StoreError> {
        let statement = Bounced { tenant: self.tenant.0, after, limit, lifetime: PhantomData };
        let rows: Vec<(String, DateTime<Utc>, String)> = self.store.read(statement).await?;
        Ok(rows.into_iter().map(|(address, at, error)| BouncedAddress { address, at, error }).collect())
    }

    /// Lets an address be mailed again, and writes who did. Answers whether mails had bounced from it.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn clear_bounced(&self, address: &str, action: &AdminAction) -> Result<bool, StoreError> {
        let (tenant, action) = (self.tenant.0, &action.to_json());
        let statement = ClearBounced { tenant, address_key: &fold(address), action, lifetime: PhantomData };
        let told: Vec<i64> = self.store.save(statement).await?;
        Ok(!told.is_empty())
    }
}

fn mail(row: Row) -> Result<QueuedMail, StoreError> {
    let ((tenant, id, to, to_name, kind, language), (data, about, state, attempts), times) = row;
    let (created_at, next_attempt_at, error, sent_at) = times;
    let wrong = |error: String| StoreError::internal(error);
    Ok(QueuedMail {
        tenant: TenantId(tenant),
        id: MailId(id),
        to,
        to_name,
        kind: kind.parse().map_err(wrong)?,
        language: language.parse().map_err(wrong)?,
        data,
        about,
        state: state.parse().map_err(wrong)?,
        attempts,
        created_at,
        next_attempt_at,
        error,
        sent_at,
    })
}
