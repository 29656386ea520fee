//! Where an attribute's values are read.

use super::Resources;
use super::sql::{Bind, Sql, sql};
use super::text::TextExpression;
use crate::scim::schema::Resolved;

/// An expression that yields one value of an attribute, or NULL.
#[derive(Clone)]
pub(super) enum Source {
    /// Text in the form in which the attribute compares.
    Text(TextExpression),
    /// A `jsonb` value out of `search`.
    Json(Sql),
    /// `boolean`
    Boolean(Sql),
    /// `timestamptz`
    Instant(Sql),
    /// A `uuid`; written as text it is the attribute's value.
    Id(Sql),
}

impl Source {
    /// Text that no index serves.
    pub fn text(sql: impl Into<Sql>) -> Self {
        Self::Text(TextExpression { sql: sql![sql.into(), " COLLATE \"C\""], indexed: false })
    }

    /// Text of a column that has an index in the collation `C`.
    fn indexed(sql: impl Into<Sql>) -> Self {
        Self::Text(TextExpression { sql: sql.into(), indexed: true })
    }
}

/// Whether the attribute lives in memberships, and not in the resource.
pub(super) fn is_membership(resources: &Resources<'_>, target: &Resolved) -> bool {
    let name = target.attribute.name.as_str();
    target.extension.is_none()
        && matches!((resources.resource_type.name.as_str(), name), ("Group", "members") | ("User", "groups"))
}

/// The source of an attribute that has a column, or that the row tells in another way; none for those in `search`.
pub(super) fn column(resources: &Resources<'_>, target: &Resolved) -> Option<Source> {
    if target.extension.is_some() {
        return None;
    }
    let sub = target.sub.as_ref().map(|sub| sub.name.as_str());
    match (resources.resource_type.name.as_str(), target.attribute.name.as_str(), sub) {
        (_, "id", None) => Some(Source::Id("r.id".into())),
        (_, "externalId", None) => Some(Source::indexed("r.external_id")),
        ("User", "userName", None) => Some(Source::indexed("r.name_key")),
        ("User" | "Group", "displayName", None) => Some(Source::indexed("r.display_key")),
        ("User", "active", None) => Some(Source::Boolean("r.active".into())),
        (_, "meta", None | Some("resourceType")) => {
            Some(Source::text(Bind::Text(resources.resource_type.name.clone())))
        }
        (_, "meta", Some("created")) => Some(Source::Instant("r.created_at".into())),
        (_, "meta", Some("lastModified")) => Some(Source::Instant("r.modified_at".into())),
        (_, "meta", Some("version")) => Some(Source::text("('W/\"' || r.version || '\"')")),
        (_, "meta", Some("location")) => {
            let prefix = format!("{}{}/", resources.base_url, resources.resource_type.endpoint);
            Some(Source::text(sql!["(", Bind::Text(prefix), " || r.id)"]))
        }
        _ => None,
    }
}

/// The attribute's value in `search`, with all its elements.
pub(super) fn in_search(target: &Resolved) -> Sql {
    let name = Bind::Text(target.attribute.name.to_ascii_lowercase());
    match &target.extension {
        None => sql!["(r.search -> ", name, ")"],
        Some(uri) => sql!["(r.search -> ", Bind::Text(uri.as_str().to_ascii_lowercase()), " -> ", name, ")"],
    }
}

/// A sub-attribute of a `jsonb` value; the value itself without one.
pub(super) fn sub_value(value: Sql, target: &Resolved) -> Sql {
    match &target.sub {
        None => value,
        Some(sub) => sql!["(", value, " -> ", Bind::Text(sub.name.to_ascii_lowercase()), ")"],
    }
}
