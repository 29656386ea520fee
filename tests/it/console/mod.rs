//! `/console`: what administrators see, over HTTP and in a real browser.

mod administration;
mod applications;
mod browser;
mod by_hand;
mod credentials;
mod digest;
mod forms;
mod hostile;
mod imports;
mod journey;
mod log;
mod looks;
mod refused;
mod schemas;
mod tenants;
mod visitor;
