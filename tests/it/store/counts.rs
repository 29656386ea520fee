//! Totals and pages.
