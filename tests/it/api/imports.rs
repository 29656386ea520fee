//! Files of people, by `/api/v1/imports`.

use std::sync::Arc;
use std::time::Duration;

use scimgate::gateway::{ConnectionChange, NewConnection};
use scimgate::model::{Connection, ConnectionKind, FixedClock, Origin, Task, TaskId};
use scimgate::tasks::TaskRunner;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::Api;
use super::users::{OURS, ROLE, ready};
use crate::support::scim::{Answer, GROUP, Scim, sealer};
use crate::support::workbook::{sheet, text, with_parts, workbook};

const BOUNDARY: &str = "a-line-that-no-file-has";

const PEOPLE: &str = "Mitarbeiternummer;Vorname;Nachname;E-Mail;Titel;Schuhgröße\n\
    0001;Änne;Müller;anne@example.com;Boss;38\n\
    0002;Bert;Braun;bert@example.com;Clerk;44\n";

impl Api {
    /// Sends a form: fields, and behind them the file.
    async fn send_file(&self, path: &str, fields: &[(&str, &str)], file: &[u8]) -> Answer {
        let mut body = Vec::new();
        for (name, value) in fields {
            let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(head.as_bytes());
        }
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"people\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(file);
        body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
        self.send_bytes("POST", path, body, &format!("multipart/form-data; boundary={BOUNDARY}")).await
    }

    /// Imports a file and waits for the end of its task.
    async fn import(&self, scim: &Scim, fields: &[(&str, &str)], file: &[u8]) -> Task {
        let made = self.send_file("/imports", fields, file).await.expect(202).json();
        ended(scim, made["taskId"].as_i64().unwrap()).await
    }
}

/// The task once it has ended.
async fn ended(scim: &Scim, id: i64) -> Task {
    let (_stop, stopped) = watch::channel(false);
    let clock = Arc::new(FixedClock::new("2026-11-22T08:00:05Z".parse().unwrap()));
    TaskRunner::new(scim.store(), clock, Some(sealer()), Duration::from_secs(30), stopped)
        .run_until_idle()
        .await
        .unwrap();
    let task = scim.store().tenant(scim.tenant().id).task(TaskId(id)).await.unwrap().unwrap();
    assert!(task.state.is_over(), "{task:?}");
    task
}

/// Inserted, updated, unchanged and failed.
fn counts(task: &Task) -> [i64; 4] {
    [task.counts.inserted, task.counts.updated, task.counts.unchanged, task.counts.failed]
}

async fn connection(scim: &Scim, name: &str) -> Connection {
    let new = NewConnection { name: name.parse().unwrap(), prefix: None, kind: ConnectionKind::Entra, profile: None };
    scim.gateway().create_connection(scim.tenant().id, new, &Origin::command_line()).await.unwrap()
}

