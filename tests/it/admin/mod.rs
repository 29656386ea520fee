//! `/admin/v1`.

mod access;
mod clients;
mod tenants;
