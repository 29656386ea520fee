//! `/console`: what administrators see, over HTTP and in a real browser.

mod administration;
mod browser;
mod by_hand;
mod credentials;
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
