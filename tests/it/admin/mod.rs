//! `/admin/v1`.

mod access;
mod tenants;
