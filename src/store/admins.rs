//! Administrators.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Binary, Bool, Json, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

use super::statement::statement;
use super::tables::admins;
use super::{Store, StoreError};
use crate::model::{Admin, AdminAction, AdminId, AdminRole, Reach, TenantId};
use crate::scim::fold::fold;

/// A row of `admins`, without what is secret.
#[derive(Queryable, Selectable)]
#[diesel(table_name = admins, check_for_backend(diesel::pg::Pg))]
pub(super) struct AdminRow {
    id: Uuid,
    email: String,
    name: String,
    role: String,
    tenant_id: Option<Uuid>,
    #[diesel(select_expression = admins::password_hash.is_not_null())]
    has_password: bool,
    #[diesel(select_expression = admins::totp_enabled_at.is_not_null())]
    has_totp: bool,
    locked_until: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    last_sign_in_at: Option<DateTime<Utc>>,
    disabled_at: Option<DateTime<Utc>>,
}

impl AdminRow {
    /// The administrator.
    pub fn admin(self) -> Result<Admin, StoreError> {
        Ok(Admin {
            id: AdminId(self.id),
            email: self.email,
            name: self.name,
            role: self.role.parse().map_err(|error: String| StoreError::internal(error))?,
            reach: self.tenant_id.map(TenantId).into(),
            has_password: self.has_password,
            has_totp: self.has_totp,
            locked_until: self.locked_until,
            created_at: self.created_at,
            last_sign_in_at: self.last_sign_in_at,
            disabled_at: self.disabled_at,
        })
    }
}

/// An administrator to be kept.
#[derive(Debug)]
pub struct NewAdmin<'a> {
    /// Its id.
    pub id: AdminId,
    /// What it signs in with.
    pub email: &'a str,
    /// Its name for people.
    pub name: &'a str,
    /// What it may do.
    pub role: AdminRole,
    /// Where.
    pub reach: Reach,
    /// The hash of its password, if it has one.
    pub password_hash: Option<&'a str>,
    /// When.
    pub at: DateTime<Utc>,
}

statement! {
    /// Keeps an administrator and tells of it.
    InsertAdmin<'a> {
        id: Uuid => SqlUuid,
        email: &'a str => Text,
        email_key: &'a str => Text,
        name: &'a str => Text,
        role: &'a str => Text,
        tenant: Option<Uuid> => Nullable<SqlUuid>,
        password_hash: Option<&'a str> => Nullable<Text>,
        at: DateTime<Utc> => Timestamptz,
        action: &'a Value => Json,
    } -> SqlUuid,
    "WITH done AS (INSERT INTO admins (id, email, email_key, name, role, tenant_id, password_hash, created_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id), \
        told AS (SELECT log_admin_action($9) FROM done) SELECT done.id FROM done, told"
}

statement! {
    /// Keeps an administrator without a password and a link with which it chooses one, and tells of it.
    InviteAdmin<'a> {
        id: Uuid => SqlUuid,
        email: &'a str => Text,
        email_key: &'a str => Text,
        name: &'a str => Text,
        role: &'a str => Text,
        tenant: Option<Uuid> => Nullable<SqlUuid>,
        at: DateTime<Utc> => Timestamptz,
        digest: &'a [u8] => Binary,
        expires_at: DateTime<Utc> => Timestamptz,
        action: &'a Value => Json,
    } -> SqlUuid,
    "WITH done AS (INSERT INTO admins (id, email, email_key, name, role, tenant_id, created_at) \
            VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id), \
        link AS (INSERT INTO admin_links (admin_id, digest, created_at, expires_at) SELECT id, $8, $7, $9 FROM done), \
        told AS (SELECT log_admin_action($10) FROM done) SELECT done.id FROM done, told"
}

impl Store {
    /// Keeps a new administrator and writes what was done.
    ///
    /// # Errors
    /// [`StoreError::Uniqueness`] of `email`, or that the database is away or at fault.
    pub async fn create_admin(&self, admin: &NewAdmin<'_>, action: &AdminAction) -> Result<(), StoreError> {
        let statement = InsertAdmin {
            id: admin.id.0,
            email: admin.email,
            email_key: &fold(admin.email),
            name: admin.name,
            role: admin.role.as_str(),
            tenant: admin.reach.tenant().map(|tenant| tenant.0),
            password_hash: admin.password_hash,
            at: admin.at,
            action: &action.to_json(),
            lifetime: PhantomData,
        };
        let _: Vec<Uuid> = self.save(statement).await?;
        Ok(())
    }

    /// Keeps a new administrator who has no password, and what is kept of a link with which it chooses one; writes what was
    /// done.
    ///
    /// # Errors
    /// As [`Store::create_admin`].
    pub async fn invite_admin(
        &self,
        admin: &NewAdmin<'_>,
        (digest, expires_at): (&[u8; 32], DateTime<Utc>),
        action: &AdminAction,
    ) -> Result<(), StoreError> {
        let statement = InviteAdmin {
            id: admin.id.0,
            email: admin.email,
            email_key: &fold(admin.email),
            name: admin.name,
            role: admin.role.as_str(),
            tenant: admin.reach.tenant().map(|tenant| tenant.0),
            at: admin.at,
            digest,
            expires_at,
            action: &action.to_json(),
            lifetime: PhantomData,
        };
        let _: Vec<Uuid> = self.save(statement).await?;
        Ok(())
    }
}

