//! What becomes of an open invitation: accepted, rejected, revoked.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::invite::about;
use super::{InvitationError, LinkUse};
use crate::auth::{RandomSecret, UserPassword};
use crate::gateway::{Gateway, GatewayError};
use crate::model::{
    Actor, Caller, CredentialId, Invitation, InvitationId, InvitationState, OpenInvitation, Origin, Preconditions,
    Scopes, Tenant,
};
use crate::scim::urn;

/// How long an attempt to accept holds an invitation. One that broke off can be repeated after that.
const ATTEMPT: TimeDelta = TimeDelta::seconds(60);

impl Gateway {
    /// The invitation of a link, if it leads somewhere. Nothing is changed: programs that look at mails follow links too. A text
    /// that is no secret is looked up as well, so that it takes the same time.
    ///
    /// # Errors
    /// [`InvitationError::Gone`], or that the database is away or at fault.
    pub async fn open_invitation(&self, secret: Option<&RandomSecret>) -> Result<OpenInvitation, InvitationError> {
        let digest = secret.map_or([0; 32], RandomSecret::digest);
        let found = self.store.open_invitation(&digest, self.clock.now()).await?;
        found.map(|(_, open)| open).ok_or(InvitationError::Gone)
    }

    /// Accepts an invitation: the invited proved to have the mailbox. The user gets the password, unless it signs in by an identity
    /// provider, and comes to the organizations. Works once; if it breaks off half-way it can be repeated.
    ///
    /// # Errors
    /// [`InvitationError`]; then the invitation is open still, unless it is [`InvitationError::Gone`].
    pub async fn accept_invitation(
        &self,
        secret: &RandomSecret,
        password: SecretString,
        by: LinkUse,
    ) -> Result<OpenInvitation, InvitationError> {
        let (digest, now) = (secret.digest(), self.clock.now());
        let open = self.open_invitation(Some(secret)).await?;
        let tenant = self.store.find_tenant(&open.slug).await?.ok_or(InvitationError::Gone)?;
        let password = match open.invitation.identity_provider {
            Some(_) => None,
            None if open.has_password && password.expose_secret().is_empty() => None,
            None => {
                let known = [open.invitation.email.as_str(), &open.tenant_name, &open.invitation.inviter];
                Some(UserPassword::parse(password, &known).map_err(InvitationError::Weak)?.into_secret())
            }
        };
        let until = now + ATTEMPT;
        if !self.store.claim_invitation(&digest, now, until).await? {
            return Err(InvitationError::Gone);
        }
        let settled = self.carry_out(tenant, &open.invitation, password, (until, by)).await;
        if settled.is_err()
            && let Err(error) = self.store.release_invitation(&digest, until).await
        {
            log::warn!("an invitation is held until its attempt ends: {error}");
        }
        settled.map(|()| open)
    }

    async fn carry_out(
        &self,
        tenant: Tenant,
        invitation: &Invitation,
        password: Option<SecretString>,
        (claim, by): (DateTime<Utc>, LinkUse),
    ) -> Result<(), InvitationError> {
        let (_, catalog) = self.store.tenant(tenant.id).catalog().await?;
        let caller = Caller {
            tenant: Arc::new(tenant),
            catalog: Arc::new(catalog),
            credential: CredentialId(invitation.user.0),
            label: invitation.email.as_str().into(),
            scopes: Scopes::WRITE,
            connection: None,
            max_role_weight: None,
            user: None,
            request: by.request,
            address: by.address,
        };
        let kind = caller.catalog.named("User").ok_or(InvitationError::Gone)?;
        let mut operations: Vec<Value> = Vec::new();
        if let Some(password) = &password {
            operations.push(json!({"op": "replace", "path": "password", "value": password.expose_secret()}));
        }
        if kind.extension(urn::PROVISIONING).is_some() {
            operations.extend(self.memberships(&caller, invitation).await?);
        }
        if !operations.is_empty() {
            let patch = json!({"schemas": [urn::PATCH_OP], "Operations": operations});
            match self.patch(&caller, kind, invitation.user, &Preconditions::default(), patch).await {
                Ok(_) => {}
                Err(GatewayError::NotFound { .. }) => return Err(InvitationError::Gone),
                Err(error) => return Err(error.into()),
            }
        }
        self.decide(&caller.tenant, invitation, InvitationState::Accepted, Some(claim), origin(invitation, by)).await
    }

