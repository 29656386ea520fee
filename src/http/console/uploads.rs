//! `/console/t/{slug}/imports/{id}`: one file before it is imported: what its columns mean, and what would become of its rows.

use std::collections::BTreeMap;

use super::error::{ConsoleError, sentence};
use super::fields::Fields;
use super::flash::Flash;
use super::imports::{self, DATES, asked, described};
use super::pages::{
    Asked, Choice, ColumnChoice, Here, ImportPage, Notice, Preview, PreviewRow, Status, Tone, thousands,
};
use super::{ConsoleAnswer, Place, Visit, reply, tasks};
use crate::gateway::{IdentityProviderError, ImportMappingError, ImportUploadError, mapping_of};
use crate::http::error::HttpError;
use crate::import::{Cell, Field, ImportProfile, Looked, Mapping, Meaning, Row};
use crate::model::{Connection, Credentials, RecordFailure, RecordMode, RecordOutcome, Scope, Scopes};
use crate::scim::fold::fold;
use crate::scim::schema::ResourceType;
use crate::store::{ImportUpload, StoreError};

/// Rows that are tried for the preview.
const PREVIEW: usize = 25;
/// Cells of a column that are shown, and how much of each.
const SAMPLES: usize = 3;
const SAMPLE: usize = 40;
/// How much of a cell the preview shows.
const SHOWN: usize = 400;

type Known = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const MODES: Known =
    ("mode", "People", &[("upsert", "Create or update"), ("create", "Create only"), ("update", "Update only")]);
const EMPTY: Known = ("empty", "An empty cell", &[("keep", "Leaves what is there"), ("clear", "Empties the field")]);

/// What fields are called.
const FIELD_NAMES: [(&str, &str); 15] = [
    ("employeeId", "Employee ID"),
    ("email", "E-mail address"),
    ("userName", "User name"),
    ("firstName", "First name"),
    ("lastName", "Last name"),
    ("displayName", "Display name"),
    ("title", "Title"),
    ("department", "Department"),
    ("manager", "Manager"),
    ("roles", "Roles"),
    ("organizations", "Organizations"),
    ("identityProvider", "Identity provider"),
    ("active", "Active"),
    ("sendInvitation", "Send an invitation"),
    ("attributes", "Several attributes, as JSON"),
];

/// The address of a file's page.
pub fn url(place: &Place, upload: &ImportUpload) -> String {
    format!("/console/t/{}/imports/{}", place.tenant.slug, upload.id)
}

/// Hands a request to its page.
pub async fn route(visit: &Visit<'_>, place: &Place, id: &str, path: &[&str]) -> ConsoleAnswer {
    let id = id.parse().map_err(|_| ConsoleError::NotFound)?;
    let found = visit.store(place).upload(id, visit.now).await?;
    let upload = found.filter(|_| place.tenant.provisioning.enabled).ok_or(ConsoleError::NotFound)?;
    match (path, visit.is_post()) {
        ([], false) => {
            let upload = with_saved(visit, place, upload).await?;
            shown(visit, place, &upload, None).await
        }
        ([], true) => act(visit, place, upload).await,
        (["discard"], true) => {
            visit.may_write()?;
            match visit.app.gateway.discard_upload(place.tenant.id, &upload, &visit.caller.origin).await {
                Ok(()) => reply::done(&format!("/console/t/{}/imports", place.tenant.slug), Flash::FileDiscarded),
                Err(ImportUploadError::Store(error)) => Err(error.into()),
                Err(_) => Err(ConsoleError::NotFound),
            }
        }
        _ => Err(ConsoleError::NotFound),
    }
}

/// The same with the saved mapping that the query chose in the place of what was told of its columns.
async fn with_saved(visit: &Visit<'_>, place: &Place, upload: ImportUpload) -> Result<ImportUpload, ConsoleError> {
    let name = visit.query.raw("use");
    if name.is_empty() {
        return Ok(upload);
    }
    let saved = visit.store(place).import_mapping(name).await?.ok_or(ConsoleError::NotFound)?;
    let ImportProfile { columns, dates, empty, identity_provider, .. } = fitting(saved.profile, &upload.looked);
    let profile = ImportProfile { columns, dates, empty, identity_provider, ..upload.profile };
    Ok(ImportUpload { profile, ..upload })
}

