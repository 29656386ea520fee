//! Invitations. Of the secret in a link the database keeps a digest alone.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Binary, Bool, Integer, Json, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::{Value, json};
use uuid::Uuid;

use super::mail_settings::settings;
use super::statement::statement;
use super::{Store, StoreError, TenantStore};
use crate::model::{
    AdminAction, ConnectionId, Invitation, InvitationId, InvitationState, NewMail, OpenInvitation, ResourceId, TenantId,
};
use crate::scim::fold::fold;

type Columns = (
    (SqlUuid, SqlUuid, Text, Jsonb, Nullable<SqlUuid>, Text, Nullable<Text>, Text),
    (Timestamptz, Timestamptz, Nullable<Timestamptz>, Integer, Nullable<Timestamptz>),
);
/// The tenant, the invitation, the tenant's two names and settings, the provider's name, whether the user has a password.
type OpenRow = (Uuid, Row, String, String, Value, Option<String>, bool);
type Row = (
    (Uuid, Uuid, String, Value, Option<Uuid>, String, Option<String>, String),
    (DateTime<Utc>, DateTime<Utc>, Option<DateTime<Utc>>, i32, Option<DateTime<Utc>>),
);

macro_rules! columns {
    () => {
        "i.id, i.user_id, i.email, i.organizations, i.connection_id, i.inviter, i.message, i.state, i.created_at, i.expires_at, \
            i.sent_at, i.send_count, i.decided_at"
    };
}

/// What makes a link lead somewhere: the invitation is open, its tenant and its identity provider work, and the user is there,
/// may sign in, and has the address still.
macro_rules! open {
    () => {
        "JOIN tenants t ON t.id = i.tenant_id AND t.suspended_at IS NULL AND t.deleted_at IS NULL \
            JOIN resources r ON r.tenant_id = i.tenant_id AND r.id = i.user_id AND r.resource_type = 'User' \
                AND r.active IS NOT FALSE AND (i.email_key = ANY (r.email_keys) OR i.email_key = r.name_key) \
            LEFT JOIN connections c ON c.tenant_id = i.tenant_id AND c.id = i.connection_id \
            WHERE i.secret_hash = $1 AND i.state = 'pending' AND i.expires_at > $2 \
                AND (i.connection_id IS NULL OR c.enabled)"
    };
}

statement! {
    /// Calls `invite_user`, which the migrations describe.
    Invite<'a> {
        invitation: &'a Value => Json,
        secret_hash: &'a [u8] => Binary,
        mail: Option<&'a Value> => Nullable<Json>,
        action: &'a Value => Json,
    } -> (Nullable<SqlUuid>, Jsonb),
    "SELECT invitation, held FROM invite_user($1, $2, $3, $4)"
}

statement! {
    /// Calls `resend_invitation`, which the migrations describe.
    Resend<'a> {
        tenant: Uuid => SqlUuid,
        id: Uuid => SqlUuid,
        secret_hash: &'a [u8] => Binary,
        at: DateTime<Utc> => Timestamptz,
        expires_at: DateTime<Utc> => Timestamptz,
        mail: &'a Value => Json,
        action: &'a Value => Json,
    } -> Bool,
    "SELECT resend_invitation($1, $2, $3, $4, $5, $6, $7)"
}

statement! {
    /// Calls `decide_invitation`, which the migrations describe.
    Decide<'a> {
        tenant: Uuid => SqlUuid,
        id: Uuid => SqlUuid,
        state: &'a str => Text,
        at: DateTime<Utc> => Timestamptz,
        claim: Option<DateTime<Utc>> => Nullable<Timestamptz>,
        action: &'a Value => Json,
    } -> Bool,
    "SELECT decide_invitation($1, $2, $3, $4, $5, $6)"
}

statement! {
    /// Calls `expire_invitations`, which the migrations describe.
    Expire<'a> {
        at: DateTime<Utc> => Timestamptz,
        told_at: &'a str => Text,
        limit: i32 => Integer,
    } -> BigInt,
    "SELECT expire_invitations($1, $2, $3)"
}

statement! {
    /// The open invitation of a link.
    Open<'a> {
        secret_hash: &'a [u8] => Binary,
        now: DateTime<Utc> => Timestamptz,
    } -> (SqlUuid, Columns, Text, Text, Jsonb, Nullable<Text>, Bool),
    concat!("SELECT i.tenant_id, ", columns!(), ", t.slug, t.name, t.mail, c.name, r.password_hash IS NOT NULL FROM invitations i ", open!())
}

