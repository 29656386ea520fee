//! An administrator's own second factor: begun, confirmed by a first code, taken away by the password.

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::Gateway;
use super::admins::{AdminChangeError, target};
use crate::auth::{SealError, Sealer, TotpSecret, recovery_codes, recovery_digest};
use crate::model::{Admin, Origin};
use crate::store::StoreError;

/// Why a second factor stays as it was.
#[derive(Debug, thiserror::Error)]
pub enum TotpError {
    /// There is one already.
    #[error("there is a second factor already; take it away first")]
    Enabled,
    /// None was begun, or it was confirmed already.
    #[error("no second factor was begun; begin one first")]
    NotBegun,
    /// The code is not that of now.
    #[error("the code is not that of this moment; check the clock of the device, and send the next one")]
    Code,
    /// The server has nothing to seal the secret with.
    #[error(
        "this server has no secret key to keep second factors with; its operator has to give it one (--secret-key-file)"
    )]
    NoSecretKey,
    /// The password is wrong, or the database is away or at fault.
    #[error(transparent)]
    Change(#[from] AdminChangeError),
    /// The secret could not be sealed or opened.
    #[error("the secret of the second factor could not be kept")]
    Seal(#[from] SealError),
}

impl From<StoreError> for TotpError {
    fn from(error: StoreError) -> Self {
        Self::Change(error.into())
    }
}

impl Gateway {
    /// Begins a second factor. It counts from [`Gateway::confirm_totp`] on.
    ///
    /// # Errors
    /// [`TotpError`]; then nothing was written.
    pub async fn begin_totp(&self, admin: &Admin, sealer: Option<&Sealer>) -> Result<TotpSecret, TotpError> {
        let sealer = sealer.ok_or(TotpError::NoSecretKey)?;
        let secret = TotpSecret::generate(&mut rand::rng());
        let is_kept = self.store.keep_totp(admin.id, &secret.seal(sealer, admin.id)?).await?;
        if is_kept { Ok(secret) } else { Err(TotpError::Enabled) }
    }

    /// Enables the second factor that was begun, by its first code. Answers the recovery codes, which are kept nowhere.
    ///
    /// # Errors
    /// [`TotpError`]; then nothing was written.
    pub async fn confirm_totp(
        &self,
        admin: &Admin,
        code: &str,
        sealer: Option<&Sealer>,
        origin: &Origin,
    ) -> Result<Vec<SecretString>, TotpError> {
        let sealer = sealer.ok_or(TotpError::NoSecretKey)?;
        let sealed = self.store.pending_totp(admin.id).await?.ok_or(TotpError::NotBegun)?;
        let secret = TotpSecret::open(sealer, admin.id, &sealed)?;
        let step = secret.step(code, self.clock.now()).ok_or(TotpError::Code)?;
        let codes = recovery_codes(&mut rand::rng());
        let digests: Vec<[u8; 32]> = codes.iter().filter_map(|code| recovery_digest(code.expose_secret())).collect();
        let action = self.on_admin("admin.totp_enable", target(admin), json!({}), origin);
        let is_enabled = self.store.enable_totp(admin.id, &sealed, step, &digests, &action).await?;
        if is_enabled { Ok(codes) } else { Err(TotpError::NotBegun) }
    }

    /// Takes an administrator's own second factor away; its other sessions end.
    ///
    /// # Errors
    /// [`TotpError`]; then nothing was written.
    pub async fn disable_totp(
        &self,
        admin: &Admin,
        session: &[u8; 32],
        password: SecretString,
        origin: &Origin,
    ) -> Result<(), TotpError> {
        self.confirm_password(admin, password, origin).await?;
        let action = self.on_admin("admin.totp_disable", target(admin), json!({}), origin);
        self.store.disable_totp(admin.id, Some(session), &action).await?;
        Ok(())
    }
}
