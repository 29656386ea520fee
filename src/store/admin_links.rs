//! One-time links of administrators. Of a link's secret the database keeps a digest alone.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Binary, Json, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

use super::statement::statement;
use super::{Store, StoreError};
use crate::model::{AdminAction, AdminId};
use crate::scim::fold::fold;

statement! {
    /// Keeps a link to make the first owner, unless there is an administrator.
    InsertFirst<'a> {
        digest: &'a [u8] => Binary,
        at: DateTime<Utc> => Timestamptz,
        expires_at: DateTime<Utc> => Timestamptz,
    } -> Timestamptz,
    "INSERT INTO admin_links (digest, created_at, expires_at) SELECT $1, $2, $3 WHERE NOT EXISTS (SELECT FROM admins) \
        RETURNING expires_at"
}

statement! {
    /// Keeps a link for an administrator in the place of those before, and tells of it.
    Insert<'a> {
        admin: Uuid => SqlUuid,
        digest: &'a [u8] => Binary,
        at: DateTime<Utc> => Timestamptz,
        expires_at: DateTime<Utc> => Timestamptz,
        action: &'a Value => Json,
    } -> Timestamptz,
    "WITH before AS (DELETE FROM admin_links WHERE admin_id = $1), \
        done AS (INSERT INTO admin_links (admin_id, digest, created_at, expires_at) VALUES ($1, $2, $3, $4) \
            RETURNING expires_at), \
        told AS (SELECT log_admin_action($5) FROM done) SELECT done.expires_at FROM done, told"
}

statement! {
    /// A link that can be used, and whose it is.
    Find<'a> {
        digest: &'a [u8] => Binary,
        now: DateTime<Utc> => Timestamptz,
    } -> (Nullable<SqlUuid>, Nullable<Text>, Timestamptz),
    "SELECT l.admin_id, a.email, l.expires_at FROM admin_links l LEFT JOIN admins a ON a.id = l.admin_id \
        WHERE l.digest = $1 AND l.expires_at > $2 AND a.disabled_at IS NULL \
        AND (l.admin_id IS NOT NULL OR NOT EXISTS (SELECT FROM admins))"
}

statement! {
    /// Calls `redeem_link`.
    Redeem<'a> {
        digest: &'a [u8] => Binary,
        now: DateTime<Utc> => Timestamptz,
        password_hash: &'a str => Text,
        new: Uuid => SqlUuid,
        email: &'a str => Text,
        email_key: &'a str => Text,
        name: &'a str => Text,
        action: &'a Value => Json,
    } -> Nullable<SqlUuid>,
    "SELECT redeem_link($1, $2, $3, $4, $5, $6, $7, $8)"
}

/// A link that can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminLink {
    /// Whose password it sets, and the e-mail address; `None` if it makes the first owner.
    pub admin: Option<(AdminId, String)>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

/// The use of a link.
#[derive(Debug)]
pub struct Redemption<'a> {
    /// What is kept of the link.
    pub digest: &'a [u8; 32],
    /// When.
    pub at: DateTime<Utc>,
    /// The hash of the password.
    pub password_hash: &'a str,
    /// The id of the first owner, if it makes one, or of whom it is for.
    pub admin: AdminId,
    /// The e-mail address of the first owner.
    pub email: &'a str,
    /// The name of the first owner.
    pub name: &'a str,
}

impl Store {
    /// Keeps a link to make the first owner. Answers whether that is wanted: there is no administrator.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn create_first_link(
        &self,
        digest: &[u8; 32],
        at: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let statement = InsertFirst { digest, at, expires_at, lifetime: PhantomData };
        let rows: Vec<DateTime<Utc>> = self.save(statement).await?;
        Ok(!rows.is_empty())
    }

    /// Keeps a link that gives an administrator a new password; those before end. Writes what was done.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn create_admin_link(
        &self,
        admin: AdminId,
        digest: &[u8; 32],
        expires_at: DateTime<Utc>,
        action: &AdminAction,
    ) -> Result<(), StoreError> {
        let (at, action) = (action.at, &action.to_json());
        let statement = Insert { admin: admin.0, digest, at, expires_at, action, lifetime: PhantomData };
        let _: Vec<DateTime<Utc>> = self.save(statement).await?;
        Ok(())
    }

    /// The link with that digest, if it can be used.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn admin_link(&self, digest: &[u8; 32], now: DateTime<Utc>) -> Result<Option<AdminLink>, StoreError> {
        let rows: Vec<(Option<Uuid>, Option<String>, DateTime<Utc>)> =
            self.read(Find { digest, now, lifetime: PhantomData }).await?;
        Ok(rows.into_iter().next().map(|(admin, email, expires_at)| {
            let admin = admin.zip(email).map(|(id, email)| (AdminId(id), email));
            AdminLink { admin, expires_at }
        }))
    }

    /// Uses a link and writes what was done. Answers whether it could still be used.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn redeem_link(&self, redemption: &Redemption<'_>, action: &AdminAction) -> Result<bool, StoreError> {
        let statement = Redeem {
            digest: redemption.digest,
            now: redemption.at,
            password_hash: redemption.password_hash,
            new: redemption.admin.0,
            email: redemption.email,
            email_key: &fold(redemption.email),
            name: redemption.name,
            action: &action.to_json(),
            lifetime: PhantomData,
        };
        let rows: Vec<Option<Uuid>> = self.save(statement).await?;
        Ok(rows.into_iter().flatten().next().is_some())
    }
}
