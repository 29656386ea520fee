use super::super::{Cell, RejectWriter, SurveyOptions, template};
use super::{good, people, rows, surveyed};

#[test]
fn a_file_of_german_excel_is_read() {
    let text =
        "Mitarbeiternummer;Vorname;Nachname;E-Mail;Rollen;Aktiv\r\n0042;Änne;\"Müller; Dr.\";a@example.com;5;ja\r\n";
    let (bytes, ..) = encoding_rs::WINDOWS_1252.encode(text);
    let people = good(&bytes, &SurveyOptions::default());
    let person = &people[0];
    assert_eq!(person.employee_id.as_deref(), Some("0042"));
    assert_eq!(person.first_name.as_deref(), Some("Änne"));
    assert_eq!(person.last_name.as_deref(), Some("Müller; Dr."));
    assert_eq!(person.email.as_deref(), Some("a@example.com"));
    assert_eq!((person.roles.as_deref(), person.active), (Some(&["5".to_owned()][..]), Some(true)));
}

#[test]
fn several_values_stand_in_one_cell() {
    let text = "email,roles,organizations\na@example.com,\"5; 10\",\"\"\"Sales; EMEA\"\";North\"\n";
    let person = &good(text.as_bytes(), &SurveyOptions::default())[0];
    assert_eq!(person.roles.as_deref(), Some(&["5".to_owned(), "10".to_owned()][..]));
    assert_eq!(person.organizations.as_deref(), Some(&["Sales; EMEA".to_owned(), "North".to_owned()][..]));
}

#[test]
fn rows_are_told_by_the_line_they_begin_at() {
    for end in ["\n", "\r\n"] {
        let text = ["email,title", "a@x.org,\"two", "lines\"", "", "b@x.org,t", "c@x.org,t"].join(end);
        let lines: Vec<u64> =
            rows(text.as_bytes(), &SurveyOptions::default()).unwrap().iter().map(|row| row.line).collect();
        assert_eq!(lines, [2, 5, 6], "{end:?}");
    }
}

#[test]
fn the_separator_is_the_one_by_which_rows_are_of_one_length() {
    for (text, separator) in [
        ("email\na@x.org\n", ","),
        ("email;title\na@x.org;a,b\n", ";"),
        ("email\ttitle, job\na@x.org\ta,b,c\n", "tab"),
        ("email|roles\na@x.org|1;2;3\n", "|"),
        ("email,roles\na@x.org,1;2\nb@x.org,1;2\n", ","),
    ] {
        let found = surveyed(text.as_bytes(), &SurveyOptions::default()).unwrap().separator().unwrap();
        assert_eq!(found.to_string(), separator, "{text}");
    }
}

#[test]
fn a_row_of_another_length_fails_alone() {
    let text = "email,title\na@x.org\nb@x.org,t,too\nc@x.org,t,,\n";
    let people = people(text.as_bytes(), &SurveyOptions::default()).unwrap();
    assert_eq!(people[0].as_ref().unwrap_err().message, "the row has 1 cells, and there are 2 columns");
    assert_eq!(people[1].as_ref().unwrap_err().message, "the row has 3 cells, and there are 2 columns");
    assert!(people[2].is_ok());
}

#[test]
fn rejected_rows_can_be_sent_again_and_hold_no_formula() {
    let text = "email,title,Notes,phone\na@x.org,\"=1+1\",\"a \"\"b\"\", c\",+49 30\n";
    let before = rows(text.as_bytes(), &SurveyOptions::default()).unwrap();
    let columns = surveyed(text.as_bytes(), &SurveyOptions::default()).unwrap().mapping.names();
    let mut file = text.as_bytes().to_vec();
    for _ in 0..2 {
        let columns =
            if file == text.as_bytes() { columns.clone() } else { [columns.clone(), vec!["reason".into()]].concat() };
        let mut writer = RejectWriter::new(Vec::new(), &columns).unwrap();
        for row in rows(&file, &SurveyOptions::default()).unwrap() {
            writer.write(&row.cells, "=no").unwrap();
        }
        file = writer.finish().unwrap();
        let written = String::from_utf8(file.clone()).unwrap();
        let expected = "\u{feff}email,title,Notes,phone,reason\na@x.org,'=1+1,\"a \"\"b\"\", c\",'+49 30,'=no\n";
        assert_eq!(written, expected);
        let again = rows(&file, &SurveyOptions::default()).unwrap();
        assert_eq!(again[0].cells[..4], before[0].cells[..]);
        assert_eq!(again[0].cells[1], Cell::Text("=1+1".into()));
    }
}

#[test]
fn row_2_12_a_template_has_what_is_needed_first() {
    let text = template(&["name.familyName".into(), "title".into(), "urn:a:b:defaultAssessor".into()]);
    let start = "\u{feff}email,firstName,lastName,title,attributes.urn:a:b:defaultAssessor,employeeId,userName,";
    assert!(text.starts_with(start), "{text}");
    assert!(text.ends_with("\r\n"));
    let people = good(format!("{text}a@x.org,A,B,Boss,7,,,,,,,,,,\r\n").as_bytes(), &SurveyOptions::default());
    assert_eq!(people[0].attributes["urn:a:b:defaultAssessor"], "7");
    assert_eq!(people[0].title.as_deref(), Some("Boss"));
}
