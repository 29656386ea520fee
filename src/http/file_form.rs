//! A form that a file comes in: `multipart/form-data`, written to a file without a name as it arrives.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::time::Duration;

use actix_multipart::{Multipart, MultipartError};
use actix_web::error::PayloadError;
use actix_web::http::header::{CONTENT_ENCODING, HeaderMap};
use actix_web::web::Bytes;
use futures_util::{StreamExt, future, stream};
use tokio::sync::mpsc::{Sender, channel};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::task::spawn_blocking;

use super::body::Body;
use super::error::RequestError;
use super::problem::FieldError;
use crate::app::App;
use crate::store::StoreError;

/// How many files are sent at once: each takes up room on the disk.
static ARRIVING: Semaphore = Semaphore::const_new(16);
/// How many files are looked at at once: each may take up the memory of a large workbook.
static PLACES: Semaphore = Semaphore::const_new(2);

/// The longest field beside the file, in bytes.
const MAX_FIELD: usize = 64 << 10;
/// How much of the file is written at once.
const WRITTEN_AT_ONCE: usize = 1 << 20;

/// Why a form cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum FileFormError {
    /// As any request.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// A field is wrong, or the form as a whole if the field has no name.
    #[error("{} {}", .0.field, .0.detail)]
    Field(FieldError),
    /// The file comes before what lets it in.
    #[error("the file comes from somewhere else")]
    Unasked,
    /// It could not be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<FieldError> for FileFormError {
    fn from(error: FieldError) -> Self {
        Self::Field(error)
    }
}

/// The fields of a form.
#[derive(Default)]
pub struct FileForm {
    /// What came in the field `file`.
    pub file: Option<File>,
    /// What the client calls it.
    pub file_name: String,
    /// All other fields.
    pub fields: BTreeMap<String, String>,
}

/// What a form has to be.
pub struct Expected<A> {
    /// The fields that there are beside the file.
    pub fields: &'static [&'static str],
    /// Whether the file may come, by the fields before it.
    pub admits: A,
}

/// A place among the files that are looked at, for as long as somebody reads one.
pub async fn place() -> Result<SemaphorePermit<'static>, StoreError> {
    PLACES.acquire().await.map_err(StoreError::internal)
}

impl FileForm {
    /// Reads the body of a request.
    pub async fn read(
        app: &App,
        headers: &HeaderMap,
        body: &mut Body,
        expected: Expected<impl Fn(&BTreeMap<String, String>) -> bool>,
    ) -> Result<Self, FileFormError> {
        let arriving = ARRIVING.try_acquire().map_err(|_| RequestError::Crowded)?;
        if headers.contains_key(CONTENT_ENCODING) {
            return Err(RequestError::ContentEncoding.into());
        }
        let (limit, time) = (app.config.limits.import, app.config.timeouts.body);
        let (sender, receiver) = channel(1);
        let pieces = stream::unfold(receiver, async |mut receiver| Some((receiver.recv().await?, receiver)));
        let reading = Self::of_parts(headers, pieces.fuse().boxed_local(), expected);
        // The parser wants a body of its own, and ours has to be looked after until the request is answered.
        let (fed, read) = future::join(feed(body, sender, limit, time), reading).await;
        drop(arriving);
        fed?;
        read
    }

    async fn of_parts(
        headers: &HeaderMap,
        pieces: impl futures_util::Stream<Item = Result<Bytes, PayloadError>> + 'static,
        expected: Expected<impl Fn(&BTreeMap<String, String>) -> bool>,
    ) -> Result<Self, FileFormError> {
        let mut parts = Multipart::new(headers, pieces);
        let mut form = Self::default();
        while let Some(part) = parts.next().await {
            let mut part = part.map_err(unreadable)?;
            let name = part.name().unwrap_or_default().to_owned();
            if name == "file" {
                if !(expected.admits)(&form.fields) {
                    return Err(FileFormError::Unasked);
                }
                let told = part.content_disposition().and_then(|told| told.get_filename());
                form.file_name = told.unwrap_or_default().to_owned();
                form.file = Some(write(&mut part).await?);
                continue;
            }
            if !expected.fields.contains(&name.as_str()) {
                let detail = format!("is no field of this form; there are file, {}", expected.fields.join(", "));
                return Err(FieldError::new(&name, detail).into());
            }
            let bytes = part.bytes(MAX_FIELD).await;
            let bytes = bytes.map_err(|_| FieldError::new(&name, format!("has more than {MAX_FIELD} bytes")))?;
            let text = String::from_utf8(bytes.map_err(unreadable)?.to_vec());
            form.fields.insert(name.clone(), text.map_err(|_| FieldError::new(&name, "is not UTF-8"))?);
        }
        Ok(form)
    }
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
async fn write(part: &mut actix_multipart::Field) -> Result<File, FileFormError> {
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

fn unreadable(error: MultipartError) -> FileFormError {
    let detail = format!("the body is no form that can be read ({error}); send it as multipart/form-data");
    FieldError::new("", detail).into()
}
