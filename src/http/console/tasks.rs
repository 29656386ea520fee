//! `/console/t/{slug}/tasks`: work on many records in the background, and what became of each of them.

use actix_web::http::header::{HeaderName, HeaderValue};

use super::error::{ConsoleError, sentence};
use super::flash::Flash;
use super::pages::{
    Here, Notice, Pager, RecordRow, Status, TaskPage, TaskProgress, TaskProgressPart, TaskRow, Tasks, Tone, thousands,
};
use super::uploads::{count, person};
use super::{ConsoleAnswer, Place, Visit, reply};
use crate::gateway::TasksError;
use crate::http::api::{file_of, rejected_rows};
use crate::model::{OutcomeKind, Task, TaskId, TaskKind, TaskRecord, TaskState};
use crate::store::RecordsPage;

/// Tasks on a page, and records.
const SIZE: usize = 50;

/// Makes htmx load the whole page once more.
const REFRESH: HeaderName = HeaderName::from_static("hx-refresh");

/// The address of a task's page.
pub fn url(place: &Place, task: TaskId) -> String {
    format!("/console/t/{}/tasks/{task}", place.tenant.slug)
}

/// Hands a request to its page.
pub async fn route(visit: &Visit<'_>, place: &Place, path: &[&str]) -> ConsoleAnswer {
    let [id, path @ ..] = path else {
        return if visit.is_post() { Err(ConsoleError::NotFound) } else { list(visit, place).await };
    };
    let id: TaskId = id.parse().map_err(|_| ConsoleError::NotFound)?;
    let task = visit.store(place).task(id).await?.ok_or(ConsoleError::NotFound)?;
    match (path, visit.is_post()) {
        ([], false) => shown(visit, place, &task, None).await,
        (["progress"], false) => part(place, &task),
        (["rejects.csv"], false) => rejected_rows(visit.store(place), id).await?.ok_or(ConsoleError::NotFound),
        (["cancel"], true) => cancel(visit, place, &task).await,
        (["retry"], true) => retry(visit, place, &task).await,
        _ => Err(ConsoleError::NotFound),
    }
}

async fn list(visit: &Visit<'_>, place: &Place) -> ConsoleAnswer {
    let before: Option<TaskId> = visit.query.get("before").parse().ok();
    let mut tasks = visit.store(place).tasks_page(before, SIZE as i64 + 1).await?;
    let has_next = tasks.len() > SIZE;
    tasks.truncate(SIZE);
    let here = format!("/console/t/{}/tasks", place.tenant.slug);
    let next = tasks.last().filter(|_| has_next).map(|task| format!("{here}?before={}", task.id));
    let told = match (tasks.len(), before) {
        (shown, None) => format!("The newest {shown}"),
        (shown, Some(_)) => format!("{shown} older ones"),
    };
    reply::page(&Tasks {
        shell: visit.shell("Tasks", Here::Tasks, place),
        enabled: place.tenant.provisioning.enabled,
        tasks: tasks.iter().map(|task| row(visit, task)).collect(),
        pager: Pager { told, previous: before.map(|_| here), next },
    })
}

fn row(visit: &Visit<'_>, task: &Task) -> TaskRow {
    TaskRow {
        id: task.id.to_string(),
        kind: kind_name(task),
        status: status(task),
        progress: progress_told(task),
        failed: (task.counts.failed > 0).then(|| number(task.counts.failed)),
        by: task.by.actor.name().to_owned(),
        at: visit.moment(task.created_at),
    }
}

/// What a task does.
fn kind_name(task: &Task) -> String {
    let work = match task.kind {
        TaskKind::BulkUserImport => "import of people",
        TaskKind::ScimBulk => "bulk request",
    };
    let text = if task.dry_run { format!("dry run of an {work}") } else { work.to_owned() };
    sentence(&text).trim_end_matches('.').to_owned()
}

