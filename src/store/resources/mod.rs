//! Resources: one statement a file.

mod delete;
mod find;
mod first_list;
mod insert;
mod members;
mod members_of;
mod row;
mod update;
mod written;

pub(in crate::store) use row::{GroupsRow, Row, stored, stored_with_groups};
