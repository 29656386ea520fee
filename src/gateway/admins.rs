//! Making, changing and removing administrators.
//!
//! Nobody gives what it does not have: an administrator acts on those alone who do not stand above it and whose reach lies in
//! its own, and makes them nothing that stands above it. Credentials act on no administrator at all.

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::{Gateway, ROUNDS};
use crate::auth::password::{self, PasswordError};
use crate::auth::{NewPassword, RandomSecret};
use crate::model::{Actor, Admin, AdminAction, AdminCaller, AdminEmail, AdminId, AdminRole, Label, Origin, Reach};
use crate::store::{AdminChange, AdminChanged, AdminLink, Attempt, NewAdmin, Redemption, StoreError};

/// How long a one-time link can be used.
pub const LINK_LIFETIME: TimeDelta = TimeDelta::hours(24);

/// What a new administrator is to be.
#[derive(Debug, Clone)]
pub struct AdminDraft {
    /// What it signs in with.
    pub email: AdminEmail,
    /// Its name for people.
    pub name: Label,
    /// What it may do.
    pub role: AdminRole,
    /// Where.
    pub reach: Reach,
}

/// What is to become of an administrator; `None` leaves a thing as it is.
#[derive(Debug, Clone, Default)]
pub struct AdminEdit {
    /// The name.
    pub name: Option<Label>,
    /// What it may do.
    pub role: Option<AdminRole>,
    /// Whether it may sign in.
    pub enabled: Option<bool>,
}

/// A link that gives a password, to be shown once.
pub struct NewLink {
    /// The secret in it.
    pub secret: RandomSecret,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

impl NewLink {
    /// The link itself, to the console of the server that is reached under `public_url`.
    pub fn url(&self, public_url: &str) -> SecretString {
        format!("{public_url}/console/set-up/{}", self.secret.reveal().expose_secret()).into()
    }
}

/// Why an administrator stays as it was.
#[derive(Debug, thiserror::Error)]
pub enum AdminChangeError {
    /// There is none of that id within reach.
    #[error("there is no administrator {0}")]
    NotFound(String),
    /// The caller does not stand high enough, or is no administrator.
    #[error("{0}")]
    Forbidden(&'static str),
    /// Another one has the e-mail address.
    #[error("another administrator has this e-mail address already; choose another")]
    EmailTaken,
    /// Nobody would be left who may do everything.
    #[error("this is the last owner of the installation; make another one first")]
    LastOwner,
    /// The password may not be chosen.
    #[error("{0}")]
    WeakPassword(String),
    /// The present password is not that.
    #[error(
        "the present password is wrong, or there were too many attempts; check it, or wait some minutes and try again"
    )]
    WrongPassword,
    /// The link is unknown, was used, or has ended.
    #[error("this link was used before or has ended; ask for a new one")]
    LinkGone,
    /// The password could not be hashed.
    #[error("the password could not be hashed")]
    Password(#[from] PasswordError),
    /// The database is away or at fault.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for AdminChangeError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Uniqueness { attribute: "email" } => Self::EmailTaken,
            error => Self::Store(error),
        }
    }
}

/// Who acts without being an administrator: the machine's operator, who may do everything.
pub fn operator() -> AdminCaller {
    AdminCaller { origin: Origin::command_line(), role: AdminRole::Owner, reach: Reach::Instance }
}

impl Gateway {
    /// The administrator of that id, if the caller reaches it.
    ///
    /// # Errors
    /// [`AdminChangeError`]
    pub async fn admin_in_reach(&self, caller: &AdminCaller, id: AdminId) -> Result<Admin, AdminChangeError> {
        let found = self.store.find_admin(id).await?;
        let found = found.filter(|admin| caller.reach == Reach::Instance || caller.reach == admin.reach);
        found.ok_or_else(|| AdminChangeError::NotFound(id.to_string()))
    }