/// What is told of columns that the file has.
pub fn fitting(profile: ImportProfile, looked: &Looked) -> ImportProfile {
    let has = |name: &String| looked.columns.iter().any(|column| column.name.eq_ignore_ascii_case(name));
    let columns = profile.columns.into_iter().filter(|(name, _)| has(name)).collect();
    ImportProfile { columns, ..profile }
}

/// Keeps what the form tells of the file, and does what its button says.
async fn act(visit: &Visit<'_>, place: &Place, upload: ImportUpload) -> ConsoleAnswer {
    visit.may_write()?;
    let (form, gateway, tenant) = (&visit.form, &visit.app.gateway, place.tenant.id);
    let (profile, mode) = told(form, &upload);
    let upload = ImportUpload { profile, mode, ..upload };
    if let Err(wrong) = upload.profile.options() {
        let told: Vec<String> = wrong.into_iter().map(|(_, told)| told).collect();
        return shown(visit, place, &upload, Some(told.join("; "))).await;
    }
    if let Some(provider) = upload.profile.identity_provider() {
        match gateway.check_identity_provider(tenant, provider).await {
            Ok(()) => {}
            Err(IdentityProviderError::Store(error)) => return Err(error.into()),
            Err(refused) => return shown(visit, place, &upload, Some(refused.to_string())).await,
        }
    }
    visit.store(place).change_upload(upload.id, &upload.profile, upload.mode).await?;
    let here = url(place, &upload);
    let dry_run = match form.get("act") {
        "save" => return save(visit, place, &upload).await,
        "try" => true,
        "import" => false,
        _ => return Ok(reply::see_other(&format!("{here}#preview"))),
    };
    let user = user_type(place)?;
    match gateway.import_upload(tenant, &upload, user, dry_run, &visit.caller.origin).await {
        Ok(task) => reply::done(&tasks::url(place, task.id), Flash::TaskStarted),
        Err(ImportUploadError::Store(error)) => Err(error.into()),
        Err(ImportUploadError::NotFound) => Err(ConsoleError::NotFound),
        Err(error) => shown(visit, place, &upload, Some(error.to_string())).await,
    }
}

async fn save(visit: &Visit<'_>, place: &Place, upload: &ImportUpload) -> ConsoleAnswer {
    let name = visit.form.get("save-as");
    let origin = &visit.caller.origin;
    match visit.app.gateway.save_import_mapping(place.tenant.id, name, &upload.profile, origin).await {
        Ok(()) => reply::done(&url(place, upload), Flash::MappingSaved),
        Err(ImportMappingError::Store(error)) => Err(error.into()),
        Err(ImportMappingError::Name) => {
            let told = format!("a name {}", ImportMappingError::Name);
            shown(visit, place, upload, Some(told)).await
        }
        Err(error) => shown(visit, place, upload, Some(error.to_string())).await,
    }
}

/// What the form tells of a file.
fn told(form: &Fields, upload: &ImportUpload) -> (ImportProfile, RecordMode) {
    let some = |name: &str| Some(form.get(name).to_owned()).filter(|text| !text.is_empty());
    let columns = upload.looked.columns.iter().enumerate();
    let columns: BTreeMap<String, String> =
        columns.map(|(place, column)| (column.name.clone(), form.get(&format!("field-{place}")).to_owned())).collect();
    let mode = match form.get("mode") {
        "create" => RecordMode::Create,
        "update" => RecordMode::Update,
        _ => RecordMode::Upsert,
    };
    let identity_provider = some("identity-provider");
    let (dates, empty) = (some("dates"), some("empty"));
    (ImportProfile { columns, dates, empty, identity_provider, ..upload.profile.clone() }, mode)
}

