//! How resources of one type are written into an answer.
//!
//! A stored document is sent as it is, with what stands beside it appended: it is parsed only if the request chose
//! attributes that cut into it.

use std::io::Write;
use std::sync::Arc;

use serde_json::{Value, json};

use super::reference::{Reference, Shown};
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
    members: Shown,
    groups: Shown,
}

impl View {
    /// The view that the request's `attributes` and `excludedAttributes` ask for.
    pub fn of(request: &Request<'_>, kind: &Arc<ResourceType>) -> Result<Self, HttpError> {
        let query = request.query();
        let (attributes, excluded) = (query.get("attributes")?, query.get("excludedAttributes")?);
        Self::showing(request, kind, attributes.as_deref(), excluded.as_deref())
    }

    /// The view that these `attributes` and `excludedAttributes` ask for, wherever they stood.
    pub fn showing(
        request: &Request<'_>,
        kind: &Arc<ResourceType>,
        attributes: Option<&str>,
        excluded: Option<&str>,
    ) -> Result<Self, HttpError> {
        let projection = request.caller.catalog.projection(kind, attributes, excluded)?;
        Ok(Self {
            base_url: request.app.base_url.clone(),
            catalog: request.caller.catalog.clone(),
            kind: kind.clone(),
            members: Shown::of(&projection, "members"),
            groups: Shown::of(&projection, "groups"),
            projection,
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
        self.append_groups(out, stored)?;
        write!(
            out,
            ",\"meta\":{{\"resourceType\":\"{}\",\"created\":\"{}\",\"lastModified\":\"{}\",\"location\":\"{}{}/{}\",\"version\":\"W/\\\"{}\\\"\"}}",
            self.kind.name,
            fixed_width(stored.created_at),
            fixed_width(stored.modified_at),
            self.base_url,
            self.kind.endpoint,
            stored.id,
            stored.version.0,
        )?;
        Ok(())
    }

    /// The document parsed and cut.
    fn project(&self, out: &mut Vec<u8>, stored: &Stored) -> anyhow::Result<()> {
        let Value::Object(document) = serde_json::from_str(&stored.document)? else {
            return Err(broken(stored));
        };
        // Never empty: `id` is always shown.
        serde_json::to_writer(&mut *out, &self.projection.apply(document))?;
        if out.pop() != Some(b'}') {
            return Err(broken(stored));
        }
        self.append_groups(out, stored)?;
        if let Some(meta) = self.projection.apply_to("meta", self.meta(stored)) {
            out.extend_from_slice(b",\"meta\":");
            serde_json::to_writer(&mut *out, &meta)?;
        }
        Ok(())
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

    fn append_groups(&self, out: &mut Vec<u8>, stored: &Stored) -> std::io::Result<()> {
        if !self.wants_groups() {
            return Ok(());
        }
        let endpoint = (&*self.base_url, self.endpoint("Group"));
        let mut list = List::new("groups");
        for group in &stored.groups {
            let kind = if group.is_direct { "direct" } else { "indirect" };
            let reference = Reference { id: group.id, endpoint, display: group.display.as_deref(), kind };
            list.add(out, |out| self.groups.write(out, &reference))?;
        }
        list.close(out);
        Ok(())
    }

    /// Writes one member of a group into the list of them.
    pub fn member(&self, out: &mut Vec<u8>, list: &mut List, member: &MemberRef) -> Result<(), HttpError> {
        let kind = member.resource_type.as_str();
        let endpoint = (&*self.base_url, self.endpoint(kind));
        let reference = Reference { id: member.id, endpoint, display: member.display.as_deref(), kind };
        list.add(out, |out| self.members.write(out, &reference)).map_err(|error| internal(error.into()))
    }

    /// The URL of a resource of this type.
    pub fn location(&self, stored: &Stored) -> String {
        format!("{}{}/{}", self.base_url, self.kind.endpoint, stored.id)
    }

    fn endpoint(&self, name: &str) -> &str {
        self.catalog.named(name).map_or("", |kind| &kind.endpoint)
    }
}

/// A multi-valued attribute on its way into an answer; without a value it is left out.
pub struct List {
    name: &'static str,
    begun: bool,
}

impl List {
    /// The attribute of that name, without a value yet.
    pub fn new(name: &'static str) -> Self {
        Self { name, begun: false }
    }

    /// Adds what `write` writes, if it does.
    fn add(
        &mut self,
        out: &mut Vec<u8>,
        write: impl FnOnce(&mut Vec<u8>) -> std::io::Result<bool>,
    ) -> std::io::Result<()> {
        let before = out.len();
        if self.begun {
            out.push(b',')
        } else {
            write!(out, ",\"{}\":[", self.name)?
        }
        match write(out)? {
            true => self.begun = true,
            false => out.truncate(before),
        }
        Ok(())
    }

    /// Ends the attribute.
    pub fn close(self, out: &mut Vec<u8>) {
        if self.begun {
            out.push(b']');
        }
    }
}

fn broken(stored: &Stored) -> anyhow::Error {
    anyhow::anyhow!("the document of {} is no object", stored.id)
}

fn internal(error: anyhow::Error) -> HttpError {
    GatewayError::Internal(error).into()
}