    /// Makes an administrator who has no password yet, and a link with which it chooses one.
    ///
    /// # Errors
    /// [`AdminChangeError`]; then nothing was written.
    pub async fn invite_admin(
        &self,
        caller: &AdminCaller,
        draft: &AdminDraft,
    ) -> Result<(Admin, NewLink), AdminChangeError> {
        let (admin, link) = (self.new_admin(caller, draft)?, self.new_link());
        let mut action = self.on_new_admin(caller, &admin);
        action.details["linkExpiresAt"] = json!(link.expires_at);
        self.store.invite_admin(&admin, (&link.secret.digest(), link.expires_at), &action).await?;
        Ok((self.admin_in_reach(caller, admin.id).await?, link))
    }

    /// Makes an administrator with a password.
    ///
    /// # Errors
    /// [`AdminChangeError`]; then nothing was written.
    pub async fn create_admin(
        &self,
        caller: &AdminCaller,
        draft: &AdminDraft,
        password: SecretString,
    ) -> Result<Admin, AdminChangeError> {
        let admin = self.new_admin(caller, draft)?;
        let hash = hashed(password, admin.email).await?;
        let admin = NewAdmin { password_hash: Some(&hash), ..admin };
        self.store.create_admin(&admin, &self.on_new_admin(caller, &admin)).await?;
        self.admin_in_reach(caller, admin.id).await
    }

