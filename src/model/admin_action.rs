//! What administrators did, and who signed in: the part of the activity log that is not about resources.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Caller, RequestId, TenantId};

/// Who acts on the installation or on a tenant's settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum Actor {
    /// An administrator who signed in.
    Admin {
        /// Its id.
        id: Uuid,
        /// Its e-mail address.
        name: String,
    },
    /// A credential with an `admin:` scope.
    Credential {
        /// Its id.
        id: Uuid,
        /// Its name for people.
        name: String,
    },
    /// A user of the tenant, who proved to have the mailbox.
    User {
        /// Its id.
        id: Uuid,
        /// Its e-mail address.
        name: String,
    },
    /// Somebody at the command line of the machine.
    CommandLine,
    /// scimgate itself.
    System,
}

impl Actor {
    /// The kind as it is stored.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Admin { .. } => "admin",
            Self::Credential { .. } => "credential",
            Self::User { .. } => "user",
            Self::CommandLine => "command line",
            Self::System => "system",
        }
    }

    /// The id, of those who have one.
    pub fn id(&self) -> Option<Uuid> {
        match self {
            Self::Admin { id, .. } | Self::Credential { id, .. } | Self::User { id, .. } => Some(*id),
            Self::CommandLine | Self::System => None,
        }
    }

    /// The name for people.
    pub fn name(&self) -> &str {
        match self {
            Self::Admin { name, .. } | Self::Credential { name, .. } | Self::User { name, .. } => name,
            Self::CommandLine => "command line",
            Self::System => "scimgate",
        }
    }
}

/// Where an administrator's act came from; goes into the row that tells of it.
#[derive(Debug, Clone)]
pub struct Origin {
    /// Who acts.
    pub actor: Actor,
    /// The request, if it came by HTTP.
    pub request: Option<RequestId>,
    /// The client's address, where it is known.
    pub address: Option<IpAddr>,
}

impl Origin {
    /// An act at the command line.
    pub fn command_line() -> Self {
        Self { actor: Actor::CommandLine, request: None, address: None }
    }

    /// A request of a credential.
    pub fn of(caller: &Caller) -> Self {
        let actor = Actor::Credential { id: caller.credential.0, name: caller.label.to_string() };
        Self { actor, request: Some(caller.request), address: caller.address }
    }
}

/// One act, as it is written.
#[derive(Debug, Clone)]
pub struct AdminAction {
    /// The tenant it concerns; `None` for the whole instance.
    pub tenant: Option<TenantId>,
    /// When.
    pub at: DateTime<Utc>,
    /// By whom, and from where.
    pub origin: Origin,
    /// What was done: `noun.verb`, for example `token.create`, `connection.disable`, `admin.sign_in`.
    pub action: &'static str,
    /// Whether it was done; a refused sign-in is told too.
    pub succeeded: bool,
    /// What it was done to: the kind, the id and the name for people.
    pub target: (&'static str, Option<String>, String),
    /// More about it; never a secret.
    pub details: Value,
}

impl AdminAction {
    /// As the SQL function `log_admin_action` takes it.
    pub fn to_json(&self) -> Value {
        let (target_kind, target_id, target_name) = &self.target;
        json!({
            "at": self.at,
            "tenant": self.tenant.map(|tenant| tenant.to_string()),
            "actorKind": self.origin.actor.kind(),
            "actorId": self.origin.actor.id(),
            "actor": self.origin.actor.name(),
            "action": self.action,
            "outcome": if self.succeeded { "success" } else { "failure" },
            "targetKind": target_kind,
            "targetId": target_id,
            "targetName": target_name,
            "details": self.details,
            "request": self.origin.request.map(|request| request.to_string()),
            "address": self.origin.address.map(|address| address.to_string()),
        })
    }
}
