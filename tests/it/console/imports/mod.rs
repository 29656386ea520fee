//! Files and tasks in the console, without scripts: sent, mapped, tried, imported; and what must not come of it.

mod sending;

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use scimgate::gateway::{ConnectionChange, NewConnection};
use scimgate::model::{AdminRole, Clock, Connection, ConnectionKind, FixedClock, Origin, Profile, Provisioning, Reach};
use scimgate::tasks::{TaskRunner, forget};
use serde_json::json;
use tokio::sync::watch;

use super::visitor::Visitor;
use crate::support::scim::{Scim, sealer};
use crate::support::workbook::{sheet, text, with_parts, workbook};

const IMPORTS: &str = "/console/t/first/imports";
const OURS: &str = "urn:ietf:params:scim:schemas:extension:scimgate:2.0:Provisioning";

/// Nobody guesses what the first and the fourth column are.
const PEOPLE: &str = "Nr;Vorname;Nachname;Kontakt;Titel\n\
    0001;Änne;Müller;anne@example.com;Boss\n\
    0002;Bert;Braun;bert@example.com;Clerk\n\
    0003;Cora;;;=cmd()\n";
const MAPPED: [(&str, &str); 8] = [
    ("field-0", "employeeId"),
    ("field-1", "firstName"),
    ("field-2", "lastName"),
    ("field-3", "email"),
    ("field-4", "title"),
    ("mode", "upsert"),
    ("empty", "keep"),
    ("dates", ""),
];

/// Lets the tenant take records.
pub async fn turn_on(scim: &Scim) {
    let edit = |provisioning: &mut Provisioning| provisioning.enabled = true;
    scim.gateway().change_provisioning(&scim.tenant().slug, &Origin::command_line(), edit).await.unwrap();
}

/// Does all work that waits.
pub async fn work(scim: &Scim) {
    let (_stop, stopped) = watch::channel(false);
    let clock = Arc::new(FixedClock::new("2026-11-22T08:00:05Z".parse().unwrap()));
    TaskRunner::new(scim.store(), clock, Some(sealer()), Duration::from_secs(30), stopped)
        .run_until_idle()
        .await
        .unwrap();
}

async fn user_names(scim: &Scim) -> Vec<String> {
    let listed = scim.get("/Users?sortBy=userName").await.expect(200).json();
    let users = listed["Resources"].as_array().cloned().unwrap_or_default();
    users.iter().map(|user| user["userName"].as_str().unwrap().to_owned()).collect()
}

/// The form's fields with what its button says.
fn with_act<'a>(act: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [&MAPPED[..], &[("act", act)], more].concat()
}

/// Files and tasks as they are from day to day: the paths of the pages that show them, by the names of their pictures.
pub async fn lived_in(scim: &Scim) -> Vec<(&'static str, String)> {
    let owner = Visitor::owner(scim).await;
    connection(scim, "Entra of the whole group").await;
    let first = ["Änne", "Bert", "Cora", "Dilan", "Émile", "Fatima", "Goran", "Hanna", "Ivo", "Jelena"];
    let last = ["Müller", "Okafor", "Nakamura", "O'Brien", "van der Berg", "García", "Ivanova"];
    let titles = ["Analyst", "Engineer", "Team lead", "Head of Design"];
    let rows = (0..240).map(|n: usize| {
        let (first, last, title) = (first[n % first.len()], last[n % last.len()], titles[n % titles.len()]);
        let mail = if n % 31 == 7 { String::new() } else { format!("person{n}@meadowlark.example") };
        let from = format!("{:02}/{:02}/2024", n % 28 + 1, n % 12 + 1);
        format!("{:05};{first};{last};{mail};{title};{from};Building {}\n", n + 1, n % 5)
    });
    let head = "Nr;Vorname;Nachname;E-Mail;Titel;Eintritt;Standort\n";
    let file: String = std::iter::once(head.to_owned()).chain(rows).collect();
    let mapping = [
        ("field-0", "employeeId"),
        ("field-1", "firstName"),
        ("field-2", "lastName"),
        ("field-3", "email"),
        ("field-4", "title"),
    ];
    let with = |act: &'static str| [&mapping[..], &[("act", act), ("save-as", "Staff of every month")]].concat();
    let earlier = owner.send_file(&[], "staff-october.csv", file.as_bytes()).await.location().to_owned();
    owner.post(&earlier, &with("save")).await.expect(303);
    let done = owner.post(&earlier, &with("import")).await.location().to_owned();
    work(scim).await;
    let file = file.replace("Team lead", "Team coordinator").replace("person7", "person-7");
    let here = owner.send_file(&[], "staff-november.csv", file.as_bytes()).await.location().to_owned();
    let bare = owner.send_file(&[], "contractors.csv", b"Nr;Kontakt\n1;a@example.com\n").await.location().to_owned();
    owner.post(&here, &with("preview")).await.expect(303);
    let tried = owner.post(&here, &with("try")).await.location().to_owned();
    work(scim).await;
    let again = owner.send_file(&[("mapping", "Staff of every month")], "a.csv", file.as_bytes()).await;
    let running = owner.post(again.location(), &with("import")).await.location().to_owned();
    vec![
        ("imports", IMPORTS.to_owned()),
        ("import", here),
        ("import-unmapped", bare),
        ("tasks", "/console/t/first/tasks".to_owned()),
        ("task", done.clone()),
        ("task-failed", format!("{done}?outcome=failed")),
        ("task-tried", tried),
        ("task-waiting", running),
    ]
}