statement! {
    /// Calls `change_admin`.
    Change<'a> {
        id: Uuid => SqlUuid,
        seen_role: &'a str => Text,
        seen_tenant: Option<Uuid> => Nullable<SqlUuid>,
        name: &'a str => Text,
        role: &'a str => Text,
        is_disabled: bool => Bool,
        is_removed: bool => Bool,
        at: DateTime<Utc> => Timestamptz,
        action: &'a Value => Json,
    } -> Text,
    "SELECT change_admin($1, $2, $3, $4, $5, $6, $7, $8, $9)"
}

statement! {
    /// Gives an administrator a password, ends its links and its sessions but one, and tells of it.
    SetPassword<'a> {
        password_hash: &'a str => Text,
        id: Uuid => SqlUuid,
        kept: Option<&'a [u8]> => Nullable<Binary>,
        action: &'a Value => Json,
    } -> SqlUuid,
    "WITH done AS (UPDATE admins SET password_hash = $1, failed_attempts = 0, locked_until = NULL \
            WHERE id = $2 AND disabled_at IS NULL RETURNING id), \
        sessions AS (DELETE FROM admin_sessions s USING done WHERE s.admin_id = done.id AND s.digest IS DISTINCT FROM $3), \
        links AS (DELETE FROM admin_links l USING done WHERE l.admin_id = done.id), \
        told AS (SELECT log_admin_action($4) FROM done) SELECT done.id FROM done, told"
}

statement! {
    /// Keeps the secret of a second factor that is not enabled yet.
    KeepTotp<'a> {
        secret: &'a [u8] => Binary,
        id: Uuid => SqlUuid,
    } -> SqlUuid,
    "UPDATE admins SET totp_secret = $1 WHERE id = $2 AND totp_enabled_at IS NULL RETURNING id"
}

statement! {
    /// The secret of a second factor that is not enabled yet.
    PendingTotp<'a> {
        id: Uuid => SqlUuid,
    } -> Binary,
    "SELECT totp_secret FROM admins WHERE id = $1 AND totp_enabled_at IS NULL AND totp_secret IS NOT NULL"
}

statement! {
    /// Enables a second factor and tells of it.
    EnableTotp<'a> {
        step: i64 => BigInt,
        recovery_codes: &'a [&'a [u8]] => Array<Binary>,
        at: DateTime<Utc> => Timestamptz,
        id: Uuid => SqlUuid,
        secret: &'a [u8] => Binary,
        action: &'a Value => Json,
    } -> SqlUuid,
    "WITH done AS (UPDATE admins SET totp_step = $1, recovery_codes = $2, totp_enabled_at = $3 \
            WHERE id = $4 AND totp_secret = $5 AND totp_enabled_at IS NULL AND disabled_at IS NULL RETURNING id), \
        told AS (SELECT log_admin_action($6) FROM done) SELECT done.id FROM done, told"
}

statement! {
    /// Takes a second factor away, ends what sessions there are but one, and tells of it.
    DisableTotp<'a> {
        id: Uuid => SqlUuid,
        kept: Option<&'a [u8]> => Nullable<Binary>,
        action: &'a Value => Json,
    } -> SqlUuid,
    "WITH done AS (UPDATE admins SET totp_secret = NULL, totp_enabled_at = NULL, recovery_codes = '{}' \
            WHERE id = $1 AND totp_enabled_at IS NOT NULL RETURNING id), \
        sessions AS (DELETE FROM admin_sessions s USING done WHERE s.admin_id = done.id AND s.digest IS DISTINCT FROM $2), \
        told AS (SELECT log_admin_action($3) FROM done) SELECT done.id FROM done, told"
}

/// What is to become of an administrator.
#[derive(Debug)]
pub struct AdminChange<'a> {
    /// The administrator as it was read; it is changed only if its role and reach are these still.
    pub seen: &'a Admin,
    /// The name.
    pub name: &'a str,
    /// What it may do.
    pub role: AdminRole,
    /// Whether it may not sign in.
    pub is_disabled: bool,
    /// Whether it goes.
    pub is_removed: bool,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdminChanged {
    /// What was wanted.
    Done,
    /// Nothing: it is not what was read any more.
    Moved,
    /// Nothing: nobody would be left who may do everything.
    LastOwner,
}

