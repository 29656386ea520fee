//! `/admin/v1`.

mod access;
<<<<<<< HEAD
mod admins;
mod sign_in;
=======
mod clients;
>>>>>>> oauth
mod tenants;
