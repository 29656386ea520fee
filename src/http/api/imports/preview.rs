//! A look at a file before it is imported.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::ApiAnswer;
use super::super::request::ApiRequest;
use super::super::users::check_set_up;
use super::form::{ImportForm, Surveyed};
use super::view::FileView;
use crate::http::answer::ok;
use crate::http::problem::Problem;
use crate::import::Cell;
use crate::model::{RecordCode, RecordFailure, RecordOutcome, Scope};

/// What a file is, and what would become of its first rows.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PreviewView {
    #[serde(flatten)]
    file: FileView,
    /// The first rows
    preview: Vec<RowView>,
}

/// A row and what would become of it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RowView {
    /// The line it begins at; in a workbook the row
    line: u64,
    /// Its cells, in the order of the columns
    #[schema(value_type = Vec<Object>)]
    cells: Vec<Cell>,
    /// `inserted`, `updated`, `unchanged` or `failed`
    verdict: &'static str,
    /// Why it would fail
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    code: Option<RecordCode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
}

/// Look at a file before it is imported
///
/// Tells what the file is, which column was taken for which field, and what would become of its first 20 rows. Nothing changes.
#[utoipa::path(post, path = "/api/v1/imports/preview", tag = "Imports",
    request_body(content = ImportForm, content_type = "multipart/form-data"),
    responses((status = 200, body = PreviewView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn preview(mut request: ApiRequest<'_>) -> ApiAnswer {
    request.needs(Scope::Provision)?;
    check_set_up(&request)?;
    let Surveyed { survey, mode, .. } = Surveyed::of(&mut request).await?;
    let file = FileView::from(&survey);
    let (mapping, rows) = (survey.mapping, survey.preview);
    let read: Vec<_> = rows.iter().map(|row| mapping.record(row)).collect();
    let records: Vec<_> = read.iter().filter_map(|record| record.as_ref().ok().cloned()).collect();
    let mut came = request.app.gateway.provision(&request.caller, mode, &records, true).await.into_iter();
    let preview = rows.into_iter().zip(read).map(|(row, record)| {
        let outcome = match record {
            Ok(_) => came.next().map(|came| came.outcome),
            Err(failure) => Some(RecordOutcome::Failed(failure)),
        };
        view(row.line, mapping.without_secrets(row.cells), outcome)
    });
    ok(&PreviewView { file, preview: preview.collect() })
}

fn view(line: u64, cells: Vec<Cell>, outcome: Option<RecordOutcome>) -> RowView {
    let (verdict, failure) = match outcome {
        Some(RecordOutcome::Inserted(_)) => ("inserted", None),
        Some(RecordOutcome::Updated(_)) => ("updated", None),
        Some(RecordOutcome::Unchanged(_)) => ("unchanged", None),
        Some(RecordOutcome::Failed(failure)) => ("failed", Some(failure)),
        None => ("failed", None),
    };
    let (code, message, field) = match failure {
        Some(RecordFailure { code, message, field }) => (Some(code), Some(message), field),
        None => (None, None, None),
    };
    RowView { line, cells, verdict, code, message, field }
}
