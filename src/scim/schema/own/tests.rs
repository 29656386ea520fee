//! Tests of what tenants register.