#[tokio::test]
async fn a_file_is_sent_mapped_tried_and_imported() {
    let scim = Scim::start().await;
    turn_on(&scim).await;
    let owner = Visitor::owner(&scim).await;
    let sent = owner.send_file(&[("format", "csv")], "people.csv", PEOPLE.as_bytes()).await;
    let here = sent.location().to_owned();
    let page = owner.get(&here).await.expect(200).text;
    assert!(page.contains("No column tells the employeeId or the email of a person"), "{page}");
    assert!(page.contains("3 rows, CSV, UTF-8, separated by semicolons") && !page.contains("Would be"), "{page}");
    assert!(page.contains("value=\"firstName\" selected") && page.contains(">Kontakt<"), "{page}");
    assert!(owner.get(IMPORTS).await.expect(200).text.contains("people.csv"));

    let mapped = owner.post(&here, &with_act("preview", &[])).await;
    assert_eq!(mapped.location(), format!("{here}#preview"));
    let page = owner.get(&here).await.expect(200).text;
    assert!(page.contains("2 new") && page.contains("1 failing") && page.contains("Änne Müller"), "{page}");
    assert!(page.contains("What would become of 3 rows"), "{page}");

    let tried = owner.post(&here, &with_act("try", &[])).await.location().to_owned();
    let page = owner.get(&tried).await.expect(200).text;
    assert!(page.contains("hx-get=") && page.contains("0 of 3 records") && page.contains("Cancel"), "{page}");
    work(&scim).await;
    let page = owner.get(&tried).await.expect(200).text;
    assert!(page.contains("Would be created</dt><dd>2<") && page.contains("Go on to import 3 rows"), "{page}");
    assert!(!page.contains("hx-get=\"/console/t/first/tasks"), "{page}");
    assert!(user_names(&scim).await.is_empty());
    let page = owner.get(&here).await.expect(200).text;
    assert!(page.contains(&format!("<a href=\"{tried}\">")), "{page}");

    let task = owner.post(&here, &with_act("import", &[])).await.location().to_owned();
    owner.get(&here).await.expect(404);
    let polled = owner.get(&format!("{task}/progress")).await.expect(200);
    assert!(polled.header("hx-refresh").is_empty() && polled.text.contains("every 1s"));
    work(&scim).await;
    assert_eq!(owner.get(&format!("{task}/progress")).await.expect(200).header("hx-refresh"), "true");
    assert_eq!(user_names(&scim).await, ["anne@example.com", "bert@example.com"]);
    let page = owner.get(&task).await.expect(200).text;
    assert!(page.contains("Created</dt><dd>2<") && page.contains("Failed</dt><dd>1<"), "{page}");
    assert!(page.contains("/console/t/first/users/") && page.contains("Done, with failures"), "{page}");
    let failed = owner.get(&format!("{task}?outcome=failed")).await.expect(200).text;
    assert!(failed.contains("Cora") && !failed.contains("Änne"), "{failed}");
    let list = owner.get("/console/t/first/tasks").await.expect(200).text;
    assert!(list.contains("Import of people") && list.contains("Dry run of an import") && list.contains("1 failed"));

    let rejects = owner.get(&format!("{task}/rejects.csv")).await.expect(200);
    assert!(rejects.header("content-disposition").starts_with("attachment; filename=\"rejects-"));
    let row = rejects.text.lines().nth(1).unwrap();
    assert!(row.starts_with("0003,Cora,,,'=cmd(),") && row.len() > 40, "{row}");
    let again = owner.post(&format!("{task}/retry"), &[]).await.location().to_owned();
    work(&scim).await;
    assert!(owner.get(&again).await.expect(200).text.contains("It repeats what failed in"));
    owner.get(&format!("{again}/rejects.csv")).await.expect(200);
    let told = owner.get("/console/t/first/activity?kind=administration").await.expect(200).text;
    assert!(told.contains("Uploaded import") && told.contains("Started task"), "{told}");
    let changes = owner.get("/console/t/first/activity?kind=create").await.expect(200).text;
    assert!(changes.contains("anne@example.com"), "{changes}");
}