statement! {
    /// Takes an open invitation for one attempt to accept it.
    Claim<'a> {
        secret_hash: &'a [u8] => Binary,
        now: DateTime<Utc> => Timestamptz,
        until: DateTime<Utc> => Timestamptz,
    } -> SqlUuid,
    concat!(
        "WITH free AS (SELECT i.tenant_id, i.id FROM invitations i ", open!(), " \
            AND (i.claimed_until IS NULL OR i.claimed_until <= $2) FOR UPDATE OF i) \
        UPDATE invitations i SET claimed_until = $3 FROM free WHERE i.tenant_id = free.tenant_id AND i.id = free.id \
            AND i.state = 'pending' AND (i.claimed_until IS NULL OR i.claimed_until <= $2) RETURNING i.id"
    )
}

statement! {
    /// Lets go of an attempt that came to nothing.
    Release<'a> {
        secret_hash: &'a [u8] => Binary,
        until: DateTime<Utc> => Timestamptz,
    } -> SqlUuid,
    "UPDATE invitations SET claimed_until = NULL WHERE secret_hash = $1 AND claimed_until = $2 RETURNING id"
}

statement! {
    /// A tenant's invitations, the newest first. Those whose time is over are so whether or not that was written yet.
    Newest<'a> {
        tenant: Uuid => SqlUuid,
        before: Option<Uuid> => Nullable<SqlUuid>,
        state: Option<&'a str> => Nullable<Text>,
        now: DateTime<Utc> => Timestamptz,
        email: &'a str => Text,
        limit: i64 => BigInt,
    } -> Columns,
    concat!(
        "SELECT ", columns!(), " FROM invitations i WHERE i.tenant_id = $1 AND ($2 IS NULL OR i.id < $2) \
            AND ($3 IS NULL OR $3 = CASE WHEN i.state = 'pending' AND i.expires_at <= $4 THEN 'expired' ELSE i.state END) \
            AND ($5 = '' OR strpos(i.email_key, $5) > 0) ORDER BY i.id DESC LIMIT $6"
    )
}

statement! {
    /// One invitation.
    One<'a> {
        tenant: Uuid => SqlUuid,
        id: Uuid => SqlUuid,
    } -> Columns,
    concat!("SELECT ", columns!(), " FROM invitations i WHERE i.tenant_id = $1 AND i.id = $2")
}

/// An invitation to be made.
#[derive(Debug)]
pub struct NewInvitation<'a> {
    /// What it is. Of its organizations those count for which none is open yet.
    pub invitation: &'a Invitation,
    /// What is kept of its secret.
    pub secret_hash: &'a [u8; 32],
    /// The mail that tells of it; the organizations are put into it.
    pub mail: Option<&'a NewMail>,
}

/// Which invitations are listed; all of them by default.
#[derive(Debug, Clone, Default)]
pub struct InvitationsWanted {
    /// Those in this state.
    pub state: Option<InvitationState>,
    /// Those to an address with this text in it, without regard to case.
    pub email: String,
}

/// What an invitation came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationMade {
    /// The new one, if one was made.
    pub invitation: Option<InvitationId>,
    /// The organizations for which one was open before, with its id; `None` stands for an invitation to no organization.
    pub held: BTreeMap<Option<ResourceId>, InvitationId>,
}

impl Store {
    /// The invitation of the link with that digest, if it leads somewhere.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn open_invitation(
        &self,
        secret_hash: &[u8; 32],
        now: DateTime<Utc>,
    ) -> Result<Option<(TenantId, OpenInvitation)>, StoreError> {
        let rows: Vec<OpenRow> = self.read(Open { secret_hash, now, lifetime: PhantomData }).await?;
        let open = rows.into_iter().next().map(|row| {
            let (tenant, row, slug, tenant_name, stored, provider_name, has_password) = row;
            let slug = slug.parse().map_err(|error: String| StoreError::internal(error))?;
            let invitation = invitation(row, now)?;
            let settings = settings(stored)?;
            let open = OpenInvitation { invitation, slug, tenant_name, settings, provider_name, has_password };
            Ok((TenantId(tenant), open))
        });
        open.transpose()
    }

    /// Takes an open invitation for one attempt to accept it, which ends at `until`. Answers whether it was to be had.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn claim_invitation(
        &self,
        secret_hash: &[u8; 32],
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let claimed: Vec<Uuid> = self.save(Claim { secret_hash, now, until, lifetime: PhantomData }).await?;
        Ok(!claimed.is_empty())
    }

    /// Lets go of an attempt that came to nothing.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn release_invitation(&self, secret_hash: &[u8; 32], until: DateTime<Utc>) -> Result<(), StoreError> {
        let _: Vec<Uuid> = self.save(Release { secret_hash, until, lifetime: PhantomData }).await?;
        Ok(())
    }

    /// Ends up to `limit` invitations whose time is over, and tells of each. Answers how many.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn expire_invitations(&self, at: DateTime<Utc>, limit: i32) -> Result<i64, StoreError> {
        let statement = Expire { at, told_at: &at.to_rfc3339(), limit, lifetime: PhantomData };
        let rows: Vec<i64> = self.save(statement).await?;
        Ok(rows.into_iter().sum())
    }
}

