//! Sessions of administrators. Of a session's secret the database keeps a digest alone.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use super::admins::AdminRow;
use super::tables::{admin_sessions, admins};
use super::{Store, StoreError};
use crate::model::{Admin, AdminId, AdminSession, AdminSessionId};

/// A row of `admin_sessions`.
#[derive(Queryable, Selectable)]
#[diesel(table_name = admin_sessions, check_for_backend(diesel::pg::Pg))]
struct SessionRow {
    id: Uuid,
    is_complete: bool,
    created_at: DateTime<Utc>,
    last_seen_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    address: Option<String>,
    user_agent: Option<String>,
}

impl SessionRow {
    fn session(self) -> AdminSession {
        AdminSession {
            id: AdminSessionId(self.id),
            is_complete: self.is_complete,
            created_at: self.created_at,
            last_seen_at: self.last_seen_at,
            expires_at: self.expires_at,
            address: self.address.and_then(|address| address.parse().ok()),
            user_agent: self.user_agent,
        }
    }
}

/// A session to be kept.
#[derive(Debug)]
pub struct NewSession<'a> {
    /// Its id.
    pub id: AdminSessionId,
    /// What is kept of its secret.
    pub digest: &'a [u8; 32],
    /// Whose it is.
    pub admin: AdminId,
    /// Whether every factor was given.
    pub is_complete: bool,
    /// When it begins.
    pub at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// Where it begins.
    pub address: Option<IpAddr>,
    /// The browser, as it names itself.
    pub user_agent: Option<&'a str>,
}

impl Store {
    /// Keeps a new session.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn create_session(&self, session: &NewSession<'_>) -> Result<(), StoreError> {
        let insert = diesel::insert_into(admin_sessions::table).values((
            admin_sessions::digest.eq(session.digest.to_vec()),
            admin_sessions::id.eq(session.id.0),
            admin_sessions::admin_id.eq(session.admin.0),
            admin_sessions::is_complete.eq(session.is_complete),
            admin_sessions::created_at.eq(session.at),
            admin_sessions::last_seen_at.eq(session.at),
            admin_sessions::expires_at.eq(session.expires_at),
            admin_sessions::address.eq(session.address.map(|address| address.to_string())),
            admin_sessions::user_agent.eq(session.user_agent.map(str::to_owned)),
        ));
        let _: Vec<Uuid> = self.save(insert.returning(admin_sessions::id)).await?;
        Ok(())
    }

    /// The session with that digest, whatever its state, and whose it is.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn session(&self, digest: &[u8; 32]) -> Result<Option<(Admin, AdminSession)>, StoreError> {
        let query = admin_sessions::table
            .inner_join(admins::table)
            .filter(admin_sessions::digest.eq(digest.to_vec()))
            .select((AdminRow::as_select(), SessionRow::as_select()));
        let rows: Vec<(AdminRow, SessionRow)> = self.read(query).await?;
        rows.into_iter().next().map(|(admin, session)| Ok((admin.admin()?, session.session()))).transpose()
    }

    /// Notes that a session is in use.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn touch_session(&self, id: AdminSessionId, now: DateTime<Utc>) -> Result<(), StoreError> {
        let touch = diesel::update(admin_sessions::table.filter(admin_sessions::id.eq(id.0)))
            .set(admin_sessions::last_seen_at.eq(now));
        let _: Vec<Uuid> = self.save(touch.returning(admin_sessions::id)).await?;
        Ok(())
    }
}