async fn user_names(scim: &Scim) -> Vec<String> {
    let listed = scim.get("/Users?sortBy=userName").await.expect(200).json();
    let users = listed["Resources"].as_array().unwrap();
    users.iter().map(|user| user["userName"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn row_2_13_a_csv_or_json_file_becomes_a_task() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    let answer = api.send_file("/imports", &[], PEOPLE.as_bytes()).await.expect(202);
    let made = answer.json();
    let id = made["taskId"].as_i64().unwrap();
    assert_eq!(answer.header("location"), format!("/api/v1/tasks/{id}"));
    assert_eq!((&made["format"], &made["rows"], &made["dryRun"]), (&json!("csv"), &json!(2), &json!(false)));
    assert_eq!((&made["separator"], &made["encoding"]), (&json!(";"), &json!("UTF-8")));
    assert_eq!(made["unmapped"], json!(["Schuhgröße"]));
    assert_eq!(made["columns"][3], json!({"name": "E-Mail", "field": "email", "told": false}));
    assert_eq!(counts(&ended(&scim, id).await), [2, 0, 0, 0]);
    let lines = "{\"employeeId\":\"0002\",\"title\":\"Director\"}\n{\"employeeId\":\"3\",\"email\":\"c@example.com\",\"firstName\":\"C\",\"lastName\":\"D\"}\n";
    assert_eq!(counts(&api.import(&scim, &[("mode", "upsert")], lines.as_bytes()).await), [1, 1, 0, 0]);
    assert_eq!(counts(&api.import(&scim, &[("mode", "update")], PEOPLE.as_bytes()).await), [0, 1, 1, 0]);
    assert_eq!(user_names(&scim).await, ["anne@example.com", "bert@example.com", "c@example.com"]);
}

#[tokio::test]
async fn a_row_that_is_no_record_still_tells_whom_it_is_about() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    let file = "employeeId,email,firstName,lastName,active,title\n7,a@example.com,Ann,Lee,perhaps,Boss\n";
    let task = api.import(&scim, &[], file.as_bytes()).await;
    assert_eq!(counts(&task), [0, 0, 0, 1]);
    let told = api.get(&format!("/tasks/{}", task.id)).await.expect(200).json()["result"]["users"][0].clone();
    for (field, value) in
        [("employeeId", "7"), ("email", "a@example.com"), ("firstName", "Ann"), ("code", "invalid_value")]
    {
        assert_eq!(told[field], value, "{told}");
    }
    // What could be read of it is no record to try again.
    api.send("POST", &format!("/tasks/{}/retry", task.id), None, &[]).await.expect(409);
    assert!(user_names(&scim).await.is_empty());
}

#[tokio::test]
async fn row_0_11_a_workbook_is_taken_and_a_dry_run_writes_nothing() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    let names: String = ["email", "First name", "Last name"]
        .iter()
        .zip('A'..)
        .map(|(name, column)| text(&format!("{column}1"), name))
        .collect();
    let cells = [text("A2", "a@example.com"), text("B2", "=1+1"), text("C2", "B")].concat();
    let file = workbook(&sheet(&[&names, &cells]));
    let tried = api.send_file("/imports?dryRun=true", &[], &file).await.expect(202).json();
    assert_eq!((&tried["dryRun"], &tried["sheet"]), (&json!(true), &json!("People")));
    assert_eq!(counts(&ended(&scim, tried["taskId"].as_i64().unwrap()).await), [1, 0, 0, 0]);
    assert!(user_names(&scim).await.is_empty());
    assert_eq!(counts(&api.import(&scim, &[], &file).await), [1, 0, 0, 0]);
    let listed = scim.get("/Users").await.expect(200).json();
    assert_eq!(listed["Resources"][0]["name"]["givenName"], "=1+1");
}

#[tokio::test]
async fn row_2_12_a_template_has_the_columns_that_a_role_requires_first() {
    let scim = Scim::start().await;
    let role = json!({"roleId": "1", "weight": 10, "requires": "title"});
    scim.create("/Groups", json!({"schemas": [GROUP, ROLE], "displayName": "Learner", ROLE: role})).await;
    let api = ready(&scim).await;
    for role in ["1", "Learner"] {
        let template = api.get(&format!("/imports/template.csv?role={role}")).await.expect(200);
        assert!(template.text.starts_with("\u{feff}email,firstName,lastName,title,employeeId,"), "{}", template.text);
        assert_eq!(template.header("content-disposition"), "attachment; filename=\"template.csv\"");
    }
    assert!(
        api.get("/imports/template.csv")
            .await
            .expect(200)
            .text
            .starts_with("\u{feff}email,firstName,lastName,employeeId,")
    );
    assert!(api.get("/imports/template.csv?role=x").await.expect(404).text.contains("there is no role x"));
    let workbook = api.get("/imports/template.xlsx?role=Learner").await.expect(200);
    assert_eq!(workbook.header("content-disposition"), "attachment; filename=\"template.xlsx\"");
    assert!(workbook.header("content-type").contains("spreadsheetml.sheet") && workbook.text.starts_with("PK"));
    assert!(api.get("/imports/template.xlsx?role=x").await.expect(404).text.contains("there is no role x"));
    api.send("POST", "/imports/template.xlsx", Some(&json!({})), &[]).await.expect(405);
}

