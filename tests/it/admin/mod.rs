//! `/admin/v1`.

mod access;
mod admins;
mod applications;
mod clients;
mod connections;
mod digest;
mod issuers;
mod reference;
mod schemas;
mod sign_in;
mod tenants;
mod tokens;
