//! The log as a file, written while it is sent, so that any number of entries takes the memory of one page.

use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::web::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};

use super::super::AdminAnswer;
use super::super::problem::{AdminError, Problem};
use super::super::request::AdminRequest;
use super::{ActivityParameters, filter, instance, read};
use crate::http::error::{HttpError, chain};
use crate::model::{ActivityCursor, ActivityFilter, CSV_HEADINGS, Entry, TenantId, csv_row};
use crate::store::{Store, StoreError};

/// How many entries are read at once.
const AT_ONCE: u32 = 500;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Csv,
    JsonLines,
}

impl Format {
    fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::JsonLines => "application/jsonl",
        }
    }

    fn file_name(self) -> &'static str {
        match self {
            Self::Csv => "attachment; filename=\"activity.csv\"",
            Self::JsonLines => "attachment; filename=\"activity.jsonl\"",
        }
    }

    fn rows(self, entries: &[Entry], with_headings: bool) -> Result<Vec<u8>, StoreError> {
        match self {
            Self::Csv => {
                let mut writer = csv::Writer::from_writer(Vec::new());
                if with_headings {
                    writer.write_record(CSV_HEADINGS).map_err(StoreError::internal)?;
                }
                for entry in entries {
                    writer.write_record(csv_row(entry)).map_err(StoreError::internal)?;
                }
                writer.into_inner().map_err(|error| StoreError::internal(error.to_string()))
            }
            Self::JsonLines => {
                let mut out = Vec::new();
                for entry in entries {
                    serde_json::to_writer(&mut out, entry).map_err(StoreError::internal)?;
                    out.push(b'\n');
                }
                Ok(out)
            }
        }
    }
}

/// A walk through the log.
struct Walk {
    store: Store,
    tenant: Option<TenantId>,
    filter: ActivityFilter,
    format: Format,
    after: Option<ActivityCursor>,
    is_over: bool,
}

impl Walk {
    /// The next part of the file.
    async fn next(mut self, is_first: bool) -> Result<(Bytes, Self), HttpError> {
        let page = read(&self.store, self.tenant, &self.filter, self.after.as_ref(), AT_ONCE).await?;
        let bytes = self.format.rows(&page.entries, is_first)?;
        self.is_over = page.next.is_none();
        self.after = page.next;
        Ok((bytes.into(), self))
    }
}

/// What was done in a tenant and what failed as a file: CSV, of which no cell is a formula, or JSON lines
#[utoipa::path(
    get, path = "/admin/v1/tenants/{tenant}/activity/export", tag = "activity",
    params(
        ("tenant" = String, Path, description = "Its short name"),
        ("format" = Option<String>, Query, description = "`csv` or `jsonl`; `csv` if absent"), ActivityParameters
    ),
    responses(
        (status = 200, description = "The file", content((String = "text/csv"), (String = "application/jsonl"))),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn export(request: AdminRequest<'_>, slug: &str) -> AdminAnswer {
    let tenant = request.tenant(slug).await?.id;
    exported(&request, Some(tenant)).await
}

/// What was done that concerns no tenant alone as a file: CSV, of which no cell is a formula, or JSON lines
#[utoipa::path(
    get, path = "/admin/v1/activity/export", tag = "activity",
    params(("format" = Option<String>, Query, description = "`csv` or `jsonl`; `csv` if absent"), ActivityParameters),
    responses(
        (status = 200, description = "The file", content((String = "text/csv"), (String = "application/jsonl"))),
        (status = "default", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn export_of_instance(request: AdminRequest<'_>) -> AdminAnswer {
    instance(&request)?;
    exported(&request, None).await
}

async fn exported(request: &AdminRequest<'_>, tenant: Option<TenantId>) -> AdminAnswer {
    let query = request.query();
    let format = match query.get("format")?.as_deref() {
        None | Some("" | "csv") => Format::Csv,
        Some("jsonl") => Format::JsonLines,
        Some(_) => return Err(AdminError::field("format", "is neither csv nor jsonl; choose one of them")),
    };
    let (store, filter) = (request.app.store.clone(), filter(&query)?);
    let walk = Walk { store, tenant, filter, format, after: None, is_over: false };
    // An error before the first byte is an answer of its own; after it, all that is left is to break off.
    let (first, walk) = walk.next(true).await.map_err(AdminError::Http)?;
    let rest =
        stream::try_unfold(walk, async |walk| if walk.is_over { Ok(None) } else { walk.next(false).await.map(Some) });
    let id = request.caller.origin.request;
    let rest = rest.inspect_err(move |error| {
        let id = id.map(|id| id.to_string()).unwrap_or_default();
        log::error!("request {id}: the export broke off: {}", chain(error));
    });
    let mut response = HttpResponse::Ok();
    response.content_type(format.content_type()).insert_header((CONTENT_DISPOSITION, format.file_name()));
    Ok(response.streaming(Box::pin(stream::once(async { Ok(first) }).chain(rest))))
}
