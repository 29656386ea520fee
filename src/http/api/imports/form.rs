//! The form that a file comes in, and what it tells of the file.

use std::collections::BTreeMap;
use std::fs::File;

use serde_json::Value;
use tokio::sync::SemaphorePermit;
use tokio::task::spawn_blocking;
use utoipa::ToSchema;

use super::super::problem::ApiError;
use super::super::request::ApiRequest;
use super::refused;
use crate::gateway::IdentityProviderError;
use crate::http::error::RequestError;
use crate::http::file_form::{self, Expected, FileForm, FileFormError};
use crate::http::problem::FieldError;
use crate::import::{ImportProfile, Survey, SurveyOptions, survey};
use crate::model::RecordMode;
use crate::scim::json;
use crate::store::StoreError;

/// The fields beside the file.
const FIELDS: [&str; 10] = [
    "mode",
    "mappingName",
    "mapping",
    "format",
    "encoding",
    "separator",
    "sheet",
    "dates",
    "empty",
    "identityProvider",
];

/// The form, for the description.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes what Form reads")]
pub struct ImportForm {
    /// The file: CSV, JSON, JSON lines or XLSX
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// `upsert` (the default), `create` or `update`
    mode: Option<String>,
    /// The name of a saved mapping; other fields are put in the place of what it says
    mapping_name: Option<String>,
    /// Columns and their fields, as a JSON object; an empty field leaves the column out
    mapping: Option<String>,
    /// `csv`, `json` or `xlsx`; found out if absent, as all that follows
    format: Option<String>,
    /// The encoding of text, for example `windows-1252`
    encoding: Option<String>,
    /// What stands between the cells of CSV: `comma`, `semicolon`, `tab` or `bar`
    separator: Option<String>,
    /// The sheet of a workbook; the first if absent
    sheet: Option<String>,
    /// The order of dates with slashes: `dmy` or `mdy`
    dates: Option<String>,
    /// What an empty cell means: `keep` (the default) or `clear`
    empty: Option<String>,
    /// The identity provider of rows that name none: its id, name or prefix
    identity_provider: Option<String>,
}

/// A file that was sent, and read to its end once.
pub struct Surveyed {
    /// The file.
    pub file: File,
    /// What it was found to be.
    pub survey: Survey,
    /// What is to become of the people.
    pub mode: RecordMode,
    /// Its place among the files that are looked at, for as long as somebody reads it.
    pub place: SemaphorePermit<'static>,
}

impl Surveyed {
    /// Takes the form of a request, and looks its file over.
    pub async fn of(request: &mut ApiRequest<'_>) -> Result<Self, ApiError> {
        let expected = Expected { fields: &FIELDS, admits: |_: &BTreeMap<String, String>| true };
        let mut form = FileForm::read(request.app, request.http.headers(), request.body, expected).await?;
        let mode = mode(form.fields.remove("mode"))?;
        let options = options(&mut form.fields, request).await?;
        let mut file = form.file.ok_or_else(|| FieldError::new("file", "is missing; send the file in this field"))?;
        let catalog = request.caller.catalog.clone();
        let place = file_form::place().await?;
        let looking = spawn_blocking(move || {
            let user = catalog.named("User").ok_or_else(|| StoreError::internal("a tenant without users"))?;
            let survey = survey(&mut file, &options, user).map_err(refused)?;
            Ok::<_, ApiError>((file, survey))
        });
        let (file, survey) = looking.await.map_err(StoreError::internal)??;
        Ok(Self { file, survey, mode, place })
    }
}

/// What the form tells of its file, on top of what is saved under the name that it tells.
async fn options(fields: &mut BTreeMap<String, String>, request: &ApiRequest<'_>) -> Result<SurveyOptions, ApiError> {
    let saved = match fields.remove("mappingName") {
        None => ImportProfile::default(),
        Some(name) => {
            let tenant = request.app.store.tenant(request.caller.tenant.id);
            let saved = tenant.import_mapping(&name).await?;
            saved.ok_or_else(|| FieldError::new("mappingName", "is the name of no saved mapping"))?.profile
        }
    };
    let columns = match fields.remove("mapping") {
        None => BTreeMap::new(),
        Some(text) => columns(&text)?,
    };
    let mut told = |name: &str| fields.remove(name);
    let told = ImportProfile {
        columns,
        format: told("format"),
        encoding: told("encoding"),
        separator: told("separator"),
        sheet: told("sheet"),
        dates: told("dates"),
        empty: told("empty"),
        identity_provider: told("identityProvider"),
    };
    let profile = saved.overlaid(told);
    if let Some(provider) = profile.identity_provider() {
        request.app.gateway.check_identity_provider(request.caller.tenant.id, provider).await.map_err(not_named)?;
    }
    profile.options().map_err(wrong)
}

impl From<FileFormError> for ApiError {
    fn from(error: FileFormError) -> Self {
        match error {
            FileFormError::Request(error) => error.into(),
            FileFormError::Field(error) => error.into(),
            FileFormError::Store(error) => error.into(),
            FileFormError::Unasked => RequestError::BodyBroken.into(),
        }
    }
}

fn not_named(error: IdentityProviderError) -> ApiError {
    match error {
        IdentityProviderError::Store(error) => error.into(),
        error => FieldError::new("identityProvider", error.to_string()).into(),
    }
}

/// Every field of a profile that cannot be meant.
pub fn wrong(errors: Vec<(&'static str, String)>) -> ApiError {
    ApiError::Invalid(errors.into_iter().map(|(field, detail)| FieldError::new(field, detail)).collect())
}

fn mode(told: Option<String>) -> Result<RecordMode, ApiError> {
    match told.as_deref() {
        None | Some("upsert") => Ok(RecordMode::Upsert),
        Some("create") => Ok(RecordMode::Create),
        Some("update") => Ok(RecordMode::Update),
        Some(_) => Err(FieldError::new("mode", "is none of upsert, create and update").into()),
    }
}

fn columns(text: &str) -> Result<BTreeMap<String, String>, ApiError> {
    let wrong = || FieldError::new("mapping", "is no JSON object of column names and field names");
    let Ok(Value::Object(members)) = json::parse(text.as_bytes()) else { return Err(wrong().into()) };
    let columns = members.into_iter().map(|(column, field)| match field {
        Value::String(field) => Ok((column, field)),
        Value::Null => Ok((column, String::new())),
        _ => Err(wrong().into()),
    });
    columns.collect()
}
