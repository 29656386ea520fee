//! Files of people: whatever the bytes are, they are refused with a word or read twice as the same, and what is handed back to
//! be mended means what was sent.
#![no_main]

use std::io::Cursor;

use libfuzzer_sys::fuzz_target;
use scimgate_fuzz::import::{
    Cell, Format, ImportError, RejectWriter, Row, Separator, Survey, SurveyOptions, read_rows, survey,
};
use scimgate_fuzz::model::Record;
use scimgate_fuzz::{catalog, within_budget};

fuzz_target!(|data: &[u8]| {
    within_budget(data, || drop(read(data, &SurveyOptions::default())));
    let Some((survey, mut rows)) = read(data, &SurveyOptions::default()) else { return };
    // What has too few cells, or too many, is filled up or cut when it is handed back; of line ends the line feed stays.
    let has_returns = |cell: &Cell| matches!(cell, Cell::Text(text) if text.contains('\r'));
    rows.retain(|row| row.fault.is_none() && !row.cells.iter().any(has_returns));
    if rows.is_empty() {
        return;
    }
    let names: Vec<String> = survey.mapping.columns.iter().map(|column| column.name.clone()).collect();
    let written = rejects(&names, &rows);
    assert_no_formula(&written);
    if survey.format() == Format::Csv {
        assert_same(&survey, &rows, &written);
    }
});

fn read(data: &[u8], options: &SurveyOptions) -> Option<(Survey, Vec<Row>)> {
    let user = catalog().named("User")?;
    let survey = match survey(&mut Cursor::new(data), options, user) {
        Ok(survey) => survey,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return None;
        }
    };
    let mut rows = Vec::new();
    let all = read_rows(&mut Cursor::new(data), &survey, |row| -> Result<(), ImportError> {
        rows.push(row);
        Ok(())
    });
    all.expect("the first pass read it to its end");
    assert_eq!(rows.len() as u64, survey.rows);
    Some((survey, rows))
}

fn rejects(names: &[String], rows: &[Row]) -> Vec<u8> {
    let mut writer = RejectWriter::new(Vec::new(), names).expect("memory takes it");
    for row in rows {
        writer.write(&row.cells, "=why").expect("memory takes it");
    }
    writer.finish().expect("memory takes it")
}

fn assert_no_formula(written: &[u8]) {
    let text = written.strip_prefix("\u{feff}".as_bytes()).expect("a byte order mark stands first");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text);
    for record in reader.records() {
        for cell in &record.expect("it is CSV in UTF-8") {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell:?}");
        }
    }
}

/// Read again, the rejected rows are the same people as before.
fn assert_same(survey: &Survey, rows: &[Row], written: &[u8]) {
    let mut options = SurveyOptions::default();
    options.read.format = Some(Format::Csv);
    options.read.encoding = "utf-8".parse().ok();
    // What stands in cells may look more like separators than the separators do.
    options.read.separator = Some(Separator::Comma);
    let Some((again, rows_again)) = read(written, &options) else {
        panic!("what is handed back is refused: {:?}", String::from_utf8_lossy(written));
    };
    let people = |survey: &Survey, rows: &[Row]| -> Vec<Option<Record>> {
        rows.iter().map(|row| survey.mapping.record(row).ok()).collect()
    };
    assert_eq!(people(survey, rows), people(&again, &rows_again));
}
