//! Publishing rosters: who has an account in an application. Each publication is the whole current list, and becomes it as a
//! whole or not at all.

use chrono::TimeDelta;
use serde_json::json;

use super::Gateway;
use crate::model::{
    AdminAction, AppId, Application, Caller, Origin, PublicationChoice, PublicationId, Published, RosterCounts,
    RosterId, RosterPart, RosterSession, TenantId,
};
use crate::store::{NewPublication, RosterAppended, RosterOpened, RosterPublished, StoreError};

/// How long a session stays open.
pub const ROSTER_SESSION_LIFETIME: TimeDelta = TimeDelta::hours(24);
/// How many sessions of one application may be open.
pub const MAX_OPEN_ROSTERS: i32 = 5;

/// Why a roster stays as it was.
#[derive(Debug, thiserror::Error)]
pub enum RosterError {
    /// The tenant has no such application.
    #[error("there is no application {0}; an administrator sets it up first")]
    NoApplication(AppId),
    /// The application has no such session.
    #[error("there is no roster session {0}")]
    NoSession(RosterId),
    /// The session takes nothing any more.
    #[error("the roster session {id} is {state}; open another one")]
    Over {
        /// Which.
        id: RosterId,
        /// `committed`, `aborted` or `expired`.
        state: String,
    },
    /// Too many sessions are open.
    #[error(
        "{MAX_OPEN_ROSTERS} roster sessions of this application are open already; commit or abort one of them, or wait until \
            they expire"
    )]
    TooManyOpen,
    /// Other parts of the session have some of the ids already.
    #[error("other parts of this session have {} of these appUserIds already; send each once", .0.len())]
    Duplicate(Vec<String>),
    /// It would remove more than the application's brake lets pass.
    #[error(
        "this would remove {} of {} entries, more than the {percent} % that this application lets go unasked; look at it with \
            dryRun=true, and send it with confirmRemovals=true if it is meant",
        counts.removed, counts.before
    )]
    Braked {
        /// What it would come to.
        counts: RosterCounts,
        /// How many percent may go.
        percent: u8,
    },
    /// Nobody has that account.
    #[error("there is no user {0} on the roster of this application")]
    NoUser(String),
    /// The database is away or at fault.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Gateway {
    /// Publishes a whole list at once.
    ///
    /// # Errors
    /// [`RosterError`]; then the list is as it was.
    pub async fn publish_roster(
        &self,
        caller: &Caller,
        app: &Application,
        part: &RosterPart,
        choice: PublicationChoice,
    ) -> Result<Published, RosterError> {
        let roster = RosterId::new(self.clock.now());
        self.publish(caller, app, (roster, Some(part)), choice).await
    }

    /// Makes the list of a session the current one. A session that was committed already answers what that came to.
    ///
    /// # Errors
    /// [`RosterError`]; then the list is as it was.
    pub async fn commit_roster(
        &self,
        caller: &Caller,
        app: &Application,
        session: RosterId,
        choice: PublicationChoice,
    ) -> Result<Published, RosterError> {
        self.publish(caller, app, (session, None), choice).await
    }

    async fn publish(
        &self,
        caller: &Caller,
        app: &Application,
        (roster, part): (RosterId, Option<&RosterPart>),
        choice: PublicationChoice,
    ) -> Result<Published, RosterError> {
        let action = self.on_roster(caller.tenant.id, app, "roster.publish", &Origin::of(caller));
        let new = NewPublication { id: PublicationId::new(action.at), roster, part, choice };
        match self.store.tenant(caller.tenant.id).publish_roster(&app.id, &new, &action).await? {
            RosterPublished::Done(published) => Ok(published),
            RosterPublished::Braked(counts) => {
                Err(RosterError::Braked { counts, percent: app.removal_brake.percent() })
            }
            RosterPublished::NoApplication => Err(RosterError::NoApplication(app.id.clone())),
            RosterPublished::NoSession => Err(RosterError::NoSession(roster)),
            RosterPublished::Over(state) => Err(RosterError::Over { id: roster, state }),
        }
    }

    /// Opens a session, in which a list of any length is put together.
    ///
    /// # Errors
    /// [`RosterError`]; then none was opened.
    pub async fn open_roster(&self, caller: &Caller, app: &AppId) -> Result<RosterSession, RosterError> {
        let now = self.clock.now();
        let (id, expires_at) = (RosterId::new(now), now + ROSTER_SESSION_LIFETIME);
        let store = self.store.tenant(caller.tenant.id);
        match store.open_roster(app, id, (now, expires_at), (MAX_OPEN_ROSTERS, &caller.label)).await? {
            RosterOpened::Opened => Ok(RosterSession {
                id,
                app: app.clone(),
                state: "open".into(),
                opened_at: now,
                expires_at,
                committed_at: None,
                parts: 0,
                entries: 0,
                opened_by: Some(caller.label.to_string()),
            }),
            RosterOpened::NoApplication => Err(RosterError::NoApplication(app.clone())),
            RosterOpened::TooMany => Err(RosterError::TooManyOpen),
        }
    }

    /// Puts a part into a session's list; the same number again takes the place of the part before.
    ///
    /// # Errors
    /// [`RosterError`]; then the session is as it was.
    pub async fn append_roster_part(
        &self,
        caller: &Caller,
        app: &AppId,
        session: RosterId,
        (number, part): (i32, &RosterPart),
    ) -> Result<(), RosterError> {
        let store = self.store.tenant(caller.tenant.id);
        match store.append_roster_part(app, session, (number, part), self.clock.now()).await? {
            RosterAppended::Appended => Ok(()),
            RosterAppended::NoSession => Err(RosterError::NoSession(session)),
            RosterAppended::Over(state) => Err(RosterError::Over { id: session, state }),
            RosterAppended::Duplicate(ids) => Err(RosterError::Duplicate(ids)),
        }
    }

    /// Ends a session without a commit. Again changes nothing.
    ///
    /// # Errors
    /// [`RosterError`]; that it was committed among them.
    pub async fn abort_roster(
        &self,
        tenant: TenantId,
        app: &Application,
        session: RosterId,
        origin: &Origin,
    ) -> Result<(), RosterError> {
        let mut action = self.on_roster(tenant, app, "roster.abort", origin);
        action.details = json!({ "session": session });
        let ended = self.store.tenant(tenant).abort_roster(&app.id, session, &action).await?;
        match ended.as_deref() {
            None => Err(RosterError::NoSession(session)),
            Some("committed") => Err(RosterError::Over { id: session, state: "committed".into() }),
            Some(_) => Ok(()),
        }
    }

    /// Takes one user off an application's roster.
    ///
    /// # Errors
    /// [`RosterError`]; then the list is as it was.
    pub async fn remove_roster_user(
        &self,
        caller: &Caller,
        app: &Application,
        app_user: &str,
    ) -> Result<(), RosterError> {
        let action = self.on_roster(caller.tenant.id, app, "roster.remove_user", &Origin::of(caller));
        let store = self.store.tenant(caller.tenant.id);
        match store.remove_from_roster(&app.id, Some(app_user), PublicationId::new(action.at), &action).await? {
            None => Err(RosterError::NoApplication(app.id.clone())),
            Some(0) => Err(RosterError::NoUser(app_user.to_owned())),
            Some(_) => Ok(()),
        }
    }

    /// Empties an application's roster. Answers how many entries it had.
    ///
    /// # Errors
    /// [`RosterError`]; then the list is as it was.
    pub async fn empty_roster(&self, caller: &Caller, app: &Application) -> Result<u64, RosterError> {
        let action = self.on_roster(caller.tenant.id, app, "roster.empty", &Origin::of(caller));
        let store = self.store.tenant(caller.tenant.id);
        let gone = store.remove_from_roster(&app.id, None, PublicationId::new(action.at), &action).await?;
        gone.ok_or_else(|| RosterError::NoApplication(app.id.clone()))
    }

    /// The row that tells of an act on a roster; the store puts the numbers into it.
    fn on_roster(&self, tenant: TenantId, app: &Application, action: &'static str, origin: &Origin) -> AdminAction {
        AdminAction {
            tenant: Some(tenant),
            at: self.clock.now(),
            origin: origin.clone(),
            action,
            succeeded: true,
            target: ("application", Some(app.id.to_string()), app.name.to_string()),
            details: json!({}),
        }
    }
}