fn user_type(place: &Place) -> Result<&ResourceType, ConsoleError> {
    let user = place.catalog.named("User").map(AsRef::as_ref);
    user.ok_or_else(|| HttpError::from(StoreError::internal("a tenant without users")).into())
}

async fn shown(visit: &Visit<'_>, place: &Place, upload: &ImportUpload, problem: Option<String>) -> ConsoleAnswer {
    let (store, user) = (visit.store(place), user_type(place)?);
    let first = store.upload_rows(upload.id, 0).await?;
    let rows: Vec<Row> = first.map(|(_, rows)| rows).unwrap_or_default().into_iter().take(PREVIEW).collect();
    let (mapping, senseless) = match mapping_of(upload, user) {
        Ok(mapping) => (Some(mapping), None),
        Err(error) => (None, Some(error.to_string())),
    };
    let preview = match &mapping {
        Some(mapping) => Some(preview(visit, place, upload, (mapping, &rows)).await),
        None => None,
    };
    let saved = store.import_mappings().await?;
    let chosen = visit.query.raw("use");
    reply::page(&ImportPage {
        shell: visit.shell(&upload.name, Here::Imports, place),
        here: url(place, upload),
        name: upload.name.clone(),
        told: described(&upload.looked),
        rows: count(upload.looked.rows, "row"),
        by: upload.actor.clone(),
        at: visit.moment(upload.created_at),
        expires: visit.moment(upload.expires_at),
        columns: columns(upload, user, mapping, &rows),
        asked: questions(upload, &visit.app.store.connections(place.tenant.id).await?),
        mappings: imports::mappings(&saved, chosen),
        mapping: if chosen.is_empty() { visit.form.get("save-as") } else { chosen }.to_owned(),
        note: match place.tenant.provisioning.credentials {
            Credentials::None => None,
            Credentials::Invite => Some("Whoever is new is invited by mail."),
            Credentials::ReturnOnce => {
                Some("No passwords are made for people from files: there is no answer that could tell them once.")
            }
        },
        preview,
        tried: upload.tried_as.map(|task| (tasks::url(place, task), task.to_string())),
        problem: problem.or(senseless).map(|told| Notice::problem(sentence(&told))),
    })
}

fn questions(upload: &ImportUpload, connections: &[Connection]) -> Vec<Asked> {
    let mode = match upload.mode {
        RecordMode::Create => "create",
        RecordMode::Update => "update",
        RecordMode::Upsert => "upsert",
    };
    let chosen = |told: &Option<String>| told.clone().unwrap_or_default();
    let (empty, dates) = (chosen(&upload.profile.empty), chosen(&upload.profile.dates));
    let mut questions = vec![asked(&MODES, mode), asked(&EMPTY, &empty), asked(&DATES, &dates)];
    let provider = upload.profile.identity_provider();
    if provider.is_some() || connections.iter().any(|connection| connection.enabled) {
        questions.push(Asked {
            id: "identity-provider",
            label: "Default identity provider",
            choices: providers(connections, provider),
        });
    }
    questions
}

/// The identity providers that people can be given. One that was told and is disabled, or gone, stays to be seen.
fn providers(connections: &[Connection], told: Option<&str>) -> Vec<Choice> {
    let is_told = |connection: &&Connection| told.is_some_and(|reference| is_called(connection, reference));
    let chosen = connections.iter().find(is_told).map(|connection| connection.id);
    let enabled = connections.iter().filter(|connection| connection.enabled);
    let mut choices = vec![Choice::new("", "None", told.is_none())];
    choices.extend(enabled.map(|connection| {
        let is_chosen = chosen == Some(connection.id);
        Choice::new(&connection.id.to_string(), &connection.name.to_string(), is_chosen)
    }));
    if let Some(told) = told.filter(|_| !choices.iter().any(|choice| choice.chosen)) {
        let name = connections.iter().find(is_told).map(|connection| connection.name.to_string());
        choices.push(Choice::new(told, &format!("{} (cannot be used)", name.as_deref().unwrap_or(told)), true));
    }
    choices
}