/// Rows that name one keep it; rows that name none get the one that is told with the file, or saved for such files.
#[tokio::test]
async fn rows_without_an_identity_provider_get_that_of_the_form() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    let (eu, us) = (connection(&scim, "EU").await, connection(&scim, "US").await);
    let file = "email,firstName,lastName,identityProvider\na@example.com,A,B,\nb@example.com,B,C,US\n";
    let (old, off) = (connection(&scim, "Old").await, ConnectionChange { enabled: Some(false), ..Default::default() });
    scim.gateway().change_connection(scim.tenant().id, old.id, off, &Origin::command_line()).await.unwrap();
    for (refused, told) in [("Mars", "there is no identity provider Mars"), ("Old", "Old is disabled")] {
        for path in ["/imports", "/imports/preview"] {
            let answer =
                api.send_file(path, &[("identityProvider", refused)], file.as_bytes()).await.expect(422).json();
            assert_eq!(answer["errors"][0]["field"], "identityProvider");
            assert!(answer["errors"][0]["detail"].as_str().unwrap().contains(told), "{answer}");
        }
    }
    assert!(user_names(&scim).await.is_empty());
    let profile = json!({"identityProvider": "Mars", "separator": "comma"});
    let saved = api.send("PUT", "/imports/mappings/eu", Some(&profile), &[]).await.expect(200).json();
    assert_eq!(saved["identityProvider"], "Mars");
    api.send_file("/imports", &[("mappingName", "eu")], file.as_bytes()).await.expect(422);
    let fields = [("mappingName", "eu"), ("identityProvider", "eu"), ("empty", "clear")];
    assert_eq!(counts(&api.import(&scim, &fields, file.as_bytes()).await), [2, 0, 0, 0]);
    let listed = scim.get("/Users?sortBy=userName").await.expect(200).json();
    let providers: Vec<&Value> =
        listed["Resources"].as_array().unwrap().iter().map(|user| &user[OURS]["identityProvider"]).collect();
    assert_eq!(providers, [&json!(eu.id.to_string()), &json!(us.id.to_string())]);
}

#[tokio::test]
async fn row_0_9_several_roles_and_types_come_in_a_cell() {
    let scim = Scim::start().await;
    for (id, name) in [("5", "Assessor"), ("7", "Topic; Owner")] {
        let role = json!({"roleId": id, "weight": 1});
        scim.create("/Groups", json!({"schemas": [GROUP, ROLE], "displayName": name, ROLE: role})).await;
    }
    let api = ready(&scim).await;
    let file = "email,firstName,lastName,Title,User Type,Role\na@example.com,A,B,Boss,Team Owner,5;7\n";
    assert_eq!(counts(&api.import(&scim, &[], file.as_bytes()).await), [1, 0, 0, 0]);
    let user = scim.get("/Users").await.expect(200).json()["Resources"][0].clone();
    assert_eq!((&user["title"], &user["userType"]), (&json!("Boss"), &json!("Team Owner")));
    let roles: Vec<&str> =
        user["roles"].as_array().unwrap().iter().map(|role| role["value"].as_str().unwrap()).collect();
    assert_eq!(roles, ["5", "7"]);
}

