//! `/admin/v1`.

mod access;
mod admins;
mod clients;
mod sign_in;
mod tenants;
