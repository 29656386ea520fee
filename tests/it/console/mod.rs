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
mod invitations;
mod journey;
mod log;
mod looks;
mod mails;
mod people;
mod refused;
mod rules;
mod schemas;
mod settings;
mod tenants;
mod visitor;