fn status(task: &Task) -> Status {
    match task.state {
        TaskState::Draft => Status::new(Tone::Off, "Being filled"),
        TaskState::Queued if task.is_to_end => Status::new(Tone::Off, "Ending"),
        TaskState::Queued => Status::new(Tone::Warn, "Waiting"),
        TaskState::Running if task.is_to_end => Status::new(Tone::Off, "Ending"),
        TaskState::Running => Status::new(Tone::Warn, "Running"),
        TaskState::Done if task.counts.failed > 0 => Status::new(Tone::Warn, "Done, with failures"),
        TaskState::Done => Status::new(Tone::Ok, "Done"),
        TaskState::Failed => Status::new(Tone::Danger, "Failed"),
        TaskState::Cancelled => Status::new(Tone::Off, "Cancelled"),
    }
}

fn number(count: i64) -> String {
    thousands(u64::try_from(count).unwrap_or_default())
}

fn progress_told(task: &Task) -> String {
    let (done, total) = (task.counts.settled(), task.counts.total);
    if done == total { number(total) } else { format!("{} of {}", number(done), number(total)) }
}

fn progress(place: &Place, task: &Task) -> TaskProgress {
    let (counts, dry_run) = (task.counts, task.dry_run);
    let names = if dry_run {
        ["Would be created", "Would be updated", "Would stay", "Would fail"]
    } else {
        ["Created", "Updated", "Unchanged", "Failed"]
    };
    let values = [counts.inserted, counts.updated, counts.unchanged, counts.failed];
    let (done, total) = (counts.settled(), counts.total);
    let error = match (&task.error, task.state) {
        (Some(error), _) => Some(sentence(error)),
        (None, TaskState::Cancelled) => Some("It was cancelled. What it had done by then stays.".to_owned()),
        _ => None,
    };
    TaskProgress {
        url: format!("{}/progress", url(place, task.id)),
        polls: !task.state.is_over(),
        status: status(task),
        done,
        // A bar without an end would move for ever.
        total: total.max(1),
        told: format!("{} of {}", number(done), count(u64::try_from(total).unwrap_or_default(), "record")),
        figures: names.into_iter().zip(values.map(number)).collect(),
        error,
    }
}

/// How far a task is, for a page that asks again; once it has ended, the page is to load as a whole.
fn part(place: &Place, task: &Task) -> ConsoleAnswer {
    let mut response = reply::page(&TaskProgressPart { progress: progress(place, task) })?;
    if task.state.is_over() {
        response.headers_mut().insert(REFRESH, HeaderValue::from_static("true"));
    }
    Ok(response)
}

async fn shown(visit: &Visit<'_>, place: &Place, task: &Task, problem: Option<String>) -> ConsoleAnswer {
    let (store, here) = (visit.store(place), url(place, task.id));
    let only_failed = visit.query.get("outcome") == "failed";
    let after = visit.query.get("after").parse().unwrap_or(i64::MIN);
    let page = RecordsPage { after, only_failed, limit: SIZE as i64 + 1 };
    let mut records = store.task_records(task.id, page).await?;
    let has_next = records.len() > SIZE;
    records.truncate(SIZE);
    let filter = if only_failed { "outcome=failed" } else { "" };
    let next = records.last().filter(|_| has_next).map(|last| {
        let and = if only_failed { "&" } else { "" };
        format!("{here}?{filter}{and}after={}", last.place)
    });
    let first = if only_failed { format!("{here}?{filter}") } else { here.clone() };
    let pager = Pager { told: span(&records), previous: (after > i64::MIN).then_some(first), next };
    let (is_over, failed) = (task.state.is_over(), task.counts.failed);
    let rejects = is_over && failed > 0 && file_of(&store, task.id).await?.is_some();
    let upload = if is_over && task.dry_run { store.upload_tried_as(task.id, visit.now).await? } else { None };
    reply::page(&TaskPage {
        shell: visit.shell(&format!("Task {}", task.id), Here::Tasks, place),
        id: task.id.to_string(),
        kind: kind_name(task),
        dry_run: task.dry_run,
        by: task.by.actor.name().to_owned(),
        at: visit.moment(task.created_at),
        ended: task.completed_at.map(|at| visit.moment(at)),
        retry_of: task.retry_of.map(|of| (of.to_string(), url(place, of))),
        progress: progress(place, task),
        cancels: !is_over && !task.is_to_end,
        retries: (is_over && failed > 0).then(|| number(failed)),
        rejects,
        upload: upload.map(|upload| (super::uploads::url(place, &upload), count(upload.looked.rows, "row"))),
        only_failed,
        records: records.iter().map(|record| record_row(place, task, record)).collect(),
        pager,
        problem: problem.map(|told| Notice::problem(sentence(&told))),
        here,
    })
}

