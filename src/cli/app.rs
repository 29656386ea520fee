//! `scimgate app create|list|show|set|delete`

use std::collections::BTreeMap;

use anyhow::Context;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::database::{gateway, with_store};
use super::{table, tenant};
use crate::config::DatabaseArgs;
use crate::gateway::{ApplicationChange, NewApplication};
use crate::model::{AppId, Application, Label, LicenseUse, Licenses, Origin, RemovalBrake, TenantSlug};

/// What can be done with applications.
#[derive(Debug, Subcommand)]
pub enum AppCommand {
    /// Set up an application, so that its roster can be published: who has an account in it, and with which licence
    Create(Create),
    /// List a tenant's applications
    List(List),
    /// Show one application, and how many of its seats are used
    Show(Show),
    /// Change an application
    Set(Set),
    /// Remove an application and its roster
    Delete(Named),
}

/// The flags of `scimgate app create`.
#[derive(Debug, Args)]
pub struct Create {
    /// The id that its publishers put into their URLs [default: one is made up]
    #[arg(value_name = "ID")]
    id: Option<AppId>,
    /// The tenant
    #[arg(long, env = "SCIMGATE_TENANT", value_name = "SLUG")]
    tenant: TenantSlug,
    /// Name for people [default: the id]
    #[arg(long, env = "SCIMGATE_NAME", value_name = "LABEL")]
    name: Option<Label>,
    /// Seats of a licence that are paid for, for example Pro=25; can be given more than once
    #[arg(long = "license", env = "SCIMGATE_LICENSE", value_name = "NAME=SEATS", value_parser = seats)]
    licenses: Vec<(String, u32)>,
    /// How many percent of its entries one publication may remove unasked, of 20 entries or more; 100 brakes nothing
    #[arg(long, env = "SCIMGATE_REMOVAL_BRAKE", value_name = "PERCENT", default_value = "50")]
    removal_brake: RemovalBrake,
    /// Print JSON
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
}

/// The flags of `scimgate app list`.
#[derive(Debug, Args)]
pub struct List {
    /// The tenant
    #[arg(long, env = "SCIMGATE_TENANT", value_name = "SLUG")]
    tenant: TenantSlug,
    /// Print JSON
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
}

/// Which application.
#[derive(Debug, Args)]
pub struct Named {
    /// The application's id
    #[arg(value_name = "ID")]
    id: AppId,
    /// The tenant
    #[arg(long, env = "SCIMGATE_TENANT", value_name = "SLUG")]
    tenant: TenantSlug,
}

/// The flags of `scimgate app show`.
#[derive(Debug, Args)]
pub struct Show {
    #[command(flatten)]
    named: Named,
    /// Print JSON
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
}

/// The flags of `scimgate app set`.
#[derive(Debug, Args)]
pub struct Set {
    #[command(flatten)]
    named: Named,
    /// Name for people
    #[arg(long, env = "SCIMGATE_NAME", value_name = "LABEL")]
    name: Option<Label>,
    /// Seats of a licence that are paid for, for example Pro=25, or Pro= for no limit; can be given more than once
    #[arg(long = "license", env = "SCIMGATE_LICENSE", value_name = "NAME=SEATS", value_parser = seats_or_none)]
    licenses: Vec<(String, Option<u32>)>,
    /// How many percent of its entries one publication may remove unasked, of 20 entries or more; 100 brakes nothing
    #[arg(long, env = "SCIMGATE_REMOVAL_BRAKE", value_name = "PERCENT")]
    removal_brake: Option<RemovalBrake>,
    /// Print JSON
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
}

fn seats_or_none(text: &str) -> Result<(String, Option<u32>), String> {
    let wrong = || format!("\"{text}\" is no licence with its seats; write for example Pro=25");
    let (name, seats) = text.rsplit_once('=').ok_or_else(wrong)?;
    let seats = if seats.is_empty() { None } else { Some(seats.parse().map_err(|_| wrong())?) };
    Licenses::new(BTreeMap::from([(name.to_owned(), 0)])).map_err(|_| wrong())?;
    Ok((name.to_owned(), seats))
}

fn seats(text: &str) -> Result<(String, u32), String> {
    let (name, seats) = seats_or_none(text)?;
    Ok((name, seats.ok_or_else(|| format!("\"{text}\" has no number of seats; write for example Pro=25"))?))
}

/// Does what the command says.
pub fn run(args: &DatabaseArgs, command: AppCommand) -> anyhow::Result<()> {
    match command {
        AppCommand::Create(flags) => create(args, flags),
        AppCommand::List(flags) => list(args, &flags),
        AppCommand::Show(flags) => show(args, &flags),
        AppCommand::Set(flags) => set(args, flags),
        AppCommand::Delete(named) => delete(args, &named),
    }
}

fn create(args: &DatabaseArgs, flags: Create) -> anyhow::Result<()> {
    let Create { id, tenant: slug, name, licenses, removal_brake, json } = flags;
    let name = match (name, &id) {
        (Some(name), _) => name,
        (None, Some(id)) => id.as_str().parse().map_err(anyhow::Error::msg)?,
        (None, None) => anyhow::bail!("give the application an id or a --name"),
    };
    let licenses = Licenses::new(licenses.into_iter().collect()).map_err(anyhow::Error::msg)?;
    let app = with_store(args, async |store| {
        let tenant = tenant::find(store, &slug).await?;
        let new = NewApplication { id, name, licenses, removal_brake };
        Ok(gateway(store).create_application(tenant.id, new, &Origin::command_line()).await?)
    })?;
    if json {
        println!("{}", to_json(&app));
    } else {
        println!("created the application {}", app.id);
        eprintln!("Its roster is published at /api/v1/apps/{}/users; next:", app.id);
        eprintln!("scimgate token create --tenant {slug} --scope roster:write --name \"{}\"", app.name);
    }
    Ok(())
}

