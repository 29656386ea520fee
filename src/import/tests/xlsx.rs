use super::super::{SurveyOptions, template_workbook};
use super::workbook::{sheet, text, workbook};
use super::{good, people, refusal, rows, surveyed};

fn header(names: &[&str]) -> String {
    names.iter().zip('A'..).map(|(name, column)| text(&format!("{column}1"), name)).collect()
}

#[test]
fn row_0_11_a_workbook_is_read_as_people_see_it() {
    let names = header(&["Employee ID", "E-Mail", "First name", "Start", "Active", "Title"]);
    let cells = [
        r#"<c r="A2"><v>4711</v></c>"#,
        &text("B2", "a@x.org"),
        &text("C2", "=1+1"),
        r#"<c r="D2" s="1"><v>46023</v></c><c r="E2" t="b"><v>1</v></c>"#,
        r#"<c r="F2" t="str"><f>CONCAT("Bo","ss")</f><v>Boss</v></c>"#,
    ]
    .concat();
    let bytes = workbook(&sheet(&[&names, &cells]));
    let mut options = SurveyOptions::default();
    options.mapping.columns = vec![("Start".into(), "attributes.locale".into())];
    let person = &good(&bytes, &options)[0];
    assert_eq!(person.employee_id.as_deref(), Some("4711"));
    assert_eq!(person.first_name.as_deref(), Some("=1+1"));
    assert_eq!(person.title.as_deref(), Some("Boss"));
    assert_eq!(person.active, Some(true));
    assert_eq!(person.attributes["locale"], "2026-01-01");
    assert_eq!(rows(&bytes, &options).unwrap()[0].line, 2);
}

#[test]
fn a_sheet_is_found_by_its_name() {
    let bytes = workbook(&sheet(&[&header(&["email"]), &text("A2", "a@x.org")]));
    let mut options = SurveyOptions::default();
    options.read.sheet = Some("Other".into());
    assert_eq!(good(&bytes, &options)[0].email.as_deref(), Some("other@x.org"));
    options.read.sheet = Some("Third".into());
    let said = surveyed(&bytes, &options).unwrap_err().to_string();
    assert_eq!(said, "the workbook has no sheet \"Third\"; it has \"People\", \"Other\"");
}

#[test]
fn a_row_with_an_error_of_the_spreadsheet_fails_alone() {
    let cells = [text("A2", "a@x.org"), r##"<c r="B2" t="e"><v>#REF!</v></c>"##.to_owned()].concat();
    let bytes = workbook(&sheet(&[&header(&["email", "title"]), &cells, &text("A3", "b@x.org")]));
    let people = people(&bytes, &SurveyOptions::default()).unwrap();
    assert_eq!(people[0].as_ref().unwrap_err().message, "cell 2 holds the error #REF!");
    assert!(people[1].is_ok());
}

#[test]
fn the_template_is_a_workbook_that_is_read_again() {
    let template = template_workbook(&["title".to_owned(), "urn:x:y<&>".to_owned()]).unwrap();
    assert_eq!(refusal(&template), "the file has column names and no rows; add rows below them");
    let mut book: calamine::Xlsx<_> = calamine::Reader::new(std::io::Cursor::new(template)).unwrap();
    let sheet = calamine::Reader::worksheet_range(&mut book, "People").unwrap();
    let names: Vec<String> = sheet.rows().next().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(names[..5], ["email", "firstName", "lastName", "title", "attributes.urn:x:y<&>"]);
}