    /// What the user comes to: those of the organizations that are there still, and the identity provider.
    async fn memberships(&self, caller: &Caller, invitation: &Invitation) -> Result<Vec<Value>, InvitationError> {
        let mut operations = Vec::new();
        let ids: Vec<_> = invitation.organizations.iter().map(|to| to.id).collect();
        if !ids.is_empty() {
            let there = self.store.tenant(caller.tenant.id).organizations_named(&ids, &[]).await?;
            let still = invitation.organizations.iter().filter(|to| there.iter().any(|(id, _)| *id == to.id));
            let values: Vec<Value> = still.map(|to| json!({"value": to.id, "display": to.name})).collect();
            if !values.is_empty() {
                let path = format!("{}:organizations", urn::PROVISIONING);
                operations.push(json!({"op": "add", "path": path, "value": values}));
            }
        }
        if let Some(provider) = invitation.identity_provider {
            let path = format!("{}:identityProvider", urn::PROVISIONING);
            operations.push(json!({"op": "replace", "path": path, "value": provider}));
        }
        Ok(operations)
    }

    /// Rejects an invitation, as the invited. The user stays as it is.
    ///
    /// # Errors
    /// [`InvitationError`]; then nothing was written.
    pub async fn reject_invitation(
        &self,
        secret: &RandomSecret,
        by: LinkUse,
    ) -> Result<OpenInvitation, InvitationError> {
        let open = self.open_invitation(Some(secret)).await?;
        let tenant = self.store.find_tenant(&open.slug).await?.ok_or(InvitationError::Gone)?;
        let origin = origin(&open.invitation, by);
        let decided = self.decide(&tenant, &open.invitation, InvitationState::Rejected, None, origin).await;
        decided.map_err(|error| if matches!(error, InvitationError::Busy) { InvitationError::Gone } else { error })?;
        Ok(open)
    }

    /// Takes an open invitation back.
    ///
    /// # Errors
    /// [`InvitationError`]; then nothing was written.
    pub async fn revoke_invitation(
        &self,
        tenant: &Tenant,
        id: InvitationId,
        origin: &Origin,
    ) -> Result<Invitation, InvitationError> {
        let invitation = self.pending(tenant, id).await?;
        self.decide(tenant, &invitation, InvitationState::Revoked, None, origin.clone()).await?;
        let now = self.clock.now();
        self.store.tenant(tenant.id).invitation(id, now).await?.ok_or(InvitationError::NotFound(id))
    }

    async fn decide(
        &self,
        tenant: &Tenant,
        invitation: &Invitation,
        state: InvitationState,
        claim: Option<DateTime<Utc>>,
        origin: Origin,
    ) -> Result<(), InvitationError> {
        let action = match state {
            InvitationState::Accepted => "invitation.accept",
            InvitationState::Rejected => "invitation.reject",
            InvitationState::Revoked => "invitation.revoke",
            InvitationState::Pending | InvitationState::Expired => "invitation.expire",
        };
        let action = about(tenant, invitation, action, self.clock.now(), origin);
        if self.store.tenant(tenant.id).decide_invitation(invitation.id, state, claim, &action).await? {
            Ok(())
        } else {
            Err(InvitationError::Busy)
        }
    }
}

/// An act of the invited.
fn origin(invitation: &Invitation, by: LinkUse) -> Origin {
    let actor = Actor::User { id: invitation.user.0, name: invitation.email.clone() };
    Origin { actor, request: Some(by.request), address: by.address }
}
