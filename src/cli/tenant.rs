//! `scimgate tenant create|list|show|statistics|set|suspend|resume|delete|restore`

use std::time::Duration;

use anyhow::{Context, anyhow};
use chrono::TimeDelta;
use clap::builder::BoolishValueParser;
use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;

use super::database::{gateway, with_store};
use super::table;
use super::tenant_mail::MailFlags;
use super::tenant_statistics;
use crate::config::{DatabaseArgs, parse_duration};
use crate::gateway::{Gateway, ProvisioningError, TenantError};
use crate::model::{
    Credentials, KeepActivity, MailSettings, Origin, Profile, Provisioning, Tenant, TenantSlug, TenantState,
};
use crate::scim::dialect::{EmployeeId, GroupPatchAnswer, UnknownAttributes, UnknownMembers, UnknownRoles};
use crate::store::Store;

/// What can be done with tenants.
#[derive(Debug, Subcommand)]
pub enum TenantCommand {
    /// Create a tenant: a separate set of users and groups with tokens of its own
    Create(Create),
    /// List all tenants
    List(List),
    /// Show one tenant and how it behaves
    Show(Show),
    /// Tell what a tenant holds, and how much happens in it
    Statistics(Show),
    /// Change a tenant's name and behaviour; takes effect within a second
    Set(Set),
    /// Refuse a tenant's credentials until it is resumed; takes effect within a second
    Suspend(One),
    /// Take a suspended tenant's credentials again
    Resume(One),
    /// Delete a tenant: its credentials are refused within a second, and its data goes after a time
    Delete(Delete),
    /// Bring a deleted tenant back, as long as its data is there
    Restore(One),
}

/// One tenant.
#[derive(Debug, Args)]
pub struct One {
    /// The tenant's short name
    slug: TenantSlug,
}

/// The flags of `scimgate tenant delete`.
#[derive(Debug, Args)]
pub struct Delete {
    /// The tenant's short name
    slug: TenantSlug,
    /// How long it can be restored, for example 30d
    #[arg(long, env = "SCIMGATE_GRACE", value_name = "TIME", default_value = "30d", value_parser = duration)]
    grace: Duration,
}

fn duration(text: &str) -> Result<Duration, String> {
    parse_duration(text).map_err(|why| format!("\"{text}\" {why}"))
}

/// The flags of `scimgate tenant create`.
#[derive(Debug, Args)]
pub struct Create {
    /// Short name: 1 to 63 of a-z, 0-9 and '-'
    slug: TenantSlug,
    /// Name for people [default: the short name]
    #[arg(long, env = "SCIMGATE_NAME", value_name = "NAME")]
    name: Option<String>,
    /// Which client's expectations to meet: rfc, entra, okta or strict
    #[arg(long, env = "SCIMGATE_PROFILE", value_name = "PROFILE", default_value = "rfc")]
    profile: Profile,
    /// Print JSON
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
}

/// The flags of `scimgate tenant list`.
#[derive(Debug, Args)]
pub struct List {
    /// Print JSON
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
}

/// The flags of `scimgate tenant show` and `statistics`.
#[derive(Debug, Args)]
pub struct Show {
    /// The tenant's short name
    slug: TenantSlug,
    /// Print JSON
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
}

