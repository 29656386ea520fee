//! Rosters, written. Each of these calls a function that the migrations describe: one statement, one transaction.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Integer, Json, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

use super::statement::statement;
use super::worker::Written;
use super::{Store, StoreError, TenantStore};
use crate::model::{
    AdminAction, AppId, PublicationChoice, PublicationId, Published, RemovalBrake, RosterCounts, RosterDifference,
    RosterId, RosterPart,
};

/// How many differences of each kind a trial shows.
const SAMPLE: i32 = 50;

statement! {
    /// Calls `open_roster_2`.
    Open<'a> {
        tenant: Uuid => SqlUuid,
        app: &'a str => Text,
        id: Uuid => SqlUuid,
        at: DateTime<Utc> => Timestamptz,
        expires_at: DateTime<Utc> => Timestamptz,
        most: i32 => Integer,
        opened_by: &'a str => Text,
    } -> Text,
    "SELECT open_roster_2($1, $2, $3, $4, $5, $6, $7)"
}

statement! {
    /// Calls `append_roster_part`.
    Append<'a> {
        tenant: Uuid => SqlUuid,
        app: &'a str => Text,
        roster: Uuid => SqlUuid,
        part: i32 => Integer,
        entries: &'a Value => Json,
        at: DateTime<Utc> => Timestamptz,
    } -> (Text, Nullable<Array<Text>>),
    "SELECT outcome, duplicates FROM append_roster_part($1, $2, $3, $4, $5, $6)"
}

statement! {
    /// Calls `publish_roster`.
    Publish<'a> {
        tenant: Uuid => SqlUuid,
        app: &'a str => Text,
        id: Uuid => SqlUuid,
        entries: Option<&'a Value> => Nullable<Json>,
        publication: Uuid => SqlUuid,
        at: DateTime<Utc> => Timestamptz,
        is_trial: bool => Bool,
        is_confirmed: bool => Bool,
        brake_from: i32 => Integer,
        sample: i32 => Integer,
        action: &'a Value => Json,
    } -> Json,
    "SELECT publish_roster($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
}

statement! {
    /// What a publication came to.
    Came<'a> {
        tenant: Uuid => SqlUuid,
        publication: Uuid => SqlUuid,
    } -> Json,
    "SELECT counts FROM roster_publications WHERE tenant_id = $1 AND id = $2"
}

statement! {
    /// Calls `abort_roster_2`.
    Abort<'a> {
        tenant: Uuid => SqlUuid,
        app: &'a str => Text,
        roster: Uuid => SqlUuid,
        at: DateTime<Utc> => Timestamptz,
        action: &'a Value => Json,
    } -> Text,
    "SELECT abort_roster_2($1, $2, $3, $4, $5)"
}

statement! {
    /// Calls `remove_from_roster`.
    Remove<'a> {
        tenant: Uuid => SqlUuid,
        app: &'a str => Text,
        app_user: Option<&'a str> => Nullable<Text>,
        publication: Uuid => SqlUuid,
        at: DateTime<Utc> => Timestamptz,
        action: &'a Value => Json,
    } -> Nullable<BigInt>,
    "SELECT remove_from_roster($1, $2, $3, $4, $5, $6)"
}

statement! {
    /// Calls `purge_rosters`.
    Purge<'a> {
        now: DateTime<Utc> => Timestamptz,
        limit: i32 => Integer,
    } -> Bool,
    "SELECT purge_rosters($1, $2)"
}

statement! {
    /// Calls `resolve_roster`.
    Resolve<'a> {
        before: DateTime<Utc> => Timestamptz,
        now: DateTime<Utc> => Timestamptz,
        limit: i32 => Integer,
    } -> Bool,
    "SELECT resolve_roster($1, $2, $3)"
}

/// What became of a session that was to be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RosterOpened {
    /// It is open.
    Opened,
    /// There is no such application.
    NoApplication,
    /// So many are open already.
    TooMany,
}

/// What became of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RosterAppended {
    /// It is there.
    Appended,
    /// There is no such session.
    NoSession,
    /// The session is over: committed, aborted or expired.
    Over(String),
    /// Other parts have these ids already.
    Duplicate(Vec<String>),
}