#[tokio::test]
async fn a_mapping_is_saved_and_used_for_the_next_file() {
    let scim = Scim::start().await;
    turn_on(&scim).await;
    let owner = Visitor::owner(&scim).await;
    let here = owner.send_file(&[], "a.csv", PEOPLE.as_bytes()).await.location().to_owned();
    for wrong in ["", &"x".repeat(101)] {
        let told = owner.post(&here, &with_act("save", &[("save-as", wrong)])).await.expect(200).text;
        assert!(told.contains("A name has to be 1 to 100 characters"), "{told}");
    }
    owner.post(&here, &with_act("save", &[("save-as", "HR <b>export")])).await.expect(303);
    let next = owner.send_file(&[], "b.csv", PEOPLE.as_bytes()).await.location().to_owned();
    let page = owner.get(&next).await.expect(200).text;
    assert!(page.contains("HR &#60;b&#62;export") && !page.contains("Would be"), "{page}");
    let page = owner.get(&format!("{next}?use=HR+%3Cb%3Eexport")).await.expect(200).text;
    assert!(page.contains("2 new") && page.contains("value=\"employeeId\" selected"), "{page}");
    owner.get(&format!("{next}?use=nothing")).await.expect(404);
    // Told with the file, it is there at once.
    let told = [("mapping", "HR <b>export"), ("separator", "semicolon")];
    let third = owner.send_file(&told, "c.csv", PEOPLE.as_bytes()).await.location().to_owned();
    assert!(owner.get(&third).await.expect(200).text.contains("2 new"));
    let deleted = owner.post(&format!("{IMPORTS}/mappings/delete"), &[("name", "HR <b>export")]).await;
    assert_eq!(deleted.location(), IMPORTS);
    owner.post(&format!("{IMPORTS}/mappings/delete"), &[("name", "HR <b>export")]).await.expect(404);
}

#[tokio::test]
async fn what_cannot_be_meant_is_told_and_nothing_begins() {
    let scim = Scim::start().await;
    turn_on(&scim).await;
    let owner = Visitor::owner(&scim).await;
    let here = owner.send_file(&[], "a.csv", PEOPLE.as_bytes()).await.location().to_owned();
    for (field, value, said) in [
        ("field-4", "firstName", "are both mapped to firstName"),
        ("field-4", "no such", "There is no field"),
        ("dates", "x", "is no order of dates"),
        ("field-4", "attributes.password", "tells passwords"),
    ] {
        let form: Vec<_> = with_act("import", &[]).into_iter().filter(|(name, _)| *name != field).collect();
        let told = owner.post(&here, &[&form[..], &[(field, value)]].concat()).await.expect(200).text;
        assert!(told.contains(said), "{said}: {told}");
    }
    assert!(owner.get("/console/t/first/tasks").await.expect(200).text.contains("Nothing was done"));
    // The form is as it was sent; mended, it goes through, and only once.
    let task = owner.post(&here, &with_act("import", &[])).await.location().to_owned();
    owner.post(&here, &with_act("import", &[])).await.expect(404);
    let told = owner.post(&format!("{task}/retry"), &[]).await.expect(200).text;
    assert!(told.contains("can be repeated once it has ended"), "{told}");
    owner.post(&format!("{task}/cancel"), &[]).await.expect(303);
    work(&scim).await;
    assert!(owner.get(&task).await.expect(200).text.contains("Cancelled"));
    assert!(user_names(&scim).await.is_empty());
    assert!(owner.post(&format!("{task}/cancel"), &[]).await.expect(200).text.contains("nothing to cancel"));
}

