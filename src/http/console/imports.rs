//! `/console/t/{slug}/imports`: files of people. One that is sent is looked at, kept for a day, and imported from its own page.

use std::collections::BTreeMap;
use std::time::Duration;

use actix_web::HttpRequest;
use tokio::task::spawn_blocking;

use super::error::{ConsoleError, sentence};
use super::flash::Flash;
use super::pages::{Asked, Choice, Here, Imports, Notice, SavedMapping, UploadRow, thousands};
use super::{ConsoleAnswer, Place, Visit, reply, uploads};
use crate::app::App;
use crate::app::import_file::read_ahead;
use crate::gateway::{ImportMappingError, ImportUploadError, NewUpload};
use crate::http::api::template_for;
use crate::http::error::RequestError;
use crate::http::file_form::{self, Expected, FileForm, FileFormError};
use crate::http::frame::Incoming;
use crate::http::route;
use crate::import::{ImportError, ImportProfile, Looked, Separator, Survey, look};
use crate::model::TenantId;
use crate::scim::urn;
use crate::store::{ImportUpload, StoreError};

/// The fields of the form beside the file.
const FIELDS: [&str; 7] = ["csrf", "mapping", "format", "encoding", "separator", "sheet", "dates"];
/// The longest name of a file that is kept, in characters.
const MAX_NAME: usize = 120;
/// Roles to choose a template for at most.
const ROLES: u32 = 500;

/// What can be told of a file: the form's name for it, what it is called, and what can be chosen; nothing is found out.
type Known = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const READING: [Known; 3] = [
    ("format", "Format", &[("", "Found out"), ("csv", "CSV"), ("json", "JSON or JSON lines"), ("xlsx", "XLSX")]),
    (
        "encoding",
        "Encoding",
        &[
            ("", "Found out"),
            ("utf-8", "UTF-8"),
            ("windows-1252", "Windows-1252 (Latin)"),
            ("utf-16le", "UTF-16"),
            ("utf-16be", "UTF-16, big-endian"),
            ("windows-1250", "Windows-1250 (Central Europe)"),
            ("windows-1251", "Windows-1251 (Cyrillic)"),
            ("shift_jis", "Shift_JIS"),
            ("gbk", "GBK"),
        ],
    ),
    (
        "separator",
        "Separator",
        &[("", "Found out"), ("comma", "Comma"), ("semicolon", "Semicolon"), ("tab", "Tab"), ("bar", "Bar |")],
    ),
];

/// The order of dates.
pub const DATES: Known =
    ("dates", "Dates like 01/02/2026", &[("", "Found out"), ("dmy", "Day first"), ("mdy", "Month first")]);

/// Within which time a request with a file, or one that makes a task of it, is answered; `None` for others.
pub fn deadline(app: &App, http: &HttpRequest) -> Option<Duration> {
    let mut segments = route::segments(http.path());
    let is_here = segments.nth(3).is_some_and(|segment| segment == "imports");
    (is_here && http.method() == "POST").then_some(app.config.timeouts.import)
}

/// Hands a request to its page.
pub async fn route(visit: &Visit<'_>, place: &Place, path: &[&str]) -> ConsoleAnswer {
    match (path, visit.is_post()) {
        ([], false) => shown(visit, place, &BTreeMap::new(), None).await,
        (["template"], false) => {
            let role = Some(visit.query.get("role")).filter(|role| !role.is_empty());
            let as_workbook = visit.query.get("as") == "xlsx";
            template_for(&visit.store(place), role, as_workbook).await?.ok_or(ConsoleError::NotFound)
        }
        (["mappings", "delete"], true) => forget_mapping(visit, place).await,
        ([id, path @ ..], _) => uploads::route(visit, place, id, path).await,
        _ => Err(ConsoleError::NotFound),
    }
}

/// Takes a file. The form is read as it comes, and the file in it only once the form has shown that it comes from here.
pub async fn take(incoming: &mut Incoming<'_>, slug: &str) -> ConsoleAnswer {
    let (visit, secret) = Visit::without_form(incoming).await?;
    let place = visit.place(slug).await?;
    if super::visit::is_foreign(visit.http) {
        return Err(ConsoleError::Stale);
    }
    visit.may_write()?;
    if !place.tenant.provisioning.enabled {
        return Err(ConsoleError::NotFound);
    }
    let is_own = |fields: &BTreeMap<String, String>| fields.get("csrf").is_some_and(|mark| secret.csrf_matches(mark));
    let expected = Expected { fields: &FIELDS, admits: is_own };
    let read = FileForm::read(visit.app, visit.http.headers(), &mut incoming.body, expected).await;
    let (mut form, refused) = match read {
        Ok(form) => (form, None),
        Err(FileFormError::Unasked) => return Err(ConsoleError::Stale),
        Err(FileFormError::Request(RequestError::BodyTooLarge { limit })) => {
            (FileForm::default(), Some(format!("the file is larger than {}; split it", size(limit))))
        }
        Err(FileFormError::Request(error)) => return Err(error.into()),
        Err(FileFormError::Field(error)) => {
            let told = format!("{} {}", error.field, error.detail).trim().to_owned();
            (FileForm::default(), Some(told))
        }
        Err(FileFormError::Store(error)) => return Err(error.into()),
    };
    if refused.is_none() && !is_own(&form.fields) {
        return Err(ConsoleError::Stale);
    }
    let kept = match refused {
        Some(told) => Err(told.into()),
        None => keep(&visit, &place, &mut form).await,
    };
    match kept {
        Ok(upload) => reply::done(&uploads::url(&place, &upload), Flash::FileTaken),
        Err(Refused::Told(told)) => shown(&visit, &place, &form.fields, Some(sentence(&told))).await,
        Err(Refused::Failed(error)) => Err(error),
    }
}

