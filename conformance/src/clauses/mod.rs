//! What the RFCs ask for: one check a clause, a file for each group of sections, in the order of the documents.
//!
//! A clause that no client can observe is in [`unobservable`] with the reason. The tables of `conformance/README.md` are
//! written from these lists.

mod rfc7643_2_attributes;
mod rfc7643_2_values;
mod rfc7643_3_resources;
mod rfc7643_4_groups;
mod rfc7643_4_users;
mod rfc7643_5_discovery;
mod rfc7643_7_schemas;
mod rfc7644_2_authentication;
mod rfc7644_3_11_me;
mod rfc7644_3_12_errors;
mod rfc7644_3_14_versions;
mod rfc7644_3_2_endpoints;
mod rfc7644_3_3_create;
mod rfc7644_3_4_1_read;
mod rfc7644_3_4_2_1_root;
mod rfc7644_3_4_2_2_filter;
mod rfc7644_3_4_2_2_operators;
mod rfc7644_3_4_2_3_sort;
mod rfc7644_3_4_2_4_pages;
mod rfc7644_3_4_3_search;
mod rfc7644_3_5_1_put;
mod rfc7644_3_5_2_1_add;
mod rfc7644_3_5_2_2_remove;
mod rfc7644_3_5_2_3_replace;
mod rfc7644_3_5_2_patch;
mod rfc7644_3_6_delete;
mod rfc7644_3_7_bulk;
mod rfc7644_3_7_bulk_ids;
mod rfc7644_3_8_formats;
mod rfc7644_3_9_attributes;
mod rfc7644_4_discovery;
mod rfc9865_cursors;
mod rfc9865_errors;
mod unobservable;

use crate::check::Section;

pub use self::unobservable::{UNOBSERVABLE, Unobservable};

/// Every section that has checks, in the order of the documents. One section may stand in several files.
pub const ALL: &[&[Section]] = &[
    rfc7643_2_attributes::SECTIONS,
    rfc7643_2_values::SECTIONS,
    rfc7643_3_resources::SECTIONS,
    rfc7643_4_users::SECTIONS,
    rfc7643_4_groups::SECTIONS,
    rfc7643_5_discovery::SECTIONS,
    rfc7643_7_schemas::SECTIONS,
    rfc7644_2_authentication::SECTIONS,
    rfc7644_3_2_endpoints::SECTIONS,
    rfc7644_3_3_create::SECTIONS,
    rfc7644_3_4_1_read::SECTIONS,
    rfc7644_3_4_2_1_root::SECTIONS,
    rfc7644_3_4_2_2_operators::SECTIONS,
    rfc7644_3_4_2_2_filter::SECTIONS,
    rfc7644_3_4_2_3_sort::SECTIONS,
    rfc7644_3_4_2_4_pages::SECTIONS,
    rfc7644_3_4_3_search::SECTIONS,
    rfc7644_3_5_1_put::SECTIONS,
    rfc7644_3_5_2_patch::SECTIONS,
    rfc7644_3_5_2_1_add::SECTIONS,
    rfc7644_3_5_2_2_remove::SECTIONS,
    rfc7644_3_5_2_3_replace::SECTIONS,
    rfc7644_3_6_delete::SECTIONS,
    rfc7644_3_7_bulk::SECTIONS,
    rfc7644_3_7_bulk_ids::SECTIONS,
    rfc7644_3_8_formats::SECTIONS,
    rfc7644_3_9_attributes::SECTIONS,
    rfc7644_3_11_me::SECTIONS,
    rfc7644_3_12_errors::SECTIONS,
    rfc7644_3_14_versions::SECTIONS,
    rfc7644_4_discovery::SECTIONS,
    rfc9865_cursors::SECTIONS,
    rfc9865_errors::SECTIONS,
];
