//! `scimgate import`

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::program::{Program, Said};
use crate::embedded_postgres::stage::ask;
use crate::support::workbook::{sheet, text, with_parts, workbook};

/// A tenant that takes records, and a folder for files.
struct Imports {
    scimgate: Program,
    folder: TempDir,
}

impl Imports {
    fn new() -> Self {
        let scimgate = Program::new();
        scimgate.out(&["tenant", "create", "acme"]);
        scimgate.out(&["tenant", "set", "acme", "--provisioning", "on"]);
        Self { scimgate, folder: TempDir::new().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    fn import(&self, path: &Path, flags: &[&str]) -> Said {
        self.scimgate.run(&[&["import", path.to_str().unwrap(), "--tenant", "acme"], flags].concat())
    }

    /// What an import says in JSON, and its exit code.
    #[track_caller]
    fn json(&self, path: &Path, flags: &[&str]) -> (i32, Value) {
        let said = self.import(path, &[flags, &["--json"]].concat());
        let value = serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {said:?}"));
        (said.code, value)
    }

    /// Who did what to whom, the newest first.
    fn changes(&self) -> Vec<Value> {
        let words = ["activity", "--tenant", "acme", "--kind", "change", "--json"];
        serde_json::from_str::<Vec<Value>>(&self.scimgate.out(&words)).unwrap()
    }
}

/// Inserted, updated, unchanged and failed.
fn counts(summary: &Value) -> [u64; 4] {
    ["inserted", "updated", "unchanged", "failed"].map(|name| summary[name].as_u64().unwrap())
}

const PEOPLE: &str = "Mitarbeiternummer;Vorname;Nachname;E-Mail;Titel;Schuhgröße\n\
    0001;Änne;Müller;anne@example.com;Boss;38\n\
    0002;Bert;Braun;bert@example.com;Clerk;44\n";

#[test]
fn row_2_12_a_csv_file_creates_and_updates_people() {
    let imports = Imports::new();
    let file = imports.file("people.csv", PEOPLE);
    let (code, tried) = imports.json(&file, &["--dry-run"]);
    assert_eq!((code, counts(&tried), &tried["dryRun"]), (0, [2, 0, 0, 0], &json!(true)));
    assert!(imports.changes().is_empty());
    let (code, done) = imports.json(&file, &[]);
    assert_eq!((code, counts(&done), &done["unmapped"]), (0, [2, 0, 0, 0], &json!(["Schuhgröße"])));
    let changes = imports.changes();
    assert_eq!(changes.len(), 2);
    assert!(changes.iter().all(|change| change["actor"]["name"] == "command line"), "{changes:?}");
    assert_eq!(counts(&imports.json(&file, &[]).1), [0, 0, 2, 0]);
    let changed = imports.file("changed.csv", PEOPLE.replace("Clerk", "Director"));
    assert_eq!(counts(&imports.json(&changed, &[]).1), [0, 1, 1, 0]);
    assert_eq!(imports.changes().len(), 3);
    let (code, refused) = imports.json(&file, &["--mode", "create"]);
    assert_eq!((code, counts(&refused)), (1, [0, 0, 0, 2]));
}

#[test]
fn row_2_13_json_and_csv_come_on_standard_input_too() {
    let imports = Imports::new();
    let array = r#"[{"employeeId":"1","email":"a@example.com","firstName":"A","lastName":"B"},
        {"Mail":"x","employeeId":"2","email":"b@example.com","firstName":"C","lastName":"D"}]"#;
    for (text, expected) in [(array, [2, 0, 0, 0]), (PEOPLE, [2, 0, 0, 0])] {
        let mut command = imports.scimgate.command(&["import", "-", "--tenant", "acme", "--json"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(counts(&summary), expected);
    }
}

#[test]
fn row_0_11_a_workbook_is_imported_with_a_summary() {
    let imports = Imports::new();
    let header: String = ["E-Mail", "First name", "Last name", "Employee ID"]
        .iter()
        .zip('A'..)
        .map(|(name, column)| text(&format!("{column}1"), name))
        .collect();
    let cells =
        [text("A2", "a@example.com"), text("B2", "=1+1"), text("C2", "B"), r#"<c r="D2"><v>4711</v></c>"#.into()];
    let bad = [text("A3", ""), text("B3", "Nobody")].concat();
    let file = imports.file("people.xlsx", workbook(&sheet(&[&header, &cells.concat(), &bad])));
    let said = imports.import(&file, &[]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.out.ends_with("2 rows: 1 inserted, 0 updated, 0 unchanged, 1 failed\n"), "{said:?}");
    assert!(said.out.contains("key_missing"), "{said:?}");
    assert!(said.err.contains("xlsx, sheet People") && said.err.contains("1 of 2 rows failed"), "{said:?}");
    assert!(imports.changes()[0].to_string().contains("a@example.com"));
}

#[test]
fn rejected_rows_are_mended_and_imported_again() {
    let imports = Imports::new();
    let file = imports
        .file("people.csv", format!("{PEOPLE}0003;=cmd;Krause;carl@example.com;\"a; b\";1;too many\n;Nobody;N;;;\n"));
    let rejects = imports.path("rejects.csv");
    let flags = ["--rejects", rejects.to_str().unwrap()];
    let (code, done) = imports.json(&file, &flags);
    assert_eq!((code, counts(&done)), (1, [2, 0, 0, 2]));
    let failure = &done["failures"][0];
    assert_eq!((&failure["line"], &failure["code"]), (&json!(4), &json!("invalid_value")));
    let written = std::fs::read_to_string(&rejects).unwrap();
    let lines: Vec<&str> = written.lines().collect();
    assert_eq!(lines[0], "\u{feff}Mitarbeiternummer,Vorname,Nachname,E-Mail,Titel,Schuhgröße,reason");
    assert_eq!(lines[1], "0003,'=cmd,Krause,carl@example.com,a; b,1,\"the row has 7 cells, and there are 6 columns\"");
    imports.import(&file, &flags).badly(1, "is there already");
    let mended =
        imports.file("mended.csv", written.replace(",Nobody,", "0004,Nobody,").replace(",N,,,", ",N,n@example.com,,"));
    assert_eq!((0, [2, 0, 0, 0]), {
        let (code, done) = imports.json(&mended, &[]);
        (code, counts(&done))
    });
    let one = imports.file("one.csv", "employeeId,email,active\n0004,no address,perhaps\n");
    let said = imports.import(&one, &[]);
    assert!(said.out.contains("0004    invalid_value"), "{said:?}");
    assert!(said.out.contains("\n1 row: 0 inserted") && said.err.contains("1 of 1 row failed"), "{said:?}");
    assert!(said.err.contains("1 row (csv, UTF-8, separated by commas)"), "{said:?}");
}

#[test]
fn files_that_are_refused_change_nothing() {
    let imports = Imports::new();
    let good = "email,firstName,lastName\na@example.com,A,B\n".repeat(3_000);
    let spaces = vec![b' '; 300 << 20];
    let with = |end: &[u8]| [good.as_bytes(), end].concat();
    let files: [(&str, Vec<u8>, &str); 8] = [
        ("bomb.xlsx", with_parts(&[("xl/worksheets/sheet1.xml", &spaces)]), "more than 256 MiB"),
        ("cell.csv", with(format!("x@example.com,{},B\n", "x".repeat(10 << 20)).as_bytes()), "line 6001 is longer"),
        ("nul.csv", with(b"x@example.com,\0,B\n"), "line 6001 holds a NUL"),
        (
            "mixed.csv",
            with(
                "x@example.com,Zoë,B\n"
                    .as_bytes()
                    .iter()
                    .copied()
                    .chain(*b"y@example.com,Zo\xeb,B\n")
                    .collect::<Vec<u8>>()
                    .as_slice(),
            ),
            "line 6002 has another encoding",
        ),
        ("header.csv", b"email,firstName\n".to_vec(), "no rows"),
        (
            "columns.csv",
            format!("{}\n1\n", (0..10_000).map(|n| format!("c{n}")).collect::<Vec<_>>().join(",")).into_bytes(),
            "10000 columns",
        ),
        ("mac.csv", b"email,firstName\ra@example.com,A\r".to_vec(), "carriage return alone"),
        ("cut.json", b"[{\"email\":\"a@example.com\"},{\"email\":".to_vec(), "cut off"),
    ];
    for (name, bytes, told) in files {
        let file = imports.file(name, bytes);
        imports.import(&file, &[]).badly(1, told);
    }
    assert!(imports.changes().is_empty());
}

#[test]
fn what_would_be_noticed_too_late_is_told_before_anything_is_written() {
    let imports = Imports::new();
    let file = imports.file("people.csv", PEOPLE);
    imports.import(&file, &["--map", "Titel=shoe"]).badly(1, "there is no field \"shoe\"");
    imports.import(&file, &["--map", "Title=title"]).badly(1, "there is no column \"Title\"");
    imports.import(&file, &["--separator", "x"]).badly(2, "use comma, semicolon, tab or bar");
    imports.import(&imports.path("nothing.csv"), &[]).badly(1, "cannot read");
    imports.scimgate.out(&["tenant", "set", "acme", "--provisioning", "off"]);
    imports.import(&file, &[]).badly(1, "scimgate tenant set acme --provisioning on");
    assert!(imports.changes().is_empty());
}

#[test]
fn row_2_12_a_template_to_fill_in_is_written_as_csv_or_as_a_workbook() {
    let imports = Imports::new();
    let template = |words: &[&str]| imports.scimgate.run(&[&["import", "--tenant", "acme"], words].concat());
    let printed = template(&["--template", "-"]);
    assert!(printed.out.starts_with("\u{feff}email,firstName,lastName,employeeId,"), "{printed:?}");
    let csv = imports.path("people.csv");
    assert_eq!(template(&["--template", csv.to_str().unwrap()]).code, 0);
    assert_eq!(std::fs::read_to_string(&csv).unwrap(), printed.out);
    let workbook = imports.path("people.xlsx");
    assert_eq!(template(&["--template", workbook.to_str().unwrap()]).code, 0);
    imports.import(&workbook, &[]).badly(1, "no rows");
    template(&["--template", workbook.to_str().unwrap()]).badly(1, "cannot write");
    template(&["--template", "people.xls"]).badly(1, "call it .xlsx or .csv");
    template(&["--template", "-", "--for-role", "x"]).badly(1, "there is no role x");
    template(&["--template", "-", csv.to_str().unwrap()]).badly(2, "cannot be used with");
    template(&[]).badly(2, "required");
}

#[test]
fn rows_without_an_identity_provider_get_that_of_the_flag() {
    let imports = Imports::new();
    for name in ["EU", "US", "Old"] {
        imports.scimgate.out(&["connection", "create", "--tenant", "acme", "--name", name, "--kind", "entra"]);
    }
    imports.scimgate.out(&["connection", "disable", "--tenant", "acme", "Old"]);
    let people = "email,firstName,lastName,identityProvider\na@example.com,A,B,\nb@example.com,B,C,US\n";
    let file = imports.file("people.csv", people);
    imports.import(&file, &["--identity-provider", "Mars"]).badly(1, "there is no identity provider Mars");
    imports.import(&file, &["--identity-provider", "Old"]).badly(1, "Old is disabled");
    assert!(imports.changes().is_empty());
    assert_eq!(counts(&imports.json(&file, &["--identity-provider", "eu"]).1), [2, 0, 0, 0]);
    let listed = "SELECT c.name FROM resources r JOIN connections c \
        ON c.id::text = r.document::jsonb->'urn:ietf:params:scim:schemas:extension:scimgate:2.0:Provisioning'->>'identityProvider' \
        WHERE r.document::text LIKE '%example.com%' ORDER BY c.name";
    assert_eq!(ask(&imports.scimgate.url(), listed), ["EU", "US"]);
}

/// With a file that names a column for everybody, an empty cell may mean that there is nothing.
#[test]
fn an_empty_cell_keeps_what_is_there_or_clears_it() {
    let imports = Imports::new();
    let people = "employeeId,email,firstName,lastName,title,department\n\
        1,a@example.com,A,B,Boss,Sales\n2,b@example.com,C,D,Clerk,\n";
    assert_eq!(counts(&imports.json(&imports.file("people.csv", people), &[]).1), [2, 0, 0, 0]);
    let emptied = imports.file("emptied.csv", people.replace("Boss,Sales", ",").replace("Clerk,", "Lead,"));
    // Whom a cell says nothing of stays as it is.
    assert_eq!(counts(&imports.json(&emptied, &["--empty", "keep"]).1), [0, 1, 1, 0]);
    assert_eq!(counts(&imports.json(&emptied, &[]).1), [0, 0, 2, 0]);
    let (code, tried) = imports.json(&emptied, &["--empty=clear", "--dry-run"]);
    assert_eq!((code, counts(&tried)), (0, [0, 1, 1, 0]));
    let (code, cleared) = imports.json(&emptied, &["--empty=clear"]);
    assert_eq!((code, counts(&cleared)), (0, [0, 1, 1, 0]));
    let change = imports.changes()[0].clone();
    assert_eq!(change["target"]["name"], "a@example.com", "{change}");
    let told = change.to_string();
    assert!(told.contains("Boss") && told.contains("Sales") && !told.contains("Lead"), "{told}");
    assert_eq!(counts(&imports.json(&emptied, &["--empty=clear"]).1), [0, 0, 2, 0]);
    imports.import(&emptied, &["--empty=delete"]).badly(2, "keep");
}

/// Passwords that are made for new users are in that file and nowhere else.
#[test]
fn the_credentials_of_new_users_are_written_to_a_file_for_its_owner_alone() {
    let imports = Imports::new();
    imports.scimgate.out(&["tenant", "set", "acme", "--credentials", "return-once"]);
    let file = imports.file("people.csv", PEOPLE);
    imports.import(&file, &[]).badly(1, "name a file for them with --credentials-file");
    let credentials = imports.path("credentials.csv");
    let flags = ["--credentials-file", credentials.to_str().unwrap()];
    let (code, tried) = imports.json(&file, &[&flags[..], &["--dry-run"]].concat());
    assert_eq!((code, counts(&tried), credentials.exists()), (0, [2, 0, 0, 0], false));
    let said = imports.import(&file, &flags);
    assert_eq!(said.code, 0, "{said:?}");
    let written = std::fs::read_to_string(&credentials).unwrap();
    let mut lines: Vec<(&str, &str)> = written.lines().map(|line| line.split_once(',').unwrap()).collect();
    lines.sort_unstable();
    assert_eq!(lines.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["anne@example.com", "bert@example.com"]);
    assert_ne!(lines[0].1, lines[1].1);
    for (_, password) in &lines {
        assert!(password.len() >= 12, "{password}");
        assert!(!said.out.contains(password) && !said.err.contains(password), "it is told nowhere else");
        let dump = ask(&imports.scimgate.url(), "SELECT r::text || c::text FROM resources r, changes c");
        assert!(dump.iter().all(|line| !line.contains(password) && line.contains("argon2id")), "it is kept hashed");
    }
    assert_eq!(std::fs::metadata(&credentials).unwrap().permissions().mode() & 0o777, 0o600);
    // What is there is not written over, and nobody gets a second password.
    imports.import(&file, &flags).badly(1, "is there already");
    let other = imports.path("other.csv");
    let (code, again) = imports.json(&file, &["--credentials-file", other.to_str().unwrap()]);
    assert_eq!((code, counts(&again), other.exists()), (0, [0, 0, 2, 0], false));
}