#[tokio::test]
async fn an_auditor_sees_files_and_tasks_and_touches_none() {
    let scim = Scim::start().await;
    turn_on(&scim).await;
    let owner = Visitor::owner(&scim).await;
    let auditor = Visitor::signed_in(&scim, AdminRole::Auditor, Reach::Instance).await;
    let here = owner.send_file(&[], "a.csv", PEOPLE.as_bytes()).await.location().to_owned();
    owner.post(&here, &with_act("try", &[])).await.expect(303);
    let task = owner.post(&here, &with_act("try", &[])).await.location().to_owned();
    for path in [IMPORTS, &here, "/console/t/first/tasks", &task] {
        let page = auditor.get(path).await.expect(200).text;
        let forms = page.matches("method=\"post\"").count();
        let of_frame = 2 + usize::from(path == here);
        assert_eq!(forms, of_frame, "{path}: {page}");
        assert!(!page.contains("name=\"act\"") && !page.contains("type=\"file\""), "{path}: {page}");
    }
    assert_eq!(auditor.send_file(&[], "b.csv", PEOPLE.as_bytes()).await.status, 403);
    for path in [here.clone(), format!("{here}/discard"), format!("{task}/cancel"), format!("{task}/retry")] {
        auditor.post(&path, &with_act("import", &[])).await.expect(403);
    }
    auditor.post(&format!("{IMPORTS}/mappings/delete"), &[("name", "x")]).await.expect(403);
    assert!(!owner.get(IMPORTS).await.expect(200).text.contains("b.csv"));
    owner.post(&format!("{here}/discard"), &[]).await.expect(303);
    owner.get(&here).await.expect(404);
}

#[tokio::test]
async fn a_file_of_another_site_is_not_taken() {
    let scim = Scim::start().await;
    turn_on(&scim).await;
    let owner = Visitor::owner(&scim).await;
    let (csrf, file) = (("csrf", owner.csrf.as_str()), Some(("a.csv", PEOPLE.as_bytes())));
    assert_eq!(owner.send_parts(&[], file, &[]).await.status, 403);
    assert_eq!(owner.send_parts(&[("csrf", "x")], file, &[]).await.status, 403);
    assert_eq!(owner.send_parts(&[], file, &[csrf]).await.status, 403);
    assert_eq!(owner.send_parts(&[("csrf", "x")], None, &[]).await.status, 403);
    assert!(owner.send_parts(&[csrf], None, &[]).await.expect(200).text.contains("Choose a file first"));
    assert!(Visitor::nobody(&scim).send_parts(&[csrf], file, &[]).await.location().starts_with("/console/sign-in"));
    assert!(owner.get(IMPORTS).await.expect(200).text.contains("No file waits"));
    // A form of another kind is none.
    assert!(owner.post(IMPORTS, &[]).await.expect(200).text.contains("no form that can be read"));
}

#[tokio::test]
async fn hostile_files_are_refused_with_a_word_and_leave_nothing() {
    let scim = Scim::with(Profile::Rfc, &["--max-import=2MiB"]).await;
    turn_on(&scim).await;
    let owner = Visitor::owner(&scim).await;
    let bomb = with_parts(&[("xl/sharedStrings.xml", &vec![b' '; 8 << 20])]);
    let mut mixed = "email,title\nä@example.com,x\n".as_bytes().to_vec();
    mixed.extend(b"b\xE4@example.com,y\n");
    let wide: String = (0..300).map(|n| format!("c{n},")).collect();
    let long = format!("email,title\n{},x\n", "y".repeat(1_200_000));
    let files: [(&[u8], &str); 9] = [
        (b"", "The file is empty"),
        (b"email,title\n", "column names and no rows"),
        (b"email,title\na@x.org,\0\n", "NUL character"),
        (&mixed, "another encoding than the lines before it"),
        (&bomb, "as no sheet does"),
        (wide.as_bytes(), "200 are taken"),
        (long.as_bytes(), "longer than 1048576 bytes"),
        (b"\x1F\x8B\x08aaaaaaaa", "compressed with gzip"),
        (&[b'x'; 2_200_000], "The file is larger than 2 MiB"),
    ];
    for (file, said) in files {
        let page = owner.send_file(&[("sheet", "")], "x", file).await.expect(200).text;
        assert!(page.contains(said), "{said}: {page}");
        assert!(page.contains("No file waits"), "{said}: {page}");
    }
    let page = owner.send_file(&[("encoding", "nonsense")], "x", PEOPLE.as_bytes()).await.expect(200).text;
    assert!(page.contains("is no encoding"), "{page}");
    assert!(!scim.dump_all().await.contains("import_upload_rows "));
}