fn is_called(connection: &Connection, reference: &str) -> bool {
    connection.id.to_string().eq_ignore_ascii_case(reference)
        || fold(&connection.name.to_string()) == fold(reference)
        || connection.prefix.as_ref().is_some_and(|prefix| prefix.as_str() == reference)
}

/// The columns with what each of them is taken for: as it was told, or else as it is guessed.
fn columns(upload: &ImportUpload, user: &ResourceType, mapping: Option<Mapping>, rows: &[Row]) -> Vec<ColumnChoice> {
    let meant = mapping.unwrap_or_else(|| Mapping::guessed(&upload.looked, user));
    let attributes: Vec<String> = Field::attributes(user).iter().map(Field::to_string).collect();
    let column = |(place, column): (usize, &crate::import::Column)| {
        let told = upload.profile.columns.iter().find(|(name, _)| name.eq_ignore_ascii_case(&column.name));
        let field = match (told, &column.meaning) {
            (Some((_, field)), _) => field.clone(),
            (None, Meaning::Field(field)) => field.to_string(),
            (None, _) => String::new(),
        };
        let fields: Vec<Choice> =
            FIELD_NAMES.iter().map(|(key, text)| Choice::new(key, text, field.eq_ignore_ascii_case(key))).collect();
        let is_named = fields.iter().any(|choice| choice.chosen);
        // What was told by a path of its own can be chosen too.
        let own = Some(&field).filter(|field| !is_named && !field.is_empty() && !attributes.contains(field));
        let choice = |path: &String| Choice::new(path, short(path), *path == field);
        ColumnChoice {
            field: format!("field-{place}"),
            name: column.name.clone(),
            samples: samples(rows, place),
            attributes: attributes.iter().chain(own).map(choice).collect(),
            fields,
            left_out: field.is_empty(),
        }
    };
    meant.columns.iter().enumerate().map(column).collect()
}

/// An attribute's name without the URN of its schema.
fn short(path: &str) -> &str {
    let path = path.strip_prefix("attributes.").unwrap_or(path);
    path.rsplit_once(':').filter(|(urn, _)| urn.starts_with("urn:")).map_or(path, |(_, name)| name)
}

/// What stands in the first cells of a column, each text once.
fn samples(rows: &[Row], column: usize) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for cell in rows.iter().filter_map(|row| row.cells.get(column)).filter(|cell| !cell.is_empty()) {
        let text = cut(&printed(cell), SAMPLE);
        if !found.contains(&text) {
            found.push(text);
        }
        if found.len() == SAMPLES {
            break;
        }
    }
    found
}

fn printed(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => text.trim().to_owned(),
        Cell::Value(serde_json::Value::String(text)) => text.trim().to_owned(),
        Cell::Value(value) => value.to_string(),
    }
}

fn cut(text: &str, most: usize) -> String {
    let mut letters = text.chars();
    let begin: String = letters.by_ref().take(most).collect();
    if letters.next().is_some() { format!("{begin}…") } else { begin }
}

