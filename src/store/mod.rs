//! The only place that names Diesel, and the only one that knows PostgreSQL.

pub mod local;
