//! `scimgate admin create|list|disable|enable|reset-password|reset-totp`

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use secrecy::ExposeSecret;
use serde_json::json;

use super::database::{gateway, with_store};
use super::{password, table, tenant};
use crate::config::{DatabaseArgs, PublicUrl};
use crate::gateway::{AdminDraft, AdminEdit, NewLink, operator};
use crate::model::{Admin, AdminEmail, AdminRole, Label, Reach, TenantSlug};
use crate::store::Store;

/// What can be done with administrators.
#[derive(Debug, Subcommand)]
pub enum AdminCommand {
    /// Create an administrator, with a password from standard input or a prompt, or a one-time link
    Create(Create),
    /// List administrators
    List(List),
    /// Keep an administrator from signing in; its sessions end at once
    Disable(One),
    /// Let an administrator sign in again
    Enable(One),
    /// Give an administrator another password, or a one-time link to choose one; its sessions end
    ResetPassword(ResetPassword),
    /// Take an administrator's second factor away, if it is lost; its sessions end
    ResetTotp(One),
}

/// The flags of `scimgate admin create`.
#[derive(Debug, Args)]
pub struct Create {
    /// E-mail address to sign in with
    email: AdminEmail,
    /// Name for people [default: the e-mail address]
    #[arg(long, env = "SCIMGATE_NAME", value_name = "NAME")]
    name: Option<Label>,
    /// What it may do: owner, admin, or auditor, who changes nothing
    #[arg(long, env = "SCIMGATE_ROLE", value_name = "ROLE", default_value = "owner")]
    role: AdminRole,
    /// The one tenant that it administers; without it, the whole instance
    #[arg(long, env = "SCIMGATE_TENANT", value_name = "SLUG")]
    tenant: Option<TenantSlug>,
    #[command(flatten)]
    link: Link,
}

/// How somebody gets to a password.
#[derive(Debug, Args)]
pub struct Link {
    /// Print a link, valid for a day, with which the administrator chooses the password
    #[arg(long, env = "SCIMGATE_INVITE")]
    invite: bool,
    /// URL under which people reach the server, for the link
    #[arg(long, env = "SCIMGATE_PUBLIC_URL", value_name = "URL", default_value = "http://127.0.0.1:8080", value_parser = PublicUrl::parse)]
    public_url: PublicUrl,
}

/// The flags of `scimgate admin list`.
#[derive(Debug, Args)]
pub struct List {
    /// Print JSON
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
}

/// One administrator.
#[derive(Debug, Args)]
pub struct One {
    /// Its e-mail address
    email: AdminEmail,
}

/// The flags of `scimgate admin reset-password`.
#[derive(Debug, Args)]
pub struct ResetPassword {
    /// Its e-mail address
    email: AdminEmail,
    #[command(flatten)]
    link: Link,
}

/// Does what the command says.
pub fn run(args: &DatabaseArgs, command: AdminCommand) -> anyhow::Result<()> {
    match command {
        AdminCommand::Create(flags) => create(args, flags),
        AdminCommand::List(flags) => list(args, &flags),
        AdminCommand::Disable(flags) => enable(args, &flags, false),
        AdminCommand::Enable(flags) => enable(args, &flags, true),
        AdminCommand::ResetPassword(flags) => reset_password(args, &flags),
        AdminCommand::ResetTotp(flags) => reset_totp(args, &flags),
    }
}

fn create(args: &DatabaseArgs, flags: Create) -> anyhow::Result<()> {
    let name = match flags.name {
        Some(name) => name,
        None => flags.email.as_str().chars().take(100).collect::<String>().parse().map_err(anyhow::Error::msg)?,
    };
    let password = if flags.link.invite { None } else { Some(password::ask_for_new()?) };
    let (admin, link) = with_store(args, async |store| {
        let reach = match &flags.tenant {
            Some(slug) => Reach::Tenant(tenant::find(store, slug).await?.id),
            None => Reach::Instance,
        };
        let draft = AdminDraft { email: flags.email, name, role: flags.role, reach };
        let gateway = gateway(store);
        Ok(match password {
            Some(password) => (gateway.create_admin(&operator(), &draft, password).await?, None),
            None => {
                let (admin, link) = gateway.invite_admin(&operator(), &draft).await?;
                (admin, Some(link))
            }
        })
    })?;
    println!("created the {} {}", admin.role.as_str(), admin.email);
    show(link.as_ref(), &flags.link);
    Ok(())
}

