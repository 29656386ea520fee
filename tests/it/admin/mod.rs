//! `/admin/v1`.

mod access;
mod admins;
mod clients;
mod reference;
mod schemas;
mod sign_in;
mod tenants;
