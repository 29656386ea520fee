//! Files that were made to do harm, or by mistake. Each is refused as a whole with a word that helps.

use super::super::SurveyOptions;
use super::workbook::{sheet, text, with_parts, workbook};
use super::{people, refusal};

#[test]
fn files_without_people_are_refused() {
    for (bytes, said) in [
        (&b""[..], "the file is empty; send one with a row of column names and rows below it"),
        (b" \r\n\r\n", "the file is empty; send one with a row of column names and rows below it"),
        (b"email,title\r\n", "the file has column names and no rows; add rows below them"),
        (b"email,title\r\n,\r\n\r\n", "the file has column names and no rows; add rows below them"),
        (
            b"title\nBoss\n",
            "no column tells the employeeId or the email of a person; map one, or name it so (there are \"title\")",
        ),
        (b"email,EMAIL\na,b\n", "two columns are called \"EMAIL\"; give each a name of its own"),
    ] {
        assert_eq!(refusal(bytes), said);
    }
}

#[test]
fn old_line_ends_are_refused() {
    let said = "the lines end with a carriage return alone, as on old Macintoshes; save the file with line feeds";
    assert_eq!(refusal(b"email,title\ra@x.org,b\rc@x.org,d\r"), said);
}

#[test]
fn nul_is_refused_at_its_line() {
    let said = "line 3 holds a NUL character, so the file is not text, or not in the encoding that it was taken for";
    assert_eq!(refusal(b"email,title\na@x.org,b\nc@x.org,\0d\n"), said);
}

#[test]
fn ten_thousand_columns_are_refused() {
    let names: Vec<String> = (0..10_000).map(|n| format!("c{n}")).collect();
    let said = "the file has 10000 columns or more, and 200 are taken; leave out those that are not needed";
    assert_eq!(refusal(format!("{}\n1\n", names.join(",")).as_bytes()), said);
    let objects: Vec<String> = names.iter().map(|name| format!("{{\"{name}\":1}}")).collect();
    assert!(refusal(objects.join("\n").as_bytes()).starts_with("the file has 201 columns or more"));
    let cell = text("ZZ1", "far");
    assert!(refusal(&workbook(&sheet(&[&cell]))).starts_with("the file has 702 columns or more"));
}

#[test]
fn ten_megabytes_in_a_cell_are_refused() {
    let long = "x".repeat(10 << 20);
    let said =
        "the row at line 3 is longer than 1048576 bytes; if it is not meant to be, a quotation mark is open before it";
    assert_eq!(refusal(format!("email,title\na@x.org,b\nc@x.org,{long}\n").as_bytes()), said);
    assert_eq!(refusal(format!("email,title\na@x.org,b\nc@x.org,\"{long}\n").as_bytes()), said);
    let json = format!("[{{\"email\":\"a@x.org\"}},\n\n{{\"email\":\"{long}\"}}]");
    assert!(refusal(json.as_bytes()).starts_with("the row at line 3 is longer"));
    let book = workbook(&sheet(&[&text("A1", "email"), &text("A2", "a@x.org"), &text("A3", &"xy".repeat(1 << 20))]));
    assert!(refusal(&book).starts_with("the row at line 3 is longer"), "{}", refusal(&book));
}

#[test]
fn a_cell_over_its_limit_fails_with_its_row() {
    let text = format!("email,title\na@x.org,{}\nb@x.org,c\n", "x".repeat(70_000));
    let people = people(text.as_bytes(), &SurveyOptions::default()).unwrap();
    assert_eq!(people[0].as_ref().unwrap_err().message, "cell 2 is longer than 65536 bytes");
    assert!(people[1].is_ok());
}

#[test]
fn bombs_are_found_before_anything_is_made_of_them() {
    let zeros = vec![b' '; 300 << 20];
    let said = refusal(&with_parts(&[("xl/worksheets/sheet1.xml", &zeros)]));
    assert_eq!(said, "the workbook unpacks to more than 256 MiB; split it, or save it as CSV");
    let said = refusal(&with_parts(&[("xl/sharedStrings.xml", &zeros[..8 << 20])]));
    assert!(said.starts_with("a part of the workbook unpacks to 10"), "{said}");
    let mut lying = with_parts(&[("xl/media/image1.png", &zeros)]);
    // What the directory claims: 16 bytes.
    let size = u32::try_from(zeros.len()).unwrap().to_le_bytes();
    let places: Vec<usize> = (0..lying.len() - 4).filter(|at| lying[*at..at + 4] == size).collect();
    assert!(!places.is_empty());
    for place in places {
        lying[place..place + 4].copy_from_slice(&16_u32.to_le_bytes());
    }
    let said = refusal(&lying);
    assert!(said.contains("256 MiB") || said.starts_with("the file is no XLSX workbook"), "{said}");
}

#[test]
fn a_sheet_that_claims_to_be_huge_takes_no_room() {
    let far = r#"<c r="A1048576" t="inlineStr"><is><t>b@x.org</t></is></c>"#;
    let rows = format!("<row r=\"1\">{}</row><row r=\"1048576\">{far}</row>", text("A1", "email"));
    let sheet = format!(r#"<worksheet><dimension ref="A1:XFD1048576"/><sheetData>{rows}</sheetData></worksheet>"#);
    let people = people(&workbook(&sheet), &SurveyOptions::default()).unwrap();
    assert_eq!(people.len(), 1);
}

#[test]
fn files_of_other_formats_are_called_by_their_name() {
    for (start, name) in [(&b"\xD0\xCF\x11\xE0\xA1\xB1"[..], "(.xls)"), (b"\x1F\x8B\x08", "gzip"), (b"%PDF-1.7", "PDF")]
    {
        assert!(refusal(start).contains(name), "{}", refusal(start));
    }
    assert!(refusal(b"PK\x03\x04nothing").starts_with("the file is no XLSX workbook that can be read"));
}
