//! Handing out, replacing and taking back bearer tokens. Each is written together with the row that tells who did it.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::Gateway;
use super::role_weights::{LIMITED_ADMINISTERS, could_lift_its_limit};
use crate::auth::Token;
use crate::model::{
    AdminAction, AllowedAddresses, ConnectionId, Credential, CredentialId, CredentialKind, Label, Origin, ResourceId,
    Scopes, TenantId,
};
use crate::store::{Replaced, StoreError, TokenAdded};

/// How many tokens of one connection may work at the same time: enough to replace each by another and to forget one, and few
/// enough that nobody loses sight of them.
pub const MAX_LIVE_TOKENS: u8 = 5;

/// What a new token is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// Its name; stands beside every change that is made with it.
    pub name: Label,
    /// What it may do.
    pub scopes: Scopes,
    /// The connection it belongs to.
    pub connection: Option<ConnectionId>,
    /// From where it may be used.
    pub allowed_addresses: AllowedAddresses,
    /// How heavy a role may be that it gives to users; any, if there is no limit.
    pub max_role_weight: Option<i64>,
    /// The user whose token it is.
    pub user: Option<ResourceId>,
    /// When it ends.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Why no token was made or taken back.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The tenant has none of that id.
    #[error("there is no token with the id {0}")]
    NotFound(CredentialId),
    /// The tenant has no connection of that id.
    #[error("there is no connection with the id {0}")]
    NoConnection(ConnectionId),
    /// The connection has as many as it may have.
    #[error("the connection has {MAX_LIVE_TOKENS} tokens that work, which is as many as it may have; revoke one first")]
    Full,
    /// The token to be replaced ended by itself.
    #[error("this token has expired; create a new one instead")]
    Expired,
    /// The token to be replaced was revoked.
    #[error("this token was revoked; create a new one instead")]
    Revoked,
    /// The token to be replaced was replaced before.
    #[error("this token was replaced by {0} already; replace that one, or create a new one")]
    Replaced(CredentialId),
    /// The tenant has no user of that id.
    #[error("there is no user with the id {0}")]
    NoUser(ResourceId),
    /// It would belong to a user and administer.
    #[error(
        "a token of a user cannot have admin scopes: no user administers anything here; leave one or the other out"
    )]
    UserAdministers,
    /// It would end before it begins.
    #[error("the token would have ended already; choose an end that is to come")]
    EndsInThePast,
    /// It could do nothing.
    #[error("a token needs a scope; name at least one")]
    NoScope,
    /// It would have a limit, and could lift it.
    #[error("{LIMITED_ADMINISTERS}")]
    LimitedAdministers,
    /// The database is away or at fault.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Gateway {
    /// Makes a token. The token itself is kept nowhere: [`Token::reveal`] is to be shown once.
    ///
    /// # Errors
    /// [`TokenError`]; then nothing was written.
    pub async fn create_token(
        &self,
        tenant: TenantId,
        new: NewToken,
        origin: &Origin,
    ) -> Result<(Token, Credential), TokenError> {
        let now = self.clock.now();
        if new.expires_at.is_some_and(|end| end <= now) {
            return Err(TokenError::EndsInThePast);
        }
        if new.scopes.is_empty() {
            return Err(TokenError::NoScope);
        }
        if could_lift_its_limit(new.scopes, new.max_role_weight) {
            return Err(TokenError::LimitedAdministers);
        }
        if let Some(user) = new.user {
            if !new.scopes.and(Scopes::ADMIN).is_empty() {
                return Err(TokenError::UserAdministers);
            }
            self.store.tenant(tenant).may_sign_in(user).await?.ok_or(TokenError::NoUser(user))?;
        }
        let (token, credential) = fresh(new, now);
        let action = self.on_credential(tenant, &credential, "token.create", shown(&credential), origin);
        self.add_token(tenant, &credential, None, &action).await?;
        Ok((token, credential))
    }

    /// Makes a token that takes the place of another one: it has its name, its scopes, its connection, its addresses and its
    /// user, and as long a life unless `expires_at` says otherwise. Both work until `overlap` is over; then the old one ends, if it
    /// would not have ended before.
    ///
    /// # Errors
    /// [`TokenError`]; then nothing was written.
    pub async fn rotate_token(
        &self,
        tenant: TenantId,
        id: CredentialId,
        overlap: TimeDelta,
        expires_at: Option<DateTime<Utc>>,
        origin: &Origin,
    ) -> Result<(Token, Credential), TokenError> {
        let now = self.clock.now();
        if expires_at.is_some_and(|end| end <= now) {
            return Err(TokenError::EndsInThePast);
        }
        let old = self.token(tenant, id).await?;
        check_live(&old, now)?;
        let ends_at = now.checked_add_signed(overlap.max(TimeDelta::zero())).unwrap_or(DateTime::<Utc>::MAX_UTC);
        let same_life = old.expires_at.and_then(|end| now.checked_add_signed(end - old.created_at));
        let (token, digest) = generate(now);
        let new = Credential {
            id: token.id(),
            digest: Some(digest),
            created_at: now,
            expires_at: expires_at.or(same_life),
            ..old.clone()
        };
        let ended = Some(old.expires_at.map_or(ends_at, |end| end.min(ends_at)));
        let details = json!({ "replacedBy": new.id, "endsAt": ended, "new": shown(&new) });
        let action = self.on_credential(tenant, &old, "token.rotate", details, origin);
        match self.add_token(tenant, &new, Some(Replaced { id, ends_at }), &action).await {
            // Somebody else was faster; what they did is told.
            Err(TokenError::NotFound(_)) => {
                check_live(&self.token(tenant, id).await?, now)?;
                Err(TokenError::Store(StoreError::Conflict))
            }
            outcome => outcome.map(|()| (token, new)),
        }
    }

    /// Writes a token; `NotFound` if there is nothing that works which it could replace.
    async fn add_token(
        &self,
        tenant: TenantId,
        token: &Credential,
        replaces: Option<Replaced>,
        action: &AdminAction,
    ) -> Result<(), TokenError> {
        match self.store.add_token(tenant, token, replaces, MAX_LIVE_TOKENS, action).await? {
            TokenAdded::Added => Ok(()),
            TokenAdded::Full => Err(TokenError::Full),
            TokenAdded::NoConnection => {
                Err(token.connection.map_or(TokenError::NotFound(token.id), TokenError::NoConnection))
            }
            TokenAdded::NotLive => Err(TokenError::NotFound(token.id)),
        }
    }

    /// A bearer token of that tenant, whatever its state.
    async fn token(&self, tenant: TenantId, id: CredentialId) -> Result<Credential, TokenError> {
        let found = self.store.credential(id).await?;
        let found = found.filter(|found| found.tenant.id == tenant && found.credential.kind == CredentialKind::Token);
        Ok(found.ok_or(TokenError::NotFound(id))?.credential)
    }

    /// Revokes a credential, of any kind: within a second every server refuses it. One that was revoked before stays as it was.
    ///
    /// # Errors
    /// [`TokenError`]; then nothing was written.
    pub async fn revoke_token(&self, tenant: TenantId, id: CredentialId, origin: &Origin) -> Result<(), TokenError> {
        let found = self.store.credential(id).await?.filter(|found| found.tenant.id == tenant);
        let credential = found.ok_or(TokenError::NotFound(id))?.credential;
        let action = self.on_credential(tenant, &credential, "token.revoke", json!({}), origin);
        let found = self.store.revoke(tenant, id, &action).await?;
        if found { Ok(()) } else { Err(TokenError::NotFound(id)) }
    }
}