fn show(link: Option<&NewLink>, flags: &Link) {
    let Some(link) = link else { return };
    println!("{}", link.url(&flags.public_url.to_string()).expose_secret());
    eprintln!("This link is shown once, and can be used once, until {}.", table::instant(link.expires_at));
}

fn list(args: &DatabaseArgs, flags: &List) -> anyhow::Result<()> {
    let (admins, tenants) = with_store(args, async |store| {
        Ok((store.admins_page(Reach::Instance, None, i64::MAX).await?, store.tenants().await?))
    })?;
    let tenant = |admin: &Admin| {
        let id = admin.reach.tenant()?;
        tenants.iter().find(|tenant| tenant.id == id).map(|tenant| tenant.slug.to_string())
    };
    if flags.json {
        let shown = |admin: &Admin| {
            json!({
                "id": admin.id,
                "email": admin.email,
                "name": admin.name,
                "role": admin.role,
                "tenant": tenant(admin),
                "enabled": admin.disabled_at.is_none(),
                "hasPassword": admin.has_password,
                "hasSecondFactor": admin.has_totp,
                "createdAt": admin.created_at,
                "lastSignInAt": admin.last_sign_in_at,
            })
        };
        println!("{}", serde_json::Value::from_iter(admins.iter().map(shown)));
        return Ok(());
    }
    let rows = admins.iter().map(|admin| {
        let state = match (admin.disabled_at, admin.has_password, admin.has_totp) {
            (Some(at), ..) => format!("disabled {}", table::instant(at)),
            (None, false, _) => "invited".to_owned(),
            (None, true, true) => "password and second factor".to_owned(),
            (None, true, false) => "password".to_owned(),
        };
        let reach = tenant(admin).unwrap_or_else(|| "(all)".to_owned());
        let last = admin.last_sign_in_at.map_or_else(|| "never".to_owned(), table::instant);
        [admin.email.clone(), admin.name.clone(), admin.role.as_str().to_owned(), reach, state, last]
    });
    table::print(["E-MAIL", "NAME", "ROLE", "TENANT", "STATE", "LAST SIGN-IN"], rows);
    Ok(())
}

async fn find(store: &Store, email: &AdminEmail) -> anyhow::Result<Admin> {
    let found = store.find_admin_by_email(email.as_str()).await?;
    found.with_context(|| format!("there is no administrator {}; `scimgate admin list` lists them", email.as_str()))
}

fn enable(args: &DatabaseArgs, flags: &One, enabled: bool) -> anyhow::Result<()> {
    let admin = with_store(args, async |store| {
        let admin = find(store, &flags.email).await?;
        let edit = AdminEdit { enabled: Some(enabled), ..AdminEdit::default() };
        Ok(gateway(store).change_admin(&operator(), admin.id, &edit).await?)
    })?;
    println!("{} {}", if enabled { "enabled" } else { "disabled" }, admin.email);
    Ok(())
}

fn reset_password(args: &DatabaseArgs, flags: &ResetPassword) -> anyhow::Result<()> {
    let password = if flags.link.invite { None } else { Some(password::ask_for_new()?) };
    let link = with_store(args, async |store| {
        let admin = find(store, &flags.email).await?;
        let gateway = gateway(store);
        Ok(match password {
            Some(password) => {
                gateway.set_password(&operator(), admin.id, password).await?;
                None
            }
            None => Some(gateway.reset_password(&operator(), admin.id).await?),
        })
    })?;
    if link.is_none() {
        println!("{} has another password", flags.email.as_str());
    }
    show(link.as_ref(), &flags.link);
    Ok(())
}

fn reset_totp(args: &DatabaseArgs, flags: &One) -> anyhow::Result<()> {
    let admin = with_store(args, async |store| {
        let admin = find(store, &flags.email).await?;
        if !admin.has_totp {
            bail!("{} has no second factor", admin.email);
        }
        Ok(gateway(store).reset_totp(&operator(), admin.id).await?)
    })?;
    println!("{} signs in without a second factor", admin.email);
    Ok(())
}