/// What would become of the first rows.
async fn preview(
    visit: &Visit<'_>,
    place: &Place,
    upload: &ImportUpload,
    (mapping, rows): (&Mapping, &[Row]),
) -> Preview {
    let read: Vec<_> = rows.iter().map(|row| mapping.record(row)).collect();
    let records: Vec<_> = read.iter().filter_map(|record| record.as_ref().ok().cloned()).collect();
    let caller = visit.acting(place, Scopes::WRITE.or(Scope::Provision.into()));
    let mut came = visit.app.gateway.provision(&caller, upload.mode, &records, true).await.into_iter();
    let rows = rows.iter().zip(read).map(|(row, record)| {
        let (who, second) = match &record {
            Ok(record) => person(&json_of(record), row.line),
            Err(_) => (format!("Line {}", row.line), None),
        };
        let outcome = match record {
            Ok(_) => came.next().map(|came| came.outcome),
            Err(failure) => Some(RecordOutcome::Failed(failure)),
        };
        let (status, reason) = verdict(outcome);
        let named = mapping.columns.iter().zip(&row.cells).filter(|(_, cell)| !cell.is_empty());
        let cells = named.map(|(column, cell)| (column.name.clone(), cut(&printed(cell), SHOWN))).collect();
        PreviewRow { line: row.line, who, second, status, reason, cells }
    });
    let rows: Vec<PreviewRow> = rows.collect();
    let kinds = [
        (Tone::Ok, "New", "new"),
        (Tone::Warn, "Changed", "changed"),
        (Tone::Off, "Unchanged", "unchanged"),
        (Tone::Danger, "Fails", "failing"),
    ];
    let counts = kinds.into_iter().filter_map(|(tone, verdict, told)| {
        let count = rows.iter().filter(|row| row.status.text == verdict).count();
        (count > 0).then(|| Status::new(tone, format!("{count} {told}")))
    });
    let all = upload.looked.rows;
    let told = match rows.len() as u64 {
        shown if shown == all => format!("What would become of {}. Nothing is written.", count(all, "row")),
        shown => format!("What would become of the first {shown} of {}. Nothing is written.", count(all, "row")),
    };
    Preview { counts: counts.collect(), told, rows }
}

fn json_of(record: &crate::model::Record) -> serde_json::Value {
    serde_json::to_value(record).unwrap_or_default()
}

/// Whom a record tells of: what people know somebody by, and what else says who that is.
pub fn person(record: &serde_json::Value, place: u64) -> (String, Option<String>) {
    let text = |name: &str| record[name].as_str().map(str::trim).filter(|text| !text.is_empty());
    let full = [text("firstName"), text("lastName")].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let name = text("displayName").map(str::to_owned).or(Some(full).filter(|full| !full.is_empty()));
    let mut known = name
        .into_iter()
        .chain(["email", "userName", "employeeId"].iter().filter_map(|key| text(key).map(str::to_owned)));
    let who = known.next().unwrap_or_else(|| format!("Row {place}"));
    let second: Vec<String> = known.filter(|other| *other != who).collect();
    (who, Some(second.join(", ")).filter(|second| !second.is_empty()))
}

fn verdict(outcome: Option<RecordOutcome>) -> (Status, Option<String>) {
    match outcome {
        Some(RecordOutcome::Inserted(_)) => (Status::new(Tone::Ok, "New"), None),
        Some(RecordOutcome::Updated(_)) => (Status::new(Tone::Warn, "Changed"), None),
        Some(RecordOutcome::Unchanged(_)) => (Status::new(Tone::Off, "Unchanged"), None),
        Some(RecordOutcome::Failed(RecordFailure { message, .. })) => {
            (Status::new(Tone::Danger, "Fails"), Some(sentence(&message)))
        }
        None => (Status::new(Tone::Danger, "Fails"), None),
    }
}

/// A number of things.
pub fn count(count: u64, thing: &str) -> String {
    if count == 1 { format!("1 {thing}") } else { format!("{} {thing}s", thousands(count)) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_field_has_a_name() {
        assert_eq!(FIELD_NAMES.map(|(key, _)| key), Field::NAMES);
    }

    #[test]
    fn people_are_told_by_what_they_are_known_by() {
        for (record, who, second) in [
            (
                json!({"firstName": "Ann", "lastName": "Lee", "email": "a@example.com"}),
                "Ann Lee",
                Some("a@example.com"),
            ),
            (json!({"email": "a@example.com", "employeeId": "7"}), "a@example.com", Some("7")),
            (json!({"displayName": " "}), "Row 3", None),
        ] {
            assert_eq!(person(&record, 3), (who.to_owned(), second.map(str::to_owned)));
        }
    }

    #[test]
    fn long_cells_are_cut_between_letters() {
        assert_eq!((cut("äöü", 3), cut("äöüß", 3)), ("äöü".to_owned(), "äöü…".to_owned()));
        assert_eq!(
            (short("attributes.urn:a:b:c:User:costCenter"), short("attributes.userType")),
            ("costCenter", "userType")
        );
    }
}