#[tokio::test]
async fn what_stands_in_a_file_is_text_on_every_page() {
    let scim = Scim::start().await;
    turn_on(&scim).await;
    let owner = Visitor::owner(&scim).await;
    let names = [
        "<script>alert(1)</script>",
        "\" autofocus onfocus=\"alert(1)",
        "</select></textarea><img src=x onerror=alert(1)>",
    ];
    for (number, name) in names.into_iter().enumerate() {
        let cell = format!("\"{}\"", name.replace('"', "\"\""));
        let file =
            format!("email,First name,{cell},active\n{number}@example.com,{cell},{cell},{cell}\n{cell},{cell},,\n");
        let sent = owner.send_file(&[], &name.replace('"', "%22"), file.as_bytes()).await.location().to_owned();
        let fields = [("field-0", "email"), ("field-1", "firstName"), ("field-2", "title"), ("field-3", "active")];
        owner.post(&sent, &[&fields[..], &[("act", "save"), ("save-as", name)]].concat()).await.expect(303);
        let tried = owner.post(&sent, &[&fields[..], &[("act", "try")]].concat()).await.location().to_owned();
        work(&scim).await;
        for path in [IMPORTS, &sent, &tried, "/console/t/first/tasks"] {
            let page = owner.get(path).await.expect(200).text;
            assert_eq!(page.matches("<script").count(), 2, "{path}: {name}");
            assert!(!page.contains("<img") && !page.contains("\" autofocus"), "{path}: {name}");
        }
        assert!(owner.get(&sent).await.text.contains("alert(1)"));
    }
}

#[tokio::test]
async fn passwords_in_a_file_are_kept_nowhere() {
    let scim = Scim::start().await;
    turn_on(&scim).await;
    let owner = Visitor::owner(&scim).await;
    let csv = "email,First name,Last name,Kennwort,more\n\
        a@example.com,A,B,Hunter2!,\n\
        b@example.com,C,D,,\"{\"\"password\"\": \"\"Hunter2!\"\", \"\"title\"\": \"\"x\"\"}\"\n";
    let json =
        r#"[{"email": "c@example.com", "firstName": "C", "lastName": "D", "attributes": {"password": "Hunter2!"}}]"#;
    let here = owner.send_file(&[], "a.csv", csv.as_bytes()).await.location().to_owned();
    let other = owner.send_file(&[], "a.json", json.as_bytes()).await.location().to_owned();
    assert!(!scim.dump_all().await.contains("Hunter2!"));
    let page = owner.get(&here).await.expect(200).text;
    assert!(page.contains("1 new") && page.contains("More tells a password, which is not taken from files"), "{page}");
    assert!(owner.get(&other).await.expect(200).text.contains("Attributes tells a password"));
    let fields = [("field-0", "email"), ("field-1", "firstName"), ("field-2", "lastName"), ("field-4", "attributes")];
    owner.post(&here, &[&fields[..], &[("act", "import")]].concat()).await.expect(303);
    work(&scim).await;
    assert_eq!(user_names(&scim).await, ["a@example.com"]);
    assert!(!scim.dump_all().await.contains("Hunter2!"));
}

