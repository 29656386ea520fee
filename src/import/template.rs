//! A file to fill in.

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