impl Store {
    /// Changes or removes an administrator and writes what was done. Who is disabled has no session and no link any more.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn change_admin(
        &self,
        change: &AdminChange<'_>,
        action: &AdminAction,
    ) -> Result<AdminChanged, StoreError> {
        let statement = Change {
            id: change.seen.id.0,
            seen_role: change.seen.role.as_str(),
            seen_tenant: change.seen.reach.tenant().map(|tenant| tenant.0),
            name: change.name,
            role: change.role.as_str(),
            is_disabled: change.is_disabled,
            is_removed: change.is_removed,
            at: action.at,
            action: &action.to_json(),
            lifetime: PhantomData,
        };
        let rows: Vec<String> = self.save(statement).await?;
        match rows.first().map(String::as_str) {
            Some("done") => Ok(AdminChanged::Done),
            Some("moved") => Ok(AdminChanged::Moved),
            Some("last_owner") => Ok(AdminChanged::LastOwner),
            _ => Err(StoreError::internal("change_admin answered something else")),
        }
    }

    /// Gives an administrator a password; its links end, and its sessions but the one with the digest `kept`. Answers whether
    /// it is there and not disabled.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn set_admin_password(
        &self,
        admin: AdminId,
        password_hash: &str,
        kept: Option<&[u8; 32]>,
        action: &AdminAction,
    ) -> Result<bool, StoreError> {
        let (action, kept) = (&action.to_json(), kept.map(<[u8; 32]>::as_slice));
        let statement = SetPassword { id: admin.0, password_hash, kept, action, lifetime: PhantomData };
        let rows: Vec<Uuid> = self.save(statement).await?;
        Ok(!rows.is_empty())
    }

    /// Keeps the sealed secret of a second factor that is to be enabled. Answers whether there is none yet.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn keep_totp(&self, admin: AdminId, sealed: &[u8]) -> Result<bool, StoreError> {
        let rows: Vec<Uuid> = self.save(KeepTotp { id: admin.0, secret: sealed, lifetime: PhantomData }).await?;
        Ok(!rows.is_empty())
    }

    /// The sealed secret of a second factor that is to be enabled.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn pending_totp(&self, admin: AdminId) -> Result<Option<Vec<u8>>, StoreError> {
        let rows: Vec<Vec<u8>> = self.read(PendingTotp { id: admin.0, lifetime: PhantomData }).await?;
        Ok(rows.into_iter().next())
    }

    /// Enables the second factor with that sealed secret, of whose codes that of `step` was used. Answers whether it was still
    /// to be enabled.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn enable_totp(
        &self,
        admin: AdminId,
        sealed: &[u8],
        step: i64,
        recovery_codes: &[[u8; 32]],
        action: &AdminAction,
    ) -> Result<bool, StoreError> {
        let recovery_codes: Vec<&[u8]> = recovery_codes.iter().map(<[u8; 32]>::as_slice).collect();
        let statement = EnableTotp {
            id: admin.0,
            secret: sealed,
            step,
            recovery_codes: &recovery_codes,
            at: action.at,
            action: &action.to_json(),
            lifetime: PhantomData,
        };
        let rows: Vec<Uuid> = self.save(statement).await?;
        Ok(!rows.is_empty())
    }

    /// Takes a second factor away; the administrator's sessions end, but the one with the digest `kept`. Answers whether there
    /// was one.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn disable_totp(
        &self,
        admin: AdminId,
        kept: Option<&[u8; 32]>,
        action: &AdminAction,
    ) -> Result<bool, StoreError> {
        let (action, kept) = (&action.to_json(), kept.map(<[u8; 32]>::as_slice));
        let rows: Vec<Uuid> = self.save(DisableTotp { id: admin.0, kept, action, lifetime: PhantomData }).await?;
        Ok(!rows.is_empty())
    }

    /// The administrator of that id.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn find_admin(&self, id: AdminId) -> Result<Option<Admin>, StoreError> {
        let rows: Vec<AdminRow> = self.read(admins::table.find(id.0).select(AdminRow::as_select())).await?;
        rows.into_iter().next().map(AdminRow::admin).transpose()
    }

    /// The administrator with that e-mail address.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn find_admin_by_email(&self, email: &str) -> Result<Option<Admin>, StoreError> {
        let query = admins::table.filter(admins::email_key.eq(fold(email).into_owned())).select(AdminRow::as_select());
        let rows: Vec<AdminRow> = self.read(query).await?;
        rows.into_iter().next().map(AdminRow::admin).transpose()
    }

    /// The administrators within reach whose e-mail addresses come behind `after`, in that order, at most `limit` of them.
    /// A tenant's reach shows the tenant's own.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn admins_page(&self, reach: Reach, after: Option<&str>, limit: i64) -> Result<Vec<Admin>, StoreError> {
        let only = reach.tenant().map(|tenant| tenant.0);
        let query = admins::table
            .filter(admins::tenant_id.eq(only).assume_not_null().or(only.is_none().into_sql::<Bool>()))
            .filter(admins::email_key.gt(fold(after.unwrap_or_default()).into_owned()))
            .order(admins::email_key)
            .limit(limit)
            .select(AdminRow::as_select());
        let rows: Vec<AdminRow> = self.read(query).await?;
        rows.into_iter().map(AdminRow::admin).collect()
    }
}