/// Which records a page shows.
fn span(records: &[TaskRecord]) -> String {
    match (records.first(), records.last()) {
        (Some(first), Some(last)) => format!("Rows {} to {}", number(first.place), number(last.place)),
        _ => String::new(),
    }
}

fn record_row(place: &Place, task: &Task, record: &TaskRecord) -> RecordRow {
    let (who, second) = person(&record.record, u64::try_from(record.place).unwrap_or_default());
    let outcome = record.outcome.as_ref();
    let status = match outcome.map(|outcome| outcome.kind) {
        None if task.state.is_over() => Status::new(Tone::Off, "Not tried"),
        None => Status::new(Tone::Off, "Waits"),
        Some(OutcomeKind::Inserted) => Status::new(Tone::Ok, if task.dry_run { "New" } else { "Created" }),
        Some(OutcomeKind::Updated) => Status::new(Tone::Ok, if task.dry_run { "Changed" } else { "Updated" }),
        Some(OutcomeKind::Unchanged) => Status::new(Tone::Off, "Unchanged"),
        Some(OutcomeKind::Failed) => Status::new(Tone::Danger, if task.dry_run { "Fails" } else { "Failed" }),
    };
    // Nobody has the id of a user whom a dry run would have made.
    let is_there = !(task.dry_run && outcome.is_some_and(|outcome| outcome.kind == OutcomeKind::Inserted));
    let user = outcome.and_then(|outcome| outcome.resource).filter(|_| is_there);
    let failed = outcome.filter(|outcome| outcome.kind == OutcomeKind::Failed);
    let reason = failed.and_then(|outcome| outcome.detail.as_ref()?["message"].as_str().map(sentence));
    RecordRow {
        place: record.place,
        who,
        second,
        url: user.map(|id| format!("/console/t/{}/users/{id}", place.tenant.slug)),
        status,
        reason,
    }
}

async fn cancel(visit: &Visit<'_>, place: &Place, task: &Task) -> ConsoleAnswer {
    visit.may_write()?;
    match visit.app.gateway.cancel_task(place.tenant.id, task.id, &visit.caller.origin).await {
        Ok(_) => reply::done(&url(place, task.id), Flash::TaskCancelled),
        Err(error) => refused(visit, place, task, error).await,
    }
}

async fn retry(visit: &Visit<'_>, place: &Place, task: &Task) -> ConsoleAnswer {
    visit.may_write()?;
    match visit.app.gateway.retry_task(place.tenant.id, task.id, &visit.caller.origin).await {
        Ok(made) => reply::done(&url(place, made.id), Flash::TaskStarted),
        Err(error) => refused(visit, place, task, error).await,
    }
}

async fn refused(visit: &Visit<'_>, place: &Place, task: &Task, error: TasksError) -> ConsoleAnswer {
    match error {
        TasksError::Store(error) => Err(error.into()),
        TasksError::NotFound(_) => Err(ConsoleError::NotFound),
        error => {
            let task = visit.store(place).task(task.id).await?.ok_or(ConsoleError::NotFound)?;
            shown(visit, place, &task, Some(error.to_string())).await
        }
    }
}
