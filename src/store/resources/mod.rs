//! Resources: one statement a file.

mod delete;
mod find;
mod insert;
mod insert_many;
mod keyset;
mod list;
mod look_up;
mod members;
mod members_of;
mod members_page;
mod page;
mod place;
mod restore;
mod roles;
mod row;
mod search;
mod taken;
mod update;
mod written;

pub(crate) use insert_many::name_attribute;
pub(in crate::store) use row::{GroupsRow, Row, stored, stored_with_groups};
pub(in crate::store) use written::INDEXED_BYTES;
