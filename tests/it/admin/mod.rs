//! `/admin/v1`.

mod access;
mod admins;
mod sign_in;
mod tenants;