    /// An administrator without a password, if the caller may make it.
    fn new_admin<'a>(&self, caller: &AdminCaller, draft: &'a AdminDraft) -> Result<NewAdmin<'a>, AdminChangeError> {
        may_make(caller, draft.reach)?;
        let at = self.clock.now();
        Ok(NewAdmin {
            id: AdminId::new(at),
            email: draft.email.as_str(),
            name: draft.name.as_str(),
            role: draft.role,
            reach: draft.reach,
            password_hash: None,
            at,
        })
    }

    fn on_new_admin(&self, caller: &AdminCaller, admin: &NewAdmin<'_>) -> AdminAction {
        let details = json!({"role": admin.role, "name": admin.name});
        self.on_admin("admin.create", (admin.id, admin.email, admin.reach), details, &caller.origin)
    }

    /// Changes an administrator. One who is disabled has no session any more at once.
    ///
    /// # Errors
    /// [`AdminChangeError`]; then nothing was written.
    pub async fn change_admin(
        &self,
        caller: &AdminCaller,
        id: AdminId,
        edit: &AdminEdit,
    ) -> Result<Admin, AdminChangeError> {
        for _ in 0..ROUNDS {
            let seen = self.admin_in_reach(caller, id).await?;
            may_touch(caller, &seen)?;
            let name = edit.name.as_ref().map_or(seen.name.as_str(), Label::as_str);
            let role = edit.role.unwrap_or(seen.role);
            let is_disabled = edit.enabled.map_or(seen.disabled_at.is_some(), |enabled| !enabled);
            if (name, role, is_disabled) == (&seen.name, seen.role, seen.disabled_at.is_some()) {
                return Ok(seen);
            }
            let what = match (name == seen.name && role == seen.role, is_disabled) {
                (true, true) => "admin.disable",
                (true, false) => "admin.enable",
                (false, _) => "admin.change",
            };
            let details = json!({
                "before": {"name": seen.name, "role": seen.role, "enabled": seen.disabled_at.is_none()},
                "after": {"name": name, "role": role, "enabled": !is_disabled},
            });
            let change = AdminChange { seen: &seen, name, role, is_disabled, is_removed: false };
            if self.write_admin(caller, &change, what, details).await? {
                return self.admin_in_reach(caller, id).await;
            }
        }
        Err(StoreError::Conflict.into())
    }

    /// Removes an administrator. What it did stays in the log.
    ///
    /// # Errors
    /// [`AdminChangeError`]; then nothing was written.
    pub async fn remove_admin(&self, caller: &AdminCaller, id: AdminId) -> Result<(), AdminChangeError> {
        for _ in 0..ROUNDS {
            let seen = self.admin_in_reach(caller, id).await?;
            may_touch(caller, &seen)?;
            let change =
                AdminChange { seen: &seen, name: &seen.name, role: seen.role, is_disabled: true, is_removed: true };
            if self.write_admin(caller, &change, "admin.remove", json!({"role": seen.role})).await? {
                return Ok(());
            }
        }
        Err(StoreError::Conflict.into())
    }

    /// Answers whether the administrator was still what was seen.
    async fn write_admin(
        &self,
        caller: &AdminCaller,
        change: &AdminChange<'_>,
        what: &'static str,
        details: Value,
    ) -> Result<bool, AdminChangeError> {
        let action = self.on_admin(what, target(change.seen), details, &caller.origin);
        match self.store.change_admin(change, &action).await? {
            AdminChanged::Done => Ok(true),
            AdminChanged::Moved => Ok(false),
            AdminChanged::LastOwner => Err(AdminChangeError::LastOwner),
        }
    }

    /// A link with which an administrator chooses a new password; those before end. The old password holds until then.
    ///
    /// # Errors
    /// [`AdminChangeError`]; then nothing was written.
    pub async fn reset_password(&self, caller: &AdminCaller, id: AdminId) -> Result<NewLink, AdminChangeError> {
        let seen = self.admin_in_reach(caller, id).await?;
        may_touch(caller, &seen)?;
        let link = self.new_link();
        let details = json!({"expiresAt": link.expires_at});
        let action = self.on_admin("admin.password_reset", target(&seen), details, &caller.origin);
        self.store.create_admin_link(id, &link.secret.digest(), link.expires_at, &action).await?;
        Ok(link)
    }

    fn new_link(&self) -> NewLink {
        NewLink { secret: RandomSecret::generate(&mut rand::rng()), expires_at: self.clock.now() + LINK_LIFETIME }
    }

    /// Takes an administrator's second factor away, for whom the phone and the recovery codes are lost.
    ///
    /// # Errors
    /// [`AdminChangeError`]; then nothing was written.
    pub async fn reset_totp(&self, caller: &AdminCaller, id: AdminId) -> Result<Admin, AdminChangeError> {
        let seen = self.admin_in_reach(caller, id).await?;
        may_touch(caller, &seen)?;
        let action = self.on_admin("admin.totp_reset", target(&seen), json!({}), &caller.origin);
        self.store.disable_totp(id, None, &action).await?;
        self.admin_in_reach(caller, id).await
    }

    /// A link to make the first owner; `None` if there is an administrator.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn first_link(&self) -> Result<Option<NewLink>, StoreError> {
        let (at, link) = (self.clock.now(), self.new_link());
        let is_wanted = self.store.create_first_link(&link.secret.digest(), at, link.expires_at).await?;
        Ok(is_wanted.then_some(link))
    }

    /// What a link is for, if it can be used.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn link(&self, secret: &RandomSecret) -> Result<Option<AdminLink>, StoreError> {
        self.store.admin_link(&secret.digest(), self.clock.now()).await
    }

    /// Uses a link: chooses a password, and for the first owner e-mail address and name too. Answers the e-mail address.
    ///
    /// # Errors
    /// [`AdminChangeError`]; then nothing was written.
    pub async fn redeem_link(
        &self,
        secret: &RandomSecret,
        password: SecretString,
        first: Option<(AdminEmail, Label)>,
        origin: Origin,
    ) -> Result<String, AdminChangeError> {
        let link = self.link(secret).await?.ok_or(AdminChangeError::LinkGone)?;
        let at = self.clock.now();
        let (admin, email, name) = match (&link.admin, &first) {
            (Some((id, email)), _) => (*id, email.as_str(), ""),
            (None, Some((email, name))) => (AdminId::new(at), email.as_str(), name.as_str()),
            (None, None) => return Err(AdminChangeError::LinkGone),
        };
        let hash = hashed(password, email).await?;
        let what = if link.admin.is_some() { "admin.password_set" } else { "admin.create" };
        let actor = Actor::Admin { id: admin.0, name: email.to_owned() };
        let origin = Origin { actor, ..origin };
        let action = self.on_admin(what, (admin, email, Reach::Instance), json!({"by": "link"}), &origin);
        let redemption = Redemption { digest: &secret.digest(), at, password_hash: &hash, admin, email, name };
        if self.store.redeem_link(&redemption, &action).await? {
            Ok(email.to_owned())
        } else {
            Err(AdminChangeError::LinkGone)
        }
    }

    /// An administrator's own change of password; its other sessions end.
    ///
    /// # Errors
    /// [`AdminChangeError`]; then nothing was written.
    pub async fn change_password(
        &self,
        admin: &Admin,
        session: &[u8; 32],
        present: SecretString,
        new: SecretString,
        origin: &Origin,
    ) -> Result<(), AdminChangeError> {
        self.confirm_password(admin, present, origin).await?;
        let hash = hashed(new, &admin.email).await?;
        let action = self.on_admin("admin.password_change", target(admin), json!({}), origin);
        self.store.set_admin_password(admin.id, &hash, Some(session), &action).await?;
        Ok(())
    }

    /// Gives an administrator a password without asking for the one before; its sessions end.
    ///
    /// # Errors
    /// [`AdminChangeError`]; then nothing was written.
    pub async fn set_password(
        &self,
        caller: &AdminCaller,
        id: AdminId,
        password: SecretString,
    ) -> Result<(), AdminChangeError> {
        let seen = self.admin_in_reach(caller, id).await?;
        may_touch(caller, &seen)?;
        let hash = hashed(password, &seen.email).await?;
        let action = self.on_admin("admin.password_set", target(&seen), json!({}), &caller.origin);
        self.store.set_admin_password(id, &hash, None, &action).await?;
        Ok(())
    }

    /// Holds that somebody who is signed in still knows the password. Wrong ones count like those of a sign-in.
    pub(super) async fn confirm_password(
        &self,
        admin: &Admin,
        password: SecretString,
        origin: &Origin,
    ) -> Result<(), AdminChangeError> {
        let hash = match self.store.begin_factor(admin.id, origin.address, self.clock.now()).await? {
            Attempt::Somebody { password_hash, .. } => Some(password_hash),
            Attempt::AddressLocked(_) | Attempt::Nobody => None,
        };
        if !password::verify(password, hash).await? {
            return Err(AdminChangeError::WrongPassword);
        }
        Ok(self.store.forgive_attempt(admin.id, origin.address).await?)
    }

    /// The row that tells of an act on an administrator.
    pub(super) fn on_admin(
        &self,
        action: &'static str,
        (id, email, reach): (AdminId, &str, Reach),
        details: Value,
        origin: &Origin,
    ) -> AdminAction {
        AdminAction {
            tenant: reach.tenant(),
            at: self.clock.now(),
            origin: origin.clone(),
            action,
            succeeded: true,
            target: ("admin", Some(id.to_string()), email.to_owned()),
            details,
        }
    }
}