/// The flags of `scimgate tenant set`.
#[derive(Debug, Args)]
pub struct Set {
    /// The tenant's short name
    slug: TenantSlug,
    /// Name for people
    #[arg(long, env = "SCIMGATE_NAME", value_name = "NAME")]
    name: Option<String>,
    /// Start over from a profile: rfc, entra, okta or strict; flags after it change single switches
    #[arg(long, env = "SCIMGATE_PROFILE", value_name = "PROFILE")]
    profile: Option<Profile>,
    /// What becomes of attributes that no schema knows
    #[arg(long, env = "SCIMGATE_UNKNOWN_ATTRIBUTES", value_name = "CHOICE")]
    unknown_attributes: Option<Unknown>,
    /// What becomes of members that do not exist
    #[arg(long, env = "SCIMGATE_UNKNOWN_MEMBERS", value_name = "CHOICE")]
    unknown_members: Option<Unknown>,
    /// What becomes of roles that no group carries
    #[arg(long, env = "SCIMGATE_UNKNOWN_ROLES", value_name = "CHOICE")]
    unknown_roles: Option<UnknownRole>,
    /// Whether a user's entitlements are roles too
    #[arg(long, env = "SCIMGATE_ENTITLEMENTS_ARE_ROLES", value_name = "BOOL", value_parser = BoolishValueParser::new())]
    entitlements_are_roles: Option<bool>,
    /// What a change of a group answers
    #[arg(long, env = "SCIMGATE_GROUP_PATCH_ANSWER", value_name = "CHOICE")]
    group_patch_answer: Option<PatchAnswer>,
    /// Whether two groups may not have the same name
    #[arg(long, env = "SCIMGATE_UNIQUE_GROUP_NAMES", value_name = "BOOL", value_parser = BoolishValueParser::new())]
    unique_group_names: Option<bool>,
    /// Whether DELETE sets a user inactive and keeps it
    #[arg(long, env = "SCIMGATE_DELETE_DEACTIVATES", value_name = "BOOL", value_parser = BoolishValueParser::new())]
    delete_deactivates: Option<bool>,
    /// How externalId and the enterprise employeeNumber belong together
    #[arg(long, env = "SCIMGATE_EMPLOYEE_ID", value_name = "CHOICE")]
    employee_id: Option<Key>,
    /// Whether what one connection made cannot be changed or removed through another; holds for what is made from now on
    #[arg(long, env = "SCIMGATE_FENCE_CONNECTIONS", value_name = "CHOICE")]
    fence_connections: Option<Switch>,
    /// Whether records are taken from systems that do not speak SCIM: the provisioning API, files and tasks
    #[arg(long, env = "SCIMGATE_PROVISIONING", value_name = "CHOICE")]
    provisioning: Option<Switch>,
    /// How users who come by a record sign in: none (by an identity provider), return-once or invite
    #[arg(long, env = "SCIMGATE_CREDENTIALS", value_name = "CHOICE")]
    credentials: Option<Credentials>,
    /// Whether no two users may share an e-mail address, on whatever way they come; holds while records are taken
    #[arg(long, env = "SCIMGATE_UNIQUE_EMAIL", value_name = "BOOL", value_parser = BoolishValueParser::new())]
    unique_email: Option<bool>,
    /// Whether no invitation is mailed, whatever a record asks for
    #[arg(long, env = "SCIMGATE_SUPPRESS_INVITATION_EMAIL", value_name = "BOOL", value_parser = BoolishValueParser::new())]
    suppress_invitation_email: Option<bool>,
    /// How long changes and administrative actions are kept: 30d to 3653d, or forever
    #[arg(long, env = "SCIMGATE_KEEP_ACTIVITY", value_name = "TIME")]
    keep_activity: Option<KeepActivity>,
    #[command(flatten)]
    mail: MailFlags,
    /// Print JSON
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Key {
    /// Not at all
    Independent,
    /// externalId takes the value of employeeNumber
    ExternalIdFromEmployeeNumber,
    /// employeeNumber takes the value of externalId
    EmployeeNumberFromExternalId,
    /// Where both are sent they have to be the same
    MustAgree,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Switch {
    /// It does
    #[value(alias = "true")]
    On,
    /// It does not
    #[value(alias = "false")]
    Off,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Unknown {
    /// Leave them out in silence
    Ignore,
    /// Refuse the request
    Refuse,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum UnknownRole {
    /// Keep them as data
    Keep,
    /// Refuse the request
    Refuse,
    /// Create a group that carries the role
    Create,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum PatchAnswer {
    /// 200 with the group
    Resource,
    /// 204 with nothing
    NoContent,
}

/// Does what the command says.
pub fn run(args: &DatabaseArgs, command: TenantCommand) -> anyhow::Result<()> {
    match command {
        TenantCommand::Create(flags) => create(args, flags),
        TenantCommand::List(flags) => list(args, &flags),
        TenantCommand::Show(flags) => show(args, &flags),
        TenantCommand::Statistics(flags) => tenant_statistics::run(args, &flags.slug, flags.json),
        TenantCommand::Set(flags) => set(args, flags),
        TenantCommand::Suspend(flags) => suspend(args, &flags),
        TenantCommand::Resume(flags) => resume(args, &flags),
        TenantCommand::Delete(flags) => delete(args, &flags),
        TenantCommand::Restore(flags) => restore(args, &flags),
    }
}

fn create(args: &DatabaseArgs, flags: Create) -> anyhow::Result<()> {
    let Create { slug, name, profile, json } = flags;
    let tenant = with_store(args, async |store| {
        Ok(gateway(store).create_tenant(slug, name, profile, &Origin::command_line()).await?)
    })?;
    if json {
        println!("{}", to_json(&tenant));
    } else {
        println!("created the tenant {}", tenant.slug);
        eprintln!("Next: scimgate token create --tenant {} --name \"Entra ID\"", tenant.slug);
    }
    Ok(())
}

fn list(args: &DatabaseArgs, flags: &List) -> anyhow::Result<()> {
    let tenants = with_store(args, async |store| Ok(store.tenants().await?))?;
    if flags.json {
        println!("{}", serde_json::Value::from_iter(tenants.iter().map(to_json)));
        return Ok(());
    }
    let rows = tenants.iter().map(|tenant| {
        [
            tenant.slug.to_string(),
            tenant.name.clone(),
            tenant.profile.as_str().into(),
            standing(tenant.state),
            table::instant(tenant.created_at),
        ]
    });
    table::print(["TENANT", "NAME", "PROFILE", "STATE", "CREATED"], rows);
    Ok(())
}

/// Whether its credentials are taken, and until when it could be brought back if it is deleted.
fn standing(state: TenantState) -> String {
    match state {
        TenantState::Deleted { purge_at, .. } => format!("deleted, kept until {}", table::instant(purge_at)),
        _ => state.as_str().to_owned(),
    }
}

fn show(args: &DatabaseArgs, flags: &Show) -> anyhow::Result<()> {
    let shown = with_store(args, async |store| {
        let tenant = find(store, &flags.slug).await?;
        Shown::of(store, tenant).await
    })?;
    shown.print(flags.json);
    Ok(())
}

fn set(args: &DatabaseArgs, flags: Set) -> anyhow::Result<()> {
    let json = flags.json;
    let shown = with_store(args, async |store| {
        let (gateway, origin) = (gateway(store), Origin::command_line());
        let edit = |tenant: &mut Tenant| apply(tenant, &flags);
        let mut tenant = gateway.change_tenant(&flags.slug, &origin, edit).await.map_err(told)?;
        if flags.is_about_provisioning() {
            let edit = |provisioning: &mut Provisioning| flags.choose(provisioning);
            tenant = gateway.change_provisioning(&flags.slug, &origin, edit).await.map_err(told_of_provisioning)?;
        }
        if let Some(keep) = flags.keep_activity {
            gateway.keep_activity(&tenant, keep, &Origin::command_line()).await?;
        }
        if let Some(settings) = flags.mail.choose(store.tenant(tenant.id).mail_settings().await?) {
            gateway.set_mail_settings(&tenant, &settings, &origin).await?;
        }
        Shown::of(store, tenant).await
    })?;
    shown.print(json);
    Ok(())
}

fn apply(tenant: &mut Tenant, flags: &Set) {
    if let Some(name) = &flags.name {
        tenant.name.clone_from(name);
    }
    if let Some(profile) = flags.profile {
        tenant.take_profile(profile);
    }
    let dialect = &mut tenant.dialect;
    if let Some(choice) = flags.unknown_attributes {
        dialect.unknown_attributes = match choice {
            Unknown::Ignore => UnknownAttributes::Ignore,
            Unknown::Refuse => UnknownAttributes::Refuse,
        };
    }
    if let Some(choice) = flags.unknown_members {
        dialect.unknown_members = match choice {
            Unknown::Ignore => UnknownMembers::Ignore,
            Unknown::Refuse => UnknownMembers::Refuse,
        };
    }
    if let Some(choice) = flags.unknown_roles {
        dialect.unknown_roles = match choice {
            UnknownRole::Keep => UnknownRoles::Keep,
            UnknownRole::Refuse => UnknownRoles::Refuse,
            UnknownRole::Create => UnknownRoles::Create,
        };
    }
    if let Some(choice) = flags.group_patch_answer {
        dialect.group_patch_answer = match choice {
            PatchAnswer::Resource => GroupPatchAnswer::Resource,
            PatchAnswer::NoContent => GroupPatchAnswer::NoContent,
        };
    }
    dialect.entitlements_are_roles = flags.entitlements_are_roles.unwrap_or(dialect.entitlements_are_roles);
    if let Some(choice) = flags.employee_id {
        dialect.employee_id = match choice {
            Key::Independent => EmployeeId::Independent,
            Key::ExternalIdFromEmployeeNumber => EmployeeId::ExternalIdFromEmployeeNumber,
            Key::EmployeeNumberFromExternalId => EmployeeId::EmployeeNumberFromExternalId,
            Key::MustAgree => EmployeeId::MustAgree,
        };
    }
    dialect.fence_connections =
        flags.fence_connections.map_or(dialect.fence_connections, |choice| choice == Switch::On);
    dialect.unique_group_names = flags.unique_group_names.unwrap_or(dialect.unique_group_names);
    dialect.delete_deactivates = flags.delete_deactivates.unwrap_or(dialect.delete_deactivates);
}

impl Set {
    fn is_about_provisioning(&self) -> bool {
        self.provisioning.is_some()
            || self.credentials.is_some()
            || self.unique_email.is_some()
            || self.suppress_invitation_email.is_some()
    }

    fn choose(&self, provisioning: &mut Provisioning) {
        provisioning.enabled = self.provisioning.map_or(provisioning.enabled, |choice| choice == Switch::On);
        provisioning.credentials = self.credentials.unwrap_or(provisioning.credentials);
        provisioning.unique_email = self.unique_email.unwrap_or(provisioning.unique_email);
        provisioning.suppress_invitation_email =
            self.suppress_invitation_email.unwrap_or(provisioning.suppress_invitation_email);
    }
}

/// Why a tenant's choices for records stay as they were, with those who are in the way.
fn told_of_provisioning(error: ProvisioningError) -> anyhow::Error {
    match error {
        ProvisioningError::Tenant(error) => told(error),
        ProvisioningError::SharedEmails(offenders) => {
            let listed: Vec<String> =
                offenders.iter().map(|offender| format!("  {}: {}", offender.id, offender.reason)).collect();
            let error = ProvisioningError::SharedEmails(offenders);
            anyhow!("{error}:\n{}", listed.join("\n"))
        }
        error => error.into(),
    }
}

fn suspend(args: &DatabaseArgs, flags: &One) -> anyhow::Result<()> {
    let tenant = act(args, async |gateway| gateway.suspend_tenant(&flags.slug, &Origin::command_line()).await)?;
    println!("suspended the tenant {}; its credentials are refused", tenant.slug);
    Ok(())
}

fn resume(args: &DatabaseArgs, flags: &One) -> anyhow::Result<()> {
    let tenant = act(args, async |gateway| gateway.resume_tenant(&flags.slug, &Origin::command_line()).await)?;
    println!("resumed the tenant {}", tenant.slug);
    Ok(())
}

fn delete(args: &DatabaseArgs, flags: &Delete) -> anyhow::Result<()> {
    let grace = TimeDelta::from_std(flags.grace).context("--grace lies too far ahead; choose a shorter time")?;
    let origin = Origin::command_line();
    let tenant = act(args, async |gateway| gateway.delete_tenant(&flags.slug, grace, &origin).await)?;
    println!("deleted the tenant {}; its credentials are refused", tenant.slug);
    if let TenantState::Deleted { purge_at, .. } = tenant.state {
        let at = table::instant(purge_at);
        eprintln!("Its data goes at {at}; `scimgate tenant restore {}` brings it back until then.", tenant.slug);
    }
    Ok(())
}

fn restore(args: &DatabaseArgs, flags: &One) -> anyhow::Result<()> {
    let tenant = act(args, async |gateway| gateway.restore_tenant(&flags.slug, &Origin::command_line()).await)?;
    println!("restored the tenant {}", tenant.slug);
    Ok(())
}

/// Does something to a tenant.
fn act(args: &DatabaseArgs, work: impl AsyncFnOnce(&Gateway) -> Result<Tenant, TenantError>) -> anyhow::Result<Tenant> {
    with_store(args, async |store| work(&gateway(store)).await.map_err(told))
}

/// Why nothing was done, and what to do about it.
fn told(error: TenantError) -> anyhow::Error {
    match error {
        TenantError::NotFound(slug) => anyhow!("there is no tenant {slug}; `scimgate tenant list` lists them"),
        TenantError::Store(error) => error.into(),
        error => error.into(),
    }
}

/// The tenant of that name, or what to do about it.
pub async fn find(store: &Store, slug: &TenantSlug) -> anyhow::Result<Tenant> {
    let found = store.find_tenant(slug).await?;
    found.with_context(|| format!("there is no tenant {slug}; `scimgate tenant list` lists them"))
}

/// A tenant with all that was chosen for it.
struct Shown {
    tenant: Tenant,
    keeps: KeepActivity,
    mail: MailSettings,
}

impl Shown {
    async fn of(store: &Store, tenant: Tenant) -> anyhow::Result<Self> {
        let of_tenant = store.tenant(tenant.id);
        let (keeps, mail) = (of_tenant.keeps_activity().await?, of_tenant.mail_settings().await?);
        Ok(Self { tenant, keeps, mail })
    }

    fn print(&self, json: bool) {
        let Self { tenant, keeps, mail } = self;
        if json {
            let mut shown = to_json(tenant);
            shown["keepActivity"] = json!(keeps);
            shown["mail"] = json!(mail);
            println!("{shown}");
            return;
        }
        let mut rows = vec![
            ["tenant".to_owned(), tenant.slug.to_string()],
            ["name".to_owned(), tenant.name.clone()],
            ["id".to_owned(), tenant.id.to_string()],
            ["profile".to_owned(), tenant.profile.as_str().to_owned()],
            ["state".to_owned(), tenant.state.as_str().to_owned()],
            ["created".to_owned(), table::instant(tenant.created_at)],
            ["keepActivity".to_owned(), keeps.to_string()],
        ];
        let dialect = json!(tenant.dialect);
        for (name, value) in dialect.as_object().into_iter().flatten() {
            rows.push([name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned)]);
        }
        for (of, choices) in [("provisioning", json!(tenant.provisioning)), ("mail", json!(mail))] {
            for (name, value) in choices.as_object().into_iter().flatten() {
                let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                rows.push([format!("{of}.{name}"), shown]);
            }
        }
        table::print_values(rows);
    }
}

fn to_json(tenant: &Tenant) -> serde_json::Value {
    json!({
        "id": tenant.id,
        "slug": tenant.slug,
        "name": tenant.name,
        "profile": tenant.profile,
        "dialect": tenant.dialect,
        "provisioning": tenant.provisioning,
        "state": tenant.state.as_str(),
        "createdAt": tenant.created_at,
    })
}
