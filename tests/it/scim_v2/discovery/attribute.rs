//! An attribute as a client of `/Schemas` knows it.

use serde_json::{Value, json};

/// An attribute or sub-attribute, as `/Schemas` tells of it.
#[derive(Clone)]
pub struct Attribute {
    pub extension: Option<String>,
    pub parent: Option<Value>,
    pub own: Value,
}

impl Attribute {
    pub fn is(&self, characteristic: &str) -> &str {
        self.own[characteristic].as_str().unwrap_or_default()
    }

    pub fn has(&self, characteristic: &str) -> bool {
        self.own[characteristic] == true
    }

    pub fn name(&self) -> &str {
        self.is("name")
    }

    /// The attribute itself, or the one that it is a part of.
    pub fn top(&self) -> &Value {
        self.parent.as_ref().unwrap_or(&self.own)
    }

    /// As a filter writes it.
    pub fn path(&self) -> String {
        let top = self.top()["name"].as_str().unwrap();
        let urn = self.extension.as_ref().map(|urn| format!("{urn}:")).unwrap_or_default();
        match self.parent {
            Some(_) => format!("{urn}{top}.{}", self.name()),
            None => format!("{urn}{top}"),
        }
    }

    /// Whether clients write it, the whole of it.
    pub fn is_writable(&self) -> bool {
        self.is("mutability") != "readOnly" && self.top()["mutability"] != "readOnly"
    }

    /// All its values in a resource.
    pub fn values(&self, resource: &Value) -> Vec<Value> {
        let holder = self.extension.as_ref().map_or(resource, |urn| &resource[urn]);
        let each = |value: &Value| match value {
            Value::Null => Vec::new(),
            Value::Array(elements) => elements.clone(),
            value => vec![value.clone()],
        };
        let tops = each(&holder[self.top()["name"].as_str().unwrap()]);
        match self.parent {
            None => tops,
            Some(_) => tops.iter().flat_map(|top| each(&top[self.name()])).collect(),
        }
    }

    /// Puts a value into a body, together with the array or object that it stands in.
    pub fn put(&self, body: &mut Value, value: Value) {
        let value = match &self.parent {
            None => value,
            Some(_) => json!({ self.name(): value }),
        };
        let value = if self.top()["multiValued"] == true && !value.is_array() { json!([value]) } else { value };
        let name = self.top()["name"].as_str().unwrap();
        match &self.extension {
            None => body[name] = value,
            Some(urn) => body[urn][name] = value,
        }
    }
}
