//! Administrators.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Json, Nullable, Text, Timestamptz, Uuid as SqlUuid};
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
}
