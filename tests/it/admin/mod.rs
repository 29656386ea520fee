//! `/admin/v1`.

mod access;
mod connections;
mod tenants;
mod tokens;
