//! What pages show: plain values, ready to be printed, each with the template that prints it. Nothing here asks a store or
//! knows a request, so that every page can be rendered from sample data.

mod account;
mod activity;
mod admins;
mod applications;
mod chart;
mod clients;
mod connections;
mod definitions;
mod digest;
mod door;
mod explain;
mod field;
mod guide;
mod imports;
mod invitations;
mod issuers;
mod mails;
mod moment;
mod overview;
mod pager;
mod requests;
mod resource;
mod resources;
mod rules;
#[cfg(test)]
pub mod samples;
mod schemas;
mod settings;
mod shell;
mod tasks;
mod tenants;
#[cfg(test)]
mod tests;

pub use self::account::{Account, Authenticator, QrCode};
pub use self::activity::{Activity, Entry};
pub use self::admins::{AdminRow, Admins};
pub use self::applications::{
    AccountRow, ApplicationForm, ApplicationPage, ApplicationRow, Applications, LicenseBar, LicenseRow, PublicationRow,
    RosterPart, SessionRow,
};
pub use self::chart::{Bar, Chart, thousands};
pub use self::clients::{ClientPage, SecretRow};
pub use self::connections::{
    ConnectionPage, ConnectionRow, Connections, CredentialRow, KindChoice, NewConnection, Revealed, ScopeChoice,
    Secret, Wait, Waiting, WaitingPart,
};
pub use self::definitions::{DefinitionPage, OffenderView};
pub use self::digest::{DigestPage, DigestRow, Reader};
pub use self::door::{Door, DoorProblem, SecondFactor, SetUp, SignIn};
pub use self::explain::{Explain, Explanation, FailedView, NoteView};
pub use self::field::Field;
pub use self::guide::{Guide, Provider};
pub use self::imports::{Asked, ColumnChoice, ImportPage, Imports, Preview, PreviewRow, SavedMapping, UploadRow};
pub use self::invitations::{InvitationRow, Invitations, InvitePage, InvitedOrganizationRow, InvitedPage, InvitedRow};
pub use self::issuers::{IssuerPage, NewIssuerPage, PowersForm, TrustForm};
pub use self::mails::{BounceRow, MailLink, MailPage, MailRow, Mails};
pub use self::moment::Moment;
pub use self::overview::{Concern, ConnectionState, Figure, Overview};
pub use self::pager::Pager;
pub use self::requests::{Requests, Told};
pub use self::resource::{
    AttributeGroup, AttributeView, ChangeView, Difference, Keychain, Link, Links, ResourcePage, Setting, ValueView,
};
pub use self::resources::{Found, OrganizationsOff, ResourcePart, Resources, Row, Wrong};
pub use self::rules::{RoleRow, RuleExample, RulePage, RuleRow, Rules};
pub use self::schemas::{AttributeLine, SchemaView, Schemas, TypeView};
pub use self::settings::{MailChoices, Settings, Switch, WholeTenant};
pub use self::shell::{Choice, Here, Notice, Shell, Status, TenantNav, Theme, Tone, Who};
pub use self::tasks::{RecordRow, TaskPage, TaskProgress, TaskProgressPart, TaskRow, Tasks};
pub use self::tenants::{TenantRow, Tenants};
pub use super::assets::url as asset;
