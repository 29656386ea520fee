//! `scimgate import`

mod progress;
mod source;
mod summary;
mod template;

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use uuid::Uuid;

use self::progress::Progress;
use self::summary::{Summary, rows};
use super::database::with_sealing;
use super::{table, tenant};
use crate::app::import_file::read_ahead;
use crate::config::DatabaseArgs;
use crate::gateway::Gateway;
use crate::import::{
    DateOrder, EmptyCell, Mapping, MappingOptions, Meaning, ReadOptions, Row, Separator, Survey, SurveyOptions,
    TextEncoding, survey,
};
use crate::model::{
    Caller, Clock, CredentialId, Credentials, Origin, RecordMode, RequestId, Scopes, SystemClock, Tenant, TenantSlug,
};
use crate::scim::schema::Catalog;

/// The flags of `scimgate import`.
#[derive(Debug, Args)]
#[command(disable_version_flag = true)]
pub struct Import {
    /// The file: CSV, JSON, JSON lines or XLSX; - reads standard input
    #[arg(required_unless_present = "template")]
    file: Option<PathBuf>,
    /// The tenant
    #[arg(long, env = "SCIMGATE_TENANT", value_name = "SLUG")]
    tenant: TenantSlug,
    /// Only tell what would become of each row
    #[arg(long, env = "SCIMGATE_DRY_RUN")]
    dry_run: bool,
    /// What is to become of people
    #[arg(long, env = "SCIMGATE_MODE", value_name = "MODE", default_value = "upsert")]
    mode: Mode,
    /// A column and the field that it tells, as COLUMN=FIELD; an empty field leaves the column out. Can be given several times
    #[arg(long, env = "SCIMGATE_MAP", value_name = "COLUMN=FIELD", value_parser = MappingOptions::column)]
    map: Vec<(String, String)>,
    /// The encoding [default: found out]
    #[arg(long, env = "SCIMGATE_ENCODING", value_name = "NAME")]
    encoding: Option<TextEncoding>,
    /// What stands between the cells of CSV: comma, semicolon, tab or bar [default: found out]
    #[arg(long, env = "SCIMGATE_SEPARATOR", value_name = "NAME")]
    separator: Option<Separator>,
    /// The order of dates like 01/02/2026: dmy or mdy [default: found out]
    #[arg(long, env = "SCIMGATE_DATES", value_name = "ORDER")]
    dates: Option<DateOrder>,
    /// The sheet of a workbook [default: the first]
    #[arg(long, env = "SCIMGATE_SHEET", value_name = "NAME")]
    sheet: Option<String>,
    /// What an empty cell means
    #[arg(long, env = "SCIMGATE_EMPTY", value_name = "CHOICE", default_value = "keep")]
    empty: Empty,
    /// The identity provider of rows that name none: the id, name or prefix of a connection
    #[arg(long, env = "SCIMGATE_IDENTITY_PROVIDER", value_name = "NAME")]
    identity_provider: Option<String>,
    /// Import nothing, and write a file to fill in: this new one, a workbook if it ends with .xlsx, else CSV; - prints CSV
    #[arg(long, env = "SCIMGATE_TEMPLATE", value_name = "FILE", conflicts_with = "file")]
    template: Option<PathBuf>,
    /// For people with which role the template is: the columns that it requires come first
    #[arg(long, env = "SCIMGATE_FOR_ROLE", value_name = "ROLE", requires = "template")]
    for_role: Option<String>,
    /// Write the rows that failed to this new file, with a column that says why, to be mended and imported
    #[arg(long, env = "SCIMGATE_REJECTS", value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// Write the user names and passwords that are made for new users to this new file; they are told nowhere else
    #[arg(long, env = "SCIMGATE_CREDENTIALS_FILE", value_name = "FILE")]
    credentials_file: Option<PathBuf>,
    /// Print JSON
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Mode {
    /// Create them, or update those who are there
    Upsert,
    /// Create them; those who are there fail
    Create,
    /// Update them; those who are not there fail
    Update,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Empty {
    /// What the user has stays
    Keep,
    /// What the user has is removed
    Clear,
}

impl Import {
    fn options(&self) -> SurveyOptions {
        let empty = match self.empty {
            Empty::Keep => EmptyCell::Keep,
            Empty::Clear => EmptyCell::Clear,
        };
        SurveyOptions {
            read: ReadOptions {
                format: None,
                encoding: self.encoding,
                separator: self.separator,
                sheet: self.sheet.clone(),
            },
            mapping: MappingOptions {
                columns: self.map.clone(),
                dates: self.dates,
                empty,
                identity_provider: self.identity_provider.clone(),
            },
        }
    }

    fn mode(&self) -> RecordMode {
        match self.mode {
            Mode::Upsert => RecordMode::Upsert,
            Mode::Create => RecordMode::Create,
            Mode::Update => RecordMode::Update,
        }
    }

    /// What would be noticed only after the first rows were written.
    fn check(&self, tenant: &Tenant) -> anyhow::Result<()> {
        let slug = &tenant.slug;
        if !tenant.provisioning.enabled {
            bail!("the tenant {slug} takes no records; `scimgate tenant set {slug} --provisioning on` lets it");
        }
        if tenant.provisioning.credentials == Credentials::ReturnOnce
            && self.credentials_file.is_none()
            && !self.dry_run
        {
            bail!(
                "the tenant {slug} makes passwords for new users, which are told once; name a file for them with --credentials-file"
            );
        }
        for path in [&self.rejects, &self.credentials_file].into_iter().flatten() {
            if path.exists() {
                bail!("{} is there already; name a file that is not", path.display());
            }
        }
        Ok(())
    }
}

/// Imports a file, or writes one to be filled in.
pub fn run(args: &DatabaseArgs, flags: &Import) -> anyhow::Result<()> {
    let file = match (&flags.template, &flags.file) {
        (Some(path), _) => return template::write(args, &flags.tenant, path, flags.for_role.as_deref()),
        (None, Some(file)) => source::open(file)?,
        (None, None) => bail!("name a file"),
    };
    let summary = with_sealing(args, async |store, sealer| {
        let tenant = tenant::find(store, &flags.tenant).await?;
        flags.check(&tenant)?;
        let catalog = Arc::new(store.tenant(tenant.id).catalog().await?.1);
        let gateway = Gateway::new(store.clone(), Arc::new(SystemClock)).sealing(sealer);
        if let Some(provider) = &flags.identity_provider {
            gateway.check_identity_provider(tenant.id, provider).await?;
        }
        import(gateway, caller(tenant, catalog), flags, file).await
    })?;
    summary.print(flags.json)?;
    match summary.failed {
        0 => Ok(()),
        failed => {
            let rejects = flags.rejects.as_ref().map(|path| format!("; mend them in {}", path.display()));
            let rejects = rejects.unwrap_or_else(|| "; --rejects FILE writes them to a file to be mended".to_owned());
            bail!("{failed} of {} failed{rejects}", rows(summary.total))
        }
    }
}

/// The one at the command line, as changes tell it.
fn caller(tenant: Tenant, catalog: Arc<Catalog>) -> Caller {
    let origin = Origin::command_line();
    Caller {
        tenant: Arc::new(tenant),
        catalog,
        credential: CredentialId(Uuid::nil()),
        label: origin.actor.name().into(),
        scopes: Scopes::WRITE,
        max_role_weight: None,
        connection: None,
        user: None,
        request: RequestId::new(SystemClock.now()),
        address: None,
    }
}

async fn import(gateway: Gateway, caller: Caller, flags: &Import, mut file: File) -> anyhow::Result<Summary> {
    let (options, catalog) = (flags.options(), caller.catalog.clone());
    let looking = tokio::task::spawn_blocking(move || {
        let user = catalog.named("User").context("the tenant has no users")?;
        let found = survey(&mut file, &options, user)?;
        anyhow::Ok((file, found))
    });
    let (file, found) = looking.await.context("the file could not be read")??;
    tell(&found);
    let mut summary = Summary::of(flags.dry_run, &found.mapping);
    let mut outputs =
        source::Outputs::new(flags.rejects.clone(), flags.credentials_file.clone(), found.mapping.names());
    let (mapping, progress, begun) = (found.mapping.clone(), Progress::new(found.rows), Instant::now());
    let (mut chunks, reading) = read_ahead(file, found);
    while let Some(rows) = chunks.recv().await {
        let chunk = carry_out(&gateway, &caller, flags, &mapping, rows).await;
        summary.add(&chunk);
        outputs.add(&chunk)?;
        progress.done(summary.total);
        if summary.is_hopeless(&chunk) {
            bail!(
                "the database is away; {} rows were imported before it, and can be imported again, which changes nothing",
                summary.total - summary.failed
            );
        }
    }
    reading.await.context("the file could not be read")??;
    outputs.finish()?;
    progress.end();
    summary.took = begun.elapsed();
    Ok(summary)
}

/// A row and what became of it.
struct Done {
    row: Row,
    key: String,
    outcome: crate::model::RecordOutcome,
    credentials: Option<crate::gateway::OnceShown>,
}

async fn carry_out(gateway: &Gateway, caller: &Caller, flags: &Import, mapping: &Mapping, rows: Vec<Row>) -> Vec<Done> {
    let (mut records, mut done) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    for row in &rows {
        match mapping.record(row) {
            Ok(record) => {
                done.push((record.key(row.line as usize), None));
                records.push(record);
            }
            Err(failure) => {
                let person = mapping.person(row);
                let key = person.employee_id.or(person.email).unwrap_or_else(|| format!("line {}", row.line));
                done.push((key, Some(failure)));
            }
        }
    }
    let caller = Caller { request: RequestId::new(SystemClock.now()), ..caller.clone() };
    let mut outcomes = gateway.provision(&caller, flags.mode(), &records, flags.dry_run).await.into_iter();
    let result = rows.into_iter().zip(done).filter_map(|(row, (key, failure))| match failure {
        Some(failure) => {
            let outcome = crate::model::RecordOutcome::Failed(failure);
            Some(Done { row, key, outcome, credentials: None })
        }
        None => {
            let came = outcomes.next()?;
            Some(Done { row, key, outcome: came.outcome, credentials: came.credentials })
        }
    });
    result.collect()
}

/// Says what the file was found to be.
fn tell(found: &Survey) {
    let mut how = vec![found.format().to_string()];
    how.extend(found.encoding().map(|encoding| encoding.to_string()));
    how.extend(found.separator().map(|separator| format!("separated by {}", separator.plural())));
    how.extend(found.sheet().map(|sheet| format!("sheet {}", table::printable(sheet))));
    eprintln!("{} ({})", rows(found.rows), how.join(", "));
    for column in &found.mapping.columns {
        let name = table::printable(&column.name);
        match &column.meaning {
            Meaning::Field(field) => eprintln!("  {name} -> {field}"),
            Meaning::LeftOut => eprintln!("  {name}: left out"),
            Meaning::Unknown => eprintln!("  {name}: not mapped; --map \"{name}=FIELD\" maps it"),
        }
    }
}
