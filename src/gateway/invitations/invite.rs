//! Inviting, and sending an invitation again.

use chrono::{DateTime, Utc};
use futures_util::{StreamExt, stream};
use secrecy::ExposeSecret;
use serde_json::json;

use super::people::{Organizations, Reachable, failure, trouble};
use super::{
    InvitationError, InvitationTerms, Invited, InvitedOrganization, InvitedUser, Invitee, Inviting, OrganizationOutcome,
};
use crate::auth::{RandomSecret, SealError, Sealer};
use crate::gateway::{Gateway, mails};
use crate::model::{
    Actor, AdminAction, Caller, Invitation, InvitationId, InvitationState, InvitedTo, Language, MailAddress, MailId,
    MailKind, MailSettings, NewMail, Origin, RecordCode, RecordFailure, ResourceId, Tenant,
};
use crate::store::{NewInvitation, StoreError};

/// How many people of one call are invited side by side.
const AT_ONCE: usize = 8;

impl Gateway {
    /// Invites each of these people to each of these organizations; answers in their order. Whoever is new becomes a user. An
    /// open invitation is not doubled but told. One that fails hinders no other.
    pub async fn invite(&self, caller: &Caller, inviting: &Inviting) -> Vec<Invited> {
        let people = inviting.people.iter().enumerate().map(|(place, person)| async move {
            let key = match person {
                Ok(Invitee::User(id)) => id.to_string(),
                Ok(Invitee::Person(record)) => record.key(place + 1),
                Err(_) => format!("#{}", place + 1),
            };
            let outcome = match person {
                Ok(invitee) => self.invite_person(caller, invitee, inviting).await,
                Err(why) => Err(why.clone()),
            };
            Invited { key, outcome }
        });
        stream::iter(people).buffered(AT_ONCE).collect().await
    }

    async fn invite_person(
        &self,
        caller: &Caller,
        invitee: &Invitee,
        inviting: &Inviting,
    ) -> Result<InvitedUser, RecordFailure> {
        let (mut references, mut provider) = (inviting.organizations.clone(), inviting.identity_provider.as_deref());
        if let Invitee::Person(record) = invitee {
            references.extend(record.organizations.iter().flatten().cloned());
            provider = record.identity_provider.as_deref().or(provider);
        }
        let Organizations { named, suppress_mail } =
            self.organizations_of(caller, &references).await.map_err(|error| trouble(&error))?;
        let known: Vec<InvitedTo> = named.iter().filter_map(|(_, found)| found.clone()).collect();
        if known.is_empty() && !named.is_empty() {
            let unknown: Vec<&str> = named.iter().map(|(reference, _)| reference.as_str()).collect();
            let told = format!("There is no organization {}; /api/v1/organizations lists them", unknown.join(", "));
            return Err(failure(RecordCode::UnknownOrganization, Some("organizationIds"), told));
        }
        let identity_provider = match provider.filter(|reference| !reference.trim().is_empty()) {
            Some(reference) => Some(self.provider_of(caller, reference).await?),
            None => None,
        };
        let (user, is_new) = self.user_of(caller, invitee, inviting).await?;
        let terms = InvitationTerms {
            organizations: known,
            identity_provider,
            inviter: inviting.inviter.as_ref().map_or_else(|| caller.label.to_string(), ToString::to_string),
            message: inviting.message.clone(),
            sends_mail: inviting.sends_mail && !suppress_mail,
            by: inviting.by.clone(),
        };
        let mut invited = self.invite_user(caller, user, &terms).await?;
        invited.is_new = is_new;
        invited.organizations = in_order(named, &invited.organizations);
        Ok(invited)
    }

    /// Invites a user who is there.
    ///
    /// # Errors
    /// Why nobody was invited; then nothing was written.
    pub async fn invite_user(
        &self,
        caller: &Caller,
        user: ResourceId,
        terms: &InvitationTerms,
    ) -> Result<InvitedUser, RecordFailure> {
        let Reachable { id, address, language } = self.reachable(caller, user).await?;
        let tenant = self.store.tenant(caller.tenant.id);
        let settings = tenant.mail_settings().await.map_err(|error| trouble(&error))?;
        let now = self.clock.now();
        let invitation = Invitation {
            id: InvitationId::new(now),
            user: id,
            email: address.address().to_owned(),
            organizations: terms.organizations.clone(),
            identity_provider: terms.identity_provider.as_ref().map(|provider| provider.id),
            inviter: terms.inviter.clone(),
            message: terms.message.clone(),
            state: InvitationState::Pending,
            created_at: now,
            expires_at: now + settings.invitation_days.lifetime(),
            sent_at: None,
            send_count: 0,
            decided_at: None,
        };
        let secret = RandomSecret::generate(&mut rand::rng());
        let provider = terms.identity_provider.as_ref().map(|provider| provider.name.as_str());
        let letter = Letter { tenant: &caller.tenant, invitation: &invitation, provider, to: address, language };
        let mail = terms.sends_mail.then(|| letter.mail(&secret, now, self.sealer.as_deref())).transpose();
        let mail = mail.map_err(|error| trouble(&StoreError::internal(error)))?;
        let by_credential = || Origin {
            actor: Actor::Credential { id: caller.credential.0, name: caller.label.to_string() },
            request: Some(caller.request),
            address: caller.address,
        };
        let origin = terms.by.clone().unwrap_or_else(by_credential);
        let action = about(&caller.tenant, &invitation, "invitation.create", now, origin);
        let new = NewInvitation { invitation: &invitation, secret_hash: &secret.digest(), mail: mail.as_ref() };
        let made = tenant.invite_user(&new, &action).await.map_err(|error| trouble(&error))?;
        let organizations = terms.organizations.iter().filter_map(|to| {
            let held = made.held.get(&Some(to.id)).copied().map(OrganizationOutcome::AlreadyInvited);
            let outcome = held.or(made.invitation.map(OrganizationOutcome::Invited))?;
            Some(InvitedOrganization { reference: to.id.to_string(), outcome })
        });
        Ok(InvitedUser {
            user: id,
            is_new: false,
            invitation: made.invitation,
            is_mailed: made.invitation.is_some() && mail.is_some(),
            organizations: organizations.collect(),
            held: made.held.get(&None).copied().filter(|_| made.invitation.is_none()),
        })
    }