fn list(args: &DatabaseArgs, flags: &List) -> anyhow::Result<()> {
    let apps = with_store(args, async |store| {
        let store = store.tenant(tenant::find(store, &flags.tenant).await?.id);
        let mut apps: Vec<Application> = Vec::new();
        loop {
            let after = apps.last().map(|app| app.id.to_string());
            let more = store.applications(after.as_deref(), 200).await?;
            if more.is_empty() {
                return Ok(apps);
            }
            apps.extend(more);
        }
    })?;
    if flags.json {
        println!("{}", Value::from_iter(apps.iter().map(to_json)));
        return Ok(());
    }
    let rows = apps.iter().map(|app| {
        let licenses: Vec<String> = app.licenses.iter().map(|(name, seats)| format!("{name}={seats}")).collect();
        [
            app.id.to_string(),
            app.name.to_string(),
            licenses.join(", "),
            format!("{} %", app.removal_brake.percent()),
            app.published_at.map_or("-".to_owned(), table::instant),
        ]
    });
    table::print(["ID", "NAME", "LICENCES", "BRAKE", "PUBLISHED"], rows);
    Ok(())
}

fn show(args: &DatabaseArgs, flags: &Show) -> anyhow::Result<()> {
    let Named { id, tenant: slug } = &flags.named;
    let (app, uses) = with_store(args, async |store| {
        let store = store.tenant(tenant::find(store, slug).await?.id);
        let missing = || format!("there is no application {id}; `scimgate app list --tenant {slug}` lists them");
        let app = store.application(id).await?.with_context(missing)?;
        let uses = store.license_uses(id).await?;
        Ok((app, uses))
    })?;
    let used = |one: &LicenseUse| {
        let permitted = one.license.as_deref().and_then(|name| app.licenses.permitted(name));
        json!({ "license": one.license, "used": one.used, "permitted": permitted, "unknownEmails": one.unknown,
            "inactiveUsers": one.inactive })
    };
    let mut shown = to_json(&app);
    shown["uses"] = uses.iter().map(used).collect();
    if flags.json {
        println!("{shown}");
        return Ok(());
    }
    table::print_values([
        ["id".to_owned(), app.id.to_string()],
        ["name".to_owned(), app.name.to_string()],
        ["removal brake".to_owned(), format!("{} %", app.removal_brake.percent())],
        ["published".to_owned(), app.published_at.map_or("-".to_owned(), table::instant)],
    ]);
    let rows = uses.iter().map(|one| {
        let permitted = one.license.as_deref().and_then(|name| app.licenses.permitted(name));
        [
            one.license.clone().unwrap_or_else(|| "(none)".to_owned()),
            one.used.to_string(),
            permitted.map_or("-".to_owned(), |seats| seats.to_string()),
            one.unknown.to_string(),
            one.inactive.to_string(),
        ]
    });
    table::print(["LICENCE", "USED", "PERMITTED", "UNKNOWN E-MAILS", "INACTIVE USERS"], rows);
    Ok(())
}

fn set(args: &DatabaseArgs, flags: Set) -> anyhow::Result<()> {
    let Set { named: Named { id, tenant: slug }, name, licenses: wanted, removal_brake, json } = flags;
    let app = with_store(args, async |store| {
        let tenant = tenant::find(store, &slug).await?.id;
        let licenses = if wanted.is_empty() {
            None
        } else {
            let before = store.tenant(tenant).application(&id).await?.map(|app| app.licenses).unwrap_or_default();
            let mut seats: BTreeMap<String, u32> = before.iter().map(|(name, n)| (name.to_owned(), n)).collect();
            for (name, number) in wanted {
                match number {
                    Some(number) => drop(seats.insert(name, number)),
                    None => drop(seats.remove(&name)),
                }
            }
            Some(Licenses::new(seats).map_err(anyhow::Error::msg)?)
        };
        let change = ApplicationChange { name, licenses, removal_brake };
        Ok(gateway(store).change_application(tenant, &id, change, &Origin::command_line()).await?)
    })?;
    if json {
        println!("{}", to_json(&app));
    } else {
        println!("changed the application {}", app.id);
    }
    Ok(())
}

fn delete(args: &DatabaseArgs, named: &Named) -> anyhow::Result<()> {
    with_store(args, async |store| {
        let tenant = tenant::find(store, &named.tenant).await?;
        Ok(gateway(store).delete_application(tenant.id, &named.id, &Origin::command_line()).await?)
    })?;
    println!("removed the application {}", named.id);
    Ok(())
}

fn to_json(app: &Application) -> Value {
    json!({
        "id": app.id,
        "name": app.name,
        "licenses": app.licenses,
        "removalBrake": app.removal_brake,
        "createdAt": app.created_at,
        "modifiedAt": app.modified_at,
        "publishedAt": app.published_at,
    })
}
