//! A file to fill in.

use std::fmt::Write as _;
use std::io::{self, Cursor, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::csv::harmless;
use super::field::Field;

/// What every new person has to have.
const REQUIRED: [Field; 3] = [Field::Email, Field::FirstName, Field::LastName];

/// The columns of a template: first those that must be filled in, with what a role requires among them, then the others.
pub fn template_columns(required: &[String]) -> Vec<String> {
    let role = required.iter().map(|path| Field::of_attribute(path));
    let mut fields: Vec<Field> = Vec::new();
    let others = Field::NAMES.iter().filter_map(|name| name.parse().ok()).filter(|field| *field != Field::Attributes);
    for field in REQUIRED.into_iter().chain(role).chain(others) {
        if !fields.contains(&field) {
            fields.push(field);
        }
    }
    fields.iter().map(Field::to_string).collect()
}

/// The template as CSV in UTF-8 with a byte order mark, by which spreadsheets know it.
pub fn template(required: &[String]) -> String {
    let names: Vec<String> = template_columns(required).iter().map(|name| harmless(name)).collect();
    format!("\u{feff}{}\r\n", names.join(","))
}

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONSHIPS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
const TYPES: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";

/// The template as a workbook. Its cells are text from the start: no spreadsheet takes the zeros in front of a number away, or a
/// number for a date.
///
/// # Errors
/// None in practice: it is written to memory.
pub fn template_workbook(required: &[String]) -> io::Result<Vec<u8>> {
    let names = template_columns(required);
    let parts = [
        ("[Content_Types].xml", content_types()),
        ("_rels/.rels", relations(&[("officeDocument", "xl/workbook.xml")])),
        ("xl/workbook.xml", book()),
        ("xl/_rels/workbook.xml.rels", relations(&[("worksheet", "worksheets/sheet1.xml"), ("styles", "styles.xml")])),
        ("xl/styles.xml", styles()),
        ("xl/worksheets/sheet1.xml", sheet(&names)),
    ];
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(name, SimpleFileOptions::default()).map_err(io::Error::other)?;
        zip.write_all(format!("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>{text}").as_bytes())?;
    }
    zip.finish().map(Cursor::into_inner).map_err(io::Error::other)
}

fn content_types() -> String {
    format!(
        "<Types xmlns=\"{PACKAGE}/content-types\">\
         <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Override PartName=\"/xl/workbook.xml\" ContentType=\"{TYPES}.sheet.main+xml\"/>\
         <Override PartName=\"/xl/worksheets/sheet1.xml\" ContentType=\"{TYPES}.worksheet+xml\"/>\
         <Override PartName=\"/xl/styles.xml\" ContentType=\"{TYPES}.styles+xml\"/></Types>"
    )
}

fn relations(of: &[(&str, &str)]) -> String {
    let mut text = format!("<Relationships xmlns=\"{PACKAGE}/relationships\">");
    for (number, (kind, target)) in (1..).zip(of) {
        let _ = write!(text, "<Relationship Id=\"rId{number}\" Type=\"{RELATIONSHIPS}/{kind}\" Target=\"{target}\"/>");
    }
    text + "</Relationships>"
}

fn book() -> String {
    format!(
        "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{RELATIONSHIPS}\"><sheets><sheet name=\"People\" sheetId=\"1\" r:id=\"rId1\"/>\
         </sheets></workbook>"
    )
}

/// Two looks: text, and text in bold.
fn styles() -> String {
    format!(
        "<styleSheet xmlns=\"{MAIN}\"><fonts count=\"2\"><font><sz val=\"11\"/><name val=\"Calibri\"/></font><font><b/>\
         <sz val=\"11\"/><name val=\"Calibri\"/></font></fonts><fills count=\"2\"><fill><patternFill patternType=\"none\"/>\
         </fill><fill><patternFill patternType=\"gray125\"/></fill></fills><borders count=\"1\"><border><left/><right/><top/>\
         <bottom/><diagonal/></border></borders><cellStyleXfs count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" \
         borderId=\"0\"/></cellStyleXfs><cellXfs count=\"3\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\" \
         xfId=\"0\"/><xf numFmtId=\"49\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/>\
         <xf numFmtId=\"49\" fontId=\"1\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\" \
         applyFont=\"1\"/></cellXfs><cellStyles count=\"1\"><cellStyle name=\"Normal\" xfId=\"0\" builtinId=\"0\"/></cellStyles>\
         </styleSheet>"
    )
}

fn sheet(names: &[String]) -> String {
    let escaped = |name: &String| name.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let cell = |name: &String| format!("<c s=\"2\" t=\"inlineStr\"><is><t>{}</t></is></c>", escaped(name));
    let cells: String = names.iter().map(cell).collect();
    format!(
        "<worksheet xmlns=\"{MAIN}\"><sheetViews><sheetView workbookViewId=\"0\"><pane ySplit=\"1\" topLeftCell=\"A2\" \
         activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews><cols><col min=\"1\" max=\"{count}\" \
         width=\"20\" style=\"1\" customWidth=\"1\"/></cols><sheetData><row r=\"1\">{cells}</row></sheetData></worksheet>",
        count = names.len()
    )
}