#[tokio::test]
async fn files_are_kept_for_a_day_and_only_so_many() {
    let scim = Scim::start().await;
    turn_on(&scim).await;
    let owner = Visitor::owner(&scim).await;
    let mut sent = Vec::new();
    for number in 0..10 {
        sent.push(owner.send_file(&[], &format!("{number}.csv"), PEOPLE.as_bytes()).await.location().to_owned());
    }
    let page = owner.send_file(&[], "eleventh.csv", PEOPLE.as_bytes()).await.expect(200).text;
    assert!(page.contains("10 files of this tenant wait to be imported") && !page.contains("eleventh.csv"), "{page}");
    owner.post(&format!("{}/discard", sent[0]), &[]).await.expect(303);
    owner.send_file(&[], "eleventh.csv", PEOPLE.as_bytes()).await.expect(303);
    // Another tenant has room, and sees none of them.
    let other = scim.other_tenant("other").await;
    turn_on(&other).await;
    let elsewhere = sent[1].replace("/first/", "/other/");
    owner.get(&elsewhere).await.expect(404);
    owner.post(&format!("{elsewhere}/discard"), &[]).await.expect(404);

    let now = scim.clock().now();
    forget(&scim.store(), now + TimeDelta::hours(23)).await.unwrap();
    owner.get(&sent[1]).await.expect(200);
    forget(&scim.store(), now + TimeDelta::hours(24)).await.unwrap();
    owner.get(&sent[1]).await.expect(404);
    let dump = scim.dump_all().await;
    assert!(!dump.contains("import_uploads ") && !dump.contains("import_upload_rows "));
}

#[tokio::test]
async fn a_tenant_that_takes_no_records_says_how_it_does() {
    let scim = Scim::start().await;
    let owner = Visitor::owner(&scim).await;
    for path in [IMPORTS, "/console/t/first/tasks"] {
        let page = owner.get(path).await.expect(200).text;
        assert!(page.contains("scimgate tenant set first --provisioning on"), "{page}");
        assert!(page.contains("Provisioning is off") && !page.contains("type=\"file\""), "{page}");
    }
    assert_eq!(owner.send_file(&[], "a.csv", PEOPLE.as_bytes()).await.status, 404);
    for path in ["tasks/1", "tasks/x", "imports/x", "imports/x/y", "tasks/1/rejects.csv"] {
        owner.get(&format!("/console/t/first/{path}")).await.expect(404);
    }
}

#[tokio::test]
async fn rows_without_an_identity_provider_get_the_one_that_is_chosen() {
    let scim = Scim::start().await;
    turn_on(&scim).await;
    let owner = Visitor::owner(&scim).await;
    let file = "email,First name,Last name,IdP\na@example.com,A,B,\nb@example.com,B,C,US\n";
    let fields =
        [("field-0", "email"), ("field-1", "firstName"), ("field-2", "lastName"), ("field-3", "identityProvider")];
    let here = owner.send_file(&[], "a.csv", file.as_bytes()).await.location().to_owned();
    assert!(!owner.get(&here).await.expect(200).text.contains("name=\"identity-provider\""), "there is none to choose");
    let (eu, us, old) = (connection(&scim, "EU").await, connection(&scim, "US").await, connection(&scim, "Old").await);
    let off = ConnectionChange { enabled: Some(false), ..Default::default() };
    scim.gateway().change_connection(scim.tenant().id, old.id, off, &Origin::command_line()).await.unwrap();
    let page = owner.get(&here).await.expect(200).text;
    assert!(page.contains(">Default identity provider<") && page.contains(">EU</option>"), "{page}");
    assert!(!page.contains(">Old</option>"), "{page}");
    for (refused, told) in [(old.id.to_string(), "Old is disabled"), ("Mars".to_owned(), "no identity provider Mars")] {
        let form = [&fields[..], &[("identity-provider", refused.as_str()), ("act", "import")]].concat();
        let page = owner.post(&here, &form).await.expect(200).text;
        assert!(page.contains(told) && page.contains("(cannot be used)"), "{page}");
    }
    assert!(user_names(&scim).await.is_empty());
    let provider = eu.id.to_string();
    let with =
        |act| [&fields[..], &[("identity-provider", provider.as_str()), ("act", act), ("save-as", "EU")]].concat();
    owner.post(&here, &with("save")).await.expect(303);
    let chosen = format!("value=\"{provider}\" selected");
    assert!(owner.get(&here).await.expect(200).text.contains(&chosen));
    let next = owner.send_file(&[], "b.csv", file.as_bytes()).await.location().to_owned();
    assert!(owner.get(&format!("{next}?use=EU")).await.expect(200).text.contains(&chosen));
    owner.post(&here, &with("import")).await.expect(303);
    work(&scim).await;
    let listed = scim.get("/Users?sortBy=userName").await.expect(200).json();
    let of = |place: usize| listed["Resources"][place][OURS]["identityProvider"].clone();
    assert_eq!((of(0), of(1)), (json!(provider), json!(us.id.to_string())));
}