/// Why a file is not kept.
enum Refused {
    /// Something is wrong with it, which its sender can mend.
    Told(String),
    /// Anything else.
    Failed(ConsoleError),
}

impl From<String> for Refused {
    fn from(told: String) -> Self {
        Self::Told(told)
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<ImportError> for Refused {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Io(error) => StoreError::internal(error).into(),
            error => Self::Told(error.to_string()),
        }
    }
}

impl From<ImportUploadError> for Refused {
    fn from(error: ImportUploadError) -> Self {
        match error {
            ImportUploadError::Store(error) => error.into(),
            error => Self::Told(error.to_string()),
        }
    }
}

/// Looks at a file to its end, and keeps its rows if all of it can be read.
async fn keep(visit: &Visit<'_>, place: &Place, form: &mut FileForm) -> Result<ImportUpload, Refused> {
    let file = form.file.take().ok_or_else(|| "choose a file first".to_owned())?;
    let profile = told(visit, place, &form.fields).await?;
    let options = profile.options().map_err(|wrong| {
        let told: Vec<String> = wrong.into_iter().map(|(_, told)| told).collect();
        Refused::Told(told.join("; "))
    })?;
    if let Some(provider) = profile.identity_provider() {
        let gateway = &visit.app.gateway;
        gateway.check_identity_provider(place.tenant.id, provider).await.map_err(ImportUploadError::from)?;
    }
    let looking_at = file_form::place().await?;
    let catalog = place.catalog.clone();
    let looking = spawn_blocking(move || {
        let mut file = file;
        let user = catalog.named("User").ok_or_else(|| StoreError::internal("a tenant without users"))?;
        let (survey, looked) = look(&mut file, &options.read, user)?;
        Ok::<_, Refused>((file, survey, looked))
    });
    let (file, survey, looked) = looking.await.map_err(StoreError::internal)??;
    let new = NewUpload { name: name(&form.file_name), profile: uploads::fitting(profile, &looked), looked };
    let (tenant, origin) = (place.tenant.id, &visit.caller.origin);
    let upload = visit.app.gateway.begin_upload(tenant, new, origin).await?;
    let filled = fill(visit.app, tenant, &upload, (file, survey)).await;
    drop(looking_at);
    if let Err(refused) = filled {
        visit.app.gateway.abandon_upload(tenant, &upload).await;
        return Err(refused);
    }
    visit.app.gateway.complete_upload(tenant, &upload, origin).await?;
    Ok(upload)
}

async fn fill(
    app: &App,
    tenant: TenantId,
    upload: &ImportUpload,
    (file, survey): (std::fs::File, Survey),
) -> Result<(), Refused> {
    let guess = survey.mapping.clone();
    let (mut chunks, reading) = read_ahead(file, survey);
    let mut place = 1;
    while let Some(rows) = chunks.recv().await {
        if rows.is_empty() {
            continue;
        }
        let count = rows.len() as i64;
        app.gateway.append_upload_rows(tenant, upload, place, &guess, rows).await?;
        place += count;
    }
    Ok(reading.await.map_err(StoreError::internal)??)
}

