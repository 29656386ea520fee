//! `/admin/v1`.

mod access;
mod admins;
mod issuers;
mod sign_in;
mod tenants;