#[tokio::test]
async fn rows_that_failed_come_back_as_a_file_that_can_be_sent_again() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    let file = "email,firstName,lastName,Role,active,Password\na@example.com,A,B,,yes,Hunter2!\nb@example.com,=cmd,B,no such,yes,\n\
                c@example.com,C,B,,perhaps,Secret1!\n,D,E,,,\n";
    let task = api.import(&scim, &[], file.as_bytes()).await;
    assert_eq!(counts(&task), [1, 0, 0, 3]);
    let rejects = api.get(&format!("/imports/{}/rejects.csv", task.id)).await.expect(200);
    assert_eq!(rejects.header("content-type"), "text/csv; charset=utf-8; header=present");
    let lines: Vec<&str> = rejects.text.lines().collect();
    assert_eq!(lines.len(), 4, "{}", rejects.text);
    assert_eq!(lines[0], "\u{feff}email,firstName,lastName,Role,active,Password,reason");
    assert!(lines[1].starts_with("b@example.com,'=cmd,B,no such,yes,,"), "{}", lines[1]);
    assert_eq!(lines[2], "c@example.com,C,B,,perhaps,,active is neither yes nor no; correct it");
    assert!(lines[3].starts_with(",D,E,,,,the row tells neither"), "{}", lines[3]);
    assert!(!scim.dump_all().await.contains("Hunter2!"));
    let mended = rejects.text.replace("no such", "").replace("perhaps", "no").replace(",D,E,", "d@example.com,D,E,");
    assert_eq!(counts(&api.import(&scim, &[], mended.as_bytes()).await), [3, 0, 0, 0]);
    assert_eq!(user_names(&scim).await.len(), 4);
    let other = Api::of(&scim.other_tenant("other").await).await;
    other.get(&format!("/imports/{}/rejects.csv", task.id)).await.expect(404);
    api.get("/imports/999999/rejects.csv").await.expect(404);
}

#[tokio::test]
async fn a_look_at_a_file_tells_what_would_become_of_its_first_rows() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    api.import(&scim, &[], PEOPLE.as_bytes()).await;
    let rows: String = (0..30).map(|n| format!("n{n}@example.com;N;N;ja\n")).collect();
    let file =
        format!("Mail;Vorname;Nachname;Aktiv\nanne@example.com;Anna;Müller;ja\nx@example.com;X;X;vielleicht\n{rows}");
    let look = api.send_file("/imports/preview", &[], file.as_bytes()).await.expect(200).json();
    assert_eq!((&look["rows"], look["preview"].as_array().unwrap().len()), (&json!(32), 20));
    let verdict = |row: usize| look["preview"][row]["verdict"].as_str().unwrap();
    assert_eq!([verdict(0), verdict(1), verdict(2)], ["updated", "failed", "inserted"]);
    let wrong = &look["preview"][1];
    assert_eq!(
        (&wrong["line"], &wrong["code"], &wrong["field"]),
        (&json!(3), &json!("invalid_value"), &json!("active"))
    );
    assert_eq!(wrong["cells"], json!(["x@example.com", "X", "X", "vielleicht"]));
    assert_eq!(user_names(&scim).await.len(), 2);
}

