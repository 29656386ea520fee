//! The use cases: every write, and every transaction, begins here.
//!
//! A use case checks what the client sent against the schema, decides with what the store has, and hands the store one
//! statement that writes the resource and its change row together. Reads need no use case: the routes ask the store.
//! Neither HTTP nor SQL may enter.

mod activity;
mod admins;
mod applications;
mod bulk;
mod change;
mod clients;
mod connections;
mod create;
mod credentials;
mod delete;
mod details;
mod digests;
mod employee_id;
mod error;
mod fence;
mod import_uploads;
mod imports;
mod invitations;
mod issuers;
mod mails;
mod members;
mod patch;
mod provisioning;
mod rehearsal;
mod replace;
mod restore;
mod role_weights;
mod roles;
mod rosters;
mod rules;
mod schemas;
mod self_service;
mod sign_in;
mod signing_keys;
mod tasks;
mod tenants;
mod tokens;
mod totp;
mod update;

use std::sync::Arc;

use crate::auth::Sealer;
use crate::model::{Clock, Tenant};
use crate::scim::dialect::EmployeeId;
use crate::scim::resource::{IndexEntry, Resource};
use crate::scim::schema::ResourceType;
use crate::store::Store;

pub use activity::{Explained, FailedPart, Failure, FailureLog, Offered};
pub use admins::{AdminChangeError, AdminDraft, AdminEdit, LINK_LIFETIME, NewLink, operator};
pub use applications::{ApplicationChange, ApplicationError, NewApplication};
pub use bulk::{BulkAnswer, BulkOutcome, BulkRun, OperationView};
pub use clients::{ClientChange, ClientsError, MAX_SECRETS, NewClient};
pub use connections::{ConnectionChange, ConnectionError, NewConnection};
pub use digests::{DigestError, DigestPreview};
pub use error::{GatewayError, Refusal};
pub use import_uploads::{IMPORT_UPLOADS_KEPT_FOR, ImportUploadError, NewUpload, mapping_of};
pub use imports::{ImportMappingError, required_by_role};
pub use invitations::{
    InvitationError, InvitationTerms, Invited, InvitedOrganization, InvitedUser, Invitee, Inviting, LinkUse,
    OrganizationOutcome,
};
pub use issuers::{IssuerChange, IssuersError, NewIssuer};
pub use mails::{MailRetryError, open_mail};
pub use provisioning::{IdentityProviderError, OnceShown, Provisioned, ProvisioningError, UserKey};
pub use restore::{Restoration, RestoreError, Restored};
pub use rosters::{MAX_OPEN_ROSTERS, ROSTER_SESSION_LIFETIME, RosterError};
pub use rules::{RuleChange, RulesError};
pub use schemas::{Offender, SchemasAct, SchemasError};
pub use sign_in::{SignIn, SignInError, Visitor};
pub use signing_keys::{Predecessors, SigningKeyError};
pub use tasks::{TasksError, kept_for};
pub use tenants::{DEFAULT_GRACE, TenantError};
pub use tokens::{MAX_LIVE_TOKENS, NewToken, TokenError};
pub use totp::TotpError;

/// How often a change is computed anew after another writer was faster. Each round means that somebody else's write
/// succeeded, so that many writers of one resource at once all come to their turn; more than that is a storm.
const ROUNDS: usize = 64;

/// The use cases of one worker.
#[derive(Clone)]
pub struct Gateway {
    store: Store,
    clock: Arc<dyn Clock>,
    /// Seals what waits in the database; `None` if no secret key is configured.
    sealer: Option<Arc<Sealer>>,
    is_rehearsal: bool,
}

impl Gateway {
    /// Use cases on a store and a clock.
    pub fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock, sealer: None, is_rehearsal: false }
    }

    /// The same use cases, which seal secrets that wait in the database.
    #[must_use]
    pub fn sealing(self, sealer: Option<Arc<Sealer>>) -> Self {
        Self { sealer, ..self }
    }
}

/// What the store keeps of a resource. Users' names are always unique; for groups the tenant decides, and a name that may
/// repeat has no key. Employee numbers are unique where the tenant makes them a key, e-mail addresses where it wants it.
fn entry(tenant: &Tenant, kind: &ResourceType, resource: &Resource) -> IndexEntry {
    let mut entry = IndexEntry::of(kind, resource);
    if kind.name == "Group" && !tenant.dialect.unique_group_names {
        entry.name_key = None;
    }
    if kind.name == "User" && tenant.provisioning.keeps_emails_unique() {
        entry = entry.with_unique_emails();
    }
    match tenant.dialect.employee_id {
        EmployeeId::Independent => entry,
        _ => entry.with_unique_employee_number(),
    }
}
