//! A resource type, and bodies made of nothing but what `/Schemas` says of it.

use std::cell::RefCell;

use serde_json::{Value, json};

use super::attribute::Attribute;
use crate::support::scim::Scim;

/// A resource type with its attributes, and what failed of what was tried on it.
pub struct Walk<'a> {
    pub scim: &'a Scim,
    pub endpoint: String,
    pub schemas: Vec<String>,
    pub attributes: Vec<Attribute>,
    /// A user that can be a member.
    pub member: String,
    counter: RefCell<usize>,
    pub failed: RefCell<Vec<String>>,
}

impl<'a> Walk<'a> {
    pub async fn of(scim: &'a Scim, kind: &Value) -> Self {
        let mut attributes = Vec::new();
        let base = kind["schema"].as_str().unwrap().to_owned();
        let extensions = kind["schemaExtensions"].as_array().cloned().unwrap_or_default();
        let extensions = extensions.iter().map(|one| one["schema"].as_str().unwrap().to_owned());
        let schemas: Vec<String> = std::iter::once(base.clone()).chain(extensions).collect();
        for urn in &schemas {
            let schema = scim.get(&format!("/Schemas/{urn}")).await.expect(200).json();
            let extension = (*urn != base).then(|| urn.clone());
            for own in schema["attributes"].as_array().unwrap() {
                attributes.push(Attribute { extension: extension.clone(), parent: None, own: own.clone() });
                for sub in own["subAttributes"].as_array().into_iter().flatten() {
                    let parent = Some(own.clone());
                    attributes.push(Attribute { extension: extension.clone(), parent, own: sub.clone() });
                }
            }
        }
        let endpoint = kind["endpoint"].as_str().unwrap().to_owned();
        let member = scim.create_user(&format!("member of {endpoint}")).await;
        Self { scim, endpoint, schemas, attributes, member, counter: 0.into(), failed: Vec::new().into() }
    }

    pub fn hold(&self, holds: bool, told: impl Fn() -> String) {
        if !holds {
            self.failed.borrow_mut().push(told());
        }
    }

    pub fn number(&self) -> usize {
        *self.counter.borrow_mut() += 1;
        *self.counter.borrow()
    }

    /// A value of the attribute's type, another one each time where the type has so many.
    pub fn sample(&self, attribute: &Value) -> Value {
        let number = self.number();
        let canonical = attribute["canonicalValues"].as_array().and_then(|values| values.first());
        let simple = match attribute["type"].as_str().unwrap() {
            "string" => canonical.cloned().unwrap_or_else(|| json!(format!("Text-{number}"))),
            "boolean" => json!(true),
            "integer" => json!(number),
            "decimal" => json!(number as f64 + 0.5),
            "dateTime" => json!(format!("2011-05-13T04:42:{:02}Z", number % 60)),
            "reference" => json!(format!("https://a.example/Ref-{number}")),
            "binary" => json!("YWJj"),
            "complex" if attribute["name"] == "members" => json!({ "value": self.member }),
            "complex" => {
                let subs = attribute["subAttributes"].as_array().unwrap().iter();
                let subs = subs.filter(|sub| sub["mutability"] != "readOnly");
                subs.map(|sub| (sub["name"].as_str().unwrap().to_owned(), self.sample(sub))).collect()
            }
            other => panic!("{other} is no type of RFC 7643, section 2.3"),
        };
        if attribute["multiValued"] == true { json!([simple]) } else { simple }
    }

    /// A body with what is required and nothing else.
    pub fn least(&self) -> Value {
        let mut body = json!({ "schemas": self.schemas });
        for attribute in self.attributes.iter().filter(|one| one.parent.is_none() && one.has("required")) {
            attribute.put(&mut body, self.sample(&attribute.own));
        }
        body
    }

    /// A body with a value for everything that clients write.
    pub fn most(&self) -> Value {
        let mut body = self.least();
        for attribute in self.attributes.iter().filter(|one| one.parent.is_none() && one.is_writable()) {
            attribute.put(&mut body, self.sample(&attribute.own));
        }
        body
    }

    /// A resource with a value for everything, also for what the server sets.
    pub async fn whole(&self) -> Value {
        let created = self.scim.post(&self.endpoint, self.most()).await.expect(201).json();
        if self.endpoint == "/Users" {
            let group =
                json!({ "displayName": format!("G{}", self.number()), "members": [{ "value": created["id"] }] });
            self.scim.create("/Groups", group).await;
        }
        created
    }

    pub fn url(&self, resource: &Value) -> String {
        format!("{}/{}", self.endpoint, resource["id"].as_str().unwrap())
    }

    /// The names of attributes whose values can be seen, with what was asked for.
    pub async fn shows(&self, url: &str, query: &str, attribute: &Attribute) -> bool {
        let shown = self.scim.get(&format!("{url}?{query}")).await.expect(200).json();
        !attribute.values(&shown).is_empty()
    }

    pub async fn count(&self, filter: &str) -> Result<u64, String> {
        let answer = self.scim.list(&self.endpoint, &[("filter", filter)]).await;
        if answer.status == 200 { Ok(answer.json()["totalResults"].as_u64().unwrap()) } else { Err(answer.text) }
    }
}
