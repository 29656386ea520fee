//! What a server tells about itself before the checks begin (RFC 7644, section 4).

use serde_json::Value;

use super::Stop;
use super::skip;
use crate::client::{Client, Outgoing};
use crate::recording::Method;

/// URN of the core schema of users.
pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// URN of the core schema of groups.
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// URN of the enterprise extension of users.
pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// The discovery documents; what cannot be read is null or empty, and the checks of section 4 tell so.
#[derive(Debug, Default)]
pub struct Facts {
    /// `/ServiceProviderConfig`
    pub config: Value,
    /// The resources of `/ResourceTypes`
    pub resource_types: Vec<Value>,
    /// The resources of `/Schemas`
    pub schemas: Vec<Value>,
}

impl Facts {
    /// Asks a server.
    pub(super) async fn learn(client: &Client) -> Self {
        let config = read(client, "/ServiceProviderConfig").await;
        let resources = |list: Value| match list {
            Value::Object(mut fields) => match fields.remove("Resources") {
                Some(Value::Array(resources)) => resources,
                _ => Vec::new(),
            },
            _ => Vec::new(),
        };
        let resource_types = resources(read(client, "/ResourceTypes").await);
        let schemas = resources(read(client, "/Schemas").await);
        Self { config, resource_types, schemas }
    }

    /// The endpoint of the resource type with this base schema, with a slash before it.
    pub fn endpoint(&self, schema: &str) -> Option<String> {
        let kind = self.resource_type(schema)?;
        Some(format!("/{}", kind["endpoint"].as_str()?.trim_matches('/')))
    }

    /// The resource type with this base schema.
    pub fn resource_type(&self, schema: &str) -> Option<&Value> {
        self.resource_types.iter().find(|kind| kind["schema"] == schema)
    }

    /// The schema with this URN.
    pub fn schema(&self, urn: &str) -> Option<&Value> {
        self.schemas.iter().find(|schema| schema["id"] == urn)
    }

    /// The definition of an attribute, such as `name.givenName`, in the schema with this URN.
    pub fn attribute(&self, urn: &str, path: &str) -> Option<&Value> {
        let mut found = self.schema(urn)?;
        let mut inside = "attributes";
        for name in path.split('.') {
            let attributes = found[inside].as_array()?;
            found = attributes
                .iter()
                .find(|attribute| attribute["name"].as_str().is_some_and(|known| known.eq_ignore_ascii_case(name)))?;
            inside = "subAttributes";
        }
        Some(found)
    }

    /// Skips what the service provider says it does not support; `feature` is as `bulk`.
    pub fn need(&self, feature: &str) -> Result<(), Stop> {
        match self.config[feature]["supported"].as_bool() {
            Some(false) => skip(format!("ServiceProviderConfig says that {feature} is not supported")),
            _ => Ok(()),
        }
    }

    /// Skips unless cursors are advertised (RFC 9865, section 4).
    pub fn need_cursor(&self) -> Result<(), Stop> {
        match self.config["pagination"]["cursor"].as_bool() {
            Some(true) => Ok(()),
            _ => skip("ServiceProviderConfig does not say that pagination by cursor is supported"),
        }
    }
}

/// The JSON at a path, or null.
async fn read(client: &Client, path: &str) -> Value {
    let outgoing = Outgoing { method: Method::Get, path: path.to_owned(), headers: Vec::new(), body: None };
    match client.send(&outgoing).await {
        Ok(answer) if answer.status == 200 => answer.body.unwrap_or_default(),
        _ => Value::Null,
    }
}
