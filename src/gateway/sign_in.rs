//! Signing in and out.
//!
//! Whoever asks learns the same, after the same work, about an account that is not there, is disabled or locked, and a
//! password that is wrong. Every attempt is counted before it is judged, and told in the log of acts.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::Gateway;
use crate::auth::password::{self, PasswordError};
use crate::auth::{SealError, Sealer, SessionSecret, SignedIn, TotpSecret, recovery_digest};
use crate::model::{Actor, AdminAction, AdminId, AdminSession, AdminSessionId, Origin, RequestId};
use crate::store::{Attempt, Factor, NewSession, StoreError};

/// Longer ones are cut when a session keeps the browser's name.
const USER_AGENT: usize = 200;

/// Who comes to sign in, as far as that is known before.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// The request.
    pub request: RequestId,
    /// The client's address.
    pub address: Option<IpAddr>,
    /// The browser, as it names itself.
    pub user_agent: Option<String>,
    /// What is kept of the session that the browser has from before; it ends.
    pub session: Option<[u8; 32]>,
}

/// How far somebody came.
pub enum SignIn {
    /// In.
    Complete(SessionSecret),
    /// To the second factor, which this session may give.
    SecondFactor(SessionSecret),
}

/// Why nobody was let in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The e-mail address and the password do not belong together, or the account is locked, disabled, or not there.
    #[error(
        "the e-mail address or the password is wrong, or there were too many attempts; check both, or wait some minutes and try again"
    )]
    Refused,
    /// The code is wrong, was used before, or there were too many attempts.
    #[error(
        "the code is wrong or was used before, or there were too many attempts; try the next one, or wait some minutes"
    )]
    Code,
    /// Too many attempts failed at the client's address.
    #[error("too many attempts failed at this address; wait and try again")]
    Pause {
        /// Until when.
        until: DateTime<Utc>,
    },
    /// Second factors cannot be checked.
    #[error(
        "this server cannot open what second factors need; its operator has to give it the secret key (--secret-key-file)"
    )]
    NoSecretKey,
    /// The second factor's secret could not be opened.
    #[error("the second factor could not be checked")]
    Seal(#[from] SealError),
    /// The password could not be checked.
    #[error("the password could not be checked")]
    Password(#[from] PasswordError),
    /// The database is away or at fault.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Gateway {
    /// Signs somebody in by e-mail address and password, or as far as the second factor.
    ///
    /// # Errors
    /// [`SignInError`]
    pub async fn sign_in(&self, email: &str, password: SecretString, visitor: &Visitor) -> Result<SignIn, SignInError> {
        let now = self.clock.now();
        let attempt = self.store.begin_sign_in(email, visitor.address, now).await?;
        let (known, hash) = match attempt {
            Attempt::AddressLocked(until) => return Err(SignInError::Pause { until }),
            Attempt::Nobody => (None, None),
            Attempt::Somebody { admin, email, password_hash, totp_secret } => {
                (Some((admin, email, totp_secret.is_some())), Some(password_hash))
            }
        };
        let is_right = password::verify(password, hash.clone()).await?;
        let Some((admin, email, has_totp)) = known else {
            self.tell_failure(None, shown(email), "password", visitor).await?;
            return Err(SignInError::Refused);
        };
        if !is_right {
            self.tell_failure(Some(admin), &email, "password", visitor).await?;
            return Err(SignInError::Refused);
        }
        let factor = Factor { password_hash: hash.as_deref(), ..Factor::default() };
        let secret =
            self.begin_session(admin, &email, !has_totp, factor, visitor).await?.ok_or(SignInError::Refused)?;
        Ok(if has_totp { SignIn::SecondFactor(secret) } else { SignIn::Complete(secret) })
    }

    /// Completes a session by the second factor: a code by time or a recovery code.
    ///
    /// # Errors
    /// [`SignInError`]
    pub async fn second_factor(
        &self,
        waiting: &SignedIn,
        code: &str,
        visitor: &Visitor,
        sealer: Option<&Sealer>,
    ) -> Result<SessionSecret, SignInError> {
        let now = self.clock.now();
        let attempt = self.store.begin_factor(waiting.admin.id, visitor.address, now).await?;
        let (admin, email, sealed) = match attempt {
            Attempt::AddressLocked(until) => return Err(SignInError::Pause { until }),
            Attempt::Somebody { admin, email, totp_secret: Some(sealed), .. } => (admin, email, sealed),
            Attempt::Nobody | Attempt::Somebody { .. } => {
                self.tell_failure(Some(waiting.admin.id), &waiting.admin.email, "second factor", visitor).await?;
                return Err(SignInError::Code);
            }
        };
        let recovery = recovery_digest(code);
        let step = match recovery {
            Some(_) => None,
            None => {
                let secret = TotpSecret::open(sealer.ok_or(SignInError::NoSecretKey)?, admin, &sealed)?;
                secret.step(code, now)
            }
        };
        let factor = Factor { password_hash: None, step, recovery: recovery.as_ref() };
        if step.is_some() || recovery.is_some() {
            let session = self.begin_session(admin, &email, true, factor, visitor).await?;
            if let Some(session) = session {
                return Ok(session);
            }
        }
        self.tell_failure(Some(admin), &email, "second factor", visitor).await?;
        Err(SignInError::Code)
    }

    /// Ends a session.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn sign_out(
        &self,
        signed_in: &SignedIn,
        secret: &SessionSecret,
        visitor: &Visitor,
    ) -> Result<(), StoreError> {
        let admin = &signed_in.admin;
        let action = self.signing("admin.sign_out", Some(admin.id), &admin.email, true, json!({}), visitor);
        self.store.end_session(&secret.digest(), &action).await?;
        Ok(())
    }

    /// A new session in the place of the visitor's; `None` if the factor does not hold any more.
    async fn begin_session(
        &self,
        admin: AdminId,
        email: &str,
        is_complete: bool,
        factor: Factor<'_>,
        visitor: &Visitor,
    ) -> Result<Option<SessionSecret>, StoreError> {
        let now = self.clock.now();
        let secret = SessionSecret::generate(&mut rand::rng());
        let lifetime = if is_complete { AdminSession::LIFETIME } else { AdminSession::HALF_WAY };
        let user_agent = visitor.user_agent.as_deref().map(|name| name.chars().take(USER_AGENT).collect::<String>());
        let session = NewSession {
            id: AdminSessionId::new(now),
            digest: &secret.digest(),
            admin,
            is_complete,
            at: now,
            expires_at: now + lifetime,
            address: visitor.address,
            user_agent: user_agent.as_deref(),
        };
        let how = match (factor.step, factor.recovery) {
            (Some(_), _) => "password and code",
            (None, Some(_)) => "password and recovery code",
            (None, None) => "password",
        };
        let details = json!({"by": how, "userAgent": user_agent});
        let action = self.signing("admin.sign_in", Some(admin), email, true, details, visitor);
        let taken = self.store.take_sign_in(&session, factor, visitor.session.as_ref(), &action).await?;
        Ok(taken.then_some(secret))
    }

    async fn tell_failure(
        &self,
        admin: Option<AdminId>,
        email: &str,
        step: &str,
        visitor: &Visitor,
    ) -> Result<(), StoreError> {
        let details = json!({"at": step, "userAgent": visitor.user_agent});
        let action = self.signing("admin.sign_in", admin, email, false, details, visitor);
        self.store.log_admin_action(&action).await
    }

    fn signing(
        &self,
        action: &'static str,
        admin: Option<AdminId>,
        email: &str,
        succeeded: bool,
        details: Value,
        visitor: &Visitor,
    ) -> AdminAction {
        let actor = match admin {
            Some(admin) if succeeded => Actor::Admin { id: admin.0, name: email.to_owned() },
            _ => Actor::System,
        };
        AdminAction {
            tenant: None,
            at: self.clock.now(),
            origin: Origin { actor, request: Some(visitor.request), address: visitor.address },
            action,
            succeeded,
            target: ("admin", admin.map(|admin| admin.to_string()), email.to_owned()),
            details,
        }
    }
}

/// What the log tells of a name that nobody has. Passwords end up in the field for names now and then.
fn shown(email: &str) -> &str {
    if email.contains('@') && email.len() <= 254 { email } else { "(no e-mail address)" }
}