#[tokio::test]
async fn mappings_are_saved_and_used() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    let profile = json!({"columns": {"A": "email", "B": "firstName", "C": "lastName", "D": ""}, "separator": "bar"});
    let saved = api.send("PUT", "/imports/mappings/HR%20export", Some(&profile), &[]).await.expect(200).json();
    assert_eq!((&saved["name"], &saved["columns"]["A"]), (&json!("HR export"), &json!("email")));
    let listed = api.get("/imports/mappings").await.expect(200).json();
    assert_eq!(listed["items"], json!([saved]));
    let file = "A|B|C|D\na@example.com|A|B|C\n";
    assert_eq!(counts(&api.import(&scim, &[("mappingName", "HR export")], file.as_bytes()).await), [1, 0, 0, 0]);
    let told = [("mappingName", "HR export"), ("mapping", r#"{"D":"title"}"#)];
    assert_eq!(counts(&api.import(&scim, &told, file.as_bytes()).await), [0, 1, 0, 0]);
    let wrong = json!({"columns": {"A": "shoe"}, "separator": "x"});
    let refused = api.send("PUT", "/imports/mappings/x", Some(&wrong), &[]).await.expect(422).json();
    let fields: Vec<&Value> = refused["errors"].as_array().unwrap().iter().map(|error| &error["field"]).collect();
    assert_eq!(fields, ["separator", "columns"]);
    api.send("DELETE", "/imports/mappings/HR%20export", None, &[]).await.expect(204);
    api.get("/imports/mappings/HR%20export").await.expect(404);
    api.send("DELETE", "/imports/mappings/HR%20export", None, &[]).await.expect(404);
    let refused = api.send_file("/imports", &[("mappingName", "HR export")], file.as_bytes()).await.expect(422);
    assert_eq!(refused.json()["errors"][0]["field"], "mappingName");
    let told: Vec<Value> = scim.admin_actions().await;
    let actions: Vec<&str> = told.iter().filter_map(|action| action["action"].as_str()).collect();
    assert!(actions.contains(&"import-mapping.save") && actions.contains(&"import-mapping.delete"), "{actions:?}");
}

#[tokio::test]
async fn files_that_are_refused_change_nothing() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    let good = "email,firstName,lastName\na@example.com,A,B\n".repeat(1_500);
    let spaces = vec![b' '; 300 << 20];
    let with = |end: &[u8]| [good.as_bytes(), end].concat();
    let columns = (0..10_000).map(|n| format!("c{n}")).collect::<Vec<_>>().join(",");
    let files: [(Vec<u8>, &str); 9] = [
        (with_parts(&[("xl/worksheets/sheet1.xml", &spaces)]), "more than 256 MiB"),
        (with(format!("x@example.com,{},B\n", "x".repeat(10 << 20)).as_bytes()), "line 3001 is longer"),
        (with(b"x@example.com,\0,B\n"), "line 3001 holds a NUL"),
        (with(b"x@example.com,Zo\xc3\xab,B\ny@example.com,Zo\xeb,B\n"), "line 3002 has another encoding"),
        (b"email,firstName\n".to_vec(), "no rows"),
        (format!("{columns}\n1\n").into_bytes(), "10000 columns"),
        (b"email,firstName\ra@example.com,A\r".to_vec(), "carriage return alone"),
        (b"[{\"email\":\"a@example.com\"},{\"email\":".to_vec(), "cut off"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec(), "an old Excel"),
    ];
    for (file, told) in files {
        for path in ["/imports", "/imports/preview"] {
            let refused = api.send_file(path, &[], &file).await.expect(422).json();
            assert_eq!(refused["errors"][0]["field"], "file");
            let detail = refused["errors"][0]["detail"].as_str().unwrap();
            assert!(detail.contains(told), "{detail}");
        }
    }
    assert!(user_names(&scim).await.is_empty());
    assert!(scim.changes().await.is_empty());
}

#[tokio::test]
async fn forms_that_cannot_be_are_refused() {
    let scim = Scim::with(scimgate::model::Profile::Rfc, &["--max-import", "64KiB"]).await;
    let api = ready(&scim).await;
    let refused = api.send_file("/imports", &[], "x".repeat(100 << 10).as_bytes()).await.expect(413);
    assert!(refused.text.contains("65536 bytes"), "{}", refused.text);
    for (fields, field) in [
        (&[("mode", "x")][..], "mode"),
        (&[("shoe", "x")], "shoe"),
        (&[("mapping", "x")], "mapping"),
        (&[("encoding", "x"), ("dates", "x")], "encoding"),
    ] {
        let refused = api.send_file("/imports", fields, PEOPLE.as_bytes()).await.expect(422).json();
        assert_eq!(refused["errors"][0]["field"], field);
    }
    let refused = api.send("POST", "/imports", Some(&json!({})), &[]).await.expect(422);
    assert!(refused.text.contains("multipart/form-data"), "{}", refused.text);
    let form =
        format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"mode\"\r\n\r\nupsert\r\n--{BOUNDARY}--\r\n");
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let refused = api.send_bytes("POST", "/imports", form.into_bytes(), &kind).await.expect(422).json();
    assert_eq!(refused["errors"][0]["field"], "file");
    Api::with_scopes(&scim, "users:read").await.send_file("/imports", &[], b"").await.expect(403);
    assert_eq!(api.send("GET", "/imports", None, &[]).await.expect(405).header("allow"), "POST");
    let off = scim.other_tenant("off").await;
    let refused = Api::of(&off).await.send_file("/imports", &[], PEOPLE.as_bytes()).await.expect(403).json();
    assert_eq!(refused["code"], "api_user_not_found");
}
