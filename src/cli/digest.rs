//! `scimgate digest show|set|preview|send|want`

use anyhow::{Context, bail};
use clap::builder::BoolishValueParser;
use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;

use super::database::{gateway, with_store};
use super::{table, tenant};
use crate::config::{DatabaseArgs, PublicUrl};
use crate::gateway::DigestPreview;
use crate::model::digest::{DigestSettings, hour, time_zone, weekday};
use crate::model::{Origin, TenantSlug};
use crate::outbound::mail::digest_mail;

/// What can be done with the weekly digest.
#[derive(Debug, Subcommand)]
pub enum DigestCommand {
    /// Show whether and when a tenant's digest is sent, and to whom
    Show(Show),
    /// Change whether and when a tenant's digest is sent
    Set(Set),
    /// Print the digest of the last seven days as it would be mailed now
    Preview(Preview),
    /// Mail the digest of the last seven days now; that of the week is sent all the same
    Send(One),
    /// Set whether an administrator gets digests
    Want(Want),
}

/// Which tenant.
#[derive(Debug, Args)]
pub struct One {
    /// The tenant
    #[arg(long, env = "SCIMGATE_TENANT", value_name = "SLUG")]
    tenant: TenantSlug,
}

/// The flags of `scimgate digest show`.
#[derive(Debug, Args)]
pub struct Show {
    #[command(flatten)]
    one: One,
    /// Print JSON
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Switch {
    #[value(alias = "true")]
    On,
    #[value(alias = "false")]
    Off,
}

/// The flags of `scimgate digest set`.
#[derive(Debug, Args)]
pub struct Set {
    #[command(flatten)]
    one: One,
    /// Whether it is sent
    #[arg(long, env = "SCIMGATE_DIGEST", value_name = "CHOICE")]
    digest: Option<Switch>,
    /// On which day: monday to sunday
    #[arg(long, env = "SCIMGATE_WEEKDAY", value_name = "DAY", value_parser = weekday)]
    weekday: Option<chrono::Weekday>,
    /// At which hour of the tenant's clocks: 0 to 23
    #[arg(long, env = "SCIMGATE_HOUR", value_name = "HOUR")]
    hour: Option<i64>,
    /// By which clocks: the IANA name of a time zone, for example Europe/Berlin
    #[arg(long, env = "SCIMGATE_TIME_ZONE", value_name = "NAME")]
    time_zone: Option<String>,
    /// Whether none is sent for a week in which nothing happened
    #[arg(long, env = "SCIMGATE_SKIP_EMPTY", value_name = "BOOL", value_parser = BoolishValueParser::new())]
    skip_empty: Option<bool>,
}

/// The flags of `scimgate digest preview`.
#[derive(Debug, Args)]
pub struct Preview {
    #[command(flatten)]
    one: One,
    /// How to print it
    #[arg(long, env = "SCIMGATE_FORMAT", value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// The URL under which people reach the server, as `scimgate serve` has it: the links begin with it. JSON has no links
    #[arg(long, env = "SCIMGATE_PUBLIC_URL", value_name = "URL", value_parser = PublicUrl::parse)]
    public_url: Option<PublicUrl>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Html,
    Json,
}

/// The flags of `scimgate digest want`.
#[derive(Debug, Args)]
pub struct Want {
    /// The administrator's e-mail address
    #[arg(value_name = "EMAIL")]
    email: String,
    /// Whether they get digests
    #[arg(value_name = "CHOICE")]
    wanted: Switch,
}

/// Does what the command says.
pub fn run(args: &DatabaseArgs, command: DigestCommand) -> anyhow::Result<()> {
    match command {
        DigestCommand::Show(flags) => show(args, &flags),
        DigestCommand::Set(flags) => set(args, flags),
        DigestCommand::Preview(flags) => preview(args, &flags),
        DigestCommand::Send(one) => send(args, &one),
        DigestCommand::Want(flags) => want(args, &flags),
    }
}

fn show(args: &DatabaseArgs, flags: &Show) -> anyhow::Result<()> {
    let (found, recipients) = with_store(args, async |store| {
        let store = store.tenant(tenant::find(store, &flags.one.tenant).await?.id);
        Ok((store.digest_tenant().await?.context("the tenant is gone")?, store.digest_recipients().await?))
    })?;
    let DigestSettings { is_enabled, weekday, hour, time_zone, skips_empty } = found.settings;
    let emails: Vec<&str> = recipients.iter().map(|(_, _, email)| email.as_str()).collect();
    if flags.json {
        let shown = json!({
            "enabled": is_enabled, "weekday": weekday.to_string(), "hour": hour, "timeZone": time_zone.name(),
            "skipEmpty": skips_empty, "recipients": emails, "lastWeek": found.last,
        });
        println!("{shown}");
        return Ok(());
    }
    table::print_values([
        ["sent".to_owned(), if is_enabled { "yes" } else { "no" }.to_owned()],
        ["when".to_owned(), format!("{weekday}, {hour:02}:00 {}", time_zone.name())],
        ["empty weeks".to_owned(), if skips_empty { "skipped" } else { "sent" }.to_owned()],
        ["recipients".to_owned(), if emails.is_empty() { "nobody".to_owned() } else { emails.join(", ") }],
        ["last week".to_owned(), found.last.unwrap_or_else(|| "-".to_owned())],
    ]);
    Ok(())
}

fn set(args: &DatabaseArgs, flags: Set) -> anyhow::Result<()> {
    let at = flags.hour.map(hour).transpose().map_err(|why| anyhow::anyhow!("--hour {why}"))?;
    let zone = flags.time_zone.as_deref().map(time_zone).transpose();
    let zone = zone.map_err(|why| anyhow::anyhow!("--time-zone {why}"))?;
    with_store(args, async |store| {
        let tenant = tenant::find(store, &flags.one.tenant).await?.id;
        let before = store.tenant(tenant).digest_tenant().await?.context("the tenant is gone")?.settings;
        let settings = DigestSettings {
            is_enabled: flags.digest.map_or(before.is_enabled, |switch| switch == Switch::On),
            weekday: flags.weekday.unwrap_or(before.weekday),
            hour: at.unwrap_or(before.hour),
            time_zone: zone.unwrap_or(before.time_zone),
            skips_empty: flags.skip_empty.unwrap_or(before.skips_empty),
        };
        Ok(gateway(store).set_digest(tenant, settings, &Origin::command_line()).await?)
    })?;
    println!("changed the digest of {}", flags.one.tenant);
    Ok(())
}

fn preview(args: &DatabaseArgs, flags: &Preview) -> anyhow::Result<()> {
    // The numbers are the same under whatever URL.
    let base = match (&flags.public_url, flags.format) {
        (Some(url), _) => url.to_string(),
        (None, Format::Json) => String::new(),
        (None, _) => bail!(
            "the links of a digest begin with the URL under which people reach the server; say which with --public-url or \
             SCIMGATE_PUBLIC_URL"
        ),
    };
    let (found, settings) = with_store(args, async |store| {
        let tenant = tenant::find(store, &flags.one.tenant).await?.id;
        Ok((gateway(store).preview_digest(tenant).await?, store.tenant(tenant).mail_settings().await?))
    })?;
    let DigestPreview { tenant, digest, letter, recipients } = found;
    let (subject, text, html) = digest_mail(letter, &tenant.name, &settings, &base)?;
    match flags.format {
        Format::Text => println!("{subject}\n\n{}", text.trim_end()),
        Format::Html => println!("{html}"),
        Format::Json => {
            let recipients: Vec<&String> = recipients.iter().map(|(_, email)| email).collect();
            println!("{}", json!({ "subject": subject, "digest": digest, "recipients": recipients }));
        }
    }
    Ok(())
}

fn send(args: &DatabaseArgs, one: &One) -> anyhow::Result<()> {
    let mails = with_store(args, async |store| {
        let tenant = tenant::find(store, &one.tenant).await?.id;
        Ok(gateway(store).send_digest(tenant, &Origin::command_line()).await?)
    })?;
    println!("queued {mails} {}; the server sends them", if mails == 1 { "mail" } else { "mails" });
    Ok(())
}

fn want(args: &DatabaseArgs, flags: &Want) -> anyhow::Result<()> {
    with_store(args, async |store| {
        let missing = || format!("there is no administrator {}", table::printable(&flags.email));
        let admin = store.find_admin_by_email(&flags.email).await?.with_context(missing)?;
        let wanted = flags.wanted == Switch::On;
        Ok(gateway(store).want_digest(admin.id, wanted, &Origin::command_line()).await?)
    })?;
    println!(
        "{} gets {}",
        table::printable(&flags.email),
        if flags.wanted == Switch::On { "digests" } else { "no digests" }
    );
    Ok(())
}
