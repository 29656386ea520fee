//! How resources of one type are written into an answer.
//!
//! A stored document is sent as it is, with what stands beside it appended: it is parsed only if the request chose
//! attributes that cut into it.

use std::io::Write;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::gateway::GatewayError;
use crate::http::error::HttpError;
use crate::http::request::Request;
use crate::model::{MemberRef, Stored};
use crate::scim::resource::{Projection, fixed_width};
use crate::scim::schema::{Catalog, ResourceType};

/// How resources of one type are written into one answer.
pub struct View {
    base_url: Arc<str>,
    catalog: Arc<Catalog>,
    kind: Arc<ResourceType>,
    projection: Arc<Projection>,
}

impl View {
    /// The view that the request's `attributes` and `excludedAttributes` ask for.
    pub fn of(request: &Request<'_>, kind: &Arc<ResourceType>) -> Result<Self, HttpError> {
        let query = request.query();
        let (attributes, excluded) = (query.get("attributes")?, query.get("excludedAttributes")?);
        Ok(Self {
            base_url: request.app.base_url.clone(),
            catalog: request.app.catalog.clone(),
            kind: kind.clone(),
            projection: request.app.projection(kind, attributes.as_deref(), excluded.as_deref())?,
        })
    }

    /// Whether the groups of a user have to be read.
    pub fn wants_groups(&self) -> bool {
        self.kind.name == "User" && self.projection.wants("groups")
    }

    /// Whether the members of a group have to be read.
    pub fn wants_members(&self) -> bool {
        self.kind.name == "Group" && self.projection.wants("members")
    }

    /// Writes a resource but for its members and its closing brace.
    pub fn open(&self, out: &mut Vec<u8>, stored: &Stored) -> Result<(), HttpError> {
        if self.projection.keeps_document() {
            self.append(out, stored).map_err(internal)
        } else {
            self.project(out, stored).map_err(internal)
        }
    }

    /// The document unread, and the rest as text.
    fn append(&self, out: &mut Vec<u8>, stored: &Stored) -> anyhow::Result<()> {
        let document = stored.document.trim_end().strip_suffix('}');
        out.extend_from_slice(document.ok_or_else(|| broken(stored))?.as_bytes());
        if self.wants_groups() && !stored.groups.is_empty() {
            out.extend_from_slice(b",\"groups\":");
            serde_json::to_writer(&mut *out, &self.groups(stored))?;
        }
        write!(
            out,
            ",\"meta\":{{\"resourceType\":\"{}\",\"created\":\"{}\",\"lastModified\":\"{}\",\"location\":\"{}\",\"version\":\"W/\\\"{}\\\"\"}}",
            self.kind.name,
            fixed_width(stored.created_at),
            fixed_width(stored.modified_at),
            self.location(stored),
            stored.version.0,
        )?;
        Ok(())
    }

    /// The document parsed and cut.
    fn project(&self, out: &mut Vec<u8>, stored: &Stored) -> anyhow::Result<()> {
        let Value::Object(mut whole) = serde_json::from_str(&stored.document)? else {
            return Err(broken(stored));
        };
        if self.wants_groups() && !stored.groups.is_empty() {
            whole.insert("groups".into(), self.groups(stored));
        }
        if self.projection.wants("meta") {
            whole.insert("meta".into(), self.meta(stored));
        }
        serde_json::to_writer(&mut *out, &self.projection.apply(whole))?;
        match out.pop() {
            Some(b'}') => Ok(()),
            _ => Err(broken(stored)),
        }
    }

    fn meta(&self, stored: &Stored) -> Value {
        json!({
            "resourceType": self.kind.name,
            "created": fixed_width(stored.created_at),
            "lastModified": fixed_width(stored.modified_at),
            "location": self.location(stored),
            "version": stored.version.to_string(),
        })
    }

    fn groups(&self, stored: &Stored) -> Value {
        let endpoint = self.endpoint("Group");
        let groups = stored.groups.iter().map(|group| {
            let location = format!("{}{endpoint}/{}", self.base_url, group.id);
            let mut element = json!({ "value": group.id, "$ref": location });
            if let Some(display) = &group.display {
                element["display"] = display.as_str().into();
            }
            element["type"] = if group.is_direct { "direct" } else { "indirect" }.into();
            element
        });
        groups.collect()
    }

    /// Writes one member of a group. `None` if the request's choice of attributes leaves nothing of it.
    pub fn member(&self, out: &mut Vec<u8>, member: &MemberRef) -> Result<Option<()>, HttpError> {
        let location = format!("{}{}/{}", self.base_url, self.endpoint(&member.resource_type), member.id);
        let mut element = json!({ "value": member.id, "$ref": location });
        if let Some(display) = &member.display {
            element["display"] = display.as_str().into();
        }
        element["type"] = member.resource_type.as_str().into();
        let Some(element) = self.projection.apply_to_element("members", element) else { return Ok(None) };
        serde_json::to_writer(out, &element).map_err(|error| internal(error.into()))?;
        Ok(Some(()))
    }

    /// The URL of a resource of this type.
    pub fn location(&self, stored: &Stored) -> String {
        format!("{}{}/{}", self.base_url, self.kind.endpoint, stored.id)
    }

    fn endpoint(&self, name: &str) -> &str {
        self.catalog.named(name).map_or("", |kind| &kind.endpoint)
    }
}

fn broken(stored: &Stored) -> anyhow::Error {
    anyhow::anyhow!("the document of {} is no object", stored.id)
}

fn internal(error: anyhow::Error) -> HttpError {
    GatewayError::Internal(error).into()
}