/// An administrator as the target of an act.
pub(super) fn target(admin: &Admin) -> (AdminId, &str, Reach) {
    (admin.id, &admin.email, admin.reach)
}

async fn hashed(password: SecretString, email: &str) -> Result<String, AdminChangeError> {
    let password = NewPassword::parse(password, email).map_err(AdminChangeError::WeakPassword)?;
    Ok(password::hash(password.into_secret()).await?)
}

/// Whether the caller may act on that administrator.
fn may_touch(caller: &AdminCaller, admin: &Admin) -> Result<(), AdminChangeError> {
    may_administer(caller)?;
    if caller.reach != Reach::Instance && caller.reach != admin.reach {
        return Err(AdminChangeError::Forbidden(
            "this administrator stands above you; ask an owner of the installation",
        ));
    }
    Ok(())
}

/// Whether the caller may make somebody an administrator with that reach.
fn may_make(caller: &AdminCaller, reach: Reach) -> Result<(), AdminChangeError> {
    may_administer(caller)?;
    if caller.reach != Reach::Instance && caller.reach != reach {
        return Err(AdminChangeError::Forbidden(
            "an administrator of a tenant makes administrators of that tenant alone",
        ));
    }
    Ok(())
}

/// Whoever could make an administrator, or a link to choose another's password, could be anybody: that is for owners.
fn may_administer(caller: &AdminCaller) -> Result<(), AdminChangeError> {
    if matches!(caller.origin.actor, Actor::Credential { .. }) {
        return Err(AdminChangeError::Forbidden("a token administers no administrators; sign in to do that"));
    }
    if caller.role < AdminRole::Owner {
        return Err(AdminChangeError::Forbidden("only owners make, change and remove administrators; ask an owner"));
    }
    Ok(())
}