    /// Mails an open invitation with a new link and a new end. The link before leads nowhere any more.
    ///
    /// # Errors
    /// [`InvitationError`]; then nothing was written.
    pub async fn resend_invitation(
        &self,
        tenant: &Tenant,
        id: InvitationId,
        origin: &Origin,
    ) -> Result<Invitation, InvitationError> {
        let (store, now) = (self.store.tenant(tenant.id), self.clock.now());
        let mut invitation = self.pending(tenant, id).await?;
        let settings: MailSettings = store.mail_settings().await?;
        invitation.expires_at = now + settings.invitation_days.lifetime();
        let provider = match invitation.identity_provider {
            Some(provider) => self.store.connection(tenant.id, provider).await?.map(|provider| provider.name),
            None => None,
        };
        let to = invitation.email.parse().map_err(|_| InvitationError::Busy)?;
        let secret = RandomSecret::generate(&mut rand::rng());
        let provider = provider.as_ref().map(|name| name.as_str());
        let letter = Letter { tenant, invitation: &invitation, provider, to, language: None };
        let mail = letter.mail(&secret, now, self.sealer.as_deref()).map_err(StoreError::internal)?;
        let action = about(tenant, &invitation, "invitation.resend", now, origin.clone());
        let new = NewInvitation { invitation: &invitation, secret_hash: &secret.digest(), mail: None };
        if !store.resend_invitation(&new, &mail, &action).await? {
            return Err(InvitationError::Busy);
        }
        store.invitation(id, now).await?.ok_or(InvitationError::NotFound(id))
    }

    /// An invitation that is open still.
    pub(in crate::gateway) async fn pending(
        &self,
        tenant: &Tenant,
        id: InvitationId,
    ) -> Result<Invitation, InvitationError> {
        let found = self.store.tenant(tenant.id).invitation(id, self.clock.now()).await?;
        match found.ok_or(InvitationError::NotFound(id))? {
            open @ Invitation { state: InvitationState::Pending, .. } => Ok(open),
            closed => Err(InvitationError::Closed(closed.state)),
        }
    }
}

/// What the organizations of a call came to, each as it was named.
fn in_order(named: Vec<(String, Option<InvitedTo>)>, outcomes: &[InvitedOrganization]) -> Vec<InvitedOrganization> {
    let outcome = |to: &InvitedTo| {
        let id = to.id.to_string();
        outcomes.iter().find(|outcome| outcome.reference == id).map(|outcome| outcome.outcome)
    };
    let named = named.into_iter().map(|(reference, to)| InvitedOrganization {
        reference,
        outcome: to.as_ref().and_then(outcome).unwrap_or(OrganizationOutcome::Unknown),
    });
    named.collect()
}

/// What an invitation's mail is made of.
struct Letter<'a> {
    tenant: &'a Tenant,
    invitation: &'a Invitation,
    provider: Option<&'a str>,
    to: MailAddress,
    language: Option<Language>,
}

impl Letter<'_> {
    fn mail(&self, secret: &RandomSecret, at: DateTime<Utc>, sealer: Option<&Sealer>) -> Result<NewMail, SealError> {
        let Invitation { id: about, organizations, inviter, message, expires_at, .. } = self.invitation;
        let id = MailId::new(at);
        let data = json!({
            "secret": mails::sealed(sealer, id, secret.reveal().expose_secret())?,
            "inviter": inviter,
            "organizations": organizations.iter().map(|to| to.name.as_str()).collect::<Vec<_>>(),
            "message": message,
            "identityProvider": self.provider,
            "expiresAt": expires_at,
        });
        Ok(NewMail {
            tenant: self.tenant.id,
            id,
            to: self.to.clone(),
            kind: MailKind::Invitation,
            language: self.language,
            data,
            about: Some(about.0),
            at,
        })
    }
}

/// The row that tells of an act on an invitation.
pub(super) fn about(
    tenant: &Tenant,
    invitation: &Invitation,
    action: &'static str,
    at: DateTime<Utc>,
    origin: Origin,
) -> AdminAction {
    AdminAction {
        tenant: Some(tenant.id),
        at,
        origin,
        action,
        succeeded: true,
        target: ("invitation", Some(invitation.id.to_string()), invitation.email.clone()),
        details: json!({
            "user": invitation.user,
            "organizations": invitation.organizations,
            "identityProvider": invitation.identity_provider,
        }),
    }
}
