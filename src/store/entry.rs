//! What the store is given to write, and what a write answers.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use secrecy::SecretString;

use crate::model::{Action, AttributeChange, ChangeId, CredentialId, RequestId, ResourceId, Stored, Version};
use crate::scim::resource::IndexEntry;

/// A resource to be created, at the instant of its change.
#[derive(Debug)]
pub struct NewResource<'a> {
    /// The name of the resource type.
    pub resource_type: &'a str,
    /// Its id.
    pub id: ResourceId,
    /// Its content.
    pub entry: &'a IndexEntry,
    /// The hash of its password.
    pub password_hash: Option<&'a SecretString>,
    /// A group's members, sorted, each once.
    pub members: &'a [ResourceId],
}

/// What an update does with the password.
#[derive(Debug, Clone, Copy)]
pub enum PasswordUpdate<'a> {
    /// It stays.
    Keep,
    /// This hash takes its place.
    Set(&'a SecretString),
    /// It goes.
    Clear,
}

/// A resource's new content, to be written if the resource is still at the version that was read.
#[derive(Debug)]
pub struct ResourceUpdate<'a> {
    /// The name of the resource type.
    pub resource_type: &'a str,
    /// The resource.
    pub id: ResourceId,
    /// The version that was read.
    pub read_version: Version,
    /// The content.
    pub entry: &'a IndexEntry,
    /// The password.
    pub password: PasswordUpdate<'a>,
}

/// The row that a mutation leaves in the change stream.
#[derive(Debug, Clone, Copy)]
pub struct NewChange<'a> {
    /// Its id.
    pub id: ChangeId,
    /// When it happens: also the `meta.lastModified` that the mutation asks for.
    pub at: DateTime<Utc>,
    /// What is done.
    pub action: Action,
    /// The resource's name for people.
    pub resource_name: &'a str,
    /// The credential that does it.
    pub credential: CredentialId,
    /// The credential's name for people.
    pub actor: &'a str,
    /// The request.
    pub request: RequestId,
    /// The client's address.
    pub address: Option<IpAddr>,
    /// The attributes that change, without `members`: which members really come and go is known to the store alone, which
    /// adds a row for `members` with those that came as `new` and those that went as `old`.
    pub attributes: &'a [AttributeChange],
    /// What of the request was read otherwise than it was sent, or left out, as [`crate::scim::explain::Readings`] keeps it.
    pub readings: Option<&'a str>,
}

/// What a change of a group's members came to.
#[derive(Debug, Clone, PartialEq)]
pub enum MembersChanged {
    /// There is no such group.
    NotFound,
    /// The group is no longer at the version asked for.
    VersionMoved,
    /// Everything was so already; nothing was written.
    Unchanged(Stored),
    /// Members came or went.
    Changed(Stored),
}

/// What a removal came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deleted {
    /// The resource and its memberships are gone.
    Deleted,
    /// There is no such resource.
    NotFound,
    /// The resource is no longer at the version asked for.
    VersionMoved,
}