/// What the form tells of its file, on top of what is saved under the name that it chose.
async fn told(visit: &Visit<'_>, place: &Place, fields: &BTreeMap<String, String>) -> Result<ImportProfile, Refused> {
    let told = |name: &str| fields.get(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let saved = match told("mapping") {
        None => ImportProfile::default(),
        Some(name) => {
            let saved = visit.store(place).import_mapping(&name).await?;
            saved.ok_or_else(|| "the saved mapping is there no more".to_owned())?.profile
        }
    };
    Ok(saved.overlaid(ImportProfile {
        format: told("format"),
        encoding: told("encoding"),
        separator: told("separator"),
        sheet: told("sheet"),
        dates: told("dates"),
        ..ImportProfile::default()
    }))
}

/// What a file is called from now on: no path, nothing that cannot be seen, and not too long.
fn name(told: &str) -> String {
    let last = told.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = last.chars().filter(|letter| !letter.is_control()).take(MAX_NAME).collect();
    if name.trim().is_empty() { "A file without a name".to_owned() } else { name.trim().to_owned() }
}

async fn shown(
    visit: &Visit<'_>,
    place: &Place,
    said: &BTreeMap<String, String>,
    problem: Option<String>,
) -> ConsoleAnswer {
    let store = visit.store(place);
    let (waiting, saved) = (store.uploads(visit.now).await?, store.import_mappings().await?);
    let chosen = |id: &str| said.get(id).map_or("", String::as_str);
    let reading = READING.iter().chain([&DATES]).map(|known| asked(known, chosen(known.0))).collect();
    let mapping = Asked { id: "mapping", label: "Saved mapping", choices: mappings(&saved, chosen("mapping")) };
    let row = |upload: &ImportUpload| UploadRow {
        id: upload.id.to_string(),
        name: upload.name.clone(),
        told: described(&upload.looked),
        by: upload.actor.clone(),
        at: visit.moment(upload.created_at),
        expires: visit.moment(upload.expires_at),
    };
    reply::page(&Imports {
        shell: visit.shell("Imports", Here::Imports, place),
        enabled: place.tenant.provisioning.enabled,
        most: size(visit.app.config.limits.import),
        mapping: (!saved.is_empty()).then_some(mapping),
        reading,
        sheet: chosen("sheet").to_owned(),
        told: said.iter().any(|(name, value)| !matches!(name.as_str(), "csrf" | "mapping") && !value.is_empty()),
        roles: roles(visit, place).await?,
        uploads: waiting.iter().map(row).collect(),
        mappings: saved
            .iter()
            .map(|saved| SavedMapping {
                name: saved.name.clone(),
                columns: saved.profile.columns.len(),
                modified: visit.moment(saved.modified_at),
            })
            .collect(),
        problem: problem.map(Notice::problem),
    })
}

/// A question with what was chosen.
pub fn asked((id, label, choices): &Known, chosen: &str) -> Asked {
    let choices = choices.iter().map(|(key, text)| Choice::new(key, text, *key == chosen)).collect();
    Asked { id, label, choices }
}

/// The saved mappings to choose from.
pub fn mappings(saved: &[crate::store::ImportMapping], chosen: &str) -> Vec<Choice> {
    let none = Choice::new("", "None", chosen.is_empty());
    let choices = saved.iter().map(|saved| Choice::new(&saved.name, &saved.name, saved.name == chosen));
    std::iter::once(none).chain(choices).collect()
}

/// The roles that there are templates for.
async fn roles(visit: &Visit<'_>, place: &Place) -> Result<Vec<Choice>, ConsoleError> {
    let roles = visit.store(place).list_roles("roles", 0, ROLES).await?;
    let choices = roles.iter().filter_map(|role| {
        let document: serde_json::Value = serde_json::from_str(&role.document).ok()?;
        let id = document[urn::ROLE]["roleId"].as_str().unwrap_or(&role.key).to_owned();
        let name = document["displayName"].as_str().unwrap_or(&id);
        Some(Choice::new(&id, name, false))
    });
    Ok(std::iter::once(Choice::new("", "Any role, or none", true)).chain(choices).collect())
}

/// What a file was found to be.
pub fn described(looked: &Looked) -> String {
    let rows = match looked.rows {
        1 => "1 row".to_owned(),
        rows => format!("{} rows", thousands(rows)),
    };
    let separator = looked.separator.as_ref().map(|separator| {
        let name = separator.parse().map_or("tabs", Separator::plural);
        format!("separated by {name}")
    });
    let sheet = looked.sheet.as_ref().map(|sheet| format!("sheet {sheet}"));
    let how = [Some(looked.format.as_str().to_uppercase()), looked.encoding.clone(), separator, sheet];
    format!("{rows}, {}", how.into_iter().flatten().collect::<Vec<_>>().join(", "))
}

fn size(bytes: usize) -> String {
    if bytes < 1 << 20 { format!("{} KiB", bytes >> 10) } else { format!("{} MiB", bytes >> 20) }
}

async fn forget_mapping(visit: &Visit<'_>, place: &Place) -> ConsoleAnswer {
    visit.may_write()?;
    let name = visit.form.raw("name");
    match visit.app.gateway.delete_import_mapping(place.tenant.id, name, &visit.caller.origin).await {
        Ok(()) => reply::done(&format!("/console/t/{}/imports", place.tenant.slug), Flash::MappingDeleted),
        Err(ImportMappingError::Store(error)) => Err(error.into()),
        Err(_) => Err(ConsoleError::NotFound),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_called_by_the_last_part_of_its_name() {
        for (told, kept) in [
            ("people.csv", "people.csv"),
            ("C:\\fakepath\\people.csv", "people.csv"),
            ("../../etc/passwd", "passwd"),
            (" \u{7}a\r\nb ", "ab"),
            ("", "A file without a name"),
            ("dir/", "A file without a name"),
        ] {
            assert_eq!(name(told), kept, "{told:?}");
        }
        assert_eq!(name(&"x".repeat(500)).len(), MAX_NAME);
    }

    #[test]
    fn sizes_are_told_in_round_numbers() {
        assert_eq!((size(256 << 20), size(64 << 10)), ("256 MiB".to_owned(), "64 KiB".to_owned()));
    }
}
