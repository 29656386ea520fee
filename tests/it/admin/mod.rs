//! `/admin/v1`.

mod access;
mod admins;
mod clients;
mod connections;
mod sign_in;
mod tenants;
mod tokens;
