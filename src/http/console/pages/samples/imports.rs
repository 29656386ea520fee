//! Files of people, and the tasks that they become.

use super::super::*;
use super::{ago, shell};

fn asked(id: &'static str, twist: &str) -> Asked {
    let choices = vec![Choice::new("", "Found out", true), Choice::new("x", &format!("Other{twist}"), false)];
    Asked { id, label: "A question", choices }
}

pub fn imports(twist: &str, enabled: bool) -> Imports {
    Imports {
        shell: shell("Imports", Here::Imports, twist),
        enabled,
        most: "256 MiB".into(),
        mapping: Some(asked("mapping", twist)),
        reading: vec![asked("format", twist)],
        sheet: format!("People{twist}"),
        told: true,
        roles: vec![Choice::new("", "Any role, or none", true), Choice::new("1", &format!("Learner{twist}"), false)],
        uploads: vec![UploadRow {
            id: "0190".into(),
            name: format!("people.csv{twist}"),
            told: format!("1,204 rows, CSV, UTF-8{twist}"),
            by: format!("ada@example.org{twist}"),
            at: ago(3),
            expires: ago(-24 * 60),
        }],
        mappings: vec![SavedMapping { name: format!("HR export{twist}"), columns: 7, modified: ago(60) }],
        problem: (!twist.is_empty()).then(|| Notice::problem(twist)),
    }
}

pub fn imports_empty() -> Imports {
    Imports { uploads: vec![], mappings: vec![], mapping: None, told: false, ..imports("", true) }
}

pub fn import(twist: &str) -> ImportPage {
    let row = |line, status, reason: Option<String>| PreviewRow {
        line,
        who: format!("Ann Lee{twist}"),
        second: Some(format!("ann@example.org{twist}")),
        status,
        reason,
        cells: vec![(format!("E-Mail{twist}"), format!("ann@example.org{twist}"))],
    };
    ImportPage {
        shell: shell("people.csv", Here::Imports, twist),
        here: "/console/t/example/imports/0190".into(),
        name: format!("people.csv{twist}"),
        told: format!("1,204 rows, CSV{twist}"),
        rows: "1,204 rows".into(),
        by: format!("ada@example.org{twist}"),
        at: ago(3),
        expires: ago(-24 * 60),
        columns: vec![ColumnChoice {
            field: "field-0".into(),
            name: format!("E-Mail{twist}"),
            samples: vec![format!("ann@example.org{twist}")],
            fields: vec![Choice::new("email", "E-mail address", true)],
            attributes: vec![Choice::new("attributes.x", &format!("x{twist}"), false)],
            left_out: false,
        }],
        asked: vec![asked("mode", twist)],
        mappings: vec![Choice::new("", "None", true), Choice::new("HR", &format!("HR{twist}"), false)],
        mapping: format!("HR{twist}"),
        note: Some("Whoever is new is invited by mail."),
        preview: Some(Preview {
            counts: vec![Status::new(Tone::Ok, "1 new"), Status::new(Tone::Danger, "1 failing")],
            told: "What would become of the first 2 of 1,204 rows. Nothing is written.".into(),
            rows: vec![
                row(2, Status::new(Tone::Ok, "New"), None),
                row(3, Status::new(Tone::Danger, "Fails"), Some(format!("The e-mail is missing{twist}."))),
            ],
        }),
        tried: Some(("/console/t/example/tasks/7".into(), "7".into())),
        problem: (!twist.is_empty()).then(|| Notice::problem(twist)),
    }
}

pub fn tasks(twist: &str) -> Tasks {
    Tasks {
        shell: shell("Tasks", Here::Tasks, twist),
        enabled: true,
        tasks: vec![TaskRow {
            id: "7".into(),
            kind: "Import of people".into(),
            status: Status::new(Tone::Warn, "Running"),
            progress: "120 of 1,204".into(),
            failed: Some("3".into()),
            by: format!("ada@example.org{twist}"),
            at: ago(3),
        }],
        pager: Pager {
            told: "The newest 1".into(),
            previous: None,
            next: Some("/console/t/example/tasks?before=7".into()),
        },
    }
}

pub fn tasks_empty() -> Tasks {
    Tasks { tasks: vec![], ..tasks("") }
}

fn progress(twist: &str, polls: bool) -> TaskProgress {
    TaskProgress {
        url: "/console/t/example/tasks/7/progress".into(),
        polls,
        status: Status::new(Tone::Warn, "Running"),
        done: 120,
        total: 1_204,
        told: "120 of 1,204 records".into(),
        figures: vec![("Created", "100".into()), ("Updated", "17".into()), ("Failed", "3".into())],
        error: (!twist.is_empty()).then(|| twist.to_owned()),
    }
}

pub fn progress_part(twist: &str) -> TaskProgressPart {
    TaskProgressPart { progress: progress(twist, true) }
}

pub fn task(twist: &str, is_over: bool) -> TaskPage {
    TaskPage {
        shell: shell("Task 7", Here::Tasks, twist),
        here: "/console/t/example/tasks/7".into(),
        id: "7".into(),
        kind: "Import of people".into(),
        dry_run: is_over,
        by: format!("ada@example.org{twist}"),
        at: ago(3),
        ended: is_over.then(|| ago(1)),
        retry_of: Some(("6".into(), "/console/t/example/tasks/6".into())),
        progress: progress(twist, !is_over),
        cancels: !is_over,
        retries: is_over.then(|| "3".into()),
        rejects: is_over,
        upload: is_over.then(|| ("/console/t/example/imports/0190".into(), "1,204 rows".into())),
        only_failed: false,
        records: vec![RecordRow {
            place: 1,
            who: format!("Ann Lee{twist}"),
            second: Some(format!("ann@example.org{twist}")),
            url: Some("/console/t/example/users/1".into()),
            status: Status::new(Tone::Danger, "Failed"),
            reason: Some(format!("The e-mail is missing{twist}.")),
        }],
        pager: Pager {
            told: "Rows 1 to 50".into(),
            previous: None,
            next: Some("/console/t/example/tasks/7?after=50".into()),
        },
        problem: (!twist.is_empty()).then(|| Notice::problem(twist)),
    }
}
