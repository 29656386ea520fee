//! A roster as a file: written while it is sent.

use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::web::Bytes;
use chrono::{DateTime, SecondsFormat, Utc};
use futures_util::{StreamExt, TryStreamExt, stream};

use super::error::{HttpError, chain};
use crate::model::{AppId, RequestId, RosterEntry, RosterFilter, harmless_cell};
use crate::store::{StoreError, TenantStore};

/// How many entries are read at once.
const AT_ONCE: i64 = 500;
const HEADINGS: [&str; 10] =
    ["appUserId", "email", "username", "license", "state", "addedAt", "changedAt", "userId", "name", "active"];

/// An instant as files and cursors write it.
pub fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// A walk through the list, for a file that is written while it is sent.
struct Walk {
    store: TenantStore,
    app: AppId,
    filter: RosterFilter,
    after: Option<String>,
    is_over: bool,
}

impl Walk {
    async fn next(mut self, is_first: bool) -> Result<(Bytes, Self), HttpError> {
        let entries = self.store.roster_entries(&self.app, &self.filter, self.after.as_deref(), AT_ONCE).await?;
        self.is_over = (entries.len() as i64) < AT_ONCE;
        self.after = entries.last().map(|entry| entry.user.app_user_id.clone());
        let mut writer = csv::Writer::from_writer(Vec::new());
        if is_first {
            writer.write_record(HEADINGS).map_err(StoreError::internal)?;
        }
        for entry in entries {
            writer.write_record(row(entry)).map_err(StoreError::internal)?;
        }
        let bytes = writer.into_inner().map_err(|error| StoreError::internal(error.to_string()))?;
        Ok((bytes.into(), self))
    }
}

fn row(entry: RosterEntry) -> [String; 10] {
    let RosterEntry { user, added_at, changed_at, known } = entry;
    let (state, id, name, active) = match known {
        None => ("unknown", String::new(), None, String::new()),
        Some((id, name, active)) => {
            (if active { "active" } else { "inactive" }, id.to_string(), name, active.to_string())
        }
    };
    [
        user.app_user_id,
        user.email,
        user.username.unwrap_or_default(),
        user.license.unwrap_or_default(),
        state.to_owned(),
        instant(added_at),
        instant(changed_at),
        id,
        name.unwrap_or_default(),
        active,
    ]
    .map(harmless_cell)
}

/// The entries of an application's current list that `filter` selects, as CSV of which no cell is a formula.
///
/// # Errors
/// That the database is away or at fault. Once the first part is sent, the answer is broken off instead.
pub async fn roster_file(
    store: TenantStore,
    app: &AppId,
    filter: RosterFilter,
    request: RequestId,
) -> Result<HttpResponse, HttpError> {
    let name = format!("attachment; filename=\"{app}.csv\"");
    let walk = Walk { store, app: app.clone(), filter, after: None, is_over: false };
    let (first, walk) = walk.next(true).await?;
    let rest =
        stream::try_unfold(walk, async |walk| if walk.is_over { Ok(None) } else { walk.next(false).await.map(Some) });
    let rest = rest.inspect_err(move |error| log::error!("request {request}: the report broke off: {}", chain(error)));
    let mut response = HttpResponse::Ok();
    response.content_type("text/csv; charset=utf-8; header=present").insert_header((CONTENT_DISPOSITION, name));
    Ok(response.streaming(Box::pin(stream::once(async { Ok(first) }).chain(rest))))
}
