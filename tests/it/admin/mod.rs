//! `/admin/v1`.

mod access;
mod admins;
mod clients;
mod connections;
mod reference;
mod schemas;
mod sign_in;
mod tenants;
mod tokens;
