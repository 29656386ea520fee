//! Clients with tokens of other kinds.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use scimgate::auth::Token;
use scimgate::gateway::{Gateway, NewToken};
use scimgate::model::{AllowedAddresses, Connection, CredentialId, FixedClock, Origin, ResourceId, Scopes, Tenant};
use scimgate::store::Store;
use secrecy::ExposeSecret;

use super::Scim;

impl Scim {
    /// A client with a token of its own for the same tenant.
    pub async fn with_token(&self, scopes: Scopes, expires_at: Option<DateTime<Utc>>) -> Self {
        self.with_token_text(credential(&self.store(), &self.tenant, scopes, expires_at, None).await)
    }

    /// A token for [`Scim::with_new_token`], of that connection.
    pub fn new_token(&self, connection: Option<&Connection>) -> NewToken {
        NewToken { connection: connection.map(|connection| connection.id), ..plain() }
    }

    /// A client of the same tenant with a token as that.
    pub async fn with_new_token(&self, new: NewToken) -> Self {
        let created = self.gateway().create_token(self.tenant.id, new, &Origin::command_line()).await;
        self.with_token_text(created.unwrap().0.reveal().expose_secret().to_owned())
    }

    /// A client with a token of a connection of the same tenant.
    pub async fn with_token_of(&self, connection: &Connection) -> Self {
        self.with_new_token(self.new_token(Some(connection))).await
    }

    /// The id of the client's token.
    pub fn credential_id(&self) -> CredentialId {
        Token::parse(&self.token).unwrap().id()
    }

    /// A client with a token that belongs to a user of the same tenant.
    pub async fn as_user(&self, id: &str, scopes: Scopes) -> Self {
        let user = Some(id.parse().unwrap());
        self.with_token_text(credential(&self.store(), &self.tenant, scopes, None, user).await)
    }

    /// A client with a new token that is as this one's, which no worker knows yet.
    pub async fn again(&self) -> Self {
        let (gateway, id, origin) = (self.gateway(), self.credential_id(), Origin::command_line());
        let made = gateway.rotate_token(self.tenant.id, id, TimeDelta::days(1), None, &origin).await;
        self.with_token_text(made.unwrap().0.reveal().expose_secret().to_owned())
    }

    /// A client with that bearer token.
    pub fn with_token_text(&self, token: String) -> Self {
        Self {
            base: self.base.clone(),
            token,
            tenant: self.tenant.clone(),
            http: self.http.clone(),
            running: self.running.clone(),
        }
    }

    /// A client that may only read.
    pub async fn reader(&self) -> Self {
        self.with_token(Scopes::READ, None).await
    }
}

/// A token that may do all of SCIM from everywhere, for ever.
pub fn plain() -> NewToken {
    NewToken {
        name: "a token".parse().unwrap(),
        scopes: Scopes::WRITE,
        connection: None,
        allowed_addresses: AllowedAddresses::ANY,
        max_role_weight: None,
        user: None,
        expires_at: None,
    }
}

pub(super) async fn credential(
    store: &Store,
    tenant: &Tenant,
    scopes: Scopes,
    expires_at: Option<DateTime<Utc>>,
    user: Option<ResourceId>,
) -> String {
    let name = if scopes == Scopes::WRITE { "write token" } else { "other token" };
    let new = NewToken { name: name.parse().unwrap(), scopes, user, expires_at, ..plain() };
    let gateway = Gateway::new(store.clone(), Arc::new(FixedClock::new(tenant.created_at)));
    let (token, _) = gateway.create_token(tenant.id, new, &Origin::command_line()).await.unwrap();
    token.reveal().expose_secret().to_owned()
}
