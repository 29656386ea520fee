//! Cells become values of the type that their field has.

use serde_json::{Map, Value};

use super::date::{self, DateOrder};
use super::field::Field;
use super::list;
use super::mapping::EmptyCell;
use super::rows::Cell;
use crate::model::Record;
use crate::scim::json;
use crate::scim::path::AttrPath;
use crate::scim::schema::{AttributeType, ResourceType};

const YES: [&str; 14] =
    ["true", "yes", "y", "1", "on", "ja", "j", "wahr", "oui", "vrai", "si", "sí", "verdadero", "active"];
const NO: [&str; 13] =
    ["false", "no", "n", "0", "off", "nein", "falsch", "non", "faux", "falso", "inactive", "inaktiv", "inactif"];

/// What the values of an attribute are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// The type of one.
    pub value: AttributeType,
    /// Whether there are several.
    pub many: bool,
    /// Whether each stands in an object, as its `value`.
    pub in_object: bool,
}

impl Kind {
    /// Text, as what no schema knows is taken for.
    pub const TEXT: Self = Self { value: AttributeType::String, many: false, in_object: false };

    /// What the attribute of a path holds.
    pub fn of(path: &str, user: &ResourceType) -> Self {
        let Ok(path) = AttrPath::parse(path) else { return Self::TEXT };
        let Some(found) = user.resolve(&path).or_else(|| user.resolve_in_extensions(&path)) else { return Self::TEXT };
        let leaf = found.leaf();
        let value = leaf.sub_attribute("value").filter(|_| leaf.is_complex());
        Self { value: value.unwrap_or(leaf).kind, many: leaf.multi_valued, in_object: value.is_some() }
    }

    /// Whether it is a point in time.
    pub fn is_date(self) -> bool {
        self.value == AttributeType::DateTime
    }
}

/// How one column is converted.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// What an attribute's values are.
    pub kind: Kind,
    /// The order of its dates.
    pub dates: Option<DateOrder>,
    /// What an empty cell means.
    pub empty: EmptyCell,
}

/// Puts what a cell tells into the record.
///
/// # Errors
/// Why it does not fit, to follow the name of the column.
pub fn put(record: &mut Record, field: &Field, cell: &Cell, rules: Rules) -> Result<(), String> {
    if cell.is_empty() {
        if rules.empty == EmptyCell::Clear {
            clear(record, field);
        }
        return Ok(());
    }
    match field {
        Field::Roles => record.roles = Some(values(cell)?),
        Field::Organizations => record.organizations = Some(values(cell)?),
        Field::Active => record.active = Some(boolean(cell)?),
        Field::SendInvitation => record.send_invitation = Some(boolean(cell)?),
        Field::Attributes => record.attributes.extend(object(cell)?),
        Field::Attribute(path) => {
            record.attributes.insert(path.clone(), attribute(cell, rules)?);
        }
        text_field => {
            if let Some(place) = text_place(record, text_field) {
                *place = Some(text(cell)?);
            }
        }
    }
    Ok(())
}

/// The place of a field that holds text.
fn text_place<'a>(record: &'a mut Record, field: &Field) -> Option<&'a mut Option<String>> {
    Some(match field {
        Field::EmployeeId => &mut record.employee_id,
        Field::Email => &mut record.email,
        Field::UserName => &mut record.user_name,
        Field::FirstName => &mut record.first_name,
        Field::LastName => &mut record.last_name,
        Field::DisplayName => &mut record.display_name,
        Field::Title => &mut record.title,
        Field::Department => &mut record.department,
        Field::Manager => &mut record.manager,
        Field::IdentityProvider => &mut record.identity_provider,
        _ => return None,
    })
}

/// What an empty cell comes to that clears. Keys and switches cannot be empty.
fn clear(record: &mut Record, field: &Field) {
    match field {
        Field::EmployeeId | Field::Email | Field::UserName => {}
        Field::Roles => record.roles = Some(Vec::new()),
        Field::Organizations => record.organizations = Some(Vec::new()),
        Field::Attribute(path) => {
            record.attributes.insert(path.clone(), Value::Null);
        }
        other => {
            if let Some(place) = text_place(record, other) {
                *place = Some(String::new());
            }
        }
    }
}

fn text(cell: &Cell) -> Result<String, String> {
    match cell {
        Cell::Text(text) | Cell::Value(Value::String(text)) => Ok(text.trim().to_owned()),
        Cell::Value(Value::Number(number)) => Ok(number.to_string()),
        Cell::Value(_) => Err("is not text".to_owned()),
    }
}

fn values(cell: &Cell) -> Result<Vec<String>, String> {
    match cell {
        Cell::Value(Value::Array(values)) => values.iter().map(|value| text(&Cell::Value(value.clone()))).collect(),
        cell => text(cell).map(|text| list::split(&text)),
    }
}

fn boolean(cell: &Cell) -> Result<bool, String> {
    if let Cell::Value(Value::Bool(value)) = cell {
        return Ok(*value);
    }
    let told = text(cell)?.to_lowercase();
    match (YES.contains(&told.as_str()) || told == "aktiv" || told == "actif", NO.contains(&told.as_str())) {
        (true, _) => Ok(true),
        (_, true) => Ok(false),
        _ => Err("is neither yes nor no".to_owned()),
    }
}

fn object(cell: &Cell) -> Result<Map<String, Value>, String> {
    let parsed = match cell {
        Cell::Value(value) => Some(value.clone()),
        Cell::Text(text) => json::parse(text.as_bytes()).ok(),
    };
    match parsed {
        Some(Value::Object(members)) => Ok(members),
        _ => Err("is no JSON object".to_owned()),
    }
}

fn attribute(cell: &Cell, rules: Rules) -> Result<Value, String> {
    let told = match cell {
        Cell::Value(Value::String(text)) | Cell::Text(text) => text.trim(),
        // What has a type in the file keeps it; whether it fits is for the schema to say.
        Cell::Value(value) => return Ok(value.clone()),
    };
    if (rules.kind.many || rules.kind.in_object)
        && told.starts_with(['[', '{'])
        && let Ok(value) = json::parse(told.as_bytes())
    {
        return Ok(value);
    }
    let wrap = |value: Value| {
        if rules.kind.in_object { Value::Object(Map::from_iter([("value".to_owned(), value)])) } else { value }
    };
    if rules.kind.many {
        let values = list::split(told);
        return values
            .iter()
            .map(|told| scalar(told, rules).map(wrap))
            .collect::<Result<Vec<_>, _>>()
            .map(Value::Array);
    }
    scalar(told, rules).map(wrap)
}

fn scalar(told: &str, rules: Rules) -> Result<Value, String> {
    match rules.kind.value {
        AttributeType::Boolean => boolean(&Cell::Text(told.to_owned())).map(Value::Bool),
        AttributeType::Integer => told.parse::<i64>().map(Value::from).map_err(|_| "is no whole number".to_owned()),
        AttributeType::Decimal => decimal(told).ok_or_else(|| "is no number".to_owned()),
        AttributeType::DateTime => {
            date::instant(told, rules.dates).map(Value::String).ok_or_else(|| "is no date".to_owned())
        }
        _ => Ok(Value::String(told.to_owned())),
    }
}

/// A number; a comma may stand for the point if there is no other sign.
fn decimal(told: &str) -> Option<Value> {
    let plain = if told.contains('.') { told.to_owned() } else { told.replacen(',', ".", 1) };
    let is_plain = plain.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E'));
    let number = plain.parse::<f64>().ok().filter(|_| is_plain)?;
    serde_json::Number::from_f64(number).map(Value::Number)
}