impl TenantStore {
    /// Invites a user to those organizations for which no invitation is open yet, queues the mail, and tells of it.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn invite_user(
        &self,
        new: &NewInvitation<'_>,
        action: &AdminAction,
    ) -> Result<InvitationMade, StoreError> {
        let Invitation { id, user, email, organizations, identity_provider, inviter, message, .. } = new.invitation;
        let invitation = json!({
            "tenant": self.tenant,
            "id": id,
            "user": user,
            "email": email,
            "emailKey": fold(email),
            "organizations": organizations,
            "connection": identity_provider,
            "inviter": inviter,
            "message": message,
            "at": new.invitation.created_at,
            "expiresAt": new.invitation.expires_at,
        });
        let mail = new.mail.map(NewMail::to_json);
        let statement = Invite {
            invitation: &invitation,
            secret_hash: new.secret_hash,
            mail: mail.as_ref(),
            action: &action.to_json(),
            lifetime: PhantomData,
        };
        let rows: Vec<(Option<Uuid>, Value)> = self.store.save(statement).await?;
        let (made, held) =
            rows.into_iter().next().ok_or_else(|| StoreError::internal("invite_user answered nothing"))?;
        let held: BTreeMap<String, InvitationId> = serde_json::from_value(held).map_err(StoreError::internal)?;
        let held = held.into_iter().map(|(organization, invitation)| (organization.parse().ok(), invitation));
        Ok(InvitationMade { invitation: made.map(InvitationId), held: held.collect() })
    }

    /// Gives an open invitation a new secret and a new end, and mails it. Answers whether it was open.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn resend_invitation(
        &self,
        new: &NewInvitation<'_>,
        mail: &NewMail,
        action: &AdminAction,
    ) -> Result<bool, StoreError> {
        let statement = Resend {
            tenant: self.tenant.0,
            id: new.invitation.id.0,
            secret_hash: new.secret_hash,
            at: action.at,
            expires_at: new.invitation.expires_at,
            mail: &mail.to_json(),
            action: &action.to_json(),
            lifetime: PhantomData,
        };
        let rows: Vec<bool> = self.store.save(statement).await?;
        Ok(rows.contains(&true))
    }

    /// Ends an open invitation, and tells of it. `claim` is the end of the attempt to accept that got through. Answers whether it
    /// was open.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn decide_invitation(
        &self,
        id: InvitationId,
        state: InvitationState,
        claim: Option<DateTime<Utc>>,
        action: &AdminAction,
    ) -> Result<bool, StoreError> {
        let statement = Decide {
            tenant: self.tenant.0,
            id: id.0,
            state: state.as_str(),
            at: action.at,
            claim,
            action: &action.to_json(),
            lifetime: PhantomData,
        };
        let rows: Vec<bool> = self.store.save(statement).await?;
        Ok(rows.contains(&true))
    }

    /// The tenant's invitations, the newest first, at most `limit` of them: those before `before` which are wanted.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn invitations(
        &self,
        before: Option<InvitationId>,
        wanted: &InvitationsWanted,
        now: DateTime<Utc>,
        limit: i64,
    ) -> Result<Vec<Invitation>, StoreError> {
        let statement = Newest {
            tenant: self.tenant.0,
            before: before.map(|id| id.0),
            state: wanted.state.map(InvitationState::as_str),
            now,
            email: &fold(&wanted.email),
            limit,
            lifetime: PhantomData,
        };
        let rows: Vec<Row> = self.store.read(statement).await?;
        rows.into_iter().map(|row| invitation(row, now)).collect()
    }

    /// One invitation.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn invitation(&self, id: InvitationId, now: DateTime<Utc>) -> Result<Option<Invitation>, StoreError> {
        let rows: Vec<Row> = self.store.read(One { tenant: self.tenant.0, id: id.0, lifetime: PhantomData }).await?;
        rows.into_iter().next().map(|row| invitation(row, now)).transpose()
    }
}

fn invitation(row: Row, now: DateTime<Utc>) -> Result<Invitation, StoreError> {
    let ((id, user, email, organizations, connection, inviter, message, state), times) = row;
    let (created_at, expires_at, sent_at, send_count, decided_at) = times;
    let state: InvitationState = state.parse().map_err(|error: String| StoreError::internal(error))?;
    let is_over = state == InvitationState::Pending && expires_at <= now;
    Ok(Invitation {
        id: InvitationId(id),
        user: ResourceId(user),
        email,
        organizations: serde_json::from_value(organizations).map_err(StoreError::internal)?,
        identity_provider: connection.map(ConnectionId),
        inviter,
        message,
        state: if is_over { InvitationState::Expired } else { state },
        created_at,
        expires_at,
        sent_at,
        send_count,
        decided_at: decided_at.or(is_over.then_some(expires_at)),
    })
}
