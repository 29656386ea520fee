//! PATCH (RFC 7644, section 3.5.2) as pure functions.
//!
//! A body becomes a [`PatchRequest`]; with a resource type that becomes a [`Patch`], in which every path is resolved and
//! every value has its attribute's type; applied to a [`Resource`] it gives an [`Outcome`] or the first error, and never
//! half of either. What clients send beyond the RFC is understood here and nowhere else.
//!
//! Memberships and passwords do not stand in a resource, so operations on them come out as [`MembersChange`] and
//! [`PasswordChange`]. No I/O, no look-up of members or managers: whether an id exists is for the gateway to find out.

mod apply;
mod check;
mod edit;
mod elements;
mod member_edits;
mod members;
mod request;
mod target;
#[cfg(test)]
mod tests;
mod value;

use secrecy::SecretString;

pub use check::Patch;
pub use members::MembersChange;
pub use request::{OpKind, Operation, PatchRequest};
pub(in crate::scim) use target::{Meaning, meaning};

use super::resource::{AttributeChange, Resource};

/// How many operations one request may hold.
pub const MAX_OPERATIONS: usize = 1_000;

/// What a patch makes of a resource.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The resource after all operations: checked and canonical. The same as before if nothing changed.
    pub after: Resource,
    /// The attributes that differ, in the order of the resource; empty if none does.
    pub touched: Vec<AttributeChange>,
    /// What happens to the group's members.
    pub members: MembersChange,
    /// What happens to the user's password.
    pub password: PasswordChange,
}

impl Outcome {
    /// Whether the resource, its members and its password all stay as they are. `members` may still turn out to change
    /// nothing: that depends on who is a member.
    pub fn is_unchanged(&self) -> bool {
        self.touched.is_empty() && self.members.is_empty() && matches!(self.password, PasswordChange::Keep)
    }
}

/// What a request does to a password.
#[derive(Debug, Clone, Default)]
pub enum PasswordChange {
    /// Nothing.
    #[default]
    Keep,
    /// There is a new one, still in clear text.
    Set(SecretString),
    /// There is none any more.
    Clear,
}