async fn connection(scim: &Scim, name: &str) -> Connection {
    let new = NewConnection { name: name.parse().unwrap(), prefix: None, kind: ConnectionKind::Entra, profile: None };
    scim.gateway().create_connection(scim.tenant().id, new, &Origin::command_line()).await.unwrap()
}

#[tokio::test]
async fn a_workbook_is_mapped_and_a_template_is_there_to_fill_in() {
    let scim = Scim::start().await;
    turn_on(&scim).await;
    let owner = Visitor::owner(&scim).await;
    let names: String = ["email", "First name", "Last name"]
        .iter()
        .zip('A'..)
        .map(|(name, column)| text(&format!("{column}1"), name))
        .collect();
    let cells = [text("A2", "a@example.com"), text("B2", "A"), text("C2", "B")].concat();
    let here = owner.send_file(&[], "people.xlsx", &workbook(&sheet(&[&names, &cells]))).await.location().to_owned();
    let page = owner.get(&here).await.expect(200).text;
    assert!(page.contains("1 row, XLSX, sheet People") && page.contains("1 new"), "{page}");
    let template = owner.get(&format!("{IMPORTS}/template?role=&as=csv")).await.expect(200);
    assert!(template.text.starts_with("\u{feff}email,firstName,lastName,employeeId,"), "{}", template.text);
    let template = owner.get(&format!("{IMPORTS}/template?role=&as=xlsx")).await.expect(200);
    assert_eq!(template.header("content-disposition"), "attachment; filename=\"template.xlsx\"");
    owner.get(&format!("{IMPORTS}/template?role=x&as=xlsx")).await.expect(404);
}

#[tokio::test]
async fn many_rows_are_told_in_pages() {
    let scim = Scim::start().await;
    turn_on(&scim).await;
    let owner = Visitor::owner(&scim).await;
    let rows: String = (0..2_500).map(|n| format!("{n}@example.com,A,B{n}\n")).collect();
    let file = format!("email,First name,Last name\n{rows}");
    let here = owner.send_file(&[], "many.csv", file.as_bytes()).await.location().to_owned();
    let page = owner.get(&here).await.expect(200).text;
    assert!(page.contains("the first 25 of 2,500 rows") && page.contains("Import 2,500 rows"), "{page}");
    let fields = [("field-0", "email"), ("field-1", "firstName"), ("field-2", "lastName"), ("act", "import")];
    let task = owner.post(&here, &fields).await.location().to_owned();
    let page = owner.get(&task).await.expect(200).text;
    assert!(page.contains("0 of 2,500 records") && page.contains("Rows 1 to 50"), "{page}");
    assert!(page.contains(&format!("{task}?after=50")), "{page}");
    let page = owner.get(&format!("{task}?after=2450")).await.expect(200).text;
    assert!(page.contains("Rows 2,451 to 2,500") && !page.contains("rel=\"next\""), "{page}");
}

#[tokio::test]
async fn a_file_becomes_one_task_however_often_the_button_is_pressed() {
    let scim = Scim::start().await;
    turn_on(&scim).await;
    let owner = Visitor::owner(&scim).await;
    let here = owner.send_file(&[], "a.csv", PEOPLE.as_bytes()).await.location().to_owned();
    let form = with_act("import", &[]);
    let press = || owner.post(&here, &form);
    let (a, b, c, d) = tokio::join!(press(), press(), press(), press());
    let begun = [&a, &b, &c, &d].into_iter().filter(|shown| shown.status == 303).count();
    assert_eq!(begun, 1);
    for shown in [&a, &b, &c, &d].into_iter().filter(|shown| shown.status != 303) {
        assert!(shown.status == 404 || shown.text.contains("Somebody is just importing this file"), "{}", shown.text);
    }
    let tasks = scim.store().tenant(scim.tenant().id).tasks_page(None, 10).await.unwrap();
    assert_eq!(tasks.len(), 1);
}