/// A new token, and what is kept of its secret.
fn generate(now: DateTime<Utc>) -> (Token, [u8; 32]) {
    let token = Token::generate(CredentialId::new(now), &mut rand::rng());
    let digest = *token.digest().as_bytes();
    (token, digest)
}

fn fresh(new: NewToken, now: DateTime<Utc>) -> (Token, Credential) {
    let (token, digest) = generate(now);
    let NewToken { name, scopes, connection, allowed_addresses, max_role_weight, user, expires_at } = new;
    let plain = Credential::token(token.id(), name.as_str().to_owned(), digest, scopes, now);
    (token, Credential { connection, allowed_addresses, max_role_weight, user, expires_at, ..plain })
}

/// Holds that a token can be replaced.
fn check_live(token: &Credential, now: DateTime<Utc>) -> Result<(), TokenError> {
    match token {
        Credential { revoked_at: Some(_), .. } => Err(TokenError::Revoked),
        Credential { rotated_to: Some(new), .. } => Err(TokenError::Replaced(*new)),
        token if !token.is_live(now) => Err(TokenError::Expired),
        _ => Ok(()),
    }
}

fn shown(credential: &Credential) -> Value {
    json!({
        "scopes": credential.scopes,
        "connection": credential.connection,
        "allowedAddresses": credential.allowed_addresses,
        "maxRoleWeight": credential.max_role_weight,
        "user": credential.user,
        "expiresAt": credential.expires_at,
    })
}
