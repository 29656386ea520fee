//! The form that a file comes in: `multipart/form-data`, written to a file as it arrives.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::time::Duration;

use actix_multipart::{Multipart, MultipartError};
use actix_web::error::PayloadError;
use actix_web::http::header::{CONTENT_ENCODING, HeaderMap};
use actix_web::web::Bytes;
use futures_util::{StreamExt, future, stream};
use serde_json::Value;
use tokio::sync::mpsc::{Sender, channel};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::task::spawn_blocking;
use utoipa::ToSchema;

use super::super::problem::ApiError;
use super::super::request::ApiRequest;
use super::refused;
use crate::http::body::Body;
use crate::http::error::RequestError;
use crate::http::problem::FieldError;
use crate::import::{ImportProfile, Survey, SurveyOptions, survey};
use crate::model::RecordMode;
use crate::scim::json;
use crate::store::StoreError;

/// How many files are sent at once: each takes up room on the disk.
static ARRIVING: Semaphore = Semaphore::const_new(16);
/// How many files are looked at at once: each may take up the memory of a large workbook.
static PLACES: Semaphore = Semaphore::const_new(2);

/// The longest field beside the file, in bytes.
const MAX_FIELD: usize = 64 << 10;
/// How much of the file is written at once.
const WRITTEN_AT_ONCE: usize = 1 << 20;

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
        let arriving = ARRIVING.try_acquire().map_err(|_| RequestError::Crowded)?;
        let mut form = Form::read(request).await?;
        drop(arriving);
        let mode = mode(form.fields.remove("mode"))?;
        let options = form.options(request).await?;
        let mut file = form.file.ok_or_else(|| FieldError::new("file", "is missing; send the file in this field"))?;
        let catalog = request.caller.catalog.clone();
        let place = PLACES.acquire().await.map_err(StoreError::internal)?;
        let looking = spawn_blocking(move || {
            let user = catalog.named("User").ok_or_else(|| StoreError::internal("a tenant without users"))?;
            let survey = survey(&mut file, &options, user).map_err(refused)?;
            Ok::<_, ApiError>((file, survey))
        });
        let (file, survey) = looking.await.map_err(StoreError::internal)??;
        Ok(Self { file, survey, mode, place })
    }
}

/// The fields of the form.
#[derive(Default)]
struct Form {
    file: Option<File>,
    fields: BTreeMap<String, String>,
}

impl Form {
    async fn read(request: &mut ApiRequest<'_>) -> Result<Self, ApiError> {
        let headers = request.http.headers();
        if headers.contains_key(CONTENT_ENCODING) {
            return Err(RequestError::ContentEncoding.into());
        }
        let (limit, time) = (request.app.config.limits.import, request.app.config.timeouts.body);
        let (sender, receiver) = channel(1);
        let pieces = stream::unfold(receiver, async |mut receiver| Some((receiver.recv().await?, receiver)));
        let reading = Self::of_parts(headers, pieces.fuse().boxed_local());
        // The parser wants a body of its own, and ours has to be looked after until the request is answered.
        let (fed, read) = future::join(feed(request.body, sender, limit, time), reading).await;
        fed?;
        read
    }

    async fn of_parts(
        headers: &HeaderMap,
        pieces: impl futures_util::Stream<Item = Result<Bytes, PayloadError>> + 'static,
    ) -> Result<Self, ApiError> {
        let mut parts = Multipart::new(headers, pieces);
        let mut form = Self::default();
        while let Some(part) = parts.next().await {
            let mut part = part.map_err(unreadable)?;
            let name = part.name().unwrap_or_default().to_owned();
            if name == "file" {
                form.file = Some(write(&mut part).await?);
                continue;
            }
            let known =
                ["mode", "mappingName", "mapping", "format", "encoding", "separator", "sheet", "dates", "empty"];
            if !known.contains(&name.as_str()) {
                let detail = format!("is no field of this form; there are file, {}", known.join(", "));
                return Err(FieldError::new(&name, detail).into());
            }
            let bytes = part.bytes(MAX_FIELD).await;
            let bytes = bytes.map_err(|_| FieldError::new(&name, format!("has more than {MAX_FIELD} bytes")))?;
            let text = String::from_utf8(bytes.map_err(unreadable)?.to_vec());
            form.fields.insert(name.clone(), text.map_err(|_| FieldError::new(&name, "is not UTF-8"))?);
        }
        Ok(form)
    }

    /// What the form tells of its file, on top of what is saved under the name that it tells.
    async fn options(&mut self, request: &ApiRequest<'_>) -> Result<SurveyOptions, ApiError> {
        let saved = match self.fields.remove("mappingName") {
            None => ImportProfile::default(),
            Some(name) => {
                let tenant = request.app.store.tenant(request.caller.tenant.id);
                let saved = tenant.import_mapping(&name).await?;
                saved.ok_or_else(|| FieldError::new("mappingName", "is the name of no saved mapping"))?.profile
            }
        };
        let columns = match self.fields.remove("mapping") {
            None => BTreeMap::new(),
            Some(text) => columns(&text)?,
        };
        let mut told = |name: &str| self.fields.remove(name);
        let told = ImportProfile {
            columns,
            format: told("format"),
            encoding: told("encoding"),
            separator: told("separator"),
            sheet: told("sheet"),
            dates: told("dates"),
            empty: told("empty"),
        };
        saved.overlaid(told).options().map_err(wrong)
    }
}

/// Every field of a profile that cannot be meant.
pub fn wrong(errors: Vec<(&'static str, String)>) -> ApiError {
    ApiError::Invalid(errors.into_iter().map(|(field, detail)| FieldError::new(field, detail)).collect())
}

/// Hands a body over piece by piece, as long as somebody takes them.
async fn feed(
    body: &mut Body,
    sender: Sender<Result<Bytes, PayloadError>>,
    limit: usize,
    time: Duration,
) -> Result<(), RequestError> {
    if body.length() > limit {
        return Err(RequestError::BodyTooLarge { limit });
    }
    let mut read = 0;
    while let Some(piece) = body.next(time).await? {
        read += piece.len();
        if read > limit {
            return Err(RequestError::BodyTooLarge { limit });
        }
        if sender.send(Ok(piece)).await.is_err() {
            break;
        }
    }
    Ok(())
}

/// Writes a part to a file.
async fn write(part: &mut actix_multipart::Field) -> Result<File, ApiError> {
    let mut file = tempfile::tempfile().map_err(StoreError::internal)?;
    let mut gathered = Vec::new();
    loop {
        let piece = part.next().await.transpose().map_err(unreadable)?;
        gathered.extend_from_slice(piece.as_deref().unwrap_or_default());
        if piece.is_some() && gathered.len() < WRITTEN_AT_ONCE {
            continue;
        }
        let writing = spawn_blocking(move || {
            file.write_all(&gathered)?;
            gathered.clear();
            std::io::Result::Ok((file, gathered))
        });
        (file, gathered) = writing.await.map_err(StoreError::internal)?.map_err(StoreError::internal)?;
        if piece.is_none() {
            return Ok(file);
        }
    }
}

fn unreadable(error: MultipartError) -> ApiError {
    let detail = format!("the body is no form that can be read ({error}); send it as multipart/form-data");
    FieldError::new("", detail).into()
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