/// What became of a publication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RosterPublished {
    /// It was made, or tried.
    Done(Published),
    /// It would remove too many.
    Braked(RosterCounts),
    /// There is no such application.
    NoApplication,
    /// There is no such session.
    NoSession,
    /// The session is over without a commit: aborted or expired.
    Over(String),
}

/// The parts of a publication.
#[derive(Debug)]
pub struct NewPublication<'a> {
    /// Its id.
    pub id: PublicationId,
    /// The session, or what the list of `part` is to be called.
    pub roster: RosterId,
    /// The whole list; `None` for that of the session.
    pub part: Option<&'a RosterPart>,
    /// How.
    pub choice: PublicationChoice,
}

impl TenantStore {
    /// Opens a session of an application, unless `most` are open already. `by` is the name of who does.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn open_roster(
        &self,
        app: &AppId,
        id: RosterId,
        (at, expires_at): (DateTime<Utc>, DateTime<Utc>),
        (most, by): (i32, &str),
    ) -> Result<RosterOpened, StoreError> {
        let (tenant, app) = (self.tenant.0, app.as_str());
        let statement = Open { tenant, app, id: id.0, at, expires_at, most, opened_by: by, lifetime: PhantomData };
        let rows: Vec<String> = self.store.save(statement).await?;
        match rows.first().map(String::as_str) {
            Some("opened") => Ok(RosterOpened::Opened),
            Some("not_found") => Ok(RosterOpened::NoApplication),
            Some("too_many") => Ok(RosterOpened::TooMany),
            _ => Err(StoreError::internal("open_roster answered something else")),
        }
    }

    /// Writes a part of a session's list, in the place of one of the same number.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn append_roster_part(
        &self,
        app: &AppId,
        roster: RosterId,
        (number, part): (i32, &RosterPart),
        at: DateTime<Utc>,
    ) -> Result<RosterAppended, StoreError> {
        let (tenant, app, entries) = (self.tenant.0, app.as_str(), &part.to_json());
        let statement = Append { tenant, app, roster: roster.0, part: number, entries, at, lifetime: PhantomData };
        // Twice does the same as once.
        let written = self.store.write(statement, async || Ok(false)).await?;
        let Written::Rows(rows) = written else { return Ok(RosterAppended::Appended) };
        let row: Option<(String, Option<Vec<String>>)> = rows.into_iter().next();
        match row.ok_or_else(|| StoreError::internal("append_roster_part answered nothing"))? {
            (outcome, _) if outcome == "appended" => Ok(RosterAppended::Appended),
            (outcome, _) if outcome == "not_found" => Ok(RosterAppended::NoSession),
            (outcome, ids) if outcome == "duplicate" => Ok(RosterAppended::Duplicate(ids.unwrap_or_default())),
            (outcome, _) => Ok(RosterAppended::Over(outcome)),
        }
    }

    /// Makes a list the application's current one, as a whole, or finds out what that would come to.
    ///
    /// # Errors
    /// That the database is away or at fault; then nothing was published.
    pub async fn publish_roster(
        &self,
        app: &AppId,
        new: &NewPublication<'_>,
        action: &AdminAction,
    ) -> Result<RosterPublished, StoreError> {
        let entries = new.part.map(RosterPart::to_json);
        let statement = Publish {
            tenant: self.tenant.0,
            app: app.as_str(),
            id: new.roster.0,
            entries: entries.as_ref(),
            publication: new.id.0,
            at: action.at,
            is_trial: new.choice.is_trial,
            is_confirmed: new.choice.is_confirmed,
            brake_from: RemovalBrake::FROM,
            sample: SAMPLE,
            action: &action.to_json(),
            lifetime: PhantomData,
        };
        let came = async || Ok(self.publication(new.id).await?.is_some());
        match self.store.write(statement, came).await? {
            Written::Rows(rows) => {
                let told: Value = rows.into_iter().next().unwrap_or_default();
                published(told)
            }
            Written::Found => {
                let counts = self.publication(new.id).await?.ok_or(StoreError::Conflict)?;
                Ok(RosterPublished::Done(Published { counts, sample: Vec::new(), is_braked: false }))
            }
        }
    }

    async fn publication(&self, id: PublicationId) -> Result<Option<RosterCounts>, StoreError> {
        let statement = Came { tenant: self.tenant.0, publication: id.0, lifetime: PhantomData };
        let rows: Vec<Value> = self.store.read(statement).await?;
        rows.into_iter().next().map(serde_json::from_value).transpose().map_err(StoreError::internal)
    }

    /// Ends a session without a commit, and tells of it if it was open. Answers its state from then on; `None` if there is no
    /// such session.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn abort_roster(
        &self,
        app: &AppId,
        roster: RosterId,
        action: &AdminAction,
    ) -> Result<Option<String>, StoreError> {
        let (tenant, app, at, action) = (self.tenant.0, app.as_str(), action.at, &action.to_json());
        let statement = Abort { tenant, app, roster: roster.0, at, action, lifetime: PhantomData };
        let rows: Vec<String> = self.store.save(statement).await?;
        Ok(rows.into_iter().next().filter(|state| state != "not_found"))
    }

    /// Takes one entry off the current list, or all of them. Answers how many went; `None` if there is no such application.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn remove_from_roster(
        &self,
        app: &AppId,
        app_user: Option<&str>,
        publication: PublicationId,
        action: &AdminAction,
    ) -> Result<Option<u64>, StoreError> {
        let statement = Remove {
            tenant: self.tenant.0,
            app: app.as_str(),
            app_user,
            publication: publication.0,
            at: action.at,
            action: &action.to_json(),
            lifetime: PhantomData,
        };
        let came = async || Ok(self.publication(publication).await?.is_some());
        match self.store.write(statement, came).await? {
            Written::Rows(rows) => {
                let gone: Option<i64> = rows.into_iter().next().flatten();
                Ok(gone.map(|gone| u64::try_from(gone).unwrap_or_default()))
            }
            Written::Found => Ok(self.publication(publication).await?.map(|counts| counts.removed)),
        }
    }
}

