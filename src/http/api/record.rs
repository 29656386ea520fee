//! One record of a request's body. Many are held at once, so each has to be of a size that people have.

use serde_json::Value;

use crate::model::Record;

/// How many values a record may hold, all levels together.
const MOST_VALUES: usize = 1_000;

/// Reads a record; else what is wrong with it.
pub fn read(value: Value) -> Result<Record, String> {
    let values = count(&value);
    if values > MOST_VALUES {
        return Err(format!("it holds {values} values; a record may hold {MOST_VALUES}"));
    }
    serde_json::from_value(value).map_err(|error| error.to_string())
}

/// The nesting is bounded by the entrance for JSON.
fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(elements) => elements.iter().map(count).sum(),
        Value::Object(members) => members.values().map(count).sum(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_record_is_of_a_size_that_people_have() {
        let record = |values: usize| json!({"email": "a@b.c", "attributes": {"x": vec![0; values]}});
        assert_eq!(read(record(996)).unwrap().email.as_deref(), Some("a@b.c"));
        assert_eq!(read(record(997)).unwrap_err(), "it holds 1001 values; a record may hold 1000");
    }
}