impl Store {
    /// Removes up to `limit` entries of a list that is nobody's any more. Answers whether there may be more.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn purge_rosters(&self, now: DateTime<Utc>, limit: i32) -> Result<bool, StoreError> {
        let rows: Vec<bool> = self.save(Purge { now, limit, lifetime: PhantomData }).await?;
        Ok(rows.first().copied().unwrap_or_default())
    }

    /// Looks up the users of `limit` e-mail addresses of the list that was looked up longest ago, if that was before an instant.
    /// Answers whether there may be more.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn resolve_rosters(
        &self,
        before: DateTime<Utc>,
        now: DateTime<Utc>,
        limit: i32,
    ) -> Result<bool, StoreError> {
        let rows: Vec<bool> = self.save(Resolve { before, now, limit, lifetime: PhantomData }).await?;
        Ok(rows.first().copied().unwrap_or_default())
    }
}

fn published(mut told: Value) -> Result<RosterPublished, StoreError> {
    let outcome = told["outcome"].as_str().unwrap_or_default().to_owned();
    match outcome.as_str() {
        "not_found" => return Ok(RosterPublished::NoApplication),
        "no_session" => return Ok(RosterPublished::NoSession),
        "aborted" | "expired" => return Ok(RosterPublished::Over(outcome)),
        _ => {}
    }
    let sample: Option<Vec<RosterDifference>> =
        serde_json::from_value(told["sample"].take()).map_err(StoreError::internal)?;
    let is_braked = told["isBraked"].as_bool().unwrap_or_default();
    let counts: RosterCounts = serde_json::from_value(told).map_err(StoreError::internal)?;
    match outcome.as_str() {
        "braked" => Ok(RosterPublished::Braked(counts)),
        "tried" | "published" => {
            Ok(RosterPublished::Done(Published { counts, sample: sample.unwrap_or_default(), is_braked }))
        }
        _ => Err(StoreError::internal("publish_roster answered something else")),
    }
}
